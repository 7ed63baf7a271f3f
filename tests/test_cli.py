"""The command line as a process: what users type, see and find on disk."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import sources

from flashgen import cli, language, pipeline, read

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "decks" / "sample" / "small-promises.txt"
DAMAGED = SAMPLE.with_name("small-promises-damaged.txt")


def flashgen(*arguments: object, folder: Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LANG": "C.UTF-8", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    environment.pop("LC_ALL", None)
    return subprocess.run(
        [sys.executable, "-m", "flashgen", *map(str, arguments)],
        cwd=folder,
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
        timeout=120,
    )


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_make_writes_a_deck_file_and_a_package_and_says_what_is_in_them(tmp_path: Path) -> None:
    done = flashgen("make", SAMPLE, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert {"small-promises.yaml", "small-promises.lock", "small-promises.apkg"} <= set(files(tmp_path))
    assert "cards" in done.stderr
    assert "small-promises.apkg" in done.stderr
    checked = flashgen("check", "small-promises.yaml", "--source", SAMPLE, folder=tmp_path)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("source", [SAMPLE, DAMAGED], ids=lambda path: path.stem)
def test_the_same_input_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        assert flashgen("make", source, "-o", "deck.yaml", folder=tmp_path / name).returncode == 0
    first = files(tmp_path / "one")
    assert first == files(tmp_path / "two")
    assert flashgen("make", source, "-o", "deck.yaml", folder=tmp_path / "one").returncode == 0
    assert files(tmp_path / "one") == first


def test_a_hand_edit_survives_extracting_again_and_a_deleted_card_stays_away(tmp_path: Path) -> None:
    flashgen("extract", SAMPLE, "-o", "deck.yaml", folder=tmp_path)
    deck = tmp_path / "deck.yaml"
    cards = deck.read_text(encoding="utf-8").split("\n\n")
    edited = "\n\n".join([cards[0], cards[1] + "   # mine", *cards[3:]])
    deck.write_text(edited, encoding="utf-8")
    done = flashgen("extract", SAMPLE, "-o", "deck.yaml", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert deck.read_text(encoding="utf-8") == edited
    more = flashgen("extract", SAMPLE, "-o", "deck.yaml", "--cards", 30, "--dry-run", folder=tmp_path)
    assert more.returncode == 0, more.stderr
    assert deck.read_text(encoding="utf-8") == edited
    added = [line for line in more.stdout.splitlines() if line.startswith("+- id:")]
    removed = [
        line for line in more.stdout.splitlines() if line.startswith("-") and not line.startswith("---")
    ]
    assert added
    assert not removed


def test_nothing_of_the_page_around_a_damaged_text_is_on_a_card(tmp_path: Path) -> None:
    flashgen("extract", DAMAGED, "-o", "deck.yaml", folder=tmp_path)
    deck = (tmp_path / "deck.yaml").read_text(encoding="utf-8")
    gold = (ROOT / "tests" / "corpus" / "small-promises.jsonl").read_text(encoding="utf-8")
    junk = [record["text"] for record in map(json.loads, gold.splitlines()) if record["tier"] == "junk"]
    assert junk
    assert [text for text in junk if text in deck] == []


@pytest.mark.parametrize(
    ("content", "status", "word"),
    [
        (b"", 1, "empty"),
        (bytes(range(256)) * 40, 1, "not a text file"),
        (b"Nothing but English.", 1, "no Chinese"),
        ("好。".encode(), 1, "nothing that could be a card"),
        (None, 2, "no such file"),
    ],
    ids=["empty", "binary", "english", "tiny", "missing"],
)
def test_a_source_that_is_none_gives_one_clear_line_and_writes_nothing(
    content: bytes | None, status: int, word: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "chapter.txt").write_bytes(content)
    before = files(tmp_path)
    done = flashgen("make", "chapter.txt", folder=tmp_path)
    assert done.returncode == status
    assert word in done.stderr
    assert done.stderr.count("\n") == 1
    assert files(tmp_path) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in its folders")
def test_a_pipe_is_a_source(tmp_path: Path) -> None:
    assert flashgen("extract", SAMPLE, "-o", "file.yaml", folder=tmp_path).returncode == 0
    wanted, text = (tmp_path / "file.yaml").read_text(encoding="utf-8"), SAMPLE.read_text(encoding="utf-8")
    done = flashgen("extract", "/dev/stdin", "-o", "pipe.yaml", folder=tmp_path, text=text)
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "pipe.yaml").read_text(encoding="utf-8")
    assert made.split("cards:")[1] == wanted.split("cards:")[1]
    done = flashgen("check", "file.yaml", "--source", "/dev/stdin", folder=tmp_path, text=text)
    assert done.returncode == 0, done.stderr


def test_a_folder_is_no_source_and_no_output(tmp_path: Path) -> None:
    assert flashgen("make", tmp_path, folder=tmp_path).returncode == 2
    (tmp_path / "deck.yaml").mkdir()
    done = flashgen("make", SAMPLE, "-o", "deck.yaml", folder=tmp_path)
    assert done.returncode == 2
    assert "folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["deck.yaml"]


def test_two_decks_never_share_a_lock(tmp_path: Path) -> None:
    for tongue, said in (
        ("en", "ch.1: a deck file's name ends in .yaml"),
        ("zh", "ch.1：卡组文件的名字要以"),
    ):
        for command in ("make", "extract"):
            done = flashgen("--lang", tongue, command, SAMPLE, "-o", "ch.1", folder=tmp_path)
            assert (done.returncode, files(tmp_path)) == (2, {})
            assert said in done.stderr
    assert flashgen("extract", SAMPLE, "-o", "ch.1.yml", folder=tmp_path).returncode == 0
    (tmp_path / "ch.1.yml").rename(tmp_path / "ch.1")
    before = files(tmp_path)
    for command in ("build", "check", "status", "review"):
        done = flashgen(command, "ch.1", folder=tmp_path)
        assert (done.returncode, files(tmp_path)) == (1, before)
        assert "ch.1: a deck file's name ends in .yaml or .yml; rename it" in done.stdout + done.stderr


def test_check_tells_every_slip_with_its_place(tmp_path: Path) -> None:
    deck = tmp_path / "deck.yaml"
    deck.write_text(
        "deck: 试\ncards:\n- id: a\n  frnt: 为什么？\n  back: 因为。\n- id: a\n  cloze: 没有空。\n",
        encoding="utf-8",
    )
    done = flashgen("check", "deck.yaml", folder=tmp_path)
    assert done.returncode == 1
    assert "deck.yaml:4:3: " in done.stdout
    assert "'front'" in done.stdout
    assert "deck.yaml:6:" in done.stdout
    assert "deck.yaml:7:" in done.stdout
    told = flashgen("check", "deck.yaml", "--json", folder=tmp_path).stdout.splitlines()
    assert {json.loads(line)["line"] for line in told} >= {4, 6, 7}
    chinese = flashgen("--lang", "zh", "check", "deck.yaml", folder=tmp_path)
    assert "deck.yaml:4:3: " in chinese.stdout
    assert chinese.stdout != done.stdout


def test_a_deck_with_slips_is_not_built_and_the_old_package_stays(tmp_path: Path) -> None:
    flashgen("make", SAMPLE, "-o", "deck.yaml", folder=tmp_path)
    deck = tmp_path / "deck.yaml"
    deck.write_text(deck.read_text(encoding="utf-8").replace("- id:", "- idd:", 1), encoding="utf-8")
    before = files(tmp_path)
    done = flashgen("build", "deck.yaml", folder=tmp_path)
    assert done.returncode == 1
    assert "deck.yaml:" in done.stderr
    assert files(tmp_path) == before


def test_a_quotation_that_is_not_the_sources_is_caught(tmp_path: Path) -> None:
    flashgen("extract", SAMPLE, "-o", "deck.yaml", folder=tmp_path)
    deck = tmp_path / "deck.yaml"
    lines = deck.read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("  source: "))
    lines[at] = "  source: 这一句是谁也没有说过的。"
    deck.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = flashgen("check", "deck.yaml", "--source", SAMPLE, folder=tmp_path)
    assert done.returncode == 1
    assert f"deck.yaml:{at + 1}:" in done.stdout


def test_status_after_an_edit_names_the_changed_card(tmp_path: Path) -> None:
    flashgen("make", SAMPLE, "-o", "deck.yaml", folder=tmp_path)
    deck = tmp_path / "deck.yaml"
    text = deck.read_text(encoding="utf-8")
    first = text.split("- id: ")[1].split("\n")[0]
    deck.write_text(text.replace("  section:", "  section: 改过的", 1), encoding="utf-8")
    before = files(tmp_path)
    told = json.loads(flashgen("status", "deck.yaml", "--json", folder=tmp_path).stdout)
    assert told["changed"] == [first]
    assert told["new"] == []
    assert files(tmp_path) == before


def test_check_refuses_a_lock_that_build_refuses(tmp_path: Path) -> None:
    (tmp_path / "deck.yaml").write_text(
        "deck: 试\ncards:\n- {id: a, front: 问？, back: 答。}\n", encoding="utf-8"
    )
    (tmp_path / "deck.lock").write_text("garbage\n", encoding="utf-8")
    checked, built = (flashgen(command, "deck.yaml", folder=tmp_path) for command in ("check", "build"))
    assert (checked.returncode, built.returncode) == (1, 1)
    assert checked.stdout == built.stderr
    assert "deck.lock:1:1: this line is no part of a lock file" in checked.stdout


def test_an_id_is_the_same_in_either_form_of_its_letters(tmp_path: Path) -> None:
    deck, lock, name = tmp_path / "deck.yaml", tmp_path / "deck.lock", "maolilü"
    for form in ("NFD", "NFC"):
        text = unicodedata.normalize(form, "deck: 试\ncards:\n- {id: maolilü, front: 问？, back: 答。}\n")
        deck.write_text(text, encoding="utf-8")
        built = flashgen("build", "deck.yaml", folder=tmp_path).stderr
        assert ("0 new, 0 changed, 1 unchanged" in built) == (form == "NFC"), built
    kept = lock.read_text(encoding="utf-8")
    lock.write_text(kept.replace(name, unicodedata.normalize("NFD", name)), encoding="utf-8")
    assert "试  0 new, 0 changed, 1 unchanged" in flashgen("build", "deck.yaml", folder=tmp_path).stderr
    assert lock.read_text(encoding="utf-8") == kept


@pytest.mark.parametrize("name", ['x"y', "甲::", " "])
def test_a_deck_s_name_that_check_refuses_is_wrong_usage(name: str, tmp_path: Path) -> None:
    text = f"deck: {json.dumps(name)}\ncards:\n- {{id: a, front: 问？, back: 答。}}\n"
    (tmp_path / "deck.yaml").write_text(text, encoding="utf-8")
    for tongue, before in (("en", "error: argument --deck: "), ("zh", "错误: --deck：")):
        checked = flashgen("--lang", tongue, "check", "deck.yaml", folder=tmp_path)
        done = flashgen("--lang", tongue, "make", SAMPLE, "--deck", name, folder=tmp_path)
        assert (checked.returncode, done.returncode) == (1, 2)
        assert done.stderr.strip().rpartition(before)[2] in checked.stdout
    assert [*files(tmp_path)] == ["deck.yaml"]


def test_a_deck_that_is_named_twice_is_taken_once(tmp_path: Path) -> None:
    (tmp_path / "deck.yaml").write_text(
        "deck: 试\ncards:\n- {id: a, front: 问？, back: 答。}\n", encoding="utf-8"
    )
    again = tmp_path / "deck.yaml"
    assert flashgen("check", "deck.yaml", again, ".", folder=tmp_path).stderr.startswith("1 card,")
    built = flashgen("build", "deck.yaml", again, folder=tmp_path)
    assert (built.returncode, built.stderr.count("1 new")) == (0, 1)
    (tmp_path / "empty").mkdir()
    said = flashgen("build", "empty", folder=tmp_path)
    assert (said.returncode, said.stderr.partition(";")[0]) == (1, "empty: this folder holds no deck file")


def test_status_without_a_lock_tells_what_a_build_does(tmp_path: Path) -> None:
    (tmp_path / "my.book").mkdir()
    for name in ("one", "two"):
        (tmp_path / "my.book" / f"{name}.yaml").write_text(
            f"deck: {name}\ncards:\n- {{id: a, front: 问？, back: 答。}}\n", encoding="utf-8"
        )
    for where, command in (
        (tmp_path, "my.book"),
        (tmp_path / "my.book", "."),
        (tmp_path, "my.book/two.yaml"),
    ):
        assert flashgen("build", command, folder=where).returncode == 0
        (tmp_path / "my.book" / "two.lock").unlink()
        told = [flashgen(what, command, folder=where) for what in ("status", "build")]
        assert "two  0 new, 0 changed, 1 unchanged" in told[0].stdout
        assert "two  0 new, 0 changed, 1 unchanged" in told[1].stderr


def test_pinyin_of_lines(tmp_path: Path) -> None:
    done = flashgen("pinyin", "--json", folder=tmp_path, text="银行行长。\n再见\n")
    first, second = map(json.loads, done.stdout.splitlines())
    assert [pair for pair in first if pair[1]] == [
        ["银", "yín"],
        ["行", "háng"],
        ["行", "háng"],
        ["长", "zhǎng"],
    ]
    assert [syllable for _, syllable in second] == ["zài", "jiàn"]
    assert flashgen("pinyin", "感动人心", folder=tmp_path).stdout == "Gǎndòng rénxīn\n"


def test_output_is_utf8_wherever_it_goes(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flashgen", "pinyin", "--json", "𠮷日"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        check=True,
        cwd=tmp_path,
    )
    assert json.loads(done.stdout.decode("utf-8"))[-1] == ["日", "rì"]


@pytest.mark.parametrize(
    "command", ["make", "extract", "build", "check", "review", "preview", "status", "pinyin"]
)
def test_every_command_has_help_with_examples(command: str, tmp_path: Path) -> None:
    done = flashgen(command, "--help", folder=tmp_path)
    assert done.returncode == 0
    assert f"  flashgen {command} " in done.stdout


def test_help_loads_hardly_more_than_argparse() -> None:
    def loaded(code: str) -> set[str]:
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}\nexcept SystemExit: pass\nprint(*sys.modules)"
        command = [sys.executable, "-I", "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
        return set(done.stdout.splitlines()[-1].split())

    bare = loaded("import argparse\ntry: argparse.ArgumentParser().parse_args(['--help'])")
    ours = loaded("from flashgen.cli import main\ntry: main(['--help'])")
    assert {name for name in ours - bare if name.startswith("flashgen")} == {
        "flashgen",
        "flashgen.arguments",
        "flashgen.cli",
        "flashgen.language",
    }
    assert not {"json", "dataclasses", "typing", "pathlib"} & (ours - bare)


def test_help_and_check_load_none_of_the_heavy_libraries(tmp_path: Path) -> None:
    (tmp_path / "deck.yaml").write_text(
        "deck: 试\ncards:\n- {id: a, front: 问？, back: 答。}\n", encoding="utf-8"
    )
    for arguments in (["--help"], ["check", "deck.yaml"]):
        code = (
            f"import sys\nfrom flashgen.cli import main\ntry: main({arguments!r})\nexcept SystemExit: pass\n"
        )
        code += "heavy = ('numpy', 'genanki', 'rich', 'charset_normalizer')\n"
        code += "print([name for name in heavy if name in sys.modules])"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            encoding="utf-8",
        )
        assert done.stdout.splitlines()[-1] == "[]", arguments


def test_it_speaks_chinese_where_asked(tmp_path: Path) -> None:
    said = flashgen("--lang", "zh", "make", SAMPLE, "--cards", "3", folder=tmp_path).stderr
    assert "张卡片" in said
    assert "改好后运行：flashgen build small-promises.yaml" in said
    built = flashgen("build", "small-promises.yaml", "--lang", "zh", folder=tmp_path)
    assert "新增 0，改动 0，不变 3" in built.stderr
    wrong = {
        ("build",): "还缺：DECK.yaml",
        ("frobnicate",): "COMMAND 不能是 'frobnicate'",
        ("make", "x.txt", "--cards", "0"): "“0”不是 1 以上的数字",
        ("extract", "none.txt"): "none.txt：没有这个文件",
        ("check", "--unknown", "x.yaml"): "不认识的参数：--unknown",
    }
    for arguments, message in wrong.items():
        done = flashgen("--lang", "zh", *arguments, folder=tmp_path)
        assert done.returncode == 2, arguments
        assert message in done.stderr


def test_what_it_is_doing_is_told_in_chinese_too(tmp_path: Path) -> None:
    steps: list[str] = []
    language.speak("zh")
    try:
        made = pipeline.extract(SAMPLE, tell=steps.append)
        pipeline.write_deck(made, tmp_path / "deck.yaml")
        pipeline.build([tmp_path / "deck.yaml"], tmp_path / "deck.apkg", tell=steps.append)
        (tmp_path / "b.epub").write_bytes(sources.epub([("一", "<p>好。</p>"), ("二", sources.body())]))
        book = read.whole_book(tmp_path / "b.epub")
        assert book
        [*pipeline.make_book(book, tmp_path / "b.epub", tmp_path / "b", dry_run=True, tell=steps.append)]
    finally:
        language.speak("en")
    assert "第 2/2 章，二: 注音" in steps
    assert [step for step in steps if re.search("[a-z]", step)] == []
    said = flashgen("--lang", "zh", "extract", "-", "-o", "x.yaml", folder=tmp_path, text="")
    assert said.stderr.startswith("标准输入: 是空的")


@pytest.mark.parametrize("name", ["notes.txt", "deck.lock", "flashgen.schema.json", "-"])
def test_a_package_takes_no_other_files_place(name: str, tmp_path: Path) -> None:
    flashgen("make", SAMPLE, "-o", "deck.yaml", folder=tmp_path)
    (tmp_path / "notes.txt").write_text("别的东西。\n", encoding="utf-8")
    before = files(tmp_path)
    for command in (("build", "deck.yaml", "-o", name), ("make", SAMPLE, "-o", "deck.yaml", "--apkg", name)):
        done = flashgen(*command, folder=tmp_path)
        assert done.returncode == 2, done.stderr
        assert name in done.stderr
        assert files(tmp_path) == before


def test_a_deck_made_from_another_text_is_left_alone(tmp_path: Path) -> None:
    flashgen("make", SAMPLE, "-o", "deck.yaml", folder=tmp_path)
    (tmp_path / "other.txt").write_text("木匠\n所谓手艺，就是一把刨子用上三十年。\n", encoding="utf-8")
    before = files(tmp_path)
    done = flashgen("make", "other.txt", "-o", "deck.yaml", folder=tmp_path)
    assert done.returncode == 1
    assert "another text than other.txt" in done.stderr
    assert files(tmp_path) == before
    checked = flashgen("check", "deck.yaml", "--source", "other.txt", folder=tmp_path)
    assert "hardly any of its cards quotes other.txt" in checked.stdout
    assert checked.stderr == "25 cards, 1 problem, 2 warnings\n"


def test_make_tells_what_an_import_leaves_behind_and_that_a_deck_keeps_its_name(tmp_path: Path) -> None:
    flashgen("make", SAMPLE, "-o", "deck.yaml", folder=tmp_path)
    deck = tmp_path / "deck.yaml"
    head, *cards = re.split(r"(?m)^(?=- id: )", deck.read_text(encoding="utf-8"))
    deck.write_text(re.sub("(?m)^deck: .*", "deck: 小店", head) + "".join(cards[1:]), encoding="utf-8")
    gone = cards[0].split("\n")[0].removeprefix("- id: ")
    said = flashgen("make", SAMPLE, "-o", "deck.yaml", "--deck", "大店", folder=tmp_path).stderr
    assert "still 小店" in said
    assert "renamed" in said
    assert re.search(rf"retired +{gone}; find them in Anki", said)
    assert f"    {gone}: " not in said  # no reading of a card that is gone is to be looked at


def test_cards_of_one_id_in_two_files_of_one_deck_are_told_before_a_build(tmp_path: Path) -> None:
    text = "deck: 试\ncards:\n- id: a\n  front: 问？\n  back: 答。\n"
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = flashgen("check", "one.yaml", "two.yaml", folder=tmp_path)
    assert done.returncode == 1
    assert "two.yaml:3:3: card 'a' is in one.yaml:3:3 too" in done.stdout


@pytest.mark.parametrize("name", ["missing.yaml", "folder"])
def test_review_says_what_is_wrong_with_its_file_as_the_others_do(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    said = [flashgen(command, name, folder=tmp_path) for command in ("review", "build")]
    assert said[0].stderr == said[1].stderr
    assert (said[0].returncode, said[0].stdout) == (1, "")


def test_a_package_takes_the_place_of_no_other_archive(tmp_path: Path) -> None:
    (tmp_path / "deck.yaml").write_text(
        "deck: 试\ncards:\n- {id: a, front: 问？, back: 答。}\n", encoding="utf-8"
    )
    with zipfile.ZipFile(tmp_path / "report.docx", "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    before = (tmp_path / "report.docx").read_bytes()
    done = flashgen("build", "deck.yaml", "-o", "report.docx", folder=tmp_path)
    assert (done.returncode, (tmp_path / "report.docx").read_bytes()) == (2, before)
    for _ in range(2):  # a package of ours is built again
        assert flashgen("build", "deck.yaml", folder=tmp_path).returncode == 0


def test_a_build_tells_twenty_warnings_and_check_all(tmp_path: Path) -> None:
    cards = "".join(f"- id: c{n}\n  front: 守信用的关键是什么？\n  back: 说到做到\n" for n in range(30))
    (tmp_path / "deck.yaml").write_text(f"deck: d\ncards:\n{cards}", encoding="utf-8")
    built = flashgen("build", "deck.yaml", folder=tmp_path).stderr.splitlines()
    assert sum("warning: " in line for line in built) == 20
    assert "and 9 warnings more: flashgen check lists them all" in built
    checked = flashgen("check", "deck.yaml", folder=tmp_path).stdout.splitlines()
    assert sum("warning: " in line for line in checked) == 29


def test_build_writes_beside_the_deck_and_takes_a_folder_of_either_ending(tmp_path: Path) -> None:
    (tmp_path / "my decks").mkdir()
    flashgen("extract", SAMPLE, "-o", "my decks/ch 8.yaml", folder=tmp_path)
    (tmp_path / "my decks" / "b.yml").write_text(
        "deck: 试\ncards:\n- id: a\n  front: 问？\n  back: 答。\n", encoding="utf-8"
    )
    flashgen("build", "my decks/ch 8.yaml", folder=tmp_path)
    assert (tmp_path / "my decks" / "ch 8.apkg").is_file()
    told = flashgen("build", "my decks", folder=tmp_path).stderr
    assert "\n26  cards" in told
    assert (tmp_path / "my decks.apkg").is_file()
    assert "flashgen build 'ch 8.yaml'" in (tmp_path / "my decks" / "ch 8.yaml").read_text(encoding="utf-8")


def test_pinyin_of_lines_in_any_encoding(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        done = subprocess.run(
            [sys.executable, "-m", "flashgen", "pinyin", "-"],
            input="我们去银行。\r\n\r\n他长大了。\r\n".encode(encoding),
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=True,
        )
        assert done.stdout.decode().splitlines() == ["Wǒmen qù yínháng.", "", "Tā zhǎngdà le."]
    assert flashgen("pinyin", folder=tmp_path, text="\n").stdout == "\n"
    assert flashgen("pinyin", "--sandhi", "--json", "不错", folder=tmp_path).stdout.startswith(
        '[["不", "bú"]'
    )


@pytest.mark.parametrize(
    "command",
    [
        *(("pinyin", "--write", "deck.yaml", more) for more in ("好", "--json", "--sandhi", "--lexical")),
        *((command, "b.epub", "--list", "--cards", "5") for command in ("make", "extract")),
        *(
            ("make", "b.epub", "--list", *more)
            for more in (("-o", "x.yaml"), ("--explain",), ("--chapter", "1"))
        ),
        ("make", "b.epub", "--list", "--apkg", "x.apkg"),
    ],
    ids=" ".join,
)
def test_an_option_that_would_do_nothing_is_wrong_usage(command: Sequence[str], tmp_path: Path) -> None:
    text = "deck: 试\ncards:\n- {id: a, front: 问？, back: 答。}\n"
    (tmp_path / "deck.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "b.epub").write_bytes(sources.epub([("一", sources.body())]))
    before = files(tmp_path)
    for tongue, said in (("en", "leave out the "), ("zh", "请不要再写")):
        done = flashgen("--lang", tongue, *command, folder=tmp_path)
        assert (done.returncode, done.stdout, files(tmp_path)) == (2, "", before)
        assert said in done.stderr
    listed = flashgen("--lang", "zh", "make", "--list", "b.epub", folder=tmp_path)
    assert (listed.returncode, listed.stdout) == (0, "   1  一\n")


def test_a_slip_of_our_own_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def slip(_: object) -> int:
        raise RuntimeError("坏了")

    monkeypatch.setitem(cli.COMMANDS, "schema", slip)
    monkeypatch.delenv("FLASHGEN_TRACE", raising=False)
    assert cli.main(["--lang", "en", "schema"]) == 1
    assert re.fullmatch(r"flashgen: [^\n]*RuntimeError: 坏了[^\n]*\n", capsys.readouterr().err)


def test_a_file_name_that_is_no_text(tmp_path: Path) -> None:
    source = os.fsencode(tmp_path) + b"/\xe4\xb8.txt"
    try:
        Path(os.fsdecode(source)).write_bytes(Path(SAMPLE).read_bytes())
    except OSError:
        pytest.skip("this file system wants names that are text")
    done = flashgen("make", os.fsdecode(source), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert any(name.endswith(".apkg") for name in files(tmp_path))
