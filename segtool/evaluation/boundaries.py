"""Boundaries against gold: counts that add up, and precision, recall and F1 from them.

A boundary is the position just after the last non-space character of a unit, so white space costs nothing. The end of
the text is none: every tool finds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """Boundaries that were found, invented and missed, and the documents that they were counted in."""

    found: int = 0
    extra: int = 0
    missed: int = 0
    n_documents: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.found + other.found,
            self.extra + other.extra,
            self.missed + other.missed,
            self.n_documents + other.n_documents,
        )

    @property
    def precision(self) -> float:
        """Share of the predicted boundaries that are in the gold; 1 if nothing was predicted."""
        predicted = self.found + self.extra
        return self.found / predicted if predicted else 1.0

    @property
    def recall(self) -> float:
        """Share of the gold boundaries that were predicted; 1 if there are none."""
        gold = self.found + self.missed
        return self.found / gold if gold else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 if both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def boundaries(text: str, ends: Iterable[int]) -> frozenset[int]:
    """Ends of units moved left over white space, without the end of the text.

    >>> sorted(boundaries("One.  Two. ", [6, 11]))
    [4]
    """
    last = len(text.rstrip())
    moved = (len(text[:end].rstrip()) if text[end - 1 : end].isspace() else end for end in ends)
    return frozenset(end for end in moved if 0 < end < last)


def count(text: str, gold: Iterable[int], predicted: Iterable[int]) -> Counts:
    """The counts of one document, from the ends (or the starts) of its units in gold and prediction."""
    wanted, given = boundaries(text, gold), boundaries(text, predicted)
    return Counts(len(wanted & given), len(given - wanted), len(wanted - given), 1)


def macro_f1(groups: Iterable[Counts]) -> float:
    """Mean of the F1 of groups; 0 without any."""
    scores = [counts.f1 for counts in groups]
    return sum(scores) / len(scores) if scores else 0.0
