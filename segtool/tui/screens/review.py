"""The review screen: what keeps a review, and everything put together."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from segtool.core.layer import LayerName
from segtool.core.segmentation import Segmentation
from segtool.errors import SegtoolError
from segtool.tui.exports import EXPORT_KINDS, ExportKind, export
from segtool.tui.keys import ACTIONS
from segtool.tui.messages import ActionWanted, ReloadWanted, ReviewLeft, ThemeTurned
from segtool.tui.screens.base import Options
from segtool.tui.screens.finding import Finding
from segtool.tui.screens.help import HelpScreen
from segtool.tui.screens.prompt import ChoiceScreen, PromptScreen
from segtool.tui.session import ReviewSession
from segtool.tui.state import ReviewState
from segtool.tui.widgets.page_view import PageView
from segtool.tui.widgets.text_view import TextView

TICK_S = 2.0
"""Seconds between looks at the source, the disk and the place of the cursor."""

EXPORTS: dict[ExportKind, tuple[str, str]] = {
    "units": ("the units in view (.jsonl .json .csv .tsv .md .txt)", "{name}.{layer}s.jsonl"),
    "gold": ("the layer in the format of the corpora, for training and scoring", "{name}.gold.jsonl"),
    "report": ("what was changed and noted (Markdown)", "{name}.review.md"),
}


def progress_bar(share: float, width: int = 10) -> str:
    """A bar of ``width`` cells, and the share in percent."""
    filled = round(share * width)
    return f"{'█' * filled}{'░' * (width - filled)} {share:.0%}"


class ReviewScreen(Finding):
    """The review of one document."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(action.keys, action.name, action.help, show=False, id=action.name) for action in ACTIONS
    ]

    def __init__(self, session: ReviewSession, state: ReviewState, options: Options) -> None:
        super().__init__(session, state, options)
        self._kept_cursor = state.cursor
        self._is_change_said = False

    def on_mount(self) -> None:
        """Begin to look after the disk and the source."""
        super().on_mount()
        self.set_interval(TICK_S, self._tick)

    def on_unmount(self) -> None:
        """Let go of the source, and of what was kept from the search for garbage while it was open."""
        gc.unfreeze()
        if self.pictures is not None:
            self.pictures.close()

    def on_screen_suspend(self) -> None:
        """Another screen comes over this one."""
        page = self.query_one(PageView)
        page.call_later(page.take_away)  # in its own queue: a message made in this one would stop here

    @on(ActionWanted)
    async def act(self, message: ActionWanted) -> None:
        """A key of the footer was clicked."""
        await self.run_action(message.action)

    def take(self, segmentation: Segmentation, layer: LayerName | None, share: float) -> None:
        """Show boundaries that have arrived; the layer where the reviewer left off comes into view.

        Args:
            segmentation: what is there by now.
            layer: the layer that is being worked on; None: all are done.
            share: how much of the work on it is done.
        """
        state, sidecar = self.state, self.session.sidecar
        self.working = f"finding {layer}s {progress_bar(share)}" if layer is not None else None
        if segmentation is state.base and layer is not None:
            self.say_status()
            return
        wanted = self.session.layer
        had = set(state.layer_names)
        state.take_base(segmentation)
        for name in set(state.layer_names) - had:
            thresholds = sidecar.place.thresholds if sidecar else {}
            if name in thresholds:
                shown, state.layer_name = state.layer_name, name
                state.set_threshold(thresholds[name])
                state.layer_name = shown
        fresh = wanted if wanted in state.layer_names else "sentence"
        if fresh not in had and fresh in state.layer_names:
            state.show_layer(fresh)
        if layer is None and wanted == "chunk":
            self.show_layer("chunk")
        self.after(centre=bool(set(state.layer_names) - had))

    def compare_with(self, other: Segmentation) -> None:
        """Show another segmentation beside this one."""
        self.other = other
        self.other_state = ReviewState(other, layer_name=self.state.layer_name)
        view = self.query_one("#other", TextView)
        view.show(self.other_state)
        if self.app.size.width >= 100:
            view.add_class("shown")
        self.call_after_refresh(self.after)

    def _tick(self) -> None:
        journal = self.session.journal
        if journal is not None:
            was = journal.failure
            journal.retry()
            if self.state.log.edits and self.state.cursor != self._kept_cursor and journal.failure is None:
                self._kept_cursor = self.state.cursor
                journal.append_place(self.session.place(self.state))
            if was and journal.failure is None:
                self._said = "saved"
        if not self._is_change_said and self.session.is_source_changed():
            self._is_change_said = True
            self._said = "the source has changed on the disk: R loads it again, edits follow"
        self.say_status()

    # Keeping

    def action_copy(self) -> None:
        """The unit or the selection, to the clipboard of the terminal."""
        span = self.state.selection or self.state.unit().trimmed
        self.app.copy_to_clipboard(span.of(self.state.text))
        self.state.anchor = None
        self.after(f"copied {len(span):,} characters")

    def action_export(self) -> None:
        """Ask what to write."""
        lines = [text for text, _ in EXPORTS.values()]
        self.app.push_screen(ChoiceScreen("Write", lines), self._choose_export)

    def _choose_export(self, index: int | None) -> None:
        if index is None:
            return
        kind = EXPORT_KINDS[index]
        name = "stdin" if self.session.request.data is not None else self.session.request.source
        default = EXPORTS[kind][1].format(name=name, layer=self.state.layer_name)
        screen = PromptScreen("Write to", [("path", default)], check=lambda values: self._write(kind, values[0]))
        self.app.push_screen(screen, lambda values: self.after(f"written: {values[0]}" if values else ""))

    def _write(self, kind: ExportKind, path: str) -> str | None:
        """Write a file; what is wrong, None if it was written."""
        conflicts = self.session.sidecar.conflicts if self.session.sidecar else ()
        try:
            export(self.state, kind, Path(path), conflicts)
        except SegtoolError as error:
            return str(error)
        return None

    def action_help(self) -> None:
        """All keys."""
        self.app.push_screen(HelpScreen(self.options.actions, self.palette))

    def action_cancel(self) -> None:
        """Leave the queue, the selection, the search, or stop the work."""
        state = self.state
        if state.anchor is not None:
            state.anchor = None
        elif state.asked is not None:
            state.asked = None
        elif self.search is not None:
            self.search = None
        elif self.working:
            self.is_stopped = True
            self.working = None
            self.after("stopped; what has arrived can be reviewed")
            return
        elif self.filter != "all":
            self.filter = "all"
        self.after()

    def action_dark(self) -> None:
        """Dark or light."""
        self.post_message(ThemeTurned())

    def action_reload(self) -> None:
        """Load the source again; edits are re-anchored."""
        self.post_message(ReloadWanted())

    def action_next_document(self) -> None:
        """Leave, and open the next document of the folder."""
        self.post_message(ReviewLeft(for_next=True))

    def action_quit(self) -> None:
        """Leave; everything is saved."""
        self.post_message(ReviewLeft())
