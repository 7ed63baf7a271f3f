"""The lock file beside a deck: what the machine must remember from one build to the next.

One JSON object a line, sorted, so that git merges two people's locks line by line. Lines that a merge left
twice, and the marks of a merge that conflicted, do no harm: of two lines about one note the later counts,
and the next change to it is newer than both.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flashgen import messages
from flashgen.files import write_atomically
from flashgen.language import words
from flashgen.problems import FlashgenError, Place

LATEST = 2**40
"""Seconds; no modification time is later, nor has Anki room for much more."""

VERSION = 1
"""The version of the format that is written here; a later one is refused."""

_MERGE_MARK = re.compile(r"(<{7}|={7}|>{7}|\|{7})( |$)")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A note type as last built: the hash of its templates and style, its modification time in seconds."""

    hash: str
    mod: int


@dataclass(frozen=True, slots=True)
class Note:
    """A note as last built: Anki's guid, the hash of its content, its modification time in seconds.

    `cards` are the numbers of the cards that it had. `slots` are the texts of a list's items or of a cloze's
    holes, in the order of the cards that ask for them; None where the text is gone.
    """

    guid: str
    hash: str
    mod: int
    cards: tuple[int, ...] = ()
    slots: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Lock:
    """What was built and offered. An empty Lock stands for a deck that was never built.

    `deck` is the deck's name when it was first built, from which guids are made; `name` its name when last
    built. `types` are by note type ("question", "cloze", "list"), `notes` by card id and note type. `pinyin`
    gives the packed words last read for a text, `offered` by card id the fields that the generator last offered.
    `source` is a hash of what they were made from, "" if that does not matter.
    `terms` are the words that no dictionary knows and the deck's sources repeat, None if they are to be found.
    `doubts` are the unsure readings in a line of pinyin, by its text and itself: word, reading, other readings.
    """

    deck: str = ""
    name: str = ""
    types: Mapping[str, Stamp] = field(default_factory=dict)
    notes: Mapping[tuple[str, str], Note] = field(default_factory=dict)
    pinyin: Mapping[str, str] = field(default_factory=dict)
    offered: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    source: str = ""
    terms: tuple[str, ...] | None = None
    doubts: Mapping[str, Collection[tuple[str, str, str]]] = field(default_factory=dict)


def beside(deck: Path) -> Path:
    """Return where the lock of a deck file is kept: chapter.yaml has chapter.lock."""
    return deck.with_suffix(".lock")


def load(path: Path) -> Lock:
    """Read a lock file; where there is none, an empty Lock.

    Raises FlashgenError if it cannot be read, a later flashgen wrote it, or a line is no part of a lock.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Lock()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or words("it is not UTF-8 text")
        raise FlashgenError(messages.problem("lock-unreadable", Place(str(path)), reason=why)) from None
    deck = name = source = ""
    types: dict[str, Stamp] = {}
    notes: dict[tuple[str, str], Note] = {}
    pinyin: dict[str, str] = {}
    offered: dict[str, Mapping[str, Any]] = {}
    terms: tuple[str, ...] | None = None
    doubts: dict[str, dict[tuple[str, str, str], None]] = {}
    decode = json.JSONDecoder().decode
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or _MERGE_MARK.match(line):
            continue
        try:
            entry = decode(line)
        except (ValueError, RecursionError):
            entry = None
        match entry:
            case {"pinyin": str(key), "line": str(spelled)}:
                pinyin[key] = spelled
            case {"lock": int(version)} if version > VERSION:
                values = {"version": version, "known": VERSION}
                raise FlashgenError(messages.problem("lock-later", Place(str(path), number, 1), **values))
            case {"lock": int(), "deck": str(first), "name": str(last)}:
                deck, name = deck or first, last
            case {
                "note": str(card),
                "type": str(kind),
                "guid": str(guid),
                "hash": str(digest),
                "mod": int(mod),
                "cards": [*cards],
            } if (
                0 <= mod <= LATEST
                and _are(cards, int)
                and _are(slots := entry.get("slots") or (), str, type(None))
            ):
                card = unicodedata.normalize("NFC", card)
                if (card, kind) not in notes or notes[card, kind].mod < mod:
                    notes[card, kind] = Note(guid, digest, mod, tuple(cards), tuple(slots))
            case {"type": str(kind), "hash": str(digest), "mod": int(mod)} if 0 <= mod <= LATEST:
                if kind not in types or types[kind].mod < mod:
                    types[kind] = Stamp(digest, mod)
            case {"offered": str(card), "fields": dict(fields)} if _are(fields.values(), str, list, bool):
                offered[unicodedata.normalize("NFC", card)] = fields
            case {"source": str(source)}:
                pass
            case {"terms": list(found)}:
                terms = tuple(map(str, found))
            case {"doubt": str(key), "word": str(word), "said": str(said), "others": str(others)}:
                doubts.setdefault(key, {})[word, said, others] = None
            case _:
                raise FlashgenError(messages.problem("lock-line", Place(str(path), number, 1)))
    return Lock(deck, name, types, notes, pinyin, offered, source, terms, doubts)


def _are(values: object, *kinds: type) -> bool:
    """Whether values are all of some kinds."""
    return (
        isinstance(values, Iterable)
        and not isinstance(values, str)
        and all(isinstance(v, kinds) for v in values)
    )


def save(lock: Lock, path: Path) -> None:
    """Write a lock file atomically; one that already says the same is left untouched."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    text = "".join([f"{encode(entry)}\n" for entry in _entries(lock)])
    write_atomically(path, text.encode(), through_links=False)


def _entries(lock: Lock) -> Iterator[dict[str, Any]]:
    yield {"lock": VERSION, "deck": lock.deck, "name": lock.name}
    if lock.source:
        yield {"source": lock.source}
    for kind, stamp in sorted(lock.types.items()):
        yield {"type": kind, "hash": stamp.hash, "mod": stamp.mod}
    for (card, kind), note in sorted(lock.notes.items()):
        more = {"cards": note.cards, **({"slots": note.slots} if note.slots else {})}
        yield {"note": card, "type": kind, "guid": note.guid, "hash": note.hash, "mod": note.mod, **more}
    for card, fields in sorted(lock.offered.items()):
        yield {"offered": card, "fields": dict(fields)}
    if lock.terms is not None:
        yield {"terms": list(lock.terms)}
    for line, doubted in sorted(lock.doubts.items()):
        for word, said, others in doubted:
            yield {"doubt": line, "word": word, "said": said, "others": others}
    for text, line in sorted(lock.pinyin.items()):
        yield {"pinyin": text, "line": line}
