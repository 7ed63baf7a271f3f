"""Train flashgen/data/marks.tsv.gz: where clauses end in Chinese text without its marks.

    pip install scikit-learn
    python scripts/train_marks.py FOLDER flashgen/data/marks.tsv.gz

FOLDER holds punctuated Chinese text (.txt, .md). The table that ships was learned on 4.2 million places in blog
posts, speeches and translated essays of public repositories (wenhq/wenhq.github.io, plantree/renzhengfei-speeches,
PreAngel/pre-angel.com, lijiaocn/wechat, xdash/xdash.github.io, lijiarui/lijiarui.github.io, fenbox/shapeup). One
text in ten is held out; precision and recall on these are printed.
"""

from __future__ import annotations

import gzip
import re
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.linear_model import SGDClassifier

from flashgen.marks import features
from flashgen.pinyin_lexicon import load

BITS = 22  # features are hashed while training: 12 million different ones were seen
KEPT = 40_000  # the heaviest: with 30,000 recall at precision .6 is .58, with all of them .65
RAREST = 12  # times a kept feature was seen
MARKS = "，：；,;:"


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text in simplified characters, those with enough hanzi."""
    for sentence in re.split(r"(?<=[。！？!?…])|\n", text):
        plain = load().simplified(re.sub(r"[*`#>\s]", "", sentence))
        if len(re.findall("[\u4e00-\u9fff]", plain)) >= max(8, 0.5 * len(plain)) and "http" not in plain:
            yield plain


def places(sentence: str) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Yield the features of each place of the sentence without its marks, and whether a mark stood there."""
    bare = "".join(char for char in sentence if char not in MARKS)
    marked, at = set(), 0
    for char in sentence:
        if char in MARKS:
            marked.add(at)
        else:
            at += 1
    if marked or len(bare) <= 25:  # a long sentence without any mark comes from a source that lost them
        for place in range(2, len(bare) - 1):
            yield features(bare, place), place in marked


def matrix(texts: Iterable[str], count: Counter[str] | None = None) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Return hashed features, a row a place, and whether a mark stood there."""
    rows, labels, seen = [], [], set()
    for text in texts:
        for sentence in sentences(text):
            if sentence in seen:
                continue
            seen.add(sentence)
            for row, label in places(sentence):
                rows.append([hashed(feature) for feature in row])
                labels.append(label)
                if count is not None:
                    count.update(row)
    indices = np.array(rows, dtype=np.int32)
    bounds = np.arange(0, indices.size + 1, indices.shape[1])
    shape = (len(rows), 2**BITS)
    return sparse.csr_matrix((np.ones(indices.size, np.float32), indices.ravel(), bounds), shape), np.array(
        labels
    )


def hashed(feature: str) -> int:
    """Return the column of a feature."""
    return zlib.crc32(feature.encode()) & (2**BITS - 1)


def main() -> None:
    """Train, print how well it does, and write the table."""
    folder, out = map(Path, sys.argv[1:])
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".txt", ".md"))
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in paths]
    count: Counter[str] = Counter()
    x, y = matrix((text for n, text in enumerate(texts) if n % 10), count)
    model = SGDClassifier(
        loss="log_loss", alpha=1e-6, max_iter=6, tol=None, random_state=0, average=True
    ).fit(x, y)
    weights, bias = model.coef_[0], float(model.intercept_[0])
    worth = {key: abs(weights[hashed(key)]) * min(n, 400) ** 0.5 for key, n in count.items() if n >= RAREST}
    kept = sorted(sorted(worth, key=lambda key: -worth[key])[:KEPT])
    mask = np.zeros(2**BITS)
    mask[[hashed(key) for key in kept]] = 1
    x, y = matrix(text for n, text in enumerate(texts) if not n % 10)
    scores = x @ (weights * mask) + bias
    order = np.argsort(-scores)
    right = np.cumsum(y[order])
    precision, recall = right / np.arange(1, len(order) + 1), right / y.sum()
    for wanted in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97):
        last = np.where(precision >= wanted)[0].max()
        print(f"precision {wanted:.2f}  recall {recall[last]:.3f}  log-odds {scores[order[last]]:+.2f}")
    lines = ["# feature, log-odds x 100; see flashgen/marks.py", f"bias\t{bias * 100:.0f}"]
    lines += [f"{key}\t{weights[hashed(key)] * 100:.0f}" for key in kept]
    out.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))


if __name__ == "__main__":
    main()
