"""Runs of short lines at the distance of running text: addresses, signatures, lists of counsel.

Pure. In such a run each line ends where its writer wanted it to, and capitals mark names, not headings.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from segtool.loaders.pdf.labels import bullet, label
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.measures import Measures

_LEAST_LINES = 4
_LEAST_MIXED = 2
"""Least lines of a run that are not in capitals: a heading of several lines is all in them."""


def mark_short_lines(lines: Sequence[Line], measures: Measures) -> None:
    """Sets ``in_list`` on the lines of every run of four or more that had room for the next one's first word."""
    start = 0
    for index in range(1, len(lines) + 1):
        if index < len(lines) and _goes_on(lines[index - 1], lines[index], measures):
            continue
        run = lines[start:index]
        if len(run) >= _LEAST_LINES and sum(not line.text.isupper() for line in run) >= _LEAST_MIXED:
            short = sum(_had_room(line, after) for line, after in pairwise(run))
            if short > 0.7 * (len(run) - 1):
                for line in run:
                    line.in_list = True
        start = index


def _goes_on(before: Line, line: Line, measures: Measures) -> bool:
    if (before.page, before.column, before.role) != (line.page, line.column, line.role) or line.base <= before.base:
        return False
    if abs(line.size - before.size) > 0.08 * line.size or abs(line.start - before.start) > 0.5 * line.size:
        return False
    if bullet(line.text) is not None or label(line.text) is not None:
        return False
    return measures.excess(line.base - before.base, line.size) <= 0.2 * line.size


def _had_room(line: Line, after: Line) -> bool:
    return line.right - line.stop > after.first_width + line.space + 0.3 * line.size
