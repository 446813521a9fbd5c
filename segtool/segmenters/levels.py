"""Levels of the headings of a document, found together.

A hidden Markov model: the states are levels, each heading speaks for some of them by itself, and the step from one
heading to the next is below, beside or above. Forward and backward over the headings give the chance of every level of
each. Where levels are in doubt, those of the outermost sections are set such that their boundaries can be expected to
be right most often (as F1 counts), for that is the depth at which a document is read first; the best path through what
is left gives the others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segtool.segmenters.evidence import Array

N_LEVELS = 8
"""Levels told apart at most."""
_SKIPPED = 1.0
"""Price, in log-chance, of each level skipped between a heading and the one before it."""
_FEWEST = 3
"""Sections that the outermost level of interest has at least; with fewer, the level below is looked at."""
_NEVER = -50.0

_GRID = np.arange(N_LEVELS)
_FALL = _GRID[None, :] - _GRID[:, None]
"""Levels by which a step from one (row) to another (column) goes down."""
_STEPS = np.stack(
    [
        np.where(_FALL > 0, np.exp(-_SKIPPED * (_FALL - 1.0)), 0),
        np.where(_FALL == 0, 1.0, 0),
        np.where(_FALL < 0, 1 / np.maximum(_GRID[:, None], 1), 0),
    ]
)
"""For each move, below, beside and above, its share for each pair of levels: (3, from, to)."""


def best_levels(logs: NDArray[np.float64], moves: Array | None) -> NDArray[np.int64]:
    """The level of each heading, from 1: int64 (n,).

    Args:
        logs: (n, N_LEVELS), log-chances of the levels of each heading by itself.
        moves: (n - 1, 3), log-chances that each heading but the first lies below, beside or above the one before it.
            None: nothing is known of that, so levels stand as they are but for skipped ones.
    """
    if not len(logs):
        return np.zeros(0, np.int64)
    if moves is None:
        moves = np.zeros((len(logs) - 1, 3), np.float32)
        return _best_path(logs, _steps(moves)) + 1
    steps = _steps(moves)
    shallow = np.cumsum(_chances(logs, steps), axis=1)
    enough = np.flatnonzero(shallow.sum(axis=0) >= _FEWEST)
    depth = int(enough[0]) + 1 if len(enough) else N_LEVELS
    is_outer = shallow[:, depth - 1] >= _cut(shallow[:, depth - 1])
    limited = logs.copy()
    limited[is_outer, depth:] = _NEVER
    limited[~is_outer, :depth] = _NEVER
    return _best_path(limited, steps) + 1


def path_scores(logs: NDArray[np.float64], moves: Array) -> NDArray[np.float64]:
    """Log-chance of the likeliest levels of each of k ways to read the same headings: float64 (k,).

    Args:
        logs: (k, n, N_LEVELS), of each way.
        moves: as of ``best_levels``, the same for all.
    """
    best = logs[:, 0] - _SKIPPED * _GRID
    moved = np.empty((len(logs), N_LEVELS, N_LEVELS))
    prices = np.log(np.maximum(_steps(moves), 1e-30))
    for price, own in zip(prices, logs.transpose(1, 0, 2)[1:], strict=True):
        np.add(best[:, :, None], price, out=moved)
        moved.max(axis=1, out=best)
        best += own
    scores: NDArray[np.float64] = best.max(axis=1)
    return scores


def _steps(moves: Array) -> NDArray[np.float64]:
    """Weights of all steps between levels: (n - 1, from, to)."""
    steps: NDArray[np.float64] = np.einsum("nm,mab->nab", np.exp(moves.astype(np.float64)), _STEPS)
    return steps


def _chances(logs: NDArray[np.float64], steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chances of each level for each heading, all others considered: (n, N_LEVELS), rows summing to 1."""
    own = np.exp(logs - logs.max(axis=1, keepdims=True))
    n = len(own)
    forward, backward = np.empty_like(own), np.ones_like(own)
    state = own[0] * np.exp(-_SKIPPED * _GRID)
    forward[0] = state = state / state.sum()
    for i in range(1, n):
        state = (state @ steps[i - 1]) * own[i]
        state /= state.sum()
        forward[i] = state
    state = backward[n - 1]
    for i in range(n - 2, -1, -1):
        state = steps[i] @ (state * own[i + 1])
        state /= state.sum()
        backward[i] = state
    both = forward * backward
    chances: NDArray[np.float64] = both / both.sum(axis=1, keepdims=True)
    return chances


def _cut(chances: NDArray[np.float64]) -> float:
    """The chance from which on candidates are taken, for the best F1 to be expected (Lipton et al. 2014)."""
    ranked = np.sort(chances)[::-1]
    expected = 2 * np.cumsum(ranked) / (np.arange(1, len(ranked) + 1) + ranked.sum())
    return float(expected.max()) / 2


def _best_path(logs: NDArray[np.float64], steps: NDArray[np.float64]) -> NDArray[np.int64]:
    """The likeliest states, by Viterbi's algorithm: int64 (n,), from 0."""
    n = len(logs)
    prices = np.log(np.maximum(steps, 1e-30))
    best = logs[0] - _SKIPPED * _GRID
    back = np.zeros((n, N_LEVELS), np.int64)
    for i in range(1, n):
        moved = best[:, None] + prices[i - 1]
        sources = moved.argmax(axis=0)
        back[i] = sources
        best = moved[sources, _GRID] + logs[i]
    path = np.zeros(n, np.int64)
    path[-1] = best.argmax()
    for i in range(n - 1, 0, -1):
        path[i - 1] = back[i, path[i]]
    return path
