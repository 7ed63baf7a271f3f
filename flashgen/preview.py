"""The cards in the browser as Anki shows them, read anew whenever the deck file is saved.

`render` does what Anki's engine does with the marks that our templates use; `Preview` is one deck file and its
last good cards; `run` serves both to this machine alone. The page itself is in `templates/preview/`.
"""

from __future__ import annotations

import contextlib
import hashlib
import html
import json
import mimetypes
import os
import re
import socketserver
import threading
import time
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from flashgen import anki, deckfile, lock, notes, output, pipeline, templates
from flashgen.problems import FlashgenError, Place, Problem, UsageError

# -- templates to HTML -------------------------------------------------------------------------------------

_TOKENS = re.compile(r"(<!--.*?-->|\{\{.*?\}\})", re.DOTALL)
_CLOZE = re.compile(r"\{\{c(\d+)::(.*?)\}\}", re.DOTALL)
_EMPTY = re.compile(r"(?:\s|</?(?:br|div) ?/?>)*", re.IGNORECASE | re.ASCII)
_PLAY = (
    '<a class="replay-button soundLink" href="#" data-lang="{}" data-say="{}" title="{}"><svg class="playImage"'
    ' viewBox="0 0 64 64"><circle cx="32" cy="32" r="29"/><path d="M56 32 18 53V12z"/></svg></a>'
)


@dataclass(slots=True)
class Side:
    """The front or back of a card: `html` with Anki's [anki:play:…] and [[type:…]] in it, and what is spoken.

    `speech` are pairs of language and text, in the order of the play marks.
    """

    html: str = ""
    speech: list[tuple[str, str]] = field(default_factory=list)


def render(plan: anki.Plan, note: notes.Note, number: int) -> tuple[Side, Side]:
    """Return both sides of card `number`, from 0, of a note, as Anki's engine renders them."""
    made = plan.types[note.type]["templates"]
    template = made[0 if note.type == "cloze" else number]
    deck = plan.deck.name
    values = dict(zip(notes.FIELDS[note.type], note.fields, strict=True))
    values |= {"Tags": " ".join(sorted(note.card.tags)), "Type": anki.TYPES[note.type][1], "Deck": deck}
    values |= {"Subdeck": deck.split("::")[-1], "Card": template["name"], "CardFlag": "flag0"}
    front = _fill(template["qfmt"], values, number + 1, "q")
    return front, _fill(template["afmt"], values | {"FrontSide": front.html}, number + 1, "a")


def _fill(template: str, values: Mapping[str, str], hole: int, side: str) -> Side:
    """Fill in a template; `side` is "q" or "a". Raises FlashgenError if its sections do not close in order."""
    made = Side()
    opened: list[tuple[str, bool]] = []  # the sections around, and whether they are shown
    for token in _TOKENS.split(template):
        mark = token[2:-2].strip() if token.startswith("{{") else ""
        sign, name = mark[:1], mark[1:].strip()
        if sign in ("#", "^"):
            opened.append((name, bool(_EMPTY.fullmatch(values.get(name, ""))) == (sign == "^")))
        elif sign == "/":
            if not opened or opened.pop()[0] != name:
                raise FlashgenError(f"a template has {{{{/{name}}}}} where no {{{{#{name}}}}} is open")
        elif all(shown for _, shown in opened):
            made.html += _field(mark, values, hole, side, made.speech) if mark else token
    if opened:
        raise FlashgenError(f"a template has {{{{#{opened[-1][0]}}}}} and no {{{{/{opened[-1][0]}}}}}")
    return made


def _field(mark: str, values: Mapping[str, str], hole: int, side: str, speech: list[tuple[str, str]]) -> str:
    """Return what stands for {{filter:…:Field}}. A filter that is not known leaves the text as it is."""
    *filters, name = map(str.strip, mark.split(":"))
    if "type" in filters:
        return f"[[{mark}]]"
    text = values.get(name, "")
    for applied in reversed(filters):
        words = applied.split()
        if applied == "cloze":
            text = _cloze(text, hole, side)
        elif words[:1] == ["tts"]:
            blank = next(
                (word.partition("=")[2] for word in words if word.startswith("cloze_blank=")), "[...]"
            )
            speech.append((words[1], _text(text.replace("[...]", blank))))
            text = f"[anki:play:{side}:{len(speech) - 1}]"
    return text


def _cloze(text: str, hole: int, side: str) -> str:
    """Return a text with the holes of one card open, on the front, or marked, on the back."""

    def encoded(match: re.Match[str]) -> str:
        named = html.escape(match[0])
        return named if named != match[0] else f"&#x{ord(match[0]):X};"

    def span(match: re.Match[str]) -> str:
        number, inside = int(match[1]), match[2]
        if number != hole:
            return f'<span class="cloze-inactive" data-ordinal="{number}">{inside}</span>'
        kept = re.sub("[^A-Za-z0-9\u0100-\U0010ffff]", encoded, inside)
        data = f' data-cloze="{kept}"' if side == "q" else ""
        return f'<span class="cloze"{data} data-ordinal="{number}">{"[...]" if data else inside}</span>'

    return _CLOZE.sub(span, text)


