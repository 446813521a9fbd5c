"""Priors of unit lengths: how likely a unit of so many characters is, before anyone looked at it.

The three of wtpsplit (``gaussian``, ``lognormal``, ``polynomial``), as logarithms, so that they add to log odds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segtool.settings import PriorKind

SPREAD = 0.35
"""Spread of lengths for each character of the target, as sentences of most languages have it."""
_NEVER = -1e3
"""Stands for the logarithm of no chance at all: such a length is taken only where nothing else is possible."""


@dataclass(frozen=True, slots=True)
class LengthPrior:
    """A wish for units of about ``target`` characters, give or take ``spread``.

    Attributes:
        target: the most likely length, at least 1.
        kind: "gaussian": falls alike on both sides; "lognormal": forgives long units more than short ones;
            "polynomial": a parabola that is 0 outside of the spread.
        spread: characters; None: 0.35 of the target.
    """

    target: int
    kind: PriorKind = "gaussian"
    spread: float | None = None

    def log_chances(self, lengths: NDArray[np.int64]) -> NDArray[np.float64]:
        """The logarithm of the prior of each length, 0 at its greatest: float64 (n,)."""
        x = np.maximum(lengths, 1).astype(np.float64)
        spread = self.spread if self.spread is not None else SPREAD * self.target
        away = (x - self.target) / spread
        values: NDArray[np.float64]
        if self.kind == "gaussian":
            values = -0.5 * away**2
        elif self.kind == "polynomial":
            values = np.log(np.maximum(1 - away**2, np.exp(_NEVER / 2)))
        else:
            values = _log_normal(x, self.target, spread / self.target)
        return np.maximum(values, _NEVER)


def _log_normal(x: NDArray[np.float64], target: int, sigma: float) -> NDArray[np.float64]:
    """The logarithm of a log-normal density whose mode is ``target``, 0 there."""
    values: NDArray[np.float64] = -0.5 * ((np.log(x) - np.log(target) - sigma**2) / sigma) ** 2 - np.log(x)
    values += 0.5 * sigma**2 + np.log(target)
    return values
