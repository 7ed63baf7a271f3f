"""The cards in the browser as Anki shows them, read anew whenever the deck file is saved.

A `Preview` is a deck file with its last good cards; `run` serves them to this machine alone. The page around
them is in `templates/preview/`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mimetypes
import os
import re
import socketserver
import threading
import time
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from flashgen import anki, deckfile, lock, messages, notes, output, render, spelling, templates
from flashgen.language import words
from flashgen.problems import FlashgenError, Place, Problem, UsageError


@dataclass(slots=True)
class Preview:
    """One deck file as the page shows it. `plan` is the last good one; `problems` are those of the file now."""

    path: Path
    own: Path | None = None
    plan: anki.Plan | None = None
    problems: list[Problem | str] = field(default_factory=list)
    _stale: bool = False
    _told: tuple[str, bytes] = ("", b"")
    _seen: object = None
    _images: tuple[Path, ...] = ()
    _lines: Mapping[str, str] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def refresh(self) -> tuple[str, bytes]:
        """Return what the page is to know, as JSON, after its hash.

        The deck file is read anew if it has changed, or its lock, a template or an image.
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
            self._told = version, json.dumps({"version": version, **told}).encode()
            return self._told

    def _stamp(self) -> object:
        """Return what is other whenever a file that matters was written."""
        folders = [self.own, self.path.parent / "templates", templates.shipped()]
        files = [path for folder in folders if folder for path in sorted(folder.glob("*.*"))]
        stamps = []
        for path in (self.path, lock.beside(self.path), *self._images, *files):
            with contextlib.suppress(OSError, ValueError):
                stat = path.stat()
                stamps.append((path, stat.st_mtime_ns, stat.st_size, stat.st_ino))
        return stamps

    def _read(self) -> None:
        deck, found = deckfile.load(self.path)
        self.problems, self._stale = [*found], True
        if deck is None or any(not problem.warning for problem in found):
            return
        self._images = tuple(self.path.parent / card.image for card in deck.cards if card.image)
        try:
            old = lock.load(lock.beside(self.path))
            spelt = spelling.spell_deck(deck, replace(old, pinyin={**self._lines, **old.pinyin}))
            self._lines, words = spelt.memory, spelt.words
            (plan,) = anki.plan([(deck, old)], lambda _, card, text: words[card.id, text], own=self.own)
            self.problems += [*spelt.problems, *_check(plan)]
        except FlashgenError as error:
            self.problems += error.problems
        else:
            self.plan, self._stale = plan, False

    def _tell(self) -> dict[str, object]:
        slips = [(str(slip), isinstance(slip, Problem) and slip.warning) for slip in self.problems]
        return {
            "file": self.path.name,
            "deck": self.plan.deck.name if self.plan else "",
            "stale": self._stale,
            "problems": [{"text": text, "warning": warning} for text, warning in slips],
            "notes": [_note(self.plan, note) for note in self.plan.notes] if self.plan else [],
        }

    def card(self, asked: Mapping[str, str]) -> str | None:
        """Return the page of a side of a card, None if there is no such card.

        `asked` holds the note's guid, the card's number n and the side; phone and night, if not "".
        """
        plan = self.plan
        note = next((note for note in plan.notes if note.guid == asked.get("guid")), None) if plan else None
        number = next((n for n in note.cards if str(n) == asked.get("n")), None) if note else None
        if plan is None or note is None or number is None:
            return None
        night = bool(asked.get("night"))
        parts = {
            "ROOT": "night-mode" if night else "",
            "CARD": f"card card{number + 1}" + (" nightMode night_mode" if night else ""),
            "STYLE": str(plan.types[note.type]["css"]),
            "BODY": render.body(plan, note, number, asked.get("side", "")),
        }
        page = _page("phone.html" if asked.get("phone") else "desktop.html").decode()
        return re.sub(r"\{(ROOT|CARD|STYLE|BODY)\}", lambda match: parts[match[1]], page)


