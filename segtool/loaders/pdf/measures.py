"""What is usual in a document: the size of its body, its leading, how its lines end and its paragraphs start.

Pure.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from segtool.loaders.pdf.labels import bullet, label
from segtool.loaders.pdf.lines import Line

_ENOUGH_LINES = 12
_ENOUGH_LETTERS = 100
"""Least letters outside tables for those in tables to say nothing of the body's size."""


@dataclass(slots=True)
class Measures:
    """What is usual in the document: the body's size, leading by size, how lines end."""

    body_size: float = 10.0
    leading: dict[float, tuple[float, ...]] = field(default_factory=dict)
    justified: bool = False
    indented: bool = False
    hanging: bool = False
    """Whether the later lines of list items stand under the text of the first, behind its label."""

    def leading_of(self, size: float) -> float:
        """Least usual distance of baselines of text of this size."""
        key = round(size * 2) / 2
        if key in self.leading:
            return self.leading[key][0]
        usual = self.leading.get(self.body_size, (1.2 * self.body_size,))[0] / self.body_size
        # Headings are too few to measure; the gaps between them and other text are wider than this.
        return max(min(usual, 1.5), 1.3) * size

    def excess(self, gap: float, size: float) -> float:
        """How much a distance of baselines exceeds a usual one: 0 or less if lines of a paragraph stand so."""
        for leading in self.leading.get(round(size * 2) / 2, ()):
            if abs(gap - leading) <= 0.1 * size:
                return 0.0
        return gap - self.leading_of(size)


def measures_of(lines: Sequence[Line]) -> Measures:
    """The document's usual sizes and distances."""
    sizes = _sizes(line for line in lines if line.role == "body")
    if sizes.total() < _ENOUGH_LETTERS:
        sizes = _sizes(lines)
    measures = Measures()
    if not sizes:
        return measures
    measures.body_size = max(sizes.most_common(1)[0][0], 0.5)
    measures.leading = _leadings(lines)
    body = [line for line in lines if abs(line.size - measures.body_size) <= 0.6 and line.width > 0.5 * room_of(line)]
    if body:
        flush = sum(1 for line in body if abs(line.right - line.stop) < 0.12 * line.size)
        # A few ragged lines end at the same place by chance.
        measures.justified = flush > (0.6 if len(body) >= _ENOUGH_LINES else 0.8) * len(body)
    measures.indented = _is_indented(lines, measures)
    measures.hanging = _is_hanging(lines, measures)
    return measures


def _sizes(lines: Iterable[Line]) -> Counter[float]:
    """How many letters there are of each size."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes


def room_of(line: Line) -> float:
    """The width of a line's column, at least a point."""
    return max(line.right - line.left, 1.0)


def _leadings(lines: Sequence[Line]) -> dict[float, tuple[float, ...]]:
    """The usual distances of baselines by size: the least frequent enough, and all others at which lines wrap.

    A document may hold single and double spacing; a gap between paragraphs stands alone among smaller ones, or comes
    after lines that end early.
    """
    steps = [line.base - before.base if is_below(before, line) else 0.0 for before, line in pairwise(lines)]
    gaps: dict[float, list[tuple[float, bool]]] = defaultdict(list)
    for index, (before, line) in enumerate(pairwise(lines)):
        gap = steps[index]
        if abs(line.size - before.size) >= 0.06 * line.size or not 0.8 < gap / line.size < 3.5:
            continue
        wraps = line.right - before.stop <= line.first_width + before.space + 0.3 * line.size
        around = steps[max(index - 1, 0) : index] + steps[index + 1 : index + 2]
        runs_on = any(abs(step - gap) <= 0.1 * line.size for step in around)
        gaps[round(line.size * 2) / 2].append((gap, wraps and runs_on))
    most = max((len(values) for values in gaps.values()), default=0)
    return {
        size: found
        for size, values in gaps.items()
        if len(values) >= min(max(4, 0.04 * most), most) and (found := _usual_gaps(sorted(values), size))
    }


def _usual_gaps(values: list[tuple[float, bool]], size: float) -> tuple[float, ...]:
    found: list[float] = []
    last = -1.0
    for value, _ in values:
        # Distances less than a fiftieth of the size apart need no second look.
        if value - last < 0.02 * size or (found and value - found[-1] <= 0.2 * size):
            continue
        last = value
        first = bisect_left(values, (value - 0.02 * size, False))
        near = values[first : bisect_right(values, (value + 0.14 * size, True))]
        wrapping = sum(wraps for _, wraps in near)
        is_least = not found and len(near) >= max(2, round(0.15 * len(values)))
        if is_least or (len(near) >= max(3, 0.05 * len(values)) and wrapping >= 0.6 * len(near)):
            found.append(median(gap for gap, _ in near))
    return tuple(found)


def _is_indented(lines: Sequence[Line], measures: Measures) -> bool:
    """Whether paragraphs start with an indent instead of a gap: many lines stand in, at the usual leading.

    Lines with a label count where the next line steps back to the edge: the label of a list item would hang.
    """
    indents = labelled = total = 0
    for before, line in pairwise(lines):
        if not is_below(before, line) or abs(line.size - measures.body_size) > 0.6:
            continue
        if measures.excess(line.base - before.base, line.size) > 0.2 * line.size:
            continue
        total += 1
        step = line.start - line.left
        if 0.9 * line.size < step < 4 * line.size and not is_labelled(line) and before.start - before.left < 0.5 * step:
            indents += 1
        back = before.start - line.start
        labelled += step < 0.1 * line.size and 0.9 * line.size < back < 4 * line.size and is_labelled(before)
    return any(count >= 3 and count > 0.06 * total for count in (indents, labelled))


def _is_hanging(lines: Sequence[Line], measures: Measures) -> bool:
    hanging = flush = 0
    for before, line in pairwise(lines):
        if not is_below(before, line) or not is_labelled(before) or is_labelled(line):
            continue
        wraps = line.right - before.stop <= line.first_width + before.space + 0.3 * line.size
        if not wraps or measures.excess(line.base - before.base, line.size) > 0.2 * line.size:
            continue
        if abs(line.start - before.text_start) < 0.6 * line.size:
            hanging += 1
        elif line.start < before.start + 0.5 * line.size:
            flush += 1
    return hanging >= 2 and hanging > 4 * flush


def is_labelled(line: Line) -> bool:
    """Whether a line starts with a bullet or a label."""
    return bullet(line.text) is not None or label(line.text) is not None


def is_below(before: Line, line: Line) -> bool:
    """Whether a line stands below another in the same column of the same page."""
    return before.page == line.page and before.column == line.column and line.base > before.base


def share_centre(before: Line, line: Line) -> bool:
    """Whether two lines are centred in their column, where starts say nothing."""
    return all(is_centred(item, line) and item.start - item.left > item.size for item in (before, line))


def is_centred(line: Line, other: Line) -> bool:
    """Whether the middle of a line is that of another one's column."""
    return abs((line.start + line.stop) / 2 - (other.left + other.right) / 2) < 0.35 * line.size
