"""The sample chapter as people have it: web pages, e-books, PDFs, Word files. All made here."""

from __future__ import annotations

import html
import io
import textwrap
import zipfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "decks" / "sample" / "small-promises.txt"


def paragraphs() -> list[tuple[str, str]]:
    """The sample as (tag, text): h1, h2 and p."""
    out: list[tuple[str, str]] = []
    for line in SAMPLE.read_text(encoding="utf-8").split("\n\n"):
        text = line.strip()
        tag = "h1" if not out else "h2" if len(text) < 20 and text[-1] not in "。？" else "p"
        out.append((tag, text))
    return out


def body(blocks: list[tuple[str, str]] | None = None) -> str:
    """The sample as plain HTML."""
    return "\n".join(f"<{tag}>{html.escape(text)}</{tag}>" for tag, text in blocks or paragraphs())


def markdown() -> str:
    signs = {"h1": "# ", "h2": "## ", "p": ""}
    return "\n\n".join(signs[tag] + text for tag, text in paragraphs()) + "\n"


LINKS = "".join(
    f'<li><a href="/{n}.html">{text}</a></li>'
    for n, text in enumerate(
        (
            "一家面馆为什么只卖三种面",
            "老板要学会说不",
            "涨价以前先做完这四件事",
            "怎样让老客人带来新客人",
            "开店第一年的账本",
        )
    )
)

NEWS = """<!DOCTYPE html>
<html><head><meta charset="{charset}"><title>第四章　把承诺写小一点_小店书摘_读书网</title>
<style>.a{{color:red}}</style><script>document.write("<p>广告位，请联系我们。</p>");</script></head>
<body class="with-sidebar"><!-- top --><div id="header"><ul class="nav"><li><a href="/">首页</a></li>
<li><a href="/b">读书</a></li><li><a href="/c">论坛</a></li></ul></div>
<div class="breadcrumb"><a href="/">首页</a> &gt; <a href="/b">读书</a> &gt; 正文</div>
<div class="wrap"><div class="main">{title}
<div class="info">2021-03-04 09:12　来源：读书网　<a href="#c">评论(12)</a></div>
<div class="content">
{text}
<p class="ad">【广告】新用户下载APP领取优惠券</p>
</div><div class="share">分享到：<a href="#">微信</a><a href="#">微博</a></div>
<div class="prev">上一篇：<a href="/3.html">第三章</a> 下一篇：<a href="/5.html">第五章</a></div></div>
<div class="sidebar"><h3>相关文章</h3><ul>{links}</ul></div></div>
<div class="comments"><h3>网友评论</h3><p>说得真好，我也开过店，知道其中的难处。</p>
<p>第三条最难做到，佩服老板。</p></div>
<div class="footer"><p>Copyright 2021 读书网，未经许可不得转载。京备00000000号</p></div></body></html>"""


def news_page(charset: str = "utf-8") -> str:
    """A portal's page: a frame of navigation, links, comments, advertising."""
    (tag, title), *rest = paragraphs()
    return NEWS.format(charset=charset, title=f"<{tag}>{title}</{tag}>", text=body(rest), links=LINKS)


def blog_page() -> str:
    """Semantic elements, bold words, paragraphs left open, and a note's mark."""
    (_, title), *rest = paragraphs()
    text = "\n".join(f"<{tag}>{html.escape(one)}" + (f"</{tag}>" if tag != "p" else "") for tag, one in rest)
    text = text.replace("承诺由谁兑现，就该由谁来定。", "<strong>承诺由谁兑现，就该由谁来定。</strong>")
    text = text.replace("顺序不能颠倒。", '顺序不能颠倒。<sup><a href="#n1">[1]</a></sup>', 1)
    return (
        f"<!doctype html><html lang=zh><head><title>{title} - 拐角</title></head><body><nav><a href=/>首页</a> "
        f"<a href=/about>关于</a></nav><main><article><header><h1>{title}</h1><p><time>2021-03-04</time></p></header>"
        f"{text}<footer><p>标签：<a href=/t>服务</a></p></footer></article></main>"
        f"<aside><ul>{LINKS}</ul></aside><footer>© 拐角</footer></body></html>"
    )


