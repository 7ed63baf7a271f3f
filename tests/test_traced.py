"""Whatever is cut, put in or taken out, every character that stays knows its place in the source."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from flashgen.traced import Traced

TEXTS = st.text(alphabet="甲乙丙*<b> \n", max_size=30)
MARKS = re.compile(r"\*([^*]+)\*|<b>([^<]+)>")


def stands(piece: Traced, source: str) -> bool:
    """Every character stands where it says, each after the one before it."""
    return [source[offset] for offset in piece.offsets] == list(piece.text) and list(piece.offsets) == sorted(
        set(piece.offsets)
    )


@given(TEXTS)
def test_what_is_taken_out_moves_nothing(source: str) -> None:
    text = Traced.of(source)
    for piece in (
        text.strip(),
        text.cut(2, -1),
        text.sub(re.compile("[*乙]+"), ""),
        text.unwrap(MARKS),
        *text.split(re.compile(r"\n")),
    ):
        assert stands(piece, source)


@given(TEXTS)
def test_a_text_is_changed_as_its_string_is(source: str) -> None:
    text = Traced.of(source)
    assert str(text.sub(re.compile("乙+"), "<丁>")) == re.sub("乙+", "<丁>", source)
    assert str(text.strip()) == source.strip()
    assert [str(piece) for piece in text.split(re.compile("甲"))] == source.split("甲")
    assert str(text.unwrap(MARKS)) == MARKS.sub(lambda match: match.group(match.lastindex or 0), source)
    assert len(text) == len(source)


def test_new_text_stands_where_the_old_one_began() -> None:
    text = Traced.of("甲&lt;乙").sub(re.compile("&lt;"), "<")
    assert (str(text), list(text.offsets)) == ("甲<乙", [0, 1, 5])
    assert list(Traced.of("甲").sub(re.compile("$"), "。").offsets) == [0, 0]


def test_signs_around_a_text_do_not_move_it() -> None:
    text = Traced.of("先看**人流**，再看<b>租金>").unwrap(re.compile(r"\*\*(.+?)\*\*|<b>(.+?)>"))
    assert str(text) == "先看人流，再看租金"
    assert list(text.offsets) == [0, 1, 4, 5, 8, 9, 10, 14, 15]


def test_an_empty_text_has_a_start() -> None:
    assert Traced.of("").start == 0
    assert Traced.of("甲乙").cut(1).start == 1
