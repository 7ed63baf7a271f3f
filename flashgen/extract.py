"""A Text to ranked Candidates: what might become a card, each with its kind, its reasons and its place.

1. every sentence gives candidates: itself, or the parts of a long one, the best first; and with the one before,
   where it leans on it
2. lists are gathered into candidates of their own (lists.py); one that a sentence tells stands in its place
3. headings that state something are candidates
4. each is scored by the cues it shows (cues.py), its shape and its place, with the weights of weights.py
5. the best are chosen within the budget, none saying what another says
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial

from flashgen.cues import AGAINST, FOR, LEAD
from flashgen.hanzi import bare, hanzi
from flashgen.lists import find_lists
from flashgen.marks import gaps
from flashgen.phrases import LABEL, bigrams, clauses, contained, simple, units
from flashgen.records import Candidate, Text
from flashgen.worth import score, wording

MAX_STRETCH = 72
"""Hanzi on a card's text: what can be read at a glance, with room for a list or two sentences."""

MAX_JOINED = 60
"""Hanzi of two sentences on one card: longer ones are stories."""

MAX_QUESTION = 40
"""Hanzi of an interviewer's question that is shown with the answer."""

COMMENTATOR = re.compile(r"评论|点评|评注|读后|按语|编者|译者|后记|笔记|感想|總結|评述|短评")


def extract(text: Text) -> list[Candidate]:
    """Return every candidate of a text, best first."""
    sentences, lists = _lists_for_sentences(_without_needless_joins(_sentences(text)), _lists(text))
    found = [*sentences, *lists, *_headings(text)]
    return sorted(found, key=lambda one: (-one.score, one.offset))


def budget(text: Text) -> int:
    """Return the number of cards for a text: about 28 for an article of 3,000 hanzi, 75 for a chapter of 10,000.

    Lists of what editors would keep grow with a text, but less than in proportion; both its hanzi and its sentences
    tell how many points it makes. The exponent fits 19 such lists (1,700 to 9,600 hanzi), the factor a chapter of 75.
    """
    sizes = [size for sentence in text.sentences if (size := hanzi(sentence.text)) >= 6]
    return max(3, round(3.2 * math.pow(sum(sizes) / 1000 * len(sizes), 0.4)))


FLOOR = -1.4
"""Log-odds under which a candidate is left out where nobody asked for a number of cards: one chance in five.

Set on texts that the weights were not learned from: there a higher floor lost more than it spared, since
scores of texts of another sort are lower throughout.
"""


TOLD_OF_ME, ABOUT_ME = 1.5, 0.7
"""How much higher the floor is, in log-odds, for a sentence that tells what the author did, or has an I in it at all.

Set on 38 lists that the weights were not learned from: precision .55 to .58, must and should .639 to .634. What
the author believes is no story.
"""


def choose(
    candidates: Sequence[Candidate],
    cards: int,
    floor: float = FLOOR,
    elsewhere: Collection[frozenset[str]] = (),
) -> tuple[list[Candidate], list[Candidate]]:
    """Choose the best that do not repeat one another and reach the floor; both lists in the order of the source.

    A story that does not reach it leaves its place empty: it makes fewer points than its length says. The second list
    has what would have been chosen, did not other decks say it; `elsewhere` are their `pairs`.
    """
    chosen: list[Candidate] = []
    repeated: list[Candidate] = []
    said = _Said(candidates)
    for candidate in candidates:
        if len(chosen) >= cards or candidate.score < floor:
            break
        if candidate.score < floor + _raised(candidate):
            cards -= 1
        elif not _may_stand(candidate):
            continue
        elif any(map(partial(repeats, pairs(candidate)), elsewhere)):
            repeated.append(candidate)
        elif said.add(candidate):
            chosen.append(candidate)
    return _in_order(chosen), _in_order(repeated)


