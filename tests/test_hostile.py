"""Surroundings that are against us: each command ends with a clear word, and nothing that was there is lost."""

from __future__ import annotations

import ctypes
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="these surroundings are those of Linux and macOS")
resource = pytest.importorskip("resource", reason="these surroundings are those of Linux and macOS")

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "decks" / "sample" / "small-promises.txt"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "NO_COLOR": "1"}
FLASHGEN = [sys.executable, "-m", "flashgen"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a deck that was built."""
    done = flashgen(tmp_path, "make", SAMPLE, "-o", "deck.yaml")
    assert done.returncode == 0, done.stderr
    return tmp_path


def flashgen(
    folder: Path, *arguments: object, before: Callable[[], None] | None = None, shell: str = ""
) -> subprocess.CompletedProcess[str]:
    command = [*FLASHGEN, *map(str, arguments)]
    return subprocess.run(
        ["sh", "-c", f'"$0" "$@" {shell}', *command] if shell else command,
        cwd=folder,
        env=ENVIRONMENT,
        preexec_fn=before,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def edit(folder: Path) -> None:
    """Change the text of every card, so that a build has something to write."""
    deck = folder / "deck.yaml"
    deck.write_text(
        deck.read_text(encoding="utf-8").replace("  section: ", "  section: 改"), encoding="utf-8"
    )


def one_line(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("\n") == 1
    assert [word for word in words if word not in done.stderr] == []


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("build", "deck.yaml"), "deck.apkg"),
        (("make", SAMPLE, "-o", "other.yaml"), "other.yaml"),
        (("pinyin", "--write", "deck.yaml"), "deck.yaml"),
    ],
    ids=["build", "make", "pinyin"],
)
@pytest.mark.parametrize("how", ["full", "read-only"])
def test_where_nothing_can_be_written(command: tuple[object, ...], name: str, how: str, folder: Path) -> None:
    edit(folder)
    deck = folder / "deck.yaml"
    deck.write_text(
        re.sub(r"  pinyin: .*\n", "", deck.read_text(encoding="utf-8"), count=1), encoding="utf-8"
    )
    before = files(folder)
    if how == "full":
        one_line(flashgen(folder, *command, before=full), name, "cannot be written")
    else:
        if os.geteuid() == 0 and sys.platform != "linux":
            pytest.skip("root may write everywhere")
        folder.chmod(0o555)
        try:
            one_line(flashgen(folder, *command, before=ordinary), name, "cannot be written")
        finally:
            folder.chmod(0o755)
    assert files(folder) == before


def full() -> None:
    """Let no file grow beyond 4 kB, as on a disk that is nearly full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def ordinary() -> None:
    """Take from root the power to write where the mode forbids it (Linux: CAP_DAC_OVERRIDE from the bounding set)."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(24, 1)


def test_a_folder_where_a_file_should_be(folder: Path) -> None:
    (folder / "out.apkg").mkdir()
    (folder / "other.lock").mkdir()
    (folder / "other.yaml").write_bytes((folder / "deck.yaml").read_bytes())
    before = files(folder)
    done = flashgen(folder, "build", "deck.yaml", "-o", "out.apkg")
    assert done.returncode == 2
    assert "out.apkg is a folder" in done.stderr
    one_line(flashgen(folder, "build", "other.yaml"), "other.lock", "directory")
    assert files(folder) == before


def test_two_builds_at_once(folder: Path) -> None:
    edit(folder)
    running = [
        subprocess.Popen(
            [*FLASHGEN, "build", "deck.yaml"], cwd=folder, env=ENVIRONMENT, stderr=subprocess.DEVNULL
        )
        for _ in range(3)
    ]
    assert [process.wait(timeout=120) for process in running] == [0, 0, 0]
    assert set(files(folder)) == {"deck.yaml", "deck.lock", "deck.apkg", "flashgen.schema.json"}
    package = (folder / "deck.apkg").read_bytes()
    assert flashgen(folder, "build", "deck.yaml").returncode == 0
    assert (folder / "deck.apkg").read_bytes() == package


def test_a_clock_set_back(folder: Path) -> None:
    """Anki takes a note only if its time is later: it must grow even where the last build was in the future."""
    lock = folder / "deck.lock"
    future = 4_000_000_000
    lock.write_text(
        re.sub(r'"mod":\d+', f'"mod":{future}', lock.read_text(encoding="utf-8")), encoding="utf-8"
    )
    edit(folder)
    assert flashgen(folder, "build", "deck.yaml").returncode == 0
    entries = [json.loads(line) for line in lock.read_text(encoding="utf-8").splitlines()]
    mods = {entry["mod"] for entry in entries if "note" in entry}
    assert mods == {future + 1}


def test_a_file_that_changes_during_a_review(folder: Path) -> None:
    deck = folder / "deck.yaml"
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(folder)
        os.execvpe(FLASHGEN[0], [*FLASHGEN, "review", "deck.yaml"], {**ENVIRONMENT, "TERM": "dumb"})
    until(terminal, "q quit")
    changed = deck.read_text(encoding="utf-8") + "\n# mine\n"
    deck.write_text(changed, encoding="utf-8")
    os.write(terminal, b"d")
    until(terminal, "has changed")
    assert deck.read_text(encoding="utf-8") == changed
    os.write(terminal, b"q")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)


def until(terminal: int, word: str) -> None:
    seen, end = b"", time.monotonic() + 60
    while word.encode() not in seen:
        assert time.monotonic() < end, seen
        seen += os.read(terminal, 4096)


@pytest.mark.parametrize("shell", ["2>&-", ">&-", ">&- 2>&-", "<&-"])
def test_closed_streams(shell: str, folder: Path) -> None:
    done = flashgen(folder, "build", "deck.yaml", shell=shell)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_standard_output(folder: Path) -> None:
    one_line(flashgen(folder, "schema", shell="> /dev/full"), "No space left")
