"""Levels of headings found together: what the steps between them say, and the cut of the outermost."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segtool.segmenters.levels import N_LEVELS, best_levels, path_scores

BELOW, BESIDE, ABOVE = np.log([[0.98, 0.01, 0.01], [0.01, 0.98, 0.01], [0.01, 0.01, 0.98]])


def _logs(*levels: int, sure: float = 0.0) -> np.ndarray:
    """Headings that speak for a level, or, at 0, for none."""
    rows = np.full((len(levels), N_LEVELS), -1.0)
    for row, level in zip(rows, levels, strict=True):
        if level:
            row[level - 1] = sure
    return rows


def test_headings_that_say_nothing_take_the_levels_of_their_steps() -> None:
    moves = np.array([BELOW, BESIDE, ABOVE, BELOW, ABOVE, BELOW], np.float32)
    assert best_levels(_logs(0, 0, 0, 0, 0, 0, 0), moves).tolist() == [1, 2, 2, 1, 2, 1, 2]


def test_a_sure_level_stands_against_the_steps() -> None:
    logs = np.full((4, N_LEVELS), -40.0)
    logs[[0, 1, 2, 3], [0, 2, 0, 0]] = 0.0
    moves = np.array([BESIDE, BESIDE, BESIDE], np.float32)
    assert best_levels(logs, moves).tolist() == [1, 3, 1, 1]


def test_without_steps_levels_stand_as_they_are_but_for_skipped_ones() -> None:
    assert best_levels(_logs(1, 2, 1, sure=0.0), None).tolist() == [1, 2, 1]
    hair = np.full((2, N_LEVELS), -5.0)
    hair[0, 0], hair[1, 1:3] = 0.0, (-0.2, 0.0)
    assert best_levels(hair, None).tolist() == [1, 2]


def test_no_heading_has_no_level() -> None:
    assert best_levels(np.zeros((0, N_LEVELS)), None).tolist() == []


@given(st.integers(1, 30), st.integers(0, 2**31))
def test_levels_are_in_range_whatever_is_said(n: int, seed: int) -> None:
    chosen = np.random.default_rng(seed)
    logs = np.log(np.maximum(chosen.dirichlet(np.full(N_LEVELS, 0.2), n), 1e-12))
    moves = np.log(np.maximum(chosen.dirichlet(np.full(3, 0.2), n - 1), 1e-4)).astype(np.float32).reshape(n - 1, 3)
    found = best_levels(logs, moves)
    assert len(found) == n
    assert ((found >= 1) & (found <= N_LEVELS)).all()
    assert found.tolist() == best_levels(logs, moves).tolist()


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_ways_scored_together_score_as_each_alone(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    ways = np.log(random.random((3, n, N_LEVELS)))
    moves = np.log(random.dirichlet([1, 1, 1], n - 1)).astype(np.float32)
    together = path_scores(ways, moves)
    assert together.tolist() == [float(path_scores(way[None], moves)[0]) for way in ways]
