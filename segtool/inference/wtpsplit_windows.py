"""Windows over the tokens of a text: which tokens go through the model together.

wtpsplit computes every token in many windows that overlap, and the mean counts. What a model says of one token differs
from window to window, most of all where few tokens stand before it, so a boundary that is only as likely as not
depends on all of them; most tokens are none, in every window. Hence ``finer``: begin with few windows, and add those
of a smaller stride around the tokens that are in doubt. All strides are multiples of the least, so their windows are
among its windows, and the mean ends up over wtpsplit's own where it matters.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens ``start`` to ``stop`` go through the model; their results count."""

    start: int
    stop: int


def averaged(n_tokens: int, length: int, stride: int) -> Iterator[Window]:
    """The windows of ``wtpsplit.extract``: one every ``stride`` tokens, the last moved back to end with the text."""
    for start in range(0, n_tokens, stride):
        if start + length >= n_tokens:
            yield Window(max(0, n_tokens - length), n_tokens)
            return
        yield Window(start, start + length)


def finer(
    n_tokens: int, length: int, stride: int, done: Container[Window], doubtful: NDArray[np.int64]
) -> Iterator[Window]:
    """Those windows of ``averaged`` that are not ``done`` and hold a token in doubt.

    Args:
        doubtful: indices of tokens, ascending.
    """
    for window in averaged(n_tokens, length, stride):
        at = int(np.searchsorted(doubtful, window.start))
        if at < len(doubtful) and doubtful[at] < window.stop and window not in done:
            yield window
