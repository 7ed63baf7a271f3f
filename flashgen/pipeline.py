"""The stages in order. Commands call these; stages do not know one another.

extracting:  read -> clean -> segment -> extract -> compose -> pinyin -> deck file
building:    deck file -> pinyin -> notes -> package, lock
"""

from __future__ import annotations

import bisect
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flashgen import anki, deckfile, lock, notes
from flashgen.problems import FlashgenError, Place, Problem
from flashgen.records import Candidate, Card, Deck, Document, Source, Text, Word

Progress = Callable[[str], None]
"""Told what is being done, for those who wait."""


def silent(_step: str) -> None:
    """Report nothing."""


# --- extracting


@dataclass(frozen=True, slots=True)
class Extraction:
    """A deck made from a source, the text it came from, and the candidates: chosen, and passed over, best first."""

    deck: Deck
    text: Text
    chosen: tuple[Candidate, ...]
    passed: tuple[Candidate, ...]


def read_text(path: Path) -> tuple[Document, Text]:
    """Read, clean and segment a source file."""
    from flashgen import clean, read, segment

    document = read.read(path)
    return document, segment.segment(clean.clean(document))


def extract(path: Path, cards: int | None = None, *, tell: Progress = silent) -> Extraction:
    """Make a deck of a source file. Raises FlashgenError where nothing in it is worth a card."""
    from flashgen import compose, pinyin
    from flashgen import extract as extraction

    tell("reading")
    document, text = read_text(path)
    tell("extracting")
    candidates = extraction.extract(text)
    terms = pinyin.repeated_terms("\n".join(sentence.text for sentence in text.sentences))

    def words_of(stretch: str) -> Sequence[Word]:
        return next(pinyin.annotate([stretch], terms=terms))

    if cards is None:
        chosen = extraction.choose(candidates, extraction.budget(text))
    else:
        chosen = extraction.choose(candidates, cards, floor=-math.inf)
    tell("composing")
    made = compose.compose(chosen, text, places(document), words_of)
    if not made:
        raise FlashgenError(
            Problem(
                Place(str(path)),
                "holds nothing that could be a card",
                "write cards by hand: flashgen new DECK.yaml",
            )
        )
    title = text.title or path.stem
    deck = Deck(title.replace("::", "："), tuple(made), Source(title, text.author, document.name))
    tell("spelling pinyin")
    deck = with_pinyin(deck, terms)
    kept = set(map(id, chosen))
    return Extraction(deck, text, tuple(chosen), tuple(one for one in candidates if id(one) not in kept))


def places(document: Document) -> Callable[[int], str]:
    """Return a function from an offset in a document to "line:column"."""
    starts = [0, *(match.end() for match in re.finditer("\n", document.text))]

    def place(offset: int) -> str:
        line = bisect.bisect_right(starts, offset)
        return f"{line}:{offset - starts[line - 1] + 1}"

    return place


# --- pinyin


def quoted_texts(card: Card) -> tuple[str, ...]:
    """Return the texts of a card that its `pinyin` spells, line for line."""
    return card.items or ((notes.filled(card.cloze),) if card.cloze else (card.back,))


def with_pinyin(deck: Deck, terms: Iterable[str] = ()) -> Deck:
    """Spell the pinyin of every card that has none."""
    from flashgen import orthography, pinyin

    bare = [card for card in deck.cards if not card.pinyin]
    texts = [text for card in bare for text in quoted_texts(card)]
    lines = map(orthography.spell, pinyin.annotate(texts, deck.readings, terms=tuple(terms)))
    spelt = {card.id: tuple(next(lines) for _ in quoted_texts(card)) for card in bare}
    return replace(
        deck,
        cards=tuple(
            replace(card, pinyin=spelt[card.id]) if card.id in spelt else card for card in deck.cards
        ),
    )


@dataclass(frozen=True, slots=True)
class Pinyin:
    """The words of every text of a deck, the lines to remember, and lines in the deck file that no longer fit."""

    words: Mapping[tuple[str, str], Sequence[Word]]
    lines: Mapping[str, str]
    problems: tuple[Problem, ...]


def lay_own(deck: Deck) -> tuple[dict[tuple[str, str], Sequence[Word]], list[Problem]]:
    """Lay the pinyin lines of a deck file on their texts, by card id and text; and tell which do not fit."""
    from flashgen import orthography

    words: dict[tuple[str, str], Sequence[Word]] = {}
    problems: list[Problem] = []
    for card in deck.cards:
        for index, (text, line) in enumerate(zip(quoted_texts(card), card.pinyin, strict=False)):
            try:
                words[card.id, text] = orthography.lay(text, line)
            except orthography.Misfit as misfit:
                place = card.places.get(f"pinyin.{index}", card.places.get("pinyin", card.place))
                problems.append(
                    Problem(
                        place,
                        f"the pinyin does not fit the text: {misfit}",
                        "correct it, or delete the line; fresh pinyin is used meanwhile",
                        warning=True,
                    )
                )
    return words, problems


