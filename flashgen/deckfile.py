"""The deck file: its text to a Deck, with every slip told at once, and a Deck to its text."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from flashgen import messages, schema
from flashgen.deckcheck import HANZI, check, check_images, visible
from flashgen.deckyaml import (
    ALIAS,
    FIELDS,
    KEYS,
    SOURCE,
    TOP,
    UNSEEN,
    Listing,
    Node,
    Reading,
    Scalar,
    Table,
    split_lines,
    wide_mark,
)
from flashgen.problems import Place, Problem
from flashgen.records import Card, Deck, Source

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

ENDINGS = (".yaml", ".yml")
"""How the name of a deck file ends: its lock has the same name but for that, and must be its alone."""

MAX_BYTES = 16_000_000  # a deck of 5,000 cards has 3

# Words that people write for a key, where the spelling is no help.
_SYNONYMS = {
    **dict.fromkeys(("question", "q", "问题", "正面", "问"), "front"),
    **dict.fromkeys(("answer", "a", "答案", "背面", "答"), "back"),
    **dict.fromkeys(("text", "填空"), "cloze"),
    **dict.fromkeys(("list", "rules", "列表", "要点"), "items"),
    **dict.fromkeys(("name", "名称", "卡组"), "deck"),
    **dict.fromkeys(("type", "类型"), "kind"),
    **dict.fromkeys(("来源", "出处"), "source"),
    **dict.fromkeys(("heading", "章节"), "section"),
    **dict.fromkeys(("编号", "guid"), "id"),
    "拼音": "pinyin",
    "标签": "tags",
    "图片": "image",
    "卡片": "cards",
    "读音": "readings",
    "标题": "title",
    "作者": "author",
    "文件": "file",
}

# Told by the check and by the reading alike: once a line is enough.
_ECHOES = frozenset({"empty", "empty-entry", "no-id", "no-deck", "no-hole"})


def load(path: Path) -> tuple[Deck | None, list[Problem]]:
    """Return the deck in a file, and all that is wrong with it, in the order of the file.

    The deck is None where part of the file cannot be understood. Otherwise it holds what could be read; build
    from it only if no problem is more than a warning.
    """
    try:
        if path.is_dir():
            code = "folder" if any(one.suffix in ENDINGS for one in path.iterdir()) else "empty-folder"
            return None, [messages.problem(code, Place(str(path)))]
        twin = path.with_suffix(".yml" if path.suffix == ".yaml" else ".yaml")
        if path.is_file() and path.suffix not in ENDINGS:
            return None, [messages.problem("ending", Place(str(path)))]
        if path.suffix in ENDINGS and twin.exists():
            return None, [messages.problem("twin", Place(str(path)), twin=twin.name)]
        if path.stat().st_size > MAX_BYTES:
            return None, [messages.problem("too-big", Place(str(path)), limit=MAX_BYTES // 1_000_000)]
        data = path.read_bytes()
    except FileNotFoundError:
        return None, [messages.problem("no-file", Place(str(path)))]
    except OSError as error:
        return None, [messages.problem("unreadable", Place(str(path)), reason=error.strerror or error)]
    text, problem = decode(data, str(path))
    if problem:
        return None, [problem]
    deck, problems = parse(text, str(path))
    if deck is not None and (amiss := list(check_images(deck))):
        problems = sorted([*problems, *amiss], key=lambda problem: problem.place)
    return deck, problems


def decode(data: bytes, file: str = "") -> tuple[str, Problem | None]:
    """Return the text of a deck file without its byte order mark, or "" and why it is none."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4]:
        return "", messages.problem("utf-16", Place(file, 1, 1))
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode(), None
    except UnicodeDecodeError as error:
        at = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        before = error.object[: error.start].decode()
        lines = split_lines(before)
        try:
            guess = messages.thing("gb18030") if HANZI.search(data.decode("gb18030")) else ""
        except UnicodeDecodeError:
            guess = ""
        place = Place(file, len(lines), len(lines[-1]) + 1)
        return "", messages.problem("not-utf-8", place, byte=at + 1, value=data[at], guess=guess)


