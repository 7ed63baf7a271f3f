"""The records that flow through flashgen, from a source file to cards. All are frozen.

source file -> Document -> Page -> Text -> Candidate -> Card -> deck file, Anki package
"""

from __future__ import annotations

import bisect
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flashgen.problems import Place
from flashgen.traced import Traced

KINDS = ("principle", "rule", "rules", "list", "quote", "definition", "contrast", "condition", "figure", "qa")
"""What a card can be. `rule` is one numbered rule; `rules` and `list` gather several as `items`."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What cleaning took out, and why. `line` is the source's, from 1; in a PDF the page."""

    reason: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Document:
    """A source as read: Markdown or plain text, its newlines line feeds. `name` is the file's own name.

    `parts` are the places where its pages or chapters begin, as offset and number; () where the source is the
    text itself, whose places are lines. `removed` is what the reader left out: running heads, frames of pages.
    """

    name: str
    text: str
    author: str = ""
    parts: Sequence[tuple[int, int]] = ()
    removed: Sequence[Removal] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A source after cleaning: its paragraphs, and what was taken out. `restored` counts marks put back.

    `lines` are the places where lines begin, as offset and number; where the source has pages, where they do.
    """

    name: str
    paragraphs: tuple[Traced, ...]
    removed: tuple[Removal, ...] = ()
    title: str = ""
    author: str = ""
    restored: int = 0
    lines: Sequence[tuple[int, int]] = ((0, 1),)

    def line(self, offset: int) -> int:
        """Return the number of the line, or the page, that a source offset is in."""
        return self.lines[bisect.bisect(self.lines, (offset, sys.maxsize)) - 1][1]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph or a list item.

    `level` is a heading's, from 1, or how many columns an item is indented. `marker` is an item's sign without its
    punctuation ("-", "1", "A"); `bold` are the stretches that the source emphasises; `speaker` is who talks where the
    source is a conversation, and `asks` is true where that is the one who puts the questions.
    """

    kind: str
    text: Traced
    level: int = 0
    marker: str = ""
    bold: tuple[str, ...] = ()
    speaker: str = ""
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its place: source offset, block, rank among the block's `count`, and section."""

    text: str
    offset: int
    block: int
    rank: int
    count: int
    section: int


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its sentences, as a range of indices. The text before any heading has the heading ""."""

    heading: str
    level: int
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Text:
    """A page in sentences. Sections do not nest; `Sentence.section` and `Sentence.block` are indices here."""

    title: str
    author: str
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]
    sentences: tuple[Sentence, ...]
    removed: tuple[Removal, ...] = ()
    restored: int = 0

    def offset(self, sentence: int, at: int) -> int:
        """Return the source offset of a sentence's character; cleaning may have taken out some before it."""
        one = self.sentences[sentence]
        offsets = self.blocks[one.block].text.offsets
        return offsets[min(bisect.bisect_left(offsets, one.offset) + at, len(offsets) - 1)]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What might become a card: its verbatim text or items, its place, and why.

    `text` is the stretch of the source that the card tests; for a list it is the sentence that introduces
    the `items`. `sentence` is an index into Text.sentences, -1 for a heading. `features` are the reasons, by
    name; `score` is the log-odds of being worth a card.
    """

    kind: str
    text: str
    offset: int
    sentence: int
    section: str
    features: Mapping[str, float]
    score: float
    items: tuple[str, ...] = ()
    speaker: str = ""


HOLE = re.compile(r"\{\{(?!\{)((?:(?!\{\{|\}\}).)+)\}\}", re.DOTALL)
"""A hole in a cloze: {{text}}, where the text has no double braces."""


class Word(NamedTuple):
    """A stretch of text with its pinyin: one syllable for each hanzi, none for other text.

    `syllables` carry tone marks in NFC, neutral tone unmarked, no sandhi; a capital where a name begins.
    `unsure` holds the other readings of the word that the annotator could not rule out; () where it is sure.
    """

    text: str
    syllables: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


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
    """A deck file. `name` has Anki's `::` between levels; `readings` are pinyin by word, deck-wide.

    `places` tells where the deck's own values stand in the file ("deck", "source.title", "readings.开市客").
    """

    name: str
    cards: tuple[Card, ...]
    source: Source = Source()
    readings: Mapping[str, str] = field(default_factory=dict)
    reverse: bool = False
    typed: bool = False
    file: str = ""
    places: Mapping[str, Place] = field(default_factory=dict, compare=False)
