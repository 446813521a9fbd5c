"""What all parts of the review screen share: the widgets, and showing a changed state in them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.reactive import reactive
from textual.screen import Screen
from textual.worker import get_current_worker

from segtool.core.segmentation import Segmentation
from segtool.core.tokens import TokenCounter, WordCounter
from segtool.tui import compare
from segtool.tui.filters import Filter, matching
from segtool.tui.keys import ACTIONS, Action, first_key
from segtool.tui.page_pictures import PagePictures
from segtool.tui.palette import DARK, Palette
from segtool.tui.places import Pages
from segtool.tui.search import Search
from segtool.tui.session import ReviewSession
from segtool.tui.state import ReviewState
from segtool.tui.terminal import Display
from segtool.tui.widgets.bars import KeyBar, StatusBar
from segtool.tui.widgets.drawn import Drawn
from segtool.tui.widgets.inspector import Inspector
from segtool.tui.widgets.outline_view import OutlineView
from segtool.tui.widgets.page_view import PageView
from segtool.tui.widgets.slider import Slider
from segtool.tui.widgets.strip_bar import StripBar
from segtool.tui.widgets.text_view import TextView

WIDE = 110
"""Columns from which the outline is shown without being asked for."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a review screen looks and behaves.

    Attributes:
        palette: its colours.
        actions: its keys.
        budget: most tokens of a unit.
        counter: counts tokens.
        display: how pictures can be shown.
        against: name of what the document is compared with; None: nothing.
    """

    palette: Palette = DARK
    actions: tuple[Action, ...] = ACTIONS
    budget: int = 512
    counter: TokenCounter = field(default_factory=WordCounter)
    display: Display = field(default_factory=Display)
    against: str | None = None


def shortened(text: str, cells: int) -> str:
    """A text on one line in at most so many cells, its middle left out."""
    text = " ".join(text.split())
    if cell_len(text) <= cells:
        return text
    head = set_cell_size(text, cells * 2 // 3).rstrip()
    tail = text[len(head) :]
    while cell_len(head) + 1 + cell_len(tail) > cells:
        tail = tail[1:]
    return f"{head}…{tail}"


class Body(Horizontal):
    """The row of widgets between the bars; they cover it, so there is nothing to draw."""

    BLANK = True


class ReviewBase(Screen[None]):
    """The widgets of the review screen and what they show."""

    DEFAULT_CSS = """
    ReviewBase #body { height: 1fr; }
    ReviewBase OutlineView, ReviewBase Inspector, ReviewBase PageView, ReviewBase #other { display: none; }
    ReviewBase .shown, ReviewBase #other.shown { display: block; }
    """

    palette: reactive[Palette] = reactive(DARK)

    def __init__(self, session: ReviewSession, state: ReviewState, options: Options) -> None:
        super().__init__()
        self.session = session
        self.state = state
        self.options = options
        self.set_reactive(ReviewBase.palette, options.palette)
        self.pages = Pages(state.base.document)
        self.pictures: PagePictures | None = None
        self.search: Search | None = None
        self.filter: Filter = "all"
        self.working: str | None = None
        self.is_stopped = False
        self.other: Segmentation | None = None
        self.other_state: ReviewState | None = None
        self._reasons_of: object = self  # the scores that the evidence was read for; nothing was yet
        self._said = ""
        self._differing: tuple[object, int] = (None, 0)
        self._matching: tuple[object, list[int]] = (None, [])
        self._started = time.monotonic()

    def compose(self) -> ComposeResult:
        """Status, body, slider, strip, keys."""
        widgets = self._widgets()
        for widget in widgets.values():
            widget.data_bind(ReviewBase.palette)
        yield widgets.pop("status")
        with Body(id="body"):
            yield from (widgets.pop(name) for name in ("outline", "text", "other", "page", "inspector"))
        yield from widgets.values()

    def _widgets(self) -> dict[str, Drawn]:
        """All widgets, in the order of the screen."""
        state, options = self.state, self.options
        return {
            "status": StatusBar(id="status"),
            "outline": OutlineView(state, self.pages),
            "text": TextView(state, id="text"),
            "other": TextView(state, id="other"),
            "page": PageView(options.display),
            "inspector": Inspector(state, options.counter, options.budget),
            "slider": Slider(),
            "strip": StripBar(state),
            "keys": KeyBar(id="keys"),
        }

    def on_mount(self) -> None:
        """The text has the keys; the cursor is in view."""
        if self.app.size.width >= WIDE:
            self.query_one(OutlineView).add_class("shown")
            if self.options.against is None:  # else the room is for two texts
                self.query_one(Inspector).add_class("shown")
        self.text.focus()
        self.after(centre=True)

    @property
    def text(self) -> TextView:
        """The text."""
        return self.query_one("#text", TextView)

    def after(self, message: str = "", *, centre: bool = False) -> None:
        """Show the state as it is now, and a message until the next action.

        The state is one object that changes in place, so there is no value to bind: each widget is told to look.
        """
        self._said = message
        self.text.search = self.search
        self.text.follow(centre=centre)
        outline, inspector = self.query_one(OutlineView), self.query_one(Inspector)
        if outline.has_class("shown"):
            outline.update_rows()
        if inspector.has_class("shown"):
            self._look_for_reasons(inspector)
            inspector.follow()
        self.query_one(StripBar).follow()
        self._follow_other()
        self._follow_page()
        self.say_status()
        journal = self.session.journal
        if journal is not None and not journal.is_synced:
            self.run_worker(journal.sync, thread=True, exclusive=True, group="sync")

    def _look_for_reasons(self, inspector: Inspector) -> None:
        """Read the evidence of sections in a worker, once, when it is first to be shown."""
        state = self.state
        scores, made = state.base.scores.get("section"), state.base.made_by.get("section")
        if state.layer_name != "section" or self.working or made is None or made.threshold is None:
            return
        if self._reasons_of is scores:
            return
        self._reasons_of = scores
        document, threshold = state.base.document, made.threshold

        def read() -> None:
            from segtool.segmenters.reasons import SectionReasons

            reasons = SectionReasons(document, scores, threshold)
            reasons.at(0)  # reads the document
            if not get_current_worker().is_cancelled:
                self.app.call_from_thread(inspector.take_reasons, reasons)

        self.run_worker(read, thread=True, exclusive=True, group="reasons")

    def _follow_other(self) -> None:
        other = self.query_one("#other", TextView)
        if self.other_state is not None and other.has_class("shown"):
            name = self.state.layer_name
            if name != self.other_state.layer_name and name in self.other_state.layer_names:
                self.other_state.show_layer(name)
            self.other_state.move_to(self.state.cursor)
            other.follow(centre=False)
            other.top = other.layout_rows.position_of(self.text.visible_offsets()[0])
            other.follow()

    def _follow_page(self) -> None:
        page = self.query_one(PageView)
        if page.has_class("shown") and self.state.unit_index() >= 0:
            page.show_unit(self.state.base.document, self.state.unit().trimmed)

    def indices(self) -> list[int]:
        """The units that the filter lets through."""
        key = (self.state.revision, self.state.layer_name, self.filter)
        if self._matching[0] != key:
            found = matching(self.state, self.filter, self.options.budget, self.options.counter).tolist()
            self._matching = (key, found)
        return self._matching[1]

    def n_differences(self) -> int:
        """How many differences there are from the other segmentation."""
        key = (self.state.revision, self.state.layer_name)
        if self.other is not None and self._differing[0] != key:
            self._differing = (key, len(compare.differences(self.state, self.other)))
        return self._differing[1]

    # What the bars say

    def say_status(self) -> None:
        """Fill the line at the top and the keys at the bottom."""
        self.query_one("#status", StatusBar).say(self._status())
        self.query_one("#keys", KeyBar).say(self._keys())

    def _status(self) -> list[tuple[str, str]]:
        """Pieces of the line at the top, the most important first: what does not fit is left out."""
        name = self.session.request.source.rsplit("/", 1)[-1]
        pieces = [(f" {shortened(name, max(self.size.width // 4, 12))} ", "heading")]
        failure = self.session.journal.failure if self.session.journal else None
        if self.session.read_only_because:
            pieces.append((f" READ-ONLY: {self.session.read_only_because} ", "alarm"))
        if failure:
            pieces.append((f" {failure} ", "alarm"))
        if self._said:
            return [*pieces, (f" {self._said} ", "key")]
        if self.working:
            pieces.append((f" {self.working} {time.monotonic() - self._started:.0f} s (esc stops) ", "key"))
        return [*pieces, *self._counts(), *self._scopes(), *self._questions()]

    def _counts(self) -> list[tuple[str, str]]:
        """Units, chance or threshold, checked units, page, conflicts."""
        state = self.state
        pieces = [(f" {len(state.layer):,} {state.layer_name}s ", "")]
        chance = state.probability(state.asked) if state.asked is not None else None
        if chance is not None:
            pieces.append((f" starts here? {chance:.0%} ", "asked"))
        elif state.threshold is not None:
            pieces.append((f" ≥{state.threshold:.2f} ", "dim"))
        checked = state.checked_units()
        pieces.append((f" ✓ {checked:,}/{len(state.layer):,} ", "checked" if checked == len(state.layer) else "dim"))
        page = self.pages.at(state.cursor)
        if page is not None:
            pieces.append((f" p {page}/{len(self.pages)} ", "dim"))
        else:
            pieces.append((f" {state.cursor * 100 // max(len(state.text), 1)} % ", "dim"))
        if self.session.sidecar is not None and self.session.sidecar.conflicts:
            pieces.append((f" ! {len(self.session.sidecar.conflicts)} conflicts ", "alarm"))
        return pieces

    def _scopes(self) -> list[tuple[str, str]]:
        """Filter, search, comparison."""
        pieces = []
        if self.filter != "all":
            pieces.append((f" only {self.filter}: {len(self.indices()):,} ", "key"))
        if self.search is not None:
            pieces.append((f" “{shortened(self.search.query, 20)}” {len(self.search.hits):,} ", "key"))
        if self.other is not None:
            name = shortened((self.options.against or "").rsplit("/", 1)[-1], 24)
            pieces.append((f" ≠ {self.n_differences():,} from {name} (right) ", "key"))
        return pieces

    def _questions(self) -> list[tuple[str, str]]:
        n_open, n_wrong = self.state.open_questions()
        if not n_open:
            return []
        return [(f" ? {n_open:,} open, ≈{n_wrong:.1f} wrong ", "bar"), (f" ? {n_open:,} open ", "bar")]

    def _keys(self) -> list[tuple[str, str, str]]:
        actions = {action.name: action for action in self.options.actions}
        if self.state.asked is not None:
            names = ["yes", "no", "next_question", "move_right", "note", "undo", "cancel"]
            words = {"cancel": "leave the queue", "next_question": "skip"}
        else:
            names = [action.name for action in self.options.actions if action.word and action.name not in ("yes", "no")]
            names = [name for name in names if name not in ("help", "quit")]
            words = {}
        return [
            (first_key(actions[name]), words.get(name, actions[name].word), name) for name in [*names, "help", "quit"]
        ]
