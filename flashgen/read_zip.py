"""Parts of a zip archive, for EPUB and DOCX: read one by one, in memory, never larger than a book needs."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from xml.etree import ElementTree as ET

from flashgen.problems import UnreadableError

MAX_PARTS = 20_000
MAX_PART = 30_000_000
"""Bytes of one part when unpacked: a book of a million hanzi has 5 MB in all its parts."""
MAX_TOTAL = 100_000_000
"""Bytes of all parts that are read."""


class Archive:
    """An open archive. Nothing is unpacked to disk, so a part's name is never a path."""

    def __init__(self, data: bytes) -> None:
        # Each part has such a mark in the archive's list, which would all be read at once.
        if data.count(b"PK\x01\x02") > MAX_PARTS:
            raise UnreadableError(
                "holds more than {limit} parts", "give one book or chapter", limit=MAX_PARTS
            )
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _BROKEN as error:
            raise _broken() from error
        self._left = MAX_TOTAL
        self.names = frozenset(self._zip.namelist())

    def read(self, name: str) -> bytes:
        """Return a part. Raises UnreadableError where it is missing, broken, encrypted or too large."""
        try:
            with self._zip.open(name) as part:
                data = part.read(min(MAX_PART, self._left) + 1)
        except KeyError:
            raise UnreadableError(
                "lacks its part '{part}'", "save or download the file again", part=name[:200]
            ) from None
        except _BROKEN as error:
            raise _broken() from error
        if len(data) > min(MAX_PART, self._left):
            raise UnreadableError("unpacks to far more than a book", "give one book or chapter")
        self._left -= len(data)
        return data

    def xml(self, name: str) -> ET.Element:
        """Parse a part as XML. One that defines entities is refused: books need none, bombs are made of them."""
        data = self.read(name)
        if b"<!ENTITY" in data.replace(b"\0", b""):
            raise UnreadableError(
                "defines entities in '{part}'", "save it again with another program", part=name[:200]
            )
        try:
            return ET.fromstring(data)  # noqa: S314  # entities are refused above
        except (ET.ParseError, ValueError, LookupError) as error:
            raise _broken() from error


_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
)


def _broken() -> UnreadableError:
    return UnreadableError("is damaged or encrypted", "save or download it again, without a password")
