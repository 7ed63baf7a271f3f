"""The records that flow through flashgen, from a source file to cards. All are frozen.

source file -> Document -> Block -> Section, Sentence -> Candidate -> Card -> deck file, Anki package
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flashgen.problems import Place

KINDS = ("principle", "rule", "rules", "list", "quote", "definition", "contrast", "condition", "figure", "qa")
"""What a card can be. `rule` is one numbered rule; `rules` and `list` gather several as `items`."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a deck's texts come from, as the deck file's `source` tells it."""

    title: str = ""
    author: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One entry under `cards` in a deck file. Which fields are set says how it is asked.

    front and back: question and answer. cloze: a text with {{holes}}. front and items: a list.
    `pinyin` has one line for the back or the cloze (holes filled), or one a list
    item; () if the deck gives none.
    `at` is "line:column" in the source file. `place` is where the card stands in the deck file, and `places`
    where each of its values stands (key: field name, or "items.2" for the third item).
    """

    id: str
    kind: str = "principle"
    front: str = ""
    back: str = ""
    cloze: str = ""
    items: tuple[str, ...] = ()
    pinyin: tuple[str, ...] = ()
    source: str = ""
    section: str = ""
    at: str = ""
    tags: tuple[str, ...] = ()
    image: str = ""
    reverse: bool = False
    typed: bool = False
    place: Place = field(default=Place(""), compare=False)
    places: Mapping[str, Place] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Deck:
    """A deck file. `name` has Anki's `::` between levels; `readings` are pinyin by word for the whole deck."""

    name: str
    cards: tuple[Card, ...]
    source: Source = Source()
    readings: Mapping[str, str] = field(default_factory=dict)
    reverse: bool = False
    typed: bool = False
    file: str = ""
