"""The cascade's first stage: looks at every gap between pieces, and decides those that look like nothing but one thing.

A sieve adds up numbers for pairs of the characters around a gap, and drops the gaps where no sentence can end. What it
leaves, one gap in ten, is judged by a tiny net that sees what the pieces around look like, and the words among them.
Both are distilled from the full net; whatever they are not sure of is left to the stages after them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from segtool.inference.characters import BLANK, LINE_BREAK, UInt8
from segtool.inference.pieces import N_LENGTHS, N_SPACES, WORD_LIMIT, Int64, Near, Runs, UInt16

Float32 = npt.NDArray[np.float32]
Int8 = npt.NDArray[np.int8]

_N_WORDS = 6
N_LOOKS = (_N_WORDS + 256) * N_LENGTHS * N_SPACES
"""Different looks of a piece, see ``looks``; the number after the last stands for what is outside the text."""
N_PAIRS, PAIR_ROWS = 5, 1 << 16
"""Pairs of symbols around a gap that the sieve adds up, see ``pairs_around``."""
MOST = 5
"""Units of ``pairs`` in one of ``most``."""
N_WIDTHS = 3
"""What may stand in a gap that is looked up in ``most``: one blank, one line break, nothing."""
_BITS = (0, LINE_BREAK ^ BLANK, 7)
"""The bits of a look-up in which the three stand."""
_CHUNK = 2048
"""Gaps that the net judges at a time: few enough for the cache."""
_BEFORE, _AFTER = 3, 2
"""Symbols that the sieve sees on either side of a gap."""
_CAPITALS = [*range(ord("A"), ord("Z") + 1), *range(128, 160)]
_SMALLS = [*range(ord("a"), ord("z") + 1), *range(160, 192)]
_DIGITS = [*range(ord("0"), ord("9") + 1)]


def _shapes() -> UInt16:
    """(65536,): shape of a piece by its first symbol (high byte) and its last (low byte): of a mark, its first."""
    out = np.repeat(np.arange(256), 256).reshape(256, 256) + _N_WORDS
    word = np.array([*_CAPITALS, *_SMALLS, *_DIGITS])
    out[word] = 5
    for shape, (first, last) in enumerate(
        [(_SMALLS, _SMALLS), (_CAPITALS, _SMALLS), (_CAPITALS, _CAPITALS), (_SMALLS, _CAPITALS), (_DIGITS, _DIGITS)]
    ):
        out[np.ix_(first, last)] = shape
    return out.astype(np.uint16).ravel() * np.uint16(N_LENGTHS * N_SPACES)


_SHAPE_OF = _shapes()
_LENGTH_OF = np.array([0, 0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6] + [7] * (WORD_LIMIT - 12), np.uint16) * np.uint16(
    N_SPACES
)


def looks(runs: Runs, rows: Int64) -> UInt16:
    """(n,): what the pieces at ``rows`` look like: shape and length of words, marks by themselves; space before."""
    starts, ends = runs.starts.take(rows), runs.ends.take(rows)
    pair = runs.symbols.take(starts).astype(np.uint16)
    pair <<= 8
    pair |= runs.symbols.take(ends - 1)
    look: UInt16 = _SHAPE_OF.take(pair)
    look += _LENGTH_OF.take(ends - starts, mode="clip")
    look += runs.spaces(rows)
    return look


def pairs_around(symbols: UInt8, ends: Int64, starts: Int64) -> list[UInt16]:
    """Rows of the sieve's tables for gaps: the symbols before and after them, two and two.

    Args:
        symbols: of the text, with ``_BEFORE`` more before it and ``_AFTER`` after it.
        ends: of the pieces before the gaps.
        starts: of the pieces after them.
    """
    last = symbols.take(ends + (_BEFORE - 1)).astype(np.uint16)
    last <<= 8
    second = symbols.take(ends + (_BEFORE - 2))
    third = symbols.take(ends + (_BEFORE - 3)).astype(np.uint16)
    third <<= 8
    first = symbols.take(starts + _BEFORE).astype(np.uint16)
    space = np.minimum(starts - ends, 2).astype(np.uint16)
    space += (symbols.take(ends + _BEFORE) == LINE_BREAK) * np.uint16(2)
    return [
        last | second,
        last | first,
        (first << 8) | symbols.take(starts + _BEFORE + 1),
        last | space,
        third | second,
    ]


def around(symbols: UInt8) -> UInt8:
    """Symbols with what ``pairs_around`` sees outside the text."""
    out = np.zeros(_BEFORE + len(symbols) + _AFTER, np.uint8)
    out[_BEFORE : _BEFORE + len(symbols)] = symbols
    return out


class SentenceScan:
    """The first stage, from ``scan.npz``.

    Arrays: ``pairs`` int8 (N_PAIRS, PAIR_ROWS), ``most`` int8 (N_WIDTHS, PAIR_ROWS), the sum that gaps reach by what
    stands in them and the symbols next to them, but for so few that they don't matter, ``sieve_scale`` and
    ``sieve_shift``; ``looks``, ``words`` and ``ends`` int8 tables of one width with ``table_scale``; ``first.weight``
    (hidden, pieces x width), ``first.bias``, ``second.weight``, ``second.bias``.

    Args:
        path: of the file.
        floor: log-odds below which the sieve drops a gap.
        ceiling: log-odds from which on the sieve's word is enough; it is quick then, and drops gaps by the symbols next
            to them alone where hardly any is an end.
    """

    def __init__(self, path: Path, floor: float, ceiling: float = np.inf) -> None:
        with np.load(path) as arrays:
            self._pairs: Int8 = arrays["pairs"]
            self._scale, self._shift = np.float32(arrays["sieve_scale"]), np.float32(arrays["sieve_shift"])
            self._floor = int(np.ceil((floor - float(self._shift)) / float(self._scale)))
            self._ceiling = np.float32(ceiling)
            self._passes = np.zeros(PAIR_ROWS, np.uint8)
            for row, bit in zip(arrays["most"].astype(np.int16) * MOST >= self._floor, _BITS, strict=True):
                self._passes |= row.astype(np.uint8) << np.uint8(bit)
            self._tables = [arrays[name].astype(np.int16) for name in ("looks", "words", "ends")]
            weight = arrays["first.weight"].astype(np.float32) * np.float32(arrays["table_scale"])
            self._first = np.ascontiguousarray(weight.T), arrays["first.bias"].astype(np.float32)
            self._second = (arrays["second.weight"].astype(np.float32)[0], float(arrays["second.bias"][0]))
        self.width = self._tables[0].shape[1]
        self.reach = self._first[0].shape[0] // self.width // 2
        """Pieces that the net sees on either side of a gap."""
        self._bits = [len(table).bit_length() - 1 for table in self._tables[1:]]

    def decide(self, runs: Runs, low: int, high: int) -> tuple[Int64, Float32]:
        """The gaps after the pieces ``[low, high)`` that may be ends, and log-odds, the sieve's own if it is sure."""
        gaps, odds = self.sieve(runs, low, high)
        if self._ceiling == np.inf:
            return gaps, self.logits(runs, gaps)
        open_gaps = (odds < self._ceiling).nonzero()[0]
        odds[open_gaps] = self.logits(runs, gaps.take(open_gaps))
        return gaps, odds

    def sieve(self, runs: Runs, low: int, high: int) -> tuple[Int64, Float32]:
        """The gaps after the pieces ``[low, high)`` that may be ends, and the sieve's log-odds.

        Gaps are named by the pieces before them and ascend. There has to be a piece after the last one; the end of a
        text among others is no gap.
        """
        symbols = around(runs.symbols)
        ends, starts = runs.ends[low:high], runs.starts[low + 1 : high + 1]
        first = None if self._ceiling == np.inf else self._likely(symbols, ends, starts)
        if first is not None:
            ends, starts = ends.take(first), starts.take(first)
        total = np.zeros(len(ends), np.int16)
        columns = pairs_around(symbols, ends, starts)
        for table, rows in zip(self._pairs, columns, strict=True):
            total += table.take(rows)
        kept = (total >= self._floor).nonzero()[0]
        found: Int64 = (kept if first is None else first.take(kept)) + low
        if len(runs.texts) > 1:
            inner = (~np.isin(found + 1, runs.bounds)).nonzero()[0]
            kept, found = kept.take(inner), found.take(inner)
        odds = total.take(kept) * self._scale
        odds += self._shift
        return found, odds

    def _likely(self, symbols: UInt8, ends: Int64, starts: Int64) -> Int64:
        """Which gaps are worth a sum, by the symbols next to them and what stands between."""
        beside = symbols.take(ends + (_BEFORE - 1)).astype(np.uint16)
        beside <<= 8
        beside |= symbols.take(starts + _BEFORE)
        inside = symbols.take(ends + _BEFORE)
        inside ^= BLANK
        passed = self._passes.take(beside)
        passed >>= np.minimum(inside, _BITS[2], out=inside)
        passed &= 1
        passed |= (starts - ends > 1).view(np.uint8)
        return passed.nonzero()[0]

    def logits(self, runs: Runs, gaps: Int64) -> Float32:
        """(n,): log-odds of ends after the pieces ``gaps``, ascending."""
        if not len(gaps):
            return np.zeros(0, np.float32)
        near = runs.near(gaps, self.reach, self.reach)
        embedded, first = self._embed(runs, near), near.first
        shape = (len(embedded) - 2 * self.reach + 1, 2 * self.reach * self.width)
        windows = np.ndarray(shape, np.int16, embedded, strides=embedded.strides)
        out = np.empty(len(gaps), np.float32)
        for start in range(0, len(gaps), _CHUNK):
            out[start : start + _CHUNK] = self._judge(windows[first[start : start + _CHUNK]].astype(np.float32))
        return out

    def _embed(self, runs: Runs, near: Near) -> npt.NDArray[np.int16]:
        """(n, width): the sums of the tables' rows of pieces; those of a piece outside the text are of padding."""
        seen = looks(runs, near.rows)
        words, ends = runs.short_hashes(near.rows, *self._bits)
        seen[near.outside], words[near.outside], ends[near.outside] = N_LOOKS, 0, 0
        x: npt.NDArray[np.int16] = self._tables[0].take(seen, axis=0)
        x += self._tables[1].take(words, axis=0)
        x += self._tables[2].take(ends, axis=0)
        return x

    def _judge(self, x: Float32) -> Float32:
        hidden = x @ self._first[0]
        hidden += self._first[1]
        np.maximum(hidden, 0, out=hidden)
        answer: Float32 = hidden @ self._second[0] + self._second[1]
        return answer
