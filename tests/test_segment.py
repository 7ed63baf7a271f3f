"""Headings, items, speakers; sentences that respect quotation marks."""

from __future__ import annotations

import pytest

from flashgen.clean import clean
from flashgen.records import Document, Text
from flashgen.segment import is_heading, segment, split_sentences


def read(text: str) -> Text:
    return segment(clean(Document("x.txt", text)))


@pytest.mark.parametrize(
    "sentences",
    [
        ["先做人。", "再做事！", "为什么？"],
        ["他说：“先别急。等一等。”", "大家都等着。"],
        ["“先别急。等一等。”他说。", "大家都等着。"],
        ["“诚信”是底线。", "“诚信”也是生意。"],
        ["他总说“没事。有我。”这样的话。"],
        ["没想到……", "后来又来了一次。"],
        ["也许……，也许不会。"],
        ["Focus on the user.", "这是第一条。"],
        ["版本是MIUI 12.5的。", "均价3.5元。"],
        ["「先做小。再做大。」這是他的話。", "沒有人信。"],
        ["真的吗？！", "真的。"],
        ["没有句号的一行"],
        ['他说"先别急。等一等。"', "大家都等着。"],
    ],
    ids=lambda sentences: sentences[0],
)
def test_sentences(sentences: list[str]) -> None:
    text = "".join(sentence + (" " if sentence.endswith(".") else "") for sentence in sentences)
    assert [text[start:end].strip() for start, end in split_sentences(text)] == sentences


def test_a_quotation_that_never_closes_does_not_swallow_the_text() -> None:
    text = "他说“先别急。" + "大家都等着看结果。" * 20
    assert len(list(split_sentences(text))) == 21


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("把承诺写小一点", True),
        ("第四章 慢下来的工厂", True),
        ("第一百零八章 慢下来的工厂为什么快？", True),
        ("第十一课 怎样记账", True),
        ("Chapter 8: 账本为什么要两本?", True),
        ("一、先看账，再看人", False),
        ("“便宜”不是本事", True),
        ("我们先看一个例子。", False),
        ("为什么要这样做？", False),
        ("他后来又说过", False),
        ("好的", False),
        ("1. 报价", True),
        ("1. 先报价，再看货。", False),
    ],
)
def test_headings(line: str, expected: bool) -> None:
    assert is_heading(line) is expected


def test_markdown_is_read_and_taken_off() -> None:
    text = read(
        "# 小店经营\n\n开店先看**人流**，再看[租金](http://x.test/a)。\n\n定价\n----\n\n- 先算成本\n- 再看对手\n\n"
        "![店面](a.png)\n\n街角的小店\n\n> 便宜不是本事。\n"
    )
    kinds = [(block.kind, block.level, str(block.text)) for block in text.blocks]
    assert kinds == [
        ("heading", 1, "小店经营"),
        ("paragraph", 0, "开店先看人流，再看租金。"),
        ("heading", 2, "定价"),
        ("item", 0, "先算成本"),
        ("item", 0, "再看对手"),
        ("paragraph", 0, "便宜不是本事。"),
    ]
    assert text.blocks[1].bold == ("人流",)
    assert [(removal.reason, removal.line) for removal in text.removed] == [("image", 11), ("caption", 13)]


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("开店要*说得清*才算", "开店要说得清才算"),
        ("***诚实***是底线，也是_规矩_", "诚实是底线，也是规矩"),
        (r"\*打折\*要说明原因", "*打折*要说明原因"),
        ("3*4*5等于60，文件叫 a_b_c.txt", "3*4*5等于60，文件叫 a_b_c.txt"),
        ("不看合同~~也不付款~~也敢付款", "不看合同也敢付款"),
        ('<font color="red">守约</font>的人<u>才有</u>下一单', "守约的人才有下一单"),
        ("a < b 的时候，<什么> 都可能", "a < b 的时候，<什么> 都可能"),
    ],
)
def test_inline_signs_are_taken_off(line: str, plain: str) -> None:
    assert str(read(f"# 题目\n\n{line}，这一句说完了。\n").blocks[1].text) == f"{plain}，这一句说完了。"


def test_a_conversation_names_its_speakers_and_knows_who_asks() -> None:
    text = read(
        "记者：您怎么看价格战？\n陈总：价格战没有赢家。\n谁先降价，谁先难受。\n记者：那靠什么？\n陈总：靠手艺。\n"
    )
    assert [(block.speaker, block.asks) for block in text.blocks] == [
        ("记者", True),
        ("陈总", False),
        ("陈总", False),
        ("记者", True),
        ("陈总", False),
    ]
    assert str(text.blocks[1].text) == "价格战没有赢家。"


def test_a_colon_at_the_end_of_what_is_said_stays() -> None:
    text = read("记者：您怎么看？\n陈总：只有三条规矩：\n记者：哪三条？\n陈总：账、人、货。\n")
    assert str(text.blocks[1].text) == "只有三条规矩："


def test_a_page_with_figures_in_its_name_may_ask() -> None:
    text = read("36号店：靠什么？\n陈总：靠手艺。\n36号店：还靠什么？\n陈总：靠时间。\n")
    assert [(block.speaker, block.asks) for block in text.blocks[:2]] == [("36号店", True), ("陈总", False)]