def _in_order(candidates: Sequence[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda one: one.offset)


def _raised(candidate: Candidate) -> float:
    if candidate.items or "conviction" in candidate.features or not _ME.search(candidate.text):
        return 0.0
    return TOLD_OF_ME if "first_person_story" in candidate.features else ABOUT_ME


_ME = re.compile("(?<![自忘本])我(?![们們国國党军省市校司方行])")


def _may_stand(candidate: Candidate) -> bool:
    """Tell whether a candidate makes a card that can be answered: its subject is in it; no column of figures."""
    if candidate.items:
        return "list_asks" not in candidate.features and not all(map(_ACCOUNT.fullmatch, candidate.items))
    if "begins_inside" in candidate.features and _HALF_BEGUN.match(simple(candidate.text)):
        return False
    return "dangling" not in candidate.features and not _NO_CARD.match(simple(candidate.text))


_HALF_BEGUN = re.compile("才|就(?![像算以连在拿如好]|是说)|便(?!宜)|却|又|则")
"""How no part of a sentence begins that says something without what stands before it."""
_ACCOUNT = re.compile(r"[^：:，。\d]{1,16}[：:\s][^：:，。\d]{0,6}[\d.,]+[^：:，。\d]{0,6}")
"""An item that is a name and a figure, as in a profit and loss account."""


_NO_CARD = re.compile(
    "(第[一二三四五六七八九十]((条|点|个|种|步|类)[^，。是]{0,4})?|首先|其次|再次|最后)(就)?是"
    "|第[一二三四五六七八九十](部分|章|讲|篇)(是|讲|将|我们|介绍)|附录|这?本(书|章|文|篇)"
    "|.*本[文篇][^，。]{0,10}(删减|调整|整理|转载|授权|首发|编译)"
    "|[一二三四五六七八九](和|与|、)[二三四五六七八九十](?![十百千万个条天年月])"
    "|.*([？?]|[吗呢]|(可以|能|要|好|行|对|是)不(可以|能|要|好|行|对|是))[。！]?”?$"
    "|.*(…|\\.\\.\\.|。。)[”」]?$|.*[：:—]$"  # it trails off, or leads on to what is not there
    "|(你|我)(们)?(就|便)会|至于|取而代之|注意(是|，)|如果是“|理解这一点|是像|当然前提"
    "|(不管|无论|不论|虽然|尽管)[^也都但却仍就才应必别]*$"  # what it leads up to is not there
    "|[^，。]{2,12}(情况下|时|时候|中|之?后|之?前|里)，(它们?|他们?|她们?)(?!人)"  # whoever that is
    "|(更|最)?(糟糕|可怕|有趣|重要|关键)的是，(这|它|他)|在第[一二三]种情况下|其?中?的?一种(方式|方法|办法|可能|情况|做法)是"
)


def pairs(candidate: Candidate) -> frozenset[str]:
    """Return the character pairs of all that a candidate says."""
    return bigrams(" ".join((candidate.text, *candidate.items)))


class _Said:
    """What the chosen cards say, so that none says it again.

    Who shares over 0.6 of the smaller text's pairs shares one of its rarest 0.4: only those are compared, or a
    book's time would grow with the square of its length.
    """

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self.count = Counter(pair for candidate in candidates for pair in pairs(candidate))
        self.holders: dict[str, list[frozenset[str]]] = {}
        self.rare_holders: dict[str, list[frozenset[str]]] = {}

    def add(self, candidate: Candidate) -> bool:
        """Add what a candidate says; return False where another one said it."""
        own = pairs(candidate)
        rarest = sorted(own, key=lambda pair: self.count[pair])[: int(0.4 * len(own)) + 1]
        near = (
            *(self.holders.get(pair, ()) for pair in rarest),
            *(self.rare_holders.get(pair, ()) for pair in own),
        )
        if any(repeats(own, other) for other in {*itertools.chain(*near)}):
            return False
        for pair in own:
            self.holders.setdefault(pair, []).append(own)
        for pair in rarest:
            self.rare_holders.setdefault(pair, []).append(own)
        return True


def repeats(own: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether one of two texts, as their `bigrams`, says little that the other does not."""
    shared = len(own & other)
    return shared > 0.6 * min(len(own), len(other)) if min(len(own), len(other)) >= 4 else own == other


# --- what a stretch shows


@lru_cache(maxsize=4096)  # the stretches of one long sentence overlap
def _cues(stretch: str) -> Mapping[str, float]:
    plain = simple(stretch)
    return {cue.name: 1.0 for cue in (*FOR, *AGAINST) if cue.pattern.search(plain)}


def _shape(stretch: str, cues: Mapping[str, float], parts: Sequence[str] = ()) -> dict[str, float]:
    size = hanzi(stretch)
    parts = parts or [stretch[start:end] for start, end in clauses(stretch)]
    longest = max((hanzi(part) for part in parts), default=0)
    crisp = 9 <= size <= 26
    parallel = _parallel(parts)
    claims = sum(cue.name in cues for cue in FOR) + parallel
    return {
        "short": float(size < 9),
        "crisp": float(crisp),
        "size": min(0.0, math.log(max(size, 4) / 25)),
        **_said(simple(stretch)),
        "long": max(0.0, (size - 40) / 20),
        "run_on": max(0.0, (longest - 26) / 20),
        "quoted": float(bool(re.search("[“「『]", stretch))),
        "announced": float(bool(_ANNOUNCED.match(stretch))),
        "parallel": float(parallel),
        "first_person": float("我" in stretch),
        "digits": float(bool(re.search(r"\d", stretch))),
        "latin": float(len(re.findall("[A-Za-z]", stretch)) > 0.25 * max(1, len(stretch))),
        "claims": claims / 3,
        "maxim": float(crisp and claims > 0 and "我" not in stretch and not _UNFIT_FOR_MAXIM & cues.keys()),
    }


# A quotation that its sentence is there to give: after a colon, a dash, "four words", "one sentence", "is called".
_SAID = re.compile(
    r"(?:[：:—]|[字词句话]是?|[说道]|口号是?|答案是?|叫|名言|格言|原则是|信条是?|[一二三四五六七八九十]个字)[，,]?[“「『]([^”」』]{4,30})[”」』][^，。]{0,3}。?$"
)
_HALVES = re.compile(r"([^，、；]{3,9})[，、；]([^，、；]{3,9})")
_NUMBERS = {
    **dict(zip("二两三四五六七八九十", (2, 2, 3, 4, 5, 6, 7, 8, 9, 10), strict=True)),
    "十二": 12,
    "十六": 16,
    "二十": 20,
}
_COUNTS = re.compile(r"(十[二六]|二十|[二两三四五六七八九十]|\d{1,2})个?大?字[^“「『]{0,10}[“「『]$")
_SLOGAN = 6  # hanzi


def _said(plain: str) -> dict[str, float]:
    match = _SAID.search(plain)
    if not match:
        return {}
    halves = _HALVES.fullmatch(match.group(1))
    counted = _COUNTS.search(plain[: match.start(1)])
    size = hanzi(match.group(1))
    as_many = counted and size == (_NUMBERS.get(counted[1]) or int(counted[1]))
    return {
        "said": 1.0,
        "said_halves": float(bool(halves and len(halves.group(1)) == len(halves.group(2)))),
        "said_counted": (2.0 if size >= _SLOGAN else 1.0) if as_many else 0.0,
    }


_ANNOUNCED = re.compile(r"[^：:]{4,40}[：:][^：:]{5,40}$")
_UNFIT_FOR_MAXIM = {
    "dangling",
    "pronoun_inside",
    "narrative_time",
    "narrative_verb",
    "question",
    "reported_view",
}


def _parallel(parts: Sequence[str]) -> bool:
    """Two clauses side by side that share their frame: 同等…最好，同等…最低."""
    bares = [bare(part) for part in parts]
    for one, two in itertools.pairwise(bares):
        if 3 <= len(one) <= 14 and abs(len(one) - len(two)) <= 2:
            same = sum(a == b for a, b in zip(one, two, strict=False))
            if same >= 2 and same >= 0.3 * min(len(one), len(two)):
                return True
    return False


# --- candidates from sentences


def _sentences(text: Text) -> list[Candidate]:
    terms = _Centrality(text)
    title = bigrams(text.title)
    blocks: dict[int, list[int]] = {}
    for index, sentence in enumerate(text.sentences):
        blocks.setdefault(sentence.block, []).append(index)
    whole = [_cues(sentence.text) for sentence in text.sentences]
    tells = ["narrative_time" in cues or "narrative_verb" in cues for cues in whole]
    stories = {block: sum(tells[i] for i in indices) for block, indices in blocks.items()}
    out: list[Candidate] = []
    asked = ""  # the last question in a conversation: what its answers are about
    for index, sentence in enumerate(text.sentences):
        block = text.blocks[sentence.block]
        section = text.sections[sentence.section]
        if block.asks:
            if sentence.text.rstrip('”」"')[-1:] in "？?":
                asked = sentence.text if hanzi(sentence.text) <= MAX_QUESTION else ""
            continue
        heading = bigrams(section.heading)
        place = _place(text, index)
        place["story_around"] = (stories[sentence.block] - tells[index]) / max(1, sentence.count - 1)
        signed = bool(_SIGNED.fullmatch(_following(text, index))) and not _SIGNED.fullmatch(sentence.text)
        lead = _lead(sentence.text)
        for stretch, start, first in _stretches(text, index):
            pairs = bigrams(stretch)
            cues = whole[index] if stretch == sentence.text else _cues(stretch)
            inside = first == index and start > lead + (sentence.text[lead] in "“「『")
            announced = inside and bool(_ANNOUNCES.search(simple(sentence.text[:start])))
            features = {
                **cues,
                **_shape(stretch, cues),
                **place,
                "wording": wording(stretch),
                "joined": float(first < index),
                **({"announced": 1.0} if announced or signed else {}),
                **({"maxim_said": 1.0} if signed else {}),
                "begins_inside": float(inside and not announced),
                "ends_inside": float(not sentence.text.rstrip(_ENDS).endswith(stretch.rstrip(_ENDS))),
                "like_heading": contained(heading, pairs) if heading else 0.0,
                "like_title": contained(title, pairs) if title else 0.0,
                "central": terms(pairs),
                "thesis": contained(heading, pairs)
                if heading and (index - section.first < 2 or section.end - index <= 2)
                else 0.0,
                "bold": float(
                    any(bold in stretch or stretch in bold for bold in block.bold if hanzi(bold) > 2)
                ),
            }
            features = {name: value for name, value in features.items() if value}
            out.append(
                Candidate(
                    kind="quote" if signed else _kind(stretch),
                    text=stretch,
                    offset=text.offset(first, start),
                    sentence=index,
                    section=(asked if block.speaker else "") or section.heading,
                    features=features,
                    score=score(features),
                    speaker=block.speaker,
                )
            )
    return out


_SIGNED = re.compile(r"[—–-]{1,2}\s*[^\s，。；：—]{2,16}(?:[\s，,（(《][^。；：]{1,24})?")
"""Who said what stands before it: —— 老子, —— 彼得·德鲁克，《管理》."""

_ENDS = "。！!…”」』"


def _place(text: Text, index: int) -> dict[str, float]:
    """Return the features of where a sentence stands."""
    sentence = text.sentences[index]
    block, section = text.blocks[sentence.block], text.sections[sentence.section]
    before = text.sentences[index - 1].text if index else ""
    return {
        "first": float(sentence.rank == 0),
        "last": float(sentence.rank == sentence.count - 1),
        "alone": float(sentence.count == 1),
        "section_first": float(index == section.first),
        "section_last": float(index == section.end - 1),
        "item": float(block.kind == "item"),
        "answers": float(bool(block.speaker) and sentence.rank == 0),
        "commentator": float(bool(COMMENTATOR.search(section.heading))),
        "after_question": float(bool(re.search(r"[？?]”?$", before))),
        "elaborated": float(
            bool(_ELABORATES.match(simple(_following(text, index)))) and sentence.rank < sentence.count - 1
        ),
        "opening": float(index < 0.06 * len(text.sentences)),
        "closing": float(index > 0.96 * len(text.sentences)),
    }


def _following(text: Text, index: int) -> str:
    """Return the sentence after one, "" after the last."""
    return text.sentences[index + 1].text if index + 1 < len(text.sentences) else ""


def _without_needless_joins(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Drop two sentences joined where the first is as good a card alone: the second would only weigh it down."""
    alone: dict[int, float] = {}
    for one in candidates:
        if "joined" not in one.features and "dangling" not in one.features:
            alone[one.sentence] = max(one.score, alone.get(one.sentence, -math.inf))
    return [
        one
        for one in candidates
        if "joined" not in one.features or alone.get(one.sentence - 1, -math.inf) < one.score - JOIN_GAIN
    ]


JOIN_GAIN = 0.6  # log-odds that the second sentence must add


_ELABORATES = re.compile(
    r"比如|例如|譬如|因为|也就是说|换句话说|具体|举个|举例|就像|好比|所以|这(就是|意味|样|是因为)"
)


def _stretches(text: Text, index: int) -> list[tuple[str, int, int]]:
    """Return the stretches of a sentence that might be a card: text, start in the sentence, first sentence.

    The best part; of a sentence too long for one card the best of the rest too; and the sentence with the one
    before, where it leans on it.
    """
    sentence = text.sentences[index]
    found = [(*_without_half_a_quotation(*part), index) for part in _parts(sentence.text)]
    if not found:
        return []
    stretch = found[0][0]
    if rest := _after_dangling(stretch):
        found.append((stretch[rest:], found[0][1] + rest, index))
    if sentence.rank and _leans(stretch, text.sentences[index - 1].text):
        before, at = best_stretch(text.sentences[index - 1].text)
        joined = text.sentences[index - 1].text[at:] + sentence.text
        if hanzi(joined) <= MAX_JOINED and at + len(before) == len(text.sentences[index - 1].text):
            found.append((joined, at, index - 1))
    return found


def _without_half_a_quotation(stretch: str, start: int) -> tuple[str, int]:
    """Take off the mark that opens a quotation which goes on behind, or closes one that began before."""
    for opens, closes in ("“”", "「」", "『』"):
        if stretch.startswith(opens) and closes not in stretch:
            return stretch[1:], start + 1
        if stretch.endswith(closes) and opens not in stretch:
            return stretch[:-1], start
    return stretch, start


def _parts(text: str) -> list[tuple[str, int]]:
    """Return the best stretch of a sentence first; then, if it is too long for one card, those of what is left."""
    if hanzi(text) < 4:
        return []
    lead = _lead(text)
    if hanzi(text[lead:]) > MAX_STRETCH:
        return [(stretch, at) for stretch, at in _runs(text) if hanzi(stretch) >= 4]
    stretch = text[lead:]
    if hanzi(stretch) < 4:
        return []
    found = [(stretch, lead)]
    if hanzi(text) <= MAX_STRETCH and (said := _said_clause(stretch)) and said != stretch:
        alone = (said, len(text) - len(said))
        found = [alone] if hanzi(stretch) > LONG_LEAD else [*found, alone]
    return found


LONG_LEAD = 40  # hanzi: what leads up to a quotation for longer than this is a story


def _said_clause(stretch: str) -> str:
    """Return the clause at the end of a stretch that gives a quotation, "" if none does."""
    match = _SAID.search(simple(stretch))
    if not match:
        return ""
    # Where commas are left, from the last one before the quotation's introduction; else from the likeliest place.
    reach = [at for at in range(max(1, match.start() - 12), match.start() - 1) if at < len(stretch)]
    odds = gaps(stretch)
    begin = max(reach, key=lambda at: (stretch[at - 1] in "，,；;：:", odds[at - 1]), default=0)
    return stretch[begin:] if hanzi(stretch[begin:]) >= 6 else ""


_DANGLES = next(cue.pattern for cue in AGAINST if cue.name == "dangling")


def _leans(stretch: str, before: str) -> bool:
    """Whether a sentence cannot be read without the one before: its subject, its question, its other half."""
    if _DANGLES.search(simple(stretch)) or re.search(r"[？?]”?$", before):
        return True
    one, two = bare(before), bare(stretch)
    same = sum(a == b for a, b in zip(one, two, strict=False))
    return abs(len(one) - len(two)) <= 8 and same >= 4


def _after_dangling(stretch: str) -> int:
    """Return where a stretch whose subject stands in another sentence goes on with one of its own, 0 if nowhere."""
    if not _DANGLES.search(simple(stretch)):
        return 0
    starts = [start for start, _ in units(stretch)[1:]]
    own = (
        at
        for at in starts
        if _ANNOUNCES.search(simple(stretch[:at])) or _NEEDS_NO_SUBJECT.match(simple(stretch[at:]))
    )
    return next(
        (at for at in own if hanzi(stretch[at:]) >= 9 and not _DANGLES.search(simple(stretch[at:]))), 0
    )


_ANNOUNCES = re.compile(
    "[：:]$|(规矩|规则|原则|道理|办法|意思|原因|理由|答案|结论|教训|秘诀)[^，。]{0,6}[，,]?$"
)
_NEEDS_NO_SUBJECT = re.compile("[“「]|如果|只有|只要|一旦|与其|没有|任何|所有|凡是|要|必须|应该|真正|重大|最")


def _lead(sentence: str) -> int:
    """Return where a sentence begins after its number and the words that only tie it to the one before."""
    number = _NUMBERED.match(sentence)
    start = number.end() if number else 0
    if (lead := LEAD.match(simple(sentence[start:]))) and hanzi(sentence[start + lead.end() :]) >= 6:
        start += lead.end()
    return start


_NUMBERED = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}、(?![一二三四五六七八九十])|[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[）)])\s*(?=[^\s，。、])"
)


