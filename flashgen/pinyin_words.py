"""Text to words: the lexicon's, the deck's, names, and terms that a source repeats."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate

from flashgen.orthography import HANZI
from flashgen.pinyin_lexicon import LONGEST, Lexicon, Token, load, part
from flashgen.pinyin_names import (
    KINDS_OF_PLACE,
    PLACE,
    SOUNDS,
    SURNAMES,
    foreign_name,
    full_name,
    lexical_name,
    named,
    parts_of_names,
    place_name,
)

RUN = re.compile(rf"{HANZI.pattern}+|(?:(?!{HANZI.pattern}).)+", re.DOTALL)
OTHER = re.compile(r"\s+|[^\W_]+(?:[.,:/'’&+-]*[^\W_]+)*|(.)\1*", re.DOTALL)
"""What stands between hanzi, piece by piece: spaces, numbers and Latin words, a mark and its repetitions."""

NUMERALS = "一二三四五六七八九十百千万亿两几多"
DENIED = "是会能想敢该肯愿提给去来看说买卖做懂信"
"""Verbs of one hanzi that 不 stands apart from (bù huì), for all that dictionaries list the two together."""

MEASURES = (
    "个种次场位件条张家年天届名本台部项份笔代片座款把套层句页批篇门首棵块双对群组章节倍元人步点分秒类周国"
    "支辆颗杯顿遍趟阵股根轮幅队排串堆匹栋户则桩席团滴斤米角封声盘碗瓶袋箱亩寸克具架艘枚盏桶桌粒朵束丛捆叠期日号岁盒茬只拳站成辈"
)
"""Measure words that jieba's list joins to a numeral, or to 每 and its like."""

WHOLE = frozenset(("十分", "万分", "多元", "各个", "各位", "这个", "那个", "哪个"))
"""Words of such a shape that are one word."""

CAPITAL = re.compile("[A-Z]")
NAME_CONTEXT = 10
"""Characters by which a name at the start of a text is told: a name and what follows it."""

EACH = "每各某这那哪"
COUNTED = re.compile(
    rf"(第?[{NUMERALS}数]+|[{EACH}])([{MEASURES}]|部分|分钟|秒钟|小时|公里|公斤|方面|美元|世纪)"
)
NUMBER = re.compile(rf"[\d.]+|[{NUMERALS}]+")


def parted(text: str, lexicon: Lexicon, own: Mapping[str, int]) -> list[Token]:
    """Part a text into tokens: words of hanzi, and each stretch without hanzi between them."""
    simplified = lexicon.simplified(text)
    foreign = parts_of_names(simplified)
    own = {**foreign, **own} if foreign else own
    tokens: list[Token] = []
    for run in RUN.finditer(text):
        if not HANZI.match(run.group()):
            tokens += [
                Token(run.start() + piece.start(), run.start() + piece.end(), piece.group())
                for piece in OTHER.finditer(run.group())
            ]
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
                person = written[0] in SURNAMES and 1 < len(said) == len(written) < 4
                readings = (full_name(said, written[0]) if person else " ".join(said),)
                if not person and len(written) > 2 and not set(written).difference(SOUNDS):
                    readings = (foreign_name(written, lexicon),)  # a term of the source
            kind = entry.kind if entry else ""
            if kind == "nr" and len(written) == 3:
                readings = (lexical_name(written, readings[0], lexicon), *readings[1:])
            if written[-1] in KINDS_OF_PLACE and PLACE.fullmatch(written):
                readings = tuple(map(place_name, readings))
            if written in foreign:
                kind, readings = "nr", (foreign_name(written, lexicon),)
            token = Token(start, end, written, kind, readings, readings[0])
            mine = written in own or text[start:end] in own
            tokens += (token,) if mine else divided(token, tokens[-1] if tokens else None)
    tokens = regrouped(tokens)
    return list(named(tokens)) if not SURNAMES.isdisjoint(simplified) else tokens


COMPLEMENTS = "到完掉成死透"
"""What a verb of one hanzi is written together with, as what came of it (GB/T 16159: 搞坏 gǎohuài)."""

LAST_COMPLEMENTS = "大满干光坏开住走懂高低快慢短"
"""Those that may as well belong to what follows, 买 大房子: only at the end of a clause are they the verb's."""

HELPERS = "是有要会能想像去来让请叫使爱敢肯怕没可应倒率创相曾当"
"""Verbs of one hanzi after which another verb stands for itself."""

DRAINED = "喝榨吸晒擦晾烘吹烤抽耗拧流哭"
"""Verbs after which 干 is what is dry."""

