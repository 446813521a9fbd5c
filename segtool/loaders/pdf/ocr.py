"""Recognition of scanned pages: which engine, in which language, turned which way.

Two engines serve: Tesseract where it is installed, as it is about five times as fast at the same quality; RapidOCR
otherwise, which comes with the extra ``ocr`` and needs nothing else. Both run offline.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segtool.errors import LoadError
from segtool.inference.language import detect
from segtool.loaders.pdf import rapid, tesseract
from segtool.loaders.pdf.glyphs import Frame, PageGlyphs, Quarter, Recognised
from segtool.loaders.pdf.pdfium import PdfiumFile
from segtool.loaders.pdf.pictures import picture_of
from segtool.loaders.pdf.recognition import (
    BOLD,
    PLAIN,
    Picture,
    TextLine,
    is_picture,
    is_upright,
    mean_confidence,
    needs_recognition,
    recognised_page,
    with_bullets,
    without_noise,
)
from segtool.settings import LoadSettings

_GOOD = 0.7
"""Mean confidence under which a page may stand on its side or its head."""
_FEW_CHARS = 40
_QUARTERS: tuple[Quarter, ...] = (0, 1, 3, 2)


class Engine(Protocol):
    """What reads pictures."""

    name: str

    def read(self, pixels: NDArray[np.uint8], dpi: float, lang: str | None) -> list[TextLine]:
        """The lines of a picture (uint8, 0 is black) in pixels; ``lang`` is the code of its language if known."""


ENGINES: dict[str, tuple[Callable[[], bool], Callable[[], Engine]]] = {
    "tesseract": (tesseract.is_installed, tesseract.Tesseract),
    "rapidocr": (rapid.is_installed, rapid.RapidOcr),
}
"""Name of an engine to whether it is installed and how it is made, the one that is taken first in front."""


def engine_named(name: str | None) -> Engine:
    """The engine of this name, or the first that is installed.

    Raises:
        LoadError: if it isn't there; the message says how to get one.
    """
    for own, (is_installed, make) in ENGINES.items():
        if name in (None, own) and is_installed():
            return make()
    if name == "tesseract":
        raise LoadError("there is no tesseract on the path: install it (Debian: apt install tesseract-ocr)")
    other = "" if name else ", or install tesseract (Debian: apt install tesseract-ocr)"
    raise LoadError(f"there is nothing to recognise text with: pip install 'segtool[ocr]'{other}")


class Recogniser:
    """Recognises the pages of one file that need it.

    Raises:
        LoadError: if there is no engine.
    """

    def __init__(self, file: PdfiumFile, name: str, settings: LoadSettings, lang: str | None) -> None:
        self._file, self._name, self._always = file, name, settings.ocr == "always"
        self._engine_name = settings.ocr_engine
        self._engine: Engine | None = None
        self._lang = lang
        self._knows_language = lang is not None

    def read(self, page: PageGlyphs) -> PageGlyphs:
        """The page, recognised if it needs to be.

        Raises:
            LoadError: if there is no engine, or it fails.
        """
        if not (needs_recognition(page) or (self._always and is_picture(page))):
            return page
        try:
            if self._engine is None:
                self._engine = engine_named(self._engine_name)
            if not self._knows_language:
                self._lang, self._knows_language = self._language(self._engine), True
            return self._recognised(page, self._engine)
        except LoadError as error:
            raise LoadError(f"{self._name}: page {page.number} is a scan: {error}") from error

    def _language(self, engine: Engine) -> str | None:
        """The language of the first scanned page of the file, so that it doesn't depend on which page is read first."""
        for number in range(1, len(self._file) + 1):
            if is_picture(self._file.page(number)):
                picture = picture_of(self._file.document, number)
                lines = engine.read(picture.pixels, 72.0 * picture.scale, None)
                found = detect("\n".join(" ".join(word.text for word in line.words) for line in lines))
                if found is not None:
                    return found
        return None

    def _recognised(self, page: PageGlyphs, engine: Engine) -> PageGlyphs:
        if page.hidden or page.unmapped:
            visible = self._file.page(page.number, visible_only=True)
            page = replace(visible, glyphs=visible.glyphs if not page.unmapped else visible.glyphs.placed([], []))
        picture = picture_of(self._file.document, page.number)
        lines, turns = self._upright(picture, engine)
        picture = replace(picture, pixels=_turned(picture.pixels, turns))
        height, width = (side / picture.scale for side in picture.pixels.shape)
        styles = self._file.add_style(PLAIN), self._file.add_style(BOLD)
        found = Recognised(engine.name, self._lang, round(mean_confidence(lines), 4))
        read = recognised_page(page, lines, picture, Frame(width, height, turns), styles)
        return replace(read, rules=page.rules if read.frame == page.frame else (), recognised=found)

    def _upright(self, picture: Picture, engine: Engine) -> tuple[list[TextLine], Quarter]:
        """The lines, and how many quarters the picture was turned clockwise to read them best."""
        best: tuple[list[TextLine], Quarter] = [], 0
        score = -1.0
        for turns in _QUARTERS:
            lines = without_noise(engine.read(_turned(picture.pixels, turns), 72.0 * picture.scale, self._lang))
            confidence = mean_confidence(lines) if is_upright(lines) else 0.1
            n_chars = sum(line.n_chars for line in lines)
            if confidence * n_chars > score:
                best, score = (lines, turns), confidence * n_chars
            if confidence >= _GOOD and (n_chars >= _FEW_CHARS or turns == 0):
                break
        return with_bullets(best[0]), best[1]


def _turned(pixels: NDArray[np.uint8], turns: Quarter) -> NDArray[np.uint8]:
    """The picture turned clockwise by quarters."""
    return np.ascontiguousarray(np.rot90(pixels, -turns))
