"""What the widgets drawn by the line API share: rows are kept as they were drawn until they change.

The framework's own cache puts borders, padding, opacity and filters onto every row, and looks at each row again
whenever anything on the screen is painted. These widgets have none of that and bring complete styles, so their rows
go to the screen as they are: a third of the time of a key press.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Self

from textual import events
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from segtool.tui.palette import DARK, Palette

WHEEL_ROWS = 3
"""Rows that one step of the mouse wheel goes."""


class Drawn(Widget):
    """A widget of rows: ``draw_row`` gives one, ``redraw_rows`` has some drawn anew and ``refresh`` all.

    Its palette is bound to that of its screen.
    """

    palette: reactive[Palette] = reactive(DARK)

    def __init__(self, *, id: str | None = None) -> None:
        self._rows_drawn: dict[int, Strip] = {}
        self._width_drawn = -1
        super().__init__(id=id)

    def draw_row(self, y: int) -> Strip:
        """One row, as wide as the widget; blank unless a widget says otherwise."""
        return Strip.blank(self.size.width) if y >= 0 else Strip([])

    def redraw_rows(self, *rows: int) -> None:
        """Have rows drawn anew; none: nothing is."""
        if rows:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in sorted(set(rows))))

    def redraw_changed(self) -> None:
        """Draw all rows now; only those that look different go to the screen."""
        size = self.size
        if size.width != self._width_drawn:
            self.refresh()
            return
        before, self._rows_drawn = self._rows_drawn, {y: self.draw_row(y) for y in range(size.height)}
        changed = [y for y, strip in self._rows_drawn.items() if before.get(y) != strip]
        if changed:
            super().refresh(*(Region(0, y, size.width, 1) for y in changed))

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Forget the rows of these regions, all without any; see the base class."""
        if regions:
            for region in regions:
                for y in region.line_range:
                    self._rows_drawn.pop(y, None)
        else:
            self._rows_drawn.clear()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of a region; only those that have changed are drawn."""
        width = self.size.width
        if width != self._width_drawn:
            self._width_drawn = width
            self._rows_drawn.clear()
        strips = []
        for y in crop.line_range:
            strip = self._rows_drawn.get(y)
            if strip is None:
                strip = self._rows_drawn[y] = self.draw_row(y)
            strips.append(strip)
        if crop.column_span != (0, width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips


class Wheeled(Drawn):
    """A widget of more rows than fit, which the mouse wheel scrolls."""

    @abstractmethod
    def scroll_rows(self, n: int) -> None:
        """So many rows on, or back."""

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The next rows."""
        event.stop()
        self.scroll_rows(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The rows before."""
        event.stop()
        self.scroll_rows(-WHEEL_ROWS)
