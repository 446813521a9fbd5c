"""Italic headings: lines of the size of the text that stand alone above a paragraph in upright letters.

Pure. One such line may be anything (a dedication, a citation, the first words of a letter); two or more of one look,
each flush left and close above running text, are headings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from segtool.loaders.pdf.labels import bullet
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.measures import Measures, is_below, room_of

_LEAST = 2
_MAX_CHARS = 90
_WIDEST = 0.8
"""Most of its column that such a line fills: the first line of a quotation fills it all."""
_RUNNING = 0.5
"""Least share of its column that the line below fills."""
_FURTHEST = 1.8
"""Most distance to the line below (of the usual one)."""


def mark_subheads(lines: Sequence[Line], measures: Measures) -> None:
    """Sets ``is_head`` on the italic headings of these lines."""
    found: defaultdict[tuple[int, float], list[Line]] = defaultdict(list)
    for index, line in enumerate(lines):
        if not _may_head(line, measures):
            continue
        before = lines[index - 1] if index else None
        after = lines[index + 1] if index + 1 < len(lines) else None
        if after is not None and _stands_alone(before, line, measures) and _is_above_text(line, after, measures):
            found[(line.style, round(line.size, 1))].append(line)
    for heads in found.values():
        if len(heads) >= _LEAST:
            for line in heads:
                line.is_head = True


def _may_head(line: Line, measures: Measures) -> bool:
    if line.italic < 0.97 or line.bold > 0.5 or line.role != "body" or line.in_list:
        return False
    if abs(line.size - measures.body_size) > 0.08 * measures.body_size or line.start - line.left > 0.5 * line.size:
        return False
    text = line.text
    return (
        line.width < _WIDEST * room_of(line)
        and len(text) <= _MAX_CHARS
        and not text[0].islower()
        and text[-1] not in ".,;:!?"
        and bullet(text) is None
        and sum(char.isalpha() for char in text) > 2
    )


def _stands_alone(before: Line | None, line: Line, measures: Measures) -> bool:
    """Whether the line above belongs to something else: it is not italic, or stands further off than lines do."""
    if before is None or not is_below(before, line):
        return True
    return before.italic < 0.5 or measures.excess(line.base - before.base, line.size) > 0.2 * line.size


def _is_above_text(line: Line, after: Line, measures: Measures) -> bool:
    """Whether the line below is one of running text in upright letters."""
    if not is_below(line, after) or after.role != "body" or after.italic > 0.5 or after.text[0].islower():
        return False
    if abs(after.size - line.size) > 0.08 * line.size or after.width < _RUNNING * room_of(after):
        return False
    return after.base - line.base <= _FURTHEST * measures.leading_of(line.size)
