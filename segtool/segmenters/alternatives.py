"""The likeliest segmentations of a stretch of text: what a reviewer may want instead of what the decoder chose.

``decode_within`` finds the best partition; this module finds the k best, all different, by the same measure and under
the same limits. Each state of the dynamic programme keeps a list of k instead of one value, and a queue of two stacks
gives the k best of a sliding window of states: the time is linear in the candidates, whatever the limits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import merge
from itertools import islice

from segtool.core.scores import Scores
from segtool.core.span import Span
from segtool.segmenters.decode import TOO_SHORT, Candidates, candidates_of, log_odds


@dataclass(frozen=True, slots=True)
class Alternative:
    """One segmentation of a stretch.

    Attributes:
        starts: where units start after the first of the stretch, ascending offsets of the document.
        chance: calibrated chance that units start at these of the model's candidates in the stretch and at no others.
    """

    starts: tuple[int, ...]
    chance: float


Path = tuple[float, int, int]
"""Negative value of a partition up to a state, the state before, and the rank among the partitions of that state."""


def alternatives(
    scores: Scores,
    text: str,
    threshold: float,
    k: int,
    *,
    span: Span | None = None,
    min_length: int = 0,
    max_length: int | None = None,
    bare_threshold: float | None = None,
) -> tuple[Alternative, ...]:
    """The k best segmentations of a stretch, best first; fewer where there are no more.

    Best is what has the greatest sum of log odds relative to the threshold, so the first one is what ``decode_within``
    chooses. Their chances need not fall where the threshold is not a half. Candidates count as independent.

    Args:
        scores: candidates of the whole text with one probability each, float32 (n,).
        text: the text they belong to.
        threshold: in [0, 1].
        k: how many, at least 1.
        span: the stretch, which starts and ends with a unit; None: the whole text.
        min_length: least characters of a unit, given up only where no partition keeps it.
        max_length: most characters of a unit; None: no limit.
        bare_threshold: that of candidates in stretches without punctuation; None: the same.
    """
    start, end = (span.start, span.end) if span is not None else (0, len(text))
    part = text[start:end]
    inside = _inside(scores, start, end)
    limit = len(part) + 1 if max_length is None else max(1, max_length)
    if not part.strip():
        return (Alternative((), 1.0),)
    candidates = candidates_of(inside, part, threshold, limit, bare_threshold)
    named = dict(zip(inside.offsets.tolist(), inside.probabilities.tolist(), strict=True))
    base = sum(-math.log1p(math.exp(log_odds(chance))) for chance in named.values())
    out = []
    for chosen in _k_best(candidates, part, min(min_length, limit), limit, k):
        starts = [int(candidates.starts[index]) for index in chosen]
        chance = math.exp(min(0.0, base + sum(log_odds(named[at]) for at in starts if at in named)))
        out.append(Alternative(tuple(start + at for at in starts), chance))
    return tuple(out)


def _inside(scores: Scores, start: int, end: int) -> Scores:
    """The candidates strictly inside a stretch, counted from its start."""
    keep = (scores.offsets > start) & (scores.offsets < end)
    bare = None if scores.bare is None else scores.bare[keep]
    return Scores(scores.layer, end - start, scores.offsets[keep] - start, scores.probabilities[keep].copy(), bare)


def _k_best(candidates: Candidates, text: str, least: int, most: int, k: int) -> list[list[int]]:
    """Indices of the chosen candidates of the k best partitions."""
    starts = [len(text) - len(text.lstrip()), *candidates.starts.tolist()]
    ends = [*candidates.ends.tolist(), len(text.rstrip())]
    gains = [*candidates.gains.tolist(), 0.0]
    best: list[list[Path]] = [[(0.0, -1, 0)]]
    ready, short = _Window(k), _Window(k)
    entered = 0
    for j, (end, gain) in enumerate(zip(ends, gains, strict=True)):
        short.push(j, best[j])
        while entered <= j and starts[entered] <= end - least:
            short.drop_before(entered + 1)
            ready.push(entered, best[entered])
            entered += 1
        while starts[ready.first] < end - most and ready:
            ready.drop_before(ready.first + 1)
        while starts[short.first] < end - most and short:
            short.drop_before(short.first + 1)
        paths = _best_of(k, ready.best(), ((value + TOO_SHORT, i, rank) for value, i, rank in short.best()))
        best.append([(value - gain, i, rank) for value, i, rank in paths])
    likely = [path for path in best[-1] if path[0] < best[-1][0][0] + TOO_SHORT / 2]
    return [_chosen(best, path) for path in likely]


def _chosen(best: list[list[Path]], path: Path) -> list[int]:
    """The candidates on a path, by their indices."""
    out = []
    _, state, rank = path
    while state > 0:
        out.append(state - 1)
        _, state, rank = best[state][rank]
    return out[::-1]


def _best_of(k: int, *lists: Iterable[Path]) -> list[Path]:
    return list(islice(merge(*lists), k))


class _Window:
    """A queue of states that knows the k best partitions which end at any of them; each step costs O(k) on average.

    New states join a list with its best; when the old ones run out, the list is turned into a stack whose every entry
    knows the best of what lies below it.
    """

    def __init__(self, k: int) -> None:
        self._k = k
        self._old: list[tuple[int, list[Path]]] = []
        self._new: list[tuple[int, list[Path]]] = []
        self._new_best: list[Path] = []

    def __bool__(self) -> bool:
        return bool(self._old or self._new)

    @property
    def first(self) -> int:
        """The state that came first of those left; 0 if there are none."""
        queue = self._old[-1:] or self._new[:1]
        return queue[0][0] if queue else 0

    def push(self, state: int, paths: list[Path]) -> None:
        """Add a state; its paths become steps from it."""
        steps = [(value, state, rank) for rank, (value, _, _) in enumerate(paths)]
        self._new.append((state, steps))
        self._new_best = _best_of(self._k, self._new_best, steps)

    def drop_before(self, state: int) -> None:
        """Take out the states before ``state``."""
        while self and self.first < state:
            if not self._old:
                self._turn()
            self._old.pop()

    def best(self) -> list[Path]:
        """Steps from the states left, best first."""
        return _best_of(self._k, self._old[-1][1] if self._old else [], self._new_best)

    def _turn(self) -> None:
        below: list[Path] = []
        for state, steps in reversed(self._new):
            below = _best_of(self._k, below, steps)
            self._old.append((state, below))
        self._new, self._new_best = [], []
