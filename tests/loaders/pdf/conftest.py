"""Hand-made words and lines, and small PDFs drawn by reportlab."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.words import Word

WIDE, TALL = 612.0, 792.0


@pytest.fixture
def word() -> Callable[..., Word]:
    """A word at a place: half the size a character wide."""

    def build(text: str, x0: float, base: float, size: float = 10.0, order: int = 0, **more: Any) -> Word:
        width = more.pop("width", 0.5 * size * len(text))
        return Word(text, x0, base - 0.8 * size, x0 + width, base + 0.2 * size, base, size, 0, order, **more)

    return build


@pytest.fixture
def words(word: Callable[..., Word]) -> Callable[..., list[Word]]:
    """The words of one line of text, set from x0 on with spaces of a quarter of the size."""

    def build(text: str, x0: float, base: float, size: float = 10.0, order: int = 0) -> list[Word]:
        out: list[Word] = []
        for piece in text.split():
            out.append(word(piece, x0, base, size, order + 2 * len(out)))
            x0 = out[-1].x1 + 0.25 * size
        return out

    return build


@pytest.fixture
def line() -> Callable[..., Line]:
    """A line of a column that reaches from 0 to 300."""

    def build(text: str, base: float, start: float = 0.0, stop: float = 300.0, **more: Any) -> Line:
        size = more.pop("size", 10.0)
        first = text.split(" ")[0]
        values: dict[str, Any] = {
            "page": 1, "column": 0, "text": text, "box": (start, base - 0.8 * size, stop, base + 0.2 * size),
            "base": base, "size": size, "style": 0, "bold": 0.0, "italic": 0.0, "start": start, "stop": stop,
            "text_start": start + 0.5 * size * len(first) + 0.25 * size, "left": 0.0, "right": 300.0,
            "first_width": 0.5 * size * len(first), "space": 0.25 * size,
        }  # fmt: skip
        return Line(**{**values, **more})

    return build


@pytest.fixture
def make_pdf() -> Callable[..., bytes]:
    """Draws a PDF: one function a page, each given reportlab's canvas (origin bottom left)."""

    def build(*pages: Callable[[Any], None], **options: Any) -> bytes:
        canvas = pytest.importorskip("reportlab.pdfgen.canvas")
        out = BytesIO()
        sheet = canvas.Canvas(out, pagesize=(WIDE, TALL), invariant=1, **options)
        for draw in pages:
            sheet.setFont("Times-Roman", 11)
            draw(sheet)
            sheet.showPage()
        sheet.save()
        return out.getvalue()

    return build


@pytest.fixture
def set_text() -> Callable[..., float]:
    """Sets text greedily in a column of a canvas from the top down; gives the next free height."""

    def put(
        sheet: Any, text: str, x: float, y: float, width: float, font: str = "Times-Roman", size: float = 11
    ) -> float:
        sheet.setFont(font, size)
        line = ""
        for piece in text.split():
            longer = f"{line} {piece}".strip()
            if sheet.stringWidth(longer, font, size) > width and line:
                sheet.drawString(x, y, line)
                y -= 1.2 * size
                longer = piece
            line = longer
        sheet.drawString(x, y, line)
        return y - 1.2 * size

    return put
