"""The commands: late imports, exit statuses 0 (fine), 1 (problems in files), 2 (wrong usage), 130."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterable, Sequence

from flashgen.arguments import parser
from flashgen.language import language_of, speak, words

TYPE_CHECKING = False  # as in arguments.py: what starts a command must not be slow
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flashgen.anki import Plan
    from flashgen.pipeline import Chapter, Extraction, Written
    from flashgen.read_epub import Book


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status. No traceback reaches a user."""
    for name in ("stdout", "stderr"):
        if (stream := getattr(sys, name)) is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        else:
            # Into a file or a pipe go the same bytes everywhere, also where Windows would take another encoding.
            if not stream.isatty():
                stream.reconfigure(encoding="utf-8", newline="\n")
            stream.reconfigure(errors="backslashreplace")
    # Large trees live to a command's end: to walk them again and again takes a fifth of its time.
    gc.disable()
    argv = sys.argv[1:] if argv is None else argv
    speak(language_of(os.environ, argv))
    arguments = parser().parse_args(argv)
    from flashgen.problems import FlashgenError, UsageError

    try:
        return COMMANDS[arguments.command](arguments)
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
        print(f"flashgen: {words('interrupted')}", file=sys.stderr)
        return 130
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"flashgen: {where}{error.strerror or error}", file=sys.stderr)
        return 1
    except Exception as error:  # a slip of ours: its trace helps those who mend it, not those who meet it
        if "FLASHGEN_TRACE" in os.environ:
            raise
        what = f"{type(error).__name__}: {error}"
        said = "something went wrong in flashgen itself ({what}); please report it, with what FLASHGEN_TRACE=1 adds"
        print(f"flashgen: {words(said, what=what)}", file=sys.stderr)
        return 1


# --- commands


def _make(arguments: argparse.Namespace) -> int:
    from flashgen import output, pipeline, read

    if arguments.list:
        return _list(arguments)
    if book := read.whole_book(arguments.source, arguments.chapter):
        folder = _folder(arguments)
        out = arguments.apkg or _package(folder)
        _may_write(out, ".apkg", arguments.source)
        chapters = _extract_book(arguments, book, folder)
        paths = [chapter.path for chapter in chapters if chapter.there]
        return 0 if arguments.dry_run else _build_decks(arguments, paths, out)
    deck_path = _deck_path(arguments)
    out = arguments.apkg or _package(deck_path)
    _may_write(out, ".apkg", arguments.source, deck_path)
    extraction, written = _extract_to(arguments, deck_path)
    if arguments.dry_run:
        return 0
    with output.progress() as tell:
        built = pipeline.build([deck_path], out, own=arguments.templates, tell=tell)
    output.warnings(built.problems)
    output.summary(
        built.plans[0].deck.cards,
        [
            *_extracted(arguments, extraction, written, deck_path),
            *_left_behind(built.plans[0]),
            (words("package  "), words("{out}  (open it with Anki)", out=out)),
        ],
    )
    return 0


def _extract(arguments: argparse.Namespace) -> int:
    from flashgen import output, read

    if arguments.list:
        return _list(arguments)
    if book := read.whole_book(arguments.source, arguments.chapter):
        _extract_book(arguments, book, _folder(arguments))
        return 0
    deck_path = _deck_path(arguments)
    extraction, written = _extract_to(arguments, deck_path)
    if not arguments.dry_run:
        output.summary(extraction.deck.cards, _extracted(arguments, extraction, written, deck_path))
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from flashgen import read
    from flashgen.problems import UsageError

    own = ("command", "lang", "source", "list")
    if any(value for name, value in vars(arguments).items() if name not in own):
        raise UsageError(words("--list only lists an EPUB's chapters; leave out the other options"))
    for number, title in enumerate(read.chapters(arguments.source), start=1):
        print(f"{number:4}  {title}")
    return 0


