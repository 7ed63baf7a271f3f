"""Which reading a hanzi has here: the network's opinion weighed with the lexicon's and the words around.

A log-linear model: the score of a reading is the sum of the weights of its features, learned on CPP dev
(Wikipedia sentences, one marked hanzi each) by scripts/train_ranker.py. Some features have one weight for all
hanzi, others one for each reading of each hanzi. The weights are flashgen/data/ranker.tsv.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

FLOOR = -20.0
"""Least log probability that counts, and that of a reading the network does not know."""


class Site(NamedTuple):
    """Hanzi `at` of `word`, whose reading is open.

    `log` maps the syllables it may have to the network's log probabilities, FLOOR or more. `given` are the
    syllables that the word's readings in the lexicon have there, `full` the same without neutral tones,
    `covering` other words it could belong to, by length and syllable. `around` names what else bears on it:
    the features of which each reading of each hanzi has weights of its own.
    """

    word: str
    at: int
    given: tuple[str, ...]
    full: tuple[str, ...]
    covering: tuple[tuple[int, str], ...]
    around: tuple[str, ...]
    log: Mapping[str, float]

    @property
    def hanzi(self) -> str:
        """The hanzi itself."""
        return self.word[self.at]


def shared(site: Site, syllable: str) -> Iterator[tuple[str, float]]:
    """Yield the features of one reading that have one weight for all hanzi, by name, with their values."""
    alone, settled = len(site.word) == 1, len(set(site.full)) == 1
    yield ("network" if alone else "network, word" if settled else "network, words"), site.log[syllable]
    if not syllable[-1].isdigit():
        yield "neutral", 1
    for length, reading in site.covering:
        if reading == syllable:
            yield f"covered by {min(length, 3)}" + (" alone" if alone else ""), 1
    if alone:
        for n, reading in enumerate(site.given[:3]):
            if reading == syllable:
                yield f"hanzi's reading {n}", 1
    elif not settled:
        for n, reading in enumerate(site.full):
            if reading == syllable:
                yield f"word's reading {n}", 1
    elif syllable == site.full[0]:
        yield f"word of {min(len(site.word), 4)}", 1
        if syllable != site.given[0]:
            yield "full for neutral", 1
    elif syllable == site.given[0]:
        yield NEUTRAL, 1


NEUTRAL = "given neutral"
"""The feature of a neutral tone that the lexicon gives; it has a shared weight and one for each hanzi."""


@cache
def table() -> tuple[dict[str, float], dict[str, dict[str, float]], frozenset[str]]:
    """Load the weights: the shared ones, those of each reading (为wei4), and the hanzi they were learned from."""
    weights: dict[str, dict[str, float]] = {"": {}}
    hanzi = ""
    for line in (files("flashgen") / "data" / "ranker.tsv").read_text("utf-8").splitlines():
        if line[0] == "#":
            continue
        reading, name, *weight = line.split("\t")
        if weight:
            weights.setdefault(reading, {})[name] = float(weight[0])
        else:
            hanzi = name
    return weights.pop(""), weights, frozenset(hanzi)


def trained(hanzi: str) -> bool:
    """Whether the network was trained on a hanzi; of others it knows nothing."""
    return hanzi in table()[2]


def score(site: Site, syllable: str) -> float:
    """Return the score of one reading: the logarithm of its probability but for a constant."""
    weights, own, _ = table()
    total, neutral = 0.0, False
    for name, value in shared(site, syllable):
        total += weights.get(name, 0.0) * value
        neutral = name == NEUTRAL
    if mine := own.get(f"{site.hanzi}{syllable}"):
        for name in site.around:
            total += mine.get(name, 0.0)
        if neutral:
            total += mine.get(NEUTRAL, 0.0)
    return total
