"""Chances that mean what they say: a scale and a shift of the log-odds of each depth, fitted on half of dev.

The other half says how well they hold: of the units with a chance near 0.3, three in ten should start a section.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from segtool.training.sections.batches import changes
from segtool.training.sections.cache import N_DEPTHS, section_keys
from segtool.training.sections.corpus import SectionRecord
from segtool.training.sections.evaluate import Predictor

Array = npt.NDArray[np.float64]
BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """Log-odds and labels of all units but the first of some documents.

    Args:
        log_odds, labels: float64 (n, 5).
        weight: float64 (n,); every document weighs 1.
    """

    log_odds: Array
    labels: Array
    weight: Array


def is_fitted_on(record: SectionRecord) -> bool:
    """Whether a dev document is of the half that is fitted on."""
    return zlib.crc32(record.id.encode()) % 2 == 0


def judge(predict: Predictor, records: Iterable[SectionRecord], dropped: Sequence[bool] = (False, True)) -> Judged:
    """What a model says of documents with headings kept, dropped, or both one after the other."""
    chances, labels, weight = [], [], []
    for record in records:
        keys = section_keys(record)
        for mode in dropped:
            rows = [i for i, (level, _, _) in enumerate(record.paragraphs) if not (mode and level)]
            if len(rows) > 1:
                chances.append(predict([[record.paragraphs[i][2] for i in rows]])[0][1:])
                labels.append(changes(keys[rows])[1:])
                weight.append(np.full(len(rows) - 1, 1 / (len(rows) - 1)))
    said = np.clip(np.concatenate(chances).astype(np.float64), 1e-6, 1 - 1e-6)
    return Judged(np.log(said / (1 - said)), np.concatenate(labels).astype(np.float64), np.concatenate(weight))


def fit(judged: Judged, steps: int = 40) -> list[tuple[float, float]]:
    """Scale and shift of the log-odds of each depth: logistic regression by Newton's method (Platt 1999)."""
    found = []
    for column in range(N_DEPTHS):
        x = np.stack([judged.log_odds[:, column], np.ones(len(judged.weight))], axis=1)
        y, beta = judged.labels[:, column], np.array([1.0, 0.0])
        for _ in range(steps):
            p = 1 / (1 + np.exp(-x @ beta))
            slope = x.T @ (judged.weight * (y - p)) - 1e-6 * (beta - [1, 0])
            curve = (x * (judged.weight * p * (1 - p))[:, None]).T @ x + 1e-6 * np.eye(2)
            beta = beta + np.clip(np.linalg.solve(curve, slope), -0.3, 0.3)  # full steps can run away
        found.append((round(float(beta[0]), 4), round(float(beta[1]), 4)))
    return found


def reliability(judged: Judged, column: int = 4) -> tuple[float, list[dict[str, Any]]]:
    """Expected calibration error of one depth, documents weighing alike, and a row for each tenth of the chances."""
    chances = 1 / (1 + np.exp(-judged.log_odds[:, column]))
    bins = np.minimum((chances * BINS).astype(int), BINS - 1)
    total, error, rows = judged.weight.sum(), 0.0, []
    for number in range(BINS):
        inside = bins == number
        weight = judged.weight[inside]
        if weight.sum() > 0:
            said = float(np.average(chances[inside], weights=weight))
            true = float(np.average(judged.labels[inside, column], weights=weight))
            error += float(weight.sum() / total) * abs(said - true)
            rows.append(
                {"from": number / BINS, "units": int(inside.sum()), "said": round(said, 3), "true": round(true, 3)}
            )
    return error, rows
