"""Reviewing cards: the session without a terminal, and the whole through a pseudo-terminal."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flashgen import language, review
from flashgen.problems import FlashgenError
from flashgen.records import Card

TEXT = """\
# mine
deck: 小店
cards:
- id: hao
  front: 什么是好生意？   # a remark
  back: 让客人省心
  pinyin: ràng kèren shěngxīn
  source: 好生意就是让客人省心。
  at: 12:1

# about the second
- id: hongxian
  kind: figure
  cloze: 毛利率不超过{{两成}}。
- id: santiao
  front: 哪两条？
  items: [先算房租, 再谈装修]
  pinyin: [xiān suàn fángzū, '']
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    language.speak("en")
    file = tmp_path / "deck.yaml"
    file.write_bytes(TEXT.encode())
    return file


def no_edit(_path: Path, _line: int) -> None:
    pytest.fail("nothing was to be edited")


def press(session: review.Session, keys: str, edit: Callable[[Path, int], None] = no_edit) -> None:
    for key in keys:
        session.press(key, edit)


def test_each_decision_is_written_at_once_and_can_be_undone(path: Path) -> None:
    session = review.Session.resume(path)
    press(session, "k")
    assert review.beside(path).read_text() == "hao\n"
    assert path.read_text(encoding="utf-8") == TEXT
    press(session, "d")
    assert session.deck.cards[session.at].id == "santiao"
    dropped = path.read_text(encoding="utf-8")
    assert "hongxian" not in dropped
    assert "# about the second" in dropped
    assert len(dropped.splitlines()) == len(TEXT.splitlines()) - 3
    press(session, "u")
    assert path.read_text(encoding="utf-8") == TEXT
    assert session.deck.cards[session.at].id == "hongxian"
    press(session, "u")
    assert review.beside(path).read_text() == ""
    press(session, "u")
    assert "nothing to undo" in session.screen(80)


def test_it_resumes_where_one_left_off(path: Path) -> None:
    press(review.Session.resume(path), "nk")
    session = review.Session.resume(path)
    assert session.deck.cards[session.at].id == "hao"
    press(session, "k")
    assert session.deck.cards[session.at].id == "santiao"
    press(session, "k")
    assert "That was all" in session.screen(80)
    press(session, "b")
    assert "(kept)" in session.screen(80)


def test_an_edit_that_breaks_the_file_is_told_and_undone(path: Path) -> None:
    lines = []

    def spoil(file: Path, line: int) -> None:
        lines.append(line)
        file.write_bytes(TEXT.replace("cloze: ", "cloze：").encode())

    session = review.Session.resume(path)
    press(session, "n")
    press(session, "e", spoil)
    assert lines == [12]
    assert ":14:8: a full-width colon" in " ".join(session.screen(80, colour=False).split())
    press(session, "kdn")
    assert "mend the file first" in session.screen(80)
    press(session, "e", lambda _file, line: lines.append(line))
    assert lines == [12, 14]
    press(session, "u")
    assert path.read_text(encoding="utf-8") == TEXT
    assert not session.problems


def test_an_edit_follows_its_card(path: Path) -> None:
    def put_one_before(file: Path, _line: int) -> None:
        more = "- {id: neu, front: 问, back: 答}\n- id: hao"
        file.write_bytes(TEXT.replace("- id: hao", more).encode())

    session = review.Session.resume(path)
    press(session, "n")
    press(session, "e", put_one_before)
    assert session.deck.cards[session.at].id == "hongxian"


def test_a_change_from_elsewhere_is_never_overwritten(path: Path) -> None:
    session = review.Session.resume(path)
    theirs = TEXT.replace("让客人省心\n", "让客人放心\n")
    path.write_bytes(theirs.encode())
    press(session, "d")
    assert path.read_bytes() == theirs.encode()
    assert "was read again" in session.screen(80)
    press(session, "d")
    assert "hao" not in path.read_text(encoding="utf-8")


def test_a_file_with_problems_is_not_reviewed(path: Path) -> None:
    path.write_text("deck: d\ncards:\n- id: a\n", encoding="utf-8")
    with pytest.raises(FlashgenError, match=r"deck\.yaml:3:3: "):
        review.Session.resume(path)


@pytest.mark.parametrize("width", [40, 80])
def test_a_screen_is_as_wide_as_the_terminal_and_shows_the_card_as_asked(path: Path, width: int) -> None:
    session = review.Session.resume(
        path, lambda card: f"……前文很长。{card.source}后文也很长，" * 6 + "\x1b[31m"
    )
    for _ in range(4):
        screen = session.screen(width, colour=False)
        assert all(review.columns(line) <= width for line in screen.splitlines()), screen
        assert "\x1b" not in screen
        session.press("n", no_edit)
    session.at = 1
    asked, answer = session.screen(80, colour=False).split("\n\n")[1:3]
    assert asked == "毛利率不超过[…]。"
    assert answer == "  毛利率不超过[两成]。"
    session.at = 2
    assert "  1. 先算房租\n     xiān suàn fángzū\n  2. 再谈装修\n" in session.screen(80, colour=False)


