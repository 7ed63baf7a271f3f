"""A push over real HTTP into a collection of the official engine that was studied and edited."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flashgen import anki, push
from flashgen.lock import Lock
from flashgen.problems import FlashgenError, UsageError
from flashgen.records import Card

connect = pytest.importorskip("anki_connect", reason="the official Anki engine is missing: pip install anki")
engine = pytest.importorskip("anki_engine", reason="the official Anki engine is missing: pip install anki")
cases = pytest.importorskip("test_anki", reason="the official Anki engine is missing: pip install anki")

FRONT, BACK = "最值钱的是哪四个字？", "货真价实"


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    desk = cases.Desk(tmp_path)
    desk.build()
    desk.add()
    with engine.opened(desk.collection) as collection:
        engine.answer_all(collection, fsrs=True)
    return desk


@pytest.fixture
def actions(desk: Any) -> Any:
    return connect.Actions(desk.collection)


@pytest.fixture
def url(actions: Any) -> Iterator[str]:
    with connect.running(actions) as url:
        yield url


def change_in_anki(desk: Any, card: str, tags: tuple[str, ...] = (), **fields: str) -> None:
    with engine.opened(desk.collection) as collection:
        note = collection.get_note(collection.find_notes(f"Id:{card}")[0])
        for name, text in fields.items():
            note[name] = text
        note.tags += tags
        collection.update_note(note)


def plan(desk: Any) -> list[anki.Plan]:
    return anki.plan([(desk.deck, Lock())], cases.words_of)


def test_push_updates_fields_that_were_not_changed_in_anki(desk: Any, url: str) -> None:
    change_in_anki(desk, "tongsou-wuqi", ("重要",), Back="我的话", Spare1="笔记")
    with engine.opened(desk.collection) as collection:
        before = engine.schedule(collection)
    card = replace(cases.QUOTE, front=FRONT, back=BACK, tags=("招牌",), reverse=True)
    desk.deck = replace(desk.deck, cards=(card, *desk.deck.cards[1:]))
    changes = push.compare(plan(desk), url)
    (update,) = changes.updates
    assert update.kept == ("Back", "BackRuby")
    push.push(changes, url)
    note = desk.note("tongsou-wuqi")
    assert (note["Front"], note["Back"], note["Spare1"]) == (FRONT, "我的话", "笔记")
    assert set(note["tags"].split()) == {"招牌", "重要"}
    with engine.opened(desk.collection) as collection:
        after = engine.schedule(collection)
        assert {number: after[number] for number in before} == before
        assert len(after) == len(before) + 1  # the reverse card
    assert not push.compare(plan(desk), url).updates


def test_push_adds_what_is_new_and_an_import_afterwards_changes_nothing(desk: Any, url: str) -> None:
    desk.deck = replace(desk.deck, cards=(*desk.deck.cards, Card("xin", front="新的？", back="是")))
    changes = push.compare(plan(desk), url)
    assert [note.card.id for new in changes.new for note in new.notes] == ["xin"]
    push.push(changes, url)
    assert desk.note("xin")["Back"] == "是"
    assert push.compare(plan(desk), url) == push.Changes((), ())
    desk.build()
    log = desk.add()
    assert not log.new
    assert not log.updated


def test_comparing_changes_nothing(desk: Any, actions: Any, url: str) -> None:
    desk.deck = replace(desk.deck, cards=(replace(cases.QUOTE, back=BACK),))
    push.compare(plan(desk), url)
    assert set(actions.asked) == {"findNotes", "notesInfo"}


def test_edit_made_in_anki_alone_stays(desk: Any, url: str) -> None:
    change_in_anki(desk, "tongsou-wuqi", ("重要",), Back="我的话")
    assert push.compare(plan(desk), url) == push.Changes((), ())


def test_tag_taken_off_in_anki_stays_off(desk: Any, url: str) -> None:
    with engine.opened(desk.collection) as collection:
        collection.tags.bulk_remove(collection.find_notes("Id:tongsou-wuqi"), "定价")
    desk.deck = replace(desk.deck, cards=(replace(cases.QUOTE, back=BACK),))
    push.push(push.compare(plan(desk), url), url)
    note = desk.note("tongsou-wuqi")
    assert (note["Back"], note["tags"]) == (BACK, "")


def test_image_comes_along(desk: Any, url: str) -> None:
    (desk.folder / "图.png").write_bytes(b"\x89PNG")
    card = replace(cases.QUOTE, image="图.png")
    desk.deck = replace(desk.deck, cards=(card,), file=str(desk.folder / "deck.yaml"))
    push.push(push.compare(plan(desk), url), url)
    with engine.opened(desk.collection) as collection:
        assert not collection.media.check().missing
        assert [path.read_bytes() for path in Path(collection.media.dir()).iterdir()] == [b"\x89PNG"]


def test_no_anki_and_something_else_in_its_place(desk: Any, actions: Any) -> None:
    with connect.running(actions) as url, pytest.raises(FlashgenError, match="Anki refused nothing"):
        push.ask(url, "nothing")
    with pytest.raises(FlashgenError, match="start Anki"):
        push.compare(plan(desk), url)


@pytest.mark.parametrize("url", ["anki", "http://[", "ftp:"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises((UsageError, FlashgenError)):
        push.ask(url, "version")


def test_what_answers_but_is_no_anki() -> None:
    def answer() -> None:
        with server.accept()[0] as caller:
            caller.sendall(b"SSH-2.0-x\r\n\r\n")
            # What is closed with a part of the question unread resets the connection, and the answer is lost.
            caller.shutdown(socket.SHUT_WR)
            while caller.recv(4096):
                pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        other = threading.Thread(target=answer, daemon=True)
        other.start()
        with pytest.raises(FlashgenError, match="not AnkiConnect"):
            push.ask(f"http://127.0.0.1:{server.getsockname()[1]}", "version")
        other.join()
