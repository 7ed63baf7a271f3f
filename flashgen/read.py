"""A source file to a Document: its kind is told by content, and each kind but text has a reader of its own."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from flashgen.files import file_name
from flashgen.hanzi import HANZI
from flashgen.language import words
from flashgen.problems import FlashgenError, Place, Problem, UnreadableError, UsageError
from flashgen.read_bytes import decode, decode_markup
from flashgen.records import Document, Removal

if TYPE_CHECKING:
    from flashgen.read_epub import Book

_HANZI = re.compile(f"[{HANZI}]")

MAX_BYTES = 200_000_000
"""Larger files are refused: books with pictures in them are smaller."""

MAX_CHARACTERS = 3_000_000
"""Longer texts are refused: few books are so long, and no chapter."""

STANDARD_INPUT = Path("-")


def read(path: Path, chapter: int | None = None) -> Document:
    """Read a source file of any kind, told by what is in it: text, Markdown, HTML, EPUB, PDF or DOCX.

    "-" is standard input. `chapter` counts from 1 as `chapters` does; a book of several needs it.
    Raises UsageError where there is no such file or chapter, FlashgenError where it cannot be read or holds no
    Chinese text.
    """
    name = words("standard input") if path == STANDARD_INPUT else str(path)
    own = (
        "standard input" if path == STANDARD_INPUT else file_name(path)
    )  # the same in a deck of any language
    try:
        document = _read(_load(path), own, chapter)
        _look_at(document.text)
    except UnreadableError as error:
        raise _stop(name, error) from error
    except _WrongChapterError as error:
        raise UsageError(words(error.message, name=name, **error.values)) from None
    return document


def lines(data: bytes) -> list[str]:
    """Return the lines of a text in any Chinese encoding. Raises FlashgenError where it is no text."""
    if not data.strip():
        return [""] * data.count(b"\n")
    try:
        return decode(data).removesuffix("\n").split("\n")
    except UnreadableError as error:
        raise _stop(words("standard input"), error) from error


def chapters(path: Path) -> list[str]:
    """Return the titles of a book's chapters, in order. Raises as `read` does."""
    book = _open_book(path)
    if book is None:
        raise UsageError(words("{path} is no EPUB, so it has no list of chapters", path=path))
    return [entry.title for entry in book.chapters]


def whole_book(path: Path, chapter: int | None = None) -> Book | None:
    """Return the book that a source is, if it has several chapters and none is chosen. Raises as `read` does.

    What is no file but a pipe can be read but once, so that is left to `read`.
    """
    if chapter or path == STANDARD_INPUT or not path.is_file():
        return None
    book = _open_book(path)
    return book if book and len(book.chapters) > 1 else None


def _open_book(path: Path) -> Book | None:
    """Open an EPUB; None if the file is something else."""
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
        document = _chapter(book, file_name(path), number)
        _measure(document.text)
        return document
    except UnreadableError as error:
        raise _stop(words("{path}, chapter {number}", path=path, number=number), error) from error


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
    """The chapter asked for is not there, or none was chosen: a text of `language.WORDS` and its values."""

    def __init__(self, message: str, **values: object) -> None:
        self.message, self.values = message, values
        super().__init__(message)


def _stop(name: str, error: UnreadableError) -> FlashgenError:
    message, hint = (words(part, **error.values) for part in (error.message, error.hint))
    return FlashgenError(Problem(Place(name), message, hint))


# --- kinds of files

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
        raise UnreadableError("is an archive that is no EPUB and no Word file", "unpack it first")
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
        raise _WrongChapterError("{name} is no EPUB, so it has but one chapter")
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
            "{name} has {count} chapters; see them with --list and choose one with --chapter N", count=count
        )
    number = chapter or 1
    if number > count:
        raise _WrongChapterError(
            "{name} has {count} chapters; there is no chapter {number}", count=count, number=number
        )
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


def _look_at(text: str) -> None:
    _measure(text)
    if not _HANZI.search(text):
        raise UnreadableError("has no Chinese text in it", "check that it is the right file")


def _measure(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise UnreadableError(
            "has more than {limit} characters", "give one book or chapter", limit=f"{MAX_CHARACTERS:,}"
        )
