"""HTML to blocks of Markdown: headings, lists, bold and quotes are kept, what frames a saved page is left out.

Only the standard library: its parser is forgiving, runs no script and fetches nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flashgen.hanzi import HANZI, bare
from flashgen.problems import UnreadableError
from flashgen.records import Removal

MAX_CHARACTERS = 10_000_000
"""Markup without its scripts, styles and embedded images: a whole book has a tenth of that."""

MAX_DEPTH = 500
"""Elements nested deeper are read as if they were not there; browsers stop at 512."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SKIPPED = _words("""
    audio button canvas datalist head iframe map math noscript object rp rt script select style svg template textarea
    video
""")
_IN_HEAD = _words("base link meta noscript script style template title")
_VOID = _words("area base br col embed hr img input link meta param source track wbr")
_HEADINGS = _words("h1 h2 h3 h4 h5 h6")
_BLOCKS = _HEADINGS | _words("""
    address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer
    form header hgroup hr html legend li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul
""")
# A start tag closes these, left open, up to the nearest element that may hold both.
_IMPLIED = {
    "li": ({"li"}, {"ul", "ol", "menu"}),
    "dt": ({"dt", "dd"}, {"dl"}),
    "dd": ({"dt", "dd"}, {"dl"}),
    "td": ({"td", "th"}, {"tr", "table"}),
    "th": ({"td", "th"}, {"tr", "table"}),
    "tr": ({"tr", "td", "th"}, {"table"}),
}
_TEXT = _words("blockquote dl dd li ol p pre ul")
_BOXES = _words("center div td tr")  # their tags alone do not say that two are of one kind
_FURNITURE_TAGS = _words("aside dialog footer nav")
_FURNITURE_WORDS = _words("""
    ad ads advert advertisement banner bottom breadcrumb breadcrumbs comment comments cookie copyright crumb crumbs
    disqus foot footer hot login menu mianbao modal nav navbar navigation pager pagination pinglun popup promo qrcode
    rank recommend recommended recommends related share sharebar sidebar social sponsor subscribe tagcloud tags toolbar
    topbar tuijian xiangguan
""")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
ON, OFF, BREAK = "\x01", "\x02", "\x03"
"""Signs in a block's text as it is gathered: bold begins, bold ends, a new line."""

_CAMEL = re.compile("(?<=[a-z])(?=[A-Z])")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_PROSE = re.compile("[。！？；，：]|[,;:!?] ")


@dataclass(slots=True)
class Block:
    """A stretch of the page in Markdown, the line of the file it begins in and the element it stands in.

    `prose` is its number of hanzi outside links if it reads like sentences; `linked` whether it is but a link.
    """

    markdown: str
    line: int
    node: int = 0
    tag: str = ""
    prose: int = 0
    linked: bool = False


@dataclass(slots=True)
class Page:
    """All blocks of a page, what its <title> says, and before which block each id stands.

    `parents` are the elements' parents by number, `kinds` their tags and classes; `suspect` are those that look like
    furniture by name or style, `notes` those that hold footnotes.
    """

    blocks: list[Block] = field(default_factory=list)
    title: str = ""
    anchors: dict[str, int] = field(default_factory=dict)
    parents: list[int] = field(default_factory=lambda: [0])
    kinds: list[str] = field(default_factory=lambda: [""])
    suspect: set[int] = field(default_factory=set)
    notes: set[int] = field(default_factory=set)

    def is_note(self, block: Block) -> bool:
        """Whether a block stands in a footnote."""
        node = block.node
        while node and self.notes:
            if node in self.notes:
                return True
            node = self.parents[node]
        return False


def article(html: str) -> tuple[str, list[Removal]]:
    """Return the text of a saved page as Markdown, and what stood around it. Raises UnreadableError if too large."""
    page = parse(html)
    start, end, furniture = _find_text(page)
    inside = [n for n in range(start, end) if n not in furniture and not _is_link(page.blocks[n])]
    while inside and page.blocks[inside[-1]].tag in _HEADINGS and len(inside) > 1:
        inside.pop()
    kept = [page.blocks[n] for n in inside]
    lines = [block.markdown for block in kept]
    title = _find_title(page, inside)
    if isinstance(title, Block):
        kept.append(title)
        lines.insert(0, title.markdown)
    elif title:
        lines.insert(0, f"# {title}")
    stays = set(map(id, kept))
    gone = [block for block in page.blocks if id(block) not in stays]
    return "\n\n".join(lines), [
        Removal("link" if block.linked else "around the page's text", block.markdown, block.line)
        for block in gone
    ]


# --- what is the text


def _is_link(block: Block) -> bool:
    return block.linked and block.tag not in _HEADINGS