def best_stretch(sentence: str) -> tuple[str, int]:
    """Return the part of a sentence that carries its point, and where it starts.

    A short sentence is kept whole but for its opening connective; of a long one the run of clauses of at most
    MAX_STRETCH hanzi that scores best.
    """
    start = _lead(sentence)
    return (sentence[start:], start) if hanzi(sentence[start:]) <= MAX_STRETCH else _runs(sentence)[0]


MIN_LEFT = 12  # hanzi: what is left beside the best run of clauses and still may be a card


def _runs(sentence: str) -> list[tuple[str, int]]:
    """Return the runs of clauses of a long sentence that do not overlap, and where they start, best first."""
    start = _lead(sentence)
    parts = [(a + start, b + start) for a, b in clauses(sentence[start:])]
    spans = [(a + start, b + start) for a, b in units(sentence[start:])]
    found = []
    for first, (begin, _) in enumerate(spans):
        for last in range(first, len(spans)):
            end = spans[last][1]
            stretch = sentence[begin:end]
            size = hanzi(stretch)
            if size > MAX_STRETCH and last > first:
                break
            cues = _cues(stretch)
            inside = {"begins_inside": float(begin > start), "ends_inside": float(end < len(sentence))}
            shape = _shape(stretch, cues, [sentence[a:b] for a, b in parts if begin <= a and b <= end])
            worth = score({**cues, **shape, **inside, "wording": wording(stretch)})
            found.append((worth - max(0, size - MAX_STRETCH) / 20, first, last))
    taken = [False] * len(spans)
    out: list[tuple[str, int]] = []
    for _, first, last in sorted(found, key=lambda one: -one[0]):
        begin, end = spans[first][0], spans[last][1]
        if any(taken[first : last + 1]) or (out and hanzi(sentence[begin:end]) < MIN_LEFT):
            continue
        taken[first : last + 1] = [True] * (last + 1 - first)
        begin += _lead(sentence[begin:end])
        out.append((_without_tie(sentence[begin:end]), begin))
    return out


