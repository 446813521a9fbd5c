"""The outline beside the text: sections with what is left to check in each, following the cursor.

Drawn by the line API from the columns of the section layer: ten thousand sections cost nothing.
"""

from __future__ import annotations

import numpy as np
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual import events
from textual.strip import Strip

from segtool.core.layer import Layer
from segtool.core.outline import nesting
from segtool.tui.messages import PlaceWanted
from segtool.tui.places import Pages
from segtool.tui.state import ReviewState
from segtool.tui.widgets.drawn import Wheeled


class OutlineView(Wheeled):
    """The tree of sections."""

    DEFAULT_CSS = "OutlineView { width: 22%; min-width: 30; max-width: 46; height: 1fr; }"

    def __init__(self, state: ReviewState, pages: Pages, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.show(state, pages)

    def show(self, state: ReviewState, pages: Pages) -> None:
        """Show another state."""
        self.state = state
        self.pages = pages
        self.top = 0
        self._revision = -1
        self._layer: Layer | None = None
        self._shown: list[tuple[int, ...]] = []
        self.update_rows()
        self.refresh()

    def update_rows(self, *, follow: bool = True) -> None:
        """Take changes of the state over; the section of the cursor comes into view."""
        state = self.state
        if "section" not in state.layer_names:
            self._offsets = np.zeros(0, np.int64)
        elif self._revision != state.revision:
            self._revision = state.revision
            layer = state.current("section")
            if layer is not self._layer:
                self._layer = layer
                self._offsets = layer.offsets
                self._depths = nesting(layer.levels.tolist())
                self._labels = layer.labels
                self._ends = _subtree_ends(self._depths)
                self.refresh()
            open_units = np.concatenate([np.zeros(1, np.int64), np.cumsum(~state.checked_mask())])
            edges = np.searchsorted(state.layer.offsets, np.append(layer.offsets, layer.length))
            self._open = open_units[edges]
        self.current = int(np.searchsorted(self._offsets, state.cursor, side="right")) - 1
        height = max(self.size.height - 1, 1)
        if follow and not self.top <= self.current < self.top + height:
            self.top = max(min(self.current - height // 2, len(self._offsets) - height), 0)
        shown = [self._look_of(y) for y in range(self.size.height)]
        self.redraw_rows(*(y for y, look in enumerate(shown) if y >= len(self._shown) or look != self._shown[y]))
        self._shown = shown

    def _look_of(self, y: int) -> tuple[int, ...]:
        """What a row depends on, but for names: the section, whether the cursor is in it, units still to check."""
        index = self.top + y - 1
        if y == 0 or index >= len(self._offsets):
            return (len(self._offsets),)
        return index, index == self.current, self._n_open(index)

    def _n_open(self, index: int) -> int:
        return int(self._open[self._ends[index]] - self._open[index])

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002  (the framework calls it so)
        """Keep the cursor's section in view."""
        self.update_rows()

    def draw_row(self, y: int) -> Strip:
        """One section."""
        width, palette = self.size.width, self.palette
        base = palette.shades[0]
        index = self.top + y - 1
        if y == 0:
            title = f" Outline  {len(self._offsets):,} sections" if len(self._offsets) else " Outline  no sections"
            return Strip([Segment(set_cell_size(title, width), base + palette.dim)])
        if index >= len(self._offsets):
            return Strip.blank(width, base)
        label = self._labels.get(int(self._offsets[index]))
        number, heading = (label.number or "", label.heading or "") if label else ("", "")
        if not number and not heading:
            start = int(self._offsets[index])
            heading = " ".join(self.state.text[start : start + width].split())
        is_current = index == self.current
        style = palette.shades[1] + palette.heading if is_current else base
        left = self._n_open(index)
        page = self.pages.at(int(self._offsets[index]))
        tail = (f" p{page}" if page else "") + (f" {left}" if left else " ✓") + " "
        name = " " * (2 * (self._depths[index] - 1) + 1) + f"{number} {heading}".strip()
        room = max(width - cell_len(tail), 1)
        if cell_len(name) > room:
            name = set_cell_size(name, room - 1) + "…"
        tail_style = style + (palette.dim if left else palette.checked)
        return Strip([Segment(set_cell_size(name, room), style), Segment(tail, tail_style)]).adjust_cell_length(width)

    def on_click(self, event: events.Click) -> None:
        """Go to a section."""
        index = self.top + event.y - 1
        if 0 <= index < len(self._offsets) and event.y > 0:
            self.post_message(PlaceWanted(int(self._offsets[index])))

    def scroll_rows(self, n: int) -> None:
        """The list, so many rows on."""
        self.top = max(min(self.top + n, len(self._offsets) - self.size.height + 1), 0)
        self.update_rows(follow=False)


def _subtree_ends(depths: list[int]) -> list[int]:
    """For each section the index after the last one below it."""
    ends = [len(depths)] * len(depths)
    stack: list[int] = []
    for index, depth in enumerate(depths):
        while stack and depths[stack[-1]] >= depth:
            ends[stack.pop()] = index
        stack.append(index)
    return ends
