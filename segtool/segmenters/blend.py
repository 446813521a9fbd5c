"""The topic model's word in the outline: whether a document has headings at all, and two judges' chances as one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segtool.core.scores import Scores
from segtool.segmenters.evidence import Array

N_DEPTHS = 4
_FLOOR = 1e-4
HEADING_WEIGHTS = 0.68, 0.66
"""How much the scorer's and the topic model's log-odds of a heading count; they share evidence, so not in full."""
LEVEL_WEIGHTS = 0.5, 1.0
"""The same for the level of a heading."""
HEADING_BIAS = 0.35
"""Added to the log-odds: measured on the development documents at the threshold of the topic model."""
_AGREEMENT = 0.32
_SURE, _LEAST_SURE, _SURE_SHARE = 0.8, 2, 0.1


def align(scores: Scores, starts: NDArray[np.int64]) -> Array | None:
    """The model's probabilities at the n lines, (n, 5), zeros where it says nothing; None if it scored other units.

    A model that scored sentences, in a text with hardly a paragraph, has little to say of lines.
    """
    rows = np.minimum(np.searchsorted(starts, scores.offsets), len(starts) - 1)
    found = starts[rows] == scores.offsets
    if found.sum() < 0.5 * len(scores):
        return None
    aligned = np.zeros((len(starts), scores.probabilities.shape[1]), np.float32)
    aligned[rows[found]] = scores.probabilities[found]
    return aligned


def has_headings(chances: Array, aligned: Array) -> bool:
    """Whether a document has headings, so that the outline decides and not the change of topic alone.

    It has if the lines at which the topic changes look like headings often enough, or if many lines surely are
    headings by form. On the development documents, each with its headings and without, this tells some 95 % apart.
    """
    topics, heading = aligned[1:, -1], 1 - chances[1:, 0]
    sure = int(np.count_nonzero(heading > _SURE))
    agree = float(topics @ heading) > _AGREEMENT * (float(topics.sum()) + 0.1)
    return agree or (sure >= _LEAST_SURE and sure >= _SURE_SHARE * len(chances))


def blend(chances: Array, aligned: Array) -> Array:
    """The scorer's chances and the topic model's as one, rows summing to 1.

    Args:
        chances: (n, 1 + levels), of no heading and of each level.
        aligned: (n, 5), probabilities by depth and main depth; a row of zeros says nothing.
    """
    said = aligned.any(axis=1)
    judges = chances[said].astype(np.float32), by_level(aligned[said], chances.shape[1])
    odds = np.full((len(judges[0]), 1), HEADING_BIAS, np.float64)
    levels = np.zeros((len(judges[0]), chances.shape[1] - 1), np.float64)
    for judge, heading_weight, level_weight in zip(judges, HEADING_WEIGHTS, LEVEL_WEIGHTS, strict=True):
        heading = 1 - judge[:, :1]
        odds += heading_weight * np.log(np.maximum(heading, _FLOOR) / np.maximum(judge[:, :1], _FLOOR))
        levels += level_weight * np.log(np.maximum(judge[:, 1:] / np.maximum(heading, 1e-6), 1e-3))
    share = np.exp(levels - levels.max(axis=1, keepdims=True))
    body = 1 / (1 + np.exp(odds))
    blended = chances.copy()
    blended[said] = np.concatenate([body, (1 - body) * share / share.sum(axis=1, keepdims=True)], axis=1)
    return blended


def by_level(probabilities: Array, n_classes: int) -> Array:
    """Chances of no section and of each level from chances of depth <= 1 .. 4; deeper ones share the last."""
    rising = np.maximum.accumulate(probabilities[:, :N_DEPTHS], axis=1)
    out = np.zeros((len(rising), n_classes), np.float32)
    out[:, 0] = 1 - rising[:, -1]
    out[:, 1 : N_DEPTHS + 1] = np.diff(rising, axis=1, prepend=0)
    out[:, N_DEPTHS:] = out[:, N_DEPTHS : N_DEPTHS + 1] / (n_classes - N_DEPTHS)
    return out
