"""The stages in order. Commands call these; stages do not know one another.

extracting:  read -> clean -> segment -> extract -> compose -> pinyin -> deck file
building:    deck file -> pinyin -> notes -> package, lock
"""

from __future__ import annotations

import bisect
import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flashgen import __version__, anki, deckfile, lock, notes
from flashgen.problems import FlashgenError, Place, Problem
from flashgen.records import Candidate, Card, Deck, Document, Source, Text, Word

if TYPE_CHECKING:
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
    doubts: tuple[Doubt, ...]


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
    """Make a deck of a source file or one chapter of a book. Raises FlashgenError if nothing is worth a card."""
    from flashgen import read

    tell("reading")
    made = make_deck(read.read(path, chapter), cards, tell=tell)
    if not made.deck.cards:
        raise FlashgenError(
            Problem(
                Place(str(path)),
                "holds nothing that could be a card",
                "write cards by hand: flashgen new DECK.yaml",
            )
        )
    return made


def make_deck(
    document: Document,
    cards: int | None = None,
    *,
    said: Collection[frozenset[str]] = (),
    tell: Progress = silent,
) -> Extraction:
    """Make a deck of a document, without what another deck says already, given as `bigrams`."""
    from flashgen import compose, pinyin, pinyin_lexicon, pinyin_words
    from flashgen import extract as extraction
    from flashgen.phrases import bigrams

    tell("cleaning")
    text = to_text(document)
    tell("extracting")
    candidates = extraction.extract(text)
    terms = pinyin.repeated_terms("\n".join(sentence.text for sentence in text.sentences))

    def words_of(stretch: str) -> Sequence[Word]:
        return next(pinyin.annotate([stretch], terms=terms))

    lexicon, costs = pinyin_lexicon.load(), dict.fromkeys(terms, pinyin.TERM)

    def ends_of(stretch: str) -> Sequence[int]:
        return [token.end for token in pinyin_words.parted(stretch, lexicon, costs)]

    repeated: list[Candidate] = []
    while True:
        if cards is None:
            chosen = extraction.choose(candidates, extraction.budget(text))
        else:
            chosen = extraction.choose(candidates, cards, floor=-math.inf)
        again = [
            one
            for one in chosen
            if any(map(partial(extraction.repeats, bigrams(" ".join((one.text, *one.items)))), said))
        ]
        if not again:
            break
        repeated += again
        out = set(map(id, again))
        candidates = [one for one in candidates if id(one) not in out]
    tell("composing")
    made = compose.compose(chosen, text, places(document), words_of, ends_of)
    title = text.title or Path(document.name).stem
    deck = Deck(deck_level(title), tuple(made), Source(title, text.author, document.name))
    tell("spelling pinyin")
    deck, doubts = with_pinyin(deck, terms)
    kept = set(map(id, chosen))
    passed = tuple(one for one in candidates if id(one) not in kept)
    return Extraction(deck, text, tuple(chosen), passed, tuple(repeated), tuple(doubts))


def deck_level(title: str) -> str:
    """Return a title as one level of a deck's name in Anki."""
    return " ".join(title.replace("::", "：").replace('"', "＂").split())


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


# --- pinyin


def quoted_texts(card: Card) -> tuple[str, ...]:
    """Return the texts of a card that its `pinyin` spells, line for line."""
    return card.items or ((notes.filled(card.cloze),) if card.cloze else (card.back,))


