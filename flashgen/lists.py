"""Lists in a Text: ordinals gathered over sentences and paragraphs or in one sentence, bullets, "three rules: …"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flashgen.hanzi import bare, hanzi
from flashgen.phrases import hide_quotations, simple
from flashgen.records import Text

NUMERALS = "一二三四五六七八九十"
MAX_GAP = 3000  # characters between two items: a long-winded point of an article runs to 1,500
MAX_ITEMS = 15


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list: verbatim text, source offset, index of its sentence."""

    text: str
    offset: int
    sentence: int


@dataclass(frozen=True, slots=True)
class ItemList:
    """Items in order and the sentence that introduces them, "" if none does.

    `asked` is false where bullets follow a sentence that does not lead on to them.
    """

    family: str
    items: tuple[Item, ...]
    intro: str
    asked: bool = True


@dataclass(frozen=True, slots=True)
class _Mark:
    family: str
    value: int
    sentence: int
    start: int  # in the sentence: where the mark begins, and where its item begins
    end: int


_MEASURE = "条|点|个|步|类|种|层|招|大|项|件事|方面|阶段|件"
_ORDINAL = re.compile(
    rf"第([{NUMERALS}]|10|\d)(?:({_MEASURE})(?!版|月|现场|的|[和与及或至到]第?[{NUMERALS}\d])"
    rf"|(?!{_MEASURE}|次|位|名|天|年|款|批|时间|现场|线|代|章|节|季|届|手|支|张|轮|桶|性|人|家|版|部|期|场|眼|笔|份|句|篇|本|排|任(?!何)"
    r"|道|颗|座|圈|梯队|回|只|台|辆|套|把|幅|号|页|[\d十百的和与及或至到]))"
)
_FIRST = re.compile(r"(首先|其次|再次|再者)(?=[，,、：:是要]|[^，。]{3})|(最后)(?=[，,、：:是要]|一[条点个])")
_ENUMERATED = re.compile(rf"([{NUMERALS}])(是|要|来|则)(?![{NUMERALS}])|其([{NUMERALS}])[，,、：:是]?")
_BARE_NUMBER = re.compile(
    rf"^(\d{{1,2}})(?=[{chr(0x4E00)}-{chr(0x9FFF)}“A-Za-z])(?![年月日个多万亿岁点%％.,]|世纪|小时|分钟)"
)
_CHINESE_NUMBER = re.compile(rf"^[（(]?([{NUMERALS}])[、.．）)]\s*")
_LABEL_END = re.compile(
    r"(?:[^，。：]{0,6}(?:特征|原因|方面|问题|原则|条件|特点|关键|理由|好处|误区|标准|因素)(?:就)?是)?[，,、：:\s]*"
)
_COUNTED_NOUN = re.compile("(?:人|部分|次|情况|类型)(?=[，,：:是])")
_SUCCESSION = {"首先": 1, "其次": 2, "再次": 3, "再者": 3, "最后": -1}


def find_lists(text: Text) -> list[ItemList]:
    """Find every list of two or more items, in the order of their first items."""
    found = [*_ordinal_lists(text), *_bullet_lists(text), *_heading_lists(text)]
    inside = {one.items[0].sentence for one in found}
    found += [one for one in _counted_lists(text) if one.items[0].sentence not in inside]
    found = [one for one in found if all(bare(item.text) for item in one.items)]  # no mark is an item
    return sorted(found, key=lambda one: (one.items[0].sentence, one.items[0].offset))


# --- ordinals


def _ordinal_lists(text: Text) -> list[ItemList]:
    """Join marks that count up into lists; a list inside an item closes before the outer one goes on."""
    marks = [mark for index in range(len(text.sentences)) for mark in _marks(text, index)]
    stack: list[list[_Mark]] = []
    done: list[list[_Mark]] = []
    for mark in marks:
        while stack and _gap(text, stack[0][-1], mark) > MAX_GAP:  # its next item would be too far off
            done.append(stack.pop(0))
        depth = next((d for d in range(len(stack) - 1, -1, -1) if _follows(text, stack[d], mark)), None)
        if depth is not None:
            done += stack[depth + 1 :]
            del stack[depth + 1 :]
            stack[depth].append(mark)
        elif mark.value == 1:
            stack.append([mark])
    return [_build(text, marks) for marks in done + stack if 2 <= len(marks) <= MAX_ITEMS]