TALENTS = re.compile("的|有|没有|无|其|领导|管理|组织|艺术|个人|商业|特殊|展示|展现|发挥|施展|这种|那种")
"""What stands before 才能 where it is a talent."""

PRAISES = re.compile("[和与跟及或很是]|非常|不足|突出|有限|大于")
"""What stands behind it there."""


TRADES = re.compile("[这那哪每干入转同另各某爱]")
"""What stands before 一行 where it is a trade or a line, not a group of persons: 这一行."""

LINES = re.compile("字|大字|小字|文字|代码|数据|诗|标题")
"""What stands behind it there: 一行 字."""


def regrouped(tokens: Sequence[Token]) -> list[Token]:
    """Return tokens with 才 and 能 in two words before what one can do, and short verbs with their short complements.

    一行 is two words where it is a trade or a line.
    """
    out: list[Token] = []
    for n, token in enumerate(tokens):
        after = tokens[n + 1] if n + 1 < len(tokens) else None
        last = out[-1] if out else None
        if token.word == "才能" and _enables(last, after):
            middle = token.start + 1
            out.append(Token(token.start, middle, "才", "d", ("cai2",), "cai2"))
            out.append(Token(middle, token.end, "能", "v", ("neng2",), "neng2"))
        elif token.word == "一行" and (
            (last and TRADES.fullmatch(last.word)) or (after and LINES.fullmatch(after.word))
        ):
            middle = token.start + 1
            out.append(Token(token.start, middle, "一", "m", ("yi1",), "yi1"))
            out.append(Token(middle, token.end, "行", "q", ("hang2",), "hang2"))
        elif last and len(last.readings) == 1 and _completes(last, token, after):
            said = f"{last.said} {'gan1' if token.word == '干' and last.word in DRAINED else token.said}"
            out[-1] = Token(last.start, token.end, last.word + token.word, "v", (said,), said)
        else:
            out.append(token)
    return out


def _enables(before: Token | None, after: Token | None) -> bool:
    """Tell whether 才能 is "only then can" and no talent."""
    if after is None or (before and (TALENTS.fullmatch(before.word) or before.kind == "q")):
        return False
    return after.kind[:1] in tuple("vadprilz") and not PRAISES.fullmatch(after.word)


def completed(tokens: Sequence[Token]) -> list[Token]:
    """Return tokens with verbs of several readings joined with their complement, once the reading is chosen: 调高."""
    out: list[Token] = []
    for n, token in enumerate(tokens):
        last = out[-1] if out else None
        after = tokens[n + 1] if n + 1 < len(tokens) else None
        if last and len(last.readings) > 1 and _completes(last, token, after):
            said = f"{last.said} {token.said}"
            unsure = tuple(f"{other} {token.said}" for other in last.unsure)
            out[-1] = Token(last.start, token.end, last.word + token.word, "v", (said,), said, unsure)
        else:
            out.append(token)
    return out


def _completes(verb: Token, token: Token, after: Token | None) -> bool:
    """Tell whether a token is what came of a verb, 做 大, and does not belong to what follows, 买 大房子."""
    ends = after is None or not after.readings or after.word in ("了", verb.word)
    return (
        len(verb.word) == len(token.word) == 1
        and (token.word in COMPLEMENTS or (token.word in LAST_COMPLEMENTS and ends))
        and (verb.kind == "v" or (verb.word == "长" and verb.said == "zhang3"))
        and verb.word not in HELPERS
    )


def starts_with_name(text: str, readings: Mapping[str, str]) -> bool:
    """Whether a text starts with a proper name: one of the deck's own `readings`, the lexicon's, or a person's."""
    if any(said[:1].isupper() for word, said in readings.items() if text.startswith(word)):
        return True
    lexicon, start = load(), text[:NAME_CONTEXT]
    entries = map(lexicon.lines.get, accumulate(lexicon.simplified(start[:LONGEST])))
    if start[0] not in SURNAMES and not any(entry and CAPITAL.search(entry) for entry in entries):
        return False  # as nearly always
    return parted(start, lexicon, dict.fromkeys(readings, 0))[0].said[:1].isupper()


