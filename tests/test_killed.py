"""A run that is killed at any moment leaves every file as it was or as it was to be, and no lasting litter.

FLASHGEN_KILLS=200 kills each command as often as that.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from flashgen import lock

KILLS = int(os.environ.get("FLASHGEN_KILLS", "4"))
SAMPLE = Path(__file__).parents[1] / "decks" / "sample" / "small-promises.txt"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")


def start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "flashgen", *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def flashgen(folder: Path, *arguments: str) -> float:
    """Run a command to its end, and return the seconds it took."""
    begun = time.monotonic()
    process = start(folder, *arguments)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return time.monotonic() - begun


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def kill_again_and_again(
    folder: Path, arguments: tuple[str, ...], whole: Callable[[str, bytes], bool]
) -> None:
    """Run a command and kill it, from the same start each time; `whole` judges a file that is not as it was."""
    before = files(folder)
    lasts = flashgen(folder, *arguments)
    dice = random.Random(5)
    for n in range(KILLS):
        for path in folder.iterdir():
            path.unlink()
        for name, data in before.items():
            (folder / name).write_bytes(data)
        process = start(folder, *arguments)
        deadline = time.monotonic() + dice.uniform(0.5, 1.1) * lasts
        names = set(before)
        # Every other time the moment when the first file is being written; else any moment.
        while process.poll() is None and time.monotonic() < (deadline if n % 2 else deadline + 60):
            if n % 2 == 0 and {path.name for path in folder.iterdir()} != names:
                time.sleep(dice.choice((0, 0.001, 0.01)))
                break
            time.sleep(0.0005)
        process.kill()
        process.communicate()
        for name, data in files(folder).items():
            if not (name.startswith(".") and name.endswith(".tmp")):
                assert data == before.get(name) or whole(name, data), name
        assert set(before) <= set(files(folder))
        for path in folder.glob(".*.tmp"):
            os.utime(path, (0, 0))
    flashgen(folder, *arguments)
    assert not list(folder.glob(".*.tmp"))


def test_extract_onto_a_deck_file(tmp_path: Path) -> None:
    (tmp_path / "killed").mkdir()
    (tmp_path / "killed" / "source.txt").write_bytes(SAMPLE.read_bytes())
    flashgen(tmp_path / "killed", "extract", "source.txt", "-o", "deck.yaml", "--cards", "3")
    arguments = ("extract", "source.txt", "-o", "deck.yaml", "--cards", "12")
    shutil.copytree(tmp_path / "killed", tmp_path / "not")
    flashgen(tmp_path / "not", *arguments)
    after = files(tmp_path / "not")
    kill_again_and_again(tmp_path / "killed", arguments, lambda name, data: data == after[name])
    assert files(tmp_path / "killed") == after


def test_build(tmp_path: Path) -> None:
    (tmp_path / "source.txt").write_bytes(SAMPLE.read_bytes())
    flashgen(tmp_path, "make", "source.txt", "-o", "deck.yaml", "--cards", "8")
    deck = tmp_path / "deck.yaml"
    deck.write_text(deck.read_text("utf-8").replace("cards:", "readings: {承诺: chéngnuò}\ncards:"), "utf-8")

    def whole(name: str, data: bytes) -> bool:
        if name == "deck.apkg":
            return zipfile.ZipFile(io.BytesIO(data)).testzip() is None
        copy = tmp_path.with_suffix(".lock")
        copy.write_bytes(data)
        return name == "deck.lock" and len(lock.load(copy).notes) == 8

    kill_again_and_again(tmp_path, ("build", "deck.yaml"), whole)
