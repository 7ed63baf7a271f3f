"""The written line of pinyin: `spell` words by GB/T 16159-2012, and `lay` such a line back on its hanzi.

No dictionary is needed: what the rules ask is in the text and in the syllables. A syllable with a capital
starts a proper name or another part of one: 北京大学 is ("Běi", "jīng", "Dà", "xué"), spelled Běijīng Dàxué.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, chain, count, cycle, pairwise
from operator import ne

from flashgen import messages
from flashgen.hanzi import HANZI as ANY_HANZI
from flashgen.problems import Place
from flashgen.records import Word

HANZI = re.compile(f"[{ANY_HANZI}]")
"""One hanzi, the zero 〇 among them."""

TONES = ("\u0304", "\u0301", "\u030c", "\u0300")
"""The combining marks of tones 1 to 4."""

FINALS = {
    "": "a ai an ang ao e ei en eng er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng iao o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e ei eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan uo ü üe un",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo ü üe",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}
SYLLABLES = frozenset(initial + final for initial, finals in FINALS.items() for final in finals.split())
"""Every syllable of Standard Chinese without its tone."""

_SYLLABLE = re.compile("|".join(sorted(SYLLABLES, key=len, reverse=True)))

MURMURS = {"r": "儿兒", "m": "呣姆呒嘸", "n": "嗯唔", "ng": "嗯唔", "hm": "噷", "hng": "哼"}
"""Syllables without a vowel, and the only hanzi that may have them; r is the -r of 花儿 huār."""

HALF = str.maketrans("，、；：？！（）［］｛｝％～．。「」『』【】", ",,;:?!()[]{}%~..“”‘’[]")
CLOSING = ",;:?!.)]}%”’》〉…"
OPENING = "([{“‘《〈"
QUOTING = tuple("“‘《〈")
"""Marks that open what a verb has for its object, not an aside: 看了《公司》."""

CONTINUING = tuple("的地和与與或等是")
QUOTED = tuple("”’」』")
"""Behind what is quoted a sentence goes on with a CONTINUING word: “好吗？”的回答."""

RANGE = re.compile("[0-9]%?$")
"""A line whose number a dash may lead on from: 80%—90%."""

MEASURED = re.compile("(?:^|[ (])[0-9.]+ [^ ]+$")
"""A line that ends with a number and its measure word."""

GLUE = "-·/+&"  # what joins what stands on either side
NUMERALS = "〇零一二三四五六七八九十百千万亿两兩萬億"
UNITS = "十百千万亿萬億"
DIGITS = tuple("〇零一二三四五六七八九")
TENS = (*DIGITS, "十", "两", "兩")
"""What a numeral is joined to; hundreds and more stand apart (GB/T 16159: sānbǎi wǔshíliù)."""

COUNTLESS = ("几", "幾", "数", "數", "好几", "好幾")
ABOUT = re.compile(f"(?:一[二两兩]|[二两兩]三|三[四五]|四五|五六|六七|七八|八九|千百|亿万|億萬)[{UNITS}]*")
"""Two neighbouring numerals that say about how many: 七八 qī-bā, 三四十 sān-sìshí (GB/T 16159: 三五天 sān-wǔ tiān)."""

_ITEM = re.compile(rf"{HANZI.pattern}+|[^\W\s]+?(?={HANZI.pattern}|\W|$)|\W")
"""A stretch of hanzi, a number or Latin word, or a mark in a text."""

_HANZI_RUN = re.compile(f"{HANZI.pattern}+")
_ONLY_HANZI = re.compile(rf"[{ANY_HANZI}\W_]*")
_DIGIT = re.compile("[0-9]")

_RUN = re.compile(r"[^\W\d_]+(?:[0-5][^\W\d_]+)*[0-5]?")
"""What is written together in a line of pinyin, but for apostrophes and hyphens."""

_TONELESS = {
    ord(marked): letter
    for letter in "aeiouü"
    for mark in TONES
    if len(marked := unicodedata.normalize("NFC", letter + mark)) == 1
}


class Misfit(Exception):  # noqa: N818 - the word says it: pinyin and hanzi do not fit
    """Pinyin that cannot be laid on its hanzi: a message's code and values; `column` counts from 1 in the line."""

    def __init__(self, code: str, column: int, **values: str) -> None:
        self.code, self.column, self.values = code, column, values
        super().__init__(messages.problem(code, Place(""), **values).message)


