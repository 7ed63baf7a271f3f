from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flashgen.notes import FIELDS, ITEMS, filled, keep_slots, make_note, plain, recall, ruby
from flashgen.records import HOLE, Card, Deck, Word

DECK = Deck("甲", ())


def words_of(deck: Deck, card: Card, text: str) -> Sequence[Word]:
    """Take the stretches between spaces and marks for words, and read every hanzi as hàn."""
    parts = re.findall(r"[一-龥]+|[^一-龥]+", text)
    return [Word(part, ("hàn",) * len(part)) if "一" <= part <= "龥" else Word(part) for part in parts]


def fields(card: Card) -> dict[str, str]:
    note = make_note(DECK, card, words_of, "guid")
    return dict(zip(FIELDS[note.type], note.fields, strict=True))


def shown(text: str) -> str:
    """Return what a person sees of HTML, pinyin aside."""
    return html.unescape(re.sub(r"<rt>.*?</rt>|<[^>]+>", "", text.replace("<br>", "\n")))


@pytest.mark.parametrize(
    ("cloze", "text"),
    [
        ("不超过{{14%}}。", "不超过{{c1::14%}}。"),
        ("{{甲}}和{{乙}}", "{{c1::甲}}和{{c2::乙}}"),
        ("{{a::b}}", "{{c1::a&#58;&#58;b}}"),
        ("{{{甲}}}", "&#123;{{c1::甲}}&#125;"),
        ("{{甲{{乙}}丙}}", "&#123;&#123;甲{{c1::乙}}丙&#125;&#125;"),
        ("}}{{甲}}{{", "&#125;&#125;{{c1::甲}}&#123;&#123;"),
        ("<b>{{a<b}}&", "&lt;b&gt;{{c1::a&lt;b}}&amp;"),
        ("{{甲\n乙}}\n", "{{c1::甲<br>乙}}"),
    ],
)
def test_cloze_text(cloze: str, text: str) -> None:
    made = fields(Card("x", cloze=cloze))
    assert made["Text"] == text
    assert shown(made["Filled"]) == filled(cloze).strip()
    uncovered = re.sub(r"\{\{c\d+::(.*?)\}\}", r"\1", made["TextRuby"])
    assert shown(uncovered) == filled(cloze).strip()


def test_hole_inside_a_word_takes_its_own_pinyin() -> None:
    made = fields(Card("x", cloze="童{{叟无}}欺"))
    assert made["TextRuby"] == (
        "<ruby>童<rt>hàn</rt></ruby><wbr>"
        "{{c1::<ruby>叟无<rt>hànhàn</rt></ruby>}}<wbr>"
        "<ruby>欺<rt>hàn</rt></ruby>"
    )


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1))
def test_no_text_is_taken_for_markup(text: str) -> None:
    written = plain(text)
    assert html.unescape(written) == text
    assert not re.search(r"[<>{}]|\[sound:|\[\$|\[anki:", written)


def test_long_word_is_read_hanzi_by_hanzi() -> None:
    assert ruby([Word("一" * 7, ("yī",) * 7)]).count("<ruby>") == 1
    assert ruby([Word("一" * 8, ("yī",) * 8)]).count("<ruby>") == 8


def test_list_longer_than_its_cards() -> None:
    items = tuple(f"{n}号" for n in range(1, ITEMS + 3))
    card = Card("x", front="哪些？", items=items)
    note = make_note(DECK, card, words_of, "guid")
    made = fields(card)
    assert note.cards == tuple(range(ITEMS + 1))
    assert (made["Count"], made[f"Item{ITEMS}"]) == (str(ITEMS + 2), f"{ITEMS}号")
    assert shown(made["More"]) == "1313号1414号"
    assert make_note(DECK, replace(card, items=items[:1]), words_of, "guid").cards == (0,)


def test_source_is_marked_where_it_adds_something() -> None:
    card = Card("x", front="哪四字？", back="童叟无欺", source="“童叟无欺”。")
    assert fields(card)["Context"] == ""
    assert fields(replace(card, source="小店讲“童叟无欺”。"))["Context"] == "1"


@pytest.mark.parametrize(
    ("kept", "new", "slots"),
    [
        ((), ["甲", "乙"], [0, 1]),
        (("甲", "乙"), ["乙", "甲"], [1, 0]),
        (("甲", "乙"), ["丙", "甲", "乙"], [2, 0, 1]),
        (("甲", "乙", "丙"), ["甲", "丙"], [0, 2]),
        (("甲", None, "丙"), ["甲", "丁", "丙"], [0, 3, 2]),  # the card of a deleted item is not given away
        (("每晚对清账目", "退货不问理由"), ["退货不问缘由", "每晚对账"], [1, 0]),
        (("甲", "乙"), ["丙", "乙"], [0, 1]),
        (("甲", "甲"), ["甲", "甲"], [0, 1]),
        (("甲", None, None, None), ["乙", "甲"], [1, 0]),
        (("甲", "乙", "丙", "丁"), ["戊", "己", "庚", "辛"], [0, 1, 2, 3]),
    ],
)
def test_slots(kept: tuple[str | None, ...], new: list[str], slots: list[int]) -> None:
    assert keep_slots(kept, new, 4) == slots


@given(
    st.lists(st.sampled_from("甲乙丙丁") | st.none(), max_size=5),
    st.lists(st.sampled_from("甲乙丙丁戊"), max_size=5),
)
def test_slots_are_never_shared(kept: list[str | None], new: list[str]) -> None:
    slots = keep_slots(kept, new, 5)
    assert len(set(slots)) == len(new)
    assert all(0 <= slot < 5 for slot in slots)
    for text in set(new) & set(kept):
        assert any(
            kept[slot] == text
            for slot, item in zip(slots, new, strict=True)
            if item == text and slot < len(kept)
        )


@pytest.mark.parametrize(
    "card",
    [
        Card("甲&乙", cloze="{{a::b}}{{<丙>}}"),
        Card("x", front="?", items=("甲", "<乙>")),
        Card("y", front="?", back="!"),
    ],
)
def test_note_tells_what_it_was_made_of(card: Card) -> None:
    note = make_note(DECK, card, words_of, "guid")
    assert recall(note.type, note.fields) == (card.id, tuple(HOLE.findall(card.cloze)) or card.items)
