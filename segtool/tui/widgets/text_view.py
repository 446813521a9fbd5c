"""The text of a document, drawn by the line API: only the rows in view exist.

It reads the state and asks by messages; it changes nothing.
"""

from __future__ import annotations

from itertools import groupby, islice

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip

from segtool.core.layer import ORIGINS, Layer
from segtool.tui.filters import UNSURE
from segtool.tui.layout import Layout, Position, Row
from segtool.tui.messages import BoundaryDragged, BoundaryToggled, CursorPlaced
from segtool.tui.palette import glyph_of
from segtool.tui.search import Search
from segtool.tui.state import ReviewState
from segtool.tui.widgets.drawn import Wheeled

GUTTER = 3
MEASURE = 108
"""Most cells of a row of text: longer ones are hard to read."""
ASKED = 14
"""Most characters of the asked word that are lit: scripts without spaces have no words."""
MARGIN = 2
"""Rows kept between the cursor and the edge."""


class TextView(Wheeled, can_focus=True):
    """The text with its units in alternating shades and a mark at each boundary."""

    DEFAULT_CSS = "TextView { width: 1fr; height: 1fr; }"

    def __init__(self, state: ReviewState, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.state = state
        self.search: Search | None = None
        self.hints: dict[int, str] = {}
        self.layout_rows = self._new_layout()
        self.top: Position = (0, 0)
        self._shown: list[tuple[Row, bool]] = []  # row, whether the cursor is in it
        self._places: list[Position] = []
        self._look: tuple[object, ...] = ()  # all that the rows depend on, but for the cursor
        self._drag: int | None = None
        self._is_selecting = False
        self._seen_revision = state.revision
        self._pending: bool | None = None  # follow the cursor once the size is known: centred or not

    def _new_layout(self) -> Layout:
        state = self.state
        return Layout(
            state.base.document,
            lambda: state.layer,
            lambda: state.layer if state.layer_name == "section" else None,
        )

    def show(self, state: ReviewState) -> None:
        """Show another state, or the same one over a new document."""
        self.state = state
        self.layout_rows = self._new_layout()
        self.top = (0, 0)
        self._look = ()
        self.follow(centre=True)

    def follow(self, *, centre: bool = False) -> None:
        """Take changes of the state over and keep the cursor in view (``centre``: in the middle)."""
        self._take_over()
        height = self.size.height
        if not height:
            self._pending = centre or bool(self._pending)
            return
        place = self.layout_rows.position_of(self.state.cursor)
        if centre:
            self.top = self.layout_rows.move(place, -(height // 2))
        else:
            margin = min(MARGIN, (height - 1) // 2)
            highest = self.layout_rows.move(place, -(height - 1 - margin))
            lowest = self.layout_rows.move(place, -margin)
            self.top = min(max(self.top, highest), lowest)
        self._fill()

    def scroll_rows(self, n: int) -> None:
        """Move the view, not the cursor."""
        self._take_over()
        last = self.layout_rows.move((max(len(self.layout_rows.blocks) - 1, 0), 1 << 20), -(self.size.height // 2))
        self.top = min(self.layout_rows.move(self.top, n), last)
        self._fill()

    def _take_over(self) -> None:
        self.layout_rows.resize(max(min(self.size.width - GUTTER - 1, MEASURE), 8))
        if self._seen_revision != self.state.revision:
            offset = self._offset_of(self.top)
            self.layout_rows.update()
            self.top = self.layout_rows.position_of(offset)
            self._seen_revision = self.state.revision

    def _offset_of(self, position: Position) -> int:
        row = next(self.layout_rows.iter_rows(position), None)
        return row.offsets[0] if row and row.offsets else 0

    def _fill(self) -> None:
        """Find the rows in view; where nothing but the cursor has moved, only its rows are drawn anew."""
        place = self.layout_rows.position_of(self.state.cursor)
        was_at = self.row_of_cursor()
        look = (self.top, self.state.revision, self.size, self.state.asked, self.state.selection, id(self.search))
        if look != self._look or self.hints:
            self._rows_at(self.top)
        self._shown = [(row, at == place) for (row, _), at in zip(self._shown, self._places, strict=True)]
        if look == self._look and not self.hints:
            rows = {y for y in (was_at, self.row_of_cursor()) if y is not None}
            self.refresh(*(Region(0, y, self.size.width, 1) for y in rows))
        else:
            self.redraw_changed()
        self._look = look if not self.hints else ()

    def _rows_at(self, top: Position) -> None:
        """The rows of the screen from a position on, and the position of each."""
        self._shown, self._places = [], []
        at = top
        for row in islice(self.layout_rows.iter_rows(top), self.size.height):
            self._shown.append((row, False))
            self._places.append(at)
            last = at[1] + 1 >= len(self.layout_rows.rows(at[0]))
            at = (at[0] + 1, 0) if last else (at[0], at[1] + 1)

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002  (the framework calls it so)
        """Lay out for the new size, the cursor in view, a question in the middle."""
        centre, self._pending = bool(self._pending) or self.state.asked is not None, None
        self.follow(centre=centre)

    def visible_offsets(self) -> tuple[int, int]:
        """The range of offsets in view."""
        offsets = [row.offsets for row, _ in self._shown if row.offsets]
        return (offsets[0][0], offsets[-1][-1] + 1) if offsets else (0, 0)

    def row_of_cursor(self) -> int | None:
        """The row of the screen where the cursor is, None if it is out of view."""
        return next((y for y, (_, has_cursor) in enumerate(self._shown) if has_cursor), None)

    def offset_near(self, rows: int) -> int:
        """The offset some rows below (above) the cursor, in the same column where there is one."""
        layout = self.layout_rows
        place = layout.position_of(self.state.cursor)
        row = next(layout.iter_rows(place), None)
        if row is None or row.kind != "text":
            return self.state.cursor
        x = row.cell_of(row.index_of(self.state.cursor)) + row.indent
        step = 1 if rows > 0 else -1
        target = layout.move(place, rows)
        while True:
            row = next(layout.iter_rows(target), None)
            if row is not None and row.kind == "text":
                return row.offsets[row.index_at(x - row.indent)]
            moved = layout.move(target, step)
            if moved == target:
                return self.state.cursor
            target = moved

    def row_edges(self) -> tuple[int, int]:
        """First and last offset of the row of the cursor."""
        row = next(self.layout_rows.iter_rows(self.layout_rows.position_of(self.state.cursor)), None)
        return (row.offsets[0], row.offsets[-1]) if row and row.offsets else (0, 0)

    # Drawing

    def draw_row(self, y: int) -> Strip:
        """One row of the screen."""
        width = self.size.width
        blank = self.palette.shades[0]
        if y == 1 and not self.state.text:
            words = Segment(" " * GUTTER + "The text is empty.", blank + self.palette.dim)
            return Strip([words]).adjust_cell_length(width, blank)
        if y >= len(self._shown):
            return Strip.blank(width, blank)
        row, has_cursor = self._shown[y]
        if row.kind == "text":
            strip = Strip(self._text_row(row, has_cursor))
        elif row.kind == "rule":
            strip = Strip(self._rule_row(row, width))
        else:
            return Strip.blank(width, blank)
        return strip.adjust_cell_length(width, blank)

    def _rule_row(self, row: Row, width: int) -> list[Segment]:
        boundary = self.state.layer[self.state.layer.find(row.offsets[0])]
        label = boundary.label
        name = f"{label.number or ''} {label.heading or ''}".strip() if label else ""
        style = self.palette.shades[0] + self.palette.origins[boundary.origin]
        text = f"── {name or 'no name'} · level {boundary.level} "
        room = min(width - GUTTER - 1, MEASURE) - row.indent
        return [Segment(" " * (GUTTER + row.indent), self.palette.shades[0]), Segment(text.ljust(room, "─"), style)]

    def _status(self, offset: int) -> str:
        held = self.state.asserted()
        if offset == self.state.asked:
            return "?"
        if offset in held.notes:
            return "✎"
        return "✓" if offset in held.checked else " "

    def _text_row(self, row: Row, has_cursor: bool) -> list[Segment]:
        layer, palette = self.state.layer, self.palette
        characters = list(row.text)
        styles = self._base_styles(row, layer)
        for index, offset in row.marks.items():
            characters[index] = self._glyph(layer, offset)
            styles[index] = styles[max(index - 1, 0)] + self._mark_style(layer, offset)
        self._overlay(row, styles)
        if has_cursor and self.state.text:
            index = row.index_of(self.state.cursor)
            styles[index] = palette.asked if self.state.asked == self.state.cursor else palette.cursor
        for offset, hint in self.hints.items():
            if row.offsets and row.offsets[0] <= offset <= row.offsets[-1]:
                index = row.offsets.index(offset) if offset in row.offsets else row.index_of(offset)
                for i, letter in enumerate(hint[: len(characters) - index]):
                    characters[index + i], styles[index + i] = letter, palette.asked
        segments = self._gutter(row, layer)
        pairs = zip(characters, styles, strict=True)
        for style, run in groupby(pairs, key=lambda pair: pair[1]):
            segments.append(Segment("".join(character for character, _ in run), style))
        if row.offsets:
            last = layer.find(row.offsets[-1])
            is_whole = last + 1 >= len(layer) or int(layer.offsets[last + 1]) > row.offsets[-1] + 1
            filler = palette.shades[last % 2] if is_whole else palette.shades[0]
            free = min(self.size.width, GUTTER + MEASURE + 1) - sum(segment.cell_length for segment in segments)
            segments.append(Segment(" " * max(free, 0), filler))
        return segments

    def _base_styles(self, row: Row, layer: Layer) -> list[Style]:
        shades = self.palette.shades
        if self.layout_rows.is_heading(row.offsets[0]):
            shades = (shades[0] + self.palette.heading, shades[1] + self.palette.heading)
        parity = layer.find(row.offsets[0]) % 2
        styles = [shades[parity]] * len(row.text)
        for index in sorted(row.marks):
            parity ^= 1
            styles[index + 1 :] = [shades[parity]] * (len(row.text) - index - 1)
        return styles

    def _overlay(self, row: Row, styles: list[Style]) -> None:
        """Underline unsure places, colour the selection, the hits of a search and the asked word."""
        state, palette = self.state, self.palette
        start, end = row.offsets[0], row.offsets[-1] + 1
        found = state.candidates()
        low, high = np.searchsorted(found.offsets, [start, end])
        for i in range(int(low), int(high)):
            offset = int(found.offsets[i])
            if not found.present[i] and found.doubt[i] >= UNSURE and not state.is_settled(offset):
                self._paint(row, styles, offset, offset + 1, palette.unsure)
        for hit in self.search.within(start - 200, end) if self.search else ():
            self._paint(row, styles, hit.start, hit.end, palette.hit)
        if state.selection is not None:
            self._paint(row, styles, state.selection.start, state.selection.end, palette.selection)
        if state.asked is not None and start <= state.asked < end:
            word = state.text[state.asked : state.asked + ASKED].split(maxsplit=1)[0]
            self._paint(row, styles, state.asked, state.asked + len(word), palette.asked)

    @staticmethod
    def _paint(row: Row, styles: list[Style], start: int, end: int, style: Style) -> None:
        if start <= row.offsets[-1] and end > row.offsets[0]:
            first = row.index_of(start) if start >= row.offsets[0] else 0
            while first < len(row.offsets) and row.offsets[first] < start:
                first += 1
            if first in row.marks:
                first += 1
            for index in range(first, len(row.offsets)):
                if row.offsets[index] >= end:
                    break
                styles[index] = styles[index] + style

    def _gutter(self, row: Row, layer: Layer) -> list[Segment]:
        base = self.palette.shades[0]
        here = [*([row.first_mark] if row.first_mark is not None else []), *row.marks.values()]
        mark = Segment(" ", base)
        if row.first_mark is not None:
            mark = Segment(self._glyph(layer, row.first_mark), base + self._mark_style(layer, row.first_mark))
        statuses = [self._status(offset) for offset in here]
        if self.state.asked is not None and row.offsets[0] <= self.state.asked <= row.offsets[-1]:
            statuses.append("?")
        all_checked = bool(statuses) and all(s == "✓" for s in statuses)
        status: str = next((s for s in ("?", "✎") if s in statuses), "✓" if all_checked else " ")
        style = {"?": self.palette.asked, "✎": self.palette.note, "✓": self.palette.checked}.get(status, base)
        return [mark, Segment(status, base + style), Segment(" " * (1 + row.indent), base)]

    def _glyph(self, layer: Layer, offset: int) -> str:
        score = float(layer.scores[layer.find(offset)])
        return glyph_of(None if score != score else score)

    def _mark_style(self, layer: Layer, offset: int) -> Style:
        return self.palette.origins[ORIGINS[layer.origins[layer.find(offset)]]]

    # Mouse

    def _at(self, x: int, y: int) -> tuple[int | None, int | None]:
        """The offset at a cell, and the boundary whose mark is there."""
        if not 0 <= y < len(self._shown):
            return None, None
        row, _ = self._shown[y]
        if row.kind == "rule":
            return row.offsets[0], None
        if row.kind != "text":
            return None, None
        if x < GUTTER - 1:
            return row.offsets[0], row.first_mark
        index = row.index_at(x - GUTTER - row.indent)
        return row.offsets[index], row.marks.get(index)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Place the cursor, or take hold of a boundary."""
        offset, boundary = self._at(event.x, event.y)
        if offset is None or event.button != 1:
            return
        self.capture_mouse()
        if boundary is not None:
            self._drag = boundary
        else:
            self._is_selecting = True
            self.post_message(CursorPlaced(offset))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag a selection."""
        if self._is_selecting and event.button == 1:
            offset, _ = self._at(event.x, event.y)
            if offset is not None and offset != self.state.cursor:
                self.post_message(CursorPlaced(offset, extend=True))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Toggle the boundary that was clicked, or drop it where it was dragged."""
        self.release_mouse()
        self._is_selecting = False
        source, self._drag = self._drag, None
        if source is None:
            return
        offset, boundary = self._at(event.x, event.y)
        if boundary == source:
            self.post_message(BoundaryToggled(source))
        elif offset is not None:
            self.post_message(BoundaryDragged(source, offset))

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002  (the framework's signature)
        """All there is."""
        return container.width
