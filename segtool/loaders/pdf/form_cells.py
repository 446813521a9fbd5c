"""Pages of fillable forms: labels and values by the cells that ruling lines and fields part, row by row.

Pure. A form is a table without a grid: rules of any length part what stands side by side, a value stands in the box of
its label or to the right of it. Read across like text, labels of neighbouring boxes run into each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from segtool.loaders.pdf.glyphs import Field, Rule
from segtool.loaders.pdf.page_words import PageWords
from segtool.loaders.pdf.rows import rows_of
from segtool.loaders.pdf.tables import Table
from segtool.loaders.pdf.words import Word

_LEAST_FIELDS = 8
_LEAST_UPRIGHTS = 6
_LEAST_CELLS = 4
_MOST_PAIRS = 20_000_000
"""Words times lines and fields of a page above which it is no form: each word is held against all of them."""
_THIN = 3.5
_LEADERS = re.compile(r"[.…·_]+")
_MARKS = re.compile(r"[\u2610-\u2612]+")
_LINE_LABEL = re.compile(r"\(?(?:\d{1,3}[a-z]{0,2}|[a-z])[.)]?")
_WORD, _NEXT_WORD = re.compile(r"[^\W\d_]{3}"), re.compile(r"\s[^\W\d_]{3}")
_FORM_WORD = re.compile(r"\bform\w*\b", re.IGNORECASE)
_LARGE = 1.35
"""How much larger than the usual type what stays in the text is: the name of the form."""
_GAP = 2.5
"""Room (by the size) that parts labels without a line between them."""
_LEADING = 1.6
"""Distance of baselines (by the size) up to which lines are of one label."""
_BOX = 3.0
"""Distance of baselines up to which a value stands under its label."""

_HALVES = 0.6
"""Share of a form's height from which the one line of that length parts it in halves."""
_NEAR = 40
"""Cells that are looked at for the one above."""

Box = tuple[float, float, float, float]


@dataclass(slots=True)
class _Cell:
    """Words of one label, with its value or without."""

    words: list[Word]
    base: float
    last: float
    size: float
    is_value: bool
    has_value: bool

    @property
    def x0(self) -> float:
        return min(word.x0 for word in self.words)

    @property
    def x1(self) -> float:
        return max(word.x1 for word in self.words)

    @property
    def width(self) -> float:
        return self.x1 - self.x0


