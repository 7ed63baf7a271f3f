"""What a card asks and what it hides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flashgen import holes, pinyin_lexicon, pinyin_words, pipeline
from flashgen.records import Card


def cards(folder: Path, text: str, count: int = 9) -> list[Card]:
    source = folder / "text.txt"
    source.write_text(text, encoding="utf-8")
    return list(pipeline.extract(source, count).deck.cards)


@pytest.mark.parametrize(
    ("text", "front", "back"),
    [
        ("所谓承诺，就是向客户预借的信任。\n", "什么是“承诺”？", "向客户预借的信任"),
        (
            "所謂接班，就是把上一代存下的信用再借給下一代。\n",
            "什麼是「接班」？",
            "把上一代存下的信用再借給下一代",
        ),
        (
            "守信用的关键是把答应的事减少到做得完的数目。\n",
            "守信用的关键是什么？",
            "把答应的事减少到做得完的数目",
        ),
        ("二、我们店的底线是修不好不收一分钱。\n", "我们店的底线是什么？", "修不好不收一分钱"),
        ("所谓诚意，就是先想客人亏不亏，否则账算得再细也没有用。\n", "什么是“诚意”？", "先想客人亏不亏"),
        (
            "所谓老客就是每年都来修几回机器的熟人因为有了他们小店的日子才过得下去不必为明天发愁\n",
            "什么是“老客”？",
            "每年都来修几回机器的熟人",
        ),
        ("守信用的关键是把答应的事减少，但没有人愿意少答应。\n", "守信用的关键是什么？", "把答应的事减少"),
    ],
)
def test_questions_in_the_words_of_the_source(tmp_path: Path, text: str, front: str, back: str) -> None:
    (card,) = cards(tmp_path, text)
    assert (card.front, card.back) == (front, back)


@pytest.mark.parametrize(
    "text",
    [
        "如果守信用的关键是记性，那么记性差的人就要靠本子。\n",
        "很多人以为招牌的价值是好看，其实是让人记得住。\n",
        "守信用的另一个关键是记性，记性差的人要靠本子。\n",
    ],
)
def test_what_is_only_supposed_or_not_the_one_is_not_asked_for(tmp_path: Path, text: str) -> None:
    (card,) = cards(tmp_path, text)
    assert "{{" in card.cloze


@pytest.mark.parametrize(
    ("text", "hole"),
    [
        ("客户买的不是一台修好的机器，而是这件事从此可以放下心来。\n", "放下心来"),
        ("只有敢说不行的店，说行的时候才有人信。\n", "敢说不行的店"),
        ("任何商品的毛利率都不超过14%。\n", "14%"),
        ("听取意见不难，更重要的是改掉毛病。\n", "改掉毛病"),
        ("通过把人手并到一处，小店也能接大单。\n", "把人手并到一处"),
        ("最懂一份活的人，是手上沾着这份活的人。\n", "手上沾着这份活的人"),
    ],
)
def test_a_hole_takes_the_words_that_carry_the_idea(tmp_path: Path, text: str, hole: str) -> None:
    (card,) = cards(tmp_path, text)
    assert hole in "".join(re.findall(r"\{\{(.+?)\}\}", card.cloze))
    assert card.cloze.count("{{") == 1
    assert re.sub(r"\W", "", card.cloze) == re.sub(r"\W", "", text)


@pytest.mark.parametrize(
    ("text", "hole"),
    [
        ("老店通过早晚各一次对账来降低出错的风险。\n", "早晚各一次对账"),
        ("掌柜要记住**先收钱后发货**的规矩，别的都是小事。\n", "先收钱后发货"),
        ("修过的机器返修率只有3%，同行都不肯相信。\n", "3%"),
        ("要想留住老客户，就必须把答应过的事记在本子上。\n", "把答应过的事记在本子上"),
    ],
)
def test_a_hole_is_what_the_sentence_marks_itself(tmp_path: Path, text: str, hole: str) -> None:
    (card,) = cards(tmp_path, text)
    assert re.findall(r"\{\{(.+?)\}\}", card.cloze) == [hole]


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("不肯认错的店，是没有出路的，谁都救不了它。\n", "没有出路"),
        ("规矩是定给自己人守的，而不是定给客人看的。\n", "定给客人看"),
        ("如果修理前不先问清毛病，就会白拆一台好机器。\n", "不先问清毛病"),
        ("为了留住回头的客人，我们把每一次返工都记在账上。\n", "留住回头的客人"),
        ("把账记清楚是小店活下去的唯一办法。\n", "小店活下去的唯一办法"),
        ("对小店来说，保持低成本才是活路。\n", "对小店来说"),
    ],
)
def test_a_hole_is_no_praise_or_blame_and_nothing_denied(tmp_path: Path, text: str, empty: str) -> None:
    (card,) = cards(tmp_path, text)
    assert empty not in "".join(re.findall(r"\{\{(.+?)\}\}", card.cloze))


def test_braces_of_the_source_make_no_hole(tmp_path: Path) -> None:
    (card,) = cards(tmp_path, "只有敢说{{不行}}的店，说行的时候才有人信。\n")
    assert re.findall(r"\{\{(.+?)\}\}", card.cloze) == ["敢说｛｛不行｝｝的店"]


def test_no_hole_is_within_brackets_or_a_part_of_a_series() -> None:
    text = "好伙计要招呼客人、擦拭柜台、清点货物、核对账目（免得事后争执）。"
    tokens = pinyin_words.parted(text, pinyin_lexicon.load(), {})
    found = {text[span.start : span.end] for span in holes.spans(holes.sentence_of(text, tokens, ""))}
    assert {"擦拭柜台", "擦拭柜台、清点货物", "柜台"} <= found
    assert not found & {"柜台、清点货物", "擦拭柜台、清点", "免得事后争执", "事后争执"}


def test_a_hole_is_not_one_of_many_names(tmp_path: Path) -> None:
    (card,) = cards(tmp_path, "好掌柜要会听、会问和会记，少一样都不行。\n")
    assert re.findall(r"\{\{(.+?)\}\}", card.cloze) == ["听、会问和会记"]


@pytest.mark.parametrize(
    ("text", "holes_not_there"),
    [
        ("适用于任何一家小店的办法，就是把账记清楚。", {"于任何一家小店", "适用于", "于任何"}),
        ("没有高度的耐心，就做不好更快的修理活。", {"快的修理活", "高度的耐心，就做不"}),
        ("我们把每一次返工都记在账上。", {"都记在账", "记在账"}),
        ("百分之百确定要赔的生意不接，有没有本钱都一样。", {"百确定要赔的生意", "没有本钱"}),
        ("人手少的店更要记账——这一条对新店尤其要紧。", {"记账——这一条", "要记账——这一条对新店"}),
    ],
)
def test_a_hole_takes_no_word_from_what_it_belongs_to(text: str, holes_not_there: set[str]) -> None:
    tokens = pinyin_words.parted(text, pinyin_lexicon.load(), {})
    found = {text[span.start : span.end] for span in holes.spans(holes.sentence_of(text, tokens, ""))}
    assert found
    assert not found & holes_not_there


def test_a_hole_does_not_begin_inside_of_a_word(tmp_path: Path) -> None:
    (card,) = cards(tmp_path, "守信用靠什么？靠把答应的事减少到做得完的数目。\n")
    assert re.findall(r"\{\{(.+?)\}\}", card.cloze) == ["做得完的数目"]


@pytest.mark.parametrize(
    ("text", "front"),
    [
        ("选人看三点：第一，看手；第二，看眼；第三，看心。\n", "选人看哪三点？"),
        ("選人看三點：第一，看手；第二，看眼；第三，看心。\n", "選人看哪三點？"),
        ("严的制度有两个特点：一是人人看得懂，二是人人逃不掉。\n", "严的制度有哪两个特点？"),
        ("开店的三个条件是：第一，位置；第二，手艺；第三，本钱。\n", "开店的三个条件是哪三个？"),
        ("二、三层的楼房这样修：第一，先打地基；第二，再砌砖墙。\n", "二、三层的楼房这样修：哪两点？"),
        ("三、楼房分两层：第一，楼下卖货；第二，楼上住人。\n", "楼房分哪两层？"),
        ("00后员工有两个特点：第一，敢问；第二，敢走。\n", "00后员工有哪两个特点？"),
        ("100人以下三种店最难：第一，饭店；第二，书店；第三，酒店。\n", "100人以下哪三种店最难？"),
        (
            "若有客人等不及，可以按如下方法处理：第一，先倒茶；第二，先修小件。\n",
            "若有客人等不及，有哪两种方法？",
        ),
        ("店里难免出几样差错，比如：第一，记错了价；第二，装错了件。\n", "店里难免出哪两样差错？"),
        (
            "掌柜拉着几个老伙计一起想办法：第一，少进货；第二，勤对账。\n",
            "掌柜拉着几个老伙计一起想办法：哪两点？",
        ),
        ("选人看以下三点：第一，看手；第二，看眼；第三，看心。\n", "选人看哪三点？"),
    ],
)
def test_a_list_is_asked_for_with_the_number_of_its_items(tmp_path: Path, text: str, front: str) -> None:
    listed = [card for card in cards(tmp_path, text) if card.items]
    assert [card.front for card in listed] == [front]


def test_a_sentence_that_only_stands_before_a_list_does_not_ask_for_it(tmp_path: Path) -> None:
    text = "# 小店的学问\n\n那一年门口的路修了整整三个月，来的客人一天比一天少了。\n第一，少进货。\n第二，勤对账。\n"
    assert [card.front for card in cards(tmp_path, text) if card.items] == ["“小店的学问”列出了哪两点？"]


def test_two_lists_of_one_section_are_told_apart(tmp_path: Path) -> None:
    text = (
        "# 开店的学问\n\n看它们。第一，价格写在墙上。第二，旧件交还客户。\n\n"
        "看它们。第一，员工自己排班。第二，老板自己值班。\n"
    )
    fronts = [card.front for card in cards(tmp_path, text) if card.items]
    assert len(fronts) == len(set(fronts)) == 2
    assert all("开店的学问" in front for front in fronts)


def test_the_title_of_a_section_stays_as_it_is_where_two_lists_are_told_apart(tmp_path: Path) -> None:
    text = (
        "# 账本列出了什么\n\n看它们。第一，价格写在墙上。第二，旧件交还客户。\n\n"
        "看它们。第一，员工自己排班。第二，老板自己值班。\n"
    )
    fronts = [card.front for card in cards(tmp_path, text) if card.items]
    assert fronts[1] == "“账本列出了什么”从“员工自己排班”说起，列出了哪两点？"


def test_a_label_that_stands_in_every_section_is_asked_with_it(tmp_path: Path) -> None:
    text = (
        "# 开店的学问\n\n## 第一章 进货的本子\n\n货要自己看过。\n\n可执行步骤：\n\n1. 先数库里的货\n2. 再问昨天的价\n\n"
        "## 第二章 卖货的本子\n\n话要自己讲过。\n\n可执行步骤：\n\n1. 把价格写在墙上\n2. 把旧件交还客户\n"
    )
    assert [card.front for card in cards(tmp_path, text) if card.items] == [
        "“进货的本子”的可执行步骤有哪两点？",
        "“卖货的本子”的可执行步骤有哪两点？",
    ]


def test_a_heading_that_gives_the_answer_is_not_shown(tmp_path: Path) -> None:
    text = "# 小店的学问\n\n## 把答应的事减少\n\n那天下雨。守信用的关键是把答应的事减少。后来他懂了。\n"
    asked = [card for card in cards(tmp_path, text) if card.back]
    assert [(card.back, card.section) for card in asked] == [("把答应的事减少", "小店的学问")]


def test_cards_with_the_same_answer_have_ids_of_their_own(tmp_path: Path) -> None:
    text = "开店的关键是说到做到的信用。\n看病的道理是说到做到的信用。\n"
    ids = [card.id for card in cards(tmp_path, text)]
    assert ids == ["shuodaozuodao-de-xinyong", "shuodaozuodao-de-xinyong-2"]


def test_no_question_is_asked_twice(tmp_path: Path) -> None:
    text = "所谓承诺，就是向客户预借的信任。\n大家都忘了。\n所谓承诺，就是说出口就要还的债。\n"
    assert [card.front for card in cards(tmp_path, text) if card.front] == ["什么是“承诺”？"]
