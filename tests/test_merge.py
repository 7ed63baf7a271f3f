"""Extracting onto a deck file that people have edited: nothing of theirs is lost, moved or reformatted."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flashgen import deckfile
from flashgen.merge import Report, fields, merge, remove, set_pinyin
from flashgen.problems import FlashgenError
from flashgen.records import Card, Deck

HANZI = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈"


def sentence(seed: int) -> str:
    """Return a sentence that is like no other seed's."""
    return "".join(random.Random(seed).choices(HANZI, k=14)) + "。"


def card(seed: int, line: int = 0) -> Card:
    """Return the card that a generator makes of sentence `seed`, standing in some line of the source."""
    text = sentence(seed)
    at = f"{line or 10 * seed + 10}:1"
    shapes = (
        Card(f"c{seed}", "qa", f"问{seed}：{text[:3]}？", text[3:9], source=text, at=at, tags=("甲",)),
        Card(f"c{seed}", "figure", cloze=f"{{{{{text[:2]}}}}}{text[2:]}", source=text, at=at),
        Card(f"c{seed}", "rules", f"问{seed}？", items=(text[:4], f"{text[4:8]}: 是"), source=text, at=at),
    )
    return shapes[seed % 3]


def offer(cards: Sequence[Card]) -> dict[str, Mapping[str, Any]]:
    return {card.id: fields(card) for card in cards}


def ids(text: str) -> list[str]:
    deck, problems = deckfile.parse(text)
    assert deck is not None, problems
    return [card.id for card in deck.cards]


START = [card(1), card(2), card(3)]


def extract_again(text: str, new: Sequence[Card], offered: Sequence[Card] = START) -> tuple[str, Report]:
    """Merge, and make sure that doing so again changes neither the file nor what is remembered."""
    merged, report = merge(text, offer(offered), new)
    again, after = merge(merged, report.offered, new)
    assert again == merged
    assert after.offered == report.offered
    assert not after.added
    return merged, report


def test_a_new_card_goes_where_the_source_has_it() -> None:
    text = deckfile.dump(Deck("d", tuple(START)))
    new = [card(0), card(1), card(4, line=25), card(2), card(3), card(5, line=99)]
    merged, report = extract_again(text, new)
    assert ids(merged) == ["c0", "c1", "c4", "c2", "c3", "c5"]
    assert [card.id for card in report.added] == ["c0", "c4", "c5"]
    assert report.dropped == ()
    assert merged == deckfile.dump(Deck("d", tuple(new)))


def test_nothing_new_leaves_the_very_same_text() -> None:
    text = '﻿deck: d  \r\ncards:\r\n-   id:  c1\r\n    front: "问"   # my words\r\n    back: 答\r\n'
    merged, report = extract_again(text, [card(1)])
    assert merged is text
    assert report.added == ()


def test_a_changed_card_keeps_its_change_and_a_deleted_one_stays_away() -> None:
    text = deckfile.dump(Deck("d", (START[0], replace(START[2], front="我的问法？", back="我的答案"))))
    merged, report = extract_again(text, START)
    assert merged == text
    assert report.dropped == ("c2",)


def test_a_card_is_known_by_its_sentence_where_the_source_was_edited_and_moved() -> None:
    text = deckfile.dump(Deck("d", (START[0], START[2])))
    moved = []
    for old in START:
        edited = old.source[:9] + "又" + old.source[9:]
        moved.append(replace(old, id=old.id + "-neu", source=edited, at=f"{500 - int(old.at[:2])}:7"))
    merged, report = extract_again(text, moved)
    assert merged == text
    assert report.dropped == ("c2",)


def test_new_cards_follow_the_neighbours_that_moved_in_the_source() -> None:
    text = deckfile.dump(Deck("d", tuple(START)))
    # The first two have moved to the end of the source, and the new one stands between them.
    new = [card(3, line=5), card(1, line=50), card(9, line=55), card(2, line=60)]
    merged, _ = extract_again(text, new)
    assert ids(merged) == ["c1", "c9", "c2", "c3"]


def test_an_id_that_another_card_has_is_not_taken_from_it() -> None:
    text = deckfile.dump(Deck("d", (replace(card(1), id="hao"),)))
    merged, report = extract_again(text, [replace(card(5), id="hao")], [replace(card(2), id="hao-2")])
    assert ids(merged) == ["hao", "hao-3"]
    assert [card.id for card in report.added] == ["hao-3"]


