"""Decks and what their locks remember to an Anki package. Alone imports genanki.

A note's modification time moves only when its content changes: that lets an edit arrive in a collection, and leaves
alone what was changed there on notes whose card did not change.
"""

from __future__ import annotations

import contextlib
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
from flashgen import templates
from flashgen.lock import Lock, Stamp
from flashgen.notes import FIELDS, ITEMS, Note, WordsOf, check, make_guid, make_note, note_type
from flashgen.problems import FlashgenError, Problem, near
from flashgen.records import Deck

TYPES = {
    "question": (1708300510811, "flashgen 问答"),
    "cloze": (1708300510812, "flashgen 填空"),
    "list": (1708300510813, "flashgen 清单"),
}
"""Id and name of each note type. The ids are frozen: any three that no other note type has."""

TEMPLATES: Mapping[str, tuple[tuple[str, str, int], ...]] = {
    "question": (("问答", "question", 0), ("反向", "reverse", 0), ("备用", "", 0)),
    "cloze": (("填空", "cloze", 0),),
    "list": (
        ("全部", "list", 0),
        *((f"第{n}条", "item", n) for n in range(1, ITEMS + 1)),
        ("备用", "", 0),
    ),
}
"""The templates of each note type: name, files (`question.front.html`…), the item asked for. Frozen but for the names.

The last is for a later version; it makes no card as long as the field Spare6 is empty.
"""

FIRST = 1_704_067_200
"""Modification time of a note that was never built before, 2024-01-01 UTC: a first build is the same anywhere."""

