"""The state of a review: base segmentation, edit log, cursor, selection. The one gate through which anything changes.

Plain Python: no terminal, no files. What is recorded goes to a ``Recorder`` (the journal, or nothing)
before anything is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

import numpy as np

from segtool.core.edits import Assertions, Change, Edit, EditLog, fold, replay_layer
from segtool.core.layer import Boundary, Label, Layer, LayerName, rows_at
from segtool.core.segmentation import MadeBy, Segmentation, Unit
from segtool.core.span import Span
from segtool.core.whitespace import next_non_space
from segtool.tui.questions import Candidates, Queue, candidates, chances

Decode = Callable[[Segmentation, LayerName, float], Layer]
"""Decides a layer anew at another threshold, without a model."""


class Recorder(Protocol):
    """Where a review is kept."""

    def append_edit(self, edit: Edit) -> None:
        """Keep an edit."""

    def append_cursor(self, cursor: int) -> None:
        """Keep how many edits hold now."""


class ReviewState:
    """A review of one document.

    Attributes:
        base: the segmentation as models and loaders made it.
        log: what the reviewer asserted.
        layer_name: the layer in view.
        cursor: offset of the character under the cursor.
        anchor: where a selection began, None without one.
        asked: offset of the question in view, None outside the queue.
        revision: counts changes of anything but cursor and selection; caches hang on it.
    """

    def __init__(
        self,
        base: Segmentation,
        *,
        log: EditLog | None = None,
        recorder: Recorder | None = None,
        decode: Decode | None = None,
        layer_name: LayerName = "sentence",
    ) -> None:
        self.base = base
        self.text = base.document.text
        self.log = log or EditLog()
        self.layer_name: LayerName = layer_name if layer_name in base.layers else next(iter(base.layers))
        self.cursor = 0
        self.anchor: int | None = None
        self.asked: int | None = None
        self.revision = 0
        self.thresholds: dict[LayerName, float] = {}
        self._recorder = recorder
        self._decode = decode
        self._folded: dict[LayerName, Assertions] = fold(self.log.active)
        self._bases: dict[LayerName, Layer] = dict(base.layers)
        self._layers: dict[LayerName, Layer] = {}
        self._candidates: dict[LayerName, Candidates] = {}
        self._queues: dict[LayerName, Queue] = {}
        self._open: tuple[object, int, float] = (None, 0, 0.0)

    # What is there

    @property
    def layer(self) -> Layer:
        """The layer in view, edits applied."""
        return self.current(self.layer_name)

    def current(self, name: LayerName) -> Layer:
        """A layer with its edits."""
        if name not in self._layers:
            self._layers[name] = replay_layer(self._bases[name], self._folded.get(name))
        return self._layers[name]

    def asserted(self, name: LayerName | None = None) -> Assertions:
        """What edits say about a layer (default: the one in view)."""
        return self._folded.get(name or self.layer_name) or Assertions()

    def result(self) -> Segmentation:
        """The segmentation as the reviewer has it now."""
        layers = {name: self.current(name) for name in self._bases}
        made_by = {name: self._made_by(name) for name in self.base.made_by}
        return Segmentation(self.base.document, layers, made_by, self.base.scores)

    def _made_by(self, name: LayerName) -> MadeBy:
        made = self.base.made_by[name]
        return MadeBy(made.model, made.version, self.thresholds.get(name, made.threshold))

    def candidates(self) -> Candidates:
        """All candidates of the layer in view, with whether a unit started there before any edit."""
        if self.layer_name not in self._candidates:
            base = self._bases[self.layer_name]
            self._candidates[self.layer_name] = candidates(base, self.base.scores.get(self.layer_name))
        return self._candidates[self.layer_name]

    def probability(self, offset: int) -> float | None:
        """The model's calibrated chance that a unit starts at an offset, None where it said nothing."""
        row = self._bases[self.layer_name].find(offset)
        base = self._bases[self.layer_name]
        if row >= 0 and base.offsets[row] == offset and not np.isnan(base.scores[row]):
            return float(base.scores[row])
        scores = self.base.scores.get(self.layer_name)
        if scores is None:
            return None
        row = int(np.searchsorted(scores.offsets, offset))
        is_there = row < len(scores.offsets) and scores.offsets[row] == offset
        return float(chances(scores)[row]) if is_there else None

    def unit_index(self, offset: int | None = None) -> int:
        """The index of the unit that holds an offset (default: the cursor); -1 in an empty text."""
        return self.layer.find(self.cursor if offset is None else offset)

    def unit(self, index: int | None = None) -> Unit:
        """A unit of the layer in view (default: the one under the cursor)."""
        chosen = self.unit_index() if index is None else index
        layer = self.layer
        return Unit(self.base.document, layer.name, chosen, layer.span(chosen), layer[chosen])

    def is_settled(self, offset: int) -> bool:
        """Whether the reviewer has decided about an offset of the layer in view."""
        held = self._folded.get(self.layer_name)
        return held is not None and (offset in held.checked or offset in held.changes)

    def checked_units(self, name: LayerName | None = None) -> int:
        """How many units of a layer are checked (blank ones count as checked)."""
        return int(self.checked_mask(name).sum())

    def open_questions(self) -> tuple[int, float]:
        """How many questions of the layer in view are open, and how many decisions are expected to be wrong."""
        key = (self.layer_name, self.revision)
        if self._open[0] != key:
            held, queue = self.asserted(), self.queue()
            mask = queue.open_mask({*held.checked, *held.changes})
            self._open = (key, int(mask.sum()), float(queue.doubts[mask].sum()))
        return self._open[1], self._open[2]

    def checked_mask(self, name: LayerName | None = None) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """bool (n units,): which units of a layer are checked."""
        layer = self.current(name or self.layer_name)
        held = self.asserted(name)
        mask = np.zeros(len(layer), np.bool_)
        mask[rows_at(layer.offsets, np.array(sorted(held.checked), dtype=np.int64))] = True
        if len(mask) and next_non_space(self.text, 0) >= (layer.offsets[1] if len(layer) > 1 else layer.length):
            mask[0] = True  # only white space before the second unit: nothing to check
        return mask

    @property
    def selection(self) -> Span | None:
        """The selected range, the character under the cursor included; None without one."""
        if self.anchor is None:
            return None
        low, high = sorted((self.anchor, self.cursor))
        return Span(low, min(high + 1, len(self.text)))

    # Moving

    def move_to(self, offset: int) -> None:
        """Put the cursor on an offset, inside the text."""
        self.cursor = min(max(offset, 0), max(len(self.text) - 1, 0))

    def show_layer(self, name: LayerName, layer: Layer | None = None) -> None:
        """Show another layer; ``layer`` is given for one that is made on demand (chunks)."""
        if layer is not None:
            self._bases[name] = layer
            self._forget(name)
        if name not in self._bases:
            raise KeyError(name)
        self.layer_name = name
        self.asked = None
        self.revision += 1

    def take_base(self, base: Segmentation) -> None:
        """Take over a segmentation of the same text that has more layers."""
        self.base = base
        for name, layer in base.layers.items():
            if self._bases.get(name) is not layer:
                self._bases[name] = layer
                self._forget(name)
        self.revision += 1

    def _forget(self, name: LayerName) -> None:
        """Drop everything that was derived from a layer's base."""
        self._layers.pop(name, None)
        self._candidates.pop(name, None)
        self._queues.pop(name, None)

    @property
    def layer_names(self) -> tuple[LayerName, ...]:
        """The layers there are."""
        return tuple(self._bases)

    # Thresholds

    @property
    def threshold(self) -> float | None:
        """The threshold of the layer in view, None if none decides it."""
        made = self.base.made_by.get(self.layer_name)
        return self.thresholds.get(self.layer_name, made.threshold if made else None)

    def set_threshold(self, value: float) -> int:
        """Decide the layer in view anew at another threshold; the change in its number of units."""
        name = self.layer_name
        if self._decode is None or name not in self.base.scores:
            return 0
        before = len(self.current(name))
        value = min(max(round(value, 3), 0.0), 1.0)
        self.thresholds[name] = value
        self._bases[name] = self._decode(self.base, name, value)
        self._forget(name)
        self.revision += 1
        return len(self.current(name)) - before

    # The queue

    def queue(self) -> Queue:
        """The questions of the layer in view."""
        if self.layer_name not in self._queues:
            self._queues[self.layer_name] = Queue(self.candidates())
        return self._queues[self.layer_name]

    def ask(self, step: int = 1) -> int | None:
        """Go to the next open question (-1: the one before); its offset, None if none is open."""
        offset = self.queue().next(self.asked, self.is_settled, step)
        self.asked = offset
        if offset is not None:
            self.move_to(offset)
        return offset

    def answer(self, is_start: bool) -> bool:
        """Answer the question in view (or the place under the cursor) and go to the next; whether one is left."""
        if not self.text:
            return False
        offset = self.asked if self.asked is not None else self._canonical(self.cursor)
        self._assert_start(offset, is_start)
        self.asked = offset
        return self.ask() is not None

    def _canonical(self, offset: int) -> int:
        """The place for a boundary at an offset; the start of its unit where none can be."""
        place = next_non_space(self.text, offset)
        if next_non_space(self.text, 0) < place < len(self.text):
            return place
        return int(self.layer.offsets[self.unit_index(offset)])

    def _assert_start(self, offset: int, is_start: bool) -> None:
        layer = self.layer
        row = layer.find(offset)
        is_there = row >= 0 and layer.offsets[row] == offset
        checked = ((offset, True),)
        if is_start == is_there or (offset == 0 and not is_start):
            self.commit(Edit(self.layer_name, checked=checked))
        elif is_start:
            self.commit(Edit(self.layer_name, ((offset, int(layer.levels[row])),), checked=checked))
        else:
            self.commit(Edit(self.layer_name, ((offset, None),), checked=checked))

    # Changing

    def commit(self, edit: Edit) -> None:
        """Record an edit, then apply it. An edit that asserts nothing is left aside."""
        if edit.is_empty() or not self.text:
            return
        if self._recorder is not None:
            self._recorder.append_edit(edit)
        self.log = self.log.append(edit)
        self._folded.setdefault(edit.layer, Assertions()).add(edit)
        self._touch(edit)

    def undo(self) -> bool:
        """Take the last edit back; whether there was one."""
        return self._turn(self.log.undo(), min(self.log.cursor - 1, len(self.log.edits) - 1))

    def redo(self) -> bool:
        """Bring the last undone edit back; whether there was one."""
        return self._turn(self.log.redo(), self.log.cursor)

    def _turn(self, log: EditLog, index: int) -> bool:
        if log.cursor == self.log.cursor:
            return False
        if self._recorder is not None:
            self._recorder.append_cursor(log.cursor)
        self.log = log
        self._folded = fold(log.active)
        edit = log.edits[index]
        self._touch(edit)
        if edit.layer in self._bases and edit.layer != self.layer_name:
            self.show_layer(edit.layer)
        if edit.offsets():
            self.move_to(edit.offsets()[0])
            self.asked = self.cursor if self.queue().position(self.cursor) is not None else None
        return True

    def _touch(self, edit: Edit) -> None:
        self._layers.pop(edit.layer, None)
        self.revision += 1

    def checking(self, offsets: Iterable[int], is_checked: bool = True) -> Edit:
        """An edit that marks units of the layer in view as checked, or takes the marks back."""
        return Edit(self.layer_name, checked=tuple((int(offset), is_checked) for offset in offsets))

    def boundary(self, index: int | None = None) -> Boundary:
        """The boundary that opens a unit (default: the one under the cursor)."""
        return self.layer[self.unit_index() if index is None else index]

    def note_at(self, offset: int) -> str:
        """The note on the unit that starts at an offset, "" without one."""
        return self.asserted().notes.get(offset, "")

    def all_notes(self) -> list[tuple[LayerName, int, str]]:
        """All notes of all layers, in order of layer and offset."""
        return [
            (name, offset, note) for name, held in self._folded.items() for offset, note in sorted(held.notes.items())
        ]

    def labels(self) -> Mapping[int, Label]:
        """Names of the sections there are."""
        return self.current("section").labels if "section" in self._bases else {}


def changes_to(layer: Layer, wanted: Collection[int], unwanted: Collection[int]) -> tuple[Change, ...]:
    """Changes that make units start at ``wanted`` and none at ``unwanted``; what is so already is left out."""
    rows = {offset: layer.find(offset) for offset in (*wanted, *unwanted)}
    starts = {offset for offset, row in rows.items() if layer.offsets[row] == offset}
    added = [(offset, int(layer.levels[rows[offset]])) for offset in wanted if offset not in starts]
    removed = [(offset, None) for offset in unwanted if offset in starts and offset]
    return tuple(sorted([*added, *removed], key=lambda change: change[0]))
