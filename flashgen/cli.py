"""The command line: one parser, late imports, exit statuses 0 (fine), 1 (problems in files), 2 (wrong usage)."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flashgen import __version__
from flashgen.problems import FlashgenError, UsageError

if TYPE_CHECKING:
    from flashgen.pipeline import Extraction


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status. No traceback reaches a user."""
    arguments = parser().parse_args(argv)
    try:
        return arguments.run(arguments) or 0
    except FlashgenError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return 1
    except UsageError as error:
        print(f"flashgen: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of our output has gone; Python must not complain when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("flashgen: interrupted", file=sys.stderr)
        return 130
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"flashgen: {where}{error.strerror or error}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser; each command's examples stand in its help."""
    top = argparse.ArgumentParser(
        prog="flashgen",
        description="From a chapter of a Chinese business book to an Anki deck, through a YAML file you edit.",
        epilog="examples:\n"
        "  flashgen make chapter.txt                    chapter.yaml and chapter.apkg\n"
        "  flashgen check chapter.yaml                  what is wrong in it, if anything\n"
        "  flashgen build chapter.yaml -o chapter.apkg  after editing\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"flashgen {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: object, help_: str, examples: str) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=help_,
            description=help_[0].upper() + help_[1:] + ".",
            epilog="examples:\n" + examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        made.set_defaults(run=run)
        return made

    make = command(
        "make",
        _make,
        "extract cards from a source and build the package in one go",
        "  flashgen make chapter.txt\n"
        "  flashgen make chapter.txt -o decks/ch8.yaml --apkg ch8.apkg --cards 40\n",
    )
    _extract_options(make)
    make.add_argument(
        "--apkg", type=Path, metavar="OUT.apkg", help="the package (default: beside the deck file)"
    )
    _build_options(make)

    extract = command(
        "extract",
        _extract,
        "extract cards from a source into a deck file",
        "  flashgen extract chapter.txt -o chapter.yaml\n"
        "  flashgen extract chapter.txt -o chapter.yaml --explain\n",
    )
    _extract_options(extract)

    build = command(
        "build",
        _build,
        "build an Anki package from deck files",
        "  flashgen build chapter.yaml\n  flashgen build decks/*.yaml -o book.apkg\n",
    )
    build.add_argument("decks", nargs="+", type=Path, metavar="DECK.yaml")
    build.add_argument("-o", "--output", type=Path, metavar="OUT.apkg", help="default: the first deck's name")
    _build_options(build)

    check = command(
        "check",
        _check,
        "report every slip in deck files, as file:line:column",
        "  flashgen check chapter.yaml\n  flashgen check chapter.yaml --source chapter.txt\n",
    )
    check.add_argument("decks", nargs="+", type=Path, metavar="DECK.yaml")
    check.add_argument(
        "--source", type=Path, metavar="FILE", help="prove that every card stands in this source"
    )
    check.add_argument("--json", action="store_true", help="one JSON object a problem, on standard output")

    pinyin = command(
        "pinyin",
        _pinyin,
        "write word-grouped pinyin of a text, or of the lines of standard input",
        "  flashgen pinyin 感动人心、价格厚道\n  flashgen pinyin --json < chapter.txt\n",
    )
    pinyin.add_argument("text", nargs="*", metavar="TEXT")
    pinyin.add_argument("--json", action="store_true", help="pairs [character, syllable], one array a line")
    pinyin.add_argument("--lexical", action="store_true", help="full tones, without the neutral-tone layer")
    pinyin.add_argument(
        "--sandhi", action="store_true", help="show the tone changes of 一, 不 and third tones"
    )
    return top


def _extract_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("source", type=Path, metavar="SOURCE", help="a text file in any Chinese encoding")
    command.add_argument("-o", "--output", type=Path, metavar="DECK.yaml", help="default: the source's name")
    command.add_argument("--cards", type=_positive, metavar="N", help="how many cards (default: by length)")
    command.add_argument("--deck", metavar="NAME", help="the deck's name in Anki, with :: between levels")
    command.add_argument("--explain", action="store_true", help="say why each card was chosen")


def _build_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--templates", type=Path, metavar="DIR", help="use the card templates of this folder"
    )


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of cards; give 1 or more")
    return int(text)


# --- commands


def _make(arguments: argparse.Namespace) -> int:
    from flashgen import output, pipeline

    deck_path = _deck_path(arguments)
    out = arguments.apkg or deck_path.with_suffix(".apkg")
    _may_write(out, ".apkg")
    extraction = _extract_to(arguments, deck_path)
    with output.progress() as tell:
        built = pipeline.build([deck_path], out, own=arguments.templates, tell=tell)
    output.problems(built.problems)
    output.summary(
        built.plans[0].deck.cards,
        [
            ("deck file", f"{deck_path}  (edit it, then: flashgen build {deck_path})"),
            ("package  ", f"{out}  (open it with Anki)"),
            *_removed_fact(extraction),
        ],
    )
    return 0


def _extract(arguments: argparse.Namespace) -> int:
    from flashgen import output

    deck_path = _deck_path(arguments)
    extraction = _extract_to(arguments, deck_path)
    output.summary(
        extraction.deck.cards,
        [
            ("deck file", f"{deck_path}  (edit it, then: flashgen build {deck_path})"),
            *_removed_fact(extraction),
        ],
    )
    return 0


def _deck_path(arguments: argparse.Namespace) -> Path:
    path: Path = arguments.output or Path(arguments.source.with_suffix(".yaml").name)
    _may_write(path, ".yaml")
    if path.exists() and path.resolve() == arguments.source.resolve():
        raise UsageError(f"{path} is the source itself; name another file with -o")
    return path


def _may_write(path: Path, suffix: str) -> None:
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it, such as {path / ('deck' + suffix)}")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent}: no such folder; make it first")


