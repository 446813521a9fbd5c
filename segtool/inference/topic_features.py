"""Numbers that the section model sees of a sequence of units, beside their words.

Constants and array functions that training and inference share: shape, slots of the lexical sketch, and the patch of
similarities around each gap. Everything is linear in the number of units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segtool.inference.topic_tokens import DIGIT, LETTER, PUNCTUATION

N_SHAPE = 14
N_FORM_HEAD = 8
N_FORM_TAIL = 2
REACH = 8
"""Units on each side of a gap whose pairwise similarities the patch holds."""

MEAN_WIDTHS = (1, 2, 4, 8, 16, 32)
TOPIC_EPSILON = 0.05

F32 = npt.NDArray[np.float32]
_STOPS = tuple(map(ord, ".!?。！？…؟।۔")), tuple(map(ord, ":：")), tuple(map(ord, ";,；，،、"))


def patch_pairs() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Row (0..15) and distance (1..15) of the 120 pairs among the 16 units around a gap."""
    rows, others = np.triu_indices(2 * REACH, 1)
    return rows, others - rows


N_PATCH = 2 * (REACH * (2 * REACH - 1) + len(MEAN_WIDTHS))
"""252 numbers: 120 pairs and 6 means, of topics and of sketches."""


def shape_features(counts: F32, first: npt.NDArray[np.uint8], last: npt.NDArray[np.uint16]) -> F32:
    """Length, capitals, digits, and kind of the first and last character: float32 (n, 14).

    Args:
        counts: float32 (n, 6), first: uint8 (n,), last: uint16 (n,): see `UnitTokens`.
    """
    out = np.zeros((len(counts), N_SHAPE), np.float32)
    characters = np.maximum(counts[:, 0], 1)
    letters = np.maximum(counts[:, 3], 1)
    out[:, 0] = np.log1p(counts[:, 0]) / 6
    out[:, 1] = np.log1p(counts[:, 1]) / 5
    out[:, 2] = counts[:, 2] / letters
    out[:, 3] = counts[:, 4] / characters
    out[:, 4] = counts[:, 5] / characters
    for column, kind in enumerate((6, DIGIT, PUNCTUATION, LETTER), 5):
        out[:, column] = first == kind
    for column, stops in enumerate(_STOPS, 9):
        out[:, column] = np.isin(last, stops)
    out[:, 12] = out[:, 9:12].sum(axis=1) == 0
    out[:, 13] = (counts[:, 2] > 0.8 * letters) & (counts[:, 3] > 2)
    return out


def sketch_slots(rows: npt.NDArray[np.int32], width: int) -> tuple[npt.NDArray[np.int64], F32]:
    """Slot (0..width-1, a power of two) and sign (-1 or 1) of table rows in the lexical sketch."""
    mixed = rows.astype(np.uint32) * np.uint32(2654435761)
    mixed ^= mixed >> np.uint32(15)
    mixed = mixed * np.uint32(2246822519)
    slots = (mixed >> np.uint32(20)) & np.uint32(width - 1)
    signs = np.where(mixed >> np.uint32(8) & np.uint32(1), np.float32(1), np.float32(-1))
    return slots.astype(np.int64), signs.astype(np.float32)


def band(vectors: F32, block: int = 64) -> F32:
    """Cosines of each unit vector with its next 15: float32 (n, 15), 0 past the end."""
    n, reach = len(vectors), 2 * REACH - 1
    out = np.zeros((n, reach), np.float32)
    for start in range(0, n, block):
        stop = min(start + block, n)
        product = vectors[start:stop] @ vectors[start : stop + reach].T
        wide = np.zeros((stop - start, block + reach + 1), np.float32)
        wide[:, : product.shape[1]] = product
        strides = (wide.strides[0] + wide.strides[1], wide.strides[1])
        diagonals = np.lib.stride_tricks.as_strided(wide[:, 1:], (stop - start, reach), strides, writeable=False)
        out[start:stop] = diagonals
    return out


