"""A source file to a Document: encoding and newlines."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from flashgen.problems import FlashgenError, Place, Problem, UsageError
from flashgen.records import Document

HANZI = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

MAX_BYTES = 200_000_000
"""Larger files are refused: a book has under five million hanzi, 15 MB."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read(path: Path) -> Document:
    """Read a text file in any usual Chinese encoding.

    Raises UsageError where there is no file to read, FlashgenError where it holds no Chinese text.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name the chapter's file in it")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FlashgenError(
                Problem(Place(str(path)), "is too large", "give one book or chapter, not a library")
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    return Document(path.name, decode(data, str(path)))


def decode(data: bytes, name: str) -> str:
    """Decode a Chinese text and bring its newlines to line feeds. Raises FlashgenError if it is none."""

    def fail(message: str, hint: str) -> FlashgenError:
        return FlashgenError(Problem(Place(name), message, hint))

    if not data.strip():
        raise fail("is empty", "save the chapter's text in it")
    text = _decode(data)
    if text is None or _looks_binary(text):
        raise fail("is not a text file", "save the chapter as plain text (UTF-8) first")
    if not HANZI.search(text):
        raise fail("has no Chinese text in it", "check that it is the right file")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes) -> str | None:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A file cut off in the middle of a character is still UTF-8.
        if error.start >= len(data) - 3:
            return data[: error.start].decode("utf-8")
    if b"\0" in data[:4096]:
        texts = [data.decode(encoding, "ignore") for encoding in ("utf-16-le", "utf-16-be")]
        common, best = max((sum(map(text.count, "的一是不，。")), text) for text in texts)
        return best if common > len(best) / 100 else None
    return _legacy(data)


def _legacy(data: bytes) -> str | None:
    """Tell Big5 from the GB family; gb2312 and gbk are read as gb18030, which holds both."""
    from charset_normalizer import from_bytes

    best = from_bytes(data[:100_000], cp_isolation=["gb18030", "big5hkscs"]).best()
    guess = best.encoding if best else "gb18030"
    for encoding in (guess, "gb18030", "big5hkscs"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(data) - 4:
                continue
            text = data[: error.start].decode(encoding)
        if _chinese_share(text) > 0.1:
            return text
    return None


def _chinese_share(text: str) -> float:
    sample = text[:20_000]
    return len(HANZI.findall(sample)) / max(1, len(sample))


def _looks_binary(text: str) -> bool:
    sample = text[:20_000]
    odd = sum(1 for char in sample if (char < " " and char not in "\t\n\r\f\v\x1a") or char == "\ufffd")
    return odd > len(sample) / 100
