"""A small AnkiConnect for tests: the actions that flashgen asks for, over HTTP, on the official engine."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import anki_engine as engine


class Actions:
    """AnkiConnect's actions on a collection that each of them opens."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked: list[str] = []

    def find_notes(self, query: str) -> list[int]:
        with engine.opened(self.path) as collection:
            return list(collection.find_notes(query))

    def notes_info(self, notes: list[int]) -> list[dict[str, Any]]:
        with engine.opened(self.path) as collection:
            return [
                {
                    "noteId": note.id,
                    "modelName": note.note_type()["name"],
                    "tags": note.tags,
                    "fields": {
                        name: {"value": text, "order": n} for n, (name, text) in enumerate(note.items())
                    },
                    "cards": list(note.card_ids()),
                }
                for note in map(collection.get_note, notes)
            ]

    def update_note_fields(self, note: dict[str, Any]) -> None:
        with engine.opened(self.path) as collection:
            found = collection.get_note(note["id"])
            for name, text in note["fields"].items():
                found[name] = text
            collection.update_note(found)

    def add_tags(self, notes: list[int], tags: str) -> None:
        with engine.opened(self.path) as collection:
            collection.tags.bulk_add(notes, tags)

    def remove_tags(self, notes: list[int], tags: str) -> None:
        with engine.opened(self.path) as collection:
            collection.tags.bulk_remove(notes, tags)

    def import_package(self, path: str) -> bool:
        engine.add_package(self.path, Path(path))
        return True

    def store_media_file(self, filename: str, data: str) -> str:
        with engine.opened(self.path) as collection:
            return str(collection.media.write_data(filename, base64.b64decode(data)))


@contextlib.contextmanager
def running(actions: Actions) -> Iterator[str]:
    """Serve a collection's actions; give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            action = request["action"]
            actions.asked.append(action)
            name = "".join(f"_{c.lower()}" if c.isupper() else c for c in action)
            answer: dict[str, Any] = {"result": None, "error": None}
            try:
                answer["result"] = getattr(actions, name)(**request["params"])
            except Exception as error:  # noqa: BLE001 - as AnkiConnect does, it is told
                answer["error"] = str(error)
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