def with_pinyin(deck: Deck, terms: Iterable[str] = ()) -> tuple[Deck, list[Doubt]]:
    """Spell the pinyin of every card that has none, and tell which readings are unsure."""
    from flashgen import orthography, pinyin

    bare = [card for card in deck.cards if not card.pinyin]
    texts = [text for card in bare for text in quoted_texts(card)]
    spelt = iter(pinyin.annotate(texts, deck.readings, terms=tuple(terms)))
    cards: list[Card] = []
    doubts: list[Doubt] = []
    for card in deck.cards:
        if card.pinyin:
            cards.append(card)
            continue
        lines = [next(spelt) for _ in quoted_texts(card)]
        cards.append(replace(card, pinyin=tuple(map(orthography.spell, lines))))
        for index, words in enumerate(lines):
            doubts += [Doubt(card.id, index, offset, word) for offset, word, _ in pinyin.doubtful(words)]
    return replace(deck, cards=tuple(cards)), doubts


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reading that the annotator is unsure of: the card, which of its texts, where in it, the word."""

    card: str
    text: int
    offset: int
    word: Word


@dataclass(frozen=True, slots=True)
class Pinyin:
    """The words of every text of a deck, what to remember of them, and lines in the file that no longer fit."""

    words: Mapping[tuple[str, str], Sequence[Word]]
    memory: Mapping[str, str]
    problems: tuple[Problem, ...]


def lay_own(
    deck: Deck, remembered: Mapping[str, str] = {}
) -> tuple[dict[tuple[str, str], Sequence[Word]], list[Problem]]:
    """Lay the pinyin lines of a deck file on their texts, by card id and text; and tell which do not fit."""
    from flashgen import orthography

    words: dict[tuple[str, str], Sequence[Word]] = {}
    problems: list[Problem] = []
    for card in deck.cards:
        for index, (text, line) in enumerate(zip(quoted_texts(card), card.pinyin, strict=False)):
            if recalled := _recall(remembered, f"{text}\n{line}", text):
                words[card.id, text] = recalled
                continue
            try:
                words[card.id, text] = orthography.lay(text, line)
            except orthography.Misfit as misfit:
                place = card.places.get(f"pinyin.{index}", card.places.get("pinyin", card.place))
                problems.append(
                    Problem(
                        place,
                        f"the pinyin does not fit the text: {misfit}",
                        "correct it, or delete the line; fresh pinyin is used meanwhile",
                        warning=True,
                    )
                )
    return words, problems


def spell_deck(deck: Deck, remembered: Mapping[str, str]) -> Pinyin:
    """Find the words of all texts: from the card's own line, from memory, or annotated afresh.

    The lexicon and the network are loaded only if a text is new; what was laid or annotated once is remembered,
    so that a build on another machine, with another lexicon, gives the same bytes.
    """
    from flashgen import orthography

    words, problems = lay_own(deck, remembered)
    keys: dict[tuple[str, str], str] = {}
    new: list[tuple[str, str]] = []
    for card in deck.cards:
        for text, line in zip(quoted_texts(card), card.pinyin, strict=False):
            if (card.id, text) in words:
                keys[card.id, text] = f"{text}\n{line}"
        for text in notes.texts(card):
            if (card.id, text) in words:
                continue
            key = keys[card.id, text] = _remembered_key(deck, text)
            if recalled := _recall(remembered, key, text):
                words[card.id, text] = recalled
            else:
                new.append((card.id, text))
    if new:
        from flashgen import pinyin

        fresh = list(dict.fromkeys(text for _, text in new))
        annotated = dict(zip(fresh, pinyin.annotate(fresh, deck.readings, terms=_terms(deck)), strict=True))
        words |= {(card_id, text): annotated[text] for card_id, text in new}
    return Pinyin(
        words, {key: orthography.pack(words[which]) for which, key in keys.items()}, tuple(problems)
    )


def _recall(memory: Mapping[str, str], key: str, text: str) -> Sequence[Word]:
    """Return the words remembered under a key; none if a merged or edited lock has other words than the text."""
    from flashgen import orthography

    words = orthography.unpack(memory[key]) if key in memory else ()
    return words if "".join(word.text for word in words) == text else ()


def _terms(deck: Deck) -> list[str]:
    """Return the words that no dictionary knows and the deck's sources repeat."""
    from flashgen import pinyin

    return pinyin.repeated_terms("\n".join(card.source for card in deck.cards))


def _remembered_key(deck: Deck, text: str) -> str:
    """Texts are remembered with the deck's readings that bear on them: a changed reading makes them new."""
    bearing = sorted(f"{word}={said}" for word, said in deck.readings.items() if word in text)
    return "\n".join((text, *bearing))


