"""Decks, and what their locks remember, to an Anki package. Alone imports genanki.

A note's modification time moves only when its content changes: that lets an edit arrive in a collection,
and leaves alone what was changed there on the notes of other cards.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import io
import itertools
import json
import re
import sqlite3
import time
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flashgen import lock as locks
from flashgen import messages, notes, templates
from flashgen.files import write_atomically
from flashgen.language import words
from flashgen.lock import Lock, Stamp
from flashgen.notes import FIELDS, ITEMS, Note, WordsOf
from flashgen.problems import FlashgenError, Place
from flashgen.records import Deck

TYPES = {
    "question": (1708300510811, "flashgen 问答"),
    "cloze": (1708300510812, "flashgen 填空"),
    "list": (1708300510813, "flashgen 清单"),
}
"""Id and name of each note type. The ids are frozen; any that no other note type has would do."""

TEMPLATES: Mapping[str, tuple[tuple[str, str, int], ...]] = {
    "question": (("问答", "question", 0), ("反向", "reverse", 0), ("备用", "", 0)),
    "cloze": (("填空", "cloze", 0),),
    "list": (("全部", "list", 0), *((f"第{n}项", "item", n) for n in range(1, ITEMS + 1)), ("备用", "", 0)),
}
"""The templates of each note type: name, files (question.front.html…), the item that is asked for.

