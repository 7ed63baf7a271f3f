"""A deck's pinyin: what is laid, what is remembered, what a person is told to look at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flashgen import deckfile, language, lock, pipeline, spelling
from flashgen.lock import Lock
from flashgen.records import Card, Deck, Word

SAMPLE = Path(__file__).parents[1] / "decks" / "sample" / "small-promises.txt"


def deck(*cards: Card, readings: dict[str, str] | None = None) -> Deck:
    return Deck("d", cards, readings=readings or {})


@pytest.mark.parametrize(
    ("text", "line", "first"),
    [
        ("雷军说过，要做好产品。", "Léi Jūn shuōguo, yào zuò hǎo chǎnpǐn.", "Léi"),
        ("北京很大。", "Běijīng hěn dà.", "Běi jīng"),
        ("开市客很好。", "Kāishìkè hěn hǎo.", "Kāi shì kè"),
        ("向北京学习。", "Xiàng Běijīng xuéxí.", "xiàng"),
        ("高质量不等于高价。", "Gāo zhìliàng bù děngyú gāojià.", "gāo"),
    ],
)
def test_only_a_name_keeps_the_capital_that_a_sentence_starts_with(text: str, line: str, first: str) -> None:
    made = deck(Card("a", front="谁？", back=text, pinyin=(line,)), readings={"开市客": "Kāishìkè"})
    words = spelling.spell_deck(made, Lock()).words["a", text]
    assert " ".join(words[0].syllables) == first


def test_what_was_laid_or_annotated_is_remembered_and_not_asked_again() -> None:
    made = deck(Card("a", front="问？", back="山路长", pinyin=("shānlù cháng",)))
    spelt = spelling.spell_deck(made, Lock())
    other = {key: "\x1e".join(reversed(line.split("\x1e"))) for key, line in spelt.memory.items()}
    assert spelling.spell_deck(made, Lock(pinyin=spelt.memory)).words == spelt.words
    assert spelling.spell_deck(made, Lock(pinyin=other)).words == spelt.words  # words that are not the text's
    known = {key: line.replace("cháng", "zhǎng") for key, line in spelt.memory.items()}
    assert spelling.spell_deck(made, Lock(pinyin=known)).words["a", "山路长"][-1] == Word("长", ("zhǎng",))


def test_doubts_of_an_extraction_are_told_until_they_are_settled(tmp_path: Path) -> None:
    language.speak("en")
    made = pipeline.extract(SAMPLE)
    assert made.doubts
    path = tmp_path / "deck.yaml"
    pipeline.write_deck(made, path)
    pipeline.build([path], tmp_path / "deck.apkg")  # a build forgets none

    def unsure() -> list[str]:
        read, _ = deckfile.load(path)
        assert read
        return [problem.message for problem in pipeline.check([read]) if problem.code == "unsure"]

    told = unsure()
    assert len(told) == len({(doubt.word.text, doubt.word.syllables) for doubt in made.doubts})
    doubt = made.doubts[0]
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(doubt.line, doubt.line + "!"), encoding="utf-8")
    assert len(unsure()) == len(told) - 1
    reading = f"readings: {{{doubt.word.text}: {doubt.word.syllables[0]}}}\n"
    path.write_text(text.replace("cards:\n", f"{reading}cards:\n"), encoding="utf-8")
    assert len(unsure()) == len(told) - 1


def test_respelling_leaves_lines_that_fit(tmp_path: Path) -> None:
    path = tmp_path / "deck.yaml"
    path.write_text(
        "deck: d\ncards:\n- id: a\n  front: 哪些？\n  items: [山路长, 人心, 价格]\n"
        "  pinyin:\n  - shānlù zhǎng\n  - rénxīn ba\n  - ''\n",
        encoding="utf-8",
    )
    assert pipeline.respell(path) == 1
    read, problems = deckfile.load(path)
    assert not problems
    assert read
    assert read.cards[0].pinyin == ("shānlù zhǎng", "Rénxīn", "Jiàgé")
    assert pipeline.respell(path) == 0


def test_terms_are_found_once_and_again_after_an_extraction(tmp_path: Path) -> None:
    path = tmp_path / "deck.yaml"
    made = pipeline.extract(SAMPLE, 5)
    pipeline.write_deck(made, path)
    assert lock.load(lock.beside(path)).terms is None
    pipeline.build([path], tmp_path / "deck.apkg")
    kept = lock.load(lock.beside(path))
    assert kept.terms is not None
    lock.save(replace(kept, terms=("甲乙",)), lock.beside(path))
    pipeline.build([path], tmp_path / "deck.apkg")
    assert lock.load(lock.beside(path)).terms == ("甲乙",)
    pipeline.write_deck(pipeline.extract(SAMPLE, 8), path)
    assert lock.load(lock.beside(path)).terms is None


def test_a_deck_s_readings_bring_the_generator_s_lines_along_but_no_line_written_by_hand(
    tmp_path: Path,
) -> None:
    path = tmp_path / "deck.yaml"
    text = (
        "deck: 试\ncards:\n"
        "- id: a\n  front: 问？\n  back: 每周更新，更要用心\n"
        "- id: b\n  front: 再问？\n  back: 规矩是麦丰客的\n"
        "- id: c\n  front: 三问？\n  back: 去过麦丰客\n  pinyin: Qùguo Mài fēng kè\n"
    )
    path.write_text(text, encoding="utf-8")
    assert pipeline.respell(path) == 2
    first = path.read_text(encoding="utf-8")
    deck, _ = deckfile.load(path)
    assert deck is not None
    offered = {card.id: {"pinyin": list(card.pinyin)} for card in deck.cards if card.id != "c"}
    lock.save(lock.Lock(offered=offered), lock.beside(path))
    path.write_text(
        first.replace("cards:", "readings:\n  麦丰客: Màifēngkè\n  更: gèng\ncards:", 1), encoding="utf-8"
    )
    deck, _ = deckfile.load(path)
    assert deck is not None
    told = [problem.code for problem in pipeline.check([deck])]
    assert told == ["unheeded"]
    assert pipeline.respell(path) == 1
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if "pinyin: " in line]
    assert lines == [
        "pinyin: Měi zhōu gēngxīn, gèng yào yòngxīn",
        "pinyin: Guīju shì Màifēngkè de",
        "pinyin: Qùguo Mài fēng kè",
    ]
    deck, _ = deckfile.load(path)
    assert deck is not None
    assert pipeline.check([deck]) == []
    assert pipeline.respell(path) == 0
