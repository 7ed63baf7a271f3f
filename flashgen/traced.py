"""Text whose every character knows where it stood in the source."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Traced:
    """A string and, for each of its characters, the offset in the source that it came from."""

    text: str
    offsets: array[int]

    @classmethod
    def of(cls, text: str) -> Traced:
        """Trace a text that is itself the source."""
        return cls(text, array("L", range(len(text))))

    @classmethod
    def joined(cls, pieces: Iterable[Traced]) -> Traced:
        """Put pieces together."""
        kept = list(pieces)
        offsets = array("L")
        for piece in kept:
            offsets += piece.offsets
        return cls("".join([piece.text for piece in kept]), offsets)

    def __len__(self) -> int:
        return len(self.text)

    def __str__(self) -> str:
        return self.text

    @property
    def start(self) -> int:
        """The source offset of the first character; 0 for an empty text."""
        return self.offsets[0] if self.offsets else 0

    def cut(self, start: int, end: int | None = None) -> Traced:
        """Return the stretch from `start` to `end`, as in slicing."""
        return Traced(self.text[start:end], self.offsets[start:end])

    def strip(self, chars: str | None = None) -> Traced:
        """Return the text without white space (or `chars`) at both ends."""
        left = len(self.text) - len(self.text.lstrip(chars))
        return self.cut(left, left + len(self.text.strip(chars)))

    def sub(self, pattern: re.Pattern[str], replacement: str | Callable[[re.Match[str]], str]) -> Traced:
        """Replace as `re.sub` does, with literal text or a function; new text takes its match's offset."""
        parts: list[str] = []
        offsets = array("L")
        done = 0
        for match in pattern.finditer(self.text):
            new = replacement if isinstance(replacement, str) else replacement(match)
            if new == match.group():
                continue
            parts += (self.text[done : match.start()], new)
            offsets += self.offsets[done : match.start()]
            at = match.start() if match.start() < len(self) else len(self) - 1
            offsets += array("L", [self.offsets[at] if self.offsets else 0] * len(new))
            done = match.end()
        if not done and not parts:
            return self
        parts.append(self.text[done:])
        return Traced("".join(parts), offsets + self.offsets[done:])

    def insert(self, marks: Sequence[tuple[int, str]]) -> Traced:
        """Put marks before places, in their order; each takes the offset of the character that it goes behind."""
        text: list[str] = []
        offsets = array("L")
        done = 0
        for place, mark in marks:
            text += (self.text[done:place], mark)
            offsets += self.offsets[done:place]
            offsets += array("L", [self.offsets[max(0, place - 1)]] * len(mark))
            done = place
        return Traced("".join(text) + self.text[done:], offsets + self.offsets[done:])

    def inserted(self) -> list[int]:
        """Return the indices of marks that are not in the source: they share the offset of a character beside them."""
        beside = {at for at, (one, other) in enumerate(pairwise(self.offsets)) if one == other}
        beside |= {at + 1 for at in beside}
        return [at for at in sorted(beside) if not self.text[at].isalnum()]

    def unwrap(self, pattern: re.Pattern[str]) -> Traced:
        """Replace each match by its group, the only one that took part; what is left keeps its offsets."""
        text: list[str] = []
        offsets = array("L")
        done = 0
        for match in pattern.finditer(self.text):
            for start, end in ((done, match.start()), match.span(match.lastindex or 0)):
                text.append(self.text[start:end])
                offsets += self.offsets[start:end]
            done = match.end()
        return Traced("".join(text) + self.text[done:], offsets + self.offsets[done:]) if done else self

    def split(self, pattern: re.Pattern[str]) -> Iterator[Traced]:
        """Yield the stretches between the pattern's matches."""
        done = 0
        for match in pattern.finditer(self.text):
            yield self.cut(done, match.start())
            done = match.end()
        yield self.cut(done)
