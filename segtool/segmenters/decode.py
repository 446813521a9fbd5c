"""Scores and a policy become a layer. Pure and instant, so that a threshold can move without a model."""

from __future__ import annotations

from segtool.core.layer import Layer
from segtool.core.scores import Scores


def decode(scores: Scores, threshold: float) -> Layer:
    """The layer whose units start at 0 and at every candidate with a probability of at least ``threshold``.

    Args:
        scores: candidates with one probability each, float32 (n,).
        threshold: in [0, 1].
    """
    chosen = scores.probabilities >= threshold
    return Layer.from_offsets(
        scores.layer, scores.length, scores.offsets[chosen], scores=scores.probabilities[chosen]
    )
