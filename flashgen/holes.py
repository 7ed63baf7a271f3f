"""Which words of a sentence a cloze hides: every stretch of words is scored by what stands in it and around it.

A log-linear model: the score of a stretch is the sum of the weights of its features. They were learned by
scripts/train_holes.py from 3,200 sentences in which an editor marked the words to hide. The weights are
flashgen/data/holes.tsv.gz.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from flashgen import arrays
from flashgen.cues import LEAD
from flashgen.hanzi import bare, hanzi
from flashgen.marks import gaps
from flashgen.phrases import bigrams, clauses, contained, simple
from flashgen.pinyin_words import EACH, MEASURES, NUMERALS
from flashgen.worth import wording

if TYPE_CHECKING:
    from flashgen.pinyin_lexicon import Token

MAX_HOLE = 22  # hanzi: what a learner can say back word for word
MIN_HOLE = 2
MIN_REST = 6  # hanzi left in view: "the key is …" asks nothing
END = "。！？!?；;，,、：:… "
_CLAUSE_MARK = "[，,；;：:。！？]"
OPENING, CLOSING = "“「『《", "”」』》"

_ASKS = re.compile("(什么|怎么样?|为什么|谁|哪里?|多少)(呢|啊)?$|.*吗$")
_CLINGS = re.compile("[中里上下]?的(?!确|士)|们|吗|呢|于|[了着](?!解|重|手|眼|急|力)|个(?![人体性别])")
"""What belongs to the word before it."""
_JOINS = frozenset((*"与和或及而且由使", "而是", "使得", "为了", "从而", "以便"))
"""A hole does not open with what joins it to the word before."""
_LEANS_ON = frozenset(
    "的地与和或及不没在把被从向为而于它其由"
)  # nor close with what belongs to the word behind
_BINDS = frozenset("不没别未更最很太")  # nor open behind what belongs to its first word
_STOPS = "。！？；;!?—"


class Sentence(NamedTuple):
    """A sentence to be asked, with what bears on its holes.

    `plain` is the text in simplified characters; `breaks` has for each place from 1 on the log-odds that a clause ends
    there, mark or no mark, in whole numbers from -5 to 2.
    """

    text: str
    plain: str
    tokens: Sequence[Token]
    heading: str
    clauses: Sequence[tuple[int, int]]
    breaks: Sequence[int]


def sentence_of(text: str, tokens: Sequence[Token], heading: str) -> Sentence:
    """Look at a sentence; its `tokens` give it back."""
    breaks = [max(-5, min(2, round(odds))) for odds in gaps(text)]
    return Sentence(text, simple(text), tokens, heading, clauses(text), breaks)


class Span(NamedTuple):
    """A stretch of a sentence: from token `first` to token `last`, text[start:end]."""

    start: int
    end: int
    first: int
    last: int


def best(text: str, tokens: Sequence[Token], heading: str, bold: Sequence[str]) -> tuple[int, int] | None:
    """Return start and end of the words to hide; None if none can be. `bold` is what the source emphasises."""
    sentence = sentence_of(text, tokens, heading)
    found = spans(sentence)
    if not found:
        return None
    weights = arrays.table("holes.tsv.gz")

    def worth(names: Sequence[str]) -> float:
        return sum(weights.get(name, 0.0) for name in names)

    before = {first: worth(opening(sentence, first)) for first in {span.first for span in found}}
    behind = {last: worth(closing(sentence, last)) for last in {span.last for span in found}}
    marked = focus(sentence, bold)

    def total(span: Span) -> float:
        return (
            before[span.first]
            + behind[span.last]
            + worth(inside(sentence, span))
            + leaning(sentence, span, marked)
        )

    span = max(found, key=total)
    if span.first < span.last and tokens[span.first].word in ("是", "就是"):
        return tokens[span.first + 1].start, span.end  # what it is, not that it is
    return span.start, span.end


_FOCUS = re.compile(
    "(?:最重要的(?:还|就)?是|(?:关键|核心|本质|根本|实质|重点|目的|前提|魅力)(?:还|就)?(?:是|在于))[：:，,]?要?"
)
_DENIES = re.compile("而不是|而非|并不是|不是为了")
_MEANS = (
    re.compile("(?<!不)通过([^，。；]{2,22}?)(?=[，,]?(?:来|从而|才能|可以|实现))"),
    re.compile("要(?:想)?[^，。；]{2,16}[，,]?(?:就)?(?:必须|只有|只能|先要|得先)要?([^，。；]{2,22})"),
)
_LESSER = (
    re.compile(
        "(?:如果|假如|要是|倘若|一旦|即使|虽然|尽管|无论|不管|(?<!是)(?:为了|考虑到|由于))[^，,。；]{2,}(?=[，,])"
    ),
    re.compile(
        "对于?[^，。；]{1,10}(?:来说|来讲|而言)|以[^，。；]{2,12}为(?:例|代价)|冒着[^，。；]{2,12}风险"
    ),
    re.compile(
        "(?:是|成为)[^，。；：是]{0,16}的(?:唯一|最佳)?(?:关键|要素|方式|方法|办法|标准|因素|优势|原因|前提|基础|保障|途径|条件|源泉)(?=[。！]?$)"
    ),
)
"""What only leads up to the point, or names what sort of thing the point is."""
_MEASURED = re.compile(r"(?<![\d.])[\d.]+\s*[%％‰倍成]")
_EMPTY = re.compile(
    "非常|十分|特别|极其|是?(?:非常|很|十分|特别|极其|极为|极|最|相当|比较|更)?(?:(?:重要|关键|必要|正确|困难|难|好|大|多|高|强|复杂|可怕|危险|有限|正常|明显"
    "|不错|惊人|可行|徒劳)|没有?(?:出路|意义|问题|必要|好处|前途|希望|用)|不(?:行|够|对|可能|存在|可取|值得|难|容易|一样|可以))的?"
    "|(?:光辉|伟大|美好|光明)的.{2,4}|从.{1,6}[看说讲]|.{0,3}(?:来|而)[说言]|某种(?:程度|意义)上|归根结[底到]|说到底|不可或缺|陷于被动|什么(?:地方|时候)|"
    "[一两]个(?:条件|问题|原因|步骤|方法|前提|要求|原则)"
)


class Focus(NamedTuple):
    """What a sentence marks itself: stretches that are bold, a figure, the means; where its focus begins, what it denies.

    `denied` are the places at which a hole would open in what is denied, `lesser` stretches that are not the point.
    """

    bold: Sequence[tuple[int, int]]
    figure: tuple[int, int] | None
    means: Sequence[tuple[int, int]]
    begins: Sequence[int]
    denied: Collection[int]
    lesser: Sequence[tuple[int, int]]


def focus(sentence: Sentence, bold: Sequence[str]) -> Focus:
    """Find what a sentence marks as its point."""
    plain, text = sentence.plain, sentence.text
    figures = [match.span() for match in _MEASURED.finditer(plain)]
    return Focus(
        [
            (at, at + len(one))
            for one in bold
            if (at := text.find(one)) >= 0
            and text[at + len(one) :][:1] not in tuple("：:")
            and not LEAD.match(one)
        ],
        figures[0] if len(figures) == 1 and len(re.findall(r"\d[\d.,]*", plain)) == 1 else None,
        [
            match.span(1)
            for pattern in _MEANS
            for match in pattern.finditer(plain)
            if not _DENIES.search(plain[: match.start()])
        ],
        [match.end() for match in _FOCUS.finditer(plain)],
        {at for match in _DENIES.finditer(plain) for at in _opens_in(plain, match.end())},
        [match.span() for pattern in _LESSER for match in pattern.finditer(plain)],
    )


def _opens_in(plain: str, at: int) -> range:
    """Return where a hole opens in the clause that goes on at a place; so does one that takes 非 or 是 in as well."""
    mark = re.search(_CLAUSE_MARK, plain[at:])
    return range(at - 2, (at + mark.start() if mark else len(plain)) - 1)


def leaning(sentence: Sentence, span: Span, marked: Focus) -> float:
    """Return what a reader's count of decks adds to the learned weights, in their unit; set by hand.

    For: what is bold, the only measured figure, the means of an end, what follows "the key is". Against: mere praise
    and blame, what a contrast denies, what only leads up to the point, one of many names, a verb at the end that stands
    in view before.
    """
    plain = sentence.plain
    found = 0.0
    if (span.start, span.end) in marked.bold:
        found += 5.0
    if marked.figure and span.start <= marked.figure[0] and marked.figure[1] <= span.end:
        found += 2.5 if (span.start, span.end) == marked.figure else 0.5
    if (span.start, span.end) in marked.means:
        found += 2.0
    if span.start in marked.begins and plain[span.end : span.end + 1] in ("", *END):
        found += 1.0
    last, after = sentence.tokens[span.last], _kind(sentence.tokens, span.last + 1)
    if (
        span.first < span.last
        and last.kind == "v"
        and after in ("r", "n")
        and last.word in plain[: span.start]
    ):
        found -= 1.5
    if _EMPTY.fullmatch(plain[span.start : span.end]) or plain[: span.start].endswith("没有"):
        found -= 3.0
    if span.start in marked.denied:
        found -= 2.0
    if any(start <= span.start and span.end <= end for start, end in marked.lesser):
        found -= 1.5
    if _is_one_of_many(plain, span):
        found -= 2.0
    return found


def _is_one_of_many(plain: str, span: Span) -> bool:
    """Tell whether a hole is one of three names or more: 听、问和{{记}}."""
    if "、" in plain[span.start : span.end]:
        return False
    before, behind = _rest_of_clause(plain, span)
    beside = behind.startswith("、") or re.search(
        "、(?:以及|和|与|及)?$|、[^、]{1,8}(?:以及|和|与|及)$", before
    )
    joined = re.search("和|与|以及|及", behind[:10] if behind.startswith("、") else before[-3:])
    return bool(beside) and before.count("、") + behind.count("、") + bool(joined) >= MANY - 1


def _rest_of_clause(plain: str, span: Span) -> tuple[str, str]:
    """Return what stands before and behind a stretch in its clause."""
    return re.split(_CLAUSE_MARK, plain[: span.start])[-1], re.split(_CLAUSE_MARK, plain[span.end :])[0]


MANY = 3  # names: of two, one may be asked


def spans(sentence: Sentence) -> list[Span]:
    """Return every stretch of words that a hole may be."""
    text, tokens = sentence.text, sentence.tokens
    found = []
    for first, token in enumerate(tokens):
        bound = first and tokens[first - 1].word in _BINDS
        if (not _is_word(token) and token.word[0] not in OPENING) or token.word in _JOINS or bound:
            continue
        for last in range(first, len(tokens)):
            final = tokens[last]
            size = _size(text[token.start : final.end])
            if final.word[0] in _STOPS or size > MAX_HOLE:
                break
            ends = _is_word(final) or final.word[0] in CLOSING + "%％"
            if ends and size >= MIN_HOLE and final.word not in _LEANS_ON:
                span = Span(token.start, final.end, first, last)
                if _may_hide(sentence, span):
                    found.append(span)
    return found


def _is_word(token: Token) -> bool:
    return bool(token.readings) or token.word[0].isalnum()


def _size(text: str) -> int:
    """Return the hanzi of a text; a number or Latin word counts as two."""
    return hanzi(text) + 2 * len(re.findall(r"[A-Za-z0-9.,]+", text))


def _may_hide(sentence: Sentence, span: Span) -> bool:
    """Tell whether a hole leaves something to ask, and stands nowhere else in view."""
    text, hole = sentence.text, sentence.text[span.start : span.end]
    rest = f"{text[: span.start]}□{text[span.end :]}"
    plain = sentence.plain[span.start : span.end]
    return (
        hanzi(rest) >= MIN_REST
        and bare(hole) not in bare(rest)
        and not _unbalanced(hole)
        and not _CLINGS.match(plain)
        and not _ASKS.match(plain)
        and not _is_counted(sentence, span.first)
        and not _is_of_one_word(sentence.plain, span.start)
        and not _cuts_a_series(sentence.plain, span)
        and not (
            sentence.plain[span.end : span.end + 1] in tuple("上下里中内外")
            and re.search("[在到从向]", plain)
        )
        and not _in_brackets(sentence.plain[: span.start])
    )


def _is_counted(sentence: Sentence, first: int) -> bool:
    """Tell whether a hole opens with a measure word whose number stands before it: 一 个很小的市场."""
    start, word = sentence.tokens[first].start, sentence.tokens[first].word
    return len(word) == 1 and word in MEASURES and sentence.plain[start - 1 : start] in tuple(NUMERALS + EACH)


def _is_of_one_word(plain: str, start: int) -> bool:
    """Tell whether what stands before a hole belongs to its first word: 有 没有, 能 不能, 百分之 百."""
    repeats = (
        plain[start : start + 1] in ("不", "没") and plain[start - 1 : start] == plain[start + 1 : start + 2]
    )
    return repeats or plain[:start].endswith("百分之")


def _cuts_a_series(plain: str, span: Span) -> bool:
    """Tell whether a hole of several names (with 、) has only a part of its first or its last."""
    if "、" not in plain[span.start : span.end]:
        return False
    before, behind = _rest_of_clause(plain, span)
    return ("、" in before and before[-1] != "、") or ("、" in behind and behind[0] != "、")


def _in_brackets(before: str) -> bool:
    """Tell whether a text ends within brackets: what stands there explains, and is not the point."""
    return any(before.count(a) > before.count(b) for a, b in ("（）", "()"))


def _unbalanced(text: str) -> bool:
    pairs = any(text.count(a) != text.count(b) for a, b in ("“”", "「」", "『』", "（）", "()", "《》"))
    return pairs or text.count('"') % 2 == 1


# --- features

_CUES = re.compile(
    "如果|只有|只要|虽然|因为|所以|但是?|而是?|不是|就是|是|那么|否则|一旦|越|要|必须|应该|才能?|就|也|都|更|不仅|从而|通过|为了|随着|最"
)
_COMMON = (
    "的",
    "是",
    "和",
    "就",
    "要",
    "不",
    "，",
    "、",
    "而",
    "才",
    "把",
    "与",
    "让",
    "在",
    "对",
    "了",
    "都",
)
_NOT = re.compile("不|没|无|别|勿")


def _kind(tokens: Sequence[Token], at: int) -> str:
    """Return a word's part of speech in one letter, a mark itself; "" outside of the sentence."""
    if not 0 <= at < len(tokens):
        return ""
    token = tokens[at]
    return token.kind[:1] or "?" if token.readings else token.word[0] if not token.word[0].isalnum() else "W"