def test_two_cards_of_one_sentence_are_two() -> None:
    first = card(3)
    second = replace(first, id="c3-b", front="另一个问题？", back="另一个答案")
    text = deckfile.dump(Deck("d", (first,)))
    merged, _ = extract_again(text, [second, first], [first])
    assert ids(merged) == ["c3", "c3-b"]


def test_short_answers_that_agree_do_not_make_cards_the_same() -> None:
    cards = [replace(card(n), front=f"问{n}", back="14%", cloze="", items=()) for n in (1, 4)]
    merged, _ = extract_again(deckfile.dump(Deck("d", (cards[0],))), cards, cards[:1])
    assert ids(merged) == ["c1", "c4"]


def test_comments_stay_with_what_they_speak_of() -> None:
    text = """\
# the header
deck: d
cards:  # all of them
# about one
- id: c1
  front: 问
  back: 一  # a word
  at: 20:1
  # still about one
# - id: dropped
#   front: 以后再说

# about two
- id: c2
  cloze: 是{{二}}
  at: 30:1
- id: mine
  front: 我的问题
  back: |
    # not a comment

    第二段

# the end
readings:
  开市客: Kāishìkè
"""
    cards = [
        card(0),
        replace(card(1), source=""),
        card(4, line=25),
        replace(card(2), source=""),
        card(5, line=99),
    ]
    offered = [replace(card(1), source=""), replace(card(2), source="")]
    offered = [replace(offered[0], back="一"), replace(offered[1], cloze="是{{二}}", front="", items=())]
    cards[1], cards[3] = offered
    merged, _ = extract_again(text, cards, offered)
    blocks = {n: deckfile.entry(card(n, line)) for n, line in ((0, 0), (4, 25), (5, 99))}
    assert merged == (
        text.replace("of them\n", f"of them\n{blocks[0]}\n\n")
        .replace("以后再说\n", f"以后再说\n\n{blocks[4]}\n")
        .replace("    第二段\n", f"    第二段\n\n{blocks[5]}\n")
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("deck: d\ncards:\n", "deck: d\ncards:\n{}\n"),
        ("deck: d\ncards: []\n", "deck: d\ncards:\n{}\n"),
        ("deck: d\ncards:", "deck: d\ncards:\n{}"),
        ("cards: [ ]  # none\ndeck: d\n", "cards:  # none\n{}\ndeck: d\n"),
        ("cards: # none\n# later\ndeck: d\n", "cards: # none\n{}\n# later\ndeck: d\n"),
        ("deck: d\ncards: [\n\n]  # none ]\n", "deck: d\ncards:  # none ]\n{}\n"),
    ],
)
def test_the_first_cards_of_an_empty_deck(before: str, after: str) -> None:
    merged, _ = extract_again(before, [card(1)], [])
    assert merged == after.format(deckfile.entry(card(1)))


@pytest.mark.parametrize(
    "text",
    [
        "deck: d\ncards: [{id: a, front: 问, back: 答}]\n",
        "deck: d\n? cards\n: - id: a\n    front: 问\n    back: 答\n",
        "deck: d\ncards:\n- id：a\n",
        "deck: d\ncards:\n- id: a\n  frnt: 问\n",
    ],
)
def test_what_cannot_be_merged_is_refused(text: str) -> None:
    with pytest.raises(FlashgenError, match=r":\d+:\d+: "):
        merge(text, {}, [card(1)], "d.yaml")


@pytest.mark.parametrize("cards", ["[\n  # my note\n]", "[  # a ] here\n]"])
def test_a_comment_in_an_empty_list_is_not_written_over(cards: str) -> None:
    with pytest.raises(FlashgenError, match=r"^d\.yaml:2:8: the cards stand within \[ \]"):
        merge(f"deck: d\ncards: {cards}\n", {}, [card(1)], "d.yaml")


# --- Any sequence of edits ---


