"""Ruled tables: the grid from the ruling lines of a page (by pdfplumber's algorithm), the words into its cells.

A table leaves the flow of words as one block, so that columns are found as if it were a picture, and comes back as
lines whose glue is a tab between cells and a line feed between rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from segtool.loaders.pdf.glyphs import Rule
from segtool.loaders.pdf.lines import Line, Look, line_of
from segtool.loaders.pdf.rows import rows_of
from segtool.loaders.pdf.words import Word

_THIN = 3.5
_MAX_EDGES = 1500
_LEAST_OPEN = 40.0
"""Least width of a rule of a table that is open at its sides."""
PLACEHOLDER = "\ufffc"
"""The text of the word that stands for a table in the flow."""

Cell = tuple[float, float, float, float]


@dataclass(slots=True)
class Table:
    """A ruled table: its box and its cells by rows, each with its words."""

    box: Cell
    rows: list[list[list[Word]]]


def find_tables(words: Sequence[Word], rules: Sequence[Rule]) -> list[Table]:
    """Tables with two rows and two columns or more and text in at least half of the cells."""
    if len(rules) < 4 or not words:
        return []
    tables: list[Table] = []
    for cells in _grids(rules):
        table = _filled(cells, words)
        if table is not None and not any(_overlap(table.box, other.box) for other in tables):
            tables.append(table)
    return tables


def _grids(rules: Sequence[Rule]) -> list[list[Cell]]:
    edges = [edge for rule in rules for edge in _edges(rule)]
    edges += _open_sides(rules)
    if not 4 <= len(edges) <= _MAX_EDGES or len({edge["orientation"] for edge in edges}) < 2:
        return []
    from pdfplumber import table as ruled

    merged = ruled.merge_edges(edges, 3, 3, 4, 4)
    crossings = ruled.edges_to_intersections(merged, 4, 4)
    return [list(cells) for cells in ruled.cells_to_tables(ruled.intersections_to_cells(crossings))]


def _open_sides(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """The outer edges that tables without them would have.

    Such a table has three level rules or more from the same left to the same right, and upright ones between them.
    """
    runs: dict[tuple[int, int], list[Rule]] = {}
    for rule in rules:
        if rule.bottom - rule.top <= _THIN and rule.x1 - rule.x0 >= _LEAST_OPEN:
            runs.setdefault((round(rule.x0 / 2), round(rule.x1 / 2)), []).append(rule)
    found: list[dict[str, Any]] = []
    for run in runs.values():
        x0, x1, bottom = run[0].x0, run[0].x1, max(rule.bottom for rule in run)
        top = min(rule.top for rule in run)
        inner = [
            rule
            for rule in rules
            if rule.x1 - rule.x0 <= _THIN and x0 + 4 < rule.x0 < x1 - 4 and rule.top < bottom and rule.bottom > top
        ]
        if inner and len({round(rule.top) for rule in run}) >= 3:
            # The first row often has no rule of its own above it.
            top = min(top, *(rule.top for rule in inner))
            found += [_edge("v", x0, x0, top, bottom), _edge("v", x1, x1, top, bottom), _edge("h", x0, x1, top, top)]
    return found


def _edges(rule: Rule) -> list[dict[str, Any]]:
    """The edges of a rule in pdfplumber's terms: a thin one is one edge, a box four."""
    width, height = rule.x1 - rule.x0, rule.bottom - rule.top
    if height <= _THIN and width > _THIN:
        return [_edge("h", rule.x0, rule.x1, (rule.top + rule.bottom) / 2, (rule.top + rule.bottom) / 2)]
    if width <= _THIN and height > _THIN:
        return [_edge("v", (rule.x0 + rule.x1) / 2, (rule.x0 + rule.x1) / 2, rule.top, rule.bottom)]
    if width <= _THIN or height < 6.0:
        return []
    return [
        _edge("h", rule.x0, rule.x1, rule.top, rule.top),
        _edge("h", rule.x0, rule.x1, rule.bottom, rule.bottom),
        _edge("v", rule.x0, rule.x0, rule.top, rule.bottom),
        _edge("v", rule.x1, rule.x1, rule.top, rule.bottom),
    ]


def _edge(orientation: str, x0: float, x1: float, top: float, bottom: float) -> dict[str, Any]:
    return {
        "object_type": "line",
        "orientation": orientation,
        "x0": x0,
        "x1": x1,
        "top": top,
        "bottom": bottom,
        "width": x1 - x0,
        "height": bottom - top,
    }


def _filled(cells: list[Cell], words: Sequence[Word]) -> Table | None:
    tops = sorted({round(cell[1], 1) for cell in cells})
    if len(tops) < 2 or len({round(cell[0], 1) for cell in cells}) < 2 or len(cells) < 4:
        return None
    box = (min(c[0] for c in cells), min(c[1] for c in cells), max(c[2] for c in cells), max(c[3] for c in cells))
    inside = [word for word in words if _holds(box, word)]
    rows: list[list[list[Word]]] = []
    filled = 0
    held: set[int] = set()
    for top in tops:
        row = sorted((cell for cell in cells if round(cell[1], 1) == top), key=lambda cell: cell[0])
        content = [[word for word in inside if _holds(cell, word)] for cell in row]
        filled += sum(1 for cell in content if cell)
        held.update(id(word) for cell in content for word in cell)
        rows.append(content)
    if filled < 0.5 * len(cells) or len(held) < len(inside) or max(len(row) for row in rows) < 2:
        return None
    return Table(box, [row for row in rows if any(row)])


def _holds(cell: Cell, word: Word) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
    return cell[0] <= x <= cell[2] and cell[1] <= y <= cell[3]


def _overlap(a: Cell, b: Cell) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def with_placeholders(words: list[Word], tables: Sequence[Table], first: int = 0) -> list[Word]:
    """The words of a page with one word for each table, whose indices count from ``first``."""
    for index, table in enumerate(tables, first):
        held = {id(word) for row in table.rows for cell in row for word in cell}
        size = max((word.size for word in words if id(word) in held), default=10.0)
        words = [word for word in words if id(word) not in held]
        words.append(placeholder(table, size, index))
    return words


def placeholder(table: Table, size: float, index: int) -> Word:
    """A word that stands for a table in the flow; ``order`` is the index of the table, negative."""
    x0, top, x1, bottom = table.box
    return Word(PLACEHOLDER, x0, top, x1, bottom, bottom - 0.2 * size, size, 0, -1 - index)


def placeholder_index(word: Word) -> int | None:
    """The index of the table that a word stands for; None if it is text."""
    return -1 - word.order if word.text == PLACEHOLDER and word.order < 0 else None


def table_lines(table: Table, page: int, column: int, look: Look) -> list[Line]:
    """The lines of a table's cells, row by row, with tabs and line feeds as glue."""
    out: list[Line] = []
    glue = ""
    for number, row in enumerate(table.rows):
        glue = "\n" if number and out else ""
        cells = row[::-1] if look.rtl else row
        for place, cell in enumerate(cells):
            if place:
                glue += "\t"
            for line_number, line_row in enumerate(rows_of(cell)):
                line = line_of(line_row, page, column, (table.box[0], table.box[2]), look)
                own = None if line_number else glue
                out.append(replace(line, role="table", glue=own, opens=not out))
                glue = ""
    if out and out[0].glue:
        out[0] = replace(out[0], glue="")
    return out
