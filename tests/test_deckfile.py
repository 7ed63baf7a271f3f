"""The deck file: broken ones with what each must be told, texts of every kind written and read back."""

from __future__ import annotations

import ast
import random
import re
import string
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flashgen import deckfile, deckyaml, language, messages, pipeline
from flashgen.deckcheck import HANZI
from flashgen.problems import Place, Problem
from flashgen.records import KINDS, Card, Deck, Source

CASES = Path(__file__).parent / "cases" / "deckfile"
SLIPS = sorted(CASES.glob("*.yaml"))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    language.speak("en")
    yield
    language.speak("en")


def slips(path: Path) -> list[Problem]:
    """Return all that `flashgen check` finds in a deck file."""
    deck, problems = deckfile.load(path)
    return problems + pipeline.check([deck] if deck else [])


def told(path: Path) -> str:
    """Return the problems of a deck file as a case's .txt holds them."""
    problems = slips(path)
    return "".join(str(problem).removeprefix(str(path)).lstrip(": ") + "\n" for problem in problems)


@pytest.mark.parametrize("path", SLIPS, ids=lambda path: path.stem)
def test_each_slip_is_told_where_it_is_and_what_to_do(path: Path) -> None:
    english = told(path)
    language.speak("zh")
    assert f"{english}\n{told(path)}" == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_there_are_enough_slips() -> None:
    assert len(SLIPS) >= 60
    codes = {problem.code for path in SLIPS for problem in slips(path)}
    # The rest need a source, or a file that is missing, unreadable, huge, half read, or broken in no known way.
    others = {
        "no-file",
        "folder",
        "empty-folder",
        "ending",
        "twin",
        "unreadable",
        "too-big",
        "yaml",
        "flow-cards",
        "no-place",
    }
    others |= {"no-chapter", "no-source", "not-in-source", "not-quoted", "not-of-source", "comment-lost"}
    others |= {
        "nothing",
        "other-text",
        "id-elsewhere",
        "lock-unreadable",
        "lock-later",
        "lock-line",
        "unwritable",
    }
    others |= {"no-templates", "template-missing", "template-loop", "template-unreadable"}
    others |= {"near-field", "unknown-field", "unheeded", "not-previewed"}
    assert set(messages.MESSAGES) - codes <= others


@pytest.mark.parametrize("code", messages.MESSAGES)
def test_a_message_says_the_same_in_both_languages(code: str) -> None:
    message = messages.MESSAGES[code]
    names = [sorted(re.findall(r"(?<!{){(\w+)", " ".join(texts))) for texts in (message.en, message.zh)]
    assert set(names[0]) == set(names[1])
    assert HANZI.search(message.zh[0])
    assert HANZI.search(message.zh[1])
    assert not HANZI.search(re.sub(r"开市客|定价|管理", "", " ".join(message.en)))


@pytest.mark.parametrize(
    ("environ", "tongue"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh"),
        ({"LC_ALL": "", "LANG": "zh_HK.UTF-8"}, "zh"),
    ],
)
def test_the_locale_chooses_the_language(environ: dict[str, str], tongue: str) -> None:
    assert language.language_of(environ) == tongue


