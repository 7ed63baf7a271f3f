"""The YAML of a deck file: a tree whose every value knows its place, and plain words where it is broken.

The text is read as a stream of YAML events, not by a YAML loader: events carry line and column, a scalar
stays the text it was written as (`no`, `1.10`, `12:30`, `007`), nothing is ever built from an alias or a
tag, and the depth is bounded by us (libyaml's composer overflows the C stack on "- - - -…").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import yaml

from flashgen import messages
from flashgen.problems import Place, Problem

TOP = ("deck", "source", "readings", "reverse", "typed", "cards")
SOURCE = ("title", "author", "file")
FIELDS = (
    *("id", "kind", "front", "back", "cloze", "items", "pinyin"),
    *("source", "section", "at", "tags", "image", "reverse", "typed"),
)
"""The keys of a deck file, of its `source` and of a card, in the order in which they are written."""

KEYS = frozenset((*TOP, *SOURCE, *FIELDS))

UNSEEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML does not allow in a file, the line breaks that editors do not count, a stray byte order mark."""

ALIAS = "*"
"""The style of a scalar that stands for an alias, which has been told."""

MAX_DEPTH = 6  # cards > card > items > item is 4
MAX_PROBLEMS = 1000
MAX_BROKEN = 20  # broken cards told in one go; each costs another reading of the file

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Scalar(NamedTuple):
    """A text, where it begins and where it ends (its quotes included); style is "", "'", '"', "|" or ">"."""

    line: int
    column: int
    text: str
    style: str
    end_line: int
    end_column: int


@dataclass(slots=True)
class Listing:
    """A list, in either style. Lines and columns count from 0 everywhere in this module."""

    line: int
    column: int
    nodes: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """A mapping, in either style, with its keys in order and as often as they are written."""

    line: int
    column: int
    pairs: list[tuple[Node, Node]] = field(default_factory=list)


Node: TypeAlias = "Scalar | Listing | Table"
Say: TypeAlias = "Callable[..., None]"  # say(code, line, column, **values)


class Reading:
    """One reading of a deck file's text: its lines, its tree, and what was found wrong so far.

    `broken` says that lines had to be left out, so that the tree is not the whole file.
    """

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.lines = split_lines(text)
        self.problems: list[Problem] = []
        self.broken = False
        if UNSEEN.search(text):
            self._drop_unseen()
        if "<<<<<<<" in text:
            self._drop_conflicts()
        self.root = self._read()

    def say(self, code: str, line: int, column: int, /, **values: object) -> None:
        """Note a problem of `messages.MESSAGES` at a line and column, from 0."""
        if not self.full:
            self.problems.append(messages.problem(code, Place(self.file, line + 1, column + 1), **values))

    @property
    def full(self) -> bool:
        """Whether so much is wrong that more of it would help nobody."""
        return len(self.problems) >= MAX_PROBLEMS

    def place(self, node: Node) -> Place:
        """Return where a node begins."""
        return Place(self.file, node.line + 1, node.column + 1)

    def _drop_unseen(self) -> None:
        for n, line in enumerate(self.lines):
            if odd := UNSEEN.search(line):  # one a line will do: there may be thousands
                self.say("control", n, odd.start(), char=messages.name(odd[0]))
            self.lines[n] = UNSEEN.sub(" ", line)

    def _drop_conflicts(self) -> None:
        """Tell each merge conflict, and read on with the first of its sides."""
        side = ""
        for n, line in enumerate(self.lines):
            if re.match(r"<{7}( |$)", line):
                self.say("conflict", n, 0)
                side = "first"
            elif side and re.match(r"[|=]{7}( |$)", line):
                side = "other"
            elif side and re.match(r">{7}( |$)", line):
                side = ""
            elif side != "other":
                continue
            self.lines[n] = ""
            self.broken = True

    def _read(self) -> Node | None:
        """Return the file's tree, leaving out what is broken in it.

        A card that YAML cannot read is told and its lines are left blank, so that the slips in the rest of
        the file come to light in the same pass.
        """
        for _ in range(MAX_BROKEN):
            told = len(self.problems)
            try:
                return _tree("\n".join(self.lines), self.say)
            except yaml.YAMLError as error:
                del self.problems[told:]
                self.broken = True
                if not self._blame(error):
                    break
        return None

    def _blame(self, error: yaml.YAMLError) -> bool:
        """Tell why YAML stopped, leave the lines to blame blank, and return whether that mended anything."""
        line, column, reason = _where(error)
        last = min(line, len(self.lines) - 1)
        while last > 0 and not self.lines[last].strip():
            last -= 1  # YAML often stops only where the next thing begins
        start, end = chunk(self.lines, last)
        slips = list(suspects(self.lines, start, end))
        if not slips and (earlier := list(suspects(self.lines, 0, end))):
            # A quote left open swallows all that follows, up to the next quote.
            slips = earlier[-1:]
            start, end = chunk(self.lines, slips[0].line)
        if not slips:
            if last != line:
                line, column = last, 0
            bare = self.lines[last].strip()
            at = self.lines[last].find(bare)
            if wide := wide_mark(bare):
                slips = [Slip(wide[0], last, at, wide[1])]
            elif bare and not re.match(r"- |-$|.*:( |$)|[\"'\[{]", bare):
                known = ", ".join(FIELDS if start else TOP)
                slips = [Slip("no-key", last, at, {"known": known})]
            else:
                slips = [Slip("yaml", line, column, {"reason": reason})]
        for slip in slips:
            self.say(slip.code, slip.line, slip.column, **slip.values)
        blamed = range(start, end) if start else [n for slip in slips for n in self._below(slip.line, end)]
        mended = any(self.lines[n] not in ("", "cards:") for n in blamed)
        for n in blamed:
            self.lines[n] = "cards:" if _CARDS.match(self.lines[n]) else ""
        return mended

    def _below(self, line: int, end: int) -> range:
        """Return the line and those indented deeper below it."""
        depth = len(self.lines[line]) - len(self.lines[line].lstrip())
        below = line + 1
        while below < end and re.match(rf" {{{depth + 1}}}", self.lines[below]):
            below += 1
        return range(line, below)