def _find_text(page: Page) -> tuple[int, int, set[int]]:
    """Find the innermost element that holds most of the page's prose: its range of blocks, and those to pass over.

    Most is 70 %: comments and teasers beside a text are less, and a text laid out in two halves stays whole.
    """
    below = _sum_up(page, [block.prose for block in page.blocks])
    # What calls itself a sidebar and holds half of the prose is none: <body class="with-sidebar">.
    outside = [node in page.suspect and below[node] <= 0.5 * below[0] for node in range(len(page.parents))]
    for node, parent in enumerate(page.parents):
        outside[node] = outside[node] or outside[parent]
    furniture = {n for n, block in enumerate(page.blocks) if outside[block.node]}
    below = _sum_up(page, [0 if n in furniture else block.prose for n, block in enumerate(page.blocks)])
    if not below[0]:
        return 0, len(page.blocks), furniture
    alike = Counter((page.parents[node], page.kinds[node]) for node, prose in enumerate(below) if prose)
    deepest = 0
    for node, prose in enumerate(below):  # those that hold most stand within one another, inner ones later
        if node and prose >= 0.7 * below[0]:
            kind = page.kinds[node]
            # One of several paragraphs or sections is not the whole text, however long it is.
            if kind in _TEXT or (kind not in _BOXES and alike[page.parents[node], kind] > 1):
                break
            deepest = node
    within = [node == deepest for node in range(len(page.parents))]
    for node, parent in enumerate(page.parents):
        within[node] = within[node] or within[parent]
    inside = [n for n, block in enumerate(page.blocks) if within[block.node]]
    return inside[0], inside[-1] + 1, furniture


def _sum_up(page: Page, prose: Sequence[int]) -> list[int]:
    """Return how much prose each element holds, with all that stands in it."""
    below = [0] * len(page.parents)
    for block, much in zip(page.blocks, prose, strict=True):
        below[block.node] += much
    for node in range(len(below) - 1, 0, -1):
        below[page.parents[node]] += below[node]
    return below


def _find_title(page: Page, inside: Sequence[int]) -> Block | str:
    """Return the heading of the whole page if it stands outside the text, else its <title> without the site's name."""
    texts = [bare(page.blocks[n].markdown) for n in inside[:5]]
    if not inside or any(page.blocks[n].tag == "h1" for n in inside[:3]):
        return ""
    first = re.split(r"\s*[_|｜]\s*|\s+[-–—]\s+|\s*[-–—](?=[^-–—]*$)", page.title)[0].strip()
    for block in reversed(page.blocks[: inside[0]]):
        if block.tag == "h1" and (not first or bare(block.markdown)[:8] == bare(first)[:8]):
            return block
    return first if re.search(f"[{HANZI}]", first) and bare(first) not in texts else ""


# --- blocks


