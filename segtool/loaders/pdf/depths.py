"""Depths of list items, by their indents and the shapes of their labels.

Pure. ``1.`` holds ``(a)``, which holds ``(i)``, whether they are indented or not; decimal labels say their depth.
"""

from __future__ import annotations

import re

from segtool.loaders.pdf.paragraphs import Block

_DECIMAL = re.compile(r"^\d+(?:\.\d+)+\.?$")


class Depths:
    """The open levels of lists while a document is walked from top to bottom."""

    def __init__(self) -> None:
        self._open: list[tuple[float, str]] = []

    def clear(self) -> None:
        """Closes all levels, as a heading does."""
        self._open.clear()

    def of(self, block: Block) -> int:
        """The depth (from 1) of the next list item."""
        if block.label is not None and _DECIMAL.match(block.label):
            self._open.clear()
            return len(re.findall(r"\d+", block.label))
        line = block.lines[0]
        indent, shape, near = line.start - line.left, _shape(block), 0.6 * line.size
        for depth in range(len(self._open), 0, -1):
            other, known = self._open[depth - 1]
            if known == shape and abs(other - indent) < near:
                del self._open[depth:]
                return depth
        while self._open and self._open[-1][0] > indent + near:
            self._open.pop()
        self._open.append((indent, shape))
        return len(self._open)


def _shape(block: Block) -> str:
    """The shape of a label: its brackets, and whether it counts in numbers, letters or Roman numerals."""
    if block.label is None:
        return block.lines[0].text[:1]
    core = re.sub(r"\W", "", block.label)
    if core.isdigit():
        kind = "1"
    elif re.fullmatch(r"[ivx]{1,5}|[IVX]{1,5}", core) and core not in "vxVX":
        kind = "i" if core.islower() else "I"
    else:
        kind = "a" if core.islower() else "A"
    return re.sub(r"\w+", kind, block.label)
