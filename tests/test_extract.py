"""What becomes a candidate, and which of them are chosen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flashgen import phrases
from flashgen.clean import clean
from flashgen.extract import FLOOR, MAX_STRETCH, budget, choose, extract
from flashgen.hanzi import hanzi
from flashgen.phrases import bigrams
from flashgen.records import Candidate, Document, Text
from flashgen.segment import segment

LONG = "先把账算清楚，再把话说清楚，客户信的不是招牌，而是上一次你说到做到，所以答应的事要少，做到的事要多，"


def read(text: str) -> Text:
    return segment(clean(Document("text.txt", text)))


def best(text: str) -> Candidate:
    return extract(read(text))[0]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("所谓承诺，就是向客户预借的信任。", "definition"),
        ("客户买的不是一台修好的机器，而是这件事从此可以放下心来。", "contrast"),
        ("只有敢说不行的店，说行的时候才有人信。", "condition"),
        ("只有敢說不行的店，說行的時候才有人信。", "condition"),
        ("守信用的关键是把答应的事减少到做得完的数目。", "principle"),
    ],
)
def test_kinds_by_the_shape_of_the_sentence(text: str, kind: str) -> None:
    assert best(text).kind == kind


def test_a_point_is_worth_more_than_the_talk_around_it() -> None:
    talk = "那天下午外面下着小雨，我坐在店里喝茶，后来他走了进来。"
    point = "守信用没有别的诀窍，就是把答应的事减少到做得完的数目。"
    assert best(f"{talk}{point}大家好，下面我们来聊聊别的事情吧。").text == point


def test_words_that_lead_over_are_left_out_and_the_place_is_that_of_what_is_left() -> None:
    text = "他想了很久。所以，守信用的关键是把答应的事减少到做得完的数目。"
    found = best(text)
    assert found.text == "守信用的关键是把答应的事减少到做得完的数目。"
    assert text[found.offset :] == found.text


def test_answers_of_an_interview_stand_under_their_question_and_questions_are_no_cards() -> None:
    text = read(
        "记者：您怎么看价格战？\n陈总：价格战没有赢家，只有先倒下的人和后倒下的人。\n"
        "记者：那么小店应该靠什么活下来？\n陈总：靠手艺活下来，而不是靠便宜活下来。\n"
    )
    found = sorted(extract(text), key=lambda one: one.offset)
    assert [(one.section, one.speaker) for one in found] == [
        ("您怎么看价格战？", "陈总"),
        ("那么小店应该靠什么活下来？", "陈总"),
    ]


def test_a_sentence_without_end_is_cut_into_what_fits_on_a_card() -> None:
    source = LONG * 400
    text = read(source)
    found = extract(text)
    assert len(found) > 100
    for one in found:
        assert hanzi(one.text) <= 2 * MAX_STRETCH
        assert source[one.offset :].startswith(one.text)


def test_the_budget_grows_with_the_text() -> None:
    short, long = (read("把答应的事减少到做得完的数目。" * count) for count in (5, 1000))
    assert 3 == budget(short) < budget(long) < 150


def test_none_is_chosen_whose_subject_stands_in_another_sentence() -> None:
    found = extract(read("它的关键是把答应的事减少到做得完的数目。守信用的关键是把答应的事减少。"))
    assert [one.text for one in choose(found, 9, floor=-99)[0]] == ["守信用的关键是把答应的事减少。"]


def candidate(at: int, text: str) -> Candidate:
    return Candidate("principle", text, at, at, "", {}, 0.0)


@given(st.lists(st.text(alphabet="甲乙丙丁戊己庚辛", min_size=2, max_size=12), max_size=25))
def test_none_is_chosen_that_says_what_a_better_one_says(texts: list[str]) -> None:
    chosen: list[str] = []
    for text in texts:
        own = bigrams(text)
        others = map(bigrams, chosen)
        if not any(
            own == other
            if min(len(own), len(other)) < 4
            else len(own & other) > 0.6 * min(len(own), len(other))
            for other in others
        ):
            chosen.append(text)
    found, _ = choose([candidate(at, text) for at, text in enumerate(texts)], 99)
    assert [one.text for one in found] == chosen


def test_no_more_are_chosen_than_asked_for_and_in_the_order_of_the_source() -> None:
    found = [candidate(9 - at, text) for at, text in enumerate(("账要算清楚", "话要说明白", "人要看仔细"))]
    assert [one.text for one in choose(found, 2)[0]] == ["话要说明白", "账要算清楚"]


def test_a_list_told_in_one_sentence_stands_in_its_place() -> None:
    found = extract(read("开店要过三道关：位置要对，口碑要好，现金要够。"))
    assert [(one.text, one.items) for one in found] == [
        ("开店要过三道关：", ("位置要对", "口碑要好", "现金要够"))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "明天到底要不要开门，谁也说不准行不行。",
        "你说这样做生意，客户还会再来吗？",
        "第三是把旧件交还客户，让他看见换下来的是什么。",
        "如果要超过，就得老板本人签字才可以开单。",
        "第二种办法是把旧件交还客户，让他看见换下来的东西。",
        "不管修一台机器要花多少钱，换下来的件有多旧。",
        "突破点不是更快地把机器修好，而是：",
        "在第二种情况下，店主应该先把客人的机器还回去。",
        "忙的时候，他们必须先把答应客人的事写在本子上。",
    ],
)
def test_a_question_and_what_only_counts_on_are_no_cards(text: str) -> None:
    assert choose(extract(read(text)), 9, floor=-99)[0] == []


def test_what_the_author_tells_of_himself_has_to_be_worth_more() -> None:
    point = Candidate("principle", "守信用的关键是把答应的事减少。", 0, 0, "", {}, FLOOR + 0.1)
    told = replace(
        point,
        text="我那时把店门关了半个月。",
        offset=20,
        features={"first_person_story": 1.0},
        score=FLOOR + 0.5,
    )
    other = replace(point, text="账要当天记，过夜就会忘。", offset=40, score=FLOOR + 0.01)
    country = replace(told, text="自我管理是我国小店的短处。")
    assert choose([country], 9)[0] == [country]
    believed = replace(told, features={"first_person_story": 1.0, "conviction": 1.0})
    assert choose([told, point, other], 9)[0] == [point, other]
    assert choose([told, point, other], 2)[0] == [point]  # its place stays empty
    assert choose([told, point, other], 3, floor=-99)[0] == [point, told, other]
    assert choose([believed, point], 9)[0] == [point, believed]


@pytest.mark.parametrize(
    "text",
    [
        "便利店的核心竞争力是选址和陈列。",
        "就业是最大的民生，店主必须担起稳定就业的责任。",
        "才能必须和岗位相匹配，否则再优秀的人也会失败。",
        "第一性原理是把事情还原到最基本的事实，再重新推理。",
    ],
)
def test_the_first_hanzi_alone_does_not_tell_half_a_sentence(text: str) -> None:
    assert [one.text for one in choose(extract(read(text)), 9)[0]] == [text]


def test_what_a_name_stands_under_is_a_quotation() -> None:
    text = read(
        "# 账本\n\n> 账要当天记，过夜就会忘。\n\n> —— 老周，《账房先生》\n\n后来我们把账本写在墙上。\n"
    )
    kinds = {one.text: (one.kind, "maxim_said" in one.features) for one in extract(text)}
    assert kinds["账要当天记，过夜就会忘。"] == ("quote", True)
    assert kinds["后来我们把账本写在墙上。"][0] != "quote"


def test_questions_are_no_list() -> None:
    text = "# 关门以前\n\n关门以前问自己三个问题：\n\n- 今天的账记了没有？\n- 答应的事做了没有？\n- 旧件还了没有？\n"
    assert not [one for one in choose(extract(read(text)), 9, floor=-99)[0] if one.items]


def test_a_column_of_figures_is_no_list() -> None:
    text = "# 年终的账\n\n## 瘦身以后\n\n收支是这样的：\n\n- 收入：本月89,000元\n- 毛利润：17,000元\n- 支出：46 万\n"
    assert not [one for one in choose(extract(read(text)), 9, floor=-99)[0] if one.items]


def test_what_a_sentence_announces_is_a_card_without_whose_it_was() -> None:
    text = "那次以后他立了一个规矩，重大决定之前一定要找到一个反对的人，把理由写满半页纸。"
    chosen, _ = choose(extract(read(text)), 9, floor=-99)
    assert [one.text for one in chosen] == ["重大决定之前一定要找到一个反对的人，把理由写满半页纸。"]
    assert text[chosen[0].offset :] == chosen[0].text


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("虽然店小，东西也少，但修过的机器从来不回来。", ["虽然店小，东西也少，但修过的机器从来不回来。"]),
        (
            "等你把账算清楚以后，客户才会来，大家都知道。",
            ["等你把账算清楚以后，客户才会来，", "大家都知道。"],
        ),
        ("如果店小就不要多卖，先把一样东西做好。", ["如果店小就不要多卖，", "先把一样东西做好。"]),
    ],
)
def test_clauses_that_lead_up_to_the_next_stay_with_it(text: str, units: list[str]) -> None:
    assert [text[start:end] for start, end in phrases.units(text)] == units


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1）守信用的关键是把答应的事减少到做得完的数目。", "守信用的关键是把答应的事减少到做得完的数目。"),
        ("第二点，守信用的关键是把答应的事减少。", "守信用的关键是把答应的事减少。"),
        ("不过度承诺，才是对客户最大的负责。", "不过度承诺，才是对客户最大的负责。"),
        ("那么多店倒下，都是因为记不住答应过的事。", "那么多店倒下，都是因为记不住答应过的事。"),
        ("简单说来，守信用的关键是把答应的事减少。", "守信用的关键是把答应的事减少。"),
    ],
)
def test_a_point_stands_without_its_number(text: str, found: str) -> None:
    assert best(text).text == found


def test_no_half_of_a_quotation_mark_is_left() -> None:
    quoted = "”".join(("“" + "先把账算清楚再说。" * 12, "他说完就走了。"))
    assert all(one.text.count("“") == one.text.count("”") for one in extract(read(quoted)))


def test_a_sentence_without_the_mark_that_opens_its_quotation_is_whole() -> None:
    quoted = "“守信用的关键是把答应的事减少到做得完的数目。" + "先把账算清楚再说。" * 16 + "”他说完就走了。"
    (found,) = [one for one in extract(read(quoted)) if one.text.startswith("守信用")]
    assert not {"begins_inside", "ends_inside"} & found.features.keys()


def test_words_that_only_lead_on_are_left_out_at_the_end() -> None:
    text = f"{LONG}{LONG}掌柜的规矩只有一条，答应过的事要写在墙上，也就是说，，，{LONG}"
    assert not [one.text for one in extract(read(text)) if one.text.rstrip("，").endswith("也就是说")]


@pytest.mark.parametrize("filling", [" ", "，", "，所以说", "**", "虽然", "第一、", "1.2.", "1）"])
def test_what_stands_behind_thousands_of_the_same_sign_is_found(filling: str) -> None:
    point = "守信用的关键是把答应的事减少到做得完的数目。"
    found = extract(
        read(f"{LONG}{LONG}{filling * 1000}。{point}")
    )  # a pattern that backtracks would never come here
    assert point in [one.text for one in found]
