"""Hanzi to words with their pinyin: how each word is read where it stands.

The lexicon parts a text into words and reads those of two hanzi and more. What stays open (a hanzi alone
with several readings, a word with two) is settled by the deck's own readings, by rules of grammar, then by
the network's opinion weighed with what dictionaries give. docs/pinyin.md tells more and has the figures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby, islice
from typing import TYPE_CHECKING

from flashgen.orthography import accent, lay, numbered
from flashgen.pinyin_lexicon import Lexicon, load
from flashgen.pinyin_ranker import Site, score, trained
from flashgen.pinyin_words import Token, context, parted, repeated_terms
from flashgen.records import Word

if TYPE_CHECKING:
    import numpy as np

__all__ = ["annotate", "doubtful", "pairs", "repeated_terms"]

BATCH = 256
"""Texts read ahead, so that the network sees many at once; what bounds the memory."""

STRETCH = 120
"""Characters that the network is shown at once; longer texts are cut after a sentence."""

TERM = 600
"""Cost of a word that the source repeats: that of a common word."""

LIKELY = 0.05
"""A reading at least as probable as this, beside the chosen one, makes a word unsure."""


UNHEARD = -5.0
"""Score of a dictionary's reading for each place down its list, where the network does not know the hanzi."""


def annotate(
    texts: Iterable[str],
    readings: Mapping[str, str] = {},
    *,
    lexical: bool = False,
    terms: Collection[str] = (),
) -> Iterator[tuple[Word, ...]]:
    """Yield for each text its words with their syllables; together they give the text back.

    `readings` are a deck's own pinyin by word, `terms` words of the source that no dictionary knows (see
    `repeated_terms`). `lexical` leaves out the layer of neutral tones: rènshí, not rènshi. Texts are read
    BATCH at a time. Raises orthography.Misfit for a reading that does not fit its word.
    """
    lexicon = load()
    own = {word: reading(word, said) for word, said in readings.items()}
    costs = dict.fromkeys(terms, TERM) | dict.fromkeys(own, 0)
    texts = iter(texts)
    while batch := list(islice(texts, BATCH)):
        tokens = [parted(text, lexicon, costs) for text in batch]
        choose(batch, tokens, lexicon, lexical=lexical)
        for text, line in zip(batch, tokens, strict=True):
            yield tuple(part for token in line for part in words(text, token, own))


def reading(word: str, pinyin: str) -> tuple[Word, ...]:
    """Return a deck's reading of a word, parted as it is written; a capital at its start makes it a name."""
    first, *others = lay(word, pinyin)
    if pinyin.strip()[:1].isupper() and first.syllables:
        first = first._replace(syllables=(first.syllables[0].capitalize(), *first.syllables[1:]))
    return (first, *others)


def words(text: str, token: Token, own: Mapping[str, tuple[Word, ...]]) -> tuple[Word, ...]:
    """Return the Word of a token; a deck's own reading may have several, parted as it was written."""
    written = text[token.start : token.end]
    if written in own:
        return own[written]
    if token.said == token.word:  # a hanzi that no dictionary has stands for itself
        return (Word(written),)
    return (Word(written, tuple(map(accent, token.said.split())), tuple(map(accented, token.unsure))),)


def accented(reading: str) -> str:
    """Return a reading of the lexicon as people write it: zhang3 da4 -> zhǎng dà."""
    return " ".join(map(accent, reading.split()))


@cache
def rules() -> dict[str, list[tuple[re.Pattern[str], re.Pattern[str], str]]]:
    """Load the rules of grammar by word: a pattern for the word before, one for that after, the reading."""
    found: dict[str, list[tuple[re.Pattern[str], re.Pattern[str], str]]] = {}
    for line in (files("flashgen") / "data" / "rules.tsv").read_text("utf-8").splitlines():
        if line and line[0] != "#":
            word, before, after, reading, _ = line.split("\t")
            said = " ".join(map(numbered, reading.split()))
            found.setdefault(word, []).append((re.compile(before), re.compile(after), said))
    return found


def ruled(line: Sequence[Token], n: int) -> str | None:
    """Return the reading that a rule gives token `n`, or None."""
    for before, after, reading in rules().get(line[n].word, ()):
        if before.fullmatch(context(line, n - 1)) and after.fullmatch(context(line, n + 1)):
            return reading
    return None


def choose(texts: Sequence[str], lines: Sequence[list[Token]], lexicon: Lexicon, *, lexical: bool) -> None:
    """Settle every token with several readings: by rule, else by the ranker with the network's opinion."""
    stretches, places, asked = [], [], []
    for text, line in zip(texts, lines, strict=True):
        opened = []
        for n, token in enumerate(line):
            reading = ruled(line, n)
            if reading:
                token.said = reading
            elif len(token.readings) > 1 or (lexical and len(token.word) > 1 and token.readings):
                opened.append(n)
        if opened:
            simplified = lexicon.simplified(text)
            for start, end in cuts(line):
                inside = [
                    (n, at) for n in opened for at in range(line[n].start, line[n].end) if start <= at < end
                ]
                stretches.append(simplified[start:end])
                places.append([at - start for _, at in inside])
                asked.append((text, line, [n for n, _ in inside]))
    if not asked:
        return
    from flashgen.pinyin_network import load as network
    from flashgen.pinyin_network import opinions

    columns = network()[2]
    for (text, line, numbers), rows in zip(asked, opinions(stretches, places), strict=True):
        for n, group in groupby(zip(numbers, rows, strict=True), key=lambda answer: answer[0]):
            settle(line, n, text, [row for _, row in group], columns, lexicon, lexical=lexical)


