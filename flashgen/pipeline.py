"""The stages in order. Commands call these; stages do not know one another.

extracting:  read -> clean -> segment -> extract -> compose -> pinyin -> deck file
building:    deck file -> pinyin -> notes -> package, lock
"""

from __future__ import annotations

import bisect
import hashlib
import math
import re
import shlex
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from flashgen import __version__, deckcheck, deckfile, lock, messages, notes, spelling
from flashgen.files import file_name, write_atomically
from flashgen.language import words
from flashgen.output import counted
from flashgen.problems import FlashgenError, Place, Problem
from flashgen.prove import is_of_another_text, prove
from flashgen.records import Candidate, Card, Deck, Document, Source, Text, Word

if TYPE_CHECKING:
    from flashgen import anki
    from flashgen.pinyin_lexicon import Token
    from flashgen.read_epub import Book

Progress = Callable[[str], None]
"""Told what is being done, for those who wait."""


def silent(_step: str) -> None:
    """Report nothing."""


# --- extracting


@dataclass(frozen=True, slots=True)
class Extraction:
    """A deck made from a source, the text it came from, and the candidates: chosen, and passed over, best first.

    `repeated` are those that would have been chosen, but what they say stands in another deck of the same book.
    `doubts` are the readings of its pinyin that a person should look at.
    """

    deck: Deck
    text: Text
    chosen: tuple[Candidate, ...]
    passed: tuple[Candidate, ...]
    repeated: tuple[Candidate, ...]
    doubts: tuple[spelling.Doubt, ...]


def read_text(path: Path, chapter: int | None = None) -> tuple[Document, Text]:
    """Read, clean and segment a source file, or one chapter of a book."""
    from flashgen import read

    document = read.read(path, chapter)
    return document, to_text(document)


def to_text(document: Document) -> Text:
    """Clean and segment a document."""
    from flashgen import clean, segment

    return segment.segment(clean.clean(document))


def extract(
    path: Path, cards: int | None = None, *, chapter: int | None = None, tell: Progress = silent
) -> Extraction:
    """Make a deck of a source file or one chapter of a book; it has no cards if nothing is worth one."""
    from flashgen import read

    tell(words("reading"))
    return make_deck(read.read(path, chapter), cards, tell=tell)


def make_deck(
    document: Document,
    cards: int | None = None,
    *,
    said: Collection[frozenset[str]] = (),
    tell: Progress = silent,
) -> Extraction:
    """Make a deck of a document, without what another deck says already, given as `extract.pairs`."""
    from flashgen import compose, pinyin, pinyin_lexicon, pinyin_words
    from flashgen import extract as extraction

    tell(words("cleaning"))
    text = to_text(document)
    tell(words("extracting"))
    candidates = extraction.extract(text)
    terms = pinyin.repeated_terms("\n".join(one.text for one in text.sentences))

    def words_of(stretch: str) -> Sequence[Word]:
        return next(pinyin.annotate([stretch], terms=terms))

    lexicon, costs = pinyin_lexicon.load(), dict.fromkeys(terms, pinyin.TERM)

    def tokens_of(stretch: str) -> Sequence[Token]:
        return pinyin_words.parted(stretch, lexicon, costs)

    number, floor = (extraction.budget(text), extraction.FLOOR) if cards is None else (cards, -math.inf)
    chosen, repeated = extraction.choose(candidates, number, floor, said)
    tell(words("composing"))
    composed = compose.compose(chosen, text, places(document), words_of, tokens_of)
    made = as_found([card for _, card in composed], text)
    title = text.title or Path(document.name).stem
    deck = Deck(deckcheck.level(title), tuple(made), Source(title, text.author, document.name))
    tell(words("spelling pinyin"))
    deck, doubts = spelling.with_pinyin(deck, terms)
    asked = tuple(candidate for candidate, _ in composed)
    left = set(map(id, (*asked, *repeated)))
    passed = tuple(one for one in candidates if id(one) not in left)
    return Extraction(deck, text, asked, passed, tuple(repeated), tuple(doubts))