_TIE = re.compile(
    r"[，,；;、\s](?:也就是说|换句话说|就是说|因此|所以|但是?|而且|并且|以及|比如说?|例如|那么|然后)$"
)


def _without_tie(stretch: str) -> str:
    """Return a stretch without the words at its end that only lead on to what follows."""
    while True:
        stretch = stretch.rstrip("，,；;、 ")
        tie = _TIE.search(simple(stretch[-8:]))
        if not tie:
            return stretch
        stretch = stretch[: len(stretch) - len(tie.group())]


def _kind(stretch: str) -> str:
    plain = simple(stretch)
    return next((cue.kind for cue in FOR if cue.kind and cue.pattern.search(plain)), "principle")


class _Centrality:
    """How much a sentence speaks of what the whole text speaks of, 0 to about 1."""

    def __init__(self, text: Text) -> None:
        count = Counter(pair for sentence in text.sentences for pair in bigrams(sentence.text))
        self.weight = {pair: math.log(n) for pair, n in count.items() if n > 2}
        self.top = max(self.weight.values(), default=1.0)

    def __call__(self, pairs: frozenset[str]) -> float:
        if not pairs:
            return 0.0
        return math.fsum(self.weight.get(pair, 0.0) for pair in pairs) / len(pairs) / self.top


