"""A small recurrent network's opinion on hanzi with several readings: g2pM (Park & Lee 2020) in numpy.

One bidirectional LSTM of 32 units a side over characters, two dense layers over 876 readings. It was trained
on CPP (Wikipedia sentences) by its authors; flashgen/data/README.md tells where the weights come from.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

UNKNOWN, START, END = 1, 2, 3
BATCH = 256  # texts run side by side; more gains nothing on two cores and costs memory


@cache
def load() -> tuple[dict[str, Any], dict[str, int], dict[str, int]]:
    """Load the weights as float32, the row of each character, and the column of each reading (zhong4)."""
    # The matrices are small: with a thread for each core most of the time goes into waiting for one another.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import numpy as np

    with (
        (files("flashgen") / "data" / "network.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        weights = {name: a.astype(np.float32) if a.dtype == np.float16 else a for name, a in arrays.items()}
    chars = {str(c): n for n, c in enumerate(weights.pop("chars"))}
    readings = {str(r): n for n, r in enumerate(weights.pop("readings"))}
    return weights, chars, readings


def opinions(texts: Sequence[str], places: Sequence[Sequence[int]]) -> list[np.ndarray]:
    """Return for each text an array of (its places, readings) with log probabilities."""
    import numpy as np

    weights, chars, readings = load()
    found: list[np.ndarray] = [np.empty((0, len(readings)), np.float32)] * len(texts)
    order = sorted((n for n in range(len(texts)) if places[n]), key=lambda n: -len(texts[n]))
    for first in range(0, len(order), BATCH):
        batch = order[first : first + BATCH]
        lengths = np.array([len(texts[n]) + 2 for n in batch])
        rows = np.zeros((len(batch), lengths[0]), np.int32)
        for row, n in enumerate(batch):
            rows[row, : lengths[row]] = [START, *(chars.get(c, UNKNOWN) for c in texts[n]), END]
        inputs = weights["embedding"][rows]
        hidden = np.concatenate(
            [run(inputs, lengths, weights, side) for side in ("forward", "backward")], axis=2
        )
        counts = [len(places[n]) for n in batch]
        at = hidden[np.repeat(np.arange(len(batch)), counts), [p + 1 for n in batch for p in places[n]]]
        dense = np.maximum(at @ weights["output0"].T + weights["output0_bias"], 0)
        logits = dense @ weights["output1"].T + weights["output1_bias"]
        logits -= logits.max(axis=1, keepdims=True)
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        for n, part in zip(batch, np.split(logs, np.cumsum(counts)[:-1]), strict=True):
            found[n] = part
    return found


def run(inputs: np.ndarray, lengths: np.ndarray, weights: dict[str, Any], side: str) -> np.ndarray:
    """Run one side of the LSTM over (texts, characters, 64), longest text first; (texts, characters, 32)."""
    import numpy as np

    hidden = weights[f"{side}_hidden"].T
    drive = inputs @ weights[f"{side}_input"].T + weights[f"{side}_bias"]
    out = np.zeros((*inputs.shape[:2], len(hidden)), np.float32)
    h, c = np.zeros((2, len(inputs), len(hidden)), np.float32)
    steps = range(inputs.shape[1]) if side == "forward" else range(inputs.shape[1] - 1, -1, -1)
    for step in steps:
        # Texts are sorted: those that reach this step stand first. The way back starts at a text's own end.
        live = int((lengths > step).sum())
        gates = drive[:live, step] + h[:live] @ hidden
        take, forget, fresh, give = np.split(gates, 4, axis=1)
        c[:live] = sigmoid(forget) * c[:live] + sigmoid(take) * np.tanh(fresh)
        h[:live] = sigmoid(give) * np.tanh(c[:live])
        out[:live, step] = h[:live]
    return out


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the logistic function, by way of tanh, which cannot overflow."""
    import numpy as np

    half: np.ndarray = 0.5 * np.tanh(0.5 * x) + 0.5
    return half