def parse(text: str, file: str = "") -> tuple[Deck | None, list[Problem]]:
    """Return the deck in the text of a deck file, and all that is wrong with it; see `load`."""
    reading = Reading(text.removeprefix("\ufeff"), file)
    deck = _Deck(reading).deck()
    problems = reading.problems
    if deck is not None:
        told = {problem.place.line for problem in problems}
        problems += [p for p in check(deck) if p.code not in _ECHOES or p.place.line not in told]
        if reading.broken and "deck" not in deck.places:
            problems = [p for p in problems if p.code != "no-deck"]
    return None if reading.broken else deck, sorted(problems, key=lambda problem: problem.place)


class _Deck:
    """Makes a Deck of a reading's tree, telling what does not belong in it."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.say = reading.say
        self.place = reading.place
        # Lines where ' #' may cut a text short.
        self.hashes = {n for n, line in enumerate(reading.lines) if " #" in line}

    def deck(self) -> Deck | None:
        root = self.reading.root
        if root is None or (isinstance(root, Scalar) and not root.text):
            if not self.reading.problems:
                self.reading.problems.append(messages.problem("empty-file", Place(self.reading.file)))
            return None
        if not isinstance(root, Table):
            if not self.wide_colon(root):
                self.say("not-a-deck", root.line, root.column)
            return None
        places: dict[str, Place] = {}
        values: dict[str, Any] = {"name": "", "cards": ()}
        for key, node in self.pairs(root, TOP):
            places[key] = self.place(node)
            if key == "deck":
                values["name"] = self.text(key, node)
            elif key == "cards":
                values["cards"] = self.cards(node)
            elif key in ("reverse", "typed"):
                values[key] = self.flag(key, node)
            elif key == "source":
                values[key] = Source(**self.texts_by_key(key, node, SOURCE, places))
            else:
                values[key] = self.texts_by_key(key, node, None, places)
        if "cards" not in places and not self.reading.broken:
            self.say("no-cards", 0, 0)
        return Deck(file=self.reading.file, places=places, **values)

    def cards(self, node: Node) -> tuple[Card, ...]:
        if not (_is_empty(node) or isinstance(node, Listing)):
            example = messages.example("cards")
            self.say("want-list", node.line, node.column, key="cards", example=example)
            return ()
        nodes = node.nodes if isinstance(node, Listing) else []
        if not nodes and not self.reading.broken:
            self.say("none-yet", node.line, node.column)
        cards = []
        for entry in nodes:
            if isinstance(entry, Table):
                cards.append(self.card(entry))
            elif not self.wide_colon(entry) and not _is_alias(entry):
                self.say("not-a-card", entry.line, entry.column)
        return tuple(cards)

    def card(self, node: Table) -> Card:
        values: dict[str, Any] = {"id": ""}
        places: dict[str, Place] = {}
        for key, value in self.pairs(node, FIELDS):
            places[key] = self.place(value)
            if key in ("items", "tags") or (key == "pinyin" and isinstance(value, Listing)):
                values[key] = self.texts(key, value, places)
            elif key == "pinyin":
                values[key] = (text,) if (text := self.text(key, value)) else ()
            elif key in ("reverse", "typed"):
                values[key] = self.flag(key, value)
            else:
                values[key] = self.text(key, value)
        values["id"] = unicodedata.normalize("NFC", values["id"])  # an editor may write ü in either form
        if not values.get("kind"):
            values["kind"] = "list" if "items" in places else "principle" if "cloze" in places else "qa"
        return Card(**values, place=self.place(node), places=places)

    def pairs(self, node: Table, known: Collection[str]) -> Iterator[tuple[str, Node]]:
        """Yield each known key once, with its value; tell the others.

        A key that is only misspelt is told, and read as it was meant, so that nothing is said to be missing.
        """
        seen: dict[str, int] = {}
        for key, value in node.pairs:
            if not isinstance(key, Scalar):
                self.say("key-shape", key.line, key.column, known=", ".join(known))
                continue
            name = key.text
            if name not in known:
                name = self.meant(key, known)
                if (
                    not name
                    or name in seen
                    or any(isinstance(k, Scalar) and k.text == name for k, _ in node.pairs)
                ):
                    continue
            elif name in seen:
                self.say("key-twice", key.line, key.column, key=visible(name), line=seen[name])
                continue
            seen[name] = key.line + 1
            yield name, value

    def meant(self, key: Scalar, known: Collection[str]) -> str:
        """Tell an unknown key, and return the one that was meant, or ""."""
        if self.wide_colon(key, known):
            return key.text.partition("：")[0].strip()
        word = unicodedata.normalize("NFKC", key.text).strip("\u200b\ufeff \t").lower()
        near = _SYNONYMS.get(word, word)
        if near not in known and not self.reading.full:
            near = "".join(difflib.get_close_matches(word[:40], known, n=1))
        shown = visible(key.text)
        if near in known:
            self.say("near-key", key.line, key.column, key=shown, near=near)
        else:
            self.say("unknown-key", key.line, key.column, key=shown, known=", ".join(known))
        return near if near in known else ""

    def text(self, key: str, node: Node) -> str:
        """Return the text of a value; "" (told) if it is none."""
        if isinstance(node, Listing):
            self.say("want-text", node.line, node.column, key=key, found=messages.thing("list"))
            return ""
        if isinstance(node, Table):
            first = node.pairs[0][0] if node.pairs else None
            if isinstance(first, Table) and (first.line, first.column) == (node.line, node.column + 1):
                self.say("open-braces", node.line, node.column, key=key)
            elif isinstance(first, Scalar) and not re.fullmatch(r"(?a:\w+)", first.text):
                self.say("colon-space", first.end_line, first.end_column)
            else:
                self.say("want-text", node.line, node.column, key=key, found=messages.thing("table"))
            return ""
        if not node.style:
            self.plain(key, node)
        elif node.style == '"' and (odd := UNSEEN.search(node.text)):
            self.say("control", node.line, node.column, char=messages.name(odd[0]))
        return node.text

    def plain(self, key: str, node: Scalar) -> None:
        """Tell what a text without quotes has lost, or has swallowed."""
        if node.end_line in self.hashes:
            rest = self.reading.lines[node.end_line][node.end_column :]
            # Two spaces or more before it mean a comment.
            if rest.startswith(" #") and node.text:
                self.say("hash", node.end_line, node.end_column + 1, lost=visible(rest[1:]))
            elif rest.startswith(" #") and key not in ("pinyin", "image", "at", "kind"):
                self.say("hash-all", node.end_line, node.end_column + 1, key=key)
        for n in range(node.line + 1, node.end_line + 1):
            swallowed = re.match(r"\s*(\w+) *(：)", self.reading.lines[n])
            if swallowed and swallowed[1] in KEYS:
                self.say("wide-colon", n, swallowed.start(2), key=swallowed[1])

    def wide_colon(self, node: Node, known: Collection[str] | None = KEYS) -> bool:
        """Tell a text that stands where keys are wanted, if a full-width colon makes it one. None: any word is a key."""
        found = re.match(r"(\w+) *：", node.text) if isinstance(node, Scalar) else None
        if not found or (known is not None and found[1] not in known):
            return False
        self.say("wide-colon", node.line, node.column + found.end() - 1, key=found[1])
        return True

    def wide_mark(self, node: Node) -> bool:
        """Tell a text that stands where a list or a table is wanted, if full-width marks make it one."""
        wide = wide_mark(node.text) if isinstance(node, Scalar) and not node.style else None
        if wide:
            self.say(wide[0], node.line, node.column, **wide[1])
        return wide is not None

    def flag(self, key: str, node: Node) -> bool:
        text = self.text(key, node).lower()
        if isinstance(node, Scalar) and text not in FLAGS:
            self.say("want-flag", node.line, node.column, key=key, value=visible(text))
        return FLAGS.get(text, False)

    def texts(self, key: str, node: Node, places: dict[str, Place]) -> tuple[str, ...]:
        """Return the texts of a list, and note their places as "key.0" and so on."""
        if not isinstance(node, Listing):
            if not _is_empty(node) and not self.wide_mark(node):
                self.say("want-list", node.line, node.column, key=key, example=messages.example(key))
            return ()
        places.update({f"{key}.{n}": self.place(entry) for n, entry in enumerate(node.nodes)})
        return tuple([self.text(key, entry) for entry in node.nodes])

    def texts_by_key(
        self, group: str, node: Node, known: Collection[str] | None, places: dict[str, Place]
    ) -> dict[str, str]:
        """Return the texts of `source`, whose keys are known, or of `readings`, where any word is a key."""
        if not isinstance(node, Table):
            if not (_is_empty(node) or self.wide_colon(node, known) or self.wide_mark(node)):
                self.say("want-mapping", node.line, node.column, key=group, example=messages.example(group))
            return {}
        words = known or dict.fromkeys(key.text for key, _ in node.pairs if isinstance(key, Scalar))
        found = {}
        for key, value in self.pairs(node, words):
            places[f"{group}.{key}"] = self.place(value)
            found[key] = self.text(key, value)
            if known is None and isinstance(value, Scalar) and not (value.text.strip() or _is_alias(value)):
                self.say("reading-empty", value.line, value.column, key=visible(key))
        return found


def _is_empty(node: Node) -> bool:
    """Whether nothing at all is written for a value, or what is written has been told already."""
    return isinstance(node, Scalar) and not node.text and node.style in ("", ALIAS)


def _is_alias(node: Node) -> bool:
    return isinstance(node, Scalar) and node.style == ALIAS


# YAML readers take these for a number, a flag, a date or nothing: in quotes, every tool sees the text.
_NOT_TEXT = re.compile(
    r"(?i)[-+.]?[0-9][-+0-9_.:,exa-foTZt ]*|[-+]?\.(inf|nan)|\.nan|null|~|true|false|yes|no|on|off|y|n|=|<<"
)
_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`＃][^\n\r\t]*")
_BREAKS = re.compile(r":(?:\s|$)|\s#|^\.\.\.")
_PLAIN_FLOW = re.compile(
    r"[\w《（](?:[\w（）《》“”‘’「」·…、，。：；？！—+/.()%~-]|(?<=\S) (?=\S)|:(?=[\w:]))*"
)


def dump(deck: Deck, *, header: Sequence[str] = ()) -> str:
    """Return a deck as the text of a deck file; `header` lines become comments at its top.

    A text stands plain on one line where YAML lets it, in quotes where it must, and as a `|` block
    where it has several lines. Loading it gives the deck back, if `check` finds nothing wrong with it.
    """
    out = [f"# yaml-language-server: $schema={schema.NAME}"]
    out += [f"# {line}".rstrip() for text in header for line in text.splitlines() or [""]]
    out.append(f"deck: {scalar(deck.name)}")
    if named := [
        f"{key}: {scalar(value, flow=True)}" for key in SOURCE if (value := getattr(deck.source, key))
    ]:
        out.append(f"source: {{{', '.join(named)}}}")
    if deck.readings:
        out.append("readings:")
        out += [
            f"  {scalar(word, key=True)}: {scalar(reading, 2)}" for word, reading in deck.readings.items()
        ]
    out += [f"{key}: true" for key in ("reverse", "typed") if getattr(deck, key)]
    if not deck.cards:
        return "\n".join([*out, "cards: []", ""])
    return "\n".join([*out, "cards:", "\n\n".join(entry(card) for card in deck.cards), ""])


def entry(card: Card, indent: int = 0) -> str:
    """Return a card as an entry of `cards`, its dash in column `indent`, without a line break at the end."""
    lines: list[str] = []
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

    `indent` is the column of the key before it; `flow` says that it stands within [ ] or { }, `key`
    that it is a key.
    """
    if UNSEEN.search(text) or not text:
        return _escaped(text) if text else "''"
    lines: list[str] = text.split("\n")
    if len(lines) > 1:
        tidy = all(line == line.rstrip() for line in lines) and "\r" not in text and "\t" not in text
        if flow or key or not tidy or not lines[0] or lines[0][0] == " " or not lines[-1]:
            return _escaped(text)
        margin = " " * (indent + 2)
        return "|-\n" + "\n".join(margin + line if line else "" for line in lines)
    plain = (_PLAIN_FLOW if flow or key else _PLAIN).fullmatch(text)
    if plain and text == text.strip() and not _NOT_TEXT.fullmatch(text) and not _BREAKS.search(text):
        return text
    if "\r" in text or "\t" in text or ("'" in text and '"' not in text and "\\" not in text):
        return _escaped(text)
    return "'" + text.replace("'", "''") + "'"


def _escaped(text: str) -> str:
    """Return a text in double quotes on one line, with escapes for what cannot be seen."""
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    text = "".join(escapes.get(char, char) for char in text)
    return '"' + UNSEEN.sub(lambda odd: f"\\u{ord(odd[0]):04x}", text) + '"'
