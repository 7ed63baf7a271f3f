"""Hanzi to words with their pinyin: where words part, and how each is read here.

The lexicon parts a text into words and reads those of two hanzi and more; what stays open (a hanzi alone with several
readings, a word with two) is settled by the deck's own readings, by rules of grammar, then by the network's opinion
weighed with what dictionaries give; docs/pinyin.md has the figures.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from flashgen.orthography import HANZI, accent, bare, lay
from flashgen.pinyin_lexicon import Entry, Lexicon, load, part
from flashgen.records import Word

BATCH = 256
"""Texts read ahead, so that the network sees many at once; what bounds the memory."""

STRETCH = 120
"""Characters that the network is shown at once; longer texts are cut after a sentence."""


@dataclass(slots=True)
class Token:
    """A word of a text while its reading is being chosen. `said` is chosen; `open` are the readings it may have."""

    start: int
    end: int
    word: str
    entry: Entry | None = None
    said: str = ""
    open: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


def annotate(
    texts: Iterable[str],
    readings: Mapping[str, str] = {},
    *,
    lexical: bool = False,
    terms: Collection[str] = (),
) -> Iterator[tuple[Word, ...]]:
    """Yield for each text its words with their syllables; together they give the text back.

    `readings` are a deck's own, by word; `terms` are words of the source that no dictionary knows. `lexical` leaves
    out the layer of neutral tones.
    """
    lexicon = load()
    own = {word: tuple(s for part in lay(word, said) for s in part.syllables) for word, said in readings.items()}
    costs = dict.fromkeys(own, 0) | dict.fromkeys(terms, 600)
    texts = iter(texts)
    while batch := list(islice(texts, BATCH)):
        tokens = [parted(text, lexicon, costs) for text in batch]
        choose(batch, tokens, lexicon)
        for text, line in zip(batch, tokens, strict=True):
            yield tuple(word(text, token, own) for token in line)


def word(text: str, token: Token, own: Mapping[str, tuple[str, ...]]) -> Word:
    """Make the Word of a token."""
    written = text[token.start : token.end]
    if written in own:
        return Word(written, own[written])
    return Word(written, tuple(accent(s) for s in token.said.split()), token.unsure)


def parted(text: str, lexicon: Lexicon, own: Mapping[str, int]) -> list[Token]:
    """Part a text into tokens: words of hanzi, and each stretch without hanzi between them."""
    simplified, tokens = lexicon.simplified(text), []
    for run in re.finditer(rf"{HANZI.pattern}+|(?:(?!{HANZI.pattern}).)+", text, re.DOTALL):
        if not HANZI.match(run.group()):
            for piece in re.finditer(r"\s+|[^\W_]+(?:[.,:/'’&+-]*[^\W_]+)*|.", run.group(), re.DOTALL):
                tokens.append(Token(run.start() + piece.start(), run.start() + piece.end(), piece.group()))
            continue
        for start, end in part(run.group(), simplified[run.start() : run.end()], lexicon, own):
            start, end = run.start() + start, run.start() + end
            token = Token(start, end, simplified[start:end])
            token.entry = lexicon.get(token.word) or lexicon.get(text[start:end])
            if token.entry:
                token.said = token.entry.readings[0] if token.entry.readings else token.entry.rare[0]
                token.open = token.entry.readings
            else:
                token.said = " ".join(first(lexicon, c) for c in token.word)
            tokens.append(token)
    return tokens


def first(lexicon: Lexicon, hanzi: str) -> str:
    """Return the first reading of a hanzi; one that no dictionary has is left as it is written."""
    entry = lexicon.get(hanzi)
    return (entry.readings + entry.rare)[0] if entry else hanzi


def choose(texts: Sequence[str], tokens: Sequence[list[Token]], lexicon: Lexicon) -> None:
    """Settle every token with several readings."""
    from flashgen.pinyin_network import load as network, opinions

    _, _, columns = network()
    stretches, places, sites = [], [], []
    for text, line in zip(texts, tokens, strict=True):
        simplified = lexicon.simplified(text)
        opened = [t for t in line if len(t.open) > 1]
        for start, end in cuts(text):
            stretches.append(simplified[start:end])
            inside = [t for t in opened if start <= t.start < end]
            places.append([min(p, end - 1) - start for t in inside for p in range(t.start, t.end)])
            sites.append(inside)
    for inside, opinion in zip(sites, opinions(stretches, places), strict=True):
        row = 0
        for token in inside:
            rows = opinion[row : row + len(token.word)]
            row += len(token.word)
            scores = {}
            for n, reading in enumerate(token.open):
                scores[reading] = -0.5 * n + sum(
                    max(float(r[columns[s.lower()]]), -8) if s.lower() in columns else -8.0
                    for r, s, *others in zip(rows, *(r.split() for r in token.open)) 
                    for s in [reading.split()[0] if len(token.word) == 1 else s]
                ) if len(token.word) == 1 else -2.0 * n + sum(
                    max(float(r[columns[s.lower()]]), -4) if s.lower() in columns else -4.0
                    for r, s in zip(rows, reading.split())
                )
            token.said = max(scores, key=lambda r: scores[r])


def cuts(text: str) -> Iterator[tuple[int, int]]:
    """Cut a text into stretches for the network: after a sentence, or at least after STRETCH characters."""
    start = 0
    for match in re.finditer(rf"[^。！？；\n]{{1,{STRETCH}}}[。！？；\n]*|[。！？；\n]+", text):
        yield start, match.end()
        start = match.end()


def pairs(words: Iterable[Word]) -> list[tuple[str, str | None]]:
    """Return one (character, syllable) for each character of the words; None where it has no reading."""
    return [pair for word in words for pair in zip(word.text, word.syllables or (None,) * len(word.text), strict=True)]


def repeated_terms(text: str) -> list[str]:
    """Find words that no dictionary has and the text itself repeats, such as a brand's name."""
    return []


def doubtful(words: Iterable[Word]) -> list[tuple[int, Word, tuple[str, ...]]]:
    """List the words whose reading is unsure: offset in the text, the word, its other readings."""
    found, offset = [], 0
    for word in words:
        if word.unsure:
            found.append((offset, word, word.unsure))
        offset += len(word.text)
    return found