def _deck_path(arguments: argparse.Namespace) -> Path:
    from pathlib import Path

    from flashgen.problems import UsageError

    source: Path = arguments.source
    if str(source) == "-" and not arguments.output:
        raise UsageError(words("standard input has no name; name the deck file with -o"))
    part = f"-{arguments.chapter}" if arguments.chapter else ""
    path: Path = arguments.output or Path(f"{source.stem}{part}.yaml")
    _may_write(path, ".yaml", source)
    return path


def _is_package(path: Path) -> bool:
    """Tell an Anki package, of any version, from other files, also from other archives."""
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith("collection.anki2") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile, NotImplementedError):
        return False


def _may_write(path: Path, suffix: str, *others: Path) -> None:
    """Raise UsageError where a file cannot be written or would take the place of another that is no such file."""
    from flashgen import deckfile, schema
    from flashgen.problems import UsageError

    ours = path.suffix == ".lock" or path.name == schema.NAME
    if ours or path.resolve() in [other.resolve() for other in others]:
        raise UsageError(
            words(
                "{path} would be written over; name another file for the {suffix}", path=path, suffix=suffix
            )
        )
    if str(path) == "-" or (path.exists() and not path.is_file() and not path.is_dir()):
        raise UsageError(words("{path} is no file; name one for the {suffix}", path=path, suffix=suffix))
    if suffix == ".apkg" and path.is_file() and path.stat().st_size and not _is_package(path):
        raise UsageError(words("{path} is no Anki package; name another file for it", path=path))
    if path.is_dir():
        raise UsageError(
            words(
                "{path} is a folder; name a file in it, such as {file}",
                path=path,
                file=path / f"deck{suffix}",
            )
        )
    if not path.parent.is_dir():
        raise UsageError(words("{path}: no such folder; make it first", path=path.parent))
    if suffix == ".yaml" and path.suffix not in deckfile.ENDINGS:
        said = "{path}: a deck file's name ends in .yaml or .yml; name it {file}"
        raise UsageError(words(said, path=path, file=f"{path}.yaml"))


def _extract_to(arguments: argparse.Namespace, path: Path) -> tuple[Extraction, Written]:
    from dataclasses import replace

    from flashgen import messages, output, pipeline
    from flashgen.problems import FlashgenError, Place

    with output.progress() as tell:
        extraction = pipeline.extract(arguments.source, arguments.cards, chapter=arguments.chapter, tell=tell)
    if arguments.deck:
        extraction = replace(extraction, deck=replace(extraction.deck, name=arguments.deck))
    if arguments.explain:
        output.explain(extraction.chosen, extraction.passed, extraction.text)
    if not extraction.deck.cards:
        raise FlashgenError(messages.problem("nothing", Place(str(arguments.source))))
    written = pipeline.write_deck(extraction, path, dry_run=arguments.dry_run)
    if arguments.dry_run:
        _show_change(written, path)
    return extraction, written


def _show_change(written: Written, path: Path) -> None:
    import difflib

    from flashgen import output

    before, after = written.before.splitlines(keepends=True), written.after.splitlines(keepends=True)
    if before == after:
        output.say(words("{path}: nothing would change", path=path))
    sys.stdout.writelines(difflib.unified_diff(before, after, str(path), str(path)))


# --- a book: a deck file for each chapter


def _folder(arguments: argparse.Namespace) -> Path:
    from pathlib import Path

    from flashgen import deckfile
    from flashgen.problems import UsageError

    folder: Path = arguments.output or Path(arguments.source.stem)
    if folder.suffix in deckfile.ENDINGS or (folder.exists() and not folder.is_dir()):
        raise UsageError(
            words(
                "{source} has several chapters, a deck file each: name a folder for them with -o, "
                "or choose one chapter with --chapter N (--list shows them)",
                source=arguments.source,
            )
        )
    if not folder.parent.is_dir():
        raise UsageError(words("{path}: no such folder; make it first", path=folder.parent))
    return folder


