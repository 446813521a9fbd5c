"""The section layer: evidence of layout, numbering and model, one decision a paragraph, then names and nesting.

A section starts at a paragraph that is a heading or begins with one ("7. Assignment. Neither party ..."). Where a
document has no headings at all, the topic model alone says where sections start, and they have no names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segtool.core.document import Document
from segtool.core.layer import Boundary, Label, Layer
from segtool.core.outline import nesting
from segtool.core.scores import Scores
from segtool.core.whitespace import next_non_space
from segtool.inference.topic_decode import section_levels
from segtool.segmenters.blend import align, blend, has_headings
from segtool.segmenters.decision import decide
from segtool.segmenters.evidence import Array, evidence
from segtool.segmenters.headings import Line
from segtool.segmenters.layout import Layout, apply_layout, find_title, read_layout
from segtool.segmenters.numbering_units import RANKS
from segtool.segmenters.scorer import load_scorer
from segtool.segmenters.sequences import Sequence

_MARKS = re.compile(r"^[*_`]+|[*_`]+$|\s+#+$")
"""Marks of Markdown around the words of a heading."""

_BRACKETS = {"(": ")", "（": "）"}


def section_layer(document: Document, scores: Scores | None, threshold: float) -> Layer:
    """The sections of a document, each with level, number, heading and score.

    Args:
        document: paragraphs as the loader found them.
        scores: the topic model's, probabilities (n, 5): a section of depth <= 1 .. 4, or of the main depth, starts
            there. None: headings alone decide.
        threshold: chance from which a section starts, in [0, 1].

    Returns:
        A layer whose levels are nesting depths: a child is one deeper than its parent.
    """
    lines, sequence, rows = evidence(document)
    if not lines:
        return Layer.from_boundaries("section", len(document.text), ())
    chances = load_scorer()(lines, sequence, rows)
    layout = read_layout(document, lines, sequence.numbers)
    if scores is not None and len(scores) and scores.probabilities.ndim == 2:
        found = align(scores, np.array([line.start for line in lines]))
        if not layout.is_certain and (found is None or not has_headings(chances, found)):
            return _by_topic(document, scores, threshold)
        if found is not None:
            chances = blend(chances, found)
    chances = apply_layout(chances, layout)
    levels = decide(chances, sequence.numbers, threshold, layout.levels)
    return _name_sections(document, _Read(lines, sequence, layout, chances, levels))


@dataclass(frozen=True, slots=True)
class _Read:
    """A document read and decided on, line by line."""

    lines: list[Line]
    sequence: Sequence
    layout: Layout
    chances: Array
    levels: NDArray[np.int64]


def _by_topic(document: Document, scores: Scores, threshold: float) -> Layer:
    """Sections where the topic changes, nested by the model's depths: the document has no headings."""
    levels = section_levels(scores.probabilities, threshold)
    starts = np.flatnonzero(levels)
    depths = nesting([int(level) for level in levels[starts]])
    boundaries = [
        Boundary(int(scores.offsets[i]), depth, float(scores.probabilities[i, : levels[i]].max()), "model")
        for i, depth in zip(starts.tolist(), depths, strict=True)
    ]
    return Layer.from_boundaries("section", len(document.text), boundaries)


def _name_sections(document: Document, read: _Read) -> Layer:
    starts = np.flatnonzero(read.levels).tolist()
    title = find_title(read.lines, read.sequence.numbers, starts, read.levels)
    starts = [i for i in starts if i != title]
    absorbed = _second_lines(read, starts)
    starts = [i for i in starts if i - 1 not in absorbed]
    depths = nesting([int(read.levels[i]) for i in starts])
    boundaries = []
    first = next_non_space(document.text, 0)
    for i, depth in zip(starts, depths, strict=True):
        start = read.lines[i].start
        offset = start if start > first else 0  # the first unit starts at 0, before any white space
        certain = read.layout.levels[i] > 0
        score = None if certain or not offset else float(1 - read.chances[i, 0])
        label = _label(document.text, read, i, with_next=i in absorbed)
        boundaries.append(Boundary(offset, depth, score, "loader" if certain else "rule", label))
    return Layer.from_boundaries("section", len(document.text), boundaries)


def _second_lines(read: _Read, starts: list[int]) -> set[int]:
    """Headings of a number alone ("CHAPTER II") whose name is the heading on the line below."""
    chosen = set(starts)
    lines, numbers = read.lines, read.sequence.numbers
    return {
        i
        for i in starts
        if i + 1 in chosen
        and (number := numbers[i]) is not None
        and number.kind in RANKS
        and lines[i].rest >= lines[i].end
        and numbers[i + 1] is None
        and not lines[i + 1].lead
        and not read.layout.levels[i + 1]
    }


def _label(text: str, read: _Read, index: int, with_next: bool) -> Label:
    line, number = read.lines[index + with_next], read.sequence.numbers[index]
    end = line.lead or (line.rest if line.is_long else line.end)
    start = line.rest if read.sequence.numbers[index + with_next] else line.text_start
    heading = _MARKS.sub("", " ".join(text[start:end].split())).rstrip(".:").rstrip()
    if heading[:1] in _BRACKETS:
        heading = _unbracketed(heading)
    shown = number.text if number and number.kind != "bullet" else None
    return Label(shown, heading or None)


def _unbracketed(heading: str) -> str:
    """A heading without its brackets where a run-in one lost the second, or Chinese and Japanese put both."""
    closing = _BRACKETS[heading[0]]
    inner = heading[1:].removesuffix(closing)
    is_open = closing not in heading
    return inner if is_open or (closing == "）" and closing not in inner) else heading
