"""New cards and new pinyin into a deck file that people have edited, leaving every other byte as it is.

The file is never written anew: a merge is a list of insertions into its text. What it did is read back and
compared, so that a file of an unforeseen shape is refused rather than harmed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from flashgen import deckfile, messages
from flashgen.deckyaml import FIELDS, Listing, Node, Reading, Scalar, Table
from flashgen.hanzi import bare
from flashgen.orthography import free_name
from flashgen.problems import FlashgenError, Place
from flashgen.records import Card, Deck

SAME_SENTENCE = 0.75
"""How much of two texts' pairs of characters must agree (Dice) for them to be one sentence, edited.

Of 475 sentences in one chapter and two articles, the likeness of a sentence to the nearest other one is 0.74
at the 99th percentile; to itself after one to three small edits, 0.88 in the median, 0.67 at the fifth.
"""

SAME_ID = 0.4  # cards of one id are one card unless their texts have next to nothing in common


@dataclass(frozen=True, slots=True)
class Report:
    """What a merge did. `added` are the new cards as they were written, with the ids they were given.

    `dropped` holds the ids of those that were offered before and are no longer in the file. `offered` is what the lock
    must remember from now on.
    """

    added: tuple[Card, ...]
    dropped: tuple[str, ...]
    offered: Mapping[str, Mapping[str, Any]]


def fields(card: Card) -> dict[str, Any]:
    """Return what a card says, as the lock keeps it: its fields that are set, but for the id."""
    values = {key: getattr(card, key) for key in FIELDS if key != "id"}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items() if value}


def merge(
    text: str, offered: Mapping[str, Mapping[str, Any]], new: Sequence[Card], file: str = ""
) -> tuple[str, Report]:
    """Return a deck file's text with the cards of `new` that it has not seen yet, and what was done.

    `offered` holds the fields of every card offered before, by id, and `new` what the generator offers now. A
    card that the file holds is left as it stands, changed by hand or not; one that was offered and is gone
    from the file stays away; both are recognised by their id or, where the source was edited or reordered, by
    their sentence. The others go behind the card that precedes them in the source.

    Merging the result again changes nothing. Raises FlashgenError where the text has problems.
    """
    deck, reading = _read(text, file)
    known = {key: _Texts(value) for key, value in offered.items()}
    matches = _match(new, deck.cards, known)
    taken = {*(card.id for card in deck.cards), *offered, *(card.id for card in new)}
    added: list[Card] = []
    remembered = dict(offered)
    here = {card.id for card in deck.cards}
    places = {card.id: _at(card.at) for card in deck.cards}
    dropped = []
    for card, match in zip(new, matches, strict=True):
        if match is None:
            clash = card.id in here or card.id in offered
            added.append(replace(card, id=free_name(card.id, taken)) if clash else card)
            taken.add(added[-1].id)
        elif match in here:
            places[match] = _at(card.at)  # where the source has it now
        else:
            dropped.append(match)
        remembered[match or added[-1].id] = fields(card)
    report = Report(tuple(added), tuple(dropped), remembered)
    if not added:
        return text, report
    return _insert(text, reading, deck, places, added), report


# --- Which card is which ---


class _Texts:
    """What a card is recognised by: its sentence in the source, or else its answer; and its answer."""

    def __init__(self, card: Mapping[str, Any]) -> None:
        self.answer = bare(card.get("back") or card.get("cloze") or "".join(card.get("items") or ()))
        self.sentence = bare(card.get("source") or "") or self.answer
        self.pairs = frozenset(self.sentence[i : i + 2] for i in range(len(self.sentence) - 1))

    def likeness(self, other: _Texts) -> float:
        """Return from 0 to 1 how alike the sentences are."""
        if self.sentence == other.sentence:
            return 1.0
        return 2 * len(self.pairs & other.pairs) / (len(self.pairs) + len(other.pairs) or 1)


def _match(new: Sequence[Card], old: Sequence[Card], offered: Mapping[str, _Texts]) -> list[str | None]:
    """Return for each new card the id of the card that it is, in the file or offered before; None if new.

    Ids go before equal texts, and these before similar ones; each old card stands for one new card at most.
    """
    wanted = [_Texts(fields(card)) for card in new]
    known: dict[str, list[_Texts]] = {card.id: [_Texts(fields(card))] for card in old}
    for key, texts in offered.items():
        known.setdefault(key, []).append(texts)
    found: list[str | None] = [None] * len(new)
    free = dict(known)

    def settle(n: int, key: str) -> None:
        found[n] = key
        del free[key]

    for n, card in enumerate(new):
        if any(wanted[n].likeness(texts) >= SAME_ID for texts in free.get(card.id, ())):
            settle(n, card.id)
    for key_of in (lambda texts: (texts.sentence, texts.answer), lambda texts: texts.sentence):
        by_key = {key_of(texts): key for key, versions in free.items() for texts in versions}
        for n, texts in enumerate(wanted):
            match = by_key.get(key_of(texts)) if texts.sentence else None
            if found[n] is None and match in free:
                settle(n, match)
    index: dict[str, set[str]] = {}
    for key, versions in free.items():
        for pair in frozenset[str]().union(*(texts.pairs for texts in versions)):
            index.setdefault(pair, set()).add(key)
    for n, texts in enumerate(wanted):
        if found[n] is None:
            near = {key for pair in texts.pairs for key in index.get(pair, ())} & free.keys()
            likeness, best = max(
                ((max(map(texts.likeness, free[key])), key) for key in near), default=(0.0, "")
            )
            if likeness >= SAME_SENTENCE:
                settle(n, best)
    return found


# --- Into the text ---


def _read(text: str, file: str) -> tuple[Deck, Reading]:
    """Return a deck file's text as a deck and as a tree; raises FlashgenError where it has problems."""
    deck, problems = deckfile.parse(text, file)
    errors = [problem for problem in problems if not problem.warning]
    if deck is None or errors:
        raise FlashgenError(*errors)
    return deck, Reading(text.removeprefix("\ufeff"), file)


