"""What characters are: class, case, lower case, symbol. Tables filled by blocks of 256 code points as texts need them.

One look-up in a table of bytes classes a character; it is the first pass of everything that reads text, so it has to
run at the speed of memory.
"""

from __future__ import annotations

import unicodedata

import numpy as np
import numpy.typing as npt

UInt8 = npt.NDArray[np.uint8]
UInt32 = npt.NDArray[np.uint32]

SPACE, LETTER, DIGIT, IDEOGRAPH, UNSPACED, PUNCTUATION, SYMBOL = range(7)
CLASS, UPPER, CASED, BREAK, MARK = 15, 16, 32, 64, 128
"""Bits of a trait: the class of a character, and whether it is upper case, cased, a line break, a mark of ``MARKS``."""
MARKS = ".?!,;:…。，、；：？！．؟،؛۔।॥።፣፤၊။៖។៕·‧‥"
"""Punctuation that a stretch of ordinary writing holds; without any, it counts as bare."""
OUTSIDE, BLANK, LINE_BREAK = range(3)
"""Symbols that are no character of a word or mark: what is outside of a text, white space, and a line break."""
NAMED = "።…。，、；：？！．؟،؛۔।॥။፣፤၊៖៕‥“”‘’«»„‹›—–•·§"
"""Marks beyond ASCII that are symbols of their own."""
LINE_BREAKS = (0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029)

_N = 0x110000
_BLOCK = 256
_UNKNOWN = CLASS
_UPPER_LETTERS, _LETTERS, _IDEOGRAPHS, _CHUNKS, _MARKS, _SIGN = 128, 160, 192, 200, 208, 254
"""Where the symbols of characters beyond ASCII begin."""
_OPENING, _CLOSING, _OTHER = range(_MARKS + len(NAMED), _MARKS + len(NAMED) + 3)
_UNSPACED_RANGES = ((0x0E00, 0x0E7F), (0x0E80, 0x0EFF), (0x0F00, 0x0FFF), (0x1000, 0x109F), (0x1780, 0x17FF))
_IDEOGRAPH_RANGES = (
    (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x3035), (0x3038, 0x303C), (0x3041, 0x30FF),
    (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)  # fmt: skip


def code_points(text: str) -> UInt32:
    """The code points of ``text``; lone surrogates are kept."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


class CharacterTables:
    """Traits and lower case of characters."""

    def __init__(self) -> None:
        self._traits: UInt8 = np.full(_N, _UNKNOWN, np.uint8)
        self._lower: UInt32 = np.zeros(_N, np.uint32)
        self._symbols: UInt8 = np.zeros(_N, np.uint8)
        self._marks = frozenset(MARKS)

    def traits(self, codes: UInt32) -> UInt8:
        """Per character: its class and the bits above."""
        out = self._traits.take(codes, mode="clip")
        unknown = out == _UNKNOWN
        if unknown.any():
            self._learn(codes[unknown])
            out = self._traits.take(codes, mode="clip")
        return out

    def lower(self, codes: UInt32, is_known: bool = False) -> UInt32:
        """Lower case, one character for one; unchanged where lower case has another length; white space is 32.

        Args:
            codes: code points.
            is_known: ``traits`` has seen these codes, so no block can be missing.
        """
        if not is_known:
            self.traits(codes)
        return self._lower.take(codes, mode="clip")

    def symbols(self, codes: UInt32) -> UInt8:
        """Per character one of 255 symbols: ASCII as it is, other letters and ideographs by their last bits.

        ``traits`` has to have seen these codes.
        """
        return self._symbols.take(codes, mode="clip")

    def _learn(self, codes: UInt32) -> None:
        for block in np.bincount(codes >> 8).nonzero()[0].tolist():
            members = range(block * _BLOCK, (block + 1) * _BLOCK)
            traits, lower = zip(*map(self._look, members), strict=True)
            rows = slice(members.start, members.stop)
            self._traits[rows], self._lower[rows] = traits, lower
            self._symbols[rows] = list(map(_symbol_of, members, traits, lower))

    def _look(self, code: int) -> tuple[int, int]:
        """The trait and the lower case of one character."""
        character = chr(code)
        trait = BREAK if code in LINE_BREAKS else 0
        if character.isspace():
            return trait, 32
        low = character.lower()
        trait |= _class_of(code, unicodedata.category(character))
        if character != low or character.upper() != character:
            trait |= CASED
        if character != low:
            trait |= UPPER
        if character in self._marks:
            trait |= MARK
        return trait, ord(low) if len(low) == 1 else code


def _class_of(code: int, category: str) -> int:
    if category[0] in "LN" and _is_within(code, _IDEOGRAPH_RANGES):
        return IDEOGRAPH
    if category[0] in "LM" and _is_within(code, _UNSPACED_RANGES):
        return UNSPACED
    if category[0] in "LM" or category == "Cf":
        return LETTER
    return DIGIT if category[0] == "N" else PUNCTUATION if category[0] == "P" else SYMBOL


def _is_within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return code >= ranges[0][0] and any(low <= code <= high for low, high in ranges)


def _symbol_of(code: int, trait: int, lower: int) -> int:
    """The symbol of a character, from 1."""
    kind = trait & CLASS
    if kind == SPACE:
        return LINE_BREAK if trait & BREAK else BLANK
    if 32 < code < 127:
        return code
    if kind in (LETTER, IDEOGRAPH, UNSPACED):
        begin = {IDEOGRAPH: _IDEOGRAPHS, UNSPACED: _CHUNKS, LETTER: _UPPER_LETTERS if trait & UPPER else _LETTERS}[kind]
        return begin + lower % (32 if kind == LETTER else 8)
    if kind == DIGIT:
        return ord("0")
    if (place := NAMED.find(chr(code))) >= 0:
        return _MARKS + place
    if kind == SYMBOL:
        return _SIGN
    category = unicodedata.category(chr(code))
    return {"Ps": _OPENING, "Pi": _OPENING, "Pe": _CLOSING, "Pf": _CLOSING}.get(category, _OTHER)
