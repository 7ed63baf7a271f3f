"""Find the cards' templates: a user's own files first, then the ones that come with flashgen.

A template is HTML with Anki's {{Field}} marks, and two additions that are worked out when a package is built:

- `{{> head}}` takes in another file, here `head.html`;
- a line with `*` at the end of field names, like `{{#Item*}}<li>{{Ruby*}}</li>{{/Item*}}`, is repeated for
  each item of a list. In `item.front.html` and `item.back.html`, which ask for one item, the repeated lines
  leave that item out, and `?` stands for its number: `{{Ruby?}}`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from flashgen import messages
from flashgen.problems import FlashgenError, Place

_PARTIAL = re.compile(r"\{\{> *([\w-]+) *\}\}")


def shipped() -> Path:
    """Return the folder of the templates that come with flashgen: a checkout's own, else the package's."""
    package = Path(__file__).resolve().parent
    checkout = package.parent
    return (checkout if (checkout / "pyproject.toml").is_file() else package) / "templates"


def folders(deck: str, own: Path | None = None) -> tuple[Path, ...]:
    """Return where to look, first to last: `own`, `templates` beside the deck file, the shipped folder.

    Raises FlashgenError if `own` is given and is no folder.
    """
    if own and not own.is_dir():
        raise FlashgenError(messages.problem("no-templates", Place(str(own))))
    return (*([own] if own else []), Path(deck).parent / "templates", shipped())


def read(name: str, where: Sequence[Path], within: tuple[str, ...] = ()) -> str:
    """Read a template from the first folder that has it, with the files that it takes in.

    Raises FlashgenError if no folder has it, it is not UTF-8, or files take each other in without an end.
    """
    path = next((folder / name for folder in where if (folder / name).is_file()), None)
    if path is None or name in within:
        user = Place(str(where[0] / (within[-1] if within else name)))
        code = "template-loop" if name in within else "template-missing"
        raise FlashgenError(messages.problem(code, user, name=name))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise FlashgenError(messages.problem("template-unreadable", Place(str(path)))) from None
    return _PARTIAL.sub(lambda match: read(f"{match[1]}.html", where, (*within, name)).rstrip("\n"), text)


def expand(template: str, items: int, asked: int = 0) -> str:
    """Repeat the lines with `*` for items 1 to `items` but `asked`; put `asked` for `?`; drop indentation."""
    lines: list[str] = []
    for line in template.splitlines():
        numbers = (n for n in range(1, items + 1) if n != asked)
        lines += [line.replace("*}}", f"{n}}}}}") for n in numbers] if "*}}" in line else [line]
    return "\n".join(line.strip().replace("?}}", f"{asked}}}}}") for line in lines if line.strip())
