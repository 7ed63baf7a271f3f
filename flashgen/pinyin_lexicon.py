"""The lexicon: which words there are, how common, how read; and the parting of text into them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from flashgen.orthography import MURMURS, accent, bare, numbered

LONGEST = 8
"""Hanzi in the longest word of the lexicon."""

UNKNOWN = 2000
"""Cost of a hanzi that the lexicon does not have; costs are -100 ln(share of all words)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A word: jieba's part of speech, its readings (commonest first; spaced, tones as numbers).

    `rare` are readings of a single hanzi that old dictionaries give.
    """

    kind: str = ""
    readings: tuple[str, ...] = ()
    rare: tuple[str, ...] = ()


@dataclass(slots=True)
class Token:
    """A word of a text, text[start:end], while its reading is being chosen.

    `word` is simplified, `kind` jieba's part of speech, `readings` what it may be, `said` what was chosen
    so far: spaced syllables, tones as numbers. What is no hanzi has none.
    """

    start: int
    end: int
    word: str
    kind: str = ""
    readings: tuple[str, ...] = ()
    said: str = ""
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Each word's line as yet unparsed; the simplified form of a hanzi, and of those where it depends.

    `reach` gives for two hanzi the length of the longest word that begins with them, if that is more than two.
    """

    lines: Mapping[str, str]
    reach: Mapping[str, int]
    simple: Mapping[int, str]
    perhaps: Mapping[int, str]
    parsed: dict[str, Entry] = field(default_factory=dict)
    said: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def get(self, word: str) -> Entry | None:
        """Look a word up."""
        entry = self.parsed.get(word)
        if entry is None and (line := self.lines.get(word)) is not None:
            _, kind, *said = line.split("\t")
            every = said[0].split("/") if said else [" ".join(self.get(c).readings[0] for c in word)]  # type: ignore[union-attr]
            entry = self.parsed[word] = Entry(
                kind,
                tuple(r for r in every if r[0] != "~"),
                tuple(r[1:] for r in every if r[0] == "~"),
            )
        return entry

    def syllables(self, hanzi: str) -> tuple[str, ...]:
        """Return all readings of a single hanzi in lower case, the rare ones last; () if it has none."""
        said = self.said.get(hanzi)
        if said is None:
            entry = self.get(hanzi)
            said = tuple([s.lower() for s in entry.readings + entry.rare]) if entry else ()
            self.said[hanzi] = said
        return said

    def traditional(self, hanzi: str) -> bool:
        """Whether a hanzi is traditional beyond doubt."""
        return ord(hanzi) in self.simple

    def simplified(self, text: str) -> str:
        """Return the text in simplified characters, of the same length.

        著, 乾 and a few others are also simplified; they change only beside other traditional characters.
        """
        changed = text.translate(self.simple)
        return changed.translate(self.perhaps) if changed != text else text


@cache
def load() -> Lexicon:
    """Load the lexicon that comes with flashgen, with the hand-made list on top."""
    words, _, pairs = _data().partition("\n>\n")
    lines = dict(_LINE.findall(words))
    reach = {word[:2]: len(word) for word in lines if len(word) > 2}  # longer words stand later
    for word, readings, *cost in _by_hand():
        usual, kind, *_ = lines.get(word, "1400\t").split("\t")
        if kind == "nr" and not _PARTED_NAME.search(readings):
            kind = "nrt"  # a name in one word, or none: 薛定谔, 陈列馆
        lines[word] = f"{cost[0] if cost else usual}\t{kind}\t{readings}"
        reach[word[:2]] = max(reach.get(word[:2], 2), len(word))
    simple = {ord(p[0]): p[2] for p in pairs.split() if p[-1] != "*"}
    perhaps = {ord(p[0]): p[2] for p in pairs.split() if p[-1] == "*"}
    return Lexicon(lines, reach, simple, perhaps)


