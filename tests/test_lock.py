from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flashgen.files import write_atomically
from flashgen.lock import Lock, Note, Stamp, beside, load, save
from flashgen.problems import FlashgenError

LOCK = Lock(
    "晚市::01 规矩",
    "夜市::01 规矩",
    {"list": Stamp("ab12", 1_700_000_000)},
    {
        ("guiju", "list"): Note(
            "abcd2345", "cd34", 1_700_000_001, (0, 1, 3), ("先尝\u2028第一锅粥", None, "对账")
        ),
        ("tongsou", "question"): Note("efgh2345", "ef56", 1_700_000_002),
    },
    {"童叟无欺": "tóngsǒu-wúqī"},
    {"tongsou": {"front": "哪四个字？", "tags": ["定价"]}},
)


def test_lock_survives_its_file(tmp_path: Path) -> None:
    path = beside(tmp_path / "deck.yaml")
    assert load(path) == Lock()
    save(LOCK, path)
    assert load(path) == LOCK
    assert path.name == "deck.lock"


@given(st.dictionaries(st.text(), st.text()))
def test_any_text_is_remembered(tmp_path_factory: pytest.TempPathFactory, pinyin: dict[str, str]) -> None:
    if any("\ud800" <= c <= "\udfff" for c in "".join([*pinyin, *pinyin.values()])):
        return
    path = tmp_path_factory.mktemp("lock") / "deck.lock"
    save(Lock(pinyin=pinyin), path)
    assert load(path).pinyin == pinyin


def test_one_entry_a_line_in_one_order(tmp_path: Path) -> None:
    turned = replace(LOCK, notes=dict(list(LOCK.notes.items())[::-1]))
    save(LOCK, tmp_path / "a.lock")
    save(turned, tmp_path / "b.lock")
    text = (tmp_path / "a.lock").read_text(encoding="utf-8")
    assert text == (tmp_path / "b.lock").read_text(encoding="utf-8")
    assert len(text.split("\n")) == 1 + 1 + 2 + 1 + 1 + 1
    assert text.endswith("\n")


@pytest.mark.parametrize("how", ["--union", "--diff3", "--ours"])
def test_two_peoples_locks_merged_by_git(tmp_path: Path, how: str) -> None:
    """Both changed one note and added one; whatever git made of it, nothing but --ours drops a line."""
    key = ("tongsou", "question")
    mine = replace(
        LOCK,
        notes={**LOCK.notes, key: Note("efgh2345", "mine", 1_800_000_000), ("u", "cloze"): Note("u", "u", 1)},
    )
    theirs = replace(
        LOCK,
        notes={
            **LOCK.notes,
            key: Note("efgh2345", "theirs", 1_800_000_001),
            ("v", "list"): Note("v", "v", 1),
        },
    )
    for name, lock in ("base", LOCK), ("mine", mine), ("theirs", theirs):
        save(lock, tmp_path / name)
    command = ["git", "merge-file", how, "mine", "base", "theirs"]
    subprocess.run(command, cwd=tmp_path, check=False, capture_output=True)
    merged = load(tmp_path / "mine")
    if how == "--ours":
        assert merged.notes[key].hash == "mine"
    else:
        assert merged.notes == {**mine.notes, **theirs.notes}  # of the two, the later
    assert merged.pinyin == LOCK.pinyin


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('{"lock":2,"deck":"甲","name":"甲","future":[]}', 1, "a later flashgen wrote this lock file"),
        ('{"lock":1,"deck":"甲","name":"甲"}\n{"note":"甲"', 2, "no part of a lock file"),
        ('{"lock":1,"deck":"甲","name":"甲"}\n{"note":"甲","type":"list"}', 2, "no part of a lock file"),
        ('\n["甲"]', 2, "no part of a lock file"),
        ("deck: 甲", 1, "no part of a lock file"),
        ("[" * 5000, 1, "no part of a lock"),
    ],
)
def test_lock_that_is_refused(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = tmp_path / "deck.lock"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FlashgenError) as stopped:
        load(path)
    assert message in str(stopped.value)
    assert str(stopped.value).startswith(f"{path}:{line}:")


def test_lock_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "deck.lock").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FlashgenError, match="not UTF-8"):
        load(tmp_path / "deck.lock")


def test_writing_leaves_nothing_behind_and_touches_nothing_in_vain(tmp_path: Path) -> None:
    path = tmp_path / "out"
    write_atomically(path, b"one")
    node = path.stat().st_ino
    write_atomically(path, b"one")
    assert path.stat().st_ino == node
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    with pytest.raises(FlashgenError, match="cannot be written"):
        write_atomically(tmp_path / "missing" / "out", b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(FlashgenError, match="cannot be written"):
        write_atomically(tmp_path / "folder", b"")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder", "out"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions, and links for few")
def test_writing_keeps_permissions_and_links(tmp_path: Path) -> None:
    (tmp_path / "synced").mkdir()
    real, link = tmp_path / "synced" / "deck.yaml", tmp_path / "deck.yaml"
    real.write_bytes(b"one")
    real.chmod(0o640)
    link.symlink_to(real)
    write_atomically(link, b"two")
    assert link.is_symlink()
    assert real.read_bytes() == b"two"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert [file.name for file in real.parent.iterdir()] == ["deck.yaml"]


def test_writing_clears_away_what_a_killed_run_left(tmp_path: Path) -> None:
    path, left, fresh = tmp_path / "a[1].yaml", tmp_path / ".a[1].yaml.x1.tmp", tmp_path / ".a[1].yaml.x2.tmp"
    other = tmp_path / ".a1.yaml.x3.tmp"
    for file in (path, left, fresh, other):
        file.write_bytes(b"one")
    for file in (left, other):
        os.utime(file, (0, 0))
    write_atomically(path, b"one")
    assert sorted(tmp_path.iterdir()) == sorted([path, fresh, other])
