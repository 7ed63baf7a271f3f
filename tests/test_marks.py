"""Marks that a copy has lost: put back where they are sure, told, and never in the source."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from flashgen import marks, pipeline
from flashgen.traced import Traced

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
from damage import damage, strip_marks  # type: ignore[import-not-found]  # noqa: E402

OWN = [ROOT / "decks" / "sample" / "small-promises.txt", *sorted((ROOT / "tests" / "corpus").glob("*.txt"))]
FULL = [
    path for path in OWN if path.stem != "till-notes"
]  # that one has half-width marks, which nothing loses
ALL = "，：；？！"


def test_marks_that_are_put_back_stood_there() -> None:
    right = put = 0
    for path in FULL:
        for line in path.read_text(encoding="utf-8").split("\n"):
            stripped = strip_marks(line)
            stood = {len(strip_marks(line[: match.start()])) for match in re.finditer(f"[{ALL}]", line)}
            found = marks.restore(stripped, ALL) if stripped else []
            put += len(found)
            right += sum(place in stood for place, _ in found)
    assert put >= 30
    assert right >= 0.9 * put  # the others stand where commas may


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        (
            "我们当时就决定不再做低价的生意了因为低价换来的客人不会记得你的名字",
            "我们当时就决定不再做低价的生意了，因为低价换来的客人不会记得你的名字",
        ),
        (
            "這家店最重要的不是位置而是老闆記得每一位客人的名字",
            "這家店最重要的不是位置，而是老闆記得每一位客人的名字",
        ),
        ("你真的相信便宜就能留住老客人吗", "你真的相信便宜就能留住老客人吗？"),
        ("把承诺写小一点", "把承诺写小一点"),
    ],
)
def test_restored(text: str, restored: str) -> None:
    assert str(Traced.of(text).insert(marks.restore(text, ALL))) == restored


def test_only_the_marks_that_a_text_has_lost_are_missed() -> None:
    prose = OWN[0].read_text(encoding="utf-8")
    assert marks.lost([prose]) == ""
    assert set(marks.lost([strip_marks(prose)])) == set(ALL)
    assert marks.lost([prose.replace("，", "")]).startswith("，")
    assert "？" not in marks.lost([prose.replace("，", "")])
    assert marks.lost(["短的一句没有标点"]) == ""


def test_the_deck_says_so_and_its_source_stays_as_found(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text(damage("\n".join(one.read_text(encoding="utf-8") for one in FULL)), encoding="utf-8")
    made = pipeline.extract(path)
    assert made.text.restored > 30
    found = path.read_text(encoding="utf-8")
    assert [one.id for one in made.deck.cards if not all(p in found for p in one.source.split(" … "))] == []
    mended = [
        one for one in made.deck.cards if one.cloze and re.sub(r"[{}]", "", one.cloze) not in one.source
    ]
    assert mended
    deck = tmp_path / "page.yaml"
    pipeline.write_deck(made, deck)
    assert "marks that the copy had lost are put back" in deck.read_text(encoding="utf-8")
    loaded, _ = pipeline.load_decks([deck])
    assert [str(one) for one in pipeline.check(loaded, path) if not one.warning] == []


def test_a_text_is_traced_through_marks_that_were_put_in() -> None:
    text = Traced.of("先看账再看货吗").insert([(3, "，"), (7, "？")])
    assert str(text) == "先看账，再看货吗？"
    assert text.inserted() == [3, 8]
    assert list(text.offsets) == [0, 1, 2, 2, 3, 4, 5, 6, 6]
    assert Traced.of("没有，变化。").inserted() == []