def divided(token: Token, before: Token | None) -> Sequence[Token]:
    """Return a token; or as two a numeral or 每 and a measure word, the 不 of 是不是, 之一."""
    word, at, kinds = token.word, 0, ("m", "q")
    if (
        (token.kind[:1] in tuple("mtrq") or not token.kind)
        and word not in WHOLE
        and (number := COUNTED.fullmatch(word))
    ):
        at, kinds = len(number[1]), (token.kind if word[0] in EACH else "m", "q")
    if word == "之一":
        at, kinds = 1, ("u", "m")
    if before and word == "个人" and (NUMBER.fullmatch(before.word) or before.word in EACH):
        at = 1  # three persons, not a third individual
    if len(word) == 2 and word[0] == "不" and word[1] in DENIED:
        at, kinds = 1, ("d", "v")
    if before and word[0] == "不" and word[1:] == before.word:
        at, kinds = 1, ("d", before.kind)
    if (
        not at
        and len(word) in (4, 5)
        and token.kind not in ("i", "z")
        and token.said.islower()
        and _halved(word)
    ):
        at, kinds = 2, (token.kind, token.kind)  # 无产 阶级; what is joined by a hyphen is an idiom
    if not at:
        return (token,)
    said, middle = _neutral(token).split(), token.start + at
    first, second = " ".join(said[:at]), " ".join(said[at:])
    return (
        Token(token.start, middle, word[:at], kinds[0], (first,), first),
        Token(middle, token.end, word[at:], kinds[1], (second,), second),
    )


def _halved(word: str) -> bool:
    """Whether the first two hanzi of a word of four or five and those behind them are words."""
    lines = load().lines
    framed = word[0] == word[2] and word[1] != word[3]  # 原汁原味, but not 研究 研究
    return word[:2] in lines and word[2:] in lines and word[0] != word[1] and not framed


def _neutral(token: Token) -> str:
    """Return a token's reading with the neutral tone that its last two hanzi have as a word: 组成部分."""
    end = load().get(token.word[-2:]) if len(token.word) > 3 else None
    said = token.said.split()
    if end and re.sub(r"\d", "", end.readings[0]) == re.sub(r"\d", "", " ".join(said[-2:])):
        said[-2:] = end.readings[0].split()
    return " ".join(said)


def context(line: Sequence[Token], n: int) -> str:
    """Return a neighbour as rules see it: word/kind. "/" stands for the end of a text; marks have no kind."""
    return f"{line[n].word}/{line[n].kind}" if 0 <= n < len(line) else "/"


TERMS_WITHIN = 60_000
"""Characters of a source in which its own terms are looked for: two long chapters, by which a book has named them."""


def repeated_terms(text: str) -> list[str]:
    """Find words that the lexicon lacks and the text itself repeats, such as a brand's name, in order; then the persons.

    Of a long text only the first TERMS_WITHIN characters are looked at.

    A person whom the text once names beside a title or a word of saying is one wherever it speaks of him.

    A term is two or three neighbouring tokens of up to four hanzi, one of them a single hanzi and none a
    function word, that stand together three times or more, with different neighbours, and one of which hardly
    ever stands elsewhere. The numbers were set by reading the lists for business chapters: lower ones bring
    in phrases.
    """
    lexicon, text = load(), text[:TERMS_WITHIN]
    tokens = parted(text, lexicon, {})
    persons = {t.word for t in tokens if t.kind == "nr" and len(t.word) > 1 and t.word not in lexicon.lines}
    alone = Counter(t.word for t in tokens)
    found: dict[str, list[tuple[str, ...]]] = {}
    around: dict[str, set[tuple[str, str]]] = {}
    for start in range(len(tokens)):
        for end in range(start + 2, min(start + 3, len(tokens)) + 1):
            group = tokens[start:end]
            if not group[-1].readings or any(not t.readings or functional(t) for t in group):
                break
            term = "".join(t.word for t in group)
            if len(term) <= 4 and any(len(t.word) == 1 for t in group):
                found.setdefault(term, []).append(tuple(t.word for t in group))
                sides = (context(tokens, start - 1), context(tokens, end))
                around.setdefault(term, set()).add(sides)
    terms = {
        term
        for term, groups in found.items()
        if len(groups) >= 3
        and len(groups) >= 0.8 * min(alone[w] for w in groups[0])
        and min(len({side[n] for side in around[term]}) for n in (0, 1)) > 1
    }
    longest = [t for t in found if t in terms and not any(t != o and t in o for o in terms | persons)]
    simplified = lexicon.simplified(text)
    return [text[at : at + len(t)] for t in [*longest, *sorted(persons)] for at in [simplified.index(t)]]


def functional(token: Token) -> bool:
    """Whether a token is one that names do not hold: a function word, a number, a verb of one hanzi."""
    return token.kind[:1] in ("v" if len(token.word) == 1 else "") + "pcurmqyfdt"
