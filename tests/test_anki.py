"""The package, imported by the official Anki engine into a collection that has been studied and edited."""

from __future__ import annotations

import html
import json
import re
import sqlite3
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from flashgen import anki
from flashgen.lock import Lock, load, save
from flashgen.notes import FIELDS
from flashgen.problems import FlashgenError
from flashgen.records import Card, Deck, Source, Word

engine = pytest.importorskip("anki_engine", reason="the official Anki engine is missing: pip install anki")
CASES = Path(__file__).parent / "cases" / "anki"

QUOTE = Card(
    "tongsou-wuqi",
    "quote",
    "小店最值钱的是哪四个字？",
    "童叟无欺",
    source="掌柜说：“小店最值钱的是童叟无欺四个字。”",
    section="招牌",
    at="3:1",
    tags=("定价",),
)
FIGURE = Card("maoli", "figure", cloze="毛利率不许超过{{一成四}}，由{{店长}}签字。", section="规矩")
RULES = Card("guiju", "rules", "店里有哪三条规矩？", items=("先尝第一锅粥", "每晚对清账目", "退货不问理由"))
OTHER = Card("huitou", "definition", "什么是回头客？", "三十天里第二次来的客人", typed=True)
DECK = Deck("晚市::01 规矩", (QUOTE, FIGURE, RULES, OTHER), Source("开店的规矩", "林掌柜"))


def words_of(deck: Deck, card: Card, text: str) -> Sequence[Word]:
    """Read every hanzi as hàn, but for the deck's own readings."""
    return [Word(c, (deck.readings.get(c, "hàn"),)) if "一" <= c <= "龥" else Word(c) for c in text]


def edit(card: Card, **changes: Any) -> Callable[[Deck], Deck]:
    """Return the edit of one card of a deck."""
    changed = replace(card, **changes)
    return lambda deck: replace(deck, cards=tuple(changed if c.id == card.id else c for c in deck.cards))


@dataclass
class Desk:
    """A person's deck and lock on disk, and their collection in Anki."""

    folder: Path
    deck: Deck = DECK
    now: int = 0

    @property
    def collection(self) -> Path:
        return self.folder / "collection.anki2"

    @property
    def package(self) -> Path:
        return self.folder / "deck.apkg"

    def build(self, **options: Any) -> anki.Plan:
        lock = self.folder / "deck.lock"
        deck = replace(self.deck, file=str(self.folder / "deck.yaml"))
        (plan,) = anki.build([(deck, load(lock))], words_of, self.package, now=self.now, **options)
        save(plan.lock, lock)
        return plan

    def add(self) -> Any:
        return engine.add_package(self.collection, self.package)

    def note(self, card: str) -> dict[str, str]:
        with engine.opened(self.collection) as collection:
            (number,) = collection.find_notes(f"Id:{card}")
            note = collection.get_note(number)
            return {**dict(note.items()), "tags": " ".join(note.tags)}


