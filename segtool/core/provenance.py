"""From offsets back to the page: which pages and boxes a span of the text came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from segtool.core.document import BBox, Document, Fragment
from segtool.core.span import Span


@dataclass(frozen=True, slots=True)
class PageBox:
    """A box on a page (from 1): the part of a unit that stands in one column of it."""

    page: int
    bbox: BBox | None


def fragments_in(document: Document, span: Span) -> tuple[Fragment, ...]:
    """The fragments that share at least one character with ``span``, in order, found by bisection."""
    fragments = document.fragments
    i = max(bisect_right(fragments, span.start, key=lambda f: f.span.start) - 1, 0)
    found = []
    while i < len(fragments) and fragments[i].span.start < span.end:
        if fragments[i].span.overlaps(span):
            found.append(fragments[i])
        i += 1
    return tuple(found)


def page_boxes(document: Document, span: Span) -> tuple[PageBox, ...]:
    """One box for each page and column that ``span`` touches, in reading order; empty without pages."""
    return boxes_of(fragments_in(document, span))


def boxes_of(fragments: Iterable[Fragment]) -> tuple[PageBox, ...]:
    """One box for each page and column of these fragments, in order."""
    boxes: dict[tuple[int, int], BBox | None] = {}
    for fragment in fragments:
        key = (fragment.page, fragment.column)
        box = boxes.get(key)
        boxes[key] = box.union(fragment.bbox) if box and fragment.bbox else fragment.bbox or box
    return tuple(PageBox(page, box) for (page, _), box in boxes.items())