Frozen but for the names. 备用 is for a later version; it makes no card as long as the field Spare6 is empty.
"""

FIRST = 1_704_067_200
"""Modification time of a note that is built for the first time: 2024-01-01 UTC, so the same anywhere."""

STYLED = 1_735_862_400
"""When the shipped templates last changed. Raise it when they do: a collection that has the older ones takes
the newer only with a later time, and a deck that is built for the first time has no other."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What importing a build of one deck will do, judged by its lock; and the lock to save once it is built.

    `new`, `changed` and `unchanged` are card ids. So is `retired`: notes of earlier builds that are in this
    one no more, and that no import deletes; `search` finds them in Anki's browser. `emptied` are those whose
    note now has no use for a card that it had: Tools > Empty Cards takes it away. `renamed` is the name that
    the deck had in the last build, "" if it still has it.
    """

    deck: Deck
    lock: Lock
    notes: tuple[Note, ...]
    types: Mapping[str, Mapping[str, Any]]
    new: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    retired: tuple[str, ...]
    search: str
    emptied: tuple[str, ...]
    renamed: str


def build(
    decks: Sequence[tuple[Deck, Lock]],
    words_of: WordsOf,
    out: Path,
    *,
    own: Path | None = None,
    now: int | None = None,
) -> list[Plan]:
    """Write the package of some decks; return for each what its import will do, and its lock to save.

    `own` is a folder of templates that go before a deck's own and the shipped ones. `now`, in seconds, stamps
    what changed. The decks are those in which `deckcheck` finds no error. Raises FlashgenError if a template is
    missing or broken, or if the package cannot be written.
    """
    plans = plan(decks, words_of, own=own, now=now, last=out)
    write(plans, out)
    return plans


def plan(
    decks: Sequence[tuple[Deck, Lock]],
    words_of: WordsOf,
    *,
    own: Path | None = None,
    now: int | None = None,
    last: Path | None = None,
) -> list[Plan]:
    """Make the notes of some decks and compare them with the decks' locks.

    A card that moved from one of these decks to another keeps its note. Where a lock is lost, `last`, the
    package built last, stands in for it. Raises FlashgenError if a template is missing or broken.
    """
    now = int(time.time()) if now is None else now
    decks = [(deck, lock if lock.notes else _recall(last, deck, lock)) for deck, lock in decks]
    decks = _follow_moves(decks)
    return [_plan(deck, lock, words_of, own, now) for deck, lock in decks]


def _plan(deck: Deck, lock: Lock, words_of: WordsOf, own: Path | None, now: int) -> Plan:
    name = lock.deck or deck.name
    made, remembered = [], dict(lock.notes)
    states: dict[str, list[str]] = {"new": [], "changed": [], "unchanged": [], "emptied": []}
    for card in deck.cards:
        key = card.id, notes.note_type(card)
        old = lock.notes.get(key)
        guid, slots = (old.guid, old.slots) if old else (notes.make_guid(name, card), ())
        note = notes.make_note(deck, card, words_of, guid, slots)
        made.append(note)
        digest = notes.content_hash(note.type, note.fields, card.tags)
        remembered[key] = locks.Note(guid, digest, _mod(old, digest, FIRST, now), note.cards, note.slots)
        states["new" if not old else "unchanged" if old.hash == digest else "changed"].append(card.id)
        if old and set(old.cards) - set(note.cards):
            states["emptied"].append(card.id)
    retired = sorted(lock.notes.keys() - {(note.card.id, note.type) for note in made})
    guids = "|".join(lock.notes[key].guid for key in retired)
    types, stamps = _note_types(templates.folders(deck.file, own), lock, now)
    return Plan(
        deck=deck,
        lock=replace(lock, deck=name, name=deck.name, types=stamps, notes=remembered),
        notes=tuple(made),
        types=types,
        new=tuple(states["new"]),
        changed=tuple(states["changed"]),
        unchanged=tuple(states["unchanged"]),
        retired=tuple(card for card, _ in retired),
        search=f'"Guid:re:^({guids})$"' if guids else "",
        emptied=tuple(states["emptied"]),
        renamed="" if lock.name in ("", deck.name) else lock.name,
    )


def _mod(old: Stamp | locks.Note | None, digest: str, first: int, now: int) -> int:
    """Return when something was last modified: `first` if it is new, later than before if it changed."""
    if old is None:
        return first
    return old.mod if old.hash == digest else max(now, old.mod + 1)


# -- note types --------------------------------------------------------------------------------------------


def _note_types(
    where: Sequence[Path], lock: Lock, now: int
) -> tuple[dict[str, dict[str, Any]], dict[str, Stamp]]:
    """Return genanki's arguments for each note type, and its stamp; templates are looked for in `where`.

    Raises FlashgenError if a template is missing or names a field that is not there.
    """
    types, stamps = {}, {}
    css = templates.read("style.css", where)
    for kind, (number, name) in TYPES.items():
        cards = []
        for n, (title, stem, asked) in enumerate(TEMPLATES[kind]):
            sides = {"qfmt": "{{#Spare6}}{{Spare6}}{{/Spare6}}", "afmt": "{{FrontSide}}"}
            for side, file in ("qfmt", f"{stem}.front.html"), ("afmt", f"{stem}.back.html"):
                if stem:
                    sides[side] = templates.expand(templates.read(file, where), ITEMS, asked)
                _check_fields(kind, file, sides[side])
            cards.append({"name": title, "id": number * 1000 + 500 + n, **sides})
        fields = [{"name": field, "id": number * 1000 + n} for n, field in enumerate(FIELDS[kind])]
        digest = _look(name, fields, cards, css)
        stamps[kind] = Stamp(digest, _mod(lock.types.get(kind), digest, STYLED, now))
        types[kind] = {
            "model_id": number,
            "name": name,
            "fields": fields,
            "templates": cards,
            "css": css,
            "model_type": int(kind == "cloze"),
        }
    return types, stamps


def _check_fields(kind: str, file: str, template: str) -> None:
    known = {*FIELDS[kind], "FrontSide", "Tags", "Type", "Deck", "Subdeck", "Card", "CardFlag", "CardID"}
    for mark in re.findall(r"\{\{([^{}]*)\}\}", template):
        name = mark.lstrip("#^/ ").split(":")[-1].strip()
        if name not in known:
            near = "".join(difflib.get_close_matches(name, known, n=1))
            code = "near-field" if near else "unknown-field"
            raise FlashgenError(messages.problem(code, Place(file), kind=kind, name=name, near=near))


def _look(
    name: str, fields: Sequence[Mapping[str, Any]], cards: Sequence[Mapping[str, Any]], css: str
) -> str:
    """Return the hash of what an import changes in a note type: its names, its templates, its style."""
    shown = [[card["name"], card["qfmt"], card["afmt"]] for card in cards]
    content = json.dumps([name, [field["name"] for field in fields], shown, css])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


# -- the package -------------------------------------------------------------------------------------------


def write(plans: Sequence[Plan], out: Path) -> None:
    """Write the package of some planned decks, atomically, and the same bytes each time.

    Raises FlashgenError if two cards have one guid, if the decks look different, or if `out` is not writable.
    """
    if any(plan.types != plans[0].types for plan in plans):
        said = (
            "these decks have templates of their own, and a package has room for one look; "
            "build them apart, or give --templates for all"
        )
        raise FlashgenError(words(said))
    seen: dict[str, Note] = {}
    for note in (note for plan in plans for note in plan.notes):
        if (first := seen.setdefault(note.guid, note)) is not note:
            raise FlashgenError(
                messages.problem("id-elsewhere", note.card.place, id=note.card.id, other=first.card.place)
            )
    images = dict(sorted(note.image for note in seen.values() if note.image))
    members = {
        "collection.anki2": _collection(plans),
        "media": json.dumps(dict(enumerate(images))).encode(),
        **{str(n): path.read_bytes() for n, path in enumerate(images.values())},
    }
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        for name, data in members.items():
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.create_system, member.external_attr = 3, 0o644 << 16  # as on Unix, wherever it is built
            archive.writestr(
                member, data, zipfile.ZIP_DEFLATED, 3
            )  # three times as fast as 6, a tenth larger
    write_atomically(out, package.getvalue())


def _collection(plans: Sequence[Plan]) -> bytes:
    """Return Anki's collection of some decks, an SQLite file."""
    import genanki

    class StampedModel(genanki.Model):  # type: ignore[misc]
        _req = ()  # which fields make which cards: Anki works it out itself, and genanki slowly

        def to_json(self, timestamp: float, deck_id: int) -> Any:
            return super().to_json(stamps[self.model_id], deck_id)

    class StampedNote(genanki.Note):  # type: ignore[misc]
        def write_to_db(self, cursor: Any, timestamp: float, deck_id: int, ids: Iterator[int]) -> None:
            super().write_to_db(cursor, self.mod, deck_id, ids)

    stamps = {TYPES[kind][0]: max(plan.lock.types[kind].mod for plan in plans) for kind in TYPES}
    models = {kind: StampedModel(**arguments) for kind, arguments in plans[0].types.items()}
    decks: dict[str, Any] = {}
    for plan in plans:
        name = unicodedata.normalize("NFC", plan.deck.name)
        deck = decks.setdefault(name, genanki.Deck(_deck_id(name), name))
        for note in plan.notes:
            made = StampedNote(models[note.type], list(note.fields), tags=note.card.tags, guid=note.guid)
            made.due = len(deck.notes)  # new cards come in the order of the source
            made.mod = plan.lock.notes[note.card.id, note.type].mod
            made.cards = [genanki.Card(number) for number in note.cards]
            deck.add_note(made)
    # Anki moves an id that is taken to the next free one: two decks had better not start at the same.
    ids = itertools.count(1000 * FIRST + _number(plans[0].lock.deck) % 10**10)
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        genanki.Package(list(decks.values())).write_to_db(connection.cursor(), FIRST, ids)
        connection.commit()
        data = bytearray(connection.serialize())
    data[96:100] = (3_040_000).to_bytes(4, "big")  # the version of SQLite that wrote it: only for information
    return bytes(data)


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def _deck_id(name: str) -> int:
    """Return the id of a deck, made from its name; 1 is Anki's own default deck, so well above it."""
    return 10**6 + _number(name) % 2**50