def _marks(text: Text, index: int) -> list[_Mark]:
    sentence = text.sentences[index]
    block = text.blocks[sentence.block]
    plain = simple(sentence.text)
    marks: list[_Mark] = []

    def add(family: str, value: int, match: re.Match[str]) -> None:
        end = match.end()
        if (
            family.startswith("ordinal")
            and match.lastindex == 2
            and (noun := _COUNTED_NOUN.match(plain, end))
        ):
            end = noun.end()  # 第一种人，…
        end = _LABEL_END.match(plain, end).end()  # type: ignore[union-attr]  # it matches the empty text too
        marks.append(_Mark(family, value, index, match.start(), end))

    if sentence.rank == 0 and block.kind == "item" and block.marker.isalnum():
        marker = block.marker.lower()
        value = int(marker) if marker.isdigit() else ord(marker) - ord("a") + 1
        marks.append(_Mark("number" if marker.isdigit() else "letter", value, index, 0, 0))
    elif sentence.rank == 0 and (match := _BARE_NUMBER.match(plain)):
        add("number", int(match.group(1)), match)
    elif sentence.rank == 0 and (match := _CHINESE_NUMBER.match(plain)):
        add("chinese", NUMERALS.index(match.group(1)) + 1, match)
    for match in _ORDINAL.finditer(plain):
        # "That is the first point": such a mark stands behind its point.
        closes = match.start() > 0 and not bare(plain[match.end() :])
        if _opens(plain, match.start()) and not closes:
            numeral = match.group(1)
            value = int(numeral) if numeral.isdigit() else NUMERALS.index(numeral) + 1
            add("ordinal" + (match.group(2) or ""), value, match)
    for match in _FIRST.finditer(plain):
        if match.start() == 0 or plain[match.start() - 1] in "，,；;：:、”":
            add("ordinal", _SUCCESSION[match.group()], match)
    for match in _ENUMERATED.finditer(plain):
        numeral = match.group(1) or match.group(3)
        if _opens(plain, match.start()) or match.group(1):
            add("enumerated" + (match.group(2) or "其"), NUMERALS.index(numeral) + 1, match)
    return sorted(marks, key=lambda mark: mark.start)


def _opens(text: str, at: int) -> bool:
    """Tell whether an ordinal counts: at the start of a clause; in copies that lost their marks that is hard to tell."""
    return at == 0 or not text[at - 1].isalnum() or text[at - 1] == "的" or len(text) > 40


def _gap(text: Text, one: _Mark, two: _Mark) -> int:
    return text.sentences[two.sentence].offset - text.sentences[one.sentence].offset


def _follows(text: Text, marks: Sequence[_Mark], mark: _Mark) -> bool:
    last = marks[-1]
    if mark.family != last.family:
        return False
    if (last.sentence, last.start) >= (mark.sentence, mark.start) or len(marks) >= MAX_ITEMS:
        return False
    if _gap(text, last, mark) > MAX_GAP:
        return False
    if mark.value == -1:  # 最后 closes many lists and begins many asides: it must stand as the others do
        here, there = text.sentences[mark.sentence], text.sentences[last.sentence]
        alike = mark.start == last.start == 0 and here.rank == there.rank == 0
        return len(marks) >= 2 and here.section == there.section and (alike or here.block - there.block <= 1)
    return mark.value == len(marks) + 1