def test_scalars_stay_as_they_are_written_and_know_their_place() -> None:
    text = (
        "deck: 007\n"
        "cards:\n"
        "- id: 1.10\n"
        "  front: 12:30\n"
        "  back: no\n"
        "- id: b\n"
        "  front: 'two'\n"
        "  items:\n"
        "  - 2024-01-01\n"
        "  - ~\n"
        "  pinyin:\n"
        "  - èr\n"
        "  - ''\n"
    )
    deck, problems = deckfile.parse(text, "d.yaml")
    assert problems == []
    assert deck is not None
    assert deck.name == "007"
    first, second = deck.cards
    assert (first.id, first.front, first.back) == ("1.10", "12:30", "no")
    assert second.items == ("2024-01-01", "~")
    assert second.pinyin == ("èr", "")
    places = {key: (place.line, place.column) for key, place in second.places.items()}
    assert places["front"] == (7, 10)
    assert places["items.1"] == (10, 5)
    assert places["pinyin.0"] == (12, 5)
    assert second.place == Place("d.yaml", 6, 3)


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    text = "deck: d\ncards:\n- id: a\n  front: 问\n  back: |-\n    一\n    二\n"
    plain, windows = tmp_path / "a.yaml", tmp_path / "b.yaml"
    plain.write_bytes(text.encode())
    windows.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    decks = [deckfile.load(path) for path in (plain, windows)]
    assert [problems for _, problems in decks] == [[], []]
    assert decks[0][0] is not None
    assert decks[1][0] is not None
    assert decks[0][0].cards == decks[1][0].cards
    assert decks[0][0].cards[0].back == "一\n二"


def test_files_that_are_none(tmp_path: Path) -> None:
    assert deckfile.load(tmp_path)[1][0].code == "empty-folder"
    assert deckfile.load(tmp_path / "none.yaml")[1][0].code == "no-file"
    for name in ("two.yaml", "two.yml"):
        (tmp_path / name).write_text("deck: 试\n", encoding="utf-8")
    assert deckfile.load(tmp_path)[1][0].code == "folder"
    assert deckfile.load(tmp_path / "two.yml")[1][0].code == "twin"
    (tmp_path / "deck.1").write_text("deck: 试\n", encoding="utf-8")
    assert [problem.code for problem in deckfile.load(tmp_path / "deck.1")[1]] == ["ending"]
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as file:
        file.truncate(deckfile.MAX_BYTES + 1)
    assert [problem.code for problem in deckfile.load(huge)[1]] == ["too-big"]


def test_every_broken_card_is_told_in_one_go() -> None:
    cards = "".join(f"- id: c{n}\n  front：问{n}\n  back: 答\n" for n in range(12))
    deck, problems = deckfile.parse("deck: d\ncards:\n" + cards, "d.yaml")
    assert deck is None
    assert [(problem.code, problem.place.line) for problem in problems] == [
        ("wide-colon", 4 + 3 * n) for n in range(12)
    ]


def test_a_broken_file_is_told_without_libyaml_too(monkeypatch: pytest.MonkeyPatch) -> None:
    slips = [path for path in SLIPS if path.stem != "tab-in-text"]  # the only case where the parsers differ
    fast = [deckfile.load(path)[1] for path in slips]
    monkeypatch.setattr(deckyaml, "_Loader", yaml.BaseLoader)
    slow = [deckfile.load(path)[1] for path in slips]
    assert slow == fast


# --- Writing ---

NASTY = [
    *("no", "1.10", "12:30", "007", "~", "null", "=", "<<", "0x1F", "1e3", ".inf", "2024-01-01", "---"),
    *("- a", "? a", ": a", "a: b", "a:", "a #b", "#a", "{{14%}}是", "{a}", "[a]", "&a", "*a", "!a", "|", ">"),
    *("%a", "@a", "`a", "'", '"', "''", "a'b", "'a'", '"a"', "\\", "a\\nb", "“引”", " a", "a ", "\u3000a"),
    *("a\nb", "a\n", "\na", "a\n\nb", "a\n b", " a\nb", "a \nb", "a\r\nb", "a\tb", "\ta", "\x85", "\u2028"),
    *("# 标题\n- 一", "a\n#b", "：", "，", "😀", "𠮷", "e\u0301", "a, b", "a]b", "http://a/b?c=d#e", "C#"),
    *("A::B", "...", "\ufeff", "\xa0"),
]  # fmt: skip
ALPHABET = "甲乙丙，。“”：！ab1'\"\\ \t\n\r#:-,{}[]&*!|>%@`?~\u3000\xa0\u2028\x85\ufeff\x00\x1b😀"
texts = (
    st.sampled_from(NASTY)
    | st.text(st.sampled_from(ALPHABET), max_size=12)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
)
somes = texts.filter(bool)
ids = st.text(st.sampled_from(string.ascii_letters + string.digits + "-_.甲ü"), min_size=1, max_size=8)