def as_found(cards: Sequence[Card], text: Text) -> list[Card]:
    """Return the cards with their `source` as it stands in the file, without the marks that were put back."""
    if not text.restored:
        return list(cards)
    whole = "\n".join(str(block.text) for block in text.blocks)
    starts = accumulate((len(block.text) + 1 for block in text.blocks), initial=0)
    put = {
        start + at for start, block in zip(starts, text.blocks, strict=False) for at in block.text.inserted()
    }

    def found(piece: str) -> str:
        at = whole.find(piece)
        return piece if at < 0 else "".join(char for n, char in enumerate(piece, at) if n not in put)

    return [replace(card, source=" … ".join(map(found, card.source.split(" … ")))) for card in cards]


def places(document: Document) -> Callable[[int], str]:
    """Return a function from an offset in a document to its place.

    That is "line:column"; in a source with pages or chapters "page:paragraph" or "chapter:paragraph".
    """
    if document.parts:
        begins, numbers = zip(*document.parts, strict=True)
        paragraphs = [match.start() for match in re.finditer(r"[^\n]+", document.text)]

        def part(offset: int) -> str:
            at = max(0, bisect.bisect_right(begins, offset) - 1)
            before = bisect.bisect_left(paragraphs, begins[at])
            return f"{numbers[at]}:{max(1, bisect.bisect_right(paragraphs, offset) - before)}"

        return part
    starts = [0, *(match.end() for match in re.finditer("\n", document.text))]

    def place(offset: int) -> str:
        line = bisect.bisect_right(starts, offset)
        return f"{line}:{offset - starts[line - 1] + 1}"

    return place


# --- building


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made: a plan for each deck, and warnings."""

    plans: tuple[anki.Plan, ...]
    problems: tuple[Problem, ...]


def load_decks(paths: Sequence[Path]) -> tuple[list[Deck], list[Problem]]:
    """Load deck files; problems of all of them together."""
    decks: list[Deck] = []
    problems: list[Problem] = []
    for path in paths:
        deck, found = deckfile.load(path)
        problems += found
        if deck is not None:
            decks.append(deck)
    return decks, problems


@dataclass(frozen=True, slots=True)
class Ready:
    """Deck files read and spelt, with their locks: what a build and a status start from."""

    decks: tuple[tuple[Deck, lock.Lock], ...]
    spelt: tuple[spelling.Pinyin, ...]
    problems: tuple[Problem, ...]

    def words_of(self, deck: Deck, card: Card, text: str) -> Sequence[Word]:
        """Return the words of one of a card's texts."""
        for (own, _), spelt in zip(self.decks, self.spelt, strict=True):
            if own.file == deck.file:
                return spelt.words[card.id, text]
        raise KeyError(deck.file)


def ready(paths: Sequence[Path], *, tell: Progress = silent) -> Ready:
    """Read deck files and their locks and spell their pinyin. Raises FlashgenError with every problem."""
    tell(words("reading"))
    decks, problems = load_decks(paths)
    if any(not problem.warning for problem in problems):
        raise FlashgenError(*problems)
    locks = [lock.load(lock.beside(Path(deck.file))) for deck in decks]
    tell(words("spelling pinyin"))
    spelt = tuple(spelling.spell_deck(deck, old) for deck, old in zip(decks, locks, strict=True))
    misfits = (problem for one in spelt for problem in one.problems)
    return Ready(tuple(zip(decks, locks, strict=True)), spelt, (*problems, *misfits))


def build(paths: Sequence[Path], out: Path, *, own: Path | None = None, tell: Progress = silent) -> Built:
    """Build one package of some deck files and bring their locks up to date.

    Raises FlashgenError with every problem where a deck file is at fault; then nothing is written.
    """
    from flashgen import anki

    start = ready(paths, tell=tell)
    tell(words("building"))
    plans = anki.build(start.decks, start.words_of, out, own=own)
    for plan, spelt in zip(plans, start.spelt, strict=True):
        lock.save(spelt.kept_by(plan.lock), lock.beside(Path(plan.deck.file)))
    return Built(tuple(plans), start.problems)