def _build(text: Text, marks: Sequence[_Mark]) -> ItemList:
    found: list[tuple[int, int, str]] = []  # sentence, where in it the item begins, the item
    for position, mark in enumerate(marks):
        sentence = text.sentences[mark.sentence]
        following = marks[position + 1] if position + 1 < len(marks) else None
        end = following.start if following and following.sentence == mark.sentence else len(sentence.text)
        body = sentence.text[mark.end : end].rstrip("，,；;、 ")
        start = mark.end
        index = mark.sentence
        if hanzi(body) < 2 and index + 1 < len(text.sentences):
            index += 1  # the mark stands alone: "第一。" and its sentence
            body, start = text.sentences[index].text, 0
        found.append((index, start + len(body) - len(body.lstrip()), body.strip()))
    inside = marks[0].sentence == marks[-1].sentence
    if all(_IS.match(body) for _, _, body in found) or (inside and _IS.match(found[0][2])):
        found = [
            (index, start + 1, body[1:]) if _IS.match(body) else (index, start, body)
            for index, start, body in found
        ]
    items = [Item(body, text.offset(index, start), index) for index, start, body in found]
    first = marks[0]
    before = text.sentences[first.sentence].text[: first.start].strip()
    if hanzi(before) >= 4:
        return ItemList(first.family, tuple(items), before)
    intro = _sentence_before(text, first.sentence)
    return ItemList(first.family, tuple(items), text.sentences[intro].text if intro >= 0 else "")


_IS = re.compile("是(?![否不非是谁]|[什甚]|为什么|為什麼).{2}")
"""What every item may begin with and be as well without."""


def _sentence_before(text: Text, index: int) -> int:
    """Return the sentence before, if it stands in the same section; else -1."""
    if index > 0 and text.sentences[index - 1].section == text.sentences[index].section:
        return index - 1
    return -1


# --- counted: "three rules: …；…；…"

_COUNTED = f"{_MEASURE}|句|项|关|道|样"
_COUNT = re.compile(
    rf"(?<![第这那前后每])([两{NUMERALS}2-8])({_COUNTED})(?!月|小时|钟头|人)"
    rf"((?!(?<![第这那前后每])[两{NUMERALS}2-8](?:{_COUNTED}))[^，。：:；？！]){{0,12}}(?:[：:]|——|—)\s*"
)
_ENUMERATOR = re.compile(rf"[（(]?第?([{NUMERALS}]|\d)({_MEASURE})?(是|[、.．，,)）])")
_INSIDE = re.compile("—|[，；](第?[二三]|2)(是|[、.．，])")  # the parts are others than it seems
_GOES_ON = re.compile("如果|但|而|所以|因此|这|那|就|都|也|还|才|却|则|便|其中|缺|因为")
"""How a sentence goes on after what it counted."""

_SEPARATORS = ("；;", "、", "，,")
_MAX_COUNTED = 40  # hanzi of an item


def _counted_lists(text: Text) -> list[ItemList]:
    """Find what a sentence counts and then tells, where as many parts follow as it says."""
    lists = []
    for index, sentence in enumerate(text.sentences):
        match = _COUNT.search(simple(sentence.text))
        if not match:
            continue
        numeral = match.group(1)
        count = int(numeral) if numeral.isdigit() else 2 if numeral == "两" else NUMERALS.index(numeral) + 1
        start, end = match.end(), len(sentence.text.rstrip("。！!… "))
        if re.fullmatch("“[^“”]*”|「[^「」]*」", sentence.text[start:end]):  # one quotation gives them all
            start, end = start + 1, end - 1
        for separators in _SEPARATORS:
            stop = end
            if separators == "、":
                if _names_in_every_part(sentence.text[start:end], count):
                    continue
                stop = _first_stop(sentence.text, start, end)
            spans = _split(sentence.text, start, stop, separators)
            parts = [sentence.text[a:b] for a, b in spans]
            whole = all(
                2 <= hanzi(part) <= _MAX_COUNTED and not _INSIDE.search(simple(part)) for part in parts
            ) and not any(_GOES_ON.match(simple(part)) for part in parts[1:])
            if len(parts) == count >= 2 and whole:
                items = [
                    Item(part, text.offset(index, a), index)
                    for part, (a, _) in zip(parts, spans, strict=True)
                ]
                lists.append(ItemList("counted", tuple(items), sentence.text[: match.end()].rstrip("— ")))
                break
    return lists


def _names_in_every_part(text: str, count: int) -> bool:
    """Tell whether as many clauses follow as are counted, each with names of its own: 进货、记账要快，修理、退钱要稳."""
    parts = re.split("[，,]", hide_quotations(text))
    return len(parts) == count and all("、" in part for part in parts)


