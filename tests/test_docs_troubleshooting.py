"""Every error that docs/troubleshooting.md quotes is one that a command gives."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import sources

from flashgen import cli

PAGE = (Path(__file__).parent.parent / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"^```text\n(.*?)\n```$", PAGE, re.DOTALL | re.MULTILINE)

OTHER = "木匠的手艺\n所谓手艺，就是一把刨子用上三十年。只有刨花薄了，手才算稳。\n"
ONE = "deck: 试\ncards:\n- id: a\n  front: 问？\n  back: 答。\n"
THREE = "deck: 试\ncards:\n" + "".join(
    f"- id: {name}\n  front: {name}问？\n  back: 答。\n  source: 第{name}句。\n" for name in "甲乙丙"
)
CASES: list[tuple[str, Mapping[str, bytes | str]]] = [  # commands and their files, in the page's order
    ("make chapter.txt", {"chapter.txt": ""}),
    ("make chapter.txt", {"chapter.txt": "Only English."}),
    ("make chapter.txt", {"chapter.txt": "好。"}),
    ("make book.mobi", {"book.mobi": bytes(60) + b"BOOKMOBI" + bytes(40)}),
    ("make chapter.doc", {"chapter.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)}),
    ("make chapter.pdf", {"chapter.pdf": sources.pdf()}),
    ("make scan.pdf", {"scan.pdf": sources.pdf(text=False)}),
    ("make chapter.txt -o chapter.yaml", {"chapter.txt": OTHER, "chapter.yaml": THREE}),
    ("check deck.yaml", {"deck.yaml": ONE.replace("front:", "front：")}),
    ("check deck.yaml", {"deck.yaml": ONE.replace("back", "bakc")}),
    ("check deck.yaml", {"deck.yaml": ONE.replace("  front", "\tfront")}),
    ("check deck.yaml", {"deck.yaml": ONE.replace("问？", '"问')}),
    ("check deck.yaml", {"deck.yaml": f"{ONE}- id: a\n  front: 再问？\n  back: 答。\n"}),
    ("check deck.yaml", {"deck.yaml": "deck: 试\ncards:\n- id: a\n  cloze: 没有空。\n"}),
    ("check deck.yaml", {"deck.yaml": ONE.replace("答。", "感动人心\n  pinyin: Gǎndòng rén")}),
    ("build deck.yaml", {"deck.yaml": ONE, "deck.lock": '{"lock":1,"deck":"试","name":"试"}\n{{{\n'}),
    ("make chapter.txt -o chapter.txt", {"chapter.txt": OTHER}),
    ("build deck.yaml -o notes.txt", {"deck.yaml": ONE, "notes.txt": OTHER}),
    ("build deck.yaml -o nowhere/a.apkg", {"deck.yaml": ONE}),
    ("review deck.yaml", {"deck.yaml": ONE}),
    ("push deck.yaml --url http://127.0.0.1:1", {"deck.yaml": ONE}),
]


@pytest.mark.parametrize(("quoted", "case"), zip(QUOTED, CASES, strict=True), ids=range(len(QUOTED)))
def test_an_error_on_the_page_is_real(
    quoted: str,
    case: tuple[str, Mapping[str, bytes | str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command, files = case
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", None)
    if "needs pypdfium2" in quoted:
        monkeypatch.setitem(sys.modules, "pypdfium2", None)
    for name, data in files.items():
        Path(name).write_bytes(data if isinstance(data, bytes) else data.encode())
    cli.main(["--lang", "en", *command.split()])
    printed = capsys.readouterr()
    assert quoted in (printed.out + printed.err).replace("127.0.0.1:1;", "127.0.0.1:8765;").splitlines()
