"""A Page to a Text: headings, paragraphs, list items, speakers, sections and sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from flashgen.hanzi import HANZI
from flashgen.phrases import LABEL, NUMERAL
from flashgen.records import Block, Page, Removal, Section, Sentence, Text
from flashgen.traced import Traced


def segment(page: Page) -> Text:
    """Find the structure of a page, in this order: blocks, speakers, sentences, sections."""
    removed: list[tuple[str, Traced]] = []
    blocks = _name_speakers(find_blocks(page.paragraphs, removed))
    title = page.title or _title(blocks)
    sentences: list[Sentence] = []
    sections: list[Section] = []
    heading, level, first = "", 0, 0
    for index, block in enumerate(blocks):
        if block.kind == "heading":
            if sections or first < len(sentences) or heading:
                sections.append(Section(heading, level, first, len(sentences)))
            heading, level, first = str(block.text), block.level, len(sentences)
            continue
        spans = list(split_sentences(str(block.text)))
        for rank, (start, end) in enumerate(spans):
            stretch = block.text.cut(start, end).strip()
            sentences.append(
                Sentence(str(stretch), stretch.start, index, rank, len(spans), len(sections)),
            )
    sections.append(Section(heading, level, first, len(sentences)))
    return Text(
        title,
        page.author,
        tuple(blocks),
        tuple(sections),
        tuple(sentences),
        (*page.removed, *(Removal(why, str(what), page.line(what.start)) for why, what in removed)),
        page.restored,
    )


def _title(blocks: Sequence[Block]) -> str:
    """Return the first heading, if it is not the first of several that count up: those name what stands below them."""
    headings = [block for block in blocks if block.kind == "heading"]
    if not headings:
        return ""
    labels = [LABEL.match(str(block.text)) for block in headings]
    first, *others = [re.sub(f"{NUMERAL}+", "", label.group()) if label else "" for label in labels]
    return "" if first and first in others else str(headings[0].text)


# --- blocks

_ATX = re.compile(r"^\s{0,3}(#{1,6})\s+(.*)$")
_AROUND = re.compile(r"^[#¶§]\s+|^[—–]+\s*|^#+$|(?<!\s)\s+(?:#+|[¶§])$")
"""What is no part of a heading: a link to itself, a dash before a subtitle, the signs that may close it."""
_UNDERLINE = re.compile(r"^\s{0,3}(=+|-{2,})\s*$")
_RULE = re.compile(r"^\s*([-*_=—~·.]\s*){3,}$")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\[\]]*)\](?:\([^)]*\)|\[[^\]]{0,20}\])")
_BOLD = re.compile(
    r"\*\*\*(?=[^\s*])(.{1,999}?)(?<=[^\s*])\*\*\*|\*\*(?=\S)(.{1,999}?)(?<=\S)\*\*|__(?=\S)(.{1,999}?)(?<=\S)__|<(?:b|strong)>(.{1,999}?)</(?:b|strong)>",
    re.IGNORECASE,
)
_ITALIC = re.compile(
    r"(?<![*A-Za-z0-9\\])\*(?=[^\s*])([^*]+?)(?<=[^\s*\\])\*(?![*A-Za-z0-9])"
    r"|(?<![_A-Za-z0-9\\])_(?=[^\s_])([^_]+?)(?<=[^\s_\\])_(?![_A-Za-z0-9])"
)
_CODE = re.compile(r"`([^`]+)`")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_STRUCK = re.compile(r"~~(?=\S)([^~]{1,999})(?<=\S)~~")
_TAG = re.compile(
    r"</?(?:a|b|big|blockquote|br|center|cite|code|dd|del|details|div|dl|dt|em|figcaption|figure|font|h[1-6]|hr|i|img|ins|kbd|li|"
    r"mark|ol|p|pre|q|s|section|small|span|strong|sub|summary|sup|t[dhr]|table|tbody|tfoot|thead|u|ul)(?:\s[^<>]{0,300})?/?>",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(
    r"\[\^?\d{1,3}\]|〔\d{1,3}〕|[（(]\s*(?:p{1,2}\.?|第)\s*\d{1,4}(?:\s*[-–—~]\s*\d{1,4})?\s*页?\s*[）)]",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s*(>\s?)+")
_BULLET = re.compile(r"^\s*([-+•·●■◆▪○►➤※＊]|\*(?=\s|[^*]*$))\s*(?=\S)")  # *what is emphasised* is no item
_DASH_BULLET = re.compile(r"^\s*([-*+])\s+(?=\S)")
_NUMBER = re.compile(r"^\s*[（(]?(\d{1,2}|[①-⑳]|[A-Ha-h])(?:[.．、)）:：]|(?<=[①-⑳]))\s*(?![\d\s])")
_EMPHASISED_NUMBER = re.compile(
    r"^\s*[*_]{1,4}[\s_]*([（(]?\d{1,2}[.．、)）:：])[\s_]*[*_]{2,4}\s*(?=[^\s*_])"
)
_COMMA_NUMBER = re.compile(r"^\s*(\d{1,2})[,，]\s*(?![\d\s])")
_SUBNUMBER = re.compile(r"^\s*(\d{1,2}[.．](?:\d{1,2}[.．]){0,2})\d{1,2}[.．、]?\s+(?=\S)")
_CAPTION = re.compile(r"^\s*[（(]?(图|圖|表|图表)\s*[\d一二三四五六七八九十]")
_LINE_END = "。！？!?；;…，,、：:"
_HEADING_MAX = 20  # characters: holds for all 14 headings of a real chapter and for nothing else in it
_NUMBERED_HEADING = re.compile(
    rf"^(第{NUMERAL}+[章节節篇部讲講课課回]|[一二三四五六七八九十]{{1,3}}[、.．]|（[一二三四五六七八九十]{{1,3}}）|"
    r"\d{1,2}[.、]|0\d\b|Part\s*\d|PART\s*\d|Chapter\s*\d)",
    re.IGNORECASE,
)
_CHAPTER = re.compile(rf"^(第{NUMERAL}+[章篇部讲講课課回]|(Part|Chapter)\s*\d)", re.IGNORECASE)


def find_blocks(paragraphs: Sequence[Traced], removed: list[tuple[str, Traced]]) -> list[Block]:
    """Turn paragraphs into blocks; Markdown signs are read and taken off, images and captions dropped."""
    lines = [piece.unwrap(_EMPHASISED_NUMBER) for piece in paragraphs if piece.text.strip()]
    blocks: list[Block] = []
    caption_next = False
    for index, raw in enumerate(lines):
        removed += [("footnote mark", raw.cut(*match.span())) for match in _FOOTNOTE.finditer(raw.text)]
        removed += [("struck out", raw.cut(*match.span(1))) for match in _STRUCK.finditer(raw.text)]
        line = raw.sub(_FOOTNOTE, "").sub(_STRUCK, "")
        if _IMAGE.search(line.text):
            removed.append(("image", line.strip()))
            line = line.sub(_IMAGE, "")
            caption_next = not line.text.strip()
            if caption_next:
                continue
        text = line.text.strip()
        if caption_next or _CAPTION.match(text):
            caption_next = False
            if len(text) <= 30 and text[-1] not in _LINE_END and not _ATX.match(text):
                removed.append(("caption", line.strip()))
                continue
        if _UNDERLINE.match(text) and blocks and _may_head(blocks[-1], lines[index - 1]):
            last = blocks[-1]
            blocks[-1] = Block("heading", last.text, 1 if text[0] == "=" else 2)
            continue
        if _RULE.match(text):
            removed.append(("line drawn across the page", line.strip()))
            continue
        if match := _ATX.match(line.text):
            inner = _plain(line.cut(match.start(2), match.end(2))).sub(_AROUND, "")
            if str(inner):
                blocks.append(Block("heading", inner, len(match.group(1))))
            continue
        following = lines[index + 1] if index + 1 < len(lines) else None
        blocks.append(_block(line, following, blocks[-1] if blocks else None))
    return blocks


_ALL_BOLD = re.compile(r"\s*\*\*(?=\S)([^*]+)(?<=\S)\*\*\s*$")


def _may_head(block: Block, line: Traced) -> bool:
    return block.kind in ("paragraph", "heading") and bool(block.text) and len(line.text.strip()) <= 60


def _block(line: Traced, following: Traced | None, previous: Block | None) -> Block:
    quoted = bool(_QUOTED.match(line.text))
    if quoted:
        line = line.sub(_QUOTED, "")
    if whole := _ALL_BOLD.match(line.text):
        line = line.cut(*whole.span(1))
        return replace(_item_or_prose(line, following, previous, quoted), bold=(line.text,))
    return _item_or_prose(line, following, previous, quoted)


def _item_or_prose(line: Traced, following: Traced | None, previous: Block | None, quoted: bool) -> Block:
    """Tell items and headings by what a line begins with, and by its neighbours."""
    text = line.text

    def item(sign: re.Match[str], marker: str) -> Block:
        rest = line.cut(sign.end())
        return Block("item", _plain(rest), _indent(text), marker, _bolds(rest.text))

    if match := _DASH_BULLET.match(text) or _BULLET.match(text):
        return item(match, match.group(1))
    bare = text.strip()
    if not previous and following is not None and _is_title(bare, following.text.strip()):
        return Block("heading", _plain(line), 1)
    match = _NUMBER.match(text)
    # A number that goes on from the item above, or goes on right below, counts items and not headings.
    listed = _counts_on(_NUMBER, text, following, previous)
    if not quoted and not listed and following is not None and is_heading(bare):
        return Block("heading", _plain(line), 1 if _CHAPTER.match(bare) else 2)
    if match:
        return item(match, _marker(match))
    if (match := _COMMA_NUMBER.match(text)) and _counts_on(_COMMA_NUMBER, text, following, previous):
        return item(match, _marker(match))
    if match := _SUBNUMBER.match(text):  # 5.3, beside another that begins with 5.
        below = following and _SUBNUMBER.match(following.text)
        if match.group(1) in (below and below.group(1), previous and previous.marker):
            return item(match, match.group(1))
    return Block("paragraph", _plain(line), bold=_bolds(text))


def _counts_on(number: re.Pattern[str], text: str, following: Traced | None, previous: Block | None) -> bool:
    """Tell whether the number of a line goes on from the item above, or goes on right below."""
    marker = _marker(number.match(text))
    return marker.isdigit() and (
        (previous is not None and previous.kind == "item" and previous.marker == str(int(marker) - 1))
        or (following is not None and _marker(number.match(following.text)) == str(int(marker) + 1))
    )


def _indent(line: str) -> int:
    """Return the columns that a line is indented."""
    line = line.expandtabs(4)
    return len(line) - len(line.lstrip(" "))


def _marker(match: re.Match[str] | None) -> str:
    """Return an item's number or letter, ③ as 3; "" if there is none."""
    sign = match.group(1) if match else ""
    if "①" <= sign <= "⑳":
        return str(ord(sign) - ord("①") + 1)
    return str(int(sign)) if sign.isdecimal() else sign  # １ as 1


