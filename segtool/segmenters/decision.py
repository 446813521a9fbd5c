"""One decision a line: no heading, or a heading of one level; found for the whole document at once.

Dynamic programming over the sequence of lines. The state is the level of the last heading; a step pays the log-chance of
what it decides and a price for levels that are skipped on the way down, so that a doubtful line takes the level that
fits what comes before and after it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segtool.segmenters.evidence import Array

_SURE_BODY = 0.98
_SKIPPED = 1.5
"""Price, in log-chance, of each level skipped between a heading and the one before it."""


def decide(chances: Array, threshold: float) -> NDArray[np.int64]:
    """The level of each line, 0 for no heading: int64 (n,).

    Args:
        chances: float32 (n, 1 + levels), of no heading and of each level; rows sum to 1.
        threshold: chance of a heading from which one is decided for, other things equal; in [0, 1].
    """
    n, n_classes = chances.shape
    decided = np.zeros(n, np.int64)
    candidates = np.flatnonzero(chances[:, 0] < max(_SURE_BODY, 1 - threshold / 4))
    if not len(candidates):
        return decided
    bias = np.log((1 - threshold + 1e-6) / (threshold + 1e-6))
    logs = np.log(np.maximum(chances[candidates], 1e-6)).astype(np.float64)
    heading = 1 - chances[candidates, :1].astype(np.float64)
    # A heading is decided for by its whole chance; levels share the choice among themselves.
    logs[:, 1:] += np.log(np.maximum(heading, 1e-6)) - np.log(
        np.maximum(chances[candidates, 1:].max(axis=1, keepdims=True), 1e-6)
    )
    logs[:, 1:] += bias
    decided[candidates] = _viterbi(logs, n_classes - 1)
    return decided


def _viterbi(logs: NDArray[np.float64], n_levels: int) -> NDArray[np.int64]:
    """The best path; ``logs`` is (n, 1 + levels), the result the class of each row."""
    levels = np.arange(n_levels + 1)
    skipped = _SKIPPED * np.maximum(levels[None, :] - levels[:, None] - 1, 0)  # (from level, to level)
    best = np.full(n_levels + 1, -np.inf)
    best[0] = 0.0  # before the first heading
    back = np.zeros((len(logs), n_levels + 1), np.int64)
    stays = np.zeros((len(logs), n_levels + 1), bool)
    for i, row in enumerate(logs):
        moves = best[:, None] - skipped
        moves[:, 0] = -np.inf
        sources = moves.argmax(axis=0)
        opened = moves[sources, levels] + row
        opened[0] = -np.inf
        kept = best + row[0]
        stays[i] = kept >= opened
        back[i] = sources
        best = np.where(stays[i], kept, opened)
    state = int(best.argmax())
    path = np.zeros(len(logs), np.int64)
    for i in range(len(logs) - 1, -1, -1):
        if not stays[i, state]:
            path[i] = state
            state = int(back[i, state])
    return path
