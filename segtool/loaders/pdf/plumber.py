"""Characters of a page from pdfplumber (pdfminer): the slow second source, for pages that PDFium reads doubtfully.

It reads the character tables inside embedded fonts, so that text without ToUnicode often comes out right, and it knows
the widths of the standard fonts where a file states wrong ones.
"""

from __future__ import annotations

import io
import math
import struct
import time
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from segtool.loaders.pdf.glyphs import MAX_PLACE_PT, MAX_SIZE_PT, FontStyle, Frame, Glyphs, PageGlyphs, Quarter

_UNMAPPED = "(cid:"
_BUDGET_S = 8.0
"""Seconds spent on a file after which the rest of its pages stays with the first source."""
_MOST_GLYPHS = 50_000
"""Glyphs above which a page stays with the first source: reading it again can't be broken off, and would take long."""
_ANY = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, OSError, RecursionError,
    TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
_BARE = 0.02
"""Width (by the size) up to which a glyph has none."""
_LETTER, _SPACE = 0.5, 0.25
"""Widths (by the size) of letters and spaces of which the file states none."""

Char = dict[str, Any]
"""A character as pdfplumber gives it."""


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
        """The page with pdfplumber's characters, those without Unicode left out; None if it can't read any."""
        if len(page.glyphs.text) > _MOST_GLYPHS:
            return None
        chars = self._chars(page.number)
        known = [char for char in chars if not _is_unmapped(char["text"])]
        if not known:
            return None
        parts: dict[Quarter, list[Char]] = {}
        for char in known:
            parts.setdefault(_quarter(char), []).append(char)
        width, height = page.frame.width, page.frame.height
        shown = (width, height) if page.frame.turns % 2 == 0 else (height, width)
        frames = {turns: Frame(*(shown if turns % 2 == 0 else shown[::-1]), turns) for turns in parts}
        main = Counter({turns: len(own) for turns, own in parts.items()}).most_common(1)[0][0]
        glyphs = {turns: self._glyphs(own, frames[turns]) for turns, own in parts.items()}
        sideways = tuple((frames[turns], glyphs[turns]) for turns in sorted(parts) if turns != main)
        rules = page.rules if frames[main] == page.frame else ()
        return replace(
            page,
            frame=frames[main],
            glyphs=glyphs[main],
            rules=rules,
            sideways=sideways,
            unmapped=len(chars) - len(known),
            lost=0,
            tags=None,
        )

    def _chars(self, number: int) -> list[Char]:
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
        sides = ("x0", "x1", "top", "bottom")
        return [char for char in chars if all(abs(char[side]) < MAX_PLACE_PT for side in sides)]

    def _glyphs(self, chars: Sequence[Char], frame: Frame) -> Glyphs:
        corners = [np.array([float(char[key]) for char in chars]) for key in ("x0", "top", "x1", "bottom")]
        x0, top, x1, bottom = frame.turned(*corners)
        size = np.array([_size(char) for char in chars]) if frame.turns % 2 == 0 else bottom - top
        size = np.minimum(np.nan_to_num(size), MAX_SIZE_PT)
        text = [char["text"] for char in chars]
        _give_room(text, x0, x1, bottom, size, frame.width)
        style = np.array([self._style(char["fontname"]) for char in chars], np.int64)
        base = bottom - 0.21 * size
        return Glyphs(text, x0, x1, top, bottom, base, size, style, np.zeros(len(chars), np.bool_))

    def _style(self, name: str) -> int:
        if name not in self._style_of:
            self._style_of[name] = len(self._styles)
            self._styles.append(FontStyle.named(name))
        return self._style_of[name]


def _is_unmapped(text: str) -> bool:
    return text.startswith(_UNMAPPED) or not text.strip("\ufffd\x00")


def _quarter(char: Char) -> Quarter:
    """The quarter turns clockwise that make a character of the displayed page upright; 0 for odd angles."""
    a, b = char.get("matrix", (1.0, 0.0))[:2]
    turns = math.atan2(b, a) / (math.pi / 2)
    quarter = round(turns) % 4 if abs(turns - round(turns)) < 0.06 else 0
    return (0, 1, 2, 3)[quarter]


def _size(char: Char) -> float:
    matrix = char.get("matrix")
    return abs(char["size"]) if matrix is None else abs(char["size"]) or math.hypot(matrix[2], matrix[3])


def _give_room(text: Sequence[str], x0: Any, x1: Any, bottom: Any, size: Any, width: float) -> None:
    """Gives glyphs without width one, in place; those of a line that lie at one place are spread in their order."""
    bare = (x1 - x0) <= _BARE * np.abs(size)
    at = 0
    while at < len(text):
        end = at + 1
        if bare[at]:
            near = _BARE * abs(size[at])
            while end < len(text) and bare[end] and abs(bottom[end] - bottom[at]) <= near and _step(x0, end) <= near:
                end += 1
            steps = np.array([_SPACE if char.isspace() else _LETTER for char in text[at:end]]) * size[at:end]
            room = width - x0[at]
            if end == at + 1 and end < len(text) and abs(bottom[end] - bottom[at]) <= near and x0[end] > x0[at]:
                room = x0[end] - x0[at]
            x1[at:end] = x0[at] + np.cumsum(steps) * min(1.0, max(room, 1.0) / max(float(steps.sum()), 0.01))
            x0[at + 1 : end] = x1[at : end - 1]
        at = end


def _step(x0: Any, index: int) -> float:
    """How far a glyph starts from the one before it."""
    return abs(float(x0[index] - x0[index - 1]))
