"""The deck file: YAML text to a Deck and back, with the place of every value and every slip told at once.

The file is read as a stream of YAML events, not by a YAML loader: events carry line and column, scalars stay the
text they were written as (`no`, `1.10`, `12:30`, `007`), nothing is ever built from an alias or a tag, and the depth
is bounded by us.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from flashgen import messages
from flashgen.problems import Place, Problem
from flashgen.records import KINDS, Card, Deck, Source

SCHEMA = "flashgen.schema.json"
"""The schema's file name. It lies beside the deck files, so that editors find it without a network."""

TOP = ("deck", "source", "readings", "reverse", "typed", "cards")
SOURCE = ("title", "author", "file")
FIELDS = (
    "id", "kind", "front", "back", "cloze", "items", "pinyin", "source", "section", "at", "tags", "image",
    "reverse", "typed",
)  # fmt: skip
"""The keys of a deck file, of its `source` and of a card, in the order in which they are written."""

FLAGS = {
    "true": True,
    "yes": True,
    "on": True,
    "是": True,
    "false": False,
    "no": False,
    "off": False,
    "否": False,
}

MAX_BYTES = 16_000_000  # a deck of 5,000 cards has 3
MAX_HANZI = 120  # what a strict editor still lets a card ask for at once
MAX_ID = 80
MAX_DEPTH = 6  # cards > card > items > item is 4
MAX_BROKEN = 20  # broken cards told in one go; each costs another reading of the file

# Words that people write for a key, where the spelling is no help.
SYNONYMS = {
    "question": "front", "q": "front", "问题": "front", "正面": "front", "问": "front",
    "answer": "back", "a": "back", "答案": "back", "背面": "back", "答": "back",
    "text": "cloze", "填空": "cloze", "list": "items", "rules": "items", "列表": "items", "要点": "items",
    "拼音": "pinyin", "标签": "tags", "tag": "tags", "类型": "kind", "type": "kind", "名称": "deck", "name": "deck",
    "卡组": "deck", "卡片": "cards", "来源": "source", "出处": "source", "章节": "section", "图片": "image",
    "标题": "title", "作者": "author", "文件": "file", "读音": "readings", "guid": "id", "heading": "section",
}  # fmt: skip

HANZI = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
HOLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)

# What YAML does not allow in a file, the line breaks that editors do not count as such, and a stray byte order mark.
_UNSEEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


# --- YAML events to a tree --------------------------------------------------------------------------------------------

Mark: TypeAlias = Any  # yaml's: line and column, both from 0
Scalar: TypeAlias = yaml.ScalarEvent


@dataclass(slots=True)
class _Sequence:
    start_mark: Mark
    nodes: list[_Node] = field(default_factory=list)


@dataclass(slots=True)
class _Mapping:
    start_mark: Mark
    pairs: list[tuple[_Node, _Node]] = field(default_factory=list)


_Node: TypeAlias = "Scalar | _Sequence | _Mapping"
Say: TypeAlias = "Callable[..., None]"  # say(code, mark, **values)


def _tree(text: str, say: Say) -> _Node | None:
    """Return the first document in `text`, or None if there is none; raises yaml.YAMLError.

    An alias stands in the tree as the empty text, told as a problem.
    """
    loader = _Loader(text)
    root: _Node | None = None
    stack: list[_Sequence | _Mapping] = []
    keys: list[_Node | None] = []  # for each collection on the stack, the key that waits for its value
    try:
        while (event := loader.get_event()) is not None:
            node: _Node
            if isinstance(event, yaml.ScalarEvent):
                node = event
                if event.tag is not None and event.tag != "!":
                    say("yaml-tag", event.start_mark, tag=event.tag)
            elif isinstance(event, yaml.CollectionEndEvent):
                stack.pop()
                keys.pop()
                continue
            elif isinstance(event, yaml.SequenceStartEvent):
                node = _Sequence(event.start_mark)
            elif isinstance(event, yaml.MappingStartEvent):
                node = _Mapping(event.start_mark)
            elif isinstance(event, yaml.AliasEvent):
                say("alias", event.start_mark, name=event.anchor)
                node = yaml.ScalarEvent(None, None, (True, False), "", event.start_mark, event.end_mark)  # type: ignore[no-untyped-call]
            elif isinstance(event, yaml.DocumentStartEvent) and root is not None:
                say("documents", event.start_mark)
                return root
            else:
                continue
            if not isinstance(event, yaml.AliasEvent) and event.anchor is not None:
                say("anchor", event.start_mark, name=event.anchor)
            if not stack:
                root = node
            elif isinstance(top := stack[-1], _Sequence):
                top.nodes.append(node)
            elif (key := keys[-1]) is None:
                keys[-1] = node
            else:
                top.pairs.append((key, node))
                keys[-1] = None
            if not isinstance(node, yaml.ScalarEvent):
                if len(stack) == MAX_DEPTH:
                    say("deep", node.start_mark)
                    return None
                stack.append(node)
                keys.append(None)
    finally:
        loader.dispose()
    return root


