"""What may be typed: the commands, their options, and the help for them in the user's language."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable

from flashgen import __version__
from flashgen.language import in_chinese, usage, words

TYPE_CHECKING = False  # importing typing, or pathlib, would double what is added to argparse's own start
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, NoReturn


class _Help(argparse.RawDescriptionHelpFormatter):
    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, words("usage: ") if prefix is None else prefix)

    def _split_lines(self, text: str, width: int) -> list[str]:
        if not in_chinese():
            return super()._split_lines(text, width)
        lines, room = [""], width
        # A line may break between any two hanzi, which are two columns wide, but not in a word of letters.
        for piece in re.findall("[!-~]+ ?|.", text):
            columns = sum(1 + (char > "\u2e7f") for char in piece)
            if columns > room:
                lines, room = [*lines, ""], width
            lines[-1], room = lines[-1] + piece, room - columns
        return lines


class _Parser(argparse.ArgumentParser):
    """A parser that speaks the language chosen."""

    def __init__(self, prog: str, description: str, examples: str, **more: Any) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=f"{words('examples:')}\n{examples}",
            formatter_class=_Help,
            add_help=False,
            allow_abbrev=False,
            **more,  # from Python 3.14 on add_subparsers hands its colours on
        )
        self._positionals.title, self._optionals.title = words("arguments"), words("options")
        self.add_argument("-h", "--help", action="help", help=words("show this help and end"))

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {words('error')}: {usage(message)}\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser, in the language chosen; what it reads names its `command`.

    Each command's examples stand in its help.
    """
    top = _Parser(
        "flashgen",
        words("From a chapter of a Chinese business book to an Anki deck, through a YAML file you edit."),
        f"  flashgen make chapter.txt                    {words('chapter.yaml and chapter.apkg')}\n"
        f"  flashgen check chapter.yaml                  {words('what is wrong in it, if anything')}\n"
        f"  flashgen build chapter.yaml -o chapter.apkg  {words('after editing')}\n",
    )
    about = words("show the version and end")
    top.add_argument("--version", action="version", version=f"flashgen {__version__}", help=about)
    _language_option(top)
    commands = top.add_subparsers(
        title=words("commands"), metavar="COMMAND", dest="command", required=True, parser_class=_Parser
    )

    def command(name: str, help_: str, examples: str) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=words(help_),
            prog=f"flashgen {name}",
            description=_sentence(words(help_)),
            examples=examples,
        )
        _language_option(made)
        return made

    make = command(
        "make",
        "extract cards from a source and build the package in one go",
        "  flashgen make chapter.txt\n"
        "  flashgen make chapter.txt -o decks/ch8.yaml --apkg ch8.apkg --cards 40\n"
        f"  flashgen make book.epub                      {words('book/01-….yaml and so on, and book.apkg')}\n",
    )
    _extract_options(make)
    make.add_argument(
        "--apkg", type=_path, metavar="OUT.apkg", help=words("the package (default: beside the deck file)")
    )
    _build_options(make)

    extract = command(
        "extract",
        "extract cards from a source into a deck file",
        "  flashgen extract chapter.txt -o chapter.yaml\n"
        "  flashgen extract chapter.txt -o chapter.yaml --explain\n",
    )
    _extract_options(extract)

    build = command(
        "build",
        "build an Anki package from deck files",
        "  flashgen build chapter.yaml\n  flashgen build decks/*.yaml -o book.apkg\n  flashgen build book/\n",
    )
    _decks(build)
    build.add_argument(
        "-o",
        "--output",
        type=_path,
        metavar="OUT.apkg",
        help=words("default: beside the first deck file, with its name"),
    )
    _build_options(build)

    check = command(
        "check",
        "report every slip in deck files, as file:line:column",
        "  flashgen check chapter.yaml\n  flashgen check chapter.yaml --source chapter.txt\n",
    )
    _decks(check)
    _source_option(check, "prove that every card stands in this source")
    check.add_argument(
        "--json", action="store_true", help=words("one JSON object a problem, on standard output")
    )

    pinyin = command(
        "pinyin",
        "write word-grouped pinyin of a text, or of the lines of standard input",
        "  flashgen pinyin 感动人心、价格厚道\n  flashgen pinyin --json < chapter.txt\n",
    )
    pinyin.add_argument("text", nargs="*", metavar="TEXT")
    pinyin.add_argument(
        "--json", action="store_true", help=words("pairs [character, syllable], one array a line")
    )
    pinyin.add_argument(
        "--lexical", action="store_true", help=words("full tones, without the neutral-tone layer")
    )
    pinyin.add_argument(
        "--sandhi", action="store_true", help=words("show 一 and 不 in the tones they are spoken with")
    )
    pinyin.add_argument(
        "--write",
        type=_path,
        metavar="DECK.yaml",
        help=words("fill in missing and stale lines of a deck file"),
    )

    review = command(
        "review",
        "go through the cards at the terminal: keep, drop or edit each",
        "  flashgen review chapter.yaml\n  flashgen review chapter.yaml --source chapter.txt\n",
    )
    review.add_argument("deck", type=_path, metavar="DECK.yaml")
    _source_option(review, "show each card's paragraph in this source")

    preview = command(
        "preview",
        "show the cards in the browser as Anki does",
        "  flashgen preview chapter.yaml\n",
    )
    preview.add_argument("deck", type=_path, metavar="DECK.yaml")
    preview.add_argument(
        "--port", type=_port, default=0, metavar="N", help=words("default: any that is free")
    )
    preview.add_argument("--no-browser", action="store_true", help=words("only print the address"))
    _build_options(preview)

    status = command(
        "status",
        "say what building and importing now will change: new, changed, unchanged, retired",
        "  flashgen status chapter.yaml\n",
    )
    _decks(status)
    status.add_argument(
        "--json", action="store_true", help=words("one JSON object a deck, on standard output")
    )
    _build_options(status)

    push = command(
        "push",
        "bring the cards into a running Anki (with AnkiConnect), keeping what was changed there",
        f"  flashgen push chapter.yaml           {words('says what it would do')}\n"
        f"  flashgen push chapter.yaml --do-it   {words('does it')}\n",
    )
    _decks(push)
    push.add_argument("--do-it", action="store_true", help=words("do it; otherwise it is only told"))
    push.add_argument("--url", metavar="URL", help=words("where AnkiConnect listens (default: its own port)"))
    _build_options(push)

    new = command("new", "write a starter deck file that explains itself", "  flashgen new 第一章\n")
    new.add_argument("name", metavar="NAME")

    command(
        "schema",
        "print the JSON Schema of deck files",
        "  flashgen schema > flashgen.schema.json\n",
    )
    completion = command(
        "completion",
        "print what makes a shell complete commands, options and files",
        "  flashgen completion bash > ~/.local/share/bash-completion/completions/flashgen\n"
        '  flashgen completion zsh > "${fpath[1]}/_flashgen"\n'
        "  flashgen completion fish > ~/.config/fish/completions/flashgen.fish\n",
    )
    completion.add_argument(
        "shell", choices=("bash", "zsh", "fish"), metavar="SHELL", help=words("bash, zsh or fish")
    )
    return top


