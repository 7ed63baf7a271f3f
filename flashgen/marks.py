"""Where a clause ends in a run that lost its marks: a linear model over the characters around each place."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files

from flashgen.pinyin_lexicon import load as load_lexicon

CLAUSE = -1.3
"""Log-odds from which a place counts as a clause's end: there 60 % of the places found in text held out from
training had a mark, and 58 % of the marks were found (scripts/train_marks.py)."""


@cache
def _weights() -> dict[str, float]:
    data = gzip.decompress((files("flashgen") / "data" / "marks.tsv.gz").read_bytes()).decode("utf-8")
    pairs = (line.split("\t") for line in data.splitlines() if not line.startswith("#"))
    return {key: int(weight) / 100 for key, weight in pairs}


def features(text: str, at: int) -> tuple[str, ...]:
    """Return what is looked at between the characters `at - 1` and `at`: up to three on either side."""
    left, right = ("^^^" + text)[at : at + 3], (text + "$$$")[at : at + 3]
    return (
        "a" + left[2],
        "b" + left[1:],
        "c" + left,
        "d" + right[0],
        "e" + right[:2],
        "f" + right,
        "g" + left[2] + right[0],
        "h" + left[1:] + right[0],
        "i" + left[2] + right[:2],
        "j" + left[1:] + right[:2],
        f"k{min((at - 1) // 4, 15)}",
    )


def gaps(text: str) -> list[float]:
    """Return for each place from 1 to len(text) - 1 the log-odds that a clause ends before that character."""
    weights = _weights()
    plain = load_lexicon().simplified(text)
    bias = weights["bias"]
    return [
        bias + sum(weights.get(feature, 0.0) for feature in features(plain, at)) for at in range(1, len(text))
    ]
