"""Going through a deck's cards at the terminal: keep, drop or edit each, with every decision written at once.

A `Session` is the work without the terminal; `run` gives it keys and a screen. What was kept is remembered in
a file beside the deck, one card id a line, so that the next review begins where this one ended.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import textwrap
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flashgen import deckfile, merge
from flashgen.files import write_atomically
from flashgen.language import words
from flashgen.output import counted
from flashgen.problems import FlashgenError, Problem, UsageError
from flashgen.records import HOLE, Card, Deck

KEYS = "k keep   d drop   e edit   n next   b back   u undo   q quit"

_ARROWS = {"\x1b[C": "n", "\x1b[B": "n", "\x1b[D": "b", "\x1b[A": "b", " ": "n", "\r": "k", "\n": "k"}


def beside(deck: Path) -> Path:
    """Return where the decisions about a deck file are kept: chapter.yaml has chapter.review."""
    return deck.with_suffix(".review")


@dataclass(frozen=True, slots=True)
class _Before:
    """What a decision can be taken back to."""

    text: str
    kept: tuple[str, ...]
    at: int


@dataclass(slots=True)
class Session:
    """One review of one deck file, which may change under it at any time.

    `at` is the index of the card that is shown; the number of cards where all have been seen. `said` is what
    the last key did, `problems` what is wrong with the file if an edit has broken it, `past` what undo has.
    """

    path: Path
    context: Callable[[Card], str] = lambda card: card.source
    text: str = ""
    deck: Deck = field(default_factory=lambda: Deck("", ()))
    kept: tuple[str, ...] = ()
    at: int = 0
    said: str = ""
    problems: list[Problem] = field(default_factory=list)
    past: list[_Before] = field(default_factory=list)

    @classmethod
    def resume(cls, path: Path, context: Callable[[Card], str] = lambda card: card.source) -> Session:
        """Open a deck file at the first card without a decision. Raises FlashgenError if it has problems."""
        session = cls(path, context)
        session.read()
        if session.problems:
            raise FlashgenError(*session.problems)
        if beside(path).is_file():
            session.kept = tuple(beside(path).read_text(encoding="utf-8", errors="replace").split())
        session.at = session.undecided(0)
        return session

    def read(self) -> None:
        """Read the deck file anew; where it has errors, the last good deck stays."""
        deck, found = deckfile.load(self.path)
        self.problems = [problem for problem in found if not problem.warning]
        if deck is not None and not self.problems:
            self.deck = deck
        if not self.path.is_file():
            raise FlashgenError(*self.problems)
        self.text = self.path.read_bytes().decode("utf-8", "replace")

    def undecided(self, start: int) -> int:
        """Return the index of the next card without a decision, round about; the number of cards if none."""
        count = len(self.deck.cards)
        order = [*range(start, count), *range(min(start, count))]
        return next((n for n in order if self.deck.cards[n].id not in self.kept), count)

    def press(self, key: str, edit: Callable[[Path, int], None]) -> bool:
        """Do what a key asks for, and return whether to go on. `edit` opens a file at a line and waits."""
        self.said = ""
        if key in ("q", "\x03", "\x04"):
            return False
        if self.path.read_bytes().decode("utf-8", "replace") != self.text:
            self.read()  # changed by someone else: look at it again before anything is done to it
            self.past.clear()
            self.at = min(self.at, len(self.deck.cards))
            self.said = words("the file has changed, and was read again")
        elif key == "u":
            self._take_back()
        elif key == "e":
            self._edit(edit)
        elif self.problems:
            self.said = words("mend the file first: e edit, u undo, q quit")
        elif key in ("n", "b"):
            self.at = max(0, min(len(self.deck.cards), self.at + (1 if key == "n" else -1)))
        elif key in ("k", "d") and self.at < len(self.deck.cards):
            self._keep() if key == "k" else self._drop()
        return True

    def _keep(self) -> None:
        card = self.deck.cards[self.at]
        self._remember()
        self._decide((*self.kept, card.id) if card.id not in self.kept else self.kept)
        self.said = words("kept {id}", id=card.id)
        self.at = self.undecided(self.at + 1)

    def _drop(self) -> None:
        card = self.deck.cards[self.at]
        rest = merge.remove(self.text, card.id, str(self.path))
        self._remember()
        self._write(rest)
        self.said = words("dropped {id}; u brings it back", id=card.id)
        self.at = self.undecided(self.at)

    def _edit(self, edit: Callable[[Path, int], None]) -> None:
        card = self.deck.cards[self.at] if self.at < len(self.deck.cards) else None
        line = self.problems[0].place.line if self.problems else card.place.line if card else 1
        before = _Before(self.text, self.kept, self.at)
        edit(self.path, line)
        self.read()
        if self.text == before.text:
            self.said = words("nothing was changed")
            return
        self.past.append(before)
        here = [n for n, other in enumerate(self.deck.cards) if card and other.id == card.id]
        self.at = here[0] if here else min(self.at, len(self.deck.cards))
        self.said = "" if self.problems else words("changed")

    def _take_back(self) -> None:
        if not self.past:
            self.said = words("there is nothing to undo")
            return
        before = self.past.pop()
        self._write(before.text)
        self._decide(before.kept)
        self.at = min(before.at, len(self.deck.cards))
        self.said = words("undone")

    def _remember(self) -> None:
        self.past.append(_Before(self.text, self.kept, self.at))

    def _write(self, text: str) -> None:
        write_atomically(self.path, text.encode())
        self.read()

    def _decide(self, kept: tuple[str, ...]) -> None:
        self.kept = kept
        names = "".join(f"{name}\n" for name in kept)
        write_atomically(beside(self.path), names.encode(), through_links=False)

    def screen(self, width: int, colour: bool = True) -> str:
        """Return what is to be seen: the card as it will be asked, its context, and the keys."""
        bold, dim, plain = ("\x1b[1m", "\x1b[2m", "\x1b[0m") if colour else ("", "", "")
        cards = self.deck.cards
        left = sum(card.id not in self.kept for card in cards)
        where = words(
            "{at}/{count}, {left} left", at=min(self.at + 1, len(cards)), count=len(cards), left=left
        )
        head = f"{_safe(self.deck.name)}   {where}"
        lines = [f"{dim}{line}{plain}" for line in wrap(head, width)]
        if self.problems:
            lines += ["", *wrap(words("Wrong in the file: {n}", n=len(self.problems)), width)]
            lines += [line for problem in self.problems[:5] for line in wrap(str(problem), width)]
        elif self.at >= len(cards):
            end = words("The end; {cards} still undecided.", cards=counted(left, "card"))
            lines += ["", end if left else words("That was all.")]
        else:
            card = cards[self.at]
            about = "  ".join([card.kind, card.id, *(f"#{tag}" for tag in card.tags)])
            about += f"   {words('(kept)')}" if card.id in self.kept else ""
            lines += [f"{dim}{line}{plain}" for line in wrap(about, width)]
            asked, answer = question(card)
            lines += ["", *(f"{bold}{line}{plain}" for line in wrap(asked, width))]
            lines += ["", *(line for part in answer for line in wrap(part, width, "  "))]
            lines += ["", *(f"{dim}{line}{plain}" for line in wrap(self.context(card), width))]
            where = "  ".join(part for part in (card.section, self.deck.source.file, card.at) if part)
            lines += [f"{dim}{line}{plain}" for line in wrap(where, width)]
        return "\n".join([*lines, "", *wrap(self.said, width), *wrap(words(KEYS), width), ""])


def question(card: Card) -> tuple[str, list[str]]:
    """Return what a card asks, and the lines of its answer with their pinyin."""
    pinyin = list(card.pinyin)
    if card.items:
        answer = []
        for n, item in enumerate(card.items):
            answer += [f"{n + 1}. {item}", *([f"   {pinyin[n]}"] if n < len(pinyin) and pinyin[n] else [])]
        return card.front, answer
    if card.cloze:
        return HOLE.sub("[…]", card.cloze), [HOLE.sub(r"[\1]", card.cloze), *pinyin]
    return card.front, [card.back, *pinyin]


def wrap(text: str, width: int, margin: str = "") -> list[str]:
    """Return a text in lines of at most `width` columns, of which a hanzi takes two, with nothing unseen."""
    lines = []
    for paragraph in text.split("\n"):
        line = margin
        for word in re.findall(r"[\x21-\u2e7f]+ *| +|.", _safe(paragraph)):
            if columns(line) + columns(word.rstrip()) > width and line.strip():
                lines.append(line.rstrip())
                line = margin
            pieces = textwrap.wrap(word, width - len(margin)) if columns(word.rstrip()) > width else [word]
            lines += [margin + piece for piece in pieces[:-1]]
            line += pieces[-1] if pieces else ""
        if line.strip():
            lines.append(line.rstrip())
    return lines


def columns(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) != 0 for char in text)


def _safe(text: str) -> str:
    """Return a text in which nothing can steer the terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


