"""The best ways to cut a stretch around a boundary, by the scores that are kept: one choice instead of many edits."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from segtool.core.edits import Edit
from segtool.core.layer import rows_at
from segtool.core.scores import Scores
from segtool.core.span import Span
from segtool.segmenters.alternatives import alternatives
from segtool.storage.decisions import bare_threshold
from segtool.tui.state import ReviewState, changes_to

MOST = 9
"""As many as there are digits."""
_HEAD, _TAIL = 30, 14
"""Characters of a unit that are shown from its start and before its end."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to cut a stretch.

    Attributes:
        span: the stretch; its ends stay.
        starts: where units start inside it.
        chance: that these are right, of all ways to cut the stretch.
        is_current: whether it is cut so now.
    """

    span: Span
    starts: tuple[int, ...]
    chance: float
    is_current: bool

    def shown(self, text: str) -> str:
        """Its units on one line, long ones shortened in the middle."""
        edges = [self.span.start, *self.starts, self.span.end]
        units = [" ".join(text[a:b].split()) for a, b in pairwise(edges)]
        return " ┃ ".join(u if len(u) <= _HEAD + _TAIL + 3 else f"{u[:_HEAD]} … {u[-_TAIL:]}" for u in units)


def variants(state: ReviewState) -> list[Variant]:
    """Ways to cut the two units around the boundary in question (else: around the start of the unit under the cursor).

    Best first. None where nothing scored the layer, or only one way to cut is possible.
    """
    scores, threshold = state.base.scores.get(state.layer_name), state.threshold
    if scores is None or threshold is None or scores.probabilities.ndim != 1 or not state.text:
        return []
    span = _stretch(state, scores)
    now = _starts_in(state, span)
    bare = bare_threshold(state.base, state.layer_name, threshold)
    found = alternatives(scores, state.text, threshold, MOST, span=span, bare_threshold=bare)
    made = [Variant(span, tuple(a.starts), a.chance, tuple(a.starts) == now) for a in found]
    return made if len(made) > 1 or (made and not made[0].is_current) else []


def _stretch(state: ReviewState, scores: Scores) -> Span:
    """From the start of the unit before to the end of the unit after; a boundary that no model decides stays an end."""
    layer = state.layer
    place = state.asked if state.asked is not None else int(layer.offsets[state.unit_index()])
    index = layer.find(place)
    is_scored = bool(len(rows_at(scores.offsets, layer.offsets[index : index + 1])))
    is_fixed = layer[index].origin in ("loader", "rule")
    if layer.offsets[index] == place and index > 0 and is_scored and not is_fixed:
        return Span(int(layer.offsets[index - 1]), layer.span(index).end)
    return layer.span(index)


def _starts_in(state: ReviewState, span: Span) -> tuple[int, ...]:
    low, high = np.searchsorted(state.layer.offsets, [span.start + 1, span.end])
    return tuple(state.layer.offsets[low:high].tolist())


def take(state: ReviewState, variant: Variant) -> None:
    """Cut the stretch so, in one edit; what was decided in it counts as checked."""
    now = _starts_in(state, variant.span)
    changes = changes_to(state.layer, variant.starts, set(now) - set(variant.starts))
    asked = {state.asked} if state.asked is not None else set()
    checked = tuple((offset, True) for offset in sorted({*now, *variant.starts, *asked}))
    state.commit(Edit(state.layer_name, changes, checked=checked))
