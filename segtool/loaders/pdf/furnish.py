"""Furniture as the document keeps it: in the metadata, and on demand as paragraphs in place.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from segtool.loaders.pdf.glyphs import Frame
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.notes import TakenMark
from segtool.loaders.pdf.paragraphs import Block


@dataclass(frozen=True, slots=True)
class Furniture:
    """A piece of furniture: its kind (``header``, ``page_number``, ...), page, and lines."""

    kind: str
    page: int
    lines: tuple[Line, ...]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The box around its lines in the reading frame."""
        boxes = [line.box for line in self.lines]
        return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def described(
    pieces: Sequence[Furniture], marks: Sequence[TakenMark], frames: Mapping[int, Frame]
) -> list[dict[str, Any]]:
    """The furniture as JSON values: kind, page, box and text of each piece, in page order."""
    found = [(piece.page, piece.kind, piece.box, "\n".join(line.text for line in piece.lines)) for piece in pieces]
    found += [(mark.page, "note_mark", mark.box, mark.text) for mark in marks]
    out: list[dict[str, Any]] = []
    for page, kind, box, text in sorted(found, key=lambda item: item[0]):
        on_page = frames[page].to_page(*box)
        bbox = [on_page.x0, on_page.top, on_page.x1, on_page.bottom]
        out.append({"kind": kind, "page": page, "bbox": bbox, "text": text})
    return out


class InPlace:
    """Puts furniture among the paragraphs: what stands in the upper half of a page before what its page begins with.

    A paragraph that runs over a page break is cut where furniture stands.
    """

    def __init__(self, frames: Mapping[int, Frame]) -> None:
        self._frames = frames
        self._before: dict[int, list[Block]] = {}
        self._after: dict[int, list[Block]] = {}

    def add(self, pieces: Sequence[Furniture]) -> None:
        """Note the furniture of more pages."""
        for piece in pieces:
            upper = piece.box[1] < self._frames[piece.page].height / 2
            home = self._before if upper else self._after
            home.setdefault(piece.page, []).append(Block(list(piece.lines)))

    def around(self, block: Block) -> Iterator[Block]:
        """The next paragraph, or its parts, with the furniture that stands before and between them."""
        part = block
        for index, line in enumerate(block.lines):
            due = self._due(line.page)
            if due and index:
                cut = len(block.lines) - index
                rest = Block(part.lines[-cut:])
                yield replace(part, lines=part.lines[:-cut])
                part = rest
            yield from due
        yield part

    def rest(self) -> Iterator[Block]:
        """The furniture behind the last paragraph."""
        yield from self._due(max((*self._before, *self._after), default=0) + 1)

    def _due(self, page: int) -> list[Block]:
        """The furniture of earlier pages and of the upper half of this one."""
        pages = sorted(number for number in {*self._before, *self._after} if number < page)
        found = [block for number in pages for half in (self._before, self._after) for block in half.pop(number, ())]
        return found + self._before.pop(page, [])