def test_a_question_as_a_heading_and_a_name_alone_in_its_line() -> None:
    text = read(
        "# 老周：一家面馆的账本\n\n### **晚报：先看哪一行？**\n\n**老周：**\n\n先看欠的，再看赚的。\n\n"
        "## 后来的事\n\n### **晚报：那写哪一行？**\n\n老周：写今天谁没来。\n"
    )
    assert [(block.kind, block.speaker, block.asks, str(block.text)) for block in text.blocks[1:]] == [
        ("paragraph", "晚报", True, "先看哪一行？"),
        ("paragraph", "老周", False, "先看欠的，再看赚的。"),
        ("heading", "", False, "后来的事"),
        ("paragraph", "晚报", True, "那写哪一行？"),
        ("paragraph", "老周", False, "写今天谁没来。"),
    ]
    assert text.title == "老周：一家面馆的账本"


@pytest.mark.parametrize(
    ("line", "kind", "plain"),
    [
        ("**5.开张前的功课**", "heading", "5.开张前的功课"),
        ("**先把账算清楚，再把话说清楚。**", "paragraph", "先把账算清楚，再把话说清楚。"),
        ("## # 开张前的功课", "heading", "开张前的功课"),
        ("## 开张前的功课  ###", "heading", "开张前的功课"),
        ("## 开张前学C#", "heading", "开张前学C#"),
        ("## ——开张前的功课", "heading", "开张前的功课"),
        ("1.5 亿用户的信任，才是最重的本钱。", "paragraph", "1.5 亿用户的信任，才是最重的本钱。"),
        ("8，是他最看重的数字，因为好记。", "paragraph", "8，是他最看重的数字，因为好记。"),
        ("A，B两家店的差别不在手艺，在记性。", "paragraph", "A，B两家店的差别不在手艺，在记性。"),
        ("** _2._** 先把账算清楚，再把话说清楚。", "item", "先把账算清楚，再把话说清楚。"),
        ("**4、** 先把账算清楚，再把话说清楚。", "item", "先把账算清楚，再把话说清楚。"),
        ("**4** 家店里先把账算清楚的有两家。", "paragraph", "4 家店里先把账算清楚的有两家。"),
        ("＊先把账算清楚，再把话说清楚。", "item", "先把账算清楚，再把话说清楚。"),
        ("    <td>先把账算清楚，再把话说清楚。</td>", "paragraph", "先把账算清楚，再把话说清楚。"),
    ],
)
def test_what_stands_before_and_around_a_line(line: str, kind: str, plain: str) -> None:
    block = read(
        f"开店的人都想过这一句话，想明白的不多。\n\n{line}\n\n后来呢，大家都忘了这一句话。\n"
    ).blocks[1]
    assert (block.kind, str(block.text)) == (kind, plain)


def test_points_of_a_point_are_items_of_one_list() -> None:
    text = read("第五条讲退货，大家都要记牢。\n5.1 先说声道歉，再把钱退掉。\n5.2 后问清原因，记在本子上。\n")
    kinds = [(block.kind, block.marker, str(block.text)) for block in text.blocks[1:]]
    assert kinds == [
        ("item", "5.", "先说声道歉，再把钱退掉。"),
        ("item", "5.", "后问清原因，记在本子上。"),
    ]


def test_a_bold_line_that_is_quoted_is_no_heading() -> None:
    text = read(
        "# 题目\n\n开店的人都想过这一句话，想明白的不多。\n\n> **便宜不是本事**\n\n后来呢，大家都忘了这一句话。\n"
    )
    assert [(block.kind, block.bold) for block in text.blocks[2:3]] == [("paragraph", ("便宜不是本事",))]


@pytest.mark.parametrize("title", ["第二条曲线上的功课", "10 个开店的原则", "00后员工的第一课"])
def test_a_title_with_a_figure_in_it_is_a_title(title: str) -> None:
    assert read(f"# {title}\n\n先把账算清楚，再把话说清楚。\n").title == title


@pytest.mark.parametrize("title", ["第四章　把承诺写小一点", "三、定价的道理"])
def test_a_chapters_heading_is_the_title(title: str) -> None:
    assert read(f"{title}\n先把账算清楚，再把话说清楚。\n\n小标题在这里\n账要还，话要圆。\n").title == title


def test_a_rule_below_nothing_is_no_heading() -> None:
    text = read("先把账算清楚，再把话说清楚。\n\n<b></b>\n====\n\n<p>\n---\n\n账要还，话要圆，这是规矩。\n")
    assert [block.kind for block in text.blocks if str(block.text)] == ["paragraph", "paragraph"]
    assert all(str(block.text) for block in text.blocks if block.kind == "heading")


def test_a_numbered_heading_is_not_the_title() -> None:
    assert (
        read("一、开张前的功课\n先把账算清楚，再把话说清楚。\n\n二、关张后的功课\n账要还，话要圆。\n").title
        == ""
    )


def test_sentences_keep_their_offset_and_section() -> None:
    source = (
        "小店经营\n先看人流，再看租金，这是老话。\n定价的学问\n价格是说给客户听的话。成本是说给自己听的话。\n"
    )
    text = read(source)
    assert [text.sections[one.section].heading for one in text.sentences] == [
        "小店经营",
        "定价的学问",
        "定价的学问",
    ]
    for sentence in text.sentences:
        assert source[sentence.offset :].startswith(sentence.text)


def test_a_quotation_mark_with_nothing_behind_it_quotes_nothing() -> None:
    text = read("> \u200b> \n\n>\n价格是说给客户听的话，成本是说给自己听的话。\n")
    assert [sentence.text for sentence in text.sentences] == ["价格是说给客户听的话，成本是说给自己听的话。"]
