"""Scores and a policy become a layer. Pure and instant, so that a threshold can move without a model."""

from __future__ import annotations

import itertools
import math
import re
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segtool.core.layer import Layer
from segtool.core.scores import Scores
from segtool.segmenters.lengths import LengthPrior

_WORD_START = re.compile(r"(?<=\s)\S")
_FORCED = 1e-4
"""Chance that stands for a word start that no model named: only used where a unit would be too long."""
_INSIDE_WORD = 1e-9
TOO_SHORT = 1e4
"""Price of a unit below the least length: paid only where no other partition is possible."""


def decode(scores: Scores, threshold: float, bare_threshold: float | None = None) -> Layer:
    """The layer whose units start at 0 and at every candidate with a probability of at least ``threshold``.

    Args:
        scores: candidates with one probability each, float32 (n,).
        threshold: in [0, 1].
        bare_threshold: that of candidates in stretches without punctuation; None: the same.
    """
    chosen = scores.probabilities >= threshold
    if bare_threshold is not None and scores.bare is not None:
        chosen = np.where(scores.bare, scores.probabilities >= bare_threshold, chosen)
    return Layer.from_offsets(scores.layer, scores.length, scores.offsets[chosen], scores=scores.probabilities[chosen])


@dataclass(frozen=True, slots=True)
class Candidates:
    """Possible starts after the first, ascending: the end of the unit before (its white space trimmed), the gain of
    a unit starting there, and the probability to report."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    gains: NDArray[np.float64]
    chances: NDArray[np.float32]


def decode_within(
    scores: Scores,
    text: str,
    threshold: float,
    min_length: int = 0,
    max_length: int | None = None,
    bare_threshold: float | None = None,
    prior: LengthPrior | None = None,
) -> Layer:
    """The best layer whose units have ``min_length`` to ``max_length`` characters, outer white space not counted.

    Of all partitions that keep the limits, the one with the greatest sum of log odds relative to the threshold:
    without limits the same as ``decode``. Exact, by dynamic programming in linear time. Where a limit can't be kept
    with the model's candidates, a unit is cut before a word, then inside one; the greatest length always holds, the
    least gives way to it and to the end of the text. A prior of lengths adds its logarithm for each unit.

    Args:
        scores: candidates with one probability each, float32 (n,).
        text: the text they belong to.
        threshold: in [0, 1].
        min_length: least characters of a unit; 0: no limit.
        max_length: most characters of a unit, at least 1; None: no limit.
        bare_threshold: that of candidates in stretches without punctuation; None: the same.
        prior: how likely units of which length are; it counts only with a ``max_length``, which bounds the search.

    Source: constrained segmentation as in wtpsplit, with a monotonic queue instead of a scan; with a prior, the scan
    over the candidates of one greatest length is needed.
    """
    if not text.strip() or (not min_length and max_length is None):
        return decode(scores, threshold, bare_threshold)
    limit = max(1, max_length) if max_length is not None else len(text) + 1
    candidates = candidates_of(scores, text, threshold, limit, bare_threshold)
    if prior is not None and max_length is not None:
        chosen = _best_by_prior(candidates, text, min(min_length, limit), limit, prior)
    else:
        chosen = _best(candidates, text, min(min_length, limit), limit)
    return Layer.from_offsets(scores.layer, scores.length, candidates.starts[chosen], scores=candidates.chances[chosen])


def candidates_of(
    scores: Scores, text: str, threshold: float, limit: int, bare_threshold: float | None = None
) -> Candidates:
    """The model's candidates, and where they stand too far apart for ``limit``, word starts and places inside words."""
    level = log_odds(threshold)
    bare_level = level if bare_threshold is None else log_odds(bare_threshold)
    bare = set() if scores.bare is None else set(scores.offsets[scores.bare].tolist())
    found = dict(zip(scores.offsets.tolist(), scores.probabilities.tolist(), strict=True))
    for start in _forced_starts(scores.offsets.tolist(), text, limit):
        found.setdefault(start, _FORCED if text[start - 1].isspace() else _INSIDE_WORD)
    starts = sorted(found)
    return Candidates(
        np.array(starts, np.int64),
        np.array([_trimmed_end(text, start) for start in starts], np.int64),
        np.array([log_odds(found[start]) - (bare_level if start in bare else level) for start in starts]),
        np.array([found[start] for start in starts], np.float32),
    )


