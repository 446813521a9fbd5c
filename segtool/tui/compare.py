"""Two segmentations of one text side by side: where they differ, and taking the other's word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segtool.core.edits import Edit
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
    mine = dict(zip(ours.offsets.tolist(), ours.levels.tolist(), strict=True))
    their = dict(zip(theirs.offsets.tolist(), theirs.levels.tolist(), strict=True))
    offsets = np.union1d(ours.offsets, theirs.offsets).tolist()
    return [Difference(o, mine.get(o), their.get(o)) for o in offsets if mine.get(o) != their.get(o)]


def accept(state: ReviewState, difference: Difference, other: Segmentation) -> None:
    """Take the other's word on one difference, with its label."""
    label = other.layers[state.layer_name].labels.get(difference.offset)
    labels = ((difference.offset, label),) if label else ()
    change = ((difference.offset, difference.theirs),)
    state.commit(Edit(state.layer_name, change, labels, checked=((difference.offset, True),)))
