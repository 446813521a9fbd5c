"""Spans: the one coordinate of segtool, half-open ranges of code points of ``Document.text``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The characters ``text[start:end]``; offsets are Python string indices (Unicode code points).

    Raises:
        ValueError: if ``start`` is negative or ``end`` lies before it.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"Span({self.start}, {self.end}): need 0 <= start <= end")

    def __len__(self) -> int:
        return self.end - self.start

    def __contains__(self, offset: object) -> bool:
        return isinstance(offset, int) and self.start <= offset < self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two spans share at least one character."""
        return self.start < other.end and other.start < self.end

    def of(self, text: str) -> str:
        """The characters of ``text`` inside the span."""
        return text[self.start : self.end]

    def trimmed(self, text: str) -> Span:
        """The span without white space (``str.isspace``) at either end; an empty span if nothing is left."""
        piece = text[self.start : self.end]
        start = self.end - len(piece.lstrip())
        if start == self.end:
            return Span(self.start, self.start)
        return Span(start, self.start + len(piece.rstrip()))