@dataclass(frozen=True, slots=True)
class _Edit:
    """Characters from `start` to `end` of a text, and what is to stand there instead."""

    start: int
    end: int
    text: str


class _Lines:
    """A text's lines as they stand, with where each begins, and the edits to be made."""

    def __init__(self, text: str, reading: Reading) -> None:
        self.text = text
        self.lines = reading.lines
        self.newline = (re.search(r"\r\n|\r|\n", text) or ["\n"])[0]
        self.starts = [text.startswith("\ufeff") + 0]
        self.starts += [found.end() for found in re.finditer(r"\r\n|\r|\n", text)]
        self.edits: list[_Edit] = []

    def end(self, line: int) -> int:
        """Return where a line ends, before its break."""
        return self.starts[line] + len(self.lines[line])

    def at(self, line: int, column: int) -> int:
        """Return where a line and column are in the text."""
        return self.starts[line] + column

    def at_flow(self, node: Node) -> bool:
        """Return whether a node stands within brackets or braces of its own."""
        return self.lines[node.line][node.column : node.column + 1] in ("[", "{")

    def put(self, start: int, end: int, text: str) -> None:
        self.edits.append(_Edit(start, end, text.replace("\n", self.newline)))

    def edited(self) -> str:
        """Return the text with all edits made; of two at one place, the first comes first."""
        out, at = [], 0
        for edit in sorted(self.edits, key=lambda edit: edit.start):
            out += [self.text[at : edit.start], edit.text]
            at = edit.end
        return "".join([*out, self.text[at:]])


def _cards(reading: Reading) -> tuple[Scalar, Node, int]:
    """Return the key `cards`, its value, and the line behind its last."""
    assert isinstance(reading.root, Table)  # noqa: S101  (it has been read as a deck)
    pairs = [(key, value) for key, value in reading.root.pairs if isinstance(key, Scalar)]
    at = next(n for n, (key, _) in enumerate(pairs) if key.text == "cards")
    start = pairs[at][0].line + 1
    end = pairs[at + 1][0].line if at + 1 < len(pairs) else len(reading.lines)
    marks = (n for n in range(start, end) if re.match(r"(---|\.\.\.)(\s|$)", reading.lines[n]))
    return *pairs[at], next(marks, end)


