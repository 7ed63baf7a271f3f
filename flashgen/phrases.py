"""Small facts about Chinese text that several stages need."""

from __future__ import annotations

import re
from functools import lru_cache

from flashgen import marks
from flashgen import pinyin_lexicon as lexicon
from flashgen.hanzi import bare, hanzi


@lru_cache(maxsize=4096)  # a stretch is looked at by a dozen patterns in turn
def simple(text: str) -> str:
    """Return the text in simplified characters, character for character: one table of cues serves both scripts.

    Only for looking at a text; what is shown is never converted.
    """
    return lexicon.load().simplified(text)


NUMERAL = "[零〇一二两三四五六七八九十百\\d]"
"""One sign of the number of a chapter or a point, as a pattern."""
LABEL = re.compile(
    rf"\s*(第{NUMERAL}+([章节](?![节课])[、.：:，,\s]*|[篇部讲课回条点步]?[、.：:，,\s]+)|[（(]{NUMERAL}{{1,3}}[）)]"
    rf"|[一二三四五六七八九十]{{1,3}}[、.．](?!{NUMERAL})|\d{{1,2}}([.．]\d{{1,2}})*[、.．）)：:](?!\d)"
    r"|\d{1,2}\s+(?![\d%％]|(?:个|万|亿|倍|元|年|月|日|种|条|步|天|分钟|小时|人|次|家|点|类)(?![才数猫庭性享目评]))|(?:Part|Chapter)\s*\d+[、.：:\s]*|0\d(?![\d后年前]))\s*",
    re.IGNORECASE,
)
"""The number before a heading or a point: 一、 第三章 5.3、 （2）; not a figure, as in 三、四线城市 or 00后."""

_MARKS = re.compile(r"[，,；;：:。！？!?、]|——|—|…+")
_STRONG_MARKS = re.compile(r"(?:[，,；;：:。！？!?](?=.))+|——|…+(?=.)")
_LONG_RUN = 22  # hanzi without a mark: prose with its marks has one in about ten, one in a hundred passes 22
_LEAST_CLAUSE = 4  # hanzi; "但是" and its like do not stand alone


def clauses(text: str) -> list[tuple[int, int]]:
    """Split a sentence into clauses (start, end), marks with the clause before them.

    At commas and their like; a run of over 22 hanzi without a mark, as in copies that lost their marks, is
    also split where a mark is likely to have stood. Quotations stay whole.
    """
    shadow = hide_quotations(text)
    ends = [match.end() for match in _STRONG_MARKS.finditer(shadow)] + [len(text)]
    spans: list[tuple[int, int]] = []
    start = 0
    for end in ends:
        if end > start:
            spans += _split_run(shadow, start, end)
            start = end
    return spans


_HIDDEN = "囗"


def hide_quotations(text: str) -> str:
    """Return a text of the same length in which what stands in quotation marks or brackets cannot be split."""
    return re.sub(
        r"“[^”]*”|「[^」]*」|《[^》]*》|（[^）]*）|\([^)]*\)", lambda m: _HIDDEN * len(m.group()), text
    )


def _split_run(text: str, start: int, end: int) -> list[tuple[int, int]]:
    if hanzi(text[start:end]) <= _LONG_RUN:
        return [(start, end)]
    spans = []
    at = start
    for cut, odds in enumerate(marks.gaps(text[start:end]), start + 1):
        if (
            odds >= marks.CLAUSE
            and text[cut - 1 : cut + 1] != 2 * _HIDDEN
            and hanzi(text[at:cut]) >= _LEAST_CLAUSE
            and hanzi(text[cut:end]) >= _LEAST_CLAUSE
        ):
            spans.append((at, cut))
            at = cut
    return [*spans, (at, end)]


_GOES_ON = re.compile("而(不?是|非)|更不是|也不是|才|就|却|则|都|便|否则|那么|从而|以至|以便|让|使得")
_AWAITS = re.compile(
    "(虽然?|尽管)(?!说)(?!.*[但却仍])|(即使|即便|哪怕|无论|不论|不管)(?!.*[也都])"
    "|(如果|假如|倘若|要是|既然|一旦|只要|除非|由于|与其)(?!.*([就便则才也都]|那么|不如|否则))"
    "|(随着|为了|除了|作为|对于)|.*((?<![小及同按准随])时|时候|的话|[之以]?后|[之以]前|情况下|前提下|基础上|来说|来看|而言)[，,]$"
)
"""A clause that only leads up to the next."""

_CONCEDES = re.compile("虽然?|尽管")
_COUNTERS = re.compile("但|却|仍|不过|然而|可是")
_LONGEST_UNIT = 60  # hanzi: clauses that belong together for longer than this are told apart nonetheless


def units(text: str) -> list[tuple[int, int]]:
    """Split a sentence into runs of clauses that belong together, as in 是…，而不是… and 只有…，才… do.

    So do a clause that only leads up to the next (虽然…， 在…时，) and that one, and what is conceded and what counts.
    """
    spans: list[tuple[int, int]] = []
    last = ""  # the clause before
    for start, end in clauses(text):
        clause = simple(text[start:end])
        if spans and hanzi(text[spans[-1][0] : end]) <= _LONGEST_UNIT:
            counters = _COUNTERS.match(clause) and _CONCEDES.match(simple(text[spans[-1][0] : start]))
            if _GOES_ON.match(clause) or _AWAITS.match(last) or counters:
                start = spans.pop()[0]
        spans.append((start, end))
        last = clause
    return spans


@lru_cache(maxsize=4096)  # a heading is asked for once a sentence
def bigrams(text: str) -> frozenset[str]:
    """Return the set of character pairs of a text without its marks."""
    text = bare(simple(text))
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))


def contained(small: frozenset[str], large: frozenset[str]) -> float:
    """Return the share of `small` that `large` holds, 0 to 1."""
    return len(small & large) / len(small) if small else 0.0
