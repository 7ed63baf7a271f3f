"""A whole book as a process: a deck file for each chapter, one package, and a run that was killed goes on."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sources
from anki_engine import add_package, opened
from test_cli import flashgen

from flashgen import deckfile, pipeline

RULE = "所谓承诺，就是向客户预借的信任，到期不还，利息比高利贷还凶。"  # the sample says it, and the last chapter again
AGAIN = f"{RULE}这句话我在墙上贴了八年。"
TITLES = ("自序", "第四章 把承诺写小一点", "价格：多少/怎么定？")
PREFACE = "所谓手艺，就是把别人不愿意做的小事做到没有人能挑出毛病。真正的学徒期不是三年，而是一辈子。"
PRICES = (
    "定价的本质是告诉客人你舍弃什么。价格一旦定下，就必须写在墙上，谁来都一样。"
    "任何一次配件的加价都不能超过百分之十五，超过了就由店里自己承担。"
    + "街上的铺子换了一家又一家，我常常坐在门口看他们装招牌。"
    * 20
)
SUMMARY = "记账的本质是替明天的自己省事。账要当天记，过夜就会忘，忘了的账都要店里自己承担。"
FOREWORD = "学徒的第一课是把地扫干净，第二课是把扫过的地再看一遍。"


def book() -> bytes:
    chapters = [
        ("封面", '<p><img src="cover.png" alt=""/></p>'),
        (TITLES[0], f"<h1>{TITLES[0]}</h1><p>{PREFACE}</p>"),
        (TITLES[1], sources.body()),
        (TITLES[2], f"<h1>{TITLES[2]}</h1><p>{PRICES}</p><p>{AGAIN}</p>"),
    ]
    nav = "".join(f'<li><a href="text/ch{n}.xhtml">{title}</a></li>' for n, title in enumerate(TITLES, 1))
    return sources.epub(chapters, nav=nav)


def decks(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.yaml"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("book")
    (folder / "修理铺.epub").write_bytes(book())
    done = flashgen("make", "修理铺.epub", folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return folder, done.stderr


def test_a_book_gives_a_deck_file_a_chapter_and_one_package_with_a_deck_below_its_own_for_each(
    made: tuple[Path, str], tmp_path: Path
) -> None:
    folder, said = made
    assert decks(folder / "修理铺") == [
        "01-自序.yaml",
        "02-第四章-把承诺写小一点.yaml",
        "03-价格：多少-怎么定？.yaml",
    ]
    add_package(tmp_path / "collection.anki2", folder / "修理铺.apkg")
    with opened(tmp_path / "collection.anki2") as collection:
        names = {deck.name for deck in collection.decks.all_names_and_ids()} - {"Default"}
        assert names == {"拐角修理", *(f"拐角修理::{n:02} {title}" for n, title in enumerate(TITLES, 1))}
        loaded = [deckfile.load(path)[0] for path in (folder / "修理铺").glob("*.yaml")]
        assert collection.note_count() == sum(len(deck.cards) for deck in loaded if deck)
    assert "修理铺.apkg" in said


def test_what_two_chapters_say_is_a_card_of_the_first_alone_and_the_run_says_so(
    made: tuple[Path, str],
) -> None:
    folder, said = made
    texts = {
        name: data.decode() for name, data in contents(folder / "修理铺").items() if name.endswith("yaml")
    }
    assert [name[:2] for name, text in texts.items() if "向客户预借的信任" in text] == ["02"]
    assert "百分之十五" in texts["03-价格：多少-怎么定？.yaml"]
    assert re.search("1 points? left out that another chapter makes", said)


def test_making_it_again_leaves_every_byte_and_says_so(made: tuple[Path, str]) -> None:
    folder, _ = made
    before = contents(folder / "修理铺"), (folder / "修理铺.apkg").read_bytes()
    done = flashgen("make", "修理铺.epub", folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("as it was") == 3
    assert (contents(folder / "修理铺"), (folder / "修理铺.apkg").read_bytes()) == before
    assert flashgen("build", "修理铺", "-o", "again.apkg", folder=folder).returncode == 0
    assert (folder / "again.apkg").read_bytes() == before[1]


def test_a_folder_can_be_checked_against_the_book(made: tuple[Path, str]) -> None:
    folder, _ = made
    done = flashgen("check", "修理铺", "--source", "修理铺.epub", folder=folder)
    assert done.returncode == 0, done.stderr
    wrong = folder / "修理铺" / "01-自序.yaml"
    kept = wrong.read_bytes()
    wrong.write_bytes(kept.replace(b"\n  source: ", "\n  source: 书里没有".encode(), 1))
    done = flashgen("check", "修理铺", "--source", "修理铺.epub", folder=folder)
    wrong.write_bytes(kept)
    assert done.returncode == 1
    assert "01-自序.yaml" in done.stdout


def test_review_finds_the_chapter_of_the_book_that_a_deck_is_of(
    made: tuple[Path, str], tmp_path: Path
) -> None:
    path = next((made[0] / "修理铺").glob("02-*.yaml"))
    deck, _ = deckfile.load(path)
    assert deck is not None
    around = pipeline.surroundings(path, made[0] / "修理铺.epub")
    card = next(card for card in deck.cards if "向客户预借的信任" in card.source)
    assert RULE in around(card)
    assert len(around(card)) > len(RULE)
    said = flashgen("review", path, "--source", "修理铺.epub", folder=made[0], text="").stderr
    assert "review needs a terminal" in said
    text = "deck: 试\ncards:\n- {id: a, front: 问？, back: 答。}\n"
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    done = flashgen("review", "own.yaml", "--source", made[0] / "修理铺.epub", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "own.yaml: no card says in its 'at' which chapter of 修理铺.epub this is" in done.stderr


def test_a_run_that_was_killed_goes_on_and_ends_as_one_that_was_not(
    made: tuple[Path, str], tmp_path: Path
) -> None:
    (tmp_path / "修理铺.epub").write_bytes(book())
    folder = tmp_path / "修理铺"
    run = subprocess.Popen(
        [sys.executable, "-m", "flashgen", "make", "修理铺.epub"], cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 60
    while not list(folder.glob("01-*.yaml")) and run.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert not (tmp_path / "修理铺.apkg").exists()
    for path in folder.glob(".*"):  # a file that was being written
        path.unlink()
    done = flashgen("make", "修理铺.epub", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert contents(folder) == contents(made[0] / "修理铺")
    assert (tmp_path / "修理铺.apkg").read_bytes() == (made[0] / "修理铺.apkg").read_bytes()


def test_edits_stay_when_the_book_changes_and_dropped_points_do_not_move_to_another_chapter(
    tmp_path: Path,
) -> None:
    (tmp_path / "b.epub").write_bytes(book())
    assert flashgen("extract", "b.epub", "-o", "decks", folder=tmp_path).returncode == 0
    path = tmp_path / "decks" / "02-第四章-把承诺写小一点.yaml"
    cards = path.read_text(encoding="utf-8").split("\n\n")
    dropped = next(card for card in cards if "向客户预借的信任" in card)
    edited = "\n\n".join([cards[0], cards[1] + "   # mine", *(card for card in cards[2:] if card != dropped)])
    path.write_text(edited, encoding="utf-8")
    new = "所谓加急费，就是客人替排在后面的人付的一笔补偿。"
    chapter = sources.epub(
        [
            (TITLES[0], f"<h1>{TITLES[0]}</h1><p>{PREFACE}</p>"),
            (TITLES[1], sources.body()),
            (TITLES[2], f"<h1>{TITLES[2]}</h1><p>{PRICES}</p><p>{AGAIN}</p><p>{new}</p>"),
        ]
    )
    (tmp_path / "b.epub").write_bytes(chapter)
    done = flashgen("make", "b.epub", "-o", "decks", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert path.read_text(encoding="utf-8") == edited
    last = (tmp_path / "decks" / "03-价格：多少-怎么定？.yaml").read_text(encoding="utf-8")
    assert "加急费" in last
    assert "向客户预借的信任" not in last
    assert "decks.apkg" in done.stderr


def test_a_book_with_more_chapters_or_other_titles_goes_on_with_its_deck_files(tmp_path: Path) -> None:
    (tmp_path / "b.epub").write_bytes(book())
    assert flashgen("make", "b.epub", folder=tmp_path).returncode == 0
    old, retitled, grown = (
        tmp_path / "b" / "02-第四章-把承诺写小一点.yaml",
        "第四章 承诺",
        [("注", "<p>好。</p>")] * 100,
    )
    for path in tmp_path.glob("b/02-*"):  # as a run before wrote it, of a book with few chapters
        path.rename(path.with_name(path.name[1:].replace("yaml", "yml")))
    old = old.with_name(old.name[1:]).with_suffix(".yml")
    text = old.read_text(encoding="utf-8").replace("::02 ", "::2 ")
    old.write_text(text, encoding="utf-8")
    before = decks(tmp_path / "b")
    chapter = sources.body().replace(TITLES[1], retitled)
    (tmp_path / "b.epub").write_bytes(
        sources.epub([(TITLES[0], f"<h1>{TITLES[0]}</h1><p>{PREFACE}</p>"), (retitled, chapter), *grown])
    )
    done = flashgen("make", "b.epub", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert decks(tmp_path / "b") == before
    assert old.read_text(encoding="utf-8") == text


def test_a_chapter_before_the_others_leaves_their_deck_files_to_them(tmp_path: Path) -> None:
    chapters = [(TITLES[0], f"<h1>{TITLES[0]}</h1><p>{PREFACE}</p>"), (TITLES[1], sources.body())]
    (tmp_path / "b.epub").write_bytes(sources.epub(chapters))
    assert flashgen("make", "b.epub", folder=tmp_path).returncode == 0
    before = contents(tmp_path / "b")
    first = ("推荐序", f"<h1>推荐序</h1><p>{PRICES}</p>")
    (tmp_path / "b.epub").write_bytes(sources.epub([first, *chapters]))
    for _ in range(2):
        done = flashgen("make", "b.epub", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert [name[:6] for name in decks(tmp_path / "b")] == ["01-推荐序", "01-自序.", "02-第四章"]
        now = contents(tmp_path / "b")
        assert {name: now[name] for name in before if name.endswith("yaml")} == {
            name: data for name, data in before.items() if name.endswith("yaml")
        }


def test_chapters_with_one_title_go_on_with_their_own_files_and_are_proved_by_them(tmp_path: Path) -> None:
    body = sources.body()
    chapters = [
        (TITLES[0], f"<h1>{TITLES[0]}</h1><p>{PREFACE}</p>"),
        ("小结", f"<h1>小结</h1><p>{PRICES}</p>"),
        (TITLES[1], body),
        ("小结", f"<h1>小结</h1><p>{SUMMARY}</p>"),
    ]
    (tmp_path / "b.epub").write_bytes(sources.epub(chapters))
    assert flashgen("make", "b.epub", folder=tmp_path).returncode == 0
    names = decks(tmp_path / "b")
    mine = "deck: 我的\ncards:\n- id: a\n  front: 问？\n  back: 答\n"
    (tmp_path / "b" / "my-推荐序.yaml").write_text(mine, encoding="utf-8")
    first = ("推荐序", f"<h1>推荐序</h1><p>{FOREWORD}</p>")
    (tmp_path / "b.epub").write_bytes(sources.epub([first, *chapters]))
    assert flashgen("make", "b.epub", folder=tmp_path).returncode == 0
    assert decks(tmp_path / "b") == sorted([*names, "01-推荐序.yaml", "my-推荐序.yaml"])
    assert (tmp_path / "b" / "my-推荐序.yaml").read_text(encoding="utf-8") == mine
    done = flashgen("check", *(f"b/{name}" for name in names), "--source", "b.epub", folder=tmp_path)
    assert done.returncode == 0, done.stdout


def test_the_cover_and_the_copyright_page_give_no_cards(tmp_path: Path) -> None:
    page = f"<h1>版权信息</h1><p>{PREFACE}</p>"
    (tmp_path / "b.epub").write_bytes(
        sources.epub([("版权信息", page), ("正文", page.replace("版权信息", "正文"))])
    )
    done = flashgen("extract", "b.epub", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert decks(tmp_path / "b") == ["02-正文.yaml"]
    assert "01-版权信息.yaml  left out" in done.stderr


def test_a_deck_file_cannot_hold_a_book(tmp_path: Path) -> None:
    (tmp_path / "b.epub").write_bytes(book())
    done = flashgen("make", "b.epub", "-o", "b.yaml", folder=tmp_path)
    assert done.returncode == 2
    assert "--chapter" in done.stderr
    assert decks(tmp_path) == []


def test_titles_become_names_that_every_system_has_place_for() -> None:
    from flashgen.pipeline import _file_name

    assert _file_name('a/b\\c:d*"e"<f>|g?') == "a-b-c-d-e-f-g"
    assert _file_name(" 第一章　钱. ") == "第一章-钱"
    assert _file_name("...") == "chapter"
    assert len(_file_name("长" * 300)) == 40
