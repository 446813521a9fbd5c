"""The title of a document: the largest type of all, at the head of the first page, or what the file names itself.

A court or a letterhead is none.

Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from segtool.loaders.pdf.issuers import is_issuer
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.measures import Measures
from segtool.loaders.pdf.paragraphs import Block

_LARGER = 1.12
"""How much larger than the body a title is at least."""
_SAME = 0.97
_LOWEST = 0.6
"""Share of the first page's height above which a title stands."""
_MAX_LINES = 8
_LETTERS = 0.6
"""Least share of letters in a title: dates, times and file numbers are stamped large, too."""
_SHORT = 60
"""Characters from which a line is one of running text."""


class Title:
    """What tells the title of one document, from the lines of its first pages.

    Args:
        lines: in reading order, of the first run of pages.
        measures: what is usual among them.
        height: that of the first page.
        stated: the title in the file's metadata.
    """

    def __init__(self, lines: Sequence[Line], measures: Measures, height: float, stated: str | None) -> None:
        self._stated = _squeezed(stated or "")
        self._lowest = _LOWEST * height
        self._page = lines[0].page if lines else 0
        self._size = self._largest(lines, measures)

    def _largest(self, lines: Sequence[Line], measures: Measures) -> float | None:
        """The size of the title's type; None if the largest type is not that of a title."""
        own = [line for line in lines if line.role == "body" and not line.drop_cap and len(line.text) > 1]
        size = max((line.size for line in own), default=0.0)
        if size < _LARGER * measures.body_size:
            return None
        large = [index for index, line in enumerate(own) if line.size >= _SAME * size]
        at_head = all(own[index].page == self._page and own[index].box[1] < self._lowest for index in large)
        # Nothing but short lines stands before a title and between its parts.
        before = (line for line in own[: large[-1]] if line.size < _SAME * size)
        is_first = all(len(line.text) < _SHORT for line in before)
        if not at_head or not is_first or len(large) > _MAX_LINES:
            return None
        name = " ".join(own[index].text for index in large)
        return None if is_issuer(name, [line.text for line in own[large[-1] + 1 :]]) else size

    def takes(self, block: Block, text: str) -> bool:
        """Whether the next heading of the document is its title, or a part of it."""
        first = block.lines[0]
        letters = sum(char.isalpha() for char in text)
        if first.page != self._page or first.box[1] > self._lowest or letters < _LETTERS * len("".join(text.split())):
            return False
        if self._stated and _squeezed(text) == self._stated:
            return True
        return self._size is not None and block.label is None and first.size >= _SAME * self._size


def _squeezed(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
