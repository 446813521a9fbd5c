"""What characters are: class, case, lower case. Tables filled by blocks of 256 code points as texts need them.

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
LINE_BREAKS = (0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029)

_N = 0x110000
_BLOCK = 256
_UNKNOWN = CLASS
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
        self._marks = frozenset(MARKS)

    def traits(self, codes: UInt32) -> UInt8:
        """Per character: its class and the bits above."""
        out = np.take(self._traits, codes, mode="clip")
        if (out == _UNKNOWN).any():
            self._learn(codes[out == _UNKNOWN])
            out = np.take(self._traits, codes, mode="clip")
        return out

    def lower(self, codes: UInt32, is_known: bool = False) -> UInt32:
        """Lower case, one character for one; unchanged where lower case has another length; white space is 32.

        Args:
            codes: code points.
            is_known: ``traits`` has seen these codes, so no block can be missing.
        """
        if not is_known:
            self.traits(codes)
        return np.take(self._lower, codes, mode="clip")

    def _learn(self, codes: UInt32) -> None:
        for block in np.unique(codes >> 8).tolist():
            for code in range(block * _BLOCK, (block + 1) * _BLOCK):
                self._traits[code], self._lower[code] = self._look(code)

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
    if any(low <= code <= high for low, high in _IDEOGRAPH_RANGES) and category[0] in "LN":
        return IDEOGRAPH
    if any(low <= code <= high for low, high in _UNSPACED_RANGES) and category[0] in "LM":
        return UNSPACED
    if category[0] in "LM" or category == "Cf":
        return LETTER
    return DIGIT if category[0] == "N" else PUNCTUATION if category[0] == "P" else SYMBOL
