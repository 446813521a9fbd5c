"""Letterspaced words, ``A R T I C L E  O N E``: letters that stand apart evenly, put together again.

Pure. The source of characters takes every letter for a word; what parts words is wider than what parts letters.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import median

from segtool.loaders.pdf.words import Word

_LEAST_LETTERS = 5
_SHARE = 0.7
"""Least share of single letters among the words of such a line."""
_WIDEST = 0.8
"""Widest gap between the letters of a word (of the font size)."""
_SAME, _WIDER = 1.3, 1.6
"""Gaps up to the first (of the usual one) part letters, from the second on words; between the two nothing is sure."""


def without_letterspacing(words: list[Word]) -> list[Word]:
    """The words of a line from left to right, letters that make up words joined; the list itself if there are none."""
    letters = sum(1 for word in words if len(word.text) == 1 and word.text.isalpha())
    if letters < _LEAST_LETTERS or letters < _SHARE * len(words):
        return words
    gaps = [after.x0 - word.x1 for word, after in pairwise(words)]
    usual = median(gaps)
    if not 0.0 < usual <= _WIDEST * words[0].size or any(_SAME * usual < gap < _WIDER * usual for gap in gaps):
        return words
    groups = [[words[0]]]
    for gap, word in zip(gaps, words[1:], strict=True):
        if gap <= _SAME * usual:
            groups[-1].append(word)
        else:
            groups.append([word])
    return words if all(map(_is_series, groups)) else [_joined(group) for group in groups]


def _is_series(group: list[Word]) -> bool:
    """Whether letters are too few for a word, or count on through the alphabet, as in an index."""
    text = "".join(word.text for word in group)
    follow = sum(1 for before, after in pairwise(text) if ord(after) == ord(before) + 1)
    return len(text) < 3 or 2 * follow >= len(text)


def _joined(group: list[Word]) -> Word:
    return replace(
        group[0],
        text="".join(word.text for word in group),
        top=min(word.top for word in group),
        x1=max(word.x1 for word in group),
        bottom=max(word.bottom for word in group),
    )
