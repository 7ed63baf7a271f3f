"""Hanzi to words with their pinyin: how each word is read where it stands.

The lexicon parts a text into words and reads those of two hanzi and more. What stays open (a hanzi alone
with several readings, a word with two) is settled by the deck's own readings, by rules of grammar, then by
the network's opinion weighed with what dictionaries give. docs/pinyin.md tells more and has the figures.
"""

from __future__ import annotations

import bisect
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import groupby, islice, takewhile
from typing import TYPE_CHECKING

from flashgen.orthography import accent, lay, numbered
from flashgen.pinyin_lexicon import Lexicon, Token, load
from flashgen.pinyin_ranker import FLOOR, Site, score, trained
from flashgen.pinyin_words import completed, context, parted, repeated_terms
from flashgen.records import Word

if TYPE_CHECKING:
    import numpy as np

__all__ = ["annotate", "pairs", "repeated_terms"]

BATCH = 256
"""Texts read ahead, so that the network sees many at once; what bounds the memory."""

STRETCH = 120
"""Characters that the network is shown at once; longer texts are cut after a sentence."""

TERM = 600
"""Cost of a word that the source repeats: that of a common word."""

LIKELY = 0.05
"""A reading at least as probable as this, beside the chosen one, makes a word unsure."""

NEAR = math.log(LIKELY)
"""A score further than this below the best one is of no such reading, whatever the others have."""

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
    # A word of the deck's is one wherever it stands; a single hanzi only where it is a word: 更 is not read in 更新.
    costs = dict.fromkeys(terms, TERM) | {word: 0 for word in own if len(word) > 1}
    texts = iter(texts)
    while batch := list(islice(texts, BATCH)):
        tokens = [parted(text, lexicon, costs) for text in batch]
        choose(batch, tokens, lexicon, lexical=lexical)
        for text, line in zip(batch, tokens, strict=True):
            words = [
                spelt(text[token.start : token.end], token.said, token.unsure) for token in completed(line)
            ]
            if own:  # a word may be several, parted as the deck's reading was written
                words = [part for one in words for part in own.get(one.text, (one,))]
            yield tuple(words)


def reading(word: str, pinyin: str) -> tuple[Word, ...]:
    """Return a deck's reading of a word, parted as it is written; a capital at its start makes it a name."""
    first, *others = lay(word, pinyin)
    if pinyin.strip()[:1].isupper() and first.syllables:
        first = first._replace(syllables=(first.syllables[0].capitalize(), *first.syllables[1:]))
    return (first, *others)


@lru_cache(maxsize=2**14)  # most words come again and again
def spelt(written: str, said: str, unsure: tuple[str, ...]) -> Word:
    """Return a word with its syllables as people write them: zhang3 da4 -> zhǎng, dà."""
    if said == written:  # a hanzi that no dictionary has stands for itself
        return Word(written)
    others = tuple([" ".join(map(accent, other.split())) for other in unsure])
    return Word(written, tuple(map(accent, said.split())), others)


Rule = tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], str]


@cache
def rules() -> dict[str, list[Rule]]:
    """Load the rules of grammar by word: patterns for the word before, for that after, for a later one; the reading.

    The pattern for a later word of the clause stands behind " & ", and is empty where there is none.
    """
    found: dict[str, list[Rule]] = {}
    for line in (files("flashgen") / "data" / "rules.tsv").read_text("utf-8").splitlines():
        if line and line[0] != "#":
            word, before, after, reading, _ = line.split("\t")
            said = " ".join(map(numbered, reading.split()))
            following, _, later = after.partition(" & ")
            patterns = (re.compile(before), re.compile(following), re.compile(later))
            found.setdefault(word, []).append((*patterns, said))
    return found


def ruled(line: Sequence[Token], n: int) -> str | None:
    """Return the reading that a rule gives token `n`, or None."""
    for before, after, later, reading in rules().get(line[n].word, ()):
        if before.fullmatch(context(line, n - 1)) and after.fullmatch(context(line, n + 1)):
            rest = takewhile(lambda at: line[at].readings, range(n + 2, len(line)))
            if not later.pattern or any(later.fullmatch(context(line, at)) for at in rest):
                return reading
    return None