# --- Broken YAML ------------------------------------------------------------------------------------------------------

_KEYS = frozenset((*TOP, *SOURCE, *FIELDS))
_LINE = re.compile(
    r"(?P<dashes>(?:- +)*)(?:(?P<key>[^\W\d]\w*) *(?P<colon>[:：]))?(?P<gap>[ \t]*)(?P<value>.*)"
)
_CARD_LINE = re.compile(r"( *)-(?=[ \t]|$)")


def _cards_at(lines: Sequence[str]) -> tuple[int, int]:
    """Return the index of the first line of the first card, and the column of its dash; or the end of the file."""
    below = False
    for n, line in enumerate(lines):
        if below and (dash := _CARD_LINE.match(line)):
            return n, dash.end(1)
        below = below or line.startswith("cards:")
    return len(lines), 0


def _chunk(lines: Sequence[str], line: int) -> tuple[int, int]:
    """Return the lines (start, end) of the card that `line` is in, or of the part before the first card."""
    first, column = _cards_at(lines)
    if line < first:
        return 0, first
    dash = " " * column + "-"
    start = end = min(line, len(lines) - 1)
    while start > first and not lines[start].startswith(dash):
        start -= 1
    end = start + 1
    while end < len(lines) and not lines[end].startswith(dash):
        end += 1
    return start, end


def _suspects(
    lines: Sequence[str], start: int, end: int
) -> Iterator[tuple[str, int, int, dict[str, object]]]:
    """Yield (code, line, column, values) for each line that YAML is sure to refuse or to misread. From 0."""
    block: int | None = None  # the column of the key whose `|` text we are in
    card_keys: int | None = None  # the column of the card's keys
    in_card = bool(_CARD_LINE.match(lines[start])) if start < end else False
    for n in range(start, end):
        line = lines[n].rstrip("\r")
        bare = line.lstrip(" ")
        indent = len(line) - len(bare)
        if not bare or bare[0] == "#" or (block is not None and indent > block):
            continue
        block = None
        if wide := re.match(r"[ \t\u3000\xa0]*", line):
            blank = wide.group()
            if "\t" in blank:
                yield "tab", n, blank.index("\t"), {}
                continue
            if odd := re.search(r"[\u3000\xa0]", blank):
                yield "wide-space", n, odd.start(), {"char": messages.name(odd.group())}
                continue
        if glued := re.match(r"-(\w+) *[:：]", bare):
            if glued.group(1) in _KEYS:
                yield "dash-gap", n, indent, {}
                continue
        if dash := re.match(r"([－–—−•·●]) *(\w+) *[:：]", bare):
            if dash.group(2) in _KEYS:
                yield "wide-dash", n, indent, {"char": dash.group(1)}
                continue
        part = _LINE.match(bare)
        assert part is not None  # noqa: S101  (every line matches: all of it is optional)
        key, colon, gap, value = part["key"], part["colon"], part["gap"], part["value"].rstrip()
        if key is not None and key not in _KEYS and (colon == "：" or (value and not gap)):
            key, value, part_value = None, bare[len(part["dashes"]) :].rstrip(), len(part["dashes"])
        else:
            part_value = part.start("value")
        if key is not None and colon == "：":
            yield "wide-colon", n, indent + part.start("colon"), {"key": key}
            continue
        if key is not None and value and not gap:
            yield "colon-gap", n, indent + part.start("colon") + 1, {"key": key}
            continue
        column = indent + part_value
        if key is not None:
            at = indent + len(part["dashes"])
            if in_card and card_keys is None:
                card_keys = at
            elif in_card and key in FIELDS and at != card_keys:
                yield "indent", n, at, {"key": key, "column": at + 1, "wanted": (card_keys or 0) + 1}
                continue
            if re.fullmatch(r"[|>][-+0-9]*( +#.*)?", value):
                block = at
                continue
        elif not part["dashes"]:
            continue  # the rest of a text that goes over several lines
        if slip := _suspect_value(lines, n, end, column, value, key or ""):
            yield slip


