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
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from segtool.inference.characters import (
    BREAK,
    CASED,
    CLASS,
    LINE_BREAKS,
    MARK,
    OUTSIDE,
    UPPER,
    CharacterTables,
    UInt8,
    UInt32,
)
from segtool.inference.characters import DIGIT as DIGIT
from segtool.inference.characters import IDEOGRAPH as IDEOGRAPH
from segtool.inference.characters import LETTER as LETTER
from segtool.inference.characters import PUNCTUATION as PUNCTUATION
from segtool.inference.characters import SPACE as SPACE
from segtool.inference.characters import SYMBOL as SYMBOL
from segtool.inference.characters import UNSPACED as UNSPACED
from segtool.inference.characters import code_points as code_points
from segtool.inference.cutting import CHUNK_LIMIT as CHUNK_LIMIT
from segtool.inference.cutting import WORD_LIMIT as WORD_LIMIT
from segtool.inference.cutting import cut_runs
from segtool.inference.hashing import HASH_BITS as HASH_BITS
from segtool.inference.hashing import Powers, mix, short_mix

UInt16 = npt.NDArray[np.uint16]
UInt64 = npt.NDArray[np.uint64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

N_HASHES = 4
N_KINDS, N_LENGTHS, N_CASES, N_SPACES = 6, 8, 5, 6
N_CLASSES = N_KINDS * N_LENGTHS * N_CASES * N_SPACES

KIND_WORD, KIND_NUMBER, KIND_PUNCTUATION, KIND_SYMBOL, KIND_IDEOGRAPH, KIND_CHUNK = range(N_KINDS)
CASE_LOWER, CASE_TITLE, CASE_UPPER, CASE_MIXED, CASE_NONE = range(N_CASES)
SPACE_NONE, SPACE_ONE, SPACE_MORE, SPACE_BREAK, SPACE_BREAK_BLANKS, SPACE_BREAKS = range(N_SPACES)

SLICE, SLACK = 1 << 16, 1 << 12
OPENING = 1024
_BEFORE_SPACE = re.compile(r"\S(?=\s)")
_LINE_BREAK = re.compile(f"[{re.escape(''.join(map(chr, LINE_BREAKS)))}]")
_LENGTH_OF = np.array([0, 0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6] + [7] * (WORD_LIMIT - 12), np.uint8)
_KIND_OF = np.array(
    [KIND_SYMBOL, KIND_WORD, KIND_NUMBER, KIND_IDEOGRAPH, KIND_CHUNK, KIND_PUNCTUATION, KIND_SYMBOL], np.uint8
)
_TRAITS = np.arange(256)
_COUNTS: Int32 = (
    ((_TRAITS & UPPER) > 0) + (((_TRAITS & CASED) > 0) << 10) + ((_TRAITS & 15 == LETTER).astype(np.int64) << 20)
).astype(np.int32)
"""Of a trait: upper case, cased, letter, ten bits each, so that one running sum counts all three."""
_WIDE_SPACE = np.array([SPACE_MORE, SPACE_MORE, SPACE_BREAK, SPACE_BREAK_BLANKS, SPACE_BREAKS, SPACE_BREAKS], np.uint8)
"""White space of two characters or more by its line breaks (0, 1, more) times 2, and whether there are blanks, too."""
_ONE_TEXT = np.zeros(1, np.int64)


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


SEPARATOR = "\n\n\n"
"""What parts texts that are cut at once: white space, so many that the scan's sieve sees no text beyond."""


class Near(NamedTuple):
    """Pieces in reach of gaps, each once, with what stands for pieces outside of the text.

    Attributes:
        rows: int64 (n,), ascending; of pieces.
        outside: int64 (m,), which of them stand for nothing.
        first: int64 (k,), where among them the stretch in reach of each gap begins; it has all pieces in reach.
    """

    rows: Int64
    outside: Int64
    first: Int64


class Runs:
    """The pieces of a stretch of text, or of many texts, with numbers made only for those asked for.

    Args:
        texts: code points of the stretch, which begins where a piece may begin, or of the texts, parted by
            ``SEPARATOR``; and where each of them begins.
        tables: of characters.
        powers: of the hash and their inverses.
        openings: what stands before the first piece of each text, ``SPACE_`` values; empty: what the stretch holds.

    Attributes:
        starts, ends: int64 (n,), half open.
        bounds: int64 (texts + 1,): the first piece of each text, and the number of pieces.
        is_mark: bool (n,), single marks of ``characters.MARKS``.
    """

    def __init__(
        self, texts: tuple[UInt32, Int64], tables: CharacterTables, powers: Powers, openings: Sequence[int]
    ) -> None:
        self.codes, self.texts = texts
        self._tables, self._powers, self._openings = tables, powers, np.array(openings, np.uint8)
        self.traits = tables.traits(self.codes)
        self.starts, self.ends = cut_runs(self.codes, self.traits)
        self.first_traits: UInt8 = self.traits.take(self.starts)
        """(n,): of each piece's first character."""
        self.bounds = np.empty(len(self.texts) + 1, np.int64)
        self.bounds[0], self.bounds[-1] = 0, len(self.starts)
        if len(self.texts) > 1:
            self.bounds[1:-1] = self.starts.searchsorted(self.texts[1:])
        self._before = np.empty_like(self.ends)
        self._before[:1], self._before[1:] = 0, self.ends[:-1]
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

    @cached_property
    def symbols(self) -> UInt8:
        """Of each character, see ``characters``; between texts what is outside of them."""
        out = self._tables.symbols(self.codes)
        for back in range(1, len(SEPARATOR) + 1):
            out[self.texts[1:] - back] = OUTSIDE
        return out

    def near(self, gaps: Int64, before: int, after: int) -> Near:
        """The pieces that stand up to ``before`` before gaps, ascending, and up to ``after`` after them."""
        span, n_texts = before + after, len(self.texts)
        spread = gaps
        if n_texts > 1:
            spread = gaps + (self.bounds.searchsorted(gaps, side="right") - 1) * span
        count = np.bincount(spread, minlength=len(self) + n_texts * span).cumsum()
        count[span:] -= count[:-span].copy()
        is_needed = count > 0
        rows = is_needed.nonzero()[0]
        first = is_needed.cumsum().take(spread)
        first -= 1
        if n_texts == 1:
            rows -= before - 1
            inside = rows.clip(0, len(self) - 1)
        else:
            text = np.arange(n_texts)
            edges = rows.searchsorted(self.bounds[:-1] + text * span)
            text = text.repeat(np.append(edges[1:], len(rows)) - edges)
            rows -= text * span + (before - 1)
            inside = np.minimum(np.maximum(rows, self.bounds.take(text)), self.bounds.take(text + 1) - 1)
        return Near(inside, (inside != rows).nonzero()[0], first)

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
        """(n,): white space before the pieces at ``rows`` (None: all), as one of the six ``SPACE_`` values.

        Rows have to ascend; of the same row several times, only the last may get the value of a text's opening.
        """
        starts = self.starts if rows is None else self.starts.take(rows)
        before = self._before if rows is None else self._before.take(rows)
        gaps = starts - before
        is_break = (self.traits.take(before) & np.uint8(BREAK)) > 0
        out: UInt8 = is_break.view(np.uint8) * np.uint8(SPACE_BREAK - SPACE_ONE)
        out += np.uint8(SPACE_ONE)
        out *= gaps == 1
        wide = (gaps > 1).nonzero()[0]
        if len(wide):
            out[wide] = self._wide_spaces(before.take(wide), starts.take(wide))
        if len(self._openings) and len(out):
            firsts = self.bounds[:-1]
            at = firsts if rows is None else rows.searchsorted(firsts, side="right") - 1
            found = (firsts < self.bounds[1:]) & (at >= 0)
            if rows is not None:
                found &= rows.take(at, mode="clip") == firsts
            out[at[found]] = self._openings[found]
        return out

    def _wide_spaces(self, low: Int64, high: Int64) -> UInt8:
        """The ``SPACE_`` values of white space of two characters or more; CR LF counts as one line break."""
        at, pairs = self._breaks
        first, last = at.searchsorted(low), at.searchsorted(high)
        n_lines = last - first
        n_pairs = pairs.take(last)
        n_pairs -= pairs.take(first)
        n_lines -= n_pairs
        single = high - low - n_pairs > 1
        out: UInt8 = _WIDE_SPACE.take(np.minimum(n_lines, 2) * 2 + single)
        return out

    @cached_property
    def _breaks(self) -> tuple[Int64, Int64]:
        """Where line breaks stand, and how many of those before each are the second half of CR LF."""
        at = ((self.traits & np.uint8(BREAK)) > 0).nonzero()[0]
        codes = self.codes.take(at)
        pairs = np.zeros(len(at) + 1, np.int64)
        if len(at) > 1:
            pair = (codes[1:] == 0x0A) & (codes[:-1] == 0x0D)
            pair &= at[1:] - at[:-1] == 1
            pair.cumsum(out=pairs[2:])
        return at, pairs

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
            text = self.texts.searchsorted(starts, side="right") - 1
            lasts = np.append(self.texts[1:] - len(SEPARATOR), len(self.codes))
            head_start = np.where(single, np.maximum(starts - 1, self.texts.take(text)), starts)
            tail_end = np.where(single, np.minimum(ends + 1, lasts.take(text)), ends)
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

    def short_hashes(self, rows: Int64, word_bits: int, end_bits: int) -> tuple[Int64, Int64]:
        """Hashes of the whole word and of its last three characters, of so many bits, at half the cost."""
        starts, ends = self.starts.take(rows), self.ends.take(rows)
        prefix, inverses = self._short_prefix, self._powers.short_inverses
        word = prefix.take(ends)
        tails = np.maximum(ends - 3, starts)
        end = word - prefix.take(tails)
        end *= inverses.take(tails)
        word -= prefix.take(starts)
        word *= inverses.take(starts)
        return short_mix(word, 0, word_bits), short_mix(end, 1, end_bits)

    @cached_property
    def _short_prefix(self) -> UInt32:
        lower = self._tables.lower(self.codes, is_known=True)
        lower += np.uint32(1)
        lower *= self._powers.short_of(len(lower))
        prefix = np.zeros(len(lower) + 1, np.uint32)
        lower.cumsum(out=prefix[1:])
        return prefix


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
        opened = () if opening is None else (opening,)
        return Runs((code_points(text), _ONE_TEXT), self._tables, self._powers, opened)

    def runs_of(self, texts: Sequence[str]) -> Runs:
        """The pieces of many texts at once."""
        lengths = np.array([len(SEPARATOR) + len(text) for text in texts], np.int64)
        places = (code_points(SEPARATOR.join(texts)), lengths.cumsum() - lengths)
        return Runs(places, self._tables, self._powers, [opening_of(text) for text in texts])

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