# -- what became of the lock -------------------------------------------------------------------------------


def _follow_moves(decks: Sequence[tuple[Deck, Lock]]) -> list[tuple[Deck, Lock]]:
    """Hand what a lock knows of a card to the lock of the deck that the card moved to as it is."""
    known = [dict(lock.notes) for _, lock in decks]
    cards = [{(card.id, notes.note_type(card)): card for card in deck.cards} for deck, _ in decks]
    for old, home in zip(known, cards, strict=True):
        for key in sorted(old.keys() - home.keys()):
            for new, there in zip(known, cards, strict=True):
                if key in there and key not in new and notes.has_texts_of(there[key], old[key].hash):
                    new[key] = old.pop(key)
                    break
    return [(deck, replace(lock, notes=kept)) for (deck, lock), kept in zip(decks, known, strict=True)]


def _recall(package: Path | None, deck: Deck, lock: Lock) -> Lock:
    """Return a deck's lock as the package built last tells it; `lock` itself if it tells nothing."""
    if package is None or not package.is_file():
        return lock
    try:
        with (
            zipfile.ZipFile(package) as archive,
            contextlib.closing(sqlite3.connect(":memory:")) as connection,
        ):
            connection.deserialize(archive.read("collection.anki2"))
            models, decks = map(json.loads, connection.execute("SELECT models, decks FROM col").fetchone())
            rows = connection.execute(
                "SELECT did, mid, guid, n.mod, tags, flds, json_group_array(ord)"
                " FROM notes n JOIN cards ON nid = n.id GROUP BY n.id"
            ).fetchall()
        kinds = {number: kind for kind, (number, _) in TYPES.items()}
        remembered = {}
        for did, mid, guid, mod, tags, text, numbers in rows:
            if mid in kinds and decks[str(did)]["name"] == unicodedata.normalize("NFC", deck.name):
                kind, fields = kinds[mid], text.split("\x1f")
                card, slots = notes.recall(kind, fields)
                digest = notes.content_hash(kind, fields, tags.split())
                remembered[card, kind] = locks.Note(guid, digest, mod, tuple(json.loads(numbers)), slots)
        types = {}
        for mid, kind in kinds.items():
            if model := models.get(str(mid)):
                look = _look(model["name"], model["flds"], model["tmpls"], model["css"])
                types[kind] = Stamp(look, model["mod"])
    except (OSError, LookupError, ValueError, TypeError, zipfile.BadZipFile, sqlite3.Error):
        return lock  # no package of ours
    return replace(lock, types=types, notes=remembered) if remembered else lock
