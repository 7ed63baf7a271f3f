"""What a person sees of the cards: rendered by the official engine, looked at in Chromium."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from flashgen import anki
from flashgen.lock import Lock
from flashgen.orthography import lay
from flashgen.records import Card, Deck, Source, Word

engine = pytest.importorskip("anki_engine", reason="the official Anki engine is missing: pip install anki")

READINGS = {
    "童叟无欺": "tóngsǒu-wúqī",
    "小店": "xiǎodiàn",
    "掌柜": "zhǎngguì",
    "装聋作哑": "zhuānglóng-zuòyǎ",
}
LONG = "掌柜装聋作哑，说小店童叟无欺；" * 12
LINK = "https://example.org/" + "very-long-path" * 8
CARDS = (
    Card(
        "quote",
        "quote",
        "小店最值钱的是哪四个字？",
        "童叟无欺",
        source="掌柜说：童叟无欺。",
        section="招牌",
        reverse=True,
    ),
    Card(
        "cloze", "figure", cloze="小店的毛利率不许超过{{一成四}}，掌柜的招牌是{{童叟无欺}}。", section="规矩"
    ),
    Card("typed", "qa", "掌柜的招牌是什么？", "童叟无欺", typed=True),
    Card("typedcloze", "qa", cloze="掌柜的招牌是{{童叟无欺}}。", typed=True),
    Card("list", "rules", "小店有哪三条规矩？", items=("掌柜先尝第一锅粥", "每晚对清账目", "退货不问理由")),
    Card(
        "long",
        "definition",
        LONG,
        LONG + LINK,
        source=LONG + LINK,
        section="掌柜说过的很长很长的一节标题" * 3,
    ),
    Card("longlist", "list", LONG, items=tuple(f"{LONG}{n}" for n in range(14)), source=LONG),
    Card("longcloze", "principle", cloze=f"{LONG}{{{{{LONG}}}}}{LINK}", reverse=True),
)
DECK = Deck("晚市::01 规矩", CARDS, Source("开店的规矩" * 8, "林掌柜"))

Look = Callable[..., Any]

BOX = "e => { const b = e.getBoundingClientRect(); return [b.x, b.y, b.width, b.height] }"
# The text that is on the screen, with its colour and the one behind it.
TEXTS = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const kind = document.querySelector('.kind');
  const behind = e => { for (; e; e = e.parentElement) {
    const paper = getComputedStyle(e).backgroundColor;
    if (paper !== 'rgba(0, 0, 0, 0)') return paper; } return 'rgb(255, 255, 255)'; };
  const add = (e, text) => { const s = getComputedStyle(e);
    found.push({text, ink: s.color, paper: behind(e), size: parseFloat(s.fontSize), tag: e.tagName}) };
  add(kind, getComputedStyle(kind, '::before').content);
  while (walker.nextNode()) {
    const node = walker.currentNode, e = node.parentElement, range = document.createRange();
    range.selectNodeContents(node);
    const seen = range.getBoundingClientRect().height && e.checkVisibility();
    if (seen && node.data.trim() && e.tagName !== 'STYLE') add(e, node.data.trim());
  }
  return found;
}"""


def words_of(deck: Deck, card: Card, text: str) -> Sequence[Word]:
    """Read the words of READINGS as they say, and every other hanzi as yuán."""
    words: list[Word] = []
    for part in re.split(f"({'|'.join(READINGS)})", text):
        if part in READINGS:
            words += lay(part, READINGS[part])
        else:
            words += [Word(c, ("yuán",)) if "一" <= c <= "龥" else Word(c) for c in part]
    return words


@pytest.fixture(scope="module")
def screen(chromium: Any) -> Any:
    return chromium.new_page()


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("render")
    anki.build([(DECK, Lock())], words_of, folder / "out.apkg")
    engine.add_package(folder / "collection.anki2", folder / "out.apkg")
    with engine.opened(folder / "collection.anki2") as collection:
        yield collection


@pytest.fixture
def look(screen: Any, collection: Any) -> Look:
    """Return a function that shows a side of a card on a phone: look(id, number, side) -> page."""

    def show(card: str, number: int, side: str, **options: Any) -> Any:
        (found,) = collection.find_cards(f"Id:{card} card:{number + 1}")
        screen.set_viewport_size({"width": 390, "height": 844})
        screen.set_content(engine.page(collection.get_card(found), side, **options))
        return screen

    return show


def text_of(page: Any) -> str:
    return "".join(entry["text"] for entry in page.evaluate(TEXTS) if entry["tag"] != "RT")


def pinyin_of(page: Any) -> list[str]:
    return [entry["text"] for entry in page.evaluate(TEXTS) if entry["tag"] == "RT"]