@cache
def bare(syllable: str) -> str:
    """Return a syllable in lower case without its tone: Lǜ -> lü."""
    marks = unicodedata.normalize("NFD", syllable.lower())
    return unicodedata.normalize("NFC", "".join(c for c in marks if c not in TONES))


def pack(words: Iterable[Word]) -> str:
    """Write words and their syllables as one line to be remembered; control characters part them."""
    return "\x1e".join(f"{word.text}\x1f{' '.join(word.syllables)}" for word in words)


def unpack(line: str) -> tuple[Word, ...]:
    """Return the words of a packed line."""
    return tuple(map(_unpacked, line.split("\x1e")))


@cache
def _unpacked(part: str) -> Word:
    text, _, said = part.partition("\x1f")
    return Word(text, tuple(said.split()))


SLUG_CHARACTERS = 16
"""How much of an answer is spelt for its card's id: four words hardly take more."""


def slug(words: Iterable[Word]) -> str:
    """Return the first words without tones, for an id that people can read: gandong-renxin."""
    parts: list[str] = []
    for word in words:
        said = "".join(map(bare, word.syllables)).replace("ü", "v") or word.text.lower()
        plain = "".join(char for char in said if char.isascii() and char.isalnum())
        parts += [plain] if plain else []
        if len(parts) == 4 or sum(map(len, parts)) > 20:
            break
    return "-".join(parts)[:40] or "card"


def free_name(stem: str, taken: Collection[str]) -> str:
    """Return an id, or the first of id-2, id-3 … that is not taken."""
    names = (stem if n == 1 else f"{stem}-{n}" for n in count(1))
    return next(name for name in names if name not in taken)


@cache
def tone(syllable: str) -> int:
    """Return the tone of a syllable, 1 to 4, or 5 for the neutral tone."""
    marks = unicodedata.normalize("NFD", syllable)
    return next((n for n, mark in enumerate(TONES, 1) if mark in marks), 5)


@cache
def accent(syllable: str) -> str:
    """Return a syllable with its tone mark in NFC: lv4, lu:4, lü4 and lǜ all give lǜ. A capital stays."""
    syllable = unicodedata.normalize("NFC", syllable.replace("u:", "ü").replace("U:", "Ü"))
    syllable = syllable.replace("v", "ü").replace("V", "Ü")
    if not syllable[-1:].isdecimal():
        return syllable
    syllable, number = syllable[:-1], int(syllable[-1])
    if number not in (1, 2, 3, 4):
        return syllable
    # The mark goes on a or e, on the o of ou, else on the last vowel.
    vowels = re.search(r"[ae]|o(?=u)|[iouü](?=[^aeiouü]*$)|^h?[mn](?=g?$)", syllable, re.IGNORECASE)
    at = vowels.end() if vowels else len(syllable)
    return unicodedata.normalize("NFC", syllable[:at] + TONES[number - 1] + syllable[at:])


def numbered(syllable: str) -> str:
    """Return a syllable as the lexicon writes it: lǜ -> lv4, de -> de. A capital stays."""
    plain = bare(syllable).replace("ü", "v")
    number = tone(syllable)
    return (plain.capitalize() if syllable[0].isupper() else plain) + (str(number) if number < 5 else "")


# -- words to a line -------------------------------------------------------------------------------


