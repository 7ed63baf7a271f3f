"""Bytes to text: a Chinese text in whatever encoding it is, told by what is in it."""

from __future__ import annotations

import codecs
import re

from flashgen.hanzi import HANZI
from flashgen.problems import UnreadableError

_HANZI = re.compile(f"[{HANZI}]")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


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