def _plain(line: Traced) -> Traced:
    """Take Markdown's inline signs off."""
    for pattern in (_LINK, _BOLD, _ITALIC, _CODE, _ESCAPED):
        line = line.unwrap(pattern)
    return line.sub(_TAG, "").strip()


def _bolds(text: str) -> tuple[str, ...]:
    return tuple(next(group for group in match if group) for match in _BOLD.findall(text))


def _is_title(line: str, following: str) -> bool:
    """Tell the first line of a text from its first sentence: a title may have marks, but none at its end."""
    return (
        0 < len(line) <= 40 and line[-1] not in _LINE_END and len(following) > len(line) and _has_hanzi(line)
    )


def _has_hanzi(line: str) -> bool:
    return bool(re.search(f"[{HANZI}]{{2}}", line))


def is_heading(line: str) -> bool:
    """Tell a plain-text heading: short, no mark of a sentence, quotes closed."""
    hanzi = len(re.findall(f"[{HANZI}]", line))
    if _CHAPTER.match(line):
        line = line.rstrip("？?")  # a chapter's name may ask
    if _NUMBERED_HEADING.match(line) and hanzi >= 2 and len(line) <= 30 and line[-1] not in _LINE_END:
        return not re.search("[。！？；，]", line)
    return (
        len(line) <= _HEADING_MAX
        and hanzi >= 3
        and not re.search("[。！？!?；;，,…：:]", line)
        and all(line.count(a) == line.count(b) for a, b in ("“”", "「」", "《》", "（）"))
        and not re.match(r"[-*•·]|\d+[^\d年月]|[A-Ha-h][.、)）]|第[一二三四五六七八九十]", line)
        and line[-1] not in "过了着吗呢吧是過著嗎"  # a verb's or question's last word: a line of prose
    )


