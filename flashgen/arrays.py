"""The weights that come with flashgen: tables by name, and numpy arrays. numpy is imported only where they are wanted."""

from __future__ import annotations

import gzip
import os
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@cache
def table(name: str) -> dict[str, float]:
    """Return the weights of a table in flashgen/data by what they are of: lines of a name and a hundredfold weight."""
    data = gzip.decompress((files("flashgen") / "data" / name).read_bytes()).decode("utf-8")
    rows = (line.split("\t") for line in data.splitlines() if not line.startswith("#"))
    return {key: int(weight) / 100 for key, weight in rows}


def load(name: str) -> dict[str, np.ndarray]:
    """Return the arrays of a file in flashgen/data, numbers of half width as float32."""
    # The matrices are small: with a thread for each core most of the time goes into waiting for one another.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import numpy as np

    with (files("flashgen") / "data" / name).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return {
            key: one.astype(np.float32) if one.dtype == np.float16 else one for key, one in arrays.items()
        }
