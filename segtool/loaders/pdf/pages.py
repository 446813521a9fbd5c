"""The pages of a PDF from the source of characters that reads each best."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from segtool.errors import StoppedError
from segtool.loaders.pdf.glyphs import PageGlyphs
from segtool.loaders.pdf.info import language_of
from segtool.loaders.pdf.ocr import Recogniser
from segtool.loaders.pdf.pdfium import PdfiumFile
from segtool.loaders.pdf.plumber import PlumberFile
from segtool.loaders.pdf.signs import better, is_doubtful
from segtool.settings import LoadSettings


def iter_pages(
    file: PdfiumFile,
    name: str,
    settings: LoadSettings,
    numbers: range | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Iterator[PageGlyphs]:
    """The pages (all by default), doubtful ones from the second source if that reads them better.

    Scanned pages are recognised if the settings ask for it. ``stopped`` is asked before each page.

    Raises:
        LoadError: if a page is to be recognised and there is no engine, or it fails.
        StoppedError: if ``stopped`` says so.
    """
    second = PlumberFile(file.data, settings.password, file.styles)
    recogniser = None if settings.ocr == "never" else Recogniser(file, name, settings, language_of(file.document))
    try:
        for page in file.pages(numbers):
            if stopped is not None and stopped():
                raise StoppedError(f"{name}: was not read to its end")
            if is_doubtful(page):
                other = second.read(page)
                page = page if other is None else better(page, other)
            yield page if recogniser is None else recogniser.read(page)
    finally:
        second.close()