def _extract_to(arguments: argparse.Namespace, path: Path) -> Extraction:
    from dataclasses import replace

    from flashgen import output, pipeline

    with output.progress() as tell:
        extraction = pipeline.extract(arguments.source, arguments.cards, tell=tell)
    if arguments.deck:
        extraction = replace(extraction, deck=replace(extraction.deck, name=arguments.deck))
    if arguments.explain:
        output.explain(extraction.chosen, extraction.passed, extraction.text.removed)
    pipeline.save_deck(
        extraction.deck,
        path,
        [
            f"{len(extraction.deck.cards)} cards that flashgen {__version__} found in {extraction.deck.source.file}.",
            "Edit freely; never change an id. Then: flashgen build " + path.name,
        ],
    )
    return extraction


def _removed_fact(extraction: Extraction) -> list[tuple[str, str]]:
    removed = extraction.text.removed
    if not removed:
        return []
    return [("cleaned  ", f"{len(removed)} pieces of the page's furniture left out (--explain lists them)")]


def _build(arguments: argparse.Namespace) -> int:
    from flashgen import output, pipeline

    out: Path = arguments.output or Path(arguments.decks[0].with_suffix(".apkg").name)
    _may_write(out, ".apkg")
    with output.progress() as tell:
        built = pipeline.build(arguments.decks, out, own=arguments.templates, tell=tell)
    output.problems(built.problems)
    for plan in built.plans:
        output.summary(
            plan.deck.cards,
            [
                (
                    "import will",
                    f"add {len(plan.new)}, change {len(plan.changed)}, leave {len(plan.unchanged)}",
                ),
                *(
                    [("retired", f"{len(plan.retired)}; find them in Anki with {plan.search}")]
                    if plan.retired
                    else []
                ),
            ],
        )
    output.say(f"package {out}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from flashgen import output, pipeline

    decks, problems = pipeline.load_decks(arguments.decks)
    problems += pipeline.check(decks, arguments.source)
    if arguments.json:
        for problem in problems:
            place = problem.place
            print(
                json.dumps(
                    {
                        "file": place.file,
                        "line": place.line,
                        "column": place.column,
                        "message": problem.message,
                        "hint": problem.hint,
                        "warning": problem.warning,
                    },
                    ensure_ascii=False,
                )
            )
    else:
        output.problems(problems)
        cards = sum(len(deck.cards) for deck in decks)
        wrong = sum(not problem.warning for problem in problems)
        told = f"{wrong} problems" if wrong else "no problems"
        output.say(f"{cards} cards, {told}, {len(problems) - wrong} warnings")
    return int(any(not problem.warning for problem in problems))


def _pinyin(arguments: argparse.Namespace) -> int:
    from flashgen import orthography, pinyin

    lines: Iterable[str] = [" ".join(arguments.text)] if arguments.text else _stdin_lines()
    for words in pinyin.annotate(lines, lexical=arguments.lexical):
        if arguments.json:
            print(json.dumps(pinyin.pairs(words), ensure_ascii=False))
        else:
            print(orthography.spell(words, sandhi=arguments.sandhi))
    return 0


def _stdin_lines() -> Iterable[str]:
    if sys.stdin.isatty():
        raise UsageError("give a text, or lines on standard input: flashgen pinyin 你好")
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    return (line.rstrip("\n") for line in sys.stdin)
