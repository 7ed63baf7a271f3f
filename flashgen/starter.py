"""The starter deck file of `flashgen new`: a small deck that explains itself in its comments."""

from __future__ import annotations

from pathlib import Path

from flashgen import deckfile, schema, templates
from flashgen.files import file_name, write_atomically
from flashgen.language import words
from flashgen.problems import UsageError


def text(name: str, file: str) -> str:
    """Return the starter deck file for a deck's name and a file's name."""
    sample = (templates.shipped() / "new" / "deck.yaml").read_text(encoding="utf-8")
    return sample.replace("deck: NAME", f"deck: {deckfile.scalar(name)}").replace("DECK.yaml", file)


def new(name: str) -> Path:
    """Write NAME.yaml and the schema beside it, and return its path. The deck has the file's name.

    `name` may be a path, with or without its ending. Raises UsageError if the file is there already, and
    FlashgenError if it cannot be written.
    """
    if not Path(name).stem.strip("."):
        raise UsageError(words("a deck needs a name, as in `flashgen new 第一章`"))
    path = Path(name if name.endswith(deckfile.ENDINGS) else f"{name}.yaml")
    if path.exists():
        raise UsageError(words("{path} is there already; choose another name", path=path))
    if not path.parent.is_dir():
        raise UsageError(words("{path}: no such folder; make it first", path=path.parent))
    name = file_name(path)
    write_atomically(path, text(Path(name).stem, name).encode())
    write_atomically(schema.beside(path), schema.text().encode(), through_links=False)
    return path
