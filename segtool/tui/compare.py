"""Two segmentations of one text side by side: where they differ, and taking the other's word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segtool.core.edits import Edit
from segtool.core.layer import Layer
from segtool.core.segmentation import Segmentation
from segtool.tui.state import ReviewState


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where a unit starts in one segmentation only, or at another level."""

    offset: int
    ours: int | None
    """Level of the unit that starts here in the segmentation under review, None if none does."""
    theirs: int | None
    """Level in the other one."""


def differences(state: ReviewState, other: Segmentation) -> list[Difference]:
    """The differences of the layer in view, in order; none where the other has no such layer."""
    theirs = other.layers.get(state.layer_name)
    if theirs is None:
        return []
    ours = state.layer
    changed = ours.offsets[_levels_at(theirs, ours.offsets) != ours.levels]
    added = theirs.offsets[_levels_at(ours, theirs.offsets) == 0]
    offsets = np.sort(np.concatenate([changed, added]))
    levels = (_levels_at(ours, offsets).tolist(), _levels_at(theirs, offsets).tolist())
    return [
        Difference(o, mine or None, other or None) for o, mine, other in zip(offsets.tolist(), *levels, strict=True)
    ]


def _levels_at(layer: Layer, offsets: NDArray[np.int64]) -> NDArray[np.int16]:
    """int16 (n,): the level of the unit that starts at each offset, 0 where none does."""
    if not len(layer):
        return np.zeros(len(offsets), np.int16)
    rows = np.searchsorted(layer.offsets, offsets).clip(max=len(layer) - 1)
    return np.where(layer.offsets[rows] == offsets, layer.levels[rows], np.int16(0))


def accept(state: ReviewState, difference: Difference, other: Segmentation) -> None:
    """Take the other's word on one difference, with its label."""
    label = other.layers[state.layer_name].labels.get(difference.offset)
    labels = ((difference.offset, label),) if label else ()
    change = ((difference.offset, difference.theirs),)
    state.commit(Edit(state.layer_name, change, labels, checked=((difference.offset, True),)))
