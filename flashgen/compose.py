"""Candidates to Cards: a front that can be answered without the source, a short back, a readable id.

Every word of a back, a cloze or an item is the source's. A front is either the source's own words or one of the
question frames below around them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from flashgen.cues import LEAD
from flashgen.marks import gaps
from flashgen.orthography import SLUG_CHARACTERS, free_name, slug
from flashgen.phrases import bare, bigrams, clauses, contained, hanzi, simple
from flashgen.records import HOLE, Candidate, Card, Text, Word

WordsOf = Callable[[str], Sequence[Word]]
EndsOf = Callable[[str], Sequence[int]]

MAX_HOLE = 22  # hanzi: what a learner can say back word for word
MIN_HOLE = 2
END = "。！？!?；;，,、：:… "


_TRADITIONAL = str.maketrans("么这节条点规则个类层数样几两“”", "麼這節條點規則個類層數樣幾兩「」")
"""For the words of our question frames, where a text is in traditional characters."""


def compose(
    candidates: Sequence[Candidate],
    text: Text,
    place: Callable[[int], str],
    words_of: WordsOf,
    ends_of: EndsOf,
) -> list[Card]:
    """Make a card of each candidate, in their order.

    `place` turns a source offset into "line:column"; `words_of` spells a text, `ends_of` only tells where its words
    end, in a hundredth of the time.
    """
    cards: list[Card] = []
    taken: set[str] = set()
    fronts: set[str] = set()
    sample = "".join(sentence.text for sentence in text.sentences[:40])
    traditional = sum(a != b for a, b in zip(sample, simple(sample), strict=True)) > len(sample) / 20
    for candidate in candidates:
        asked = _ask(candidate, text, ends_of)
        if asked is None:
            continue
        kind, front, back, cloze, items = asked
        if traditional and front:
            front = front.translate(_TRADITIONAL)
        if items and front in fronts:  # two lists of one section: how it begins tells which
            begin, end = clauses(items[0])[0]
            front = front.replace("列出了", f"从“{items[0][begin:end].rstrip(END)}”说起，列出了")
        if front in fronts:
            continue  # one question has one answer
        if front:
            fronts.add(front)
        key = back or "".join(HOLE.findall(cloze)) or "".join(items[:2])
        key = key if hanzi(key) > 1 else candidate.text
        name = free_name(slug(words_of(key[:SLUG_CHARACTERS])), taken)
        taken.add(name)
        cards.append(
            Card(
                id=name,
                kind=kind,
                front=front,
                back=back,
                cloze=cloze,
                items=items,
                source=_source(candidate),
                section=_section(candidate, text, back + "".join(HOLE.findall(cloze))),
                at=place(candidate.offset),
            )
        )
    return cards


def _source(candidate: Candidate) -> str:
    return " … ".join(candidate.items) if candidate.items else candidate.text


def _section(candidate: Candidate, text: Text, answer: str) -> str:
    """Return the heading, or the title where the heading would give the answer away."""
    for heading in (candidate.section, text.title):
        # Half of the answer's words in view is half of the answer.
        if contained(bigrams(answer), bigrams(heading)) < 0.5:
            return heading
    return ""


_Asked = tuple[str, str, str, str, tuple[str, ...]]


def _ask(candidate: Candidate, text: Text, ends_of: EndsOf) -> _Asked | None:
    if candidate.items:
        return candidate.kind, _list_front(candidate, text), "", "", candidate.items
    for frame in (_definition, _copula):
        if asked := frame(candidate.text):
            front, back = asked
            if bare(back) not in bare(front):
                return candidate.kind, front, back, "", ()
    cloze = make_cloze(candidate.text, ends_of)
    return (candidate.kind, "", "", cloze, ()) if cloze else None


# --- question frames

_NAME = r"([^，。；：]{2,16}?)"
_DEFINITION = (
    re.compile(
        rf"^(?:而|所以|那么)?所谓(?:的)?{_NAME}[，,]?(?:就是|是指|指的(?:就)?是|其实就是|是|即)(?:说)?[，,：:]?(.{{4,}})$"
    ),
    re.compile(
        rf"^{_NAME}(?:指的(?:就)?是|是指|的(?:定义|意思)是|是说(?![不得出到过清])|就是说)[，,：:]?(.{{4,}})$"
    ),
)


def _definition(stretch: str) -> tuple[str, str] | None:
    for pattern in _DEFINITION:
        if match := pattern.match(simple(stretch)):
            term = stretch[match.start(1) : match.end(1)]
            meaning = stretch[match.start(2) : match.end(2)].rstrip(END)
            if (
                hanzi(meaning) <= 60
                and not _dangles(term)
                and meaning[0] not in "你我您"
                and not _NO_TERM.search(simple(term))
            ):
                return f"什么是{_quoted(term)}？", meaning
    return None


_NO_TERM = re.compile("不是|没有|为什么|[而就都也才不]$")


def _quoted(term: str) -> str:
    return term if term[:1] in "“「『《" else f"“{term}”"


_FRAME = re.compile(
    r"^([^，。；：“”]{0,18}?(?:核心|关键|本质|根本|目的|原因|前提|基础|秘诀|方法|办法|方式|好处|区别|标准|原则|目标|价值|任务|答案|意义|思路|特点|"
    r"优势|问题|道理|第一步|底线|结果|做法|诀窍|要做的|在乎的|看重的|需要的|重要的|难的|怕的|缺的))(?:就|才|其实|依然|永远|也|首先)?(?:是|在于)(?!不是|否)[，,：:]?(.{4,})$"
)


_SURPLUS = re.compile("(?<=.{4})[，,]?(?:这也?是|這也?是).*$")  # a remark on the answer, not the answer


def _copula(stretch: str) -> tuple[str, str] | None:
    match = _FRAME.match(simple(stretch))
    if not match or _dangles(stretch) or re.search("不是|而是", stretch):
        return None
    subject = stretch[: match.end(1)]
    middle = stretch[match.end(1) : match.start(2)].rstrip("，,：: ")
    answer = _SURPLUS.sub("", stretch[match.start(2) :]).rstrip(END)
    if hanzi(subject) < 5 or hanzi(answer) > 36 or subject[0] in "我你":
        return None
    return f"{subject}{middle}什么？", answer


_DANGLING = re.compile(r"^(这|那|它|他|她|其(?!实|中|他)|此|该|前者|后者)")


def _dangles(text: str) -> bool:
    return bool(_DANGLING.match(simple(text)))


# --- lists

_MEASURES = "条|点|个|种|件|项|步|类|方面|层|大|只|样|句|道|招|关|档|门"
_COUNT = re.compile(rf"([两二三四五六七八九十几\d多]+)({_MEASURES})(?!月|小时|人)")
_NUMERALS = "零一两三四五六七八九十"


def _list_front(candidate: Candidate, text: Text) -> str:
    """Ask for the items in the words of the sentence that introduces them, or by the section."""
    count = len(candidate.items)
    number = _NUMERALS[count] if count <= 10 else str(count)
    intro = _intro(candidate.text)
    if candidate.section and _NO_SUBJECT.match(simple(intro)):
        intro = f"{candidate.section}：{intro}"
    if hanzi(intro) + sum(map(hanzi, candidate.items)) > _MAX_ASKED:
        intro = ""
    *_, match = (None, *_COUNT.finditer(simple(intro)))
    if match and not intro[match.end() :].startswith("哪"):
        return f"{intro[: match.start()]}哪{number}{intro[match.start(2) :]}".rstrip(END) + "？"
    if intro:
        return f"{intro}哪{number}点？" if _LEADS_ON.search(simple(intro)) else f"{intro}：哪{number}点？"
    noun = next((word for word in _NOUNS if word in candidate.text), "")
    what = f"{number}条{noun}" if noun else f"{number}点"
    topic = candidate.section or text.title
    return f"“{topic}”这一节列出了哪{what}？" if topic else f"作者列出了哪{what}？"


_NO_SUBJECT = re.compile("主要|大概|大致|通常|一般|典型|常见|可以|需要|有|分为|包括")
_LEADS_ON = re.compile("(?:是|有|包括|包含|分为|在于)$")
_ASKS_ITSELF = re.compile("(?:如何|怎么|怎样|为什么|什么|是不是|能不能)|下面|以下|接下来|.*的$")
_MAX_ASKED = 112  # hanzi of a list and its introduction: with the question words they stay under 120
_NOUNS = ("规则", "原则", "步骤", "标准", "方法", "原因", "错误")
_ANNOUNCES = re.compile("说|讲|谈|聊|看|分享|介绍|如下|以下|下面|例|总结|觉得|[?？]|吗|会不会")


def _intro(intro: str) -> str:
    """Return the last clauses of an introduction that can be asked, "" if they cannot stand alone."""
    intro = re.sub(r"（[^）]*）|\([^)]*\)", "", intro).rstrip(END)
    start = len(intro)
    for begin, _ in reversed(clauses(intro)):
        clause = simple(intro[begin:start])
        if hanzi(intro[begin:]) > 34 or (_ANNOUNCES.search(clause) and not _COUNT.search(clause)):
            break
        start = begin
    stretch = intro[start:]
    if lead := LEAD.match(simple(stretch)):
        stretch = stretch[lead.end() :]
    dangling = (
        _dangles(stretch)
        or _ASKS_ITSELF.match(simple(stretch))
        or re.search("[它他她]|这些|那些|“[^”]*$", simple(stretch))
    )
    return "" if hanzi(stretch) < 4 or dangling else stretch


# --- clozes

_ANSWERS = (
    # what was announced as said or thought
    re.compile(
        r"(?:一句话|一条规矩|一个原则|一个想法|一个道理|的口号|的答案)(?:就?是)?[，：:]?([^，。]{4,22})。?$"
    ),
    # a figure that binds or compares
    re.compile(
        r"(?:不超过|不低于|不少于|至少|最多|超过|达到?了?|[到占]了?|只有|保持在|约|在)"
        r"(\d[\d.,]*\s*(?:[%％]|[万亿]?(?:美元|元|人|家|倍|条|个|台|分钟|小时|天)))"
    ),
    # what replaces what was denied
    re.compile(r"而(?:更)?是(?:要|在|把)?(.+)$"),
    re.compile(r"(?:应该|应当|应|要|就|才)?是(?!不是)([^，。]{2,22})[，,]?而(?:不是|非)"),
    re.compile(r"与其[^。]{2,24}?[，,]?(?:还|倒)?不如(.+)$"),
    re.compile(r"不等于(.+)$"),
    # what a colon announces
    re.compile(r"^[^：]{5,}：([^：]{4,30})$"),
    # conditions
    re.compile(r"只有(.{2,22}?)[，,]?才"),
    re.compile(r"(?:只要|一旦|如果|没有|有了)[^。]{2,36}?[，,]?(?:就|才|便|那么)(.{3,})$"),
    # what weighs more, or how it is done
    re.compile(r"(?:更|最)(?:重要|关键|本质|可怕|难得)的(?:就)?是(.{2,})$"),
    re.compile(r"通过([^，。]{4,20})[，,]"),
    # what it is
    re.compile(
        r"(?:其实就是|本质(?:上)?(?:就)?是|核心(?:就)?是|关键(?:就)?(?:是|在于)|在于|取决于|意味着|被称[为作]|称[之]?为|叫做|就是|才是|首先要做的是)(.{3,})$"
    ),
    re.compile(r"(?:不(?:超过|低于|少于|高于)|至少|最多)([^，。；]*?[\d一二两三四五六七八九十百][^，。；]*)"),
    re.compile(r"(?<![不只还但可凡若要总都])是(?!不是|否)([^，。；]{3,})"),
    # what is to be done
    re.compile(
        r"(?:必须|应该|应当|一定要|务必|千万|绝不|永远|不能|不要|需要|要|(?<![答反适效感供])应)([^，。；]{3,})"
    ),
)


_NO_BRACES = str.maketrans("{}", "｛｝")  # the source's own are no hole


def make_cloze(stretch: str, ends_of: EndsOf) -> str:
    """Return the stretch with {{ }} around the words that carry its idea, "" if none can be hidden.

    A hole that begins and ends with a word, runs over no clause's end that lost its mark, begins with a clause if it
    has two, says more than how good something is, and whose last words and figures stand nowhere else in view, goes
    before others.
    """
    stretch = stretch.translate(_NO_BRACES)
    plain = simple(stretch)
    edges = [0, *ends_of(stretch)]
    spans = [*_quotations(plain), *_matches(plain), *_tails(plain, edges)]
    trimmed = [_trim(stretch, start, end) for start, end in spans]
    whole = set(edges)
    lost = [end for end in _ends(plain) if end < len(plain) and plain[end - 1] not in END]

    def doubts(span: tuple[int, int]) -> int:
        start, end = span
        rest = bare(stretch[:start] + "□" + stretch[end:])
        run_on = any(start + 2 < place < end - 2 for place in lost)
        straddles = (
            bool(re.search("[，,；;：:]", stretch[start:end])) and stretch[:start][-1:] not in END + "“「『"
        )
        hole = bare(stretch[start:end])
        echo = hole[-2:] in rest or any(figure in rest for figure in re.findall(r"\d+", hole))
        praise = bool(_PRAISE.fullmatch(simple(hole)))
        return (start not in whole) + (end not in whole) + echo + run_on + straddles + praise

    for start, end in sorted(trimmed, key=doubts):
        if _may_hide(stretch, start, end):
            return f"{stretch[:start]}{{{{{stretch[start:end]}}}}}{stretch[end:]}"
    return ""


MIN_REST = 6  # hanzi left in view: "the key is …" asks nothing
_PRAISE = re.compile("(?:极其|非常|很|十分|特别|太).{1,3}|.{0,5}的")
_ASKS = re.compile("(什么|怎么样?|为什么|谁|哪里?|多少)(呢|啊)?$|.*吗$")
_CLINGS = re.compile("的(?!确|士)|们|吗|呢")  # what belongs to the word before it


def _may_hide(text: str, start: int, end: int) -> bool:
    """Tell whether a hole is of a size to answer, leaves something to ask, and stands nowhere else in view."""
    hole, rest = text[start:end], text[:start] + "□" + text[end:]
    size = hanzi(hole) + 2 * len(re.findall(r"[A-Za-z0-9.,]+", hole))
    return (
        MIN_HOLE <= size <= MAX_HOLE
        and hanzi(rest) >= MIN_REST
        and bare(hole) not in bare(rest)
        and not _unbalanced(hole)
        and not _CLINGS.match(hole)
        and not _ASKS.match(simple(hole))
        and not re.search("[。！？；;]", hole)
    )


def _quotations(text: str) -> Iterator[tuple[int, int]]:
    """Yield the quotations that their sentence is there to give."""
    for match in re.finditer(r"[“「『]([^”」』]{4,24})[”」』]", text):
        before = text[max(0, match.start() - 8) : match.start()]
        if re.search(r"[：:]$|字$|一句话|说$|答案|口号|叫$|就是$|(?<!不)是$|——$", before):
            yield match.start(1), match.end(1)


def _matches(text: str) -> Iterator[tuple[int, int]]:
    """Yield what the frames say is the answer: up to the end of its clause first, then all of it."""
    ends = _ends(text)
    for pattern in _ANSWERS:
        # Of two halves alike, 推出去的是…，留下来的是…, the last is the point.
        for match in reversed(list(pattern.finditer(text))):
            start, end = match.span(1)
            if "：" in match.group():
                last = max((begin for begin, _ in clauses(text) if begin <= end - 4), default=start)
                yield (start if hanzi(text[start:end]) <= MAX_TOLD else max(start, last)), end
            stops = [stop for stop in ends if start < stop < end]
            near = next((stop for stop in stops if hanzi(text[start:stop]) >= 3), end)
            if not stops or hanzi(text[start : stops[0]]) >= MIN_HOLE:
                yield start, near
            if not stops or text[stops[0] - 1] in END:
                yield start, end


def _ends(text: str) -> list[int]:
    """Return where clauses end: at marks; in a copy that lost them, also where one is more likely than not."""
    ends = [end for _, end in clauses(text)]
    if max(map(hanzi, re.split("[，,；;：:]", text))) > 18:
        ends += [at for at, odds in enumerate(gaps(text), 1) if odds >= LIKELY_END]
    return sorted(set(ends))


LIKELY_END = 0.26  # log-odds: there 70 % of the places found had a mark, and 57 % of the marks were found


MAX_TOLD = 14  # hanzi after a colon that are asked all at once; of more only the last clause is
_OPENS_WEAKLY = re.compile(
    "甚至|也是|从而|在|当|对|从|如果|虽然|尽管|因为|而且|或|和|与|但|为了|随着|这|那|它|他|她"
)
_LEANS_LEFT = re.compile(
    "(?:不|没|没有|很|最|更|能|会|可以|要|应该|必须|必然|一定|绝不|才能|一个|这|那|再|先)$"
)


def _tails(text: str, edges: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the last clause and those before it but the first, then what follows the likeliest breaks."""
    spans = clauses(text)
    yield from (span for span in reversed(spans[1:]) if not _OPENS_WEAKLY.match(text[span[0] :]))
    odds = gaps(text)
    inner = [at for at in edges if 0.35 * len(text) <= at < len(text) - 2]
    for at in sorted(inner, key=lambda at: -odds[at - 1]):
        # A break before 不, 最, 一个 and their like keeps them with what they belong to.
        before = [edge for edge in edges if edge < at]
        while len(before) > 1 and _LEANS_LEFT.search(text[before[-1] : at]):
            at = before.pop()
        if (
            hanzi(text[at:]) >= 4
            and text[at] not in "的了着过地得们，、"
            and not _OPENS_WEAKLY.match(text[at:])
        ):
            yield at, len(text)


