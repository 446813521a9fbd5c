"""What is drawn on a PDF page besides its characters: strokes, boxes, pictures, and how many text objects there are."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from segtool.loaders.pdf.calls import Calls
from segtool.loaders.pdf.paths import Box, bounds_of, path_boxes

_TEXT, _PATH, _IMAGE, _FORM = 1, 2, 3, 5
_MAX_PAGE_OBJECTS = 60_000
_MAX_FORM_OBJECTS = 2_000
_MAX_RULES = 4_000
_DEPTH = 3
_A_HAIR = 0.01
_WORD_WIDTH = 2.0
"""Width (by its height) from which a text object is more than a space."""


@dataclass(slots=True)
class Drawn:
    """Strokes and boxes in PDF space, addresses of text objects, what may hold pictures, the count of all objects."""

    boxes: list[Box] = field(default_factory=list)
    texts: list[int] = field(default_factory=list)
    pictures: list[Any] = field(default_factory=list)
    n_objects: int = 0


def drawn_on(raw: Any, calls: Calls, page: Any) -> Drawn:
    """What is drawn on an open page."""
    found = Drawn(n_objects=max(raw.FPDFPage_CountObjects(page), 0))
    address = ctypes.cast(page, ctypes.c_void_p).value
    addresses = list(map(calls.object, repeat(address), range(min(found.n_objects, _MAX_PAGE_OBJECTS))))
    kinds = list(map(calls.kind, addresses))
    for place, kind in zip(addresses, kinds, strict=True):
        if kind == _TEXT:
            found.texts.append(place)
        elif kind in (_IMAGE, _FORM):
            found.pictures.append(ctypes.cast(place, raw.FPDF_PAGEOBJECT))
        elif kind == _PATH and len(found.boxes) <= _MAX_RULES:
            found.boxes += path_boxes(raw, ctypes.cast(place, raw.FPDF_PAGEOBJECT))
    return found


def lost_texts(raw: Any, drawn: Drawn, known: set[int]) -> int:
    """How many text objects gave no character though they are words: as wide as several, or of no width at all.

    Args:
        raw: PDFium's raw interface.
        drawn: what is drawn on the page.
        known: addresses of the text objects that gave characters which print.
    """
    n_lost = 0
    own = [ctypes.cast(place, raw.FPDF_PAGEOBJECT) for place in drawn.texts]
    for item in own or [text for form in drawn.pictures for text in _texts_in(raw, form, _DEPTH)]:
        if ctypes.cast(item, ctypes.c_void_p).value not in known:
            left, bottom, right, top = bounds_of(raw, item) or (0.0, 0.0, 0.0, 0.0)
            width, height = right - left, top - bottom
            # A space has neither.
            n_lost += width >= _WORD_WIDTH * height if width > _A_HAIR else height > _A_HAIR
    return n_lost


def _texts_in(raw: Any, form: Any, depth: int) -> list[Any]:
    """The text objects in a form and in those that it holds; none in a picture."""
    if depth == 0 or raw.FPDFPageObj_GetType(form) != _FORM:
        return []
    found: list[Any] = []
    for index in range(min(max(raw.FPDFFormObj_CountObjects(form), 0), _MAX_FORM_OBJECTS)):
        item = raw.FPDFFormObj_GetObject(form, index)
        found += [item] if raw.FPDFPageObj_GetType(item) == _TEXT else _texts_in(raw, item, depth - 1)
        if len(found) > _MAX_FORM_OBJECTS:
            break
    return found
