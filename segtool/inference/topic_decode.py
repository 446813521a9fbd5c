"""From the section model's probabilities to boundaries, with a threshold that fits each document.

The model is surer in some documents than in others: in one every heading of a level has a chance of 0.9, in another of
0.3, for nothing in the text tells which level counts. A fixed threshold then finds all or nothing. For calibrated
chances the cut that is best for F1 lies at half the best F1 that can be expected (Lipton et al. 2014), which follows
from the chances themselves.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
USUAL_THRESHOLD = 0.4
"""Threshold at which the cut is left as computed; others move it in proportion."""

LOWEST, HIGHEST = 0.1, 0.7


def fitted_cut(chances: F32, threshold: float = USUAL_THRESHOLD) -> float:
    """The chance from which on candidates are taken, fitted to the chances of one document.

    Args:
        chances: float32 (n,), of all candidates of the document.
        threshold: Higher for fewer boundaries; 0.4 aims at the best F1.

    >>> round(fitted_cut(np.array([0.3, 0.3, 0.3, 0.0], np.float32)), 2)
    0.23
    """
    ranked = np.sort(chances)[::-1].astype(np.float64)
    if not len(ranked):
        return HIGHEST
    expected = 2 * np.cumsum(ranked) / (np.arange(1, len(ranked) + 1) + ranked.sum())
    cut = expected.max() / 2 * threshold / USUAL_THRESHOLD
    return float(np.clip(cut, LOWEST, HIGHEST))


def section_levels(probabilities: F32, threshold: float = USUAL_THRESHOLD) -> npt.NDArray[np.int64]:
    """The level of the section that starts at each unit, 0 where none does: int64 (n,).

    The level is the smallest depth whose chance reaches the cut of that depth; levels may skip (a 3 with no 2 around).

    Args:
        probabilities: float32 (n, 5), as `TopicSegmenter` scores them; the first four columns are read.
        threshold: As for `fitted_cut`.
    """
    depths = np.maximum.accumulate(probabilities[:, :4], axis=1)
    levels = np.zeros(len(depths), np.int64)
    for depth in range(4, 0, -1):
        column = depths[:, depth - 1]
        levels[column >= fitted_cut(column, threshold)] = depth
    return levels


def main_boundaries(probabilities: F32, threshold: float = USUAL_THRESHOLD) -> npt.NDArray[np.bool_]:
    """Where sections of the main depth start, levels apart: bool (n,)."""
    column = probabilities[:, 4]
    return column >= fitted_cut(column, threshold)
