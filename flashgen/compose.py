"""Candidates to Cards: a front that can be answered without the source, a short back, a readable id.

Every word of a back, a cloze or an item is the source's. A front is either the source's own words or one of the
question frames below around them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from flashgen import holes
from flashgen.cues import LEAD
from flashgen.hanzi import bare, hanzi
from flashgen.holes import END
from flashgen.orthography import SLUG_CHARACTERS, free_name, slug
from flashgen.phrases import LABEL, bigrams, clauses, contained, simple
from flashgen.pinyin_lexicon import Token
from flashgen.records import HOLE, Candidate, Card, Text, Word

WordsOf = Callable[[str], Sequence[Word]]
TokensOf = Callable[[str], Sequence[Token]]


_TRADITIONAL = str.maketrans("么这节条点规则个类层数样几两“”", "麼這節條點規則個類層數樣幾兩「」")
"""For the words of our question frames, where a text is in traditional characters."""


def compose(
    candidates: Sequence[Candidate],
    text: Text,
    place: Callable[[int], str],
    words_of: WordsOf,
    tokens_of: TokensOf,
) -> list[tuple[Candidate, Card]]:
    """Make a card of each candidate of which something can be asked, in their order.

    `place` tells of a source offset what `Card.at` has; `words_of` spells a text, `tokens_of` only parts it into words,
    in a hundredth of the time.
    """
    cards: list[tuple[Candidate, Card]] = []
    taken: set[str] = set()
    fronts: set[str] = set()
    sample = "".join(sentence.text for sentence in text.sentences[:40])
    traditional = sum(a != b for a, b in zip(sample, simple(sample), strict=True)) > len(sample) / 20
    for candidate in candidates:
        asked = _ask(candidate, text, tokens_of)
        if asked is None:
            continue
        kind, front, back, cloze, items = asked
        if traditional and front:
            front = front.translate(_TRADITIONAL)
        if items and front in fronts:  # two lists of one section: how it begins tells which
            begin, end = clauses(items[0])[0]
            which = f"从“{items[0][begin:end].rstrip(END)}”说起，"
            front = f"{which}列出了".join(front.rsplit("列出了", 1)) if "列出了" in front else which + front
        if front in fronts:
            continue  # one question has one answer
        if front:
            fronts.add(front)
        key = back or "".join(HOLE.findall(cloze)) or "".join(items[:2])
        key = key if hanzi(key) > 1 else candidate.text
        name = free_name(slug(words_of(key[:SLUG_CHARACTERS])), taken)
        taken.add(name)
        card = Card(
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
        cards.append((candidate, card))
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


def _ask(candidate: Candidate, text: Text, tokens_of: TokensOf) -> _Asked | None:
    if candidate.items:
        return candidate.kind, _list_front(candidate, text), "", "", candidate.items
    for frame in (_definition, _copula):
        if asked := frame(candidate.text):
            front, back = asked
            if bare(back) not in bare(front):
                return candidate.kind, front, back, "", ()
    bold = text.blocks[text.sentences[candidate.sentence].block].bold if candidate.sentence >= 0 else ()
    cloze = make_cloze(candidate.text, tokens_of, candidate.section, bold)
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
            meaning = _point(stretch[match.start(2) : match.end(2)])
            if (
                hanzi(meaning) <= 60
                and not _dangles(term)
                and meaning[0] not in "你我您"
                and not _NO_TERM.search(simple(term))
            ):
                return f"什么是{_quoted(term)}？", meaning
    return None


def _point(answer: str) -> str:
    """Return an answer without what only comments on it; of a long one that lost its marks the first clauses."""
    surplus = _SURPLUS.search(simple(answer))
    answer = answer[: surplus.start() if surplus else None].rstrip(END)
    if hanzi(answer) > _LONG_ANSWER and not re.search("[，,；;]", answer):
        ends = (end for _, end in clauses(answer) if hanzi(answer[:end]) >= _LEAST_ANSWER)
        answer = answer[: next(ends, len(answer))]
    return answer


_LONG_ANSWER, _LEAST_ANSWER = 24, 8  # hanzi
_NO_TERM = re.compile("^(?:如果|假如|对于?|当|在)|不是|没有|为什么|[而就都也才不]$")


def _quoted(term: str) -> str:
    return term if term[:1] in "“「『《" else f"“{term}”"


_FRAME = re.compile(
    r"^([^，。；：“”]{0,18}?(?:核心|关键|本质|根本|目的|原因|前提|基础|秘诀|方法|办法|方式|好处|区别|标准|原则|目标|价值|任务|答案|意义|思路|特点|"
    r"优势|问题|道理|第一步|底线|结果|做法|诀窍|要做的|在乎的|看重的|需要的|重要的|难的|怕的|缺的))(?:就|才|其实|依然|永远|也|首先)?(?:是|在于)(?!不是|否|什么|谁|哪|怎|如何)[，,：:]?(.{4,})$"
)


_SURPLUS = re.compile("(?<=.{4})[，,](?:这也?是|否则|不然|所以|因此).*$")
"""A remark on the answer, not the answer."""
_BUT = re.compile("(?<=.{6})[，,]但.*$")
_IS = re.compile("(?<![但可还要只总凡于若])是(?!否|非)")  # it says something already
_NO_SUBJECT_OF = re.compile("(?:很多|不少|许多|有些?)人|一些|有些|.*另一个|一个|至关重要")
_SUPPOSES = re.compile("其实|那么|如果|假如|要是|倘若|一旦|只要|除非|[这那]")  # no subject, and no answer


def _copula(stretch: str) -> tuple[str, str] | None:
    match = _FRAME.match(simple(stretch))
    if not match or _dangles(stretch) or re.search("不是|而是", stretch):
        return None
    subject = stretch[: match.end(1)]
    middle = stretch[match.end(1) : match.start(2)].rstrip("，,：: ")
    answer = _point(_BUT.sub("", stretch[match.start(2) :]))
    if hanzi(subject) < 5 or hanzi(answer) > 36 or re.match("[我你](?![们們])", subject):
        return None
    plain = simple(subject)
    if (
        _NO_SUBJECT_OF.match(plain)
        or _IS.search(plain)
        or _SUPPOSES.match(plain)
        or _SUPPOSES.match(simple(answer))
    ):
        return None
    return f"{subject}{middle}什么？", answer


_DANGLING = re.compile(r"^(这|那|它|他|她|其(?!实|中|他)|此|该|前者|后者)")


def _dangles(text: str) -> bool:
    return bool(_DANGLING.match(simple(text)))


# --- lists

_MEASURES = "条|点|个|种|件|项|步|类|方面|层|大|只|样|句|道|招|关|档|门"
_COUNT = re.compile(rf"(?<!第)([两二三四五六七八九十几\d多]+)({_MEASURES})(?!月|小时|人)")
_NUMERALS = "零一两三四五六七八九十"


def _list_front(candidate: Candidate, text: Text) -> str:
    """Ask for the items in the words of the sentence that introduces them, or by the section."""
    count = len(candidate.items)
    number = _NUMERALS[count] if count <= 10 else str(count)
    room = _MAX_ASKED - sum(map(hanzi, candidate.items))
    section = _unlabelled(candidate.section or text.title)
    if (follow := _AS_FOLLOWS.search(simple(candidate.text))) and not _dangles(candidate.text):
        case = candidate.text[: follow.start()]
        if hanzi(case) <= min(_MAX_INTRO, room):
            return f"{case}，有哪{number}{'条' if follow.group(1) in _RULES else '种'}{follow.group(1)}？"
    if section and _SECTION_LABEL.fullmatch(simple(candidate.text)):
        return f"“{section}”的{candidate.text.rstrip(END)}有哪{number}点？"
    intro = _BELOW.sub("", _intro(candidate.text, min(_MAX_INTRO, room)))
    if intro and not _leads_up(candidate.text, intro, count) and (candidate.section or text.title):
        intro = ""
    if candidate.section and _NO_SUBJECT.match(simple(intro)):
        intro = f"{candidate.section}：{intro}"
    *_, match = (None, *_COUNT.finditer(simple(intro)))
    vague = match and re.search("[几多]", match.group(1)) and hanzi(intro[match.end() :]) > _NEAR_END
    if match and not vague and _counts(match.group(1), count) and not intro[match.end() :].startswith("哪"):
        if _LEADS_ON.search(simple(intro)):
            return f"{intro}哪{number}{intro[match.start(2) : match.end(2)]}？"
        return f"{intro[: match.start()]}哪{number}{intro[match.start(2) :]}".rstrip(END) + "？"
    if intro:
        return f"{intro}哪{number}点？" if _LEADS_ON.search(simple(intro)) else f"{intro}：哪{number}点？"
    noun = next((word for word in _NOUNS if word in candidate.text), "")
    what = f"{number}条{noun}" if noun else f"{number}点"
    if candidate.section and candidate.section != text.title:
        return f"“{section}”这一节列出了哪{what}？"
    return f"“{section}”列出了哪{what}？" if section else f"作者列出了哪{what}？"


def _leads_up(sentence: str, intro: str, count: int) -> bool:
    """Tell whether what stands before a list is there for it: it counts, or claims what the items then show."""
    counted = any(_counts(match.group(1), count) for match in _COUNT.finditer(simple(intro)))
    whole = sentence.rstrip("”」 ")[-1:] in tuple("。！!?？")
    topic = hanzi(intro) <= _TOPIC and not re.search(r"\d", intro)
    return counted or not whole or topic or bool(_CLAIMS.search(simple(intro)))


_TOPIC = 20  # hanzi: a sentence as short as a heading names what the list is about


_CLAIMS = re.compile(
    "要|必须|应|需|不能|不可|得|如何|怎么|规则|原则|标准|步骤|条件|要素|原因|方法|做法|能力|问题|好处|理由|关键|可能|挑战|优势|特点|表现|是"
)


def _unlabelled(text: str) -> str:
    """Return a text without the number before it."""
    label = LABEL.match(text)
    return text[label.end() :] if label else text


def _counts(numeral: str, count: int) -> bool:
    """Tell whether a number in an introduction may be that of the items: 三, 3, 几, and 两 or 二."""
    if numeral.isdigit():
        return int(numeral) == count
    return numeral.replace("二", "两") == _NUMERALS[count : count + 1] or bool(re.search("[几多]", numeral))


_NO_SUBJECT = re.compile("[一总]?共|主要|大概|大致|通常|一般|典型|常见|可以|需要|有|分为|包括")
_BELOW = re.compile(
    "(?:如下|(?<![\\d%％人元块万亿岁年月天日个名位度级])以下)(?=[两二三四五六七八九十几\\d])|如下$"
)
_RULES = ("原则", "规则", "建议")
_AS_FOLLOWS = re.compile(
    "[，,](?:可以?|应当?|要|请|不妨|建议)?(?:按照?|用|采[取用]|通过|参[考照]|遵循)?(?:如下|以下|下[面列])的?"
    "(方法|办法|方式|做法|步骤|措施|策略|原则|规则|建议)(?:来|去|进行)?(?:处理|操作|执行|解决|应对)?[：:]?$"
)
"""What only says, behind the case that it is for, that something follows."""
_SECTION_LABEL = re.compile(
    "(?:可执行|可操作|具体|主要|关键|核心|行动|实践)?的?(?:步骤|要点|总结|小结|注意事项|重点(?:整理|提示|回顾)?|做法|方法|技巧|建议|提示|行动|结论|好处|特点|启示)[：:]?"
)
"""A label that stands over one list in every section."""
_LEADS_ON = re.compile("(?:是|有|包括|包含|分为|在于)$")
_ASKS_ITSELF = re.compile("(?:如何|怎么|怎样|为什么|什么|是不是|能不能)|下面|以下|接下来|.*的$")
_NEAR_END = 6  # hanzi: what a vague number further from the end counts is not what the items are
_MAX_INTRO = 34  # hanzi of an introduction: what can be read at a glance
_MAX_ASKED = 112  # hanzi of a list and its introduction: with the question words they stay under 120
_FOR_EXAMPLE = re.compile("[，,](?:比如|例如|譬如|比方)说?$")
_FOUND = re.compile("(?:我们?)?(?:发现|总结|归纳|整理|得)(?:出来|出)?了?(?=[^，。]{0,3}[有是分])")
_NOUNS = ("规则", "原则", "步骤", "标准", "方法", "原因", "错误")
_ANNOUNCES = re.compile("说|讲|谈|聊|看|分享|介绍|如下|以下|下面|例|总结|觉得|[?？]|吗|会不会")


def _intro(intro: str, room: int) -> str:
    """Return the last clauses of an introduction that can be asked, in `room` hanzi; "" if they cannot stand alone."""
    intro = _unlabelled(re.sub(r"（[^）]*）|\([^)]*\)", "", intro).rstrip(END))
    start = len(intro)
    for begin, _ in reversed(clauses(intro)):
        clause = simple(intro[begin:start])
        if hanzi(intro[begin:]) > room or (_ANNOUNCES.search(clause) and not _COUNT.search(clause)):
            break
        start = begin
    stretch = _FOR_EXAMPLE.sub("", intro[start:])
    if found := _FOUND.match(simple(stretch)):
        stretch = stretch[found.end() :]
    if lead := LEAD.match(simple(stretch)):
        stretch = stretch[lead.end() :]
    dangling = (
        _dangles(stretch)
        or _ASKS_ITSELF.match(simple(stretch))
        or re.search("[它他她]|这些|那些|“[^”]*$", simple(stretch))
    )
    return "" if hanzi(stretch) < 4 or dangling else stretch


# --- clozes

_NO_BRACES = str.maketrans("{}", "｛｝")  # the source's own are no hole


def make_cloze(stretch: str, tokens_of: TokensOf, heading: str, bold: Sequence[str]) -> str:
    """Return the stretch with {{ }} around the words that carry its idea, "" if none can be hidden."""
    stretch = stretch.translate(_NO_BRACES)
    hole = holes.best(stretch, tokens_of(stretch), heading, bold)
    if hole is None:
        return ""
    start, end = hole
    return f"{stretch[:start]}{{{{{stretch[start:end]}}}}}{stretch[end:]}"
