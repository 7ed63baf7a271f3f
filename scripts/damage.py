"""Damage a clean text the way a careless scraper does, to make a test text whose clean form is known.

    python scripts/damage.py CLEAN.txt DAMAGED.txt

What such pages look like: a breadcrumb and a list of search keywords; a teaser, its full-width marks turned
into entities without their ampersand (`#xff0c;`), broken off with `…`, after which the text starts again; the
whole text on one line, paragraphs parted by spaces (an ideographic space becomes a no-break one), every mark
of U+FF01-FF5E gone; the page's address and related links.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

TEASER_LENGTH = 130  # characters of the clean text, about three sentences, as on the pages seen
FULL_WIDTH = re.compile("[\uff01-\uff5e]")


@dataclass(frozen=True)
class Furniture:
    """What a content farm puts around a stolen text."""

    breadcrumb: str
    keywords: tuple[str, ...]
    address: str
    links: tuple[str, ...]


FARM = Furniture(
    breadcrumb="当前位置: 首页 > news >正文",
    keywords=("怎样给网站换一个模板", "临江装饰设计公司官网", "小程序外包报价", "哪里有做网页的"),
    address="http://www.wangzhan-dashi.example/news/407126/",
    links=(
        "临江网站备案要多久网页制作培训班学费",
        "营销型网站 源码下载快速收录入口",
        "做外贸需要哪些网站建站代理加盟",
        "公众号排版工具大全域名到期查询",
        "手机网站自适应教程",
        "企业邮箱注册流程图网站打不开怎么办",
        "百货商城系统 免费版seo排名服务",
        "网站客服代码怎么加wordpress 插件汉化",
    ),
)


def paragraphs(text: str) -> list[str]:
    """Split `text` into its lines that hold something, without the space around them."""
    return [line.strip().replace("\u3000", "\u00a0") for line in text.splitlines() if line.strip()]


def strip_marks(text: str) -> str:
    """Take the full-width marks of U+FF01-FF5E out of `text`; the ideographic ones (。、“”) stay."""
    return FULL_WIDTH.sub("", text)


def break_entities(text: str) -> str:
    """Write each full-width mark of `text` as a character reference that has lost its ampersand."""
    return FULL_WIDTH.sub(lambda match: f"#x{ord(match[0]):x};", text)


def damage(text: str, furniture: Furniture = FARM, teaser_length: int = TEASER_LENGTH) -> str:
    """Make of `text`, plain and a paragraph or heading a line, the page that a content farm makes of it."""
    line = " ".join(paragraphs(text))
    teaser = break_entities(line[:teaser_length]) + "…"
    links = [f"  • {link}" for link in furniture.links]
    return "\n".join(
        [
            furniture.breadcrumb,
            "",
            "".join(furniture.keywords[:2]),
            "",
            ",".join(furniture.keywords) + teaser + strip_marks(line),
            furniture.address,
            "",
            "相关文章:",
            "",
            *links,
        ]
    )


def main() -> None:
    """Read the clean text, write the damaged one."""
    parser = argparse.ArgumentParser(description="Damage a clean text the way a careless scraper does.")
    parser.add_argument("clean", type=Path, help="UTF-8 text, a paragraph or heading a line")
    parser.add_argument("damaged", type=Path, help="where the damaged text goes")
    arguments = parser.parse_args()
    damaged = damage(arguments.clean.read_text(encoding="utf-8"))
    arguments.damaged.write_text(damaged, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
