"""Columns of a page and the order in which they are read.

Pure. A gutter is an x that many consecutive rows leave free, with text on both sides; the rows that cross it part the
page into bands, and inside a band the left side is read before the right one. Applied again to each part, this reads
two and three columns, headings over columns, and columns that change in mid-page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segtool.loaders.pdf.labels import bullet, label
from segtool.loaders.pdf.rows import Row, rows_of
from segtool.loaders.pdf.words import Word

_GUTTER = 0.75
"""Least width of a gutter (of the font size)."""
_MIN_ROWS = 4
"""Least rows on each side for a gutter to be found; once found, it holds for shorter bands of the page, too."""
_PAIR_ROWS, _PAIR_GAP, _PAIR_WORDS = 3, 2.0, 3.0
"""Rows of a pair of short columns, their gutter (of the font size) and words a row: less is a list of values."""
_MIN_SHARE = 0.12
"""Least width of a column as a share of the region."""
_MIN_CHARS = 9.0
"""Least characters of a row of a column on average: labels and numbers in a margin are no column."""
_MAX_DEPTH = 6


@dataclass(slots=True)
class Region:
    """Words that are read from top to bottom, and the edges of the column that they stand in.

    ``open`` says that no other column stands at its end, so that it may be wider than its words; ``rows`` are those of
    the words where they are known.
    """

    words: list[Word]
    left: float
    right: float
    open: bool = False
    rows: list[Row] | None = None


@dataclass(slots=True)
class _Band:
    rows: list[Row]
    crossing: bool


@dataclass(frozen=True, slots=True)
class Gutter:
    """The room between two columns: where the one before it ends and the one behind it starts."""

    left: float
    right: float

    def is_close(self, other: Gutter) -> bool:
        """Whether another gutter leads to the same column."""
        return abs(self.right - other.right) < 4.0

    @property
    def middle(self) -> float:
        """An x inside it, close to the column behind it."""
        return max(self.right - 1.0, (self.left + self.right) / 2)


def regions_of(words: list[Word], rtl: bool = False, known: Sequence[Gutter] = ()) -> list[Region]:
    """The columns of a page in reading order; ``columns_of`` without the gutters."""
    return columns_of(words, rtl, known)[0]


def columns_of(
    words: list[Word], rtl: bool = False, known: Sequence[Gutter] = (), rows: list[Row] | None = None
) -> tuple[list[Region], list[Gutter]]:
    """The columns of a page in reading order, and the gutters between them.

    Args:
        words: the words of the page.
        rtl: whether columns are read from right to left.
        known: gutters of other pages, for pages with too few rows to show their own.
        rows: those of the words, if they are known.
    """
    if not words:
        return [], []
    left, right = min(word.x0 for word in words), max(word.x1 for word in words)
    found: list[Gutter] = []
    return _Splitter(rtl, known, found).split(words, left, right, 0, not rtl, rows), found


@dataclass(frozen=True, slots=True)
class _Splitter:
    """Parts words into columns, and those again; ``found`` collects the gutters."""

    rtl: bool
    known: Sequence[Gutter]
    found: list[Gutter]

    def split(
        self, words: list[Word], left: float, right: float, depth: int, is_open: bool, rows: list[Row] | None = None
    ) -> list[Region]:
        """The regions of these words in reading order."""
        if depth == _MAX_DEPTH:
            return [Region(words, left, right, is_open)]
        rows = rows_of(words) if rows is None else rows
        gutter: Gutter | None = None
        x = _best_gutter(rows, right - left)
        if x is None:
            gutter = _known_gutter(rows, self.known, right - left)
            if gutter is None:
                return [Region(words, left, right, is_open, rows)]
            x = gutter.middle
        out: list[Region] = []
        waiting: list[Word] = []
        for band in _bands(rows, x):
            sides = None if band.crossing else _sides(band.rows, x)
            alone = gutter is not None and not band.crossing and _is_left_alone(band.rows, gutter)
            if not alone and (sides is None or not _holds(sides, x, _usual_size(rows))):
                waiting.extend(word for row in band.rows for word in row.words)
                continue
            if waiting:
                out.extend(self.split(waiting, left, right, depth + 1, is_open))
                waiting = []
            if sides is None:
                words_left = [word for row in band.rows for word in row.words]
                out.append(Region(words_left, left, gutter.left if gutter else x))
            else:
                out.extend(self._halves(sides, left, right, depth, is_open))
        if waiting:
            out.extend(
                self.split(waiting, left, right, depth + 1, is_open) if out else [Region(waiting, left, right, is_open)]
            )
        return out

    def _halves(
        self, sides: tuple[list[Word], list[Word]], left: float, right: float, depth: int, is_open: bool
    ) -> list[Region]:
        first, second = sides
        gutter = Gutter(max(word.x1 for word in first), min(word.x0 for word in second))
        if len(first) + len(second) > 8 * _MIN_ROWS:
            self.found.append(gutter)
        halves = [
            self.split(first, left, gutter.left, depth + 1, False),
            self.split(second, gutter.right, right, depth + 1, is_open),
        ]
        return [region for half in (reversed(halves) if self.rtl else halves) for region in half]


def _is_left_alone(rows: list[Row], gutter: Gutter) -> bool:
    """Whether rows fill a left column and leave the right one empty, as on the last page."""
    ends = [row.x1 for row in rows]
    return max(ends) <= gutter.left + 1.0 and max(ends) > gutter.left - 3 * _usual_size(rows) and len(rows) > 1


def _known_gutter(rows: list[Row], known: Sequence[Gutter], width: float) -> Gutter | None:
    """A gutter of other pages that this one keeps, with rows on both sides or alone in the left column."""
    for gutter in known:
        if width < gutter.right - gutter.left + 4 * rows[0].size:
            continue
        for band in _bands(rows, gutter.middle):
            if band.crossing:
                continue
            sides = _sides(band.rows, gutter.middle)
            if sides is None:
                if _is_left_alone(band.rows, gutter) and len(band.rows) < len(rows):
                    return gutter
                continue
            starts = [word for word in sides[1] if abs(word.x0 - gutter.right) < 2.0]
            letters = min(sum(len(word.text) for word in side) for side in sides)
            if starts and letters >= 2 * _MIN_CHARS and _holds(sides, gutter.middle, _usual_size(rows)):
                return gutter
    return None


def _best_gutter(rows: list[Row], width: float) -> float | None:
    """Where the strongest columns are parted: the x between most words of bands that are columns on both sides."""
    best, best_score = None, 0.0
    grid = _Grid(rows)
    for x in _candidates(rows):
        score = 0.0
        bands = [band for band in grid.bands(x) if not band.crossing and len(band.rows) >= _PAIR_ROWS]
        if sum(len(row.words) for band in bands for row in band.rows) <= best_score:
            continue
        for band in bands:
            if _is_strong(band.rows, x, width):
                # Of two places in one gutter the one before the labels of the column behind it.
                share = 1.0 - 0.02 * min(_stranded_labels(band.rows, x), 10)
                score += share * sum(len(row.words) for row in band.rows)
        if score > best_score:
            best, best_score = x, score
    return best


class _Grid:
    """Words of rows as arrays, for asking of many places which rows cross them."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        counts = np.array([len(row.words) for row in rows])
        self.starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)[:-1]])
        self.x0 = np.array([word.x0 for row in rows for word in row.words])
        self.x1 = np.array([word.x1 for row in rows for word in row.words])
        # The type of a heading says nothing of the room between columns.
        sizes = np.array([row.size for row in rows])
        self.least = _GUTTER * np.minimum(sizes, _usual_size(rows))

    def bands(self, x: float) -> list[_Band]:
        """The rows in runs that cross x, or don't."""
        covered = np.logical_or.reduceat((self.x0 < x) & (x < self.x1), self.starts)
        left = np.maximum.reduceat(np.where(self.x1 <= x, self.x1, -np.inf), self.starts)
        right = np.minimum.reduceat(np.where(self.x0 >= x, self.x0, np.inf), self.starts)
        crossing = (covered | (right - left < self.least)).tolist()
        bands: list[_Band] = []
        for row, crosses in zip(self.rows, crossing, strict=True):
            if bands and bands[-1].crossing == crosses:
                bands[-1].rows.append(row)
            else:
                bands.append(_Band([row], crosses))
        return bands


