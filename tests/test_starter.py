"""`flashgen new` writes a deck file that is right as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from flashgen import deckfile, schema, starter
from flashgen.problems import UsageError


@pytest.mark.parametrize("name", ["第一章", "a: b", "no", "{{x}}", "chapter.yaml"])
def test_a_new_deck_has_nothing_wrong_with_it(tmp_path: Path, name: str) -> None:
    path = starter.new(str(tmp_path / name))
    deck, problems = deckfile.load(path)
    assert problems == []
    assert deck is not None
    assert deck.name == name.removesuffix(".yaml")
    assert {bool(card.back) + 2 * bool(card.cloze) + 4 * bool(card.items) for card in deck.cards} == {1, 2, 4}
    assert f"flashgen check {path.name}" in path.read_text(encoding="utf-8")
    assert schema.beside(path).read_text(encoding="utf-8") == schema.text()


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="already"):
        starter.new(str(tmp_path / "a"))
    assert path.read_text(encoding="utf-8") == "mine"
