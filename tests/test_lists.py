"""Lists as authors write them: over paragraphs, inside a sentence, with bullets, one in another."""

from __future__ import annotations

import pytest

from flashgen.clean import clean
from flashgen.lists import find_lists
from flashgen.records import Document, Text
from flashgen.segment import segment


def read(text: str) -> Text:
    return segment(clean(Document("text.txt", text)))


FOUND = {
    "over paragraphs, with prose between": (
        "做生意有三条规矩。\n第一，价格写在墙上。\n便宜一分也是便宜。\n第二，旧件交还客户。\n第三，迟到不收上门费。\n",
        "做生意有三条规矩。",
        ["价格写在墙上。", "旧件交还客户。", "迟到不收上门费。"],
    ),
    "inside one sentence": (
        "选人看三点：第一，看他怎么对待服务员；第二，看他怎么谈论前老板；第三，看他怎么输。\n",
        "选人看三点：",
        ["看他怎么对待服务员", "看他怎么谈论前老板", "看他怎么输。"],
    ),
    "in traditional characters": (
        "選人看三點：第一，看他怎麼對待服務員；第二，看他怎麼談論前老闆；第三，看他怎麼輸。\n",
        "選人看三點：",
        ["看他怎麼對待服務員", "看他怎麼談論前老闆", "看他怎麼輸。"],
    ),
    "首先, 其次 and 第三 mixed": (
        "涨价之前要做三件事。首先，把成本算清楚。其次，把老客户的名单拉出来。第三，把理由写成一句话。\n",
        "涨价之前要做三件事。",
        ["把成本算清楚。", "把老客户的名单拉出来。", "把理由写成一句话。"],
    ),
    "closed by 最后": (
        "开店要想清楚几件事。首先，想清楚卖给谁。其次，想清楚为什么是你。最后，想清楚什么时候关门。\n",
        "开店要想清楚几件事。",
        ["想清楚卖给谁。", "想清楚为什么是你。", "想清楚什么时候关门。"],
    ),
    "一是, 二是": (
        "好的制度有两个特点：一是人人看得懂，二是人人逃不掉。\n",
        "好的制度有两个特点：",
        ["人人看得懂", "人人逃不掉。"],
    ),
    "counted, parted by semicolons": (
        "我们和父亲谈了三个月，谈出三条界线：可以问，不可以批；可以教，不可以派；可以骂我，不可以在人前骂我。\n",
        "我们和父亲谈了三个月，谈出三条界线：",
        ["可以问，不可以批", "可以教，不可以派", "可以骂我，不可以在人前骂我"],
    ),
    "counted, parted by commas": (
        "明年请大家记住三个“不”：不接没把握的单，不开没备货的线，不提没带过徒弟的人。\n",
        "明年请大家记住三个“不”：",
        ["不接没把握的单", "不开没备货的线", "不提没带过徒弟的人"],
    ),
    "counted names, the last after 和": (
        "小店要过三关：位置、口碑和现金。\n",
        "小店要过三关：",
        ["位置", "口碑", "现金"],
    ),
    "counted names, and then the sentence goes on": (
        "小店要过三关：位置、口碑和现金，过得去的人不多，都是老实人。\n",
        "小店要过三关：",
        ["位置", "口碑", "现金"],
    ),
    "counted, with numbers in brackets": (
        "师傅留下两句话：1）活要往细里干；（2）话要往小里说。\n",
        "师傅留下两句话：",
        ["活要往细里干", "话要往小里说"],
    ),
    "all begin with 是": (
        "他学会两样。第一，是把账算清楚。第二，是把话说明白。\n",
        "他学会两样。",
        ["把账算清楚。", "把话说明白。"],
    ),
    "all begin with 是不是": (
        "决定之前问三句。第一，是不是真的要。第二，是不是做得到。第三，是不是非今天不可。\n",
        "决定之前问三句。",
        ["是不是真的要。", "是不是做得到。", "是不是非今天不可。"],
    ),
    "the noun behind the mark": (
        "店里有三种人。第一种人，只说不做。第二种人，只做不说。第三种人，边做边说。\n",
        "店里有三种人。",
        ["只说不做。", "只做不说。", "边做边说。"],
    ),
    "counted names, and what is said of both": (
        "好店有两个要素：手艺、记性，两样都不能少。\n",
        "好店有两个要素：",
        ["手艺", "记性"],
    ),
    "ordinals before 到 and 和": (
        "学徒有三步。第一步到柜台听客人说话。第二步和师傅修机器。第三步自己上门。\n",
        "学徒有三步。",
        ["到柜台听客人说话。", "和师傅修机器。", "自己上门。"],
    ),
    "人 as an item": (
        "开店靠三样。一是人：要找合适的店长；二是货：要选好卖的东西；三是场：要摆得顺手。\n",
        "开店靠三样。",
        ["人：要找合适的店长", "货：要选好卖的东西", "场：要摆得顺手。"],
    ),
    "counted, with names in every part": (
        "掌柜要管好两件事：进货、记账要快，修理、退钱要稳。\n",
        "掌柜要管好两件事：",
        ["进货、记账要快", "修理、退钱要稳"],
    ),
    "numbers before a comma": (
        "退货这样办。\n1，先说声道歉，再把钱退掉。\n2，后问清原因，记在本子上。\n",
        "退货这样办。",
        ["先说声道歉，再把钱退掉。", "后问清原因，记在本子上。"],
    ),
    "counted, all in one quotation": (
        "師傅留下兩句話：「活要往細裡幹，話要往小裡說」。\n",
        "師傅留下兩句話：",
        ["活要往細裡幹", "話要往小裡說"],
    ),
    "letters": (
        "招人有三个标准：\nA) 说话算数\nB) 做事有数\nC) 心里没鬼\n",
        "招人有三个标准：",
        ["说话算数", "做事有数", "心里没鬼"],
    ),
    "short numbered lines, which might be headings": (
        "退货有三步：\n1. 先道歉\n2. 再退钱\n3. 后问原因\n",
        "退货有三步：",
        ["先道歉", "再退钱", "后问原因"],
    ),
    "circled numbers": (
        "退货有三步：\n① 先说声道歉\n② 再把钱退掉\n③ 后问清原因\n",
        "退货有三步：",
        ["先说声道歉", "再把钱退掉", "后问清原因"],
    ),
    "bullets, with emphasis": (
        "开会的规矩是：\n\n- **没有议题**不开会\n- 没有结论不散会\n\n散会以后各做各的事情。\n",
        "开会的规矩是：",
        ["没有议题不开会", "没有结论不散会"],
    ),
    "marks that stand alone": (
        "规矩只有两条。\n第一。\n价格写在墙上。\n第二。\n旧件交还客户。\n",
        "规矩只有两条。",
        ["价格写在墙上。", "旧件交还客户。"],
    ),
    "headings that count": (
        "老板的功课\n\n一、学会算账\n账算不清楚的人，心里没有底。\n\n二、学会认错\n肯认错的人，才有人肯说真话。\n\n后来呢，他都学会了。\n",
        "",
        ["学会算账", "学会认错"],
    ),
}


