"""Pictures of the pages of a PDF, drawn when they are asked for and kept for the next unit on the same page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from segtool.errors import LoadError

if TYPE_CHECKING:
    from PIL.Image import Image

    from segtool.tui.session import ReviewRequest

SCALE = 2.0
"""Pixels a point."""
_KEPT = 8


def is_pdf(request: ReviewRequest) -> bool:
    """Whether a document has pages to show, by its first bytes."""
    try:
        with Path(request.source).open("rb") as stream:
            return request.data is None and b"%PDF" in stream.read(1024)
    except OSError:
        return False


class PagePictures:
    """The pages of one file."""

    def __init__(self, path: str, password: str | None = None) -> None:
        self._path = path
        self._password = password
        self._pdf: Any = None
        self._pages: dict[int, Image] = {}

    def picture(self, page: int) -> Image:
        """The picture of a page (from 1), ``SCALE`` pixels a point.

        Raises:
            LoadError: if it can't be drawn.
        """
        import pypdfium2

        if page not in self._pages:
            try:
                self._pdf = self._pdf or pypdfium2.PdfDocument(Path(self._path), password=self._password)
                drawn = self._pdf[page - 1].render(scale=SCALE).to_pil().convert("RGB")
            except (pypdfium2.PdfiumError, OSError, IndexError) as error:
                raise LoadError(f"the page can't be drawn ({error})") from error
            if len(self._pages) >= _KEPT:
                self._pages.clear()
            self._pages[page] = drawn
        return self._pages[page]

    def close(self) -> None:
        """Let go of the file."""
        if self._pdf is not None:
            self._pdf.close()
            self._pdf = None