# --- building


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made: the package, a plan for each deck, and warnings."""

    out: Path
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
    spelt: tuple[Pinyin, ...]
    problems: tuple[Problem, ...]

    def words_of(self, deck: Deck, card: Card, text: str) -> Sequence[Word]:
        """Return the words of one of a card's texts."""
        for (own, _), spelt in zip(self.decks, self.spelt, strict=True):
            if own.file == deck.file:
                return spelt.words[card.id, text]
        raise KeyError(deck.file)


def ready(paths: Sequence[Path], *, tell: Progress = silent) -> Ready:
    """Read deck files and their locks and spell their pinyin. Raises FlashgenError with every problem."""
    tell("reading")
    decks, problems = load_decks(paths)
    if any(not problem.warning for problem in problems):
        raise FlashgenError(*problems)
    locks = [lock.load(lock.beside(Path(deck.file))) for deck in decks]
    tell("spelling pinyin")
    spelt = tuple(spell_deck(deck, old.pinyin) for deck, old in zip(decks, locks, strict=True))
    misfits = (problem for one in spelt for problem in one.problems)
    return Ready(tuple(zip(decks, locks, strict=True)), spelt, (*problems, *misfits))


def build(paths: Sequence[Path], out: Path, *, own: Path | None = None, tell: Progress = silent) -> Built:
    """Build one package of some deck files and bring their locks up to date.

    Raises FlashgenError with every problem where a deck file is at fault; then nothing is written.
    """
    start = ready(paths, tell=tell)
    tell("building")
    plans = anki.build(start.decks, start.words_of, out, own=own)
    for plan, spelt in zip(plans, start.spelt, strict=True):
        lock.save(replace(plan.lock, pinyin=spelt.memory), lock.beside(Path(plan.deck.file)))
    return Built(out, tuple(plans), start.problems)


def plan(paths: Sequence[Path], *, own: Path | None = None) -> list[anki.Plan]:
    """Find what importing a build of some deck files will do; nothing is written.

    The locks of the plans are as a build would leave them: `save_locks` keeps them.
    """
    start = ready(paths)
    plans = anki.plan(start.decks, start.words_of, own=own, last=paths[0].with_suffix(".apkg"))
    return [
        replace(one, lock=replace(one.lock, pinyin=spelt.memory))
        for one, spelt in zip(plans, start.spelt, strict=True)
    ]


def save_locks(plans: Iterable[anki.Plan]) -> None:
    """Remember what was brought into Anki."""
    for one in plans:
        lock.save(one.lock, lock.beside(Path(one.deck.file)))


# --- the deck file on disk


@dataclass(frozen=True, slots=True)
class Written:
    """A deck file before and after an extraction, and how many cards it gained; `dropped` are not offered again."""

    before: str
    after: str
    added: int
    dropped: int


def write_deck(deck: Deck, path: Path, *, dry_run: bool = False, made_from: str = "") -> Written:
    """Write a new deck file, or add to an existing one the cards it has not seen; and remember what was offered.

    `made_from` is the hash of the source to remember, "" for none.
    Everything that stands in an existing file stays as it is. Raises FlashgenError where the file has problems;
    then nothing is written.
    """
    from flashgen import merge, schema

    memory = lock.load(lock.beside(path))
    if path.exists():
        before = _text_of(path)
        after, report = merge.merge(before, memory.offered, deck.cards, str(path))
        written = Written(before, after, len(report.added), len(report.dropped))
        offered = report.offered
    else:
        written = Written("", deckfile.dump(deck, header=_header(deck, path)), len(deck.cards), 0)
        offered = {**memory.offered, **{card.id: merge.fields(card) for card in deck.cards}}
    if not dry_run:
        lock.write_atomically(path, written.after.encode())
        lock.write_atomically(schema.beside(path), schema.text().encode())
        lock.save(replace(memory, offered=offered, source=made_from or memory.source), lock.beside(path))
    return written


