"""Words of paragraphs as hashed ids, computed by array operations over one buffer of code points.

The section model needs no vocabulary file and no loop over tokens: runs of letters or digits are tokens,
punctuation and the signs of scripts without spaces stand alone, and a word is a polynomial hash read off
prefix sums. The same code runs in training and inference, so the ids agree.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SPACE, LETTER, DIGIT, PUNCTUATION, IDEOGRAPH, UNSPACED = range(6)
MAX_UNIT_CHARACTERS = 4_000
UNIT_END_CHARACTERS = 400
MAX_UNIT_WORDS = 256
N_HEAD_TOKENS = 14
N_TAIL_TOKENS = 2
FORM_BITS = 13

_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_PREFIX_SALT = np.uint64(0xA24BAED4963EE407)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_PREFIX_LETTERS = 5
_HAN = (
    *((0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x9FFF)),
    *((0xF900, 0xFAFF), (0xFF66, 0xFF9F)),
)
_SOUTH_EAST = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F))

U64 = npt.NDArray[np.uint64]
I32 = npt.NDArray[np.int32]


_COUNT_BITS = 12
"""Bits of the count of one class in a unit of at most 4,000 characters."""
_PACKED = np.zeros(6, np.int64)
"""What a character of each class adds to the counts of a unit, side by side: all but spaces, letters, digits, marks."""
_PACKED[[LETTER, DIGIT, PUNCTUATION, IDEOGRAPH, UNSPACED]] = 1
for _place, _class in enumerate((LETTER, DIGIT, PUNCTUATION), 1):
    _PACKED[_class] |= 1 << _place * _COUNT_BITS

_KINDS = {"N": DIGIT, "L": LETTER, "M": LETTER, "P": PUNCTUATION, "S": PUNCTUATION}
"""Class by the first letter of the Unicode category; all others are spaces."""


@dataclass(frozen=True, slots=True)
class CharacterTable:
    """What a code point below 65,536 is: its class, its lower case, whether it is upper case.

    Args:
        classes: uint8 (65536,).
        lower: uint16 (65536,), the code point itself where lower case needs several.
        upper: bool (65536,).
    """

    classes: npt.NDArray[np.uint8]
    lower: npt.NDArray[np.uint16]
    upper: npt.NDArray[np.bool_]

    @classmethod
    def build(cls) -> CharacterTable:
        """The table by this Python's Unicode data."""
        characters = list(map(chr, range(1 << 16)))
        kinds = [_KINDS.get(unicodedata.category(character)[0], SPACE) for character in characters]
        classes = np.array(kinds, np.uint8)
        for ranges, kind in ((_HAN, IDEOGRAPH), (_SOUTH_EAST, UNSPACED)):
            for low, high in ranges:
                part = classes[low : high + 1]
                part[part == LETTER] = kind
        lower = np.arange(len(characters), dtype=np.uint16)
        for code, lowered in enumerate(map(str.lower, characters)):
            if len(lowered) == 1 and ord(lowered) < len(characters):
                lower[code] = ord(lowered)
        upper = np.fromiter(map(str.isupper, characters), np.bool_, len(characters))
        return cls(classes, lower, upper)


@dataclass(frozen=True, slots=True)
class UnitTokens:
    """Hashed words, form and counts of n units, in order.

    Args:
        whole: int64 (words,), 64-bit hash of each whole word (bigram of ideographs), as signed bits.
        part: int64 (words,), of its first five letters (the single ideograph).
        offsets: int32 (n + 1,), where the words of each unit start.
        head: uint16 (n, 14), form of the first tokens, 0 where there is none.
        tail: uint16 (n, 2), form of the last two tokens.
        counts: float32 (n, 6): characters that are no space, words, upper-case letters, letters, digits, punctuation.
        first: uint8 (n,), class of the first character, 6 for an upper-case letter.
        last: uint16 (n,), lower-cased last character.
    """

    whole: npt.NDArray[np.int64]
    part: npt.NDArray[np.int64]
    offsets: I32
    head: npt.NDArray[np.uint16]
    tail: npt.NDArray[np.uint16]
    counts: npt.NDArray[np.float32]
    first: npt.NDArray[np.uint8]
    last: npt.NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.first)


def mix(values: U64) -> U64:
    """Spread the bits of a hash so that its top bits can index a table."""
    values = (values ^ (values >> np.uint64(32))) * _MIX
    return values ^ (values >> np.uint64(29))


