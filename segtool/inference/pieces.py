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
import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

UInt8 = npt.NDArray[np.uint8]
UInt16 = npt.NDArray[np.uint16]
UInt32 = npt.NDArray[np.uint32]
UInt64 = npt.NDArray[np.uint64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

N_HASHES = 4
HASH_BITS = 16
N_KINDS, N_LENGTHS, N_CASES, N_SPACES = 6, 8, 5, 6
N_CLASSES = N_KINDS * N_LENGTHS * N_CASES * N_SPACES

SPACE, LETTER, DIGIT, IDEOGRAPH, UNSPACED, PUNCTUATION, SYMBOL = range(7)
KIND_WORD, KIND_NUMBER, KIND_PUNCTUATION, KIND_SYMBOL, KIND_IDEOGRAPH, KIND_CHUNK = range(N_KINDS)
CASE_LOWER, CASE_TITLE, CASE_UPPER, CASE_MIXED, CASE_NONE = range(N_CASES)
SPACE_NONE, SPACE_ONE, SPACE_MORE, SPACE_BREAK, SPACE_BREAK_BLANKS, SPACE_BREAKS = range(N_SPACES)

WORD_LIMIT, CHUNK_LIMIT = 64, 4
SLICE, SLACK = 1 << 16, 1 << 12
_BEFORE_SPACE = re.compile(r"\S(?=\s)")
_UPPER, _CASED = 16, 32
_BLOCK = 256
_LENGTH_OF = np.array([0, 0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6] + [7] * (WORD_LIMIT - 12), np.uint8)
_KIND_OF = np.array(
    [KIND_SYMBOL, KIND_WORD, KIND_NUMBER, KIND_IDEOGRAPH, KIND_CHUNK, KIND_PUNCTUATION, KIND_SYMBOL], np.uint8
)
_LINE_BREAKS = (0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029)
_UNSPACED_RANGES = ((0x0E00, 0x0E7F), (0x0E80, 0x0EFF), (0x0F00, 0x0FFF), (0x1000, 0x109F), (0x1780, 0x17FF))
_IDEOGRAPH_RANGES = (
    (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x3035), (0x3038, 0x303C), (0x3041, 0x30FF),
    (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)  # fmt: skip
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


def _character_class(code: int, category: str) -> int:
    if any(low <= code <= high for low, high in _IDEOGRAPH_RANGES) and category[0] in "LN":
        return IDEOGRAPH
    if any(low <= code <= high for low, high in _UNSPACED_RANGES) and category[0] in "LM":
        return UNSPACED
    if category[0] in "LM" or category == "Cf":
        return LETTER
    return DIGIT if category[0] == "N" else PUNCTUATION if category[0] == "P" else SYMBOL


class PieceCutter:
    """Cuts texts into pieces. Tables of characters are filled by blocks of 256 as texts need them."""

    def __init__(self) -> None:
        n = 0x110000
        self._traits = np.zeros(n, np.uint8)
        self._lower = np.zeros(n, np.uint32)
        self._known = np.zeros(n // _BLOCK, np.bool_)
        self._is_break = np.zeros(n, np.bool_)
        self._is_break[list(_LINE_BREAKS)] = True
        powers = np.full(1 << 17, np.uint64(_BASE), np.uint64)
        powers[0] = 1
        self._powers: UInt64 = np.cumprod(powers, dtype=np.uint64)
        powers[1:] = np.uint64(pow(_BASE, -1, 1 << 64))
        self._inverses: UInt64 = np.cumprod(powers, dtype=np.uint64)

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
            codes = code_points(text[start:stop])
            pieces = self._cut_slice(codes, at_start=start == 0)
            if len(pieces):
                offset = np.int32(start)
                yield Pieces(pieces.starts + offset, pieces.ends + offset, pieces.hashes, pieces.classes)
            start = stop

    def traits(self, codes: UInt32) -> UInt8:
        """Per character: class (low four bits), upper case (16), cased (32)."""
        self._learn(codes)
        return self._traits[codes]

    def lower(self, codes: UInt32) -> UInt32:
        """Lower case, one character for one; unchanged where lower case has another length."""
        self._learn(codes)
        return self._lower[codes]

    def _learn(self, codes: UInt32) -> None:
        counts = np.bincount(codes >> 8, minlength=1)
        blocks = np.flatnonzero(counts)
        for block in blocks[~self._known[blocks]].tolist():
            for code in range(block * _BLOCK, (block + 1) * _BLOCK):
                character = chr(code)
                if character.isspace():
                    self._lower[code] = 32
                    continue
                low = character.lower()
                self._lower[code] = ord(low) if len(low) == 1 else code
                trait = _character_class(code, unicodedata.category(character))
                if character != low or character.upper() != character:
                    trait |= _CASED
                if character != low:
                    trait |= _UPPER
                self._traits[code] = trait
            self._known[block] = True

    def _cut_slice(self, codes: UInt32, at_start: bool) -> Pieces:
        traits = self.traits(codes)
        classes = (traits & np.uint8(15)).astype(np.uint8)
        starts, ends = _runs(codes, classes)
        if not len(starts):
            return NO_PIECES
        features = _features(traits, classes, starts, ends)
        features = features * N_SPACES + self._spaces(codes, starts, ends, at_start)
        hashes = self._hashes(codes, classes, starts, ends)
        return Pieces(starts.astype(np.int32), ends.astype(np.int32), hashes, features.astype(np.uint16))

    def _spaces(self, codes: UInt32, starts: Int64, ends: Int64, at_start: bool) -> UInt8:
        """White space before each piece, as one of the six ``SPACE_`` values.

        A text begins as after a blank line, or after blanks if its first slice holds no line break at all: else a net
        would expect breaks between its sentences, too.
        """
        gap = starts.copy()
        gap[1:] -= ends[:-1]
        out = np.minimum(gap, 2).astype(np.uint8)
        breaks = self._is_break[codes]
        at = np.flatnonzero(breaks)
        if len(at):
            second = (codes[at] == 0x0A) & (at > 0) & (codes[np.maximum(at - 1, 0)] == 0x0D)
            weights = np.bincount(np.searchsorted(starts, at[~second]), minlength=len(starts) + 1)[: len(starts)]
            pairs = np.bincount(np.searchsorted(starts, at[second]), minlength=len(starts) + 1)[: len(starts)]
            single = np.where(gap - pairs > 1, SPACE_BREAK_BLANKS, SPACE_BREAK)
            out = np.where(weights == 0, out, np.where(weights == 1, single, SPACE_BREAKS)).astype(np.uint8)
        if at_start:
            out[0] = SPACE_BREAKS if len(at) else SPACE_MORE
        return out

    def _hashes(self, codes: UInt32, classes: UInt8, starts: Int64, ends: Int64) -> UInt16:
        lower = self.lower(codes)
        prefix = np.zeros(len(codes) + 1, np.uint64)
        np.cumsum((lower.astype(np.uint64) + np.uint64(1)) * self._powers[: len(codes)], out=prefix[1:])
        kinds = classes[starts]
        head = np.minimum(starts + 3, ends)
        tail = np.maximum(ends - 3, starts)
        tail_end, head_start = ends, starts
        if (kinds == IDEOGRAPH).any() or (kinds == UNSPACED).any():
            single, chunk = kinds == IDEOGRAPH, kinds == UNSPACED
            head = np.where(chunk, np.minimum(starts + 2, ends), np.where(single, ends, head))
            tail = np.where(chunk, np.maximum(ends - 2, starts), np.where(single, starts, tail))
            head_start = np.where(single, np.maximum(starts - 1, 0), starts)
            tail_end = np.where(single, np.minimum(ends + 1, len(codes)), ends)
        word = (prefix[ends] - prefix[starts]) * self._inverses[starts]
        first = (prefix[head] - prefix[head_start]) * self._inverses[head_start]
        final = (prefix[tail_end] - prefix[tail]) * self._inverses[tail]
        out = np.empty((len(starts), N_HASHES), np.uint16)
        for column, value in enumerate((word, word, first, final)):
            out[:, column] = _mix(value, _SALTS[column])
        return out


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


def code_points(text: str) -> UInt32:
    """The code points of ``text``; lone surrogates are kept."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _mix(values: UInt64, salt: np.uint64) -> UInt64:
    mixed = (values ^ (values >> np.uint64(29))) * salt
    mixed ^= mixed >> np.uint64(32)
    return (mixed * np.uint64(0x9FB21C651E98DF25)) >> np.uint64(64 - HASH_BITS)


def _runs(codes: UInt32, classes: UInt8) -> tuple[Int64, Int64]:
    """Starts and ends of the runs that are pieces."""
    joined = classes.copy()
    joined[joined == DIGIT] = LETTER
    new = np.empty(len(codes), np.bool_)
    new[0] = True
    np.not_equal(joined[1:], joined[:-1], out=new[1:])
    new[1:] |= (joined[1:] >= PUNCTUATION) & (codes[1:] != codes[:-1])
    new |= joined == IDEOGRAPH
    starts = np.flatnonzero(new)
    lengths = np.diff(starts, append=len(codes))
    kinds = joined[starts]
    limits = np.where(kinds == UNSPACED, CHUNK_LIMIT, np.where(kinds == SPACE, len(codes) + 1, WORD_LIMIT))
    if (lengths > limits).any():
        starts = _split_long(starts, lengths, limits)
        lengths = np.diff(starts, append=len(codes))
        kinds = joined[starts]
    keep = kinds != SPACE
    starts = starts[keep]
    return starts, starts + lengths[keep]


def _split_long(starts: Int64, lengths: Int64, limits: Int64) -> Int64:
    """Run starts with every run cut into parts of at most its limit."""
    parts = -(-lengths // limits)
    first = np.cumsum(parts) - parts
    rank = np.arange(int(parts.sum())) - np.repeat(first, parts)
    split: Int64 = np.repeat(starts, parts) + rank * np.repeat(limits, parts)
    return split


def _features(traits: UInt8, classes: UInt8, starts: Int64, ends: Int64) -> Int64:
    """Kind, length and case of each piece, packed as in ``Pieces.classes`` but for the white space."""
    kinds = _KIND_OF[classes[starts]]
    totals = np.zeros((3, len(traits) + 1), np.int32)
    np.cumsum((traits & _UPPER) > 0, out=totals[0, 1:])
    np.cumsum((traits & _CASED) > 0, out=totals[1, 1:])
    np.cumsum(classes == LETTER, out=totals[2, 1:])
    upper, cased, letters = totals[:, ends] - totals[:, starts]
    kinds = np.where((kinds == KIND_NUMBER) & (letters > 0), KIND_WORD, kinds)
    first_upper = (traits[starts] & _UPPER) > 0
    case = np.where(
        cased == 0,
        CASE_NONE,
        np.where(
            upper == 0,
            CASE_LOWER,
            np.where(first_upper & (upper == 1), CASE_TITLE, np.where(upper == cased, CASE_UPPER, CASE_MIXED)),
        ),
    )
    lengths = _LENGTH_OF[ends - starts]
    packed: Int64 = (kinds.astype(np.int64) * N_LENGTHS + lengths) * N_CASES + case
    return packed
