"""Proof that a deck is faithful: every card's `source` stands in the text, and its answer in its `source`."""

from __future__ import annotations

from flashgen import messages, notes
from flashgen.deckcheck import visible
from flashgen.hanzi import bare
from flashgen.problems import Place, Problem
from flashgen.records import Deck, Document, Text


def prove(deck: Deck, document: Document, text: Text) -> list[Problem]:
    """Prove that every card's `source` stands in the text and that its answer is made of the source's words.

    Marks and spaces do not count: copies lose them. A list's source holds its items with " … " between.
    """
    if is_of_another_text(deck, text):
        return [messages.problem("not-of-source", Place(deck.file), name=document.name)]
    whole = _bare_text(text)
    problems: list[Problem] = []
    for card in deck.cards:
        pieces = [piece for piece in card.source.split("…") if bare(piece)]
        at = card.places.get("source", card.place)
        if not pieces:
            problems.append(messages.problem("no-source", at, id=card.id))
            continue
        problems += [
            messages.problem("not-in-source", at, piece=visible(piece.strip()), name=document.name)
            for piece in pieces
            if bare(piece) not in whole
        ]
        said = bare(card.source)
        for answer in card.items or (notes.filled(card.cloze) if card.cloze else card.back,):
            if bare(answer) not in said:
                key = "items" if card.items else "cloze" if card.cloze else "back"
                place = card.places.get(key, card.place)
                problems.append(messages.problem("not-quoted", place, id=card.id))
    return problems


FEWEST_SOURCES = 3
"""Fewer sentences do not tell what text a deck is of."""


def is_of_another_text(deck: Deck | None, text: Text) -> bool:
    """Whether a deck quotes sentences, but hardly any of this text: less than a fifth, as a new edition would have."""
    whole = _bare_text(text)
    cards = deck.cards if deck else ()
    pieces = [piece for card in cards for piece in map(bare, card.source.split("…")) if piece]
    return len(pieces) >= FEWEST_SOURCES and sum(piece in whole for piece in pieces) < len(pieces) / 5


def _bare_text(text: Text) -> str:
    """Return all of a text without marks and spaces."""
    return bare("".join(str(block.text) for block in text.blocks))
