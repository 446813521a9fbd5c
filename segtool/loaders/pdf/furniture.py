"""Furniture: what is printed on every page, or beside the text, and is no part of it.

Pure. Works on a run of pages; more pages at once give better evidence.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

from segtool.loaders.pdf.line_numbers import take_line_numbers
from segtool.loaders.pdf.page_words import PageWords
from segtool.loaders.pdf.running_heads import take_running_heads
from segtool.loaders.pdf.words import Word

_FENCES = {")", "(", ":", "|", "§", "*", "}"}
_LEAST_FENCE = 4


def take_furniture(pages: list[PageWords]) -> None:
    """Moves furniture of these pages out of their words. More pages at once give better evidence."""
    for page in pages:
        _take_outside(page)
        _take_fences(page)
    _take_turned(pages)
    _take_side_notes(pages)
    take_line_numbers(pages)
    take_running_heads(pages)


def _take_turned(pages: list[PageWords]) -> None:
    for page in pages:
        if turned := [word for word in page.words if word.turned]:
            page.take("watermark", turned)


def _take_outside(page: PageWords) -> None:
    """Words beyond the edges of the page, where it was cut from a larger sheet."""
    right, lower = page.width - 1, page.height - 1
    outside = [w for w in page.words if w.x0 >= right or w.x1 <= 1 or w.top >= lower or w.bottom <= 1]
    if outside and len(outside) < len(page.words):
        page.take("off_page", outside)


def _take_fences(page: PageWords) -> None:
    """Columns of brackets between the parties of a case and its number."""
    columns: dict[tuple[str, int], list[Word]] = defaultdict(list)
    for word in page.words:
        if word.text in _FENCES:
            columns[(word.text, round(word.x0 / 3))].append(word)
    for column in columns.values():
        column.sort(key=lambda word: word.base)
        if len(column) < _LEAST_FENCE or any(b.base - a.base > 3.2 * a.size for a, b in pairwise(column)):
            continue
        own = {id(word) for word in column}
        upper, lower = column[0].top, column[-1].bottom
        beside = [w for w in page.words if id(w) not in own and w.bottom > upper and w.top < lower]
        left = [word for word in beside if word.x1 <= column[0].x0 + 1]
        right = [word for word in beside if word.x0 >= column[0].x1 - 1]
        if left and right and len(left) + len(right) == len(beside):
            page.take("fence", column)
            page.fences.append((max(word.x1 for word in left), min(word.x0 for word in right)))


def _take_side_notes(pages: list[PageWords]) -> None:
    """Small print in a narrow margin beside the text."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for word in page.words:
            sizes[round(word.size * 2) / 2] += len(word.text)
    if not sizes:
        return
    usual = sizes.most_common(1)[0][0]
    for page in pages:
        small = [word for word in page.words if word.size <= 0.88 * usual and not word.text.isdigit()]
        main = [word for word in page.words if word.size >= 0.92 * usual]
        if len(main) < 40 or not small:
            continue
        left, right = min(word.x0 for word in main), max(word.x1 for word in main)
        upper, lower = min(word.top for word in main), max(word.bottom for word in main)
        for beyond in (True, False):
            notes = [
                word
                for word in small
                if (word.x0 > right + 0.5 * usual if beyond else word.x1 < left - 0.5 * usual)
                and upper <= word.base <= lower
            ]
            if 0 < len(notes) < 0.2 * len(main):
                page.take("side_note", notes)