def _note(plan: anki.Plan, note: notes.Note) -> dict[str, object]:
    """Return what the page's list holds of a note."""
    card, names = note.card, anki.TEMPLATES[note.type]
    return {
        "id": card.id,
        "guid": note.guid,
        "kind": card.kind,
        "tags": card.tags,
        "text": card.front or notes.filled(card.cloze),
        "line": card.place.line,
        "hash": plan.lock.notes[card.id, note.type].hash,
        "look": plan.lock.types[note.type].hash,
        "cards": [(n, f"填空 {n + 1}" if note.type == "cloze" else names[n][0]) for n in note.cards],
    }


def _check(plan: anki.Plan) -> list[Problem]:
    """Return what templates ask for that is not shown. Raises FlashgenError if their sections are amiss."""
    made = [template for kind in plan.types.values() for template in kind["templates"]]
    sides = [render.fill(one[side], {}, 1, "q") for one in made for side in ("qfmt", "afmt")]
    return [
        messages.problem("not-previewed", Place("templates"), name=name)
        for name in sorted(set().union(*(side.unknown for side in sides)))
    ]


# -- the server --------------------------------------------------------------------------------------------

_PAGES = {  # with their types: on Windows another program may have changed what mimetypes says
    "/": ("index.html", "text/html"),
    "/preview.css": ("preview.css", "text/css"),
    "/preview.js": ("preview.js", "text/javascript"),
}
_PAGE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:"
_CARD_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; font-src data:"
_POLICY = "frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"


def _page(name: str) -> bytes:
    return (templates.shipped() / "preview" / name).read_bytes()


class _Server(socketserver.ThreadingTCPServer):
    """A server for this machine alone; unlike http.server's it asks no name service for its name."""

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
        """Answer with the page, what it is to know, a card or an image."""
        # A page elsewhere can have a name of its own point at 127.0.0.1, and read what it finds there.
        if self.headers["Host"] not in (f"127.0.0.1:{self.server.port}", f"localhost:{self.server.port}"):
            return self._send(403, "text/plain", b"open the address that flashgen shows")
        preview, url = self.server.preview, urlsplit(self.path)
        asked = dict(parse_qsl(url.query))
        if url.path in _PAGES:
            name, kind = _PAGES[url.path]
            return self._send(200, kind, _page(name), _PAGE_POLICY)
        if url.path == "/deck":
            version, told = preview.refresh()
            new = asked.get("version") != version
            return self._send(200 if new else 204, "application/json", told if new else b"")
        if url.path == "/card" and (page := preview.card(asked)):
            return self._send(200, "text/html", page.encode())
        images = dict(note.image for note in preview.plan.notes if note.image) if preview.plan else {}
        if (image := images.get(url.path[1:])) and image.is_file():
            return self._send(200, mimetypes.guess_type(image.name)[0], image.read_bytes())
        return self._send(404, "text/plain", b"there is no such card")

    def _send(self, status: int, kind: str | None, data: bytes, policy: str = _CARD_POLICY) -> None:
        text = (kind or "").startswith("text/")
        headers = {
            "Content-Type": f"{kind}; charset=utf-8" if text else kind or "application/octet-stream",
            "Content-Length": str(len(data)),
            "Content-Security-Policy": f"{policy}; {_POLICY}",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet: what a user needs to know is in the page."""


def run(deck: Path, *, port: int = 0, browser: bool = True, own: Path | None = None) -> None:
    """Show a deck file's cards in the browser until interrupted; slips in the file are shown there too.

    `port` 0 takes any that is free; `own` is a folder of templates, as for a build. Raises FlashgenError if
    there is no such file or folder, and UsageError if the port cannot be had.
    """
    if not deck.is_file():
        raise FlashgenError(*deckfile.load(deck)[1])
    templates.folders(str(deck), own)
    try:
        server = _Server(port, Preview(deck, own))
    except OSError as error:
        said = "port {port}: {reason}; choose another, or leave out --port"
        raise UsageError(words(said, port=port, reason=error.strerror)) from None
    url = f"http://127.0.0.1:{server.port}/"
    with server, contextlib.suppress(KeyboardInterrupt):
        output.say(words("{deck} at {url}  (Ctrl+C ends)", deck=deck, url=url))
        with output.progress() as tell:
            tell(words("spelling pinyin"))
            server.preview.refresh()
        output.problems(server.preview.problems)
        if browser:
            # Some browsers run in this terminal, and return only when they are left.
            threading.Thread(target=webbrowser.open, args=[url], daemon=True).start()
        server.serve_forever()
