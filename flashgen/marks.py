"""Marks in text that lost them: where clauses end, and which marks can be put back.

A network over characters (five convolutions of width 3, seeing 16 characters to either side) tells for each
character which mark followed it. scripts/train_marks.py made it and says of what.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from flashgen.hanzi import HANZI
from flashgen.pinyin_lexicon import load as load_lexicon

if TYPE_CHECKING:
    import numpy as np

MARKS = "，：；？！。、"
"""The marks that the network knows, in the order of its columns from 1; column 0 says that there was none."""

DILATIONS = (1, 1, 2, 4, 8)  # of its layers; together the reach to either side
_REACH = sum(DILATIONS)
_WINDOW = 4000  # characters at a time: 6 MB of memory
_ENDS = slice(1, 7)  # columns of the marks that end a clause

CLAUSE = -1.3
"""Log-odds from which a place counts as a clause's end: there 60 % of the places found in text held out from
training had a mark, and 58 % of the marks were found (scripts/train_marks.py)."""

SURE = 0.95
"""Probability from which a mark is put back."""

SURE_BEFORE_OPENER = 0.8
"""The same before words that open a clause and are hardly anything else."""

_OPENER = re.compile(
    "因为|那么(?![多大高好美难快])|比如|从而|而是|虽然|否则|然而|于是(?!否)|不管|只要|即使|也就是|以便|那就|这就|因此(?![被遭而])|要么|尤其|"
    "但[是我你他她它这那如对在]|而且"
)
_INSIDE = re.compile(  # too often in the middle of a clause
    "以及|而不|或者|还是|并且|你就|我也|其实|几乎|而后|这些|实际|于是否|因此[被遭]|(?:但|而|虽)[^的]{1,7}的"
)


@cache
def _network() -> tuple[dict[str, int], Any, list[tuple[Any, Any]]]:
    """Return the row of each character, the rows, and the kernel and bias of each layer."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as pinyin_network has it: whoever is first imports numpy
    import numpy as np

    with (
        (files("flashgen") / "data" / "marks.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        rows = {str(char): n for n, char in enumerate(arrays["chars"], 2)}
        values = arrays["embedding"] * arrays["embedding_scale"].astype(np.float32)
        layers = [
            (
                arrays[f"kernel{n}"] * arrays[f"kernel{n}_scale"].astype(np.float32),
                arrays[f"bias{n}"].astype(np.float32),
            )
            for n in range(len(DILATIONS) + 1)
        ]
    return rows, values, layers


def likelihoods(text: str) -> np.ndarray:
    """Return an array (len(text), 8): how likely each mark is to have followed each character, or none."""
    rows, values, layers = _network()
    import numpy as np

    plain = load_lexicon().simplified(text)
    ids = np.array([rows.get(char, 1) for char in plain], np.int32)
    out = np.empty((len(text), len(MARKS) + 1), np.float32)
    for start in range(0, len(text), _WINDOW):
        first, end = max(0, start - _REACH), min(len(text), start + _WINDOW)
        hidden = values[ids[first : end + _REACH]]
        for n, ((kernel, bias), reach) in enumerate(zip(layers, DILATIONS, strict=False)):
            padded = np.pad(hidden, ((reach, reach), (0, 0)))
            seen = np.concatenate((padded[: -2 * reach], hidden, padded[2 * reach :]), axis=1)
            new = np.maximum(seen @ kernel + bias, 0)
            hidden = hidden + new if n else new
        kernel, bias = layers[-1]
        logits = (hidden @ kernel + bias)[start - first :][: end - start]
        logits = np.exp(logits - logits.max(axis=1, keepdims=True))
        out[start:end] = logits / logits.sum(axis=1, keepdims=True)
    return out


def gaps(text: str) -> list[float]:
    """Return for each place from 1 to len(text) - 1 the log-odds that a clause ends before that character."""
    chance = likelihoods(text)[:-1, _ENDS].sum(axis=1).clip(1e-6, 1 - 1e-6)
    import numpy as np

    return [float(odds) for odds in np.log(chance / (1 - chance))]


_HANZI = re.compile(f"[{HANZI}]")
_LEAST = 300  # hanzi in which a mark's lack means something
_RARE = {"，": 5.0, "。": 2.0}  # for each 1,000 hanzi, prose having 60 and 25; of the other marks not one


def lost(texts: Sequence[str]) -> str:
    """Return the marks that paragraphs of prose would have and these have not, "" if commas are there."""
    whole = "".join(texts)
    hanzi = len(_HANZI.findall(whole))
    if hanzi < _LEAST or whole.count("，") + whole.count(",") > _RARE["，"] * hanzi / 1000:
        return ""
    return "".join(mark for mark in MARKS[:6] if whole.count(mark) <= _RARE.get(mark, 0) * hanzi / 1000)


_ROUNDS = 3  # a mark put back makes the places around it clearer
_RUN = re.compile(rf"[{HANZI}A-Za-z\d%”’」』》][{HANZI}A-Za-z\d“‘「『《]")
_SHORT = 8


def restore(text: str, gone: str) -> list[tuple[int, str]]:
    """Return the marks to put back into a paragraph that lost those of `gone`, each with the place it goes before."""
    if len(_HANZI.findall(text)) < _SHORT:
        return []
    columns = [MARKS.index(mark) + 1 for mark in gone]
    found: dict[int, str] = {}
    for _ in range(_ROUNDS):
        places = sorted(found)
        now = "".join(
            text[a:b] + found.get(b, "") for a, b in zip([0, *places], [*places, len(text)], strict=True)
        )
        chances = likelihoods(now)
        more = dict(_sure(text, found, chances[:, columns], gone))
        if not more:
            break
        found |= more
    return sorted(found.items())


def _sure(text: str, found: dict[int, str], chances: Any, gone: str) -> Iterator[tuple[int, str]]:
    shift = 0
    plain = load_lexicon().simplified(text)
    for at in range(1, len(text)):
        if at - 1 in found:
            shift += 1
        if at in found:
            continue
        row = chances[at - 1 + shift]
        if _INSIDE.match(plain, at):
            continue
        sure = SURE_BEFORE_OPENER if _OPENER.match(plain, at) else SURE
        if row.sum() >= sure and _RUN.fullmatch(text[at - 1 : at + 1]):
            yield at, gone[int(row.argmax())]