def _extract_book(arguments: argparse.Namespace, book: Book, folder: Path) -> list[Chapter]:
    """Make the deck files of a book, and say what was done for each chapter."""
    from flashgen import messages, output, pipeline
    from flashgen.problems import FlashgenError, Place

    chapters: list[Chapter] = []
    told: list[tuple[str, str]] = []
    with output.progress() as tell:
        for chapter in pipeline.make_book(
            book,
            arguments.source,
            folder,
            arguments.deck or "",
            arguments.cards,
            dry_run=arguments.dry_run,
            tell=tell,
        ):
            chapters.append(chapter)
            told.append((chapter.path.name, _done(chapter)))
            made, written = chapter.extraction, chapter.written
            if made and arguments.explain:
                output.say(f"\n{chapter.number} {chapter.title}")
                output.explain(made.chosen, made.passed, made.text)
            if written and arguments.dry_run:
                _show_change(written, chapter.path)
    if not any(chapter.there for chapter in chapters) and not arguments.dry_run:
        raise FlashgenError(messages.problem("nothing", Place(str(arguments.source))))
    output.facts(told)
    if not arguments.dry_run:
        output.facts(
            [
                (
                    words("deck files"),
                    words(
                        "{path}  (edit them, then: flashgen build {quoted})",
                        path=folder,
                        quoted=_quoted(folder),
                    ),
                )
            ]
        )
    return chapters


def _done(chapter: Chapter) -> str:
    from flashgen.output import counted

    made, written = chapter.extraction, chapter.written
    if made is None:
        return words("as it was") if chapter.there else words("left out")
    said = [counted(written.added, "card") if written else words("nothing that could be a card")]
    if written and written.before:
        said = [counted(written.added, "new card"), words("everything else as it was")]
    if made.repeated:
        said.append(
            words("{points} left out that another chapter makes", points=counted(len(made.repeated), "point"))
        )
    if written and written.doubts:
        said.append(words("{readings} to look at", readings=counted(len(written.doubts), "reading")))
    return words("; ").join(said)


MOST_DOUBTS = 10
"""Unsure readings that a summary names; `check` has them all."""


def _quoted(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))


def _extracted(
    arguments: argparse.Namespace, extraction: Extraction, written: Written, path: Path
) -> list[tuple[str, str]]:
    """Return what to say of an extraction."""
    from flashgen.output import counted

    edit = words("{path}  (edit it, then: flashgen build {quoted})", path=path, quoted=_quoted(path))
    facts = [(words("deck file"), edit)]
    if arguments.deck and arguments.deck != written.name:
        kept = words("still {name}: an existing deck is renamed in its file", name=written.name)
        facts.append((words("deck     "), kept))
    if written.before:
        merged = [counted(written.added, "new card")]
        if written.dropped:
            merged.append(words("{n} you dropped left out", n=written.dropped))
        merged.append(words("everything else as it was"))
        facts.append((words("merged   "), words("; ").join(merged)))
    if removed := extraction.text.removed:
        facts.append(
            (
                words("cleaned  "),
                words("left out, as not the text's: {n} (--explain lists them)", n=len(removed)),
            )
        )
    if restored := extraction.text.restored:
        facts.append(
            (
                words("marks    "),
                words(
                    "{n} that the copy had lost put back (--explain shows where); `source` is as found",
                    n=restored,
                ),
            )
        )
    if doubts := dict.fromkeys((doubt.word, doubt.card) for doubt in written.doubts):
        look = words(
            "{readings} to look at (flashgen check gives their lines):",
            readings=counted(len(doubts), "reading"),
        )
        facts.append((words("pinyin   "), look))
        for word, card in list(doubts)[:MOST_DOUBTS]:
            facts.append(
                (
                    "",
                    words(
                        "  {card}: {word} {said}, perhaps {others}",
                        card=card,
                        word=word.text,
                        said=" ".join(word.syllables),
                        others=" / ".join(word.unsure),
                    ),
                )
            )
        if len(doubts) > MOST_DOUBTS:
            facts.append(("", words("  and {n} more", n=len(doubts) - MOST_DOUBTS)))
    return facts