def old_page() -> str:
    """Tables for layout, line breaks for paragraphs, fonts for headings: a page of the year 2000."""
    (_, title), *rest = paragraphs()
    text = "<BR><BR>\n".join(
        f"<B>{html.escape(one)}</B>" if tag == "h2" else "&nbsp;&nbsp;　　" + html.escape(one)
        for tag, one in rest
    )
    return (
        f"<HTML><HEAD><META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=gb2312'>"
        f"<TITLE>{title}</TITLE></HEAD><BODY>"
        f"<TABLE WIDTH=760><TR><TD><A HREF=/>首页</A></TD><TD><A HREF=/b>书摘</A></TD></TR></TABLE>"
        f"<TABLE><TR><TD WIDTH=160>"
        f"{LINKS}</TD><TD><FONT SIZE=5><CENTER>{title}</CENTER></FONT><HR><FONT SIZE=3>{text}</FONT></TD></TR>"
        f"</TABLE></BODY></HTML>"
    )


CONTAINER = """<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">x</dc:identifier><dc:title>拐角修理</dc:title>
<dc:creator>韩拐角</dc:creator><dc:language>zh</dc:language></metadata><manifest>{manifest}{more}</manifest>
<spine toc="ncx">{spine}</spine></package>"""
PAGE = """<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<head><title>{title}</title></head><body>{text}</body></html>"""
NAV = '<nav epub:type="toc"><ol>{}</ol></nav>'


def epub(
    chapters: list[tuple[str, str]] | None = None,
    *,
    nav: str | None = None,
    parts: dict[str, str] | None = None,
) -> bytes:
    """An EPUB of chapters (title, HTML), one page each; by default a preface, the sample, an afterword."""
    chapters = chapters or [
        ("自序", "<h1>自序</h1><p>这本书写的是一家修理铺。</p>"),
        (paragraphs()[0][1], body()),
        ("后记", "<h1>后记</h1><p>写到这里，要谢谢街坊。</p>"),
    ]
    names = [f"text/ch{n}.xhtml" for n in range(len(chapters))]
    nav = nav or "".join(
        f'<li><a href="{name}">{title}</a></li>' for name, (title, _) in zip(names, chapters, strict=True)
    )
    files = {
        "META-INF/container.xml": CONTAINER,
        "OEBPS/content.opf": PACKAGE.format(
            manifest="".join(
                f'<item id="c{n}" href="{name}" media-type="application/xhtml+xml"/>'
                for n, name in enumerate(names)
            ),
            more='<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>',
            spine="".join(f'<itemref idref="c{n}"/>' for n in range(len(names))),
        ),
        "OEBPS/nav.xhtml": PAGE.format(title="目录", text=NAV.format(nav)),
        **{
            f"OEBPS/{name}": PAGE.format(title=title, text=text)
            for name, (title, text) in zip(names, chapters, strict=True)
        },
        **(parts or {}),
    }
    return archive({"mimetype": "application/epub+zip", **files})


