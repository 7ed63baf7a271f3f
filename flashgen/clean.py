"""A Document to a Page: mend characters, cut the page's furniture, find the paragraphs.

Nothing is dropped without trace: each stretch that goes is a Removal with its reason and line.
"""

from __future__ import annotations

import bisect
import html
import itertools
import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from flashgen import marks
from flashgen.hanzi import HANZI
from flashgen.records import Document, Page, Removal
from flashgen.traced import Traced

END = "。！？!?…；;：:”’」』）)】》.,，、"
_NEWLINE = re.compile(r"\n")


def clean(document: Document) -> Page:
    """Clean a document, in this order.

    1. characters: entities, invisible and private characters, radicals, spaces between single hanzi
    2. front matter; code, comments and tables of Markdown; a teaser that the text repeats: it and all before it go, and
       marks that only it has kept are put back
    3. paragraphs: lines that hold a whole page are split, hard-wrapped lines are joined
    4. furniture: what stands on the page but not in the text; footnotes
    5. marks: in a text that lost its commas, those whose place is sure are put back
    """
    removed: list[tuple[str, Traced]] = []
    text = mend_characters(Traced.of(document.text), removed)
    removed += [("stage direction", text.cut(*match.span())) for match in _STAGE.finditer(text.text)]
    text = text.sub(_STAGE, "")
    text, matter = cut_front_matter(text, removed)
    text = cut_markdown(text, removed).sub(_LINE_BREAK, "\n")
    text = cut_teaser(text, removed)
    paragraphs = find_paragraphs(text, removed)
    paragraphs, author = cut_furniture(paragraphs, removed)
    paragraphs = restore_marks(cut_notes(paragraphs, removed))
    page = Page(
        document.name,
        tuple(paragraphs),
        title=matter.get("title", ""),
        author=matter.get("author", "") or author or document.author,
        restored=sum(len(piece.inserted()) for piece in paragraphs),
        lines=document.parts if len(document.parts) > 1 else _lines(document.text),
    )
    taken = (Removal(why, str(what), page.line(what.start)) for why, what in removed)
    return replace(page, removed=(*document.removed, *taken))


def _lines(text: str) -> list[tuple[int, int]]:
    starts = (match.end() for match in _NEWLINE.finditer(text))
    return [(0, 1), *((start, number) for number, start in enumerate(starts, 2))]


# --- 1. characters

_NUMERIC = re.compile(r"&(?:amp;)*#(?:x[0-9a-f]{2,5}|\d{2,6});?|#(?:x[0-9a-f]{2,5}|\d{2,6});", re.IGNORECASE)
_NAMED = re.compile(r"&(?:amp;)*[a-z]{2,8}\d?;", re.IGNORECASE)
# Those that pages in Chinese are full of are known without their & or their ; too.
_COMMON = "nbsp|ensp|emsp|thinsp|[lr][ds]quo|quot|[mn]dash|hellip|middot|bull|times|lt|gt"
_BROKEN_NAMED = re.compile(
    rf"(?<![A-Za-z&])(?:amp;)+(?:{_COMMON});?|(?<![A-Za-z&;])(?:{_COMMON});|&(?:{_COMMON})(?![A-Za-z;=])"
)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffc\ufffd"
    "\ue000-\uf8ff\ufe00-\ufe0f\ud800-\udfff]+"
)
_RADICAL = re.compile("[\u2e80-\u2fd5]")
_SPACED = re.compile(f"(?<=[{HANZI}]) (?=[{HANZI}])")
_SPACED_OUT = re.compile(f"(?<=[{HANZI}{END}“‘「（《]) (?=[{HANZI}{END}“‘「（《])")


