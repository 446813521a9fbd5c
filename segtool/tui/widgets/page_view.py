"""The picture of a PDF's page with the box of the current unit, drawn in half blocks: two pixels a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from segtool.core.document import Document
from segtool.core.provenance import PageBox, page_boxes
from segtool.core.span import Span
from segtool.errors import LoadError
from segtool.tui.page_pictures import SCALE, PagePictures
from segtool.tui.palette import DARK, Palette
from segtool.tui.widgets.drawn import Drawn

if TYPE_CHECKING:
    from PIL.Image import Image

_BOX = (214, 96, 0)


class PageView(Drawn):
    """One page."""

    DEFAULT_CSS = "PageView { width: 1fr; height: 1fr; }"

    def __init__(self, palette: Palette = DARK, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.palette = palette
        self.pictures: PagePictures | None = None
        self._boxes: tuple[PageBox, ...] = ()
        self._lines: list[list[Segment]] = []
        self._drawn: tuple[object, ...] = ()
        self.message = ""

    def show_unit(self, document: Document, span: Span) -> None:
        """Show the page where a unit begins, with its boxes."""
        self._boxes = page_boxes(document, span)
        self.refresh()

    def draw_row(self, y: int) -> Strip:
        """Two rows of pixels."""
        size = self.size
        key = (self._boxes, size)
        if self._drawn != key:
            self._drawn = key
            self._lines = self._draw(size.width - 1, size.height)
        base = self.palette.shades[0]
        if y < len(self._lines):
            return Strip([Segment(" ", base), *self._lines[y]]).adjust_cell_length(size.width, base)
        return Strip([Segment(self.message if y == 0 else "", base)]).adjust_cell_length(size.width, base)

    def _draw(self, width: int, height: int) -> list[list[Segment]]:
        if not self._boxes or self.pictures is None or width < 4 or height < 2:
            self.message = " this unit is on no page"
            return []
        page = self._boxes[0].page
        try:
            picture = self.pictures.picture(page)
        except LoadError as error:
            self.message = f" {error}"
            return []
        factor = min(width / picture.width, height * 2 / picture.height)
        picture = picture.resize((max(int(picture.width * factor), 1), max(int(picture.height * factor), 2)))
        _mark(picture, [box for box in self._boxes if box.page == page], factor * SCALE)
        return half_blocks(picture)


def _mark(picture: Image, boxes: list[PageBox], scale: float) -> None:
    from PIL import ImageDraw

    draw = ImageDraw.Draw(picture)
    for box in boxes:
        if box.bbox is not None:
            edges = (box.bbox.x0, box.bbox.top, box.bbox.x1, box.bbox.bottom)
            x0, y0, x1, y1 = (round(edge * scale) for edge in edges)
            draw.rectangle((x0 - 1, y0 - 1, max(x1, x0) + 1, max(y1, y0) + 1), outline=_BOX)


def half_blocks(picture: Image) -> list[list[Segment]]:
    """A picture as rows of ``▀``: the upper pixel is the colour of the glyph, the lower its background."""
    data = picture.tobytes()
    width, height = picture.size
    rows = []
    for top in range(0, height - 1, 2):
        row = []
        for x in range(width):
            upper, lower = (top * width + x) * 3, ((top + 1) * width + x) * 3
            style = Style(color=_colour(data, upper), bgcolor=_colour(data, lower))
            row.append(Segment("▀", style))
        rows.append(row)
    return rows


def _colour(data: bytes, at: int) -> Color:
    return Color.from_rgb(data[at], data[at + 1], data[at + 2])