def archive(files: Mapping[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in files.items():
            out.writestr(name, text)
    return made.getvalue()


# --- PDF


def pdf(*, trailer: str = "", text: bool = True) -> bytes:
    """The sample as a book's pages: indented paragraphs without gaps, running heads left and right, page numbers.

    No font is embedded; its code table says which character each code is.
    """
    size, wide, step = 10, 32, 17
    lines: list[tuple[int, int, str]] = []  # size, indent in em, text
    for tag, block in paragraphs():
        if tag == "p":
            wrapped = textwrap.wrap("\u3000\u3000" + block, wide, drop_whitespace=False)
            lines += [(size, 0 if n else 2, one.lstrip("\u3000")) for n, one in enumerate(wrapped)]
        else:
            lines.append((16 if tag == "h1" else 13, 4, block))
    pages: list[str] = []
    for n, first in enumerate(range(0, len(lines), 26), start=57):
        head = "拐角修理" if n % 2 else "第四章　把承诺写小一点"
        shown = [(8, 60, 570, head), (8, 200, 30, f"· {n} ·")]
        top = 545
        for font, indent, one in lines[first : first + 26]:
            top -= step if font == size else step + 14
            shown.append((font, 60 + n % 2 * 12 + indent * size, top, one))
        drawn = "".join(
            f"BT /F {font} Tf {x} {y} Td <{one.encode('utf-16-be').hex()}> Tj ET\n"
            for font, x, y, one in shown
        )
        pages.append(drawn if text else "0 0 m 100 100 l S")
    ranges = [f"<{high:02x}00> <{high:02x}ff> <{high:02x}00>" for high in range(256)]
    table = "".join(
        f"100 beginbfrange {' '.join(ranges[n : n + 100])} endbfrange\n".replace(
            "100", str(len(ranges[n : n + 100])), 1
        )
        for n in range(0, 256, 100)
    )
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def "
        f"1 begincodespacerange <0000> <ffff> endcodespacerange {table} endcmap end end"
    )
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(f'{7 + 2 * n} 0 R' for n in range(len(pages)))}]>>",
        "<</Type/Font/Subtype/Type0/BaseFont/Song/Encoding/Identity-H/DescendantFonts[4 0 R]/ToUnicode 6 0 R>>",
        (
            "<</Type/Font/Subtype/CIDFontType2/BaseFont/Song/DW 1000/FontDescriptor 5 0 R"
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>"
        ),
        (
            "<</Type/FontDescriptor/FontName/Song/Flags 4/FontBBox[0 -200 1000 900]/Ascent 880/Descent -120/CapHeight 700"
            "/ItalicAngle 0/StemV 80>>"
        ),
        _stream(cmap),
    ]
    for n, page in enumerate(pages):
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 440 600]/Resources<</Font<</F 3 0 R>>>>/Contents {8 + 2 * n} 0 R>>"
        )
        objects.append(_stream(page))
    out = b"%PDF-1.5\n"
    offsets: list[int] = []
    for n, one in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{n} 0 obj\n{one}\nendobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size_ = len(objects) + 1
    return (
        out
        + (
            f"xref\n0 {size_}\n0000000000 65535 f \n{table}trailer\n<</Size {size_}/Root 1 0 R{trailer}>>\n"
            f"startxref\n{len(out)}\n%%EOF\n"
        ).encode()
    )


def _stream(text: str) -> str:
    return f"<</Length {len(text)}>>\nstream\n{text}\nendstream"


LOCKED = f"/ID[<00><00>]/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4/O<{'11' * 32}>/U<{'22' * 32}>>>"


# --- DOCX

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STYLES = f"""<w:styles {W}><w:style w:type="paragraph" w:styleId="a1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="a2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="a3"><w:name w:val="小节"/><w:basedOn w:val="a2"/></w:style>
<w:style w:type="paragraph" w:styleId="q"><w:name w:val="Quote"/></w:style>
<w:style w:type="character" w:styleId="s"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style></w:styles>"""
NUMBERING = f"""<w:numbering {W}>
<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>
</w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
<w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num>
</w:numbering>"""


def docx(content: str = "", *, parts: dict[str, str] | None = None) -> bytes:
    """A Word file: the sample, or the given XML."""
    styles = {"h1": "a1", "h2": "a3", "p": ""}
    content = content or "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{styles[tag]}"/></w:pPr>{runs(text)}</w:p>'
        for tag, text in paragraphs()
    )
    files = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f"<w:document {W}><w:body>{content}</w:body></w:document>",
        "word/styles.xml": STYLES,
        "word/numbering.xml": NUMBERING,
    }
    return archive({**files, **(parts or {})})


def runs(text: str) -> str:
    """Word splits a sentence into runs wherever someone edited it."""
    return "".join(
        f'<w:r><w:t xml:space="preserve">{html.escape(text[n : n + 9])}</w:t></w:r>'
        for n in range(0, len(text), 9)
    )
