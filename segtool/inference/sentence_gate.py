"""The cascade's first stage: a small net over the 16 pieces around every gap, at memory-like speed.

It imitates the full net on punctuated text. Where it is sure, its answer stands; where it is not, and where a
stretch has no punctuation at all, the full net is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segtool.inference.pieces import (
    KIND_PUNCTUATION,
    N_CASES,
    N_CLASSES,
    N_LENGTHS,
    N_SPACES,
    PieceCutter,
    Pieces,
)

Float32 = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]
BEFORE, AFTER = 8, 8
"""Pieces that it sees up to a gap and after it."""
MARKS = ".?!,;:…。，、；：？！．؟،؛۔।॥።፣፤၊။៖។៕·‧‥"
"""Punctuation that a stretch of ordinary writing holds; without any, it counts as bare."""
BARE_REACH = 20


class SentenceGate:
    """The first stage, from ``gate.npz``."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as arrays:
            scales = arrays["table_scale"].astype(np.float32)
            self._table: Float32 = arrays["table"].astype(np.float32) * scales[:, None]
            self._classes: Float32 = arrays["classes"] * arrays["class_scales"].astype(np.float32)[:, None]
            self._layers = [
                (
                    np.ascontiguousarray(arrays[f"{name}.weight"].astype(np.float32).T),
                    arrays[f"{name}.bias"].astype(np.float32),
                )
                for name in ("first", "second", "third")
            ]
        self.size = self._classes.shape[1]

    def logits(self, pieces: Pieces) -> Float32:
        """(n,): logits of a sentence end after each piece."""
        n, span = len(pieces), BEFORE + AFTER
        padded = np.empty((n + 2 * span, self.size), np.float32)
        padded[: BEFORE - 1] = padded[BEFORE - 1 + n :] = self._classes[N_CLASSES]
        inner = padded[BEFORE - 1 : BEFORE - 1 + n]
        np.take(self._classes, pieces.classes, axis=0, out=inner)
        rows = pieces.hashes >> 1
        for column in range(rows.shape[1]):
            inner += self._table[rows[:, column]]
        out = np.empty(n, np.float32)
        flat = padded.reshape(-1)
        for first in range(min(span, n)):
            count = (n - first + span - 1) // span
            start = first * self.size
            part = flat[start : start + count * span * self.size].reshape(count, span * self.size)
            out[first::span] = self._answer(part)
        return out

    def _answer(self, x: Float32) -> Float32:
        """The three layers on rows of 16 pieces side by side; gaps 16 apart share none, so the rows are a view."""
        for weight, bias in self._layers[:-1]:
            x = x @ weight
            x += bias
            np.maximum(x, 0, out=x)
        weight, bias = self._layers[-1]
        answer: Float32 = (x @ weight)[:, 0] + bias[0]
        return answer


@dataclass(frozen=True, slots=True)
class BareFinder:
    """Finds stretches without punctuation: no mark of ``MARKS`` within ``BARE_REACH`` pieces on either side."""

    rows: Bool

    @classmethod
    def make(cls, cutter: PieceCutter) -> BareFinder:
        """The finder, with the table rows of the marks."""
        rows = np.zeros(1 << 16, np.bool_)
        rows[cutter.cut(" ".join(MARKS)).hashes[:, 0]] = True
        return cls(rows)

    def bare(self, pieces: Pieces) -> Bool:
        """(n,): whether each piece stands in a bare stretch."""
        kinds = pieces.classes // (N_LENGTHS * N_CASES * N_SPACES)
        marks = self.rows[pieces.hashes[:, 0]] & (kinds == KIND_PUNCTUATION)
        total = np.zeros(len(pieces) + 1, np.int32)
        np.cumsum(marks, out=total[1:])
        at = np.arange(len(pieces))
        high = np.minimum(at + BARE_REACH + 1, len(pieces))
        low = np.maximum(at - BARE_REACH, 0)
        bare: Bool = total[high] == total[low]
        return bare
