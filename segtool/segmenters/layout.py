"""What a source says of headings by its layout: marks and styles that are certain, size and weight that are evidence.

Markdown, HTML, DOCX and legal XML name their headings and levels; there the loader's word stands. A PDF has only looks:
its loader's headings are likely ones, and their sizes tell levels of headings that have no number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segtool.core.document import Document
from segtool.segmenters.evidence import Array
from segtool.segmenters.headings import Line
from segtool.segmenters.number import Number

_EXPLICIT_FORMATS = frozenset({"markdown", "html", "docx", "akn", "uslm"})
_NEVER = frozenset({"title", "furniture", "footnote", "caption", "table"})
_UNMARKED_ODDS = 0.1
"""Odds of a heading among paragraphs that a source with marked headings did not mark."""
_LOOK_ODDS, _PLAIN_ODDS, _BOLD_ODDS = 12.0, 0.05, 4.0
"""Odds for what a PDF's loader takes for a heading, for what it does not, and for a short bold paragraph."""
_NUMBERLESS = 0.3
"""Odds besides of a plain line without a number, in a PDF that shows its headings."""
_LOOK_WEIGHT = 0.7
_SEVERAL = 3
"""Likely headings from which a PDF is taken to show its headings by their look."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The loader's word for each line.

    Attributes:
        levels: int64 (n,), the level of headings that are certain, else 0.
        odds: float32 (n,), by which the odds of a heading change.
        looks: int64 (n,), rank of the look (from 1, largest first) of likely headings without a number, else 0.
    """

    levels: NDArray[np.int64]
    odds: Array
    looks: NDArray[np.int64]

    @property
    def is_certain(self) -> bool:
        """Whether the source marks its headings."""
        return bool(np.count_nonzero(self.levels) >= 2)


def read_layout(document: Document, lines: list[Line], numbers: list[Number | None]) -> Layout:
    """What the loader said of each line's paragraph."""
    n = len(lines)
    levels, looks = np.zeros(n, np.int64), np.zeros(n, np.int64)
    odds = np.ones(n, np.float32)
    explicit = document.source is not None and document.source.format in _EXPLICIT_FORMATS
    marked = [line.paragraph.kind == "heading" for line in lines]
    if any(marked):
        ranks = _look_ranks(lines, numbers)
        unmarked = _UNMARKED_ODDS if explicit else _PLAIN_ODDS if sum(marked) >= _SEVERAL else 1.0
        for i, line in enumerate(lines):
            if not marked[i]:
                odds[i] = unmarked * (_NUMBERLESS if unmarked == _PLAIN_ODDS and numbers[i] is None else 1)
            elif explicit or line.paragraph.style is None or line.paragraph.style.size is None:
                levels[i] = max(line.paragraph.level, 1)
            else:
                odds[i] = 1e3 if line.paragraph.style.bookmark else _LOOK_ODDS
                looks[i] = ranks.get(_look(line), 0) if numbers[i] is None else 0
    for i, line in enumerate(lines):
        if line.paragraph.kind in _NEVER:
            odds[i] = 0.0
        elif not marked[i] and line.paragraph.style and line.paragraph.style.bold and not line.is_long and line.words:
            odds[i] *= _BOLD_ODDS
    return Layout(levels, odds, looks)


def apply_layout(chances: Array, layout: Layout) -> Array:
    """The chances with the loader's word counted in; rows sum to 1."""
    changed = chances.copy()
    ranked = layout.looks > 0
    if ranked.any():
        columns = np.minimum(layout.looks[ranked], chances.shape[1] - 1)
        share = np.zeros((len(columns), chances.shape[1]), np.float32)
        share[np.arange(len(columns)), columns] = 1 - chances[ranked, 0]
        changed[ranked, 1:] = (1 - _LOOK_WEIGHT) * chances[ranked, 1:] + _LOOK_WEIGHT * share[:, 1:]
    changed[:, 1:] *= layout.odds[:, None]
    changed /= np.maximum(changed.sum(axis=1, keepdims=True), 1e-9)
    return changed


def find_title(
    lines: list[Line], numbers: list[Number | None], starts: list[int], levels: NDArray[np.int64]
) -> int | None:
    """The line of a heading at the top that is the document's title and no section, None if there is none.

    It is the only one of its level, or it has no number where at least two others of its level follow and all have
    one, or it is larger than every other heading.
    """
    if len(starts) < 2 or any(line.paragraph.kind not in ("furniture", "title") for line in lines[: starts[0]]):
        return None
    first, others = starts[0], starts[1:]
    peers = [i for i in others if levels[i] <= levels[first]]
    if not peers:
        return first
    if numbers[first] is not None or levels[first] > 1:
        return None
    if len(peers) >= 2 and all(numbers[i] is not None for i in peers):
        return first
    size = _size(lines[first])
    return first if size and all(_size(lines[i]) < size for i in others) else None


def _size(line: Line) -> float:
    return (line.paragraph.style.size if line.paragraph.style else None) or 0.0


def _look(line: Line) -> tuple[float, bool, bool]:
    style = line.paragraph.style
    caps = line.words > 0 and line.shouted * 2 > line.words
    return (_size(line), bool(style and style.bold), caps)


def _look_ranks(lines: list[Line], numbers: list[Number | None]) -> dict[tuple[float, bool, bool], int]:
    """Rank of each look of unnumbered headings, largest first; the very first heading (a title) aside."""
    looks = [
        _look(line)
        for line, number in zip(lines, numbers, strict=True)
        if line.paragraph.kind == "heading" and number is None
    ]
    return {look: rank for rank, look in enumerate(sorted(set(looks[1:]), reverse=True), 1)}
