"""EPUB to chapters: an archive of web pages, their order, and a table of contents."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, urldefrag
from xml.etree.ElementTree import Element

from flashgen import read_html
from flashgen.hanzi import bare
from flashgen.problems import UnreadableError
from flashgen.read_bytes import decode_markup
from flashgen.read_zip import Archive
from flashgen.records import Removal


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the table of contents: its title, its depth from 1, and the place it points to."""

    title: str
    level: int
    page: int
    anchor: str


class Book:
    """An EPUB. Raises UnreadableError where it is none, damaged or protected against copying."""

    def __init__(self, data: bytes) -> None:
        self._archive = Archive(data)
        container = self._archive.xml("META-INF/container.xml")
        self._package = next((one.get("full-path", "") for one in _all(container, "rootfile")), "")
        package = self._archive.xml(self._package)
        self._items = {one.get("id", ""): one for one in _all(package, "item")}
        spine = [self._items.get(one.get("idref", "")) for one in _all(package, "itemref")]
        self.pages = [self._resolve(item.get("href", "")) for item in spine if item is not None]
        if not self.pages:
            raise UnreadableError("has no pages", "download the book again")
        if self._is_protected():
            raise UnreadableError("is protected against copying", "flashgen cannot read such a book")
        self.title = next((_text(one) for one in _all(package, "title") if _text(one)), "")
        self.author = next((_text(one) for one in _all(package, "creator") if _text(one)), "")
        self._parsed: dict[int, read_html.Page] = {}
        self._toc = next((one.get("toc", "") for one in _all(package, "spine")), "")

    @cached_property
    def chapters(self) -> list[Entry]:
        """The entries that begin a chapter, in reading order; each page is one where there are no contents."""
        entries = list(self._contents())
        if not entries:
            return [Entry(self._title(page), 1, page, "") for page in range(len(self.pages))]
        # Contents go down to chapters, or to sections in them. Chapters say so, or else they are on top;
        # the one entry on top of a book may be the book.
        named = Counter(entry.level for entry in entries if _CHAPTER.match(entry.title))
        levels = Counter(entry.level for entry in entries)
        depth = named.most_common(1)[0][0] if named else next((n for n in sorted(levels) if levels[n] > 1), 1)
        starts = {(entry.page, entry.anchor): entry for entry in entries if entry.level <= depth}
        return sorted(starts.values(), key=lambda entry: (entry.page, self._block(entry)))

    def read(self, number: int) -> tuple[str, list[Removal]]:
        """Return a chapter, counted from 1, as Markdown, and the notes that were left out."""
        entry = self.chapters[number - 1]
        after = self.chapters[number] if number < len(self.chapters) else Entry("", 1, len(self.pages), "")
        blocks: list[read_html.Block] = []
        removed: list[Removal] = []
        for page in range(entry.page, min(after.page + 1, len(self.pages))):
            parsed = self._parse(page)
            first = self._block(entry) if page == entry.page else 0
            end = self._block(after) if page == after.page else len(parsed.blocks)
            for block in parsed.blocks[first:end]:
                if parsed.is_note(block):
                    removed.append(Removal("footnote", block.markdown, block.line))
                else:
                    blocks.append(block)
        lines = [block.markdown for block in blocks]
        title, opening = bare(entry.title), bare(lines[0]) if lines else ""
        if not opening or not title.startswith(opening):
            lines.insert(0, f"# {entry.title}")
        elif not lines[0].startswith("#"):
            lines[0] = f"# {lines[0]}"
        return "\n\n".join(lines), removed

    def _resolve(self, href: str, beside: str = "") -> str:
        path = unquote(urldefrag(href)[0])
        return posixpath.normpath(posixpath.join(posixpath.dirname(beside or self._package), path))

    def _parse(self, page: int) -> read_html.Page:
        if page not in self._parsed:
            text = decode_markup(self._archive.read(self.pages[page])) or ""
            self._parsed[page] = read_html.parse(text)
        return self._parsed[page]

    def _block(self, entry: Entry) -> int:
        return self._parse(entry.page).anchors.get(entry.anchor, 0) if entry.anchor else 0

    def _title(self, page: int) -> str:
        parsed = self._parse(page)
        heading = next((block.markdown for block in parsed.blocks if re.match("h[1-6]", block.tag)), "")
        return heading.lstrip("# ") or parsed.title or posixpath.basename(self.pages[page])

    def _is_protected(self) -> bool:
        """Tell locked pages from embedded fonts that are scrambled, which any program may."""
        if "META-INF/encryption.xml" not in self._archive.names:
            return False
        locked = self._archive.xml("META-INF/encryption.xml")
        names = {unquote(one.get("URI", "")) for one in _all(locked, "CipherReference")}
        return not names.isdisjoint(self.pages)

    # the table of contents

    def _contents(self) -> Iterator[Entry]:
        nav = next((one for one in self._items.values() if "nav" in one.get("properties", "").split()), None)
        ncx = self._items.get(self._toc) or next(
            (one for one in self._items.values() if one.get("media-type") == "application/x-dtbncx+xml"), None
        )
        number = {page: n for n, page in reversed(list(enumerate(self.pages)))}
        for item, read in ((nav, self._nav), (ncx, self._ncx)):
            if item is None:
                continue
            path = self._resolve(item.get("href", ""))
            if path not in self._archive.names:
                continue
            found = [
                Entry(title, level, number[target], urldefrag(href)[1])
                for title, level, href in read(self._archive.xml(path))
                if title and (target := self._resolve(href, path)) in number
            ]
            if found:
                yield from found
                return

    def _nav(self, root: Element) -> Iterator[tuple[str, int, str]]:
        navs = list(_all(root, "nav"))
        toc = next((one for one in navs if "toc" in one.get(_TYPE, "")), navs[0] if navs else root)
        level = 0
        stack = [(toc, False)]
        while stack:
            node, done = stack.pop()
            if _tag(node) == "ol":
                level += -1 if done else 1
            if done:
                continue
            if _tag(node) == "a":
                yield _text(node), level, node.get("href", "")
            stack.append((node, True))
            stack += [(child, False) for child in reversed(node)]

    def _ncx(self, root: Element) -> Iterator[tuple[str, int, str]]:
        stack = [(point, 1) for one in _all(root, "navMap") for point in reversed(one)]
        while stack:
            point, level = stack.pop()
            if _tag(point) != "navPoint":
                continue
            title = next((_text(one) for one in point if _tag(one) == "navLabel"), "")
            href = next((one.get("src", "") for one in point if _tag(one) == "content"), "")
            yield title, level, href
            stack += [(child, level + 1) for child in reversed(point)]


_TYPE = "{http://www.idpf.org/2007/ops}type"
_CHAPTER = re.compile(
    r"\s*(?:第\s*[一二三四五六七八九十百零〇两\d]+\s*[章回讲講课課]|chapter\s+\w)", re.IGNORECASE
)


def _tag(node: Element) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _all(root: Element, tag: str) -> Iterator[Element]:
    return (node for node in root.iter() if _tag(node) == tag)


def _text(node: Element) -> str:
    return " ".join("".join(node.itertext()).split())