def spell(words: Iterable[Word]) -> str:
    """Write words as a line by GB/T 16159-2012, with half-width marks; numbers and Latin words stay."""
    nothing = Word("")
    line, start, before, following = "", True, nothing, list(words)
    for straight, curled in (('"', "“”"), ("'", "‘’")):
        if any(straight in word.text and not word.text[:1].isalnum() for word in following):
            following = _curled(following, straight, curled)
    for n, word in enumerate(following):
        after = following[n + 1] if n + 1 < len(following) else nothing
        if after.text == " " and n + 2 < len(following):
            after = following[n + 2]
        if word.syllables:
            piece = written(word)
            if (
                "-" in piece
                and ABOUT.fullmatch(word.text)
                and (
                    (before.text.endswith(DIGITS) and _number(before.text, word.text))
                    or after.text[:1] in DIGITS
                )
            ):
                piece = piece.replace("-", "")  # 二〇二三 is a row of digits
            if start and not (word.text in CONTINUING and before.text[-1:] in QUOTED):
                piece = piece[:1].upper() + piece[1:]
            line += gap(before, word, after, line) + piece
            start = False
        else:
            for piece in _pieces(word.text):
                if piece.isspace():
                    line = line.rstrip() + " "
                elif piece[0].isalnum():
                    line += ("" if not line or line[-1] in OPENING + " $¥#@×±—–~" + GLUE else " ") + piece
                    start = False
                elif word.text == "—" and after.text[:1].isdecimal() and RANGE.search(line):
                    line += piece
                else:
                    if piece in "±~" and before.syllables and after.text[:1].isdecimal():
                        line += "" if MEASURED.search(line) else " "  # 200米~500米, but 大约 ~500
                    line = mark(line, piece)
                    start = (
                        (start and piece[0] not in ",;:》〉")
                        or piece in ".?!《〈"
                        or (piece in OPENING and line.rstrip(OPENING).rstrip()[-1:] in (":", ""))
                    )
        before = word
    return (re.sub("  +", " ", line) if "  " in line else line).strip()


def _curled(words: Sequence[Word], straight: str, curled: str) -> list[Word]:
    """Return words with straight quotation marks curled: in turn an opening and a closing one.

    Where their number is odd, each by what stands on either side of it; those that nothing tells stay.
    """
    marks = cycle(curled)
    count = sum(word.text.count(straight) for word in words if not word.text[:1].isalnum())
    if count % 2 == 0:
        return [
            word
            if word.text[:1].isalnum()
            else word._replace(text=re.sub(straight, lambda _: next(marks), word.text))
            for word in words
        ]
    sides = [word.text[:1].isalnum() for word in words]
    return [
        word._replace(text=curled[before]) if word.text == straight and before != after else word
        for word, before, after in zip(words, [False, *sides[:-1]], [*sides[1:], False], strict=True)
    ]


@cache
def _pieces(text: str) -> list[str]:
    """Return what stands between hanzi piece by piece, in half width: spaces, numbers and Latin words, marks."""
    return re.findall(r"\s+|[^\W\s]+(?:[.,:/'’+&-]*[^\W\s]+)*|—+|…+|.", half(text))


def half(text: str) -> str:
    """Return marks and full-width letters in half width."""
    text = text.translate(HALF).replace("——", "—").replace("……", "…")
    return "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text)


def mark(line: str, piece: str) -> str:
    """Add a punctuation mark to the line with the spaces that belong to it."""
    if piece[0] in CLOSING:
        return line.rstrip() + piece + ("" if piece == "%" else " ")
    if piece[0] in OPENING:
        return line + ("" if not line or line[-1] in OPENING + " " else " ") + piece
    if piece == "—":
        return line.rstrip() + " — "
    return line + piece


