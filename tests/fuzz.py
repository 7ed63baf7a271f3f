"""Fuzz the three doors by which text comes in: python tests/fuzz.py {source,deck,lock} [SECONDS].

Each input goes through the command line's own `main`: whatever it is, a command ends soon, with 0, 1 or 2 and without
an exception. Inputs are real files with pieces cut out, doubled and put in. `tests/test_fuzz.py` does a few of each.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from flashgen import cli
from flashgen.records import KINDS

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 60
"""Seconds that no input of these sizes may take, on a busy machine."""

SAMPLES = [
    ROOT / "decks" / "sample" / "small-promises-damaged.txt",
    *sorted((ROOT / "tests" / "corpus").glob("*.txt")),
]
MARKS = [*"\x00\x1f\ufeff\u202e\u2028\r\t\u3000\xa0\ufffd𠮷", "\r\n", "👨‍👩‍👧", "e\u0301"]
IN_TEXT = [
    *MARKS, *"。，；：？！“”‘’（）《》、…—·①⑴1０", "\n", "\n\n", "\n# ", "\n- ", "\n1. ", "\n一、", "\n（1）", "> ",
    "```\n", "{{", "}}", "{{c1::", "::", "<b>", "</p>", "<script>alert(1)</script>", "&nbsp;", "&#x1F;",
    "[sound:x.mp3]", "不是", "而是", "所谓", "一是", "二是", "第一，", "第三，", "必须", "14%", "3.5亿元", "作者：",
    "答：", "国" * 400, "。" * 200,
]  # fmt: skip
IN_DECK = [
    *MARKS, "\n", "\n- id: a\n", "  ", "- ", ": ", " #", "'", '"', "|-\n    ", ">\n", "&a ", "*a",
    "!!python/object:os.system ", "!!binary ", "<<: *a", "{", "}", "[", "]", "{{", "}}", "::", "~", "null",
    "%YAML 9.9\n---\n", "---\n", "...\n", "? ", "deck: ", "cards:\n", "id: ", "front: ", "back: ", "cloze: ",
    "items:\n", "pinyin: ", "tags: [", "image: ../x.png\n", "image: .\n", "readings:\n  开: kāi\n", "reverse: true\n",
    "typed: maybe\n", "source: {title: ", "at: 1:1\n", "[" * 300, "{a: " * 100, "gǎndòng", "ü", "国" * 300, *KINDS,
]  # fmt: skip
IN_LOCK = [
    *MARKS, "\n", "{", "}", "[", "]", '"', ",", ":", "null", "true", "NaN", "1e999", "-1", "9" * 400, '"lock":1',
    '"mod":0', '"mod":99999999999999', '"cards":["a"]', '"slots":[1]', '"slots":[null,{}]', '"guid":""',
    '"guid":"\\u001f"', '"fields":{"front":1}', '"fields":{"items":[[1]]}', '"type":"list"', '"line":"|||"',
    '"line":""', '"\\ud800"', "<<<<<<< a\n", "=======\n", ">>>>>>> b\n", "[" * 3000,
]  # fmt: skip

os.environ["FLASHGEN_TRACE"] = "1"  # an exception is what we look for

VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=4,
)


def damaged(texts: list[str], pieces: list[str]) -> st.SearchStrategy[str]:
    """Return texts with pieces cut out, doubled, moved, and put in."""
    place = st.integers(0, 10_000)
    cut = st.one_of(st.integers(0, 8), st.integers(0, 2_000))
    edit = st.tuples(place, cut, st.one_of(st.sampled_from([*pieces, ""]), st.text(max_size=6)), place, cut)

    def apply(text: str, edits: list[tuple[int, int, str, int, int]], whole_lines: bool) -> str:
        for where, size, piece, other, length in edits:
            at, begin = where * len(text) // 10_000, other * len(text) // 10_000
            if whole_lines:
                at, begin = text.rfind("\n", 0, at) + 1, text.rfind("\n", 0, begin) + 1
                text = text[:at] + text[begin : text.find("\n", begin) + 1] + text[text.find("\n", at) + 1 :]
                continue
            text = text[:at] + piece + text[begin : begin + length % 40] + text[at + size :]
        return text

    return st.builds(apply, st.sampled_from(texts), st.lists(edit, max_size=12), st.booleans())


def run(*arguments: object) -> int:
    """Run a command in this process; what it says is thrown away."""
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        status = cli.main([str(argument) for argument in arguments])
    assert status in (0, 1), status
    return status


Door = tuple[Callable[[Any], None], st.SearchStrategy[Any]]
"""What tries an input, and the inputs."""


def source(folder: Path) -> Door:
    """Return what makes a deck of a source; of a made one its own check must find nothing wrong."""

    def try_(made: tuple[str, str, str]) -> None:
        text, encoding, suffix = made
        path, deck = folder / f"s{suffix}", folder / "s.yaml"
        path.write_bytes(text.encode(encoding, "replace"))
        for left in ("s.yaml", "s.lock", "s.apkg"):
            (folder / left).unlink(missing_ok=True)
        if run("make", path, "-o", deck) == 0:
            assert run("check", deck, "--source", path) == 0
            before = deck.read_bytes()
            assert run("extract", path, "-o", deck) == 0
            assert deck.read_bytes() == before

    return try_, st.tuples(
        damaged([sample.read_text(encoding="utf-8")[:3000] for sample in SAMPLES], IN_TEXT),
        st.sampled_from(["utf-8", "utf-8", "gb18030", "big5", "utf-16"]),
        st.sampled_from([".txt", ".txt", ".md", ".html"]),
    )


def deck(folder: Path) -> Door:
    """Return what checks, builds and spells a deck file, and looks at the package that came of it."""
    good = (ROOT / "decks" / "xiaomi-08.yaml").read_text(encoding="utf-8")[:4000].rpartition("\n- id:")[
        0
    ] + "\n"
    starter = (ROOT / "templates" / "new" / "deck.yaml").read_text(encoding="utf-8")

    def try_(text: str) -> None:
        path, out = folder / "d.yaml", folder / "d.apkg"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        for left in ("d.lock", "d.apkg"):
            (folder / left).unlink(missing_ok=True)
        wrong = run("check", path)
        assert run("build", path, "-o", out) == wrong
        assert run("status", path) == wrong
        if not wrong:
            with zipfile.ZipFile(out) as package:
                assert package.testzip() is None
            assert run("pinyin", "--write", path) == 0
            assert run("check", path) == 0

    return try_, damaged([good, starter], IN_DECK)


def lock(folder: Path) -> Door:
    """Return what builds and extracts beside a damaged lock; a build that ends well must leave a good lock."""
    path, out, memory = folder / "l.yaml", folder / "l.apkg", folder / "l.lock"
    text = folder / "l.txt"
    text.write_text(SAMPLES[1].read_text(encoding="utf-8")[:1500], encoding="utf-8")
    assert run("make", text, "-o", path, "--apkg", out) == 0
    made, good = path.read_bytes(), memory.read_text(encoding="utf-8")

    def try_(damage: str) -> None:
        path.write_bytes(made)
        memory.write_bytes(damage.encode("utf-8", "surrogatepass"))
        wrong = run("build", path, "-o", out)
        assert run("status", path) == wrong
        run("extract", text, "-o", path)
        if not wrong:
            assert run("build", path, "-o", out) == 0

    entries = [json.loads(line) for line in good.splitlines()]
    keys = sorted({key for entry in entries for key in entry})
    change = st.tuples(st.integers(0, len(entries) - 1), st.sampled_from(keys), VALUES)

    def with_changes(changes: list[tuple[int, str, object]]) -> str:
        now = [dict(entry) for entry in entries]
        for at, key, value in changes:
            now[at][key] = value
        return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in now)

    changed = st.lists(change, min_size=1, max_size=4).map(with_changes)
    return try_, st.one_of(damaged([good], IN_LOCK), changed)


DOORS = {"source": source, "deck": deck, "lock": lock}


@contextlib.contextmanager
def limit(seconds: int) -> Iterator[None]:
    """Raise TimeoutError where something hangs."""

    def hangs(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, hangs)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def fuzz(door: str, folder: Path, seconds: float, first_seed: int = 0) -> int:
    """Try inputs for a while, and return how many; an exception tells of the smallest one that fails."""
    tried, end = 0, time.monotonic() + seconds
    try_, inputs = DOORS[door](folder)
    tell = settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))

    def counted(made: Any) -> None:
        nonlocal tried
        tried += 1
        with limit(LIMIT):
            try_(made)

    while time.monotonic() < end:
        seed(first_seed + tried)(tell(given(inputs)(counted)))()
    return tried


if __name__ == "__main__":
    chosen, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 600
    begin = random.randrange(10**9)
    print(f"{chosen}: seed {begin}", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        print(f"{chosen}: {fuzz(chosen, Path(temporary), seconds, begin)} inputs tried", flush=True)
