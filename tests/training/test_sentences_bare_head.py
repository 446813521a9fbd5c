"""The last layer for bare text: it stays near the trained one, and finds what that one misses."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

from segtool.training.sentences.bare_head import LEAST, Seen, fit_head
from segtool.training.sentences.network import N_HEADS

WIDTH, N = 6, 20_000
WEIGHT = np.array([1, -1, 0.5, 0, 0, 0], np.float32)


def seen_of(missed: float) -> Seen:
    """Gaps whose ends depend on what the layer sees by ``WEIGHT``, and on one more value."""
    random = np.random.default_rng(1)
    hidden = random.normal(size=(N, WIDTH)).astype(np.float32)
    trained = hidden @ WEIGHT - 1
    chance = 1 / (1 + np.exp(-(trained + missed * hidden[:, 5])))
    columns = np.concatenate([trained[:, None], np.zeros((N, N_HEADS - 1)), hidden], 1).astype(np.float32)
    return Seen(columns, random.random(N) < 0.1, random.random(N) < 0.5, random.random(N) < chance)


def loss(seen: Seen, weight: np.ndarray, bias: float) -> float:
    """Log loss of a layer."""
    logits = seen.columns[:, N_HEADS:] @ weight + bias
    return float(np.mean(np.log1p(np.exp(np.where(seen.gold, -logits, logits)))))


def test_it_finds_what_the_trained_layer_misses() -> None:
    seen = seen_of(missed=1.5)
    weight, bias = fit_head(seen, WEIGHT, -1.0)
    assert weight[5] > 0.8
    assert loss(seen, weight, bias) < loss(seen, WEIGHT, -1.0) - 0.02


def test_where_nothing_is_missed_it_is_the_trained_layer() -> None:
    weight, bias = fit_head(seen_of(missed=0.0), WEIGHT, -1.0)
    assert np.abs(weight - WEIGHT).max() < 0.1
    assert abs(bias + 1) < 0.15


def test_gaps_where_no_end_stands_are_left_out() -> None:
    seen = seen_of(missed=0.0)
    joined = Seen.joined([seen, seen])
    assert len(joined.gold) == 2 * int((seen.columns[:, 0] > LEAST).sum())
    assert joined.columns[:, 0].min() > LEAST
