"""The official Anki engine, for tests: import packages, study, and render cards as the reviewers do."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# anki.collection has to come first: anki.cards alone is a circular import.
from anki.collection import Collection, ImportAnkiPackageRequest  # isort: skip
from anki.cards import Card


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Collection]:
    """Open a collection, and make it if need be. Open it anew after an import: note types are cached."""
    collection = Collection(str(path))
    try:
        yield collection
    finally:
        collection.close()


def add_package(path: Path, package: Path) -> Any:
    """Import a package into the collection at `path` as the import screen would; return the engine's log."""
    with opened(path) as collection:
        options = collection._backend.get_import_anki_package_presets()
        request = ImportAnkiPackageRequest(package_path=str(package), options=options)
        return collection.import_anki_package(request).log


def answer_all(collection: Collection, *, fsrs: bool) -> None:
    """Answer every card once through the scheduler, with Again, Hard, Good and Easy by turns."""
    collection.set_config("fsrs", fsrs)
    for config in collection.decks.all_config():
        config["new"].update(perDay=9999, bury=False)
        config["rev"].update(perDay=9999, bury=False)
        collection.decks.update_config(config)
    answered: set[int] = set()
    for deck in collection.decks.all_names_and_ids():
        if "::" in deck.name:
            continue  # the queue of a parent holds its children's cards
        collection.decks.select(deck.id)
        while queue := collection.sched.get_queued_cards(fetch_limit=1).cards:
            if queue[0].card.id in answered:
                break  # the cards that are left were answered just now
            card = collection.get_card(queue[0].card.id)
            card.start_timer()
            rating = len(answered) % 4
            answer = collection.sched.build_answer(card=card, states=queue[0].states, rating=rating)
            collection.sched.answer_card(answer)
            answered.add(card.id)


def schedule(collection: Collection) -> dict[int, tuple[object, ...]]:
    """Return all that an import must not touch, by card id."""
    reviews = dict(collection.db.execute("select cid, count() from revlog group by cid"))
    return {
        card.id: (
            *(
                card.nid,
                card.ord,
                card.did,
                card.type,
                card.queue,
                card.due,
                card.ivl,
                card.reps,
                card.lapses,
            ),
            *(card.factor, str(card.memory_state), reviews.get(card.id, 0)),
        )
        for card in map(collection.get_card, collection.find_cards(""))
    }


# What a reviewer puts around a card, as far as it matters to the layout: base style, page, classes at night.
PLAY = (
    '<a class="replay-button soundLink" href="#"><svg class="playImage" viewBox="0 0 64 64">'
    '<circle cx="32" cy="32" r="29"/><path d="M56 32 18 53V12z"/></svg></a>'
)
DESKTOP = """body{margin:20px} hr{background:#ccc;margin:1em;border:none;height:1px} img{max-width:100%}
.replay-button{display:inline-flex;margin:3px} .replay-button svg{width:40px;height:40px}
.replay-button svg circle{fill:#fff;stroke:#414141} #typeans{width:100%}"""
REVIEWERS = {
    "desktop": (
        DESKTOP,
        '<html class="linux chrome"><body class="card card%d isLin %s"><style>%s</style><div id="qa">%s',
        "nightMode night_mode",
    ),
    "ankidroid": (
        "body{margin:0 0 30px} #content{margin:.5em} body.night_mode{color:white;background:black}",
        '<html class="mobile android js"><body class="card card%d %s"><style>%s</style><div id="content">%s',
        "night_mode nightMode",
    ),
    "ankimobile": (
        "body{text-align:center;font-size:1em} img{max-width:95%} .card{margin:20px}",
        '<html class="mobile iphone js"><body class="card card%d %s"><style>%s</style><div id="qa">%s',
        "nightMode",
    ),
}


def page(card: Card, side: str, *, reviewer: str = "desktop", night: bool = False, typed: str = "") -> str:
    """Return the page that a reviewer shows for the front or the back of a card, with `typed` typed in."""
    shown = card.render_output()
    body = shown.question_text if side == "front" else shown.answer_text

    def type_box(match: re.Match[str]) -> str:
        if side == "front":
            return '<input type="text" id="typeans" style="font-family: Arial; font-size: 20px">'
        *cloze, name = match[1].split(":")
        wanted = card.note()[name]
        if cloze:
            wanted = card.col.extract_cloze_for_typing(wanted, card.ord + 1)
        return str(card.col.compare_answer(wanted, typed))

    body = re.sub(r"\[\[type:(.*?)\]\]", type_box, body)
    body = re.sub(r"\[anki:play:.:\d+\]", PLAY, body)
    base, around, dark = REVIEWERS[reviewer]
    head = '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    return f"{head}<style>{base}</style>{around % (card.ord + 1, dark if night else '', shown.css, body)}"
