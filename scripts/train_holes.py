"""Train which words of a sentence a cloze hides: flashgen/data/holes.tsv.gz.

    pip install scipy
    python scripts/train_holes.py collect scripts/holes.npz SENTENCES.tsv:HOLES.tsv [...]
    python scripts/train_holes.py train scripts/holes.npz

`train` is reproducible from this repository: scripts/holes.npz holds, for each stretch of words that a hole may be, its
features and how near it is to what the editor marked; of each sentence the nearest stretches and some others. `collect`
made it and must be run again, with the sentences at hand, when features change. SENTENCES have a number, the heading
and the sentence, HOLES the number, a verdict (K a good card, M one to be mended, D none) and one or two holes.

The data: 3,200 sentences worth a card, of the public texts that scripts/train_worth.py names; an editor's judgement,
made for this project, says what to hide. The sentences are not part of this repository. Every sentence is also taken
without its commas, as copies have lost them.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from flashgen import holes
from flashgen.phrases import simple
from flashgen.pinyin_lexicon import load
from flashgen.pinyin_words import parted

SHARP = 10  # power of the overlap with the editor's hole that counts as right: of 4, 8, 10, 16 the best on held-out texts
SECOND = 0.7  # what the second hole is worth beside the first
HOLD = 2.0  # how strongly a weight is held to zero: 1, 2, 3, 6 tried
VERDICTS = {"K": 1.0, "M": 0.6, "D": 0.2}  # what a sentence counts
OTHERS = 40  # stretches of a sentence that are kept besides those near the hole
SEEN = 4  # sentences that a feature must stand in
LEAST = 0.03  # smaller weights are dropped
OUT = Path(holes.__file__).parent / "data" / "holes.tsv.gz"


def overlap(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Return how far two stretches agree, 0 to 1 (Dice)."""
    shared = max(0, min(one[1], other[1]) - max(one[0], other[0]))
    return 2 * shared / (one[1] - one[0] + other[1] - other[0])


