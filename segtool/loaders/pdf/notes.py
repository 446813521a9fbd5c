"""Footnotes and endnotes: found below the text, taken out of it, and their marks taken out of the lines that cite them.

Pure. A footnote is small print or what stands below a short rule at the foot of a column, and it opens with a mark;
endnotes are a list at the end whose numbers are those of the raised marks before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from segtool.loaders.pdf.glyphs import Rule
from segtool.loaders.pdf.lines import Line, Mark

_START = re.compile(r"^[(\[]?(\d{1,3}|[*†‡]{1,3})[)\].]?(?=\s)\s*")
_GLUED = re.compile(r"^(\d{1,3})(?=[^\W\d_]|[(\[“\"«„])")
_SMALL = 0.93
_MOST_ENDNOTES = 0.6
"""Share of the lines of a document above which a list at its end is its text."""
_SHORT_RULE = (20.0, 260.0)


@dataclass(frozen=True, slots=True)
class TakenMark:
    """A note mark that was taken out of a line."""

    page: int
    text: str
    box: tuple[float, float, float, float]


@dataclass(slots=True)
class Notes:
    """Lines parted into body and notes; ``starts`` are indices of ``notes`` where a note opens.

    ``carried`` says that a note may run on to the next page.
    """

    body: list[Line]
    notes: list[Line]
    starts: set[int]
    taken: list[TakenMark]
    carried: bool = False


def part_notes(
    lines: Sequence[Line],
    rules: dict[int, list[Rule]],
    body_size: float,
    keep_marks: bool = False,
    carried: bool = False,
) -> Notes:
    """Parts the lines of some pages, in reading order, into body and notes; their marks go unless kept.

    ``carried`` says that a note of the page before may run on.
    """
    is_note = [False] * len(lines)
    opens = [False] * len(lines)
    cited = _cited(lines)
    lines = _spaced(lines, rules, cited)
    index = 0
    for (page, _column), group in groupby(lines, key=lambda line: (line.page, line.column)):
        members = list(group)
        first = _first_note(members, rules.get(page, []), body_size, cited, carried)
        for place in range(first, len(members)):
            is_note[index + place] = True
            opens[index + place] = _mark_of(members[place]) is not None
        if first < len(members):
            carried = True
        index += len(members)
    if not any(is_note):
        _find_endnotes(lines, cited, is_note, opens)
    _only_rising(lines, is_note, opens)
    found = _parted(lines, is_note, opens, keep_marks)
    found.carried = carried
    return found


def _cited(lines: Sequence[Line]) -> dict[str, int]:
    """Raised marks inside lines, and the first page of each."""
    found: dict[str, int] = {}
    for line in lines:
        for mark in line.marks:
            if mark.start > 0:
                found.setdefault(mark.text, line.page)
    return found


def _spaced(lines: Sequence[Line], rules: dict[int, list[Rule]], cited: dict[str, int]) -> list[Line]:
    """The lines, with a space behind the numbers of notes whose text follows without one, below a rule."""
    out: list[Line] = []
    for (page, _column), group in groupby(lines, key=lambda line: (line.page, line.column)):
        members = list(group)
        for index in range(_below_rule(members, rules.get(page, [])), len(members)):
            line = members[index]
            match = _GLUED.match(line.text)
            if match is not None and not _is_raised_start(line) and cited.get(match[1]) == page:
                members[index] = replace(line, text=f"{match[1]} {line.text[match.end() :]}")
        out += members
    return out


def _mark_of(line: Line) -> str | None:
    """The note mark that a line opens with, raised or not."""
    if line.marks and line.marks[0].start == 0:
        return line.marks[0].text
    match = _START.match(line.text)
    return match[1] if match else None


def _is_raised_start(line: Line) -> bool:
    return bool(line.marks) and line.marks[0].start == 0


def _first_note(lines: list[Line], rules: list[Rule], body_size: float, cited: dict[str, int], carried: bool) -> int:
    """Index of the first line of a column that belongs to its notes; the number of lines if there are none."""
    below_rule = _below_rule(lines, rules)
    small = len(lines)
    while small > 0 and lines[small - 1].size <= _SMALL * body_size and lines[small - 1].role == "body":
        small -= 1
    for index in range(min(small, below_rule), len(lines)):
        line = lines[index]
        mark = _mark_of(line)
        under = index >= below_rule
        if mark is not None and (under or _is_raised_start(line)) and (mark in cited or _is_raised_start(line)):
            return below_rule if under and _continues(lines, below_rule, index, carried) else index
        if mark is not None and index >= small and mark in cited and abs(cited[mark] - line.page) <= 1:
            return index
    if carried and below_rule < len(lines) and small <= below_rule:
        return below_rule
    return len(lines)


def _continues(lines: list[Line], rule: int, first: int, carried: bool) -> bool:
    """Whether the lines between the rule and the first marked note end a note of the page before."""
    return rule == first or (carried and lines[rule].size < 1.05 * lines[first].size)


def _below_rule(lines: list[Line], rules: list[Rule]) -> int:
    """Index of the first line below the lowest short rule at the left of the column that has notes' look."""
    best = len(lines)
    for rule in rules:
        width = rule.x1 - rule.x0
        if rule.bottom - rule.top > 2.5 or not _SHORT_RULE[0] <= width <= _SHORT_RULE[1]:
            continue
        left, right = min(line.box[0] for line in lines), max(line.box[2] for line in lines)
        if not left - 12 <= rule.x0 <= left + 12 or width > 0.75 * max(right - left, 1.0):
            continue
        if any(_underlines(rule, line) for line in lines) or _is_border(rule, rules):
            continue
        below = [index for index, line in enumerate(lines) if line.base > rule.top and line.box[1] > rule.top - 6]
        if below and len(below) == len(lines) - below[0] and rule.top - _bottom_before(lines, below[0]) > -3:
            best = min(best, below[0]) if lines[below[0]].role == "body" else best
    return best


