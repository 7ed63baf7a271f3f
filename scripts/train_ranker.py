"""Train the weights of flashgen/pinyin_ranker.py on CPP (sentences with one marked polyphone) and write them.

    pip install scipy
    python scripts/train_ranker.py cpp_dev.sent cpp_dev.lb flashgen/data/ranker.tsv [--folds 5]

With --folds nothing is written: the accuracy is measured on sentences that the weights were not trained on.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from flashgen import pinyin, pinyin_network
from flashgen.pinyin_lexicon import load
from flashgen.pinyin_ranker import NEUTRAL, Site, shared
from flashgen.pinyin_words import parted

Name = tuple[str, str]  # of a feature: the reading that it is of (为wei4), "" if all share it; what it is

# How strongly a weight is held to zero: features of one hanzi or word more than those that all share.
# Chosen by cross-validation on CPP dev among 0.2 to 100; between 0.5 and 2 it matters little.
SHARED, OWN = 0.01, 0.5
KEPT = 0.05  # weights nearer to zero are dropped


def features(site: Site, syllable: str) -> dict[Name, float]:
    """Return all features of one reading, with their values."""
    found: dict[Name, float] = {("", name): value for name, value in shared(site, syllable)}
    own = (*site.around, *([NEUTRAL] if ("", NEUTRAL) in found else []))
    return found | {(f"{site.hanzi}{syllable}", name): 1 for name in own}


def samples(sentences: list[str], labels: list[str]) -> list[tuple[list[dict[Name, float]], int]]:
    """Return for each sentence the features of each candidate, and which candidate is right (-1: none)."""
    lexicon, columns = load(), pinyin_network.load()[2]
    texts = [s.replace("▁", "") for s in sentences]
    places = [s.index("▁") for s in sentences]
    found = []
    rows = pinyin_network.opinions([lexicon.simplified(t) for t in texts], [[p] for p in places])
    for text, place, label, row in zip(texts, places, labels, rows, strict=True):
        line = parted(text, lexicon, {})
        n = next(n for n, t in enumerate(line) if t.start <= place < t.end)
        shadow = pinyin.shadow(line)
        site = pinyin.asked_site(line, n, place - line[n].start, row[0], columns, shadow, lexicon)
        candidates = list(site.log)
        right = candidates.index(label) if label in candidates else -1
        found.append(([features(site, c) for c in candidates], right))
    return found


def train(data: list[tuple[list[dict[Name, float]], int]]) -> dict[Name, float]:
    """Fit a conditional logit model with L-BFGS; the weights by name."""
    names: dict[Name, int] = {}
    rows, columns, values, starts, golds = [], [], [], [], []
    count = 0
    for candidates, right in data:
        if right < 0:
            continue
        starts.append(count)
        golds.append(count + right)
        for row in candidates:
            for name, value in row.items():
                rows.append(count)
                columns.append(names.setdefault(name, len(names)))
                values.append(value)
            count += 1
    x = csr_matrix((values, (rows, columns)), shape=(count, len(names)))
    turned = x.T.tocsr()
    group = np.repeat(np.arange(len(starts)), np.diff([*starts, count]))
    gold = np.zeros(count)
    gold[golds] = 1
    hold = np.array([OWN if reading else SHARED for reading, _ in names])

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        scores = x @ w
        top = np.maximum.reduceat(scores, starts)
        parts = np.exp(scores - top[group])
        sums = np.add.reduceat(parts, starts)
        value = (top + np.log(sums)).sum() - scores[golds].sum() + 0.5 * (hold * w * w).sum()
        return value, turned @ (parts / sums[group] - gold) + hold * w

    result = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return {name: float(result.x[n]) for name, n in names.items()}


def right(weights: dict[Name, float], data: list[tuple[list[dict[Name, float]], int]]) -> int:
    """Count the samples where the best candidate is the right one."""
    return sum(
        max(range(len(c)), key=lambda n: sum(weights.get(name, 0) * v for name, v in c[n].items())) == gold
        for c, gold in data
    )


def main() -> None:
    """Train and write, or measure by cross-validation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sentences", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    args = parser.parse_args()
    labels = [s.replace("u:", "v").replace("5", "") for s in args.labels.read_text("utf-8").split()]
    sentences = args.sentences.read_text("utf-8").splitlines()
    data = samples(sentences, labels)
    if args.folds:
        order = list(range(len(data)))
        random.Random(1).shuffle(order)  # noqa: S311
        good = 0
        for fold in range(args.folds):
            held = set(order[fold :: args.folds])
            weights = train([data[n] for n in order if n not in held])
            good += right(weights, [data[n] for n in held])
        print(f"{args.folds}-fold: {100 * good / len(data):.2f} % of {len(data)}")
        return
    weights = {name: round(w, 2) for name, w in train(data).items() if abs(w) >= KEPT}
    lines = ["# Weights of flashgen's ranker, learned on CPP dev by scripts/train_ranker.py; see README.md."]
    seen = sorted({sentence[sentence.index("▁") + 1] for sentence in sentences})
    lines += ["hanzi\t" + "".join(seen)]
    lines += [f"{reading}\t{name}\t{w:.2f}" for (reading, name), w in sorted(weights.items())]
    args.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(len(weights), "weights")


main()