def plan(paths: Sequence[Path], *, own: Path | None = None, last: Path | None = None) -> list[anki.Plan]:
    """Find what importing a build of some deck files will do; nothing is written.

    Where a lock is lost, `last`, the package built last, stands in for it.
    The locks of the plans are as a build would leave them: `save_locks` keeps them.
    """
    from flashgen import anki

    start = ready(paths)
    plans = anki.plan(start.decks, start.words_of, own=own, last=last)
    return [replace(one, lock=spelt.kept_by(one.lock)) for one, spelt in zip(plans, start.spelt, strict=True)]


def save_locks(plans: Iterable[anki.Plan]) -> None:
    """Remember what was brought into Anki."""
    for one in plans:
        lock.save(one.lock, lock.beside(Path(one.deck.file)))


# --- the deck file on disk


@dataclass(frozen=True, slots=True)
class Written:
    """A deck file before and after an extraction, and how many cards it gained; `dropped` are not offered again.

    `name` is the deck's name in the file; `doubts` are those of the extraction whose lines stand in it.
    """

    before: str
    after: str
    name: str
    added: int
    dropped: int
    doubts: tuple[spelling.Doubt, ...]


def write_deck(extraction: Extraction, path: Path, *, dry_run: bool = False, made_from: str = "") -> Written:
    """Write a new deck file, or add to an existing one the cards it has not seen; and remember what was offered.

    `made_from` is the hash of the source to remember, "" for none.
    Everything that stands in an existing file stays as it is. Raises FlashgenError where the file has problems, or
    was made from another text; then nothing is written.
    """
    from flashgen import merge, schema

    deck, memory = extraction.deck, lock.load(lock.beside(path))
    before, added, dropped = "", len(deck.cards), 0
    if path.exists():
        before = _text_of(path)
        after, report = merge.merge(before, memory.offered, deck.cards, str(path))
        if is_of_another_text(deckfile.parse(before)[0], extraction.text):
            raise FlashgenError(messages.problem("other-text", Place(str(path)), name=deck.source.file))
        added, dropped, offered = len(report.added), len(report.dropped), report.offered
    else:
        after = deckfile.dump(deck, header=_header(deck, path))
        offered = {**memory.offered, **{card.id: merge.fields(card) for card in deck.cards}}
    now = deckfile.parse(after)[0] or deck
    lines = {line for card in now.cards for line in card.pinyin}
    doubts = tuple(doubt for doubt in extraction.doubts if doubt.line in lines)
    written = Written(before, after, now.name, added, dropped, doubts)
    if not dry_run:
        memory = replace(
            memory, offered=offered, doubts={**memory.doubts, **spelling.remembered(written.doubts)}
        )
        if written.added:
            memory = replace(memory, terms=None)  # there may be others now
        write_atomically(path, written.after.encode())
        write_atomically(schema.beside(path), schema.text().encode(), through_links=False)
        lock.save(replace(memory, source=made_from or memory.source), lock.beside(path))
    return written


def _text_of(path: Path) -> str:
    """Return a deck file's text, with its byte order mark; raise FlashgenError where it is not UTF-8."""
    data = path.read_bytes()
    _, problem = deckfile.decode(data, str(path))
    if problem:
        raise FlashgenError(problem)
    return data.decode()


def _header(deck: Deck, path: Path) -> list[str]:
    mended = sum(any(text not in card.source for text in spelling.quoted_texts(card)) for card in deck.cards)
    found = words(
        "{cards} that flashgen {version} found in {file}.",
        cards=counted(len(deck.cards), "card"),
        version=__version__,
        file=deck.source.file,
    )
    put_back = words(
        "In {n} of them marks that the copy had lost are put back; `source` is as found.", n=mended
    )
    name = shlex.quote(file_name(path))
    edit = words("Edit freely, but never an id; then: flashgen build {path}", path=name)
    return [found, *([put_back] if mended else []), edit]


