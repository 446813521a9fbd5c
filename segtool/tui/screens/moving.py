"""Moving about and showing things: actions that change nothing but what is in view."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np
from textual import on
from textual.worker import get_current_worker

from segtool.chunking import chunk_layer
from segtool.core.layer import Layer, LayerName
from segtool.tui import motions
from segtool.tui.messages import CursorPlaced, PlaceWanted, ThresholdDone, ThresholdWanted
from segtool.tui.page_pictures import PagePictures
from segtool.tui.screens.base import ReviewBase
from segtool.tui.widgets.inspector import Inspector
from segtool.tui.widgets.outline_view import OutlineView
from segtool.tui.widgets.page_view import PageView
from segtool.tui.widgets.slider import Slider

LONG = 300_000
"""Characters from which chunks are packed in a worker."""


class Moving(ReviewBase):
    """Cursor, selection, layers, panels, threshold."""

    def _go(self, offset: int, *, centre: bool = False) -> None:
        self.state.move_to(offset)
        if self.state.asked is not None and self.state.asked != self.state.cursor:
            self.state.asked = None
        self.after(centre=centre)

    def action_left(self) -> None:
        """A character to the left."""
        self._go(motions.previous_character(self.state.text, self.state.cursor))

    def action_right(self) -> None:
        """A character to the right."""
        self._go(motions.next_character(self.state.text, self.state.cursor))

    def action_up(self) -> None:
        """A row up."""
        self._go(self.text.offset_near(-1))

    def action_down(self) -> None:
        """A row down."""
        self._go(self.text.offset_near(1))

    def action_word_left(self) -> None:
        """A word to the left."""
        self._go(motions.previous_word(self.state.text, self.state.cursor))

    def action_word_right(self) -> None:
        """A word to the right."""
        self._go(motions.next_word(self.state.text, self.state.cursor))

    def action_row_start(self) -> None:
        """The start of the row."""
        self._go(self.text.row_edges()[0])

    def action_row_end(self) -> None:
        """The end of the row."""
        self._go(self.text.row_edges()[1])

    def action_page_up(self) -> None:
        """A screen up."""
        self._page(-1)

    def action_page_down(self) -> None:
        """A screen down."""
        self._page(1)

    def _page(self, step: int) -> None:
        rows = max(self.text.size.height - 2, 1) * step
        offset = self.text.offset_near(rows)
        self.text.scroll_rows(rows)
        self._go(offset)

    def action_top(self) -> None:
        """The start of the document."""
        self._go(0)

    def action_bottom(self) -> None:
        """The end of the document."""
        self._go(len(self.state.text.rstrip()) - 1)

    def action_centre(self) -> None:
        """The cursor in the middle of the screen."""
        self.after(centre=True)

    def action_next_unit(self) -> None:
        """The next unit that the filter lets through."""
        indices = self.indices()
        row = bisect_right(indices, self.state.unit_index())
        if row < len(indices):
            self._go(int(self.state.layer.offsets[indices[row]]))
        else:
            self.after("no unit further down")

    def action_previous_unit(self) -> None:
        """The unit before, or the start of this one."""
        indices = self.indices()
        current = self.state.unit_index()
        at_start = current >= 0 and self.state.layer.offsets[current] == self.state.cursor
        row = (bisect_left if at_start else bisect_right)(indices, current) - 1
        if row >= 0:
            self._go(int(self.state.layer.offsets[indices[row]]))
        else:
            self.after("no unit further up")

    def action_next_candidate(self) -> None:
        """The next place where a unit starts or might."""
        offsets = self.state.candidates().offsets
        row = int(np.searchsorted(offsets, self.state.cursor, side="right"))
        end = motions.next_end(self.state.text, self.state.cursor)
        self._go(int(offsets[row]) if row < len(offsets) else end)

    def action_previous_candidate(self) -> None:
        """The place before where a unit starts or might."""
        offsets = self.state.candidates().offsets
        row = int(np.searchsorted(offsets, self.state.cursor, side="left")) - 1
        end = motions.previous_end(self.state.text, self.state.cursor)
        self._go(int(offsets[row]) if row >= 0 else end)

    def action_next_section(self) -> None:
        """The next section."""
        self._go_section(1)

    def action_previous_section(self) -> None:
        """The section before."""
        self._go_section(-1)

    def _go_section(self, step: int) -> None:
        if "section" not in self.state.layer_names:
            self.after("there are no sections")
            return
        layer = self.state.current("section")
        index = layer.find(self.state.cursor) + step
        if 0 <= index < len(layer):
            self._go(int(layer.offsets[index]), centre=True)
        else:
            self.after("this is the last section" if step > 0 else "this is the first section")

    def action_select(self) -> None:
        """Begin or end a selection."""
        self.state.anchor = self.state.cursor if self.state.anchor is None else None
        self.after("move to extend the selection; enter makes it a unit" if self.state.anchor is not None else "")

    @on(CursorPlaced)
    def place_cursor(self, message: CursorPlaced) -> None:
        """The mouse pointed at a character."""
        if message.extend and self.state.anchor is None:
            self.state.anchor = self.state.cursor
        elif not message.extend:
            self.state.anchor = None
        self._go(message.offset)

    @on(PlaceWanted)
    def go_to_place(self, message: PlaceWanted) -> None:
        """The mouse pointed at the outline or the strip."""
        self._go(message.offset, centre=True)
        self.text.focus()

    # Layers and panels

    def show_layer(self, name: LayerName) -> None:
        """Show another layer."""
        if name == "chunk":
            self._pack_chunks()
            return
        if name in self.state.layer_names:
            self.state.show_layer(name)
        else:
            self.after(f"there are no {name}s" + (" yet" if self.working else ""))
            return
        self.after(centre=True)

    def _pack_chunks(self) -> None:
        """Pack the units as they are now into chunks; in a worker where that takes long."""
        result, settings = self.state.result(), self.session.request.settings.chunks
        if len(self.state.text) < LONG:
            self._show_chunks(chunk_layer(result, settings))
            return
        self.after("packing chunks")

        def pack() -> None:
            made = chunk_layer(result, settings)
            if not get_current_worker().is_cancelled:
                self.app.call_from_thread(self._show_chunks, made)

        self.run_worker(pack, thread=True, exclusive=True, group="pack")

    def _show_chunks(self, made: Layer) -> None:
        self.state.show_layer("chunk", made)
        self.after(centre=True)

    def action_layer_sentence(self) -> None:
        """Show sentences."""
        self.show_layer("sentence")

    def action_layer_paragraph(self) -> None:
        """Show paragraphs."""
        self.show_layer("paragraph")

    def action_layer_section(self) -> None:
        """Show sections."""
        self.show_layer("section")

    def action_layer_chunk(self) -> None:
        """Show chunks."""
        self.show_layer("chunk")

    def action_outline(self) -> None:
        """Show or hide the outline."""
        self.query_one(OutlineView).toggle_class("shown")
        self.call_after_refresh(self.after)

    def action_inspector(self) -> None:
        """Show or hide the inspector."""
        self.query_one(Inspector).toggle_class("shown")
        self.call_after_refresh(self.after)

    def action_page(self) -> None:
        """Show or hide the page image."""
        page = self.query_one(PageView)
        source = self.state.base.document.source
        if source is None or source.format != "pdf" or self.session.request.data is not None:
            self.after("only a PDF has pictures of its pages")
            return
        request = self.session.request
        self.pictures = self.pictures or PagePictures(request.source, request.settings.load.password)
        page.pictures = self.pictures
        page.toggle_class("shown")
        self.call_after_refresh(self.after)

    # Threshold

    def action_threshold(self) -> None:
        """Open the slider."""
        threshold = self.state.threshold
        if threshold is None or self.state.layer_name not in self.state.base.scores:
            self.after(f"no threshold decides {self.state.layer_name}s here")
            return
        slider = self.query_one(Slider)
        slider.say(threshold, f"{len(self.state.layer):,} {self.state.layer_name}s")
        slider.add_class("open")
        slider.focus()

    @on(ThresholdWanted)
    def move_threshold(self, message: ThresholdWanted) -> None:
        """Decide the layer anew."""
        change = self.state.set_threshold(message.value)
        count = f"{len(self.state.layer):,} {self.state.layer_name}s"
        self.query_one(Slider).say(message.value, f"{count} ({change:+,})" if change else count)
        self.after()

    @on(ThresholdDone)
    def close_slider(self) -> None:
        """Back to the text."""
        self.query_one(Slider).remove_class("open")
        self.text.focus()
        self.call_after_refresh(self.after)
