"""Pictures in pages and of pages: how much of a page they cover, and a page as pixels for recognition."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from segtool.loaders.pdf.recognition import Picture

_IMAGE, _FORM = 3, 5
_MAX_OBJECTS = 2_000
_DEPTH = 3
_DPI = (150.0, 300.0)
_MAX_PIXELS = 24_000_000
_PT = 72.0


def cover_of(raw: Any, pictures: list[Any], corner: tuple[float, float], size: tuple[float, float]) -> float:
    """The share of a page (its lower left corner and its size, in points) under these objects, at most 1.

    Strips of a scan add up; pictures that overlap count twice.
    """
    area, (x0, y0), (width, height) = 0.0, corner, size
    for item in pictures[:_MAX_OBJECTS]:
        if raw.FPDFPageObj_GetType(item) == _IMAGE or _holds_image(raw, item, _DEPTH):
            left, bottom, right, top = _bounds(raw, item)
            # What lies outside of the page doesn't show.
            across, up = min(right - x0, width) - max(left - x0, 0.0), min(top - y0, height) - max(bottom - y0, 0.0)
            area += max(across, 0.0) * max(up, 0.0)
    return min(area / max(width * height, 1.0), 1.0)


def picture_of(document: Any, number: int) -> Picture:
    """Page ``number`` (from 1) of a ``pypdfium2.PdfDocument`` as it is displayed.

    In the resolution of its largest picture, but at least 150 and at most 300 dots an inch.
    """
    page = document[number - 1]
    try:
        width, height = page.get_size()
        dpi = min(max(_native_dpi(page), _DPI[0]), _DPI[1])
        scale = min(dpi / _PT, (_MAX_PIXELS / max(width * height, 1.0)) ** 0.5)
        bitmap = page.render(scale=scale, grayscale=True)
        pixels = np.array(bitmap.to_numpy(), dtype=np.uint8, copy=True).reshape(bitmap.height, bitmap.width)
        bitmap.close()
    finally:
        page.close()
    return Picture(pixels, pixels.shape[1] / max(width, 1.0))


def _native_dpi(page: Any) -> float:
    import pypdfium2.raw as raw

    best, dpi = 0.0, _DPI[1]
    for index in range(min(raw.FPDFPage_CountObjects(page.raw), _MAX_OBJECTS)):
        item = raw.FPDFPage_GetObject(page.raw, index)
        if raw.FPDFPageObj_GetType(item) != _IMAGE:
            continue
        left, bottom, right, top = _bounds(raw, item)
        width, height = ctypes.c_uint(), ctypes.c_uint()
        area = (right - left) * (top - bottom)
        if area > best and raw.FPDFImageObj_GetImagePixelSize(item, ctypes.byref(width), ctypes.byref(height)):
            best = area
            dpi = _PT * (width.value * height.value / max(area, 1.0)) ** 0.5
    return dpi


def _bounds(raw: Any, item: Any) -> tuple[float, float, float, float]:
    box = [ctypes.c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(item, *(ctypes.byref(side) for side in box)):
        return 0.0, 0.0, 0.0, 0.0
    left, bottom, right, top = (float(side.value) for side in box)
    return left, bottom, right, top


def _holds_image(raw: Any, form: Any, depth: int) -> bool:
    if depth == 0:
        return False
    for index in range(min(max(raw.FPDFFormObj_CountObjects(form), 0), _MAX_OBJECTS)):
        item = raw.FPDFFormObj_GetObject(form, index)
        kind = raw.FPDFPageObj_GetType(item)
        if kind == _IMAGE or (kind == _FORM and _holds_image(raw, item, depth - 1)):
            return True
    return False
