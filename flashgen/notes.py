"""A card to the fields of its Anki note: HTML with the text escaped, pinyin as ruby, holes as clozes.

The fields are frozen: Anki takes a note type with other fields for another one, and stops updating the notes
of the first. `docs/anki.md` says what a later version may change.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import html
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from flashgen.orthography import spell, written
from flashgen.records import HOLE, Card, Deck, Word

ITEMS = 12
"""The most items of a list that are asked one by one; later ones are shown with the others. Frozen."""

_SAID = ("Pinyin", "Source", "Context", "Section", "Kind", "Title", "Author", "At", "Image")
_COMMON = (*_SAID, "Typed", "Id", "Guid", "Base")
_SPARE = tuple(f"Spare{n}" for n in range(1, 7))
FIELDS = {
    "question": ("Front", "Back", "FrontRuby", "BackRuby", *_COMMON, "Reverse", *_SPARE),
    "cloze": ("Text", "TextRuby", "Filled", *_COMMON, *_SPARE),
    "list": (
        *("Front", "FrontRuby", *_COMMON, "Count", "Each", "More"),
        *(f"{name}{n}" for name in ("Item", "Ruby", "Place") for n in range(1, ITEMS + 1)),
        *_SPARE,
    ),
}
"""The fields of each note type. Frozen: a name may change, their order and number may not."""

WIDEST = 7
"""The most hanzi under one pinyin word: what fits a line of a large list item on a phone 320 px wide."""

_TEXTS = {
    kind: [n for n, name in enumerate(names) if re.fullmatch(r"Front|Back|Filled|Item\d+", name)]
    for kind, names in FIELDS.items()
}
_JSON = json.JSONEncoder(ensure_ascii=False)  # json.dumps would make one a call
_ENTITIES = {ord("{"): "&#123;", ord("}"): "&#125;", ord("["): "&#91;", ord("\n"): "<br>"}
_MARKS = re.compile(r"\W")
_MARKUP = re.compile(r"[&<>{}\[\n]")

WordsOf = Callable[[Deck, Card, str], Sequence[Word]]
"""Gives the words, with pinyin, of one of the `texts` of a card; together they give the text back."""


@dataclass(frozen=True, slots=True)
class Note:
    """A card as Anki stores it: `type` is a key of FIELDS, `fields` are HTML in their order.

    `cards` are the numbers, from 0, of the cards that Anki makes of it. `slots` are the texts that have cards
    of their own, see `lock.Note`. `image` is the name in its fields, and the file, of what it shows.
    """

    card: Card
    type: str
    guid: str
    fields: tuple[str, ...]
    cards: tuple[int, ...]
    slots: tuple[str | None, ...] = ()
    image: tuple[str, Path] | None = None


def content_hash(kind: str, fields: Sequence[str], tags: Sequence[str]) -> str:
    """Return the hash of all that an import changes in a note; it begins with that of its texts."""
    content = _JSON.encode([kind, list(fields), sorted(set(tags))])
    shown = [fields[n] for n in _TEXTS[kind] if fields[n]]
    return _text_hash(shown) + hashlib.sha256(content.encode()).hexdigest()[:8]


def has_texts_of(card: Card, content: str) -> bool:
    """Whether a note with this `content_hash` has the texts of a card, whatever else has changed."""
    shown = [text for text in texts(card)[: ITEMS + 1] if text.strip()]
    return content.startswith(_text_hash([_trim(plain(text)) for text in shown]))


def _text_hash(shown: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(sorted(shown)).encode()).hexdigest()[:8]


def note_type(card: Card) -> str:
    """Return the note type of a card, a key of FIELDS."""
    return "cloze" if card.cloze else "list" if card.items else "question"


def filled(cloze: str) -> str:
    """Return the text of a cloze with its holes filled."""
    return HOLE.sub(lambda match: match[1], cloze)


def texts(card: Card) -> tuple[str, ...]:
    """Return the texts of a card whose words are asked for."""
    match note_type(card):
        case "cloze":
            return (filled(card.cloze),)
        case "list":
            return (card.front, *card.items)
        case _:
            return (card.front, card.back)


def make_guid(deck: str, card: Card) -> str:
    """Return the guid of a card's note: lower case and digits, so that Anki's search needs no escapes.

    The note type is in it, for Anki cannot turn a note of one type into one of another.
    """
    digest = hashlib.sha256("\x1f".join((deck, card.id, note_type(card))).encode()).digest()
    return base64.b32encode(digest[:10]).decode().lower()


def base(fields: Sequence[str], tags: Sequence[str]) -> str:
    """Return what a note keeps of the fields and tags that it was given: a mark a field, then the tags.

    It tells what was changed in Anki since. A mark is 24 bits of a hash, or "----" of an empty field.
    """
    return " ".join(["".join([_mark(field) if field else "----" for field in fields]), *tags])


def differing(kind: str, fields: Sequence[str], base: str) -> set[str]:
    """Return the names of the fields that are not what a note with this `base` was given."""
    marks = [*re.findall("....", base.split(" ")[0]), *[""] * len(fields)]
    names = zip(FIELDS[kind], fields, marks, strict=False)
    return {
        name for name, field, mark in names if (_mark(field) if field else "----") != mark and name != "Base"
    }


def _mark(field: str) -> str:
    digest = hashlib.sha256(unicodedata.normalize("NFC", field).encode()).digest()
    return binascii.b2a_base64(digest[:3], newline=False).decode()


def recall(kind: str, fields: Sequence[str]) -> tuple[str, tuple[str | None, ...]]:
    """Return the card id and the slots that a note with these fields was made from."""
    values = dict(zip(FIELDS[kind], fields, strict=True))
    slots = [html.unescape(values[f"Item{n}"]) or None for n in range(1, ITEMS + 1)] if kind == "list" else []
    if kind == "cloze":
        holes = {
            int(n): html.unescape(text) for n, text in re.findall(r"\{\{c(\d+)::(.*?)\}\}", values["Text"])
        }
        slots = [holes.get(n) for n in range(1, max(holes) + 1)]
    while slots and slots[-1] is None:
        slots.pop()
    return unicodedata.normalize("NFC", html.unescape(values["Id"])), tuple(slots)


def make_note(
    deck: Deck, card: Card, words_of: WordsOf, guid: str, kept: tuple[str | None, ...] = ()
) -> Note:
    """Make the note of a card in which `deckcheck` finds no error; `kept` are its slots in the last build."""
    words = {text: words_of(deck, card, text) for text in texts(card)}
    typed = "1" if card.typed or deck.typed else ""
    image = _image(deck, card)
    values = {
        "Source": plain(card.source),
        "Context": "" if _shown(card.source, card) else "1",
        "Section": plain(card.section),
        "Kind": plain(card.kind),
        "Title": plain(deck.source.title),
        "Author": plain(deck.source.author),
        "At": plain(card.at),
        "Image": f'<img src="{image[0]}">' if image else "",
        "Typed": typed,
        "Id": plain(card.id),
        "Guid": guid,
    }
    slots: tuple[str | None, ...] = ()
    kind = note_type(card)
    match kind:
        case "cloze":
            whole = words[filled(card.cloze)]
            holes = HOLE.findall(card.cloze)
            numbers = keep_slots(kept, holes, limit=len(kept) + len(holes))
            slots = _slots(kept, holes, numbers)
            cards = tuple(sorted(numbers))
            values |= {
                "Text": _cloze(card.cloze, numbers),
                "TextRuby": _cloze(card.cloze, numbers, whole),
                "Filled": plain(filled(card.cloze)),
                "Pinyin": plain(spell(whole)),
            }
        case "list":
            numbers = keep_slots(kept, card.items[:ITEMS], limit=ITEMS)
            slots = _slots(kept, card.items[:ITEMS], numbers)
            each = len(card.items) > 1
            cards = (0, *(sorted(n + 1 for n in numbers) if each else ()))
            values |= {
                "Front": plain(card.front),
                "FrontRuby": ruby(words[card.front]),
                "Pinyin": "<br>".join(plain(spell(words[item])) for item in card.items),
                "Count": str(len(card.items)),
                "Each": "1" if each else "",
                **_items(card.items, numbers, words),
            }
        case _:
            back = card.reverse or deck.reverse
            cards = (0, 1) if back else (0,)
            values |= {
                "Front": plain(card.front),
                "Back": plain(card.back),
                "FrontRuby": ruby(words[card.front]),
                "BackRuby": ruby(words[card.back]),
                "Pinyin": plain(spell(words[card.back])),
                "Reverse": "1" if back else "",
            }
    fields = [_trim(value) if (value := values.get(name)) else "" for name in FIELDS[kind]]
    fields[FIELDS[kind].index("Base")] = base(fields, card.tags)
    return Note(card, kind, guid, tuple(fields), cards, slots, image)


def _image(deck: Deck, card: Card) -> tuple[str, Path] | None:
    """Return the name that a card's picture has among Anki's media, by what is in it, and where it is."""
    if not card.image:
        return None
    path = Path(deck.file).parent / card.image
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return f"flashgen-{digest}{path.suffix.lower()}", path


def _items(items: Sequence[str], slots: Sequence[int], words: Mapping[str, Sequence[Word]]) -> dict[str, str]:
    """Return the fields of a list's items: each in the slot that it keeps, those without one together in the last."""
    more = [
        f'<li style="order:{n}"><b>{n}</b><span>{ruby(words[item])}</span></li>'
        for n, item in enumerate(items[ITEMS:], ITEMS + 1)
    ]
    values = {"More": "".join(more)}
    for at, (item, slot) in enumerate(zip(items, slots, strict=False), 1):
        values[f"Item{slot + 1}"] = plain(item)
        values[f"Ruby{slot + 1}"] = ruby(words[item])
        values[f"Place{slot + 1}"] = str(at)
    return values


