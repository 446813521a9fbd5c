"""What a reviewer can do to units: each function reads the state and commits one edit to it.

All return whether anything changed. Boundaries are put on non-space characters, never over a neighbour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from segtool.core.edits import Edit
from segtool.core.layer import Label
from segtool.core.whitespace import next_non_space
from segtool.tui import motions
from segtool.tui.state import ReviewState, changes_to

Step = Callable[[str, int], int]

STEPS: dict[str, tuple[Step, Step]] = {
    "word": (motions.previous_word, motions.next_word),
    "character": (motions.previous_character, motions.next_character),
}


def toggle(state: ReviewState, offset: int | None = None) -> bool:
    """A unit starts at the offset (default: the cursor) if none did, and none does if one did."""
    place = _place(state, offset)
    if place is None:
        return False
    if state.layer.offsets[state.unit_index(place)] == place:
        return _remove(state, place)
    return split(state, place)


def split(state: ReviewState, offset: int | None = None) -> bool:
    """A unit starts at the offset (default: the cursor)."""
    place = _place(state, offset)
    if place is None:
        return False
    changes = changes_to(state.layer, [place], [])
    state.commit(Edit(state.layer_name, changes, checked=((place, True),) if changes else ()))
    return bool(changes)


def split_at_candidate(state: ReviewState) -> bool:
    """A unit starts at the candidate nearest to the cursor inside its unit."""
    span = state.unit().span
    found = state.candidates()
    inside = found.offsets[(found.offsets > span.start) & (found.offsets < span.end)]
    near = [int(inside[np.abs(inside - state.cursor).argmin()])] if len(inside) else []
    if not near:
        ends = (motions.previous_end(state.text, state.cursor + 1), motions.next_end(state.text, state.cursor))
        near = sorted((e for e in ends if span.start < e < span.end), key=lambda e: abs(e - state.cursor))
    if not near or not split(state, near[0]):
        return False
    state.move_to(near[0])
    return True


def merge_next(state: ReviewState) -> bool:
    """The unit under the cursor takes the next one in."""
    index = state.unit_index()
    return index + 1 < len(state.layer) and _remove(state, int(state.layer.offsets[index + 1]))


def merge_previous(state: ReviewState) -> bool:
    """The unit under the cursor goes into the one before."""
    return _remove(state, int(state.layer.offsets[state.unit_index()]))


def _remove(state: ReviewState, offset: int) -> bool:
    if offset == 0:
        return False
    state.commit(Edit(state.layer_name, ((offset, None),), checked=((offset, True),)))
    return True


def move_boundary(state: ReviewState, index: int, target: int) -> bool:
    """The unit at ``index`` starts at ``target`` instead, between its neighbours; the cursor goes with it."""
    layer = state.layer
    if not 0 < index < len(layer):
        return False
    source = int(layer.offsets[index])
    place = next_non_space(state.text, target)
    low = int(layer.offsets[index - 1])
    high = int(layer.offsets[index + 1]) if index + 1 < len(layer) else layer.length
    if place == source or not max(low, next_non_space(state.text, 0)) < place < high:
        return False
    labels = ((place, layer.labels[source]),) if source in layer.labels else ()
    changes = tuple(sorted([(source, None), (place, int(layer.levels[index]))], key=lambda change: change[0]))
    notes = ((source, ""), (place, state.note_at(source))) if state.note_at(source) else ()
    state.commit(Edit(state.layer_name, changes, labels, notes, ((source, True), (place, True))))
    state.move_to(place)
    return True


def push_boundary(state: ReviewState, by: str, forward: bool) -> bool:
    """The start of the unit under the cursor moves a word, a character, or to the next candidate."""
    index = state.unit_index()
    if index < 0:
        return False
    source = int(state.layer.offsets[index])
    if by == "candidate":
        return move_boundary(state, index, _next_candidate(state, source, forward))
    return move_boundary(state, index, STEPS[by][forward](state.text, source))


def _next_candidate(state: ReviewState, offset: int, forward: bool) -> int:
    offsets = state.candidates().offsets
    row = int(np.searchsorted(offsets, offset, side="right" if forward else "left")) - (not forward)
    if 0 <= row < len(offsets) and offsets[row] != offset:
        return int(offsets[row])
    return (motions.next_end if forward else motions.previous_end)(state.text, offset)


def change_level(state: ReviewState, step: int) -> bool:
    """The unit under the cursor nests deeper (+1) or less deep (-1)."""
    row = state.boundary()
    level = row.level + step
    if not 1 <= level <= 20:
        return False
    state.commit(Edit(state.layer_name, ((row.offset, level),), checked=((row.offset, True),)))
    return True


def retitle(state: ReviewState, label: Label) -> bool:
    """The unit under the cursor gets another number and heading."""
    row = state.boundary()
    if (row.label or Label()) == label:
        return False
    state.commit(Edit(state.layer_name, labels=((row.offset, label),), checked=((row.offset, True),)))
    return True


def write_note(state: ReviewState, note: str) -> bool:
    """The unit under the cursor gets a note, or loses it (empty note)."""
    offset = state.boundary().offset
    if state.note_at(offset) == note:
        return False
    state.commit(Edit(state.layer_name, notes=((offset, note),)))
    return True


def check_units(state: ReviewState) -> bool:
    """The selected units, or the one under the cursor, are checked; checked ones are no more if all were."""
    span = state.selection
    first = state.unit_index(span.start if span else None)
    last = state.unit_index(span.end - 1 if span else None)
    offsets = state.layer.offsets[first : last + 1].tolist()
    if not offsets:
        return False
    held = state.asserted().checked
    state.commit(state.checking(offsets, not all(offset in held for offset in offsets)))
    return True


def make_unit(state: ReviewState) -> bool:
    """The selection becomes one unit: one starts at its start and after its end, none inside."""
    span = state.selection
    if span is None:
        return False
    start = _place(state, span.start)
    after = next_non_space(state.text, span.end)
    if start is None:
        return False
    inside = [o for o in state.layer.offsets.tolist() if start < o < after]
    wanted = [start, *([after] if after < len(state.text) else [])]
    changes = changes_to(state.layer, wanted, inside)
    state.commit(replace(state.checking([start]), changes=changes))
    state.anchor = None
    return True


def accept_all(state: ReviewState, least: float, indices: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    """Check every unit among ``indices`` that starts there with a chance of at least ``least``; how many, one undo.

    Units whose start is certain (no score) are among them.
    """
    held = state.asserted()
    found = state.candidates()
    offsets = state.layer.offsets[indices]
    rows = np.searchsorted(found.offsets, offsets).clip(max=max(len(found.offsets) - 1, 0))
    chance = np.full(len(offsets), np.nan, np.float32)
    if len(found.offsets):
        same = found.offsets[rows] == offsets
        chance[same] = found.probabilities[rows[same]]
    sure = offsets[np.isnan(chance) | (chance >= least)].tolist()
    fresh = [offset for offset in sure if offset not in held.checked]
    state.commit(state.checking(fresh))
    return len(fresh)


def _place(state: ReviewState, offset: int | None) -> int | None:
    """The canonical offset for a boundary at or after an offset; None where none can be."""
    if not state.text:
        return None
    place = next_non_space(state.text, state.cursor if offset is None else offset)
    if place <= next_non_space(state.text, 0):
        return 0 if state.layer.offsets[0] == place else None
    return place if place < len(state.text) else None