def test_long_words_and_hanzi_are_wrapped_by_columns() -> None:
    assert review.wrap("一二三四五", 4) == ["一二", "三四", "五"]
    assert review.wrap("ab cd ef", 5) == ["ab cd", "ef"]
    assert review.wrap("x" * 12, 5) == ["xxxxx", "xxxxx", "xx"]
    assert review.question(Card("a", cloze="{{甲}}和{{乙}}", pinyin=("jiǎ hé yǐ",))) == (
        "[…]和[…]",
        ["[甲]和[乙]", "jiǎ hé yǐ"],
    )


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({}, ["vi", "+7", "d.yaml"]),
        ({"EDITOR": "nano -w"}, ["nano", "-w", "+7", "d.yaml"]),
        ({"EDITOR": "vi", "VISUAL": "/usr/bin/code"}, ["/usr/bin/code", "--wait", "--goto", "d.yaml:7"]),
        ({"EDITOR": "subl"}, ["subl", "--wait", "d.yaml:7"]),
        ({"EDITOR": "'my editor' -x"}, ["my editor", "-x", "d.yaml"]),
    ],
)
def test_the_editor_opens_at_the_line(environ: dict[str, str], command: list[str]) -> None:
    assert review.editor_command(environ, Path("d.yaml"), 7) == command


# --- Through a pseudo-terminal ---


class Terminal:
    """A review in a pseudo-terminal of 80 columns."""

    def __init__(self, path: Path, **environ: str) -> None:
        import pty

        self.screen = ""
        self.process, self.fd = pty.fork()
        if self.process == 0:
            os.environ.update({"TERM": "xterm", **environ})
            os.execv(sys.executable, [sys.executable, "-m", "flashgen", "review", str(path)])
        subprocess.run(["stty", "cols", "80", "rows", "24"], stdin=self.fd, check=True)

    def until(self, wanted: str) -> str:
        """Wait until the screen shows something; return all of it."""
        deadline = time.monotonic() + 30
        while wanted not in self.screen.rsplit("\x1b[H", 1)[-1]:
            assert select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0], self.screen
            try:
                self.screen += os.read(self.fd, 4096).decode("utf-8", "replace")
            except OSError:
                pytest.fail(f"ended before {wanted!r}:\n{self.screen}")
        return self.screen.rsplit("\x1b[H", 1)[-1]

    def type(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def status(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


@contextmanager
def terminal(path: Path, **environ: str) -> Iterator[Terminal]:
    it = Terminal(path, **environ)
    try:
        yield it
    finally:
        try:
            os.kill(it.process, signal.SIGKILL)
            os.waitpid(it.process, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(it.fd)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_whole_review_through_a_terminal(path: Path, tmp_path: Path) -> None:
    editor = tmp_path / "editor.py"
    editor.write_text(
        "import sys, pathlib\n"
        "p = pathlib.Path(sys.argv[-1])\n"
        "p.write_bytes(p.read_bytes().replace('两成'.encode(), '三成'.encode()))\n"
    )
    with terminal(path, EDITOR=f"{sys.executable} {editor}", NO_COLOR="1") as it:
        screen = it.until("q quit")
        assert "什么是好生意？" in screen
        assert "1/3, 3 left" in screen
        assert "\x1b[1m" not in screen
        it.type("k")
        it.until("kept hao")
        it.type("e")
        assert "毛利率不超过[三成]。" in it.until("changed")
        it.type("u")
        assert "毛利率不超过[两成]。" in it.until("undone")
        it.type("d")
        it.until("dropped hongxian")
        it.type("\x1b[D")
        it.until("什么是好生意？")
        it.type("q")
        assert it.status() == 0
    assert review.beside(path).read_text() == "hao\n"
    assert "hongxian" not in path.read_text(encoding="utf-8")
    with terminal(path) as it:
        screen = it.until("q quit")
        assert "\x1b[1m哪两条？" in screen
        it.type("q")
        assert it.status() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_killed_review_leaves_the_file_whole(path: Path) -> None:
    allowed = {TEXT.encode()}
    session = review.Session.resume(path)
    for _ in range(3):
        session.press("d", no_edit)
        allowed.add(path.read_bytes())
    for n in range(int(os.environ.get("FLASHGEN_KILLS", "6"))):
        path.write_bytes(TEXT.encode())
        review.beside(path).unlink(missing_ok=True)
        with terminal(path) as it:
            it.until("q quit")
            it.type("ddd")
            time.sleep(0.003 * (n % 10))
        assert path.read_bytes() in allowed