SIDES = [
    ("quote", 0),
    ("quote", 1),
    ("cloze", 0),
    ("cloze", 1),
    ("typed", 0),
    ("typedcloze", 0),
    ("list", 0),
    ("list", 2),
]
LONG_SIDES = [("long", 0), ("longlist", 0), ("longlist", 3), ("longcloze", 0)]


@pytest.mark.parametrize("reviewer", engine.REVIEWERS)
@pytest.mark.parametrize(("card", "number"), SIDES)
def test_pinyin_waits_for_a_tap_and_is_on_the_back(look: Look, card: str, number: int, reviewer: str) -> None:
    page = look(card, number, "front", reviewer=reviewer)
    assert pinyin_of(page) == []
    page.click("text=拼音")
    assert pinyin_of(page)
    page.click("text=拼音")
    assert pinyin_of(page) == []
    assert pinyin_of(look(card, number, "back", reviewer=reviewer))


def test_pinyin_comes_by_the_keyboard_too(look: Look) -> None:
    page = look("quote", 0, "front")
    key = {"modifiers": 1, "key": "p", "code": "KeyP", "text": "p", "unmodifiedText": "p"}  # Alt+P
    page.context.new_cdp_session(page).send("Input.dispatchKeyEvent", {"type": "keyDown", **key})
    assert pinyin_of(page)


def test_pinyin_stands_above_its_word(look: Look) -> None:
    page = look("quote", 0, "back")
    (x, y, width, height) = page.locator(".answer ruby").first.evaluate(BOX)
    (rx, ry, rwidth, rheight) = page.locator(".answer rt").first.evaluate(BOX)
    assert page.locator(".answer rt").first.inner_text() == "tóngsǒu-wúqī"
    assert ry + rheight <= y + height / 2
    assert abs((rx + rwidth / 2) - (x + width / 2)) < 2


@pytest.mark.parametrize(
    ("card", "number", "hidden"),
    [
        ("quote", 0, ["童叟无欺", "tóngsǒu"]),
        ("quote", 1, ["最值钱"]),
        ("cloze", 0, ["一成四"]),
        ("cloze", 1, ["童叟无欺", "tóngsǒu"]),
        ("typed", 0, ["童叟无欺"]),
        ("typedcloze", 0, ["童叟无欺"]),
        ("list", 0, ["先尝", "对清", "退货"]),
        ("list", 2, ["对清"]),
    ],
)
def test_front_keeps_the_answer_and_its_pinyin_to_itself(
    look: Look, card: str, number: int, hidden: list[str]
) -> None:
    page = look(card, number, "front")
    page.click("text=拼音")
    seen = text_of(page) + "".join(pinyin_of(page))
    assert not [word for word in hidden if word in seen]
    back = look(card, number, "back")
    seen = text_of(back) + "".join(pinyin_of(back))
    assert not [word for word in hidden if word not in seen]


@pytest.mark.parametrize("card", ["typed", "typedcloze"])
def test_typed_answer_is_compared_with_the_hanzi(look: Look, card: str) -> None:
    assert look(card, 0, "front").locator("input#typeans").is_visible()
    back = look(card, 0, "back", typed="童受无欺")
    marked = back.locator("#typeans span").evaluate_all(
        "e => e.map(span => [span.className, span.textContent])"
    )
    assert ["typeBad", "受"] in marked
    assert ["typeMissed", "叟"] in marked


def test_item_is_asked_among_the_others_in_their_order(look: Look) -> None:
    page = look("list", 2, "front")
    lines = sorted((item.evaluate(BOX)[1], item.inner_text()) for item in page.locator("li").all())
    assert [re.sub(r"\s+", " ", text) for _, text in lines] == [
        "1 掌柜先尝第一锅粥",
        "2 [...]",
        "3 退货不问理由",
    ]


def test_items_beyond_the_cards_stand_in_line(look: Look) -> None:
    page = look("longlist", 3, "back")
    lines = sorted((item.evaluate(BOX)[1], item.inner_text()) for item in page.locator("li").all())
    assert [text.split()[0] for _, text in lines] == [str(n) for n in range(1, 15)]


@pytest.mark.parametrize("reviewer", engine.REVIEWERS)
@pytest.mark.parametrize(("card", "number"), [*SIDES, *LONG_SIDES])
def test_nothing_is_wider_than_the_screen(look: Look, card: str, number: int, reviewer: str) -> None:
    edge = "Math.max(...[...document.querySelectorAll('body *')].map(e => e.getBoundingClientRect().right))"
    for side in ("front", "back"):
        page = look(card, number, side, reviewer=reviewer, typed=LONG)
        if side == "front":
            page.click("text=拼音")
        for width in (320, 390, 1000):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(edge) <= width


