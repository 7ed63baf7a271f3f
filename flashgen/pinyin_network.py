"""A small recurrent network's opinion on hanzi with several readings: g2pM (Park & Lee 2020) in numpy.

One bidirectional LSTM of 32 units a side over characters, two dense layers over 876 readings. It was trained
on CPP (Wikipedia sentences) by its authors; flashgen/data/README.md tells where the weights come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from flashgen import arrays

if TYPE_CHECKING:
    import numpy as np

UNITS = 32
UNKNOWN, START, END = 1, 2, 3
BATCH = 256  # texts run side by side; more gains nothing on two cores and costs memory


@cache
def load() -> tuple[dict[str, Any], dict[str, int], dict[str, int]]:
    """Load the weights as float32, the row of each character, and the column of each reading (zhong4).

    What a character gives to a side's gates is the same wherever it stands: `forward_drive` and `backward_drive`
    have a row of it for each. Sigmoid gates get halves: sigmoid(x) = tanh(x / 2) / 2 + 1 / 2, so one tanh does all.
    """
    weights: dict[str, Any] = arrays.load("network.npz")
    import numpy as np

    halves = np.repeat(np.array([0.5, 0.5, 1, 0.5], np.float32), UNITS)
    embedding = weights.pop("embedding")
    for side in ("forward", "backward"):
        drive = embedding @ weights.pop(f"{side}_input").T + weights.pop(f"{side}_bias")
        weights[f"{side}_drive"] = drive * halves
        weights[f"{side}_hidden"] = weights[f"{side}_hidden"].T * halves
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
        hidden = np.concatenate(
            [run(rows, lengths, weights, side) for side in ("forward", "backward")], axis=2
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


def run(rows: np.ndarray, lengths: np.ndarray, weights: dict[str, Any], side: str) -> np.ndarray:
    """Run one side of the LSTM over the characters' rows (texts, characters), longest text first.

    Returns its state after each character: (texts, characters, UNITS).
    """
    import numpy as np

    drive, hidden = weights[f"{side}_drive"], weights[f"{side}_hidden"]
    out = np.zeros((*rows.shape, UNITS), np.float32)
    h, c = np.zeros((2, len(rows), UNITS), np.float32)
    for step in range(rows.shape[1])[:: 1 if side == "forward" else -1]:
        # Texts are sorted: those that reach this step stand first. The way back starts at a text's own end.
        live = int((lengths > step).sum())
        gates = np.tanh(drive[rows[:live, step]] + h[:live] @ hidden)
        take, forget, fresh, give = (gates[:, n * UNITS : (n + 1) * UNITS] for n in range(4))
        c[:live] = (0.5 * forget + 0.5) * c[:live] + (0.5 * take + 0.5) * fresh
        h[:live] = (0.5 * give + 0.5) * np.tanh(c[:live])
        out[:live, step] = h[:live]
    return out
