"""Which characters are hanzi, and what is left of a text when marks do not count."""

import re

HANZI = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""A character class, to stand within [ ] of a pattern: 〇, the unified ideographs and their extensions."""

_HANZI = re.compile(f"[{HANZI}]")
_MARKS = re.compile(r"[\W_]+")


def hanzi(text: str) -> int:
    """Count the hanzi of a text."""
    return len(_HANZI.findall(text))


def bare(text: str) -> str:
    """Return letters, digits and hanzi only, in lower case: what is left when marks may be lost."""
    return _MARKS.sub("", text).lower()