@pytest.mark.parametrize("width", [320, 333, 360, 390, 412])
def test_lines_break_between_words(look: Look, width: int) -> None:
    page = look("long", 0, "back")
    page.set_viewport_size({"width": width, "height": 844})
    broken = "e => e.filter(ruby => ruby.getClientRects().length > 1).map(ruby => ruby.textContent)"
    assert page.locator("ruby").evaluate_all(broken) == []


def contrast(ink: str, paper: str) -> float:
    """Return the contrast of two CSS colours by WCAG 2, 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("reviewer", engine.REVIEWERS)
@pytest.mark.parametrize(("card", "number"), [*SIDES, ("long", 0)])
def test_text_is_legible(look: Look, card: str, number: int, reviewer: str, night: bool) -> None:
    for side in ("front", "back"):
        page = look(card, number, side, reviewer=reviewer, night=night, typed="童受无欺")
        if side == "front":
            page.click("text=拼音")
        texts = page.evaluate(TEXTS)
        assert len(texts) > 4
        for entry in texts:
            assert contrast(entry["ink"], entry["paper"]) >= 4.5, entry
            assert entry["size"] >= (11 if entry["tag"] == "RT" else 12), entry
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (contrast(paper, "rgb(0, 0, 0)") < 3) == night


@pytest.mark.parametrize("reviewer", engine.REVIEWERS)
def test_what_is_tapped_is_large_enough(look: Look, reviewer: str) -> None:
    """44 px is what Apple's and WCAG's (2.5.5) guidance ask of a target."""
    page = look("quote", 0, "front", reviewer=reviewer)
    for target in ("label", ".replay-button"):
        width, height = page.locator(target).first.evaluate(BOX)[2:]
        assert min(width, height) >= 44, target


def test_speech_is_chinese_and_has_no_pinyin_in_it(collection: Any) -> None:
    spoken = {}
    for number in collection.find_cards(""):
        card = collection.get_card(number)
        shown = card.render_output()
        for side, tags in ("front", shown.question_av_tags), ("back", shown.answer_av_tags):
            spoken[card.note()["Id"], card.ord, side] = [(tag.lang, tag.field_text) for tag in tags]
    assert spoken["quote", 0, "back"] == [("zh_CN", "童叟无欺")]
    assert spoken["cloze", 0, "front"] == [("zh_CN", "小店的毛利率不许超过什么，掌柜的招牌是童叟无欺。")]
    assert spoken["list", 2, "back"] == [("zh_CN", "每晚对清账目")]
    for where, said in spoken.items():
        assert all(
            text.strip() and not re.search(r"[a-zāáǎà]{4}", text.replace(LINK, "")) for _, text in said
        ), where


def test_image_is_on_the_back_alone_and_fits_the_screen(screen: Any, tmp_path: Path) -> None:
    rows = zlib.compress((b"\0" + b"\x80" * 3000) * 2000)  # 3000 by 2000 pixels, grey
    chunks = ((b"IHDR", struct.pack(">2I5B", 3000, 2000, 8, 0, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b""))
    data = b"".join(
        struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks
    )
    (tmp_path / "图.png").write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    cards = (
        Card("frage", front="问？", back="答", image="图.png", reverse=True),
        Card("loch", cloze="毛利{{一成}}", image="图.png"),
        Card("liste", "rules", front="哪些？", items=("甲", "乙"), image="图.png"),
    )
    deck = Deck("图", cards, file=str(tmp_path / "deck.yaml"))
    anki.build([(deck, Lock())], words_of, tmp_path / "out.apkg")
    engine.add_package(tmp_path / "collection.anki2", tmp_path / "out.apkg")
    with engine.opened(tmp_path / "collection.anki2") as collection:
        for number in collection.find_cards(""):
            card = collection.get_card(number)
            shown = Path(collection.media.dir()) / "card.html"
            shown.write_text(engine.page(card, "front"), encoding="utf-8")
            screen.goto(shown.as_uri())
            assert screen.locator("img").count() == 0
            shown.write_text(engine.page(card, "back"), encoding="utf-8")
            for width in (320, 390, 1000):
                screen.set_viewport_size({"width": width, "height": 844})
                screen.goto(shown.as_uri())
                image = screen.locator("img")
                assert image.evaluate("e => e.naturalWidth") == 3000
                left, _, wide, high = image.evaluate(BOX)
                assert left >= 0
                assert left + wide <= width
                assert high < 844
                assert abs(wide / high - 1.5) < 0.02