def split_lines(text: str) -> list[str]:
    """Return the lines of a text as editors and YAML count them, without their breaks."""
    return re.split(r"\r\n|\r|\n", text) if "\r" in text else text.split("\n")


def _where(error: yaml.YAMLError) -> tuple[int, int, str]:
    """Return the line and column that a YAML error is about, and its reason in the parser's words."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return 0, 0, str(error).splitlines()[0]
    # Scanning an open quote or a key without its colon fails far behind the place where it began.
    scanning = error.context_mark is not None and (error.context or "").startswith("while scanning")
    mark = error.context_mark if scanning else error.problem_mark or error.context_mark
    return (mark.line if mark else 0), (mark.column if mark else 0), error.problem or error.context or ""


def _tree(text: str, say: Say) -> Node | None:
    """Return the first document in `text`, or None if there is none; raises yaml.YAMLError.

    An alias is told, and stands in the tree as an empty text.
    """
    loader = _Loader(text)
    root: Node | None = None
    stack: list[Listing | Table] = []
    keys: list[Node | None] = []  # for each node on the stack: the key that waits for its value
    try:
        while (event := loader.get_event()) is not None:
            kind, start, end = type(event), event.start_mark, event.end_mark
            node: Node
            if kind is yaml.ScalarEvent:
                style = event.style or ""
                node = Scalar(start.line, start.column, event.value, style, end.line, end.column)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                stack.pop()
                keys.pop()
                continue
            elif kind is yaml.MappingStartEvent:
                node = Table(start.line, start.column)
            elif kind is yaml.SequenceStartEvent:
                node = Listing(start.line, start.column)
            elif kind is yaml.AliasEvent:
                say("alias", start.line, start.column, name=event.anchor)
                node = Scalar(start.line, start.column, "", ALIAS, start.line, start.column)
            elif kind is yaml.DocumentStartEvent and root is not None:
                say("documents", start.line, start.column)
                return root
            else:
                continue
            if kind is not yaml.AliasEvent:
                if event.anchor is not None:
                    say("anchor", start.line, start.column, name=event.anchor)
                if event.tag is not None:
                    tag = event.tag.replace("tag:yaml.org,2002:", "!!")
                    say("yaml-tag", start.line, start.column, tag=tag)
            if not stack:
                root = node
            elif isinstance(top := stack[-1], Listing):
                top.nodes.append(node)
            elif (key := keys[-1]) is None:
                keys[-1] = node
            else:
                top.pairs.append((key, node))
                keys[-1] = None
            if not isinstance(node, Scalar):
                if len(stack) == MAX_DEPTH:
                    say("deep", node.line, node.column)
                    return None
                stack.append(node)
                keys.append(None)
    finally:
        loader.dispose()
    return root


# --- Why YAML cannot read it ---


@dataclass(frozen=True, slots=True)
class Slip:
    """A line that YAML is sure to refuse or to misread: a message's code, its place, its values."""

    code: str
    line: int
    column: int
    values: dict[str, object] = field(default_factory=dict)