# --- speakers

_SPEAKER = re.compile(rf"^\s*(\d{{0,3}}[{HANZI}·]{{1,8}}|[A-Z][\w. ]{{0,14}})\s*[：:](?:\s*(?=\S)|$)")
_ASKER = re.compile(
    r"^(问|問|Q|记者|記者|主持人?|提问|提問|采访|採訪|编辑|编者|.*(记者|主持|周刊|日报|财经|网|社))$"
)
_ANSWERER = re.compile(r"^(答|A|嘉宾|来宾)$")
_PAIRS = (("问", "答"), ("問", "答"), ("Q", "A"))


def _name_speakers(blocks: list[Block]) -> list[Block]:
    """Where paragraphs begin with a name and a colon again and again, the page is a conversation.

    A question may stand as a heading; it is no section of its own then.
    """
    names: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for block in blocks:
        name, asks = _speaker(block), _is_question(block)
        if name and (block.kind == "paragraph" or asks):
            names[name] += 1
            asked[name] += asks
    known = {name for name, count in names.items() if count >= 2 or any(name in pair for pair in _PAIRS)}
    if sum(names[name] for name in known) < 4 or len(known) < 2:
        return blocks
    askers = {name for name in known if _ASKER.match(name)} or {
        name for name in known if not _ANSWERER.match(name) and asked[name] > names[name] / 2
    }
    out: list[Block] = []
    speaker = ""
    for block in blocks:
        name, text, kind = _speaker(block), block.text, block.kind
        if kind == "heading" and not (name in askers and _is_question(block)):
            speaker = ""
        elif name in known:
            speaker, kind = name, "paragraph" if kind == "heading" else kind
            text = text.sub(_SPEAKER, "").strip()
        if str(text):
            out.append(replace(block, kind=kind, text=text, speaker=speaker, asks=speaker in askers))
    return out


