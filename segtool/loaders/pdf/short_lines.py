"""Runs of short lines at the distance of running text: addresses, signatures, lists of counsel.

Pure. In such a run each line ends where its writer wanted it to, and capitals mark names, not headings. Where its
lines are no sentences, they are one paragraph, a line feed where a line ended before it was full.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from segtool.loaders.pdf.labels import bullet, label
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.measures import Measures, room_of, share_centre

_LEAST_LINES = 4
_LEAST_MIXED = 2
"""Least lines of a run that are not in capitals: a heading of several lines is all in them."""
_SHORT = 0.7
"""Least share of the lines of a run that had room for the next one's first word."""
_EARLY = 2.0
"""Room at the end of a line (of the font size) that running text seldom leaves."""
_WIDER = 1.3
"""How much wider than the first step of a run its others may be."""
_NARROW = 0.4
"""Share of its column that running text fills at least, however narrow it is set."""
_CONTACT = re.compile(
    r"\S@\S+\.\w|\bwww\.|https?://|^(?:tel|fax|phone|e-?mail)|\btelephone|\bfacsimile|\bP\.? ?O\.? Box\b"
    r"|\(\d{3}\) ?\d{3}-\d|\b[A-Z]{2} +\d{5}\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?:(?<![^\W\d_])[^\W\d_A-Z]{3,}[.!?;:]|[。！？；])[\"”’)]*$")
"""The end of a sentence: abbreviations in addresses are short or have capitals."""


def mark_short_lines(lines: Sequence[Line], measures: Measures) -> None:
    """Marks every run of four short lines or more: ``in_list`` is set, ``glue`` where they are one paragraph."""
    for run in _runs(lines, measures):
        if sum(not line.text.isupper() for line in run) < _LEAST_MIXED or not _is_short(run):
            continue
        for line in run:
            line.in_list = True
        if measures.indented and 0.8 * run[0].size < run[0].start - run[0].left < 4 * run[0].size:
            continue  # paragraphs of one line
        for part in _parts(run):
            if _is_short(part) and (_has_contacts(part) or not _is_filled(part)):
                _glue(part)


def _runs(lines: Sequence[Line], measures: Measures) -> Iterator[Sequence[Line]]:
    start = 0
    for index in range(1, len(lines) + 1):
        if index < len(lines) and _goes_on(lines[index - 1], lines[index], measures):
            step = lines[index].base - lines[index - 1].base
            if index == start + 1 or step <= _WIDER * (lines[start + 1].base - lines[start].base):
                continue
        yield lines[start:index]
        start = index


def _goes_on(before: Line, line: Line, measures: Measures) -> bool:
    if (before.page, before.column) != (line.page, line.column) or line.base <= before.base:
        return False
    if not before.role == line.role == "body":
        return False
    if abs(line.size - before.size) > 0.08 * line.size:
        return False
    if abs(line.start - before.start) > 0.5 * line.size and not share_centre(before, line):
        return False
    if bullet(line.text) is not None or label(line.text) is not None:
        return False
    return measures.excess(line.base - before.base, line.size) <= 0.2 * line.size


def _is_short(run: Sequence[Line]) -> bool:
    """Whether a run is long enough, and most of its lines end early."""
    if len(run) < _LEAST_LINES:
        return False
    if _has_contacts(run):
        # Addresses of mail are long words, for which few lines have room.
        edge = max(run[0].right, *(line.stop for line in run))
        return 2 * sum(edge - line.stop > _EARLY * line.size for line in run) > len(run)
    return sum(_had_room(line, after) for line, after in pairwise(run)) > _SHORT * (len(run) - 1)


def _has_contacts(run: Sequence[Line]) -> bool:
    """Whether two lines or more say how to reach someone, and none goes on with a sentence."""
    if any(line.text[0].islower() and "@" not in line.text for line in run):
        return False
    return sum(_CONTACT.search(line.text) is not None for line in run) > 1


def _is_filled(run: Sequence[Line]) -> bool:
    """Whether lines are those of running text set narrower than its column: most reach as far as the longest."""
    edge = max(line.stop for line in run)
    if edge - run[0].start < _NARROW * room_of(run[0]) and not any(line.text[0].islower() for line in run):
        return False
    return 2 * sum(_had_room(line, after, edge) for line, after in pairwise(run)) < len(run) - 1


def _had_room(line: Line, after: Line, edge: float | None = None) -> bool:
    """Whether the first word of the next line would have found room before the edge (of the column by default)."""
    room = (line.right if edge is None else edge) - line.stop
    return room > after.first_width + line.space + 0.3 * line.size


def _parts(run: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """The parts of a run between lines that end a sentence, and between bold lines and others."""
    start = 0
    for index, line in enumerate(run):
        after = run[index + 1] if index + 1 < len(run) else None
        if after is None or _SENTENCE_END.search(line.text) or abs(line.bold - after.bold) > 0.85:
            # A full line at the end is the first of a paragraph.
            end = index if after is None and line.right - line.stop < _EARLY * line.size else index + 1
            yield run[start:end]
            start = index + 1


def _glue(part: Sequence[Line]) -> None:
    for before, line in pairwise(part):
        if before.text[-1] not in "-\u2010":
            line.glue = "\n" if _ended(before, line) else " "


def _ended(before: Line, line: Line) -> bool:
    """Whether a line ended where its writer wanted it to."""
    if before.right - before.stop > _EARLY * before.size or _had_room(before, line):
        return True
    return _CONTACT.search(before.text) is not None or _CONTACT.search(line.text) is not None
