"""The JSON Schema of deck files, by which editors complete keys and underline slips."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

NAME = "flashgen.schema.json"
"""The schema's file name beside deck files. Their first line names it: editors find it without a network."""


def text() -> str:
    """Return the schema, as `flashgen schema` prints it."""
    return files("flashgen").joinpath("schema.json").read_text(encoding="utf-8")


def beside(deck: Path) -> Path:
    """Return where the schema of a deck file belongs; `text` is to be written there."""
    return deck.with_name(NAME)
