"""Bring decks up to date in a running Anki, through the add-on AnkiConnect.

An import takes a changed note whole; a push takes it field by field. What was changed in Anki stays, as do
tags that were added there, and schedules are not touched. A note's field Base tells what it was given last.
"""

from __future__ import annotations

import base64
import http.client
import json
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flashgen import anki, notes
from flashgen.anki import Plan
from flashgen.language import words
from flashgen.notes import FIELDS, Note
from flashgen.problems import FlashgenError, UsageError

URL = "http://127.0.0.1:8765"
"""Where AnkiConnect listens if its settings are as they came."""

BATCH = 500
"""Notes asked about at once: their guids make a search of 9 KB, and lists answer with some 10 KB each."""


@dataclass(frozen=True, slots=True)
class Update:
    """What a push does to the note `number` in Anki: new fields by name, tags to add and to remove.

    `kept` are the fields that were changed on both sides, which stay as they are in Anki.
    """

    note: Note
    number: int
    fields: Mapping[str, str]
    add: tuple[str, ...]
    remove: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a push does: `new` has plans with the notes alone that Anki lacks."""

    new: tuple[Plan, ...]
    updates: tuple[Update, ...]


def compare(plans: Sequence[Plan], url: str = URL) -> Changes:
    """Find what a push of planned decks would do; nothing is changed by it.

    Raises FlashgenError if Anki does not answer.
    """
    found = _find([note.guid for plan in plans for note in plan.notes], url)
    new = [
        replace(plan, notes=tuple(note for note in plan.notes if note.guid not in found)) for plan in plans
    ]
    there = [note for plan in plans for note in plan.notes if note.guid in found]
    updates = [_update(note, found[note.guid]) for note in there]
    return Changes(tuple(plan for plan in new if plan.notes), tuple(update for update in updates if update))


def push(changes: Changes, url: str = URL) -> None:
    """Do what `compare` found. Raises FlashgenError if Anki does not answer or refuses something."""
    if changes.new:
        with tempfile.TemporaryDirectory() as folder:
            package = Path(folder) / "new.apkg"
            anki.write(changes.new, package)
            ask(url, "importPackage", path=str(package))
    for update in changes.updates:
        if update.note.image and "Image" in update.fields:
            name, path = update.note.image
            data = base64.b64encode(path.read_bytes()).decode()
            ask(url, "storeMediaFile", filename=name, data=data)
        ask(url, "updateNoteFields", note={"id": update.number, "fields": dict(update.fields)})
        for action, tags in ("addTags", update.add), ("removeTags", update.remove):
            if tags:
                ask(url, action, notes=[update.number], tags=" ".join(tags))


def ask(url: str, action: str, **params: Any) -> Any:
    """Return what AnkiConnect answers to an action; raise FlashgenError if it does not, or with its error."""
    body = json.dumps({"action": action, "version": 6, "params": params}).encode()
    try:
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    except ValueError:
        raise UsageError(words("{url} is no address; write it as {example}", url=url, example=URL)) from None
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            answer = json.load(response)
        result, error = answer["result"], answer["error"]
    except (urllib.error.HTTPError, http.client.HTTPException, ValueError, KeyError, TypeError):
        raise FlashgenError(words("what answers at {url} is not AnkiConnect", url=url)) from None
    except OSError:
        said = "Anki does not answer at {url}; start Anki, with the add-on AnkiConnect (2055492159) in it"
        raise FlashgenError(words(said, url=url)) from None
    if error is not None:
        raise FlashgenError(words("Anki refused {action}: {error}", action=action, error=error))
    return result


def _find(guids: Sequence[str], url: str) -> dict[str, dict[str, Any]]:
    """Return AnkiConnect's word on the notes that are there, by guid."""
    found = {}
    for start in range(0, len(guids), BATCH):
        search = f'"Guid:re:^({"|".join(guids[start : start + BATCH])})$"'
        numbers = ask(url, "findNotes", query=search)
        for info in ask(url, "notesInfo", notes=numbers) if numbers else ():
            found[info["fields"]["Guid"]["value"]] = info
    return found


def _update(note: Note, info: Mapping[str, Any]) -> Update | None:
    """Merge a note with the one in Anki; None if there is nothing to do."""
    names = FIELDS[note.type]
    if list(info["fields"]) != list(names):
        said = "the note type '{name}' has other fields in Anki; import the package"
        raise FlashgenError(words(said, name=info["modelName"]))
    have = [field["value"] for field in info["fields"].values()]
    given = have[names.index("Base")]
    new = {name: text for name, text, old in zip(names, note.fields, have, strict=True) if text != old}
    theirs = set(map(_group, notes.differing(note.type, have, given)))
    ours = notes.differing(note.type, note.fields, given)
    fields = {name: text for name, text in new.items() if _group(name) not in theirs}
    kept = tuple(name for name in new if name not in fields and name in ours)
    tags, before, wanted = info["tags"], given.split(" ")[1:], note.card.tags
    add = tuple(tag for tag in wanted if tag not in tags and tag not in before)
    remove = tuple(tag for tag in before if tag in tags and tag not in wanted)
    return Update(note, info["noteId"], fields, add, remove, kept) if fields else None


def _group(name: str) -> str:
    """Return a name for the fields that say the same, with pinyin or without: they go together."""
    return name.replace("Ruby", "").replace("Item", "").replace("Filled", "Text")
