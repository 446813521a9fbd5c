"""From one heading to the next: does it lie below, beside, or above? Told by how the two are written and how far apart.

Which level a heading has can hardly be told from its line alone where there are no numbers; whether it lies below the
one before it often can: a heading with nothing between it and the next is that one's parent, headings that begin alike
are siblings, a section much longer than its neighbours is an outer one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence as Items
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segtool.segmenters.evidence import Array, block_columns
from segtool.segmenters.headings import Line
from segtool.segmenters.number import Number
from segtool.segmenters.numbering_units import RANKS
from segtool.segmenters.sequences import Sequence

BELOW, BESIDE, ABOVE = range(3)
N_MOVES = 3
_FLOOR = 1e-4
_KINDS = ("bullet", "arabic", "decimal", "letter", "roman")
N_SHAPE = 30 + len(_KINDS) + 2
N_PLACE, N_PAIR = 13, 14
N_COLUMNS = 2 * N_SHAPE + 2 * N_PLACE + N_PAIR + 5


@dataclass(frozen=True, slots=True)
class Moves:
    """One hidden layer over what is known of two headings in a row: ``softmax(relu(x @ w1 + b1) @ w2 + b2)``."""

    w1: Array
    b1: Array
    w2: Array
    b2: Array

    def __call__(self, rows: Array) -> Array:
        """Log-chances that each heading lies below, beside or above the one before it: float32 (n, 3)."""
        logits = np.maximum(rows @ self.w1 + self.b1, 0) @ self.w2 + self.b2
        logits -= logits.max(axis=1, keepdims=True)
        chances = np.exp(logits)
        chances /= chances.sum(axis=1, keepdims=True)
        logs: Array = np.log(np.maximum(chances, _FLOOR))
        return logs


def move_rows(lines: list[Line], sequence: Sequence, rows: Array, chosen: NDArray[np.int64]) -> Array:
    """What is known of each heading and the one before it: float32 (len(chosen) - 1, N_COLUMNS).

    Args:
        lines: of the document.
        sequence: their numbers.
        rows: their evidence.
        chosen: the lines that are headings, rising.
    """
    if len(chosen) < 2:
        return np.zeros((0, N_COLUMNS), np.float32)
    heads = [lines[i] for i in chosen.tolist()]
    numbers = [sequence.numbers[i] for i in chosen.tolist()]
    shape = _shape(rows[chosen], numbers)
    place = _place(lines, heads, chosen)
    means = np.broadcast_to(place[:, [3, 4, 5, 6, 9]].mean(axis=0), (len(chosen) - 1, 5))
    pair = _pair(heads, numbers, sequence.series[chosen])
    return np.concatenate([shape[1:], shape[:-1], place[1:], place[:-1], pair, means], axis=1, dtype=np.float32)


def _shape(rows: Array, numbers: Items[Number | None]) -> Array:
    columns = block_columns()
    kinds = np.zeros((len(rows), len(_KINDS) + 2), np.float32)
    for i, number in enumerate(numbers):
        kinds[i, 0 if number is None else 1 + _KINDS.index(number.kind) if number.kind in _KINDS else -1] = 1
    return np.concatenate([rows[:, columns["form"]], rows[:, columns["sequence"]], kinds], axis=1)


def _place(lines: list[Line], heads: list[Line], chosen: NDArray[np.int64]) -> Array:
    """Where each heading stands, how much text follows it, and how many others are written like it."""
    n = len(chosen)
    order = np.arange(n, dtype=np.float32)
    gaps = np.diff(chosen, prepend=-1, append=len(lines)) - 1
    ends = np.array([line.lead or line.end for line in heads])
    starts = np.array([line.start for line in heads[1:]] + [lines[-1].end])
    firsts = [line.hashes[:1] for line in heads]
    counts = Counter(firsts), Counter(line.hashes for line in heads), Counter(line.key for line in heads)
    alike = np.array(
        [
            (counts[0][first], counts[1][line.hashes], counts[2][line.key])
            for first, line in zip(firsts, heads, strict=True)
        ],
        np.float32,
    )
    return np.stack(
        [
            order / n,
            np.log1p(order) / 4,
            np.log1p(n - 1 - order) / 4,
            gaps[:-1] == 0,
            gaps[1:] == 0,
            np.log1p(gaps[:-1]) / 3,
            np.log1p(gaps[1:]) / 3,
            np.full(n, np.log1p(n) / 4),
            np.array([line.hashes == () for line in heads]),
            np.log1p(np.maximum(starts - ends, 0)) / 8,
            np.log(alike[:, 0]) / 2,
            np.log(alike[:, 1]) / 2,
            alike[:, 2] / n,
        ],
        axis=1,
        dtype=np.float32,
    )


def _pair(heads: list[Line], numbers: Items[Number | None], series: NDArray[np.int64]) -> Array:
    """How alike each heading and the one before it are."""
    out = np.zeros((len(heads) - 1, N_PAIR), np.float32)
    for i in range(len(out)):
        before, here, first, second = heads[i], heads[i + 1], numbers[i], numbers[i + 1]
        a, b = before.hashes, here.hashes
        row = out[i]
        row[0] = before.key == here.key
        if a and b:
            row[1] = a[0] == b[0]
            row[2] = a[:2] == b[:2]
            row[3] = a[-1] == b[-1]
            row[4] = len(set(a).intersection(b)) / min(len(a), len(b))
            row[5] = a == b
        row[6] = before.words - here.words
        kinds = first.kind if first else "", second.kind if second else ""
        row[8] = kinds[0] == kinds[1]
        if first is not None and second is not None:
            row[9] = first.values[:1] == second.values[:1]
            row[10] = len(second.values) > len(first.values) and second.values[: len(first.values)] == first.values
            row[11] = first.style == second.style
            row[12] = len(second.values) - len(first.values)
            row[13] = RANKS.get(kinds[1], 0) - RANKS.get(kinds[0], 0) if kinds[0] in RANKS and kinds[1] in RANKS else 0
    out[:, 6] = np.clip(out[:, 6], -10, 10) / 5
    out[:, 7] = np.abs(out[:, 6])
    out[:, 8] += (series[1:] == series[:-1]) & (series[1:] >= 0)
    return out
