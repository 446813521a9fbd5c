"""Levels of kinds of numbering: parts of units, inserted numbers, articles below whatever stands above them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from segtool.segmenters.decision import decide
from segtool.segmenters.numbering import parse_number

BELOW, BESIDE, ABOVE = np.log([[0.9, 0.05, 0.05], [0.05, 0.9, 0.05], [0.05, 0.05, 0.9]])
N_CLASSES = 6


def _levels(lines: Sequence[tuple[str, int]], steps: Sequence[NDArray[np.float64]] | None = None) -> list[int]:
    """Levels of headings, each with the level that it seems to have by itself (0: no telling)."""
    chances = np.full((len(lines), N_CLASSES), 0.02, np.float32)
    for row, (_, level) in zip(chances, lines, strict=True):
        row[1:] = (0.2, 0.2, 0.2, 0.2, 0.18) if level == 0 else row[1:]
        row[level] = max(row[level], 1 - row[1:].sum() + row[level] if level else 0)
    numbers = [parse_number(text) for text, _ in lines]
    moves = None if steps is None else np.array(steps, np.float32)
    found = decide(chances, numbers, 0.4, moves=None if moves is None else lambda _: moves)
    return [int(level) for level in found]


def test_parts_of_a_unit_lie_below_it_though_both_look_alike() -> None:
    chapters = [("Chapter 1", 1), ("Chapter 2", 1), ("Chapter 2.1 Loans", 1), ("Chapter 2.2 Rent", 1), ("Chapter 3", 1)]
    assert _levels(chapters) == [1, 1, 2, 2, 1]


def test_units_numbered_by_decimals_alone_are_one_kind() -> None:
    assert _levels([("Section 2.1 A", 1), ("Section 3 l. B", 1), ("Section 3.2 C", 1), ("Section 3.3 D", 1)]) == [1] * 4


@pytest.mark.filterwarnings("error")
def test_parts_of_no_unit_are_one_kind() -> None:
    assert len(set(_levels([("Chapter 0.1 A", 1), ("Chapter 0.2 B", 1), ("Chapter 0.3 C", 1)]))) == 1


def test_a_number_inserted_later_stands_beside_plain_ones() -> None:
    inserted = [("6 Notice", 2), ("7 Transfer", 2), ("7.1 Seal", 2), ("8 Appeal", 2), ("8.1 Costs", 2), ("8.2 Fees", 2)]
    assert len(set(_levels(inserted))) == 1
    parts = [(text, 2 + ("." in text)) for text, _ in inserted]
    assert _levels(parts)[2] == _levels(parts)[1] + 1


def test_articles_go_below_plain_headings_where_all_together_fit_better_so() -> None:
    lines = [("PART ONE", 1), ("Pensions", 2), ("Article 1", 2), ("Article 2", 2), ("Grants", 2), ("Article 3", 2)]
    steps = [BELOW, BELOW, BESIDE, ABOVE, BELOW]
    assert _levels(lines, steps) == [1, 2, 3, 3, 2, 3]
    flat = [("Pensions", 1), ("Article 1", 2), ("Article 2", 2), ("Grants", 1), ("Article 3", 2)]
    assert _levels(flat, [BELOW, BESIDE, ABOVE, BELOW]) == [1, 2, 2, 1, 2]