def _build(arguments: argparse.Namespace) -> int:
    decks = _deck_files(arguments.decks)
    return _build_decks(arguments, decks, arguments.output or _package(arguments.decks[0]))


def _package(path: Path) -> Path:
    """Return where the package of a deck file or of a book's folder, the first that was named, is built."""
    from flashgen import deckfile

    if path.suffix in deckfile.ENDINGS and not path.is_dir():
        return path.with_suffix(".apkg")
    return path.parent / f"{path.resolve().name}.apkg"


def _deck_files(paths: Sequence[Path]) -> list[Path]:
    """Return deck files, each once, in the place of a folder those in it."""
    decks: dict[str, Path] = {}
    for path in paths:
        for deck in (sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else ()) or [path]:
            decks.setdefault(os.path.realpath(deck), deck)
    return [*decks.values()]


def _build_decks(arguments: argparse.Namespace, decks: Sequence[Path], out: Path) -> int:
    from flashgen import output, pipeline

    _may_write(out, ".apkg", *decks)
    with output.progress() as tell:
        built = pipeline.build(decks, out, own=arguments.templates, tell=tell)
    output.warnings(built.problems)
    output.summary([card for plan in built.plans for card in plan.deck.cards], ())
    for plan in built.plans:
        output.facts(_planned(plan))
    output.facts([(words("package  "), words("{out}  (open it with Anki)", out=out))])
    return 0


def _planned(plan: Plan) -> list[tuple[str, str]]:
    """Return what to say of the next import."""
    counts = words(
        "{new} new, {changed} changed, {unchanged} unchanged",
        new=len(plan.new),
        changed=len(plan.changed),
        unchanged=len(plan.unchanged),
    )
    return [(plan.deck.name, counts), *_left_behind(plan)]


def _left_behind(plan: Plan) -> list[tuple[str, str]]:
    """Return what an import will leave in Anki that only its user can take away or move."""
    facts = []
    if plan.retired:
        facts.append(
            (
                words("retired"),
                words(
                    "{ids}; find them in Anki with {search}", ids=", ".join(plan.retired), search=plan.search
                ),
            )
        )
    if plan.emptied:
        facts.append(
            (
                words("emptied"),
                words(
                    "{ids}; Tools > Empty Cards takes away what is left of them", ids=", ".join(plan.emptied)
                ),
            )
        )
    if plan.renamed:
        facts.append(
            (
                words("renamed"),
                words(
                    "from {name}: cards already in Anki stay in the old deck; move them there",
                    name=plan.renamed,
                ),
            )
        )
    return facts


def _status(arguments: argparse.Namespace) -> int:
    import json

    from flashgen import output, pipeline

    plans = pipeline.plan(
        _deck_files(arguments.decks), own=arguments.templates, last=_package(arguments.decks[0])
    )
    for plan in plans:
        if arguments.json:
            names = ("new", "changed", "unchanged", "retired", "search", "emptied", "renamed")
            print(
                json.dumps(
                    {"deck": plan.deck.name, **{name: getattr(plan, name) for name in names}},
                    ensure_ascii=False,
                )
            )
        else:
            told = [*_planned(plan), *((words("changed"), card) for card in plan.changed)]
            output.facts(told, file=sys.stdout)
    return 0


