"""A few inputs for each door; `python tests/fuzz.py DOOR SECONDS` tries many."""

import sys
from pathlib import Path

import fuzz
import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no alarm ends what hangs on Windows")


@pytest.mark.parametrize("door", fuzz.DOORS)
def test_no_input_brings_a_command_down(door: str, tmp_path: Path) -> None:
    assert fuzz.fuzz(door, tmp_path, seconds=2) >= 3
