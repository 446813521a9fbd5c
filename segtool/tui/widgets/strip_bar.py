"""The strip below the text: the whole document in one row of bars, and one row of what was done to it."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip

from segtool.tui.filters import UNSURE
from segtool.tui.messages import PlaceWanted
from segtool.tui.palette import bar_of
from segtool.tui.state import ReviewState
from segtool.tui.strip import column_of, make_strip, offset_of
from segtool.tui.widgets.drawn import Drawn


class StripBar(Drawn):
    """Two rows: chance (sections) or doubt (others) along the document, and marks of checked, edited, unsure parts."""

    DEFAULT_CSS = "StripBar { height: 2; width: 1fr; }"

    def __init__(self, state: ReviewState, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.state = state
        self._made: tuple[object, ...] = ()
        self._look: tuple[object, ...] = ()

    def show(self, state: ReviewState) -> None:
        """Show another state."""
        self.state = state
        self._made = ()
        self.refresh()

    def follow(self) -> None:
        """Draw anew if the cursor is in another column, or the state has changed."""
        width = max(self.size.width, 1)
        column = column_of(self.state.cursor, len(self.state.text), width)
        look = (column, width, self.state.revision, self.state.layer_name)
        if look != self._look:
            self._look = look
            self.refresh()

    def draw_row(self, y: int) -> Strip:
        """The bars (0) or the marks (1)."""
        width = max(self.size.width, 1)
        key = (id(self.state), self.state.revision, self.state.layer_name, width)
        if self._made != key:
            self._strip = make_strip(self.state, width)
            self._made = key
        cursor = column_of(self.state.cursor, len(self.state.text), width)
        segments = [self._cell(y, column, column == cursor) for column in range(width)]
        return Strip(list(Segment.simplify(segments)), width)

    def _cell(self, y: int, column: int, has_cursor: bool) -> Segment:
        palette, strip = self.palette, self._strip
        base: Style = palette.shades[0]
        if y == 0:
            style = base + (palette.bar if strip.doubt[column] >= UNSURE else palette.dim)
            # Sentences start everywhere: only where it is doubtful says something. Sections show the novelty curve.
            values = strip.chance if self.state.layer_name == "section" else strip.doubt
            return Segment(bar_of(float(values[column])), style)
        if has_cursor:
            return Segment("▲", base + palette.heading)
        if strip.edited[column]:
            return Segment("◆", base + palette.note)
        if strip.doubt[column] >= UNSURE:
            return Segment("?", base + palette.bar)
        if strip.checked[column] > 0:
            return Segment("━" if strip.checked[column] >= 1 else "╌", base + palette.checked)
        return Segment("·", base + palette.dim)

    def on_click(self, event: events.Click) -> None:
        """Go to the place clicked."""
        self.post_message(PlaceWanted(offset_of(event.x, len(self.state.text), max(self.size.width, 1))))
