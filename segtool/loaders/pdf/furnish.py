"""Furniture as the document keeps it: in the metadata, and on demand as paragraphs in place.

Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    pieces: Sequence[Furniture], marks: Sequence[TakenMark], frames: dict[int, Frame]
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


def in_place(blocks: Sequence[Block], pieces: Sequence[Furniture], frames: dict[int, Frame]) -> list[Block]:
    """The paragraphs with furniture among them: what stands in the upper half of a page before its first paragraph.

    A paragraph that runs over a page break is not cut: the furniture between its parts comes after it.
    """
    before: dict[int, list[Block]] = {}
    after: dict[int, list[Block]] = {}
    for piece in pieces:
        upper = piece.box[1] < frames[piece.page].height / 2
        (before if upper else after).setdefault(piece.page, []).append(Block(list(piece.lines)))
    pages = sorted({*before, *after})
    out: list[Block] = []
    for block in blocks:
        while pages and pages[0] < block.lines[0].page:
            page = pages[0]
            out += before.pop(page, []) + after.pop(page, [])
            pages.pop(0)
        out += before.pop(block.lines[0].page, [])
        out.append(block)
    for page in pages:
        out += before.pop(page, []) + after.pop(page, [])
    return out