def _suspect_value(
    lines: Sequence[str], n: int, end: int, column: int, value: str, key: str
) -> tuple[str, int, int, dict[str, object]] | None:
    """Return what is wrong with a value that stands in line `n` from `column` on, as `_suspects` does."""
    first = value[:1]
    if not first or first == "#":
        return None
    if first == "{" and key != "source":
        return (
            ("open-braces" if value.startswith("{{") else "reserved"),
            n,
            column,
            {"key": key, "char": "'{'"},
        )
    if first in "{[":
        closing = "}]"["{[".index(first)]
        if re.search(rf"{re.escape(closing)}\s*(#.*)?$", value) or key in (
            "tags",
            "items",
            "pinyin",
            "source",
        ):
            return None
        return "reserved", n, column, {"char": f"'{first}'"}
    if first in "@`%*&!|>,]}" or (first in "-?" and value[1:2] in ("", " ")):
        return "reserved", n, column, {"char": f"'{first}'"}
    if first in "\"'":
        body = r"(?:[^\"\\]|\\.)*\"" if first == '"' else r"(?:[^']|'')*'"
        if not (closed := re.compile(body).match(value, 1)):
            if any(re.search(rf"{first}\s*$", other) for other in lines[n + 1 : end]):
                return None  # a quoted text over several lines
            return "open-quote", n, column, {"char": first}
        rest = value[closed.end() :]
        if rest.strip() and not re.match(r"\s+#", rest):
            return "after-quote", n, column + closed.end(), {"char": first}
        return None
    if colon := re.search(r":(?= |\t|$)", re.split(r"\s#", value, maxsplit=1)[0]):
        return "colon-space", n, column + colon.start(), {}
    return None


# --- The tree to a Deck -----------------------------------------------------------------------------------------------