def _sentence(text: str) -> str:
    return f"{text}。" if in_chinese() else f"{text[0].upper()}{text[1:]}."


# --- options that several commands have


def _language_option(command: argparse.ArgumentParser) -> None:
    about = words("language of messages and help (default: the locale's)")
    command.add_argument("--lang", choices=("en", "zh"), help=about)


def _decks(command: argparse.ArgumentParser) -> None:
    command.add_argument("decks", nargs="+", type=_path, metavar="DECK.yaml")


def _source_option(command: argparse.ArgumentParser, about: str) -> None:
    command.add_argument("--source", type=_path, metavar="FILE", help=words(about))
    command.add_argument(
        "--chapter", type=_positive, metavar="N", help=words("which chapter of an EPUB that is")
    )


def _extract_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "source",
        type=_path,
        metavar="SOURCE",
        help=words("text, Markdown, HTML, EPUB, PDF or Word; - reads standard input"),
    )
    command.add_argument(
        "--chapter",
        type=_positive,
        metavar="N",
        help=words("which chapter of an EPUB (default: all of them)"),
    )
    command.add_argument(
        "--list", action="store_true", help=words("only list an EPUB's chapters with their numbers")
    )
    command.add_argument(
        "-o",
        "--output",
        type=_path,
        metavar="DECK.yaml",
        help=words(
            "the deck file, or of a whole book the folder for its deck files (default: the source's name)"
        ),
    )
    command.add_argument(
        "--cards",
        type=_positive,
        metavar="N",
        help=words("how many cards, of a book in each chapter (default: by length)"),
    )
    command.add_argument(
        "--deck",
        type=_deck_name,
        metavar="NAME",
        help=words("the deck's name in Anki, with :: between levels; of a book the parent's"),
    )
    command.add_argument("--explain", action="store_true", help=words("say why each card was chosen"))
    command.add_argument(
        "--dry-run", action="store_true", help=words("only show what would change in the deck file")
    )


def _build_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--templates", type=_path, metavar="DIR", help=words("use the card templates of this folder")
    )


# --- what a value may be


def _path(text: str) -> Path:
    from pathlib import Path

    return Path(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 on")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number up to 65535")
    return int(text)


def _deck_name(text: str) -> str:
    from flashgen import deckcheck
    from flashgen.problems import Place

    for problem in deckcheck.check_name(text, Place("")):
        raise argparse.ArgumentTypeError(problem.message)
    return text