def respell(path: Path) -> int:
    """Write fresh pinyin into a deck file where lines are missing or no longer fit; return in how many cards."""
    from flashgen import merge

    deck, problems = deckfile.load(path)
    if deck is None or any(not problem.warning for problem in problems):
        raise FlashgenError(*problems)
    before = lock.load(lock.beside(path))
    lines, doubts = spelling.respelt(deck, before)
    after = merge.set_pinyin(_text_of(path), lines, str(path))
    write_atomically(path, after.encode())
    written = {card.id: card.pinyin for card in deck.cards}
    offered = dict(before.offered)
    for card in lines.keys() & offered.keys():
        fresh = [line for line in lines[card] if line not in written[card]]
        offered[card] = {**offered[card], "pinyin": [*offered[card].get("pinyin", ()), *fresh]}
    memory = replace(before, offered=offered, doubts={**before.doubts, **spelling.remembered(doubts)})
    if memory != before:
        lock.save(memory, lock.beside(path))
    return len(lines)


# --- a book


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of a book, its deck file, whether that is there now, and what was done.

    Both `extraction` and `written` are None where the deck file was up to date, or the chapter is the cover or
    its like; `written` is None where the chapter gave no card.
    """

    number: int
    title: str
    path: Path
    there: bool
    extraction: Extraction | None = None
    written: Written | None = None


def make_book(
    book: Book,
    source: Path,
    folder: Path,
    name: str = "",
    cards: int | None = None,
    *,
    dry_run: bool = False,
    tell: Progress = silent,
) -> Iterator[Chapter]:
    """Write a deck file for each chapter of a book into a folder, and yield each chapter when it is done.

    The decks stand under one parent, `name` or the book's title. A deck file that was made from the same chapter
    is left as it is, so that an interrupted run goes on where it stopped; else the chapter's new cards are added.
    What the deck of another chapter says already, or said until its user dropped it, is not said again.
    """
    from flashgen import read
    from flashgen.phrases import bigrams

    titles = [entry.title for entry in book.chapters]
    parent = name or deckcheck.level(book.title) or deckcheck.level(source.stem)
    said: dict[Path, list[frozenset[str]]] = {}

    def remember(path: Path) -> lock.Lock:
        memory = lock.load(lock.beside(path))
        said[path] = [
            bigrams(" ".join((fields.get("source", ""), *fields.get("items", ()))))
            for fields in memory.offered.values()
        ]
        return memory

    paths = _deck_files(folder, book)
    memories = [remember(path) for path in paths]
    for number, (title, path, memory) in enumerate(zip(titles, paths, memories, strict=True), 1):
        at = words("{n} of {count}, {title}", n=number, count=len(titles), title=title)
        tell(at)
        document = read.read_chapter(book, source, number)
        digest = hashlib.sha256(f"{__version__} {cards} {document.text}".encode()).hexdigest()[:16]
        there = path.exists()
        if _FRONT.match(title) or (there and memory.source == digest):
            yield Chapter(number, title, path, there)
            continue
        elsewhere = [one for other in paths if other != path for one in said[other]]
        made = make_deck(document, cards, said=elsewhere, tell=lambda step, at=at: tell(f"{at}: {step}"))  # type: ignore[misc]
        level = f"{_number(number, book)} {deckcheck.level(title)}"
        made = replace(made, deck=replace(made.deck, name=f"{parent}::{level}"))
        if not made.deck.cards:
            yield Chapter(number, title, path, there, made)
            continue
        if not dry_run:
            folder.mkdir(exist_ok=True)
        written = write_deck(made, path, dry_run=dry_run, made_from=digest)
        remember(path)
        yield Chapter(number, title, path, there or not dry_run, made, written)


def _deck_files(folder: Path, book: Book) -> list[Path]:
    """Return the deck file of each chapter of a book: the one that the folder has, else a new name.

    A chapter goes on with the file that has its title, the second of that title with the second such file; else with
    the one that has its number and no other chapter's title. So titles may change, and chapters be added at the end or
    before others.
    """
    titles = [_file_name(entry.title) for entry in book.chapters]
    standing: dict[str, list[Path]] = {}
    numbered: dict[int, Path] = {}
    for path in sorted([*folder.glob("*-*.yaml"), *folder.glob("*-*.yml")]):
        number, _, title = path.stem.partition("-")
        if number.isdecimal() and title in titles:
            standing.setdefault(title, []).append(path)
        elif number.isdecimal():
            numbered.setdefault(int(number), path)
    return [
        standing[title].pop(0)
        if standing.get(title)
        else numbered.get(number, folder / f"{_number(number, book)}-{title}.yaml")
        for number, title in enumerate(titles, 1)
    ]


def _number(number: int, book: Book) -> str:
    """Return the number of a chapter as the names of decks and their files have it: 01."""
    return f"{number:0{max(2, len(str(len(book.chapters))))}}"


_FRONT = re.compile(
    r"\W*(封面|扉页|书名页|版权(页|信息|声明)?|目[录錄次]|cover|copyright|contents)\W*$", re.IGNORECASE
)
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\s]+')  # what Windows or a shell has no place for in a name


def _file_name(title: str) -> str:
    return _UNSAFE.sub(" ", title).strip(" .")[:40].strip(" .").replace(" ", "-") or "chapter"


# --- checking


def check(decks: Sequence[Deck], source: Path | None = None, chapter: int | None = None) -> list[Problem]:
    """Check what a deck file's own checks cannot see: pinyin that fits, and texts that stand in the source."""
    problems: list[Problem] = []
    seen: dict[tuple[str, str, str], Card] = {}
    for deck in decks:
        for card in deck.cards:
            first = seen.setdefault((deck.name, card.id, notes.note_type(card)), card)
            if first.place.file != card.place.file:
                problems.append(messages.problem("id-elsewhere", card.place, id=card.id, other=first.place))
        try:
            problems += spelling.check(deck, lock.load(lock.beside(Path(deck.file))))
        except FlashgenError as error:
            problems += [problem for problem in error.problems if isinstance(problem, Problem)]
    if source is not None:
        problems += _prove_all(decks, source, chapter)
    return problems


