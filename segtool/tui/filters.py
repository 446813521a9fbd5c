"""Filters: which units of the layer in view a reviewer wants to go through."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from segtool.core.tokens import TokenCounter
from segtool.tui.state import ReviewState

Filter = Literal["all", "unsure", "edited", "too long", "unchecked", "noted"]
FILTERS: tuple[Filter, ...] = get_args(Filter)

UNSURE = 0.1
"""A unit is unsure if the chance that its start, or a missing start inside it, is wrong is at least this."""


def matching(state: ReviewState, name: Filter, budget: int, counter: TokenCounter) -> NDArray[np.int64]:
    """The indices of the units that a filter lets through."""
    if name == "unsure":
        mask = _unsure(state)
    elif name == "edited":
        mask = _edited(state)
    elif name == "too long":
        mask = _too_long(state, budget, counter)
    elif name == "unchecked":
        mask = ~state.checked_mask()
    elif name == "noted":
        mask = np.isin(state.layer.offsets, list(state.asserted().notes))
    else:
        mask = np.ones(len(state.layer), np.bool_)
    return np.flatnonzero(mask)


def _unsure(state: ReviewState) -> NDArray[np.bool_]:
    found = state.candidates()
    offsets = found.offsets[found.doubt >= UNSURE]
    open_ones = np.array([offset for offset in offsets.tolist() if not state.is_settled(offset)], dtype=np.int64)
    mask = np.zeros(len(state.layer), np.bool_)
    mask[np.searchsorted(state.layer.offsets, open_ones, side="right") - 1] = True
    return mask


def _edited(state: ReviewState) -> NDArray[np.bool_]:
    held = state.asserted()
    offsets = np.array(sorted({*held.changes, *held.labels}), dtype=np.int64)
    mask = np.zeros(len(state.layer), np.bool_)
    mask[np.searchsorted(state.layer.offsets, offsets, side="right") - 1] = True
    return mask


def _too_long(state: ReviewState, budget: int, counter: TokenCounter) -> NDArray[np.bool_]:
    layer = state.layer
    lengths = np.diff(np.append(layer.offsets, layer.length))
    mask = np.zeros(len(layer), np.bool_)
    for index in np.flatnonzero(lengths > budget).tolist():  # a token has at least one character
        mask[index] = counter.count(layer.span(index).of(state.text)) > budget
    return mask