def _forced_starts(offsets: list[int], text: str, limit: int) -> list[int]:
    """Word starts in stretches without a candidate that are longer than ``limit``, and places inside longer words."""
    out: list[int] = []
    edges = [0, *offsets, len(text)]
    for low, high in itertools.pairwise(edges):
        if high - low <= limit:
            continue
        inner = [low, *(match.start() for match in _WORD_START.finditer(text, low + 1, high)), high]
        out += inner[1:-1]
        for start, stop in itertools.pairwise(inner):
            out += range(start + limit, _trimmed_end(text, stop), limit)
    return out


def _best(candidates: Candidates, text: str, least: int, most: int) -> NDArray[np.int64]:
    """Indices of the chosen candidates."""
    first = len(text) - len(text.lstrip())
    starts = [first, *candidates.starts.tolist()]
    ends = [*candidates.ends.tolist(), len(text.rstrip())]
    gains = [*candidates.gains.tolist(), 0.0]
    best, before = [0.0], [-1]
    ready: deque[int] = deque()
    short: deque[int] = deque()
    entered = 0
    for j, (end, gain) in enumerate(zip(ends, gains, strict=True)):
        _push(short, best, j)
        while entered <= j and starts[entered] <= end - least:
            _push(ready, best, entered)
            entered += 1
        for queue in (ready, short):
            while queue and starts[queue[0]] < end - most:
                queue.popleft()
        value, source = -math.inf, j
        if ready:
            value, source = best[ready[0]], ready[0]
        if short and best[short[0]] - TOO_SHORT > value:
            value, source = best[short[0]] - TOO_SHORT, short[0]
        best.append(value + gain)
        before.append(source)
    chosen, j = [], before[-1]
    while j > 0:
        chosen.append(j - 1)
        j = before[j]
    return np.array(chosen[::-1], np.int64)


def _best_by_prior(candidates: Candidates, text: str, least: int, most: int, prior: LengthPrior) -> NDArray[np.int64]:
    """Indices of the chosen candidates where every unit's length counts."""
    starts = np.append(len(text) - len(text.lstrip()), candidates.starts)
    ends = [*candidates.ends.tolist(), len(text.rstrip())]
    gains = [*candidates.gains.tolist(), 0.0]
    best, before = np.zeros(len(ends) + 1), [-1]
    low = 0
    for j, (end, gain) in enumerate(zip(ends, gains, strict=True)):
        while low < j and starts[low] < end - most:
            low += 1
        lengths = end - starts[low : j + 1]
        values = best[low : j + 1] + prior.log_chances(lengths) - TOO_SHORT * (lengths < least)
        source = int(values.argmax())
        best[j + 1] = values[source] + gain
        before.append(low + source)
    chosen, j = [], before[-1]
    while j > 0:
        chosen.append(j - 1)
        j = before[j]
    return np.array(chosen[::-1], np.int64)


def _push(queue: deque[int], best: list[float], index: int) -> None:
    """Keep a queue's values falling, so that its head is the greatest; of equals the later start stays behind."""
    while queue and best[queue[-1]] < best[index]:
        queue.pop()
    queue.append(index)


def _trimmed_end(text: str, start: int) -> int:
    while start > 0 and text[start - 1].isspace():
        start -= 1
    return start


def log_odds(chance: float) -> float:
    """The logarithm of a chance against its counterpart, finite for 0 and 1."""
    chance = min(max(chance, 1e-12), 1 - 1e-7)
    return math.log(chance / (1 - chance))
