"""Text to pieces: the tokens of the sentence model, cut and hashed in a few passes of numpy.

A piece is a run of letters, marks and digits; a run of one same punctuation mark or symbol; one ideograph or
kana; or up to four characters of a script written without spaces. White space is no piece but a feature of
the piece after it. Every piece carries four 16-bit hashes of its lower-cased characters, which index one
embedding table, and one class that packs kind, length, case and white space. Training and inference share
this module, so a model sees the same numbers in both. It holds no state but tables of characters.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from segtool.inference.characters import BREAK, CASED, CLASS, LINE_BREAKS, MARK, UPPER, CharacterTables, UInt8, UInt32
from segtool.inference.characters import DIGIT as DIGIT
from segtool.inference.characters import IDEOGRAPH as IDEOGRAPH
from segtool.inference.characters import LETTER as LETTER
from segtool.inference.characters import PUNCTUATION as PUNCTUATION
from segtool.inference.characters import SPACE as SPACE
from segtool.inference.characters import SYMBOL as SYMBOL
from segtool.inference.characters import UNSPACED as UNSPACED
from segtool.inference.characters import code_points as code_points

UInt16 = npt.NDArray[np.uint16]
UInt64 = npt.NDArray[np.uint64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

N_HASHES = 4
HASH_BITS = 16
N_KINDS, N_LENGTHS, N_CASES, N_SPACES = 6, 8, 5, 6
N_CLASSES = N_KINDS * N_LENGTHS * N_CASES * N_SPACES

KIND_WORD, KIND_NUMBER, KIND_PUNCTUATION, KIND_SYMBOL, KIND_IDEOGRAPH, KIND_CHUNK = range(N_KINDS)
CASE_LOWER, CASE_TITLE, CASE_UPPER, CASE_MIXED, CASE_NONE = range(N_CASES)
SPACE_NONE, SPACE_ONE, SPACE_MORE, SPACE_BREAK, SPACE_BREAK_BLANKS, SPACE_BREAKS = range(N_SPACES)

WORD_LIMIT, CHUNK_LIMIT = 64, 4
SLICE, SLACK = 1 << 16, 1 << 12
OPENING = 1024
_BEFORE_SPACE = re.compile(r"\S(?=\s)")
_LINE_BREAK = re.compile(f"[{re.escape(''.join(map(chr, LINE_BREAKS)))}]")
_LENGTH_OF = np.array([0, 0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6] + [7] * (WORD_LIMIT - 12), np.uint8)
_KIND_OF = np.array(
    [KIND_SYMBOL, KIND_WORD, KIND_NUMBER, KIND_IDEOGRAPH, KIND_CHUNK, KIND_PUNCTUATION, KIND_SYMBOL], np.uint8
)
_LIMIT_OF = np.full(16, WORD_LIMIT, np.int64)
_LIMIT_OF[UNSPACED], _LIMIT_OF[SPACE] = CHUNK_LIMIT, 1 << 62
_TRAITS = np.arange(256)
_COUNTS: Int32 = (
    ((_TRAITS & UPPER) > 0) + (((_TRAITS & CASED) > 0) << 10) + ((_TRAITS & 15 == LETTER).astype(np.int64) << 20)
).astype(np.int32)
"""Of a trait: upper case, cased, letter, ten bits each, so that one running sum counts all three."""
_BASE = 0x9E3779B97F4A7C15 | 1
_SALTS = np.array(
    [0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3], np.uint64
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of a text in order; arrays of one length n.

    Attributes:
        starts, ends: Offsets in code points, half open; no piece holds white space.
        hashes: (n, 4), rows of the embedding table: whole word twice, first three, last three characters.
        classes: In [0, N_CLASSES): ``((kind * 8 + length) * 5 + case) * 6 + space before``.
    """

    starts: Int32
    ends: Int32
    hashes: UInt16
    classes: UInt16

    def __len__(self) -> int:
        return len(self.starts)


NO_PIECES = Pieces(
    np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros((0, N_HASHES), np.uint16), np.zeros(0, np.uint16)
)