def form_table(page: PageWords, rules: Sequence[Rule], fields: Sequence[Field]) -> Table | None:
    """The table of a page that is a form; None if it is none. Leaders between labels and boxes become furniture.

    Args:
        page: its words; what is neither leader nor large type goes into the table.
        rules: ruling lines and boxes in the reading frame.
        fields: its fields, filled in or not, in the reading frame.
    """
    uprights, levels = _uprights(rules), _levels(rules)
    if len(page.words) * (len(uprights) + len(levels) + len(fields)) > _MOST_PAIRS:
        return None
    if not _is_form(page.words, uprights, fields):
        return None
    leaders = [word for word in page.words if _LEADERS.fullmatch(word.text)]
    if leaders:
        page.take("leaders", leaders)
    sizes = sorted(word.size for word in page.words for _ in word.text)
    if not sizes:
        return None
    limit = _LARGE * sizes[len(sizes) // 2]
    cells, name = _cells(page.words, uprights, levels, fields, limit)
    if len(cells) < _LEAST_CELLS:
        return None
    words = [word for cell in cells for word in cell.words]
    top = max([min(word.top for word in words), *(word.bottom for word in name)])
    bottom = max(word.bottom for word in words)
    box = (min(word.x0 for word in words), min(top, bottom - 1.0), max(word.x1 for word in words), bottom)
    return Table(box, [[cell.words for cell in row] for row in _in_order(cells, uprights)])


def _is_form(words: Sequence[Word], uprights: Sequence[Box], fields: Sequence[Field]) -> bool:
    """Whether a page is made of fields: with lines between them, or in most of its rows; deeds have blanks, too."""
    if len(fields) < _LEAST_FIELDS or not words:
        return False
    if len(uprights) >= _LEAST_UPRIGHTS:
        return True
    middles = [(row.top + row.bottom) / 2 for row in rows_of(list(words))]
    return 2 * sum(any(f.top <= y <= f.bottom for f in fields) for y in middles) > len(middles)


def _cells(
    words: Sequence[Word], uprights: Sequence[Box], levels: Sequence[Box], fields: Sequence[Field], limit: float
) -> tuple[list[_Cell], list[Word]]:
    """The cells, and words larger than ``limit`` that name the form."""
    found: list[_Cell] = []
    name: list[Word] = []
    for row in rows_of(list(words)):
        labelled = False
        for part in _parts(row.words, uprights, fields):
            size = max(part, key=lambda word: len(word.text)).size
            if size > limit and _has_words(_FORM_WORD.sub("", _text(part))):
                name += part
                continue
            cell = _Cell(part, row.base, row.base, size, _in_field(part[0], fields), _in_field(part[-1], fields))
            labelled = labelled or _LINE_LABEL.fullmatch(part[0].text) is not None
            above = None if labelled and not cell.is_value else _above(cell, found, levels)
            if above is None:
                found.append(cell)
            else:
                above.words += cell.words
                above.last, above.has_value = cell.last, above.has_value or cell.has_value
    return found, name


def _uprights(rules: Sequence[Rule]) -> list[Box]:
    """Upright lines, and the sides of boxes."""
    found: list[Box] = []
    for rule in rules:
        if rule.bottom - rule.top <= _THIN:
            continue
        found.append((rule.x0, rule.top, min(rule.x1, rule.x0 + 1.0), rule.bottom))
        if rule.x1 - rule.x0 > _THIN:
            found.append((rule.x1 - 1.0, rule.top, rule.x1, rule.bottom))
    return found


def _levels(rules: Sequence[Rule]) -> list[Box]:
    """Level lines, and the upper and lower edges of boxes."""
    found: list[Box] = []
    for rule in rules:
        if rule.x1 - rule.x0 <= _THIN:
            continue
        found.append((rule.x0, rule.top, rule.x1, min(rule.bottom, rule.top + 1.0)))
        if rule.bottom - rule.top > _THIN:
            found.append((rule.x0, rule.bottom - 1.0, rule.x1, rule.bottom))
    return found


def _parts(words: Sequence[Word], uprights: Sequence[Box], fields: Sequence[Field]) -> list[list[Word]]:
    """The words of a row, parted where a line, an empty field, the end of a value or much room is between two."""
    parts = [[words[0]]]
    for before, after in pairwise(words):
        middle, size = (after.top + after.bottom) / 2, max(before.size, after.size)
        left, right = before.x1 - 1.0, after.x0 + 1.0
        ruled = any(left <= x0 <= right and top <= middle <= bottom for x0, top, _, bottom in uprights)
        is_value = _in_field(before, fields)
        is_mark = _MARKS.fullmatch(before.text) is not None
        ended = is_value and not is_mark and not _same_field(before, after, fields)
        empty = not is_value and not _in_field(after, fields) and _field_between(left, right, middle, fields)
        # A value stands behind its label however far away, and the number of a line before its text.
        joined = _in_field(after, fields) or is_mark or (len(parts[-1]) == 1 and _LINE_LABEL.fullmatch(before.text))
        apart = empty or after.x0 - before.x1 > _GAP * size
        if ruled or ended or (apart and not joined):
            parts.append([after])
        else:
            parts[-1].append(after)
    return parts


def _in_field(word: Word, fields: Sequence[Field]) -> bool:
    return any(_holds(field, word) for field in fields)


def _same_field(one: Word, other: Word, fields: Sequence[Field]) -> bool:
    return any(_holds(field, one) and _holds(field, other) for field in fields)


def _holds(field: Field, word: Word) -> bool:
    """Whether a word is the value of a field, or a part of it: values are drawn as one word after the other in it."""
    x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
    return field.is_filled and field.x0 <= x <= field.x1 and field.top <= y <= field.bottom


def _field_between(left: float, right: float, middle: float, fields: Sequence[Field]) -> bool:
    return any(left <= f.x0 and f.x1 <= right and f.top <= middle <= f.bottom for f in fields if not f.is_filled)


def _above(cell: _Cell, cells: Sequence[_Cell], levels: Sequence[Box]) -> _Cell | None:
    """The cell that a row of words goes on, or whose value it is; None if it is one of its own."""
    reach = _BOX if cell.is_value else _LEADING
    for above in reversed(cells[-_NEAR:]):
        step, size = cell.base - above.last, max(cell.size, above.size)
        left, right = max(cell.x0, above.x0), min(cell.x1, above.x1)
        if above.has_value or not 0 < step <= reach * size or right - left < 0.5 * min(cell.width, above.width):
            continue
        if cell.is_value or (abs(cell.size - above.size) <= 0.15 * size and _is_prose(above, cell)):
            upper, lower = above.last - 0.3 * size, cell.base - 0.3 * size
            crossed = any(
                upper <= top and bottom <= lower and x0 < right - 2 and x1 > left + 2 for x0, top, x1, bottom in levels
            )
            return None if crossed else above
    return None


def _is_prose(above: _Cell, cell: _Cell) -> bool:
    """Whether both may be lines of one label: not a number over a number."""
    return any(char.isalpha() for char in _text(above.words)) and any(char.isalpha() for char in _text(cell.words))


def _has_words(text: str) -> bool:
    """Whether there are two words of three letters or more."""
    first = _WORD.search(text)
    return first is not None and _NEXT_WORD.search(text, first.end()) is not None


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _in_order(cells: Sequence[_Cell], uprights: Sequence[Box]) -> list[list[_Cell]]:
    """The rows of a form; of two halves that one long line parts the left before the right."""
    left, right = min(cell.x0 for cell in cells), max(cell.x1 for cell in cells)
    top, bottom = min(cell.base for cell in cells), max(cell.last for cell in cells)
    inner = [line for line in uprights if left + 0.2 * (right - left) < line[0] < right - 0.2 * (right - left)]
    long = [line for line in inner if line[3] - line[1] > _HALVES * (bottom - top)]
    if len({round(line[0] / _THIN) for line in long}) != 1:
        return _rows(cells)
    (middle, first, _, last), *_ = long
    above = [cell for cell in cells if cell.base < first]
    below = [cell for cell in cells if cell.base > last]
    beside = [cell for cell in cells if first <= cell.base <= last]
    halves = [[cell for cell in beside if (cell.x0 < middle) == is_left] for is_left in (True, False)]
    return [row for part in (above, *halves, below) for row in _rows(part)]


def _rows(cells: Sequence[_Cell]) -> list[list[_Cell]]:
    """The cells by the rows that their first lines make, from left to right."""
    rows: list[list[_Cell]] = []
    for cell in sorted(cells, key=lambda cell: (cell.base, cell.x0)):
        if rows and cell.base - rows[-1][0].base <= 0.5 * cell.size:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return [sorted(row, key=lambda cell: cell.x0) for row in rows]
