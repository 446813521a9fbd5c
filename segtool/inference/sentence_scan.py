"""The cascade's first stage: looks at every gap between pieces, and decides those that look like nothing but one thing.

A sieve adds up numbers for six pieces around a gap and for pairs of them, by what they look like, and drops the gaps
where no sentence can end. What it leaves, one gap in eight, is judged by a tiny net that knows the words around, too.
Both are distilled from the full net; whatever they are not sure of is left to the stages after them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from segtool.inference.characters import CASED, CLASS, DIGIT, IDEOGRAPH, PUNCTUATION, UNSPACED, UPPER
from segtool.inference.pieces import HASH_BITS, N_LENGTHS, N_SPACES, WORD_LIMIT, Int64, Runs, UInt16, UInt64, mix

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]

_N_SHAPES, _N_MARKS = 8, 512
N_LOOKS = (_N_SHAPES * N_LENGTHS + _N_MARKS) * N_SPACES
"""Different looks of a piece, see ``looks``; the number after the last stands for what is outside the text."""
SIEVE_BEFORE, SIEVE_AFTER = 3, 3
"""Pieces that the sieve sees up to a gap and after it."""
PAIRS = ((0, 1), (-1, 0), (-1, 1))
"""Pairs of pieces that the sieve knows: 0 is the piece before the gap, 1 the piece after it."""
PAIR_BITS = 14
_PAIR_FACTORS = (np.uint32(2654435761), (np.uint32(40503), np.uint32(40503 * 3), np.uint32(40503 * 5)))
_CHUNK = 2048
"""Gaps that the net judges at a time: few enough for the cache."""


def _shapes() -> UInt16:
    """(65536,): shape of a word by the traits of its first character (high byte) and its last (low byte)."""
    first, last = np.divmod(np.arange(1 << 16), 256)
    kind, end = first & CLASS, last & CLASS
    out = np.full(1 << 16, 4)
    out[(first & CASED) > 0] = 0
    out[((first & CASED) > 0) & ((last & UPPER) > 0)] = 3
    out[(first & UPPER) > 0] = 1
    out[((first & UPPER) > 0) & ((last & UPPER) > 0)] = 2
    out[(kind == DIGIT) & (end == DIGIT)] = 5
    out[kind == IDEOGRAPH], out[kind == UNSPACED] = 6, 7
    return out.astype(np.uint16)


_SHAPE_OF = _shapes()
_LENGTH_OF = np.array([0, 0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6] + [7] * (WORD_LIMIT - 12), np.uint16)


def looks(runs: Runs) -> UInt16:
    """(n,): what the pieces look like, in [0, N_LOOKS): shape and length of words, marks by themselves; space before.

    Coarser than ``Pieces.classes``, and made with fewer passes: of a word's case, its ends tell enough.
    """
    first = runs.first_traits
    pair = first.astype(np.int64)
    pair <<= 8
    pair += np.take(runs.traits, runs.ends - 1)
    lengths = runs.ends - runs.starts
    shape = np.take(_SHAPE_OF, pair)
    single = np.flatnonzero((lengths == 1) & (shape == 2))
    shape[single] = 1
    shape *= np.uint16(N_LENGTHS)
    shape += np.take(_LENGTH_OF, lengths)
    marks = np.flatnonzero((first & CLASS) >= PUNCTUATION)
    code = np.take(runs.codes, np.take(runs.starts, marks))
    name = np.where(code < 128, code, 128 + ((code ^ (code >> 7)) & 127))
    name[np.take(lengths, marks) > 1] += 256
    shape[marks] = name + _N_SHAPES * N_LENGTHS
    shape *= np.uint16(N_SPACES)
    shape += runs.spaces()
    return shape


def pair_rows(looks: UInt16, pair: int, n: int, first: int) -> Int64:
    """(n,): rows of the table of a pair for gaps in order; ``looks[first]`` is the piece before the first gap."""
    factor, others = _PAIR_FACTORS
    low, high = PAIRS[pair]
    mixed = looks[first + low : first + low + n].astype(np.uint32) * factor
    mixed += looks[first + high : first + high + n].astype(np.uint32) * others[pair]
    mixed >>= np.uint32(32 - PAIR_BITS)
    return mixed.astype(np.int64)


def table_rows(values: UInt64, column: int, bits: int) -> Int64:
    """Rows of a table of ``2 ** bits`` rows of what ``Runs.hashes`` gives, salted for one of its columns."""
    return (mix(values, column) >> np.uint64(HASH_BITS - bits)).view(np.int64)


class SentenceScan:
    """The first stage, from ``scan.npz``.

    Arrays: ``sieve`` int8 (6, N_LOOKS + 1), ``pairs`` int8 (3, 2 ** PAIR_BITS), ``sieve_scale`` and ``sieve_shift``;
    ``looks``, ``words`` and ``ends`` int8 tables of one width with ``table_scale``; ``first.weight``
    (hidden, pieces x width), ``first.bias``, ``second.weight``, ``second.bias``.
    """

    def __init__(self, path: Path) -> None:
        with np.load(path) as arrays:
            self._sieve: npt.NDArray[np.int8] = arrays["sieve"]
            self._pairs: npt.NDArray[np.int8] = arrays["pairs"]
            self._sieve_scale, self._sieve_shift = float(arrays["sieve_scale"]), float(arrays["sieve_shift"])
            self._tables: list[npt.NDArray[np.int8]] = [arrays[name] for name in ("looks", "words", "ends")]
            weight = arrays["first.weight"].astype(np.float32) * np.float32(arrays["table_scale"])
            self._first = np.ascontiguousarray(weight.T), arrays["first.bias"].astype(np.float32)
            self._second = (arrays["second.weight"].astype(np.float32)[0], float(arrays["second.bias"][0]))
        self.width = self._tables[0].shape[1]
        self.reach = self._first[0].shape[0] // self.width // 2
        """Pieces that the net sees on either side of a gap."""
        self._bits = [len(table).bit_length() - 1 for table in self._tables[1:]]

    def sieve(self, looks: UInt16, low: int, high: int, floor: float) -> Int64:
        """The gaps after the pieces ``[low, high)`` that may be ends, as indices of the pieces before them, ascending.

        Args:
            looks: of all pieces, with ``reach`` rows of padding on either side.
            low, high: pieces.
            floor: log-odds below which a gap is dropped.
        """
        n, first = high - low, low + self.reach
        total = np.zeros(n, np.int16)
        at = looks.astype(np.int64)
        for column in range(SIEVE_BEFORE + SIEVE_AFTER):
            start = first - SIEVE_BEFORE + 1 + column
            total += np.take(self._sieve[column], at[start : start + n])
        for pair in range(len(PAIRS)):
            total += np.take(self._pairs[pair], pair_rows(looks, pair, n, first))
        found: Int64 = np.flatnonzero(total >= (floor - self._sieve_shift) / self._sieve_scale) + low
        return found

    def hashes(self, runs: Runs, rows: Int64) -> tuple[Int64, Int64]:
        """Rows of the tables of words and of their ends, of the pieces at ``rows``."""
        word, _, end = runs.hashes(rows)
        return table_rows(word, 0, self._bits[0]), table_rows(end, 3, self._bits[1])

    def logits(self, runs: Runs, looks: UInt16, gaps: Int64) -> Float32:
        """(n,): log-odds of ends after the pieces ``gaps``.

        Args:
            runs: the pieces.
            looks: of all of them, with ``reach`` rows of padding on either side.
            gaps: pieces before the gaps, ascending.
        """
        if not len(gaps):
            return np.zeros(0, np.float32)
        span, n = 2 * self.reach, len(looks)
        begun = np.bincount(gaps + 1, minlength=n)
        needed = begun.copy()
        needed[span:] -= begun[:-span]
        rows = np.flatnonzero(np.cumsum(needed))
        embedded = self._embed(runs, looks, rows)
        windows = np.lib.stride_tricks.sliding_window_view(embedded.ravel(), span * self.width)[:: self.width]
        first = np.searchsorted(rows, gaps + 1)
        out = np.empty(len(gaps), np.float32)
        for start in range(0, len(gaps), _CHUNK):
            out[start : start + _CHUNK] = self._judge(windows[first[start : start + _CHUNK]].astype(np.float32))
        return out

    def _embed(self, runs: Runs, looks: UInt16, rows: Int64) -> npt.NDArray[np.int16]:
        """(rows, width): the sums of the tables' rows of padded pieces."""
        at = rows - self.reach
        outside = np.flatnonzero((at < 0) | (at >= len(runs)))
        at[outside] = 0
        words, ends = self.hashes(runs, at)
        words[outside] = ends[outside] = 0
        looked = np.take(self._tables[0], np.take(looks, rows), axis=0)
        x = np.add(looked, np.take(self._tables[1], words, axis=0), dtype=np.int16)
        x += np.take(self._tables[2], ends, axis=0)
        return x

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