@cache
def written(word: Word) -> str:
    """Write one word: syllables joined, apostrophe before a later a, o or e, idioms of 2+2 hyphenated."""
    joint = 2 if halves(word) else 1 if ABOUT.fullmatch(word.text) else 0
    out = ""
    for n, syllable in enumerate(word.syllables):
        if not n:
            out = syllable
        elif n == 1 and word.text[0] == "第" and word.text[1] in NUMERALS + "几":
            out += "-" + syllable
        elif syllable[0].isupper():
            out += " " + syllable
        elif n == joint:
            out += "-" + syllable
        elif bare(syllable) == "er" and word.text[n] in "儿兒" and tone(syllable) == 5:
            out += "r"
        else:
            out += ("'" if bare(syllable)[0] in "aoe" else "") + syllable
    return out


def halves(word: Word) -> bool:
    """Whether a word of four hanzi is read as two and two: 风平浪静 and 高高兴兴, not 总而言之 or 一衣带水.

    No rule of the standard tells them apart; idioms built around 之, 而, 不 and their like are one piece.
    """
    text = word.text
    return (
        len(word.syllables) == 4
        and not any(s[0].isupper() for s in word.syllables)
        and not set(text) <= set(NUMERALS + "第")
        and not (text[0] == text[1] and text[2] == text[3])  # 高高兴兴
        and text[3] not in "性者率型员員"  # 可操作性
        and text[2] not in "之而以其于乎不得"
        and text[1] not in "而之亦以不莫衣"
    )


SUFFIXES = tuple("者性率度感化员員式型")
"""What is joined to a word of two hanzi or more (GB/T 16159: nouns and their suffixes); none is a noun of its own."""


def gap(before: Word, word: Word, after: Word, line: str) -> str:
    """Return what stands between two words: nothing, a hyphen or a space."""
    if not line or line[-1] in OPENING + " ":
        return ""
    if not before.syllables:
        return "" if line[-1] in GLUE + "—" else " "
    joined = "'" if bare(word.syllables[0])[0] in "aoe" else ""
    last = before.text[-1]
    if before.text == "第" and word.text[0] in NUMERALS + "几":
        return "-"
    if word.text[0] in UNITS and before.text in COUNTLESS and word.text.strip(NUMERALS) == "":
        return joined  # 几十
    if word.text in NUMERALS + "几幾" and last in TENS and _number(before.text, word.text):
        about = before.text[-2:-1] == "十" and ABOUT.fullmatch(last + word.text) and after.syllables
        return "-" if about else joined  # 十五 六岁; 二十 一, 二十 几
    if tone(word.syllables[0]) == 5 and word.text in tuple("们們着著过過子头頭儿兒"):
        return joined
    if word.text in SUFFIXES and len(before.text) > 1:
        return joined
    if word.text == "人" and before.syllables[0][0].isupper() and not before.syllables[-1][0].isupper():
        return joined  # 中国人, 台湾人, but not 武汉市 人
    if word.text == "了" and (
        after.text[:1].isalnum() or half(after.text[:1]) in QUOTING
    ):  # at the end of a clause it stands apart
        return joined
    return " "


def _number(text: str, behind: str) -> bool:
    """Whether a word is a number that goes on behind it: not 万一 and 统一, nor 第一 with a single digit."""
    if text[0] == "第":
        return text[-1] == "十" or len(behind) > 1
    return text != "万一" and text.strip(NUMERALS) == ""


def spoken(words: Sequence[Word]) -> Iterator[Word]:
    """Give 一 and 不 the tone they are spoken with; nothing else changes.

    一 is yí before a fourth tone and yì before another, but stays yī at the end of a word, after 第 and in
    numbers; 不 is bú before a fourth tone.
    """
    for n, word in enumerate(words):
        after = words[n + 1] if n + 1 < len(words) else Word("")
        before = words[n - 1].text[-1:] if n else ""
        text, said = word.text + after.text, [*word.syllables, *after.syllables]
        changed = list(word.syllables)
        for at, syllable in enumerate(word.syllables):
            if at + 1 >= len(said) or (at + 1 >= len(word.text) and len(word.text) > 1):
                continue
            following = tone(said[at + 1])
            if text[at] == "不" and syllable.lower() == "bù" and following == 4:
                changed[at] = syllable[0] + "ú"
            elif text[at] == "一" and syllable.lower() == "yī":
                ahead = text[at - 1] if at else before
                if (ahead and ahead in "第" + NUMERALS) or text[at + 1] in "月号號楼樓" + NUMERALS[:12]:
                    continue
                changed[at] = syllable[0] + ("í" if following == 4 or text[at + 1] in "个個" else "ì")
        yield word._replace(syllables=tuple(changed))


