"""Train flashgen/data/marks.npz: a network that tells which marks a Chinese text without them has lost.

    pip install torch
    python scripts/train_marks.py FOLDER flashgen/data/marks.npz

FOLDER holds punctuated Chinese text (.txt, .md), in one folder for each source. The network that ships was trained on
9.5 million characters of blog posts, newsletters, speeches and articles of public repositories (lijiaocn/wechat,
ruanyf/weekly, plantree/renzhengfei-speeches, PreAngel/pre-angel.com, lijiarui/lijiarui.github.io, xiaolai/
everyone-can-use-english, byoungd/English-level-up-tips, shenyaoqiang45/always_reading, johnnynode/web-blog,
30abysses/30abysses.github.io), for two epochs with all full-width marks gone and two more with some of them left. One
text in forty is held out; what is found in these is printed. flashgen/marks.py tells how the marks that it puts back
were judged, on sources of which no text was trained on.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from flashgen.marks import DILATIONS, MARKS
from flashgen.pinyin_lexicon import load

RANDOM = np.random.default_rng(0)
EPOCHS = 4
WIDTH, HIDDEN = 64, 128  # of a character's row and of the layers
BATCH = 12_000  # characters
LONGEST = 400
RAREST = 15  # times a character was seen
FULL_WIDTH = "，：；？！"  # U+FF01 to U+FF5E, which careless scrapers lose
DAMAGE = {"full-width": FULL_WIDTH, "some": FULL_WIDTH, "all": MARKS + "“”", "comma": "，"}
_HALF = {",": "，", "?": "？", "!": "！", ":": "：", ";": "；"}


def paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of prose with their marks, in simplified characters, without Markdown and tags."""
    text = re.sub(r"```.*?```|<!--.*?-->|<(script|style).*?</\1>", "\n", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", "\n", text)
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    for line in text.split("\n"):
        plain = re.sub(r"^[\s>#*+-]+|[*`_\u3000\xa0]|\s+$", "", line)
        plain = re.sub(r"(?<=[\u4e00-\u9fff”])\s+|\s+(?=[\u4e00-\u9fff“])", "", plain)
        plain = re.sub(r"(?<=[\u4e00-\u9fff”」])[,?!:;]", lambda match: _HALF[match.group()], plain)
        hanzi = len(re.findall("[\u4e00-\u9fff]", plain))
        marks = len(re.findall(f"[{FULL_WIDTH}]", plain))
        if hanzi < max(15, 0.6 * len(plain)) or "http" in plain or not re.search("[。！？!?…”：；]$", plain):
            continue
        # A long paragraph without marks comes from a source that lost them.
        if (marks or hanzi <= 30) and hanzi <= 25 * (marks + len(re.findall("[。、]", plain)) + 1):
            yield load().simplified(plain)[:LONGEST]


def damaged(paragraph: str, how: str) -> tuple[str, list[int]]:
    """Return a paragraph without some marks, and for each character the column of the mark that followed; -1 is open."""
    left = RANDOM.random() * 0.7 if how == "some" else 0.0
    text: list[str] = []
    labels: list[int] = []
    for char in paragraph:
        if char in DAMAGE[how] and RANDOM.random() >= left:
            if char in MARKS and text and labels[-1] <= 0:
                labels[-1] = MARKS.index(char) + 1
        elif "\uff01" <= char <= "\uff5e" and char not in MARKS and how != "comma":
            if text and labels[-1] == 0:
                labels[-1] = -1  # a bracket: a pause, but no mark of ours
        else:
            text.append(char)
            labels.append(0)
    if labels and labels[-1] == 0:
        labels[-1] = -1  # paragraphs end with a mark: nothing to be learned
    return "".join(text), labels


class Network(nn.Module):
    """What flashgen/marks.py runs in numpy."""

    def __init__(self, characters: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(characters, WIDTH, padding_idx=0)
        sizes = [WIDTH, *[HIDDEN] * (len(DILATIONS) - 1)]
        self.layers = nn.ModuleList(
            nn.Conv1d(size, HIDDEN, 3, padding=reach, dilation=reach)
            for size, reach in zip(sizes, DILATIONS, strict=True)
        )
        self.out = nn.Conv1d(HIDDEN, len(MARKS) + 1, 1)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return the logits (texts, columns, characters) of rows of characters."""
        mask = (ids > 0).float().unsqueeze(1)
        hidden = functional.dropout(self.embedding(ids), 0.1, self.training).transpose(1, 2)
        for n, layer in enumerate(self.layers):
            new = functional.relu(layer(hidden))
            hidden = (hidden + new if n else new) * mask
        return self.out(functional.dropout(hidden, 0.1, self.training))


def batches(
    texts: Sequence[str], rows: dict[str, int], hows: Sequence[str]
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield character rows and labels, paragraphs of like length together."""
    items = [damaged(text, str(RANDOM.choice(hows))) for text in texts]
    items = sorted(
        (one for one in items if len(one[0]) > 6), key=lambda one: len(one[0]) + RANDOM.random() * 8
    )
    groups: list[list[tuple[str, list[int]]]] = [[]]
    for item in items:
        if len(groups[-1]) * len(item[0]) >= BATCH:
            groups.append([])
        groups[-1].append(item)
    RANDOM.shuffle(groups)
    for group in groups:
        longest = max(len(text) for text, _ in group)
        ids = torch.zeros(len(group), longest, dtype=torch.long)
        wanted = torch.full((len(group), longest), -1)
        for n, (text, labels) in enumerate(group):
            ids[n, : len(text)] = torch.tensor([rows.get(char, 1) for char in text])
            wanted[n, : len(text)] = torch.tensor(labels)
        yield ids, wanted


def report(network: Network, texts: Sequence[str], rows: dict[str, int]) -> None:
    """Print how many of the lost marks are found, at several precisions."""
    scores, truth = [], []
    network.eval()
    with torch.no_grad():
        for ids, wanted in batches(texts, rows, ["full-width"]):
            chance = functional.softmax(network(ids), 1)[:, 1:6].sum(1)
            known = wanted >= 0
            scores.append(chance[known].numpy())
            truth.append((wanted[known] > 0).numpy())
    network.train()
    score, right = np.concatenate(scores), np.concatenate(truth)
    order = np.argsort(-score)
    found = np.cumsum(right[order])
    precision, recall = found / np.arange(1, len(order) + 1), found / right.sum()
    for least in (0.6, 0.7, 0.8, 0.9, 0.95, 0.97):
        if (last := np.where(precision >= least)[0]).size:
            chance = score[order[last.max()]]
            print(f"precision {least:.2f}  recall {recall[last.max()]:.3f}  probability {chance:.3f}")


def main() -> None:
    """Train, print how well it does, and write the weights as bytes with a scale a row."""
    folder, out = map(Path, sys.argv[1:])
    torch.manual_seed(0)
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".txt", ".md"))
    texts = [list(paragraphs(path.read_text(encoding="utf-8", errors="replace"))) for path in paths]
    known = list(dict.fromkeys(one for n, text in enumerate(texts) if n % 40 for one in text))
    held_out = [one for n, text in enumerate(texts) if n % 40 == 0 for one in text]
    count = Counter("".join(known))
    chars = [char for char, times in count.most_common() if times >= RAREST and char not in "（）"]
    rows = {char: row for row, char in enumerate(chars, 2)}  # 0 is padding, 1 any other character
    network = Network(len(chars) + 2)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.01)
    steps = EPOCHS * (sum(map(len, known)) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2.5e-3, total_steps=steps, pct_start=0.05)
    for epoch in range(EPOCHS):
        RANDOM.shuffle(known)
        whole = ["full-width"] * 6 + ["all", "comma"]
        hows = whole if epoch < EPOCHS // 2 else ["full-width"] * 3 + ["some"] * 3 + ["all", "comma"]
        for ids, wanted in batches(known, rows, hows):
            loss = functional.cross_entropy(network(ids), wanted, ignore_index=-1)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            if schedule.last_epoch < steps - 1:
                schedule.step()
        print(f"epoch {epoch + 1}")
        report(network, held_out, rows)
    arrays = {"chars": np.array(chars)}
    weights = {"embedding": network.embedding.weight} | {
        f"kernel{n}": layer.weight.permute(2, 1, 0).reshape(-1, layer.out_channels)
        for n, layer in enumerate([*network.layers, network.out])
    }
    for name, weight in weights.items():
        values = weight.detach().numpy()
        scale = (np.abs(values).max(1, keepdims=True) / 127 + 1e-7).astype(np.float16)
        arrays[name] = np.round(values / scale.astype(np.float32)).clip(-127, 127).astype(np.int8)
        arrays[f"{name}_scale"] = scale
    for n, layer in enumerate([*network.layers, network.out]):
        arrays[f"bias{n}"] = layer.bias.detach().numpy().astype(np.float16)
    np.savez_compressed(out, **arrays)


if __name__ == "__main__":
    main()
