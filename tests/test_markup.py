"""Markup, script and Anki's own marks in a source come out as text on a card: in the engine and on the screen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from flashgen import cli, deckfile, notes

engine = pytest.importorskip("anki_engine", reason="the official Anki engine is missing: pip install anki")
SOURCE = Path(__file__).parent / "cases" / "hostile" / "markup.txt"

SEEN = """() => {
  document.querySelectorAll('rt, style').forEach(e => e.remove());
  return document.body.textContent;
}"""
FOREIGN = "script, iframe, object, embed, [onerror], img:not(.picture)"


def test_a_sources_markup_is_text_on_every_card(tmp_path: Path, chromium: Any) -> None:
    deck_path, package = tmp_path / "deck.yaml", tmp_path / "deck.apkg"
    status = cli.main(["make", str(SOURCE), "-o", str(deck_path), "--apkg", str(package), "--cards", "12"])
    assert status == 0
    deck, _ = deckfile.load(deck_path)
    assert deck is not None
    texts = {card.id: card.items or (notes.filled(card.cloze) or card.back,) for card in deck.cards}
    every = "\n".join(text for one in texts.values() for text in one)
    for piece in ("<script>", "<video src=x onerror=", "[sound:a.mp3]", "：便宜::", "{{c1", "<房租>"):
        assert piece in every
    assert not re.search("[\x00-\x09\x0b-\x1f\ud800-\udfff]", every)

    engine.add_package(tmp_path / "collection.anki2", package)
    with engine.opened(tmp_path / "collection.anki2") as collection, chromium.new_page() as screen:
        asked: list[str] = []
        screen.on("request", lambda request: asked.append(request.url))
        cards = [collection.get_card(number) for number in collection.find_cards("")]
        assert {card.note()["Id"] for card in cards} == set(texts)
        for card in cards:
            for side in ("front", "back"):
                screen.set_content(engine.page(card, side))
                assert screen.title() == ""
                assert screen.locator(FOREIGN).count() == 0
            seen = screen.evaluate(SEEN)
            assert [text for text in texts[card.note()["Id"]] if text not in seen] == []
        assert asked == []
