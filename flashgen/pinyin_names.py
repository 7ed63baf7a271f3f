"""Names in a text: persons told by what stands around them, foreign names by their dot, places by what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from flashgen.pinyin_lexicon import Lexicon, Token

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

SURNAME_READINGS = {
    "任": "Ren2",
    "曾": "Zeng1",
    "单": "Shan4",
    "解": "Xie4",
    "查": "Zha1",
    "仇": "Qiu2",
    "覃": "Qin2",
    "肖": "Xiao1",
    "盖": "Ge3",
    "区": "Ou1",
    "朴": "Piao2",
    "乐": "Yue4",
    "华": "Hua4",
    "葛": "Ge3",
}
"""Those that are read otherwise as a surname."""

GIVEN_READINGS = {
    "得": "de2",
    "地": "di4",
    "都": "du1",
    "着": "zhuo2",
    "长": "chang2",
    "隽": "jun4",
    "镝": "di2",
    "为": "wei2",
    "强": "qiang2",
    "子": "zi3",
}
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

SOUNDS = (
    "阿埃艾爱安昂奥澳巴白柏拜班邦包保鲍堡贝本比彼毕宾波玻伯勃博卜布采蔡策查柴彻茨慈达戴丹德得登邓狄迪蒂丁东杜敦顿朵多"
    "俄厄恩尔法凡范菲费芬丰冯弗芙夫福富盖甘冈高戈哥格葛根贡古顾圭郭哈海汉豪赫亨洪侯胡华怀惠霍基吉季加佳贾简杰金津久"
    "卡凯坎康考柯科克肯孔寇库夸昆奎拉莱赖兰朗劳勒雷蕾黎里理利丽莉莲廉林琳柳龙隆娄卢鲁露吕律伦罗洛马玛迈麦曼芒毛茂梅门"
    "蒙孟米密敏明缪摩莫默姆穆木拿纳娜奈南瑙内嫩尼妮涅宁纽努诺欧帕派潘庞佩彭皮匹平普浦奇齐契恰强乔切钦琴青琼丘曲热仁荣儒"
    "瑞若撒萨塞赛桑瑟森沙莎山珊尚绍舍申圣盛施石史士什世舒朔斯思丝松苏索塔泰坦汤陶特腾提廷图托瓦汪旺威维薇韦魏温文翁沃乌"
    "吴武伍西希锡夏肖谢辛欣雄休许旭逊雅亚娅延扬耶叶伊依易因英尤约泽增扎詹珍芝治朱卓兹祖佐竹"
)
"""Hanzi that foreign names are written with, but for those that mostly say something where they stand (让, 于, 能)."""

SOUND_READINGS = {
    "柏": "bo2",
    "勒": "le4",
    "缪": "miu4",
    "什": "shi2",
    "塞": "sai4",
    "约": "yue1",
    "扎": "zha1",
    "切": "qie4",
}
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
    titled = n > 0 and TITLES.fullmatch(tokens[n - 1].word)
    # 经理 王 天一 认为: a given name that is a word
    if not given and titled and tokens[n].word in PLAIN and n + 2 < len(tokens):
        return int(len(tokens[n + 1].word) == 2 and bool(SPEAKS.fullmatch(tokens[n + 2].word)))
    if not given:
        return 0
    ends = [tokens[at].word if at < len(tokens) else "" for at in range(n + 1, n + given + 2)]
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


def given_name(token: Token) -> bool:
    """Whether a token can be part of a given name."""
    return len(token.word) == 1 and bool(token.readings) and token.word not in NOT_GIVEN


def full_name(syllables: Sequence[str], surname: str) -> str:
    """Return the reading of a name: surname and given name with a capital each."""
    first, given, *others = syllables
    return " ".join([SURNAME_READINGS.get(surname, first.capitalize()), given.capitalize(), *others])
