"""The corpus itself: every gold list fits its text; the damaged sample is what scripts/damage.py makes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "corpus"
SAMPLE = ROOT / "decks" / "sample"
TIERS = {"must", "should", "nice", "ok"}
GOLDS = sorted(CORPUS.glob("*.jsonl"))


def normalise(text: str) -> str:
    """Keep hanzi, letters and digits, so that a text and its damaged form compare equal."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).lower() if char.isalnum())


def source_of(gold: Path) -> Path:
    beside = gold.with_suffix(".txt")
    return beside if beside.exists() else SAMPLE / beside.name


def load(gold: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines()]


def forms(gold: Path) -> list[str]:
    """The normalised text, and the normalised damaged form where there is one."""
    clean = source_of(gold)
    damaged = clean.with_name(f"{clean.stem}-damaged.txt")
    return [normalise(path.read_text(encoding="utf-8")) for path in (clean, damaged) if path.exists()]


def test_every_text_has_a_gold_list_and_every_gold_list_a_text() -> None:
    texts = {
        path.stem for path in (*CORPUS.glob("*.txt"), *SAMPLE.glob("*.txt")) if "-damaged" not in path.stem
    }
    assert texts == {path.stem for path in GOLDS}
    assert texts


@pytest.mark.parametrize("gold", GOLDS, ids=lambda path: path.stem)
def test_items_stand_in_every_form_of_the_text(gold: Path) -> None:
    items = [record for record in load(gold) if record["tier"] in TIERS]
    for text in forms(gold):
        for item in items:
            for key in (item["answer_key"], *item.get("alt_keys", [])):
                assert all(normalise(part) and normalise(part) in text for part in key), item["id"]
            for part in item["source_span"].split(" … "):
                assert normalise(part) in text, (item["id"], part)


@pytest.mark.parametrize("gold", GOLDS, ids=lambda path: path.stem)
def test_an_item_is_answered_by_its_own_span(gold: Path) -> None:
    for item in load(gold):
        if item["tier"] in TIERS:
            span = normalise(item["section"] + item["source_span"])
            assert all(normalise(part) in span for part in item["answer_key"]), item["id"]


@pytest.mark.parametrize("gold", GOLDS, ids=lambda path: path.stem)
def test_headings_and_negatives_stand_in_the_text(gold: Path) -> None:
    records = load(gold)
    headings = {record["text"] for record in records if record["tier"] == "heading"}
    for text in forms(gold):
        for record in records:
            if record["tier"] in {"heading", "negative"}:
                assert normalise(record["text"]) in text, record
    assert {record["section"] for record in records if record["tier"] in TIERS} <= headings | {""}


@pytest.mark.parametrize("gold", GOLDS, ids=lambda path: path.stem)
def test_junk_stands_in_the_text_and_in_no_item(gold: Path) -> None:
    records = load(gold)
    spans = [normalise(record["source_span"]) for record in records if record["tier"] in TIERS]
    for record in records:
        if record["tier"] == "junk":
            junk = normalise(record["text"])
            assert junk
            assert any(junk in text for text in forms(gold)), record
            assert not any(junk in span for span in spans), record


@pytest.mark.parametrize("gold", GOLDS, ids=lambda path: path.stem)
def test_no_negative_answers_an_item(gold: Path) -> None:
    records = load(gold)
    for negative in (normalise(record["text"]) for record in records if record["tier"] == "negative"):
        for item in records:
            if item["tier"] in TIERS:
                for key in (item["answer_key"], *item.get("alt_keys", [])):
                    assert not all(normalise(part) in negative for part in key), (item["id"], negative)


@pytest.mark.parametrize("gold", GOLDS, ids=lambda path: path.stem)
def test_a_gold_list_has_what_a_score_needs(gold: Path) -> None:
    records = load(gold)
    identifiers = [record["id"] for record in records]
    tiers = [record["tier"] for record in records]
    assert len(set(identifiers)) == len(identifiers)
    assert set(tiers) <= TIERS | {"heading", "junk", "negative"}
    assert tiers.count("must") >= 8
    assert tiers.count("should") >= 10
    assert tiers.count("negative") >= 8


def test_the_damaged_sample_is_the_clean_one_damaged(tmp_path: Path) -> None:
    clean, damaged = SAMPLE / "small-promises.txt", SAMPLE / "small-promises-damaged.txt"
    made = tmp_path / "damaged.txt"
    subprocess.run([sys.executable, ROOT / "scripts" / "damage.py", clean, made], check=True)
    assert made.read_bytes() == damaged.read_bytes()
    text = damaged.read_text(encoding="utf-8")
    assert not re.search("[\uff01-\uff5e]", text)
    assert "#xff0c;" in text
    assert normalise(clean.read_text(encoding="utf-8")) in normalise(text.split("…", 1)[1])