# --- candidates from lists

_POINT = re.compile(
    r"规则|原则|方向|标准|错误|误区|步骤|建议|条件|要素|原因|方法|核心|最|要求|事|特征|能力|问题|好处|理由|前提|关键|阶段|层|只有|驱动力"
)


def _lists(text: Text) -> list[Candidate]:
    out = []
    for one in find_lists(text):
        room = _room([hanzi(item.text) for item in one.items])
        items = tuple(shorten(item.text, room) for item in one.items)
        section = text.sections[text.sentences[one.items[0].sentence].section]
        long = sum(map(hanzi, items)) / len(items)
        intro = simple(one.intro)
        features = {
            "wording": wording(" ".join((one.intro, *items))),
            "commentator": float(bool(COMMENTATOR.search(section.heading))),
            "list": 1.0,
            "list_bullet": float(one.family == "bullet"),
            "list_headings": float(one.family == "heading"),
            "list_counted": float(one.family == "counted"),
            "list_point": float(bool(_POINT.search(intro[-40:]))),
            "list_unasked": float(not one.asked),
            "list_many": max(0.0, (len(items) - 5) / 3),
            "list_wordy": max(0.0, (long - 30) / 30),
            "list_asks": float(
                sum(item.rstrip("”」 ")[-1:] in tuple("？?") for item in items) > len(items) / 2
            ),
        }
        features = {name: value for name, value in features.items() if value}
        out.append(
            Candidate(
                kind="rules" if one.family != "bullet" else "list",
                text=one.intro,
                offset=one.items[0].offset,
                sentence=one.items[0].sentence,
                section="" if one.family == "heading" else section.heading,
                features=features,
                score=score(features),
                items=items,
            )
        )
    return out


