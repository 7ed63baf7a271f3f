"""Encodings and files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from flashgen.problems import FlashgenError, UsageError
from flashgen.read import read
from flashgen.read_bytes import decode

SIMPLIFIED = "做生意先要想清楚：客户为什么来，又为什么走。\n把账算明白的人，不会输得太惨。\n" * 8
TRADITIONAL = "做生意先要想清楚：客戶為什麼來，又為什麼走。\n把帳算明白的人，不會輸得太慘。\n" * 8


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"]
)
def test_simplified_text_in_every_encoding(encoding: str) -> None:
    assert decode(SIMPLIFIED.encode(encoding)) == SIMPLIFIED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030", "big5", "big5hkscs"])
def test_traditional_text_in_every_encoding(encoding: str) -> None:
    assert decode(TRADITIONAL.encode(encoding)) == TRADITIONAL


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_newlines_are_brought_to_one_kind(newline: str) -> None:
    assert decode(SIMPLIFIED.replace("\n", newline).encode()) == SIMPLIFIED


def test_a_file_cut_in_the_middle_of_a_character_is_still_read() -> None:
    assert decode("先做好一件事。".encode()[:-1]) == "先做好一件事"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_few_broken_bytes_are_told_and_the_rest_is_read(tmp_path: Path, encoding: str) -> None:
    data = SIMPLIFIED.encode(encoding)
    broken = b"\x00\xd8" if encoding == "utf-16" else b"\xff\xff"
    path = tmp_path / "chapter.txt"
    path.write_bytes(data[:200] + broken + data[200:])
    document = read(path)
    assert document.text.count("把账算明白的人") >= 7
    assert {removal.reason for removal in document.removed} == {"bytes that are no character"}


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"All in English.", "no Chinese"),
        (bytes(range(256)) * 40, "not a text file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(500), "not a text file"),
    ],
)
def test_what_is_no_chinese_text_is_told_in_one_line(tmp_path: Path, data: bytes, word: str) -> None:
    path = tmp_path / "chapter.txt"
    path.write_bytes(data)
    with pytest.raises(FlashgenError, match=word) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read(tmp_path / "none.txt")
    with pytest.raises(UsageError, match="folder"):
        read(tmp_path)
