"""The section layer: evidence of layout, numbering and model, one decision a paragraph, then names and nesting.

A section starts at a paragraph that is a heading or begins with one ("7. Assignment. Neither party ..."). Where a
document has no headings at all, the topic model alone says where sections start, and they have no names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from segtool.core.document import Document
from segtool.core.layer import Boundary, Label, Layer
from segtool.core.outline import nesting
from segtool.core.scores import Scores
from segtool.core.whitespace import next_non_space
from segtool.inference.topic_decode import is_flat, topic_sections
from segtool.segmenters.bare import bare_levels, bare_rows
from segtool.segmenters.blend import (
    Weights,
    agreement,
    align,
    blend,
    by_level,
    calibrated,
    favour_outer,
    is_silent,
)
from segtool.segmenters.decision import decide
from segtool.segmenters.evidence import Array, evidence
from segtool.segmenters.headings import Line
from segtool.segmenters.layout import Layout, apply_layout, find_title, read_layout
from segtool.segmenters.moves import move_rows
from segtool.segmenters.numbering_units import RANKS
from segtool.segmenters.scorer import load_scorer
from segtool.segmenters.sequences import Sequence

_MARKS = re.compile(r"^[*_`]+|[*_`]+$|\s+#+$")
"""Marks of Markdown around the words of a heading."""

_CLEAR_AGREEMENT = 0.25
"""Agreement of likely headings and topics from which on a text given by sentences is one with headings, too."""

_SEVERAL = 2
"""Other numbers of its series that vouch for the first line of a document."""

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
    reading = read(document, scores, threshold)
    if not reading.lines:
        return Layer.from_boundaries("section", len(document.text), ())
    if reading.by_topic and scores is not None:
        return _by_topic(document, scores, threshold)
    if reading.is_bare:
        return _unnamed(document, reading)
    return _name_sections(document, reading)


@dataclass(frozen=True, slots=True)
class Reading:
    """A document read and decided on, line by line.

    Attributes:
        lines: its paragraphs.
        sequence: their numbers, read together.
        rows: float32 (n, features), the evidence.
        looks: float32 (n, 1 + levels), chances of no heading and of each level by the looks of the lines alone.
        topics: float32 (n, 5), the section model's chances; None without a model that scored lines.
        layout: what the source says of its headings.
        chances: float32 (n, 1 + levels), all evidence taken together.
        levels: int64 (n,), the decision: 0 for no heading.
        by_topic: the section model alone decides: it scored no lines, or its topics have no levels, or it knows none.
        is_bare: the document has no headings; ``chances`` and ``levels`` are of sections that start at its lines.
    """

    lines: list[Line]
    sequence: Sequence
    rows: Array
    looks: Array
    topics: Array | None
    layout: Layout
    chances: Array
    levels: NDArray[np.int64]
    by_topic: bool
    is_bare: bool = False


def read(document: Document, scores: Scores | None, threshold: float) -> Reading:
    """Everything that is known and decided of the lines of a document; see ``section_layer``."""
    return decided(look(document, scores), load_scorer().weights, threshold)


def look(document: Document, scores: Scores | None) -> Reading:
    """What is known of the lines of a document, nothing decided yet."""
    lines, sequence, rows = evidence(document)
    looks = load_scorer()(lines, sequence, rows)
    layout = read_layout(document, lines, sequence.numbers)
    has_scores = bool(lines) and scores is not None and len(scores) > 0 and scores.probabilities.ndim == 2
    topics = align(scores, np.array([line.start for line in lines])) if scores is not None and has_scores else None
    undecided = np.zeros(len(lines), np.int64)
    alone = has_scores and (topics is None or _is_flat(document, scores, looks, topics))
    return Reading(lines, sequence, rows, looks, topics, layout, looks, undecided, alone)


def _is_flat(document: Document, scores: Scores | None, looks: Array, topics: Array) -> bool:
    """Whether the document is a text of topics without levels, and no headings show in it."""
    if scores is None or agreement(looks, topics) >= _CLEAR_AGREEMENT:
        return False
    return is_flat(scores.probabilities, scored_units(document, scores))


def decided(reading: Reading, weights: Weights, threshold: float) -> Reading:
    """The reading with a decision on every line, but where the section model alone decides."""
    looks, topics, numbers = reading.looks, reading.topics, reading.sequence.numbers
    if reading.by_topic and not reading.layout.is_certain:
        return reading
    chances = looks
    if topics is not None:
        if not (reading.layout.is_certain or _has_headings(reading, topics, weights)):
            return _without_headings(reading, topics, weights, threshold)
        chances = blend(looks, topics, weights)
    chances = _first_line(favour_outer(chances, numbers, weights), reading.sequence)
    chances = apply_layout(chances, reading.layout)
    moves = None if reading.layout.is_certain else partial(_moves, reading, weights)
    levels = decide(chances, numbers, threshold, reading.layout.levels, moves)
    return replace(reading, chances=chances, levels=levels, by_topic=False)


def _without_headings(reading: Reading, topics: Array, weights: Weights, threshold: float) -> Reading:
    """The reading of a document that has none; a classifier of pairs, which knows no levels, decides by itself."""
    if (topics == topics[:, :1]).all():
        return replace(reading, chances=by_level(topics, reading.looks.shape[1]), by_topic=True)
    said = load_scorer().bare(bare_rows(reading.rows, reading.looks, topics), topics)
    chances = by_level(said, reading.looks.shape[1])
    return replace(reading, chances=chances, levels=bare_levels(said, threshold * weights.bare), is_bare=True)


def _first_line(chances: Array, sequence: Sequence) -> Array:
    """The chances with those of the first line raised to the mean of its series.

    The section model says nothing of it, and by its looks it may be a title; but what goes on in headings began in one.
    """
    series = sequence.series[:1]
    others = np.flatnonzero((sequence.series == series) & (sequence.series >= 0))[1:]
    if len(others) < _SEVERAL:
        return chances
    mean = chances[others].mean(axis=0)
    if mean[0] < chances[0, 0]:
        chances = chances.copy()
        chances[0] = mean
    return chances


def _has_headings(reading: Reading, topics: Array, weights: Weights) -> bool:
    if agreement(reading.looks, topics) >= weights.agreement:
        return True
    return is_silent(reading.lines, reading.looks, topics)


def _moves(reading: Reading, weights: Weights, chosen: NDArray[np.int64]) -> Array:
    """Log-chances of the moves between the chosen lines, as far as they count."""
    rows = move_rows(reading.lines, reading.sequence, reading.rows, chosen)
    return np.float32(weights.moves) * load_scorer().moves(rows)


def opening_lines(reading: Reading) -> tuple[list[int], set[int]]:
    """The lines that open a section, and those of them whose name stands on the line below."""
    starts = np.flatnonzero(reading.levels).tolist()
    title = find_title(reading.lines, reading.sequence.numbers, starts, reading.levels)
    starts = [i for i in starts if i != title]
    absorbed = _second_lines(reading, starts)
    return [i for i in starts if i - 1 not in absorbed], absorbed


def _unnamed(document: Document, reading: Reading) -> Layer:
    """Sections of a document without headings: they start at lines and have levels, but no names."""
    starts = np.flatnonzero(reading.levels)
    depths = nesting([int(level) for level in reading.levels[starts]])
    boundaries = [
        Boundary(reading.lines[i].start, depth, bare_score(reading, i), "model")
        for i, depth in zip(starts.tolist(), depths, strict=True)
    ]
    return Layer.from_boundaries("section", len(document.text), boundaries)


def bare_score(reading: Reading, index: int) -> float:
    """The chance that a section of its level, or where it has none of any, starts at a line without headings."""
    level = int(reading.levels[index]) or reading.chances.shape[1] - 1
    return min(float(reading.chances[index, 1 : level + 1].sum()), 1.0)


def _by_topic(document: Document, scores: Scores, threshold: float) -> Layer:
    """Sections where the topic changes, nested by the model's depths: the document has no lines that it scored."""
    levels, chances = topic_sections(scores.probabilities, scored_units(document, scores), threshold)
    starts = np.flatnonzero(levels)
    depths = nesting([int(level) for level in levels[starts]])
    boundaries = [
        Boundary(int(scores.offsets[i]), depth, float(chances[i]), "model")
        for i, depth in zip(starts.tolist(), depths, strict=True)
    ]
    return Layer.from_boundaries("section", len(document.text), boundaries)


def scored_units(document: Document, scores: Scores) -> list[str]:
    """The texts of what the model scored: the first unit of the document, which has no score, and all others."""
    bounds = [0, *scores.offsets.tolist(), len(document.text)]
    return [document.text[start:end].strip() for start, end in pairwise(bounds)]


def _name_sections(document: Document, read: Reading) -> Layer:
    starts, absorbed = opening_lines(read)
    depths = nesting([int(read.levels[i]) for i in starts])
    boundaries = []
    scores = calibrated(1 - read.chances[:, 0], load_scorer().weights)
    first = next_non_space(document.text, 0)
    for i, depth in zip(starts, depths, strict=True):
        start = read.lines[i].start
        offset = start if start > first else 0  # the first unit starts at 0, before any white space
        certain = read.layout.levels[i] > 0
        score = None if certain or not offset else float(scores[i])
        label = _label(document.text, read, i, with_next=i in absorbed)
        boundaries.append(Boundary(offset, depth, score, "loader" if certain else "rule", label))
    return Layer.from_boundaries("section", len(document.text), boundaries)


def _second_lines(read: Reading, starts: list[int]) -> set[int]:
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


def _label(text: str, read: Reading, index: int, with_next: bool) -> Label:
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