def _speaker(block: Block) -> str:
    """Return the name that a block begins with, before a colon; "" if with none."""
    match = _SPEAKER.match(str(block.text))
    return match.group(1).strip() if match else ""


def _is_question(block: Block) -> bool:
    return str(block.text).rstrip()[-1:] in tuple("？?")


# --- sentences

_OPEN = {"“": "”", "「": "」", "『": "』", "（": "）", "(": ")", "《": "》", "‘": "’", "【": "】"}
_QUOTE_REACH = 120  # characters: a quotation that does not close within them is taken for unclosed
_LONGEST = 400  # characters: a longer run, in a copy that lost its full stops, ends at its next mark, or at twice this
_TERMINAL = "。！？!?"
_CLOSERS = '”’」』）)】》"'


def split_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each sentence. No split inside quotation marks that close soon.

    A sentence ends at 。！？!? or at an ellipsis, with any closing marks after it; at "." only after a Latin
    letter and before a space or the end.
    """
    start = index = 0
    while index < len(text):
        char = text[index]
        if char in _OPEN or char == '"':
            index = _skip_quote(text, index)
            # A quotation that ends its sentence inside the marks ends it, unless the sentence goes on.
            ends = (
                text[index - 1] in _CLOSERS
                and text[index - 2] in _TERMINAL
                and _starts_anew(text, start, index)
            )
        elif char == "…" or text[index : index + 3] in ("...", "。。。"):
            while index < len(text) and text[index] in "….。":
                index += 1
            ends = index >= len(text) or text[index] not in "，,、；;"
        else:
            index += 1
            ends = char in _TERMINAL or (
                char == "."
                and index > 1
                and text[index - 2].isascii()
                and text[index - 2].isalpha()
                and _gap(text, index)
            )
        if index - start >= _LONGEST:
            ends = ends or char in "，,；;、 " or index - start >= 2 * _LONGEST
        if ends:
            while index < len(text) and (text[index] in _TERMINAL or text[index] in _CLOSERS):
                index += 1
            yield start, index
            start = index
    if text[start:].strip():
        yield start, len(text)


def _skip_quote(text: str, index: int) -> int:
    closer = _OPEN.get(text[index], '"')
    end = text.find(closer, index + 1, index + 1 + _QUOTE_REACH)
    return index + 1 if end < 0 else end + 1


def _starts_anew(text: str, start: int, index: int) -> bool:
    """Whether what follows a closed quotation is a new sentence: the quotation was spoken, not mentioned."""
    rest = text[index : index + 1]
    if not rest or rest in "“「『":
        return True
    if rest in "，,、；;的地得这這那是就也和与":
        return False
    return bool(re.search(r"[：:说說道问問答]\s*[“「『\"]", text[start:index]))


def _gap(text: str, index: int) -> bool:
    return index >= len(text) or text[index].isspace()
