"""The cascade's first stage: a small net over the 16 pieces around every gap, at memory-like speed.

It imitates the full net on punctuated text. Where it is sure, its answer stands; where it is not, and where a
stretch has no punctuation at all, the full net is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segtool.inference.characters import MARKS
from segtool.inference.pieces import (
    KIND_PUNCTUATION,
    N_CASES,
    N_CLASSES,
    N_LENGTHS,
    N_SPACES,
    PieceCutter,
    Pieces,
    Runs,
)

Float32 = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]
Int64 = npt.NDArray[np.int64]
BARE_REACH = 20
"""Pieces on either side of which none is a mark of ordinary writing, in a bare stretch."""
_CHUNK = 512
"""Gaps that it judges at a time: few enough for the cache."""


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
        self.before = self.after = self._layers[0][0].shape[0] // self.size // 2
        """Pieces that it sees up to a gap and after it."""

    def logits(self, pieces: Pieces) -> Float32:
        """(n,): logits of a sentence end after each piece."""
        n = len(pieces)
        rows = np.empty((n + self.before + self.after, self.size), np.float32)
        rows[: self.before] = rows[self.before + n :] = self._classes[N_CLASSES]
        self._embed(pieces, rows[self.before : self.before + n])
        return self._judge(rows, np.arange(1, n + 1))

    def logits_at(self, runs: Runs, gaps: Int64) -> Float32:
        """(k,): logits of a sentence end after the pieces ``gaps``, which ascend; pieces near them alone are read."""
        if not len(gaps):
            return np.zeros(0, np.float32)
        near = runs.near(gaps, self.before, self.after)
        rows = np.empty((len(near.rows), self.size), np.float32)
        self._embed(runs.pieces(near.rows), rows)
        rows[near.outside] = self._classes[N_CLASSES]
        return self._judge(rows, near.first)

    def _embed(self, pieces: Pieces, out: Float32) -> None:
        """Put the pieces' sums of rows into ``out``."""
        np.take(self._classes, pieces.classes, axis=0, out=out)
        hashes = pieces.hashes >> 1
        for column in range(hashes.shape[1]):
            out += self._table.take(hashes[:, column], axis=0)

    def _judge(self, rows: Float32, first: Int64) -> Float32:
        """The answers for the stretches of rows that begin at ``first``."""
        shape = (len(rows) - self.before - self.after + 1, (self.before + self.after) * self.size)
        windows = np.ndarray(shape, np.float32, rows, strides=rows.strides)
        out = np.empty(len(first), np.float32)
        for start in range(0, len(first), _CHUNK):
            out[start : start + _CHUNK] = self._answer(windows[first[start : start + _CHUNK]])
        return out

    def _answer(self, x: Float32) -> Float32:
        """The three layers on rows of pieces side by side."""
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
