"""Every example in the guide to the deck file is a deck file, and does what the guide says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flashgen import deckfile, language
from flashgen.deckyaml import FIELDS, TOP
from flashgen.records import KINDS

GUIDE = (Path(__file__).parent.parent / "docs" / "deck-file.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(yaml broken|yaml|text)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
GOOD = [text for kind, text in BLOCKS if kind == "yaml"]
BROKEN = [(text, BLOCKS[n + 1]) for n, (kind, text) in enumerate(BLOCKS) if kind == "yaml broken"]


@pytest.fixture(autouse=True)
def english() -> None:
    language.speak("en")


@pytest.mark.parametrize("text", GOOD, ids=lambda text: text.split("\n", 1)[0])
def test_an_example_is_right(text: str) -> None:
    whole = text if re.search(r"^deck:", text, re.MULTILINE) else f"deck: 例\ncards:\n{text}"
    deck, problems = deckfile.parse(whole)
    assert problems == []
    assert deck is not None
    assert len(deck.cards) == len(re.findall(r"^- (?:id: |\{id: )", whole, re.MULTILINE))


@pytest.mark.parametrize(("text", "after"), BROKEN)
def test_a_slip_is_told_as_the_guide_shows_it(text: str, after: tuple[str, str]) -> None:
    assert after[0] == "text"
    told = [str(problem).lstrip(":") for problem in deckfile.parse(text)[1]]
    assert told == after[1].splitlines()


def test_the_guide_has_examples_of_both() -> None:
    assert len(GOOD) >= 8
    assert len(BROKEN) >= 2


def test_the_guide_names_every_key_and_kind() -> None:
    for name in (*TOP, *FIELDS, *KINDS):
        assert f"`{name}`" in GUIDE
