"""The lines at the top and the bottom: where one stands, and which keys do what."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.strip import Strip

from segtool.tui.messages import ActionWanted
from segtool.tui.widgets.drawn import Drawn


class StatusBar(Drawn):
    """One row: pieces of text in styles; what does not fit is left out."""

    DEFAULT_CSS = "StatusBar { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.pieces: list[tuple[str, str]] = []

    def say(self, pieces: Sequence[tuple[str, str]]) -> None:
        """Show pieces of text, each with the name of a style of the palette ("" for plain).

        A piece that does not fit is left out (the first two are cut), and so is one that says less than the one before.
        """
        if pieces != self.pieces:
            self.pieces = list(pieces)
            self.refresh()

    def draw_row(self, y: int) -> Strip:  # noqa: ARG002  (there is one row)
        """The row."""
        base = self.palette.panel
        segments: list[Segment] = []
        room, before = self.size.width, ""
        for text, style in self.pieces:
            if (cell_len(text) > room and len(segments) > 1) or before.startswith(text.rstrip()):
                continue
            segments.append(Segment(text, base + getattr(self.palette, style) if style else base))
            room, before = room - cell_len(text), text
        return Strip(segments).adjust_cell_length(self.size.width, base)


class KeyBar(Drawn):
    """One row of keys with what they do; a click does it."""

    DEFAULT_CSS = "KeyBar { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._keys: list[tuple[str, str, str]] = []

    def say(self, keys: list[tuple[str, str, str]]) -> None:
        """Show keys: (key, what it does, name of the action)."""
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def _fitting(self) -> list[tuple[int, str, str, str]]:
        """What fits into the width, the help and quit keys (the last two) always: start cell, key, word, action."""
        room = self.size.width
        fixed = self._keys[-2:]
        room -= sum(_width(row) for row in fixed)
        chosen = []
        for row in self._keys[:-2]:
            if _width(row) > room:
                break
            room -= _width(row)
            chosen.append(row)
        placed, x = [], 0
        for row in [*chosen, *fixed]:
            placed.append((x, *row))
            x += _width(row)
        return placed

    def draw_row(self, y: int) -> Strip:  # noqa: ARG002  (there is one row)
        """The row."""
        base = self.palette.panel
        segments = []
        for _, key, word, _ in self._fitting():
            segments += [Segment(f" {key}", base + self.palette.key), Segment(f" {word} ", base)]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def on_click(self, event: events.Click) -> None:
        """Do what the key does."""
        for x, key, word, action in reversed(self._fitting()):
            if event.x >= x:
                if event.x < x + _width((key, word, action)):
                    self.post_message(ActionWanted(action))
                return


def _width(row: tuple[str, str, str]) -> int:
    return cell_len(row[0]) + cell_len(row[1]) + 3
