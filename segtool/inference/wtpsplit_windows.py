"""Windows over the tokens of a text: which tokens go through the model together, and which results count.

Two plans. ``cropped`` is segtool's: a SaT model with limited look-ahead sees no more than ``lookahead`` tokens to the
right, so a token with that many after it and enough before it has all that it can use, and its logit counts once.
``averaged`` is wtpsplit's: every token is computed in many overlapping windows, and the mean counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens ``start`` to ``stop`` go through the model; results from ``keep_start`` to ``keep_stop`` count."""

    start: int
    stop: int
    keep_start: int
    keep_stop: int


def cropped(n_tokens: int, length: int, left: int, right: int) -> Iterator[Window]:
    """Windows whose kept parts tile the tokens, each with ``left`` and ``right`` tokens of context where there are any.

    All windows are of ``length`` (or the whole text, if that is shorter), the last ends with the text.

    Raises:
        ValueError: if nothing of a window would be kept.
    """
    if left + right >= length:
        raise ValueError(f"windows of {length} tokens keep nothing beside {left} + {right} of context")
    kept = 0
    while kept < n_tokens:
        start = max(0, kept - left)
        stop = start + length
        if stop >= n_tokens:
            yield Window(max(0, n_tokens - length), n_tokens, kept, n_tokens)
            return
        yield Window(start, stop, kept, stop - right)
        kept = stop - right


def averaged(n_tokens: int, length: int, stride: int) -> Iterator[Window]:
    """The windows of ``wtpsplit.extract``: one every ``stride`` tokens, the last moved back to end with the text."""
    for start in range(0, n_tokens, stride):
        if start + length >= n_tokens:
            first = max(0, n_tokens - length)
            yield Window(first, n_tokens, first, n_tokens)
            return
        yield Window(start, start + length, start, start + length)