def _text(markup: str) -> str:
    """Return the text of HTML, as it is spoken or typed."""
    spaced = re.sub(r"</?(?:br|div) ?/?>", " ", markup, flags=re.IGNORECASE)
    return html.unescape(re.sub(r"<[^>]*>", "", spaced)).replace("\xa0", " ")


def body(plan: anki.Plan, note: notes.Note, number: int, side: str) -> str:
    """Return what a reviewer shows of a side, "front" or "back": with buttons to listen and a box to type in.

    On the back the box was left empty.
    """
    front, back = render(plan, note, number)

    def play(match: re.Match[str]) -> str:
        lang, said = (front if match[1] == "q" else back).speech[int(match[2])]
        return _PLAY.format(*map(html.escape, (lang, said, said)))

    def typed(match: re.Match[str]) -> str:
        if side == "front":
            return '<center><input type="text" id="typeans" style="font-size: 20px"></center>'
        *filters, name = match[1].split(":")
        wanted = dict(zip(notes.FIELDS[note.type], note.fields, strict=True)).get(name.strip(), "")
        if "cloze" in filters:
            wanted = ", ".join(text for hole, text in _CLOZE.findall(wanted) if int(hole) == number + 1)
        return f"<code id=typeans>{html.escape(_text(wanted))}</code>"

    shown = re.sub(r"\[\[type:(.*?)\]\]", typed, (front if side == "front" else back).html)
    return re.sub(r"\[anki:play:(.):(\d+)\]", play, shown)


# -- the deck file -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Preview:
    """One deck file as the page shows it. `plan` is the last good one; `problems` are those of the file now."""

    path: Path
    own: Path | None = None
    plan: anki.Plan | None = None
    problems: list[Problem | str] = field(default_factory=list)
    _told: tuple[str, bytes] = ("", b"")
    _stale: bool = False
    _seen: object = None
    _images: tuple[Path, ...] = ()
    _lines: Mapping[str, str] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def refresh(self) -> tuple[str, bytes]:
        """Return what the page is to know, as JSON, after its hash.

        The deck file is read anew if it changed, or its lock, a template or an image.
        """
        with self._guard:
            if (now := self._stamp()) == self._seen:
                return self._told
            while now != self._seen:  # whoever saves may not be done yet
                self._seen = now
                time.sleep(0.05)
                now = self._stamp()
            self._read()
            told = self._tell()
            version = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]
            self._told = version, json.dumps({"version": version, **told}, ensure_ascii=False).encode()
            return self._told

    def _stamp(self) -> object:
        folders = [self.own, self.path.parent / "templates", templates.shipped()]
        files = [path for folder in folders if folder for path in sorted(folder.glob("*.*"))]
        stamps = []
        for path in (self.path, lock.beside(self.path), *self._images, *files):
            with contextlib.suppress(OSError, ValueError):
                is_ = path.stat()
                stamps.append((path, is_.st_mtime_ns, is_.st_size, is_.st_ino))
        return stamps

    def _read(self) -> None:
        deck, found = deckfile.load(self.path)
        self.problems, self._stale = [*found], True
        if deck is None or any(not problem.warning for problem in found):
            return
        self._images = tuple(self.path.parent / card.image for card in deck.cards if card.image)
        try:
            old = lock.load(lock.beside(self.path))
            spelt = pipeline.spell_deck(deck, {**self._lines, **old.pinyin})
            self._lines = spelt.lines
            (plan,) = anki.plan(
                [(deck, old)], lambda _deck, card, text: spelt.words[card.id, text], own=self.own
            )
            self.problems += [*spelt.problems, *_check(plan)]
        except FlashgenError as error:
            self.problems += error.problems
        else:
            self.plan, self._stale = plan, False

    def _tell(self) -> dict[str, object]:
        plan = self.plan
        return {
            "file": self.path.name,
            "deck": plan.deck.name if plan else "",
            "stale": self._stale,
            "problems": [
                {"text": str(problem), "warning": isinstance(problem, Problem) and problem.warning}
                for problem in self.problems
            ],
            "notes": [
                {
                    "id": note.card.id,
                    "guid": note.guid,
                    "kind": note.card.kind,
                    "tags": note.card.tags,
                    "text": note.card.front or notes.filled(note.card.cloze),
                    "line": note.card.place.line,
                    "hash": plan.lock.notes[note.card.id, note.type].hash,
                    "look": plan.lock.types[note.type].hash,
                    "cards": [
                        [n, f"填空 {n + 1}" if note.type == "cloze" else anki.TEMPLATES[note.type][n][0]]
                        for n in note.cards
                    ],
                }
                for note in (plan.notes if plan else ())
            ],
        }

    def card(self, asked: Mapping[str, str]) -> str | None:
        """Return the page of a side of a card: guid, n, side, and, if not "", phone and night."""
        plan = self.plan
        note = next((one for one in plan.notes if one.guid == asked.get("guid")), None) if plan else None
        number = next((n for n in note.cards if str(n) == asked.get("n")), None) if note else None
        if plan is None or note is None or number is None:
            return None
        page = "phone" if asked.get("phone") else "desktop"
        shell = (templates.shipped() / "preview" / f"{page}.html").read_text(encoding="utf-8")
        parts = {
            "NIGHT": "night-mode" if asked.get("night") else "",
            "CARD": f"card card{number + 1}" + (" nightMode night_mode" if asked.get("night") else ""),
            "STYLE": str(plan.types[note.type]["css"]),
            "BODY": body(plan, note, number, asked.get("side", "front")),
        }
        return re.sub(r"\{(NIGHT|CARD|STYLE|BODY)\}", lambda match: parts[match[1]], shell)


