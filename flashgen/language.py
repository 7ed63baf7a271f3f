"""What the commands say, in English and Chinese: one table, and which of the two is spoken.

The language is chosen once, by the command line, before anything is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

TYPE_CHECKING = False  # importing typing would slow every command's start
if TYPE_CHECKING:
    from typing import Literal

    Language = Literal["en", "zh"]

WORDS: Mapping[str, str] = {
    # The help (arguments.py)
    "usage: ": "用法: ",
    "error": "错误",
    "arguments": "参数",
    "options": "选项",
    "commands": "命令",
    "examples:": "例子:",
    "show this help and end": "显示这份说明",
    "show the version and end": "显示版本",
    "language of messages and help (default: the locale's)": "消息和说明的语言（默认：系统语言）",
    "From a chapter of a Chinese business book to an Anki deck, through a YAML file you edit.": (
        "把中文商业书的一章做成 Anki 卡组，中间是一个你可以手工编辑的 YAML 文件。"
    ),
    "chapter.yaml and chapter.apkg": "生成 chapter.yaml 和 chapter.apkg",
    "what is wrong in it, if anything": "看看里面有什么不对",
    "after editing": "编辑之后",
    "extract cards from a source and build the package in one go": "从原文提取卡片，并一步生成卡包",
    "book/01-….yaml and so on, and book.apkg": "生成 book/01-….yaml 等，以及 book.apkg",
    "the package (default: beside the deck file)": "卡包（默认：放在卡组文件旁边）",
    "extract cards from a source into a deck file": "从原文提取卡片，写成卡组文件",
    "build an Anki package from deck files": "用卡组文件生成 Anki 卡包",
    "default: beside the first deck file, with its name": "默认：放在第一个卡组文件旁边，用它的名字",
    "report every slip in deck files, as file:line:column": "指出卡组文件里的每处错误：文件:行:列",
    "prove that every card stands in this source": "证明每张卡片都出自这份原文",
    "which chapter of an EPUB that is": "那是 EPUB 的第几章",
    "one JSON object a problem, on standard output": "每个问题一个 JSON 对象，写到标准输出",
    "write word-grouped pinyin of a text, or of the lines of standard input": (
        "给一段文字，或标准输入的每一行，写出按词连写的拼音"
    ),
    "pairs [character, syllable], one array a line": "[字, 音节] 对，每行一个数组",
    "full tones, without the neutral-tone layer": "都标本调，不用轻声",
    "show 一 and 不 in the tones they are spoken with": "一、不 标实际读的声调",
    "fill in missing and stale lines of a deck file": "补上卡组文件里缺少的、过时的拼音",
    "go through the cards at the terminal: keep, drop or edit each": "在终端里逐张过：保留、删去或修改",
    "show each card's paragraph in this source": "显示每张卡片在这份原文里的段落",
    "show the cards in the browser as Anki does": "在浏览器里看卡片，和 Anki 里一样",
    "default: any that is free": "默认：任何空闲端口",
    "only print the address": "只给出地址",
    "say what building and importing now will change: new, changed, unchanged, retired": (
        "说明现在生成并导入会改动什么：新增、改动、不变、退出"
    ),
    "one JSON object a deck, on standard output": "每个卡组一个 JSON 对象，写到标准输出",
    "bring the cards into a running Anki (with AnkiConnect), keeping what was changed there": (
        "把卡片送进正在运行的 Anki（要有 AnkiConnect），保留在那里做过的修改"
    ),
    "says what it would do": "说明会做什么",
    "does it": "真的去做",
    "do it; otherwise it is only told": "真的去做；否则只作说明",
    "where AnkiConnect listens (default: its own port)": "AnkiConnect 的地址（默认：它自己的端口）",
    "write a starter deck file that explains itself": "写一个带说明的卡组文件，供你开始",
    "print the JSON Schema of deck files": "输出卡组文件的 JSON Schema",
    "print what makes a shell complete commands, options and files": (
        "输出补全脚本，让 shell 补全命令、选项和文件"
    ),
    "bash, zsh or fish": "bash、zsh 或 fish",
    "text, Markdown, HTML, EPUB, PDF or Word; - reads standard input": (
        "文本、Markdown、HTML、EPUB、PDF 或 Word；- 表示标准输入"
    ),
    "which chapter of an EPUB (default: all of them)": "EPUB 的第几章（默认：全部）",
    "only list an EPUB's chapters with their numbers": "只列出 EPUB 的各章及其编号",
    "the deck file, or of a whole book the folder for its deck files (default: the source's name)": (
        "卡组文件；整本书则是放卡组文件的文件夹（默认：原文的名字）"
    ),
    "how many cards, of a book in each chapter (default: by length)": "多少张卡片，整本书则指每章（默认：看长短）",
    "the deck's name in Anki, with :: between levels; of a book the parent's": (
        "卡组在 Anki 里的名称，各级之间用 ::；整本书则是上级卡组的名称"
    ),
    "say why each card was chosen": "说明每张卡片为什么入选",
    "only show what would change in the deck file": "只显示卡组文件会有什么改动",
    "use the card templates of this folder": "使用这个文件夹里的卡片模板",
    # What is wrong with a command
    "standard input has no name; name the deck file with -o": "标准输入没有文件名；请用 -o 指定卡组文件",
    "{path} would be written over; name another file for the {suffix}": "{path} 会被覆盖；请给 {suffix} 换个文件名",
    "{path} is a folder; name a file in it, such as {file}": "{path} 是文件夹；请指定其中的文件，如 {file}",
    "{path}: no such folder; make it first": "{path}：没有这个文件夹；请先建好",
    "{path}: a deck file's name ends in .yaml or .yml; name it {file}": (
        "{path}：卡组文件的名字要以 .yaml 或 .yml 结尾；可以叫 {file}"
    ),
    "{source} has several chapters, a deck file each: name a folder for them with -o, "
    "or choose one chapter with --chapter N (--list shows them)": (
        "{source} 有好几章，每章一个卡组文件：请用 -o 指定文件夹，或用 --chapter N 只选一章（--list 列出各章）"
    ),
    "give a text, or lines on standard input: flashgen pinyin 你好": (
        "请给出文字，或从标准输入逐行给出：flashgen pinyin 你好"
    ),
    "a deck needs a name, as in `flashgen new 第一章`": "卡组要有名称，如 `flashgen new 第一章`",
    "{path} is there already; choose another name": "{path} 已经存在；请换个名称",
    "{path} is no file; name one for the {suffix}": "{path} 不是文件；请给 {suffix} 指定一个文件",
    "{path} is no Anki package; name another file for it": "{path} 不是 Anki 卡包，不会覆盖它；请换个文件名",
    "--write spells a deck file; leave out the text and the other options": (
        "--write 是给卡组文件注音；请不要再写文字和别的选项"
    ),
    "--list only lists an EPUB's chapters; leave out the other options": (
        "--list 只列出 EPUB 的各章；请不要再写别的选项"
    ),
    "{name} is no EPUB, so it has but one chapter": "{name} 不是 EPUB，只有一章",
    "{name} has {count} chapters; see them with --list and choose one with --chapter N": (
        "{name} 有 {count} 章；用 --list 列出，用 --chapter N 选一章"
    ),
    "{name} has {count} chapters; there is no chapter {number}": "{name} 有 {count} 章，没有第 {number} 章",
    "{url} is no address; write it as {example}": "{url} 不是地址；应像 {example} 这样写",
    "something went wrong in flashgen itself ({what}); please report it, with what FLASHGEN_TRACE=1 adds": (
        "flashgen 自己出了错（{what}）；请报告给作者，并附上设 FLASHGEN_TRACE=1 时的输出"
    ),
    "review needs a terminal": "review 要在终端里运行",
    "review works on Linux and macOS terminals": "review 只能在 Linux 和 macOS 的终端里运行",
    "port {port}: {reason}; choose another, or leave out --port": "端口 {port}：{reason}；请换一个，或不写 --port",
    "{path} is no EPUB, so it has no list of chapters": "{path} 不是 EPUB，没有章节列表",
    "{path} is a folder; name the chapter's file in it": "{path} 是文件夹；请指定其中的文件",
    "{path}: no such file": "{path}：没有这个文件",
    "{path}: cannot be read ({reason})": "{path}：无法读取（{reason}）",
    "interrupted": "已中断",
    "these decks have templates of their own, and a package has room for one look; "
    "build them apart, or give --templates for all": (
        "这些卡组各有自己的模板，而一个卡包只能有一种样子；请分开生成，或用 --templates 统一指定"
    ),
    "a template has {closing} where no {opening} is open": "模板里有 {closing}，前面却没有 {opening}",
    "a template has {opening} but no {closing}": "模板里有 {opening}，却没有 {closing}",
    # A source that cannot be read
    "standard input": "标准输入",
    "{path}, chapter {number}": "{path} 第 {number} 章",
    "it is not UTF-8 text": "不是 UTF-8 文本",
    "is empty": "是空的",
    "save the chapter's text in it": "请把正文存进去",
    "is not a text file": "不是文本文件",
    "save the chapter as plain text (UTF-8) first": "请先把这一章存成纯文本（UTF-8）",
    "has no Chinese text in it": "里面没有中文",
    "check that it is the right file": "请检查是不是这个文件",
    "has more than {limit} characters": "超过 {limit} 个字符",
    "has more than {limit} pages": "超过 {limit} 页",
    "holds more than {limit} parts": "里面超过 {limit} 个文件",
    "unpacks to far more than a book": "解压后远远超过一本书",
    "give one book or chapter": "请只给一本书或一章",
    "is too large": "太大",
    "give one book or chapter, not a library": "请只给一本书或一章",
    "is too large for a page": "作为一个网页太大",
    "save the chapter's page alone": "请只保存这一章的网页",
    "is an archive that is no EPUB and no Word file": "是压缩包，但不是 EPUB，也不是 Word 文件",
    "is an archive": "是压缩包",
    "unpack it first": "请先解压",
    "is an old Word file or one with a password": "是旧版 Word 文件，或者有密码",
    "save it as .docx, without a password": "请另存为 .docx，不要设密码",
    "is RTF": "是 RTF",
    "save it as .docx or plain text first": "请先另存为 .docx 或纯文本",
    "is a Kindle book": "是 Kindle 电子书",
    "convert it to EPUB first, with Calibre for example": "请先转成 EPUB，例如用 Calibre",
    "has no text in it": "里面没有文字",
    "save it again with Word or another program": "请用 Word 或别的程序重新保存",
    "has no pages": "没有内容",
    "download the book again": "请重新下载这本书",
    "is protected against copying": "有版权保护",
    "flashgen cannot read such a book": "flashgen 读不了这样的书",
    "is a PDF, which needs pypdfium2": "是 PDF，要有 pypdfium2 才能读",
    "install it beside flashgen: pip install pypdfium2": "请装在 flashgen 旁边：pip install pypdfium2",
    "is locked with a password": "有密码",
    "save it without one, by printing it to a PDF": "请打印成没有密码的 PDF",
    "is a damaged PDF": "是损坏的 PDF",
    "save or download it again": "请重新保存或下载",
    "is a scan: pictures of pages without text": "是扫描件，只有图片没有文字",
    "let an OCR program add the text first": "请先用 OCR 软件加上文字",
    "lacks its part '{part}'": "缺少其中的“{part}”",
    "defines entities in '{part}'": "在“{part}”里定义了实体",
    "save or download the file again": "请重新保存或下载",
    "save it again with another program": "请用别的程序重新保存",
    "is damaged or encrypted": "已损坏或加密",
    "save or download it again, without a password": "请重新保存或下载，不要加密",
    # AnkiConnect
    "Anki does not answer at {url}; start Anki, with the add-on AnkiConnect (2055492159) in it": (
        "{url} 没有回应；请启动 Anki，并装好插件 AnkiConnect（2055492159）"
    ),
    "what answers at {url} is not AnkiConnect": "{url} 上的不是 AnkiConnect",
    "Anki refused {action}: {error}": "Anki 拒绝了 {action}：{error}",
    "the note type '{name}' has other fields in Anki; import the package": (
        "Anki 里的笔记类型“{name}”字段不同；请改为导入卡包"
    ),
    # Why a card was chosen
    "Chosen": "选中",
    "Nearly chosen": "差一点选中",
    "Taken out while cleaning": "清理时去掉的",
    "Marks put back": "补回的标点",
    "{n} items": "{n} 项",
    "stage direction": "现场说明",
    "unseen characters": "看不见的字符",
    "spaces between all hanzi": "汉字之间的空格",
    "front matter": "文件头",
    "teaser and what stands before it": "导读和它前面的内容",
    "comment": "注释",
    "code": "代码",
    "table": "表格",
    "struck out": "删除线",
    "page number": "页码",
    "running head": "页眉",
    "byline": "署名",
    "links after the text": "文后链接",
    "closing advertisement": "文末广告",
    "footnote": "脚注",
    "footnote mark": "脚注号",
    "breadcrumb": "导航路径",
    "navigation": "导航",
    "editor's note": "编者按",
    "address": "网址",
    "script": "脚本",
    "link": "链接",
    "page furniture": "网页杂项",
    "site title and keywords": "站名和关键词",
    "advertisement": "广告",
    "date line": "日期行",
    "image": "图片",
    "caption": "图注",
    "line drawn across the page": "分隔线",
    "around the page's text": "正文之外",
    "bytes that are no character": "无法解码的字节",
    # Review
    "k keep   d drop   e edit   n next   b back   u undo   q quit": (
        "k 保留   d 删除   e 编辑   n 下一张   b 上一张   u 撤销   q 退出"
    ),
    "the file has changed, and was read again": "文件已被改动，重新读入",
    "mend the file first: e edit, u undo, q quit": "请先改好文件：e 编辑，u 撤销，q 退出",
    "kept {id}": "保留了 {id}",
    "dropped {id}; u brings it back": "删除了 {id}；按 u 可恢复",
    "nothing was changed": "没有改动",
    "there is nothing to undo": "没有可撤销的",
    "undone": "已撤销",
    "{at}/{count}, {left} left": "{at}/{count}，还剩 {left} 张",
    "Wrong in the file: {n}": "文件里有 {n} 处错误",
    "That was all.": "全部看完了。",
    "The end; {cards} still undecided.": "到头了；还有 {cards}没有决定。",
    "(kept)": "（已保留）",
    "the editor cannot be started: {reason}; set EDITOR": "编辑器启动不了：{reason}；请设置 EDITOR",
    "warning: ": "提醒：",
    "; ": "；",
    ", ": "，",
    # What a command is doing
    "reading": "读取",
    "cleaning": "清理",
    "extracting": "提取",
    "composing": "出题",
    "spelling pinyin": "注音",
    "building": "生成",
    "{n} of {count}, {title}": "第 {n}/{count} 章，{title}",
    # What a command has done
    "package  ": "卡包    ",
    "{out}  (open it with Anki)": "{out}  （用 Anki 打开）",
    "deck file": "卡组文件",
    "deck files": "卡组文件",
    "{path}  (edit it, then: flashgen build {quoted})": "{path}  （改好后运行：flashgen build {quoted}）",
    "{path}  (edit them, then: flashgen build {quoted})": "{path}  （改好后运行：flashgen build {quoted}）",
    "{cards} that flashgen {version} found in {file}.": "flashgen {version} 从 {file} 里选出的 {cards}。",
    "In {n} of them marks that the copy had lost are put back; `source` is as found.": (
        "其中 {n} 张补回了原文件丢失的标点；source 保持原样。"
    ),
    "Edit freely, but never an id; then: flashgen build {path}": (
        "除了 id 都可以改；改好后运行：flashgen build {path}"
    ),
    "deck     ": "卡组    ",
    "still {name}: an existing deck is renamed in its file": "仍叫 {name}：已有的卡组请在文件里改名",
    "{path}: nothing would change": "{path}：不会有改动",
    "merged   ": "合并    ",
    "{n} you dropped left out": "你删过的 {n} 张不再加入",
    "everything else as it was": "其余原样不动",
    "cleaned  ": "清理    ",
    "left out, as not the text's: {n} (--explain lists them)": (
        "去掉 {n} 处不属于正文的内容（--explain 可列出）"
    ),
    "marks    ": "标点    ",
    "pinyin   ": "拼音    ",
    "{readings} to look at (flashgen check gives their lines):": "{readings}请看一眼（flashgen check 给出行号）：",
    "  {card}: {word} {said}, perhaps {others}": "  {card}：{word} {said}，也可能读 {others}",
    "and {n} warnings more: flashgen check lists them all": "还有 {n} 条提醒：flashgen check 会全部列出",
    "  and {n} more": "  还有 {n} 处",
    "as it was": "没有变化",
    "left out": "跳过",
    "nothing that could be a card": "没有可做卡片的内容",
    "{points} left out that another chapter makes": "{points}别的章节已有，不再重复",
    "{readings} to look at": "{readings}请看一眼",
    "{n} point": "{n} 个要点",
    "{n} points": "{n} 个要点",
    "{n} reading": "{n} 处读音",
    "{n} readings": "{n} 处读音",
    "{n} that the copy had lost put back (--explain shows where); `source` is as found": (
        "补回 {n} 个原文件丢失的标点（--explain 列出位置）；source 保持原样"
    ),
    "{new} new, {changed} changed, {unchanged} unchanged": "新增 {new}，改动 {changed}，不变 {unchanged}",
    "retired": "已退出",
    "{ids}; find them in Anki with {search}": "{ids}；在 Anki 里用 {search} 可找到",
    "emptied": "已空  ",
    "{ids}; Tools > Empty Cards takes away what is left of them": "{ids}；用 Anki 的“工具 > 空卡片”可清掉剩下的",
    "renamed": "改名  ",
    "from {name}: cards already in Anki stay in the old deck; move them there": (
        "原名 {name}：Anki 里已有的卡片还在旧卡组，请在那里移动"
    ),
    "new": "新增",
    "changed": "改动",
    "updated": "更新",
    "left as it is in Anki: {fields}": "保留 Anki 里的内容：{fields}",
    "done": "完成",
    "nothing was changed; --do-it does it": "还没有改动任何东西；加上 --do-it 才执行",
    "{cards} respelt": "重新注音 {cards}",
    "{deck} at {url}  (Ctrl+C ends)": "{deck} 在 {url}  （按 Ctrl+C 结束）",
    "card": "张卡片",
    "cards": "张卡片",
    "{n} card": "{n} 张卡片",
    "{n} cards": "{n} 张卡片",
    "{n} new card": "{n} 张新卡片",
    "{n} new cards": "{n} 张新卡片",
    "{n} problem": "{n} 个问题",
    "{n} problems": "{n} 个问题",
    "{n} warning": "{n} 条提醒",
    "{n} warnings": "{n} 条提醒",
}
"""What else the commands say, with its Chinese."""
_USAGE = {
    "the following arguments are required: (.*)": r"还缺：\1",
    "argument (.*): invalid choice: (.*) \\(choose from (.*)\\)": r"\1 不能是 \2；可选：\3",
    "argument (.*): expected one argument": r"\1 后面要有一个值",
    "argument (.*): invalid int value: (.*)": r"\1 要是整数，而不是 \2",
    "argument (.*): not allowed with argument (.*)": r"\1 不能和 \2 同用",
    "argument (.*): '(.*)' is not a number from 1 on": r"\1：“\2”不是 1 以上的数字",
    "argument (.*): '(.*)' is not a number up to 65535": r"\1：“\2”不是 65535 以内的数字",
    "unrecognized arguments: (.*)": r"不认识的参数：\1",
    "argument (.*): ignored explicit argument (.*)": r"\1 不带值，却给了 \2",
    "argument (.*?): (.*)": r"\1：\2",
}
"""What argparse says of a command line, with its Chinese."""

_language: Language = "en"


def speak(language: Language) -> None:
    """Choose the language of all problems told from now on."""
    global _language
    _language = language


def language_of(environ: Mapping[str, str], command_line: Sequence[str] = ()) -> Language:
    """Return the language that --lang asks for, else the locale: LC_ALL, else LC_MESSAGES, else LANG, as in POSIX.

    The command line is only looked at, for the rest of it may be wrong.
    """
    locale = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    for option, after in pairwise([*command_line, ""]):
        name, _, value = option.partition("=")
        if name == "--":
            break
        if name == "--lang":
            locale = value or after
    return "zh" if locale.lower().startswith("zh") else "en"


def in_chinese() -> bool:
    """Tell whether Chinese is spoken."""
    return _language == "zh"


def words(english: str, **values: object) -> str:
    """Return a text of `WORDS` in the chosen language, its {names} filled in from `values`."""
    return (WORDS.get(english, english) if _language == "zh" else english).format(**values)


def usage(message: str) -> str:
    """Return argparse's message in the chosen language; in English where it is one that we do not know."""
    for pattern, chinese in _USAGE.items() if _language == "zh" else ():
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return found.expand(chinese)
    return message
