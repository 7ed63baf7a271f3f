"""A deck's pinyin: lines spelt for its cards, lines laid on their texts, and what a person should look at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from flashgen import messages, notes
from flashgen.lock import Lock
from flashgen.orthography import Misfit, aligned, lay, pack, spell, tone, unpack, written
from flashgen.problems import Place, Problem
from flashgen.records import Card, Deck, Word


def quoted_texts(card: Card) -> tuple[str, ...]:
    """Return the texts of a card that its `pinyin` spells, line for line."""
    return card.items or ((notes.filled(card.cloze),) if card.cloze else (card.back,))


def lines_of(card: Card) -> Iterator[tuple[str, str, Place]]:
    """Yield each text of a card that has a line of pinyin, the line, and its place."""
    for index, (text, line) in enumerate(zip(quoted_texts(card), card.pinyin, strict=False)):
        if line:
            yield text, line, card.places.get(f"pinyin.{index}", card.places.get("pinyin", card.place))


def key_of(text: str, line: str) -> str:
    """Return what a lock remembers a line under: its text and itself, so that an edit of either makes it new."""
    return f"{text}\n{line}"


# --- spelling


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reading that the annotator is unsure of: the card, its text and line, the word."""

    card: str
    text: str
    line: str
    word: Word


def with_pinyin(deck: Deck, terms: Iterable[str] = ()) -> tuple[Deck, list[Doubt]]:
    """Spell the pinyin of every card that has none, and tell which readings are unsure."""
    from flashgen import pinyin

    bare = [card for card in deck.cards if not card.pinyin]
    texts = [text for card in bare for text in quoted_texts(card)]
    spelt = iter(pinyin.annotate(texts, deck.readings, terms=tuple(terms)))
    cards: list[Card] = []
    doubts: list[Doubt] = []
    for card in deck.cards:
        if not card.pinyin:
            words = [next(spelt) for _ in quoted_texts(card)]
            card = replace(card, pinyin=tuple(map(spell, words)))
            for text, line, part in zip(quoted_texts(card), card.pinyin, words, strict=True):
                doubts += [Doubt(card.id, text, line, word) for word in part if word.unsure]
        cards.append(card)
    return replace(deck, cards=tuple(cards)), doubts


def remembered(doubts: Iterable[Doubt]) -> dict[str, list[tuple[str, str, str]]]:
    """Return doubts as a lock keeps them."""
    kept: dict[str, list[tuple[str, str, str]]] = {}
    for doubt in doubts:
        said = doubt.word.text, " ".join(doubt.word.syllables), " / ".join(doubt.word.unsure)
        kept.setdefault(key_of(doubt.text, doubt.line), []).append(said)
    return kept


@dataclass(frozen=True, slots=True)
class Pinyin:
    """The words of every text of a deck, what a lock is to remember of them, and lines that do not fit."""

    words: Mapping[tuple[str, str], Sequence[Word]]
    memory: Mapping[str, str]
    terms: tuple[str, ...] | None
    problems: tuple[Problem, ...]

    def kept_by(self, lock: Lock) -> Lock:
        """Return a lock that remembers this, and no more of the lines that are gone from the deck."""
        doubts = {line: words for line, words in lock.doubts.items() if line in self.memory}
        return replace(lock, pinyin=self.memory, terms=self.terms, doubts=doubts)


def spell_deck(deck: Deck, lock: Lock) -> Pinyin:
    """Find the words of all texts: from the card's own line, from memory, or annotated afresh.

    The lexicon and the network are loaded only if a text is new; what was laid or annotated once is remembered,
    so that a build on another machine, with another lexicon, gives the same bytes.
    """
    words: dict[tuple[str, str], Sequence[Word]] = {}
    keys: dict[tuple[str, str], str] = {}
    new: list[tuple[str, str]] = []
    problems: list[Problem] = []

    def named(text: str) -> bool:
        from flashgen import pinyin_words

        return pinyin_words.starts_with_name(text, deck.readings)

    for card in deck.cards:
        for text, line, place in lines_of(card):
            which, key = (card.id, text), key_of(text, line)
            try:
                words[which] = _recall(lock.pinyin, key, text) or lay(text, line, named)
                keys[which] = key
            except Misfit as misfit:
                problems.append(_misfit(place, misfit))
        for text in notes.texts(card):
            which = card.id, text
            if which in words:
                continue
            key = keys[which] = _fresh_key(deck, text)
            if recalled := _recall(lock.pinyin, key, text):
                words[which] = recalled
            else:
                new.append(which)
    terms = lock.terms
    if new:
        from flashgen import pinyin

        terms = terms_of(deck) if terms is None else terms
        fresh = list(dict.fromkeys(text for _, text in new))
        annotated = dict(zip(fresh, pinyin.annotate(fresh, deck.readings, terms=terms), strict=True))
        words |= {(card_id, text): annotated[text] for card_id, text in new}
    memory = {
        key: lock.pinyin[key] if key in lock.pinyin else pack(words[which]) for which, key in keys.items()
    }
    return Pinyin(words, memory, terms, tuple(problems))


def _recall(memory: Mapping[str, str], key: str, text: str) -> Sequence[Word]:
    """Return the words remembered under a key; none if a merged or edited lock has other words than the text."""
    words = unpack(memory[key]) if key in memory else ()
    return words if "".join([word.text for word in words]) == text else ()


def terms_of(deck: Deck) -> tuple[str, ...]:
    """Return the words that no dictionary knows and the deck's sources repeat."""
    from flashgen import pinyin

    return tuple(pinyin.repeated_terms("\n".join(card.source for card in deck.cards)))


