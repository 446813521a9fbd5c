"""Tables: data become one paragraph; tables for layout give back what stands in their cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from segtool.loaders.blocks import Block, table_text

_MARKER = re.compile(r"(?:[•·▪◦●■□☐☒☑*–—-]|\(?[\w.]{1,8}[.)]?)$")
_LONG_CELL = 400

Cell = list[tuple[Block, bool]]


@dataclass(slots=True)
class TableCollector:
    """Gathers the blocks of an open table by row and cell; ``outside`` are captions and stray blocks."""

    presentation: bool = False
    """Whether the source says that the table is for layout."""
    rows: list[list[Cell]] = field(default_factory=list)
    outside: Cell = field(default_factory=list)
    in_cell: bool = False

    def start_row(self) -> None:
        """Open a row."""
        self.rows.append([])
        self.in_cell = False

    def start_cell(self) -> None:
        """Open a cell, in a row of its own if none is open."""
        if not self.rows:
            self.start_row()
        self.rows[-1].append([])
        self.in_cell = True

    def add(self, block: Block, main: bool) -> None:
        """A block inside the table."""
        if self.in_cell and block.kind != "caption":
            self.rows[-1][-1].append((block, main))
        else:
            self.outside.append((block, main))

    def finish(self) -> Iterator[tuple[Block, bool]]:
        """What the table becomes: its caption, then one table paragraph or the blocks of its cells."""
        yield from self.outside
        if not self._is_layout():
            yield from self._as_table()
            return
        for row in self.rows:
            filled = [cell for cell in row if cell]
            if len(filled) == 2 and len(filled[0]) == 1 and _is_marked(filled):
                yield _with_marker(filled[0][0], filled[1][0])
                yield from filled[1][1:]
            else:
                for cell in filled:
                    yield from cell

    def _as_table(self) -> Iterator[tuple[Block, bool]]:
        everything = [entry for row in self.rows for cell in row for entry in cell]
        if not everything:
            return
        text = table_text([[" ".join(block.text for block, _ in cell) for cell in row] for row in self.rows])
        kind = everything[0][0].kind
        yield Block(text, "furniture" if kind == "furniture" else "table"), everything[0][1]

    def _is_layout(self) -> bool:
        if self.presentation:
            return True
        cells = [cell for row in self.rows for cell in row if cell]
        if any(block.kind in ("table", "heading", "list_item", "footnote") for cell in cells for block, _ in cell):
            return True
        if max((sum(bool(cell) for cell in row) for row in self.rows), default=0) < 2:
            return True
        if any(len(cell) > 3 or sum(len(block.text) for block, _ in cell) > _LONG_CELL for cell in cells):
            return True
        filled = [[cell for cell in row if cell] for row in self.rows]
        return all(len(row) == 2 and _is_marked(row) for row in filled if row)


def _is_marked(row: list[Cell]) -> bool:
    """Whether a row is a list item in disguise: a marker in the first cell, a text in the second."""
    marker, text = row[0][0][0].text, row[1][0][0].text
    return bool(_MARKER.match(marker)) and len(text) > 40


def _with_marker(marker: tuple[Block, bool], text: tuple[Block, bool]) -> tuple[Block, bool]:
    block, main = text
    label = marker[0].text
    is_kept = any(character.isalnum() or character in "☐☒☑" for character in label)
    joined = f"{label} {block.text}" if is_kept else block.text
    number = label.rstrip(".") if label[-1].isalnum() or label[-1] in ".)" else None
    return Block(
        joined, "list_item" if block.kind == "body" else block.kind, max(block.level, 1), number, block.style
    ), main
