"""The topic model's word in the outline: whether a document has headings at all, and two judges' chances as one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segtool.core.scores import Scores
from segtool.segmenters.evidence import Array

N_DEPTHS = 4
FORM_WEIGHT, TOPIC_WEIGHT = 0.65, 0.7
"""How much the log-chances of the scorer and of the topic model count; they share evidence, so not in full."""
_AGREEMENT = 0.25
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
    topics = by_level(aligned[said], chances.shape[1])
    logs = FORM_WEIGHT * np.log(np.maximum(chances[said], 1e-5)) + TOPIC_WEIGHT * np.log(np.maximum(topics, 1e-4))
    logs -= logs.max(axis=1, keepdims=True)
    np.exp(logs, out=logs)
    blended = chances.copy()
    blended[said] = logs / logs.sum(axis=1, keepdims=True)
    return blended


def by_level(probabilities: Array, n_classes: int) -> Array:
    """Chances of no section and of each level from chances of depth <= 1 .. 4; deeper ones share the last."""
    rising = np.maximum.accumulate(probabilities[:, :N_DEPTHS], axis=1)
    out = np.zeros((len(rising), n_classes), np.float32)
    out[:, 0] = 1 - rising[:, -1]
    out[:, 1 : N_DEPTHS + 1] = np.diff(rising, axis=1, prepend=0)
    out[:, N_DEPTHS:] = out[:, N_DEPTHS : N_DEPTHS + 1] / (n_classes - N_DEPTHS)
    return out