def _lists_for_sentences(
    sentences: Sequence[Candidate], lists: Sequence[Candidate]
) -> tuple[list[Candidate], list[Candidate]]:
    """Put a list that one sentence tells in that sentence's place: asked item by item it is the better card."""
    lists = list(lists)
    told = {one.sentence: at for at, one in enumerate(lists)}
    kept = []
    for one in sentences:
        at = told.get(one.sentence, -1)
        if at < 0 or not all(item in one.text for item in lists[at].items):
            kept.append(one)
        elif (gain := one.score - lists[at].score) > 0:
            features = {**lists[at].features, "list_sentence": gain}
            lists[at] = replace(lists[at], features=features, score=score(features))
    return kept, lists


_ROOM = 94  # hanzi for all items: with the question they stay under the 120 that one card can test


def _room(sizes: Sequence[int]) -> int:
    """Return how many hanzi the longest items may keep so that all fit on a card."""
    for room in range(max(sizes), 12, -1):
        if sum(min(size, room) for size in sizes) <= _ROOM:
            return room
    return 12


_ANNOUNCING = re.compile(
    "(?:认为|觉得|判断|发现|知道|指出|表示|意味着|说明|证明|相信|强调|看到|看出)出?[，,：:]?$"
)
_HALF = re.compile("(?:通过|针对|基于|随着|按照|根据|围绕|将|把)[^，]{2,16}[，,]?$")
_GOING_ON = re.compile("[也就还又才却再更并]")
_HEAD = re.compile(r"([^，。：:]{2,10})[：:]")  # an item that names its point and then explains it


