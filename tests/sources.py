"""The sample chapter as people have it: web pages, e-books, PDFs, Word files. All made here."""

from __future__ import annotations

import html
import io
import zipfile
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
<body class="with-sidebar"><!-- top --><div id="header"><ul class="nav"><li><a href="/">首页</a></li><li><a href="/b">读书</a>
</li><li><a href="/c">论坛</a></li></ul></div>
<div class="breadcrumb"><a href="/">首页</a> &gt; <a href="/b">读书</a> &gt; 正文</div>
<div class="wrap"><div class="main">{title}<div class="info">2021-03-04 09:12　来源：读书网　<a href="#c">评论(12)</a></div>
<div class="content">
{text}
<p class="ad">【广告】新用户下载APP领取优惠券</p>
</div><div class="share">分享到：<a href="#">微信</a><a href="#">微博</a></div>
<div class="prev">上一篇：<a href="/3.html">第三章</a> 下一篇：<a href="/5.html">第五章</a></div></div>
<div class="sidebar"><h3>相关文章</h3><ul>{links}</ul></div></div>
<div class="comments"><h3>网友评论</h3><p>说得真好，我也开过店，知道其中的难处。</p><p>第三条最难做到，佩服老板。</p></div>
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
        f"<!doctype html><html lang=zh><head><title>{title} - 拐角</title></head><body><nav><a href=/>首页</a> <a href=/about>关于"
        f"</a></nav><main><article><header><h1>{title}</h1><p><time>2021-03-04</time></p></header>{text}<footer><p>标签："
        f"<a href=/t>服务</a></p></footer></article></main><aside><ul>{LINKS}</ul></aside><footer>© 拐角</footer></body></html>"
    )


def old_page() -> str:
    """Tables for layout, line breaks for paragraphs, fonts for headings: a page of the year 2000."""
    (_, title), *rest = paragraphs()
    text = "<BR><BR>\n".join(
        f"<B>{html.escape(one)}</B>" if tag == "h2" else "&nbsp;&nbsp;　　" + html.escape(one)
        for tag, one in rest
    )
    return (
        f"<HTML><HEAD><META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=gb2312'><TITLE>{title}</TITLE></HEAD><BODY>"
        f"<TABLE WIDTH=760><TR><TD><A HREF=/>首页</A></TD><TD><A HREF=/b>书摘</A></TD></TR></TABLE><TABLE><TR><TD WIDTH=160>"
        f"{LINKS}</TD><TD><FONT SIZE=5><CENTER>{title}</CENTER></FONT><HR><FONT SIZE=3>{text}</FONT></TD></TR></TABLE></BODY></HTML>"
    )


CONTAINER = """<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
PACKAGE = """<?xml version="1.0" encoding="utf-8"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">
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


def archive(files: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in files.items():
            out.writestr(name, text)
    return made.getvalue()