class Runs:
    """The pieces of a stretch of text, with numbers made only for those asked for.

    Args:
        codes: the code points of the stretch, which begins where a piece may begin.
        tables: of characters.
        powers: of the hash and their inverses.
        opening: what stands before the first piece, a ``SPACE_`` value; None: what the stretch itself holds.

    Attributes:
        starts, ends: int64 (n,), half open.
        is_mark: bool (n,), single marks of ``characters.MARKS``.
    """

    def __init__(self, codes: UInt32, tables: CharacterTables, powers: Powers, opening: int | None) -> None:
        self.codes = codes
        self._tables, self._powers, self._opening = tables, powers, opening
        self.traits = tables.traits(codes)
        joined = self.traits & np.uint8(15)
        joined[joined == DIGIT] = LETTER
        self.starts, self.ends = _runs(codes, joined)
        self.first_traits: UInt8 = np.take(self.traits, self.starts)
        """(n,): of each piece's first character."""
        self._before = np.concatenate([np.zeros(1, np.int64), self.ends[:-1]])[: len(self.starts)]
        self._prefix: UInt64 | None = None
        self._totals: Int32 | None = None

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def is_mark(self) -> Bool:
        """Which pieces are single marks of ordinary writing."""
        marks: Bool = (self.first_traits & MARK) > 0
        marks &= self.ends - self.starts == 1
        return marks

    def pieces(self, at: Int64 | slice, offset: int = 0) -> Pieces:
        """The pieces at ``at``, their offsets moved by ``offset``."""
        rows = np.arange(len(self), dtype=np.int64)[at] if isinstance(at, slice) else at
        starts, ends = np.take(self.starts, rows), np.take(self.ends, rows)
        hashes = np.empty((len(rows), N_HASHES), np.uint16)
        word, first, final = self.hashes(rows)
        for column, value in enumerate((word, word, first, final)):
            hashes[:, column] = mix(value, column)
        return Pieces((starts + offset).astype(np.int32), (ends + offset).astype(np.int32), hashes, self.classes(rows))

    def classes(self, rows: Int64) -> UInt16:
        """(n,): kind, length, case and white space before of the pieces at ``rows``."""
        starts, ends = np.take(self.starts, rows), np.take(self.ends, rows)
        if self._totals is None:
            self._totals = np.zeros(len(self.codes) + 1, np.int32)
            np.cumsum(np.take(_COUNTS, self.traits), out=self._totals[1:])
        counts = np.take(self._totals, ends) - np.take(self._totals, starts)
        upper, cased, letters = counts & 0x3FF, (counts >> 10) & 0x3FF, counts >> 20
        first = np.take(self.first_traits, rows)
        kinds = np.take(_KIND_OF, first & CLASS)
        kinds[(kinds == KIND_NUMBER) & (letters > 0)] = KIND_WORD
        case = np.full(len(rows), CASE_MIXED, np.uint8)
        case[upper == cased] = CASE_UPPER
        case[(upper == 1) & ((first & UPPER) > 0)] = CASE_TITLE
        case[upper == 0] = CASE_LOWER
        case[cased == 0] = CASE_NONE
        packed = (kinds.astype(np.uint16) * N_LENGTHS + np.take(_LENGTH_OF, ends - starts)) * N_CASES + case
        packed *= N_SPACES
        packed += self.spaces(rows)
        return packed

    def spaces(self, rows: Int64 | None = None) -> UInt8:
        """(n,): white space before the pieces at ``rows`` (None: all), as one of the six ``SPACE_`` values."""
        starts = self.starts if rows is None else np.take(self.starts, rows)
        before = self._before if rows is None else np.take(self._before, rows)
        gaps = starts - before
        out: UInt8 = np.minimum(gaps, 2).astype(np.uint8)
        alone = (np.take(self.traits, before) & BREAK) > 0
        alone &= gaps == 1
        out[alone] = SPACE_BREAK
        wide = np.flatnonzero(gaps > 1)
        if len(wide):
            out[wide] = self._wide_spaces(np.take(before, wide), np.take(starts, wide))
        if self._opening is not None and len(out):
            out[0 if rows is None else rows == 0] = self._opening
        return out

    def _wide_spaces(self, low: Int64, high: Int64) -> UInt8:
        """The ``SPACE_`` values of white space of two characters or more; CR LF counts as one line break."""
        at = np.flatnonzero(self.traits & BREAK)
        codes = np.take(self.codes, at)
        pair = np.zeros(len(at), np.bool_)
        pair[1:] = (codes[1:] == 0x0A) & (codes[:-1] == 0x0D) & (at[1:] == at[:-1] + 1)
        pairs = np.concatenate([[0], np.cumsum(pair)])
        first, last = np.searchsorted(at, low), np.searchsorted(at, high)
        n_pairs = np.take(pairs, last) - np.take(pairs, first)
        n_lines = last - first - n_pairs
        single = np.where(high - low - n_pairs > 1, SPACE_BREAK_BLANKS, SPACE_BREAK)
        out = np.where(n_lines == 0, SPACE_MORE, np.where(n_lines == 1, single, SPACE_BREAKS))
        return out.astype(np.uint8)

    def hashes(self, rows: Int64) -> tuple[UInt64, UInt64, UInt64]:
        """Of the pieces at ``rows``: the whole word, its first three and its last three characters, not yet mixed."""
        starts, ends = np.take(self.starts, rows), np.take(self.ends, rows)
        head, tail = np.minimum(starts + 3, ends), np.maximum(ends - 3, starts)
        head_start, tail_end = starts, ends
        kinds = np.take(self.first_traits, rows) & CLASS
        single, chunk = kinds == IDEOGRAPH, kinds == UNSPACED
        if single.any() or chunk.any():
            head = np.where(chunk, np.minimum(starts + 2, ends), np.where(single, ends, head))
            tail = np.where(chunk, np.maximum(ends - 2, starts), np.where(single, starts, tail))
            head_start = np.where(single, np.maximum(starts - 1, 0), starts)
            tail_end = np.where(single, np.minimum(ends + 1, len(self.codes)), ends)
        return self._hash(starts, ends), self._hash(head_start, head), self._hash(tail, tail_end)

    def _hash(self, low: Int64, high: Int64) -> UInt64:
        if self._prefix is None:
            lower = self._tables.lower(self.codes, is_known=True).astype(np.uint64)
            lower += np.uint64(1)
            lower *= self._powers.of(len(lower))
            self._prefix = np.zeros(len(lower) + 1, np.uint64)
            np.cumsum(lower, out=self._prefix[1:])
        value = np.take(self._prefix, high)
        value -= np.take(self._prefix, low)
        value *= np.take(self._powers.inverses, low)
        return value


