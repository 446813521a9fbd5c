"""The slider of the threshold: every step decides the layer anew, at once."""

from __future__ import annotations

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.strip import Strip

from segtool.tui.messages import ThresholdDone, ThresholdWanted
from segtool.tui.widgets.drawn import Drawn

HEAD = " threshold "


class Slider(Drawn, can_focus=True):
    """One row; arrows move by a hundredth, up and down by a twentieth, Enter or Escape leaves."""

    DEFAULT_CSS = "Slider { height: 1; width: 1fr; display: none; } Slider.open { display: block; }"
    BINDINGS = [  # noqa: RUF012  (as the framework has it)
        Binding("left,h", "step(-0.01)", "lower", show=False),
        Binding("right,l", "step(0.01)", "higher", show=False),
        Binding("down,j", "step(-0.05)", "much lower", show=False),
        Binding("up,k", "step(0.05)", "much higher", show=False),
        Binding("enter,escape,t,q", "leave", "done", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.value = 0.5
        self.message = ""

    def say(self, value: float, message: str) -> None:
        """Show a value and what it changed."""
        self.value, self.message = value, message
        self.refresh()

    def action_step(self, by: float) -> None:
        """Ask for another threshold."""
        self.post_message(ThresholdWanted(min(max(round(self.value + by, 2), 0.0), 1.0)))

    def action_leave(self) -> None:
        """Close the slider."""
        self.post_message(ThresholdDone())

    @property
    def _track(self) -> int:
        return max(min(self.size.width - len(HEAD) - 40, 60), 10)

    def draw_row(self, y: int) -> Strip:  # noqa: ARG002  (there is one row)
        """The track with its knob, the value and the change."""
        base = self.palette.panel
        knob = round(self.value * (self._track - 1))
        track = "─" * knob + "●" + "─" * (self._track - 1 - knob)
        segments = [
            Segment(HEAD, base + self.palette.heading),
            Segment(track, base + self.palette.bar),
            Segment(f" {self.value:.2f} ", base + self.palette.heading),
            Segment(self.message, base),
            Segment("  ←→ ↑↓ enter", base + self.palette.dim),
        ]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def on_click(self, event: events.Click) -> None:
        """Jump to a value."""
        x = event.x - len(HEAD)
        if 0 <= x < self._track:
            self.post_message(ThresholdWanted(round(x / (self._track - 1), 2)))