def _underlines(rule: Rule, line: Line) -> bool:
    """Whether a rule is the underline of a line: right below its baseline, and about as long."""
    return -1.0 <= rule.top - line.base <= 0.35 * line.size and rule.x1 <= line.box[2] + 3.0


def _is_border(rule: Rule, rules: list[Rule]) -> bool:
    """Whether a rule goes on at its right, as the border of a table does from cell to cell."""
    return any(abs(other.top - rule.top) < 1.0 and -1.0 < other.x0 - rule.x1 < 3.0 for other in rules)


def _bottom_before(lines: list[Line], index: int) -> float:
    return lines[index - 1].base if index else 0.0


def _find_endnotes(lines: Sequence[Line], cited: dict[str, int], is_note: list[bool], opens: list[bool]) -> None:
    """Marks the list at the end of the document whose numbers are those of the raised marks before it."""
    numbers = {int(mark) for mark in cited if mark.isdigit()}
    if len(numbers) < 2 or numbers != set(range(1, len(numbers) + 1)):
        return
    expected = len(numbers)
    starts: list[int] = []
    for index in range(len(lines) - 1, -1, -1):
        mark = _mark_of(lines[index])
        # Clauses count in brackets, notes hardly do.
        if mark == str(expected) and lines[index].text[0] != "(" and not any(m.start > 0 for m in lines[index].marks):
            starts.append(index)
            expected -= 1
            if expected == 0:
                break
        elif any(m.start > 0 for m in lines[index].marks):
            return
    if expected or len(lines) - starts[-1] > _MOST_ENDNOTES * len(lines):
        return
    for index in range(starts[-1], len(lines)):
        is_note[index] = True
    for index in starts:
        opens[index] = True


def _only_rising(lines: Sequence[Line], is_note: list[bool], opens: list[bool]) -> None:
    """Takes back starts that are numbers at the start of a later line of a note: not raised as others, or too low."""
    last, raised = 0, False
    for index, line in enumerate(lines):
        if not (is_note[index] and opens[index]):
            continue
        if _is_raised_start(line):
            raised = True
            continue
        if raised:
            opens[index] = False
            continue
        mark = _mark_of(line) or ""
        if mark.isdigit():
            value = int(mark)
            if last and not (value == 1 or last < value <= last + 3):
                opens[index] = False
                continue
            last = value


def _parted(lines: Sequence[Line], is_note: list[bool], opens: list[bool], keep_marks: bool) -> Notes:
    found = Notes([], [], set(), [])
    labels = {mark for index, line in enumerate(lines) if is_note[index] and opens[index] and (mark := _mark_of(line))}
    for index, line in enumerate(lines):
        if is_note[index]:
            note = line
            if opens[index]:
                found.starts.add(len(found.notes))
                note = line if keep_marks else _without_start(line, found.taken)
            found.notes.append(replace(note, role="footnote", opens=opens[index]))
        else:
            marks = [mark for mark in line.marks if mark.text in labels and mark.start > 0 and not keep_marks]
            found.body.append(_without(line, marks, found.taken) if marks else line)
    return found


def _without_start(line: Line, taken: list[TakenMark]) -> Line:
    if _is_raised_start(line):
        return _without(line, [line.marks[0]], taken)
    match = _START.match(line.text)
    assert match is not None, "a note that opens has a mark"
    if match.end() >= len(line.text):
        return line
    box = (
        line.box[0],
        line.box[1],
        min(line.box[0] + len(match[0].rstrip()) * 0.5 * line.size, line.box[2]),
        line.box[3],
    )
    taken.append(TakenMark(line.page, match[0].strip(), box))
    return replace(line, text=line.text[match.end() :], marks=())


def _without(line: Line, marks: list[Mark], taken: list[TakenMark]) -> Line:
    """The line without these marks; the line itself if nothing else would be left."""
    text = line.text
    for mark in sorted(marks, key=lambda mark: -mark.start):
        before, after = text[: mark.start], text[mark.end :]
        if before.endswith(" ") and (not after or after[0] in " .,;:)"):
            before = before[:-1]
        text = before + after
    text = text.strip()
    if not text:
        return line
    taken.extend(TakenMark(line.page, mark.text, mark.box) for mark in marks)
    return replace(line, text=text, marks=())
