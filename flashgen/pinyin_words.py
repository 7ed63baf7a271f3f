"""Text to words: the lexicon's, the deck's, names of persons, and terms that a source repeats."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from flashgen.orthography import HANZI
from flashgen.pinyin_lexicon import LONGEST, Lexicon, load, part

RUN = re.compile(rf"{HANZI.pattern}+|(?:(?!{HANZI.pattern}).)+", re.DOTALL)
OTHER = re.compile(r"\s+|[^\W_]+(?:[.,:/'’&+-]*[^\W_]+)*|(.)\1*", re.DOTALL)
"""What stands between hanzi, piece by piece: spaces, numbers and Latin words, a mark and its repetitions."""

SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程"
    "苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝"
    "龚邵万钱严覃武戴莫孔向汤单解查仇葛朴"
)
"""The commonest surnames of one hanzi."""

FAMILIAR = frozenset(
    "王李张刘陈杨赵吴周徐孙朱胡郭罗郑谢宋唐许韩冯邓曹彭肖董袁潘蒋蔡余杜程苏魏吕姚卢崔钟谭陆汪贾"
)
"""Surnames that with 老 or 小 before them are hardly anything else."""

PLAIN = frozenset(
    "王李张刘陈杨赵吴徐孙朱胡郭罗郑宋韩冯邓曹彭肖董袁潘蒋蔡苏魏吕姚卢崔谭陆汪贾梁沈林邱薛闫侯贺郝龚邵廖傅黄"
)
"""Surnames that alone before two single hanzi are a name's; 于 单 高 金 方 and their like may be a word of the text."""

SURNAME_READINGS = dict(
    zip(
        "任曾单解查仇覃肖盖区朴乐华葛",
        (
            "Ren2",
            "Zeng1",
            "Shan4",
            "Xie4",
            "Zha1",
            "Qiu2",
            "Qin2",
            "Xiao1",
            "Ge3",
            "Ou1",
            "Piao2",
            "Yue4",
            "Hua4",
            "Ge3",
        ),
        strict=True,
    )
)
"""Those that are read otherwise as a surname."""

GIVEN_READINGS = dict(
    zip(
        "得地都着长隽镝为强子",
        ("de2", "di4", "du1", "zhuo2", "chang2", "jun4", "di2", "wei2", "qiang2", "zi3"),
        strict=True,
    )
)
"""Hanzi that are read otherwise in given names than mostly by themselves."""

KINDS_OF_PLACE = "县市区镇乡省州"
PLACE = re.compile(
    "(?!景德镇|朱仙镇|深山区|旧城区|解放区|.*(?:[地特军]区|水乡|自治.|[产生动部]省)).{2,}[县市区镇乡省]"
    "|(?!.*[自治之]).{3,}州"
)
"""Places named with what they are, but for those whose name it belongs to; short ones with 州 are mostly such (扬州)."""

NO_PERSON = re.compile(
    ".{2}[县区市山宫寺节院路庄村港峡岛河江湖镇乡寨桥湾城沟墩潭口岗洲亭陵堡祠网州店铺洞崖浦屿社汇仓渡族队派式法麻"
    "人哥爷公帝后王妃妈叔嫂姐婆爹师斯尔特克茨伦]"
)
"""What jieba's list has among its persons and is a place, somebody's title, or a foreign name in one word."""

TITLES = re.compile(
    ".*(创始人|合伙人|创办人|投资人|负责人|掌门人|主任|部长|书记|校长|院长|厂长|局长|市长|经济学家|企业家|董事|工程师|分析师|学者|总裁|董事长|经理|作者|教授|博士|主席|总理|作家|导演|老师|记者|专家|同学|院士|CEO)"
)
CALLED = re.compile(
    "总|工|先生|女士|小姐|太太|夫人|老师|教授|博士|医生|师傅|老板|经理|总经理|董事长|总裁|主任|书记|主席|总理|司令|部长|局长|市长|厂长|校长|院长"
)
"""What a surname alone is called by."""

