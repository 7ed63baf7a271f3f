"""What is wrong with a deck before it is studied: its cards' ids, shape, holes, tags and length."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from flashgen import hanzi, messages
from flashgen.problems import Place, Problem
from flashgen.records import HOLE, KINDS, Card, Deck

MAX_HANZI = 120
"""Hanzi that one card may ask for; a list is asked for whole as well. What strict editors keep is shorter."""

MAX_ID = 80  # an id is read and typed by people

IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg")

HANZI = re.compile(f"[{hanzi.HANZI}]")


def check(deck: Deck) -> Iterator[Problem]:
    """Yield what is wrong with a deck's name and cards, wherever they come from."""
    yield from check_name(deck.name, deck.places.get("deck", Place(deck.file, 1, 1)))
    if deck.readings:
        yield from _check_readings(deck)
    ids: dict[str, Card] = {}
    for card in deck.cards:
        if card.id:
            ids.setdefault(card.id, card)
    asked: dict[tuple[str, str], Card] = {}
    for card in deck.cards:
        yield from _check_id(card, ids)
        yield from _check_shape(card)
        yield from _check_fields(card)
        yield from _check_tags(card)
        question = _question(card)
        if question[1] and (other := asked.setdefault(question, card)) is not card:
            line = other.place.line
            yield messages.problem("same-card", card.place, other=visible(other.id), line=line)


_NOT_IN_NAME = re.compile(r'["\x00-\x1f\x7f]')


def check_name(name: str, place: Place) -> Iterator[Problem]:
    """Yield what is wrong with a deck's name."""
    if any(not level.strip() for level in name.split("::")):
        code = "deck-level" if name.strip() else "no-deck"
        yield messages.problem(code, place, name=visible(name))
    elif odd := _NOT_IN_NAME.search(name):
        yield messages.problem("deck-name", place, char=messages.name(odd[0]))


def level(title: str) -> str:
    """Return a title as one level of a deck's name."""
    return " ".join(_NOT_IN_NAME.sub(" ", title.replace("::", "：").replace('"', "＂")).split())


def _check_readings(deck: Deck) -> Iterator[Problem]:
    from flashgen import orthography  # late: most decks have none

    for word, said in deck.readings.items():
        try:
            if said.strip():  # else it has been told
                orthography.lay(word, said)
        except orthography.Misfit as misfit:
            where = deck.places.get(f"readings.{word}", Place(deck.file))
            yield messages.problem("reading-misfit", where, word=visible(word), reason=misfit)


def check_images(deck: Deck) -> Iterator[Problem]:
    """Yield what keeps the cards' images from being shown. Looks for the files, beside the deck file."""
    folder = Path(deck.file).parent.resolve()
    for card in deck.cards:
        if not card.image:
            continue
        path = (folder / card.image).resolve()
        code = ""
        if not path.is_relative_to(folder):
            code = "image-outside"
        elif path.suffix.lower() not in IMAGES:
            code = "image-kind"
        elif not path.is_file():
            code = "image-missing"
        if code:
            values = {"image": visible(card.image), "known": " ".join(IMAGES)}
            yield messages.problem(code, _at(card, "image"), **values)


def free_id(card: Card, taken: Iterable[str]) -> str:
    """Return a readable id that is not taken: the first words of the answer, in pinyin without tones."""
    from flashgen import orthography, pinyin  # late: only a card without an id needs them

    text = HOLE.sub(r"\1", card.back or card.cloze or card.front or " ".join(card.items))
    stem = orthography.slug(next(pinyin.annotate([text[: orthography.SLUG_CHARACTERS]])))
    return orthography.free_name(stem, set(taken))


SHOWN = 40  # characters of a text that a message shows


def visible(text: str) -> str:
    """Return a text as a message shows it: on one line, short, and with nothing unseen in it."""
    shown = "".join(
        c if c.isprintable() and c != "\u3000" else f"<U+{ord(c):04X}>" for c in text[: SHOWN + 1]
    )
    return shown if len(text) <= SHOWN else shown[: SHOWN - 1] + "…"


def _at(card: Card, key: str) -> Place:
    return card.places.get(key, card.place)


def _check_id(card: Card, ids: dict[str, Card]) -> Iterator[Problem]:
    where, name = _at(card, "id"), card.id
    if not name.strip():
        yield messages.problem("no-id", where, free=free_id(card, ids))
        return
    if len(name) > MAX_ID:
        yield messages.problem("id-long", where, length=len(name), limit=MAX_ID)
    elif odd := re.search(r"[^\w.-]|^[.-]", name):
        char, mended = messages.name(odd[0]), re.sub(r"[^\w.-]+", "-", name).strip(".-")
        free = mended if mended and mended not in ids else free_id(card, ids)
        yield messages.problem("id-shape", where, id=visible(card.id), char=char, free=free)
    if (first := ids[name]) is not card:
        line, free = _at(first, "id").line, free_id(card, ids)
        yield messages.problem("id-twice", where, id=visible(card.id), line=line, free=free)