def _first_stop(text: str, start: int, end: int) -> int:
    """Return where names with 、 between them end: at the first other mark."""
    other = re.search("[，,；;]", hide_quotations(text[start:end]))
    return start + other.start() if other else end


def _split(text: str, start: int, end: int, separators: str) -> list[tuple[int, int]]:
    """Return the parts between separators, without their numbers; the last of names may follow 和."""
    ends = [at for at, char in enumerate(hide_quotations(text[start:end]), start) if char in separators]
    spans = list(zip([start, *(at + 1 for at in ends)], [*ends, end], strict=True))
    plain = simple(text)
    last = re.search("(?:以及|和|与)(?=[^和与]{2,}$)", plain[spans[-1][0] : spans[-1][1]])
    if separators == "、" and last:
        begin, _ = spans.pop()
        spans += [(begin, begin + last.start()), (begin + last.end(), end)]
    numbers = [_ENUMERATOR.match(plain, begin) for begin, _ in spans]
    return [(one.end() if one else a, b) for one, (a, b) in zip(numbers, spans, strict=True)]


# --- bullets


def _bullet_lists(text: Text) -> list[ItemList]:
    """Gather items with the same sign and as far in; what is further in between two of them belongs to the first."""
    firsts: dict[int, int] = {}
    for index, sentence in enumerate(text.sentences):
        firsts.setdefault(sentence.block, index)
    lists: list[ItemList] = []
    runs: list[list[int]] = []  # blocks of the lists that may go on, each further in than the one before

    def close() -> None:
        run = runs.pop()
        if 2 <= len(run) <= MAX_ITEMS:
            items = tuple(
                Item(text.sentences[at].text, text.sentences[at].offset, at)
                for at in (firsts[n] for n in run)
            )
            before = _sentence_before(text, items[0].sentence)
            intro = text.sentences[before].text if before >= 0 else ""
            above = text.blocks[text.sentences[before].block]
            inner = before >= 0 and above.kind == "item" and above.level < text.blocks[run[0]].level
            asked = inner or bool(re.search(r"[：:]$|[是有]$", intro))
            lists.append(ItemList("bullet", items, intro, asked))

    for index, block in enumerate(text.blocks):
        if block.kind != "item" or index not in firsts:
            while runs:
                close()
            continue
        while runs and text.blocks[runs[-1][0]].level > block.level:
            close()
        here = runs[-1] if runs and text.blocks[runs[-1][0]].level == block.level else None
        if here and text.blocks[here[0]].marker == block.marker:
            here.append(index)
            continue
        if here:
            close()
        if not block.marker.isalnum():
            runs.append([index])
    while runs:
        close()
    return lists


# --- numbered headings

_NUMBERED = re.compile(
    rf"^(?:第?([{NUMERALS}]|\d{{1,2}})(?:条|点|个|步|招)?[、.．:：，,\s]|[（(]([{NUMERALS}]|\d{{1,2}})[）)])\s*"
)


def _heading_lists(text: Text) -> list[ItemList]:
    """Gather headings that count up, such as 一、 二、 三、 and their texts."""
    run: list[Item] = []
    lists: list[ItemList] = []

    def close() -> None:
        if 2 <= len(run) <= MAX_ITEMS:
            before = run[0].sentence - 1
            intro = text.sentences[before].text if before >= 0 else ""
            lists.append(ItemList("heading", tuple(run), intro))
        run.clear()

    headings = [block.text for block in text.blocks if block.kind == "heading"]
    sections = [section for section in text.sections if section.heading]
    for whole, section in zip(headings, sections, strict=True):
        match = _NUMBERED.match(simple(section.heading))
        if not match or section.first >= len(text.sentences):
            continue
        numeral = match.group(1) or match.group(2)
        value = int(numeral) if numeral.isdigit() else NUMERALS.index(numeral) + 1
        if value == 1:
            close()
        if value == len(run) + 1:
            heading = whole.cut(match.end()).strip()
            run.append(Item(str(heading), heading.start, section.first))
    close()
    return [one for one in lists if all(hanzi(item.text) >= 3 for item in one.items)]