SPEAKS = re.compile(
    "说|表示|认为|听取|主持|出席|会见|率|率领|带领|出任|访问|考察|谈到|讲|座谈|致辞|宣布|坚持|觉得|相信|希望|指出|提出|写道|写|告诉|先生|女士|教授|博士|老师|总|在|曾|曾经|称|携|签署|带着|带|创办|创立|强调|回忆|介绍|问|答"
)
NOT_GIVEN = "的了是在和与说也就都不把被对着过我你他总问答写抱给让用做跟还能会要想没去来看听找等叫称携签获带到"
"""Single hanzi that no given name is taken to hold."""

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

SOUNDS = (
    "阿埃艾爱安昂奥澳巴白柏拜班邦包保鲍堡贝本比彼毕宾波玻伯勃博卜布采蔡策查柴彻茨慈达戴丹德得登邓狄迪蒂丁东杜敦顿朵多"
    "俄厄恩尔法凡范菲费芬丰冯弗芙夫福富盖甘冈高戈哥格葛根贡古顾圭郭哈海汉豪赫亨洪侯胡华怀惠霍基吉季加佳贾简杰金津久"
    "卡凯坎康考柯科克肯孔寇库夸昆奎拉莱赖兰朗劳勒雷蕾黎里理利丽莉莲廉林琳柳龙隆娄卢鲁露吕律伦罗洛马玛迈麦曼芒毛茂梅门"
    "蒙孟米密敏明缪摩莫默姆穆木拿纳娜奈南瑙内嫩尼妮涅宁纽努诺欧帕派潘庞佩彭皮匹平普浦奇齐契恰强乔切钦琴青琼丘曲热仁荣儒"
    "瑞若撒萨塞赛桑瑟森沙莎山珊尚绍舍申圣盛施石史士什世舒朔斯思丝松苏索塔泰坦汤陶特腾提廷图托瓦汪旺威维薇韦魏温文翁沃乌"
    "吴武伍西希锡夏肖谢辛欣雄休许旭逊雅亚娅延扬耶叶伊依易因英尤约泽增扎詹珍芝治朱卓兹祖佐竹"
)
"""Hanzi that foreign names are written with, but for those that mostly say something where they stand (让, 于, 能)."""

SOUND_READINGS = dict(
    zip("柏勒缪什塞约扎切", ("bo2", "le4", "miu4", "shi2", "sai4", "yue1", "zha1", "qie4"), strict=True)
)
"""Those that are read otherwise than by themselves."""

SOUNDING = re.compile(f"[{SOUNDS}]+")
DOTTED = re.compile(rf"(?:([{SOUNDS}]+)|(?<![A-Za-z])[A-Z])(?=[·•‧・]([{SOUNDS}]+))")
"""A part of a foreign name and the next one: 彼得·德鲁克, C·罗杰斯."""

LONGEST_PART = 7
"""Hanzi in the longest part of a foreign name that is looked for: 陀思妥耶夫斯基."""

SOUND_COST = 680
"""Cost of a hanzi in a foreign name: less than by itself (特 894), but for those that stand before one (里 666)."""

PART_COST, ODD_COST = 100, 800
"""What a part costs beside, so that 尼古拉斯 is one; and what one hanzi does, so that 对比尔·盖茨 has no 对比 in it."""

EACH = "每各某这那哪"
COUNTED = re.compile(
    rf"(第?[{NUMERALS}数]+|[{EACH}])([{MEASURES}]|部分|分钟|秒钟|小时|公里|公斤|方面|美元|世纪)"
)
NUMBER = re.compile(rf"[\d.]+|[{NUMERALS}]+")


@dataclass(slots=True)
class Token:
    """A word of a text, text[start:end], while its reading is being chosen.

    `word` is simplified, `kind` jieba's part of speech, `readings` what it may be, `said` what was chosen
    so far: spaced syllables, tones as numbers. What is no hanzi has none.
    """

    start: int
    end: int
    word: str
    kind: str = ""
    readings: tuple[str, ...] = ()
    said: str = ""
    unsure: tuple[str, ...] = ()


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


