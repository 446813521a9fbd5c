"""The topic model's word in the outline: whether a document has headings at all, and two judges' chances as one."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from segtool.core.scores import Scores
from segtool.segmenters.evidence import Array
from segtool.segmenters.headings import Line
from segtool.segmenters.number import Number

N_DEPTHS = 4
_FLOOR = 1e-4
_SURE, _LEAST_SURE, _SURE_SHARE, _SILENT = 0.85, 2, 0.1, 0.1
_LEAST_OF_HEADINGS = 0.3


@dataclass(frozen=True, slots=True)
class Weights:
    """How two judges of a line, the scorer of its looks and the section model, become one; fitted, see ``training``.

    Attributes:
        looks: how much the scorer's log-odds of a heading count; the judges share evidence, so not in full.
        topics: the same of the section model.
        bias: added to their sum.
        looks_level: how much the scorer's log-chances of the level of a heading count.
        topics_level: the same of the section model.
        outer: log-odds by which a level is favoured over the next deeper one, for headings without a number. Where
            levels are in doubt, a section taken for too deep a one is lost to all who look at the outer levels; one
            taken for too shallow only adds to them. So the best cut lies below even chances.
        outer_numbered: the same for headings with a number.
        agreement: how far likely headings and changes of topic must agree for a document to have headings.
        slope: of the log-odds of a heading, that its chance holds on documents.
        shift: the same, added.
        moves: how much the chances of the step from one heading to the next count for their levels.
        bare: factor of the threshold in documents without headings.
    """

    looks: float = 0.68
    topics: float = 0.66
    bias: float = 0.35
    looks_level: float = 0.3
    topics_level: float = 0.6
    outer: float = 0.6
    outer_numbered: float = 0.1
    agreement: float = 0.09
    slope: float = 1.0
    shift: float = 0.0
    moves: float = 0.5
    bare: float = 1.2

    @classmethod
    def from_array(cls, values: NDArray[np.float32]) -> Weights:
        """The weights in the order of the fields."""
        return cls(*map(float, values))

    def to_array(self) -> NDArray[np.float32]:
        """The weights in the order of the fields: float32."""
        return np.array([getattr(self, field.name) for field in fields(self)], np.float32)


def align(scores: Scores, starts: NDArray[np.int64]) -> Array | None:
    """The model's probabilities at the n lines, (n, 5), zeros where it says nothing; None if it scored other units.

    A model that scored sentences, in a text with hardly a paragraph, has little to say of lines.
    """
    rows = np.minimum(np.searchsorted(starts, scores.offsets), len(starts) - 1)
    found = starts[rows] == scores.offsets
    if found.sum() < 0.5 * len(scores):
        return None
    aligned = np.zeros((len(starts), scores.probabilities.shape[1]), np.float32)
    aligned[rows[found]] = scores.probabilities[found]
    return aligned


def agreement(chances: Array, aligned: Array) -> float:
    """How far the lines that look like headings are those where the section model has sections start, in [0, 1].

    The share of the changes of topic that lie at likely headings, times the share of the likely headings at which the
    model has a section start. In a document without headings the first is small, for the topic changes at plain lines;
    where list items and labels look like headings the second is.

    Args:
        chances: (n, 1 + levels), of no heading and of each level, by the looks of the lines.
        aligned: (n, 5), the section model's.
    """
    heading, topics = 1 - chances[1:, 0], aligned[1:, -1]
    starts = aligned[1:, :N_DEPTHS].max(axis=1, initial=0)
    of_topics = float(topics @ heading) / (float(topics.sum()) + 0.1)
    of_headings = float(starts @ heading) / (float(heading.sum()) + 0.1)
    return of_topics * of_headings if of_headings >= _LEAST_OF_HEADINGS else 0.0


def is_silent(lines: list[Line], chances: Array, aligned: Array) -> bool:
    """Whether the section model has nothing to say of lines that surely are headings, by their form, and are many.

    Lines that are repeated word by word (credits of quotations) are no headings for this.
    """
    sure = np.flatnonzero(chances[1:, 0] < 1 - _SURE) + 1
    if len(sure) < max(_LEAST_SURE, _SURE_SHARE * len(chances)):
        return False
    starts = float(aligned[sure, :N_DEPTHS].max(axis=1).mean())
    different = {(lines[i].hashes, lines[i].end - lines[i].start) for i in sure.tolist()}
    return starts < _SILENT and len(different) >= _LEAST_SURE


def blend(chances: Array, aligned: Array, weights: Weights) -> Array:
    """The scorer's chances and the topic model's as one, rows summing to 1.

    Args:
        chances: (n, 1 + levels), of no heading and of each level.
        aligned: (n, 5), probabilities by depth and main depth; a row of zeros says nothing.
        weights: of the two.
    """
    said = aligned.any(axis=1)
    judges = chances[said].astype(np.float32), by_level(aligned[said], chances.shape[1])
    odds = np.full((len(judges[0]), 1), weights.bias, np.float64)
    levels = np.zeros((len(judges[0]), chances.shape[1] - 1), np.float64)
    for judge, heading_weight, level_weight in zip(judges, *_by_judge(weights), strict=True):
        heading = 1 - judge[:, :1]
        odds += heading_weight * np.log(np.maximum(heading, _FLOOR) / np.maximum(judge[:, :1], _FLOOR))
        levels += level_weight * np.log(np.maximum(judge[:, 1:] / np.maximum(heading, 1e-6), 1e-3))
    share = np.exp(levels - levels.max(axis=1, keepdims=True))
    body = 1 / (1 + np.exp(odds))
    blended = chances.copy()
    blended[said] = np.concatenate([body, (1 - body) * share / share.sum(axis=1, keepdims=True)], axis=1)
    return blended


def _by_judge(weights: Weights) -> tuple[tuple[float, float], tuple[float, float]]:
    return (weights.looks, weights.topics), (weights.looks_level, weights.topics_level)


def favour_outer(chances: Array, numbers: list[Number | None], weights: Weights) -> Array:
    """The chances with outer levels favoured; the chance of a heading stays."""
    is_numbered = np.array([number is not None and number.kind != "bullet" for number in numbers])
    favour = np.where(is_numbered, weights.outer_numbered, weights.outer)[:, None]
    share = chances[:, 1:] * np.exp(-favour * np.arange(chances.shape[1] - 1))
    share *= (1 - chances[:, :1]) / np.maximum(share.sum(axis=1, keepdims=True), 1e-9)
    favoured: Array = np.concatenate([chances[:, :1], share], axis=1).astype(np.float32)
    return favoured


def calibrated(heading: Array, weights: Weights) -> Array:
    """Chances of a heading as they hold on documents: float32, rising with ``heading``."""
    inside = np.clip(heading.astype(np.float64), 1e-6, 1 - 1e-6)
    odds = weights.slope * np.log(inside / (1 - inside)) + weights.shift
    return (1 / (1 + np.exp(-odds))).astype(np.float32)


def by_level(probabilities: Array, n_classes: int) -> Array:
    """Chances of no section and of each level from chances of depth <= 1 .. 4; deeper ones share the last."""
    rising = np.maximum.accumulate(probabilities[:, :N_DEPTHS], axis=1)
    out = np.zeros((len(rising), n_classes), np.float32)
    out[:, 0] = 1 - rising[:, -1]
    out[:, 1 : N_DEPTHS + 1] = np.diff(rising, axis=1, prepend=0)
    out[:, N_DEPTHS:] = out[:, N_DEPTHS : N_DEPTHS + 1] / (n_classes - N_DEPTHS)
    return out
