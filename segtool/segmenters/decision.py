"""One decision a line: no heading, or a heading of one level; levels are found for the whole document at once.

A line is a heading if its chance reaches the threshold. A dynamic programme then gives every way of numbering that the
document uses (chapters, articles, 1.1, (a) ...) one level: kinds are put in order by what the scorer thinks of their
lines and by their usual rank, and levels rise along that order such that the sum of log-chances is largest. What is
left in doubt is decided along the headings (``levels``), so that each takes the level that fits those around it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from segtool.segmenters.evidence import Array
from segtool.segmenters.levels import N_LEVELS, best_levels, path_scores
from segtool.segmenters.number import Number
from segtool.segmenters.numbering_units import RANKS

_LEAST = 1e-5
"""Chance of a level that is all but ruled out."""
_RANK_WEIGHT = 0.1
"""How much of a level one rank of the table weighs when kinds are put in order."""
_MOSTLY, _CLEARLY = 0.6, 1.5
"""Share of a kind's headings that another must follow to be held by it, and how many times as many that must be."""
_OPENERS = 1.0
"""Log-odds from which a kind is moved below the plain headings that its lines follow."""
_FEWEST_OPENERS = 0.5
"""Such headings, by their chances of being as deep as the kind, from which that is tried."""
_INSERTED = 0.5
"""Mean log-chance by which decimals stand rather beside plain numbers than below them."""
_DOTTED = re.compile(r"\d\.\d")
_LOOSE = frozenset({"annex", "provision", "rule", "clause", "step"})
"""Units that stand beside others at any level."""

Kind = tuple[str, str, int]


def decide(
    chances: Array,
    numbers: list[Number | None],
    threshold: float,
    given_levels: NDArray[np.int64] | None = None,
    moves: Callable[[NDArray[np.int64]], Array] | None = None,
) -> NDArray[np.int64]:
    """The level of each line, 0 for no heading: int64 (n,).

    Args:
        chances: float32 (n, 1 + levels), of no heading and of each level; rows sum to 1.
        numbers: of each line, read in sequence.
        threshold: chance of a heading from which one is decided for; in [0, 1].
        given_levels: int64 (n,), levels that are certain (above 0).
        moves: for the chosen lines, the log-chances that each but the first lies below, beside or above the one before
            it: (chosen - 1, 3). None: only levels by themselves count.
    """
    decided = np.zeros(len(chances), np.int64)
    fixed = np.zeros(len(chances), np.int64) if given_levels is None else np.minimum(given_levels, N_LEVELS)
    chosen = np.flatnonzero((1 - chances[:, 0] >= max(threshold, 1e-3)) | (fixed > 0))
    if not len(chosen):
        return decided
    given = chances[chosen, 1:].astype(np.float64)
    heading = 1 - chances[chosen, 0].astype(np.float64)
    n_given = given.shape[1]
    logs = np.empty((len(chosen), N_LEVELS))
    logs[:, :n_given] = np.log(np.maximum(given / np.maximum(heading[:, None], 1e-6), _LEAST))
    logs[:, n_given:] = logs[:, n_given - 1 : n_given] - np.arange(1, N_LEVELS + 1 - n_given)
    steps = moves(chosen) if moves is not None else None
    _fix_kinds(logs, heading, [numbers[i] for i in chosen.tolist()], steps)
    certain = np.flatnonzero(fixed[chosen])
    logs[certain] = -1e6
    logs[certain, fixed[chosen][certain] - 1] = 0.0
    decided[chosen] = best_levels(logs, steps)
    return decided


def _fix_kinds(
    logs: NDArray[np.float64],
    heading: NDArray[np.float64],
    numbers: list[Number | None],
    moves: Array | None,
) -> None:
    """Give all lines of one kind of numbering one level, in place."""
    rows: dict[Kind, list[int]] = {}
    for i, number in enumerate(numbers):
        if number is not None and number.kind != "bullet":
            rows.setdefault(_kind(number), []).append(i)
    if not rows:
        return
    _split_dotted(rows, numbers)
    levels = _order_kinds(logs, heading, rows, _roots(rows, numbers))
    if moves is not None:
        levels = _below_openers(levels, rows, logs, moves)
    _pin(logs, rows, levels)


