"""The column of facts about the unit under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from segtool.core.tokens import TokenCounter
from segtool.tui.facts import Fact, facts
from segtool.tui.layout import wrap
from segtool.tui.state import ReviewState
from segtool.tui.widgets.drawn import Wheeled

if TYPE_CHECKING:
    from segtool.segmenters.reasons import SectionReasons

NAME_WIDTH = 11
"""Cells of the names of facts."""
DETAIL_WIDTH = 5


class Inspector(Wheeled):
    """Facts, one or more rows each; the wheel scrolls where they are more than fit."""

    DEFAULT_CSS = "Inspector { width: 34; height: 1fr; }"

    def __init__(
        self,
        state: ReviewState,
        counter: TokenCounter,
        budget: int,
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.state = state
        self.counter = counter
        self.budget = budget
        self.reasons: SectionReasons | None = None
        self.top = 0
        self._look: tuple[object, ...] = ()
        self._rows: list[list[tuple[str, Style]]] = []

    def take_reasons(self, reasons: SectionReasons) -> None:
        """Show the evidence of sections from now on."""
        self.reasons = reasons
        self.follow()

    def follow(self) -> None:
        """Show the unit under the cursor; rows that stay the same are not drawn."""
        state = self.state
        look = (state.unit_index(), state.asked, state.revision, self.size, self.palette, self.reasons)
        if look == self._look:
            return
        self._look = look
        before, self._rows = self._rows, self._laid_out()
        top, self.top = self.top, 0
        if top:
            self.refresh()
        n = max(len(before), len(self._rows))
        self.redraw_rows(*(y for y in range(n) if before[y : y + 1] != self._rows[y : y + 1]))

    def _laid_out(self) -> list[list[tuple[str, Style]]]:
        if self.state.unit_index() < 0:
            return [[("The text is empty.", Style())]]
        rows = []
        width = max(self.size.width - 2, 8)
        for fact in facts(self.state, self.counter, self.budget, self.reasons):
            rows += self._rows_of(fact, width)
        return rows

    def _rows_of(self, fact: Fact, width: int) -> list[list[tuple[str, Style]]]:
        palette = self.palette
        if fact.kind == "heading":
            return [[], [(fact.name, palette.heading)]]
        if fact.kind == "line":
            return [[(" " * fact.depth + line, Style())] for line in _wrapped(fact.name, width - fact.depth)]
        indent = DETAIL_WIDTH if fact.kind == "detail" else NAME_WIDTH
        style = palette.alarm if fact.kind == "alarm" else Style()
        lines = _wrapped(fact.value, width - indent)
        names = [fact.name.ljust(indent), *[" " * indent] * (len(lines) - 1)]
        return [[(name, palette.dim), (line, style)] for name, line in zip(names, lines, strict=True)]

    def draw_row(self, y: int) -> Strip:
        """One row of the facts."""
        base = self.palette.shades[0]
        row = self._rows[self.top + y] if self.top + y < len(self._rows) else []
        segments = [Segment(" ", base), *(Segment(text, base + style) for text, style in row)]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def scroll_rows(self, n: int) -> None:
        """The facts, so many rows on."""
        self.top = max(min(self.top + n, len(self._rows) - self.size.height), 0)
        self.refresh()


def _wrapped(text: str, width: int) -> list[str]:
    if len(text) <= width and text.isascii():
        return [text]
    return [row.text for row in wrap(text, 0, len(text), (), max(width, 8), 0)] or [""]