def _candidates(rows: list[Row]) -> list[float]:
    """Places just left of where several rows start after a gap, most frequent first."""
    starts: Counter[int] = Counter()
    ends: Counter[int] = Counter()
    for row in rows:
        least = _GUTTER * row.size
        previous: Word | None = None
        for word in row.words:
            if previous is None or word.x0 - previous.x1 >= least:
                starts[round(word.x0)] += 1
                if previous is not None:
                    ends[round(previous.x1)] += 1
            previous = word
    found = [x - 1.5 for x, n in starts.most_common(12) if n + starts[x + 1] + starts[x - 1] >= 3]
    found += [x + 1.5 for x, n in ends.most_common(6) if n + ends[x + 1] + ends[x - 1] >= 3]
    return found


def _bands(rows: list[Row], x: float) -> list[_Band]:
    return _Grid(rows).bands(x)


def _usual_size(rows: list[Row]) -> float:
    return sorted(row.size for row in rows)[len(rows) // 2]


def _sides(rows: list[Row], x: float) -> tuple[list[Word], list[Word]] | None:
    first = [word for row in rows for word in row.words if word.x1 <= x]
    second = [word for row in rows for word in row.words if word.x0 >= x]
    return (first, second) if first and second else None


def _holds(sides: tuple[list[Word], list[Word]], x: float, size: float) -> bool:
    """Whether a band with words on both sides of a known gutter is a pair of columns."""
    first, second = sides
    gap = min(word.x0 for word in second) - max(word.x1 for word in first)
    return gap >= 0.6 * size and min(w.x0 for w in second) - x < 4 * size


def _is_strong(rows: list[Row], x: float, width: float) -> bool:
    sides = _sides(rows, x)
    if sides is None:
        return False
    size = _usual_size(rows)
    gap = min(word.x0 for word in sides[1]) - max(word.x1 for word in sides[0])
    if gap < _GUTTER * size:
        return False
    if _is_pair(sides, gap, size):
        return True
    fills = []
    for side in sides:
        bases = {round(word.base) for word in side}
        extent = max(word.x1 for word in side) - min(word.x0 for word in side)
        letters = sum(len(word.text) for word in side) / len(bases)
        if len(bases) < _MIN_ROWS or extent < _MIN_SHARE * width or letters < _MIN_CHARS:
            return False
        fills.append(_fill(side))
    stranded = _stranded_labels(rows, x)
    if stranded > 1 and stranded > 0.08 * len(rows):
        return False
    both = sum(1 for row in rows if row.words[0].x1 <= x <= row.words[-1].x0)
    return not (both > 0.75 * len(rows) and min(fills) < 0.35)


def _is_pair(sides: tuple[list[Word], list[Word]], gap: float, size: float) -> bool:
    """Whether two blocks of three rows stand side by side, each flush left and in several words a row."""
    if gap < _PAIR_GAP * size or len({round(word.base) for word in sides[0]}) > _PAIR_ROWS:
        return False
    for side in sides:
        rows = rows_of(side)
        if len(rows) != _PAIR_ROWS or len(side) < _PAIR_WORDS * len(rows):
            return False
        if any(abs(row.x0 - rows[0].x0) > 1.5 or row.words[-1].text.endswith(":") for row in rows):
            return False
        if _stranded_labels(rows, rows[0].words[0].x1):
            return False
    return True


def _stranded_labels(rows: list[Row], x: float) -> int:
    """Rows in which a gutter would part a label from its text: what stands left of it is a bullet after a gap."""
    stranded = 0
    for row in rows:
        before = [word for word in row.words if word.x1 <= x]
        if (len(before) > 1 and before[-1].x0 - before[-2].x1 > _GUTTER * row.size and _is_label(before[-1].text)) or (
            len(before) == 1 and len(row.words) > 1 and _is_label(before[0].text)
        ):
            stranded += 1
    return stranded


def _is_label(text: str) -> bool:
    return len(text) <= 6 and (bullet(text) is not None or label(text) == text)


def _fill(side: list[Word]) -> float:
    """Share of the rows of a side that reach close to its right edge: high in running text, low in table cells."""
    edge = max(word.x1 for word in side)
    left = min(word.x0 for word in side)
    ends: dict[int, float] = {}
    for word in side:
        key = round(word.base)
        ends[key] = max(ends.get(key, 0.0), word.x1)
    return sum(1 for end in ends.values() if end >= edge - 0.2 * (edge - left)) / len(ends)