@st.composite
def edited(draw: st.DrawFn, cards: Sequence[Card]) -> tuple[str, list[str]]:
    """Return a deck file of some cards after a number of hand edits, and the ids that are still in it."""
    dash = draw(st.sampled_from(["", "  "]))
    blocks = [deckfile.entry(card, len(dash)).split("\n") for card in cards]
    names = [card.id for card in cards]
    top, tail = ["deck: d", "cards:"], []
    for n in range(draw(st.integers(0, 8))):
        edit = draw(
            st.sampled_from(
                [
                    *("insert", "delete", "change", "keep", "pinyin", "swap"),
                    *("comment", "blank", "remark", "head", "tail"),
                ]
            )
        )
        margin = dash + "  "
        at = draw(st.integers(0, max(0, len(blocks) - 1)))
        if edit == "insert":
            mine = replace(card(100 + n), id=f"mine{n}", at="", source="")
            blocks.insert(at, deckfile.entry(mine, len(dash)).split("\n"))
            names.insert(at, mine.id)
        elif edit == "head":
            top.insert(draw(st.integers(0, len(top))), f"# head {n}")
        elif edit == "tail":
            tail.append(draw(st.sampled_from([f"# tail {n}", "", f"    # deep tail {n}"])))
        elif not blocks:
            continue
        elif edit == "delete":
            del blocks[at], names[at]
        elif edit == "change":
            line = draw(st.integers(0, len(blocks[at]) - 1))
            if "back: " in blocks[at][line]:
                text = draw(st.sampled_from(["|-", "|", "|+", ">-"]))
                blocks[at][line : line + 1] = [
                    f"{margin}back: {text}",
                    f"{margin}  改 # 过: 了",
                    "",
                    f"{margin}  {{{{又}}}}",
                ]
        elif edit == "keep":
            for back in [line for line in blocks[at] if "back: " in line and "|" not in line]:
                blocks[at].remove(back)
                blocks[at] += [f"{margin}back: |+", f"{margin}  留", "", f"# about {n}"]
        elif edit == "pinyin":
            if f"{margin}items:" in blocks[at] and f"{margin}pinyin:" not in blocks[at]:
                spelt = [f"{margin}- yī  # yes {n}", f"{margin}- èr  # no {n}"][: draw(st.integers(1, 2))]
                line = blocks[at].index(f"{margin}items:")
                blocks[at][line:line] = [f"{margin}pinyin:", f"{margin}# by hand {n}", *spelt, f"# below {n}"]
        elif edit == "swap":
            other = draw(st.integers(0, len(blocks) - 1))
            blocks[at], blocks[other] = blocks[other], blocks[at]
            names[at], names[other] = names[other], names[at]
        elif edit == "comment":
            indent = draw(st.sampled_from(["", dash, margin]))
            blocks[at].insert(0, f"{indent}# comment {n}")
        elif edit == "remark":
            line = draw(st.integers(0, len(blocks[at]) - 1))
            if blocks[at][line].endswith("。"):
                blocks[at][line] += draw(st.sampled_from([f"  # remark {n}", "   ", "\t"]))
        else:
            blocks[at] += draw(st.sampled_from([[""], ["", "", f"# after {n}"], [f"{dash}  # inner {n}"]]))
    gap = draw(st.sampled_from([[], [""]]))
    lines = [*top, *(line for block in blocks for line in [*block, *gap]), *tail]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    end = draw(st.sampled_from([newline, ""]))
    return draw(st.sampled_from(["", "\ufeff"])) + newline.join(lines) + end, names


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_edit_and_no_comment_is_ever_lost(data: st.DataObject) -> None:
    first = [card(n) for n in sorted(data.draw(st.sets(st.integers(0, 9), max_size=5), label="first"))]
    second = [card(n) for n in sorted(data.draw(st.sets(st.integers(0, 12), max_size=7), label="second"))]
    text, names = data.draw(edited(first), label="file")
    before, _ = deckfile.parse(text)
    assert before is not None
    merged, report = extract_again(text, second, first)

    after, problems = deckfile.parse(merged)
    assert after is not None, problems
    added = {card.id for card in report.added}
    assert tuple(card for card in after.cards if card.id not in added) == before.cards
    assert added == {card.id for card in second} - {card.id for card in first}
    assert {card.id for card in after.cards} == added | set(names)
    lines = iter(merged.splitlines(keepends=True))
    own = text.splitlines(keepends=True)
    assert all(any(line.rstrip("\r\n") == mine.rstrip("\r\n") for line in lines) for mine in own)
    assert len(merged.encode()) - len(text.encode()) >= sum(
        len(deckfile.entry(c).encode()) for c in report.added
    )
    assert merged.count("\r\n") in (0, merged.count("\n"))

    lines_of = {card.id: [f"dì {n}" for n in range(len(card.items) or 1)] for card in before.cards}
    spelt = set_pinyin(text, lines_of)
    after, problems = deckfile.parse(spelt)
    assert after is not None, problems
    assert after.cards == tuple(replace(card, pinyin=tuple(lines_of[card.id])) for card in before.cards)
    assert comments(spelt) == comments(text)

    # Comments below a blank line, with nothing else before the next card, are nobody's but their author's.
    whole = "\n".join([*text.splitlines(), ""])
    kept = comments("".join(re.findall(r"(?m)^[ \t]*\n((?:#.*\n|[ \t]*\n)*)(?= *- id|\Z)", whole)))
    for name in names:
        assert [comment for comment in comments(remove(text, name)) if comment in kept] == kept


