"""Layers tile their text; constructors name what is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.layer import Boundary, Label, Layer
from segtool.core.span import Span


@st.composite
def texts_and_offsets(draw: st.DrawFn) -> tuple[str, list[int]]:
    text = draw(st.text(max_size=60))
    offsets = draw(st.lists(st.integers(0, max(0, len(text) - 1)), unique=True)) if text else []
    return text, sorted(offsets)


@given(texts_and_offsets())
def test_joining_the_units_gives_the_text(case: tuple[str, list[int]]) -> None:
    text, offsets = case
    layer = Layer.from_boundaries("sentence", len(text), [Boundary(o) for o in offsets])
    assert "".join(span.of(text) for span in layer.spans()) == text
    assert layer == Layer.from_offsets("sentence", len(text), np.array(offsets, dtype=np.int64)) or 0 not in offsets


@given(texts_and_offsets())
def test_find_returns_the_unit_that_holds_the_offset(case: tuple[str, list[int]]) -> None:
    text, offsets = case
    layer = Layer.from_boundaries("chunk", len(text), [Boundary(o) for o in offsets])
    for offset in range(len(text)):
        assert offset in layer.span(layer.find(offset))


def test_boundaries_come_back_as_they_went_in() -> None:
    rows = [
        Boundary(0, 1, None, "loader", Label("1", "Terms")),
        Boundary(7, 2, 0.25, "model", None),
        Boundary(12, 1, None, "user", Label(None, "Fees")),
    ]
    layer = Layer.from_boundaries("section", 20, reversed(rows))
    assert list(layer) == rows
    assert [layer.span(i) for i in range(3)] == [Span(0, 7), Span(7, 12), Span(12, 20)]


def test_a_unit_at_zero_is_added_and_the_last_of_two_wins() -> None:
    layer = Layer.from_boundaries("sentence", 9, [Boundary(4, score=0.5), Boundary(4, origin="user")])
    assert [b.offset for b in layer] == [0, 4]
    assert layer[1].origin == "user"
    assert layer[1].score is None


@pytest.mark.parametrize(
    ("offsets", "levels", "scores", "message"),
    [
        ([1, 4], [1, 1], [np.nan, 0.5], "rise from 0"),
        ([0, 4, 4], [1, 1, 1], [np.nan] * 3, "rise from 0"),
        ([0, 10], [1, 1], [np.nan] * 2, "below 10"),
        ([0, 4], [1, 0], [np.nan] * 2, "levels count from 1"),
        ([0, 4], [1, 1], [np.nan, 1.5], "scores outside"),
        ([0, 4], [1], [np.nan] * 2, "different length"),
        ([], [], [], "0 units for a text of 10"),
    ],
)
def test_the_constructor_names_what_is_wrong(
    offsets: list[int], levels: list[int], scores: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Layer(
            "sentence",
            10,
            np.array(offsets, np.int64),
            np.array(levels, np.int16),
            np.array(scores, np.float32),
            np.zeros(len(offsets), np.uint8),
        )


def test_columns_are_read_only() -> None:
    layer = Layer.from_offsets("sentence", 10, np.array([3], np.int64))
    with pytest.raises(ValueError, match="read-only"):
        layer.offsets[0] = 1
