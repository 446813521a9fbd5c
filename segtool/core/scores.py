"""Scores: what a model says, before anyone decides. Sparse candidates with probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segtool.core.layer import LayerName
from segtool.errors import ScoresError


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Candidate starts of units with the calibrated chance that a unit starts there.

    Attributes:
        layer: the layer that these candidates are for.
        length: characters of the text.
        offsets: int64 (n,), strictly increasing, canonical (on a non-space character), in ``(0, length)``.
        probabilities: float32 (n,) in [0, 1], or (n, levels) for sections: the chance that a section of depth
            ``1 .. level + 1`` or less starts there, so columns rise from left to right.
        bare: bool (n,), which candidates stand in a stretch without punctuation; None: none of them, or not known.

    Raises:
        ScoresError: on NaN, values outside [0, 1], or offsets out of order.
    """

    layer: LayerName
    length: int
    offsets: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    bare: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if len(self.offsets) != len(self.probabilities):
            raise ScoresError(f"{len(self.offsets)} offsets with {len(self.probabilities)} probabilities")
        if self.bare is not None and len(self.bare) != len(self.offsets):
            raise ScoresError(f"{len(self.offsets)} offsets with {len(self.bare)} bare flags")
        if len(self.offsets):
            low, high = float(self.probabilities.min()), float(self.probabilities.max())
            if not (low >= 0 and high <= 1):  # NaN fails every comparison
                raise ScoresError(f"{self.layer} probabilities between {low} and {high}, not in [0, 1]")
            if self.offsets[0] < 1 or self.offsets[-1] >= self.length or (self.offsets[1:] <= self.offsets[:-1]).any():
                raise ScoresError(f"{self.layer} offsets must rise strictly inside a text of {self.length}")
        self.offsets.flags.writeable = False
        self.probabilities.flags.writeable = False

    def __len__(self) -> int:
        return len(self.offsets)

    @classmethod
    def empty(cls, layer: LayerName, length: int) -> Scores:
        """No candidates."""
        return cls(layer, length, np.zeros(0, np.int64), np.zeros(0, np.float32))
