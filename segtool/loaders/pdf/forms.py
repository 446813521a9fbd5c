"""Values of form fields, as glyphs at the place of their field: PDFium's text of a page leaves them out."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from segtool.loaders.pdf.glyphs import Floats, Glyphs

_WIDGET = 20
_TEXT_FIELDS = (4, 5, 6)
"""Field types with text to read: combo box, list box, text field."""
_MAX_FIELDS = 5_000
_MAX_VALUE = 20_000
_LARGEST_PT = 11.0

Field = tuple[str, tuple[float, float, float, float]]
"""A value and its box in PDF space: left, bottom, right, top."""


def field_values(raw: Any, form: Any, page: Any) -> list[Field]:
    """The filled text fields of a page."""
    found: list[Field] = []
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), _MAX_FIELDS)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        if (
            raw.FPDFAnnot_GetSubtype(annotation) == _WIDGET
            and raw.FPDFAnnot_GetFormFieldType(form, annotation) in _TEXT_FIELDS
        ):
            value, box = _value(raw, form, annotation), raw.FS_RECTF()
            if value.strip() and raw.FPDFAnnot_GetRect(annotation, ctypes.byref(box)):
                found.append((value, (box.left, box.bottom, box.right, box.top)))
        raw.FPDFPage_CloseAnnot(annotation)
    return found


def _value(raw: Any, form: Any, annotation: Any) -> str:
    size = raw.FPDFAnnot_GetFormFieldValue(form, annotation, None, 0)
    if not 2 < size <= _MAX_VALUE:
        return ""
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAnnot_GetFormFieldValue(form, annotation, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw.decode("utf-16-le", "ignore").rstrip("\x00")


def with_fields(glyphs: Glyphs, fields: list[tuple[str, tuple[float, float, float, float]]]) -> Glyphs:
    """The glyphs of a page with those of its fields behind them.

    Args:
        glyphs: the page's own, in the reading frame.
        fields: values and boxes (x0, top, x1, bottom) in the same frame; each line of a value is spread evenly.
    """
    text: list[str] = []
    places: list[tuple[float, float, float, float]] = []
    for value, (x0, top, x1, bottom) in fields:
        lines = [line for line in value.replace("\r", "\n").split("\n") if line.strip()]
        height = (bottom - top) / len(lines)
        size = min(0.75 * height, _LARGEST_PT)
        for number, line in enumerate(lines):
            step = min(0.5 * size, (x1 - x0) / len(line))
            base = top + number * height + 0.5 * height + 0.35 * size
            text += line
            places += [(x0 + step * i, x0 + step * (i + 1), base, size) for i in range(len(line))]
    if not text:
        return glyphs
    columns: Floats = np.array(places).T
    left, right, bases, sizes = columns

    added = Glyphs(
        text,
        left,
        right,
        bases - 0.8 * sizes,
        bases + 0.2 * sizes,
        bases,
        sizes,
        np.zeros(len(text), np.int64),
        np.zeros(len(text), np.bool_),
    )
    return glyphs.joined(added)
