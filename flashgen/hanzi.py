"""Which characters are hanzi."""

HANZI = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""A character class, to stand within [ ] of a pattern: 〇, the unified ideographs and their extensions."""
