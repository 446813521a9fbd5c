"""Furniture that stands in a text: front matter and the like, which units leave out at their edges."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from segtool.core.document import Document
from segtool.core.span import Span


@dataclass(frozen=True, slots=True)
class Furniture:
    """The furniture of a document as sorted spans."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, document: Document) -> Furniture | None:
        """The furniture in the text; None if there is none, which is the rule."""
        spans = [p.span for p in document.paragraphs if p.kind == "furniture"]
        return cls(tuple(s.start for s in spans), tuple(s.end for s in spans)) if spans else None

    def trim(self, text: str, span: Span) -> Span:
        """The span without white space and furniture at either end; empty if nothing else is in it."""
        start, end = span.start, span.end
        while True:
            inner = Span(start, end).trimmed(text)
            start, end = inner.start, inner.end
            if start == end:
                return inner
            i = bisect_right(self.starts, start) - 1
            if i >= 0 and start < self.ends[i]:
                start = min(self.ends[i], end)
                continue
            i = bisect_left(self.ends, end)
            if i < len(self.starts) and self.starts[i] < end:
                end = max(self.starts[i], start)
                continue
            return inner
