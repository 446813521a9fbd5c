"""Whether the words of a short line come back in the text around it: a heading names what follows it."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from segtool.segmenters.headings import Line

N_COHESION = 5
_LONGEST = 160
"""A line with more characters is no candidate for a heading by its words."""
_REACH = 320
"""Characters of the lines around that are searched."""
_STEM, _LEAST, _MOST = 5, 4, 6
"""Letters of a word that are compared, letters that it must have, and words that are looked up."""
_WORD = re.compile(rf"[^\W\d_]{{{_LEAST},}}|[\u3040-\u9fff\uac00-\ud7a3]{{2,}}")
_CODE = re.compile(r"[=|_/\\<>{}@#$+~^]|\w\.\w|\d\s?[x×*]\s?\d")


def read_cohesion(text: str, lines: list[Line]) -> NDArray[np.float32]:
    """What the words of each short line have in common with the lines around: float32 (n, N_COHESION).

    Columns: share of its words in the two lines below, in the line above, below but not above; whether it has words to
    compare; whether it holds marks of code, formulas or addresses.
    """
    columns = np.zeros((len(lines), N_COHESION), np.float32)
    for i, line in enumerate(lines):
        if line.end - line.start > _LONGEST or line.lead:
            continue
        own = text[line.rest : line.end]
        columns[i, 4] = _CODE.search(own) is not None
        stems = _stems(own.lower())
        if not stems:
            continue
        below = text[line.end : line.end + _REACH].lower()
        above = text[max(0, line.start - _REACH) : line.start].lower()
        n_below = n_above = n_new = 0
        for stem in stems:
            is_below, is_above = stem in below, stem in above
            n_below += is_below
            n_above += is_above
            n_new += is_below and not is_above
        columns[i, :4] = n_below / len(stems), n_above / len(stems), n_new / len(stems), 1
    return columns


def _stems(lowered: str) -> list[str]:
    words = _WORD.findall(lowered)[:_MOST]
    if words and words[0] > "\u3040" and len(words[0]) > 2:  # scripts without spaces between words: pairs of signs
        run = words[0]
        return [run[k : k + 2] for k in range(0, min(len(run) - 1, 2 * _MOST), 2)]
    return [word[:_STEM] for word in words]