def _split_dotted(rows: dict[Kind, list[int]], numbers: list[Number | None]) -> None:
    """Make units with decimals kinds of their own, in place, where they are parts of those without: "Chapter 2.1"."""
    for kind, members in list(rows.items()):
        if kind[0] not in RANKS:
            continue
        dotted: set[int] = set()
        outer, before = -1, -1
        n_first = n_inside = 0
        for i in members:
            number = numbers[i]
            if number is not None and _DOTTED.search(number.text):
                n_inside += number.values[0] == outer
                n_first += number.values == (outer, 1) and before not in dotted
                dotted.add(i)
            elif number is not None and number.values:
                outer = number.values[0]
            before = i
        if n_first and n_inside >= _MOSTLY * len(dotted):
            rows[kind] = [i for i in members if i not in dotted]
            rows[(kind[0], "", 1)] = sorted(dotted)


def _pin(logs: NDArray[np.float64], rows: dict[Kind, list[int]], levels: dict[Kind, int]) -> None:
    for kind, members in rows.items():
        logs[members] = np.log(_LEAST)
        logs[members, levels[kind] - 1] = 0.0


def _below_openers(
    levels: dict[Kind, int], rows: dict[Kind, list[int]], logs: NDArray[np.float64], moves: Array
) -> dict[Kind, int]:
    """The levels with a kind moved below the plain headings that it follows, where all headings together fit better so.

    Articles stand at one depth of their own, below whatever there is above them in a place. So where some plain
    headings just above articles would be as deep as these, articles (and all that is deeper) may have to go one down.
    """
    numbered = {i for members in rows.values() for i in members}
    openers = {kind: [i - 1 for i in members if i and i - 1 not in numbered] for kind, members in rows.items()}
    left = sorted(rows, key=lambda kind: -levels[kind])
    while left := [kind for kind in left if _may_fall(logs[openers[kind]], levels[kind])]:
        ways = [levels, *(_fallen(levels, levels[kind]) for kind in left)]
        pinned = np.repeat(logs[None], len(ways), axis=0)
        for way, each in zip(ways, pinned, strict=True):
            _pin(each, rows, way)
        scores = path_scores(pinned, moves)  # of all at once: a fall that is better is rare
        better = np.flatnonzero(scores[1:] > scores[0] + _OPENERS)
        if not len(better):
            break
        levels, left = ways[better[0] + 1], left[better[0] + 1 :]
    return levels


def _may_fall(openers: NDArray[np.float64], level: int) -> bool:
    """Whether some of the plain headings above a kind, of these log-chances, would be as deep as its level."""
    return level < N_LEVELS and bool(np.exp(openers[:, level - 1 :]).sum() >= _FEWEST_OPENERS)


def _fallen(levels: dict[Kind, int], level: int) -> dict[Kind, int]:
    """The levels with what is at ``level`` or deeper one further down."""
    return {kind: min(at + (at >= level), N_LEVELS) for kind, at in levels.items()}


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
        logs: (n, levels), log-chances.
        heading: (n,), chance of a heading.
        rows: the lines of each kind.
        roots: kinds that stand above all decimals.
    """
    weights = np.exp(logs)
    weights /= weights.sum(axis=1, keepdims=True)
    scores, places = {}, {}
    for kind, members in rows.items():
        scores[kind] = (logs[members] * heading[members, None]).sum(axis=0)
        mean = float((weights[members] @ np.arange(1, N_LEVELS + 1)).mean())
        places[kind] = mean + _RANK_WEIGHT * (RANKS.get(kind[0], 0) + kind[2])
    units = sorted((k for k in rows if k[0] in RANKS and k[0] not in _LOOSE), key=places.__getitem__)
    decimals = [*roots, *sorted(k for k in rows if k[0] == "decimal")]
    levels = {kind: int(scores[kind].argmax()) + 1 for kind in rows}
    for chain in (units, decimals):
        levels.update(_rising(chain, np.array([scores[kind] for kind in chain])))
    for root in roots:
        _with_inserted(levels, scores, rows, root)
    return _contained(levels, rows)


def _with_inserted(
    levels: dict[Kind, int], scores: dict[Kind, NDArray[np.float64]], rows: dict[Kind, list[int]], root: Kind
) -> None:
    """Put decimals beside plain numbers, in place, where they clearly stand there: 7.1 was inserted after 7."""
    inner = ("decimal", "", 2)
    if inner not in levels or levels[inner] <= levels[root]:
        return
    beside = scores[root] + scores[inner]
    level = int(beside.argmax())
    gain = beside[level] - scores[root][levels[root] - 1] - scores[inner][levels[inner] - 1]
    if gain > _INSERTED * len(rows[inner]):
        fall = levels[inner] - level - 1
        levels.update({kind: max(at - fall, 1) for kind, at in levels.items() if kind[0] == "decimal"})
        levels[root] = level + 1


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