def table_rows(hashes: npt.NDArray[np.int64], bits: int) -> I32:
    """Rows of a table of 2^bits rows for word hashes: int32."""
    return (hashes.view(np.uint64) >> np.uint64(64 - bits)).astype(np.int32)


class Tokenizer:
    """Turns unit texts into `UnitTokens`.

    Args:
        table: What each character is.
        capacity: Characters for which hash powers are kept; longer input makes its own.
    """

    def __init__(self, table: CharacterTable, capacity: int = 1 << 16) -> None:
        self._table = table
        self._powers, self._inverses = _powers(capacity)

    def __call__(self, texts: Sequence[str]) -> UnitTokens:
        """Tokens of the texts, each cut at 256 words; of texts over 4,000 characters the middle is left out."""
        cut = [text if len(text) <= MAX_UNIT_CHARACTERS else _shortened(text) for text in texts]
        n = len(cut)
        lengths = np.fromiter(map(len, cut), np.int64, n)
        ends = np.cumsum(lengths + 1)
        codes = _codes("\n".join(cut) + "\n") if n else np.zeros(0, np.uint16)
        classes = self._table.classes[codes]
        return self._tokens(codes, classes, ends)

    def _tokens(
        self, codes: npt.NDArray[np.uint16], classes: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]
    ) -> UnitTokens:
        n, size = len(ends), len(codes)
        lower = self._table.lower[codes]
        change = np.empty(size, np.bool_)
        change[:1] = True
        np.not_equal(classes[1:], classes[:-1], out=change[1:])
        change |= classes >= PUNCTUATION
        change &= classes != SPACE
        starts = np.flatnonzero(change)
        kinds = classes[starts]
        stop = np.empty(size + 1, np.bool_)  # a token ends where a token starts or a space follows
        np.logical_or(change, classes == SPACE, out=stop[:size])
        stop[size] = True
        marks = np.flatnonzero(stop)
        token_ends = marks[np.flatnonzero(change[marks[:-1]]) + 1]
        token_unit = np.repeat(np.arange(n), np.diff(np.searchsorted(starts, ends), prepend=0))
        sums = self._prefix_sums(lower)
        head, tail, first, last = self._form(codes, lower, starts, token_ends, kinds, token_unit, sums, n)
        whole, part, offsets = self._words(starts, token_ends, kinds, token_unit, sums, n)
        counts = self._counts(codes, classes, ends, offsets)
        return UnitTokens(whole, part, offsets, head, tail, counts, first, last)

    def _prefix_sums(self, lower: npt.NDArray[np.uint16]) -> U64:
        if len(lower) > len(self._powers):
            self._powers, self._inverses = _powers(1 << (len(lower) - 1).bit_length())
        sums = np.zeros(len(lower) + 1, np.uint64)
        values = (lower.astype(np.uint64) + np.uint64(1)) * np.uint64(0xC2B2AE3D27D4EB4F)
        values ^= values >> np.uint64(31)
        np.cumsum(values * self._powers[: len(lower)], out=sums[1:])
        return sums

    def _hash(self, sums: U64, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> U64:
        return (sums[ends] - sums[starts]) * self._inverses[starts]

    def _words(
        self,
        starts: npt.NDArray[np.int64],
        ends: npt.NDArray[np.int64],
        kinds: npt.NDArray[np.uint8],
        unit: npt.NDArray[np.int64],
        sums: U64,
        n: int,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], I32]:
        keep = np.flatnonzero((kinds == LETTER) | (kinds >= IDEOGRAPH))
        counts = np.bincount(unit[keep], minlength=n)
        if counts.size and counts.max() > MAX_UNIT_WORDS:
            rank = np.arange(len(keep)) - (np.cumsum(counts) - counts)[unit[keep]]
            keep = keep[rank < MAX_UNIT_WORDS]
            counts = np.minimum(counts, MAX_UNIT_WORDS)
        offsets = np.zeros(n + 1, np.int32)
        np.cumsum(counts, out=offsets[1:])
        start, end, kind = starts[keep], ends[keep], kinds[keep]
        part_end = np.minimum(end, start + _PREFIX_LETTERS)
        dense = np.flatnonzero(kind >= IDEOGRAPH)
        if len(dense):
            # an ideograph reaches over its neighbour (bigram), a sign of Thai and its kin over two (trigram)
            same = np.zeros(len(starts) + 2, np.bool_)
            same[: len(starts) - 1] = (starts[1:] == ends[:-1]) & (kinds[1:] == kinds[:-1])
            at = keep[dense]
            one, two = same[at], same[at] & same[at + 1]
            thai = kind[dense] == UNSPACED
            end[dense] += one + (two & thai)
            part_end[dense] = start[dense] + 1 + (one & thai)
        whole = mix(self._hash(sums, start, end))
        part = mix(self._hash(sums, start, part_end) ^ _PREFIX_SALT)
        return whole.view(np.int64), part.view(np.int64), offsets

    def _form(
        self,
        codes: npt.NDArray[np.uint16],
        lower: npt.NDArray[np.uint16],
        starts: npt.NDArray[np.int64],
        ends: npt.NDArray[np.int64],
        kinds: npt.NDArray[np.uint8],
        unit: npt.NDArray[np.int64],
        sums: U64,
        n: int,
    ) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16], npt.NDArray[np.uint8], npt.NDArray[np.uint16]]:
        head = np.zeros((n, N_HEAD_TOKENS), np.uint16)
        tail = np.zeros((n, N_TAIL_TOKENS), np.uint16)
        first = np.zeros(n, np.uint8)
        last = np.zeros(n, np.uint16)
        if not len(starts):
            return head, tail, first, last
        counts = np.bincount(unit, minlength=n)
        firsts = np.cumsum(counts) - counts
        rank = np.arange(len(starts)) - firsts[unit]
        from_end = counts[unit] - 1 - rank
        chosen = np.flatnonzero((rank < N_HEAD_TOKENS) | (from_end < N_TAIL_TOKENS))
        start, end, kind = starts[chosen], ends[chosen], kinds[chosen]
        hashes = self._hash(sums, start, end)
        digits = kind == DIGIT
        hashes[digits] = np.minimum(end - start, 5)[digits].astype(np.uint64)
        upper = self._table.upper
        case = upper[codes[start]].astype(np.uint64) + upper[codes[np.minimum(start + 1, end - 1)]]
        hashes += (kind.astype(np.uint64) * np.uint64(3) + case) * _PREFIX_SALT
        form = (mix(hashes) >> np.uint64(64 - FORM_BITS)).astype(np.uint16)
        form = np.maximum(form, 1)
        rank, from_end, owner = rank[chosen], from_end[chosen], unit[chosen]
        at_head, at_tail = rank < N_HEAD_TOKENS, from_end < N_TAIL_TOKENS
        head[owner[at_head], rank[at_head]] = form[at_head]
        tail[owner[at_tail], from_end[at_tail]] = form[at_tail]
        filled = np.flatnonzero(counts)
        opening = starts[firsts[filled]]
        first[filled] = np.where(upper[codes[opening]], 6, kinds[firsts[filled]])
        last[filled] = lower[ends[firsts[filled] + counts[filled] - 1] - 1]
        return head, tail, first, last

    def _counts(
        self,
        codes: npt.NDArray[np.uint16],
        classes: npt.NDArray[np.uint8],
        ends: npt.NDArray[np.int64],
        offsets: I32,
    ) -> npt.NDArray[np.float32]:
        n = len(ends)
        counts = np.zeros((n, 6), np.float32)
        if not n:
            return counts
        packed = _PACKED[classes]
        packed += self._table.upper[codes].astype(np.int64) << 4 * _COUNT_BITS
        sums = np.add.reduceat(packed, np.concatenate([[0], ends[:-1]]))
        counts[:, 1] = np.diff(offsets)
        for place, column in enumerate((0, 3, 4, 5, 2)):
            counts[:, column] = sums >> place * _COUNT_BITS & (1 << _COUNT_BITS) - 1
        return counts


def _shortened(text: str) -> str:
    return text[: MAX_UNIT_CHARACTERS - UNIT_END_CHARACTERS] + text[-UNIT_END_CHARACTERS:]


def _powers(size: int) -> tuple[U64, U64]:
    powers = np.full(size, _BASE, np.uint64)
    inverses = np.full(size + 1, _INVERSE, np.uint64)
    powers[0] = inverses[0] = 1
    np.multiply.accumulate(powers, out=powers)
    np.multiply.accumulate(inverses, out=inverses)
    return powers, inverses


def _codes(text: str) -> npt.NDArray[np.uint16]:
    """Code points as uint16; those above 65,535 become one ideograph or one symbol."""
    encoding = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
    codes = np.frombuffer(text.encode(encoding, "surrogatepass"), np.uint32)
    if codes.size and codes.max() > 0xFFFF:
        codes = np.where(codes > 0xFFFF, np.where(codes >= 0x20000, 0x4E00, 0x2605), codes)
    return codes.astype(np.uint16)
