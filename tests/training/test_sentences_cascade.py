"""Limits of the cascade: the cheapest that agree with the full model, none where nothing does."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

from segtool.training.sentences.cascade import Language, Mixes, Probe, Trial, chosen, learned

MIXES = Mixes([0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0])


def language(gate_errs: float, n: int = 4000) -> Language:
    """Doubtful gaps where the gate is wrong about so many, by a margin of 1.2, and the net never is."""
    random = np.random.default_rng(1)
    full = np.where(random.random(n) < 0.5, 3.0, -3.0).astype(np.float32)
    wrong = random.random(n) < gate_errs
    gate = np.where(wrong, -np.sign(full) * 1.2, np.sign(full) * 3.5).astype(np.float32)
    gold, none = full > 0, np.zeros(n, np.bool_)
    probe = Probe(np.zeros(n, np.int64), gold, none, np.zeros(n, np.float32), gate, full, full, full)
    return Language(probe, 0.0, np.array([int(gold.sum())]), 100_000)


def test_sure_stages_need_no_net() -> None:
    found = chosen(Trial(language(0.0), MIXES, (1.0, 0.0)))
    assert found is not None
    assert found[1].cost_s == 0


def test_limits_reach_as_far_as_the_gate_errs() -> None:
    found = chosen(Trial(language(0.1), MIXES, (1.0, 0.0)))
    assert found is not None
    assert found[0].gate_low == -1.5
    assert found[0].gate_high == 1.5
    assert found[1].cost_s > 0
    assert found[1].differ <= 0.0054


def test_too_little_data_shows_nothing() -> None:
    assert chosen(Trial(language(0.0, n=60), MIXES, (1.0, 0.0))) is None


def test_weights_are_learned_from_chances() -> None:
    random = np.random.default_rng(2)
    first, second = random.normal(0, 2, (2, 5000)).astype(np.float32)
    full = (0.5 * first + 0.2 * second - 0.3).astype(np.float32)
    assert learned((first, second), full) == pytest.approx([0.5, 0.2, -0.3], abs=0.01)