def _text_of(path: Path) -> str:
    """Return a deck file's text, with its byte order mark; raise FlashgenError where it is not UTF-8."""
    data = path.read_bytes()
    _, problem = deckfile.decode(data, str(path))
    if problem:
        raise FlashgenError(problem)
    return data.decode()


def _header(deck: Deck, path: Path) -> list[str]:
    return [
        f"{len(deck.cards)} cards that flashgen {__version__} found in {deck.source.file}.",
        f"Edit freely, but never an id; then: flashgen build {path.name}",
    ]


def respell(path: Path) -> int:
    """Write fresh pinyin into a deck file for the cards that have none or whose line no longer fits."""
    from flashgen import merge

    deck, problems = deckfile.load(path)
    if deck is None or any(not problem.warning for problem in problems):
        raise FlashgenError(*problems)
    fitting, _ = lay_own(deck)
    stale = [
        card
        for card in deck.cards
        if not card.pinyin or any((card.id, text) not in fitting for text in quoted_texts(card))
    ]
    fresh, _ = with_pinyin(
        replace(deck, cards=tuple(replace(card, pinyin=()) for card in stale)), _terms(deck)
    )
    lines = {card.id: card.pinyin for card in fresh.cards}
    lock.write_atomically(path, merge.set_pinyin(_text_of(path), lines, str(path)).encode())
    return len(lines)


# --- a book


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of a book, its deck file, and what was done.

    Both `extraction` and `written` are None where the deck file was up to date, or the chapter is the cover or
    its like; `written` is None where the chapter gave no card.
    """

    number: int
    title: str
    path: Path
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
    wide = len(str(len(titles)))
    parent = name or deck_level(book.title) or deck_level(source.stem)
    said: dict[Path, list[frozenset[str]]] = {}

    def remember(path: Path) -> lock.Lock:
        memory = lock.load(lock.beside(path))
        said[path] = [
            bigrams(" ".join((fields.get("source", ""), *fields.get("items", ()))))
            for fields in memory.offered.values()
        ]
        return memory

    paths = [folder / f"{n:0{wide}}-{_file_name(title)}.yaml" for n, title in enumerate(titles, 1)]
    memories = [remember(path) for path in paths]
    for number, (title, path, memory) in enumerate(zip(titles, paths, memories, strict=True), 1):
        at = f"{number} of {len(titles)}, {title}"
        tell(at)
        document = read.read_chapter(book, source, number)
        digest = hashlib.sha256(f"{__version__} {cards} {document.text}".encode()).hexdigest()[:16]
        if _FRONT.match(title) or (path.exists() and memory.source == digest):
            yield Chapter(number, title, path)
            continue
        elsewhere = [one for other in paths if other != path for one in said[other]]
        made = make_deck(document, cards, said=elsewhere, tell=lambda step, at=at: tell(f"{at}: {step}"))  # type: ignore[misc]
        level = f"{number:0{wide}} {deck_level(title)}"
        made = replace(made, deck=replace(made.deck, name=f"{parent}::{level}"))
        if not made.deck.cards:
            yield Chapter(number, title, path, made)
            continue
        if not dry_run:
            folder.mkdir(exist_ok=True)
        written = write_deck(made.deck, path, dry_run=dry_run, made_from=digest)
        remember(path)
        yield Chapter(number, title, path, made, written)


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
    for deck in decks:
        laid, misfits = lay_own(deck)
        problems += (*misfits, *unsure(deck, laid))
    if source is not None:
        problems += _prove_all(decks, source, chapter)
    return problems


def _prove_all(decks: Sequence[Deck], source: Path, chapter: int | None) -> Iterator[Problem]:
    """Prove every deck; where the source is a book, each by the chapter that its cards' `at` names."""
    from flashgen import read

    book = None if chapter or source == read.STANDARD_INPUT else read.open_book(source)
    if book is None or len(book.chapters) == 1:
        document, text = read_text(source, chapter)
        for deck in decks:
            yield from prove(deck, document, text)
        return
    for deck in decks:
        count = Counter(card.at.partition(":")[0] for card in deck.cards if card.at)
        number = count.most_common(1)[0][0] if count else ""
        if number.isdecimal() and 0 < int(number) <= len(book.chapters):
            document = read.read_chapter(book, source, int(number))
            yield from prove(deck, document, to_text(document))
        else:
            message = f"no card says in its 'at' which chapter of {source.name} this is"
            yield Problem(Place(deck.file), message, "say it with --chapter N")


