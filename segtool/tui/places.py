"""Places that a reviewer names: a page, an offset, a section by number or heading."""

from __future__ import annotations

import re
from bisect import bisect_right

from segtool.core.document import Document
from segtool.tui.state import ReviewState

_PAGE = re.compile(r"p(?:age)?\.?\s*(\d+)", re.IGNORECASE)
_OFFSET = re.compile(r"@\s*(\d+)")


class Pages:
    """The pages of a document by offset; empty where the source has none."""

    def __init__(self, document: Document) -> None:
        self._starts = [fragment.span.start for fragment in document.fragments]
        self._pages = [fragment.page for fragment in document.fragments]
        self._last = max(self._pages, default=0)
        self.first: dict[int, int] = {}
        for start, page in zip(self._starts, self._pages, strict=True):
            self.first.setdefault(page, start)

    def __len__(self) -> int:
        return self._last

    def at(self, offset: int) -> int | None:
        """The page of an offset (from 1), None without pages."""
        row = bisect_right(self._starts, offset) - 1
        return self._pages[max(row, 0)] if self._pages else None


def find_place(state: ReviewState, pages: Pages, wanted: str) -> int | None:
    """The offset of ``p12``, ``@3400``, ``4.2(a)`` or a part of a heading; a bare number is a section, else a page."""
    wanted = wanted.strip()
    if match := _OFFSET.fullmatch(wanted):
        return min(int(match[1]), max(len(state.text) - 1, 0))
    if match := _PAGE.fullmatch(wanted):
        return pages.first.get(int(match[1]))
    section = _find_section(state, wanted)
    if section is None and wanted.isdigit():
        return pages.first.get(int(wanted))
    return section


def _find_section(state: ReviewState, wanted: str) -> int | None:
    """The section with this number, else the first whose number and heading contain the words."""
    rows = sorted(state.labels().items())
    key = _key(wanted)
    if not key:
        return None
    for offset, label in rows:
        if label.number and _key(label.number) == key:
            return offset
    for offset, label in rows:
        if wanted.casefold() in f"{label.number or ''} {label.heading or ''}".casefold():
            return offset
    return None


def _key(number: str) -> str:
    return re.sub(r"[\s.§]+$|^[\s§]+|\s", "", number).casefold().rstrip(".")
