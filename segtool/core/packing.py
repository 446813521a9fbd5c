"""Chunks: the pieces of coarser layers packed under a budget of tokens.

Every boundary of the given layers is a possible cut, ranked: outer sections before inner ones, then
paragraphs, then sentences. A stretch that fits is a chunk; one that does not is divided at its
strongest cuts and the parts are packed greedily, so neighbours share a chunk only inside the same
part. A single sentence over the budget is cut at white space, and where there is none inside a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segtool.core.layer import Layer
from segtool.core.tokens import TokenCounter
from segtool.core.whitespace import canonical_offsets
from segtool.errors import UsageError

_WORD_START = re.compile(r"(?<=\s)\S")
_LAYER_RANK = {"section": 0, "paragraph": 1 << 20, "sentence": 1 << 21}


def pack(text: str, layers: Sequence[Layer], max_tokens: int, counter: TokenCounter) -> Layer:
    """The chunk layer of ``text``: as few cuts as the budget allows, the strongest first.

    Args:
        text: the text that the layers divide.
        layers: section, paragraph and sentence layers, whichever there are.
        max_tokens: the most tokens of a chunk (its text without outer white space), at least 1.
        counter: counts the tokens of a text.

    Raises:
        UsageError: if ``max_tokens`` is below 1.
    """
    if max_tokens < 1:
        raise UsageError(f"--max-tokens {max_tokens}: a chunk needs at least 1 token")
    if not text:
        return Layer.from_boundaries("chunk", 0, ())
    starts = list(_Packer(text, layers, max_tokens, counter).starts())
    return Layer.from_offsets("chunk", len(text), canonical_offsets(text, starts), origin="rule")


@dataclass(frozen=True, slots=True)
class _Cuts:
    """All cuts in order with their ranks, and the tokens before each (n + 1 values, an upper bound)."""

    offsets: NDArray[np.int64]
    ranks: NDArray[np.int64]
    tokens: NDArray[np.int64]


class _Packer:
    def __init__(self, text: str, layers: Sequence[Layer], max_tokens: int, counter: TokenCounter) -> None:
        self.text = text
        self.max_tokens = max_tokens
        self.counter = counter
        self.cuts = self._rank(layers)

    def _rank(self, layers: Sequence[Layer]) -> _Cuts:
        ranks: dict[int, int] = {0: 0}
        for layer in layers:
            base = _LAYER_RANK[layer.name]
            for offset, level in zip(layer.offsets.tolist(), layer.levels.tolist(), strict=True):
                rank = base + (level if layer.name == "section" else 0)
                ranks[offset] = min(rank, ranks.get(offset, rank))
        offsets = sorted(ranks)
        pieces = zip(offsets, [*offsets[1:], len(self.text)], strict=True)
        counts = [self.counter.count(self.text[a:b]) for a, b in pieces]
        return _Cuts(
            np.array([*offsets, len(self.text)], dtype=np.int64),
            np.array([ranks[o] for o in offsets], dtype=np.int64),
            np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)]),
        )

    def starts(self) -> Iterator[int]:
        """The offset of every chunk."""
        for first, last in self._divide(0, len(self.cuts.ranks)):
            yield from self._exact(first, last)

    def _fits(self, first: int, last: int) -> bool:
        return bool(self.cuts.tokens[last] - self.cuts.tokens[first] <= self.max_tokens)

    def _divide(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Ranges of pieces ``[first, last)``, each within the budget or a single piece."""
        if last - first == 1 or self._fits(first, last):
            yield first, last
            return
        ranks = self.cuts.ranks[first + 1 : last]
        inner = (np.flatnonzero(ranks == ranks.min()) + first + 1).tolist()
        run = first
        for start, end in zip([first, *inner], [*inner, last], strict=True):
            if self._fits(run, end):
                continue
            if run < start:
                yield run, start
            run = start
            if not self._fits(start, end):
                yield from self._divide(start, end)
                run = end
        if run < last:
            yield run, last

    def _exact(self, first: int, last: int) -> Iterator[int]:
        """Check a range by its real text: tokenizers are not additive over their pieces."""
        start, end = int(self.cuts.offsets[first]), int(self.cuts.offsets[last])
        if self._count(start, end) <= self.max_tokens:
            yield start
        elif last - first > 1:
            middle = (first + last) // 2
            yield from self._exact(first, middle)
            yield from self._exact(middle, last)
        else:
            yield from self._cut_words(start, end)

    def _count(self, start: int, end: int) -> int:
        return self.counter.count(self.text[start:end].strip())

    def _cut_words(self, start: int, end: int) -> Iterator[int]:
        """Cut one sentence that is over the budget, before words where it can be done."""
        while start < end:
            yield start
            stop = self._longest(start, end)
            if stop < end:
                words = [m.start() for m in _WORD_START.finditer(self.text, start + 1, stop + 1)]
                stop = words[-1] if words else stop
            start = stop

    def _longest(self, start: int, end: int) -> int:
        """The largest stop for which ``[start, stop)`` is within the budget, at least one character."""
        step = max(self.max_tokens, 16)
        good, bad = start + 1, start + step
        while bad < end and self._count(start, bad) <= self.max_tokens:
            good, step = bad, step * 2
            bad = start + step
        if bad >= end:
            if self._count(start, end) <= self.max_tokens:
                return end
            bad = end
        while good + 1 < bad:
            middle = (good + bad) // 2
            if self._count(start, middle) <= self.max_tokens:
                good = middle
            else:
                bad = middle
        return good
