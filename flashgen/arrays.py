"""The weights that come with flashgen, as numpy arrays. numpy is imported only where they are wanted."""

from __future__ import annotations

import os
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def load(name: str) -> dict[str, np.ndarray]:
    """Return the arrays of a file in flashgen/data, numbers of half width as float32."""
    # The matrices are small: with a thread for each core most of the time goes into waiting for one another.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import numpy as np

    with (files("flashgen") / "data" / name).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return {
            key: one.astype(np.float32) if one.dtype == np.float16 else one for key, one in arrays.items()
        }
