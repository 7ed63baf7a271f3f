"""Which reading a hanzi has here: the network's opinion weighed with the lexicon's and the words around.

A log-linear model: the score of a reading is the sum of the weights of its features, learned on CPP dev
(Wikipedia sentences, one marked hanzi each) by
scripts/train_ranker.py. The weights are flashgen/data/ranker.tsv.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from flashgen.pinyin_lexicon import Lexicon

FLOOR = -20.0
"""Least log probability that counts, and that of a reading the network does not know."""


@dataclass(frozen=True, slots=True)
class Site:
    """A hanzi with several readings: hanzi `at` of `word`, in a line with the words before and after.

    `given` are the syllables that the word's readings in the lexicon have there, `full` the same without
    neutral tones, `covering` other words it could belong to, by length and syllable. `log` maps a syllable to
    the network's log probability.
    """

    word: str
    at: int
    kind: str
    before: str
    after: str
    before_kind: str
    after_kind: str
    given: tuple[str, ...]
    full: tuple[str, ...]
    covering: tuple[tuple[int, str], ...]
    log: dict[str, float]

    @property
    def hanzi(self) -> str:
        """The hanzi itself."""
        return self.word[self.at]

    def candidates(self, lexicon: Lexicon) -> list[str]:
        """Return the syllables that the word or the hanzi may have."""
        entry = lexicon.get(self.hanzi)
        own = (*entry.readings, *entry.rare) if entry else ()
        return list(dict.fromkeys(s.lower() for s in (*self.given, *self.full, *own)))


def features(site: Site, syllable: str) -> Iterator[tuple[str, float]]:
    """Yield the features of one reading, by name, with their values."""
    alone, settled = len(site.word) == 1, len(set(site.full)) == 1
    log = max(site.log.get(syllable, FLOOR), FLOOR)
    yield ("network" if alone else "network, word" if settled else "network, words"), log
    mark = f"{site.hanzi}{syllable}"
    if not syllable[-1].isdigit():
        yield "neutral", 1
    for length, reading in site.covering:
        if reading == syllable:
            yield f"covered by {min(length, 3)}" + (" alone" if alone else ""), 1
    if alone:
        for n, reading in enumerate(site.given[:3]):
            if reading == syllable:
                yield f"hanzi's reading {n}", 1
        yield f"alone {mark}", 1
        yield f"before {mark} {site.before}", 1
        yield f"after {mark} {site.after}", 1
        yield f"kind before {mark} {site.before_kind}", 1
        yield f"kind after {mark} {site.after_kind}", 1
        yield f"left {mark} {site.before[-1:]}", 1
        yield f"right {mark} {site.after[:1]}", 1
        return
    yield f"word {site.word}{site.at} {syllable}", 1
    yield f"inside {mark}", 1
    if not settled:
        for n, reading in enumerate(site.full):
            if reading == syllable:
                yield f"word's reading {n}", 1
    elif syllable == site.full[0]:
        length = min(len(site.word), 4)
        yield f"word of {length}", 1
        if syllable != site.given[0]:
            yield "full for neutral", 1
    elif syllable == site.given[0]:
        yield "given neutral", 1
        yield f"given neutral {site.hanzi}", 1


@cache
def table() -> tuple[dict[str, float], frozenset[str]]:
    """Load the learned weights, and the hanzi that the network and they were trained on."""
    text = (files("flashgen") / "data" / "ranker.tsv").read_text("utf-8")
    rows = dict(line.split("\t") for line in text.splitlines() if line and line[0] != "#")
    hanzi = rows.pop("hanzi", "")
    return {name: float(weight) for name, weight in rows.items()}, frozenset(hanzi)


def trained(hanzi: str) -> bool:
    """Whether the network was trained on a hanzi; of others it knows nothing."""
    return hanzi in table()[1]


def score(site: Site, syllable: str) -> float:
    """Return the score of one reading: the logarithm of its probability but for a constant."""
    weights = table()[0]
    return sum(weights.get(name, 0.0) * value for name, value in features(site, syllable))
