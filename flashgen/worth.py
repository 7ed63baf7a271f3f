"""How likely a candidate is worth a card: the weights of weights.py, and the wording of the stretch."""

from __future__ import annotations

import math
from collections.abc import Mapping

from flashgen import arrays
from flashgen.hanzi import bare
from flashgen.phrases import simple
from flashgen.weights import BIAS, WEIGHTS


def score(features: Mapping[str, float]) -> float:
    """Return the log-odds of being worth a card."""
    return BIAS + sum(WEIGHTS[name][0] * value for name, value in features.items())


def pairs(text: str) -> frozenset[str]:
    """Return the characters of a text, and its pairs of neighbours, simplified and without marks."""
    text = bare(simple(text))
    return frozenset((*text, *(text[at : at + 2] for at in range(len(text) - 1))))


def wording(text: str) -> float:
    """Return what the words of a text say for it, in log-odds; learned by scripts/train_worth.py."""
    weights = arrays.table("wording.tsv.gz")
    known = [weights[pair] for pair in pairs(text) if pair in weights]
    # fsum is exact, so that the order of a set, which no two runs share, cannot show.
    return math.fsum(known) / math.sqrt(len(known)) if known else 0.0
