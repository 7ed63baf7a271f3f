"""A card's templates, filled in as Anki's engine does it, for the marks that templates of ours use.

They are {{Field}}, {{#Field}} and {{^Field}} with {{/Field}}, {{FrontSide}}, and the filters cloze:, type: and
tts. `tests/test_preview.py` holds every card of several decks to what the engine makes of it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from flashgen import notes
from flashgen.anki import TYPES, Plan
from flashgen.language import words
from flashgen.problems import FlashgenError

_TOKENS = re.compile(r"(<!--.*?-->|\{\{.*?\}\})", re.DOTALL)
_CLOZE = re.compile(r"\{\{c(\d+)::(.*?)\}\}", re.DOTALL)
_EMPTY = re.compile(r"(?:\s|</?(?:br|div) ?/?>)*", re.IGNORECASE | re.ASCII)
_PLAY = (
    '<a class="replay-button soundLink" href="#" data-lang="{}" data-say="{}" title="{}">'
    '<svg class="playImage" viewBox="0 0 64 64"><circle cx="32" cy="32" r="29"/><path d="M56 32 18 53V12z"/></svg></a>'
)


@dataclass(slots=True)
class Side:
    """The front ("q") or back ("a") of a card: HTML with Anki's [anki:play:…] and [[type:…]] still in it.

    `speech` are pairs of language and text, in the order of the play marks; `unknown` are filters that were
    passed over.
    """

    name: str
    html: str = ""
    speech: list[tuple[str, str]] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)


def render(plan: Plan, note: notes.Note, number: int) -> tuple[Side, Side]:
    """Return front and back of card `number`, from 0, of a note, as the engine renders them."""
    template = plan.types[note.type]["templates"][0 if note.type == "cloze" else number]
    deck = plan.deck.name
    values = _fields(note) | {"Tags": " ".join(sorted(note.card.tags)), "Type": TYPES[note.type][1]}
    values |= {"Deck": deck, "Subdeck": deck.split("::")[-1], "Card": template["name"], "CardFlag": "flag0"}
    front = fill(template["qfmt"], values, number + 1, "q")
    return front, fill(template["afmt"], values | {"FrontSide": front.html}, number + 1, "a")


def body(plan: Plan, note: notes.Note, number: int, side: str) -> str:
    """Return what a reviewer shows of "front" or "back": with buttons to listen, and a box that is left empty."""
    front, back = render(plan, note, number)

    def play(match: re.Match[str]) -> str:
        lang, said = (front if match[1] == "q" else back).speech[int(match[2])]
        return _PLAY.format(*map(html.escape, (lang, said, said)))

    def box(match: re.Match[str]) -> str:
        if side == "front":
            return '<center><input type="text" id="typeans" style="font-size: 20px"></center>'
        *filters, name = match[1].split(":")
        wanted = _fields(note).get(name, "")
        if "cloze" in filters:
            wanted = ", ".join(text for hole, text in _CLOZE.findall(wanted) if int(hole) == number + 1)
        return f"<code id=typeans>{html.escape(_text(wanted))}</code>"

    shown = re.sub(r"\[\[type:(.*?)\]\]", box, (front if side == "front" else back).html)
    return re.sub(r"\[anki:play:(.):(\d+)\]", play, shown)


def fill(template: str, values: Mapping[str, str], hole: int, name: str) -> Side:
    """Fill in one side's template. Raises FlashgenError if its sections do not close in order."""
    side = Side(name)
    around: list[
        tuple[str, bool]
    ] = []  # the sections that are open, and whether their field is as they want it
    for token in _TOKENS.split(template):
        mark = token[2:-2].strip() if token.startswith("{{") else ""
        sign, section = mark[:1], mark[1:].strip()
        if sign in ("#", "^"):
            empty = _EMPTY.fullmatch(values.get(section, "")) is not None
            around.append((section, empty == (sign == "^")))
        elif sign == "/":
            if not around or around.pop()[0] != section:
                said = "a template has {closing} where no {opening} is open"
                names = {"closing": f"{{{{/{section}}}}}", "opening": f"{{{{#{section}}}}}"}
                raise FlashgenError(words(said, **names))
        elif all(shown for _, shown in around):
            side.html += _field(mark, values, hole, side) if mark else token
    if around:
        names = {"opening": f"{{{{#{around[-1][0]}}}}}", "closing": f"{{{{/{around[-1][0]}}}}}"}
        raise FlashgenError(words("a template has {opening} but no {closing}", **names))
    return side


def _fields(note: notes.Note) -> dict[str, str]:
    return dict(zip(notes.FIELDS[note.type], note.fields, strict=True))


def _field(mark: str, values: Mapping[str, str], hole: int, side: Side) -> str:
    """Return what stands for {{filter:…:Field}}; the filter that is next to the field goes first."""
    *filters, name = map(str.strip, mark.split(":"))
    if "type" in filters:
        return f"[[{mark}]]"
    text = values.get(name, "")
    for applied in reversed(filters):
        verb, *options = applied.split() or [""]
        if verb == "cloze":
            text = _cloze(text, hole, side.name)
        elif verb == "tts" and options:
            blank = re.search(r"\bcloze_blank=(\S+)", applied)  # the engine says "blank" where none is given
            side.speech.append((options[0], _text(text).replace("[...]", blank[1] if blank else "blank")))
            text = f"[anki:play:{side.name}:{len(side.speech) - 1}]"
        else:
            side.unknown.add(verb)
    return text


def _cloze(text: str, hole: int, side: str) -> str:
    """Return a text with one card's holes open, or on the back marked. Anki keeps what is in an open one."""

    def kept(match: re.Match[str]) -> str:
        return escaped if (escaped := html.escape(match[0])) != match[0] else f"&#x{ord(match[0]):X};"

    def span(match: re.Match[str]) -> str:
        number, inside = int(match[1]), match[2]
        if number != hole:
            return f'<span class="cloze-inactive" data-ordinal="{number}">{inside}</span>'
        if side == "a":
            return f'<span class="cloze" data-ordinal="{number}">{inside}</span>'
        data = re.sub("[^A-Za-z0-9\u0100-\U0010ffff]", kept, inside)
        return f'<span class="cloze" data-cloze="{data}" data-ordinal="{number}">[...]</span>'

    return _CLOZE.sub(span, text)


def _text(markup: str) -> str:
    """Return the text of HTML, as it is spoken or typed."""
    spaced = re.sub(r"</?(?:br|div) ?/?>", " ", markup, flags=re.IGNORECASE)
    bare = re.sub(r"<[^>]*>", "", spaced)
    return html.unescape(bare).replace("\xa0", " ") if "&" in bare else bare  # so does the engine
