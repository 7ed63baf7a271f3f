from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flashgen import pinyin
from flashgen.orthography import Misfit, accent, lay, spell, spoken
from flashgen.records import Word

CASES = Path(__file__).parent / "cases" / "pinyin"


def rows(name: str) -> list[tuple[str, ...]]:
    lines = (CASES / name).read_text("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if line and line[0] != "#"]


@pytest.mark.parametrize(("clause", "text", "line"), rows("orthography.tsv"))
def test_spells_by_the_standard(clause: str, text: str, line: str) -> None:
    assert spell(next(pinyin.annotate([text]))) == line, clause


@pytest.mark.parametrize(("text", "line"), [(row[1], row[2]) for row in rows("orthography.tsv")])
def test_lays_back_what_it_spells(text: str, line: str) -> None:
    words = next(pinyin.annotate([text]))
    laid = lay(text, line)
    assert "".join(w.text for w in laid) == text
    assert [s.lower() for w in laid for s in w.syllables] == [s.lower() for w in words for s in w.syllables]


@pytest.mark.parametrize(
    ("text", "plain", "aloud"),
    [
        ("一个人不是不去", "Yī gè rén bù shì bù qù", "Yí gè rén bú shì bú qù"),
        ("第一天", "Dì-yī tiān", "Dì-yī tiān"),
        ("一般不去", "Yībān bù qù", "Yìbān bú qù"),
        ("统一的价格", "Tǒngyī de jiàgé", "Tǒngyī de jiàgé"),
    ],
)
def test_sandhi_only_where_asked(text: str, plain: str, aloud: str) -> None:
    words = next(pinyin.annotate([text]))
    assert spell(words) == plain
    assert spell(spoken(words)) == aloud


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("gan3", "gǎn"), ("lv4", "lǜ"), ("lu:4", "lǜ"), ("nüe4", "nüè"), ("de5", "de"), ("de0", "de"),
        ("gui4", "guì"),
        ("liu2", "liú"), ("dou1", "dōu"), ("Xiao3", "Xiǎo"), ("xiong2", "xióng"), ("hǎo", "hǎo"), ("r", "r"),
        ("m²", "m²"),
    ],
)  # fmt: skip
def test_accents_numbers(typed: str, written: str) -> None:
    assert accent(typed) == written


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("感动人心", "gan3dong4 ren2xin1", ["感动 gǎn dòng", "人心 rén xīn"]),
        ("绿女", "lv4 nǚ", ["绿 lǜ", "女 nǚ"]),
        ("西安", "Xīān", ["西安 xī ān"]),
        ("反感方案", "fǎngǎn fāng'àn", ["反感 fǎn gǎn", "方案 fāng àn"]),
        ("他说：“好”", 'tā shuō: "hǎo"', ["他 tā", "说 shuō", "： ", "“ ", "好 hǎo", "” "]),
        ("用MIUI 12.5的人", "yòng MIUI 12.5 de rén",
         ["用 yòng", "MIUI ", "  ", "12 ", ". ", "5 ", "的 de", "人 rén"]),
        ("花儿", "huār", ["花儿 huā r"]),
        ("王明在北京大学", "Wáng Míng zài Běijīng Dàxué",
         ["王 wáng", "明 Míng", "在 zài", "北京 Běi jīng", "大学 Dà xué"]),
    ],
)  # fmt: skip
def test_lays_what_people_type(text: str, line: str, words: list[str]) -> None:
    assert [f"{w.text} {' '.join(w.syllables)}" for w in lay(text, line)] == words


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("感动", "gǎn", 4, "ends before '动'"),
        ("感动", "gǎn dòng rén", 10, "has 'rén' where the text has ended"),
        ("感动", "gǎn dxng", 5, "'dxng' is no pinyin syllable"),
        ("感动人", "gǎndòngrénxīn", 11, "has 'xīn' too much after '人'"),
        ("A股好", "B gǔ hǎo", 1, "has 'A' where the pinyin has 'B'"),
        ("好", "", 1, "ends before '好'"),
        ("好人", "hǎo 5 rén", 5, "has '人' where the pinyin has '5'"),
    ],
)
def test_says_where_pinyin_does_not_fit(text: str, line: str, column: int, message: str) -> None:
    with pytest.raises(Misfit, match=re.escape(message)) as caught:
        lay(text, line)
    assert caught.value.column == column


HANZI = "长重行得地着了还都为和好花儿女安爱二恩西方案反感一不第三十百个们子人心价格"
TEXTS = st.text(alphabet=HANZI + "，。！？：“”、 Aa9.%-—《》", max_size=40)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_any_text_survives_annotating_spelling_and_laying(text: str) -> None:
    words = next(pinyin.annotate([text]))
    assert "".join(w.text for w in words) == text
    assert all(len(w.syllables) in (0, len(w.text)) for w in words)
    laid = lay(text, spell(words))
    assert "".join(w.text for w in laid) == text
    assert [s.lower() for w in laid for s in w.syllables] == [s.lower() for w in words for s in w.syllables]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=20), st.text(alphabet="abdeghinoruxyzvü ǎǒ1234'-,.A9好", max_size=20))
def test_lay_fits_or_says_misfit(text: str, line: str) -> None:
    try:
        laid, column = lay(text, line), 1
    except Misfit as misfit:
        laid, column = (Word(text),), misfit.column
    assert 1 <= column <= len(unicodedata.normalize("NFC", line)) + 1
    assert "".join(w.text for w in laid) == text


def test_needs_no_dictionary_or_numpy() -> None:
    code = (
        "import sys; from flashgen.orthography import lay, spell; spell(lay('感动', 'gǎndòng'));"
        "sys.exit(bool({'jieba', 'pypinyin', 'numpy', 'flashgen.pinyin_lexicon'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_names_keep_their_capitals_inside_a_word() -> None:
    assert spell([Word("他"), Word("北京大学", ("Běi", "jīng", "Dà", "xué"))]).endswith("Běijīng Dàxué")
