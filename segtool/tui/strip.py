"""The strip at the bottom: a whole document in one row of bars, binned by position."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segtool.core.layer import rows_at
from segtool.tui.state import ReviewState


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """One value a column of the strip.

    Attributes:
        chance: float32 (width,), the highest chance of a boundary among the candidates of the column; a boundary
            without a score counts as certain.
        doubt: float32 (width,), the highest chance that an open decision is wrong.
        checked: float32 (width,), the share of checked units.
        edited: bool (width,), whether anything was changed.
    """

    chance: NDArray[np.float32]
    doubt: NDArray[np.float32]
    checked: NDArray[np.float32]
    edited: NDArray[np.bool_]


def column_of(offset: int, length: int, width: int) -> int:
    """The column of an offset."""
    return min(offset * width // max(length, 1), width - 1)


def offset_of(column: int, length: int, width: int) -> int:
    """The first offset of a column."""
    return min(-(-column * length // max(width, 1)), max(length - 1, 0))


def make_strip(state: ReviewState, width: int) -> Strip:
    """The strip of the layer in view, ``width`` columns."""
    found = state.candidates()
    length = max(len(state.text), 1)
    first = np.searchsorted(found.offsets, -(-np.arange(width, dtype=np.int64) * length // width))
    certain = np.where(np.isnan(found.probabilities), found.present, found.probabilities).astype(np.float32)
    chance = _highest(certain, first)
    held = state.asserted()
    settled = np.array(sorted({*held.checked, *held.changes}), dtype=np.int64)
    doubts = found.doubt.copy()
    doubts[rows_at(found.offsets, settled)] = 0
    doubt = _highest(doubts, first)
    edited = np.zeros(width, np.bool_)
    changed = np.array(sorted({*held.changes, *held.labels}), dtype=np.int64)
    edited[(changed * width // length).clip(max=width - 1)] = True
    return Strip(chance, doubt, _checked_share(state, width), edited)


def _highest(values: NDArray[np.float32], first: NDArray[np.int64]) -> NDArray[np.float32]:
    """The highest value of each column, whose first rows are given; 0 for a column without rows."""
    last = np.append(first[1:], len(values))
    highest = np.zeros(len(first), np.float32)
    filled = np.flatnonzero(last > first)
    if len(filled):
        highest[filled] = np.maximum.reduceat(values, first[filled])
    return highest


def _checked_share(state: ReviewState, width: int) -> NDArray[np.float32]:
    """For each column the share of its units that are checked; a column inside one unit has that unit's state."""
    mask = state.checked_mask()
    layer = state.layer
    if not len(layer):
        return np.zeros(width, np.float32)
    edges = np.arange(width + 1, dtype=np.int64) * layer.length // width
    first = np.searchsorted(layer.offsets, edges[:-1], side="right") - 1
    last = np.maximum(np.searchsorted(layer.offsets, edges[1:], side="left"), first + 1)
    sums = np.concatenate([np.zeros(1), np.cumsum(mask)])
    share: NDArray[np.float32] = ((sums[last] - sums[first]) / (last - first)).astype(np.float32)
    return share