def _fresh_key(deck: Deck, text: str) -> str:
    """Texts are remembered with the deck's readings that bear on them: a changed reading makes them new."""
    bearing = sorted(f"{word}={said}" for word, said in deck.readings.items() if word in text)
    return "\n".join((text, *bearing))


def respelt(deck: Deck, lock: Lock) -> tuple[dict[str, tuple[str, ...]], list[Doubt]]:
    """Return by id the pinyin of the cards where some is missing, does not fit or is not read as the deck has it.

    Lines that fit stay as they are, and so do those written by hand, however they are read. The doubts that are left
    come with them.
    """
    kept: dict[str, list[str]] = {}
    for card in deck.cards:
        lines = dict(zip(quoted_texts(card), card.pinyin, strict=False))
        texts = ((text, lines.get(text, "")) for text in quoted_texts(card))
        kept[card.id] = [
            line if line and _fits(text, line) and not _unheeded(deck, lock, card, text, line) else ""
            for text, line in texts
        ]
    bare = tuple(replace(card, pinyin=()) for card in deck.cards if not all(kept[card.id]))
    fresh, doubts = with_pinyin(replace(deck, cards=bare), terms_of(deck))
    wanted = {
        card.id: tuple(old or new for old, new in zip(kept[card.id], card.pinyin, strict=True))
        for card in fresh.cards
    }
    return wanted, [doubt for doubt in doubts if doubt.line in wanted[doubt.card]]


# --- checking


def _pairs(text: str, line: str) -> Sequence[tuple[str, str]]:
    """Pair hanzi with their syllables. Raises Misfit."""
    pairs = aligned(text, line)
    if pairs is None:
        pairs = [
            pair for w in lay(text, line) if w.syllables for pair in zip(w.text, w.syllables, strict=True)
        ]
    return pairs


def _fits(text: str, line: str) -> bool:
    try:
        _pairs(text, line)
    except Misfit:
        return False
    return True


def _unheeded(deck: Deck, lock: Lock, card: Card, text: str, line: str) -> list[tuple[str, str, str]]:
    """List the deck's `readings` that a line goes against: word, how the line has it, how it should be.

    Only of a line that the generator wrote: by hand, a word may be read otherwise in one place.
    """
    own = [word for word in deck.readings if word in text]
    if not own or line not in lock.offered.get(card.id, {}).get("pinyin", ()):
        return []
    from flashgen.pinyin import reading

    words = lay(text, line)
    ends = list(accumulate((len(word.text) for word in words), initial=0))
    found = []
    for word in own:
        wanted = " ".join(map(written, reading(word, deck.readings[word])))
        for match in re.finditer(re.escape(word), text):
            there = [
                one for one, end in zip(words, ends[1:], strict=True) if match.start() < end <= match.end()
            ]
            alone = match.start() in ends and match.end() in ends
            said = " ".join(map(written, there))
            at_start = re.search(r"(^|[。！？：“「『]) *$", text[: match.start()])
            same = said.lower() == wanted.lower() if at_start else said == wanted
            if (alone or len(word) > 1) and not (alone and same):
                found.append((word, said, wanted))
    return found


FEWEST_TONELESS = 4
"""Syllables: fewer may all be neutral, as in 的了吗."""


def check(deck: Deck, lock: Lock) -> list[Problem]:
    """List the lines that do not fit, have no tones or go against `readings`, odd syllables, and readings still in doubt.

    Odd is a syllable that no dictionary gives; the doubts are the lock's. A doubt is settled by an edit of its line,
    or by a reading for the whole deck. A word that is read the same way in several places is told once, at the first.
    """
    from flashgen import pinyin_lexicon as lexicon

    problems: list[Problem] = []
    unsure: dict[tuple[str, str, str], list[Place]] = {}
    odd: dict[tuple[str, str], list[Place]] = {}
    fine: set[tuple[str, str]] = set()
    for card in deck.cards:
        for text, line, place in lines_of(card):
            try:
                pairs = _pairs(text, line)
            except Misfit as misfit:
                problems.append(_misfit(place, misfit))
                continue
            if len(pairs) >= FEWEST_TONELESS and all(tone(said) == 5 for _, said in pairs):
                problems.append(messages.problem("toneless", place))
                continue
            for word, said, wanted in _unheeded(deck, lock, card, text, line):
                problems.append(messages.problem("unheeded", place, word=word, said=said, wanted=wanted))
            own = "".join([word for word in deck.readings if word in text])
            for pair in () if fine.issuperset(pairs) else dict.fromkeys(pairs):
                if pair in fine:
                    continue
                if not lexicon.unlikely(*pair):
                    fine.add(pair)
                elif pair[0] not in own:
                    odd.setdefault(pair, []).append(place)
            for word, said, others in lock.doubts.get(key_of(text, line), ()):
                if word not in own:
                    unsure.setdefault((word, said, others), []).append(place)
    for (hanzi, said), places in odd.items():
        known = lexicon.known(hanzi)
        problems.append(_told("odd-reading", places, word=hanzi, said=said, others=" / ".join(known)))
    for (word, said, others), places in unsure.items():
        problems.append(_told("unsure", places, word=word, said=said, others=others))
    return problems


def _told(code: str, places: Sequence[Place], **values: str) -> Problem:
    return messages.problem(code, places[0], more=messages.more(len(places) - 1), **values)


def _misfit(place: Place, misfit: Misfit) -> Problem:
    return messages.problem(misfit.code, place, **misfit.values)
