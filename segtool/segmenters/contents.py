"""Tables of contents: lines that name the headings to come. Kept apart from the outline, and used to confirm it."""

from __future__ import annotations

import re
from collections import Counter
from math import log

import numpy as np
from numpy.typing import NDArray

from segtool.segmenters.headings import Line

_REACH = 3
_NOISE = re.compile(r"[\W\d_]+")


def read_contents(text: str, lines: list[Line]) -> NDArray[np.float32]:
    """What repetition says of each line: float32 (n, 5).

    Columns: the line belongs to a table of contents; it was named in one before; its words stand again as a whole line
    or run-in heading later; they stood so before; how often they stand so, on a log scale.
    """
    n = len(lines)
    columns = np.zeros((n, 5), np.float32)
    if not n:
        return columns
    names = [_name(text, line) for line in lines]
    last = {name: i for i, name in enumerate(names) if name}
    counts = Counter(names)
    first: dict[str, int] = {}
    for i, name in enumerate(names):
        if not name:
            continue
        columns[i, 2] = last[name] > i + 1
        columns[i, 3] = first.setdefault(name, i) < i
        columns[i, 4] = log(counts[name]) / 2
    listed = columns[:, 2].astype(bool) & np.array([not line.lead for line in lines])
    near = np.convolve(listed, np.ones(2 * _REACH + 1), "same")[: n + 2 * _REACH]
    near = near[(len(near) - n) // 2 :][:n]
    columns[:, 0] = (listed & (near >= _REACH + 1)) | np.array([line.has_leaders for line in lines])
    in_contents = {name for i, name in enumerate(names) if name and columns[i, 0]}
    for i, name in enumerate(names):
        columns[i, 1] = bool(name) and not columns[i, 0] and columns[i, 3] and name in in_contents
    return columns


def _name(text: str, line: Line) -> str:
    if line.lead:
        piece = text[line.rest : line.lead]
    elif line.is_long:
        return ""
    else:
        piece = text[line.rest : line.end]
    return _NOISE.sub(" ", piece.lower()).strip()