# -- text to HTML ------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Escape a text as HTML that Anki takes as it is: no cloze, [sound:…], [[type:…]] or [latex] in it."""
    if not _MARKUP.search(text):
        return text
    return html.escape(text, quote=False).translate(_ENTITIES)


def _trim(field: str) -> str:
    """Take empty lines and spaces off both ends of a field."""
    field = field.strip()
    while field.startswith("<br>"):
        field = field[4:].lstrip()
    while field.endswith("<br>"):
        field = field[:-4].rstrip()
    return field


def ruby(words: Sequence[Word]) -> str:
    """Write words as HTML with their pinyin above them; a word wider than some line, hanzi by hanzi.

    A line may break between two words, where <wbr> stands, but not in one: style.css sees to that.
    """
    return "".join(map(_ruby, words)).replace("</ruby><ruby>", "</ruby><wbr><ruby>")


@functools.cache
def _ruby(word: Word) -> str:
    if not word.syllables:
        return plain(word.text)
    pairs = [(word.text, written(word))]
    if len(word.text) == len(word.syllables) > WIDEST:
        pairs = list(zip(word.text, word.syllables, strict=True))
    return "".join(f"<ruby>{plain(hanzi)}<rt>{plain(said)}</rt></ruby>" for hanzi, said in pairs)