@st.composite
def cards(draw: st.DrawFn, key: st.SearchStrategy[str] = ids) -> Card:
    shape = draw(st.sampled_from(["back", "cloze", "items"]))
    items = draw(st.lists(texts, min_size=1, max_size=3)) if shape == "items" else []
    return Card(
        id=draw(key),
        kind=draw(st.sampled_from(KINDS)),
        front="" if shape == "cloze" else draw(somes),
        back=draw(somes) if shape == "back" else "",
        cloze=draw(somes) if shape == "cloze" else "",
        items=tuple(items),
        pinyin=tuple(draw(st.lists(somes, max_size=3 if items else 1))),
        source=draw(texts),
        section=draw(texts),
        at=draw(st.sampled_from(["", "1:2", "12:30", "1:873"])),
        tags=tuple(draw(st.lists(texts, max_size=3))),
        image=draw(texts),
        reverse=draw(st.booleans()),
        typed=draw(st.booleans()),
    )


@st.composite
def decks(draw: st.DrawFn) -> Deck:
    return Deck(
        name=draw(somes),
        cards=tuple(draw(st.lists(cards(), max_size=3))),
        source=Source(draw(texts), draw(texts), draw(texts)),
        readings=draw(st.dictionaries(somes, texts, max_size=2)),
        reverse=draw(st.booleans()),
        typed=draw(st.booleans()),
        file="d.yaml",
    )


@settings(max_examples=400, deadline=None)
@given(decks(), st.lists(texts, max_size=2))
def test_what_is_written_is_read_back(deck: Deck, header: list[str]) -> None:
    text = deckfile.dump(deck, header=header)
    again, problems = deckfile.parse(text, "d.yaml")
    assert again == deck, [str(problem) for problem in problems]
    assert deckfile.dump(again, header=header) == text


@settings(max_examples=200, deadline=None)
@given(texts)
def test_every_yaml_reader_sees_the_same_text(text: str) -> None:
    deck = Deck("d", (Card("a", front="q", back=text or "x", tags=(text,)),), readings={text or "x": text})
    found = yaml.safe_load(deckfile.dump(deck))
    assert found["cards"][0]["back"] == (text or "x")
    assert found["cards"][0]["tags"] == [text]
    assert found["readings"] == {text or "x": text}


def test_a_deck_file_reads_well() -> None:
    deck = Deck(
        "小店::第一章",
        (
            Card("hao", "quote", "什么是好？", "省心", pinyin=("shěngxīn",), at="1:45", tags=("好", "A B")),
            Card("honxian", "figure", cloze="{{5%}}是红线: 不能过。"),
            Card("san", "rules", "哪两条？", items=("先看 #1", "再看\n第二行"), pinyin=("xiān kàn", "")),
        ),
        Source("第一章", "张三, 李四", "ch1.txt"),
        {"开市客": "Kāishìkè"},
    )  # fmt: skip
    assert deckfile.dump(deck, header=["Made from ch1.txt."]) == (
        "# yaml-language-server: $schema=flashgen.schema.json\n"
        "# Made from ch1.txt.\n"
        "deck: 小店::第一章\n"
        "source: {title: 第一章, author: '张三, 李四', file: ch1.txt}\n"
        "readings:\n"
        "  开市客: Kāishìkè\n"
        "cards:\n"
        "- id: hao\n"
        "  kind: quote\n"
        "  front: 什么是好？\n"
        "  back: 省心\n"
        "  pinyin: shěngxīn\n"
        "  at: 1:45\n"
        "  tags: [好, A B]\n"
        "\n"
        "- id: honxian\n"
        "  kind: figure\n"
        "  cloze: '{{5%}}是红线: 不能过。'\n"
        "\n"
        "- id: san\n"
        "  kind: rules\n"
        "  front: 哪两条？\n"
        "  items:\n"
        "  - '先看 #1'\n"
        "  - |-\n"
        "    再看\n"
        "    第二行\n"
        "  pinyin:\n"
        "  - xiān kàn\n"
        "  - ''\n"
    )