class Powers:
    """Powers of the base of the hash, and their inverses, for places in a stretch of text."""

    def __init__(self) -> None:
        self._make(SLICE + SLACK)

    def of(self, n: int) -> UInt64:
        """The first ``n`` powers; ``inverses`` has as many then."""
        if n > len(self._powers):
            self._make(2 * n)
        return self._powers[:n]

    def _make(self, n: int) -> None:
        powers = np.full(n, np.uint64(_BASE), np.uint64)
        powers[0] = 1
        self._powers: UInt64 = np.cumprod(powers, dtype=np.uint64)
        powers[1:] = np.uint64(pow(_BASE, -1, 1 << 64))
        self.inverses: UInt64 = np.cumprod(powers, dtype=np.uint64)


class PieceCutter:
    """Cuts texts into pieces."""

    def __init__(self) -> None:
        self._tables = CharacterTables()
        self._powers = Powers()

    def cut(self, text: str) -> Pieces:
        """All pieces of ``text``."""
        return join_pieces(list(self.iter_cut(text)))

    def iter_cut(self, text: str) -> Iterator[Pieces]:
        """The pieces of ``text`` slice by slice, so that scratch memory is bounded; slices without pieces are left out.

        A slice of some 64 k characters ends before white space where there is any. It depends only on what
        stands before its end, so a longer text begins with the same pieces.
        """
        start = 0
        while start < len(text):
            stop = _slice_end(text, start)
            runs = self.runs(text[start:stop], opening_of(text) if start == 0 else None)
            if len(runs):
                yield runs.pieces(slice(None), start)
            start = stop

    def runs(self, text: str, opening: int | None = None) -> Runs:
        """The pieces of a stretch of text, their numbers made on demand."""
        return Runs(code_points(text), self._tables, self._powers, opening)

    def traits(self, codes: UInt32) -> UInt8:
        """Per character: class and the bits of ``characters``."""
        return self._tables.traits(codes)

    def lower(self, codes: UInt32) -> UInt32:
        """Lower case, one character for one; unchanged where lower case has another length."""
        return self._tables.lower(codes)


