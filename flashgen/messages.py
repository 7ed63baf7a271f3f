"""What flashgen says about a slip in a deck file, in English and Chinese: one table, one code a slip.

A template is "what is wrong" and "what to do"; {names} are filled in by `problem`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Literal, NamedTuple

from flashgen.language import in_chinese
from flashgen.problems import Place, Problem


class Message(NamedTuple):
    """What is wrong and what to do, in both languages. A warning does not fail the command."""

    en: tuple[str, str]
    zh: tuple[str, str]
    warning: bool = False


_RESPELL = ("correct the line, or delete it for a fresh one", "请改正这一行；删掉它，程序会重新注音")

_MEND_LOCK = (
    "take the file back from version control or, if that fails, delete it: docs/anki.md says what that costs",
    "请从版本库取回；取不回就删掉它，代价见 docs/anki.md",
)

MESSAGES: Mapping[str, Message] = {
    # The file
    "no-file": Message(
        ("there is no such file", "check the name"),
        ("没有这个文件", "请检查文件名"),
    ),
    "folder": Message(
        ("this is a folder, not a deck file", "name the .yaml file in it"),
        ("这是文件夹，不是卡组文件", "请指定其中的 .yaml 文件"),
    ),
    "empty-folder": Message(
        ("this folder holds no deck file", "name another, or a .yaml file"),
        ("这个文件夹里没有卡组文件", "请指定别的文件夹，或一个 .yaml 文件"),
    ),
    "ending": Message(
        ("a deck file's name ends in .yaml or .yml", "rename it, and its .lock with it"),
        ("卡组文件的名字要以 .yaml 或 .yml 结尾", "请给它改名，.lock 也一起改"),
    ),
    "twin": Message(
        ("{twin} stands beside it, and both would have one lock file", "give one of the two another name"),
        ("旁边还有 {twin}，两个文件会共用一个 lock 文件", "请给其中一个改名"),
    ),
    "unreadable": Message(
        ("the file cannot be read: {reason}", "check its permissions"),
        ("无法读取文件：{reason}", "请检查文件权限"),
    ),
    "too-big": Message(
        ("the file is larger than {limit} MB", "split it into several deck files"),
        ("文件超过 {limit} MB", "请拆成几个卡组文件"),
    ),
    "empty-file": Message(
        ("the file is empty", "`flashgen new` writes a starter deck file"),
        ("文件是空的", "用 `flashgen new` 可以生成一个样例"),
    ),
    "utf-16": Message(
        ("the file is in UTF-16", "save it as UTF-8"),
        ("文件编码是 UTF-16", "请另存为 UTF-8"),
    ),
    "not-utf-8": Message(
        (
            "byte {byte} (0x{value:02X}) is not UTF-8{guess}",
            "save the file as UTF-8 ('Save with Encoding' in many editors)",
        ),
        (
            "第 {byte} 个字节（0x{value:02X}）不是 UTF-8{guess}",
            "请将文件另存为 UTF-8（编辑器里的“用编码保存”）",
        ),
    ),
    "control": Message(
        ("an invisible control character, {char}", "delete it"),
        ("有看不见的控制字符 {char}", "请删除"),
    ),
    "conflict": Message(
        (
            "a merge conflict is left in the file",
            "keep one side and delete the lines <<<<<<<, ======= and >>>>>>>",
        ),
        ("文件里留有未解决的合并冲突", "请保留一方，并删除 <<<<<<<、=======、>>>>>>> 这几行"),
    ),
    # The YAML
    "yaml": Message(
        (
            "the YAML cannot be read here ({reason})",
            "look at this line and the one above it: indentation, quotes, a ':' or '#' within a text",
        ),
        ("这里的 YAML 无法读懂（{reason}）", "请看这一行和上一行：缩进、引号、文字里的“:”或“#”"),
    ),
    "tab": Message(
        ("the line is indented with a tab", "use spaces"),
        ("这一行用制表符（Tab）缩进", "请改用空格"),
    ),
    "wide-space": Message(
        ("the line is indented with {char}", "use ordinary spaces"),
        ("这一行的缩进里有{char}", "请改用普通的半角空格"),
    ),
    "wide-colon": Message(
        ("a full-width colon after '{key}'", "write '{key}: ' with a half-width colon and a space"),
        ("“{key}”后面是全角冒号", "请写成半角冒号加空格：'{key}: '"),
    ),
    "colon-gap": Message(
        ("no space after '{key}:'", "write '{key}: '"),
        ("“{key}:”后面缺一个空格", "请写成 '{key}: '"),
    ),
    "dash-gap": Message(
        ("no space after '-'", "write '- ' before each entry of a list"),
        ("“-”后面缺一个空格", "列表的每一项前面写 '- '"),
    ),
    "wide-dash": Message(
        ("'{char}' does not start an entry of a list", "write '- ', with a half-width hyphen and a space"),
        ("“{char}”不能作列表项的开头", "请写半角的 '- '（减号加空格）"),
    ),
    "wide-mark": Message(
        ("the full-width '{char}' is a text to YAML", "write the half-width '{meant}'"),
        ("全角的“{char}”在 YAML 里只是文字", "请改成半角的 '{meant}'"),
    ),
    "open-braces": Message(
        (
            "a text that begins with '{{{{' must stand in quotes",
            "put the whole text in single quotes: '{{{{…}}}}…'",
        ),
        ("以“{{{{”开头的文字要加引号", "请给整段文字加单引号：'{{{{…}}}}…'"),
    ),
    "reserved": Message(
        ("a text cannot begin with {char} unless it stands in quotes", "put the whole text in '…'"),
        ("文字以{char}开头时要加引号", "请给整段文字加单引号 '…'"),
    ),
    "colon-space": Message(
        ("a colon and a space within a text", "put the whole text in '…', or write a full-width ："),
        ("文字里有半角冒号加空格", "请给整段文字加单引号 '…'，或改用全角“：”"),
    ),
    "open-quote": Message(
        ("the quote {char} that opens here is not closed", "end the text with {char}"),
        ("这里的引号 {char} 没有配对", "请在文字末尾补上 {char}"),
    ),
    "open-bracket": Message(
        ("the '{char}' that opens here is not closed", "end the list with '{closing}'"),
        ("这里的“{char}”没有配对", "请在末尾补上“{closing}”"),
    ),
    "after-quote": Message(
        (
            "there is text after the closing quote {char}",
            "put the whole text in quotes; within '…' a quote is written twice: ''",
        ),
        ("右引号 {char} 之后还有文字", "请把整段文字放进引号；单引号里的单引号要写两次：''"),
    ),
    "indent": Message(
        ("'{key}' begins in column {column}, its neighbours in column {wanted}", "line it up with them"),
        ("“{key}”从第 {column} 列开始，同一张卡片的其他行从第 {wanted} 列开始", "请对齐"),
    ),
    "no-dash": Message(
        ("a card begins with '- '", "write '- id: …'"),
        ("卡片以 '- ' 开头", "请写成 '- id: …'"),
    ),
    "no-key": Message(
        ("this line has no 'key:'", "write one of {known} before it, or join it to the line above"),
        ("这一行没有“键:”", "请在前面写上 {known} 之一，或并入上一行"),
    ),
    "documents": Message(
        ("a second document begins here ('---')", "delete the line: a deck file holds one deck"),
        ("这里开始了第二个文档（“---”）", "请删除这一行：一个文件只放一个卡组"),
    ),
    "alias": Message(
        ("'*{name}' is a YAML alias", "write the text out; to begin a text with *, put it in '…'"),
        ("“*{name}”是 YAML 的引用", "请写出全文；若文字以 * 开头，请加单引号 '…'"),
    ),
    "anchor": Message(
        ("'&{name}' is a YAML anchor, not text", "put a text that begins with & in '…'"),
        ("“&{name}”是 YAML 的锚点，不算文字", "以 & 开头的文字请加单引号 '…'"),
    ),
    "yaml-tag": Message(
        ("'{tag}' is a YAML tag, not text", "put a text that begins with ! in '…'"),
        ("“{tag}”是 YAML 的类型标记，不算文字", "以 ! 开头的文字请加单引号 '…'"),
    ),
    "deep": Message(
        ("lists within lists, too deep for a deck file", "see `flashgen new` for the shape of a deck file"),
        ("层次太深，不像卡组文件", "卡组文件的样子见 `flashgen new`"),
    ),
    "hash": Message(
        (
            "' #' begins a comment: '{lost}' is not part of the text",
            "put the text in '…', or leave two spaces before a comment",
        ),
        ("“ #”之后算注释：“{lost}”不在文字里", "若是文字，请给整段加单引号 '…'；若是注释，# 前请空两格"),
        warning=True,
    ),
    "hash-all": Message(
        ("'#' begins a comment, so '{key}' is empty", "put the text in '…'"),
        ("“#”之后算注释，所以“{key}”是空的", "请给文字加单引号 '…'"),
    ),
    # The shape
    "not-a-deck": Message(
        ("this is not a deck file", "it begins with 'deck: NAME', and then 'cards:'"),
        ("这不是卡组文件", "卡组文件以 'deck: 名称' 开头，然后是 'cards:'"),
    ),
    "unknown-key": Message(
        ("unknown key '{key}'", "known here: {known}"),
        ("不认识的键“{key}”", "这里可用：{known}"),
    ),
    "near-key": Message(
        ("unknown key '{key}'", "did you mean '{near}'?"),
        ("不认识的键“{key}”", "是不是“{near}”？"),
    ),
    "key-twice": Message(
        ("'{key}' stands here a second time", "the first is in line {line}; keep one"),
        ("“{key}”在这里又出现一次", "第一次在第 {line} 行；请只留一个"),
    ),
    "key-shape": Message(
        ("a key must be a plain word", "known here: {known}"),
        ("键必须是一个词", "这里可用：{known}"),
    ),
    "want-text": Message(
        ("'{key}' must be a text, not a {found}", "write it on one line, in '…' if need be"),
        ("“{key}”应是一段文字，而不是{found}", "请写在一行里，必要时加单引号 '…'"),
    ),
    "want-list": Message(
        ("'{key}' must be a list", "write {example}"),
        ("“{key}”应是列表", "请写成 {example}"),
    ),
    "want-mapping": Message(
        ("'{key}' must be a group of keys and values", "write {example}"),
        ("“{key}”应是一组“键: 值”", "请写成 {example}"),
    ),
    "want-flag": Message(
        ("'{key}' must be true or false, not '{value}'", "write '{key}: true', or delete the line"),
        ("“{key}”只能是 true 或 false，而不是“{value}”", "请写 '{key}: true'，或删除这一行"),
    ),
    "no-deck": Message(
        ("the deck has no name", "begin the file with 'deck: NAME'"),
        ("卡组没有名称", "请在文件开头写 'deck: 名称'"),
    ),
    "deck-level": Message(
        ("the deck name '{name}' has an empty level", "write it as 'A::B'"),
        ("卡组名“{name}”有空的层级", "请写成“甲::乙”"),
    ),
    "deck-name": Message(
        ("Anki takes no {char} in a deck's name", "leave it out"),
        ("Anki 的卡组名里不能有{char}", "请去掉"),
    ),
    "no-cards": Message(
        ("there is no 'cards:'", "add 'cards:' and below it a '- ' for each card"),
        ("缺少 'cards:'", "请加上 'cards:'，每张卡片在下面以 '- ' 开头"),
    ),
    "none-yet": Message(
        ("the deck has no cards yet", "add one below 'cards:', beginning with '- id: '"),
        ("卡组里还没有卡片", "请在 'cards:' 下面以 '- id: ' 开头添加"),
        warning=True,
    ),
    "not-a-card": Message(
        (
            "this is not a card",
            "a card has keys: '- id: …', and below it 'front: …' and 'back: …'; an item of a card stands further right",
        ),
        ("这不是卡片", "卡片由键组成：'- id: …'，下面是 'front: …' 和 'back: …'；列表的条目要再往右缩进"),
    ),
    "reading-empty": Message(
        ("'{key}' has no reading", "write its pinyin, as in '{key}: pīnyīn', or delete the line"),
        ("“{key}”没有注音", "请写上拼音，如 '{key}: pīnyīn'，或删除这一行"),
    ),
    "reading-misfit": Message(
        (
            "the reading of '{word}' does not fit: {reason}",
            "write a syllable for each hanzi, as in 'Kāishìkè'",
        ),
        ("“{word}”的注音对不上：{reason}", "请给每个汉字写一个音节，如 'Kāishìkè'"),
    ),
    # The cards
    "no-id": Message(
        ("the card has no id", "add 'id: {free}'; Anki knows the card by it, so it never changes afterwards"),
        ("卡片没有 id", "请加上 'id: {free}'；Anki 靠它认卡片，之后不要再改"),
    ),
    "id-shape": Message(
        ("the id '{id}' has {char} in it", "use letters, digits, '-', '_' and '.', for example '{free}'"),
        ("id“{id}”里有{char}", "只用字母、汉字、数字、“-”“_”“.”，例如“{free}”"),
    ),
    "id-long": Message(
        ("the id has {length} characters", "use {limit} at most"),
        ("id 有 {length} 个字符", "最多 {limit} 个"),
    ),
    "id-twice": Message(
        (
            "the id '{id}' is taken by the card in line {line}",
            "give one of the two another id, for example '{free}'",
        ),
        ("id“{id}”已被第 {line} 行的卡片占用", "请给其中一张换个 id，例如“{free}”"),
    ),
    "kind": Message(
        ("unknown kind '{kind}'", "one of {known}"),
        ("不认识的 kind“{kind}”", "可用：{known}"),
    ),
    "near-kind": Message(
        ("unknown kind '{kind}'", "did you mean '{near}'?"),
        ("不认识的 kind“{kind}”", "是不是“{near}”？"),
    ),
    "nothing-asked": Message(
        ("the card asks nothing", "give it 'front' and 'back', or 'cloze', or 'front' and 'items'"),
        ("卡片没有问题", "请写 'front' 和 'back'，或 'cloze'，或 'front' 和 'items'"),
    ),
    "no-front": Message(
        ("the card has '{key}' but no 'front'", "add the question: 'front: …'"),
        ("卡片有“{key}”而没有 'front'", "请加上问题：'front: …'"),
    ),
    "no-back": Message(
        ("the card has 'front' but no answer", "add 'back: …', or 'items:' with a list"),
        ("卡片有 'front' 而没有答案", "请加上 'back: …'，或 'items:' 列表"),
    ),
    "two-ways": Message(
        (
            "'{key}' does not go with '{other}'",
            "a card has 'front' and 'back', or 'cloze', or 'front' and 'items'",
        ),
        (
            "“{key}”不能和“{other}”同用",
            "一张卡片要么 'front' 加 'back'，要么 'cloze'，要么 'front' 加 'items'",
        ),
    ),
    "empty": Message(
        ("'{key}' is empty", "write its text, or delete the line"),
        ("“{key}”是空的", "请写上文字，或删除这一行"),
    ),
    "empty-entry": Message(
        ("an empty entry in '{key}'", "write its text, or delete the entry"),
        ("“{key}”里有空的一项", "请写上文字，或删除这一项"),
    ),
    "no-hole": Message(
        ("the cloze has no hole", "put what is asked for in double braces: {{{{…}}}}"),
        ("填空里没有空", "请用两层半角花括号括住要考的词：{{{{…}}}}"),
    ),
    "hole-wide": Message(
        ("full-width braces make no hole", "write {{{{…}}}} with half-width braces"),
        ("全角花括号不能挖空", "请改用半角：{{{{…}}}}"),
    ),
    "hole-open": Message(
        ("a '{{{{' is not closed", "write {{{{…}}}}, two braces on either side"),
        ("有“{{{{”没有配对", "请写成 {{{{…}}}}，两边各两个花括号"),
    ),
    "hole-close": Message(
        ("a '}}}}' has no '{{{{' before it", "write {{{{…}}}}, two braces on either side"),
        ("“}}}}”前面没有“{{{{”", "请写成 {{{{…}}}}，两边各两个花括号"),
    ),
    "hole-in-hole": Message(
        ("a hole within a hole", "close the first with '}}}}' before the next '{{{{'"),
        ("空里又有空", "请先用“}}}}”结束前一个，再开始下一个“{{{{”"),
    ),
    "hole-empty": Message(
        ("an empty hole", "write what is asked for between {{{{ and }}}}"),
        ("空是空白的", "请在 {{{{ 和 }}}} 之间写上要考的词"),
    ),
    "hole-anki": Message(
        ("'{found}' is Anki's notation", "write the text alone: {{{{{text}}}}}"),
        ("“{found}”是 Anki 的写法", "这里只写文字：{{{{{text}}}}}"),
    ),
    "hole-elsewhere": Message(
        ("{{{{…}}}} makes a hole only under 'cloze'", "rename '{key}' to 'cloze', or delete the braces"),
        ("只有 'cloze' 里的 {{{{…}}}} 才是空", "请把“{key}”改成 'cloze'，或删除花括号"),
        warning=True,
    ),
    "tag-space": Message(
        ("the tag '{tag}' has {char} in it", "Anki separates tags by spaces: write '{better}'"),
        ("标签“{tag}”里有{char}", "Anki 用空格分隔标签：请写“{better}”"),
    ),
    "tag-comma": Message(
        (
            "'{tag}' is one tag, because of the full-width '{char}' in it",
            "separate tags by half-width commas: [{better}]",
        ),
        ("“{tag}”里是全角“{char}”，会当成一个标签", "请用半角逗号分隔：[{better}]"),
    ),
    "item-twice": Message(
        (
            "the item '{item}' stands in this list twice, and both are read by one line of pinyin",
            "word one of them differently, or delete it",
        ),
        ("这个列表里有两项都是“{item}”，只能共用一行拼音", "请改写其中一项，或者删掉它"),
        warning=True,
    ),
    "tag-twice": Message(
        ("the tag '{tag}' stands here twice", "keep one"),
        ("标签“{tag}”重复", "请只留一个"),
        warning=True,
    ),
    "tag-anki": Message(
        ("Anki keeps the tag '{tag}' for itself", "choose another word"),
        ("标签“{tag}”由 Anki 自己使用", "请换一个词"),
    ),
    "image-outside": Message(
        ("'{image}' is outside the deck's folder", "copy it beside the deck file"),
        ("“{image}”不在卡组所在的文件夹里", "请复制到卡组文件旁边"),
    ),
    "image-kind": Message(
        ("'{image}' is no image that Anki shows", "use one of {known}"),
        ("“{image}”不是 Anki 能显示的图片", "可用：{known}"),
    ),
    "image-missing": Message(
        ("there is no file '{image}' beside the deck file", "check its name, or delete the line"),
        ("卡组文件旁边没有“{image}”", "请检查文件名，或删除这一行"),
    ),
    "long": Message(
        ("'{key}' asks for {count} hanzi at once, more than {limit}", "split the card, or shorten it"),
        ("“{key}”一次要记 {count} 个汉字，超过 {limit} 个", "请拆成几张，或缩短"),
        warning=True,
    ),
    "same-card": Message(
        (
            "the card asks the same as '{other}' in line {line}",
            "delete one, or make the question tell them apart",
        ),
        ("这张卡片和第 {line} 行的“{other}”问的一样", "请删掉一张，或改写问题以示区别"),
        warning=True,
    ),
    "at": Message(
        ("'at' must be line:column in the source, not '{value}'", "delete the line if you don't know it"),
        ("'at' 应是原文中的“行:列”，而不是“{value}”", "不知道就删除这一行"),
    ),
    "pinyin-count": Message(
        (
            "lines of 'pinyin': {found}, texts to spell: {wanted}",
            "one for each item, in the same order, '' where there is none",
        ),
        ("拼音应有 {wanted} 行，这里有 {found} 行", "每项一行，顺序相同，没有的写 ''"),
        warning=True,
    ),
    "misfit-word": Message(
        ("the text has '{word}' where the pinyin has '{rest}'", _RESPELL[0]),
        ("文字是“{word}”的地方，拼音是“{rest}”", _RESPELL[1]),
        warning=True,
    ),
    "misfit-end": Message(
        ("the pinyin ends before '{word}'", _RESPELL[0]),
        ("拼音到“{word}”之前就没有了", _RESPELL[1]),
        warning=True,
    ),
    "misfit-rest": Message(
        ("the pinyin has '{rest}' where the text has ended", _RESPELL[0]),
        ("文字已经结束，拼音还有“{rest}”", _RESPELL[1]),
        warning=True,
    ),
    "misfit-more": Message(
        ("the pinyin has '{rest}' too much after '{word}'", _RESPELL[0]),
        ("“{word}”之后的拼音多了“{rest}”", _RESPELL[1]),
        warning=True,
    ),
    "misfit-syllable": Message(
        ("'{rest}' is no pinyin syllable", _RESPELL[0]),
        ("“{rest}”不是拼音音节", _RESPELL[1]),
        warning=True,
    ),
    "unheeded": Message(
        (
            "the line has {said} for '{word}', readings: has {wanted}",
            "`flashgen pinyin --write` brings it into line; a line corrected by hand stays",
        ),
        (
            "“{word}”这一行读 {said}，readings: 里是 {wanted}",
            "用 `flashgen pinyin --write` 可以改过来；手工改过的行不会动",
        ),
        warning=True,
    ),
    "toneless": Message(
        ("the pinyin has no tones", "mark them (hǎo or hao3), or delete the line for a fresh one"),
        ("拼音没有声调", "请标上声调（hǎo 或 hao3）；删掉这一行，程序会重新注音"),
        warning=True,
    ),
    "odd-reading": Message(
        (
            "'{word}' is not read {said} in any dictionary{more}",
            "it is {others}: correct the line; if it is right, put it under readings:, best with the words around it",
        ),
        (
            "“{word}”没有 {said} 这个读音{more}",
            "字典读 {others}：请改正这一行；若没有错，请连同前后的词写进 readings:",
        ),
        warning=True,
    ),
    "unsure": Message(
        (
            "'{word}' is read {said} here{more}, perhaps {others}",
            "correct the line if it is wrong; if it is right, put it under readings:, best with the words around it",
        ),
        (
            "“{word}”这里读 {said}{more}，也可能读 {others}",
            "读错了请改这一行；没读错请连同前后的词写进 readings:",
        ),
        warning=True,
    ),
    # Writing into it
    "flow-cards": Message(
        (
            "the cards stand within [ ]",
            "write them as a list, each beginning with '- ', to have new ones put in",
        ),
        ("卡片写在 [ ] 里", "请改成列表，每张以 '- ' 开头，才能加入新卡片"),
    ),
    "no-place": Message(
        (
            "the new text cannot be put in safely, so nothing was changed",
            "write the file in the usual layout",
        ),
        ("无法安全地写入，文件没有改动", "请按通常的排版书写文件"),
    ),
    "comment-lost": Message(
        ("this comment would be lost, so nothing was changed", "put it on a line above the card"),
        ("这条注释会丢失，文件没有改动", "请把它移到卡片上方"),
    ),
    # Against its source (check --source)
    "no-chapter": Message(
        ("no card says in its 'at' which chapter of {name} this is", "say it with --chapter N"),
        ("没有一张卡的 at 说明这是 {name} 的哪一章", "请用 --chapter N 指明"),
    ),
    "no-source": Message(
        ("card '{id}' has no source", "give its sentence"),
        ("卡片“{id}”没有 source", "请写上它出自哪一句"),
        warning=True,
    ),
    "not-in-source": Message(
        ("'{piece}' does not stand in {name}", "quote it word for word"),
        ("“{piece}”在 {name} 里找不到", "请逐字引用原文"),
    ),
    "not-of-source": Message(
        ("hardly any of its cards quotes {name}", "check it against the text it was made from"),
        ("卡片几乎都不是 {name} 里的话", "请用它自己的原文核对"),
    ),
    # A source, a lock, templates, decks built together
    "nothing": Message(
        (
            "holds nothing that could be a card",
            "write cards by hand: flashgen new DECK.yaml; --cards 9 takes the best, however little they say",
        ),
        ("没有可做卡片的内容", "可以手写卡片：flashgen new DECK.yaml；加上 --cards 9 则取相对最好的几条"),
    ),
    "other-text": Message(
        (
            "this deck was made from another text than {name}",
            "name another deck file with -o; one package may be built of several",
        ),
        ("这个卡组不是从 {name} 做出来的", "请用 -o 另起一个卡组文件；几个卡组可以合成一个卡包"),
    ),
    "id-elsewhere": Message(
        ("card '{id}' is in {other} too, in a deck of the same name", "give one of them another id"),
        ("卡片“{id}”在 {other} 也有，而且卡组同名", "请给其中一张换个 id"),
    ),
    "lock-unreadable": Message(
        ("the lock file cannot be read: {reason}", _MEND_LOCK[0]),
        ("无法读取 lock 文件：{reason}", _MEND_LOCK[1]),
    ),
    "lock-later": Message(
        (
            "a later flashgen wrote this lock file (format {version}; this one knows {known})",
            "upgrade flashgen",
        ),
        ("这个 lock 文件是更新版本的 flashgen 写的（格式 {version}，本版只认 {known}）", "请升级 flashgen"),
    ),
    "lock-line": Message(
        ("this line is no part of a lock file", _MEND_LOCK[0]),
        ("这一行不是 lock 文件的内容", _MEND_LOCK[1]),
    ),
    "unwritable": Message(
        ("cannot be written: {reason}", "check the folder, its permissions and the free space"),
        ("无法写入：{reason}", "请检查文件夹、权限和剩余空间"),
    ),
    "no-templates": Message(
        ("there is no such folder of templates", "check --templates"),
        ("没有这个模板文件夹", "请检查 --templates"),
    ),
    "template-missing": Message(
        ("template '{name}' is not there", "copy the shipped one from templates/"),
        ("缺少模板“{name}”", "请从 templates/ 复制原来的"),
    ),
    "template-loop": Message(
        ("template '{name}' takes itself in", "copy the shipped one from templates/"),
        ("模板“{name}”引用了它自己", "请从 templates/ 复制原来的"),
    ),
    "template-unreadable": Message(
        ("this template cannot be read as UTF-8 text", "save it as UTF-8"),
        ("无法按 UTF-8 读取这个模板", "请另存为 UTF-8"),
    ),
    "near-field": Message(
        ("this template names a field that a {kind} does not have: '{name}'", "did you mean '{near}'?"),
        ("模板里有 {kind} 没有的字段“{name}”", "是不是“{near}”？"),
    ),
    "unknown-field": Message(
        ("this template names a field that a {kind} does not have: '{name}'", "docs/anki.md lists them"),
        ("模板里有 {kind} 没有的字段“{name}”", "字段见 docs/anki.md"),
    ),
    "not-previewed": Message(
        ("the preview leaves out '{name}:'", "Anki does not"),
        ("预览不处理“{name}:”", "Anki 会处理"),
        warning=True,
    ),
    "not-quoted": Message(
        (
            "the answer of '{id}' is not in its source's words",
            "quote the source, or give the sentence it comes from",
        ),
        ("“{id}”的答案不是 source 里的原话", "请引用原话，或把 source 改成它出自的句子"),
    ),
}


def problem(code: str, place: Place, **values: object) -> Problem:
    """Return the problem `code` of the table, in the chosen language, its {names} filled in from `values`."""
    message = MESSAGES[code]
    said, hint = message.zh if in_chinese() else message.en
    return Problem(place, said.format(**values), hint.format(**values), message.warning, code)


def name(char: str) -> str:
    """Return how a message names a character: itself in quotes, or its code point where it cannot be seen."""
    names = {
        " ": ("a space", "空格"),
        "\t": ("a tab", "制表符（Tab）"),
        "\u3000": ("a full-width space (U+3000)", "全角空格（U+3000）"),
        "\xa0": ("a no-break space (U+00A0)", "不间断空格（U+00A0）"),
    }
    if char in names:
        return names[char][in_chinese()]
    if unicodedata.category(char)[0] in "CZ":
        return f"U+{ord(char):04X}"
    return f"'{char}'" if not in_chinese() else f"“{char}”"


def thing(what: Literal["table", "list", "gb18030"]) -> str:
    """Return the words for a thing that a message speaks of."""
    words = {
        "table": ("group of keys and values", "一组“键: 值”"),
        "list": ("list", "列表"),
        "gb18030": ("; it looks like GB18030 (GBK)", "，看起来是 GB18030（GBK）"),
    }
    return words[what][in_chinese()]


def more(places: int) -> str:
    """Return the words for as many more places of the same slip; "" for none."""
    if not places:
        return ""
    if in_chinese():
        return f"（另有 {places} 处）"
    return f" (and {places} more)"


def example(key: str) -> str:
    """Return how to write a key that holds more than a text."""
    words = {
        "tags": ("tags: [定价, 管理]", "tags: [定价, 管理]"),
        "items": ("'items:', and below it '- ' and a text for each", "'items:'，下面每项以 '- ' 开头"),
        "cards": ("'cards:', and below it '- id: ' for each card", "'cards:'，下面每张卡片以 '- id: ' 开头"),
        "source": ("source: {title: …, author: …}", "source: {title: …, author: …}"),
        "readings": (
            "'readings:', and below it '  开市客: Kāishìkè'",
            "'readings:'，下面写 '  开市客: Kāishìkè'",
        ),
    }
    return words[key][in_chinese()]
