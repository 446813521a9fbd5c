"""The cascade's first stage: looks at every gap between pieces, and decides those that look like nothing but one thing.

A sieve adds up numbers for six pieces around a gap and for pairs of them, by what they look like, and drops the gaps
where no sentence can end. What it leaves, one gap in eight, is judged by a tiny net that knows the words around, too.
Both are distilled from the full net; whatever they are not sure of is left to the stages after them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from segtool.inference.characters import PUNCTUATION
from segtool.inference.pieces import N_CASES, N_KINDS, N_LENGTHS, N_SPACES, Int64, Runs, UInt16, UInt64, mix

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]

N_LOOKS = (N_KINDS * N_LENGTHS * N_CASES + 512) * N_SPACES
"""Different looks of a piece, see ``looks``; the number after the last stands for what is outside the text."""
SIEVE_BEFORE, SIEVE_AFTER = 3, 3
"""Pieces that the sieve sees up to a gap and after it."""
PAIRS = ((0, 1), (-1, 0), (-1, 1))
"""Pairs of pieces that the sieve knows: 0 is the piece before the gap, 1 the piece after it."""
PAIR_BITS = 15
_PAIR_FACTORS = (np.uint32(2654435761), (np.uint32(40503), np.uint32(40503 * 3), np.uint32(40503 * 5)))
_CHUNK = 2048
"""Gaps that the net judges at a time: few enough for the cache."""


def looks(runs: Runs, rows: Int64) -> UInt16:
    """What pieces look like, in [0, N_LOOKS): kind, length and case of words, marks by themselves; white space before.

    Args:
        runs: the pieces.
        rows: which of them.
    """
    packed = runs.classes(rows)
    spaces = packed % N_SPACES
    shape = packed // N_SPACES
    marks = np.flatnonzero(np.take(runs.first, rows) >= PUNCTUATION)
    if len(marks):
        at = np.take(rows, marks)
        starts = np.take(runs.starts, at)
        code = np.take(runs.codes, starts)
        name = np.where(code < 128, code, 128 + ((code ^ (code >> 7)) & 127))
        name += (np.take(runs.ends, at) - starts > 1).astype(np.uint32) * 256
        shape[marks] = name + N_KINDS * N_LENGTHS * N_CASES
    return shape * np.uint16(N_SPACES) + spaces


def pair_rows(looks: UInt16, pair: int, n: int, first: int) -> Int64:
    """(n,): rows of the table of a pair for gaps in order; ``looks[first]`` is the piece before the first gap."""
    factor, others = _PAIR_FACTORS
    low, high = PAIRS[pair]
    mixed = looks[first + low : first + low + n].astype(np.uint32) * factor
    mixed += looks[first + high : first + high + n].astype(np.uint32) * others[pair]
    mixed >>= np.uint32(32 - PAIR_BITS)
    return mixed.astype(np.int64)


class SentenceScan:
    """The first stage, from ``scan.npz``.

    Arrays: ``sieve`` int8 (6, N_LOOKS + 1), ``pairs`` int8 (3, 2 ** PAIR_BITS), ``sieve_scale`` and ``sieve_shift``;
    ``looks``, ``words`` and ``ends`` int8 tables of one width with ``table_scales`` (3,); ``first.weight``
    (hidden, pieces x width), ``first.bias``, ``second.weight``, ``second.bias``.
    """

    def __init__(self, path: Path) -> None:
        with np.load(path) as arrays:
            self._sieve: npt.NDArray[np.int8] = arrays["sieve"]
            self._pairs: npt.NDArray[np.int8] = arrays["pairs"]
            self._sieve_scale, self._sieve_shift = float(arrays["sieve_scale"]), float(arrays["sieve_shift"])
            scales = arrays["table_scales"].astype(np.float32)
            self._tables: list[Float32] = [
                arrays[name].astype(np.float32) * scale
                for name, scale in zip(("looks", "words", "ends"), scales, strict=True)
            ]
            self._first = (
                np.ascontiguousarray(arrays["first.weight"].astype(np.float32).T),
                arrays["first.bias"].astype(np.float32),
            )
            self._second = (arrays["second.weight"].astype(np.float32)[0], float(arrays["second.bias"][0]))
        self.width = self._tables[0].shape[1]
        self.reach = self._first[0].shape[0] // self.width // 2
        """Pieces that the net sees on either side of a gap."""
        self._bits = len(self._tables[1]).bit_length() - 1

    def sieve(self, looks: UInt16, low: int, high: int, floor: float) -> Int64:
        """The gaps after the pieces ``[low, high)`` that may be ends, as indices of the pieces before them, ascending.

        Args:
            looks: of all pieces, with ``reach`` rows of padding on either side.
            low, high: pieces.
            floor: log-odds below which a gap is dropped.
        """
        n, first = high - low, low + self.reach
        total = np.zeros(n, np.int16)
        for column in range(SIEVE_BEFORE + SIEVE_AFTER):
            start = first - SIEVE_BEFORE + 1 + column
            total += np.take(self._sieve[column], looks[start : start + n])
        for pair in range(len(PAIRS)):
            total += np.take(self._pairs[pair], pair_rows(looks, pair, n, first))
        found: Int64 = np.flatnonzero(total >= (floor - self._sieve_shift) / self._sieve_scale) + low
        return found

    def hashes(self, runs: Runs, rows: Int64) -> tuple[UInt64, UInt64]:
        """Rows of the tables of words and of their ends, of the pieces at ``rows``."""
        word, _, end = runs.hashes(rows)
        shift = np.uint64(16 - self._bits)
        return mix(word, 0) >> shift, mix(end, 3) >> shift

    def logits(self, runs: Runs, looks: UInt16, gaps: Int64) -> Float32:
        """(n,): log-odds of ends after the pieces ``gaps``.

        Args:
            runs: the pieces.
            looks: of all of them, with ``reach`` rows of padding on either side.
            gaps: pieces before the gaps.
        """
        out = np.empty(len(gaps), np.float32)
        span = np.arange(1 - self.reach, 1 + self.reach)
        for start in range(0, len(gaps), _CHUNK):
            near = (gaps[start : start + _CHUNK, None] + span).ravel()
            out[start : start + _CHUNK] = self._judge(self._embed(runs, looks, near))
        return out

    def _embed(self, runs: Runs, looks: UInt16, near: Int64) -> Float32:
        """(gaps, pieces x width): the rows of the pieces ``near`` gaps, those outside the text as padding."""
        rows = np.clip(near, 0, len(runs) - 1)
        words, ends = self.hashes(runs, rows)
        outside = np.flatnonzero(rows != near)
        words[outside] = ends[outside] = 0
        x: Float32 = np.take(self._tables[0], np.take(looks, near + self.reach), axis=0)
        x += np.take(self._tables[1], words.astype(np.int64), axis=0)
        x += np.take(self._tables[2], ends.astype(np.int64), axis=0)
        return x.reshape(-1, 2 * self.reach * self.width)

    def _judge(self, x: Float32) -> Float32:
        hidden = x @ self._first[0]
        hidden += self._first[1]
        np.maximum(hidden, 0, out=hidden)
        answer: Float32 = hidden @ self._second[0] + self._second[1]
        return answer


def padded(looks: UInt16, reach: int) -> UInt16:
    """Looks with ``reach`` rows of padding on either side."""
    out = np.full(len(looks) + 2 * reach, N_LOOKS, np.uint16)
    out[reach : reach + len(looks)] = looks
    return out