def choose(texts: Sequence[str], lines: Sequence[list[Token]], lexicon: Lexicon, *, lexical: bool) -> None:
    """Settle every token with several readings: by rule, else by the ranker with the network's opinion."""
    stretches, places, asked = [], [], []
    grammar = rules()
    for text, line in zip(texts, lines, strict=True):
        opened = []
        for n, token in enumerate(line):
            if token.word in grammar and (reading := ruled(line, n)):
                token.said = reading
            elif len(token.readings) > 1 or (lexical and len(token.word) > 1 and token.readings):
                opened.append(n)
        if opened:
            simplified = lexicon.simplified(text)
            hanzi = shadow(line)
            all_open = [(n, at) for n in opened for at in range(line[n].start, line[n].end)]
            done = 0
            for start, end in cuts(line):
                inside = all_open[done : bisect.bisect_left(all_open, end, done, key=lambda one: one[1])]
                done += len(inside)
                stretches.append(simplified[start:end])
                places.append([at - start for _, at in inside])
                asked.append((text, line, hanzi, [n for n, _ in inside]))
    if not asked:
        return
    from flashgen.pinyin_network import load as network
    from flashgen.pinyin_network import opinions

    columns = network()[2]
    for (text, line, hanzi, numbers), rows in zip(asked, opinions(stretches, places), strict=True):
        for n, group in groupby(zip(numbers, rows, strict=True), key=lambda answer: answer[0]):
            sites = [
                asked_site(line, n, at, row, columns, hanzi, lexicon) for at, (_, row) in enumerate(group)
            ]
            settle(line[n], text, sites, lexicon, lexical=lexical)


def shadow(line: Iterable[Token]) -> str:
    """Return a line's text, simplified, with spaces for all that is not read."""
    return "".join([token.word if token.readings else " " * len(token.word) for token in line])


def settle(token: Token, text: str, sites: Sequence[Site], lexicon: Lexicon, *, lexical: bool) -> None:
    """Choose the reading of a token by what is known of its hanzi."""
    scores: list[dict[str, float]] = []
    for at, site in enumerate(sites):
        possible = list(site.log)
        written = text[token.start + at]
        if lexicon.traditional(written):  # it has fewer readings than the simplified one it shares
            own = lexicon.syllables(written)
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
    token.said = max(ways, key=ways.__getitem__)
    top = ways[token.said]
    near = [way for way in ways if ways[way] > top + NEAR and way.lower() != token.said.lower()]
    if near:
        total = sum(math.exp(score - top) for score in ways.values())
        likely = (way for way in near if math.exp(ways[way] - top) > LIKELY * total)
        token.unsure = tuple(sorted(likely, key=lambda way: -ways[way]))


def asked_site(
    line: Sequence[Token],
    n: int,
    at: int,
    row: np.ndarray,
    columns: Mapping[str, int],
    text: str,
    lexicon: Lexicon,
) -> Site:
    """Gather what the ranker weighs for hanzi `at` of token `n`.

    `row` has the network's log probability of each reading, in the `columns`; `text` is the line's `shadow`.
    """
    token = line[n]
    word, hanzi = token.word, token.word[at]
    given = tuple([r.split()[at].lower() for r in token.readings])
    whole = tuple([full(lexicon, hanzi, s) for s in given])
    near = line[max(0, n - 2)].start, line[min(n + 2, len(line) - 1)].end
    return Site(
        word,
        at,
        given,
        whole,
        tuple(covering(text, token.start + at, near, word, lexicon)),
        around(line, n) if len(word) == 1 else ("inside", f"word {word}{at}"),
        {
            s: max(float(row[columns[s]]), FLOOR) if s in columns else FLOOR
            for s in dict.fromkeys((*given, *whole, *lexicon.syllables(hanzi)))
        },
    )


def around(line: Sequence[Token], n: int) -> tuple[str, ...]:
    """Name what stands around token `n`, a single hanzi, as the ranker's table has it."""
    before, before_kind = (line[n - 1].word, line[n - 1].kind[:1]) if n else ("^", "")
    after, after_kind = (line[n + 1].word, line[n + 1].kind[:1]) if n + 1 < len(line) else ("$", "")
    return (
        "alone",
        f"before {before}",
        f"after {after}",
        f"kind before {before_kind}",
        f"kind after {after_kind}",
        f"left {before[-1:]}",
        f"right {after[:1]}",
    )


def full(lexicon: Lexicon, hanzi: str, syllable: str) -> str:
    """Return a neutral syllable with the tone that the hanzi has by itself."""
    if syllable[-1].isdigit():
        return syllable
    return next((s for s in lexicon.syllables(hanzi) if s[:-1] == syllable and s[-1].isdigit()), syllable)


def covering(
    text: str, place: int, near: tuple[int, int], own: str, lexicon: Lexicon
) -> Iterator[tuple[int, str]]:
    """Yield the words, but for its `own`, that the hanzi at a place could belong to: length, its syllable there."""
    first, last = near
    for start in range(max(first, place - 4), place + 1):
        furthest = min(last, start + min(5, lexicon.reach.get(text[start : start + 2], 2)))
        for end in range(max(place + 1, start + 2), furthest + 1):
            word = text[start:end]
            if word != own and (entry := lexicon.get(word)):
                at = place - start
                said = {full(lexicon, word[at], r.lower().split()[at]) for r in entry.readings}
                if len(said) == 1:
                    yield end - start, said.pop()


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
