"""Annotations of a PDF on demand: notes, highlights with the words under them, links with their targets."""

from __future__ import annotations

import ctypes
from typing import Any

from segtool.loaders.pdf.forms import wide_string
from segtool.loaders.pdf.info import iso_date

_KINDS = {
    1: "note", 2: "link", 3: "free_text", 9: "highlight", 10: "underline", 11: "squiggly", 12: "strike_out",
    13: "stamp", 14: "caret",
}  # fmt: skip
_URI = 3
_MAX_ANNOTATIONS = 10_000
_MAX_QUADS = 500
_MAX_TEXT = 20_000
_FINE = 100
"""Device units a point, so that boxes come out to a hundredth."""

Box = tuple[float, float, float, float]


def read_annotations(document: Any) -> list[dict[str, Any]]:
    """The annotations of a ``pypdfium2.PdfDocument`` in page order, as JSON values.

    Each has ``kind``, ``page``, ``bbox`` (on the page as displayed, origin top left), and where there are such things
    ``contents`` (what the annotation says), ``text`` (the words under it), ``author``, ``modified``, ``target`` (a
    URI, or ``page:N``).
    """
    import pypdfium2.raw as raw

    found: list[dict[str, Any]] = []
    for index in range(len(document)):
        page = raw.FPDF_LoadPage(document.raw, index)
        if not page:
            continue
        if raw.FPDFPage_GetAnnotCount(page) > 0:
            text_page = raw.FPDFText_LoadPage(page)
            found += _of_page(raw, document, page, text_page, index + 1)
            raw.FPDFText_ClosePage(text_page)
        raw.FPDF_ClosePage(page)
        if len(found) >= _MAX_ANNOTATIONS:
            break
    return found[:_MAX_ANNOTATIONS]


def _of_page(raw: Any, document: Any, page: Any, text_page: Any, number: int) -> list[dict[str, Any]]:
    found = []
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), _MAX_ANNOTATIONS)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        kind = _KINDS.get(raw.FPDFAnnot_GetSubtype(annotation))
        box = raw.FS_RECTF()
        if kind is not None and raw.FPDFAnnot_GetRect(annotation, ctypes.byref(box)):
            area = (box.left, box.bottom, box.right, box.top)
            values = {
                "kind": kind,
                "page": number,
                "bbox": _displayed(raw, page, area),
                "contents": wide_string(raw.FPDFAnnot_GetStringValue, annotation, b"Contents").replace("\r", "\n"),
                "text": _words_under(raw, text_page, annotation, area) if kind not in ("note", "free_text") else "",
                "author": wide_string(raw.FPDFAnnot_GetStringValue, annotation, b"T"),
                "modified": iso_date(wide_string(raw.FPDFAnnot_GetStringValue, annotation, b"M")),
                "target": _target(raw, document, annotation) if kind == "link" else None,
            }
            found.append({key: value for key, value in values.items() if value})
        raw.FPDFPage_CloseAnnot(annotation)
    return found


def _displayed(raw: Any, page: Any, box: Box) -> list[float]:
    """A box in PDF space as it stands on the displayed page."""
    width, height = (round(_FINE * side(page)) for side in (raw.FPDF_GetPageWidthF, raw.FPDF_GetPageHeightF))
    x, y = ctypes.c_int(), ctypes.c_int()
    corners = []
    for across, up in ((box[0], box[1]), (box[2], box[3])):
        raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, across, up, ctypes.byref(x), ctypes.byref(y))
        corners.append((x.value / _FINE, y.value / _FINE))
    (x0, y0), (x1, y1) = corners
    return [min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)]


def _words_under(raw: Any, text_page: Any, annotation: Any, box: Box) -> str:
    """The words under the quads of an annotation, or in its box if it has none."""
    quad, parts = raw.FS_QUADPOINTSF(), []
    for index in range(min(raw.FPDFAnnot_CountAttachmentPoints(annotation), _MAX_QUADS)):
        if raw.FPDFAnnot_GetAttachmentPoints(annotation, index, ctypes.byref(quad)):
            across, up = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
            parts.append(_text_in(raw, text_page, (min(across), min(up), max(across), max(up))))
    return " ".join(" ".join(parts or [_text_in(raw, text_page, box)]).split())


def _text_in(raw: Any, text_page: Any, box: Box) -> str:
    left, bottom, right, top = box
    buffer = (ctypes.c_ushort * _MAX_TEXT)()
    count = raw.FPDFText_GetBoundedText(text_page, left, top, right, bottom, buffer, _MAX_TEXT)
    return bytes(buffer)[: 2 * max(count, 0)].decode("utf-16-le", "ignore").rstrip("\x00")


def _target(raw: Any, document: Any, annotation: Any) -> str | None:
    link = raw.FPDFAnnot_GetLink(annotation)
    if not link:
        return None
    action = raw.FPDFLink_GetAction(link)
    if action and raw.FPDFAction_GetType(action) == _URI:
        size = raw.FPDFAction_GetURIPath(document.raw, action, None, 0)
        if not 1 < size <= _MAX_TEXT:
            return None
        buffer = ctypes.create_string_buffer(size)
        raw.FPDFAction_GetURIPath(document.raw, action, buffer, size)
        return buffer.value.decode("utf-8", "replace")
    target = raw.FPDFLink_GetDest(document.raw, link) or (action and raw.FPDFAction_GetDest(document.raw, action))
    index = raw.FPDFDest_GetDestPageIndex(document.raw, target) if target else -1
    return f"page:{index + 1}" if index >= 0 else None
