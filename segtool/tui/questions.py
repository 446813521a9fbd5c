"""The queue of questions: which decisions are most likely wrong, by the model's own calibrated scores.

A boundary that is there is wrong with chance 1 - p, a candidate that is not there with chance p. That
is the doubt of a decision; asking in falling order of doubt finds the most errors per answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segtool.core.layer import Layer
from segtool.core.scores import Scores

LEAST_DOUBT = 0.02
"""Decisions below this chance of being wrong are not asked about."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Every place where a unit of a layer starts or might start.

    Attributes:
        offsets: int64 (n,), rising.
        probabilities: float32 (n,), chance that a unit starts there; NaN where nothing scored it.
        present: bool (n,), whether one does.
        doubt: float32 (n,), the chance that this decision is wrong, 0 where nothing scored it.
    """

    offsets: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    present: NDArray[np.bool_]
    doubt: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        doubt = np.where(self.present, 1 - self.probabilities, self.probabilities)
        object.__setattr__(self, "doubt", np.nan_to_num(doubt, nan=0.0).astype(np.float32))

    def index(self, offset: int) -> int | None:
        """The row of an offset, None if it is no candidate."""
        row = int(np.searchsorted(self.offsets, offset))
        return row if row < len(self.offsets) and self.offsets[row] == offset else None

    def probability(self, offset: int) -> float | None:
        """The chance at an offset, None where nothing scored it."""
        row = self.index(offset)
        if row is None or np.isnan(self.probabilities[row]):
            return None
        return float(self.probabilities[row])


def chances(scores: Scores) -> NDArray[np.float32]:
    """float32 (n,): the chance that a unit of any level starts at each candidate."""
    values = scores.probabilities
    return values if values.ndim == 1 else values[:, -1]


def candidates(layer: Layer, scores: Scores | None) -> Candidates:
    """The candidates of a layer: what its model scored, and its own boundaries but the first.

    A boundary's own score comes before that of the model's pass: it may rest on more evidence.
    """
    starts = layer.offsets[1:]
    if scores is None:
        return Candidates(starts, layer.scores[1:], np.ones(len(starts), np.bool_))
    offsets = np.union1d(scores.offsets, starts).astype(np.int64)
    probabilities = np.full(len(offsets), np.nan, np.float32)
    probabilities[np.searchsorted(offsets, scores.offsets)] = chances(scores)
    present = np.zeros(len(offsets), np.bool_)
    rows = np.searchsorted(offsets, starts)
    present[rows] = True
    own = layer.scores[1:]
    is_certain = np.isnan(own) & (layer.origins[1:] < 3)  # of loader, rule or model, and without a score
    probabilities[rows] = np.where(np.isnan(own), probabilities[rows], own)
    probabilities[rows[is_certain]] = np.nan
    return Candidates(offsets, probabilities, present)


class Queue:
    """The questions of one layer in falling order of doubt, made once; settled ones are skipped when met."""

    def __init__(self, found: Candidates) -> None:
        doubt = found.doubt
        rows = np.flatnonzero(doubt >= LEAST_DOUBT)
        order = rows[np.argsort(-doubt[rows], kind="stable")]
        self.offsets: list[int] = found.offsets[order].tolist()
        self.doubts: NDArray[np.float32] = doubt[order]
        self._positions = {offset: i for i, offset in enumerate(self.offsets)}

    def __len__(self) -> int:
        return len(self.offsets)

    def position(self, offset: int) -> int | None:
        """Where an offset stands in the queue (from 0), None if it is not asked about."""
        return self._positions.get(offset)

    def next(self, after: int | None, is_settled: Callable[[int], bool], step: int = 1) -> int | None:
        """The open question after (``step`` -1: before) the one at offset ``after``, round the end; None if none."""
        n = len(self.offsets)
        start = self._positions.get(after, -1 if step > 0 else n) if after is not None else (-1 if step > 0 else n)
        for i in range(1, n + 1):
            offset = self.offsets[(start + i * step) % n]
            if not is_settled(offset):
                return offset
        return None

    def open_mask(self, settled: set[int]) -> NDArray[np.bool_]:
        """bool (n,): which questions are not among the settled offsets."""
        mask = np.ones(len(self.offsets), np.bool_)
        rows = [self._positions[offset] for offset in settled if offset in self._positions]
        mask[rows] = False
        return mask
