from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flashgen import pinyin, pinyin_lexicon
from flashgen.orthography import Misfit, lay, spell
from flashgen.pinyin_lexicon import load
from flashgen.records import Word

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases" / "pinyin"
SHARED = ROOT.parent / "shared" / "eval"


def annotated(text: str, **options: object) -> tuple[Word, ...]:
    return next(pinyin.annotate([text], **options))  # type: ignore[arg-type]


def said(text: str, **options: object) -> str:
    return " ".join(s for w in annotated(text, **options) for s in w.syllables)


def rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]


def marked(text: str) -> tuple[str, list[int]]:
    """Take the brackets out of a text: the text and the places of the hanzi that stood in them."""
    places = [m.start(1) - 2 * n - 1 for n, m in enumerate(re.finditer("〔(.)", text))]
    return re.sub("[〔〕]", "", text), places


@pytest.mark.parametrize(("text", "readings"), rows(CASES / "readings.tsv"))
def test_reads_polyphones_by_word_and_context(text: str, readings: str) -> None:
    plain, places = marked(text)
    syllables = [s for _, s in pinyin.pairs(annotated(plain))]
    assert [(syllables[p] or "").lower() for p in places] == readings.lower().split()


@pytest.mark.parametrize(
    ("word", "reading", "example"),
    [(row[0], row[3], row[4]) for row in rows(ROOT / "flashgen" / "data" / "rules.tsv")],
)
def test_every_rule_settles_its_example(word: str, reading: str, example: str) -> None:
    plain, [place] = marked(example)
    pairs = pinyin.pairs(annotated(plain))[place : place + len(word)]
    assert "".join(c for c, _ in pairs) == word
    assert [s.lower() for _, s in pairs if s] == reading.lower().split()


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("為什麼", "wèi shén me"),
        ("頭髮發展", "tóu fa fā zhǎn"),
        ("他長得很高，還要長大", "tā zhǎng de hěn gāo hái yào zhǎng dà"),
        ("乾淨的幹部，乾隆", "gān jìng de gàn bù Qián lóng"),
        ("看著著名的學者", "kàn zhe zhù míng de xué zhě"),
        ("他指著遠處，屋裡藏著貓", "tā zhǐ zhe yuǎn chù wū li cáng zhe māo"),
        ("三隻貓只吃魚", "sān zhī māo zhǐ chī yú"),
        ("行業與銀行，重新調整", "háng yè yǔ yín háng chóng xīn tiáo zhěng"),
        ("著名", "zhù míng"),
    ],
)
def test_reads_traditional_characters(text: str, reading: str) -> None:
    assert said(text) == reading


def test_texts_come_back_in_order_and_whole() -> None:
    texts = [
        "",
        "你好",
        "MIUI 12.5",
        "  两 端 ",
        "😀好𠮷",
        "a\tb\nc",
        "！" * 300,
        "长" * 700,
        "便宜的东西" * 99,
        "々〇",
    ]
    for text, words in zip(texts, pinyin.annotate(texts), strict=True):
        assert "".join(w.text for w in words) == text
        assert all(len(w.syllables) in (0, len(w.text)) for w in words)


def test_streams() -> None:
    taken = 0

    def texts() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield "我们去银行"

    next(pinyin.annotate(texts()))
    assert taken == pinyin.BATCH


def test_a_line_is_read_alike_alone_and_among_others() -> None:
    texts = ["他长得很高", "一行人在银行", "为了长大", "重要的重复"]
    assert [next(pinyin.annotate([t])) for t in texts] == list(pinyin.annotate(texts))


def test_readings_of_the_deck_win_and_hold_words_together() -> None:
    readings = {"开市客": "Kāishìkè", "长安": "zhang3'an1", "雷军": "Léi Jūn"}
    words = annotated("雷军在开市客看长安", readings=readings)
    assert [w.text for w in words] == ["雷", "军", "在", "开市客", "看", "长安"]
    assert spell(words) == "Léi Jūn zài Kāishìkè kàn zhǎng'ān"
    assert [w.text for w in annotated("社会关系", readings={"社会关系": "shèhuìguānxi"})] == ["社会关系"]
    assert [w.text for w in annotated("社会关系")] == ["社会", "关系"]


def test_a_reading_that_does_not_fit_is_refused() -> None:
    with pytest.raises(Misfit):
        annotated("开市客", readings={"开市客": "Kāishì"})


