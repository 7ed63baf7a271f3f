"""Web pages, e-books, PDFs and Word files: the same cards as the text gives, and a clear word for what cannot be read."""

from __future__ import annotations

import contextlib
import io
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sources

from flashgen import pipeline
from flashgen.pinyin_lexicon import load
from flashgen.problems import FlashgenError, UsageError
from flashgen.read import chapters, read

CASES = Path(__file__).parent / "cases" / "read"
SAMPLE = sources.SAMPLE.read_text(encoding="utf-8")


def write(folder: Path, data: bytes | str, name: str = "source") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def texts(path: Path, chapter: int | None = None) -> set[tuple[object, ...]]:
    cards = pipeline.extract(path, chapter=chapter).deck.cards
    return {(card.kind, card.front, card.back, card.cloze, card.items) for card in cards}


@cache
def wanted() -> set[tuple[object, ...]]:
    return texts(sources.SAMPLE)


def mhtml() -> bytes:
    import email.mime.multipart
    import email.mime.text

    made = email.mime.multipart.MIMEMultipart("related")
    made["Subject"] = "saved"
    made.attach(email.mime.text.MIMEText(sources.news_page(), "html", "utf-8"))
    return b"From: <Saved by a browser>\n" + made.as_bytes()


FORMS: dict[str, Callable[[], bytes | str]] = {
    "utf-16": lambda: SAMPLE.encode("utf-16"),
    "gb18030": lambda: SAMPLE.encode("gb18030"),
    "markdown": sources.markdown,
    "news": sources.news_page,
    "news-labelled-gb2312-but-utf-8": lambda: sources.news_page("gb2312"),
    "news-labelled-utf-8-but-gb18030": lambda: sources.news_page().encode("gb18030"),
    "blog": sources.blog_page,
    "old": lambda: sources.old_page().encode("gb18030"),
    "web-archive": mhtml,
    "pdf": sources.pdf,
    "docx": sources.docx,
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_cards_whatever_the_file_is_and_whatever_its_name(tmp_path: Path, form: str) -> None:
    assert texts(write(tmp_path, FORMS[form]())) == wanted()


def test_the_same_cards_from_a_chapter_of_a_book(tmp_path: Path) -> None:
    assert texts(write(tmp_path, sources.epub()), 2) == wanted()


def test_the_same_cards_from_a_page_that_a_browser_printed(tmp_path: Path, chromium: Any) -> None:
    with chromium.new_page() as page:
        page.set_content(f"<body style='font: 14px/1.8 serif'>{sources.body()}</body>")
        page.pdf(
            path=tmp_path / "printed",
            format="A5",
            display_header_footer=True,
            header_template="<span style='font-size: 9px'>拐角修理　第四章</span>",
            footer_template="<span style='font-size: 9px'>第 <span class=pageNumber></span> 页</span>",
        )
        page.set_content(f"<body style='font: 12px/1.6 serif; columns: 2'>{sources.body()}</body>")
        page.pdf(path=tmp_path / "columns", format="A4")
    assert texts(tmp_path / "printed") == wanted()
    assert texts(tmp_path / "columns") == wanted()


def test_the_same_cards_from_a_traditional_version_in_big5(tmp_path: Path) -> None:
    pairs = sorted(load().simple.items(), reverse=True)
    full = {plain: chr(code) for code, plain in pairs if chr(code).encode("big5", "ignore")}
    text = "".join(full.get(char, char) for char in SAMPLE)
    cards = texts(write(tmp_path, text.encode("big5hkscs")))
    assert cards == texts(write(tmp_path, text))
    assert any("們" in str(card) for card in cards)

    def told(found: set[tuple[object, ...]]) -> set[str]:
        return {re.sub(r"[\W_]", "", load().simplified(str(card))) for card in found}

    assert told(cards) == told(wanted())


@pytest.mark.parametrize("case", sorted(CASES.glob("*.html")), ids=lambda path: path.stem)
def test_structure_of_a_web_page(case: Path) -> None:
    assert read(case).text + "\n" == case.with_suffix(".md").read_text(encoding="utf-8")


def test_what_stands_around_a_page_is_left_out_and_told(tmp_path: Path) -> None:
    document = read(write(tmp_path, sources.news_page()))
    told = [removal.text for removal in document.removed]
    for junk in ("首页", "评论(12)", "优惠券", "开店第一年的账本", "佩服老板", "不得转载", "分享到"):
        assert junk not in document.text
        assert any(junk in text for text in told), junk
    assert "广告位" not in "".join((document.text, *told))  # a script's words are no text


def test_one_long_part_of_a_page_is_not_taken_for_the_whole(tmp_path: Path) -> None:
    parts = "".join(
        f'<div class="part"><h2>第{n}节</h2><p>{"先说要紧的，" * size}完。</p></div>'
        for n, size in ((1, 90), (2, 3))
    )
    text = read(
        write(tmp_path, f"<html><body><h1>两节</h1><div><p>开头，一句。</p>{parts}</div></body></html>")
    ).text
    assert [line for line in text.split("\n\n") if line.startswith("#")] == ["# 两节", "## 第1节", "## 第2节"]
    assert "开头" in text


def test_a_text_that_is_hidden_until_a_script_shows_it_is_read(tmp_path: Path) -> None:
    hidden = "<div style='display: none'><h3>加载中，请稍候</h3></div>"
    html = f"<html><body><div style='display:none'>{hidden}{sources.body()}</div></body></html>"
    text = read(write(tmp_path, html)).text
    assert "先道歉，再解决，后追责" in text
    assert "加载中" not in text


def test_a_fragment_and_markdown_with_some_html_are_told_apart(tmp_path: Path) -> None:
    fragment = "<div>" + "<p>先做好一件事。</p>" * 5 + "</div>"
    assert read(write(tmp_path, fragment)).text.startswith("先做好一件事。\n\n先做好")
    note = "<div align=center><p>一</p><p>二</p></div><p></p><p></p><p></p>\n\n# 先做好一件事\n\n- 先\n- 后\n"
    assert read(write(tmp_path, note)).text == note


def test_places_are_chapters_pages_and_paragraphs(tmp_path: Path) -> None:
    def first(data: bytes | str, chapter: int | None = None) -> dict[str, str]:
        deck = pipeline.extract(write(tmp_path, data), chapter=chapter).deck
        return {card.source[:6]: card.at for card in deck.cards}

    sentence = "犯错的代价，"
    paragraph = next(n for n, (_, text) in enumerate(sources.paragraphs(), start=1) if sentence in text)
    assert first(sources.docx())[sentence] == first(sources.news_page())[sentence] == f"1:{paragraph}"
    assert first(sources.epub(), 2)[sentence] == f"2:{paragraph}"
    assert first(sources.pdf())[sentence].startswith("3:")


def test_running_heads_and_page_numbers_are_told_with_their_pages(tmp_path: Path) -> None:
    document = read(write(tmp_path, sources.pdf()))
    assert [(one.line, one.text) for one in document.removed if one.reason == "page number"] == [
        (1, "· 57 ·"),
        (2, "· 58 ·"),
        (3, "· 59 ·"),
        (4, "· 60 ·"),
    ]
    assert [re.sub("^#+ ", "", text) for text in document.text.split("\n\n")] == [
        text for _, text in sources.paragraphs()
    ]


def test_structure_of_a_word_file(tmp_path: Path) -> None:
    item = '<w:p><w:pPr><w:numPr><w:ilvl w:val="{}"/><w:numId w:val="5"/></w:numPr></w:pPr>{}</w:p>'
    bold = "<w:r><w:rPr><w:b/></w:rPr><w:t>{}</w:t></w:r>"
    off = bold.format("。").replace("<w:b/>", '<w:b w:val="0"/>')
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    xml = "".join(
        (
            f'<w:p><w:pPr><w:outlineLvl w:val="1"/></w:pPr>{bold.format("三本账")}</w:p>',
            f"<w:p>{sources.runs('一本记')}{bold.format('自己说')}{bold.format('过的话')}{off}</w:p>",
            item.format(0, sources.runs("当天记")),
            item.format(1, sources.runs("米面")),
            item.format(0, sources.runs("当面点清")),
            f"<w:p><w:del><w:r><w:t>删掉</w:t></w:r></w:del><w:ins>{sources.runs('补上的话。')}</w:ins></w:p>",
            f'<w:p><w:pPr><w:pStyle w:val="q"/></w:pPr>{sources.runs("账清了，人才亲。")}</w:p>',
            f"<w:tbl><w:tr>{cell.format('月份')}{cell.format('碗数')}</w:tr></w:tbl>",
            (
                '<w:p><w:r><w:rPr><w:rStyle w:val="s"/></w:rPr><w:t>谁不吃香菜，</w:t></w:r>'
                "<w:r><w:br/><w:t>都记下。</w:t></w:r></w:p>"
            ),
        )
    )
    assert read(write(tmp_path, sources.docx(xml))).text.split("\n\n") == [
        "## 三本账",
        "一本记**自己说过的话**。",
        "1. 当天记",
        "  - 米面",
        "2. 当面点清",
        "补上的话。",
        "> 账清了，人才亲。",
        "- 月份 | 碗数",
        "**谁不吃香菜，**",
        "都记下。",
    ]


# --- books


def page(title: str, *sections: str) -> tuple[str, str]:
    return title, f"<h1>{title}</h1>" + "".join(
        f'<h2 id="s{n}">{one}</h2><p>{one}讲的是账。</p>' for n, one in enumerate(sections)
    )


def test_a_book_has_chapters_and_one_must_be_chosen(tmp_path: Path) -> None:
    book = write(tmp_path, sources.epub(), "book.epub")
    assert chapters(book) == ["自序", "第四章 把承诺写小一点", "后记"]
    with pytest.raises(UsageError, match=r"has 3 chapters; .*--list .*--chapter N"):
        read(book)
    with pytest.raises(UsageError, match="there is no chapter 4"):
        read(book, 4)
    assert read(book, 3).text == "# 后记\n\n写到这里，要谢谢街坊。"
    assert read(book, 3).author == "韩拐角"
    assert read(write(tmp_path, sources.epub([page("独章", "甲")]))).text.startswith("# 独章")


def test_sections_in_the_contents_are_no_chapters(tmp_path: Path) -> None:
    book = sources.epub(
        [page("第一部 钱"), page("第一章 进货", "当天记", "分行记"), page("第二章 收钱", "点清")],
        nav='<li><a href="text/ch0.xhtml">第一部 钱</a><ol><li><a href="text/ch1.xhtml">第一章 进货</a><ol><li><a '
        'href="text/ch1.xhtml#s1">分行记</a></li></ol></li><li><a href="text/ch2.xhtml">第二章 收钱</a></li></ol></li>',
    )
    path = write(tmp_path, book)
    assert chapters(path) == ["第一部 钱", "第一章 进货", "第二章 收钱"]
    assert read(path, 2).text.count("讲的是账") == 2


def test_chapters_that_share_a_page_are_parted_at_their_anchors(tmp_path: Path) -> None:
    book = sources.epub(
        [page("全书", "第一章 进货", "第二章 收钱"), ("", "<p>续上一页。</p>")],
        nav='<li><a href="text/ch0.xhtml#s0">第一章 进货</a></li><li><a href="text/ch0.xhtml#s1">第二章 收钱</a></li>',
    )
    path = write(tmp_path, book)
    assert read(path, 1).text == "## 第一章 进货\n\n第一章 进货讲的是账。"
    assert read(path, 2).text == "## 第二章 收钱\n\n第二章 收钱讲的是账。\n\n续上一页。"


def test_an_older_books_contents(tmp_path: Path) -> None:
    point = '<navPoint><navLabel><text>{}</text></navLabel><content src="text/ch{}.xhtml"/>{}</navPoint>'
    ncx = "".join(point.format(title, n, "") for n, title in enumerate(("头一章", "第二章")))
    package = sources.PACKAGE.format(
        manifest="".join(f'<item id="c{n}" href="text/ch{n}.xhtml"/>' for n in range(2)),
        more='<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>',
        spine='<itemref idref="c0"/><itemref idref="c1"/>',
    )
    parts = {
        "OEBPS/content.opf": package,
        "OEBPS/toc.ncx": '<!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/z3986/2005/ncx-2005-1.dtd">'
        f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{ncx}</navMap></ncx>',
    }
    path = write(tmp_path, sources.epub([page("甲"), page("乙")], parts=parts))
    assert chapters(path) == ["头一章", "第二章"]
    parts["OEBPS/content.opf"] = package.replace("toc.ncx", "lost.ncx")
    assert chapters(write(tmp_path, sources.epub([page("甲"), page("乙")], parts=parts))) == ["甲", "乙"]


def test_footnotes_of_a_book_are_left_out_and_told(tmp_path: Path) -> None:
    text = '<h1>甲</h1><p>账要清。<sup><a href="#n">1</a></sup></p>'
    text += '<aside epub:type="footnote" id="n"><p>清，是清楚。</p></aside>'
    document = read(write(tmp_path, sources.epub([("甲", text)])))
    assert document.text == "# 甲\n\n账要清。[1]"
    assert [(one.reason, one.text) for one in document.removed] == [("footnote", "清，是清楚。")]


# --- what cannot be read


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        out.writestr("META-INF/container.xml", sources.CONTAINER)
        out.writestr("OEBPS/content.opf", "<a>" + " " * 40_000_000)
    return made.getvalue()


def many_parts() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        for n in range(20_001):
            out.writestr(str(n), b"")
    return made.getvalue()


def outside() -> bytes:
    package = sources.PACKAGE.format(
        manifest='<item id="c" href="../../../../etc/passwd"/>', more="", spine='<itemref idref="c"/>'
    )
    return sources.epub(parts={"OEBPS/content.opf": package})


def protected() -> bytes:
    locked = '<encryption><CipherReference URI="OEBPS/text/ch1.xhtml"/></encryption>'
    return sources.epub(parts={"META-INF/encryption.xml": locked})


LAUGHS = '<!DOCTYPE a [<!ENTITY a "好"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'

REFUSED: dict[str, tuple[Callable[[], bytes | str], str]] = {
    "bomb": (bomb, "unpacks to far more than a book"),
    "many-parts": (many_parts, "more than 20000 parts"),
    "path-outside": (outside, "lacks its part"),
    "protected": (protected, "protected against copying"),
    "entities": (lambda: sources.docx(parts={"word/styles.xml": LAUGHS}), "defines entities"),
    "external-entity": (lambda: sources.docx(parts={"word/document.xml": OUTSIDE}), "defines entities"),
    "entities-utf-16": (
        lambda: sources.archive({"[Content_Types].xml": "", "word/document.xml": LAUGHS.encode("utf-16")}),
        "defines entities",
    ),
    "broken-xml": (lambda: sources.docx(parts={"word/document.xml": "<a"}), "damaged"),
    "cut-docx": (lambda: sources.docx()[:2000], "damaged"),
    "nested-archive": (lambda: sources.archive({"book.epub": sources.epub()}), "unpack it"),
    "no-text-docx": (lambda: sources.docx("<w:p/>"), "no Chinese text"),
    "locked-pdf": (lambda: sources.pdf(trailer=sources.LOCKED), "locked with a password"),
    "scan": (lambda: sources.pdf(text=False), "is a scan"),
    "cut-pdf": (lambda: sources.pdf()[:3000], "damaged PDF"),
    "old-word": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Word file"),
    "rtf": (lambda: b"{\\rtf1\\ansi hello}", "RTF"),
    "kindle": (lambda: bytes(60) + b"BOOKMOBI" + bytes(600), "Kindle"),
    "nul-between": (lambda: "做\0生\0意\0".encode() * 1000, "not a text file"),
    "too-long": (lambda: "做生意要讲信用，" * 380_000, "more than 3,000,000 characters"),
    "page-of-scripts": (lambda: "<html><script>alert('做生意')</script></html>", "no Chinese text"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    make, word = REFUSED[name]
    path = write(tmp_path, make())
    with pytest.raises(FlashgenError, match=word) as caught:
        read(path)
    told = str(caught.value)
    assert told.startswith(f"{path}: ")
    assert "; " in told
    assert "\n" not in told


def test_a_missing_library_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(FlashgenError, match="pip install pypdfium2"):
        read(write(tmp_path, sources.pdf()))


@pytest.mark.parametrize(
    "piece", ["<a", "<a b='", "<!--", "<![CDATA[", "</", "&#", "<script>", "<div>", "<ul><li>", "<!a", "<?a"]
)
def test_markup_without_end_is_read_to_its_end(tmp_path: Path, piece: str) -> None:
    path = write(tmp_path, "<html><p>先做好一件事，再说。</p>" + piece * 20_000)
    assert read(path).text.startswith("先做好一件事，再说。")


@pytest.mark.parametrize("form", ["news", "blog", "old", "docx", "pdf", "epub"])
def test_damaged_files_never_crash_a_reader(tmp_path: Path, form: str) -> None:
    made = sources.epub() if form == "epub" else FORMS[form]()
    data = made.encode() if isinstance(made, str) else made
    for seed in range(40):
        path = write(tmp_path, damaged(data, random.Random(seed)))
        with contextlib.suppress(FlashgenError, UsageError):
            assert read(path, 2 if form == "epub" else None).text.strip()


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Flip, cut, repeat or move a few stretches."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at, length = chance.randrange(len(out)), chance.randint(1, 60)
        match chance.randrange(4):
            case 0:
                out[at] = chance.randrange(256)
            case 1:
                del out[at : at + length]
            case 2:
                out[at:at] = out[at : at + length] * chance.randint(1, 30)
            case 3:
                out[at : at + length] = chance.randbytes(length)
        if not out:
            break
    return bytes(out)


# --- the command line


def run(*arguments: str | Path, folder: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "flashgen", *map(str, arguments)],
        cwd=folder,
        input=stdin,
        capture_output=True,
        check=False,
    )


def test_the_command_line_lists_chapters_and_reads_one(tmp_path: Path) -> None:
    write(tmp_path, sources.epub(), "book.epub")
    listed = run("make", "book.epub", "--list", folder=tmp_path)
    assert listed.stdout.decode().splitlines() == ["   1  自序", "   2  第四章 把承诺写小一点", "   3  后记"]
    assert [path.name for path in tmp_path.iterdir()] == ["book.epub"]
    refused = run("extract", "book.epub", "-o", "book.yaml", folder=tmp_path)
    assert refused.returncode == 2
    assert b"--chapter N" in refused.stderr
    assert run("extract", "book.epub", "--chapter", "2", folder=tmp_path).returncode == 0
    assert "韩拐角" in (tmp_path / "book-2.yaml").read_text(encoding="utf-8")


def test_the_command_line_reads_standard_input(tmp_path: Path) -> None:
    data = sources.SAMPLE.read_bytes()
    assert run("extract", "-", "-o", "deck.yaml", folder=tmp_path, stdin=data).returncode == 0
    assert "standard input" in (tmp_path / "deck.yaml").read_text(encoding="utf-8")
    unnamed = run("extract", "-", folder=tmp_path, stdin=data)
    assert unnamed.returncode == 2
    assert b"-o" in unnamed.stderr
    empty = run("extract", "-", "-o", "deck.yaml", folder=tmp_path)
    assert (empty.returncode, empty.stderr.decode().strip()) == (
        1,
        "standard input: is empty; save the chapter's text in it",
    )
