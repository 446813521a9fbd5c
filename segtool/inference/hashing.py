"""Hashes of words by running sums: of any stretch of characters in four look-ups, the same wherever it stands."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

UInt32 = npt.NDArray[np.uint32]
UInt64 = npt.NDArray[np.uint64]
Int64 = npt.NDArray[np.int64]

HASH_BITS = 16
BASE = 0x9E3779B97F4A7C15 | 1
SALTS = np.array(
    [0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3], np.uint64
)  # fmt: skip
_SHORT_SALTS = np.array([0x85EBCA6B, 0x27D4EB2F], np.uint32)
_ROOM = 1 << 17
"""Characters for which there are powers from the beginning."""


class Powers:
    """Powers of the base of the hash, and their inverses, for places in a stretch of text."""

    def __init__(self) -> None:
        self._make(_ROOM)

    def of(self, n: int) -> UInt64:
        """The first ``n`` powers; ``inverses`` has as many then."""
        if n > len(self._powers):
            self._make(2 * n)
        return self._powers[:n]

    def short_of(self, n: int) -> UInt32:
        """The same in 32 bits; ``short_inverses`` has as many then."""
        self.of(n)
        return self._short[:n]

    def _make(self, n: int) -> None:
        powers = np.full(n, np.uint64(BASE), np.uint64)
        powers[0] = 1
        self._powers: UInt64 = np.cumprod(powers, dtype=np.uint64)
        powers[1:] = np.uint64(pow(BASE, -1, 1 << 64))
        self.inverses: UInt64 = np.cumprod(powers, dtype=np.uint64)
        self._short: UInt32 = self._powers.astype(np.uint32)
        self.short_inverses: UInt32 = self.inverses.astype(np.uint32)


def mix(values: UInt64, column: int) -> UInt64:
    """Hashes of ``HASH_BITS`` bits of what ``Runs.hashes`` gives, salted for one of the four columns."""
    mixed = values >> np.uint64(29)
    mixed ^= values
    mixed *= SALTS[column]
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0x9FB21C651E98DF25)
    mixed >>= np.uint64(64 - HASH_BITS)
    return mixed


def short_mix(values: UInt32, column: int, bits: int) -> Int64:
    """Hashes of so many bits of what ``Runs.short_hashes`` sums up, mixed in place, salted for one of two columns."""
    values *= _SHORT_SALTS[column]
    values ^= values >> np.uint32(15)
    values *= np.uint32(0xC2B2AE35)
    values >>= np.uint32(32 - bits)
    return values.astype(np.int64)
