"""Completion, as real shells do it; and docs/commands.md, which is written from the same parser."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
from pathlib import Path

import pytest

from flashgen import completion, language
from flashgen.arguments import parser

pty = pytest.importorskip("pty", reason="Windows has no terminals of this kind")

ROOT = Path(__file__).resolve().parent.parent
CASES = [
    ("flashgen ext", {"extract"}),
    ("flashgen make --ca", {"--cards"}),
    ("flashgen --lang ", {"en", "zh"}),
    ("flashgen build ", {"deck.yaml", "folder/"}),
    ("flashgen build -o ", {"deck.apkg", "folder/"}),
    ("flashgen make -o ", {"deck.yaml", "folder/"}),
    ("flashgen make cha", {"chapter one.txt"}),
    ("flashgen build deck.yaml --templates ", {"folder/"}),
    ("flashgen completion ", {"bash", "fish", "zsh"}),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("deck.yaml", "deck.apkg", "chapter one.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    return tmp_path


def shell(name: str, folder: Path) -> Path:
    """Write the completion's script; skip where the shell is not installed."""
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")
    script = folder.with_name(f"completion.{name}")
    script.write_text(completion.script(name, parser()), encoding="utf-8")
    return script


def plain(names: set[str]) -> set[str]:
    """Shells differ in what they put behind a folder's name."""
    return {name.rstrip("/") for name in names}


@pytest.mark.parametrize(("typed", "offered"), CASES)
def test_bash(typed: str, offered: set[str], folder: Path) -> None:
    script = shell("bash", folder)
    code = (
        'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _flashgen; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", code, str(script), *typed.split(" ")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert {word for word in done.stdout.splitlines() if word[0] != "-" or "-" in typed.split()[-1]} == plain(
        offered
    )


@pytest.mark.parametrize(("typed", "offered"), CASES)
def test_fish(typed: str, offered: set[str], folder: Path) -> None:
    script = shell("fish", folder)
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source {script}; complete -C '{typed}'"],
        cwd=folder,
        env={**os.environ, "HOME": str(folder.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    told = {line.split("\t")[0] for line in done.stdout.splitlines()}
    assert plain(offered) <= plain({word.replace("\\", "") for word in told})


@pytest.mark.parametrize(("typed", "offered"), CASES)
def test_zsh(typed: str, offered: set[str], folder: Path) -> None:
    script = shell("zsh", folder)
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(folder)
        os.execvpe(
            "zsh", ["zsh", "-f", "-i"], {**os.environ, "TERM": "dumb", "PS1": "", "HOME": str(folder.parent)}
        )
    setup = f"autoload -Uz compinit; compinit -u -D; source {script}; echo rea''dy\n"
    try:
        os.write(terminal, setup.encode())
        assert "ready" in _read_until(terminal, {"ready"})
        os.write(terminal, f"{typed}\t\t".encode())
        wanted = {word.rstrip("/") for word in offered}
        seen = _read_until(terminal, wanted)
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(terminal)
    assert [word for word in wanted if word not in seen] == [], seen


def _read_until(terminal: int, wanted: set[str]) -> str:
    """Read what the terminal shows until all that is wanted is there, or nothing has come for ten seconds."""
    data = text = ""
    while not all(word in text for word in wanted) and select.select([terminal], [], [], 10)[0]:
        data += os.read(terminal, 4096).decode("utf-8", "replace")
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\\", "", data)
    return text


def test_help_is_all_chinese_where_chinese_is_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_language", "zh")
    for command in completion.commands(parser()):
        told = [command.help, *(argument.help for argument in command.arguments if argument.help)]
        assert [text for text in told if not re.search("[一-龥]", text)] == []


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_a_port_that_is_none(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["preview", "deck.yaml", f"--port={port}"])
    assert f"'{port}' is not a number up to 65535" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["--lang", "zh", "make"], "zh"),
        (["make", "--lang=zh"], "zh"),
        (["make"], "en"),
        (["pinyin", "--", "--lang", "zh"], "en"),
    ],
)
def test_the_language_is_read_off_the_command_line_before_it_is_parsed(
    line: list[str], expected: str
) -> None:
    assert language.language_of({"LANG": "en_US.UTF-8"}, line) == expected


def test_the_commands_page_is_the_parsers() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert page == completion.manual(parser()), "python scripts/write_commands.py writes it anew"
    for command in completion.commands(parser()):
        assert "flashgen " + command.name in command.examples
