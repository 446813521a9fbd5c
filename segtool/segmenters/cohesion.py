"""Whether the words of a short line come back in the text around it: a heading names what follows it."""

from __future__ import annotations

import re
from operator import gt

import numpy as np
from numpy.typing import NDArray

from segtool.segmenters.headings import Line
from segtool.segmenters.letter_runs import letter_runs

N_COHESION = 5
_LONGEST = 160
"""A line with more characters is no candidate for a heading by its words."""
_REACH = 320
"""Characters of the lines around that are searched."""
_STEM, _LEAST, _MOST = 5, 4, 6
"""Letters of a word that are compared, letters that it must have, and words that are looked up."""
_WORD = re.compile(rf"[^\W\d_]{{{_LEAST},}}|[\u3040-\u9fff\uac00-\ud7a3]{{2,}}")
_NOTHING = (0.0,) * N_COHESION
_CODE_SIGNS = r"=|_/\\<>{}@#$+~^"
_CODE = re.compile(
    rf"[{_CODE_SIGNS}.x×*]"
    rf"(?:(?<=[{_CODE_SIGNS}])|(?<=\w\.)(?=\w)|(?:(?<=\d[x×*])|(?<=\d\s[x×*]))(?=\s?\d))"
)
"""Sought by the sign in its middle: what begins with one of a few signs is found fast."""


def read_cohesion(text: str, lines: list[Line]) -> NDArray[np.float32]:
    """What the words of each short line have in common with the lines around: float32 (n, N_COHESION).

    Columns: share of its words in the two lines below, in the line above, below but not above; whether it has words to
    compare; whether it holds marks of code, formulas or addresses.
    """
    lowered = text.replace("İ", "I").lower()  # the one letter that grows when it is lowered: offsets stay
    rows = []
    for line in lines:
        start, end = line.start, line.end
        if end - start > _LONGEST or line.lead:
            rows.append(_NOTHING)
            continue
        is_code = _CODE.search(text[line.rest : end]) is not None
        stems = _stems(lowered[line.rest : end])
        if not stems:
            rows.append((0.0, 0.0, 0.0, 0.0, float(is_code)))
            continue
        below, above = lowered[end : end + _REACH], lowered[max(0, start - _REACH) : start]
        are_below, are_above = [stem in below for stem in stems], [stem in above for stem in stems]
        n_new = sum(map(gt, are_below, are_above))
        n = len(stems)
        rows.append((sum(are_below) / n, sum(are_above) / n, n_new / n, 1.0, float(is_code)))
    return np.array(rows, np.float32).reshape(len(lines), N_COHESION)


def _stems(lowered: str) -> list[str]:
    if lowered.isascii():
        return [word[:_STEM] for word in letter_runs(lowered) if len(word) >= _LEAST][:_MOST]
    words = _WORD.findall(lowered)[:_MOST]
    if words and words[0] > "\u3040" and len(words[0]) > 2:  # scripts without spaces between words: pairs of signs
        run = words[0]
        return [run[k : k + 2] for k in range(0, min(len(run) - 1, 2 * _MOST), 2)]
    return [word[:_STEM] for word in words]
