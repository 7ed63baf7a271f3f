"""Editors and `flashgen check` agree on what a deck file is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from test_deckfile import SLIPS, decks

from flashgen import deckfile, schema
from flashgen.deckyaml import FIELDS, SOURCE, TOP
from flashgen.records import KINDS, Deck

SCHEMA: dict[str, Any] = json.loads(schema.text())
CHECK = jsonschema.Draft7Validator(SCHEMA)

# What is wrong in these is more than a schema can see, or is what YAML makes of the text before it.
UNSEEN = {
    *("anchor", "alias", "yaml-tag", "hash-in-text", "control-escaped"),
    *("id-twice", "same-question", "same-cloze", "hole-in-front", "too-long", "pinyin-count"),
    *("cloze-unclosed", "cloze-half-closed", "cloze-nested", "cloze-anki-notation", "cards-empty"),
    *("deck-level-empty", "key-twice", "pinyin-misfit", "pinyin-odd",
    "pinyin-toneless", "pinyin-unsure"),
    *("deck-name-quote", "tag-of-anki", "images", "reading-misfit"),
}  # fmt: skip


def readable(path: Path) -> Any:
    """Return what an editor sees of a deck file; None where YAML cannot read it."""
    try:
        return yaml.load(path.read_bytes().decode(), yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, TypeError):
        return None


def test_it_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_it_knows_the_keys_and_kinds_of_the_loader() -> None:
    card = SCHEMA["definitions"]["card"]["properties"]
    assert tuple(SCHEMA["properties"]) == TOP
    assert tuple(SCHEMA["properties"]["source"]["properties"]) == SOURCE
    assert tuple(card) == FIELDS
    assert tuple(kind for kind in card["kind"]["enum"] if kind) == KINDS


def test_every_key_is_explained_in_both_languages() -> None:
    card = SCHEMA["definitions"]["card"]["properties"]
    for key, value in {**SCHEMA["properties"], **card}.items():
        assert value["description"].isascii() is False, key
        assert value["description"][0].isascii(), key


@pytest.mark.parametrize("path", [p for p in SLIPS if readable(p) is not None], ids=lambda path: path.stem)
def test_editors_underline_the_slips_that_a_schema_can_see(path: Path) -> None:
    assert CHECK.is_valid(readable(path)) is (path.stem in UNSEEN)


@settings(max_examples=200, deadline=None)
@given(decks())
def test_what_the_loader_finds_nothing_wrong_with_gets_no_red_line(deck: Deck) -> None:
    text = deckfile.dump(deck)
    if all(problem.warning and problem.code != "tag-twice" for problem in deckfile.parse(text)[1]):
        CHECK.validate(yaml.safe_load(text))


def test_the_first_line_names_the_schema_that_lies_beside_the_file(tmp_path: Path) -> None:
    first = deckfile.dump(Deck("d", ())).splitlines()[0]
    assert first == f"# yaml-language-server: $schema={schema.beside(tmp_path / 'd.yaml').name}"
