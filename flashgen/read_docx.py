"""DOCX to Markdown, straight from its XML: headings, lists, bold, quotes and tables.

Element and attribute names are those of WordprocessingML (ECMA-376, part 1, chapter 17).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from flashgen.problems import UnreadableError
from flashgen.read_html import BREAK, OFF, ON, bold_lines
from flashgen.read_zip import Archive

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SKIPPED = frozenset(
    f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "pPr", "rPr", "tblPr", "tcPr", "sectPr")
) | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
_HEADING = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.IGNORECASE)
_TITLE = re.compile(r"title|标题|標題", re.IGNORECASE)
_QUOTE = re.compile(r"(?:intense |明显|block )?(?:quote|引用|text)", re.IGNORECASE)
_STRONG = re.compile(r"strong|要点|明显强调|intense emphasis", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Style:
    """What a style, with those it is based on, says of a paragraph or a run."""

    level: int = 0  # of a heading, from 1
    quote: bool = False
    bold: bool = False
    numbering: tuple[str, str] = ("", "0")  # list and level


def markdown(data: bytes) -> str:
    """Return the text of a Word file. Raises UnreadableError where it is damaged."""
    archive = Archive(data)
    styles = _styles(archive.xml("word/styles.xml")) if "word/styles.xml" in archive.names else {}
    lists = _lists(archive.xml("word/numbering.xml")) if "word/numbering.xml" in archive.names else {}
    root = archive.xml("word/document.xml")
    if root.find(f"{_W}body") is None:
        raise UnreadableError("has no text in it", "save it again with Word or another program")
    return "\n\n".join(_Writer(styles, lists).blocks(root))


class _Writer:
    """Writes paragraphs one after another; counts the items of each list."""

    def __init__(self, styles: dict[str, _Style], lists: dict[tuple[str, str], tuple[str, int]]) -> None:
        self._styles = styles
        self._lists = lists
        self._counts: Counter[tuple[str, str]] = Counter()

    def blocks(self, root: Element) -> Iterator[str]:
        out: list[str] = []
        rows: list[tuple[int, int]] = []  # first block and number of cells of each open row
        paragraphs: list[list[str]] = []  # pieces of each open one: a text box is a paragraph in another
        bold = False
        stack = [(root, False)]
        while stack:
            node, done = stack.pop()
            tag = node.tag
            if done:
                if tag == f"{_W}p":
                    out += self._lines(node, "".join(paragraphs.pop()))
                elif tag == f"{_W}tr":
                    first, cells = rows.pop()
                    row = out[first:]
                    if 2 <= len(row) <= cells and all(len(one) <= 60 and one[0] not in "#->" for one in row):
                        out[first:] = ["- " + " | ".join(row)]
                continue
            if tag in _SKIPPED:
                continue
            if tag == f"{_W}p":
                paragraphs.append([])
            elif tag == f"{_W}r":
                if _on(node.find(f"{_W}rPr/{_W}vanish"), default=False):
                    continue
                style = self._styles.get(_value(node, "rPr/rStyle"), _Style())
                bold = _on(node.find(f"{_W}rPr/{_W}b"), default=style.bold)
            elif tag == f"{_W}tr":
                rows.append((len(out), sum(1 for one in node if one.tag == f"{_W}tc")))
            elif paragraphs and (text := _text(node)):
                paragraphs[-1].append(ON + text + OFF if bold else text)
            stack.append((node, True))
            stack += [(child, False) for child in reversed(node)]
        return iter(out)

    def _lines(self, paragraph: Element, text: str) -> list[str]:
        style = self._styles.get(_value(paragraph, "pPr/pStyle"), _Style())
        outline = _value(paragraph, "pPr/outlineLvl")
        level = int(outline) + 1 if outline.isdecimal() and int(outline) < 9 else style.level
        lines = [line for line in bold_lines(text) if line]
        if not lines:
            return []
        if level:
            return ["#" * min(level, 6) + " " + " ".join(lines).replace("**", "")]
        if marker := self._marker(paragraph, style):
            lines[0] = marker + lines[0]
        return ["> " + line for line in lines] if style.quote else lines

    def _marker(self, paragraph: Element, style: _Style) -> str:
        name = _value(paragraph, "pPr/numPr/numId") or style.numbering[0]
        level = _value(paragraph, "pPr/numPr/ilvl") or style.numbering[1]
        if (name, level) not in self._lists or not level.isdecimal():
            return ""
        kind, start = self._lists[name, level]
        indent = "  " * min(int(level), 8)
        for other in [one for one in self._counts if one[0] == name and one[1] > level]:
            del self._counts[other]
        if kind == "bullet":
            return f"{indent}- "
        self._counts[name, level] += 1
        return f"{indent}{start + self._counts[name, level] - 1}. "


def _text(node: Element) -> str:
    match node.tag.removeprefix(_W):
        case "t":
            return node.text or ""
        case "tab":
            return " "
        case "br" | "cr":
            return BREAK if node.get(f"{_W}type", "textWrapping") == "textWrapping" else ""
        case "noBreakHyphen":
            return "-"
    return ""


def _value(node: Element, path: str) -> str:
    found = node.find("/".join(_W + name for name in path.split("/")))
    return "" if found is None else found.get(f"{_W}val", "")


def _on(switch: Element | None, *, default: bool) -> bool:
    return default if switch is None else switch.get(f"{_W}val", "1") not in ("0", "false", "off", "none")


def _styles(root: Element) -> dict[str, _Style]:
    nodes = {node.get(f"{_W}styleId", ""): node for node in root.iter(f"{_W}style")}
    made: dict[str, _Style] = {}
    for name in nodes:
        line: list[str] = []
        while name in nodes and name not in made and name not in line:
            line.append(name)
            name = _value(nodes[name], "basedOn")
        for one in reversed(line):
            node = nodes[one]
            base = made.get(_value(node, "basedOn"), _Style())
            title = _value(node, "name")
            outline = _value(node, "pPr/outlineLvl")
            heading = _HEADING.match(title)
            level = int(heading[1]) if heading else base.level
            level = int(outline) + 1 if outline.isdecimal() else level
            made[one] = _Style(
                1 if _TITLE.fullmatch(title) else level if level < 10 else 0,
                base.quote or bool(_QUOTE.fullmatch(title)),
                _on(node.find(f"{_W}rPr/{_W}b"), default=base.bold or bool(_STRONG.fullmatch(title))),
                (
                    _value(node, "pPr/numPr/numId") or base.numbering[0],
                    _value(node, "pPr/numPr/ilvl") or base.numbering[1],
                ),
            )
    return made


def _lists(root: Element) -> dict[tuple[str, str], tuple[str, int]]:
    """Return the kind of number ("bullet", "decimal", …) and the first number of each list and level."""
    kinds: dict[str, dict[str, tuple[str, int]]] = {}
    for node in root.iter(f"{_W}abstractNum"):
        levels = kinds.setdefault(node.get(f"{_W}abstractNumId", ""), {})
        for level in node.iter(f"{_W}lvl"):
            start = _value(level, "start")
            levels[level.get(f"{_W}ilvl", "")] = (
                _value(level, "numFmt"),
                int(start) if start.isdecimal() and len(start) < 6 else 1,
            )
    return {
        (node.get(f"{_W}numId", ""), level): kind
        for node in root.iter(f"{_W}num")
        for level, kind in kinds.get(_value(node, "abstractNumId"), {}).items()
        if kind[0] != "none"
    }
