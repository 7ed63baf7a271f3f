"""What the commands show: data on standard output, words about it on standard error. Alone imports rich."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import IO, TYPE_CHECKING

from flashgen.language import words
from flashgen.problems import Problem
from flashgen.records import Candidate, Card, Text

if TYPE_CHECKING:
    from rich.console import Console

KIND_NAMES = {
    "principle": "原则",
    "rule": "规则",
    "rules": "规则清单",
    "list": "清单",
    "quote": "金句",
    "definition": "定义",
    "contrast": "对比",
    "condition": "条件",
    "figure": "数据",
    "qa": "问答",
}


def console(file: IO[str] | None = None) -> Console:
    """Return a console, on standard error if nothing else is said; rich respects NO_COLOR and knows a terminal."""
    from rich.console import Console

    return Console(file=file or sys.stderr, highlight=False, soft_wrap=True)


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Show what is being done, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _step: None
        return
    from rich.markup import escape

    with console().status("…") as status:
        yield lambda step: status.update(f"{escape(step)} …")


def problems(found: Sequence[Problem | str], file: IO[str] | None = None) -> None:
    """Print problems, one a line, as file:line:column."""
    for problem in found:
        print(problem, file=file or sys.stderr)


MOST_WARNINGS = 20


def warnings(found: Sequence[Problem]) -> None:
    """Print warnings beside what a command is for: of many only the first, which fit a screen."""
    problems(found[:MOST_WARNINGS])
    if len(found) > MOST_WARNINGS:
        say(words("and {n} warnings more: flashgen check lists them all", n=len(found) - MOST_WARNINGS))


def counted(number: int, what: str) -> str:
    """Return "1 card", "2 cards"."""
    return words("{n} " + what + ("" if number == 1 else "s"), n=number)


def say(line: str) -> None:
    """Print a line of words."""
    print(line, file=sys.stderr)


def facts(told: Sequence[tuple[str, str]], file: IO[str] | None = None) -> None:
    """Print facts, each with its name."""
    from rich.markup import escape

    out = console(file)
    for name, value in told:
        out.print(f"[dim]{escape(name)}[/]  {escape(value)}")


def summary(cards: Sequence[Card], told: Sequence[tuple[str, str]]) -> None:
    """Print how many cards of each kind there are, and facts below."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    count = Counter(card.kind for card in cards)
    for kind, number in count.most_common():
        table.add_row(str(number), f"{escape(kind)} {KIND_NAMES.get(kind, '')}")
    table.add_row(f"[bold]{len(cards)}[/]", f"[bold]{words('card' if len(cards) == 1 else 'cards')}[/]")
    console().print(table)
    facts(told)


def explain(chosen: Sequence[Candidate], passed: Sequence[Candidate], text: Text) -> None:
    """Print why each card was chosen, what was nearly chosen, what cleaning took out, and the marks it put back."""
    from rich.markup import escape

    from flashgen.weights import WEIGHTS

    out = console(sys.stdout)

    def row(candidate: Candidate) -> None:
        worth = {name: WEIGHTS[name][0] * value for name, value in candidate.features.items()}
        told = sorted(
            ((w, name) for name, w in worth.items() if abs(w) >= 0.15), key=lambda one: -abs(one[0])
        )
        reasons = " ".join(f"{name}{weight:+.1f}" for weight, name in told[:7])
        text = candidate.text
        if candidate.items:
            text += f" ({words('{n} items', n=len(candidate.items))})"
        out.print(f"[bold]{candidate.score:+.1f}[/] {candidate.kind:10} {escape(text)}")
        out.print(f"     [dim]{reasons}[/]")

    out.print(f"[bold]{words('Chosen')}[/]")
    for candidate in chosen:
        row(candidate)
    out.print(f"\n[bold]{words('Nearly chosen')}[/]")
    for candidate in passed[:20]:
        row(candidate)
    if text.removed:
        out.print(f"\n[bold]{words('Taken out while cleaning')}[/]")
    for removal in sorted(text.removed, key=lambda one: one.line):
        shown = " ".join(removal.text.split())
        shown = shown if len(shown) <= SHOWN else f"{shown[: SHOWN - 1]}…"
        out.print(f"{removal.line:6} {escape(words(removal.reason))} [dim]{escape(_seen(shown))}[/]")
    if text.restored:
        out.print(f"\n[bold]{words('Marks put back')}[/] {text.restored}")
    for block in text.blocks:
        for at in block.text.inserted():
            before, mark, after = (
                str(block.text)[max(0, at - 16) : at],
                str(block.text)[at],
                str(block.text)[at + 1 :],
            )
            out.print(f"     {escape(before)}[bold]{mark}[/]{escape(after[:16])}")


SHOWN = 80
"""Characters of what was taken out that are shown: enough to find it by."""


def _seen(text: str) -> str:
    """Return a text with codes for what cannot be seen."""
    return "".join(char if char.isprintable() else f"U+{ord(char):04X}" for char in text)
