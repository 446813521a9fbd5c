"""The pages of a PDF from the source of characters that reads each best."""

from __future__ import annotations

from collections.abc import Iterator

from segtool.loaders.pdf.glyphs import PageGlyphs
from segtool.loaders.pdf.pdfium import PdfiumFile
from segtool.loaders.pdf.plumber import PlumberFile

_UNREADABLE_SHARE = 0.2
"""Share of a page's characters without Unicode from which the second source is tried."""


def iter_pages(file: PdfiumFile, password: str | None, numbers: range | None = None) -> Iterator[PageGlyphs]:
    """The pages (all by default), those that PDFium can't map from the second source if that can."""
    second = PlumberFile(file.data, password, file.styles)
    try:
        for page in file.pages(numbers):
            if page.unmapped > _UNREADABLE_SHARE * len(page.glyphs.text):
                yield second.read(page) or page
            else:
                yield page
    finally:
        second.close()
