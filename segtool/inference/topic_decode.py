"""From the section model's probabilities to boundaries, with a threshold that fits each document.

The model is surer in some documents than in others: in one every heading of a level has a chance of 0.9, in another of
0.3, for nothing in the text tells which level counts. A fixed threshold then finds all or nothing. For calibrated
chances the cut that is best for F1 lies at half the best F1 that can be expected (Lipton et al. 2014), which follows
from the chances themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from segtool.inference.topic_units import are_numbered, are_sentences

F32 = npt.NDArray[np.float32]
USUAL_THRESHOLD = 0.4
"""Threshold at which the cut is left as computed; others move it in proportion."""

LOWEST, HIGHEST = 0.1, 0.7
WITHOUT_HEADINGS = ((0.720, -0.226), (0.741, -0.232), (0.743, -0.254), (0.761, -0.231), (0.750, -0.122))
"""Scale and shift of the log-odds of each column where no headings show, fitted on half of dev without its headings by
`segtool.training.sections.report`, which prints the calibration error of the other half, too."""

FLAT = 0.02
"""How far the chances of depth 1 may be from those of main depth, as a share of the boundaries, in a text without
levels. On dev nearly all of 525 joined texts are so, and of 1,030 others those few statutes whose articles are one
sentence each and of one depth."""
LEAST_PEAK = 0.1
PROSE = 1.25
"""Factor of the threshold in text without numbers and headings: the model is surer of prose than it is right. Dropped
headings of dev: general prose Pk .309 to .295."""


def fitted_cut(chances: F32, threshold: float = USUAL_THRESHOLD) -> float:
    """The chance from which on candidates are taken, fitted to the chances of one document.

    Args:
        chances: float32 (n,), of all candidates of the document.
        threshold: Higher for fewer boundaries; 0.4 aims at the best F1.

    >>> round(fitted_cut(np.array([0.3, 0.3, 0.3, 0.0], np.float32)), 2)
    0.23
    """
    ranked = np.sort(chances)[::-1].astype(np.float64)
    if not len(ranked):
        return HIGHEST
    expected = 2 * np.cumsum(ranked) / (np.arange(1, len(ranked) + 1) + ranked.sum())
    cut = expected.max() / 2 * threshold / USUAL_THRESHOLD
    return float(np.clip(cut, LOWEST, HIGHEST))


def section_levels(probabilities: F32, threshold: float = USUAL_THRESHOLD) -> npt.NDArray[np.int64]:
    """The level of the section that starts at each unit, 0 where none does: int64 (n,).

    The level is the smallest depth whose chance reaches the cut of that depth; levels may skip (a 3 with no 2 around).

    Args:
        probabilities: float32 (n, 5), as `TopicSegmenter` scores them; the first four columns are read.
        threshold: As for `fitted_cut`.
    """
    depths = np.maximum.accumulate(probabilities[:, :4], axis=1)
    levels = np.zeros(len(depths), np.int64)
    for depth in range(4, 0, -1):
        column = depths[:, depth - 1]
        levels[column >= fitted_cut(column, threshold)] = depth
    return levels


def topic_levels(probabilities: F32, texts: Sequence[str], threshold: float = USUAL_THRESHOLD) -> npt.NDArray[np.int64]:
    """The level of the section that starts at each unit of a text without headings, 0 where none does: int64 (n,).

    Args:
        probabilities: float32 (n, 5), as `TopicSegmenter` scores them.
        texts: The units, the first of the document, which has no row, among them.
        threshold: As for `fitted_cut`.
    """
    return topic_sections(probabilities, texts, threshold)[0]


def topic_sections(
    probabilities: F32, texts: Sequence[str], threshold: float = USUAL_THRESHOLD
) -> tuple[npt.NDArray[np.int64], F32]:
    """`topic_levels`, and the calibrated chance that a section of that level (where 0, of any) starts: float32 (n,)."""
    if (probabilities == probabilities[:, :1]).all():  # a classifier of pairs, which knows no levels
        return section_levels(probabilities, threshold), probabilities[:, 0]
    scale, shift = np.array(WITHOUT_HEADINGS, np.float32).T
    inside = np.clip(probabilities, 1e-6, 1 - 1e-6)
    chances = (1 / (1 + np.exp(-(scale * np.log(inside / (1 - inside)) + shift)))).astype(np.float32)
    if is_flat(probabilities, texts):
        return peak_levels(probabilities, threshold), chances[:, 4]
    levels = section_levels(probabilities, threshold * (1 if are_numbered(texts) else PROSE))
    rising = np.maximum.accumulate(chances[:, :4], axis=1)
    return levels, rising[np.arange(len(levels)), np.where(levels > 0, levels, 4) - 1]


def is_flat(probabilities: F32, texts: Sequence[str]) -> bool:
    """Whether a text is one of topics without levels, given sentence by sentence: a transcript, joined messages.

    Where the topic changes in such a text, everything changes, and depth 1 is the main depth.
    """
    if not len(probabilities):
        return False
    outermost, main = probabilities[:, 0], probabilities[:, 4]
    apart = float(np.abs(outermost - main).sum()) / (float(main.sum()) + 0.1)
    return apart <= FLAT and are_sentences(texts)


def peak_levels(probabilities: F32, threshold: float = USUAL_THRESHOLD) -> npt.NDArray[np.int64]:
    """1 where the topic changes in a flat text, else 0: int64 (n,).

    Where exactly a topic ends is less sure than that it does: a boundary is where the chance of the main depth is
    higher than at both neighbours, if the three together reach the threshold. Sections of one sentence are not found.
    """
    column = np.pad(probabilities[:, 4], 1)
    before, here, after = column[:-2], column[1:-1], column[2:]
    peaks = (here >= before) & (here > after) & (before + here + after >= threshold) & (here >= LEAST_PEAK)
    levels: npt.NDArray[np.int64] = peaks.astype(np.int64)
    return levels