def mend_characters(text: Traced, removed: list[tuple[str, Traced]]) -> Traced:
    """Decode entities, also broken ones; drop what cannot be seen; make radicals characters again."""
    text = text.sub(_NUMERIC, _decode_number).sub(_NAMED, _decode_name).sub(_BROKEN_NAMED, _decode_name)
    removed += [("unseen characters", text.cut(*match.span())) for match in _INVISIBLE.finditer(text.text)]
    text = text.sub(_INVISIBLE, "")
    text = text.sub(_RADICAL, lambda match: unicodedata.normalize("NFKC", match.group()))
    hanzi = sum(1 for char in text.text if "\u4e00" <= char <= "\u9fff")
    # Scans put a space after every character; a page collapsed to one line has one in thirty at the most.
    if len(_SPACED.findall(text.text)) > 0.3 * hanzi:
        removed.append(("spaces between all hanzi", text.cut(0, 40)))
        text = text.sub(_SPACED_OUT, "")
    return _widen(text)


# Marks typed without a Chinese keyboard, with the spaces around them; a period only right after a hanzi.
_HALF_WIDTH = re.compile(
    rf"(?<=[{HANZI}\d%”’」』）)》\"]) ?[,;:?!]+ ?(?=[{HANZI}“‘「『（《\"])|(?<=[A-Za-z]) ?, ?(?=[{HANZI}])|"
    rf"(?<=[{HANZI}”」』）》\"]) ?[,;:?!]+ ?(?=[\dA-Za-z(\n]|$)|"
    rf"(?<=[{HANZI}”」』）》\"]) ?\.(?!\.) ?(?=[{HANZI}“「『（《\"\n]|$)|\" ?"
)
_QUOTATION = re.compile(rf"\"(?=[^\"\n]*[{HANZI}])[^\"\n]{{1,200}}\"")
_WIDE = str.maketrans(",.;:?!", "，。；：？！")


def _widen(text: Traced) -> Traced:
    """Make half-width marks and quotes full-width in lines of Chinese prose: a list of keywords has only commas."""
    starts = [0, *(match.end() for match in _NEWLINE.finditer(text.text))]
    prose = [
        bool(_PROSE.search(text.text, start, end)) for start, end in itertools.pairwise([*starts, len(text)])
    ]
    quotes: dict[int, str] = {}
    for match in _QUOTATION.finditer(text.text):
        quotes |= {match.start(): "“", match.end() - 1: "”"}

    def wide(match: re.Match[str]) -> str:
        found = match.group()
        if not prose[bisect.bisect_right(starts, match.start()) - 1]:
            return found
        if found[0] == '"':
            return quotes.get(match.start(), found)
        return found.strip().translate(_WIDE)

    return text.sub(_HALF_WIDTH, wide)


_PROSE = re.compile(rf"[{HANZI}”\"] ?[.;?!。；？！]")


def _decode_number(match: re.Match[str]) -> str:
    digits = match.group().rpartition("#")[2].rstrip(";")
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    return chr(code) if 32 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else ""


def _decode_name(match: re.Match[str]) -> str:
    name = re.sub(r"^&?(amp;)*", "", match.group()).rstrip(";") + ";"
    name = "amp;" if name == ";" else name
    decoded = html.unescape(f"&{name}")
    return match.group() if decoded == f"&{name}" else decoded


# --- 2. front matter, what Markdown has beside prose, the teaser

_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n((?:[^\n]*\n){1,40}?)---[ \t]*(?:\n|$)")
_KEY = re.compile(r"^([A-Za-z]\w*):[ \t]*[\"'“]?(.*?)[\"'”]?[ \t]*$", re.MULTILINE)


def cut_front_matter(text: Traced, removed: list[tuple[str, Traced]]) -> tuple[Traced, dict[str, str]]:
    """Take off the keys that a site's generator puts before a Markdown text; return them."""
    match = _FRONT_MATTER.match(text.text)
    if not match or not _KEY.search(match.group(1)):
        return text, {}
    removed.append(("front matter", text.cut(0, match.end()).strip()))
    return text.cut(match.end()), {key.lower(): value for key, value in _KEY.findall(match.group(1))}


