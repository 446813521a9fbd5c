"""Tables without ruling lines: rows of short cells whose columns are parted by the same gaps in every row.

Pure. Columns of running text are parted by gaps, too; they are long, filled to their edges, and hold no figures. Two
columns are a table only if the second is all figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from segtool.loaders.pdf.labels import bullet, label
from segtool.loaders.pdf.rows import Row
from segtool.loaders.pdf.tables import PLACEHOLDER, Table
from segtool.loaders.pdf.words import Word

_GAP = 1.15
"""Least gap between cells (of the font size)."""
_RIVER = 0.8
"""Least room that all rows leave free between two columns (of the font size)."""
_LEAST_ROWS = 3
_LEAST_TWO_COLUMNS = 4
"""Least rows of a table of two columns."""
_FURTHEST = 2.6
"""Most distance of baselines inside a table (of the font size)."""
_LONG_CELL = 26
"""Letters of a cell from which it may be a line of running text."""
_FIGURE = re.compile(r"^[-–—−+±(]?[$€£¥]?\s?[-–−(]?\d[\d.,'’/:]*\s?[)%]?[*†‡]?$|^[-–—]$|^n/?a$", re.IGNORECASE)
_LEADER = re.compile(r"[._·…\s]{6,}")


@dataclass(slots=True)
class _Stretch:
    """Rows in sequence, all of two cells or more, but for lines that a cell wraps into."""

    rows: list[Row]
    cells: list[list[list[Word]]]


def aligned_tables(rows: Sequence[Row]) -> list[Table]:
    """Tables of three rows or more and three columns, or two of which the second holds figures."""
    found: list[Table] = []
    for stretch in _stretches(rows):
        table = _table(stretch)
        if table is not None:
            found.append(table)
    return found


def _stretches(rows: Sequence[Row]) -> list[_Stretch]:
    found: list[_Stretch] = []
    last: Row | None = None
    for row in rows:
        cells = _cells(row)
        is_row = len(cells) > 1 and row.drop_cap is None and row.beside is None
        near = last is not None and row.base - last.base <= _FURTHEST * row.size
        if is_row and found and near and last is found[-1].rows[-1]:
            found[-1].rows.append(row)
            found[-1].cells.append(cells)
        elif is_row:
            found.append(_Stretch([row], [cells]))
        elif found and near and last is found[-1].rows[-1] and _wraps_into(cells, found[-1]):
            found[-1].rows.append(row)
            found[-1].cells.append(cells)
        last = row
    return [stretch for stretch in found if len(stretch.rows) >= _LEAST_ROWS]


def _cells(row: Row) -> list[list[Word]]:
    """The words of a row by gaps; none for a row that holds a table already."""
    cells: list[list[Word]] = []
    least, end, end_before = _GAP * row.size, -1e9, -1e9
    for word in row.words:
        if word.text == PLACEHOLDER:
            return []
        if word.x0 - (end if end > end_before else end_before) < least:
            cells[-1].append(word)
            end_before = end
        else:
            cells.append([word])
            end_before = -1e9
        end = word.x1
    return cells


def _wraps_into(cells: list[list[Word]], stretch: _Stretch) -> bool:
    """Whether a row of one cell goes on with a cell behind the first column of the row before."""
    if len(cells) != 1 or len(stretch.cells[-1]) < 2:
        return False
    start, end = cells[0][0].x0, cells[0][-1].x1
    others = stretch.cells[-1][1:]
    return any(abs(cell[0].x0 - start) < 2.0 and end < cell[-1].x1 + 40.0 for cell in others)


def _table(stretch: _Stretch) -> Table | None:
    """The table that a stretch of rows is; None if its columns are not one."""
    size = sorted(row.size for row in stretch.rows)[len(stretch.rows) // 2]
    edges = _columns(stretch, size)
    if len(edges) < 2:
        return None
    grid = [[_within(row.words, left, right) for left, right in edges] for row in stretch.rows]
    full = [row for row in grid if sum(map(bool, row)) > 1]
    least = _LEAST_ROWS if len(edges) > 2 else _LEAST_TWO_COLUMNS
    if len(full) < least or not _is_tabular(full):
        return None
    box = (
        min(row.x0 for row in stretch.rows),
        min(row.top for row in stretch.rows),
        max(row.x1 for row in stretch.rows),
        max(row.bottom for row in stretch.rows),
    )
    return Table(box, _unwrapped(grid, stretch.rows))


def _columns(stretch: _Stretch, size: float) -> list[tuple[float, float]]:
    """The columns: what stands between the rivers that no row crosses."""
    spans = sorted((cell[0].x0, max(word.x1 for word in cell)) for cells in stretch.cells for cell in cells)
    columns: list[tuple[float, float]] = []
    for left, right in spans:
        if columns and left - columns[-1][1] < _RIVER * size:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def _within(words: Sequence[Word], left: float, right: float) -> list[Word]:
    return [word for word in words if left - 0.01 <= (word.x0 + word.x1) / 2 <= right + 0.01]


def _is_tabular(grid: Sequence[Sequence[list[Word]]]) -> bool:
    """Whether cells are short, columns filled, and at least one is of figures or all are of few words."""
    columns = [[" ".join(word.text for word in cell) for cell in column] for column in zip(*grid, strict=True)]
    filled = [[text for text in column if text] for column in columns]
    if any(len(column) < 0.5 * len(grid) for column in filled[:2]) or any(len(column) < 2 for column in filled):
        return False
    figures = [sum(map(_is_figure, column)) >= 0.7 * len(column) for column in filled]
    running = [_is_running(cells) for cells in zip(*grid, strict=True)]
    has_labels = sum(map(_is_label, filled[0])) >= 0.6 * len(filled[0])
    if any(_LEADER.search(text) for column in filled for text in column) or any(map(_is_fence, filled)):
        return False
    if _is_contents(columns, figures):
        return False
    if len(columns) == 2:
        return figures[1] and not figures[0] and not has_labels and not running[0]
    if len(columns) == 3 and has_labels and not figures[2]:
        return False
    # Figures in the first column alone are line numbers or labels.
    return sum(running) == 0 or (sum(running) == 1 and sum(figures[1:]) >= 1)


def _is_fence(column: Sequence[str]) -> bool:
    """Whether a column is the line of brackets in the caption of a case."""
    return set("".join(column)) <= set(")(:|§*]}")


def _is_contents(columns: Sequence[Sequence[str]], figures: Sequence[bool]) -> bool:
    """Whether the last column counts pages and no other holds figures, as in contents."""
    last = [text for text in columns[-1] if text]
    if not all(text.isdigit() and len(text) <= 4 for text in last) or any(figures[1:-1]):
        return False
    return all(int(a) <= int(b) for a, b in pairwise(last))


def _is_figure(text: str) -> bool:
    return all(_FIGURE.match(piece) or piece in "$€£%" for piece in text.split())


def _is_label(text: str) -> bool:
    return len(text) <= 6 and (bullet(text) is not None or label(text) == text)


def _is_running(cells: Sequence[list[Word]]) -> bool:
    """Whether a column may be one of running text: most of its cells are long or reach its edge with many words."""
    texts = [" ".join(word.text for word in cell) for cell in cells if cell]
    ends = [max(word.x1 for word in cell) for cell in cells if cell]
    left = min(cell[0].x0 for cell in cells if cell)
    edge = max(ends)
    reaching = sum(1 for end in ends if end >= edge - 0.12 * (edge - left)) / len(ends)
    long = sum(1 for text in texts if len(text) >= _LONG_CELL) / len(texts)
    words = sum(len(text.split()) for text in texts) / len(texts)
    return long > 0.4 or (reaching > 0.5 and words > 2.5)


def _unwrapped(grid: list[list[list[Word]]], rows: Sequence[Row]) -> list[list[list[Word]]]:
    """The rows, those that only go on with cells of the row before joined to it."""
    steps = [below.base - row.base for row, below in pairwise(rows)]
    closest = min(steps)
    out = [grid[0]]
    for cells, step in zip(grid[1:], steps, strict=True):
        texts = [" ".join(word.text for word in cell) for cell in cells]
        goes_on = not cells[0] and step < 1.15 * closest and not any(_is_figure(text) for text in texts if text)
        if goes_on:
            out[-1] = [above + below for above, below in zip(out[-1], cells, strict=True)]
        else:
            out.append(cells)
    return out