def opening_of(text: str) -> int:
    """What stands before the first piece of a text, as one of the ``SPACE_`` values.

    A text begins as after a blank line, or after blanks if its first ``OPENING`` characters hold no line break: else a
    net would expect breaks between its sentences, too.
    """
    return SPACE_BREAKS if _LINE_BREAK.search(text, 0, OPENING) else SPACE_MORE


def join_pieces(parts: Sequence[Pieces]) -> Pieces:
    """Pieces of consecutive slices as one."""
    if len(parts) == 1:
        return parts[0]
    parts = parts or [NO_PIECES]
    return Pieces(
        np.concatenate([p.starts for p in parts]),
        np.concatenate([p.ends for p in parts]),
        np.concatenate([p.hashes for p in parts]),
        np.concatenate([p.classes for p in parts]),
    )


def _slice_end(text: str, start: int) -> int:
    """End of the slice that begins at ``start``: before white space if there is any in its last part."""
    if start + SLICE + SLACK >= len(text):
        return len(text)
    match = _BEFORE_SPACE.search(text, start + SLICE, start + SLICE + SLACK)
    return match.end() if match else start + SLICE + SLACK


def mix(values: UInt64, column: int) -> UInt64:
    """Hashes of ``HASH_BITS`` bits of what ``Runs.hashes`` gives, salted for one of the four columns."""
    mixed = values >> np.uint64(29)
    mixed ^= values
    mixed *= _SALTS[column]
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0x9FB21C651E98DF25)
    mixed >>= np.uint64(64 - HASH_BITS)
    return mixed


def _runs(codes: UInt32, joined: UInt8) -> tuple[Int64, Int64]:
    """Starts and ends of the runs that are pieces; ``joined`` has the classes, digits as letters."""
    if not len(codes):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    new = np.empty(len(codes), np.bool_)
    new[0] = True
    np.not_equal(joined[1:], joined[:-1], out=new[1:])
    marks = np.flatnonzero(joined >= PUNCTUATION)
    marks = marks[1:] if len(marks) and marks[0] == 0 else marks
    new[marks] |= np.take(codes, marks) != np.take(codes, marks - 1)
    new |= joined == IDEOGRAPH
    starts = np.flatnonzero(new)
    lengths = np.diff(starts, append=len(codes))
    kinds = np.take(joined, starts)
    limits = np.take(_LIMIT_OF, kinds)
    if (lengths > limits).any():
        starts = _split_long(starts, lengths, limits)
        lengths = np.diff(starts, append=len(codes))
        kinds = np.take(joined, starts)
    keep = np.flatnonzero(kinds)
    starts = np.take(starts, keep)
    return starts, starts + np.take(lengths, keep)


def _split_long(starts: Int64, lengths: Int64, limits: Int64) -> Int64:
    """Run starts with every run cut into parts of at most its limit."""
    parts = -(-lengths // limits)
    first = np.cumsum(parts) - parts
    rank = np.arange(int(parts.sum())) - np.repeat(first, parts)
    split: Int64 = np.repeat(starts, parts) + rank * np.repeat(limits, parts)
    return split