def _word(tokens: Sequence[Token], at: int) -> str:
    """Return a word, of what is none its kind."""
    return tokens[at].word if 0 <= at < len(tokens) and tokens[at].readings else _kind(tokens, at)


def opening(sentence: Sentence, first: int) -> list[str]:
    """Name the features of how a stretch opens, at token `first`: what is there, what stands before."""
    tokens, start = sentence.tokens, sentence.tokens[first].start
    clause = next((n for n, (begin, _) in enumerate(sentence.clauses) if begin == start), -1)
    since = max((match.end() for match in re.finditer(_CLAUSE_MARK, sentence.plain[:start])), default=0)
    cue = _CUES.match(sentence.plain[since:start])
    return [
        f"a {tokens[first].word}",
        f"A {_kind(tokens, first)}",
        f"l {_word(tokens, first - 1)}",
        f"L {_kind(tokens, first - 1)}",
        f"ll {_word(tokens, first - 2)} {_word(tokens, first - 1)}",
        f"clause begins {min(clause, 1)}",
        f"since mark {min(8, start - since)}",
        f"cue {cue.group() if cue else since == start}",
        f"place {4 * start // len(sentence.text)}",
        f"break before {sentence.breaks[start - 1] if start else 'start'}",
        f"not before {bool(_NOT.search(sentence.plain[max(0, start - 3) : start]))}",
    ]


