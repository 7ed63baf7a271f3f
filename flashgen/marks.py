"""Marks in text that lost them: where clauses end, and which marks can be put back.

A network over characters (five convolutions of width 3, seeing 16 characters to either side) tells for each
character which mark followed it. scripts/train_marks.py made it and says of what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from flashgen import arrays
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

CLAUSE = -0.6
"""Log-odds from which a place counts as a clause's end: there 56 % of the places found in sources that were not
trained on had a mark, and 72 % of the marks were found."""

SURE, SURE_BEFORE_OPENER = 0.94, 0.8
"""Probabilities from which a mark is put back, and before words that open a clause and are hardly anything else.

Put back into six sources that were not trained on, stripped of their full-width marks, 94.5 % of the marks stand where
one had stood (96.6 % if brackets count), and 11 % of all that had stood are back. Most of the others are commas that
another author would have set: of 100 that an editor read, 96 were right, 3 should have been another mark, 1 none (the
cause of three of these four is mended since). Where full stops are gone too, 98 %
stand where a mark had stood, but a comma may stand for a full stop."""

_OPENER = re.compile(
    "因为(?![^，。]{1,12}而)|那么(?![多大高好美难快])|比如|从而|而是|虽然|否则|然而|于是(?!否)|不管|只要|即使|也就是|以便|那就|这就|因此(?![被遭而])|要么|尤其|"
    "但[是我你他她它这那如对在]|而且"
)
_INSIDE = re.compile(  # too often in the middle of a clause
    "以及|而不|或者|还是|并且|你就|我也|其实|几乎|而后|这些|实际|于是否|因此[被遭]|(?:但|而|虽)[^的]{1,7}的"
)


@cache
def _network() -> tuple[dict[str, int], Any, list[tuple[Any, Any]]]:
    """Return the row of each character, the rows, and the kernel and bias of each layer."""
    weights = arrays.load("marks.npz")
    rows = {str(char): n for n, char in enumerate(weights["chars"], 2)}
    values = weights["embedding"] * weights["embedding_scale"]
    layers = []
    for n in range(len(DILATIONS) + 1):
        kernel = weights[f"kernel{n}"] * weights[f"kernel{n}_scale"]
        if n < len(DILATIONS):
            kernel = kernel.reshape(3, -1, kernel.shape[1])
        layers.append((kernel, weights[f"bias{n}"]))
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
            new = hidden @ kernel[1] + bias
            new[reach:] += hidden[:-reach] @ kernel[0]
            new[:-reach] += hidden[reach:] @ kernel[2]
            np.maximum(new, 0, out=new)
            hidden = hidden + new if n else new
        kernel, bias = layers[-1]
        logits = (hidden @ kernel + bias)[start - first :][: end - start]
        logits = np.exp(logits - logits.max(axis=1, keepdims=True))
        out[start:end] = logits / logits.sum(axis=1, keepdims=True)
    return out


@lru_cache(maxsize=1024)  # the stretches of a sentence are looked at again and again
def gaps(text: str) -> Sequence[float]:
    """Return for each place from 1 to len(text) - 1 the log-odds that a clause ends before that character."""
    chance = likelihoods(text)[:-1, _ENDS].sum(axis=1).clip(1e-6, 1 - 1e-6)
    import numpy as np

    return tuple(np.log(chance / (1 - chance)).tolist())


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


_LEAST_HANZI = 8  # in a paragraph: a heading has no marks to lose
_ROUNDS = 3  # a mark put back makes the places around it clearer
_RUN = re.compile(rf"[{HANZI}A-Za-z\d%”’」』》][{HANZI}A-Za-z\d“‘「『《]")


def restore(text: str, gone: str) -> list[tuple[int, str]]:
    """Return the marks to put back into a paragraph that lost those of `gone`, each with the place it goes before."""
    if len(_HANZI.findall(text)) < _LEAST_HANZI:
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
    if _HANZI.match(text[-1]):
        found[len(text)] = ""
    starts = [0, *sorted(found)]
    asked = {
        end: "？"
        for start, end in pairwise(starts)
        if "？" in gone
        and _asks(text[max(start, text.rfind("。", start, end) + 1) : end], text[end : end + 2])
    }
    return sorted((at, mark) for at, mark in (found | asked).items() if mark)


_QUESTION = re.compile("什么|怎么|怎样|为何|哪|谁|多少|几")


def _asks(clause: str, following: str) -> bool:
    """Tell a question by its last word, or by the answer that follows."""
    clause, following = load_lexicon().simplified(clause), load_lexicon().simplified(following)
    return (
        clause.endswith("吗")
        or (clause.endswith("呢") and bool(_QUESTION.search(clause)))
        or ("为什么" in clause and following == "因为")
    )


_ASKING = re.compile("(为什么|为何|从何|难道|怎么)[^，；：？！。]*$")
"""In a clause before a mark: it may be a question mark that was lost."""


def _sure(text: str, found: dict[int, str], chances: Any, gone: str) -> Iterator[tuple[int, str]]:
    shift = last = 0
    plain = load_lexicon().simplified(text)
    for at in range(1, len(text)):
        if at - 1 in found:
            shift += 1
        if at in found:
            last = at
            continue
        row = chances[at - 1 + shift]
        sure = SURE_BEFORE_OPENER if _OPENER.match(plain, at) else SURE
        if row.sum() < sure or not _RUN.fullmatch(text[at - 1 : at + 1]):
            continue
        if not _INSIDE.match(plain, at) and not _ASKING.search(plain, max(last, at - 40), at):
            yield at, gone[int(row.argmax())]
