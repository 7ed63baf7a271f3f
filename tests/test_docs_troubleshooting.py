"""Every error that docs/troubleshooting.md quotes is one that a command gives."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import sources

from flashgen import cli

PAGE = (Path(__file__).parent.parent / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"^```text\n(.*?)\n```$", PAGE, re.DOTALL | re.MULTILINE)

OTHER = "木匠的手艺\n所谓手艺，就是一把刨子用上三十年。只有刨花薄了，手才算稳。\n"
ONE = "deck: 试\ncards:\n- id: a\n  front: 问？\n  back: 答。\n"
DECKS = [
    "deck: 试\ncards:\n- id: a\n  front： 问？\n  back: 答。\n",
    "deck: 试\ncards:\n- id: a\n  front: 问？\n  bakc: 答。\n",
    "deck: 试\ncards:\n- id: a\n\tfront: 问？\n",
    'deck: 试\ncards:\n- id: a\n  front: "问\n  back: 答。\n',
    "deck: 试\ncards:\n- id: a\n  front: 问？\n  back: 答。\n- id: a\n  front: 再问？\n  back: 答。\n",
    "deck: 试\ncards:\n- id: a\n  cloze: 没有空。\n",
    "deck: 试\ncards:\n- id: a\n  front: 问？\n  back: 感动人心\n  pinyin: Gǎndòng rén\n",
]
SOURCES: list[tuple[str, bytes]] = [
    ("chapter.txt", b""),
    ("chapter.txt", b"Only English."),
    ("chapter.txt", "好。".encode()),
    ("book.mobi", bytes(60) + b"BOOKMOBI" + bytes(40)),
    ("chapter.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    ("scan.pdf", sources.pdf(text=False)),
]


def test_the_errors_on_the_page_are_real(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, data in SOURCES:
        Path(name).write_bytes(data)
        cli.main(["--lang", "en", "make", name])
    for text in DECKS:
        Path("deck.yaml").write_text(text, encoding="utf-8")
        cli.main(["--lang", "en", "check", "deck.yaml"])
    Path("deck.yaml").write_text(ONE, encoding="utf-8")
    for command in (
        ["build", "deck.yaml", "-o", "nowhere/a.apkg"],
        ["review", "deck.yaml"],
        ["push", "deck.yaml", "--url", "http://127.0.0.1:1"],
    ):
        monkeypatch.setattr("sys.stdin", None)
        cli.main(["--lang", "en", *command])
    Path("deck.lock").write_text('{"lock":1,"deck":"试","name":"试"}\n{{{\n', encoding="utf-8")
    cli.main(["--lang", "en", "build", "deck.yaml"])
    cli.main(["--lang", "en", "make", "chapter.txt", "-o", "chapter.txt"])
    for name, text in (("notes.txt", sources.SAMPLE.read_text(encoding="utf-8")), ("chapter.txt", OTHER)):
        Path(name).write_text(text, encoding="utf-8")
        cli.main(["--lang", "en", "extract", name, "-o", "chapter.yaml"])
    cli.main(["--lang", "en", "build", "chapter.yaml", "-o", "notes.txt"])
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    Path("chapter.pdf").write_bytes(sources.pdf())
    cli.main(["--lang", "en", "make", "chapter.pdf"])
    printed = capsys.readouterr()
    said = (printed.out + printed.err).replace("127.0.0.1:1;", "127.0.0.1:8765;").splitlines()
    assert len(QUOTED) > 15
    assert [line for line in QUOTED if line not in said] == [], "\n".join(said)
