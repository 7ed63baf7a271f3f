"""From a source to cards: what holds for every card of every text, whole or damaged."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Literal

import pytest

from flashgen import deckfile, language, pipeline
from flashgen.clean import mend_characters
from flashgen.hanzi import bare
from flashgen.problems import FlashgenError
from flashgen.prove import prove
from flashgen.records import Card, Document
from flashgen.traced import Traced

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "decks" / "sample" / "small-promises.txt"
DAMAGED = SAMPLE.with_name("small-promises-damaged.txt")
TEXTS = [SAMPLE, DAMAGED, *sorted((ROOT / "tests" / "corpus").glob("*.txt"))]

SEED = """# 承诺

有人问：“多答应一点不好吗？”许诺越大，兑现越难。所谓承诺，就是向客户**预借的信任**，到期不还，利息比高利贷还凶。

## 三条规矩

我们定了三条规矩。第一，报出去的价就是最后的价。第二，上门误差不超过20分钟；第三，旧件一律交还客户。

- 先道歉
- 再解决

记者：守信用靠什么？
老陈：没有别的诀窍，就是把答应的事减少到做得完的数目。“做不到，就别说。”

> 只有敢说不行的店，说行的时候才有人信（R U OK）。
"""
DAMAGE = (
    *'。，“”「」\n\t：…😀\0\x1f\u200b\ufeff\u3000\xa0\ud800𠮷〇"',
    *(
        "\n\n",
        "# ",
        "- ",
        "1. ",
        "第一，",
        "{{",
        "}}",
        "{{c1::",
        "**",
        "<b>",
        "&#xff0c;",
        "&lt;",
        "::",
        "[1](#1)",
    ),
    *("（笑）", "广告", "相关文章\n", "……", "     "),
)


def damaged(random_: random.Random) -> str:
    """Return the seed with a few stretches left out, doubled or moved, and a few things put in."""
    text = SEED
    for _ in range(random_.randint(1, 8)):
        at, to = sorted(random_.randrange(len(text) + 1) for _ in "ab")
        to = min(to, at + random_.choice((1, 3, 40)))
        match random_.randrange(4):
            case 0:
                text = text[:at] + text[to:]
            case 1:
                text = text[:to] + text[at:]
            case 2:
                text = text[:at] + text[to:] + text[at:to]
            case _:
                text = text[:at] + random_.choice(DAMAGE) * random_.choice((1, 1, 1, 5)) + text[at:]
    return text


def wrong(card: Card, document: Document) -> list[str]:
    """Return what is wrong with a card, in words."""
    holes = re.findall(r"\{\{(.*?)\}\}", card.cloze)
    answer = card.back or "".join(holes) or "".join(card.items)
    line, column = map(int, card.at.split(":"))
    here = document.text.split("\n")[line - 1][column - 1 :]
    first = (card.items[0] if card.items else card.source)[0]
    found = {
        "no answer": bool(bare(answer)),
        "two ways of asking": sum(map(bool, (card.back, card.cloze, card.items))) == 1,
        "more than one hole, or half of one": not card.cloze or len(holes) == card.cloze.count("{{") == 1,
        "nothing is left to ask": not card.cloze or bool(bare(re.sub(r"\{\{.*?\}\}", "", card.cloze))),
        "the front has the answer": not card.front or bare(answer) not in bare(card.front),
        "the section has the answer": bool(card.items) or bare(answer) not in bare(card.section),
        "the place is wrong": here[:1] == first
        or here[:1] in ("&", "#", '"')
        or (here and not str(mend_characters(Traced.of(here[:1]), []))),
    }
    return [name for name, right in found.items() if not right]


def hold(source: Path) -> pipeline.Extraction:
    """Assert what holds for every card of a source."""
    extraction = pipeline.extract(source)
    document, text = pipeline.read_text(source)
    deck = extraction.deck
    assert {card.id: wrong(card, document) for card in deck.cards if wrong(card, document)} == {}
    assert prove(deck, document, text) == []
    loaded, problems = deckfile.parse(deckfile.dump(deck))
    assert [problem for problem in problems if not problem.warning] == []
    assert loaded is not None
    assert loaded.cards == deck.cards
    return extraction


@pytest.mark.parametrize("source", TEXTS, ids=lambda path: path.stem)
def test_every_card_of_a_text(source: Path) -> None:
    hold(source)


def test_every_card_of_a_damaged_text(tmp_path: Path) -> None:
    source = tmp_path / "text.txt"
    made = 0
    for number in range(300):
        text = damaged(random.Random(number))
        source.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            made += len(hold(source).deck.cards)
        except FlashgenError as error:
            if not re.search("nothing that could be a card|not a text file", str(error)):
                raise
        except Exception as error:
            raise AssertionError(f"damage {number}: {text!r}") from error
    assert made > 600


def test_the_same_text_gives_the_same_deck_however_it_is_saved(tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    decks = []
    for name, data in {
        "plain": text.encode(),
        "with a byte order mark": text.encode("utf-8-sig"),
        "from Windows": text.replace("\n", "\r\n").encode("utf-16"),
        "from an old Mac": text.replace("\n", "\r").encode("gb18030"),
        "without a last newline": text.rstrip().encode(),
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "text.txt").write_bytes(data)
        decks.append(deckfile.dump(pipeline.extract(tmp_path / name / "text.txt").deck))
    assert set(decks) == {decks[0]}


def test_a_book_repeated_gives_no_card_twice(tmp_path: Path) -> None:
    once = pipeline.extract(SAMPLE, 999).deck
    source = tmp_path / "text.txt"
    source.write_text(SAMPLE.read_text(encoding="utf-8") * 20, encoding="utf-8")
    often = pipeline.extract(source, 999).deck
    assert len(often.cards) < 1.2 * len(once.cards)


def test_no_more_cards_than_asked_for() -> None:
    few, many = (pipeline.extract(SAMPLE, count).deck.cards for count in (5, 40))
    assert len(few) == 5
    assert 35 < len(many) <= 40  # a few can neither be asked nor have a hole
    assert {card.source for card in few} < {card.source for card in many}


def test_places_are_line_and_column_or_page_and_paragraph() -> None:
    place = pipeline.places(Document("a.txt", "一二\n\n三四\n"))
    assert [place(offset) for offset in (0, 1, 4, 5)] == ["1:1", "1:2", "3:1", "3:2"]
    paged = pipeline.places(Document("a.pdf", "一二\n\n三四\n五六\n", parts=((0, 7), (4, 8))))
    assert [paged(offset) for offset in (0, 1, 4, 8)] == ["7:1", "7:1", "8:1", "8:2"]


def test_a_deck_is_proved_against_its_source_in_both_languages(tmp_path: Path) -> None:
    source, deck = tmp_path / "a.txt", tmp_path / "a.yaml"
    source.write_text("做生意要讲信用，不讲信用做不长。\n", encoding="utf-8")
    deck.write_text(
        "deck: 信用\ncards:\n"
        "- id: quoted\n  cloze: 做生意要讲{{信用}}。\n  source: 做生意要讲信用\n"
        "- id: bare\n  front: 做生意要讲什么？\n  back: 信用\n"
        "- id: invented\n  front: 靠什么？\n  back: 信用\n  source: 信用就是本钱\n"
        "- id: another\n  front: 不讲信用呢？\n  back: 会亏本\n  source: 不讲信用做不长\n",
        encoding="utf-8",
    )

    def told(tongue: Literal["en", "zh"]) -> list[str]:
        language.speak(tongue)
        made, _ = deckfile.load(deck)
        assert made is not None
        document, text = pipeline.read_text(source)
        return [str(one).rpartition("/")[2] for one in prove(made, document, text)]

    chinese, english = told("zh"), told("en")
    assert [one.partition(";")[0] for one in english] == [
        "a.yaml:6:3: warning: card 'bare' has no source",
        "a.yaml:12:11: '信用就是本钱' does not stand in a.txt",
        "a.yaml:15:9: the answer of 'another' is not in its source's words",
    ]
    assert chinese[1] == "a.yaml:12:11: “信用就是本钱”在 a.txt 里找不到；请逐字引用原文"


@pytest.mark.parametrize("source", TEXTS, ids=lambda path: path.stem)
def test_what_is_told_as_chosen_has_a_card(source: Path) -> None:
    made = pipeline.extract(source)
    assert len(made.chosen) == len(made.deck.cards)
    assert not {id(one) for one in made.chosen} & {id(one) for one in made.passed}