def labelled(pairs: Sequence[str]) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield sentence, heading, verdict and holes."""
    for pair in pairs:
        sentences, marked = (Path(name).read_text("utf-8").splitlines() for name in pair.split(":"))
        rows = {number: (heading, text) for number, heading, text in (line.split("\t") for line in sentences)}
        for line in marked:
            number, verdict, *found = line.split("\t")
            yield (*rows[number][::-1], verdict, [one.strip(holes.END) for one in found if one.strip()])


def examples(text: str, heading: str, found: Sequence[str]) -> tuple[list[list[str]], list[float]]:
    """Return the features of each stretch of a sentence, and how near it is to a hole that was marked."""
    tokens = parted(simple(text), load(), {})
    sentence = holes.sentence_of(text, tokens, heading)
    right = [(text.index(one), text.index(one) + len(one)) for one in found if one in text]
    names, near = [], []
    for span in holes.spans(sentence):
        names.append(
            [
                *holes.opening(sentence, span.first),
                *holes.closing(sentence, span.last),
                *holes.inside(sentence, span),
            ]
        )
        near.append(
            max(((1, SECOND)[n] * overlap(span[:2], one) ** SHARP for n, one in enumerate(right)), default=0)
        )
    return names, near


def collect(out: Path, pairs: Sequence[str]) -> None:
    """Write the training data."""
    chance = np.random.default_rng(1)
    kept: list[tuple[list[list[str]], list[float], float, int]] = []
    for number, (text, heading, verdict, found) in enumerate(labelled(pairs)):
        for bare in (False, True):
            if bare and not re.search("[，；：]", text):
                continue
            said, marked = (
                (re.sub("[，；：]", "", text), [re.sub("[，；：]", "", one) for one in found])
                if bare
                else (text, found)
            )
            names, near = examples(said, heading, marked)
            close = [n for n, value in enumerate(near) if value > 0.02]
            if not close:
                continue
            far = [n for n in range(len(near)) if n not in close]
            chosen = sorted([*close, *chance.choice(far, min(OTHERS, len(far)), replace=False)])
            weight = VERDICTS.get(verdict, 0.5)
            kept.append(([names[n] for n in chosen], [near[n] for n in chosen], weight, number))
    seen = Counter(name for names, *_ in kept for name in {name for one in names for name in one})
    vocabulary = sorted(name for name, count in seen.items() if count >= SEEN)
    ids = {name: n for n, name in enumerate(vocabulary)}
    rows = [[ids[name] for name in one if name in ids] for names, *_ in kept for one in names]
    np.savez_compressed(
        out,
        vocabulary=np.array(vocabulary),
        ids=np.concatenate([np.array(row, dtype=np.uint16) for row in rows]),
        lengths=np.array([len(row) for row in rows], dtype=np.uint8),
        near=np.array([value for _, near, *_ in kept for value in near], dtype=np.float16),
        spans=np.array([len(near) for _, near, *_ in kept], dtype=np.uint16),
        weight=np.array([weight for *_, weight, _ in kept], dtype=np.float16),
        sentence=np.array([number for *_, number in kept], dtype=np.uint16),
    )
    print(f"{len(kept)} sentences, {len(rows)} stretches, {len(vocabulary)} features")


def fit(x: csr_matrix, near: np.ndarray, starts: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Fit a conditional logit model: the share of each stretch among those of its sentence."""
    group = np.repeat(np.arange(len(starts)), np.diff([*starts, x.shape[0]]))
    share = near / np.add.reduceat(near, starts)[group]
    turned = x.T.tocsr()

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        scores = x @ w
        top = np.maximum.reduceat(scores, starts)
        parts = np.exp(scores - top[group])
        sums = np.add.reduceat(parts, starts)
        logs = scores - top[group] - np.log(sums)[group]
        value = -(weight[group] * share * logs).sum() + 0.5 * HOLD * (w * w).sum()
        return value, turned @ (weight[group] * (parts / sums[group] - share)) + HOLD * w

    start = np.zeros(x.shape[1])
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 150}).x


def train(path: Path) -> None:
    """Train on all of it, print how held-out fifths of the sentences do, write the table."""
    data = np.load(path)
    lengths = data["lengths"].astype(int)
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    x = csr_matrix((np.ones(len(data["ids"])), data["ids"], bounds), (len(lengths), len(data["vocabulary"])))
    near, weight = data["near"].astype(float), data["weight"].astype(float)
    spans, sentence = data["spans"].astype(int), data["sentence"]
    starts = np.concatenate([[0], np.cumsum(spans)[:-1]])

    def rows(chosen: np.ndarray) -> np.ndarray:
        return np.concatenate([np.arange(starts[n], starts[n] + spans[n]) for n in np.flatnonzero(chosen)])

    right = close = count = 0
    for fold in range(5):
        held = sentence % 5 == fold
        at = rows(~held)
        begins = np.concatenate([[0], np.cumsum(spans[~held])[:-1]])
        w = fit(x[at], near[at], begins, weight[~held])
        for n in np.flatnonzero(held & (weight > 0.5)):
            part = slice(starts[n], starts[n] + spans[n])
            best = near[part][np.argmax(x[part] @ w)]
            right, close, count = right + (best >= 0.69), close + (best >= 0.66**SHARP), count + 1
    print(f"held-out sentences: {right / count:.3f} as marked, {close / count:.3f} near it")
    w = fit(x, near, starts, weight)
    lines = ["# feature, weight x 100; see flashgen/holes.py"]
    lines += [
        f"{name}\t{value * 100:.0f}"
        for name, value in zip(data["vocabulary"], w, strict=True)
        if abs(value) >= LEAST
    ]
    OUT.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
    print(len(lines) - 1, "weights")


if __name__ == "__main__":
    task, where, *rest = sys.argv[1:]
    if task == "collect":
        collect(Path(where), rest)
    else:
        train(Path(where))