def comments(text: str) -> list[str]:
    """Return all that begins with # in a text, which `edited` gives no two times."""
    return re.findall(r"#[^\r\n]*", text)


# --- Pinyin ---


def test_pinyin_is_written_where_it_belongs_and_nothing_else_moves() -> None:
    text = """\
deck: d
cards:
- id: a
  front: 问
  back:   '一二'   # my words
  # a remark
  tags: [x]

- id: b
  cloze: 是{{二}}
  pinyin: "shì: yī"  # wrong
- id: c
  front: 问
  items: [三, 四]
  pinyin: [sān, 'yī']

- id: d
  front: 问
  items:
  - 五
  - 六
  pinyin:
  - wǔ   # right
  - qī
- {id: e, front: 问, back: 七}
- id: f
  front: 问
  items:
  - 八
  - 九
  pinyin: bā
  at: 1:1
- id: g
  pinyin:
  front: 问
  back: |
    十
    百
"""
    lines = {
        "a": ["yī-èr: a"],
        "b": ["shì èr"],
        "c": ["sān", "sì, a"],
        "d": ["wǔ", "liù"],
        "e": ["qī"],
        "f": ["bā", "jiǔ"],
        "g": ["shí"],
    }
    written = set_pinyin(text, lines)
    assert written == (
        text.replace("my words\n", "my words\n  pinyin: 'yī-èr: a'\n")
        .replace('"shì: yī"', "shì èr")
        .replace("'yī'", "'sì, a'")
        .replace("- qī\n", "- liù\n")
        .replace("{id: e", "{pinyin: qī, id: e")
        .replace("pinyin: bā\n", "pinyin:\n  - bā\n  - jiǔ\n")
        .replace("pinyin:\n  front", "pinyin: shí\n  front")
    )
    assert set_pinyin(written, lines) == written
    assert set_pinyin(text, {}) == text


def test_pinyin_keeps_the_comments_in_and_below_what_it_replaces() -> None:
    text = """\
deck: d
cards:
- id: a
  front: 问
  items: [一个, 二个, 三个]
  pinyin:
  # by hand
  - yī gè  # yes
  # more to come

  tags: [x]
- id: b
  front: 问
  back: |
    一
    二
  pinyin: >-
    yī

    yī
  # after
  tags: [x]
- id: c
  front: 问
  items: [一, 二]
  pinyin: yī  # once
  # below
  at: 1:1
- id: d
  front: 问
  items:
  - 一
  - 二
    # 二 again
  # about the tags
  tags: [x]
- {id: e, front: 问, items: [一, 二], pinyin: [yī]}
- id: f
  front: 问
  back: 一
  pinyin: "yi
    èr"  # over two lines
"""
    two = ["yī", "èr"]
    lines = {"a": ["yī gè", "èr gè", "sān gè"], "b": ["yī\nèr"], "c": two, "d": two, "e": two, "f": ["yī"]}
    written = set_pinyin(text, lines)
    assert written == (
        text.replace("# yes\n", "# yes\n  - èr gè\n  - sān gè\n")
        .replace(">-\n    yī\n\n    yī\n", "|-\n    yī\n    èr\n")
        .replace("pinyin: yī  # once", "pinyin:\n  - yī\n  - èr  # once")
        .replace("# 二 again\n", "# 二 again\n  pinyin:\n  - yī\n  - èr\n")
        .replace("[yī]", "[yī, èr]")
        .replace('"yi\n    èr"', "yī")
    )
    assert set_pinyin(written, lines) == written


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ("items: [一]\n  pinyin:\n  - yī\n  # by hand\n  - èr", "d.yaml:8:3: this comment would be lost"),
        ("items: [一]\n  pinyin: [yī, èr]  # by hand", "d.yaml:6:21: this comment would be lost"),
        ("back: 一\n  pinyin: |-  # by hand\n    èr", "d.yaml:6:15: this comment would be lost"),
        ("back: 一\n  pinyin: |-\n      èr\n    # by hand", "d.yaml:8:5: this comment would be lost"),
        ("{id: a, front: 问, items: [一], pinyin: [yī, èr]}", "d.yaml:3:3: the new text cannot be put in"),
    ],
)
def test_pinyin_that_would_cost_a_comment_is_refused_where_it_stands(card: str, said: str) -> None:
    entry = card if card[0] == "{" else f"id: a\n  front: 问\n  {card}"
    text = f"deck: d\ncards:\n- {entry}\n- {{id: b, front: 问, back: 答}}\n"
    with pytest.raises(FlashgenError) as error:
        set_pinyin(text, {"a": ["yì"], "b": ["dá"]}, "d.yaml")
    assert str(error.value).startswith(said)


