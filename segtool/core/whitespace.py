"""Where white space ends: the rule that puts every boundary on one canonical offset.

White space is what ``str.isspace`` says. A boundary after the first sits on the first non-space
character of the unit that it opens, so that models, rules and people agree on the integer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

# \s of `re` and str.isspace differ in no code point of Unicode 15 (a test checks it).
_NON_SPACE = re.compile(r"\S")


def next_non_space(text: str, offset: int) -> int:
    """The first offset ``>= offset`` that holds no white space; ``len(text)`` if there is none."""
    match = _NON_SPACE.search(text, offset)
    return match.start() if match else len(text)


def canonical_offsets(text: str, offsets: Iterable[int]) -> NDArray[np.int64]:
    """Offsets moved onto the first non-space character at or after them: int64, sorted, unique.

    Offsets that have only white space behind them are dropped (no unit starts there), and so are
    those at or before the first non-space character (the unit at 0 starts there).
    """
    search = _NON_SPACE.search
    moved = []
    first = -1
    for offset in offsets:
        first = next_non_space(text, 0) if first < 0 else first
        match = search(text, offset)
        if match and match.start() > first:
            moved.append(match.start())
    return np.array(sorted(set(moved)), dtype=np.int64)
