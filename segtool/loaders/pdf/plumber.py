"""Characters of a page from pdfplumber (pdfminer): the slow second source, for pages that PDFium can't map.

It reads the character tables inside embedded fonts, so that text without ToUnicode often comes out right.
"""

from __future__ import annotations

import io
import math
import struct
import time
import zlib
from dataclasses import replace
from typing import Any

import numpy as np

from segtool.loaders.pdf.glyphs import FontStyle, Glyphs, PageGlyphs

_UNMAPPED = "(cid:"
_BUDGET_S = 8.0
"""Seconds spent on a file after which the rest of its pages stays with the first source."""
_ANY = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, OSError, RecursionError,
    TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip


class PlumberFile:
    """A PDF opened by pdfplumber on first use, a page at a time.

    ``styles`` is the list of font styles that the pages' glyphs index; it grows.
    """

    def __init__(self, data: bytes, password: str | None, styles: list[FontStyle]) -> None:
        self._data, self._password, self._styles = data, password, styles
        self._file: Any = None
        self._broken = False
        self._spent_s = 0.0
        self._style_of: dict[str, int] = {}

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            # Not its own close(), which lays out pages that were never read and fails on damaged ones.
            self._file.stream.close()

    def read(self, page: PageGlyphs) -> PageGlyphs | None:
        """The page with pdfplumber's characters; None if it reads it no better."""
        chars = self._chars(page.number)
        if not chars:
            return None
        unmapped = sum(1 for char in chars if char["text"].startswith(_UNMAPPED) or char["text"] == "\ufffd")
        if unmapped >= page.unmapped:
            return None
        glyphs = self._glyphs([char for char in chars if not char["text"].startswith(_UNMAPPED)])
        return replace(page, glyphs=glyphs, unmapped=unmapped, sideways=())

    def _chars(self, number: int) -> list[dict[str, Any]]:
        import pdfplumber
        from pdfminer.pdfexceptions import PDFException
        from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

        if self._broken or self._spent_s > _BUDGET_S:
            return []
        begin = time.monotonic()
        try:
            if self._file is None:
                self._file = pdfplumber.open(io.BytesIO(self._data), password=self._password or "")
            page = self._file.pages[number - 1]
            if page.rotation:
                return []
            chars = page.chars
            left, top = page.bbox[:2]
            page.close()
        except (PdfminerException, MalformedPDFException, PDFException, *_ANY):
            # pdfminer meets damaged files with any of these; PDFium's reading stands.
            self._broken = True
            return []
        finally:
            self._spent_s += time.monotonic() - begin
        for char in chars:
            char["x0"], char["x1"] = char["x0"] - left, char["x1"] - left
            char["top"], char["bottom"] = char["top"] - top, char["bottom"] - top
        return [char for char in chars if char.get("upright", True)]

    def _glyphs(self, chars: list[dict[str, Any]]) -> Glyphs:
        def column(key: str) -> Any:
            return np.array([float(char[key]) for char in chars])

        bottom = column("bottom")
        return Glyphs(
            [char["text"] for char in chars],
            column("x0"),
            column("x1"),
            column("top"),
            bottom,
            bottom - 0.21 * column("size"),
            np.array([_size(char) for char in chars]),
            np.array([self._style(char["fontname"]) for char in chars], np.int64),
            np.zeros(len(chars), np.bool_),
        )

    def _style(self, name: str) -> int:
        if name not in self._style_of:
            self._style_of[name] = len(self._styles)
            self._styles.append(FontStyle.named(name))
        return self._style_of[name]


def _size(char: dict[str, Any]) -> float:
    matrix = char.get("matrix")
    return abs(char["size"]) if matrix is None else abs(char["size"]) or math.hypot(matrix[2], matrix[3])
