"""Sections of a text without headings: the section model's word, weighed once more by what the lines look like.

The model reads whole documents, but knows numbers and marks by a few figures only. The outline knows more of each line:
what series its number goes on with, how those around it begin and end, whether it looks like a heading. A small network
turns that, and what the model says of the lines around, into log-odds that are added to the model's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segtool.inference.topic_decode import section_levels
from segtool.segmenters.evidence import N_GROUPS, Array, block_columns

_FORM = [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16]
_SEQUENCE = list(range(7))
_KINDS = (0, 1, 2, 8, 11, 15, 20, N_GROUPS)
"""First columns of the kinds of numbers: none, bullets, arabic, decimal, letters, roman, units; and the end."""
N_OWN = len(_FORM) + len(_SEQUENCE) + len(_KINDS) - 1 + 3
_BEFORE = [0, 1, 2, 8, 12, 13, 14, 15, 16, 17, 18, 19, 23, 24, 25, 26, 27, 28, 29]
"""What counts of the line before, of its own columns: its length, its end, its number."""
_AFTER = [0, 1, 2, 16, 17, 18, 23, 24, 25, 26, 27, 28, 29]
_STEPS = (-3, -2, -1, 1, 2, 3)
N_DEPTHS = 4
N_COLUMNS = N_OWN + len(_BEFORE) + len(_AFTER) + N_DEPTHS + 3 + 2 + 10 + len(_STEPS)
_FLOOR = 1e-4


@dataclass(frozen=True, slots=True)
class Bare:
    """One hidden layer, ``relu(x @ w1 + b1) @ w2 + b2``: log-odds besides ``scale`` times those of the model."""

    w1: Array
    b1: Array
    w2: Array
    b2: Array
    scale: Array

    def __call__(self, rows: Array, topics: Array) -> Array:
        """Chances that a section of depth <= 1 .. 4 starts at each line, 0 where the model says nothing: (n, 4)."""
        added = np.maximum(rows @ self.w1 + self.b1, 0) @ self.w2 + self.b2
        chances = 1 / (1 + np.exp(-(self.scale * depth_odds(topics) + added)))
        chances[~topics.any(axis=1)] = 0
        said: Array = chances.astype(np.float32)
        return said


def bare_levels(chances: Array, threshold: float) -> NDArray[np.int64]:
    """Level of the section that starts at each line, 0 where none does; ``chances`` as of ``Bare``."""
    levels = np.zeros(len(chances), np.int64)
    levels[1:] = section_levels(chances[1:], threshold)
    return levels


def depth_odds(topics: Array) -> Array:
    """The model's log-odds of a section of depth <= 1 .. 4, rising: float32 (n, 4)."""
    return _odds(np.maximum.accumulate(topics[:, :N_DEPTHS], axis=1))


def bare_rows(evidence: Array, looks: Array, topics: Array) -> Array:
    """What the network knows of each line: float32 (n, N_COLUMNS).

    Args:
        evidence: (n, features), of all lines.
        looks: (n, 1 + levels), chances by the looks of the lines; the first column is of no heading.
        topics: (n, 5), the section model's.
    """
    own = _own(evidence, looks)
    depths: Array = depth_odds(topics) / np.float32(4)
    main: Array = _odds(topics[:, 4]) / np.float32(4)
    around, deepest = np.pad(own, ((1, 1), (0, 0))), np.pad(depths[:, -1:], ((1, 1), (0, 0)))
    mains = np.pad(main, 3)
    n = len(own)
    place: Array = (np.arange(n)[:, None] / max(n, 1)).astype(np.float32)
    model: list[Array] = [depths, main[:, None], deepest[:-2], deepest[2:]]
    model_around: Array = np.stack([mains[3 + step : 3 + step + n] for step in _STEPS], axis=1)
    lines: list[Array] = [own, around[:-2, _BEFORE], around[2:, _AFTER]]
    whole: list[Array] = [place, place[::-1], _whole(own, looks, topics, depths)]
    return np.concatenate([*lines, *model, *whole, model_around], axis=1, dtype=np.float32)


def _own(evidence: Array, looks: Array) -> Array:
    columns = block_columns()
    numbers = evidence[:, columns["number"]]
    kinds = np.add.reduceat(numbers, _KINDS[:-1], axis=1)
    form, sequence = evidence[:, columns["form"]][:, _FORM], evidence[:, columns["sequence"]][:, _SEQUENCE]
    kin = evidence[:, columns["kin"]][:, :2]
    return np.concatenate([form, sequence, kinds, kin, _odds(1 - looks[:, :1]) / 4], axis=1, dtype=np.float32)


def _whole(own: Array, looks: Array, topics: Array, depths: Array) -> Array:
    """What the document is like: the same row for every line."""
    n, first_kind = len(own), len(_FORM) + len(_SEQUENCE)
    row = [
        np.log1p(n) / 6,
        topics[:, 4].mean(),
        topics[:, 0].mean(),
        depths[:, -1].mean(),
        own[:, first_kind].mean(),
        own[:, _FORM.index(2)].mean(),
        own[:, _FORM.index(13)].mean(),
        own[:, first_kind + 1].mean(),
        own[:, first_kind + 2].mean(),
        (1 - looks[:, 0]).mean(),
    ]
    return np.tile(np.array(row, np.float32), (n, 1))


def _odds(chances: Array) -> Array:
    inside = np.clip(chances, _FLOOR, 1 - _FLOOR)
    odds: Array = np.log(inside / (1 - inside)).astype(np.float32)
    return odds