def closing(sentence: Sentence, last: int) -> list[str]:
    """Name the features of how a stretch closes, at token `last`: what is there, what stands behind."""
    tokens, end = sentence.tokens, sentence.tokens[last].end
    ends = _ends(sentence)
    mark = re.search(_CLAUSE_MARK, sentence.plain[end:])
    return [
        f"b {tokens[last].word}",
        f"B {_kind(tokens, last)}",
        f"r {_word(tokens, last + 1)}",
        f"R {_kind(tokens, last + 1)}",
        f"clause ends {(end in ends) + (end == ends[-1])}",
        f"break behind {sentence.breaks[end - 1] if end < len(sentence.text) else 'end'}",
        f"till mark {min(6, mark.start() if mark else len(sentence.text) - end)}",
    ]


def _ends(sentence: Sentence) -> list[int]:
    """Return where clauses end, without their marks."""
    return [len(sentence.text[:stop].rstrip(END)) for _, stop in sentence.clauses]


def inside(sentence: Sentence, span: Span) -> list[str]:
    """Name the features of a stretch as a whole: its size, what is in it, what of it stands elsewhere."""
    tokens, plain = sentence.tokens, sentence.plain
    hole, rest = plain[span.start : span.end], bare(f"{plain[: span.start]}□{plain[span.end :]}")
    size = hanzi(hole)
    pairs = [hole[at : at + 2] for at in range(len(hole) - 1)]
    echo = sum(pair in rest for pair in pairs) / max(1, len(pairs))
    words = {token.word for token in tokens[span.first : span.last + 1]}
    begins = any(begin == span.start for begin, _ in sentence.clauses)
    ends = span.end in _ends(sentence)
    broken = max(sentence.breaks[span.start : span.end - 1], default=-5)
    crossed = min(2, len(re.findall("[，,；;：:]", hole)))
    quoted = plain[max(0, span.start - 1)] in OPENING and plain[span.end : span.end + 1] in tuple(CLOSING)
    names = [
        f"size {size}",
        f"words {min(9, span.last - span.first + 1)}",
        f"share {5 * size // hanzi(plain)}",
        f"clause {begins:d}{ends:d} {crossed}",
        f"broken {broken} {crossed}",
        f"的 {min(2, hole.count('的'))}",
        f"echo {int(3 * echo)}",
        f"wording {max(-3, min(3, round(2 * wording(hole))))}",
        *(f"in {word}" for word in _COMMON if word in words),
    ]
    if sentence.heading:
        names.append(f"heading {int(3 * contained(bigrams(hole), bigrams(sentence.heading)))}")
    given = {
        "quoted": quoted,
        "has quotation": any(mark in hole for mark in OPENING[:3]),
        "has figure": bool(re.search(r"\d", hole)),
        "has not": bool(_NOT.search(hole)),
        "first echoes": len(tokens[span.first].word) > 1 and tokens[span.first].word in rest,
        "last echoes": len(tokens[span.last].word) > 1 and tokens[span.last].word in rest,
    }
    return [*names, *(name for name, is_so in given.items() if is_so)]