_LINE_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[^`]*$")
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*$")


def cut_markdown(text: Traced, removed: list[tuple[str, Traced]]) -> Traced:
    """Drop fenced code, comments and tables. A fence or a comment that never closes is none."""
    spans = [*_comments(text.text), *_code_and_tables(text.text)]
    kept, done = [], 0
    for start, end, why in sorted(spans):
        if start >= done:
            removed.append((why, text.cut(start, end).strip()))
            kept.append(text.cut(done, start))
            done = end
    return Traced.joined([*kept, text.cut(done)])


def _comments(text: str) -> Iterator[tuple[int, int, str]]:
    start = text.find("<!--")
    while start >= 0 and (end := text.find("-->", start)) >= 0:
        yield start, end + 3, "comment"
        start = text.find("<!--", end)


def _code_and_tables(text: str) -> Iterator[tuple[int, int, str]]:
    if "```" not in text and "~~~" not in text and "|" not in text:
        return
    lines = text.split("\n")
    starts = [0, *itertools.accumulate(len(line) + 1 for line in lines)]
    fences = {at: match.group(1) for at, line in enumerate(lines) if (match := _FENCE.match(line))}
    closings = sorted(at for at in fences if not lines[at].strip("`~ \t\r"))
    at = 0
    while at < len(lines):
        end = at
        if fence := fences.get(at):
            after = itertools.islice(closings, bisect.bisect_right(closings, at), None)
            end = next((one for one in after if fences[one].startswith(fence)), at)
            if end > at:
                yield starts[at], starts[end] + len(lines[end]), "code"
        elif at and "|" in lines[at - 1] and _TABLE_RULE.match(lines[at]):
            while end + 1 < len(lines) and "|" in lines[end + 1]:
                end += 1
            yield starts[at - 1], starts[end] + len(lines[end]), "table"
        at = end + 1


_BREAK = re.compile(r"…+|\.{3,}")
_TEASER_WINDOW = 4000  # a teaser stands at the top: the chapter's is 130 characters long


def cut_teaser(text: Traced, removed: list[tuple[str, Traced]]) -> Traced:
    """Where the text starts again right after an ellipsis, drop all up to there.

    Marks that the teaser has and the text lost are exact, so they are put back.
    """
    for match in _BREAK.finditer(text.text, 0, _TEASER_WINDOW):
        opening = _bare_with_places(text.text[match.end() : match.end() + 40])[0][:10]
        if len(opening) < 8:
            continue
        before, places = _bare_with_places(text.text[: match.start()])
        at = before.rfind(opening)
        if at < 0 or len(before) - at < 20:
            continue
        teaser, body = text.cut(places[at], match.start()), text.cut(match.end())
        repaired = _align(teaser, body)
        if repaired is None:
            continue
        gone = (line.strip() for line in text.cut(0, match.end()).split(_NEWLINE))
        removed += [("teaser and what stands before it", line) for line in gone if line.text]
        return repaired
    return text


def _bare_with_places(text: str) -> tuple[str, list[int]]:
    places = [place for place, char in enumerate(text) if char.isalnum()]
    return "".join(text[place] for place in places), places


def _align(teaser: Traced, body: Traced) -> Traced | None:
    """Walk both side by side; None if they are not the same text."""
    parts: list[str] = []
    offsets = array("L")
    j = 0
    for char in teaser.text:
        if j >= len(body):
            return None
        if char == body.text[j]:
            parts.append(char)
            offsets.append(body.offsets[j])
            j += 1
        elif not char.isalnum() and not char.isspace():
            parts.append(char)
            offsets.append(body.offsets[max(0, j - 1)])
        elif not body.text[j].isalnum():
            parts.append(body.text[j])
            offsets.append(body.offsets[j])
            j += 1
            if j < len(body) and char == body.text[j]:
                parts.append(char)
                offsets.append(body.offsets[j])
                j += 1
        elif not char.isspace():
            return None
    return Traced.joined([Traced("".join(parts), offsets), body.cut(j)])


# --- 3. paragraphs

# A space after a Latin letter, a digit or % joins (R U OK, 5% 红线), as does one inside English; any other space
# on a collapsed line is a paragraph break. The no-break space never is.
_COLLAPSED = re.compile(r"(?<![A-Za-z0-9%\s])(?<![,;:](?= [A-Za-z]))[ \t\u3000]+")
_COLLAPSED_LENGTH = 250  # prose with its line breaks has hardly five spaces after marks in so short a stretch


def find_paragraphs(text: Traced, removed: list[tuple[str, Traced]]) -> list[Traced]:
    """Split the text at newlines, collapsed lines at spaces; join lines that were wrapped by force."""
    lines = _unwrap(_cut_page_marks(list(text.split(_NEWLINE)), removed))
    out: list[Traced] = []
    for line in lines:
        out += line.split(_COLLAPSED) if _is_collapsed(line.text) else [line]
    return [piece.sub(re.compile("\xa0"), " ").sub(_OUTER_SPACE, _keep_indent) for piece in out]


_OUTER_SPACE = re.compile(r"(?<!\s)\s+$|^\s+(?=\S)")


def _keep_indent(match: re.Match[str]) -> str:
    """Indents tell nested list items apart; white space at the end tells nothing."""
    return match.group() if match.start() == 0 and match.group().strip("\u3000") == match.group() else ""


def _is_collapsed(line: str) -> bool:
    if len(line) < _COLLAPSED_LENGTH:
        return False
    pieces = [piece for piece in _COLLAPSED.split(line) if piece]
    if len(pieces) < 5:
        return False
    ended = sum(1 for piece in pieces if piece[-1] in END)
    return ended >= len(pieces) / 2


_PAGE_MARK = re.compile(
    r"[\s—–·.-]*(?P<number>\d{1,4})[\s—–·.-]*|(?:(?P<left>\d{1,4})\s+)?(?P<head>[^。，]{2,30}?)(?:\s+(?P<right>\d{1,4}))?"
)
_CHAPTER_NUMBER = re.compile(r"^第[一二三四五六七八九十百\d]{1,4}[章节節篇]")
_PAGES = 3  # numbers that count on, so many in a row, are those of pages


def _cut_page_marks(lines: list[Traced], removed: list[tuple[str, Traced]]) -> list[Traced]:
    """Drop the page numbers of a printed text, with the running heads in their lines or next to them."""
    marks = [
        (at, match) for at, line in enumerate(lines) if (match := _PAGE_MARK.fullmatch(line.text.strip()))
    ]
    heads = {at: re.sub(r"[\W_]", "", match.group("head") or "") for at, match in marks}
    count = Counter(_CHAPTER_NUMBER.sub("", head) for head in heads.values())
    found: dict[int, str] = {}
    run: list[int] = []
    last = -2
    for at, match in marks:
        digits = match.group("number") or match.group("left") or match.group("right")
        if digits and (not heads[at] or count[_CHAPTER_NUMBER.sub("", heads[at])] > 1):  # else of a list
            number = int(digits)
            run = [*run[-_PAGES:], at] if number in (last + 1, last + 2) else [at]
            last = number
            if len(run) >= _PAGES:
                found |= dict.fromkeys(run, "page number")
    seen = set()
    for at, head in heads.items():
        beside = any(at + step in found for step in (-2, -1, 1, 2))
        if head and head in seen and beside:
            found.setdefault(at, "running head")
        seen.add(head)
    removed += [(why, lines[at].strip()) for at, why in sorted(found.items())]
    return [line for at, line in enumerate(lines) if at not in found] if found else lines


_STARTS = re.compile(
    r"[\s\u3000]|#|>|\||[-*+•·]\s|[（(]?[\d一二三四五六七八九十]{1,3}[.、)）]|={2,}|-{2,}|!?\["
)
_SENTENCE_END = "。！？!?…”」』：:；;"


def _width(line: str) -> int:
    """Return columns on a terminal: two for a hanzi."""
    return sum(2 if char > "\u2e7f" else 1 for char in line)


def _unwrap(lines: list[Traced]) -> list[Traced]:
    """Join lines that were cut in the middle of a sentence: at a width, or at the spaces between paragraphs."""
    full = _wrapped_at(lines)
    if not full and not _stand_apart(lines):
        return lines
    out: list[list[Traced]] = []
    upper = ""
    for line in lines:
        bare = line.strip()
        may_go_on = upper and bare.text and not _STARTS.match(line.text)
        if may_go_on and (_width(upper) >= 0.8 * full if full else _goes_on(upper, bare.text)):
            if _LATIN.match(upper[-1]) and _LATIN.match(bare.text):
                out[-1].append(Traced(" ", array("L", [out[-1][-1].offsets[-1] + 1])))
            out[-1].append(bare)
        else:
            out.append([line])
        breaks = not full and line.text.endswith("  ")  # in Markdown the line ends here
        upper = "" if breaks else line.text.rstrip()
    return [pieces[0] if len(pieces) == 1 else Traced.joined(pieces) for pieces in out]


_LATIN = re.compile("[*_]{0,3}[A-Za-z0-9]")
_LABELLED = re.compile(r"[^\s。，：:]{1,10}\s?[：:]")
_OWN_LINE = re.compile(r"#|>|\||[-*_=~]{2,}\s*$")
FEW, LEAST = 0.2, 3
"""Share of the sentences that end a line and have another right below, and how many sentences must end one to tell."""


def _wrapped_at(lines: Sequence[Traced]) -> int:
    """Return the width, in columns, at which a text was cut into lines; 0 if it was not.

    A text counts as wrapped if of its lines with another right below most are near the full width and most
    of these end in the middle of a sentence.
    """
    above = [
        line
        for line, below in itertools.pairwise(lines)
        if line.text.strip() and below.text.strip() and not _STARTS.match(below.text)
    ]
    if len(above) < 5:
        return 0
    widths = sorted(_width(line.text.rstrip()) for line in above)
    full = widths[int(len(widths) * 0.9)]
    near = [line for line in above if _width(line.text.rstrip()) >= 0.85 * full]
    open_ends = sum(line.text.rstrip()[-1] not in _SENTENCE_END for line in near)
    wrapped = 30 <= full <= 160 and len(near) >= 0.6 * len(above) and open_ends >= 0.6 * len(near)
    return full if wrapped else 0


def _stand_apart(lines: Sequence[Traced]) -> bool:
    """Tell whether empty lines part the paragraphs, as programs write them that cut long lines at spaces only."""
    below = [
        bool(two.text.strip())
        for one, two in itertools.pairwise(lines)
        if one.text.rstrip()[-1:] in tuple("。！？!?") and not _STARTS.match(two.text)
    ]
    return len(below) >= LEAST and sum(below) <= FEW * len(below)


def _goes_on(upper: str, lower: str) -> bool:
    """Tell whether a line that was cut at a space goes on below: no mark ends it, and a Latin word stands at the cut."""
    if upper[-1] in _SENTENCE_END + "*_" or _OWN_LINE.match(upper) or _LABELLED.match(lower):
        return False
    beside_latin = _LATIN.match(upper[-1]) or _LATIN.match(lower)
    return bool(beside_latin and re.search("[，。；！？“]", upper + lower))


# --- 4. furniture
#
# In these patterns no character can belong to two neighbouring repetitions: else a long line that almost fits takes
# time without end.

_BREADCRUMB = re.compile(
    r"^(您?的?当前(的)?位置|您?现在的位置|首页\s*[>»›/])|^[^。！？]{1,20}([>»›]\s*[^\s。！？>»›][^。！？>»›]{0,22}){2,}$"
)
_ADDRESS = re.compile(r"^\W*(https?://|www\.)\S+$|^\W*[\w.-]+\.(com|cn|net|org|test)(/\S*)?$", re.IGNORECASE)
_SCRIPT = re.compile(
    r"^(\(?\w+ = window\b|document\.\w+\(|window\.\w+|(var|let|const) \w+ ?=|"
    r"(function\b.{0,40}|\$)\(|</?(script|div|span|iframe)\b)"
)
_LINKS = re.compile(
    r"^[【\[]?(相关(文章|阅读|推荐|链接|新闻|资讯|主题|帖子)|(推荐|延伸|更多|热门|精彩|往期|猜你喜欢)(的?(文章|阅读|推荐|内容|精彩|回顾))|"
    r"猜你喜欢|你可能(还|也)?(会)?喜欢|大家都在看|最新文章|文章推荐|友情链接|網友評論|相關(文章|閱讀|新聞|報導)|延伸閱讀|推薦閱讀)[】\]]?\s*[:：]?\s*$"
)
_LINE = re.compile(
    r"^[\s　]*[【\[（(]?([【\[（(](广告|廣告|推广|AD)[】\]）)]|(广告|廣告|推广|赞助)\s*([:：]?$|[|｜丨])|"
    r"(字[体号體號]|字体大小)\s*[:：]|"
    r"上一[篇章页頁]\s*[:：]|下一[篇章页頁]\s*[:：]|返回(列表|首页|目录|顶部)$|(推荐|延伸|相关|热门|往期|推薦|相關)(阅读|文章|回顾|閱讀)\s*[:：]|"
    r"【?\s*(导\s*读|编者按|编者注|内容提要|本文摘要)\s*[】:：]|免责声明|免責聲明|版权(声明|所有)|版權(聲明|所有)|本文(来自|来源|转载自?|转自|由.{1,12}(整理|转载)|首发于)|"
    r"(声明|转载|转自|来源|來源|出处|原文链接|原文地址|标签|標籤|关键词|關鍵字|Tags?|分享到?)\s*[:：]|"
    r"(责任编辑|責任編輯|责编|编辑|編輯|校对|排版|审核|摄影|图片来源|题图|頭圖|封面图?)\s*[:：|丨/]|"
    r"(作者|文|撰文|采访|采写|整理)\s*[:：|丨/／]\s*[^。，]{1,20}$|(发布|更新|發布|发表)?(时间|日期|于|時間)\s*[:：]\s*\d{4}|"
    r"([一-龥]{0,4}(热线|電話|电话|客服)|QQ|微信)\s*[:：]\s*[\d-]{5}|"
    r"(阅读|浏览|閱讀|瀏覽|点击)(量|数|次数|數)?\s*[:：(（]?\s*\d|阅读原文$|展开(全文|阅读)|查看(更多|全文)$|"
    r"(点赞|收藏|分享|评论|转发|打赏|在看|讚|留言)(\s*[\d(（|｜/·]|\s+(点赞|收藏|分享|评论|转发|打赏|在看|赞|留言)))"
)
# An invitation to act; prose that begins so goes on to a full stop.
_INVITATION = re.compile(
    r"^[\s　]*((扫码|掃碼|扫描|掃描|长按|識別|识别).{0,12}(关注|二维码|加群|进群|领取|下载|添加)|关注(我们|公众号|本号)|"
    r"點擊|点击(下载|关注|阅读|查看|这里|上方|下方|蓝字|领取|图片|加入)|微信(客服|扫一扫|扫码|搜索?|号\s*[:：])|加(微信|群|客服)|"
    r"(欢迎|请|可以?)?添加[^。，]{0,14}(微信|小助手)(号|好友|二维码)?\s*([:：]|$))"
)
_KEYWORDS = re.compile(r"^(?:[^\W_]| ){4,24}([,_|](?:[^\W_]| ){4,24}){1,9}$")
_AD_WORDS = re.compile(
    r"广告|軟文|软文|公众号|公眾號|知识星球|二维码|扫码|掃碼|微信(?:群|号|客服|：|:)|加群|领取|免费领|立减|下载\s?APP|APP下载|新用户|优惠券|"
    r"商务合作|投稿|转载请|点个赞|点赞|在看|打赏|赞赏|关注我|关注我们|回复[“\"「]|报名|咨询(?:热线|电话)|星标|月入[\d一二三四五六七八九十]+[万千]|副业|限时|原价",
    re.IGNORECASE,
)
_AUTHOR = re.compile(r"^[\s　]*(?:作者|文|撰文)\s*[:：|丨/／]\s*([^\s。，,]{2,12})\s*$")
_CREDIT = re.compile(rf"(?:作者|文|撰文)\s*[:：|丨/／]\s*([{HANZI}·]{{2,6}})(?!\S)")
_CLOSING_SHARE = 0.15
_NAVIGATION = re.compile(
    r"^[|｜/·>»]*(?:[^\s。，|｜/·>»]{1,8}[\s|｜/·>»]+){4,}[^\s。，|｜/·>»]{1,8}[|｜/·>»]*$"
)
_NOTE = re.compile(
    r"^[（(【\[][^（）()【】]*(整理|录音|审阅|編|编|记者|转载|来源|授权|摘自|节选)[^（）()【】]*[）)】\]]$"
)
_BYLINE = re.compile(
    rf"^(?:.{{0,14}}(?:记者|記者|作者|撰文|口述|讲述|整理|采访|文)[\s　:：/|丨]+)?([{HANZI}·]{{2,4}})$"
)
_STAGE = re.compile(
    r"[（(]\s*(?:(?:全场|台下|众人|观众|会场|热烈)?(?:大|哄|微)?(?:笑|笑声|掌声|鼓掌|欢呼|沉默|停顿|鞠躬)[^（）()]{0,6}[、，,]?){1,4}\s*[）)]"
)
_LINK_LINE = re.compile(
    r"^\[[^\]]{1,30}\]:\s*\S+.*$|^[^\w\[]*(?:\[[^\]]*\]\([^)]*\)(?:[^\w\[]|\d)*)+$|^[^\w\[]*\[[^\]]{0,60}$|^\]\(\S*\)$"
)
_DAY = re.compile(r"^[\s　]*(?:\d{4}年)?\d{1,2}月\d{1,2}日[^。]{0,20}$")
_DATELINE = re.compile(
    r"^[\s　]*(\d{4}[-年/.]\d{1,2}[-月/.]\d{1,2}日?)(\s+\d{1,2}:\d{2}(:\d{2})?)?[^。，]{0,40}$"
)


def cut_furniture(paragraphs: list[Traced], removed: list[tuple[str, Traced]]) -> tuple[list[Traced], str]:
    """Drop links, breadcrumbs, addresses, advertising and credits; return the author a credit names."""
    kept: list[Traced] = []
    author = ""
    head = set(map(id, itertools.islice((piece for piece in paragraphs if piece.text.strip()), 6)))
    filled = 0
    links = _links_begin(paragraphs)
    for piece in paragraphs[:links]:
        line = piece.text.strip()
        if match := _AUTHOR.match(line) or (
            id(piece) in head and _DATELINE.match(line) and _CREDIT.search(line)
        ):
            author = author or match.group(1)
        reason = _furniture(line, at_top=id(piece) in head)
        if not reason and filled == 1 and len(line) <= 24 and (by := _BYLINE.match(line)):
            reason, author = "byline", author or by.group(1)
        if reason:
            removed.append((reason, piece.strip()))
        else:
            kept.append(piece)
            filled += bool(line)
    removed += [("links after the text", piece.strip()) for piece in paragraphs[links:] if piece.text.strip()]
    end = _closing(kept)
    removed += [("closing advertisement", piece.strip()) for piece in kept[end:] if piece.text.strip()]
    return kept[:end], author


_NOTE_MARK = r"(?:[\[〔【（(]注?\d{1,3}[\]〕】）)]|[①-⑳])"
_NOTE_LINE = re.compile(rf"\s*({_NOTE_MARK})\s*\S")


def cut_notes(paragraphs: list[Traced], removed: list[tuple[str, Traced]]) -> list[Traced]:
    """Drop footnotes, paragraphs whose mark a paragraph above has inside or at its end, and those marks."""
    marked: dict[str, int] = {}
    notes: dict[int, str] = {}
    for at, piece in enumerate(paragraphs):
        line = _NOTE_LINE.match(piece.text)
        if line and line.group(1) in marked:
            notes[at] = line.group(1)
            continue
        for match in re.finditer(rf"(?<=\S){_NOTE_MARK}", piece.text[line.end() if line else 0 :]):
            marked.setdefault(match.group(), at)
    if not notes:
        return paragraphs
    used = re.compile("|".join(map(re.escape, sorted(set(notes.values())))))
    last = max(notes)
    out = []
    for at, piece in enumerate(paragraphs):
        if at in notes:
            removed.append(("footnote", piece.strip()))
        elif at <= last and used.search(piece.text):
            removed += [("footnote mark", piece.cut(*match.span())) for match in used.finditer(piece.text)]
            out.append(piece.sub(used, ""))
        else:
            out.append(piece)
    return out


def _furniture(line: str, *, at_top: bool) -> str:
    if not line or line.startswith("#"):
        return ""
    if _BREADCRUMB.match(line):
        return "breadcrumb"
    if _NAVIGATION.match(line):
        return "navigation"
    if at_top and _NOTE.match(line):
        return "editor's note"
    if _ADDRESS.match(line):
        return "address"
    if _SCRIPT.match(line):
        return "script"
    if not line.startswith("![") and _LINK_LINE.match(line):
        return "link"
    if len(line) <= 80 and (_LINE.match(line) or (line[-1] not in "。！" and _INVITATION.match(line))):
        return "page furniture"
    if at_top and _KEYWORDS.match(line):
        return "site title and keywords"
    if len(line) <= 60 and len(set(_AD_WORDS.findall(line))) >= 2:
        return "advertisement"
    if _DATELINE.match(line) or (at_top and _DAY.match(line)):
        return "date line"
    return ""


def _links_begin(paragraphs: Sequence[Traced]) -> int:
    """Return where a list of links ends the text: at a heading of such a list with hardly any prose below."""
    begin = len(paragraphs)
    lines = prose = 0
    for index in range(len(paragraphs) - 1, -1, -1):
        line = paragraphs[index].text.strip()
        if not line:
            continue
        if _LINKS.match(line) and prose <= lines * 0.2:
            begin = index
        lines += 1
        prose += (len(line) > 60 or line[-1] in "。！？") and not _furniture(line, at_top=False)
    return begin


def _closing(paragraphs: Sequence[Traced]) -> int:
    """Return where the closing run of paragraphs begins that speak of advertising and following."""
    total = sum(len(piece) for piece in paragraphs)
    end = len(paragraphs)
    size = ads = count = 0
    for index in range(len(paragraphs) - 1, -1, -1):
        line = paragraphs[index].text.strip()
        if not line:
            continue
        size += len(line)
        if size > total * _CLOSING_SHARE:
            break
        count += 1
        if _AD_WORDS.search(line):
            ads += 1
            if ads >= 2 and ads > count / 2:
                end = index
    return end


# --- 5. marks

_TOO_LONG = 300_000  # characters: no chapter is so long, and they would take ten seconds


def restore_marks(paragraphs: list[Traced]) -> list[Traced]:
    """Put marks back where they are sure to have stood, in a text that lost its commas."""
    texts = [piece.text for piece in paragraphs]
    gone = marks.lost(texts)
    if not gone or sum(map(len, texts)) > _TOO_LONG:
        return paragraphs
    return [piece.insert(marks.restore(piece.text, gone)) for piece in paragraphs]