_PARTED_NAME = re.compile(" [A-Z]")
_LINE = re.compile(r"^([^\t\n]+)\t(.*)$", re.MULTILINE)
_HANZI_LINE = re.compile(r"^(.)\t.*\t(.*)$", re.MULTILINE)


def _data() -> str:
    return gzip.decompress((files("flashgen") / "data" / "lexicon.txt.gz").read_bytes()).decode("utf-8")


def _by_hand() -> Iterator[list[str]]:
    """Yield the rows of the hand-made list: word, readings as the lexicon writes them, perhaps a cost."""
    for line in (files("flashgen") / "data" / "words.tsv").read_text("utf-8").splitlines():
        if line and line[0] != "#":
            word, readings, *cost = line.split("\t")
            said = "/".join(" ".join(map(numbered, r.split())) for r in readings.split("/"))
            yield [word, said, *cost]


@cache
def _hanzi() -> dict[str, str]:
    """Load the readings of single hanzi alone, which takes a fifth of the time."""
    readings = dict(_HANZI_LINE.findall(_data().partition("\n>\n")[0]))
    by_hand = {word: said for word, said, *_ in _by_hand() if len(word) == 1}
    return readings | {word: f"{said}/{readings.get(word, said)}" for word, said in by_hand.items()}


@cache
def known(hanzi: str) -> tuple[str, ...]:
    """Return the readings that dictionaries give for a hanzi, with tone marks; () if they do not have it."""
    every = _hanzi().get(hanzi, "").replace("~", "").lower()
    return tuple(dict.fromkeys(map(accent, every.split("/")))) if every else ()


def unlikely(hanzi: str, syllable: str) -> bool:
    """Whether no dictionary reads a hanzi so: most likely a slip.

    A neutral tone passes, as do the tones that 一 and 不 are spoken with, and the r of 花儿.
    """
    readings, said = known(hanzi), accent(syllable).lower()
    if not readings or said in readings or (said == "r" and hanzi in MURMURS["r"]):
        return False
    toneless = bare(said)
    neutral = said == toneless or (hanzi in "一不" and toneless in ("yi", "bu"))
    return not (neutral and toneless in map(bare, readings))


_NUMBER = re.compile("[一二三四五六七八九十百千万亿两]{2,}")


def part(text: str, simplified: str, lexicon: Lexicon, own: Mapping[str, int]) -> list[tuple[int, int]]:
    """Part a run of hanzi into words, as (start, end): the cheapest way through the lexicon.

    `own` are words of the deck or the source with their costs; they outdo the lexicon's.
    """
    lines, reach, size = lexicon.lines, lexicon.reach, len(text)
    differs = text != simplified
    numbers = {
        at: run.end() for run in _NUMBER.finditer(simplified) for at in range(run.start() + 1, run.end())
    }
    firsts, longest = {word[0] for word in own}, max(map(len, own), default=0)
    costs, ends = (
        [0] * (size + 1),
        [0] * size,
    )  # of the cheapest way from a place on, and where its first word ends
    for start in range(size - 1, -1, -1):
        least, stop = costs[start + 1] + UNKNOWN, start + 1
        length = reach.get(simplified[start : start + 2], 2)
        if start in numbers:  # 二十七日 is no 二十 and 七日
            length = min(length, numbers[start] - start)
        elif differs:
            length = max(length, reach.get(text[start : start + 2], 2))
        if own and (text[start] in firsts or simplified[start] in firsts):
            length = max(length, longest)
        for end in range(start + 1, min(size, start + length) + 1):
            word = simplified[start:end]
            line = lines.get(word) or (lines.get(text[start:end]) if differs else None)
            cost = own.get(text[start:end], own.get(word)) if own else None
            if cost is None:
                if line is None:
                    continue
                cost = int(line[: line.index("\t")])
            if costs[end] + cost < least:
                least, stop = costs[end] + cost, end
        costs[start], ends[start] = least, stop
    words, start = [], 0
    while start < size:
        words.append((start, ends[start]))
        start = ends[start]
    return words