# --- Anything at all ---


def mutant(rng: random.Random, text: str) -> str:
    """Return a deck file's text after one to six careless edits."""
    signs = "\t\n\r #:-'\"{}[]&*!|>%@`?,，：　\x00\x07\u2028\ufeff<=~…甲a1"
    for _ in range(rng.randint(1, 6)):
        at, length = rng.randrange(len(text) + 1), rng.choice((0, 0, 1, 1, 2, 5, 40))
        put = rng.choice(
            (
                "",
                "".join(rng.choices(signs, k=rng.randint(1, 4))),
                text[at - 30 : at],
                rng.choice(signs) * 3000,
            )
            if rng.random() < 0.05
            else ("", rng.choice(signs), "".join(rng.choices(signs, k=rng.randint(1, 4))), text[at - 30 : at])
        )
        text = text[:at] + put + text[at + length :]
    return text


def test_a_mutated_file_never_raises_and_stays_small(tmp_path: Path) -> None:
    rng = random.Random(20240601)
    seeds = [path.read_bytes().decode("utf-8", "replace") for path in SLIPS]
    tracemalloc.start()
    for n in range(300):
        text = mutant(rng, rng.choice(seeds) * rng.choice((1, 1, 1, 3)))
        deck, problems = deckfile.parse(text, "d.yaml")
        assert deck is not None or problems, n
        assert all(problem.place.line <= text.count("\n") + text.count("\r") + 1 for problem in problems)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50_000_000


@pytest.mark.parametrize(
    "text",
    [
        "- " * 50_000,
        "[" * 50_000,
        "{" * 50_000,
        "a: " * 50_000,
        "? " * 50_000,
        "cards:\n" + "- " * 50_000,
        "&a [" * 5_000,
        "x: &a [1]\n" + "".join(f"y{n}: &b{n} [*a, *a]\n" for n in range(500)),
        "'" * 50_001,
        "\n" * 100_000,
        "deck: d\ncards:\n" + "-\n" * 20_000,
        "deck: d\ncards:\n" + "- id：x\n  a\n" * 5_000,
    ],
    ids=range(12),
)
def test_hostile_files_end_soon(text: str) -> None:
    deck, problems = deckfile.parse(text, "d.yaml")
    assert problems
    assert deck is None or deck.cards == ()


def test_every_text_of_the_commands_has_its_chinese_and_no_chinese_is_left_over() -> None:
    said: set[str] = set()
    written: set[str] = set()
    for path in Path(messages.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and path.name != "language.py":
                written.add(str(node.value))
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)]
            if name in ("words", "UnreadableError", "_WrongChapterError", "Removal"):
                said |= set(given)
            elif name == "counted":
                said |= {f"{{n}} {what}{ending}" for what in given for ending in ("", "s")}
    said |= {f"{{n}} {what}{ending}" for what in ("card", "problem", "warning") for ending in ("", "s")}
    for case in (Path(__file__).parent / "cases" / "clean").glob("*.txt"):
        removed = case.read_text(encoding="utf-8").partition("# removed\n")[2]
        said |= {line.partition(" ")[2] for line in removed.splitlines()}
    assert said <= set(language.WORDS)
    assert set(language.WORDS) <= said | written
    for english, chinese in language.WORDS.items():
        names = [sorted(re.findall(r"\{(\w+)\}", text)) for text in (english, chinese)]
        assert names[0] == names[1], english
