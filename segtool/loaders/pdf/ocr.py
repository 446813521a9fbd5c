"""Recognition of scanned pages: which engine, in which language, turned which way.

Two engines serve: Tesseract where it is installed, as it is about five times as fast at the same quality; RapidOCR
otherwise, which comes with the extra ``ocr`` and needs nothing else. Both run offline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segtool.errors import LoadError
from segtool.inference.language import detect
from segtool.loaders.pdf import rapid, tesseract
from segtool.loaders.pdf.deskew import lean_of, straightened
from segtool.loaders.pdf.glyphs import PageGlyphs, Quarter, Recognised
from segtool.loaders.pdf.lone_ink import cut_out, lone_ink, numbers_in
from segtool.loaders.pdf.pdfium import PdfiumFile
from segtool.loaders.pdf.pictures import picture_of
from segtool.loaders.pdf.recognition import (
    BOLD,
    PLAIN,
    Picture,
    Reading,
    TextLine,
    is_picture,
    is_upright,
    mean_confidence,
    needs_recognition,
    recognised_page,
    with_bullets,
    without_noise,
)
from segtool.loaders.pdf.scan_rules import rules_in
from segtool.settings import LoadSettings

_GOOD = 0.7
"""Mean confidence under which a page may stand on its side or its head."""
_FEW_CHARS = 40
_MOST_TRIED = 5
"""Scanned pages that are looked at for the language of a file: a file of tables may not tell it on any."""
_QUARTERS: tuple[Quarter, ...] = (0, 1, 3, 2)


class Engine(Protocol):
    """What reads pictures."""

    name: str

    def reads(self, lang: str) -> bool:
        """Whether it reads a language better if it is told so."""

    def read(self, pixels: NDArray[np.uint8], dpi: float, lang: str | None) -> list[TextLine]:
        """The lines of a picture (uint8, 0 is black) in pixels; ``lang`` is the code of its language if known."""

    def read_number(self, pixels: NDArray[np.uint8], dpi: float) -> list[TextLine]:
        """What is read in a picture that holds nothing but a page number."""


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
        """The language of the first scanned page that tells it, so that it doesn't depend on which is read first."""
        scanned = (number for number in range(1, len(self._file) + 1) if is_picture(self._file.page(number)))
        for number in islice(scanned, _MOST_TRIED):
            picture = picture_of(self._file.document, number)
            found = _detected(engine.read(picture.pixels, 72.0 * picture.scale, None))
            if found is not None:
                return found
        return None

    def _recognised(self, page: PageGlyphs, engine: Engine) -> PageGlyphs:
        if page.hidden or page.unmapped:
            visible = self._file.page(page.number, visible_only=True)
            page = replace(visible, glyphs=visible.glyphs if not page.unmapped else visible.glyphs.placed([], []))
        picture = picture_of(self._file.document, page.number)
        best = self._upright(picture, engine)
        lang, lines = self._in_its_language(best, engine)
        best = replace(best, lines=with_bullets(lines))
        best = replace(best, lines=[*best.lines, *_numbers(best, engine)])
        styles = self._file.add_style(PLAIN), self._file.add_style(BOLD)
        found = Recognised(engine.name, lang, round(mean_confidence(lines), 4))
        return replace(recognised_page(page, best, styles), recognised=found)

    def _upright(self, picture: Picture, engine: Engine) -> Reading:
        """What is read with the picture turned by the quarters with which it reads best, its lean taken out."""
        best = Reading([], picture)
        score = -1.0
        for turns in _QUARTERS:
            turned = _straight(picture, turns)
            lines = without_noise(engine.read(turned.picture.pixels, 72.0 * picture.scale, self._lang))
            confidence = mean_confidence(lines) if is_upright(lines) else 0.1
            n_chars = sum(line.n_chars for line in lines)
            if confidence * n_chars > score:
                best, score = replace(turned, lines=lines), confidence * n_chars
            if confidence >= _GOOD and (n_chars >= _FEW_CHARS or turns == 0):
                break
        return best

    def _in_its_language(self, reading: Reading, engine: Engine) -> tuple[str | None, list[TextLine]]:
        """The language of a page that is written in another than the file, and what is read if the engine is told."""
        own = _detected(reading.lines)
        if own is not None and own != self._lang and engine.reads(own):
            lines = without_noise(engine.read(reading.picture.pixels, 72.0 * reading.picture.scale, own))
            if mean_confidence(lines) > mean_confidence(reading.lines):
                return own, lines
        return self._lang, reading.lines


def _numbers(reading: Reading, engine: Engine) -> list[TextLine]:
    """Page numbers that stand so alone that the engine left them out."""
    found: list[TextLine] = []
    for box in lone_ink(reading):
        pixels, corner = cut_out(reading, box)
        found += numbers_in(engine.read_number(pixels, 72.0 * reading.picture.scale), box, corner)
    return found


def _detected(lines: Sequence[TextLine]) -> str | None:
    return detect("\n".join(" ".join(word.text for word in line.words) for line in lines))


def _straight(picture: Picture, turns: Quarter) -> Reading:
    """A picture turned and straightened, with its ruling lines; nothing is read yet."""
    pixels, dpi = _turned(picture.pixels, turns), 72.0 * picture.scale
    lean = lean_of(pixels, dpi)
    if lean:
        pixels = straightened(pixels, lean)
    rules, pixels = rules_in(pixels, dpi)
    return Reading([], replace(picture, pixels=pixels), turns, lean, rules)


def _turned(pixels: NDArray[np.uint8], turns: Quarter) -> NDArray[np.uint8]:
    """The picture turned clockwise by quarters."""
    return np.ascontiguousarray(np.rot90(pixels, -turns))