def parts_of_names(simplified: str) -> dict[str, int]:
    """Return what may be the parts of foreign names in a text, told by the dot between them, with their costs."""
    if not DOTTED.search(simplified):
        return {}
    parts: set[str] = set()
    for name in DOTTED.finditer(simplified):
        before, after = name[1] or "", name[2]
        parts.update(before[-size:] for size in range(1, min(len(before), LONGEST_PART) + 1))
        parts.update(after[:size] for size in range(1, min(len(after), LONGEST_PART) + 1))
    return {part: SOUND_COST * len(part) + (PART_COST if len(part) > 1 else ODD_COST) for part in parts}


def foreign_name(written: str, lexicon: Lexicon) -> str:
    """Return the reading of one part of a foreign name: in one word, with a capital."""
    entry = lexicon.get(written)
    said = entry.readings[0].lower() if entry and entry.readings else ""
    said = said or " ".join(SOUND_READINGS.get(c) or lexicon.syllables(c)[0] for c in written)
    return said.capitalize()


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


def named(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield tokens with each person's name as one, told by what stands around it."""
    n, before = 0, None  # before: what may be a list's person, but for the mark behind it
    while n < len(tokens):
        token, size = tokens[n], 0
        following = tokens[n + 1].word if n + 1 < len(tokens) else ""
        if token.word in ("老", "小") and following in FAMILIAR:
            yield from map(_capital, tokens[n : n + 2])
            n, before = n + 2, None
            continue
        if token.word in SURNAMES and token.word not in "向任于" and CALLED.fullmatch(following):
            yield _capital(token)  # 陈先生; 向老师 is "to the teacher"
            n, before = n + 1, None
            continue
        if token.word in SURNAMES:
            size = given_size(tokens, n, before)
        if size:
            group = tokens[n : n + size + 1]
            said = full_name(
                [t.said if t is token else GIVEN_READINGS.get(t.word, t.said) for t in group], token.word
            )
            token = Token(token.start, group[-1].end, "".join(t.word for t in group), "nr", (said,), said)
        yield token
        before = before if token.word in JOINS else token
        n += size + 1


def given_size(tokens: Sequence[Token], n: int, listed: Token | None) -> int:
    """Tell how many tokens after the surname at `n` are a given name: 0 where nothing tells that it is one.

    `listed` is what stands before the 、 or 和 before the surname. Told by a title before it, a word of saying or a colon
    after it, another person in the list; or the surname is PLAIN and two single hanzi follow that say nothing.
    """
    given = 0
    while given < 2 and n + given + 1 < len(tokens) and given_name(tokens[n + given + 1]):
        given += 1
    if not given:
        return 0
    ends = [tokens[at].word if at < len(tokens) else "" for at in range(n + 1, n + given + 2)]
    titled = n > 0 and TITLES.fullmatch(tokens[n - 1].word)
    for count in range(given, 0, -1):
        if SPEAKS.fullmatch(ends[count]) or (titled and count == given):
            return count
    behind = tokens[n + given + 1] if n + given + 1 < len(tokens) else None
    if (n == 0 and ends[given] in ("：", ":")) or (
        n > 0
        and tokens[n - 1].word in JOINS
        and is_person(listed)
        and (behind is None or LISTED.fullmatch(behind.word))
    ):
        return given
    then = n + given + 2
    if ends[given] == "、" and then < len(tokens) and (is_person(tokens[then]) or _plain_name(tokens, then)):
        return given
    return 2 if given == 2 and _plain_name(tokens, n) else 0


def _plain_name(tokens: Sequence[Token], n: int) -> bool:
    """Tell whether at `n` stand a PLAIN surname and two single hanzi that say nothing."""
    group = tokens[n : n + 3]
    if len(group) < 3 or group[0].word not in PLAIN or not all(map(given_name, group[1:])):
        return False
    ahead, behind = tokens[n - 1] if n else None, tokens[n + 3] if n + 3 < len(tokens) else None
    alone = behind is None or not given_name(behind) or behind.kind[:1] in (*FUNCTIONS, "v")
    foreign = (
        ahead and len(ahead.word) == 1 and ahead.word in SOUNDS and ahead.kind[:1] not in (*FUNCTIONS, "v")
    )
    return (
        alone
        and not foreign  # 科罗廖夫
        and not any(t.kind[:1] in FUNCTIONS for t in group[1:])
        and group[2].word not in NOT_LAST
        and not (ahead and ahead.kind[:1] in ("m", "r"))
    )


def is_person(token: Token | None) -> bool:
    """Whether a token is a person's name by the lexicon or by what was told."""
    if token is None or len(token.word) < 2 or not token.said[:1].isupper():
        return False
    by_hand = not token.kind and token.word[0] in SURNAMES and len(token.word) < 4  # 任志强, of words.tsv
    return token.kind[:2] == "nr" or (by_hand and token.said != token.said.capitalize())


def place_name(said: str) -> str:
    """Return the reading of a place with what it is, a county or a city, as a word of its own: Chún'ān Xiàn."""
    name, _, what = said.rpartition(" ")
    return f"{name} {what.capitalize()}" if said[0].isupper() and name == name.capitalize() else said


JOINS = tuple("、和与及")
"""What stands between the persons of a list."""

LISTED = re.compile("[、，。；和与及等是]|以及|（|都|等人|共同|一起")
"""What stands behind a person in a list."""

FUNCTIONS = tuple("pcumqrdfy")
"""Kinds of words that given names are not taken to hold where nothing else tells a name."""

NOT_LAST = "见新有投时市请走著死犯氏式帝站乡区县河湖村镇郡"
"""What nearly always goes on there, 张某 走, or is a place."""


def lexical_name(written: str, said: str, lexicon: Lexicon) -> str:
    """Return the reading of a person whose name the lexicon has in one word as two; of what is none as it was."""
    first, *given = said.split()
    entry = lexicon.get(written[1:])
    if (
        written[0] not in PLAIN
        or not first[0].isupper()
        or any(s[0].isupper() for s in given)
        or NO_PERSON.fullmatch(written)
        or SOUNDING.fullmatch(written)
        or (entry and entry.kind[:1] in tuple("ntsbzda") and entry.kind not in ("nr", "nz"))
    ):
        return said
    return full_name([first, *given], written[0])


def _capital(token: Token) -> Token:
    """Return a token as a name, or a part of one."""
    said = SURNAME_READINGS.get(token.word, token.said.capitalize())
    return replace(token, kind="nr", readings=(said,), said=said)


def starts_with_name(text: str, readings: Mapping[str, str]) -> bool:
    """Whether a text starts with a proper name: one of the deck's own `readings`, the lexicon's, or a person's."""
    if any(said[:1].isupper() for word, said in readings.items() if text.startswith(word)):
        return True
    lexicon, start = load(), text[:NAME_CONTEXT]
    entries = map(lexicon.lines.get, accumulate(lexicon.simplified(start[:LONGEST])))
    if start[0] not in SURNAMES and not any(entry and CAPITAL.search(entry) for entry in entries):
        return False  # as nearly always
    return parted(start, lexicon, dict.fromkeys(readings, 0))[0].said[:1].isupper()


def given_name(token: Token) -> bool:
    """Whether a token can be part of a given name."""
    return len(token.word) == 1 and bool(token.readings) and token.word not in NOT_GIVEN


def full_name(syllables: Sequence[str], surname: str) -> str:
    """Return the reading of a name: surname and given name with a capital each."""
    first, given, *others = syllables
    return " ".join([SURNAME_READINGS.get(surname, first.capitalize()), given.capitalize(), *others])


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
