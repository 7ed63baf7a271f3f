"""The official Anki engine, for tests: import packages, study, and render cards as the reviewers do."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

# anki.collection has to come first: anki.cards alone is a circular import.
from anki.collection import Collection, ImportAnkiPackageRequest  # isort: skip
from anki.cards import Card
from anki.import_export_pb2 import ImportResponse


@contextlib.contextmanager
def collection(path: Path) -> Iterator[Collection]:
    """Open a collection, which is made if it is not there. Open it anew after an import: note types are cached."""
    opened = Collection(str(path))
    try:
        yield opened
    finally:
        opened.close()


def add_package(path: Path, package: Path) -> ImportResponse.Log:
    """Import a package as the import screen of a fresh profile would."""
    with collection(path) as col:
        options = col._backend.get_import_anki_package_presets()
        request = ImportAnkiPackageRequest(package_path=str(package), options=options)
        return col.import_anki_package(request).log


# What a reviewer puts around a card, as far as it matters to the layout.
PLAY = (
    '<a class="replay-button soundLink" href="#"><svg class="playImage" viewBox="0 0 64 64">'
    '<circle cx="32" cy="32" r="29"/><path d="M56 32 18 53V12z"/></svg></a>'
)
SHELLS = {
    "desktop": (
        "body{margin:20px} hr{background:#ccc;margin:1em;border:none;height:1px} img{max-width:100%}"
        ".replay-button{display:inline-flex;margin:3px} .replay-button svg{width:40px;height:40px}"
        ".replay-button svg circle{fill:#fff;stroke:#414141} #typeans{width:100%}",
        '<html class="linux chrome"><body class="card card{n} isLin {night}"><style>{css}</style>'
        '<div id="qa" dir="auto">{body}</div>',
        "nightMode night_mode",
    ),
    "ankidroid": (
        "body{margin:0 0 30px} #content{margin:.5em} body.night_mode{color:white;background:black}",
        '<html class="mobile android linux js chrome"><body class="card card{n} {night}"><style>{css}</style>'
        '<div id="content"><div id="qa">{body}</div></div>',
        "night_mode nightMode",
    ),
    "ankimobile": (
        "body{text-align:center;font-size:1em} img{max-width:95%} .card{margin:20px}",
        '<html class="webkit safari mobile iphone js"><body class="card card{n} {night}"><style>{css}</style>'
        '<div id="qa">{body}</div>',
        "nightMode",
    ),
}


def page(card: Card, side: str, *, platform: str = "desktop", night: bool = False, typed: str = "") -> str:
    """Return the page that a reviewer shows for the front or the back of a card; `typed` is what was typed in."""
    shown = card.render_output()
    body = shown.question_text if side == "front" else shown.answer_text

    def type_box(match: re.Match[str]) -> str:
        if side == "front":
            return '<center><input type="text" id="typeans" style="font-family:Arial;font-size:20px"></center>'
        fields = dict(card.note().items())
        return card.col.compare_answer(fields[match[1].split(":")[-1]], typed)

    body = re.sub(r"\[\[type:(.*?)\]\]", type_box, body)
    body = re.sub(r"\[anki:play:.:\d+\]", PLAY, body)
    base, shell, dark = SHELLS[platform]
    filled = shell.format(n=card.ord + 1, night=dark if night else "", css=shown.css, body=body)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{base}</style>'
    return f"<!doctype html>{head}{filled}"