def _prove_all(decks: Sequence[Deck], source: Path, chapter: int | None) -> Iterator[Problem]:
    """Prove every deck; where the source is a book, each by its chapter."""
    from flashgen import read

    book = read.whole_book(source, chapter)
    if book is None:
        document, text = read_text(source, chapter)
        for deck in decks:
            yield from prove(deck, document, text)
        return
    for deck in decks:
        if number := _chapter_of(deck, book):
            document = read.read_chapter(book, source, number)
            yield from prove(deck, document, to_text(document))
        else:
            yield messages.problem("no-chapter", Place(deck.file), name=source.name)


def _chapter_of(deck: Deck, book: Book) -> int | None:
    """Return the number of the chapter of a book that a deck is of: by its file, or by the `at` of most of its cards."""
    path = Path(deck.file)
    if path in (files := _deck_files(path.parent, book)):
        return files.index(path) + 1
    count = Counter(card.at.partition(":")[0] for card in deck.cards if card.at)
    number = count.most_common(1)[0][0] if count else ""
    return int(number) if number.isdecimal() and 0 < int(number) <= len(book.chapters) else None


def surroundings(path: Path, source: Path, chapter: int | None = None) -> Callable[[Card], str]:
    """Return a function that gives the paragraph of a source that a card of a deck file comes from.

    Where the source is a book, that is the deck's chapter. Raises FlashgenError where nothing tells which it is.
    """
    from flashgen import read
    from flashgen.hanzi import bare

    if book := read.whole_book(source, chapter):
        deck, problems = deckfile.load(path)
        if deck is None:
            raise FlashgenError(*problems)
        chapter = _chapter_of(deck, book)
        if chapter is None:
            raise FlashgenError(messages.problem("no-chapter", Place(deck.file), name=source.name))
    _, text = read_text(source, chapter)
    paragraphs = [(bare(str(block.text)), str(block.text)) for block in text.blocks]

    def around(card: Card) -> str:
        first = bare(card.source.partition(" … ")[0])
        return next((whole for key, whole in paragraphs if first and first in key), card.source)

    return around
