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
    CASE_LOWER,
    CASE_NONE,
    KIND_PUNCTUATION,
    KIND_SYMBOL,
    N_CASES,
    N_CLASSES,
    N_LENGTHS,
    N_SPACES,
    SPACE_NONE,
    SPACE_ONE,
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
NEVER = np.float32(-20)
_ROWS = 4096


def candidates(pieces: Pieces) -> Bool:
    """(n,): the gaps of punctuated text that are worth a question: after a mark, or before white space that is more
    than one blank, or before a capital. A lower-case word after a word opens no sentence there, nor does a mark."""
    classes = pieces.classes
    space, case, kind = classes % N_SPACES, classes // N_SPACES % N_CASES, classes // (N_LENGTHS * N_CASES * N_SPACES)
    is_word = kind < KIND_PUNCTUATION
    out = np.zeros(len(pieces), np.bool_)
    after_word = is_word[:-1] | (kind[:-1] > KIND_SYMBOL)
    opens = (space[1:] > SPACE_ONE) | ((space[1:] == SPACE_ONE) & (case[1:] != CASE_LOWER) & (case[1:] != CASE_NONE))
    opens |= (space[1:] == SPACE_ONE) & ~is_word[1:]
    glued = (space[1:] == SPACE_NONE) & (kind[1:] == KIND_PUNCTUATION) & (classes[1:] == classes[:-1])
    out[:-1] = np.where(after_word, opens, ~glued)
    return out


class SentenceGate:
    """The first stage, from ``gate.npz``."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as arrays:
            scales = arrays["table_scale"].astype(np.float32)
            self._table: Float32 = arrays["table"].astype(np.float32) * scales[:, None]
            self._classes: Float32 = arrays["classes.weight"].astype(np.float32)
            self._layers = [
                (
                    np.ascontiguousarray(arrays[f"{name}.weight"].astype(np.float32).T),
                    arrays[f"{name}.bias"].astype(np.float32),
                )
                for name in ("first", "second", "third")
            ]
        self.size = self._classes.shape[1]

    def logits(self, pieces: Pieces) -> Float32:
        """(n,): logits of a sentence end after each piece; ``NEVER`` where no sentence of punctuated text ends."""
        n = len(pieces)
        padded = np.empty((n + BEFORE + AFTER - 1, self.size), np.float32)
        padded[: BEFORE - 1] = padded[BEFORE - 1 + n :] = self._classes[N_CLASSES]
        inner = padded[BEFORE - 1 : BEFORE - 1 + n]
        np.take(self._classes, pieces.classes, axis=0, out=inner)
        rows = pieces.hashes >> 1
        for column in range(rows.shape[1]):
            inner += self._table[rows[:, column]]
        around = np.lib.stride_tricks.sliding_window_view(padded.reshape(-1), (BEFORE + AFTER) * self.size)
        out = np.full(n, NEVER, np.float32)
        gaps = np.flatnonzero(candidates(pieces))
        for start in range(0, len(gaps), _ROWS):
            part = gaps[start : start + _ROWS]
            out[part] = self._answer(around[part * self.size])
        return out

    def _answer(self, x: Float32) -> Float32:
        """The three layers on rows of 16 pieces side by side."""
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