def unsure(deck: Deck, laid: Mapping[tuple[str, str], Sequence[Word]]) -> list[Problem]:
    """List the readings that the annotator is unsure of and nobody has settled in the deck's lines, as `laid`.

    A word that is read the same way in several places is told once, at the first.
    """
    cards = {card.id: card for card in deck.cards if card.pinyin}
    if not cards:
        return []
    bare = tuple(replace(card, pinyin=()) for card in cards.values())
    _, doubts = with_pinyin(replace(deck, cards=bare), _terms(deck))
    found: dict[Word, list[Place]] = {}
    for doubt in doubts:
        card = cards[doubt.card]
        said = _syllables_at(
            laid.get((card.id, quoted_texts(card)[doubt.text]), ()), doubt.offset, len(doubt.word.text)
        )
        if said == doubt.word.syllables:  # else corrected by hand, or without a line in the file
            place = card.places.get(f"pinyin.{doubt.text}", card.places.get("pinyin", card.place))
            found.setdefault(doubt.word, []).append(place)
    return [
        Problem(
            places[0],
            f"'{word.text}' is read {' '.join(word.syllables)} here"
            + (f" and in {len(places) - 1} more places" if len(places) > 1 else "")
            + f", perhaps {' or '.join(word.unsure)}",
            "correct the line if it is wrong, or put the word under readings:",
            warning=True,
        )
        for word, places in found.items()
    ]


def _syllables_at(words: Sequence[Word], offset: int, length: int) -> tuple[str, ...]:
    from flashgen import pinyin

    pairs = pinyin.pairs(words)[offset : offset + length]
    return tuple(syllable for _, syllable in pairs if syllable)


def surroundings(source: Path, chapter: int | None = None) -> Callable[[Card], str]:
    """Return a function that gives the paragraph of a source that a card comes from, "" if it has none."""
    from flashgen.phrases import bare

    _, text = read_text(source, chapter)
    paragraphs = [(bare(str(block.text)), str(block.text)) for block in text.blocks]

    def around(card: Card) -> str:
        first = bare(card.source.partition(" … ")[0])
        return next((whole for key, whole in paragraphs if first and first in key), card.source)

    return around


def prove(deck: Deck, document: Document, text: Text) -> list[Problem]:
    """Prove that every card's `source` stands in the text and that its answer is made of the source's words.

    Marks and spaces do not count: copies lose them. A list's source holds its items with " … " between.
    """
    from flashgen.phrases import bare

    whole = bare("".join(str(block.text) for block in text.blocks))
    problems: list[Problem] = []
    for card in deck.cards:
        pieces = [piece for piece in card.source.split("…") if bare(piece)]
        at = card.places.get("source", card.place)
        if not pieces:
            problems.append(Problem(at, f"card '{card.id}' has no source", "give its sentence", warning=True))
            continue
        problems += [
            Problem(
                at, f"the source of '{card.id}' does not stand in {document.name}", "quote it word for word"
            )
            for piece in pieces
            if bare(piece) not in whole
        ]
        said = bare(card.source)
        for answer in card.items or (notes.filled(card.cloze) if card.cloze else card.back,):
            if bare(answer) not in said:
                key = "items" if card.items else "cloze" if card.cloze else "back"
                problems.append(
                    Problem(
                        card.places.get(key, card.place),
                        f"the answer of '{card.id}' is not in its source's words",
                        "quote the source, or give the sentence it comes from",
                    )
                )
    return problems