def test_terms_that_the_source_repeats_are_words() -> None:
    text = "麦丰客是一家店。我们去麦丰客买东西，他们也喜欢麦丰客。大家都说麦丰客好，所以麦丰客有名。"
    terms = pinyin.repeated_terms(text)
    assert terms == ["麦丰客"]
    assert "麦丰客" in [w.text for w in annotated("我爱麦丰客", terms=terms)]
    assert pinyin.repeated_terms("我们买东西，你们卖东西，他们看东西。") == []


def test_persons_are_known_by_their_surroundings() -> None:
    assert spell(annotated("创始人任小云说")) == "Chuàngshǐrén Rén Xiǎoyún shuō"
    assert spell(annotated("他任组长")) == "Tā rèn zǔzhǎng"


def test_a_person_named_once_is_one_throughout_the_source() -> None:
    terms = pinyin.repeated_terms("任小云认为修表要慢。后来任小云收了徒弟。")
    assert terms == ["任小云"]
    assert spell(annotated("后来任小云收了徒弟", terms=terms)) == "Hòulái Rén Xiǎoyún shōule túdì"


def test_lexical_leaves_out_neutral_tones() -> None:
    assert said("认识朋友") == "rèn shi péng you"
    assert said("认识朋友们", lexical=True) == "rèn shí péng yǒu men"


def test_pairs_give_each_character_its_syllable() -> None:
    assert pinyin.pairs(annotated("好，A")) == [("好", "hǎo"), ("，", None), ("A", None)]


def test_a_word_that_could_be_read_otherwise_says_so() -> None:
    assert [word.unsure for word in annotated("我们是朋友")] == [(), (), ()]
    unsure = [word for word in annotated("山路长") if word.unsure]
    assert [(word.text, word.syllables, word.unsure) for word in unsure] == [("长", ("cháng",), ("zhǎng",))]


def test_hand_made_words_are_in_the_lexicon_form() -> None:
    lexicon = load()
    for word, readings, *_ in rows(ROOT / "flashgen" / "data" / "words.tsv"):
        assert all(len(r.split()) == len(word) for r in readings.split("/")), word
        entry = lexicon.get(word)
        assert entry
        assert entry.readings, word


def test_annotating_loads_no_jieba_or_pypinyin_and_says_nothing() -> None:
    code = (
        "import sys; from flashgen import pinyin; list(pinyin.annotate(['银行']));"
        "sys.exit(bool({'jieba', 'pypinyin'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the evaluation texts are not beside the checkout")
@pytest.mark.parametrize(
    ("args", "floors"),
    [
        (["running", "pinyin_dev.jsonl"], {"strict": 99.5, "sentences": 92.0}),
        (["cpp", "cpp_dev.sent", "cpp_dev.lb"], {"right": 99.0}),  # trained on it: guards against slips
    ],
)
def test_accuracy_floor(args: list[str], floors: dict[str, float]) -> None:
    lexical = ["--lexical"] if args[0] == "cpp" else []
    command = ["--", sys.executable, "-m", "flashgen", "pinyin", "--json", *lexical]
    score = [sys.executable, str(SHARED / "pinyin_score.py"), args[0], *(str(SHARED / a) for a in args[1:])]
    out = subprocess.run([*score, *command], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    for name, floor in floors.items():
        found = re.search(rf"{name} ([\d.]+)", out)
        assert found
        assert float(found[1]) >= floor, out


def test_unlikely_tells_syllables_that_no_dictionary_gives() -> None:
    fine = [("友", "you"), ("不", "bú"), ("儿", "r"), ("行", "Hang2"), ("心", "xīn")]
    assert [pair for pair in fine if pinyin_lexicon.unlikely(*pair)] == []
    assert pinyin_lexicon.unlikely("心", "xīng")
    assert pinyin_lexicon.unlikely("心", "xín")
    assert pinyin_lexicon.known("心") == ("xīn",)


def test_hanzi_that_no_dictionary_has_stands_for_itself() -> None:
    (words,) = pinyin.annotate(["𠮷野家的㖉字"])
    line = spell(words)
    assert line == "𠮷 yějiā de 㖉 zì" or line == "𠮷 yě jiā de 㖉 zì"
    assert pinyin.pairs(words)[0] == ("𠮷", None)
    assert "".join(word.text for word in lay("𠮷野家的㖉字", line)) == "𠮷野家的㖉字"
    (own,) = pinyin.annotate(["𠮷野家"], {"𠮷野家": "Jíyějiā"})
    assert spell(own) == "Jíyějiā"
