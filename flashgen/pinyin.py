"""Hanzi to words with their pinyin: where words part, and how each is read here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from flashgen.orthography import HANZI, accent, lay
from flashgen.records import Word


def annotate(
    texts: Iterable[str],
    readings: Mapping[str, str] = {},
    *,
    lexical: bool = False,
    terms: Collection[str] = (),
) -> Iterator[tuple[Word, ...]]:
    """Yield for each text its words with their syllables; together they give the text back.

    `readings` are a deck's own, by word; `terms` are words of the source that no dictionary knows. `lexical` leaves
    out the layer of neutral tones.
    """
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
    import logging

    import pypinyin

    jieba.setLogLevel(logging.ERROR)
    own = {
        word: tuple(s for part in lay(word, said) for s in part.syllables) for word, said in readings.items()
    }
    for word in (*own, *terms):
        jieba.add_word(word, 10**7)
    for text in texts:
        words = []
        for word in jieba.cut(text, HMM=False):
            if not HANZI.search(word):
                words.append(Word(word))
            elif word in own:
                words.append(Word(word, own[word]))
            else:
                said = pypinyin.lazy_pinyin(
                    word, style=pypinyin.Style.TONE3, errors="ignore", neutral_tone_with_five=False
                )
                words.append(Word(word, tuple(accent(s) for s in said)))
        yield tuple(words)


def pairs(words: Iterable[Word]) -> list[tuple[str, str | None]]:
    """Return one (character, syllable) for each character of the words; None where it has no reading."""
    return [
        pair
        for word in words
        for pair in zip(word.text, word.syllables or (None,) * len(word.text), strict=True)
    ]


def repeated_terms(text: str) -> list[str]:
    """Find words that no dictionary has and the text itself repeats, such as a brand's name."""
    return []


def doubtful(words: Iterable[Word]) -> list[tuple[int, Word, tuple[str, ...]]]:
    """List the words whose reading is unsure: offset in the text, the word, its other readings."""
    found, offset = [], 0
    for word in words:
        if word.unsure:
            found.append((offset, word, word.unsure))
        offset += len(word.text)
    return found
