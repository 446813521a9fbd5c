"""Learning the moves between headings."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from segtool.segmenters.evidence import evidence
from segtool.training import outline_moves
from segtool.training.outline_moves import MoveExamples, fit_moves, moves_between
from segtool.training.sections_outline import as_document


def test_moves_follow_nesting_not_the_numbers_of_levels() -> None:
    assert moves_between([1, 3, 3, 2, 1]).tolist() == [0, 1, 1, 2]
    assert moves_between([2, 1]).tolist() == [1]


def test_what_is_seen_often_is_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outline_moves, "EPOCHS", 100)
    body = "The tenant pays what is due, in advance, into the account that the landlord names in writing."
    examples = MoveExamples()
    for n in range(20):
        pairs = [(f"Part {n}", 1), ("A name", 2), (body, 0), ("Other name", 2), (body, 0), ("End part", 1), (body, 0)]
        levels = np.array([level for _, level in pairs])
        examples.add(*evidence(as_document(pairs, str(n))), levels, "tos")
    assert examples.weights().mean() == pytest.approx(1, abs=1e-5)
    moves = fit_moves(examples, 1)
    assert moves(examples.rows[0].astype(np.float32)).argmax(axis=1).tolist() == [0, 1, 2]