STYLED = 1_735_689_600
"""When the shipped templates last changed. Raise it when they do, or a collection that has them from an older deck
keeps the older look when a deck is new to it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What importing a build of one deck will do, judged by its lock; and the lock to be saved once it is built.

    `new`, `changed` and `unchanged` are card ids, and so is `retired`: notes of an earlier build that are in it no
    more, and that no import deletes; `search` finds them in Anki's browser. `renamed` is the name that the deck had
    in the last build, "" if it has it still.
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
    renamed: str


def build(
    decks: Sequence[tuple[Deck, Lock]],
    words_of: WordsOf,
    out: Path,
    *,
    own: Path | None = None,
    now: int | None = None,
) -> list[Plan]:
    """Write the package of some decks; return for each what its import will do, and its lock to be saved.

    `own` is a folder of templates that go before a deck's own and the shipped ones; `now` stamps what changed, in
    seconds. Raises FlashgenError if a card cannot become a note, or if the package cannot be written.
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

    A card that moved from one of these decks to another keeps its note. Where a lock is lost, `last`, the package
    built last, stands in for it. Raises FlashgenError with every card that cannot become a note.
    """
    now = int(time.time()) if now is None else now
    decks = [(deck, lock if lock.notes else _recall(last, deck, lock)) for deck, lock in decks]
    decks = _follow_moves(decks)
    problems = [problem for deck, _ in decks for problem in _check(deck)]
    if problems:
        raise FlashgenError(*problems)
    return [_plan(deck, lock, words_of, own, now) for deck, lock in decks]


def _check(deck: Deck) -> Iterator[Problem]:
    seen = set()
    for card in deck.cards:
        if card.id in seen:
            place = card.places.get("id", card.place)
            yield Problem(place, f"the id '{card.id}' is taken by an earlier card", "give this one another")
        seen.add(card.id)
        yield from check(deck, card)


def _plan(deck: Deck, lock: Lock, words_of: WordsOf, own: Path | None, now: int) -> Plan:
    key = lock.deck or deck.name
    notes, kept = [], dict(lock.notes)
    states: dict[str, list[str]] = {"new": [], "changed": [], "unchanged": []}
    for card in deck.cards:
        old = lock.notes.get((card.id, note_type(card)))
        note = make_note(
            deck, card, words_of, old.guid if old else make_guid(key, card), old.slots if old else ()
        )
        notes.append(note)
        kept[card.id, note.type] = locks.Note(
            note.guid, note.hash, _mod(old, note.hash, FIRST, now), note.slots
        )
        states["new" if not old else "unchanged" if old.hash == note.hash else "changed"].append(card.id)
    retired = sorted(lock.notes.keys() - {(note.card.id, note.type) for note in notes})
    guids = "|".join(lock.notes[key].guid for key in retired)
    types, stamps = _note_types(templates.folders(deck.file, own), lock, now)
    return Plan(
        deck=deck,
        lock=replace(lock, deck=key, name=deck.name, types=stamps, notes=kept),
        notes=tuple(notes),
        types=types,
        new=tuple(states["new"]),
        changed=tuple(states["changed"]),
        unchanged=tuple(states["unchanged"]),
        retired=tuple(card for card, _ in retired),
        search=f'"Guid:re:^({guids})$"' if guids else "",
        renamed="" if lock.name in ("", deck.name) else lock.name,
    )


def _mod(old: Stamp | locks.Note | None, digest: str, first: int, now: int) -> int:
    """Return when something was last modified: what is new gets `first`, what changed is newer than it was."""
    if old is None:
        return first
    return old.mod if old.hash == digest else max(now, old.mod + 1)


# -- note types ---------------------------------------------------------------------------------------------------


def _note_types(
    where: Sequence[Path], lock: Lock, now: int
) -> tuple[dict[str, dict[str, Any]], dict[str, Stamp]]:
    """Return genanki's arguments for each note type, and its stamp; the user's templates are looked for in `where`.

    Raises FlashgenError if a template is missing or names a field that is not there.
    """
    types, stamps = {}, {}
    css = templates.read("style.css", where)
    for kind, (number, name) in TYPES.items():
        sides = []
        for n, (title, stem, asked) in enumerate(TEMPLATES[kind]):
            front, back = "{{#Spare6}}{{Spare6}}{{/Spare6}}", "{{FrontSide}}"
            if stem:
                front, back = (
                    templates.expand(templates.read(f"{stem}.{side}.html", where), ITEMS, asked)
                    for side in ("front", "back")
                )
            _check_fields(kind, f"{stem}.front.html", front)
            _check_fields(kind, f"{stem}.back.html", back)
            sides.append({"name": title, "id": number * 1000 + 500 + n, "qfmt": front, "afmt": back})
        types[kind] = {
            "model_id": number,
            "name": name,
            "fields": [{"name": field, "id": number * 1000 + n} for n, field in enumerate(FIELDS[kind])],
            "templates": sides,
            "css": css,
            "model_type": int(kind == "cloze"),
        }
        digest = hashlib.sha256(json.dumps(types[kind], sort_keys=True).encode()).hexdigest()[:16]
        stamps[kind] = Stamp(digest, _mod(lock.types.get(kind), digest, STYLED, now))
    return types, stamps


def _check_fields(kind: str, file: str, template: str) -> None:
    known = {*FIELDS[kind], "FrontSide", "Tags", "Type", "Deck", "Subdeck", "Card", "CardFlag", "CardID"}
    for mark in re.findall(r"\{\{([^{}]*)\}\}", template):
        name = mark.lstrip("#^/ ").split(":")[-1].strip()
        if name not in known:
            raise FlashgenError(
                f"the template {file} names a field that is not there: '{name}'; {near(name, known)}"
            )


# -- the package --------------------------------------------------------------------------------------------------


def write(plans: Sequence[Plan], out: Path) -> None:
    """Write the package of some planned decks, atomically, and the same bytes each time.

    Raises FlashgenError if two cards share a guid, if the decks look different, or if `out` cannot be written.
    """
    if any(plan.types != plans[0].types for plan in plans):
        what = "these decks have different templates, and a package has room for one look"
        raise FlashgenError(f"{what}; build them apart, or give --templates for all")
    seen: dict[str, Note] = {}
    for note in (note for plan in plans for note in plan.notes):
        if (first := seen.setdefault(note.guid, note)) is not note:
            what = f"card '{note.card.id}' is also in {first.card.place}, in a deck of the same name"
            raise FlashgenError(Problem(note.card.place, what, "give one of the two another id or deck"))
    media = sorted({note.image for note in seen.values() if note.image})
    members = {
        "collection.anki2": _collection(plans),
        "media": json.dumps({n: name for n, (name, _) in enumerate(media)}).encode(),
        **{str(n): path.read_bytes() for n, (_, path) in enumerate(media)},
    }
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        for name, data in members.items():
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.create_system, member.external_attr = (
                3,
                0o644 << 16,
            )  # Unix, also where it is built on Windows
            archive.writestr(member, data, zipfile.ZIP_DEFLATED)
    locks.write_atomically(out, package.getvalue())


def _collection(plans: Sequence[Plan]) -> bytes:
    """Return Anki's collection of some decks as an SQLite file."""
    import genanki

    class Model(genanki.Model):  # type: ignore[misc]
        _req: list[Any] = []  # which fields make which card: Anki works it out itself, genanki slowly

        def to_json(self, timestamp: float, deck_id: int) -> Any:
            return super().to_json(stamps[self.model_id], deck_id)

    class Note_(genanki.Note):  # type: ignore[misc]
        def write_to_db(
            self, cursor: sqlite3.Cursor, timestamp: float, deck_id: int, ids: Iterator[int]
        ) -> None:
            super().write_to_db(cursor, self.mod, deck_id, ids)

    stamps = {TYPES[kind][0]: max(plan.lock.types[kind].mod for plan in plans) for kind in TYPES}
    models = {kind: Model(**arguments) for kind, arguments in plans[0].types.items()}
    decks: dict[str, Any] = {}
    for plan in plans:
        name = unicodedata.normalize("NFC", plan.deck.name)
        deck = decks.setdefault(name, genanki.Deck(_deck_id(name), name))
        for note in plan.notes:
            made = Note_(
                models[note.type], list(note.fields), tags=note.card.tags, guid=note.guid, due=len(deck.notes)
            )
            made.mod = plan.lock.notes[note.card.id, note.type].mod
            made.cards = [genanki.Card(number) for number in note.cards]
            deck.add_note(made)
    ids = itertools.count(1000 * FIRST + _number(plans[0].lock.deck) % 10**10)
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        genanki.Package(list(decks.values())).write_to_db(connection.cursor(), FIRST, ids)
        connection.commit()
        data = bytearray(connection.serialize())
    data[96:100] = (3_040_000).to_bytes(4, "big")  # the version of SQLite that wrote it, which nothing reads
    return bytes(data)


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def _deck_id(name: str) -> int:
    """Return the id of a deck, made from its name: above a million, for 1 is Anki's own default deck."""
    return 10**6 + _number(name) % 2**50


# -- what became of the lock --------------------------------------------------------------------------------------


def _follow_moves(decks: Sequence[tuple[Deck, Lock]]) -> list[tuple[Deck, Lock]]:
    """Carry what a lock knows of a card over to the deck that the card moved to."""
    notes = [dict(lock.notes) for _, lock in decks]
    homes = [{card.id for card in deck.cards} for deck, _ in decks]
    for old, home in zip(notes, homes, strict=True):
        for key in [key for key in old if key[0] not in home]:
            for new, other in zip(notes, homes, strict=True):
                if key[0] in other and not any(k[0] == key[0] for k in new):
                    new[key] = old.pop(key)
                    break
    return [(deck, replace(lock, notes=kept)) for (deck, lock), kept in zip(decks, notes, strict=True)]


def _recall(package: Path | None, deck: Deck, lock: Lock) -> Lock:
    """Return a deck's lock as far as the package built last tells it; `lock` itself if there is none to read."""
    return lock
