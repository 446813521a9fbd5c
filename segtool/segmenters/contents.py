"""Tables of contents: lines that name the headings to come. Kept apart from the outline, and used to confirm it."""

from __future__ import annotations

from math import log

import numpy as np
from numpy.typing import NDArray

from segtool.segmenters.headings import Line
from segtool.segmenters.letter_runs import letter_runs

_REACH = 3


def read_contents(text: str, lines: list[Line]) -> NDArray[np.float32]:
    """What repetition says of each line: float32 (n, 5).

    Columns: the line belongs to a table of contents; it was named in one before; its words stand again as a whole line
    or run-in heading later; they stood so before; how often they stand so, on a log scale.
    """
    n = len(lines)
    columns = np.zeros((n, 5), np.float32)
    if not n:
        return columns
    seen: dict[str, int] = {"": 0}
    index = np.array([seen.setdefault(name, len(seen)) for name in (_name(text, line) for line in lines)])
    counts = np.bincount(index, minlength=len(seen))
    places, is_named = np.arange(n), index > 0
    first, last = np.zeros((2, len(seen)), np.int64)
    first[index[::-1]], last[index] = places[::-1], places
    columns[:, 2] = is_named & (last[index] > places + 1)
    columns[:, 3] = is_named & (first[index] < places)
    columns[:, 4] = is_named * np.array([log(max(count, 1)) / 2 for count in counts.tolist()])[index]
    listed = columns[:, 2].astype(bool) & np.array([not line.lead for line in lines])
    near = np.convolve(listed, np.ones(2 * _REACH + 1), "same")[: n + 2 * _REACH]
    near = near[(len(near) - n) // 2 :][:n]
    is_listed = (listed & (near >= _REACH + 1)) | np.array([line.has_leaders for line in lines])
    columns[:, 0] = is_listed
    in_contents = np.zeros(len(seen), np.bool_)
    in_contents[index[is_listed]] = True
    columns[:, 1] = is_named & ~is_listed & (first[index] < places) & in_contents[index]
    return columns


def _name(text: str, line: Line) -> str:
    if line.lead:
        piece = text[line.rest : line.lead]
    elif line.is_long:
        return ""
    else:
        piece = text[line.rest : line.end]
    return " ".join(letter_runs(piece.lower()))