# -- a line back to words --------------------------------------------------------------------------


def lay(text: str, pinyin: str, named: Callable[[str], bool] | None = None) -> tuple[Word, ...]:
    """Lay a line of pinyin on the hanzi of `text`: a Word for each stretch that the line writes together.

    The words' texts together give `text` back. Tone marks or numbers (gan3dong4), v or ü, any punctuation.
    Numbers and Latin words must stand in both; so may a hanzi, which then has no syllable. A capital that starts a
    sentence or a title is lowered, unless `named` says of the text from there on that it starts with a name. Raises
    Misfit where hanzi and syllables do not fit.
    """
    line = _composed(pinyin)
    words: list[Word] = []
    at, place, start = 0, 0, True  # in the line; in the text; whether a sentence starts here
    for item in _ITEM.findall(text):
        here, place = place, place + len(item)
        if not item[0].isalnum():
            words.append(Word(item))
            start = start or item in ("《", "〈")
            continue
        if not HANZI.match(item):
            at, _, _ = skip(line, at)
            if line[at : at + len(item)].casefold() != half(item).casefold():
                raise Misfit("misfit-word", at + 1, word=item, rest=rest(line, at))
            at += len(item)
            words.append(Word(item))
            start = False
            continue
        n = 0
        while n < len(item):
            at, apart, ends = skip(line, at)
            if line[at : at + 1] == item[n]:
                words.append(Word(item[n]))
                at, n, start = at + 1, n + 1, False
                continue
            run = _RUN.match(line, at)
            if not run:
                code = "misfit-end" if at >= len(line) else "misfit-word"
                raise Misfit(code, at + 1, word=item[n], rest=rest(line, at))
            first, *others = map(accent, split(run.group(), item[n:], at))
            if (start or ends) and first[0].isupper() and not (named and named(text[here + n :])):
                first = first[0].lower() + first[1:]
            size = 1 + len(others)
            word = Word(item[n : n + size], (first, *others))
            if (
                n and not apart and words[-1].syllables
            ):  # written together with the last, but for an apostrophe or a hyphen
                words[-1] = Word(words[-1].text + word.text, words[-1].syllables + word.syllables)
            else:
                words.append(word)
            at, n, start = run.end(), n + size, False
    at, _, _ = skip(line, at)
    if at < len(line):
        raise Misfit("misfit-rest", at + 1, rest=rest(line, at))
    return tuple(words)


def _composed(line: str) -> str:
    """Return a line in NFC, with ü for u: where a number tells the tone."""
    return unicodedata.normalize("NFC", re.sub(r"u:(?=[a-z]*[0-5])", "ü", line) if ":" in line else line)


def aligned(text: str, line: str) -> list[tuple[str, str]] | None:
    """Pair the hanzi of a text with the syllables of a line that is sure to fit it, by counting: quickly.

    None says nothing: `lay` is to tell whether the line fits.
    """
    if not _ONLY_HANZI.fullmatch(text) or _DIGIT.search(line):
        return None
    parts, words = _HANZI_RUN.findall(text), list(map(_split, _RUN.findall(_composed(line))))
    hanzi = "".join(parts)
    ends = [0, *accumulate(map(len, words))]
    if ends[-1] != len(hanzi) or not all(words) or not set(ends).issuperset(accumulate(map(len, parts))):
        return None
    return list(zip(hanzi, chain.from_iterable(words), strict=True))