@pytest.fixture(params=[True, False], ids=["fsrs", "sm2"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    """Build DECK, import it, study all of it; edit, tag and suspend OTHER in Anki. What follows is later."""
    desk = Desk(tmp_path)
    desk.build()
    desk.add()
    with engine.opened(desk.collection) as collection:
        engine.answer_all(collection, fsrs=request.param)
        note = collection.get_note(collection.find_notes("Id:huitou")[0])
        note["Back"] = "我自己的话"
        note.tags.append("重要")
        collection.update_note(note)
        collection.sched.suspend_cards(note.card_ids())
        collection.fix_integrity()  # at times it adds a review time that the scheduler left out
    desk.now = int(time.time()) + 60
    return desk


EDITS: dict[str, tuple[Callable[[Deck], Deck], dict[str, list[str]]]] = {
    "rebuild without change": (lambda deck: deck, {}),
    "edit front": (edit(QUOTE, front="最值钱的是哪四字？"), {"changed": ["tongsou-wuqi"]}),
    "edit back": (edit(QUOTE, back="货真价实"), {"changed": ["tongsou-wuqi"]}),
    "edit tags": (edit(QUOTE, tags=("招牌",)), {"changed": ["tongsou-wuqi"]}),
    "edit pinyin": (lambda deck: replace(deck, readings={"叟": "sǒu"}), {"changed": ["tongsou-wuqi"]}),
    "edit cloze": (edit(FIGURE, cloze="毛利不许超过{{一成五}}，由{{店长}}签字。"), {"changed": ["maoli"]}),
    "edit an item": (edit(RULES, items=("先尝粥", *RULES.items[1:])), {"changed": ["guiju"]}),
    "reorder items": (edit(RULES, items=RULES.items[::-1]), {"changed": ["guiju"]}),
    "enable reverse": (edit(QUOTE, reverse=True), {"changed": ["tongsou-wuqi"]}),
    "reorder": (lambda deck: replace(deck, cards=deck.cards[::-1]), {}),
    "insert": (
        lambda deck: replace(deck, cards=(Card("xin", front="新的？", back="是"), *deck.cards)),
        {"new": ["xin"]},
    ),
    "delete": (lambda deck: replace(deck, cards=deck.cards[1:]), {"retired": ["tongsou-wuqi"]}),
    "rename deck": (lambda deck: replace(deck, name="夜市::01 规矩"), {}),
    "another note type": (
        edit(QUOTE, front="", back="", cloze="最值钱的是{{童叟无欺}}。"),
        {"new": ["tongsou-wuqi"], "retired": ["tongsou-wuqi"]},
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_edit_arrives_and_costs_nothing(desk: Desk, name: str) -> None:
    change, expected = EDITS[name]
    with engine.opened(desk.collection) as collection:
        before, notes = engine.schedule(collection), collection.note_count()
        types = collection.models.all_names_and_ids()
    desk.deck = change(desk.deck)
    plan = desk.build()
    for state in ("new", "changed", "retired"):
        assert list(getattr(plan, state)) == expected.get(state, []), state
    log = desk.add()
    assert not log.conflicting
    assert len(log.new) == len(plan.new)
    assert len(log.updated) == len(plan.changed)
    with engine.opened(desk.collection) as collection:
        after = engine.schedule(collection)
        assert {card: after.get(card) for card in before} == before
        assert collection.note_count() == notes + len(plan.new)
        assert list(collection.models.all_names_and_ids()) == list(types)
        assert not collection.get_empty_cards().notes
        for note in plan.notes:
            if note.card.id != "huitou":
                (number,) = collection.find_notes(f"Guid:{note.guid}")
                found = collection.get_note(number)
                assert tuple(found.fields) == note.fields
                assert found.tags == list(note.card.tags)
                assert sorted(card.ord for card in found.cards()) == list(note.cards)
        assert sorted(collection.get_note(n)["Id"] for n in find(collection, plan.search)) == list(
            plan.retired
        )
        report, sound = collection.fix_integrity()
        assert sound, report
    kept = desk.note("huitou")
    assert (kept["Back"], kept["tags"]) == ("我自己的话", "重要")


def find(collection: Any, search: str) -> list[int]:
    return list(collection.find_notes(search)) if search else []


def test_look_changes_without_a_second_note_type(desk: Desk) -> None:
    (desk.folder / "templates").mkdir()
    (desk.folder / "templates" / "style.css").write_text(".card { color: teal }")
    with engine.opened(desk.collection) as collection:
        before, types = engine.schedule(collection), list(collection.models.all_names_and_ids())
    plan = desk.build()
    assert not plan.changed
    desk.add()
    with engine.opened(desk.collection) as collection:
        assert engine.schedule(collection) == before
        assert list(collection.models.all_names_and_ids()) == types
        for kind, (_, name) in anki.TYPES.items():
            assert collection.models.by_name(name)["css"] == ".card { color: teal }", kind
    assert desk.note("huitou")["Back"] == "我自己的话"


def test_later_edit_in_the_deck_goes_over_an_earlier_one_in_anki(desk: Desk) -> None:
    with engine.opened(desk.collection) as collection:
        before = engine.schedule(collection)
    desk.deck = edit(OTHER, back="三十天里又来的客人")(desk.deck)
    desk.build()
    desk.add()
    assert desk.note("huitou")["Back"] == "三十天里又来的客人"
    with engine.opened(desk.collection) as collection:
        assert engine.schedule(collection) == before  # suspension among it


def test_import_twice_and_older_deck(desk: Desk) -> None:
    older, older_lock = desk.deck, (desk.folder / "deck.lock").read_bytes()
    desk.deck = edit(QUOTE, back="货真价实")(older)
    desk.build()
    desk.add()
    assert not desk.add().updated
    desk.deck = older
    (desk.folder / "deck.lock").write_bytes(older_lock)
    desk.build()
    log = desk.add()
    assert not log.updated
    assert not log.new
    assert desk.note("tongsou-wuqi")["Back"] == "货真价实"


def test_item_keeps_its_card_when_items_move(desk: Desk) -> None:
    """An item that is inserted, and one that is deleted, must not shift the others' history."""
    desk.deck = edit(RULES, items=("开门先扫地", RULES.items[2], RULES.items[0]))(desk.deck)
    desk.build()
    desk.add()
    note = desk.note("guiju")
    assert [note[f"Item{n}"] for n in range(1, 5)] == ["先尝第一锅粥", "开门先扫地", "退货不问理由", ""]
    assert [note[f"Place{n}"] for n in range(1, 5)] == ["3", "1", "2", ""]


def test_cards_that_lose_their_text_are_told(desk: Desk) -> None:
    desk.deck = edit(QUOTE, reverse=True)(desk.deck)
    assert not desk.build().emptied
    desk.add()
    for change in edit(QUOTE), edit(RULES, items=RULES.items[1:]), edit(FIGURE, cloze="由{{店长}}签字。"):
        desk.deck = change(desk.deck)
    assert desk.build().emptied == ("tongsou-wuqi", "maoli", "guiju")
    desk.add()
    with engine.opened(desk.collection) as collection:
        empty = collection.get_empty_cards().notes
        assert {collection.get_note(note.note_id)["Id"] for note in empty} == {
            "tongsou-wuqi",
            "maoli",
            "guiju",
        }
        assert not any(note.will_delete_note for note in empty)


def test_hole_keeps_its_card_when_one_is_added_before_it(desk: Desk) -> None:
    desk.deck = edit(FIGURE, cloze="{{毛利率}}不许超过{{一成四}}，由{{店长}}签字。")(desk.deck)
    desk.build()
    desk.add()
    assert desk.note("maoli")["Text"] == "{{c3::毛利率}}不许超过{{c1::一成四}}，由{{c2::店长}}签字。"


def test_lost_lock_is_read_back_from_the_package(desk: Desk) -> None:
    desk.deck = edit(QUOTE, back="货真价实")(replace(desk.deck, name="夜市::01 规矩"))
    desk.build()
    desk.add()
    (desk.folder / "deck.lock").unlink()
    desk.now += 60
    desk.deck = edit(FIGURE, cloze="毛利率不许超过{{一成三}}，由{{店长}}签字。")(desk.deck)
    plan = desk.build()
    assert plan.changed == ("maoli",)
    assert not desk.add().new
    assert "一成三" in desk.note("maoli")["Text"]
    assert desk.note("huitou")["Back"] == "我自己的话"


def test_lost_lock_and_package_cost_no_history_and_no_edit_made_in_anki(desk: Desk) -> None:
    (desk.folder / "deck.lock").unlink()
    desk.package.unlink()
    desk.build()
    log = desk.add()
    assert not log.new
    assert not log.updated
    desk.deck = edit(QUOTE, back="货真价实")(desk.deck)
    desk.build()
    desk.add()
    assert desk.note("tongsou-wuqi")["Back"] == "货真价实"
    assert desk.note("huitou")["Back"] == "我自己的话"


def test_card_moved_between_decks_keeps_its_note(tmp_path: Path) -> None:
    first, second = Deck("一", (QUOTE, FIGURE, RULES)), Deck("二", (OTHER,), DECK.source)
    out = tmp_path / "out.apkg"
    plans = anki.build([(first, Lock()), (second, Lock())], words_of, out)
    first, second = Deck("一", ()), Deck("二", (OTHER, FIGURE, QUOTE, RULES), DECK.source)
    moved = anki.build([(first, plans[0].lock), (second, plans[1].lock)], words_of, out)
    assert [plan.retired for plan in moved] == [(), ()]
    assert [plan.new for plan in moved] == [(), ()]
    guids = [{note.guid for plan in some for note in plan.notes} for some in (plans, moved)]
    assert guids[0] == guids[1]
    engine.add_package(tmp_path / "collection.anki2", out)
    with engine.opened(tmp_path / "collection.anki2") as collection:
        assert len(collection.find_notes("deck:二")) == 4


def test_other_card_of_a_deleted_cards_id_is_new(tmp_path: Path) -> None:
    first, second = Deck("一", (QUOTE,)), Deck("二", (replace(QUOTE, front="另一个问题？"),))
    (built,) = anki.plan([(first, Lock())], words_of)
    plans = anki.plan([(replace(first, cards=()), built.lock), (second, Lock())], words_of)
    assert plans[0].retired == plans[1].new == (QUOTE.id,)
    assert plans[1].notes[0].guid != built.notes[0].guid


def test_decks_and_packages_live_side_by_side(tmp_path: Path) -> None:
    for name in ("一::甲", "一::乙"):
        anki.build([(Deck(name, DECK.cards), Lock())], words_of, tmp_path / "out.apkg")
        log = engine.add_package(tmp_path / "collection.anki2", tmp_path / "out.apkg")
        assert len(log.new) == len(DECK.cards)
    with engine.opened(tmp_path / "collection.anki2") as collection:
        names = [deck.name for deck in collection.decks.all_names_and_ids(skip_empty_default=True)]
        assert names == ["一", "一::乙", "一::甲"]
        order = [
            collection.get_card(card).note()["Id"]
            for card in collection.find_cards("deck:一::甲", order="c.due")
        ]
        assert list(dict.fromkeys(order)) == [card.id for card in DECK.cards]


def test_same_deck_and_lock_same_bytes(tmp_path: Path) -> None:
    packages = []
    for n, lock in enumerate((Lock(), Lock())):
        (plan,) = anki.build([(DECK, lock)], words_of, tmp_path / f"{n}.apkg", now=n)
        packages.append((tmp_path / f"{n}.apkg").read_bytes())
        anki.build([(DECK, plan.lock)], words_of, tmp_path / "again.apkg", now=10**10 + n)
        packages.append((tmp_path / "again.apkg").read_bytes())
    assert len(set(packages)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.apkg", "1.apkg", "again.apkg"]


def test_image_is_media_under_a_name_of_its_own(tmp_path: Path) -> None:
    for folder, data in ("a", b"\x89PNG one"), ("b", b"\x89PNG two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "图.png").write_bytes(data)
    cards = [replace(QUOTE, id=folder, front=folder, image=f"{folder}/图.png") for folder in "ab"]
    deck = Deck("图", tuple(cards), file=str(tmp_path / "deck.yaml"))
    anki.build([(deck, Lock())], words_of, tmp_path / "out.apkg")
    engine.add_package(tmp_path / "collection.anki2", tmp_path / "out.apkg")
    with engine.opened(tmp_path / "collection.anki2") as collection:
        assert not collection.media.check().missing
        assert not collection.media.check().unused
        stored = {path.read_bytes() for path in Path(collection.media.dir()).iterdir()}
    assert stored == {b"\x89PNG one", b"\x89PNG two"}


NASTY = [
    "<script>alert(1)</script><!--",
    "</div>&amp;&nbsp;<b>",
    "{{c1::甲}}{{FrontSide}}{{#Back}}",
    "}}甲{{",
    "[sound:a.mp3][anki:play:q:0][latex]x[/latex][$]x[/$]",
    "[[type:Back]]",
    "甲[jiǎ] 乙::丙",
    "\u202e甲\u2028乙\t丙\U0001f4a1",
]


@pytest.mark.parametrize("text", NASTY)
def test_text_comes_out_as_it_is(tmp_path: Path, text: str) -> None:
    cards: tuple[Card, ...] = (
        Card("q", front=text, back=text, source=f"{text}！", section=text, reverse=True),
        Card("l", front=text, items=(text, f"二{text}")),
        Card("c", cloze=f"{{{{甲::乙}}}}丙{text}"),
    )
    if "{{c1::" in text:
        cards = cards[:2]  # a hole that has a number is refused, see above
    anki.build([(Deck("甲", cards, Source(text, text)), Lock())], words_of, tmp_path / "out.apkg")
    engine.add_package(tmp_path / "collection.anki2", tmp_path / "out.apkg")
    with engine.opened(tmp_path / "collection.anki2") as collection:
        numbers = collection.find_cards("")
        assert len(numbers) == sum({"q": 2, "l": 3, "c": 1}[card.id] for card in cards)
        for card in map(collection.get_card, numbers):
            shown = card.render_output()
            for side, tags in (
                (shown.question_text, shown.question_av_tags),
                (shown.answer_text, shown.answer_av_tags),
            ):
                seen = html.unescape(re.sub(r"<rt>.*?</rt>|<[^>]*>", "", side))
                assert text in seen
                assert len(tags) <= 1
                assert "[[type:" not in side


def test_two_cards_of_one_id(tmp_path: Path) -> None:
    with pytest.raises(FlashgenError, match="in a deck of the same name"):
        anki.build([(Deck("甲", (QUOTE,)), Lock())] * 2, words_of, tmp_path / "o.apkg")


def models(package: Path, folder: Path) -> dict[str, Any]:
    with zipfile.ZipFile(package) as archive:
        archive.extract("collection.anki2", folder)
    connection = sqlite3.connect(folder / "collection.anki2")
    (text,) = connection.execute("select models from col").fetchone()
    connection.close()
    return dict(json.loads(text))


def test_note_types_are_frozen(tmp_path: Path) -> None:
    """Fields and templates may get other names, and nothing else: see docs/anki.md."""
    anki.build([(DECK, Lock())], words_of, tmp_path / "out.apkg")
    schema = [
        {
            "id": int(number),
            "cloze": bool(model["type"]),
            "fields": [[field["id"], field["name"]] for field in model["flds"]],
            "templates": [[template["id"], template["name"]] for template in model["tmpls"]],
        }
        for number, model in sorted(models(tmp_path / "out.apkg", tmp_path).items())
    ]
    assert schema == json.loads((CASES / "note-types.json").read_text())


def test_fields_are_written_as_in_the_first_release(tmp_path: Path) -> None:
    """Writing them in another way makes every note of every deck newer than what people changed in Anki."""
    (plan,) = anki.plan([(DECK, Lock())], words_of)
    written = {note.card.id: dict(zip(FIELDS[note.type], note.fields, strict=True)) for note in plan.notes}
    expected = json.loads((CASES / "fields.json").read_text(encoding="utf-8"))
    assert {card: {k: v for k, v in fields.items() if v} for card, fields in written.items()} == expected


def test_templates_change_with_their_time() -> None:
    """When this fails, raise anki.STYLED and write both to look.json."""
    (plan,) = anki.plan([(DECK, Lock())], words_of)
    look = {"styled": anki.STYLED, **{kind: stamp.hash for kind, stamp in sorted(plan.lock.types.items())}}
    assert look == json.loads((CASES / "look.json").read_text())
