"""The help screen: every key, by group, from the table of actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from segtool.tui.keys import Action, shown
from segtool.tui.palette import Palette

MARKS = (
    "Marks: ┃ certain or at least 90 %  │ 60 %  ┆ 30 %  ┊ less.  Underlined: a unit may start here and none does.\n"
    "Colours: who put it there, grey the source, blue a rule, orange the model, pink you.\n"
    "Margin: ✓ checked  ✎ note  ? the question.  Mouse: click a mark to remove it, drag it to move it."
)


class HelpScreen(ModalScreen[None]):
    """All keys; ``?``, ``q`` or Escape closes it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll { width: 90; max-width: 98%; height: auto; max-height: 95%; border: round $primary;
        padding: 0 1; background: $surface; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "close", "close"),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]

    def __init__(self, actions: Sequence[Action], palette: Palette) -> None:
        super().__init__()
        self._actions = actions
        self._palette = palette

    def compose(self) -> ComposeResult:
        """One table."""
        with VerticalScroll():
            yield Static(MARKS, markup=False)
            yield Static(self._table())

    def on_mount(self) -> None:
        """Arrows scroll."""
        self.query_one(VerticalScroll).focus()

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column()
        group = ""
        for action in self._actions:
            if action.group != group:
                group = action.group
                table.add_row("", "")
                table.add_row("", Text(group, style=self._palette.heading))
            table.add_row(Text(shown(action.keys), style=self._palette.key), Text(action.help))
        table.add_row(Text("ctrl+p", style=self._palette.key), Text("all of this by name: the command palette"))
        return table

    def action_scroll(self, rows: int) -> None:
        """Scroll by rows."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)

    def action_close(self) -> None:
        """Back to the text."""
        self.dismiss(None)
