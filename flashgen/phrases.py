"""Small facts about Chinese text that several stages need."""

from __future__ import annotations

import re

HANZI = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HANZI = re.compile(f"[{HANZI}]")
_BARE = re.compile(r"[\W_]+")

# Traditional forms of the characters in our cue words, so that one table of cues serves both scripts. One to one:
# places stay. Only for looking at a text; what is shown is never converted.
_TRADITIONAL = (
    "為這個們說應該須會與對關鍵質實際於從來過還沒無麼問題義則標準後時當認覺開長點種條項類層歸結論總話讓願"
    "見經營價體給幾兩單獨動業產買賣錢間頭腦學習書讀筆記錯誤難簡權責戰爭競優勢導領團隊員構組織險觀規劃計創"
    "變幫夠進運轉換負擔獲贏輸數據統線絕斷稱謂區別選擇麽並僅衹祇純屬歷証證訴講談請謝雖儘盡約協議獎勵滿鬆"
)
_SIMPLIFIED = (
    "为这个们说应该须会与对关键质实际于从来过还没无么问题义则标准后时当认觉开长点种条项类层归结论总话让愿"
    "见经营价体给几两单独动业产买卖钱间头脑学习书读笔记错误难简权责战争竞优势导领团队员构组织险观规划计创"
    "变帮够进运转换负担获赢输数据统线绝断称谓区别选择么并仅只只纯属历证证诉讲谈请谢虽尽尽约协议奖励满松"
)
_SIMPLE = str.maketrans(_TRADITIONAL, _SIMPLIFIED)


def simple(text: str) -> str:
    """Return the text with common traditional characters simplified, character for character."""
    return text.translate(_SIMPLE)


def hanzi(text: str) -> int:
    """Count the hanzi of a text."""
    return len(_HANZI.findall(text))


def bare(text: str) -> str:
    """Return letters, digits and hanzi only, in lower case: what is left when marks may be lost."""
    return _BARE.sub("", text).lower()


_MARKS = re.compile(r"[，,；;：:。！？!?、]|——|—|…+")
_STRONG_MARKS = re.compile(r"[，,；;：:。！？!?](?=.)|——|…+(?=.)")
# Where a run without a mark is long, these words open a clause. Longer words first.
_OPENERS = re.compile(
    r"(?<!^)(?=(?:但是|而且|而是|而不是|不仅如此|因为|所以|如果|一旦|只要|只有|虽然|尽管|然后|从而|以至|以此|甚至|相反|"
    r"尤其是|比如|例如|同时|否则|其实|事实上|也就是|这就是|这样|这是|这种|他们|我们|让用户|并且|并及时|不过|不要|不能|不是|不让|"
    r"应该|必须|应|但(?!愿)|却))"
)
_LONG_RUN = 22  # hanzi without a mark: prose with its marks has one in about ten, one in a hundred passes 22


def clauses(text: str) -> list[tuple[int, int]]:
    """Split a sentence into clauses (start, end), marks with the clause before them.

    At commas and their like; a run of over 22 hanzi without a mark, as in copies that lost their marks, is
    also split before words that open a clause. Quotations stay whole.
    """
    shadow = _hide_quotations(text)
    ends = [match.end() for match in _STRONG_MARKS.finditer(shadow)] + [len(text)]
    spans: list[tuple[int, int]] = []
    start = 0
    for end in ends:
        if end > start:
            spans += _split_run(shadow, start, end)
            start = end
    return spans


def _hide_quotations(text: str) -> str:
    return re.sub(
        r"“[^”]*”|「[^」]*」|《[^》]*》|（[^）]*）|\([^)]*\)", lambda m: "囗" * len(m.group()), text
    )


def _split_run(text: str, start: int, end: int) -> list[tuple[int, int]]:
    if hanzi(text[start:end]) <= _LONG_RUN:
        return [(start, end)]
    cuts = [start + match.start() for match in _OPENERS.finditer(text[start:end])]
    spans = []
    at = start
    for cut in cuts:
        if hanzi(text[at:cut]) >= 5 and hanzi(text[cut:end]) >= 4:
            spans.append((at, cut))
            at = cut
    return [*spans, (at, end)]


def bigrams(text: str) -> frozenset[str]:
    """Return the set of character pairs of a text without its marks."""
    text = bare(simple(text))
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))


def contained(small: frozenset[str], large: frozenset[str]) -> float:
    """Return the share of `small` that `large` holds, 0 to 1."""
    return len(small & large) / len(small) if small else 0.0
