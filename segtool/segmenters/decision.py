"""One decision a line: no heading, or a heading of one level; found for the whole document at once.

Two dynamic programmes. The first gives every way of numbering that the document uses (chapters, articles, 1.1, (a) ...)
one level: kinds are put in order by what the scorer thinks of their lines and by their usual rank, and levels rise
along that order such that the sum of log-chances is largest. The second walks over the lines. Its state is the level of
the last heading; a step pays the log-chance of what it decides and a price for levels skipped on the way down, so that
a line of doubtful level takes the one that fits what comes before and after it.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from segtool.segmenters.evidence import Array
from segtool.segmenters.number import Number
from segtool.segmenters.numbering_units import RANKS

N_LEVELS = 8
"""Levels told apart at most."""
_SURE_BODY = 0.98
_SKIPPED = 1.0
"""Price, in log-chance, of each level skipped between a heading and the one before it."""
_RANK_WEIGHT = 0.1
"""How much of a level one rank of the table weighs when kinds are put in order."""
_MOSTLY, _CLEARLY = 0.6, 1.5
"""Share of a kind's headings that another must follow to be held by it, and how many times as many that must be."""
_LOOSE = frozenset({"annex", "provision", "rule", "clause", "step"})
"""Units that stand beside others at any level."""

Kind = tuple[str, str, int]