def test_bullets_below_bullets_are_lists_of_their_own() -> None:
    source = (
        "好店有两样：\n- 好东西\n  - 卖得出去\n  - 修得好\n- 好掌柜\n\n散会以后各做各的。\n- 收摊\n- 对账\n"
    )
    found = [(one.intro, [item.text for item in one.items], one.asked) for one in find_lists(read(source))]
    assert found == [
        ("好店有两样：", ["好东西", "好掌柜"], True),
        ("好东西", ["卖得出去", "修得好"], True),
        ("散会以后各做各的。", ["收摊", "对账"], False),
    ]


@pytest.mark.parametrize("name", FOUND)
def test_a_list_and_what_introduces_it(name: str) -> None:
    source, intro, items = FOUND[name]
    (found,) = find_lists(read(source))
    assert found.intro == intro
    assert [item.text for item in found.items] == items
    for item in found.items:
        assert source.replace("**", "  ")[item.offset :].lstrip().startswith(item.text[:2])


def test_a_list_in_an_item_of_another() -> None:
    outer, inner = find_lists(
        read(
            "我们只讲两条。\n第一，管好钱。管钱有两点：一是先收后付，二是先算后花。\n第二，管好人。管人靠的是规矩。\n"
        )
    )
    assert [item.text for item in outer.items] == ["管好钱。", "管好人。"]
    assert (inner.intro, [item.text for item in inner.items]) == (
        "管钱有两点：",
        ["先收后付", "先算后花。"],
    )


@pytest.mark.parametrize(
    "text",
    [
        "第一天我们只卖了三碗面。第二天我们卖了五碗面。第三天下雨没有人来。\n",
        "第二，旧件交还客户。第三，迟到不收上门费。\n",
        "第一，价格写在墙上。\n" + "这里讲的是一个与规矩无关的故事。" * 250 + "\n第二，旧件交还客户。\n",
        "第一章 开店\n\n开店的人要想清楚卖给谁。\n\n第三章 关店\n\n关店的人要想清楚欠了谁。\n",
        "第一层的责任最重，谁都不能推给别人。第二层的责任是看着它。\n",
        "我把第一个版本交了出去，客户骂了我一顿。第二个版本又改了半年，才算过关。\n",
        "店是大家的，这是第一点。第二点，账是公开的。\n",
    ],
    ids=[
        "days",
        "no first",
        "too far apart",
        "a chapter is missing",
        "of the first",
        "the first version",
        "behind",
    ],
)
def test_what_only_looks_like_a_list(text: str) -> None:
    assert find_lists(read(text)) == []


def test_thousands_of_beginnings_are_no_list() -> None:
    assert find_lists(read("第一，价格写在墙上，一分不多，一分不少。\n" * 5000)) == []
