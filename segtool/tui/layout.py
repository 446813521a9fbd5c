"""The text laid out in rows, lazily: only the blocks in view are ever wrapped.

A position is (block, row within it), so that nothing depends on the height of what lies above: six
million characters cost two arrays of block starts, and scrolling never drifts. White space is reflowed; a
boundary takes the cell of the space before it, or a cell of its own where there is none.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len, get_character_cell_size

from segtool.core.document import Document
from segtool.core.layer import Layer
from segtool.core.reanchor import paragraph_spans

MAX_BLOCK = 3000
"""Characters of a block: longer paragraphs are laid out in pieces."""
LAYOUT_CACHE = 512
"""Blocks whose rows are kept."""

RowKind = Literal["text", "gap", "rule"]
Position = tuple[int, int]

_TOKEN = re.compile(r"\s+|\S+")
_SPACE = re.compile(r"\s")
_PLAIN = re.compile(r"[!-~]+(?:[ \n][!-~]+)*")
_UNSHOWN = {
    **dict.fromkeys([*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\u00b7"),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}
"""Control characters, overrides of direction and half surrogate pairs: no terminal may get them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the screen.

    Attributes:
        kind: text, a blank row before a paragraph, or the rule above a section.
        text: the characters shown; white space is one blank, a boundary without one before it a blank of its own.
        offsets: for each character its offset in the document, rising.
        marks: cells that stand for a boundary: index into ``text`` -> offset of the boundary.
        first_mark: offset of a boundary on the first character of the row, None without one.
        indent: cells left free on the left.
    """

    kind: RowKind
    text: str = ""
    offsets: Sequence[int] = ()
    marks: dict[int, int] = field(default_factory=dict)
    first_mark: int | None = None
    indent: int = 0

    def index_at(self, x: int) -> int:
        """The index of the character at cell ``x`` of the text (the nearest one)."""
        if self.text.isascii():
            return min(max(x, 0), max(len(self.text) - 1, 0))
        for index in range(len(self.text)):
            if x < cell_len(self.text[: index + 1]):
                return index
        return max(len(self.text) - 1, 0)

    def index_of(self, offset: int) -> int:
        """The index of the character that shows an offset."""
        index = bisect_right(self.offsets, offset) - 1
        while index > 0 and index in self.marks and self.offsets[index] == self.offsets[index - 1]:
            index -= 1
        return max(index, 0)

    def cell_of(self, index: int) -> int:
        """The cell where a character stands, from the left of the text."""
        return index if self.text.isascii() else cell_len(self.text[:index])


class Layout:
    """The rows of a document at one width.

    Args:
        document: what is shown.
        starts_of: gives the layer whose boundaries are marked.
        sections: gives the section layer if its sections are shown as indented blocks with a rule, else None.
    """

    def __init__(
        self, document: Document, starts_of: Callable[[], Layer], sections: Callable[[], Layer | None]
    ) -> None:
        self.text = document.text
        self.width = 80
        self._starts_of = starts_of
        self._sections = sections
        self._spans = paragraph_spans(document)
        self._paragraph_starts = np.array([span.start for span in self._spans], dtype=np.int64)
        self._tables = {p.span.start for p in document.paragraphs if p.kind == "table"}
        self._headings = {p.span.start for p in document.paragraphs if p.kind in ("title", "heading")}
        self._pieces = self._cut()
        self._rows: dict[int, tuple[Row, ...]] = {}
        self._section_starts: frozenset[int] = frozenset()
        self.blocks: NDArray[np.int64] = np.zeros(0, np.int64)
        self._layer = starts_of()
        self._section_layer: Layer | None = None
        self.update()

    def _cut(self) -> NDArray[np.int64]:
        """Starts of paragraphs, and of the pieces of long ones."""
        starts = self._paragraph_starts
        if not len(starts):
            return np.zeros(min(len(self.text), 1), np.int64)
        ends = np.append(starts[1:], len(self.text))
        extra: list[int] = []
        for start, end in zip(
            starts[ends - starts > MAX_BLOCK].tolist(), ends[ends - starts > MAX_BLOCK].tolist(), strict=True
        ):
            while end - start > MAX_BLOCK:
                match = _SPACE.search(self.text, start + MAX_BLOCK * 3 // 4, start + MAX_BLOCK)
                start = match.end() if match else start + MAX_BLOCK
                extra.append(start)
        first = np.zeros(1, np.int64) if starts[0] > 0 and self.text[: starts[0]].strip() else np.zeros(0, np.int64)
        return np.concatenate([first, np.union1d(starts, np.array(extra, dtype=np.int64))])

    def update(self) -> None:
        """Take a changed layer over: rows with a boundary more or less are wrapped anew when they come into view."""
        before, self._layer = self._layer, self._starts_of()
        sections = self._sections()
        if sections is None and self._section_layer is None:
            self._forget_between(*_differing(before.offsets, self._layer.offsets))
        else:
            self._rows.clear()
        self._section_layer = sections
        if sections is None:
            self._section_starts = frozenset()
            self.blocks = self._pieces
        else:
            self._section_starts = frozenset(sections.offsets.tolist())
            self.blocks = np.union1d(self._pieces, sections.offsets)

    def _forget_between(self, low: int, high: int) -> None:
        """Drop the rows of the blocks that hold offsets from ``low`` to ``high``."""
        first, last = np.searchsorted(self.blocks, [low, high], side="right") - 1
        for block in [block for block in self._rows if first <= block <= last]:
            del self._rows[block]

    def resize(self, width: int) -> None:
        """Lay out for another width (cells)."""
        if width != self.width:
            self.width = width
            self._rows.clear()

    def rows(self, block: int) -> tuple[Row, ...]:
        """The rows of a block, at least one."""
        if block not in self._rows:
            if len(self._rows) > LAYOUT_CACHE:
                self._rows.clear()
            self._rows[block] = tuple(self._lay_out(block)) or (Row("gap"),)
        return self._rows[block]

    def position_of(self, offset: int) -> Position:
        """Where an offset is shown."""
        block = max(int(np.searchsorted(self.blocks, offset, side="right")) - 1, 0)
        rows = self.rows(block) if len(self.blocks) else ()
        found = 0
        for index, row in enumerate(rows):
            if row.kind == "text" and (row.offsets[0] <= offset or rows[found].kind != "text"):
                found = index
        return block, found

    def move(self, position: Position, n: int) -> Position:
        """The position ``n`` rows down (up if negative), inside the document."""
        block, row = position
        if not len(self.blocks):
            return 0, 0
        row += n
        while row < 0 and block > 0:
            block -= 1
            row += len(self.rows(block))
        while row >= len(self.rows(block)) and block + 1 < len(self.blocks):
            row -= len(self.rows(block))
            block += 1
        return block, min(max(row, 0), len(self.rows(block)) - 1)

    def iter_rows(self, position: Position) -> Iterator[Row]:
        """The rows from a position on."""
        block, first = position
        while block < len(self.blocks):
            yield from self.rows(block)[first:]
            block, first = block + 1, 0

    def _lay_out(self, block: int) -> Iterator[Row]:
        start = int(self.blocks[block])
        end = int(self.blocks[block + 1]) if block + 1 < len(self.blocks) else len(self.text)
        indent = 0
        if self._section_layer is not None:
            index = self._section_layer.find(start)
            indent = min(2 * (int(self._section_layer.levels[index]) - 1), self.width // 4)
        if start in self._section_starts:
            if block:
                yield Row("gap", offsets=(start,))
            yield Row("rule", offsets=(start,), indent=indent)
        elif block and "\n" in self.text[max(start - 2, 0) : start] and self._has_gap(start):
            yield Row("gap", offsets=(start,))
        is_table = start in self._tables
        low, high = np.searchsorted(self._layer.offsets, [start, end])
        boundaries = self._layer.offsets[low:high].tolist()
        yield from wrap(self.text, start, end, boundaries, self.width - indent, indent, keep_lines=is_table)

    def is_heading(self, offset: int) -> bool:
        """Whether an offset lies in a heading of the document."""
        row = int(np.searchsorted(self._paragraph_starts, offset, side="right")) - 1
        return row >= 0 and int(self._paragraph_starts[row]) in self._headings

    def _has_gap(self, start: int) -> bool:
        """Whether a blank line stands before a block in the source (tables and list items often have none)."""
        before = self.text[max(start - 200, 0) : start]
        return before[len(before.rstrip()) :].count("\n") > 1


def _differing(old: NDArray[np.int64], new: NDArray[np.int64]) -> tuple[int, int]:
    """The first and the last offset between which two rising arrays differ; (0, -1) if they are the same."""
    n = min(len(old), len(new))
    first = _n_equal(old[:n], new[:n])
    last = min(_n_equal(old[::-1][:n], new[::-1][:n]), n - first)
    rest = [part for part in (old[first : len(old) - last], new[first : len(new) - last]) if len(part)]
    return (min(int(part[0]) for part in rest), max(int(part[-1]) for part in rest)) if rest else (0, -1)


def _n_equal(left: NDArray[np.int64], right: NDArray[np.int64]) -> int:
    """How many values two arrays of one length have in common before the first that differs."""
    unequal = left != right
    return int(unequal.argmax()) if unequal.any() else len(left)


def wrap(
    text: str, start: int, end: int, boundaries: Sequence[int], width: int, indent: int, *, keep_lines: bool = False
) -> Iterator[Row]:
    """The rows of ``text[start:end]`` at a width in cells; see ``Row``."""
    width = max(width, 8)
    rows = None if keep_lines else _wrap_plain(text, start, end, boundaries, width, indent)
    yield from _wrap_any(text, start, end, boundaries, width, indent, keep_lines) if rows is None else rows


def _wrap_plain(
    text: str, start: int, end: int, boundaries: Sequence[int], width: int, indent: int
) -> list[Row] | None:
    """The rows of ASCII words with one blank or line feed between them, where no boundary cuts a word; else None.

    Most text is such, and a row costs one search for a blank instead of work on every word.
    """
    match = _PLAIN.match(text, start, end)
    if match is None or text[match.end() : end].strip():
        return None
    stop = match.end()
    if any(start < offset < stop and not text[offset - 1].isspace() for offset in boundaries):
        return None
    shown = text[start:stop].replace("\n", " ")
    rows, at, low = [], 0, 0
    while at < len(shown):
        cut = len(shown) if len(shown) - at <= width else shown.rfind(" ", at, at + width + 1)
        if cut < 0:
            return None  # a word longer than a row
        high = bisect_left(boundaries, start + cut, low)
        inner = boundaries[low:high]
        first = inner[0] if len(inner) and inner[0] == start + at else None
        marks = {offset - 1 - start - at: offset for offset in (inner if first is None else inner[1:])}
        rows.append(Row("text", shown[at:cut], range(start + at, start + cut), marks, first, indent))
        at, low = cut + 1, high
    return rows


def _wrap_any(
    text: str, start: int, end: int, boundaries: Sequence[int], width: int, indent: int, keep_lines: bool
) -> Iterator[Row]:
    """The rows of any text, word by word."""
    line = _Line(indent)
    for match in _TOKEN.finditer(text, start, end):
        token, at = match.group(), match.start()
        if token.isspace():
            if keep_lines and "\n" in token and line.text:
                yield line.row()
                line = _Line(indent)
            else:
                line.blank = at
            continue
        for piece, offset, is_boundary in _pieces(token, at, boundaries):
            cells = cell_len(piece)
            lead = int(line.cells > 0 and (line.blank is not None or is_boundary))
            fills_row = line.blank is None and cells > width // 2  # a long stretch without blanks is cut anywhere
            if line.cells and line.cells + lead + cells > width and (not fills_row or line.cells + 2 > width):
                yield line.row()
                line = _Line(indent)
            line.add_lead(offset, is_boundary)
            while line.cells + cells > width:
                n = _fitting(piece, width - line.cells)
                line.add(piece[:n], offset)
                yield line.row()
                line = _Line(indent)
                piece, offset = piece[n:], offset + n
                cells = cell_len(piece)
            line.add(piece, offset)
    if line.text:
        yield line.row()


def _pieces(token: str, at: int, boundaries: Sequence[int]) -> Iterator[tuple[str, int, bool]]:
    """A token cut at the boundaries inside it: piece, offset, whether a unit starts there."""
    low = bisect_left(boundaries, at)
    high = bisect_left(boundaries, at + len(token))
    cuts = [offset - at for offset in boundaries[low:high]]
    edges = sorted({0, *cuts})
    for first, last in zip(edges, [*edges[1:], len(token)], strict=True):
        yield token[first:last], at + first, first in cuts


def _fitting(piece: str, cells: int) -> int:
    """How many characters fit into ``cells``, at least one."""
    if piece.isascii():
        return max(cells, 1)
    used = 0
    for n, character in enumerate(piece):
        used += get_character_cell_size(character)
        if used > cells:
            return max(n, 1)
    return max(len(piece), 1)


class _Line:
    """A row being filled."""

    def __init__(self, indent: int) -> None:
        self.text: list[str] = []
        self.offsets: list[int] = []
        self.marks: dict[int, int] = {}
        self.first_mark: int | None = None
        self.blank: int | None = None  # offset of white space that waits for a word after it
        self.cells = 0
        self.indent = indent

    def add_lead(self, offset: int, is_boundary: bool) -> None:
        """The cell before a word: a blank, the mark of a boundary, or none."""
        if not self.cells:
            if is_boundary:
                self.first_mark = offset
        elif is_boundary or self.blank is not None:
            if is_boundary:
                self.marks[len(self.offsets)] = offset
            self.text.append(" ")
            self.offsets.append(self.blank if self.blank is not None else offset)
            self.cells += 1
        self.blank = None

    def add(self, piece: str, offset: int) -> None:
        """Characters of a word."""
        self.text.append(piece.translate(_UNSHOWN))
        self.offsets.extend(range(offset, offset + len(piece)))
        self.cells += cell_len(piece)

    def row(self) -> Row:
        """The row as it is."""
        return Row("text", "".join(self.text), tuple(self.offsets), self.marks, self.first_mark, self.indent)
