"""A last layer of its own for bare text, fitted after training to half of the dev documents.

A net is trained on text corrupted in many ways, and labels of raw text are guesses. What its last layer sees tells more
of text without punctuation than the layer makes of it: a ridge regression around the trained layer, a few hundred
numbers, finds that. In the exported graph it is the last column; lines of calibration follow in ``finish``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from segtool.training.sentences.network import N_HEADS

Float32 = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]

RIDGE = 200.0
"""How strongly the layer is held to the trained one; of 50, 200 and 1,000 the best across halves of dev."""
LEAST = -5.0
"""Gaps with a smaller logit of the trained layer are left out: no end stands there."""
_STEPS = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """Bare gaps: ``columns`` (n, N_HEADS + width) of a graph with hidden values, and what is known of them."""

    columns: Float32
    wide: Bool
    english: Bool
    gold: Bool

    @classmethod
    def joined(cls, parts: Iterable[Seen]) -> Seen:
        """The candidates of all."""
        kept = [(part, part.columns[:, 0] > LEAST) for part in parts]
        rows = [[p.columns[k], p.wide[k], p.english[k], p.gold[k]] for p, k in kept]
        return cls(*(np.concatenate(column) for column in zip(*rows, strict=True)))


def fit_head(seen: Seen, weight: Float32, bias: float) -> tuple[Float32, float]:
    """Weight (width,) and bias of the layer for bare text, near a multiple of the trained one's.

    Args:
        seen: candidates of documents for tuning.
        weight, bias: of the trained layer's row for sentence ends.
    """
    hidden = seen.columns[:, N_HEADS:].astype(np.float64)
    middle = hidden.mean(0)
    trained = seen.columns[:, 0].astype(np.float64)
    shared = np.stack([trained, np.ones(len(trained)), seen.wide], 1)
    rows = np.concatenate([shared, shared * seen.english[:, None], hidden - middle], 1)
    held = np.concatenate([np.full(2 * shared.shape[1], 1.0), np.full(len(middle), RIDGE)])
    found, gold = np.zeros(rows.shape[1]), seen.gold.astype(np.float64)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(rows @ found, -40, 40)))
        curvature = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.diag(held)
        step = np.linalg.solve(curvature, rows.T @ (chance - gold) + held * found)
        found -= step * min(1.0, 1.0 / float(np.abs(step).max() + 1e-12))
    times, change = found[0], found[2 * shared.shape[1] :]
    return (times * weight + change).astype(np.float32), float(times * bias - middle @ change)
