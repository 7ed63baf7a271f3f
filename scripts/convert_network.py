"""Convert the weights of the g2pM package to flashgen/data/network.npz, which loads without running a pickle.

    pip install g2pM==0.1.2.5
    python scripts/convert_network.py flashgen/data/network.npz

The pickles are opened only if they are the ones that were looked through (SHA-256). Weights are kept as
float16: the answers on CPP dev stay the same. The network is by Park & Lee 2020, Apache-2.0; see
flashgen/data/README.md.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from importlib.resources import files

import numpy as np

KNOWN = {
    "char2idx.pkl": "e41861f3af2debb342d3555d970db47b22e5d35c8e0190722dfb9b39c941988c",
    "class2idx.pkl": "b17a497ee9618e6d5c2f7814ab7f847d80a3cb757e92423774781e4d3dc56c49",
    "np_ckpt.pkl": "5b38c21cbaeb5f9b2f5d0bf872487de0fc22f91a3b26189b7d998136d2c8d3ae",
}


def load(name: str) -> dict:  # type: ignore[type-arg]
    """Load one of the package's pickles after checking that it is the known one."""
    data = (files("g2pM") / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != KNOWN[name]:
        sys.exit(f"{name} is not the file that was checked")
    return pickle.loads(data)  # noqa: S301 - checked above


chars, classes, weights = load("char2idx.pkl"), load("class2idx.pkl"), load("np_ckpt.pkl")
ordered = sorted(chars, key=chars.get)
arrays = {
    # The four special tokens get code points that no text has; index = row of the embedding.
    "chars": np.array([c if len(c) == 1 and n > 3 else chr(0xF0000 + n) for n, c in enumerate(ordered)]),
    "readings": np.array([r.replace("u:", "v").replace("5", "") for r in sorted(classes, key=classes.get)]),
    "embedding": weights["embedding.weight"],
    "output0": weights["logit_layer.0.weight"],
    "output0_bias": weights["logit_layer.0.bias"],
    "output1": weights["logit_layer.2.weight"],
    "output1_bias": weights["logit_layer.2.bias"],
}
for side, suffix in (("forward", ""), ("backward", "_reverse")):
    arrays[f"{side}_input"] = weights[f"lstm.weight_ih_l0{suffix}"]
    arrays[f"{side}_hidden"] = weights[f"lstm.weight_hh_l0{suffix}"]
    arrays[f"{side}_bias"] = weights[f"lstm.bias_ih_l0{suffix}"] + weights[f"lstm.bias_hh_l0{suffix}"]
np.savez_compressed(
    sys.argv[1],
    **{name: a.astype(np.float16) if a.dtype == np.float32 else a for name, a in arrays.items()},
)
