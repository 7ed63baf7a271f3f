"""A source file to a Document: its kind is told by content, and each kind but text has a reader of its own."""

from __future__ import annotations

import codecs
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from flashgen.hanzi import HANZI
from flashgen.messages import words
from flashgen.problems import FlashgenError, Place, Problem, UnreadableError, UsageError
from flashgen.records import Document, Removal

if TYPE_CHECKING:
    from flashgen.read_epub import Book

_HANZI = re.compile(f"[{HANZI}]")

MAX_BYTES = 200_000_000
"""Larger files are refused: books with pictures in them are smaller."""

MAX_CHARACTERS = 3_000_000
"""Longer texts are refused: few books are so long, and no chapter."""

STANDARD_INPUT = Path("-")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read(path: Path, chapter: int | None = None) -> Document:
    """Read a source file of any kind, told by what is in it: text, Markdown, HTML, EPUB, PDF or DOCX.

    "-" is standard input. `chapter` counts from 1 as `chapters` does; a book of several needs it.
    Raises UsageError where there is no such file or chapter, FlashgenError where it cannot be read or holds no
    Chinese text.
    """
    name = "standard input" if path == STANDARD_INPUT else str(path)
    try:
        document = _read(_load(path), "standard input" if path == STANDARD_INPUT else path.name, chapter)
        _look_at(document.text)
    except UnreadableError as error:
        raise _stop(name, error) from error
    except _WrongChapterError as error:
        raise UsageError(f"{name} {error}") from None
    return document


def chapters(path: Path) -> list[str]:
    """Return the titles of a book's chapters, in order. Raises as `read` does."""
    book = open_book(path)
    if book is None:
        raise UsageError(words("{path} is no EPUB, so it has no list of chapters", path=path))
    return [entry.title for entry in book.chapters]


def open_book(path: Path) -> Book | None:
    """Open an EPUB; None if the file is something else. Raises as `read` does."""
    data = _load(path)
    try:
        if _kind(data) != "epub":
            return None
        from flashgen.read_epub import Book

        book = Book(data)
        _ = book.chapters  # damage in the table of contents is told here
        return book
    except UnreadableError as error:
        raise _stop(str(path), error) from error


def read_chapter(book: Book, path: Path, number: int) -> Document:
    """Read a chapter, counted from 1, of the book that was opened at `path`; one without Chinese text too.

    Raises FlashgenError where it cannot be read.
    """
    try:
        document = _chapter(book, path.name, number)
        _measure(document.text)
        return document
    except UnreadableError as error:
        raise _stop(f"{path}, chapter {number}", error) from error


def _load(path: Path) -> bytes:
    if path == STANDARD_INPUT:
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    elif path.is_dir():
        raise UsageError(words("{path} is a folder; name the chapter's file in it", path=path))
    else:
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            raise UsageError(words("{path}: no such file", path=path)) from None
        except OSError as error:
            raise UsageError(
                words("{path}: cannot be read ({reason})", path=path, reason=error.strerror)
            ) from None
    if len(data) > MAX_BYTES:
        raise _stop(str(path), UnreadableError("is too large", "give one book or chapter, not a library"))
    return data


class _WrongChapterError(Exception):
    """The chapter asked for is not there, or none was chosen."""


def _stop(name: str, error: UnreadableError) -> FlashgenError:
    return FlashgenError(Problem(Place(name), error.message, error.hint))


# --- kinds of files

_SAVE = "save it as .docx, .pdf, .html or plain text first"
_FOREIGN = (
    (
        b"\xd0\xcf\x11\xe0",
        "is an old Word file or one with a password",
        "save it as .docx, without a password",
    ),
    (b"{\\rtf", "is RTF", "save it as .docx or plain text first"),
    (b"Rar!", "is an archive", "unpack it first"),
    (b"7z\xbc\xaf", "is an archive", "unpack it first"),
    (b"\x1f\x8b", "is an archive", "unpack it first"),
)


def _kind(data: bytes) -> str:
    """Tell a file's kind by its first bytes and, for archives, the names in them."""
    if data[:1024].lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        from flashgen.read_zip import Archive

        names = Archive(data).names
        if "META-INF/container.xml" in names:
            return "epub"
        if "word/document.xml" in names:
            return "docx"
        raise UnreadableError("is an archive that is no EPUB and no Word file", "unpack it, or " + _SAVE)
    for magic, message, hint in _FOREIGN:
        if data.startswith(magic):
            raise UnreadableError(message, hint)
    if data[60:68] == b"BOOKMOBI":
        raise UnreadableError("is a Kindle book", "convert it to EPUB first, with Calibre for example")
    return "text"


def _read(data: bytes, name: str, chapter: int | None) -> Document:
    kind = _kind(data)
    if kind == "epub":
        return _read_book(data, name, chapter)
    if chapter not in (None, 1):
        raise _WrongChapterError("is no EPUB, so it has but one chapter")
    if kind == "docx":
        from flashgen import read_docx

        return Document(name, read_docx.markdown(data), parts=((0, 1),))
    if kind == "pdf":
        from flashgen import read_pdf

        text, pages, removed = read_pdf.markdown(data)
        return Document(name, text, parts=pages, removed=removed)
    data = _unwrap_archive(data)
    text = decode(data)
    broken = [
        Removal("bytes that are no character", found, number)
        for number, line in enumerate(text.split("\n") if "\ufffd" in text else (), 1)
        for found in re.findall("\ufffd+", line)
    ]
    if _is_markup(text):
        from flashgen import read_html

        text, removed = read_html.article(decode_markup(data) or text)
        return Document(name, text, parts=((0, 1),), removed=[*removed, *broken])
    return Document(name, text, removed=broken)


