"""Hanzi to words with their pinyin: where words part, and how each is read here.

The lexicon parts a text into words and reads those of two hanzi and more; what stays open (a hanzi alone with several
readings, a word with two) is settled by the deck's own readings, by rules of grammar, then by the network's opinion
weighed with what dictionaries give; docs/pinyin.md has the figures.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby, islice
from typing import TYPE_CHECKING

from flashgen.orthography import HANZI, accent, lay, numbered
from flashgen.pinyin_lexicon import Lexicon, load, part
from flashgen.pinyin_ranker import Site, score, trained
from flashgen.records import Word

if TYPE_CHECKING:
    import numpy as np

BATCH = 256
"""Texts read ahead, so that the network sees many at once; what bounds the memory."""

STRETCH = 120
"""Characters that the network is shown at once; longer texts are cut after a sentence."""


TERM = 600
"""Cost of a word that the source repeats: that of a common word."""

LIKELY = 0.03
"""A reading at least as probable as this, beside the chosen one, makes a word unsure."""


UNHEARD = -5.0
"""Score of a dictionary's later reading, for each place in its list, where neither network nor ranker knows the hanzi."""


@dataclass(slots=True)
class Token:
    """A word of a text while its reading is being chosen: `word` is text[start:end] simplified, `said` its reading."""

    start: int
    end: int
    word: str
    kind: str = ""
    readings: tuple[str, ...] = ()
    said: str = ""
    unsure: tuple[str, ...] = ()


def annotate(
    texts: Iterable[str],
    readings: Mapping[str, str] = {},
    *,
    lexical: bool = False,
    terms: Collection[str] = (),
) -> Iterator[tuple[Word, ...]]:
    """Yield for each text its words with their syllables; together they give the text back.

    `readings` are a deck's own, by word; `terms` are words of the source that no dictionary knows. `lexical` leaves
    out the layer of neutral tones.
    """
    lexicon = load()
    own = {word: reading(word, said) for word, said in readings.items()}
    costs = dict.fromkeys(terms, TERM) | dict.fromkeys(own, 0)
    texts = iter(texts)
    while batch := list(islice(texts, BATCH)):
        tokens = [parted(text, lexicon, costs) for text in batch]
        choose(batch, tokens, lexicon, lexical=lexical)
        for text, line in zip(batch, tokens, strict=True):
            yield tuple(word(text, token, own) for token in line)


def reading(word: str, pinyin: str) -> tuple[str, ...]:
    """Return the syllables of a deck's reading of a word; a capital at its start makes it a name. Raises Misfit."""
    first, *others = (s for part in lay(word, pinyin) for s in part.syllables)
    return (first.capitalize() if pinyin.strip()[:1].isupper() else first, *others)


def word(text: str, token: Token, own: Mapping[str, tuple[str, ...]]) -> Word:
    """Make the Word of a token."""
    written = text[token.start : token.end]
    if written in own:
        return Word(written, own[written])
    return Word(written, tuple(accent(s) for s in token.said.split()), token.unsure)


def parted(text: str, lexicon: Lexicon, own: Mapping[str, int]) -> list[Token]:
    """Part a text into tokens: words of hanzi, and each stretch without hanzi between them."""
    simplified, tokens = lexicon.simplified(text), []
    for run in re.finditer(rf"{HANZI.pattern}+|(?:(?!{HANZI.pattern}).)+", text, re.DOTALL):
        if not HANZI.match(run.group()):
            for piece in re.finditer(r"\s+|[^\W_]+(?:[.,:/'’&+-]*[^\W_]+)*|(.)\1*", run.group(), re.DOTALL):
                tokens.append(Token(run.start() + piece.start(), run.start() + piece.end(), piece.group()))
            continue
        for start, end in part(run.group(), simplified[run.start() : run.end()], lexicon, own):
            start, end = run.start() + start, run.start() + end
            written = simplified[start:end]
            entry = lexicon.get(written) or lexicon.get(text[start:end])
            if entry:
                readings = entry.readings or entry.rare
            else:  # a hanzi that no dictionary has is left as it is written
                parts = part(written, written, lexicon, {}) if len(written) > 1 else []
                known = (lexicon.get(written[a:b]) for a, b in parts)
                said = [(e.readings or e.rare)[0] if e else "?" for e in known] or [written]
                person = written[0] in SURNAMES and 1 < len(said) == len(written) < 4  # noqa: PLR2004
                readings = (full_name(said, written[0]) if person else " ".join(said),)
            token = Token(start, end, written, entry.kind if entry else "", readings, readings[0])
            tokens += divided(token, tokens)
    return list(named(tokens))


SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
    "金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤单解查仇"
)
SURNAME_READINGS = {
    "任": "Ren2",
    "曾": "Zeng1",
    "单": "Shan4",
    "解": "Xie4",
    "查": "Zha1",
    "仇": "Qiu2",
    "覃": "Qin2",
}
TITLES = re.compile(
    r".*(创始人|总裁|董事长|经理|作者|教授|博士|主席|总理|作家|导演|老师|记者|专家|同学|院士|CEO)"
)
SPEAKS = re.compile(
    r"(说|表示|认为|指出|提出|写道|写|告诉|先生|女士|教授|博士|老师|总|在|曾|曾经|创办|创立|强调|回忆|介绍|问|答)"
)


def named(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield tokens with each person's name as one: a surname and one or two hanzi, by a title or a word of saying."""
    n = 0
    while n < len(tokens):
        token, size = tokens[n], 0
        if len(token.word) == 1 and token.word in SURNAMES:
            given = 0
            while given < 2 and n + given + 1 < len(tokens) and given_name(tokens[n + given + 1]):  # noqa: PLR2004
                given += 1
            titled = n > 0 and TITLES.fullmatch(tokens[n - 1].word)
            for count in range(given, 0, -1):
                after = tokens[n + count + 1].word if n + count + 1 < len(tokens) else ""
                if SPEAKS.fullmatch(after) or (titled and count == given):
                    size = count
                    break
        if size:
            group = tokens[n : n + size + 1]
            said = full_name([t.said for t in group], token.word)
            yield Token(token.start, group[-1].end, "".join(t.word for t in group), "nr", (said,), said)
        else:
            yield token
        n += size + 1


def given_name(token: Token) -> bool:
    """Whether a token can be part of a given name."""
    return (
        len(token.word) == 1
        and bool(token.readings)
        and token.word not in "的了是在和与说也就都不把被对着过我你他总问答写"
    )


def full_name(syllables: Sequence[str], surname: str) -> str:
    """Return the reading of a name: surname and given name with a capital each."""
    first, given, *others = syllables
    return " ".join([SURNAME_READINGS.get(surname, first.capitalize()), given.capitalize(), *others])


MEASURES = (
    "个种次位件条张家天年月日号届名本台部项份笔代片座款把套层句页批篇门首棵块双对群组章节倍元人步点分秒"
)


def divided(token: Token, before: Sequence[Token]) -> Iterator[Token]:
    """Yield a token, or its numeral and its measure word as two (GB/T 16159: yī gè), and 个/人 after a numeral."""
    after_number = bool(before) and bool(
        re.fullmatch(r"[\d.]+|[一二三四五六七八九十百千万亿两几多]+", before[-1].word)
    )
    number = re.fullmatch(rf"(第?[一二三四五六七八九十百千万亿两几多]+)([{MEASURES}])", token.word)
    at = (
        len(number[1])
        if number and token.kind[:1] in ("m", "t")
        else 1
        if after_number and token.word == "个人"
        else 0
    )
    if not at:
        yield token
        return
    said, middle = token.said.split(), token.start + at
    first, second = " ".join(said[:at]), " ".join(said[at:])
    yield Token(token.start, middle, token.word[:at], "m", (first,), first)
    yield Token(middle, token.end, token.word[at:], "q", (second,), second)


@cache
def rules() -> dict[str, list[tuple[re.Pattern[str], re.Pattern[str], str]]]:
    """Load the rules of grammar, by word: a pattern for the word before, one for the word after, the reading."""
    found: dict[str, list[tuple[re.Pattern[str], re.Pattern[str], str]]] = {}
    for line in (files("flashgen") / "data" / "rules.tsv").read_text("utf-8").splitlines():
        if line and line[0] != "#":
            word, before, after, reading, _ = line.split("\t")
            said = " ".join(map(numbered, reading.split()))
            found.setdefault(word, []).append((re.compile(before), re.compile(after), said))
    return found


def ruled(line: Sequence[Token], n: int) -> str | None:
    """Return the reading that a rule gives token `n`, or None."""
    for before, after, reading in rules().get(line[n].word, ()):
        if before.fullmatch(context(line, n - 1)) and after.fullmatch(context(line, n + 1)):
            return reading
    return None


def context(line: Sequence[Token], n: int) -> str:
    """Return a neighbour as rules see it: word/kind. "/" stands for the end of a text; marks have no kind."""
    return f"{line[n].word}/{line[n].kind}" if 0 <= n < len(line) else "/"


def choose(texts: Sequence[str], lines: Sequence[list[Token]], lexicon: Lexicon, *, lexical: bool) -> None:
    """Settle every token with several readings: by rule, else by the ranker with the network's opinion."""
    stretches, places, asked = [], [], []
    for text, line in zip(texts, lines, strict=True):
        opened = []
        for n, token in enumerate(line):
            reading = ruled(line, n)
            if reading:
                token.said = reading
            elif len(token.readings) > 1 or (lexical and len(token.word) > 1 and token.readings):
                opened.append(n)
        if opened:
            simplified = lexicon.simplified(text)
            for start, end in cuts(text):
                inside = [
                    (n, at) for n in opened for at in range(line[n].start, line[n].end) if start <= at < end
                ]
                stretches.append(simplified[start:end])
                places.append([at - start for _, at in inside])
                asked.append([(line, n, text) for n, _ in inside])
    if not asked:
        return
    from flashgen.pinyin_network import load as network, opinions

    columns = network()[2]
    for questions, rows in zip(asked, opinions(stretches, places), strict=True):
        answers = zip(questions, rows, strict=True)
        for (line, n, text), group in groupby(answers, key=lambda answer: answer[0]):
            settle(line, n, text, [row for _, row in group], columns, lexicon, lexical=lexical)


def settle(
    line: Sequence[Token],
    n: int,
    text: str,
    rows: Sequence[np.ndarray],
    columns: dict[str, int],
    lexicon: Lexicon,
    *,
    lexical: bool,
) -> None:
    """Choose the reading of token `n` from the network's rows for its hanzi."""
    token = line[n]
    scores: list[dict[str, float]] = []
    for at, row in enumerate(rows):
        site = asked_site(line, n, at, row, columns, lexicon)
        written = lexicon.get(text[token.start + at]) if text[token.start + at] != token.word[at] else None
        possible = site.candidates(lexicon)
        if written:  # a traditional hanzi has fewer readings than the simplified one it shares
            own = {s.lower() for s in written.readings + written.rare}
            possible = [s for s in possible if s in own] or possible
        if trained(site.hanzi):
            scores.append({s: score(site, s) for s in possible})
        else:  # nothing is known but what dictionaries put first
            scores.append({s: UNHEARD * order for order, s in enumerate(possible)})
    if len(token.word) == 1:
        ways = scores[0]
    elif lexical:  # hanzi by hanzi, whatever the dictionary says
        ways = {" ".join(max(s, key=lambda r: s[r]) for s in scores): 0.0}
    else:
        ways = {
            way: sum(s.get(r.lower(), UNHEARD) for s, r in zip(scores, way.split(), strict=True))
            for way in token.readings
        }
    token.said = max(ways, key=lambda way: ways[way])
    likely = share(ways)
    token.unsure = tuple(
        w for w in sorted(ways, key=lambda w: -ways[w]) if w != token.said and likely[w] > LIKELY
    )


def share(scores: Mapping[str, float]) -> dict[str, float]:
    """Return scores as probabilities."""
    top = max(scores.values())
    parts = {name: math.exp(s - top) for name, s in scores.items()}
    total = sum(parts.values())
    return {name: part / total for name, part in parts.items()}


def asked_site(
    line: Sequence[Token], n: int, at: int, row: np.ndarray, columns: dict[str, int], lexicon: Lexicon
) -> Site:
    """Gather what the ranker weighs for hanzi `at` of token `n`."""
    token = line[n]
    before = line[n - 1] if n else None
    after = line[n + 1] if n + 1 < len(line) else None
    given = tuple(r.split()[at].lower() for r in token.readings)
    entry = lexicon.get(token.word[at])
    known = {*given, *(s.lower() for s in (entry.readings + entry.rare if entry else ()))}
    return Site(
        word=token.word,
        at=at,
        kind=token.kind[:1],
        before=before.word if before else "^",
        after=after.word if after else "$",
        before_kind=before.kind[:1] if before else "",
        after_kind=after.kind[:1] if after else "",
        given=given,
        full=tuple(full(lexicon, token.word[at], s) for s in given),
        covering=tuple(covering(line, n, at, lexicon)),
        log={s: float(row[columns[s]]) for s in known if s in columns},
    )


def full(lexicon: Lexicon, hanzi: str, syllable: str) -> str:
    """Return a neutral syllable with the tone that the hanzi has by itself."""
    entry = lexicon.get(hanzi)
    if syllable[-1].isdigit() or not entry:
        return syllable
    return next((s for s in entry.readings + entry.rare if s[:-1] == syllable and s[-1].isdigit()), syllable)


def covering(line: Sequence[Token], n: int, at: int, lexicon: Lexicon) -> Iterator[tuple[int, str]]:
    """Yield the words of the lexicon that hanzi `at` of token `n` could also belong to: length, its syllable there."""
    near = line[max(0, n - 2) : n + 3]
    text, place = "", 0
    for token in near:
        if token is line[n]:
            place = len(text) + at
        text += token.word if token.readings else " " * len(token.word)
    for length in range(2, 6):
        for start in range(max(0, place - length + 1), min(place + 1, len(text) - length + 1)):
            word = text[start : start + length]
            entry = lexicon.get(word) if word != line[n].word else None
            if entry:
                said = {
                    full(lexicon, word[place - start], r.lower().split()[place - start])
                    for r in entry.readings
                }
                if len(said) == 1:
                    yield length, said.pop()


def cuts(text: str) -> Iterator[tuple[int, int]]:
    """Cut a text into stretches for the network: after a sentence, or at least after STRETCH characters."""
    start = 0
    for match in re.finditer(rf"[^。！？；\n]{{1,{STRETCH}}}[。！？；\n]*|[。！？；\n]+", text):
        yield start, match.end()
        start = match.end()


def pairs(words: Iterable[Word]) -> list[tuple[str, str | None]]:
    """Return one (character, syllable) for each character of the words; None where it has no reading."""
    return [
        pair
        for word in words
        for pair in zip(word.text, word.syllables or (None,) * len(word.text), strict=True)
    ]


def repeated_terms(text: str) -> list[str]:
    """Find words that the lexicon lacks and the text itself repeats, such as a brand's name; in order of appearance.

    A term is two or three neighbouring tokens of up to five hanzi, at least one of them a single hanzi and none a
    function word, that stand together three times or more, with different neighbours, and of which one hardly ever
    stands elsewhere. The numbers were set by reading the lists for business chapters: lower ones bring in phrases.
    """
    lexicon = load()
    tokens = parted(text, lexicon, {})
    alone = Counter(t.word for t in tokens)
    found: dict[str, list[tuple[str, ...]]] = {}
    around: dict[str, set[tuple[str, str]]] = {}
    for start in range(len(tokens)):
        for end in range(start + 2, min(start + 3, len(tokens)) + 1):
            group = tokens[start:end]
            if not group[-1].readings or any(not t.readings or functional(t) for t in group):
                break
            term = "".join(t.word for t in group)
            if len(term) <= 5 and any(len(t.word) == 1 for t in group):  # noqa: PLR2004
                found.setdefault(term, []).append(tuple(t.word for t in group))
                sides = (context(tokens, start - 1), context(tokens, end))
                around.setdefault(term, set()).add(sides)
    terms = {
        term
        for term, groups in found.items()
        if len(groups) >= 3  # noqa: PLR2004
        and len(groups) >= 0.8 * min(alone[w] for w in groups[0])
        and min(len({side[n] for side in around[term]}) for n in (0, 1)) > 1
    }
    longest = [t for t in found if t in terms and not any(t != o and t in o for o in terms)]
    return [text[at : at + len(t)] for t in longest for at in [lexicon.simplified(text).index(t)]]


def functional(token: Token) -> bool:
    """Whether a token is one that names do not hold: a function word, a number, a verb of one hanzi."""
    return token.kind[:1] in ("v" if len(token.word) == 1 else "") + "pcurmqyfdt"


def doubtful(words: Iterable[Word]) -> list[tuple[int, Word, tuple[str, ...]]]:
    """List the words whose reading is unsure: offset in the text, the word, its other readings."""
    found, offset = [], 0
    for word in words:
        if word.unsure:
            found.append((offset, word, word.unsure))
        offset += len(word.text)
    return found
