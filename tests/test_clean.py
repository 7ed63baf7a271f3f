"""Cases in tests/cases/clean: a page, `# output` its paragraphs, `# removed` the line and reason of each removal."""

from __future__ import annotations

from pathlib import Path

import pytest

from flashgen.clean import clean, mend_characters
from flashgen.records import Document
from flashgen.traced import Traced

CASES = sorted((Path(__file__).parent / "cases" / "clean").glob("*.txt"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case(case: Path) -> None:
    text, _, rest = case.read_text(encoding="utf-8").partition("# output\n")
    output, _, removed = rest.partition("# removed\n")
    page = clean(Document(case.name, text))
    assert [str(piece) for piece in page.paragraphs if str(piece)] == output.splitlines()
    assert [f"{one.line} {one.reason}" for one in page.removed] == removed.splitlines()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_character_knows_its_place_in_the_source(case: Path) -> None:
    text = case.read_text(encoding="utf-8").partition("# output\n")[0]
    for piece in clean(Document(case.name, text)).paragraphs:
        for char, offset in zip(piece.text, piece.offsets, strict=True):
            # An entity's character stands where the entity begins; a mark put back, where the character before it is.
            assert text[offset] == char or text[offset] in "&#" or not char.isalnum()


@pytest.mark.parametrize(
    ("found", "mended"),
    [
        ("利润&#xff0c;再说", "利润，再说"),
        ("利润#xff0c;再说", "利润，再说"),
        ("利润&#65292;再说", "利润，再说"),
        ("利润&amp;#xff0c;再说", "利润，再说"),
        ("&ldquo;诚意&rdquo;", "“诚意”"),
        ("A&amp;B", "A&B"),
        ("AT&T;公司", "AT&T;公司"),
        ("编号#12的货", "编号#12的货"),
        ("零\u200b宽\ufeff字\xad符", "零宽字符"),
        ("\u2f64户至上", "用户至上"),
        ("扫 描 的 文 字 是 这 样 的", "扫描的文字是这样的"),
        ("小米 MIX 手机", "小米 MIX 手机"),
    ],
)
def test_characters(found: str, mended: str) -> None:
    assert str(mend_characters(Traced.of(found), [])) == mended


@pytest.mark.parametrize(
    "text",
    [
        "城南路八号老街口左手边第三家面馆二楼王小姐 A 座收\n102 室老街口左手边第三家面馆李先生收\n",
        "先看客人亏不亏再看店里赚不赚这是第一条规矩谁也不许改\n先问清毛病再动手修理机器这是第二条规矩谁也不许改\n",
        "他的信条写在店门口。\n\n一共三行。\n\n先认错，再修机器 A  \n2 再赔钱，后记账  \n3 不怨客人\n\n说完就走。\n",
        "月亮照着老街口的招牌照着修了三十年机器的手\n手上的油洗不干净心里的账记得清楚谁也没有话说\n",
    ],
)
def test_lines_that_no_mark_ends_are_not_joined_without_reason(text: str) -> None:
    lines = [line.strip() for line in text.splitlines() if line]
    assert [str(piece) for piece in clean(Document("t.txt", text)).paragraphs if str(piece)] == lines


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("加强微信群运营", True),
        ("加大对微信生态的投入", True),
        ("添加新的主理人制度", True),
        ("欢迎添加店主的微信", False),
        ("添加小助手微信：laozhou88", False),
    ],
)
def test_an_invitation_to_be_in_touch_is_not_the_text_s(line: str, stays: bool) -> None:
    page = clean(
        Document(
            "t.txt", f"# 一家小店\n\n先把账算清楚，再把话说清楚。\n\n{line}\n\n答应的事要少，做到的事要多。\n"
        )
    )
    assert (line in map(str, page.paragraphs)) is stays
