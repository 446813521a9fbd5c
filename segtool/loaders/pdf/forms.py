"""Values of form fields, as glyphs at the place of their field: PDFium's text of a page leaves them out."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from segtool.loaders.pdf.glyphs import Floats, Glyphs

_WIDGET = 20
_CHECK_BOX, _RADIO_BUTTON, _COMBO_BOX, _LIST_BOX, _TEXT = 2, 3, 4, 5, 6
_TICK = "\u2612"
"""Stands for a check box or radio button that is set: a ballot box with a cross."""
_MAX_FIELDS = 5_000
_MAX_OPTIONS = 2_000
_MAX_VALUE = 20_000
_LARGEST_PT = 11.0

Value = tuple[str, tuple[float, float, float, float]]
"""A value and its box in PDF space: left, bottom, right, top."""


def field_values(raw: Any, form: Any, page: Any) -> list[Value]:
    """The values of a page's fields: what is written or chosen in them, a cross for what is ticked; empty ones, too."""
    found: list[Value] = []
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), _MAX_FIELDS)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        if raw.FPDFAnnot_GetSubtype(annotation) == _WIDGET:
            value, box = _value(raw, form, annotation), raw.FS_RECTF()
            if raw.FPDFAnnot_GetRect(annotation, ctypes.byref(box)):
                found.append((value, (box.left, box.bottom, box.right, box.top)))
        raw.FPDFPage_CloseAnnot(annotation)
    return found


def _value(raw: Any, form: Any, annotation: Any) -> str:
    kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in (_CHECK_BOX, _RADIO_BUTTON):
        # The state of its appearance; PDFium's own answer needs the page to be opened in a viewer's way.
        return _TICK if wide_string(raw.FPDFAnnot_GetStringValue, annotation, b"AS") not in ("", "Off") else ""
    if kind in (_COMBO_BOX, _LIST_BOX):
        return _chosen(raw, form, annotation) or wide_string(raw.FPDFAnnot_GetFormFieldValue, form, annotation)
    return wide_string(raw.FPDFAnnot_GetFormFieldValue, form, annotation) if kind == _TEXT else ""


def _chosen(raw: Any, form: Any, annotation: Any) -> str:
    """The labels of the options that are chosen, a line each: the value itself may be a code."""
    return "\n".join(
        wide_string(raw.FPDFAnnot_GetOptionLabel, form, annotation, option)
        for option in range(min(max(raw.FPDFAnnot_GetOptionCount(form, annotation), 0), _MAX_OPTIONS))
        if raw.FPDFAnnot_IsOptionSelected(form, annotation, option)
    )


def wide_string(function: Any, *arguments: Any) -> str:
    """What a function of PDFium gives that fills a buffer with UTF-16; empty if it is too long to be meant."""
    import pypdfium2.raw as raw

    size = function(*arguments, None, 0)
    if not 2 < size <= _MAX_VALUE:
        return ""
    buffer = ctypes.create_string_buffer(size)
    function(*arguments, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
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
        if not value.strip():
            continue
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
