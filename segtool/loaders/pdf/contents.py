"""Pages of contents: lines that end in a page number behind leaders or far from their text, each a paragraph.

Pure. Such lines look like headings and are none; the outline reads them to confirm the headings that they name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from segtool.loaders.pdf.labels import label, named_label
from segtool.loaders.pdf.lines import Line

_NUMBER = r"(\d{1,4}|[ivxlc]{1,7}|[A-Z]{1,2}[-–.]\d{1,3})"
_LEADERS = re.compile(rf"(?:\.{{3,}}|…+|(?:\s?[.·_]){{4,}})\s*{_NUMBER}[\s.]*$")
_ONLY_LEADERS = re.compile(r"(?:\.{3,}|…+|(?:\s?[.·_]){4,})\s*$")
_APART = re.compile(rf"[^\W\d].*\s{_NUMBER}$")
_LEAST_ENTRIES = 3
_LEAST_PLAIN = 4
"""Least entries of contents without leaders: a column of numbers proves less."""
_LEAST_GAP = 2.0
"""Least gap before a page number without leaders (of the font size)."""
_MAX_BETWEEN = 3
"""Most lines without a page number between two entries: wrapped titles, and parts that name no page."""


def mark_contents(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page, those of its contents with their role; each entry opens a paragraph."""
    entries = [_may_have_leaders(line.text) and _LEADERS.search(line.text) is not None for line in lines]
    if sum(entries) < _LEAST_ENTRIES:
        entries = _plain_entries(lines)
    else:
        # Chapters often have no leaders: their numbers stand in the same column.
        stops = [line.stop for line, is_entry in zip(lines, entries, strict=True) if is_entry]
        entries = [
            is_entry or (_is_plain(line) and min(abs(line.stop - stop) for stop in stops) < 3.0)
            for line, is_entry in zip(lines, entries, strict=True)
        ]
    out = list(lines)
    if not any(entries):
        return out
    for start, end in _stretches(entries):
        if start and _wraps(lines[start - 1], lines[start:end]) and label(lines[start - 1].text) is not None:
            start -= 1
        opens = True
        for index in range(start, end):
            text = _parted(lines[index].text) if entries[index] and _is_plain(lines[index]) else lines[index].text
            out[index] = replace(lines[index], text=text, role="contents", opens=opens)
            opens = entries[index] or not _wraps(lines[index], lines[index + 1 : end])
    return out


def _may_have_leaders(text: str) -> bool:
    return text.count(".") > 2 or "\u2026" in text or "_" in text or "\u00b7" in text


def _plain_entries(lines: Sequence[Line]) -> list[bool]:
    """Lines whose last word is a page number apart from the others, where those stand in one column and rise."""
    none = [False] * len(lines)
    places = [index for index, line in enumerate(lines) if _is_plain(line)]
    if len(places) < _LEAST_PLAIN:
        return none
    stops = sorted(lines[index].stop for index in places)
    edge = stops[len(stops) // 2]
    places = [index for index in places if abs(lines[index].stop - edge) < 3.0]
    numbers = [int(last) for index in places if (last := lines[index].text.split()[-1]).isdigit()]
    rising = sum(1 for a, b in pairwise(numbers) if b >= a)
    if len(numbers) < _LEAST_PLAIN or rising < len(numbers) - 1 or numbers[-1] > 3_000:
        return none
    chosen = set(places)
    return [index in chosen for index in range(len(lines))]


def _is_plain(line: Line) -> bool:
    words = line.text.split()
    if words and words[0] == words[-1]:
        return False  # forms repeat the number of a line at its end
    return line.last_gap >= _LEAST_GAP * line.size and _APART.search(line.text) is not None


def _parted(text: str) -> str:
    """The text with a tab before its last word, which stands in a column of its own."""
    head, _, number = text.rpartition(" ")
    return text if _ONLY_LEADERS.search(head) else f"{head}\t{number}"


def _stretches(entries: list[bool]) -> list[tuple[int, int]]:
    """Runs of lines from an entry to another with few others between them; lines above the first that wrap into it."""
    found: list[tuple[int, int]] = []
    for index, is_entry in enumerate(entries):
        if not is_entry:
            continue
        if found and index - found[-1][1] <= _MAX_BETWEEN:
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return [(start, end) for start, end in found if sum(entries[start:end]) >= _LEAST_ENTRIES]


def _wraps(line: Line, following: Sequence[Line]) -> bool:
    """Whether an entry goes on in the next line: it is long, and no label stands there."""
    if not following:
        return False
    after = following[0].text
    is_long = line.width > 0.55 * max(line.right - line.left, 1.0)
    return is_long and label(after) is None and named_label(after) is None