def spell_deck(deck: Deck, remembered: Mapping[str, str]) -> Pinyin:
    """Find the words of all texts: from the card's own line, the remembered one, or annotated afresh.

    jieba and pypinyin are loaded only if a text is new.
    """
    from flashgen import orthography

    words, problems = lay_own(deck)
    lines: dict[str, str] = {}
    new: list[tuple[str, str]] = []
    for card in deck.cards:
        for text in notes.texts(card):
            if (card.id, text) in words:
                continue
            key = _remembered_key(deck, text)
            if key in remembered:
                words[card.id, text] = orthography.lay(text, remembered[key])
                lines[key] = remembered[key]
            else:
                new.append((card.id, text))
    if new:
        from flashgen import pinyin

        fresh = list(dict.fromkeys(text for _, text in new))
        annotated = dict(zip(fresh, pinyin.annotate(fresh, deck.readings), strict=True))
        for card_id, text in new:
            line = orthography.spell(annotated[text])
            # What is remembered is the line; building from it each time keeps the bytes the same.
            words[card_id, text] = orthography.lay(text, line)
            lines[_remembered_key(deck, text)] = line
    return Pinyin(words, lines, tuple(problems))


def _remembered_key(deck: Deck, text: str) -> str:
    """Texts are remembered with the deck's readings that bear on them: a changed reading makes them new."""
    bearing = sorted(f"{word}={said}" for word, said in deck.readings.items() if word in text)
    return "\n".join((text, *bearing))


# --- building


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made: the package, a plan for each deck, and warnings."""

    out: Path
    plans: tuple[anki.Plan, ...]
    problems: tuple[Problem, ...]


def load_decks(paths: Sequence[Path]) -> tuple[list[Deck], list[Problem]]:
    """Load deck files; problems of all of them together."""
    decks: list[Deck] = []
    problems: list[Problem] = []
    for path in paths:
        deck, found = deckfile.load(path)
        problems += found
        if deck is not None:
            decks.append(deck)
    return decks, problems


def build(paths: Sequence[Path], out: Path, *, own: Path | None = None, tell: Progress = silent) -> Built:
    """Build one package of some deck files and bring their locks up to date.

    Raises FlashgenError with every problem where a deck file is at fault; then nothing is written.
    """
    tell("reading")
    decks, problems = load_decks(paths)
    if any(not problem.warning for problem in problems):
        raise FlashgenError(*problems)
    locks = [lock.load(lock.beside(Path(deck.file))) for deck in decks]
    tell("spelling pinyin")
    spelt = [spell_deck(deck, old.pinyin) for deck, old in zip(decks, locks, strict=True)]
    words = {id(deck): one.words for deck, one in zip(decks, spelt, strict=True)}

    def words_of(deck: Deck, card: Card, text: str) -> Sequence[Word]:
        return words[id(deck)][card.id, text]

    tell("building")
    plans = anki.build(list(zip(decks, locks, strict=True)), words_of, out, own=own)
    for plan, one in zip(plans, spelt, strict=True):
        lock.save(replace(plan.lock, pinyin=one.lines), lock.beside(Path(plan.deck.file)))
    return Built(out, tuple(plans), (*problems, *(problem for one in spelt for problem in one.problems)))


def save_deck(deck: Deck, path: Path, header: Sequence[str]) -> None:
    """Write a new deck file, and beside it the lock that remembers what was offered."""
    old = lock.load(lock.beside(path))
    offered = {card.id: offered_fields(card) for card in deck.cards}
    lock.write_atomically(path, deckfile.dump(deck, header=header).encode())
    lock.save(replace(old, offered={**old.offered, **offered}), lock.beside(path))


def offered_fields(card: Card) -> dict[str, object]:
    """Return what a later extraction must know of a card that it offers: enough to see what people changed."""
    fields = ("kind", "front", "back", "cloze", "items", "pinyin", "source", "section", "at")
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name in fields
        if (value := getattr(card, name))
    }


# --- checking


def check(decks: Sequence[Deck], source: Path | None = None) -> list[Problem]:
    """Check what a deck file's own checks cannot see: pinyin that fits, and texts that stand in the source."""
    problems = [problem for deck in decks for problem in lay_own(deck)[1]]
    if source is not None:
        document, text = read_text(source)
        problems += [problem for deck in decks for problem in prove(deck, document, text)]
    return problems


def prove(deck: Deck, document: Document, text: Text) -> list[Problem]:
    """Prove that every card's `source` stands in the text and that its answer is made of the source's words.

    Marks and spaces do not count: copies lose them. A list's source holds its items with " … " between.
    """
    from flashgen.phrases import bare

    whole = bare("".join(str(block.text) for block in text.blocks))
    problems: list[Problem] = []
    for card in deck.cards:
        pieces = [piece for piece in card.source.split("…") if bare(piece)]
        at = card.places.get("source", card.place)
        if not pieces:
            problems.append(Problem(at, f"card '{card.id}' has no source", "give its sentence", warning=True))
            continue
        for piece in pieces:
            if bare(piece) not in whole:
                problems.append(
                    Problem(
                        at,
                        f"the source of '{card.id}' does not stand in {document.name}",
                        "quote it word for word",
                    )
                )
        said = bare(card.source)
        for answer in card.items or (notes.filled(card.cloze) if card.cloze else card.back,):
            if bare(answer) not in said:
                key = "items" if card.items else "cloze" if card.cloze else "back"
                problems.append(
                    Problem(
                        card.places.get(key, card.place),
                        f"the answer of '{card.id}' is not in its source's words",
                        "quote the source, or give the sentence it comes from",
                    )
                )
    return problems
