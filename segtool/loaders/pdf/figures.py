"""The words of a figure: labels in small print or another font above the caption of a figure.

Pure. They are no text that is read on: the rows between the last row of running text and the caption are taken
together, what stands side by side apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from segtool.loaders.pdf.labels import caption
from segtool.loaders.pdf.lines import Line, Look, line_of
from segtool.loaders.pdf.rows import Row
from segtool.loaders.pdf.tables import PLACEHOLDER
from segtool.loaders.pdf.words import Word

_FIGURE = re.compile(r"[\[<〔〈【［＜]?\s?(?:fig|abb|chart|plate|图|図|그림)", re.IGNORECASE)
_SMALL = 0.93
_LONGEST = 40
"""Most characters of a label."""
_WIDEST = 0.85
"""Most of the column that a row of labels fills without a gap."""
_GAP = 1.0
"""Gap (of the font size) that parts two labels."""
_STANDS_IN = 1.5
_LINE = 1.35
"""Most distance between the lines of a paragraph in small print (of the font size)."""


@dataclass(frozen=True, slots=True)
class Running:
    """What most letters of a page look like: their style and size."""

    style: int
    size: float

    @classmethod
    def of(cls, words: Sequence[Word]) -> Running:
        """The look of most letters; of nothing if there are none."""
        counts: Counter[tuple[int, float]] = Counter()
        for word in words:
            counts[(word.style, round(word.size * 2) / 2)] += len(word.text)
        return cls(*counts.most_common(1)[0][0]) if counts else cls(0, 0.0)


def figures_of(rows: Sequence[Row], edges: tuple[float, float], words: Sequence[Word]) -> dict[int, int]:
    """The figures among the rows of a column: the first row of each, and the one behind its last.

    Args:
        rows: from top to bottom.
        edges: those of the column.
        words: all of the page, to tell running text by.
    """
    found: dict[int, int] = {}
    running: Running | None = None
    end = 0  # of the figure before: its caption is no label of this one
    for index, row in enumerate(rows):
        if not _FIGURE.match(row.words[0].text) or caption(row.text) is None:
            continue
        running = running or Running.of(words)
        first = index
        while first > end and _is_labels(rows[first - 1], *edges, running):
            first -= 1
        while 0 < first < index and _goes_on(rows[first - 1], rows[first]):
            first += 1
        if first < index:
            found[first] = index
        end = index + 1
    return found


def figure_lines(rows: Sequence[Row], page: int, column: int, edges: tuple[float, float], look: Look) -> list[Line]:
    """The lines of a figure's words: rows parted by line feeds, what stands side by side by tabs."""
    out: list[Line] = []
    for row in rows:
        for place, words in enumerate(_apart(row)):
            line = line_of(replace(row, words=words), page, column, edges, look)
            out.append(replace(line, role="figure", glue=("\t" if place else "\n") if out else None, opens=not out))
    return out


def _is_labels(row: Row, left: float, right: float, running: Running) -> bool:
    if any(word.text == PLACEHOLDER for word in row.words) or row.drop_cap is not None:
        return False
    is_small = row.size <= _SMALL * running.size
    stands_in = row.x0 - left > _STANDS_IN * row.size
    is_other = stands_in and row.size < 1.05 * running.size and all(word.style != running.style for word in row.words)
    if not (is_small or is_other):
        return False
    pieces = _apart(row)
    if any(sum(len(word.text) + 1 for word in piece) > _LONGEST for piece in pieces):
        return False
    return len(pieces) > 1 or row.x1 - row.x0 < _WIDEST * (right - left)


def _goes_on(before: Row, row: Row) -> bool:
    """Whether a row is a later line of a paragraph: as far below another of its type as lines stand."""
    near = row.base - before.base < _LINE * row.size and abs(row.size - before.size) < 0.05 * row.size
    return near and not {word.style for word in row.words}.isdisjoint(word.style for word in before.words)


def _apart(row: Row) -> list[list[Word]]:
    pieces: list[list[Word]] = []
    for word in row.words:
        if pieces and word.x0 - pieces[-1][-1].x1 < _GAP * row.size:
            pieces[-1].append(word)
        else:
            pieces.append([word])
    return pieces