_LOOSE_END = re.compile(r"(?:[是的在和与对把被就都也而但及或时中里吗]|因为|所以|而且|但是|如果|以及)$")


_LOOSE_START = re.compile("(?:而|就|才|也|都|是|则|便|却|还是|又|却是|就是)(?=..)")


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave marks at both ends, and words that only lead on, outside of the hole."""
    while end > start and text[end - 1] in END:
        end -= 1
    while start < end and text[start] in END:
        start += 1
    inner = simple(text[start:end])
    if (loose := _LOOSE_END.search(inner)) and not inner.endswith("目的") and text[end : end + 1].isalnum():
        end = start + loose.start()
    if start and (loose := _LOOSE_START.match(inner)):
        start += loose.end()
    inner = text[start:end]
    # Marks that wrap the whole hole stay outside of it.
    if len(inner) > 2 and (inner[0], inner[-1]) in _WRAPS and inner.count(inner[0]) == 1:
        return start + 1, end - 1
    return start, end


_WRAPS = (("“", "”"), ("「", "」"), ("『", "』"))


def _unbalanced(text: str) -> bool:
    pairs = any(text.count(a) != text.count(b) for a, b in ("“”", "「」", "『』", "（）", "()", "《》"))
    return pairs or text.count('"') % 2 == 1
