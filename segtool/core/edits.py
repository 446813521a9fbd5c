"""Edits: what a person asserts about the units of a document, apart from what a model said.

An edit never says "split" or "merge": it says "a unit starts here" or "none does", so that the same
log holds over another model or threshold. Replaying is a last-word-wins fold of the assertions onto
a layer; undo moves a cursor in the log and replays, nothing is inverted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from segtool.core.layer import LAYER_NAMES, ORIGINS, Label, Layer, LayerName, rows_at
from segtool.core.segmentation import Segmentation
from segtool.errors import EditError

Change = tuple[int, int | None]
"""``(offset, level)``: a unit of this level starts here; ``(offset, None)``: none does."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One step of a reviewer: assertions about one layer, undone together.

    Attributes:
        layer: the layer that the assertions are about.
        changes: boundaries set (with their level) and removed. Offset 0 can change level, never vanish.
        labels: names of sections by offset.
        notes: notes by offset; an empty note takes one back.
        checked: checked marks by offset, set (True) or taken back (False).

    Raises:
        EditError: on an unknown layer, a negative offset, a level below 1, or a removed offset 0.
    """

    layer: LayerName
    changes: tuple[Change, ...] = ()
    labels: tuple[tuple[int, Label], ...] = ()
    notes: tuple[tuple[int, str], ...] = ()
    checked: tuple[tuple[int, bool], ...] = ()

    def __post_init__(self) -> None:
        if self.layer not in LAYER_NAMES:
            raise EditError(f"edit of an unknown layer: {self.layer}")
        for offset, level in self.changes:
            if offset == 0 and level is None:
                raise EditError("the unit at offset 0 can't be removed")
            if level is not None and not 1 <= level <= 32767:
                raise EditError(f"edit at {offset}: level {level} is not between 1 and 32767")
        if min(self.offsets(), default=0) < 0:
            raise EditError(f"edit at a negative offset: {min(self.offsets())}")

    def offsets(self) -> tuple[int, ...]:
        """Every offset that the edit speaks of, sorted, each once."""
        columns = (self.changes, self.labels, self.notes, self.checked)
        return tuple(sorted({row[0] for column in columns for row in column}))

    def is_empty(self) -> bool:
        """Whether the edit asserts nothing."""
        return not (self.changes or self.labels or self.notes or self.checked)


@dataclass(frozen=True, slots=True)
class EditLog:
    """The edits of a review in order, and how many of them hold: those after the cursor are undone.

    Raises:
        EditError: if the cursor lies outside the log.
    """

    edits: tuple[Edit, ...] = ()
    cursor: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.cursor <= len(self.edits):
            raise EditError(f"the log holds {len(self.edits)} edits, its cursor stands at {self.cursor}")

    @property
    def active(self) -> tuple[Edit, ...]:
        """The edits that hold."""
        return self.edits[: self.cursor]

    def append(self, edit: Edit) -> EditLog:
        """The log with one more edit; what was undone before it is gone."""
        return EditLog((*self.active, edit), self.cursor + 1)

    def undo(self) -> EditLog:
        """The log with its last edit undone; itself if none holds."""
        return replace(self, cursor=max(self.cursor - 1, 0))

    def redo(self) -> EditLog:
        """The log with the last undone edit back; itself if none was undone."""
        return replace(self, cursor=min(self.cursor + 1, len(self.edits)))


@dataclass(slots=True)
class Assertions:
    """What a sequence of edits says about one layer in the end: for each offset the last word."""

    changes: dict[int, int | None] = field(default_factory=dict)
    labels: dict[int, Label] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    checked: set[int] = field(default_factory=set)

    def add(self, edit: Edit) -> None:
        """Fold one more edit in; its last word wins."""
        self.changes.update(edit.changes)
        self.labels.update(edit.labels)
        for offset, note in edit.notes:
            self.notes[offset] = note
            if not note:
                del self.notes[offset]
        for offset, is_checked in edit.checked:
            (self.checked.add if is_checked else self.checked.discard)(offset)


def fold(edits: Iterable[Edit]) -> dict[LayerName, Assertions]:
    """The assertions of ``edits`` by layer; layers without any are absent."""
    folded: dict[LayerName, Assertions] = {}
    for edit in edits:
        folded.setdefault(edit.layer, Assertions()).add(edit)
    return folded


def replay(base: Segmentation, edits: Iterable[Edit]) -> Segmentation:
    """The segmentation with all edits asserted; pure, and idempotent over its own result.

    Edits of layers that ``base`` does not have are left aside. Boundaries that a person asserted have
    origin "user" and no score.

    Raises:
        EditError: if an edit speaks of an offset outside the text.
    """
    folded = fold(edits)
    layers = {name: replay_layer(layer, folded.get(name)) for name, layer in base.layers.items()}
    return Segmentation(base.document, layers, base.made_by, base.scores)


def replay_layer(layer: Layer, assertions: Assertions | None) -> Layer:
    """One layer with what was asserted about it; itself where nothing was.

    Raises:
        EditError: if an assertion lies outside the text.
    """
    if assertions is None or layer.length == 0 or not (assertions.changes or assertions.labels):
        return layer
    changed = np.array(sorted(assertions.changes), dtype=np.int64)
    if len(changed) and changed[-1] >= layer.length:
        raise EditError(f"edit at {changed[-1]} in a text of {layer.length} characters")
    set_here = [(offset, level) for offset, level in sorted(assertions.changes.items()) if level is not None]
    kept = np.ones(len(layer), np.bool_)
    kept[rows_at(layer.offsets, changed)] = False
    n = len(set_here)
    offsets = np.concatenate([layer.offsets[kept], np.array([o for o, _ in set_here], dtype=np.int64)])
    levels = np.concatenate([layer.levels[kept], np.array([v for _, v in set_here], dtype=np.int16)])
    scores = np.concatenate([layer.scores[kept], np.full(n, np.nan, np.float32)])
    origins = np.concatenate([layer.origins[kept], np.full(n, ORIGINS.index("user"), np.uint8)])
    order = np.argsort(offsets, kind="stable")
    offsets = offsets[order]
    labels = _labels(layer.labels, assertions, set(offsets.tolist()) if layer.labels or assertions.labels else set())
    return Layer(layer.name, layer.length, offsets, levels[order], scores[order], origins[order], labels)


def _labels(base: Mapping[int, Label], assertions: Assertions, present: set[int]) -> dict[int, Label]:
    merged = {**base, **assertions.labels}
    return {offset: label for offset, label in merged.items() if offset in present}