_GAP = re.compile(r"[\W_]*")


def skip(line: str, at: int) -> tuple[int, bool, bool]:
    """Skip what is no letter or digit: the place after, whether words part there, whether a sentence ends."""
    if line[at : at + 1].isalpha():
        return at, False, False
    skipped = _GAP.match(line, at).group()  # type: ignore[union-attr]  # it matches the empty text too
    if skipped == " ":
        return at + 1, True, False
    return at + len(skipped), bool(set(skipped) - set("'’-")), bool(set(skipped) & set(".?!"))


def rest(line: str, at: int) -> str:
    """Return the word of the line that starts at `at`, "" if it ends there."""
    return line[at:].split(maxsplit=1)[0] if line[at:].strip() else ""


def split(run: str, hanzi: str, at: int) -> Sequence[str]:
    """Split letters written together into syllables for as many `hanzi` as needed.

    A consonant before a vowel belongs to the vowel, as the apostrophe rule has it (fangan is fan-gan);
    letters that do not fit so may be split otherwise. Raises Misfit, with its column counted from `at`.
    """
    if (plain := _split(run)) and len(plain) <= len(hanzi):
        return plain
    furthest = [0]
    if found := _ways(run, hanzi, furthest, strict=True) or _ways(run, hanzi, furthest, strict=False):
        return found
    left, column = run[furthest[0] :], at + furthest[0] + 1
    if left and any(bare(accent(left[:size])) in SYLLABLES for size in range(1, len(left) + 1)):
        raise Misfit("misfit-more", column, rest=left[:SHOWN], word=hanzi[-1])
    raise Misfit("misfit-syllable", column, rest=(left or run)[:SHOWN])


@cache
def _split(run: str) -> tuple[str, ...]:
    """Split letters into syllables whatever the hanzi, () if they are none: most words come again and again."""
    letters = run.lower()
    plain = letters.translate(_TONELESS)
    ends = [0, *accumulate(map(len, _SYLLABLE.findall(plain)))]
    parts = list(pairwise(ends))
    if ends[-1] == len(run) and all(
        sum(map(ne, plain[a:b], letters[a:b])) < 2 and not (a and plain[a] in "aoe") for a, b in parts
    ):  # the longest syllables at once, as nearly always
        return tuple([run[a:b] for a, b in parts])
    return tuple(_ways(run, "", [0], strict=True))


SHOWN = 40  # letters of what does not fit that a message shows
LONGEST_RUN = 720
"""Letters that may be written together: 120 syllables. What is longer is no pinyin."""


def _ways(run: str, hanzi: str, furthest: list[int], *, strict: bool) -> list[str]:
    """Return the syllables of a run, the longest first; [] if there are none, or more than hanzi, if any are given."""
    dead: set[tuple[int, int]] = set()  # places in the run, and hanzi, from which nothing leads to its end

    def from_(place: int, n: int) -> list[str]:
        furthest[0] = max(furthest[0], place)
        if (hanzi and n == len(hanzi)) or (place, n) in dead:
            return []
        for size in range(min(7, len(run) - place), 0, -1):
            piece, end = run[place : place + size], place + size
            if run[end : end + 1].isdecimal():
                continue
            plain = _plain(piece)
            if plain not in SYLLABLES and not (hanzi and hanzi[n] in MURMURS.get(plain, "")):
                continue
            if strict and place and plain[0] in "aoe":
                continue
            if end == len(run):
                return [piece]
            if rest := from_(end, n + 1):
                return [piece, *rest]
        dead.add((place, n))
        return []

    return from_(0, 0) if len(run) <= LONGEST_RUN else []


@cache
def _plain(piece: str) -> str:
    """Return what may be a syllable without its tone; "" if it has more than one."""
    marks = sum(c in TONES for c in unicodedata.normalize("NFD", piece)) + piece[-1].isdecimal()
    return bare(accent(piece)) if marks < 2 else ""
