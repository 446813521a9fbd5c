"""Numbers read in their sequence: which series a number goes on with, and how deep that series lies.

One pass over the numbered lines with a stack of open series. A number continues the innermost series that it is the
next of, and closes those opened since: after 4.2 comes 4.3, 5 or 4.2.1; "(i)" after "(h)" is a letter, "(ii)" after it
says that it was a roman number. A number that continues nothing opens a series of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segtool.segmenters.number import Number
from segtool.segmenters.numbering_units import RANKS

_OPEN_SERIES = 12
_LARGEST_GAP = 4


@dataclass(frozen=True, slots=True)
class Sequence:
    """What the neighbours of each number say; every array has one entry for each line, 0 where it has no number.

    Attributes:
        numbers: the numbers, each read as a letter or a roman number as its series has it; weak ones that stand
            in no series are gone.
        is_first: the number opens its series with 0, 1, a, i ...
        continues: it is the next of its series (1), or some are left out (0.5).
        is_continued: the number after it in its series is the next one.
        nesting: open series around it.
        series: index of its series, -1 without a number.
        length: numbers in its series.
        spacing: mean distance in lines of the numbers of its series, 0 for a series of one.
    """

    numbers: list[Number | None]
    is_first: NDArray[np.float32]
    continues: NDArray[np.float32]
    is_continued: NDArray[np.float32]
    nesting: NDArray[np.float32]
    series: NDArray[np.int64]
    length: NDArray[np.float32]
    spacing: NDArray[np.float32]


@dataclass(slots=True)
class _Series:
    track: tuple[str, str, int]
    values: tuple[int, ...]
    line: int
    index: int
    first: int
    size: int = 1


def read_sequence(numbers: list[Number | None]) -> Sequence:
    """The numbers of a document's lines, in order, read together."""
    n = len(numbers)
    columns = np.zeros((4, n), np.float32)
    series_of = np.full(n, -1, np.int64)
    resolved = list(numbers)
    stack: list[_Series] = []
    every: list[_Series] = []
    for i, number in enumerate(numbers):
        if number is None or number.kind == "bullet":
            continue
        resolved[i], depth, step = _place(number, stack)
        if depth < 0:
            del stack[_OPEN_SERIES - 1 :]
            opened = _Series(_track(resolved[i] or number), (resolved[i] or number).values, i, len(every), i)
            stack.append(opened)
            every.append(opened)
            columns[0, i] = (opened.values[-1] if opened.values else 1) <= 1
            columns[3, i] = len(stack) - 1
            series_of[i] = opened.index
            continue
        del stack[depth + 1 :]
        series = stack[depth]
        columns[1, i] = step
        columns[2, series.line] = step == 1
        columns[3, i] = depth
        series.values, series.line, series.size = (resolved[i] or number).values, i, series.size + 1
        series_of[i] = series.index
    for i, number in enumerate(resolved):
        if number is not None and number.is_weak and every[series_of[i]].size == 1:
            resolved[i], series_of[i] = None, -1
            columns[:, i] = 0
    length = np.array([s.size for s in every] + [0], np.float32)[series_of]
    spread = np.array([(s.line - s.first) / max(s.size - 1, 1) for s in every] + [0], np.float32)[series_of]
    return Sequence(resolved, columns[0], columns[1], columns[2], columns[3], series_of, length, spread)


def _track(number: Number) -> tuple[str, str, int]:
    upper = number.kind in ("letter", "roman") and number.text.strip("()（）.").isupper()
    depth = len(number.values) if number.kind == "decimal" else 0
    return (number.kind, number.style + ("A" if upper else ""), depth)


def _place(number: Number, stack: list[_Series]) -> tuple[Number, int, float]:
    """The number as its series reads it, the depth of that series (-1: none), and how well it goes on."""
    readings = [number]
    if number.letter:
        kind = number.kind if number.kind in RANKS else "letter"
        readings.append(replace(number, kind=kind, values=(number.letter, *number.values[1:]), letter=0))
    best = (number, -1, 0.0)
    tracks = [_track(reading) for reading in readings]
    for depth in range(len(stack) - 1, -1, -1):
        series = stack[depth]
        for reading, track in zip(readings, tracks, strict=True):
            if track != series.track:
                continue
            step = _step(series.values, reading.values)
            if step == 1:
                return reading, depth, 1.0
            if step and best[1] < 0:
                best = (reading, depth, step)
    return best


def _step(before: tuple[int, ...], after: tuple[int, ...]) -> float:
    """1 if ``after`` is the next of ``before``, 0.5 if a few lie between, else 0."""
    if not before or not after:
        return 0.0
    if before[:-1] == after[:-1]:
        ahead = after[-1] - before[-1]
        return 1.0 if ahead == 1 else 0.5 if 1 < ahead <= _LARGEST_GAP else 0.0
    if len(after) == len(before) + 1 and after[:-1] == before:
        return 1.0  # 12 -> 12a
    if len(after) < len(before) and after[:-1] == before[: len(after) - 1]:
        return _step(before[: len(after)], after)  # 12a -> 13
    if len(after) == len(before) and after[-1] <= 1 and after[:-2] == before[:-2] and after[-2] - before[-2] == 1:
        return 0.5  # 4.9 -> 5.1 with nothing between
    return 0.0
