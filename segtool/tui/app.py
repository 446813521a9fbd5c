"""The application: start-up, workers, and going from one document to the next."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Center, Middle
from textual.events import Key
from textual.screen import Screen
from textual.widgets import Label, ProgressBar
from textual.worker import get_current_worker

from segtool.core.document import Document
from segtool.core.reanchor import make_anchors
from segtool.core.segmentation import Segmentation
from segtool.errors import EditError, SegtoolError, StoppedError
from segtool.storage.decisions import decide
from segtool.tui.against import other_segmentation
from segtool.tui.keys import ACTIONS, Action
from segtool.tui.messages import (
    DocumentChosen,
    DocumentLoaded,
    LayersArrived,
    ReloadWanted,
    ReviewLeft,
    SequenceWanted,
    ThemeTurned,
    WorkFailed,
)
from segtool.tui.ordered_keys import OrderedKeys
from segtool.tui.palette import Palette, choose
from segtool.tui.screens.base import Options
from segtool.tui.screens.documents import DocumentsScreen
from segtool.tui.screens.prompt import ChoiceScreen
from segtool.tui.screens.review import ReviewScreen
from segtool.tui.session import ReviewRequest, ReviewSession
from segtool.tui.state import ReviewState
from segtool.tui.terminal import typed_keys


@dataclass(frozen=True, slots=True)
class AppOptions:
    """How the application looks and behaves.

    Attributes:
        theme: dark or light.
        color_system: rich's name for what the terminal can show, None for no colours.
        no_color: whether NO_COLOR is set.
        actions: the keys.
        screen: options of the review screens (their palette is chosen here).
    """

    theme: Literal["dark", "light"] = "dark"
    color_system: str | None = "truecolor"
    no_color: bool = False
    actions: tuple[Action, ...] = ACTIONS
    screen: Options = field(default_factory=Options)


class LoadingScreen(Screen[None]):
    """What is shown while a document is read."""

    DEFAULT_CSS = "LoadingScreen ProgressBar { width: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,escape", "app.quit", "quit")]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name_shown = name

    def compose(self) -> ComposeResult:
        """The name and a bar."""
        with Middle(), Center():
            yield Label(f"Reading {self._name_shown}", markup=False)
            yield ProgressBar(total=None, show_eta=False, show_percentage=False)


class ReviewApp(OrderedKeys):
    """The review of one document, or of the documents of a folder one after the other.

    After it has run, ``error`` is what ended it, if anything did, and ``reviewed`` the last segmentation.
    """

    TITLE = "segtool review"
    BINDINGS: ClassVar[list[BindingType]] = []
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, requests: Sequence[ReviewRequest], options: AppOptions | None = None) -> None:
        chosen = options or AppOptions()
        super().__init__(ansi_color=True if chosen.color_system == "standard" else None)
        self.requests = list(requests)
        self.options = chosen
        self.is_dark = chosen.theme == "dark"
        self.error: SegtoolError | None = None
        self.reviewed: Segmentation | None = None
        self.session: ReviewSession | None = None
        self._request = self.requests[0]

    # Start-up

    def on_mount(self) -> None:
        """Open the document, or the list of documents."""
        self.theme = "textual-dark" if self.is_dark else "textual-light"
        for name, character in typed_keys(self.options.screen.display.typed):
            self.post_message(Key(name, character))
        own = {action.name: action.keys for action in ACTIONS}
        changed = [action for action in self.options.actions if action.keys != own[action.name]]
        if changed:  # a keymap is applied anew at every key press: it costs
            self.set_keymap({action.name: action.keys for action in changed})
        if len(self.requests) > 1:
            palette = self._palette()
            self.push_screen(DocumentsScreen([request.source for request in self.requests], palette))
        else:
            self.open(self.requests[0])

    def _palette(self) -> Palette:
        return choose(self.is_dark, self.options.color_system, self.options.no_color)

    @on(DocumentChosen)
    def open_chosen(self, message: DocumentChosen) -> None:
        """A document of the list was chosen."""
        self.open(next(request for request in self.requests if request.source == message.path))

    def open(self, request: ReviewRequest) -> None:
        """Read a document in a worker."""
        self._request = request
        session = self.session = ReviewSession(request)
        self.push_screen(LoadingScreen(request.source))
        self.run_worker(lambda: self._load(session), thread=True, exclusive=True, group="load")

    def _load(self, session: ReviewSession) -> None:
        worker = get_current_worker()
        try:
            document = session.load(lambda: worker.is_cancelled)
        except StoppedError:
            return
        except SegtoolError as error:
            self.post_message(WorkFailed(error))
            return
        if not worker.is_cancelled:
            self.post_message(DocumentLoaded(document))

    @on(DocumentLoaded)
    def show_document(self, message: DocumentLoaded) -> None:
        """The text is there: open its sidecar, ask if another reviewer holds it."""
        self._open_sidecar(message.document)

    def _open_sidecar(self, document: Document, *, take_over: bool = False, read_only: bool = False) -> None:
        assert self.session is not None
        try:
            lock = self.session.open(document, take_over=take_over, read_only=read_only)
        except EditError as error:
            self._fail(error)
            return
        if lock is None:
            self._show(document)
            return
        choices = ("look only: edits are not saved", "take it over: the other can no longer save", "leave")
        screen = ChoiceScreen(f"{lock.holder} reviews this document", choices)
        self.push_screen(screen, partial(self._choose_lock, document))

    def _choose_lock(self, document: Document, choice: int | None) -> None:
        if choice in (0, 1):
            self._open_sidecar(document, take_over=choice == 1, read_only=choice == 0)
        else:
            self._leave()

    def _show(self, document: Document) -> None:
        session = self.session
        assert session is not None
        assert session.sidecar is not None
        place = session.sidecar.place
        base = session.first(document)
        state = ReviewState(
            base,
            log=session.sidecar.log,
            recorder=session.journal,
            decode=decide,
            layer_name=session.layer,
        )
        state.move_to(place.offset)
        options = replace(self.options.screen, palette=self._palette(), actions=self.options.actions)
        screen = ReviewScreen(session, state, options)
        if not session.is_cached:
            screen.working = "loading models"
        gc.freeze()  # what was loaded stays: looking through it for garbage would hold up keys
        self.switch_screen(screen)
        # no partial: the framework takes the representation of what it runs, and a document's is the whole text
        self.run_worker(lambda: self._segment(session, screen, document), thread=True, exclusive=True, group="work")

    def _segment(self, session: ReviewSession, screen: ReviewScreen, document: Document) -> None:
        """Find boundaries; they are shown as they come."""
        worker = get_current_worker()
        last: Segmentation | None = None
        told: tuple[str, int] = ("", 0)
        try:
            for step in session.iter_segmentations(document):
                if worker.is_cancelled or screen.is_stopped:
                    return
                progress = (step.layer, int(step.share * 100))
                if step.segmentation is not last or progress != told:
                    last, told = step.segmentation, progress
                    self.post_message(LayersArrived(last, step.layer, step.share))
            if last is not None:
                self.post_message(LayersArrived(last, None, 1.0))
                if self.options.screen.against is not None:
                    other = other_segmentation(last, self.options.screen.against, session.request.settings)
                    self.call_from_thread(screen.compare_with, other)
            self.call_from_thread(session.take_anchors, make_anchors(document))
        except SegtoolError as error:
            self.post_message(WorkFailed(error))

    @on(LayersArrived)
    def take_layers(self, message: LayersArrived) -> None:
        """More boundaries are there."""
        screen = self._review()
        if screen is not None and screen.state.base.document is message.segmentation.document:
            screen.take(message.segmentation, message.layer, message.share)

    @on(WorkFailed)
    def say_failure(self, message: WorkFailed) -> None:
        """Loading or a model failed: without a text there is nothing to show, with one it stays."""
        screen = self._review()
        if screen is None:
            self._fail(message.error)
        else:
            screen.working = None
            screen.after(str(message.error))

    def _fail(self, error: Exception) -> None:
        """End, or go back to the list, with an error."""
        if len(self.requests) > 1:
            self.notify(str(error), severity="error", timeout=10, markup=False)
        elif isinstance(error, SegtoolError):
            self.error = error
        self._leave()

    def _leave(self) -> None:
        """Back to the list of documents, or out."""
        if len(self.requests) > 1:
            while len(self.screen_stack) > 2:
                self.pop_screen()
        else:
            self.exit()

    def _review(self) -> ReviewScreen | None:
        return next((s for s in reversed(self.screen_stack) if isinstance(s, ReviewScreen)), None)

    @on(ReviewLeft)
    def leave_review(self, message: ReviewLeft) -> None:
        """A review was left: keep its result, and open the next document if that was asked for."""
        screen = self._review()
        if message.for_next and len(self.requests) == 1:
            if screen is not None:
                screen.after("there is no other document")
            return
        if screen is not None:
            self.workers.cancel_group(self, "work")
            self.reviewed = screen.state.result()
            screen.session.close(screen.state)
        self._leave()
        if message.for_next:
            at = self.requests.index(self._request)
            self.open(self.requests[(at + 1) % len(self.requests)])

    async def action_quit(self) -> None:
        """Ctrl+Q: leave altogether; everything is saved."""
        screen = self._review()
        if screen is not None:
            self.reviewed = screen.state.result()
            screen.session.close(screen.state)
        self.exit()

    @on(ReloadWanted)
    def reload(self) -> None:
        """Load the same document again; edits are re-anchored."""
        screen = self._review()
        if screen is not None:
            self.workers.cancel_group(self, "work")
            screen.session.close(screen.state)
            self.pop_screen()
            self.open(self._request)

    @on(SequenceWanted)
    def write_sequence(self, message: SequenceWanted) -> None:
        """Put a picture on the terminal, in order with what is drawn; the framework has no public way to do so."""
        if self._driver is not None:
            self._driver.write(message.sequence)

    @on(ThemeTurned)
    def turn_theme(self) -> None:
        """Dark or light."""
        self.is_dark = not self.is_dark
        self.theme = "textual-dark" if self.is_dark else "textual-light"
        for screen in self.screen_stack:
            if isinstance(screen, ReviewScreen):
                screen.palette = self._palette()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Everything that keys do, by name."""
        if not isinstance(screen, ReviewScreen):
            yield from super().get_system_commands(screen)
            return
        for action in self.options.actions:
            title = action.name.replace("_", " ").capitalize()
            yield SystemCommand(title, action.help, partial(screen.run_action, action.name))
