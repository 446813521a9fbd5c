"""Layers: partitions of a text into units, held as the starts of the units.

A layer stores columns (numpy arrays), not objects, so that six million characters with a hundred
thousand sentences cost a few megabytes; ``Boundary`` is a view of one row, made on demand. Since
only starts are stored, gaps and overlaps can't be written down, and joining the units always gives
the text back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from segtool.core.span import Span

LayerName = Literal["sentence", "paragraph", "section", "chunk"]
Origin = Literal["loader", "model", "rule", "user"]

LAYER_NAMES: tuple[LayerName, ...] = get_args(LayerName)
ORIGINS: tuple[Origin, ...] = get_args(Origin)


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a section: its number ("4.2", "Article IV") and heading, each None where it has none."""

    number: str | None = None
    heading: str | None = None


@dataclass(frozen=True, slots=True)
class Boundary:
    """The start of one unit.

    ``level`` nests sections (1 outermost) and is 1 elsewhere. ``score`` is the calibrated chance in
    [0, 1] that a unit starts here, None for the first unit and for what is certain. ``label`` names a
    section and is None in other layers.
    """

    offset: int
    level: int = 1
    score: float | None = None
    origin: Origin = "model"
    label: Label | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A partition of a text of ``length`` characters into units.

    Attributes:
        name: which layer this is.
        length: characters of the text.
        offsets: int64 (n,), strictly increasing starts; the first is 0. Empty if and only if length is 0.
        levels: int16 (n,), at least 1.
        scores: float32 (n,) in [0, 1]; NaN means certain (or the first unit).
        origins: uint8 (n,), indices into ``ORIGINS``.
        labels: section names by offset; offsets without a name are absent.

    Raises:
        ValueError: if the columns differ in length or break one of the rules above.
    """

    name: LayerName
    length: int
    offsets: NDArray[np.int64]
    levels: NDArray[np.int16]
    scores: NDArray[np.float32]
    origins: NDArray[np.uint8]
    labels: Mapping[int, Label] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._check()
        for column in (self.offsets, self.levels, self.scores, self.origins):
            column.flags.writeable = False
        object.__setattr__(self, "labels", MappingProxyType(dict(self.labels)))

    def _check(self) -> None:
        n = len(self.offsets)
        if not len(self.levels) == len(self.scores) == len(self.origins) == n:
            raise ValueError(f"{self.name} layer: columns of different length")
        if (n == 0) != (self.length == 0):
            raise ValueError(f"{self.name} layer: {n} units for a text of {self.length} characters")
        if n == 0:
            return
        if self.offsets[0] != 0 or self.offsets[-1] >= self.length or (self.offsets[1:] <= self.offsets[:-1]).any():
            raise ValueError(f"{self.name} layer: offsets must rise from 0 to below {self.length}")
        if self.levels.min() < 1:
            raise ValueError(f"{self.name} layer: levels count from 1")
        if self.origins.max() >= len(ORIGINS):
            raise ValueError(f"{self.name} layer: unknown origin code {self.origins.max()}")
        if ((self.scores < 0) | (self.scores > 1)).any():
            raise ValueError(f"{self.name} layer: scores outside [0, 1]")

    @classmethod
    def from_boundaries(cls, name: LayerName, length: int, boundaries: Iterable[Boundary]) -> Layer:
        """The layer with these units, in any order; a unit at 0 is added where none is given.

        Of several boundaries at one offset the last wins. Text of length 0 gives the empty layer.
        """
        by_offset = {b.offset: b for b in boundaries} if length else {}
        if length and 0 not in by_offset:
            by_offset[0] = Boundary(0, origin="rule")
        rows = [by_offset[offset] for offset in sorted(by_offset)]
        return cls(
            name,
            length,
            np.array([b.offset for b in rows], dtype=np.int64),
            np.array([b.level for b in rows], dtype=np.int16),
            np.array([np.nan if b.score is None else b.score for b in rows], dtype=np.float32),
            np.array([ORIGINS.index(b.origin) for b in rows], dtype=np.uint8),
            {b.offset: b.label for b in rows if b.label is not None},
        )

    @classmethod
    def from_offsets(
        cls,
        name: LayerName,
        length: int,
        offsets: NDArray[np.int64],
        *,
        scores: NDArray[np.float32] | None = None,
        origin: Origin = "model",
    ) -> Layer:
        """The layer whose units start at 0 and at ``offsets`` (sorted, unique, inside the text), all level 1.

        ``scores`` is aligned with ``offsets``; the unit at 0 gets none.
        """
        if length == 0:
            return cls.from_boundaries(name, 0, ())
        skipped = 1 if len(offsets) and offsets[0] == 0 else 0
        n = len(offsets) - skipped + 1
        starts, levels = np.zeros(n, np.int64), np.empty(n, np.int16)
        values, origins = np.empty(n, np.float32), np.empty(n, np.uint8)
        starts[1:] = offsets[skipped:]
        levels[:], values[:], origins[:] = 1, np.nan, ORIGINS.index(origin)
        if scores is not None:
            values[1:] = scores[skipped:]
        return cls(name, length, starts, levels, values, origins)

    def __len__(self) -> int:
        return len(self.offsets)

    def __getitem__(self, index: int) -> Boundary:
        score = float(self.scores[index])
        offset = int(self.offsets[index])
        return Boundary(
            offset,
            int(self.levels[index]),
            None if score != score else score,
            ORIGINS[self.origins[index]],
            self.labels.get(offset),
        )

    def __iter__(self) -> Iterator[Boundary]:
        return (self[i] for i in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Layer):
            return NotImplemented
        return (
            (self.name, self.length, dict(self.labels)) == (other.name, other.length, dict(other.labels))
            and np.array_equal(self.offsets, other.offsets)
            and np.array_equal(self.levels, other.levels)
            and np.array_equal(self.scores, other.scores, equal_nan=True)
            and np.array_equal(self.origins, other.origins)
        )

    def span(self, index: int) -> Span:
        """The span of unit ``index`` (from 0): up to the start of the next unit, white space included."""
        end = self.offsets[index + 1] if index + 1 < len(self.offsets) else self.length
        return Span(int(self.offsets[index]), int(end))

    def spans(self) -> Iterator[Span]:
        """The spans of all units in order; together they are the text."""
        starts = self.offsets.tolist()
        for start, end in zip(starts, [*starts, self.length][1:], strict=True):
            yield Span(start, end)

    def find(self, offset: int) -> int:
        """The index of the unit that holds ``offset``; -1 for an empty layer."""
        return int(np.searchsorted(self.offsets, offset, side="right")) - 1


def rows_at(column: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows of a rising column that hold one of the ``wanted`` values (rising too); values that it lacks give none.

    Costs a bisection for each wanted value: a few edits in a hundred thousand units cost nothing.
    """
    rows = np.searchsorted(column, wanted)
    is_inside = rows < len(column)
    rows, wanted = rows[is_inside], wanted[is_inside]
    found: NDArray[np.int64] = rows[column[rows] == wanted]
    return found
