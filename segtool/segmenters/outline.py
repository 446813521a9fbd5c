"""The section layer: evidence of layout, numbering and model, one decision a paragraph, then names and nesting.

A section starts at a paragraph that is a heading or begins with one ("7. Assignment. Neither party ..."). Where a
document has no headings at all, the topic model alone says where sections start, and they have no names.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segtool.core.document import Document
from segtool.core.layer import Boundary, Label, Layer
from segtool.core.outline import nesting
from segtool.core.scores import Scores
from segtool.segmenters.blend import align, blend, has_headings
from segtool.segmenters.decision import decide
from segtool.segmenters.evidence import Array, evidence
from segtool.segmenters.headings import Line
from segtool.segmenters.scorer import load_scorer
from segtool.segmenters.sequences import Sequence


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
    if scores is not None and len(scores) and scores.probabilities.ndim == 2:
        found = align(scores, np.array([line.start for line in lines]))
        if found is None or not has_headings(chances, found):
            return _by_topic(document, scores, threshold)
        chances = blend(chances, found)
    levels = decide(chances, sequence.numbers, threshold)
    return _name_sections(document, lines, sequence, chances, levels)


def _by_topic(document: Document, scores: Scores, threshold: float) -> Layer:
    """Sections of one level where the topic changes: the document has no headings."""
    main = scores.probabilities[:, -1]
    chosen = main >= threshold
    return Layer.from_offsets("section", len(document.text), scores.offsets[chosen], scores=main[chosen])


def _name_sections(
    document: Document, lines: list[Line], sequence: Sequence, chances: Array, levels: NDArray[np.int64]
) -> Layer:
    starts = _without_title(np.flatnonzero(levels).tolist(), levels)
    depths = nesting([int(levels[i]) for i in starts])
    boundaries = []
    for i, depth in zip(starts, depths, strict=True):
        label = _label(document.text, lines[i], sequence, i)
        offset = _offset(document.text, lines[i].start)
        score = float(1 - chances[i, 0]) if offset else None
        boundaries.append(Boundary(offset, depth, score, "rule", label))
    return Layer.from_boundaries("section", len(document.text), boundaries)


def _offset(text: str, start: int) -> int:
    """The first unit starts at 0, before any white space."""
    return 0 if not text[:start].strip() else start


def _without_title(starts: list[int], levels: NDArray[np.int64]) -> list[int]:
    """A lone outermost heading at the top is the title of the document, no section."""
    if len(starts) < 2 or starts[0] != 0:
        return starts
    outermost = levels[0]
    return starts[1:] if all(levels[i] > outermost for i in starts[1:]) else starts


def _label(text: str, line: Line, sequence: Sequence, index: int) -> Label:
    number = sequence.numbers[index]
    end = line.lead or (line.rest if line.is_long else line.end)
    heading = " ".join(text[line.rest : end].split()).rstrip(".:").rstrip()
    shown = number.text if number and number.kind != "bullet" else None
    return Label(shown, heading or None)