def _read_book(data: bytes, name: str, chapter: int | None) -> Document:
    from flashgen.read_epub import Book

    book = Book(data)
    count = len(book.chapters)
    if chapter is None and count > 1:
        raise _WrongChapterError(
            f"has {count} chapters; see them with --list and choose one with --chapter N"
        )
    number = chapter or 1
    if number > count:
        raise _WrongChapterError(f"has {count} chapters; there is no chapter {number}")
    return _chapter(book, name, number)


def _chapter(book: Book, name: str, number: int) -> Document:
    text, removed = book.read(number)
    return Document(name, text, book.author, ((0, number),), removed)


_MARKUP = re.compile(r"<(?:!doctype\s+html|html|head|body|meta|title)\b", re.IGNORECASE)
_TAGS = re.compile(r"</(?:p|div|li|h[1-6]|td|section|article)>", re.IGNORECASE)
_ATX = re.compile(r"^#{1,6} ", re.MULTILINE)


def _is_markup(text: str) -> bool:
    """Tell HTML, also a fragment of it, from Markdown with some HTML in it."""
    start = text[:20_000].lstrip()
    while start.startswith(("<!--", "<?")):
        start = start.partition(">")[2].lstrip()
        if "-->" in start and not start.startswith("<"):
            start = start.partition("-->")[2].lstrip()
    head = text[:50_000]
    return bool(_MARKUP.match(start)) or (len(_TAGS.findall(head)) >= 5 and not _ATX.search(head))


def _unwrap_archive(data: bytes) -> bytes:
    """Return the page of a web archive (.mhtml), in which browsers save it with its pictures; other data as it is."""
    head = data[:4000]
    if not (
        re.match(rb"(?:From|MIME-Version|Content-Type|Snapshot-Content-Location|Subject):", head)
        and b"multipart/related" in head
    ):
        return data
    import email

    for part in email.message_from_bytes(data).walk():
        if part.get_content_type() == "text/html":
            page = part.get_payload(decode=True)
            return page if isinstance(page, bytes) else data
    return data


# --- encodings


def decode(data: bytes) -> str:
    """Decode a Chinese text and bring its newlines to line feeds. Raises UnreadableError if it is none."""
    if not data.strip():
        raise UnreadableError("is empty", "save the chapter's text in it")
    text = _decode(data)
    if text is None:
        text = decode_markup(data) if b"</" in data else None
    if text is None or _looks_binary(text):
        raise UnreadableError("is not a text file", "save the chapter as plain text (UTF-8) first")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def decode_markup(data: bytes) -> str | None:
    """Decode HTML by the text between its tags; None if it is none. What the page says of its encoding may be wrong."""
    return _decode(data, markup=True)


def _look_at(text: str) -> None:
    _measure(text)
    if not _HANZI.search(text):
        raise UnreadableError("has no Chinese text in it", "check that it is the right file")


def _measure(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise UnreadableError(f"has more than {MAX_CHARACTERS:,} characters", "give one book or chapter")


def _decode(data: bytes, *, markup: bool = False) -> str | None:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = data.decode(encoding, "replace")
            return text if _is_damaged_little(text) or "\ufffd" not in text else None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A file cut off in the middle of a character is still UTF-8.
        if error.start >= len(data) - 3:
            return data[: error.start].decode("utf-8")
        text = data.decode("utf-8", "replace")
        if _is_damaged_little(text):
            return text
    if b"\0" in data[:4096]:
        texts = [data.decode(encoding, "ignore") for encoding in ("utf-16-le", "utf-16-be")]
        common, best = max((sum(map(text.count, "的一是不，。")), text) for text in texts)
        return best if common > len(best) / 100 else None
    # No byte of a hanzi in GB18030 or Big5 is "<" or ">".
    return _legacy(data, re.sub(rb"<[^<>]*>|[\x00-\x7f]{8,}", b" ", data) if markup else data)


def _legacy(data: bytes, sample: bytes) -> str | None:
    """Tell Big5 from the GB family by a sample; gb2312 and gbk are read as gb18030, which holds both."""
    from charset_normalizer import from_bytes

    best = from_bytes(sample[:100_000], cp_isolation=["gb18030", "big5hkscs"]).best()
    guess = best.encoding if best else "gb18030"
    for encoding in (guess, "gb18030", "big5hkscs"):
        text = data.decode(encoding, "replace")
        # The last character may be cut off.
        if "\ufffd" not in text[:-2] and _chinese_share(sample.decode(encoding, "ignore")) > 0.1:
            return text.rstrip("\ufffd")
    text = data.decode(guess, "replace")
    return text if _is_damaged_little(text) and _chinese_share(sample.decode(guess, "ignore")) > 0.1 else None


def _is_damaged_little(text: str) -> bool:
    """Whether few bytes are broken: a text read in a wrong encoding has more of them than hanzi."""
    return text.count("\ufffd") < 0.1 * len(_HANZI.findall(text))


def _chinese_share(text: str) -> float:
    sample = text[:20_000]
    return len(_HANZI.findall(sample)) / max(1, len(sample))


def _looks_binary(text: str) -> bool:
    sample = text[:20_000]
    odd = sum(1 for char in sample if char < " " and char not in "\t\n\r\f\v\x1a")
    return odd > len(sample) / 100