def _last_line(lines: Sequence[str], start: int, end: int, dash: int) -> int:
    """Return the last line of what begins in line `start` and ends before `end`.

    Blank lines behind it are not its own. Comments are if they are indented deeper than its dash, or follow
    it at once and are followed by a blank line.
    """
    last = end - 1
    while last > start:
        bare = lines[last].lstrip()
        if bare and not (bare[0] == "#" and len(lines[last]) - len(bare) <= dash):
            break
        last -= 1
    below = last + 1
    while below < end and lines[below].startswith("#"):
        below += 1
    return below - 1 if below < end and not lines[below].strip() else last


def _keeps(lines: Sequence[str]) -> bool:
    """Return whether there is a `|+` text in these lines: the blank lines behind it belong to it."""
    return any(re.search(r"[|>][0-9]*\+[0-9]*\s*(#.*)?$", line) for line in lines)


_END = (1 << 60, 0)  # behind every place in a source


def _at(at: str) -> tuple[int, int] | None:
    line, _, column = at.partition(":")
    return (int(line), int(column)) if line.isdecimal() and column.isdecimal() else None


def _insert(
    text: str,
    reading: Reading,
    deck: Deck,
    places: Mapping[str, tuple[int, int] | None],
    added: Sequence[Card],
) -> str:
    """Return the text with the cards of `added` behind those that precede them in the source."""
    key, node, end = _cards(reading)
    lines = _Lines(text, reading)
    if not deck.cards:
        added = sorted(added, key=lambda card: _at(card.at) or _END)
        _insert_first(lines, node, added, reading)
        _prove(lines.edited(), added, _comments(reading), reading.file)
        return lines.edited()
    assert isinstance(node, Listing)  # noqa: S101
    dash = node.column
    starts = _starts(lines, node, reading)
    ends = [_last_line(reading.lines, a, b, dash) for a, b in zip(starts, [*starts[1:], end], strict=True)]
    between = [reading.lines[a + 1 : b] for a, b in zip(ends, starts[1:], strict=False)]
    airy = any("" in map(str.strip, lines) for lines in between) or len(starts) == 1
    gap = "\n\n" if airy else "\n"
    expected: list[Card] = []
    gaps = _gaps([places[card.id] for card in deck.cards], added)
    for behind in range(-1, len(deck.cards)):
        expected += deck.cards[behind : behind + 1] if behind >= 0 else ()
        if not (cards := gaps.get(behind)):
            continue
        expected += cards
        entries = [deckfile.entry(card, dash) for card in cards]
        if behind < 0:
            top = lines.end(key.line)
            lines.put(top, top, "\n" + gap.join(entries) + gap[1:])
        else:
            lead, last, tail = gap, ends[behind], ""
            if _keeps(reading.lines[starts[behind] : last + 1]):
                below = [*starts[1:], end][behind]
                while last + 1 < below and not reading.lines[last + 1].strip():
                    last += 1
                more = last + 1 < len(reading.lines)
                lead, tail = ("\n", gap[1:]) if more else ("\n" * bool(reading.lines[last]), "")
            lines.put(lines.end(last), lines.end(last), lead + gap.join(entries) + tail)
    _prove(lines.edited(), expected, _comments(reading), reading.file)
    return lines.edited()


def _insert_first(lines: _Lines, node: Node, added: Sequence[Card], reading: Reading) -> None:
    """Put cards into a deck that has none: behind `cards:`, or in the place of its []."""
    entries = "\n" + "\n\n".join(deckfile.entry(card) for card in added)
    if not lines.at_flow(node):
        lines.put(lines.end(node.line), lines.end(node.line), entries)
        return
    start = lines.at(node.line, node.column)
    if not (empty := re.compile(r"\[\s*\]([^\r\n]*)").match(lines.text, start)):
        raise FlashgenError(messages.problem("flow-cards", reading.place(node)))  # there is a comment in it
    lines.put(len(lines.text[:start].rstrip(" ")), empty.end(), empty[1] + entries)


def _dash_line(reading: Reading, entry: Node, dash: int) -> int:
    """Return the line of an entry's dash: its own, or one above it."""
    for line in range(entry.line, -1, -1):
        if re.match(rf" {{{dash}}}-(\s|$)", reading.lines[line]):
            return line
    raise FlashgenError(messages.problem("no-place", reading.place(entry)))


