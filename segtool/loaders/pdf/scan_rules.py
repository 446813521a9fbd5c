"""Ruling lines in the picture of a page: long thin runs of ink, for the detection of tables that all pages have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segtool.loaders.pdf.recognition import ink_of

_LEAST_RUN, _LEAST_RULE = 0.2, 0.4
"""Lengths in inches: of a run of ink in one row of pixels, and of the rule that runs make together."""
_THICKEST = 0.05
"""Thickness in inches beyond which it is no line but a filled box or a picture."""
_GAP = 2
"""White pixels in a run that are dirt, and white rows between runs of one rule."""
_MAX_RUNS = 20_000

Box = tuple[float, float, float, float]


@dataclass(slots=True)
class _Rule:
    """A growing rule: its box (x0, top, x1, bottom; the last ones excluded), and its runs (row, start, end)."""

    x0: int
    top: int
    x1: int
    bottom: int
    runs: list[tuple[int, int, int]] = field(default_factory=list)


def rules_in(pixels: NDArray[np.uint8], dpi: float) -> tuple[list[Box], NDArray[np.uint8]]:
    """The ruling lines of a page, and the picture without them if some are upright: engines read those as letters.

    Args:
        pixels: uint8 (height, width), 0 is black; the page upright and not leaning.
        dpi: pixels an inch.

    Returns:
        The boxes of level and upright lines in pixels (x0, top, x1, bottom), and the picture.
    """
    ink = ink_of(pixels)
    level, upright = _rules(ink, dpi), _rules(np.ascontiguousarray(ink.T), dpi)
    if upright:
        pixels = pixels.copy()
        shade = int(np.percentile(pixels[::4, ::4], 80))
        _blank(pixels, level, shade)
        _blank(pixels.T, upright, shade)
    boxes = [(float(r.x0), float(r.top), float(r.x1), float(r.bottom)) for r in level]
    return boxes + [(float(r.top), float(r.x0), float(r.bottom), float(r.x1)) for r in upright], pixels


def _rules(ink: NDArray[np.bool_], dpi: float) -> list[_Rule]:
    """The level lines in a mask of ink."""
    found: list[_Rule] = []
    open_rules: list[_Rule] = []
    for row, start, end in _runs(ink, _LEAST_RUN * dpi):
        open_rules = [rule for rule in open_rules if row - rule.bottom <= _GAP]
        near = [rule for rule in open_rules if start <= rule.x1 + _GAP and rule.x0 <= end + _GAP]
        if near:
            rule = near[0]
            rule.x0, rule.x1, rule.bottom = min(rule.x0, start), max(rule.x1, end), row + 1
        else:
            rule = _Rule(start, row, end, row + 1)
            found.append(rule)
            open_rules.append(rule)
        rule.runs.append((row, start, end))
    return [rule for rule in found if rule.x1 - rule.x0 >= _LEAST_RULE * dpi and _is_thin(rule, _THICKEST * dpi)]


def _is_thin(rule: _Rule, limit: float) -> bool:
    """Whether a rule has no more ink than a line, though it may lean."""
    ink = sum(end - start for _, start, end in rule.runs)
    return ink / (rule.x1 - rule.x0) <= limit and rule.bottom - rule.top <= 3 * limit


def _runs(ink: NDArray[np.bool_], least: float) -> Sequence[tuple[int, int, int]]:
    """The long runs of ink along the rows as row, start and end, from the top."""
    closed = ink.copy()
    for shift in range(1, _GAP + 1):
        closed[:, shift:] |= ink[:, :-shift]
    edges = np.diff(np.pad(closed, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    long = ends - starts >= least
    columns = zip(rows[long].tolist(), starts[long].tolist(), ends[long].tolist(), strict=True)
    return list(columns)[:_MAX_RUNS]


def _blank(pixels: NDArray[np.uint8], rules: Sequence[_Rule], paper: int) -> None:
    """Paints lines over with paper, in place."""
    for rule in rules:
        for row, start, end in rule.runs:
            pixels[max(row - 1, 0) : row + 2, start:end] = paper