def decide(
    chances: Array, numbers: list[Number | None], threshold: float, given_levels: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """The level of each line, 0 for no heading: int64 (n,).

    Args:
        chances: float32 (n, 1 + levels), of no heading and of each level; rows sum to 1.
        numbers: of each line, read in sequence.
        threshold: chance of a heading from which one is decided for; in [0, 1].
        given_levels: int64 (n,), levels that are certain (above 0).
    """
    n = len(chances)
    decided = np.zeros(n, np.int64)
    fixed = np.zeros(n, np.int64) if given_levels is None else np.minimum(given_levels, N_LEVELS)
    candidates = np.flatnonzero((1 - chances[:, 0] >= max(threshold, 1e-3) / 2) | (fixed > 0))
    if not len(candidates):
        return decided
    given = chances[candidates].astype(np.float64)
    heading = 1 - given[:, 0]
    logs = np.full((len(candidates), N_LEVELS + 1), np.log(1e-5))
    n_given = given.shape[1]
    logs[:, 1:n_given] = np.log(np.maximum(given[:, 1:] / np.maximum(heading[:, None], 1e-6), 1e-5))
    logs[:, n_given:] = logs[:, n_given - 1 : n_given] - 0.1 * np.arange(1, N_LEVELS + 2 - n_given)
    _fix_kinds(logs, heading, [numbers[i] for i in candidates.tolist()], threshold)
    logs[:, 1:] -= logs[:, 1:].max(axis=1, keepdims=True)
    logs[:, 1:] += np.log(np.maximum(heading, 1e-6))[:, None] + np.log((1 - threshold + 1e-6) / (threshold + 1e-6))
    logs[:, 0] = np.log(np.maximum(given[:, 0], 1e-6))
    certain = np.flatnonzero(fixed[candidates])
    logs[certain] = -1e6
    logs[certain, fixed[candidates][certain]] = 0.0
    decided[candidates] = _walk(logs)
    return decided


def _fix_kinds(
    logs: NDArray[np.float64], heading: NDArray[np.float64], numbers: list[Number | None], threshold: float
) -> None:
    """Give all lines of one kind of numbering one level, in place."""
    rows: dict[Kind, list[int]] = {}
    for i, number in enumerate(numbers):
        if number is not None and number.kind != "bullet" and heading[i] >= threshold:
            rows.setdefault(_kind(number), []).append(i)
    if not rows:
        return
    levels = _order_kinds(logs, heading, rows, _roots(rows, numbers))
    for i, number in enumerate(numbers):
        level = levels.get(_kind(number)) if number is not None else None
        if level is not None:
            logs[i, 1:] = np.log(1e-5)
            logs[i, level] = 0.0


def _roots(rows: dict[Kind, list[int]], numbers: list[Number | None]) -> list[Kind]:
    """The kind of plain numbers, if any, of which decimals are the parts: "5." is above "5.1"."""
    firsts = {number.values[0] for number in numbers if number is not None and number.kind == "decimal"}
    held = {
        kind: len(firsts & {number.values[0] for i in members if (number := numbers[i]) is not None and number.values})
        for kind, members in rows.items()
        if kind[0] == "arabic" and kind[1] in ("", ".")
    }
    best = max(held, key=held.__getitem__, default=None)
    return [best] if best is not None and held[best] >= max(2, len(firsts) / 2) else []


def _kind(number: Number) -> Kind:
    if number.kind in RANKS:
        return (number.kind, "", 0)
    upper = number.kind in ("letter", "roman") and number.text.isupper()
    depth = len(number.values) if number.kind == "decimal" else 0
    return (number.kind, ("A" if upper else "") + number.style * (number.kind != "decimal"), depth)


def _order_kinds(
    logs: NDArray[np.float64], heading: NDArray[np.float64], rows: dict[Kind, list[int]], roots: list[Kind]
) -> dict[Kind, int]:
    """The likeliest level of each kind; along the units of the table, and the depths of decimals, levels rise.

    Args:
        logs: (n, 1 + levels), log-chances.
        heading: (n,), chance of a heading.
        rows: the lines of each kind.
        roots: kinds that stand above all decimals.
    """
    weights = np.exp(logs[:, 1:])
    weights /= weights.sum(axis=1, keepdims=True)
    scores, places = {}, {}
    for kind, members in rows.items():
        scores[kind] = (logs[members, 1:] * heading[members, None]).sum(axis=0)
        mean = float((weights[members] @ np.arange(1, N_LEVELS + 1)).mean())
        places[kind] = mean + _RANK_WEIGHT * RANKS.get(kind[0], kind[2])
    units = sorted((k for k in rows if k[0] in RANKS and k[0] not in _LOOSE), key=places.__getitem__)
    decimals = [*roots, *sorted(k for k in rows if k[0] == "decimal")]
    levels = {kind: int(scores[kind].argmax()) + 1 for kind in rows}
    for chain in (units, decimals):
        levels.update(_rising(chain, np.array([scores[kind] for kind in chain])))
    return _contained(levels, rows)


def _contained(levels: dict[Kind, int], rows: dict[Kind, list[int]]) -> dict[Kind, int]:
    """The levels with every kind below those that hold it: "A.", with articles after each letter, is above them.

    A kind holds a unit of the table if most of its headings are followed by one of the other, which are clearly more.
    """
    in_order = [kind for _, kind in sorted((i, kind) for kind, members in rows.items() for i in members)]
    follows = Counter(pairwise(in_order))
    for (outer, inner), n in sorted(follows.items(), key=lambda item: -item[1]):
        n_outer, n_inner = len(rows[outer]), len(rows[inner])
        holds = (
            inner[0] in RANKS
            and outer != inner
            and n_outer >= 2
            and n >= _MOSTLY * n_outer
            and n_inner >= _CLEARLY * n_outer
        )
        if holds and levels[inner] <= levels[outer]:
            if levels[inner] > 1:
                levels[outer] = levels[inner] - 1
            else:
                at, below = levels[outer], levels[inner]
                moved = {kind for kind, level in levels.items() if level >= below and kind != outer}
                levels = {kind: min(level + (kind in moved), N_LEVELS) for kind, level in levels.items()}
                levels[outer] = min(at, below)
    return levels


def _rising(kinds: list[Kind], scores: NDArray[np.float64]) -> dict[Kind, int]:
    """Levels that rise strictly along ``kinds``, the likeliest; ``scores`` is (kinds, levels)."""
    if not kinds:
        return {}
    n = len(kinds)
    best = np.full((n, N_LEVELS), -np.inf)
    back = np.zeros((n, N_LEVELS), np.int64)
    best[0] = scores[0]
    for j in range(1, n):
        for level in range(1, N_LEVELS):
            back[j, level] = int(best[j - 1, :level].argmax())
            best[j, level] = best[j - 1, back[j, level]] + scores[j, level]
    level = int(best[-1].argmax())
    levels = {}
    for j in range(n - 1, -1, -1):
        levels[kinds[j]] = level + 1
        level = int(back[j, level])
    return levels


def _walk(logs: NDArray[np.float64]) -> NDArray[np.int64]:
    """The best path; ``logs`` is (n, 1 + levels), the result the class of each row."""
    levels = np.arange(logs.shape[1])
    skipped = _SKIPPED * np.maximum(levels[None, :] - levels[:, None] - 1, 0)  # (from level, to level)
    best = np.full(len(levels), -np.inf)
    best[0] = 0.0  # before the first heading
    back = np.zeros(logs.shape, np.int64)
    stays = np.zeros(logs.shape, bool)
    for i, row in enumerate(logs):
        moves = best[:, None] - skipped
        sources = moves.argmax(axis=0)
        opened = moves[sources, levels] + row
        opened[0] = -np.inf
        kept = best + row[0]
        stays[i] = kept >= opened
        back[i] = sources
        best = np.where(stays[i], kept, opened)
    state = int(best.argmax())
    path = np.zeros(len(logs), np.int64)
    for i in range(len(logs) - 1, -1, -1):
        if not stays[i, state]:
            path[i] = state
            state = int(back[i, state])
    return path
