"""Edits: last word wins, replay is idempotent, undo and redo are each other's inverse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.document import Document
from segtool.core.edits import Edit, EditLog, fold, replay
from segtool.core.layer import Boundary, Label, Layer
from segtool.core.segmentation import Segmentation
from segtool.errors import EditError

LENGTH = 40
TEXT = "abcdefghi " * 4

offsets = st.integers(0, LENGTH - 1)
changes = st.tuples(offsets, st.none() | st.integers(1, 4)).filter(lambda c: c != (0, None))
edits = st.builds(
    Edit,
    st.sampled_from(["sentence", "section"]),
    st.lists(changes, max_size=4).map(tuple),
    st.lists(st.tuples(offsets, st.builds(Label, st.none() | st.just("2"), st.just("B"))), max_size=2).map(tuple),
    st.lists(st.tuples(offsets, st.sampled_from(["", "why"])), max_size=2).map(tuple),
    st.lists(st.tuples(offsets, st.booleans()), max_size=3).map(tuple),
)


def segmentation(starts: list[int]) -> Segmentation:
    layers = {
        "sentence": Layer.from_boundaries("sentence", LENGTH, [Boundary(o, 1, 0.7) for o in starts]),
        "section": Layer.from_boundaries("section", LENGTH, [Boundary(o, 2, 0.7, "rule", Label("1")) for o in starts]),
    }
    return Segmentation(Document("d", TEXT), layers)


bases = st.lists(offsets, max_size=8, unique=True).map(segmentation)


@given(bases, st.lists(edits, max_size=8))
def test_replay_twice_is_replay_once_and_still_tiles(base: Segmentation, log: list[Edit]) -> None:
    once = replay(base, log)
    assert replay(once, log).layers == once.layers
    for layer in once.layers.values():
        assert "".join(span.of(TEXT) for span in layer.spans()) == TEXT
        assert set(layer.labels) <= set(layer.offsets.tolist())


@given(bases, st.lists(edits, max_size=8))
def test_the_last_word_on_an_offset_holds(base: Segmentation, log: list[Edit]) -> None:
    done = replay(base, log)
    for name, assertions in fold(log).items():
        starts = dict(zip(done.layers[name].offsets.tolist(), done.layers[name].levels.tolist(), strict=True))
        for offset, level in assertions.changes.items():
            assert starts.get(offset) == level


@given(st.lists(edits, max_size=8), st.integers(0, 8))
def test_undo_then_redo_gives_the_log_back(log_edits: list[Edit], n: int) -> None:
    log = EditLog()
    for edit in log_edits:
        log = log.append(edit)
    n = min(n, len(log_edits))
    back = log
    for _ in range(n):
        back = back.undo()
    assert back.active == tuple(log_edits[: len(log_edits) - n])
    for _ in range(n):
        back = back.redo()
    assert back == log


def test_an_edit_after_an_undo_drops_what_was_undone() -> None:
    first, second, third = (Edit("sentence", ((o, 1),)) for o in (3, 5, 7))
    log = EditLog().append(first).append(second).undo().append(third)
    assert log.edits == (first, third)
    assert log.redo() == log


def test_a_worked_example() -> None:
    """Sentences at 0, 10, 20: the one at 10 goes, one at 15 comes with the user's origin and no score."""
    done = replay(segmentation([10, 20]), [Edit("sentence", ((10, None), (15, 1)))])
    layer = done.layers["sentence"]
    assert layer.offsets.tolist() == [0, 15, 20]
    assert [b.origin for b in layer] == ["rule", "user", "model"]
    assert np.isnan(layer.scores[1])
    assert layer.scores[2] == pytest.approx(0.7)


def test_edits_of_an_absent_layer_and_of_an_empty_text_change_nothing() -> None:
    base = segmentation([5])
    assert replay(base, [Edit("chunk", ((3, 1),))]).layers == base.layers
    empty = Segmentation(Document("e", ""), {"sentence": Layer.from_boundaries("sentence", 0, ())})
    assert replay(empty, [Edit("sentence", ((3, 1),))]).layers == empty.layers


@pytest.mark.parametrize(
    ("layer", "change"),
    [("sentence", (0, None)), ("sentence", (-1, 1)), ("sentence", (3, 0)), ("verse", (3, 1))],
)
def test_impossible_edits_are_refused(layer: str, change: tuple[int, int | None]) -> None:
    with pytest.raises(EditError):
        Edit(layer, (change,))  # type: ignore[arg-type]


def test_an_edit_outside_the_text_is_refused() -> None:
    with pytest.raises(EditError, match="in a text of 40"):
        replay(segmentation([]), [Edit("sentence", ((99, 1),))])
