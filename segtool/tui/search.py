"""Search in the text of a review: plain, by regular expression, or in headings alone."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from segtool.core.span import Span
from segtool.errors import UsageError
from segtool.tui.state import ReviewState

MAX_HITS = 100_000


@dataclass(frozen=True, slots=True)
class Search:
    """A search with all its hits, in order of the text."""

    query: str
    hits: tuple[Span, ...]
    starts: tuple[int, ...]

    def next(self, offset: int, step: int = 1) -> Span | None:
        """The hit after (``step`` -1: before) an offset, round the end; None without hits."""
        if not self.hits:
            return None
        row = bisect_right(self.starts, offset) if step > 0 else bisect_left(self.starts, offset) - 1
        return self.hits[row % len(self.hits)]

    def within(self, start: int, end: int) -> tuple[Span, ...]:
        """The hits that start in ``[start, end)``."""
        return self.hits[bisect_left(self.starts, start) : bisect_left(self.starts, end)]


def search(state: ReviewState, query: str, *, is_regex: bool = False, in_headings: bool = False) -> Search:
    """Find all places; upper and lower case are the same unless the query has upper case in it.

    Raises:
        UsageError: if a regular expression is none.
    """
    flags = 0 if any(c.isupper() for c in query) else re.IGNORECASE
    try:
        pattern = re.compile(query if is_regex else r"\s+".join(map(re.escape, query.split())), flags | re.MULTILINE)
    except re.error as error:
        raise UsageError(f"{query}: is no regular expression ({error})") from error
    if in_headings:
        hits = _in_headings(state, pattern)
    else:
        hits = []
        for match in pattern.finditer(state.text) if query else ():
            if match.end() > match.start():
                hits.append(Span(*match.span()))
            if len(hits) >= MAX_HITS:
                break
    return Search(query, tuple(hits), tuple(hit.start for hit in hits))


def _in_headings(state: ReviewState, pattern: re.Pattern[str]) -> list[Span]:
    hits = []
    for offset, label in sorted(state.labels().items()):
        name = f"{label.number or ''} {label.heading or ''}".strip()
        if pattern.search(name):
            hits.append(Span(offset, min(offset + max(len(name), 1), len(state.text))))
    return hits