def _cloze(cloze: str, numbers: Sequence[int], words: Sequence[Word] = ()) -> str:
    """Write a cloze for Anki, its nth hole for card `numbers[n]`; with ruby if its words are given.

    A "::" in a hole would start a hint, so it is written as an entity.
    """
    out, rest = "", list(words)
    for n, piece in enumerate(HOLE.split(cloze)):  # text and hole by turns
        part = plain(piece)
        if words:
            taken, rest = _cut(rest, len(piece))
            part = ruby(taken)
        if part.startswith("<ruby>") and out.endswith(("</ruby>", "</ruby>}}")):
            out += "<wbr>"
        out += f"{{{{c{numbers[n // 2] + 1}::{part.replace('::', '&#58;&#58;')}}}}}" if n % 2 else part
    return out


def _cut(words: Sequence[Word], length: int) -> tuple[list[Word], list[Word]]:
    """Part words after `length` characters, if need be inside a word."""
    for n, word in enumerate(words):
        if length < len(word.text):
            head = Word(word.text[:length], word.syllables[:length])
            tail = Word(word.text[length:], word.syllables[length:])
            return [*words[:n], *([head] if length else [])], [tail, *words[n + 1 :]]
        length -= len(word.text)
    return list(words), []


def _shown(source: str, card: Card) -> bool:
    """Whether a card shows its source sentence already, marks aside."""
    shown = "".join((card.front, card.back, filled(card.cloze), *card.items))
    return _MARKS.sub("", source) in _MARKS.sub("", shown)


# -- which card asks for which item ------------------------------------------------------------------------


def keep_slots(kept: Sequence[str | None], new: Sequence[str], limit: int) -> list[int]:
    """Return the slot, from 0, of each new text, so that a text stays with the card that asked for it before.

    The same text keeps its slot wherever it moves. Then the most alike do, at a difflib ratio of 0.5 or more;
    then, if as many are new as are gone, each takes its turn: they were rewritten in place. A text that was
    added gets a slot that never had a card; one that was deleted leaves its slot empty, until `limit` leaves
    no other.
    """
    if list(kept) == list(new):
        return list(range(len(new)))  # as nearly always
    slots: dict[int, int] = {}
    gone = [slot for slot, text in enumerate(kept) if text is not None]
    added = list(range(len(new)))

    def match(at: int, slot: int) -> None:
        slots[at] = slot
        added.remove(at)
        if slot in gone:
            gone.remove(slot)

    for at, text in enumerate(new):
        for slot in [slot for slot in gone if kept[slot] == text][:1]:
            match(at, slot)
    pairs = [(at, slot) for at in added for slot in gone]
    likeness = {(at, slot): SequenceMatcher(None, kept[slot] or "", new[at]).ratio() for at, slot in pairs}
    for at, slot in sorted(pairs, key=lambda pair: -likeness[pair]):
        if likeness[at, slot] >= 0.5 and at in added and slot in gone:
            match(at, slot)
    if len(added) == len(gone):
        for at, slot in list(zip(added, gone, strict=True)):
            match(at, slot)
    free = [*range(len(kept), limit), *(slot for slot, text in enumerate(kept) if text is None), *gone]
    for at, slot in list(zip(added, free, strict=False)):
        match(at, slot)
    return [slots[at] for at in range(len(new))]


def _slots(kept: Sequence[str | None], new: Sequence[str], numbers: Sequence[int]) -> tuple[str | None, ...]:
    """Return the slots to remember: the new texts in theirs, None in those that were used and are empty."""
    out: list[str | None] = [None] * max(len(kept), *(n + 1 for n in numbers))
    for text, slot in zip(new, numbers, strict=True):
        out[slot] = text
    return tuple(out)