def _gaps(places: Sequence[tuple[int, int] | None], added: Sequence[Card]) -> dict[int, list[Card]]:
    """Return the new cards by the index of the card that they go behind, -1 for the very top.

    A new card goes behind the one with the last place in the source that is not after its own. Cards without
    a place were written by hand, most likely about the card before them: they stay with it.
    """
    gaps: dict[int, list[Card]] = {}
    for card in sorted(added, key=lambda card: _at(card.at) or _END):
        wanted = _at(card.at) or _END
        before = [(place, n) for n, place in enumerate(places) if place and place <= wanted]
        behind = max(before)[1] if before else -1 if any(places) else len(places) - 1
        while behind >= 0 and behind + 1 < len(places) and places[behind + 1] is None:
            behind += 1
        gaps.setdefault(behind, []).append(card)
    return gaps


def remove(text: str, card_id: str, file: str = "") -> str:
    """Return a deck file's text without a card and the blank lines behind it; comments above it stay.

    Raises FlashgenError where the text has problems or its cards stand in [ ].
    """
    deck, reading = _read(text, file)
    _, node, end = _cards(reading)
    assert isinstance(node, Listing)  # noqa: S101
    lines = _Lines(text, reading)
    starts = _starts(lines, node, reading)
    n = next(n for n, card in enumerate(deck.cards) if card.id == card_id)
    below = starts[n + 1] if n + 1 < len(starts) else end
    stop = _last_line(reading.lines, starts[n], below, node.column) + 1
    while stop < below and not reading.lines[stop].strip():
        stop += 1
    lines.put(lines.starts[starts[n]], lines.starts[stop] if stop < len(lines.starts) else len(text), "")
    rest = [card for card in deck.cards if card.id != card_id]
    kept = [(at, comment) for at, comment in _comments(reading) if not starts[n] < at.line <= stop]
    _prove(lines.edited(), rest, kept, file)
    return lines.edited()


def _starts(lines: _Lines, node: Listing, reading: Reading) -> list[int]:
    """Return the line of each card's dash; raises FlashgenError where the cards have none."""
    if lines.at_flow(node):
        raise FlashgenError(messages.problem("flow-cards", reading.place(node)))
    return [_dash_line(reading, entry, node.column) for entry in node.nodes]


def _prove(text: str, cards: Sequence[Card], comments: Sequence[tuple[Place, str]], file: str) -> None:
    """Raise FlashgenError unless the text holds these cards and these comments, in this order, and no slip."""
    try:
        deck, reading = _read(text, file)
    except FlashgenError as error:
        raise FlashgenError(messages.problem("no-place", Place(file)), *error.problems) from None
    if deck.cards != tuple(cards):
        pairs = zip(cards, deck.cards, strict=False)
        places = (card.place for card, now in pairs if card != now and card.place.line)
        raise FlashgenError(messages.problem("no-place", next(places, Place(file))))
    found = iter(_comments(reading))
    for place, comment in comments:
        if next(found, (place, ""))[1] != comment:
            raise FlashgenError(messages.problem("comment-lost", place))


def _comments(reading: Reading) -> list[tuple[Place, str]]:
    """Return a file's comments with their places, in order."""
    lines = list(reading.lines)
    nodes = [reading.root]
    while nodes:
        node = nodes.pop()
        if isinstance(node, Table):
            nodes += chain(*node.pairs)
        elif isinstance(node, Listing):
            nodes += node.nodes
        elif node:  # its text is no comment; one behind the `|` of a text is
            for n in range(node.line + (node.style in ("|", ">")), node.end_line + 1):
                start = node.column if n == node.line else 0
                end = node.end_column if n == node.end_line else len(lines[n])
                lines[n] = lines[n][:start] + "." * (end - start) + lines[n][end:]
    found = ((n, re.search("#.*", line)) for n, line in enumerate(lines))
    return [(Place(reading.file, n + 1, at.start() + 1), at[0]) for n, at in found if at]


# --- Pinyin ---


