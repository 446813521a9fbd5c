"""The list of documents of a folder, with the state of each review: what needs a reviewer most comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from segtool.errors import EditError
from segtool.storage.sidecar import find_sidecar
from segtool.tui.messages import DocumentChosen
from segtool.tui.palette import Palette

ORDER = ("conflicts", "damaged", "in progress", "unopened", "done")


@dataclass(frozen=True, slots=True)
class DocumentState:
    """How far the review of a document is."""

    path: str
    state: str
    n_units: int = 0
    n_checked: int = 0
    n_wrong: float = 0.0
    n_edits: int = 0


def state_of(path: str) -> DocumentState:
    """The state of a document, from its sidecar alone."""
    try:
        sidecar = find_sidecar(path)
    except EditError:
        return DocumentState(path, "damaged")
    if sidecar is None:
        return DocumentState(path, "unopened")
    place = sidecar.place
    state = "done" if place.n_units and place.n_checked >= place.n_units else "in progress"
    if sidecar.conflicts:
        state = "conflicts"
    return DocumentState(path, state, place.n_units, place.n_checked, place.n_wrong, sidecar.log.cursor)


def sorted_states(paths: Sequence[str]) -> list[DocumentState]:
    """What needs a reviewer first: conflicts, then what is begun (most expected errors first), unopened, done."""
    states = [state_of(path) for path in paths]
    return sorted(states, key=lambda s: (ORDER.index(s.state), -s.n_wrong, s.path))


class DocumentsScreen(Screen[None]):
    """The documents of a folder."""

    DEFAULT_CSS = """
    DocumentsScreen Label { padding: 0 1; width: 1fr; }
    DocumentsScreen #heads { color: $text-muted; margin: 1 0 0 0; }
    DocumentsScreen OptionList, DocumentsScreen OptionList:focus { height: 1fr; border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
        Binding("q,escape", "quit", "quit"),
    ]

    def __init__(self, paths: Sequence[str], palette: Palette) -> None:
        super().__init__()
        self._paths = paths
        self._palette = palette
        self._states: list[DocumentState] = []

    def compose(self) -> ComposeResult:
        """A line of totals, the list, the keys."""
        yield Label(id="totals")
        yield Label(f"{'state':<12}{'checked':>14}  {'expected':>12}  document", id="heads")
        yield OptionList()
        yield Label("enter review  j k move  q quit")

    def on_mount(self) -> None:
        """Fill the list."""
        self.reload()

    def on_screen_resume(self) -> None:
        """A review was left: its state has changed."""
        self.reload()

    def reload(self) -> None:
        """Read the states again; the highlight stays on its document."""
        options = self.query_one(OptionList)
        at = options.highlighted
        self._states = sorted_states(self._paths)
        options.clear_options()
        options.add_options([Option(self._line(state)) for state in self._states])
        if self._states:
            options.highlighted = min(at or 0, len(self._states) - 1)
        options.focus()
        done = sum(state.state == "done" for state in self._states)
        self.query_one("#totals", Label).update(f"{len(self._states)} documents, {done} done")

    def _line(self, state: DocumentState) -> Text:
        styles = {"conflicts": self._palette.alarm, "damaged": self._palette.alarm, "done": self._palette.checked}
        text = Text(no_wrap=True)
        text.append(f"{state.state:<12}", style=styles.get(state.state, self._palette.dim))
        counts = f"{state.n_checked:,}/{state.n_units:,}" if state.n_units else ""
        wrong = f"≈{state.n_wrong:.1f} wrong" if state.n_wrong else ""
        text.append(f"{counts:>14}  {wrong:>12}  ", style=self._palette.dim)
        text.append(state.path)
        return text

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Open a document."""
        self.post_message(DocumentChosen(self._states[event.option_index].path))

    def action_move(self, step: int) -> None:
        """Move the highlight."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if step > 0 else options.action_cursor_up)()

    def action_quit(self) -> None:
        """Leave."""
        self.app.exit()