def _check_shape(card: Card) -> Iterator[Problem]:
    """Yield what is wrong with which of front, back, cloze and items there are."""
    has = {key: key in card.places or bool(getattr(card, key)) for key in ("front", "back", "cloze", "items")}
    for key in has:
        value = getattr(card, key)
        if has[key] and not (value if key == "items" else value.strip()):
            yield messages.problem("empty", _at(card, key), key=key)
    if has["cloze"]:
        for key in ("front", "back", "items"):
            if has[key]:
                yield messages.problem("two-ways", _at(card, key), key=key, other="cloze")
    elif has["back"] and has["items"]:
        yield messages.problem("two-ways", _at(card, "items"), key="items", other="back")
    elif not has["front"] and (has["back"] or has["items"]):
        yield messages.problem("no-front", card.place, key="back" if has["back"] else "items")
    elif not has["front"]:
        yield messages.problem("nothing-asked", card.place)
    elif not has["back"] and not has["items"]:
        yield messages.problem("no-back", card.place)


def _check_fields(card: Card) -> Iterator[Problem]:
    if card.kind not in KINDS:
        near = "".join(difflib.get_close_matches(card.kind.lower(), KINDS, n=1))
        values = {"kind": visible(card.kind), "near": near, "known": ", ".join(KINDS)}
        yield messages.problem("near-kind" if near else "kind", _at(card, "kind"), **values)
    if card.cloze.strip() and (code := _bad_hole(card.cloze)):
        found = re.search(r"c\d+::", card.cloze)
        text = re.sub(r"^c\d+::", "", "".join(HOLE.findall(card.cloze)[:1]))
        values = {"found": found[0] if found else "", "text": visible(text)}
        yield messages.problem(code, _at(card, "cloze"), **values)
    for key in ("front", "back"):
        if "{{" in getattr(card, key):
            yield messages.problem("hole-elsewhere", _at(card, key), key=key)
    seen: set[str] = set()
    for n, item in enumerate(card.items):
        if not item.strip():
            yield messages.problem("empty-entry", _at(card, f"items.{n}"), key="items")
        elif item in seen:
            yield messages.problem("item-twice", _at(card, f"items.{n}"), item=visible(item))
        seen.add(item)
    for key, text in (("back", card.back), ("cloze", card.cloze), ("items", "".join(card.items))):
        if len(text) > MAX_HANZI and (count := len(HANZI.findall(text))) > MAX_HANZI:
            yield messages.problem("long", _at(card, key), key=key, count=count, limit=MAX_HANZI)
    if card.at and not re.fullmatch(r"[1-9]\d*:[1-9]\d*", card.at):
        yield messages.problem("at", _at(card, "at"), value=visible(card.at))
    wanted = len(card.items) or 1
    if card.pinyin and len(card.pinyin) != wanted:
        yield messages.problem("pinyin-count", _at(card, "pinyin"), found=len(card.pinyin), wanted=wanted)


def _bad_hole(cloze: str) -> str:
    """Return the code of what is wrong with the holes of a cloze, or ""."""
    inside = False
    for brace in re.finditer(r"\{\{|\}\}", cloze):
        opens = brace[0] == "{{"
        if opens and inside:
            return "hole-in-hole" if "}}" in cloze[brace.end() :] else "hole-open"
        if not opens and not inside:
            return "hole-close"
        inside = opens
    if inside:
        return "hole-open"
    if re.search(r"\{\{\s*\}\}", cloze):
        return "hole-empty"
    holes = HOLE.findall(cloze)
    if not holes:
        return "hole-wide" if "｛｛" in cloze else "no-hole"
    return "hole-anki" if any(re.match(r"c\d+::", hole) for hole in holes) else ""


def _check_tags(card: Card) -> Iterator[Problem]:
    for n, tag in enumerate(card.tags):
        where = _at(card, f"tags.{n}")
        if not tag.strip():
            yield messages.problem("empty-entry", where, key="tags")
        elif space := re.search(r"\s", tag.strip()) or re.search(r"\s", tag):
            better, char = re.sub(r"\s+", "-", tag.strip()), messages.name(space[0])
            yield messages.problem("tag-space", where, tag=visible(tag), char=char, better=visible(better))
        elif comma := re.search(r"[，、；]", tag):
            better = ", ".join(re.split(r"[，、；]", tag))
            yield messages.problem(
                "tag-comma", where, tag=visible(tag), char=comma[0], better=visible(better)
            )
        elif tag.lower() in ("marked", "leech"):
            yield messages.problem("tag-anki", where, tag=visible(tag))
        elif tag in card.tags[:n]:
            yield messages.problem("tag-twice", where, tag=visible(tag))


def _question(card: Card) -> tuple[str, str]:
    """Return what a card asks, without marks and spaces: cards that agree in it cannot be told apart."""
    if card.cloze:
        return "cloze", re.sub(r"[^\w{}%]+", "", card.cloze)
    return "front", re.sub(r"[^\w%]+", "", card.front)
