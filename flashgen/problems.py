"""What can be wrong with a user's file, told as data; and the two errors that end a command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from flashgen.language import words


class Place(NamedTuple):
    """A place in a file. Line and column count from 1; 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One slip in a user's file: where, what is wrong, what to do. A warning does not fail the command.

    `code` names the message in `messages.MESSAGES`, the same in every language; "" where it has none.
    """

    place: Place
    message: str
    hint: str = ""
    warning: bool = False
    code: str = ""

    def __str__(self) -> str:
        kind = words("warning: ") if self.warning else ""
        return f"{self.place}: {kind}{self.message}" + (f"{words('; ')}{self.hint}" if self.hint else "")


class FlashgenError(Exception):
    """Something in the user's files stops the work: exit status 1."""

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class UnreadableError(Exception):
    """A source that its reader cannot read: what is wrong and what to do, as `language.WORDS` has them, with values.

    `read` adds the file's name.
    """

    def __init__(self, message: str, hint: str, **values: object) -> None:
        self.message, self.hint, self.values = message, hint, values
        super().__init__(f"{message}; {hint}".format(**values))


class UsageError(Exception):
    """The command cannot be carried out as it was given: exit status 2."""
