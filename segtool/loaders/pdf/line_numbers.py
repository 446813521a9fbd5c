"""Line numbers of pleadings and bills: integers that count down a margin.

Pure.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from segtool.loaders.pdf.page_words import PageWords
from segtool.loaders.pdf.rows import rows_of
from segtool.loaders.pdf.words import Word

_LEAST = 3
_INSIDE = 0.97
"""Least share of the text of a page on the inner side of its line numbers."""


def take_line_numbers(pages: list[PageWords]) -> None:
    """Moves the line numbers of these pages out of their words, if at least half of the pages have them."""
    found: list[tuple[PageWords, list[Word]]] = []
    for page in pages:
        for side in ("left", "right"):
            column = _number_column(page, side)
            if column:
                found.append((page, column))
                break
    if len(found) * 2 < len([page for page in pages if len(page.words) > 30]):
        return
    edges = [edge for _, column in found for edge in {round(column[0].x0), round(column[0].x1)}]
    done = {page.number for page, _ in found}
    for page, column in found:
        page.take("line_number", column)
    for page in pages:
        # A page of few lines has too few numbers to count: those in the same place go, too.
        rest = [w for w in page.words if w.text.isdigit() and (round(w.x0) in edges or round(w.x1) in edges)]
        alone = [
            w for w in rest if not any(v is not w and v.x0 < w.x0 and abs(v.base - w.base) < w.size for v in page.words)
        ]
        if found and page.number not in done and alone:
            page.take("line_number", alone)


def _number_column(page: PageWords, side: str) -> list[Word]:
    """Integers in one margin that count up from row to row, with all other text on one side of them."""
    numbers = [word for word in page.words if word.text.isdigit() and len(word.text) <= 3]
    others = [word for word in page.words if not word.text.isdigit()]
    if len(numbers) < _LEAST or not others:
        return []
    numbers = _outside(numbers, others, side)
    if len(numbers) < _LEAST:
        return []
    column = max((_aligned(numbers, [w.x1 for w in numbers]), _aligned(numbers, [w.x0 for w in numbers])), key=len)
    column.sort(key=lambda word: word.base)
    inner = max(w.x1 for w in column) if side == "left" else min(w.x0 for w in column)
    inside = sum(
        1 for w in others if (w.x0 >= inner + 0.3 * w.size if side == "left" else w.x1 <= inner - 0.3 * w.size)
    )
    if inside < _INSIDE * len(others):
        return []
    values = [int(word.text) for word in column]
    steps = Counter(b - a for a, b in pairwise(values))
    if not steps:
        return []
    step, count = steps.most_common(1)[0]
    if step not in (1, 2, 5, 10) or count < 0.7 * (len(values) - 1) or (step == 1 and len(values) < 5):
        return []
    rows = len(rows_of(others))
    return column if len(values) * step >= 0.5 * rows else []


def _outside(numbers: list[Word], others: list[Word], side: str) -> list[Word]:
    """The numbers beyond the text of a page on one side: those at its edge count paragraphs."""
    if side == "left":
        edge = sorted(word.x0 for word in others)[round((1 - _INSIDE) * (len(others) - 1))]
        return [word for word in numbers if word.x1 <= edge]
    edge = sorted(word.x1 for word in others)[round(_INSIDE * (len(others) - 1))]
    return [word for word in numbers if word.x0 >= edge]


def _aligned(words: list[Word], edges: list[float]) -> list[Word]:
    """The words whose edges (one each) stand at the commonest place."""
    place, _ = Counter(round(edge / 3) for edge in edges).most_common(1)[0]
    return [word for word, edge in zip(words, edges, strict=True) if abs(edge / 3 - place) <= 1.5]