def set_pinyin(text: str, lines: Mapping[str, Sequence[str]], file: str = "") -> str:
    """Return a deck file's text with the pinyin of some cards, by id, put in or rewritten in its place.

    `lines` has one line for a back or a cloze, one an item for a list. All else stays byte for byte. Raises
    FlashgenError where the text has problems.
    """
    deck, reading = _read(text, file)
    if not deck.cards:
        return text
    _, node, end = _cards(reading)
    assert isinstance(node, Listing)  # noqa: S101
    edits = _Lines(text, reading)
    wanted = [replace(card, pinyin=tuple(lines.get(card.id) or card.pinyin)) for card in deck.cards]
    flow = edits.at_flow(node)
    starts = [entry.line for entry in node.nodes] if flow else _starts(edits, node, reading)
    for old, new, entry, stop in zip(deck.cards, wanted, node.nodes, [*starts[1:], end], strict=True):
        assert isinstance(entry, Table)  # noqa: S101
        if new.pinyin != old.pinyin:
            _spell(edits, entry, new, stop)
    result = edits.edited()
    _prove(result, wanted, _comments(reading), file)
    return result


def _spell(edits: _Lines, card: Table, wanted: Card, stop: int) -> None:
    """Put in pinyin behind what it spells, or in the place of the pinyin that is there."""
    keys = [key.text if isinstance(key, Scalar) else "" for key, _ in card.pairs]
    replaced = "pinyin" in keys
    spelt = [keys.index(key) for key in ("back", "cloze", "items") if key in keys]
    n = keys.index("pinyin") if replaced else max(spelt)
    key, value = card.pairs[n]
    flow = edits.at_flow(card)
    if replaced and (_respell(edits, card, value, wanted.pinyin) or flow):
        return
    if flow:
        start = edits.at(card.line, card.column + 1)
        texts = ", ".join(deckfile.scalar(line, flow=True) for line in wanted.pinyin)
        edits.put(start, start, f"pinyin: {f'[{texts}]' if wanted.items else texts}, ")
        return
    stop = card.pairs[n + 1][0].line if n + 1 < len(keys) else stop
    last = _last_line(edits.lines, key.line, stop, card.column)
    start, end = edits.at(key.line, key.column), edits.end(last)
    block = isinstance(value, Scalar) and value.style in ("|", ">")
    if isinstance(value, Scalar) and not block:  # comments below it are about what follows
        end = edits.at(value.end_line, value.end_column) if replaced else edits.end(value.end_line)
    margin = "\n" + " " * card.column
    written = deckfile.entry(Card("", "", pinyin=wanted.pinyin, items=wanted.items)).split("pinyin:", 1)[1]
    entry = f"pinyin:{written}".replace("\n  ", margin)
    if replaced:
        edits.put(start, end, entry)
    elif _keeps(edits.lines[key.line : last + 1]) or (block and last + 1 == len(edits.lines)):
        edits.put(start, start, entry + margin)  # a line break behind such a text would belong to it
    else:
        edits.put(end, end, margin + entry)


def _respell(edits: _Lines, card: Table, value: Node, wanted: Sequence[str]) -> bool:
    """Put pinyin in the place of no more lines of pinyin, and return whether that could be done."""
    nodes, margin = (value.nodes, value.column) if isinstance(value, Listing) else ([value], card.column)
    flow = edits.at_flow(card) or (isinstance(value, Listing) and edits.at_flow(value))
    short = [node for node in nodes if isinstance(node, Scalar) and node.style not in ("|", ">")]
    most = len(wanted) if isinstance(value, Listing) else 1
    if not 0 < len(short) == len(nodes) <= len(wanted) <= most:
        return False
    texts = [deckfile.scalar(line, margin, flow=flow) for line in wanted]
    for node, line, text in zip(short, wanted, texts, strict=False):
        start, end = edits.at(node.line, node.column), edits.at(node.end_line, node.end_column)
        if node.text != line:
            edits.put(start, end, " " * (edits.text[start - 1] in ":-") + text)
    last = short[-1]
    end = edits.at(last.end_line, last.end_column) if flow else edits.end(last.end_line)
    lead = ", " if flow else f"\n{' ' * margin}- "
    edits.put(end, end, "".join(lead + text for text in texts[len(short) :]))
    return True