def _push(arguments: argparse.Namespace) -> int:
    from flashgen import output, pipeline, push

    plans = pipeline.plan(
        _deck_files(arguments.decks), own=arguments.templates, last=_package(arguments.decks[0])
    )
    url = arguments.url or push.URL
    changes = push.compare(plans, url)
    added = sum(len(plan.notes) for plan in changes.new)
    for plan in plans:
        output.facts(_left_behind(plan))
    output.facts(
        [
            (words("new"), str(added)),
            (words("updated"), str(len(changes.updates))),
            *(
                (update.note.card.id, words("left as it is in Anki: {fields}", fields=", ".join(update.kept)))
                for update in changes.updates
                if update.kept
            ),
        ]
    )
    if arguments.do_it:
        push.push(changes, url)
        pipeline.save_locks(plans)
        output.say(words("done"))
    elif added or changes.updates:
        output.say(words("nothing was changed; --do-it does it"))
    return 0


def _review(arguments: argparse.Namespace) -> int:
    from flashgen import pipeline, review

    around = (
        pipeline.surroundings(arguments.deck, arguments.source, arguments.chapter)
        if arguments.source
        else lambda card: card.source
    )
    review.run(arguments.deck, around)
    return 0


def _preview(arguments: argparse.Namespace) -> int:
    from flashgen import preview

    gc.enable()
    preview.run(
        arguments.deck, port=arguments.port, browser=not arguments.no_browser, own=arguments.templates
    )
    return 0


def _new(arguments: argparse.Namespace) -> int:
    from flashgen import output, starter

    path = starter.new(arguments.name)
    output.say(words("{path}  (edit it, then: flashgen build {quoted})", path=path, quoted=_quoted(path)))
    return 0


def _schema(_: argparse.Namespace) -> int:
    from flashgen import schema

    print(schema.text(), end="")
    return 0


def _completion(arguments: argparse.Namespace) -> int:
    from flashgen import completion

    print(completion.script(arguments.shell, parser()), end="")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    import json

    from flashgen import output, pipeline

    paths = _deck_files(arguments.decks)
    decks, problems = pipeline.load_decks(paths)
    problems += pipeline.check(decks, arguments.source, arguments.chapter)
    problems.sort(key=lambda problem: problem.place)
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
        output.problems(problems, file=sys.stdout)
        wrong = sum(not problem.warning for problem in problems)
        counts = [(wrong, "problem"), (len(problems) - wrong, "warning")]
        if len(decks) == len(paths):  # else there are cards that could not be read
            counts.insert(0, (sum(len(deck.cards) for deck in decks), "card"))
        output.say(words(", ").join(output.counted(n, what) for n, what in counts))
    return int(any(not problem.warning for problem in problems))


def _pinyin(arguments: argparse.Namespace) -> int:
    import json

    from flashgen import orthography, pinyin
    from flashgen.problems import UsageError

    if arguments.write:
        from flashgen import output, pipeline

        if arguments.text or arguments.json or arguments.lexical or arguments.sandhi:
            raise UsageError(words("--write spells a deck file; leave out the text and the other options"))
        respelt = output.counted(pipeline.respell(arguments.write), "card")
        output.say(words("{cards} respelt", cards=respelt))
        return 0
    given = arguments.text not in ([], ["-"])
    lines: Iterable[str] = [" ".join(arguments.text)] if given else _stdin_lines()
    for line in pinyin.annotate(lines, lexical=arguments.lexical):
        said = tuple(orthography.spoken(line)) if arguments.sandhi else line
        print(
            json.dumps(pinyin.pairs(said), ensure_ascii=False) if arguments.json else orthography.spell(said)
        )
    return 0


def _stdin_lines() -> Iterable[str]:
    from flashgen import read
    from flashgen.problems import UsageError

    if sys.stdin.isatty():
        raise UsageError(words("give a text, or lines on standard input: flashgen pinyin 你好"))
    return read.lines(sys.stdin.buffer.read())


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "make": _make,
    "extract": _extract,
    "build": _build,
    "check": _check,
    "pinyin": _pinyin,
    "review": _review,
    "preview": _preview,
    "status": _status,
    "push": _push,
    "new": _new,
    "schema": _schema,
    "completion": _completion,
}
