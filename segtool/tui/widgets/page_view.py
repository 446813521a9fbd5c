"""The picture of a PDF's page with the box of the current unit, beside the text.

Where the terminal has a graphics protocol the rows are blank and the picture is put over them whenever they were
drawn; elsewhere half blocks show two pixels a cell.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from segtool.core.document import Document
from segtool.core.provenance import PageBox, page_boxes
from segtool.core.span import Span
from segtool.errors import LoadError
from segtool.tui.graphics import N_COLOURS, encode, kitty_deletion, reduced
from segtool.tui.messages import SequenceWanted
from segtool.tui.page_pictures import SCALE, PagePictures
from segtool.tui.terminal import Display
from segtool.tui.widgets.drawn import Drawn

if TYPE_CHECKING:
    from PIL.Image import Image

_BOX = (214, 96, 0)


class PageView(Drawn):
    """One page."""

    DEFAULT_CSS = "PageView { width: 1fr; height: 1fr; }"

    def __init__(self, display: Display | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.display_of_terminal = display or Display()
        self.pictures: PagePictures | None = None
        self.message = ""
        self._boxes: tuple[PageBox, ...] = ()
        self._lines: list[list[Segment]] = []
        self._sequence = ""
        self._drawn: tuple[object, ...] = ()
        self._page: tuple[tuple[object, ...], Image] | None = None

    def show_unit(self, document: Document, span: Span) -> None:
        """Show the page where a unit begins, with its boxes."""
        boxes = page_boxes(document, span)
        if boxes != self._boxes or self._drawn[1:] != (self.size,):
            self._boxes = boxes
            self.refresh()

    def draw_row(self, y: int) -> Strip:
        """Two rows of pixels, or a blank row under a picture."""
        size = self.size
        key = (self._boxes, size)
        if self._drawn != key:
            self._drawn = key
            self._draw(size.width - 1, size.height)
        base = self.palette.shades[0]
        if y < len(self._lines):
            return Strip([Segment(" ", base), *self._lines[y]]).adjust_cell_length(size.width, base)
        return Strip([Segment(self.message if y == 0 else "", base)]).adjust_cell_length(size.width, base)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows; a picture follows once they are on the screen."""
        strips = super().render_lines(crop)
        if self._sequence:
            # by way of its own queue: a message made in the application's, which draws, would not reach it
            self.call_after_refresh(self.call_later, self._put)
        return strips

    def _put(self) -> None:
        """Write the picture over the rows, unless another screen lies on them."""
        region = self.region
        if self.app.screen is self.screen and self._sequence and region:
            self.post_message(SequenceWanted(f"\x1b7\x1b[{region.y + 1};{region.x + 2}H{self._sequence}\x1b8"))

    def take_away(self) -> None:
        """Remove the picture, where it does not vanish under what is written over it."""
        if self._sequence and self.display_of_terminal.protocol == "kitty":
            self.post_message(SequenceWanted(kitty_deletion()))

    def on_hide(self) -> None:
        """The page is no longer shown."""
        self.take_away()

    def _draw(self, width: int, height: int) -> None:
        """Make rows of half blocks, or the sequence of a picture; a message where there is neither."""
        self._lines, self._sequence, self.message = [], "", ""
        if not self._boxes or self.pictures is None or width < 4 or height < 2:
            self.message = " this unit is on no page"
            return
        protocol, cell = self.display_of_terminal.protocol, self.display_of_terminal.cell
        pixels = (width * cell[0], height * cell[1]) if protocol else (width, height * 2)
        try:
            picture = self._fitted(self._boxes[0].page, pixels)
        except LoadError as error:
            self.message = f" {error}"
            return
        if protocol:
            columns, rows = (max(round(n / size), 1) for n, size in zip(picture.size, cell, strict=True))
            self._sequence = encode(protocol, picture, columns, rows)
        else:
            self._lines = half_blocks(picture.convert("L" if self.palette.name == "plain" else "RGB").convert("RGB"))

    def _fitted(self, number: int, pixels: tuple[int, int]) -> Image:
        """A page at most so many pixels wide and high, with a palette, and the boxes on it.

        Raises:
            LoadError: if it can't be drawn.
        """
        assert self.pictures is not None
        if self._page is None or self._page[0] != (number, pixels):
            whole = self.pictures.picture(number)
            factor = min(pixels[0] / whole.width, pixels[1] / whole.height)
            size = (max(int(whole.width * factor), 1), max(int(whole.height * factor), 2))
            self._page = ((number, pixels), reduced(whole.resize(size), _BOX))
        picture = self._page[1].copy()
        scale = picture.width / self.pictures.picture(number).width * SCALE
        _mark(picture, [box for box in self._boxes if box.page == number], scale)
        return picture


def _mark(picture: Image, boxes: list[PageBox], scale: float) -> None:
    from PIL import ImageDraw

    draw = ImageDraw.Draw(picture)
    for box in boxes:
        if box.bbox is not None:
            edges = (box.bbox.x0, box.bbox.top, box.bbox.x1, box.bbox.bottom)
            x0, y0, x1, y1 = (round(edge * scale) for edge in edges)
            thickness = max(round(scale * 1.2), 1)
            outer = (x0 - 1 - thickness, y0 - 1 - thickness, max(x1, x0) + thickness, max(y1, y0) + thickness)
            draw.rectangle(outer, outline=N_COLOURS - 1, width=thickness)


def half_blocks(picture: Image) -> list[list[Segment]]:
    """A picture as rows of ``▀``: the upper pixel is the colour of the glyph, the lower its background."""
    data = picture.tobytes()
    width, height = picture.size
    rows = []
    for top in range(0, height - 1, 2):
        row = []
        for x in range(width):
            upper, lower = (top * width + x) * 3, ((top + 1) * width + x) * 3
            row.append(Segment("▀", _style(data[upper : upper + 3], data[lower : lower + 3])))
        rows.append(row)
    return rows


@lru_cache(4096)
def _style(upper: bytes, lower: bytes) -> Style:
    return Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower))