_CONDITIONAL = re.compile("如|若|当|假|一旦|对于|在|虽|尽管")


def shorten(item: str, room: int) -> str:
    """Return the item, or of a long one the clauses at its head or with the best cues."""
    item = item.rstrip("。，,；;、：: ")
    if hanzi(item) <= room:
        return item
    if head := _HEAD.match(item):
        return head.group(1)
    spans = units(item)
    conditional = bool(_CONDITIONAL.match(simple(item)))
    best = (-math.inf, 0, len(item))
    for i, (begin, _) in enumerate(spans):
        for _, end in spans[i:]:
            size = hanzi(item[begin:end])
            if size > room and end != spans[i][1]:
                break
            # The point stands first, but for an item that opens with a condition: there it stands last.
            points = (end == len(item)) if conditional else (i == 0)
            part = simple(item[begin:end])
            cut = end < len(item) and (_ANNOUNCING.search(part) or _HALF.search(part))
            broken = cut or (begin and _GOING_ON.match(part))
            worth = score(_cues(item[begin:end])) + size / 12 + 2.5 * points - max(0, size - room) / 4
            worth -= 3.0 * bool(broken)
            if worth > best[0]:
                best = (worth, begin, end)
    return item[best[1] : best[2]].rstrip("。，,；;、 ")


