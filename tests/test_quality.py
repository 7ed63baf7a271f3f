"""Extraction does not fall below the floors of quality.toml: on the sample, and on held-out texts where these are."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from flashgen import pipeline
from flashgen.hanzi import bare
from flashgen.records import Card

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SHARED = ROOT.parent / "shared"
FLOORS: dict[str, dict[str, Any]] = tomllib.loads((HERE / "quality.toml").read_text(encoding="utf-8"))
OURS = [name for name in FLOORS if name.startswith("small-promises")]
THEIRS = [name for name in FLOORS if name not in OURS]


def said(card: Card) -> str:
    return bare(card.front + card.back + card.cloze + "".join(card.items))


def holds(text: str, key: str) -> bool:
    """A key of eight or more characters may stand half on the front and half on the back."""
    key = bare(key)
    return key in text or (
        len(key) >= 8 and any(key[:cut] in text and key[cut:] in text for cut in range(2, len(key) - 1))
    )


@pytest.mark.parametrize("name", OURS)
def test_the_sample(name: str) -> None:
    floors = FLOORS[name]
    gold = HERE / "corpus" / f"{name.removesuffix('-damaged')}.jsonl"
    records = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines()]
    cards = pipeline.extract(ROOT / "decks" / "sample" / f"{name}.txt").deck.cards
    items = [record for record in records if record["tier"] in ("must", "should", "nice", "ok")]

    def hit(card: Card, item: dict[str, Any]) -> bool:
        keys = [item["answer_key"], *item.get("alt_keys", [])]
        return any(all(holds(said(card), part) for part in key) for key in keys)

    def recall(*tiers: str) -> float:
        wanted = [item for item in items if item["tier"] in tiers]
        return sum(any(hit(card, item) for card in cards) for item in wanted) / len(wanted)

    reached = {
        "must": recall("must"),
        "should": recall("must", "should"),
        "precision": sum(any(hit(card, item) for item in items) for card in cards) / len(cards),
    }
    assert {key: value for key, value in reached.items() if value < floors[key]} == {}


@pytest.mark.parametrize("name", THEIRS)
def test_held_out_texts(name: str, tmp_path: Path) -> None:
    floors = FLOORS[name]
    source, gold = SHARED / floors["source"], SHARED / floors["gold"]
    if not (source.exists() and gold.exists()):
        pytest.skip("the held-out texts are not beside this checkout")
    pipeline.write_deck(pipeline.extract(source), tmp_path / "deck.yaml")
    scorer = [sys.executable, SHARED / "eval" / "score.py", gold, tmp_path / "deck.yaml", "--json"]
    score = json.loads(
        subprocess.run(scorer, capture_output=True, text=True, check=True, encoding="utf-8").stdout
    )
    reached = {
        "must": score["recall"]["must"]["recall"],
        "should": score["strict"]["must+should"]["recall"],
        "precision": score["precision"],
    }
    assert {key: value for key, value in reached.items() if value < floors[key]} == {}
    assert score["junk_leaks"] == []
    assert len(score["negative_cards"]) <= floors.get("negatives", 3)
    assert score["cards"] <= floors.get("cards", 1000)