_LINE = re.compile(r"(?P<dashes>(?:- +)*)(?:(?P<key>[^\W\d]\w*) *(?P<colon>[:：]))?[ \t]*(?P<value>.*)")
_CARDS = re.compile(r" *cards *[:：]")
_DASH = re.compile(r"( *)-(?=[ \t]|$)")


def cards_at(lines: Sequence[str]) -> tuple[int, int]:
    """Return the line of the first card and the column of its dash; the number of lines if there is none."""
    below = False
    for n, line in enumerate(lines):
        if below and (dash := _DASH.match(line)):
            return n, dash.end(1)
        below = below or bool(_CARDS.match(line))
    return len(lines), 0


def chunk(lines: Sequence[str], line: int) -> tuple[int, int]:
    """Return the lines (from, to) of the card that `line` is in, or of the part before the first card."""
    first, column = cards_at(lines)
    if line < first:
        return 0, first
    dash = " " * column + "-"
    start, end = line, line + 1
    while start > first and not lines[start].startswith(dash):
        start -= 1
    while end < len(lines) and not lines[end].startswith(dash):
        end += 1
    return start, end


def suspects(lines: Sequence[str], start: int, end: int) -> Iterator[Slip]:
    """Yield the lines from `start` to `end` that YAML is sure to refuse or to misread, and why."""
    block: int | None = None  # the column of the key whose `|` text we are in
    wanted = 0  # the column of the keys around here
    entries: int | None = None  # the column of the dashes of the list that we are in
    for n in range(start, end):
        bare = lines[n].lstrip(" ").rstrip()
        indent = _indent(lines[n])
        if not bare or bare[0] == "#" or (block is not None and indent > block):
            continue
        block = None
        if slip := _bad_start(n, indent, bare):
            yield slip
            continue
        if entries == indent and re.match(r"-[^\s-]", bare):
            yield Slip("dash-gap", n, indent)
            continue
        line = _LINE.match(bare)
        assert line is not None  # noqa: S101  (all of it is optional)
        key, value, column = line["key"], line["value"], indent + line.start("value")
        margin = indent + len(line["dashes"])
        if key is not None and (line["colon"] == "：" or (value and column == indent + line.end("colon"))):
            if key in KEYS:
                code = "wide-colon" if line["colon"] == "：" else "colon-gap"
                at = indent + (line.start("colon") if code == "wide-colon" else line.end("colon"))
                yield Slip(code, n, at, {"key": key})
                continue
            key, value, column = None, bare[len(line["dashes"]) :], margin  # a word of the text, not a key
        if key is not None:
            entries = None
            if key == "id" and not line["dashes"] and (not wanted or margin < wanted):
                yield Slip("no-dash", n, margin)
                wanted = -1  # where the next key stands
            elif wanted < 0 or (line["dashes"] and (indent == 0 or (key == "id" and not wanted))):
                wanted = margin
            elif key in (FIELDS if wanted else TOP) and margin != wanted:
                dashes = len(line["dashes"])
                if dashes and _indent_below(lines, n, end) == wanted:  # the dash alone is out of line
                    places = {"key": "-", "column": indent + 1, "wanted": wanted - dashes + 1}
                    yield Slip("indent", n, indent, places)
                    continue
                yield Slip("indent", n, margin, {"key": key, "column": margin + 1, "wanted": wanted + 1})
                wanted = margin if dashes else wanted
                continue
            if re.fullmatch(r"[|>][-+0-9]*( +#.*)?", value):
                block = margin
                continue
        elif not line["dashes"]:
            continue  # the rest of a text that goes over several lines
        elif wanted and entries not in (None, indent):
            yield Slip("indent", n, indent, {"key": "-", "column": indent + 1, "wanted": entries + 1})
            continue
        else:
            entries = indent
        if slip := _bad_value(lines, n, end, column, value, key or ""):
            yield slip