def parse(html: str) -> Page:
    """Read HTML of any state into blocks. Raises UnreadableError if it is larger than any book."""
    for opener, closer in (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"), ("<![", ">")):
        html = _without(html, opener, closer)
    html = _EMBEDDED.sub("", html)
    if len(html) > MAX_CHARACTERS:
        raise UnreadableError("is too large for a page", "save the chapter's page alone")
    # What follows the last tag holds none; the parser would look for an end behind every "<" of it.
    last = html.rfind(">") + 1
    parser = _Parser()
    parser.feed(html[:last])
    parser.feed(html[last:].replace("<", "&lt;"))
    parser.close()
    parser.flush()
    return parser.page


_EMBEDDED = re.compile(r"data:[\w/+.;=-]{0,80};base64,[A-Za-z0-9+/=%\s]*")


def _without(html: str, opener: str, closer: str) -> str:
    """Blank out what stands between two marks, in one pass; its line breaks stay, for the line numbers."""
    lower = html.lower()
    if len(lower) != len(html):  # İ grows when it is made small
        lower = html
    parts: list[str] = []
    done = 0
    while (start := lower.find(opener, done)) >= 0:
        end = lower.find(closer, start + len(opener))
        parts.append(html[done:start])
        if end < 0:
            # Browsers read on after a comment that never ends no more than we do.
            return "".join(parts)
        done = end + len(closer)
        parts.append("\n" * html.count("\n", start, done))
        if closer.startswith("</"):
            done = html.find(">", done) + 1 or len(html)
    parts.append(html[done:])
    return "".join(parts)


@dataclass(slots=True)
class _Element:
    """An open element: its number, and what it changed for the text in it."""

    tag: str
    node: int
    bold: bool = False
    skipped: bool = False
    link: bool = False
    begins: int = 0  # sup: its first piece of text; tr: its first block
    cells: int = 0


class _Parser(HTMLParser):
    """Turns a stream of tags into blocks; one is closed wherever a tag begins or ends a block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open = [_Element("", 0)]
        self.count: Counter[str] = Counter()
        self.text: list[str] = []  # the block's pieces so far
        self.line = self.node = 0
        self.in_link = self.outside_link = 0  # hanzi of the block so far
        self.links = self.bold = self.skipped = self.quotes = self.verbatim = 0  # open elements of each sort
        self.lists: list[int] = []  # next number of each open list, 0 for bullets
        self.marker = ""

    # tags

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._close_implied(tag)
        if tag in _BLOCKS:
            self.flush()
        for name in (values.get("id"), values.get("name") if tag == "a" else ""):
            if name:
                self.page.anchors.setdefault(name, len(self.page.blocks))
        if tag == "br":
            self.text.append(BREAK)
        if tag in _VOID or len(self.open) > MAX_DEPTH:
            return
        self.page.parents.append(self.open[-1].node)
        self.page.kinds.append(f"{tag} {values['class']}" if values.get("class") else tag)
        element = _Element(tag, len(self.page.parents) - 1)
        style = values.get("style", "")
        element.bold = tag in ("b", "strong") or (tag not in _HEADINGS and bool(_BOLD.search(style)))
        element.skipped = tag in _SKIPPED
        element.link = tag == "a" and "href" in values
        element.begins = len(self.page.blocks) if tag == "tr" else len(self.text)
        self._name(element, values)
        self.open.append(element)
        self.count[tag] += 1
        self._enter(element, values)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)  # as XHTML means it

    def handle_endtag(self, tag: str) -> None:
        if tag == "p" and not self.count["p"]:
            self.flush()
        if self.count[tag]:
            while self._close() != tag:
                pass

    def _close_implied(self, tag: str) -> None:
        closed, within = _IMPLIED.get(tag, (frozenset(), frozenset()))
        if self.open[-1].tag == "head" and tag not in _IN_HEAD:
            self._close()
        if tag in _BLOCKS and self.open[-1].tag == "p":
            self._close()
        if any(self.count[one] for one in closed):
            for element in reversed(self.open):
                if element.tag in within:
                    return
                if element.tag in closed:
                    self.handle_endtag(element.tag)
                    return

    def _name(self, element: _Element, values: dict[str, str]) -> None:
        named = " ".join(values.get(key, "") for key in ("class", "id", "role"))
        words = set(re.split("[^a-z]+", _CAMEL.sub(" ", named).lower()))
        kind = values.get("epub:type", "") + values.get("role", "")
        # What is hidden until a script shows it may well be the text, so that how much it holds decides here, too.
        hidden = "hidden" in values or _HIDDEN.search(values.get("style", ""))
        if hidden or element.tag in _FURNITURE_TAGS or words & _FURNITURE_WORDS:
            self.page.suspect.add(element.node)
        if re.search("(foot|end|rear)notes?$", kind) or words >= {"footnote", "content"}:
            self.page.notes.add(element.node)

    def _enter(self, element: _Element, values: dict[str, str]) -> None:
        self.skipped += element.skipped
        self.links += element.link
        self.bold += element.bold
        if element.bold:
            self.text.append(ON)
        match element.tag:
            case "blockquote":
                self.quotes += 1
            case "pre":
                self.verbatim += 1
            case "ul" | "menu":
                self.lists.append(0)
            case "ol":
                self.lists.append(_number(values.get("start", ""), 1))
            case "li" if self.lists and self.lists[-1]:
                number = _number(values.get("value", ""), self.lists[-1])
                self.lists[-1] = number + 1
                self.marker = f"{number}. "
            case "li":
                self.marker = "- "
            case "td" | "th":
                row = next((one for one in reversed(self.open) if one.tag == "tr"), element)
                row.cells += 1

    def _close(self) -> str:
        element = self.open[-1]
        if element.tag in _BLOCKS:
            self.flush()
        self.open.pop()
        self.count[element.tag] -= 1
        self.skipped -= element.skipped
        self.links -= element.link
        self.bold -= element.bold
        if element.bold:
            self.text.append(OFF)
        match element.tag:
            case "blockquote":
                self.quotes -= 1
            case "pre":
                self.verbatim -= 1
            case "ul" | "menu" | "ol":
                self.lists.pop()
            case "li":
                self.marker = ""
            case "tr":
                self._join_cells(element)
            case "sup":
                self._raise(element)
        return element.tag

    # text

    def handle_data(self, data: str) -> None:
        if self.count["title"] and not self.page.blocks and self.count["svg"] == 0:
            self.page.title = (self.page.title + data).strip()[:300]
        if self.skipped:
            return
        data = _CONTROL.sub("", data)
        hanzi = sum(1 for char in data if "\u3400" <= char <= "\u9fff" or char > "\U0001ffff")
        if self.links:
            self.in_link += hanzi
        else:
            self.outside_link += hanzi
        if not data.isspace() and not self._has_text():
            self.line, self.node = self.getpos()[0], self.open[-1].node
        self.text.append(data.replace("\n", BREAK) if self.verbatim else data)

    def _has_text(self) -> bool:
        return self.line > 0

    def flush(self) -> None:
        """End the block that is being gathered."""
        # A line break of the file between hanzi is no space, as it would be between words.
        text, line = _WRAPPED.sub(r"\1\2", "".join(self.text)), self.line
        linked, prose = self.in_link, self.outside_link
        self.text, self.line, self.in_link, self.outside_link = [ON] * (self.bold > 0), 0, 0, 0
        if not line:
            return
        tag = next((one.tag for one in reversed(self.open) if one.tag in _BLOCKS), "")
        if tag in _HEADINGS:
            heading = _one_line(_MARKS.sub("", text).replace(BREAK, " "))
            lines = [f"{'#' * int(tag[1])} {heading}"] if heading else []
        else:
            lines = [one for one in bold_lines(text) if one]
        if not lines:
            return
        if self.marker:
            indent = "  " * (len(self.lists) - 1)
            lines[0] = indent + self.marker + lines[0]
            self.marker = ""
            tag = "li"
        if self.quotes and tag not in _HEADINGS:
            lines = ["> " + one for one in lines]
        reads = len(_PROSE.findall(text)) > 0 or prose > 40
        self.page.blocks.append(
            Block(
                "\n".join(lines), line, self.node, tag, prose if reads else 0, linked > 0.8 * (linked + prose)
            )
        )

    def _raise(self, element: _Element) -> None:
        """Write a raised number as a note's mark, or as an exponent behind a letter or a digit."""
        raised = "".join(self.text[element.begins :]).strip()
        number = raised.strip("[]〔〕()（）")
        if not number.isdecimal() or not number.isascii():
            return
        before = "".join(self.text[max(0, element.begins - 3) : element.begins])[-1:]
        exponent = number == raised and before.isascii() and before.isalnum()
        self.text[element.begins :] = [number.translate(_SUPERSCRIPT) if exponent else f"[{number}]"]

    def _join_cells(self, row: _Element) -> None:
        """Make one line of a row of data, so that its cells are not taken for headings; a layout's stay."""
        cells = self.page.blocks[row.begins :]
        if (
            len(cells) < 2
            or len(cells) > row.cells
            or any(block.tag not in ("td", "th", "p") for block in cells)
        ):
            return
        if any(len(block.markdown) > 60 or "\n" in block.markdown for block in cells):
            return
        first = cells[0]
        first.markdown = "- " + " | ".join(block.markdown for block in cells)
        first.tag, first.prose, first.linked = (
            "tr",
            sum(block.prose for block in cells),
            all(block.linked for block in cells),
        )
        del self.page.blocks[row.begins + 1 :]


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 6 and int(text) else default


def bold_lines(text: str) -> list[str]:
    """Split a block at its line breaks and write what is bold with Markdown's signs, which hug the words."""
    lines: list[str] = []
    bold = 0
    for line in text.split(BREAK):
        runs: list[tuple[bool, str]] = []
        for piece in re.split(_MARKS, line):
            if piece == ON:
                bold += 1
            elif piece == OFF:
                bold = max(0, bold - 1)
            elif runs and runs[-1][0] == (bold > 0):
                runs[-1] = (bold > 0, runs[-1][1] + piece)
            elif piece:
                runs.append((bold > 0, piece))
        plain = _one_line("".join(run for _, run in runs))
        # A short bold line is a heading of pages that have none; whether it is one is told as in plain text.
        heads = (
            len(plain) <= 40
            and not _PROSE.search(plain)
            and all(strong or not run.strip() for strong, run in runs)
        )
        lines.append(
            plain if heads else _one_line("".join(_strong(run) if strong else run for strong, run in runs))
        )
    return lines


_MARKS = re.compile(f"([{ON}{OFF}])")
_INNER = re.compile(r"^(\s*)(.*?)(\s*)$", re.DOTALL)


def _strong(run: str) -> str:
    before, inner, after = _INNER.match(run).groups()  # type: ignore[union-attr]
    return f"{before}**{inner}**{after}" if inner else run


_SPACES = re.compile(r"[ \t\n\r\f]+")
_WRAPPED = re.compile(
    f"(?<=[{HANZI}，。；：、！？”》）])([{ON}{OFF}]*)[ \\t]*[\\r\\n]\\s*([{ON}{OFF}]*)(?=[{HANZI}“《（])"
)


def _one_line(text: str) -> str:
    """Collapse white space as browsers do."""
    return _SPACES.sub(" ", text).strip(" ")
