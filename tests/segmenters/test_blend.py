"""Two judges of a line as one: shares, levels in doubt, calibration."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.document import Document
from segtool.loaders.paragraphs import find_paragraphs
from segtool.segmenters.blend import Weights, agreement, blend, calibrated, favour_outer, is_silent
from segtool.segmenters.headings import Line, read_lines
from segtool.segmenters.number import Number

CHANCES = np.array([[0.9, 0.05, 0.05, 0, 0, 0], [0.1, 0.3, 0.5, 0.1, 0, 0], [0.2, 0.1, 0.7, 0, 0, 0]], np.float32)
ONE = Number("arabic", "1", (1,), 3, ".")


def _topics(*chances: float) -> np.ndarray:
    return np.repeat(np.array(chances, np.float32)[:, None], 5, axis=1)


def test_weights_keep_their_order_in_an_array() -> None:
    weights = Weights(*(i / 8 for i in range(len(fields(Weights)))))
    assert Weights.from_array(weights.to_array()) == weights


def test_rows_of_the_blend_sum_to_one_and_silence_changes_nothing() -> None:
    topics = _topics(0.0, 0.9, 0.2)
    mixed = blend(CHANCES, topics, Weights())
    assert mixed.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert mixed[0].tolist() == CHANCES[0].tolist()


def test_in_doubt_an_outer_level_wins_sooner_without_a_number() -> None:
    favoured = favour_outer(CHANCES, [None, None, ONE], Weights())
    assert favoured[1, 1:].argmax() == 0
    assert favoured[2, 1:].argmax() == 1
    assert favoured[:, 0].tolist() == pytest.approx(CHANCES[:, 0].tolist())
    assert favoured.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_headings_and_topics_agree_as_far_as_they_stand_at_the_same_lines() -> None:
    chances = np.tile(np.array([[0.98, 0.02, 0, 0, 0, 0]], np.float32), (40, 1))
    chances[[9, 29], :2] = 0.1, 0.9
    found = []
    for at_headings in (0.0, 0.5, 0.9):
        chance = np.zeros(40)
        chance[[9, 29]] = at_headings
        chance[[5, 20, 35]] = 0.3
        found.append(agreement(chances, _topics(*chance)))
    assert found[0] == 0 < found[1] < found[2]


def test_where_the_model_is_silent_sure_headings_are_believed_unless_they_are_one_line_repeated() -> None:
    chances = np.tile(np.array([[0.02, 0.98, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0]], np.float32), (5, 1))
    body = "The tenant pays what is due, in advance, into the account that the landlord names in writing."
    topics = _topics(*[0.0] * 10)
    names = ("Rent of the flat", "Heating", "Repairs and paint", "Pets", "Keys of the house")
    different = as_lines([text for name in names for text in (name, body)])
    repeated = as_lines([text for _ in names for text in ("Source: the lease", body)])
    assert is_silent(different, chances, topics)
    assert not is_silent(repeated, chances, topics)
    assert not is_silent(different, chances, _topics(*[0.5] * 10))


def as_lines(texts: list[str]) -> list[Line]:
    text = "\n\n".join(texts)
    return read_lines(Document("lease", text, find_paragraphs(text)))


@given(st.lists(st.floats(0, 1, width=32), min_size=2, max_size=20), st.floats(0.2, 2), st.floats(-1, 1))
def test_calibration_keeps_order_and_bounds(values: list[float], slope: float, shift: float) -> None:
    raw = np.sort(np.array(values, np.float32))
    found = calibrated(raw, Weights(slope=slope, shift=shift))
    assert (np.diff(found) >= 0).all()
    assert ((found >= 0) & (found <= 1)).all()
