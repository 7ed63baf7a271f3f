"""PDF with a text layer to Markdown: lines become paragraphs again, larger print headings.

A PDF tells where each character stands and nothing of paragraphs; all that is known of them is geometry.
Lengths are in points, or in em where they are compared with the size of the print.
"""

from __future__ import annotations

import ctypes
import itertools
import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flashgen.hanzi import HANZI
from flashgen.problems import UnreadableError
from flashgen.records import Removal

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

MAX_PAGES = 5000
MAX_CHARACTERS = 5_000_000

_HANZI = re.compile(f"[\u2e80-\u2fd5{HANZI}]")
_WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff“”‘’…—]")
_PAGE_NUMBER = re.compile(
    r"[-–—·•|\s]*(?:第\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*页)?(?:\s*[/／]\s*(?:共\s*)?\d{1,4}\s*页?)?[-–—·•|\s]*"
)
_MARKER = re.compile(
    r"[•●○■◆▪·◦-]\s*\S|[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3}|[①-⑳])(?:[.．、)）]|(?<=[①-⑳]))\s*\D"
)
_ENDED = re.compile(r"[。！？!?…：:；;][”’」』）)】》]*$")
_BOLD = re.compile(r"bold|black|heavy|semibold|simhei|黑体", re.IGNORECASE)


@dataclass(slots=True)
class Line:
    """A line of print: where it begins and ends, its baseline from the page's foot, and its size."""

    text: str
    page: int
    left: float
    right: float
    base: float
    size: float
    bold: bool = False
    column: int = 0

    @property
    def key(self) -> str:
        """What a running head says on each page, whatever its number."""
        return re.sub(r"\d+", "#", "".join(self.text.split()))


def markdown(data: bytes) -> tuple[str, list[tuple[int, int]], list[Removal]]:
    """Return the text, the offset and number of each page, and what was left out.

    Raises UnreadableError where the file is locked, damaged or scanned, or pypdfium2 is missing.
    """
    pages = _lines(data)
    removed: list[Removal] = []
    kept = _without_heads(pages, removed)
    return (*_write(kept), removed)


# --- lines


def _lines(data: bytes) -> list[list[Line]]:
    try:
        import pypdfium2
    except ImportError:
        raise UnreadableError(
            "is a PDF, which needs pypdfium2", "install it beside flashgen: pip install pypdfium2"
        ) from None
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableError(
                "is locked with a password", "save it without one, by printing it to a PDF"
            ) from None
        raise UnreadableError("is a damaged PDF", "save or download it again") from None
    try:
        return _read_pages(document)
    finally:
        document.close()


def _read_pages(document: PdfDocument) -> list[list[Line]]:
    from pypdfium2 import PdfiumError

    if len(document) > MAX_PAGES:
        raise UnreadableError("has more than {limit} pages", "give one book or chapter", limit=MAX_PAGES)
    pages: list[list[Line]] = []
    total = 0
    for number in range(len(document)):
        try:
            page = document[number]
        except PdfiumError:
            pages.append([])
            continue
        lines = _read_page(page, number + 1)
        page.close()
        pages.append(lines)
        total += sum(len(line.text) for line in lines)
        if total > MAX_CHARACTERS:
            raise UnreadableError(
                "has more than {limit} characters", "give one book or chapter", limit=f"{MAX_CHARACTERS:,}"
            )
    if total < 2 * len(pages):
        raise UnreadableError(
            "is a scan: pictures of pages without text", "let an OCR program add the text first"
        )
    return pages


def _read_page(page: PdfPage, number: int) -> list[Line]:
    from pypdfium2 import raw

    text = page.get_textpage()
    lines: list[Line] = []
    chars: list[tuple[int, str]] = []
    for index in range(text.count_chars()):
        char = chr(raw.FPDFText_GetUnicode(text.raw, index))
        if char in "\r\n":
            lines += _line(text, chars, number)
            chars = []
        elif char not in "\ufffe\x02\0":  # a hyphen at a line's end, which joins
            chars.append((index, char))
    lines += _line(text, chars, number)
    text.close()
    return _in_columns(lines)


