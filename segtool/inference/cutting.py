"""Where pieces begin and end: runs of characters of one kind, in a few passes over whole arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from segtool.inference.characters import CLASS, DIGIT, IDEOGRAPH, PUNCTUATION, SPACE, UNSPACED, UInt8, UInt32

Int64 = npt.NDArray[np.int64]

WORD_LIMIT, CHUNK_LIMIT = 64, 4
"""Characters of a word, and of a piece in a script written without spaces, at most."""
_LIMIT_OF = np.full(16, WORD_LIMIT, np.int64)
_LIMIT_OF[UNSPACED] = CHUNK_LIMIT


def cut_runs(codes: UInt32, traits: UInt8) -> tuple[Int64, Int64]:
    """Starts and ends of the runs that are pieces."""
    n = len(codes)
    if not n:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    kinds = traits & np.uint8(CLASS)
    kinds -= kinds == DIGIT  # a digit belongs to its word as a letter does
    new = np.empty(n + 1, np.bool_)
    new[0] = new[n] = True
    inner = new[1:n]
    np.not_equal(codes[1:], codes[:-1], out=inner)
    inner &= kinds[1:] >= PUNCTUATION
    inner |= kinds[1:] != kinds[:-1]
    ideographs = kinds == IDEOGRAPH
    if ideographs.any():
        new[:n] |= ideographs
    solid = kinds != SPACE
    starts, ends = (new[:n] & solid).nonzero()[0], (new[1:] & solid).nonzero()[0]
    ends += 1
    lengths = ends - starts
    if len(lengths) and (lengths.max() > WORD_LIMIT or (kinds == UNSPACED).any()):
        limits = np.take(_LIMIT_OF, np.take(kinds, starts))
        if (lengths > limits).any():
            return _split_long(starts, lengths, limits)
    return starts, ends


def _split_long(starts: Int64, lengths: Int64, limits: Int64) -> tuple[Int64, Int64]:
    """Starts and ends of runs, every run cut into parts of at most its limit."""
    parts = -(-lengths // limits)
    first = np.cumsum(parts) - parts
    rank = np.arange(int(parts.sum())) - np.repeat(first, parts)
    split: Int64 = np.repeat(starts, parts) + rank * np.repeat(limits, parts)
    return split, np.minimum(split + np.repeat(limits, parts), np.repeat(starts + lengths, parts))