@pytest.mark.parametrize("end", ["\n\n# about b\n- {id: b, front: 又, back: 二}\n", "\n\n\n", "\n", ""])
def test_pinyin_for_a_text_that_keeps_its_blank_lines_goes_before_it(end: str) -> None:
    text = f"deck: d\ncards:\n- id: a\n  front: 问\n  back: |+\n    一{end}"
    assert set_pinyin(text, {"a": ["yī"]}) == text.replace("  back: |+", "  pinyin: yī\n  back: |+")
    clipped = "deck: d\ncards:\n- id: a\n  front: 问\n  back: |\n    一"
    assert set_pinyin(clipped, {"a": ["yī"]}) == clipped.replace("  back", "  pinyin: yī\n  back")


def test_pinyin_between_cards_whose_dashes_stand_alone() -> None:
    text = (
        "deck: d\ncards:\n-\n  id: a\n  front: 问\n  back: |\n    一\n-\n  id: b\n  front: 又\n  back: 二\n"
    )
    assert set_pinyin(text, {"a": ["yī"]}) == text.replace("一\n", "一\n  pinyin: yī\n")


def test_pinyin_for_a_card_of_several_lines_with_windows_line_ends() -> None:
    text = "deck: d\r\ncards:\r\n- id: a\r\n  front: 问\r\n  back: |\r\n    一\r\n\r\n    二\r\n"
    assert set_pinyin(text, {"a": ["yī èr"]}) == text + "  pinyin: yī èr\r\n"


def test_the_blank_lines_that_belong_to_a_text_stay_in_it() -> None:
    text = "deck: d\ncards:\n- id: a\n  front: 问\n  back: |+\n    答\n\n\n"
    merged, _ = extract_again(text, [card(1)], [])
    assert merged == text + deckfile.entry(card(1))
    more = text + "- {id: b, front: 问, back: 二}\n"
    merged, _ = extract_again(more, [replace(card(1), at="1:1"), card(2)], [])
    assert ids(merged) == ["a", "b", "c1", "c2"]
    between = more.replace("- id: a\n", "- id: a\n  at: 3:1\n").replace("{id: b", "{at: '9:1', id: b")
    merged, _ = extract_again(between, [replace(card(1), at="5:1")], [])
    assert ids(merged) == ["a", "c1", "b"]


def test_a_comment_behind_the_blank_lines_of_a_text_stays_with_the_card_below() -> None:
    text = """\
deck: d
cards:
- id: a
  front: 问
  back: |+
    答
  at: 1:1
- id: b
  front: 又问
  at: 3:1
  back: |+
    答

# about c

- {id: c, front: 还问, back: 答, at: '9:1'}
"""
    assert remove(text, "b") == text.replace(text[text.index("- id: b") : text.index("# about")], "")
    merged, _ = extract_again(text, [replace(card(1), at="5:1")], [])
    assert merged == text.replace("# about", deckfile.entry(replace(card(1), at="5:1")) + "\n\n# about")
    assert remove(merged, "c1") == text


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_card_is_taken_out_and_nothing_else(data: st.DataObject) -> None:
    cards = [card(n) for n in range(1, data.draw(st.integers(2, 5)))]
    text, names = data.draw(edited(cards))
    if not names:
        return
    name = data.draw(st.sampled_from(names))
    rest = remove(text, name)
    before, after = deckfile.parse(text)[0], deckfile.parse(rest)[0]
    assert before is not None
    assert after is not None
    assert after.cards == tuple(card for card in before.cards if card.id != name)
    whole = iter(text.splitlines())
    assert all(line in whole for line in rest.splitlines())


def test_comments_above_a_card_outlive_it() -> None:
    text = "deck: d\ncards:\n# 一\n- {id: a, front: 问, back: 答}\n\n# 二\n- {id: b, front: 又问, back: 答}\n"
    assert remove(text, "a") == "deck: d\ncards:\n# 一\n# 二\n- {id: b, front: 又问, back: 答}\n"
    assert remove(remove(text, "a"), "b") == "deck: d\ncards:\n# 一\n# 二\n"