# --- candidates from headings

_STATES = re.compile(r"是|不|要|就|才|为|让|比|胜|向|先|于|没有|永远|坚持|别|莫")
_LABELLED = re.compile("“[^”]+”(?![是不就才的也等])|「[^」]+」(?![是不就才的也等])")
"""A quotation and then a statement of its own: two headings in one, and no sentence."""


def _headings(text: Text) -> list[Candidate]:
    out = []
    body = frozenset(pair for sentence in text.sentences for pair in bigrams(sentence.text))
    for index, block in enumerate(text.blocks):
        if block.kind != "heading":
            continue
        label = LABEL.match(str(block.text))
        start = label.end() if label else 0
        stretch = str(block.text)[start:].strip()
        plain = simple(stretch)
        if hanzi(stretch) < 5 or _LABELLED.match(stretch):
            continue
        features = {
            **_cues(stretch),
            "wording": wording(stretch),
            "heading": 1.0,
            "heading_states": float(bool(_STATES.search(plain))),
            "heading_is": float("是" in plain),
            "heading_top": float(block.level == 1 or index == 0),
            "heading_covered": contained(bigrams(stretch), body),
        }
        features = {name: value for name, value in features.items() if value}
        out.append(
            Candidate(
                kind=_kind(stretch),
                text=stretch,
                offset=block.text.cut(start).start,
                sentence=-1,
                section=stretch,
                features=features,
                score=score(features),
            )
        )
    return out
