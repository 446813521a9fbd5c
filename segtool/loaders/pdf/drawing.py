"""Pictures of the pages with what the loader found: columns, paragraphs in reading order, kinds, furniture.

The picture to look at when something is off. Needs Pillow and PDFium, both imported here on use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from segtool.core.document import BBox, Document, ParagraphKind
from segtool.errors import LoadError
from segtool.loaders.pdf.pdfium import PdfiumFile

Colour = tuple[int, int, int]

COLOURS: dict[ParagraphKind, Colour] = {
    "title": (170, 0, 110),
    "heading": (200, 30, 30),
    "body": (30, 90, 200),
    "list_item": (0, 130, 90),
    "table": (150, 90, 0),
    "footnote": (120, 60, 190),
    "caption": (0, 130, 150),
    "furniture": (120, 120, 120),
}
_COLUMN: Colour = (225, 190, 60)
_MAX_PIXELS = 40_000_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of a paragraph on one page: its number in reading order (from 1), kind, box and column."""

    number: int
    kind: ParagraphKind
    box: BBox
    column: int


def marks_of(document: Document) -> dict[int, list[Mark]]:
    """The parts of paragraphs by page; a paragraph that runs over columns or pages has several."""
    found: dict[int, list[Mark]] = {}
    fragments = iter(document.fragments)
    fragment = next(fragments, None)
    for number, paragraph in enumerate(document.paragraphs, 1):
        boxes: dict[tuple[int, int], BBox] = {}
        while fragment is not None and fragment.span.start < paragraph.span.end:
            if fragment.bbox is not None:
                key = (fragment.page, fragment.column)
                boxes[key] = boxes[key].union(fragment.bbox) if key in boxes else fragment.bbox
            fragment = next(fragments, None)
        for (page, column), box in boxes.items():
            found.setdefault(page, []).append(Mark(number, paragraph.kind, box, column))
    return found


def iter_pictures(
    data: bytes, document: Document, pages: Sequence[int], password: str | None = None, scale: float = 1.5
) -> Iterator[tuple[int, Any]]:
    """The pages as pictures, each as its number and a ``PIL.Image``.

    Args:
        data: the PDF that ``document`` was loaded from.
        document: what the loader made of it.
        pages: numbers from 1.
        password: as for loading.
        scale: pixels a point.

    Raises:
        LoadError: if a page doesn't exist.
    """
    file = PdfiumFile(data, document.id, password)
    marks = marks_of(document)
    try:
        for number in pages:
            if not 1 <= number <= len(file):
                raise LoadError(f"{document.id}: has no page {number}, only {len(file)}")
            removed = [item for item in document.metadata.get("furniture", ()) if item["page"] == number]
            page = file.document[number - 1]
            width, height = page.get_size()
            fitting = min(scale, (_MAX_PIXELS / max(width * height, 1.0)) ** 0.5)
            picture = page.render(scale=fitting).to_pil().convert("RGB")
            page.close()
            yield number, _drawn(picture, marks.get(number, []), removed, fitting)
    finally:
        file.close()


def _drawn(picture: Any, marks: list[Mark], removed: list[dict[str, Any]], scale: float) -> Any:
    from PIL import Image, ImageDraw

    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    for box in _columns(marks):
        pen.rectangle(_scaled(box, scale, 4), outline=(*_COLUMN, 255), width=3)
    for mark in marks:
        colour = COLOURS[mark.kind]
        corners = _scaled(mark.box, scale, 1)
        pen.rectangle(corners, fill=(*colour, 34), outline=(*colour, 255))
        _label(pen, corners, f"{mark.number} {mark.kind}", colour)
    for item in removed:
        if item["kind"] != "note_mark":
            corners = _scaled(BBox(*item["bbox"]), scale, 1)
            pen.rectangle(corners, fill=(90, 90, 90, 60), outline=(90, 90, 90, 255))
            _label(pen, corners, item["kind"], (90, 90, 90))
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def _columns(marks: list[Mark]) -> list[BBox]:
    boxes: dict[int, BBox] = {}
    for mark in marks:
        boxes[mark.column] = boxes[mark.column].union(mark.box) if mark.column in boxes else mark.box
    return list(boxes.values()) if len(boxes) > 1 else []


def _scaled(box: BBox, scale: float, margin: int) -> tuple[float, float, float, float]:
    left, upper = box.x0 * scale - margin, box.top * scale - margin
    return left, upper, max(box.x1 * scale + margin, left), max(box.bottom * scale + margin, upper)


def _label(pen: Any, corners: tuple[float, float, float, float], text: str, colour: Colour) -> None:
    """Writes a label above the right corner of a box, where it hides least."""
    width = pen.textlength(text)
    x, y = corners[2] - width - 2, corners[1] - 10
    pen.rectangle((x - 1, y, x + width + 1, y + 11), fill=(255, 255, 255, 215))
    pen.text((x, y), text, fill=(*colour, 255))