def _in_columns(lines: Sequence[Line]) -> list[Line]:
    """Count a page's columns: a new one begins where the text goes on further up and to the right."""
    out: list[Line] = []
    column = 0
    for line in lines:
        column += (
            bool(out)
            and line.base > out[-1].base + 3 * line.size
            and line.left > out[-1].left + 8 * line.size
        )
        out.append(replace(line, column=column))
    return out


def _line(text: PdfTextPage, chars: Sequence[tuple[int, str]], page: int) -> list[Line]:
    """Make a line of its characters, or none; a gap between hanzi is a space only where it is wide."""
    from pypdfium2 import raw

    solid = [index for index, char in chars if not char.isspace()]
    if not solid:
        return []
    some = solid[:: max(1, len(solid) // 5)]
    size = statistics.median(_size(text, index) for index in some)
    parts: list[str] = []
    for at, (_, char) in enumerate(chars):
        around = (*chars[max(0, at - 1) : at], *chars[at + 1 : at + 2])
        if not char.isspace():
            parts.append(char)
        elif len(around) == 2 and not all(_WIDE.match(one) for _, one in around):
            parts.append(" ")
        elif len(around) == 2 and _left(text, around[1][0]) - _right(text, around[0][0]) > 0.5 * size:
            parts.append("\u3000")
    whole = "".join(parts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text.raw, solid[0], x, y)
    bold = all(_is_bold(text, index) for index in some)
    return [Line(whole, page, _left(text, solid[0]), _right(text, solid[-1]), y.value, size, bold)]


def _left(text: PdfTextPage, index: int) -> float:
    return float(text.get_charbox(index, loose=True)[0])


def _right(text: PdfTextPage, index: int) -> float:
    return float(text.get_charbox(index, loose=True)[2])


def _size(text: PdfTextPage, index: int) -> float:
    """Return the height of the print, which is the font's size as the page scales it."""
    from pypdfium2 import raw

    matrix = raw.FS_MATRIX()
    scaled = raw.FPDFText_GetMatrix(text.raw, index, matrix)
    size: float = raw.FPDFText_GetFontSize(text.raw, index)
    return size * ((matrix.c**2 + matrix.d**2) ** 0.5 or 1) if scaled else size


def _is_bold(text: PdfTextPage, index: int) -> bool:
    from pypdfium2 import raw

    name = ctypes.create_string_buffer(200)
    raw.FPDFText_GetFontInfo(text.raw, index, name, len(name), ctypes.c_int())
    return bool(_BOLD.search(name.value.decode("utf-8", "replace")))


# --- running heads


def _without_heads(pages: Sequence[Sequence[Line]], removed: list[Removal]) -> list[Line]:
    """Leave out what stands at the same height at the edge of several pages, and page numbers there."""
    edges = [{id(line): line for line in (*page[:2], *page[-2:])} for page in pages]
    seen = Counter(
        key for edge in edges for key in {(line.key, round(line.base / 4)) for line in edge.values()}
    )
    kept: list[Line] = []
    for page, edge in zip(pages, edges, strict=True):
        for line in page:
            height = round(line.base / 4)
            again = sum(seen[line.key, height + off] for off in (-1, 0, 1)) > 1
            outermost = line is page[0] or line is page[-1]
            if id(line) in edge and (again or outermost) and _PAGE_NUMBER.fullmatch(line.text):
                removed.append(Removal("page number", line.text, line.page))
            elif id(line) in edge and again:
                removed.append(Removal("running head", line.text, line.page))
            else:
                kept.append(line)
    return kept


# --- paragraphs


def _write(lines: Sequence[Line]) -> tuple[str, list[tuple[int, int]]]:
    if not lines:
        return "", []
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[_round(line.size)] += len(line.text)
    body = sizes.most_common(1)[0][0]
    larger = sorted({_round(line.size) for line in lines if _is_large(line, body)}, reverse=True)
    paragraphs: list[list[Line]] = []
    margins = _margins(lines, body)
    spacing = _spacing(lines)
    for before, line in zip((None, *lines), lines, strict=False):
        if before is None or _begins(before, line, paragraphs[-1][0], margins, spacing):
            paragraphs.append([])
        paragraphs[-1].append(line)
    parts: list[str] = []
    pages: list[tuple[int, int]] = []
    offset = 0
    for paragraph in paragraphs:
        first = paragraph[0]
        text = _join(paragraph)
        if _is_large(first, body) and len(text) <= 60 and _HANZI.search(text):
            text = "#" * min(larger.index(_round(first.size)) + 1, 6) + " " + text
        elif all(line.bold for line in paragraph) and not all(line.bold for line in lines) and len(text) > 20:
            text = f"**{text}**"
        at = offset
        for line in paragraph:
            if not pages or pages[-1][1] != line.page:
                pages.append((at, line.page))
            at += len(line.text)
        parts.append(text)
        offset += len(text) + 2
    return "\n\n".join(parts), pages


def _round(size: float) -> float:
    return round(size * 2) / 2


def _is_large(line: Line, body: float) -> bool:
    return line.size > 1.12 * body


Margins = dict[tuple[int, int], tuple[float, float]]
"""Left and right margin of each column, by page and column."""


def _margins(lines: Sequence[Line], body: float) -> Margins:
    """Return left and right margin of each column: its commonest left, and what the longest lines reach."""
    made: Margins = {}
    widest = max(line.right for line in lines)
    columns: dict[tuple[int, int], list[Line]] = {}
    for line in lines:
        columns.setdefault((line.page, line.column), []).append(line)
    for column, within in columns.items():
        own = [line for line in within if not _is_large(line, body)]
        if own:
            left = Counter(round(line.left) for line in own).most_common(1)[0][0]
            made[column] = (left, sorted(line.right for line in own)[int(len(own) * 0.9)])
        else:
            made[column] = (0, widest)
    return made


def _spacing(lines: Sequence[Line]) -> float:
    """Return the usual distance of two lines, in em."""
    steps = [
        (one.base - two.base) / one.size
        for one, two in itertools.pairwise(lines)
        if one.page == two.page and one.base > two.base and abs(one.size - two.size) < 0.5
    ]
    return statistics.median(steps) if steps else 1.5


def _begins(before: Line, line: Line, first: Line, margins: Margins, spacing: float) -> bool:
    """Tell whether a line begins a paragraph. `first` is the first line of the one before it.

    The thresholds stand between what print does within paragraphs and between them: an indent is two em, never
    under one; a justified line ends within one em of the margin, or two where a long word was moved to the next.
    """
    em = line.size
    if abs(before.size - line.size) > 0.08 * em or _MARKER.match(line.text):
        return True
    if before.page == line.page and before.base - line.base > 1.3 * spacing * em:
        return True
    above, own = margins[before.page, before.column], margins[line.page, line.column]
    short = above[1] - before.right
    if short > 2.5 * em or (short > 1.2 * em and _ENDED.search(before.text)):
        return True
    margin = own[0]
    indent = (line.left - margin) - (before.left - above[0])  # left and right pages differ
    if abs(indent) < 0.8 * em:
        # Below a whole paragraph of one full line the next begins as far in; below a quotation's first line, rarely.
        return before is first and line.left - margin > 0.8 * em and bool(_ENDED.search(before.text))
    return indent > 0 and not (before is first and _MARKER.match(first.text))


def _join(lines: Sequence[Line]) -> str:
    text = lines[0].text
    for line in lines[1:]:
        apart = not _WIDE.match(text[-1:]) and not _WIDE.match(line.text[:1])
        text += (" " if apart and text[-1:] != "-" else "") + line.text
    return text