def _check(plan: anki.Plan) -> list[Problem]:
    """Return the filters in templates that the preview leaves out. Raises FlashgenError as `_fill` does."""
    made = [template for kind in plan.types.values() for template in kind["templates"]]
    sides = [template[side] for template in made for side in ("qfmt", "afmt")]
    for side in sides:
        _fill(side, {}, 1, "q")
    filters = {
        name.split()[0]
        for mark in re.findall(r"\{\{([^#^/{}]+):", " ".join(sides))
        for name in mark.split(":")
    }
    return [
        Problem(
            Place("templates"), f"the preview leaves out the filter '{name}:'", "Anki knows it", warning=True
        )
        for name in sorted(filters - {"cloze", "type", "tts"})
    ]


# -- the server --------------------------------------------------------------------------------------------

_PAGES = {"/": "index.html", "/preview.css": "preview.css", "/preview.js": "preview.js"}
_PAGE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:"
_CARD_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; font-src data:"


class _Server(socketserver.ThreadingTCPServer):
    """A server for this machine alone. (http.server's own asks the name service for a name first.)"""

    allow_reuse_address = os.name != "nt"  # on Windows this would share the port with another program
    daemon_threads = True

    def __init__(self, port: int, preview: Preview) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.preview = preview
        self.port: int = self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a tab that was closed does not wait for its answer."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 60

    def do_GET(self) -> None:
        """Answer with the page, what it is told, a card or an image."""
        # A page elsewhere can have a name of its own point at 127.0.0.1, and read what it finds there.
        if self.headers.get("Host") not in (
            f"{name}:{self.server.port}" for name in ("127.0.0.1", "localhost")
        ):
            return self._send(403, "text/plain", b"open the address that flashgen shows")
        preview, url = self.server.preview, urlsplit(self.path)
        asked = dict(parse_qsl(url.query))
        if name := _PAGES.get(url.path):
            kind = mimetypes.guess_type(name)[0] or ""
            return self._send(200, kind, (templates.shipped() / "preview" / name).read_bytes(), _PAGE_POLICY)
        if url.path == "/deck":
            version, told = preview.refresh()
            if asked.get("version") == version:
                return self._send(204, "application/json", b"")
            return self._send(200, "application/json", told)
        if url.path == "/card" and (page := preview.card(asked)):
            return self._send(200, "text/html", page.encode())
        images = dict(note.image for note in (preview.plan.notes if preview.plan else ()) if note.image)
        if (image := images.get(url.path[1:])) and image.is_file():
            return self._send(200, mimetypes.guess_type(image.name)[0] or "", image.read_bytes())
        return self._send(404, "text/plain", b"there is no such card")

    def _send(self, status: int, kind: str, data: bytes, policy: str = _CARD_POLICY) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
            "Content-Length": str(len(data)),
            "Content-Security-Policy": f"{policy}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet: the problems are in the page."""


def run(deck: Path, *, port: int = 0, browser: bool = True, own: Path | None = None) -> None:
    """Show a deck file's cards in the browser until interrupted; slips in it are shown there too.

    `port` 0 takes any that is free; `own` is a folder of templates, as for a build. Raises FlashgenError if
    there is no such file or folder, and UsageError if the port cannot be had.
    """
    if not deck.is_file():
        raise FlashgenError(*deckfile.load(deck)[1])
    templates.folders(str(deck), own)
    try:
        server = _Server(port, Preview(deck, own))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "0 to 65535 are ports"
        raise UsageError(
            f"port {port} cannot be used ({reason}); choose another, or leave out --port"
        ) from None
    url = f"http://127.0.0.1:{server.port}/"
    with server, contextlib.suppress(KeyboardInterrupt):
        output.say(f"{deck} at {url}  (Ctrl+C ends)")
        server.preview.refresh()
        if browser:
            # Some browsers run in this terminal, and return only when they are left.
            threading.Thread(target=webbrowser.open, args=[url], daemon=True).start()
        server.serve_forever()