# --- The terminal ---


_PLUS_LINE = frozenset(["vi", "vim", "nvim", "nano", "emacs", "emacsclient", "micro", "joe", "kak"])
_GOTO = ("--wait", "--goto")
_FILE_AND_LINE = {
    "code": _GOTO,
    "codium": _GOTO,
    "cursor": _GOTO,
    "windsurf": _GOTO,
    "subl": ("--wait",),
    "zed": ("--wait",),
    "hx": (),
    "helix": (),
}


def editor_command(environ: dict[str, str], path: Path, line: int) -> list[str]:
    """Return the command that opens a file at a line in the user's editor: $VISUAL, else $EDITOR, else vi.

    Raises ValueError if the variable has a quotation mark that does not close.
    """
    command = shlex.split(environ.get("VISUAL") or environ.get("EDITOR") or "") or ["vi"]
    name = Path(command[0]).stem
    if name in _PLUS_LINE:
        return [*command, f"+{line}", str(path)]
    if name in _FILE_AND_LINE:
        options = [option for option in _FILE_AND_LINE[name] if option not in command]
        return [*command, *options, f"{path}:{line}"]
    return [*command, str(path)]


def run(path: Path, context: Callable[[Card], str]) -> None:
    """Review a deck file at the terminal until the user quits.

    `context` gives the text around a card's sentence. Raises UsageError where there is no terminal, and
    FlashgenError if the file has problems.
    """
    session = Session.resume(path, context)
    if not (os.isatty(0) and os.isatty(1)):
        raise UsageError(words("review needs a terminal"))
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    with _raw() as (pause, key):

        def edit(file: Path, line: int) -> None:
            with pause():
                try:
                    subprocess.run(editor_command(dict(os.environ), file, line), check=False)
                except (OSError, ValueError) as error:
                    said = words("the editor cannot be started: {reason}; set EDITOR", reason=error)
                    raise FlashgenError(said) from None

        going = True
        while going:
            # Some terminals do not know their width, and say 0.
            width = max(20, min(os.get_terminal_size(1).columns or 80, 100))
            os.write(1, ("\x1b[2J\x1b[H" + session.screen(width, colour).replace("\n", "\r\n")).encode())
            try:
                going = session.press(key(), edit)
            except FlashgenError as error:
                session.said = str(error)


@contextmanager
def _raw() -> Iterator[tuple[Callable[[], AbstractContextManager[None]], Callable[[], str]]]:
    """Give (pause, key): `with pause():` hands the terminal to another program; `key()` waits for a key."""
    try:
        import termios
        import tty
    except ImportError:
        raise UsageError(words("review works on Linux and macOS terminals")) from None
    before = termios.tcgetattr(0)

    @contextmanager
    def pause() -> Iterator[None]:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
        try:
            yield
        finally:
            tty.setcbreak(0)

    def key() -> str:
        # One read gives all that a key sends (an arrow sends three characters), and what was typed ahead.
        if not waiting:
            data = os.read(0, 64).decode("utf-8", "replace") or "\x04"
            waiting.extend(re.findall(r"\x1b\[[A-D]|.", data, re.DOTALL))
        pressed = waiting.pop(0)
        return _ARROWS.get(pressed, pressed.lower())

    waiting: list[str] = []
    tty.setcbreak(0)
    try:
        yield pause, key
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
