"""Train what makes a sentence worth a card: flashgen/weights.py's figures and flashgen/data/wording.tsv.gz.

    pip install scikit-learn
    python scripts/train_worth.py collect scripts/worth.npz LABELS TEXTS [LABELS TEXTS ...] -- GOLD.jsonl ...
    python scripts/train_worth.py add scripts/worth.npz GOLD.jsonl ...
    python scripts/train_worth.py train scripts/worth.npz

`train` is reproducible from this repository: scripts/worth.npz holds, for each candidate, its features, which of the
vocabulary's character pairs it has, its label and its text's number. `collect` made it, and must be run again, with
the texts at hand, when cues or features change; `add` adds texts. LABELS are folders of NAME.sents (index, tab,
sentence) and NAME.lab (index, tab, tier 1 to 3), TEXTS hold NAME.txt.

The data: about 570 texts (blog posts, speeches, interviews, translated essays, notes; 2,000 to 7,000 characters each)
from public repositories: wenhq/wenhq.github.io, plantree/renzhengfei-speeches, PreAngel/pre-angel.com,
lijiaocn/wechat, xdash/xdash.github.io, shenyaoqiang45/always_reading, lijiarui/lijiarui.github.io, fenbox/shapeup,
johnnynode/web-blog, zachthinking/paulgraham-essays-cn, 30abysses/30abysses.github.io. An editor's judgement, made for
this project, says of each sentence whether it is worth a card (3 must, 2 should, 1 nice). Gold lists with more care,
this project's own among them, count five times as much. Their texts are not part of this repository; the labels are.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from flashgen import extract, worth
from flashgen.clean import clean
from flashgen.hanzi import bare
from flashgen.read import read
from flashgen.records import Candidate, Text
from flashgen.segment import segment

WORTH = {0: 0.0, 1: 0.5, 2: 1.0, 3: 1.0}  # a nice sentence is as good as half a card
TIERS = {"ok": 0.5, "nice": 0.7, "should": 1.0, "must": 1.0}
GOLD_WEIGHT = 5.0  # with 1, 2, 5: precision of held-out texts .679, .681, .684
RAREST = 8  # candidates a character pair was seen in; 5 and 12 do no better
STRENGTH = 2.0  # inverse of the penalty on weights: 1 to 8 tried on held-out texts
SCALE = 0.5  # of features against pairs: they are fewer and bear more
HAND = ("said_counted", "wording", "list_unasked", "list_sentence")  # features whose weight is not learned
OUT = Path(worth.__file__).parent


def load(path: Path) -> Text:
    """Return a text in sentences."""
    return segment(clean(read(path)))


def labelled(labels: Path, texts: Path) -> Iterator[list[tuple[Candidate, float]]]:
    """Yield for each labelled text its sentence candidates with their worth."""
    for path in sorted(labels.glob("*.lab")):
        tiers = {
            int(a): int(b) for a, b in re.findall(r"^(\d+)\s+(\d)", path.read_text("utf-8"), re.MULTILINE)
        }
        if not tiers:
            continue
        known: dict[str, int] = {}
        for number, sentence in re.findall(
            r"^(\d+)\t(.*)", path.with_suffix(".sents").read_text("utf-8"), re.MULTILINE
        ):
            key = bare(re.sub(r"^[^：]{1,15}: ", "", sentence))
            known[key] = max(known.get(key, 0), tiers.get(int(number), 0))
        text = load(texts / f"{path.stem}.txt")
        found, seen = [], set()
        for candidate in extract.extract(text):
            key = bare(text.sentences[candidate.sentence].text)
            if candidate.sentence < 0 or candidate.items or key not in known:
                continue
            tier = known[key]
            if candidate.features.get("joined"):
                tier = max(tier, known.get(bare(text.sentences[candidate.sentence - 1].text), 0))
            elif candidate.sentence in seen and tier:
                continue  # the second part of a long sentence: which of the two was meant is not known
            seen.add(candidate.sentence)
            found.append((candidate, WORTH[tier]))
        if found:
            yield found


def golden(gold: Path) -> list[tuple[Candidate, float]]:
    """Return all candidates of a text with a gold list; each is worth its best item."""
    source = gold.with_suffix(".txt")
    if not source.exists():
        source = OUT.parent / "decks" / "sample" / source.name
    records = map(json.loads, gold.read_text("utf-8").splitlines())
    items = [record for record in records if record["tier"] in TIERS]
    found = []
    for candidate in extract.extract(load(source)):
        said = bare(" ".join((candidate.text, *candidate.items)))
        worths = [
            TIERS[item["tier"]]
            for item in items
            if any(
                all(bare(key) in said for key in keys)
                for keys in [item["answer_key"], *item.get("alt_keys", [])]
            )
        ]
        found.append((candidate, max(worths, default=0.0)))
    return found


Labelled = Sequence[tuple[Candidate, float]]  # the candidates of a text with their worth


def collect(out: Path, folders: Sequence[Path], golds: Sequence[Path]) -> None:
    """Write the training data."""
    texts: list[tuple[Labelled, float]] = [
        (one, 1.0)
        for labels, sources in zip(folders[::2], folders[1::2], strict=True)
        for one in labelled(labels, sources)
    ]
    texts += [(golden(gold), GOLD_WEIGHT) for gold in golds]
    count = Counter(pair for text, _ in texts for candidate, _ in text for pair in pairs(candidate))
    vocabulary = sorted(pair for pair, n in count.items() if n >= RAREST)
    names = {name for text, _ in texts for candidate, _ in text for name in candidate.features} - {"wording"}
    save(out, vocabulary, sorted(names), table(texts, vocabulary, sorted(names)))


def add(path: Path, golds: Sequence[Path]) -> None:
    """Add texts with gold lists to training data, in the vocabulary and features that it has."""
    data = dict(np.load(path))
    vocabulary, names = (list(map(str, data.pop(key))) for key in ("vocabulary", "names"))
    more = table([(golden(gold), GOLD_WEIGHT) for gold in golds], vocabulary, names)
    more["text"] += data["text"].max() + 1
    save(path, vocabulary, names, {key: np.concatenate([data[key], more[key]]) for key in data})


def pairs(candidate: Candidate) -> frozenset[str]:
    """Return the characters and pairs of characters of a candidate."""
    return worth.pairs(" ".join((candidate.text, *candidate.items)))


def table(
    texts: Sequence[tuple[Labelled, float]], vocabulary: Sequence[str], names: Sequence[str]
) -> dict[str, np.ndarray]:
    """Return the columns of the training data: of each candidate what it has and what it is worth."""
    number = {pair: n for n, pair in enumerate(vocabulary)}
    ids = [
        sorted(number[pair] for pair in pairs(candidate) if pair in number)
        for text, _ in texts
        for candidate, _ in text
    ]
    features = [
        [candidate.features.get(name, 0.0) for name in names] for text, _ in texts for candidate, _ in text
    ]
    return {
        "ids": np.concatenate([np.array(one, dtype=np.uint16) for one in ids]),
        "lengths": np.array([len(one) for one in ids], dtype=np.uint16),
        "features": np.array(features, dtype=np.float16),
        "worth": np.array([value for text, _ in texts for _, value in text], dtype=np.float16),
        "weight": np.array([weight for text, weight in texts for _ in text], dtype=np.float16),
        "text": np.array([n for n, (text, _) in enumerate(texts) for _ in text], dtype=np.uint16),
    }


def save(path: Path, vocabulary: Sequence[str], names: Sequence[str], columns: dict[str, np.ndarray]) -> None:
    """Write training data, and say how much it is."""
    np.savez_compressed(path, vocabulary=np.array(vocabulary), names=np.array(names), **columns)
    size = len(columns["lengths"])
    print(
        f"{columns['text'].max() + 1} texts, {size} candidates, {len(vocabulary)} pairs, {len(names)} features"
    )


def train(path: Path) -> None:
    """Train on all of it, print how held-out fifths of the texts do, write the tables."""
    data = np.load(path)
    lengths = data["lengths"].astype(int)
    values = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths)
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    pairs = sparse.csr_matrix((values, data["ids"], bounds), shape=(len(lengths), len(data["vocabulary"])))
    x = sparse.hstack([pairs, sparse.csr_matrix(data["features"].astype(float) * SCALE)]).tocsr()
    y, weight, text = data["worth"].astype(float), data["weight"].astype(float), data["text"]
    areas = []
    for fold in range(5):
        held = text % 5 == fold
        scores = fit(x[~held], y[~held], weight[~held]).decision_function(x[held])
        areas += [area(y[held][text[held] == n] > 0, scores[text[held] == n]) for n in np.unique(text[held])]
    print(f"held-out texts: a kept sentence outranks another in {100 * np.nanmean(areas):.1f} % of pairs")
    model = fit(x, y, weight)
    split = len(data["vocabulary"])
    wording = zip(data["vocabulary"], model.coef_[0][:split], strict=True)
    lines = ["# character or pair of characters, weight x 100; see flashgen/worth.py"]
    lines += [f"{pair}\t{value * 100:.0f}" for pair, value in wording]
    (OUT / "data" / "wording.tsv.gz").write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
    learned = dict(zip(map(str, data["names"]), (model.coef_[0][split:] * SCALE).round(2), strict=True))
    table = OUT / "weights.py"
    told = re.sub(
        r'(?m)^(    "(\w+)": )\(([-+.\d]+)',
        lambda match: (
            f"{match[1]}({float(match[3]) if match[2] in HAND else learned.get(match[2], 0.0):+.2f}"
        ),
        table.read_text("utf-8"),
    )
    table.write_text(re.sub(r"(?m)^BIAS = .*", f"BIAS = {model.intercept_[0]:+.2f}", told), "utf-8")


def fit(x: sparse.csr_matrix, y: np.ndarray, weight: np.ndarray) -> LogisticRegression:
    """Fit, with a worth between 0 and 1 as that share of a yes."""
    both = sparse.vstack([x, x])
    answers = np.r_[np.ones(len(y)), np.zeros(len(y))]
    return LogisticRegression(C=STRENGTH, max_iter=2000).fit(
        both, answers, sample_weight=np.r_[y * weight, (1 - y) * weight]
    )


def area(right: np.ndarray, scores: np.ndarray) -> float:
    """Return how often a right one outranks a wrong one."""
    if right.all() or not right.any():
        return float("nan")
    ranks = np.argsort(np.argsort(scores))
    return float((ranks[right].mean() - (right.sum() - 1) / 2) / (~right).sum())


if __name__ == "__main__":
    task, where, *rest = sys.argv[1:]
    if task == "collect":
        cut = rest.index("--") if "--" in rest else len(rest)
        collect(Path(where), list(map(Path, rest[:cut])), list(map(Path, rest[cut + 1 :])))
    elif task == "add":
        add(Path(where), list(map(Path, rest)))
    else:
        train(Path(where))