def mean_cosines(vectors: F32, pairs: F32) -> F32:
    """Cosine of the means of 1, 2, 4, … 32 units before and after each gap: float32 (n, 6); gap i is before unit i.

    Args:
        vectors: float32 (n, width), of unit length, or zero.
        pairs: float32 (n, 120), cosines among the 16 units around each gap. They give the means of up to 8 units.
    """
    n = len(vectors)
    out = np.empty((n, len(MEAN_WIDTHS)), np.float32)
    ones = np.zeros(n + 2 * REACH + 1, np.float32)
    np.cumsum(np.einsum("ij,ij->i", vectors, vectors), out=ones[REACH + 1 : REACH + n + 1])
    ones[REACH + n + 1 :] = ones[REACH + n]
    sums = pairs @ _PAIR_SUMS
    for column, width in enumerate(_NARROW):
        dots, before, after = sums[:, 3 * column : 3 * column + 3].T
        at = np.arange(REACH, REACH + n)
        before = 2 * before + ones[at] - ones[at - width]
        after = 2 * after + ones[at + width] - ones[at]
        out[:, column] = dots / np.sqrt(np.maximum(before * after, 0) + 1e-6)
    out[:, len(_NARROW) :] = _wide_cosines(vectors, MEAN_WIDTHS[len(_NARROW) :])
    return out


def _pair_sums(widths: Sequence[int]) -> F32:
    """float32 (120, 3 widths): which pairs lie across the gap, both before, both after it, for each width."""
    rows, distances = patch_pairs()
    others = rows + distances
    columns = []
    for width in widths:
        before, after = (REACH - width, REACH), (REACH, REACH + width)
        for (a, b), (c, d) in ((before, after), (before, before), (after, after)):
            columns.append((rows >= a) & (rows < b) & (others >= c) & (others < d))
    return np.stack(columns, axis=1).astype(np.float32)


_NARROW = tuple(width for width in MEAN_WIDTHS if width <= REACH)
_PAIR_SUMS = _pair_sums(_NARROW)


def _wide_cosines(vectors: F32, widths: Sequence[int], block: int = 64) -> F32:
    n = len(vectors)
    dots, before, norms = np.zeros((3, len(widths), n), np.float32)
    for left in range(0, vectors.shape[1], block):  # so many columns at a time stay in the processor's cache
        part = vectors[:, left : left + block]
        sums = np.zeros((n + 1, part.shape[1]), np.float32)
        np.cumsum(part, axis=0, out=sums[1:])
        lengths = np.einsum("ij,ij->i", sums[:n], sums[:n])
        for row, width in enumerate(widths):
            edge = min(width, n)
            after = np.empty(part.shape, np.float32)
            np.subtract(sums[edge:n], sums[: n - edge], out=after[: n - edge])
            np.subtract(sums[n], sums[n - edge : n], out=after[n - edge :])
            own = np.einsum("ij,ij->i", after, after)
            norms[row] += own
            # what lies before a gap is what lies after the gap `width` units earlier, or all there is
            dots[row, :edge] += np.einsum("ij,ij->i", sums[:edge], after[:edge])
            dots[row, edge:] += np.einsum("ij,ij->i", after[: n - edge], after[edge:])
            before[row, :edge] += lengths[:edge]
            before[row, edge:] += own[: n - edge]
    cosines: F32 = (dots / np.sqrt(before * norms + 1e-6)).T
    return cosines


def patches(topics: F32, sketches: F32) -> F32:
    """What surrounds each gap: float32 (n, 252); gap i is before unit i.

    For topics, then sketches: the 120 cosines among the 8 units before and the 8 after, and those of window means.
    """
    rows, distances = patch_pairs()
    columns = rows * (2 * REACH - 1) + distances - 1
    parts = []
    for vectors in (topics, sketches):
        n, reach = len(vectors), 2 * REACH - 1
        padded = np.zeros((n + 2 * REACH, reach), np.float32)
        padded[REACH : REACH + n] = band(vectors)
        shape, step = (n, 2 * REACH * reach), padded.strides
        windows = np.lib.stride_tricks.as_strided(padded, shape, (step[0], step[1]), writeable=False)
        pairs = windows[:, columns]
        parts += [pairs, mean_cosines(vectors, pairs)]
    return np.concatenate(parts, axis=1)


@dataclass(frozen=True, slots=True)
class SectionShape:
    """Sizes that define one section model; stored with its weights.

    Args:
        bits: The word table has 2^bits rows.
        width: Numbers a word vector has.
        sketch: Slots of the lexical sketch.
        form_width: Numbers a form vector has.
        body: Numbers a unit has inside the body.
        layers: Blocks of the body.
        heads: Attention heads of a block.
    """

    bits: int = 17
    width: int = 96
    sketch: int = 256
    form_width: int = 24
    body: int = 160
    layers: int = 4
    heads: int = 4