class _Reading:
    """One reading of one file: its text, and what was found wrong in it so far."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.text = text
        self.problems: list[Problem] = []
        self.lines = re.split(r"\r\n|\r|\n", text)
        # Lines where ' #' may cut a text short. Two spaces mark a comment that is meant.
        self.hashes = {n for n, line in enumerate(self.lines) if " #" in line}
        self.broken = False

    def say(self, code: str, mark: Mark, **values: object) -> None:
        self.tell(code, mark.line, mark.column, **values)

    def tell(self, code: str, line: int, column: int, **values: object) -> None:
        self.problems.append(messages.problem(code, Place(self.file, line + 1, column + 1), **values))

    def place(self, mark: Mark) -> Place:
        return Place(self.file, mark.line + 1, mark.column + 1)

    # Text to tree

    def clean(self) -> None:
        """Tell what should not be in a text file, and put spaces in its place."""
        for n, line in enumerate(self.lines):
            for odd in _UNSEEN.finditer(line):
                self.tell("control", n, odd.start(), char=messages.name(odd.group()))
            self.lines[n] = _UNSEEN.sub(" ", line)
        side = ""
        for n, line in enumerate(self.lines):
            if re.match(r"<{7}( |$)", line):
                self.tell("conflict", n, 0)
                side = "ours"
            elif side and re.match(r"[|=]{7}( |$)", line):
                side = "theirs"
            elif side and re.match(r">{7}( |$)", line):
                side = ""
            elif side != "theirs":
                continue
            self.lines[n] = ""
            self.broken = True

    def tree(self) -> _Node | None:
        """Return the file's tree, leaving out what is broken in it.

        A card that YAML cannot read is told and its lines are left blank, so that the slips in the rest of the
        file come to light in the same pass.
        """
        for _ in range(MAX_BROKEN):
            told = len(self.problems)
            try:
                return _tree("\n".join(self.lines), self.say)
            except yaml.MarkedYAMLError as error:
                del self.problems[told:]
                self.broken = True
                if not self.diagnose(error):
                    break
            except (
                yaml.YAMLError
            ) as error:  # `clean` leaves nothing for the reader to refuse, as far as we know
                del self.problems[told:]
                self.broken = True
                self.tell("yaml", 0, 0, reason=str(error).splitlines()[0])
                break
        return None

    def diagnose(self, error: yaml.MarkedYAMLError) -> bool:
        """Tell why YAML stopped, blank the lines to blame, and return whether it is worth reading on."""
        mark = error.problem_mark or error.context_mark
        if mark is None:
            self.tell("yaml", 0, 0, reason=error.problem or error.context or "")
            return False
        last = min(mark.line, len(self.lines) - 1)
        while last > 0 and not self.lines[last].strip():
            last -= 1
        start, end = _chunk(self.lines, last)
        slips = list(_suspects(self.lines, start, end))
        if not slips:
            # The slip may stand further up: an open quote swallows all that follows, up to the next quote.
            for slip in _suspects(self.lines, 0, end):
                slips = [slip]
            if slips:
                start, end = _chunk(self.lines, slips[0][1])
        if not slips:
            line, column = (mark.line, mark.column) if mark.line < len(self.lines) else (last, 0)
            bare = self.lines[last].strip()
            if last == line and bare and not re.match(r"- |.*:( |$)|[\"'\[{]", bare):
                here = FIELDS if start else TOP
                slips = [("no-key", last, self.lines[last].index(bare[0]), {"known": ", ".join(here)})]
            else:
                slips = [("yaml", line, column, {"reason": error.problem or error.context or ""})]
        for code, line, column, values in slips:
            self.tell(code, line, column, **values)
        blamed = [slip[1] for slip in slips] if start == 0 else list(range(start, end))
        if all(not self.lines[n].strip() for n in blamed):
            return False
        for n in blamed:
            self.lines[n] = ""
        return True

    # Tree to values

    def pairs(self, node: _Mapping, known: Sequence[str]) -> Iterator[tuple[str, Scalar, _Node]]:
        """Yield (key, its node, its value's node) for each known key, once; tell the others."""
        seen: dict[str, int] = {}
        for key, value in node.pairs:
            if not isinstance(key, yaml.ScalarEvent):
                self.say("key-shape", key.start_mark, known=", ".join(known))
            elif key.value not in known:
                self.unknown(key, known)
            elif key.value in seen:
                self.say("key-twice", key.start_mark, key=key.value, line=seen[key.value])
            else:
                seen[key.value] = key.start_mark.line + 1
                yield key.value, key, value

    def unknown(self, key: Scalar, known: Sequence[str]) -> None:
        word = unicodedata.normalize("NFKC", key.value).strip().lower()
        near = SYNONYMS.get(word, word)
        if near not in known:
            near = next(iter(difflib.get_close_matches(word, known, n=1, cutoff=0.6)), "")
        shown = _visible(key.value)
        if near:
            self.say("near-key", key.start_mark, key=shown, near=near)
        else:
            self.say("unknown-key", key.start_mark, key=shown, known=", ".join(known))

    def scalar(self, key: str, node: _Node) -> str:
        """Return the text of a value, or "" (told) if it is none."""
        if not isinstance(node, yaml.ScalarEvent):
            first = node.pairs[0][0] if isinstance(node, _Mapping) and node.pairs else None
            if isinstance(first, _Mapping) and first.start_mark.column == node.start_mark.column + 1:
                self.say("open-braces", node.start_mark, key=key)
            elif isinstance(node, _Mapping):
                self.say("want-text", node.start_mark, key=key, found=messages.name_of("mapping"))
            else:
                self.say("want-text", node.start_mark, key=key, found=messages.name_of("list"))
            return ""
        if not node.style:
            self.plain(key, node)
        elif node.style == '"' and "\\" in self.lines[node.start_mark.line]:
            for odd in _UNSEEN.finditer(node.value):
                self.say("control", node.start_mark, char=messages.name(odd.group()))
        return str(node.value)

    def plain(self, key: str, node: Scalar) -> None:
        """Tell what an unquoted text has lost, or has swallowed."""
        start, end = node.start_mark, node.end_mark
        if end.line in self.hashes:
            rest = self.lines[end.line][end.column :]
            if node.value and rest.startswith(" #"):
                self.tell("hash", end.line, end.column + 1, lost=_visible(rest[1:]))
            elif not node.value and re.match(r" *#", rest):
                self.tell("hash-all", end.line, end.column + len(rest) - len(rest.lstrip()), key=key)
        if end.line != start.line:
            for n in range(start.line + 1, end.line + 1):
                if (slip := re.match(r"\s*(\w+) *(：)", self.lines[n])) and slip[1] in _KEYS:
                    self.tell("wide-colon", n, slip.start(2), key=slip[1])

    def flag(self, key: str, node: _Node) -> bool:
        text = self.scalar(key, node)
        if isinstance(node, yaml.ScalarEvent) and text.lower() not in FLAGS:
            self.say("want-flag", node.start_mark, key=key, value=_visible(text))
        return FLAGS.get(text.lower(), False)

    def texts(self, key: str, node: _Node, places: dict[str, Place]) -> tuple[str, ...]:
        """Return the texts of a list, and note the place of each as "key.0" and so on."""
        if not isinstance(node, _Sequence):
            example = f"{key}: [定价, 管理]" if key == "tags" else f"'{key}:' and below it '- …' for each"
            self.say("want-list", node.start_mark, key=key, example=example)
            return ()
        for n, entry in enumerate(node.nodes):
            places[f"{key}.{n}"] = self.place(entry.start_mark)
        return tuple([self.scalar(key, entry) for entry in node.nodes])

    def deck(self, root: _Node | None) -> Deck | None:
        if not isinstance(root, _Mapping):
            if not self.problems:
                if root is None or (isinstance(root, yaml.ScalarEvent) and not root.value):
                    self.problems.append(messages.problem("empty-file", Place(self.file)))
                else:
                    self.say("not-a-deck", root.start_mark)
            return None
        places: dict[str, Place] = {}
        values: dict[str, Any] = {"name": "", "cards": ()}
        for key, _, node in self.pairs(root, TOP):
            places[key] = self.place(node.start_mark)
            if key == "deck":
                values["name"] = self.scalar(key, node)
            elif key == "cards":
                values["cards"] = self.cards(node)
            elif key in ("reverse", "typed"):
                values[key] = self.flag(key, node)
            elif not isinstance(node, _Mapping):
                example = (
                    "source: {title: …, author: …}" if key == "source" else "'开市客: Kāishìkè' below it"
                )
                if not (isinstance(node, yaml.ScalarEvent) and not node.value and not node.style):
                    self.say("want-mapping", node.start_mark, key=key, example=example)
            elif key == "source":
                values[key] = Source(**self.named(key, node, SOURCE, places))
            else:
                values[key] = self.named(key, node, None, places)
        if not self.broken:
            if "deck" not in places:
                self.problems.append(messages.problem("no-deck", Place(self.file, 1, 1)))
            if "cards" not in places:
                self.problems.append(messages.problem("no-cards", Place(self.file, len(self.lines), 1)))
        return Deck(file=self.file, places=places, **values)

    def named(
        self, group: str, node: _Mapping, known: Sequence[str] | None, places: dict[str, Place]
    ) -> dict[str, str]:
        """Return the texts of `source` (its keys are `known`) or of `readings` (any word is a key)."""
        if known is None:
            known = [key.value for key, _ in node.pairs if isinstance(key, yaml.ScalarEvent)]
        found = {}
        for key, _, value in self.pairs(node, known):
            places[f"{group}.{key}"] = self.place(value.start_mark)
            found[key] = self.scalar(key, value)
            if group == "readings" and not found[key].strip() and isinstance(value, yaml.ScalarEvent):
                self.say("reading-empty", value.start_mark, key=_visible(key))
        return found

    def cards(self, node: _Node) -> tuple[Card, ...]:
        if not isinstance(node, _Sequence):
            if not isinstance(node, yaml.ScalarEvent) or node.value or node.style:
                self.say(
                    "want-list",
                    node.start_mark,
                    key="cards",
                    example="'- id: …' for each card below 'cards:'",
                )
            elif not self.broken:
                self.say("none-yet", node.start_mark)
            return ()
        if not node.nodes and not self.broken:
            self.say("none-yet", node.start_mark)
        return tuple(
            [self.card(entry) for entry in node.nodes if isinstance(entry, _Mapping) or self.no_card(entry)]
        )

    def no_card(self, node: _Node) -> bool:
        wide = re.match(r"(\w+) *：", node.value) if isinstance(node, yaml.ScalarEvent) else None
        if wide and wide[1] in _KEYS:
            self.tell(
                "wide-colon", node.start_mark.line, node.start_mark.column + wide.end() - 1, key=wide[1]
            )
        else:
            self.say("not-a-card", node.start_mark)
        return False

    def card(self, node: _Node) -> Card:
        assert isinstance(node, _Mapping)  # noqa: S101
        values: dict[str, Any] = {"id": ""}
        places: dict[str, Place] = {}
        for key, _, value in self.pairs(node, FIELDS):
            places[key] = self.place(value.start_mark)
            if key in ("items", "tags"):
                values[key] = self.texts(key, value, places)
            elif key == "pinyin":
                if isinstance(value, _Sequence):
                    values[key] = self.texts(key, value, places)
                elif text := self.scalar(key, value):
                    values[key] = (text,)
            elif key in ("reverse", "typed"):
                values[key] = self.flag(key, value)
            else:
                values[key] = self.scalar(key, value)
        if not values.get("kind") and "kind" not in places:
            values["kind"] = "list" if "items" in places else "principle" if "cloze" in places else "qa"
        return Card(**values, place=self.place(node.start_mark), places=places)


def _visible(text: str, limit: int = 40) -> str:
    """Return a text as a message shows it: on one line, short, and with nothing unseen in it."""
    text = "".join(c if c.isprintable() and c != "\u3000" else f"<U+{ord(c):04X}>" for c in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


# --- Loading ----------------------------------------------------------------------------------------------------------


def load(path: Path) -> tuple[Deck | None, list[Problem]]:
    """Return the deck in a file, and all that is wrong with it, in the order of the file.

    The deck is None where the file cannot be understood. Otherwise it holds what could be read; build from it only
    if no problem is more than a warning.
    """
    try:
        if path.is_dir():
            return None, [messages.problem("folder", Place(str(path)))]
        if path.stat().st_size > MAX_BYTES:
            return None, [messages.problem("too-big", Place(str(path)), limit=MAX_BYTES // 1_000_000)]
        data = path.read_bytes()
    except FileNotFoundError:
        return None, [messages.problem("no-file", Place(str(path)))]
    except OSError as error:
        return None, [messages.problem("unreadable", Place(str(path)), reason=error.strerror or error)]
    text, problem = decode(data, str(path))
    return parse(text, str(path)) if problem is None else (None, [problem])


def decode(data: bytes, file: str = "") -> tuple[str, Problem | None]:
    """Return the text of a deck file without its byte order mark, or "" and why it is none."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4]:
        return "", messages.problem("utf-16", Place(file, 1, 1))
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode(), None
    except UnicodeDecodeError as error:
        at = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        before = error.object[: error.start].decode()
        lines = re.split(r"\r\n|\r|\n", before)
        try:
            guess = messages.name_of("gb18030") if HANZI.search(data.decode("gb18030")) else ""
        except UnicodeDecodeError:
            guess = ""
        place = Place(file, len(lines), len(lines[-1]) + 1)
        return "", messages.problem("not-utf-8", place, byte=at + 1, value=data[at], guess=guess)


def parse(text: str, file: str = "") -> tuple[Deck | None, list[Problem]]:
    """Return the deck in the text of a deck file, and all that is wrong with it; see `load`."""
    reading = _Reading(text.removeprefix("\ufeff"), file)
    reading.clean()
    deck = reading.deck(reading.tree())
    problems = reading.problems
    if deck is not None:
        problems = problems + list(check(deck))
        if reading.broken:
            deck = None
    return deck, sorted(problems, key=lambda problem: problem.place)


# --- Checking ---------------------------------------------------------------------------------------------------------


def check(deck: Deck) -> Iterator[Problem]:
    """Yield what is wrong with a deck's name and cards, wherever they come from."""
    where = deck.places.get("deck", Place(deck.file))
    if "deck" in deck.places and not deck.name.strip():
        yield messages.problem("no-deck", where)
    elif deck.name and any(not level.strip() for level in deck.name.split("::")):
        yield messages.problem("deck-level", where, name=_visible(deck.name))
    ids: dict[str, Card] = {}
    for card in deck.cards:
        if card.id:
            ids.setdefault(unicodedata.normalize("NFC", card.id), card)
    asked: dict[tuple[str, ...], Card] = {}
    for card in deck.cards:
        yield from _check_id(card, ids)
        yield from _check_shape(card)
        yield from _check_fields(card)
        question = _asked(card)
        if any(question) and (other := asked.setdefault(question, card)) is not card:
            yield messages.problem("same-card", card.place, other=_visible(other.id), line=other.place.line)


def _at(card: Card, key: str) -> Place:
    return card.places.get(key, card.place)


def _check_id(card: Card, ids: dict[str, Card]) -> Iterator[Problem]:
    where = _at(card, "id")
    if not card.id.strip():
        yield messages.problem("no-id", where, free=free_id(card, ids))
        return
    if len(card.id) > MAX_ID:
        yield messages.problem("id-long", where, length=len(card.id), limit=MAX_ID)
    elif odd := re.search(r"[^\w.-]|^[.-]", unicodedata.normalize("NFC", card.id)):
        shown = _visible(card.id)
        yield messages.problem(
            "id-shape", where, id=shown, char=messages.name(odd[0]), free=free_id(card, ids)
        )
    first = ids[unicodedata.normalize("NFC", card.id)]
    if first is not card:
        line = _at(first, "id").line
        yield messages.problem("id-twice", where, id=_visible(card.id), line=line, free=free_id(card, ids))


def free_id(card: Card, taken: Iterable[str]) -> str:
    """Return a readable id that is not taken: the first words of the answer, in pinyin without tones."""
    from pypinyin import lazy_pinyin  # late: only a card without an id needs it

    text = HOLE.sub(r"\1", card.back or card.cloze or card.front or " ".join(card.items))
    words = [re.sub(r"\W", "", word).lower() for word in lazy_pinyin(text[:40], errors=lambda c: c.split())]
    stem = "-".join([word for word in words if word][:4])[:40] or "card"
    ids = set(taken)
    return next(
        name for n in range(1, len(ids) + 3) if (name := stem if n == 1 else f"{stem}-{n}") not in ids
    )


def _check_shape(card: Card) -> Iterator[Problem]:
    """Yield what is wrong with which of front, back, cloze and items there are."""
    has = {key: key in card.places or bool(getattr(card, key)) for key in ("front", "back", "cloze", "items")}
    for key, there in has.items():
        if there and key != "items" and not getattr(card, key).strip():
            yield messages.problem("empty", _at(card, key), key=key)
        elif there and key == "items" and not card.items:
            yield messages.problem("empty", _at(card, key), key=key)
    if has["cloze"]:
        for key in ("front", "back", "items"):
            if has[key]:
                yield messages.problem("two-ways", _at(card, key), key=key, other="cloze")
    elif has["back"] and has["items"]:
        yield messages.problem("two-ways", _at(card, "items"), key="items", other="back")
    elif not has["front"] and (has["back"] or has["items"]):
        yield messages.problem("no-front", card.place, key="back" if has["back"] else "items")
    elif not has["front"]:
        yield messages.problem("nothing-asked", card.place)
    elif not has["back"] and not has["items"]:
        yield messages.problem("no-back", card.place)


def _check_fields(card: Card) -> Iterator[Problem]:
    if card.kind not in KINDS:
        near = difflib.get_close_matches(card.kind.lower(), KINDS, n=1, cutoff=0.6)
        code = "near-kind" if near else "kind"
        yield messages.problem(
            code, _at(card, "kind"), kind=_visible(card.kind), near="".join(near), known=", ".join(KINDS)
        )
    if card.cloze.strip() and (code := _hole_slip(card.cloze)):
        found = re.search(r"c\d+::", card.cloze)
        text = re.sub(r"c\d+::", "", "".join(HOLE.findall(card.cloze)[:1]))
        yield messages.problem(code, _at(card, "cloze"), found=found[0] if found else "", text=_visible(text))
    for key in ("front", "back"):
        if "{{" in getattr(card, key):
            yield messages.problem("hole-elsewhere", _at(card, key), key=key)
    for n, item in enumerate(card.items):
        if not item.strip():
            yield messages.problem("empty-entry", _at(card, f"items.{n}"), key="items")
    yield from _check_tags(card)
    for key, text in (("back", card.back), ("cloze", card.cloze), ("items", "".join(card.items))):
        if len(text) > MAX_HANZI and (count := len(HANZI.findall(text))) > MAX_HANZI:
            yield messages.problem("long", _at(card, key), key=key, count=count, limit=MAX_HANZI)
    if card.at and not re.fullmatch(r"[1-9]\d*:[1-9]\d*", card.at):
        yield messages.problem("at", _at(card, "at"), value=_visible(card.at))
    wanted = len(card.items) if card.items else 1
    if card.pinyin and len(card.pinyin) != wanted:
        yield messages.problem("pinyin-count", _at(card, "pinyin"), found=len(card.pinyin), wanted=wanted)


def _hole_slip(cloze: str) -> str:
    """Return the code of what is wrong with the holes of a cloze, or ""."""
    inside = False
    holes = 0
    for brace in re.finditer(r"\{\{|\}\}", cloze):
        opens = brace[0] == "{{"
        if opens and inside:
            return "hole-in-hole" if "}}" in cloze[brace.end() :] else "hole-open"
        if not opens and not inside:
            return "hole-close"
        inside = opens
        holes += opens
    if inside:
        return "hole-open"
    if not holes:
        return "no-hole"
    if any(not hole.strip() for hole in HOLE.findall(cloze)):
        return "hole-empty"
    return "hole-anki" if re.search(r"\{\{c\d+::", cloze) else ""


def _check_tags(card: Card) -> Iterator[Problem]:
    for n, tag in enumerate(card.tags):
        where = _at(card, f"tags.{n}")
        if not tag.strip():
            yield messages.problem("empty-entry", where, key="tags")
        elif space := re.search(r"\s", tag.strip()) or re.search(r"\s", tag):
            better = re.sub(r"\s+", "-", tag.strip())
            yield messages.problem(
                "tag-space", where, tag=_visible(tag), char=messages.name(space[0]), better=better
            )
        elif comma := re.search(r"[，、；]", tag):
            better = ", ".join(re.split(r"[，、；]", tag))
            yield messages.problem(
                "tag-comma", where, tag=_visible(tag), char=comma[0], better=_visible(better)
            )
        elif tag in card.tags[:n]:
            yield messages.problem("tag-twice", where, tag=_visible(tag))


def _asked(card: Card) -> tuple[str, ...]:
    """Return what a card asks, without marks and spaces: two cards that agree in it ask the same."""
    if card.cloze:
        return ("cloze", re.sub(r"[^\w{}]+", "", card.cloze))
    return ("front", re.sub(r"\W+", "", card.front)) if card.front.strip() else ("", "")


# --- Writing ----------------------------------------------------------------------------------------------------------

# YAML 1.1 and 1.2 readers take these for a number, a flag, a date or nothing: quoted, every tool sees the text.
_NOT_TEXT = re.compile(
    r"(?i)[-+.]?[0-9][-+0-9_.:,exa-foTZt ]*|[-+]?\.(inf|nan)|\.nan|null|~|true|false|yes|no|on|off|y|n|=|<<"
)
_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`＃][^\n\r\t]*")
_PLAIN_FLOW = re.compile(
    r"[\w《（](?:[\w（）《》“”‘’「」·…、，。：；？！—+/.()%~-]|(?<=\S) (?=\S)|:(?=[\w:]))*"
)


def dump(deck: Deck, *, header: Sequence[str] = ()) -> str:
    """Return a deck as the text of a deck file; `header` lines become comments at its top.

    A text stands plain on one line where YAML lets it, in quotes where it must, and as a `|` block where it has
    several lines. `load(dump(deck)) == deck` for every deck that `check` finds nothing wrong with.
    """
    out = [f"# yaml-language-server: $schema={SCHEMA}"]
    out += [f"# {line}".rstrip() for text in header for line in text.splitlines() or [""]]
    out.append(f"deck: {scalar(deck.name)}")
    if named := [
        f"{key}: {scalar(value, flow=True)}" for key in SOURCE if (value := getattr(deck.source, key))
    ]:
        out.append(f"source: {{{', '.join(named)}}}")
    if deck.readings:
        out.append("readings:")
        out += [f"  {scalar(word, key=True)}: {scalar(reading)}" for word, reading in deck.readings.items()]
    out += [f"{key}: true" for key in ("reverse", "typed") if getattr(deck, key)]
    if not deck.cards:
        return "\n".join([*out, "cards: []", ""])
    return "\n".join([*out, "cards:", "\n\n".join(entry(card) for card in deck.cards), ""])


def entry(card: Card, indent: int = 0) -> str:
    """Return a card as an entry of `cards`, its dash in column `indent`, without a line break at the end."""
    lines = []
    for key in FIELDS:
        value = getattr(card, key)
        if not value and not (key == "id" and not lines):
            continue
        if value is True:
            lines.append(f"{key}: true")
        elif key == "tags":
            lines.append(f"tags: [{', '.join(scalar(tag, flow=True) for tag in value)}]")
        elif key == "pinyin" and not card.items and len(value) == 1:
            lines.append(f"pinyin: {scalar(value[0], indent + 2)}")
        elif isinstance(value, tuple):
            lines.append(f"{key}:")
            lines += [f"- {scalar(text, indent + 2)}" for text in value]
        elif key == "at" and re.fullmatch(r"\d+:\d+", value):
            lines.append(f"at: {value}")
        else:
            lines.append(f"{key}: {scalar(value, indent + 2)}")
    margin = " " * indent
    return "\n".join(f"{margin}{'  ' if n else '- '}{line}" for n, line in enumerate(lines))


def scalar(text: str, indent: int = 0, *, flow: bool = False, key: bool = False) -> str:
    """Return a text as a YAML scalar that every YAML tool reads as that text.

    `indent` is the column of the key before it; `flow` says that it stands within [ ] or { }; `key` that it is one.
    """
    if _UNSEEN.search(text) or not text:
        return _escaped(text) if text else "''"
    lines = text.split("\n")
    if len(lines) > 1:
        tidy = all(line == line.rstrip() for line in lines) and "\r" not in text and "\t" not in text
        if flow or key or not tidy or not lines[0] or lines[0][0] == " " or not lines[-1]:
            return _escaped(text)
        margin = " " * (indent + 2)
        return "|-\n" + "\n".join(margin + line if line else "" for line in lines)
    plain = (_PLAIN_FLOW if flow or key else _PLAIN).fullmatch(text)
    if plain and text == text.strip() and not _NOT_TEXT.fullmatch(text):
        if not re.search(r":(?:\s|$)|\s#|^\.\.\.|^---", text):
            return text
    if "\r" in text or "\t" in text or ("'" in text and '"' not in text and "\\" not in text):
        return _escaped(text)
    return "'" + text.replace("'", "''") + "'"


def _escaped(text: str) -> str:
    """Return a text in double quotes on one line, with escapes for what cannot be seen."""
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    text = "".join(escapes.get(char, char) for char in text)
    return '"' + _UNSEEN.sub(lambda odd: f"\\u{ord(odd[0]):04x}", text) + '"'