def settle(
    line: Sequence[Token],
    n: int,
    text: str,
    rows: Sequence[np.ndarray],
    columns: dict[str, int],
    lexicon: Lexicon,
    *,
    lexical: bool,
) -> None:
    """Choose the reading of token `n` from the network's rows for its hanzi."""
    token = line[n]
    scores: list[dict[str, float]] = []
    for at, row in enumerate(rows):
        site = asked_site(line, n, at, row, columns, lexicon)
        written = lexicon.get(text[token.start + at]) if lexicon.traditional(text[token.start + at]) else None
        possible = site.candidates(lexicon)
        if written:  # a traditional hanzi has fewer readings than the simplified one it shares
            own = {s.lower() for s in written.readings + written.rare}
            possible = [s for s in possible if s in own] or possible
        if trained(site.hanzi):
            scores.append({s: score(site, s) for s in possible})
        else:  # nothing is known but what dictionaries put first
            if lexical:  # 友 in 朋友 is yǒu by itself
                alone = lexicon.get(site.hanzi)
                same = [s for s in (alone.readings if alone else ()) if s.rstrip("1234") == possible[0]]
                possible = same or possible
            scores.append({s: UNHEARD * order for order, s in enumerate(possible)})
    if len(token.word) == 1:
        ways = scores[0]
    elif lexical:  # hanzi by hanzi, whatever the dictionary says
        ways = {" ".join(max(s, key=lambda r: s[r]) for s in scores): 0.0}
    else:
        ways = {
            way: sum(s.get(r.lower(), UNHEARD) for s, r in zip(scores, way.split(), strict=True))
            for way in token.readings
        }
    token.said = max(ways, key=lambda way: ways[way])
    likely = share(ways)
    others = (w for w in sorted(ways, key=lambda w: -ways[w]) if w.lower() != token.said.lower())
    token.unsure = tuple(w for w in others if likely[w] > LIKELY)


def share(scores: Mapping[str, float]) -> dict[str, float]:
    """Return scores as probabilities."""
    top = max(scores.values())
    parts = {name: math.exp(s - top) for name, s in scores.items()}
    total = sum(parts.values())
    return {name: part / total for name, part in parts.items()}


def asked_site(
    line: Sequence[Token], n: int, at: int, row: np.ndarray, columns: dict[str, int], lexicon: Lexicon
) -> Site:
    """Gather what the ranker weighs for hanzi `at` of token `n`."""
    token = line[n]
    before = line[n - 1] if n else None
    after = line[n + 1] if n + 1 < len(line) else None
    given = tuple(r.split()[at].lower() for r in token.readings)
    entry = lexicon.get(token.word[at])
    known = {*given, *(s.lower() for s in (entry.readings + entry.rare if entry else ()))}
    return Site(
        word=token.word,
        at=at,
        kind=token.kind[:1],
        before=before.word if before else "^",
        after=after.word if after else "$",
        before_kind=before.kind[:1] if before else "",
        after_kind=after.kind[:1] if after else "",
        given=given,
        full=tuple(full(lexicon, token.word[at], s) for s in given),
        covering=tuple(covering(line, n, at, lexicon)),
        log={s: float(row[columns[s]]) for s in known if s in columns},
    )


def full(lexicon: Lexicon, hanzi: str, syllable: str) -> str:
    """Return a neutral syllable with the tone that the hanzi has by itself."""
    entry = lexicon.get(hanzi)
    if syllable[-1].isdigit() or not entry:
        return syllable
    return next((s for s in entry.readings + entry.rare if s[:-1] == syllable and s[-1].isdigit()), syllable)


def covering(line: Sequence[Token], n: int, at: int, lexicon: Lexicon) -> Iterator[tuple[int, str]]:
    """Yield the other words that hanzi `at` of token `n` could belong to: length, its syllable there."""
    near = line[max(0, n - 2) : n + 3]
    text, place = "", 0
    for token in near:
        if token is line[n]:
            place = len(text) + at
        text += token.word if token.readings else " " * len(token.word)
    for length in range(2, 6):
        for start in range(max(0, place - length + 1), min(place + 1, len(text) - length + 1)):
            word = text[start : start + length]
            entry = lexicon.get(word) if word != line[n].word else None
            if entry:
                said = {
                    full(lexicon, word[place - start], r.lower().split()[place - start])
                    for r in entry.readings
                }
                if len(said) == 1:
                    yield length, said.pop()


def cuts(line: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Cut a text into stretches for the network, between words: after a sentence, or after STRETCH characters."""
    start = 0
    for token in line:
        if token.word[0] in "。！？；\n" or token.end - start >= STRETCH or token is line[-1]:
            yield start, token.end
            start = token.end


def pairs(words: Iterable[Word]) -> list[tuple[str, str | None]]:
    """Return one (character, syllable) for each character of the words; None where it has no reading."""
    return [
        pair
        for word in words
        for pair in zip(word.text, word.syllables or (None,) * len(word.text), strict=True)
    ]


def doubtful(words: Iterable[Word]) -> list[tuple[int, Word, tuple[str, ...]]]:
    """List the words whose reading is unsure: offset in the text, the word, its other readings."""
    found, offset = [], 0
    for word in words:
        if word.unsure:
            found.append((offset, word, word.unsure))
        offset += len(word.text)
    return found