def _indent_below(lines: Sequence[str], line: int, end: int) -> int | None:
    """Return the indentation of the next line with something on it, None if there is none before `end`."""
    below = (other for other in lines[line + 1 : end] if other.strip())
    return next(map(_indent, below), None)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


_WIDE = {"＃": "# ", "｛": "{", "｝": "}", "［": "[", "【": "[", "］": "]", "】": "]", "，": ", "}


def wide_mark(text: str) -> tuple[str, dict[str, object]] | None:
    """Return the code and values of what is wrong with a line or value that begins with the full-width look of a mark."""
    if text[:1] in tuple("－–—−•·●"):
        return "wide-dash", {"char": text[0]}
    return ("wide-mark", {"char": text[0], "meant": _WIDE[text[0]]}) if text[:1] in _WIDE else None


def _bad_start(n: int, indent: int, bare: str) -> Slip | None:
    """Return what is wrong with how a line begins: its indentation or its dash."""
    if bare[0] == "\t":
        return Slip("tab", n, indent)
    if bare[0] in "\u3000\xa0":
        return Slip("wide-space", n, indent, {"char": messages.name(bare[0])})
    if (glued := re.match(r"-(\w+) *[:：]", bare)) and glued[1] in KEYS:
        return Slip("dash-gap", n, indent)
    if (dash := re.match(r"([－–—−•·●]) *(\w+) *[:：]", bare)) and dash[2] in KEYS:
        return Slip("wide-dash", n, indent, {"char": dash[1]})
    return None


def _bad_value(lines: Sequence[str], n: int, end: int, column: int, value: str, key: str) -> Slip | None:
    """Return what is wrong with a value that stands in line `n` from `column` on."""
    first = value[:1]
    if not first or first == "#":
        return None
    if first in "{｛" and (comma := re.search(rf"，(?=\s*(?:{'|'.join(SOURCE)})\s*[:：])", value)):
        return Slip("wide-mark", n, column + comma.start(), {"char": "，", "meant": ", "})
    if key in ("source", "tags", "items") and first in "｛［【":
        return Slip("wide-mark", n, column, {"char": first, "meant": _WIDE[first]})
    reserved = Slip("reserved", n, column, {"char": messages.name(first)})
    if value.startswith("{{"):
        return Slip("open-braces", n, column, {"key": key})
    if first in "{[":
        closing = re.compile(r"[}\]]\s*(#.*)?$")
        if any(closing.search(line) for line in (value, *lines[n + 1 : end])):
            return None
        if key not in ("tags", "items", "pinyin", "source"):
            return reserved
        return Slip("open-bracket", n, column, {"char": first, "closing": "}" if first == "{" else "]"})
    if first in "@`%*&!|>,]}" or (first in "-?" and value[1:2] in ("", " ")):
        return reserved
    if first in "\"'":
        body = r"(?:[^\"\\]|\\.)*\"" if first == '"' else r"(?:[^']|'')*'"
        if not (closed := re.compile(body).match(value, 1)):
            if any(re.search(rf"{first}\s*$", other) for other in lines[n + 1 : end]):
                return None  # a quoted text over several lines
            return Slip("open-quote", n, column, {"char": first})
        if re.match(r"\s*[^\s#]|#", value[closed.end() :]):
            return Slip("after-quote", n, column + closed.end(), {"char": first})
        return None
    if key == "deck" and value.endswith("::"):
        return Slip("deck-level", n, column, {"name": value})
    if colon := re.search(r":(?=[ \t]|$)", re.split(r"\s#", value, maxsplit=1)[0]):
        return Slip("colon-space", n, column + colon.start())
    return None
