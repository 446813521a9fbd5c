"""Straight lines and boxes inside the path objects of a PDF page, through PDFium's raw interface.

A path may draw a whole grid at once; its bounds say nothing then, its segments do.
"""

from __future__ import annotations

import ctypes
from itertools import pairwise
from typing import Any

_MOVE, _CURVE = 2, 1
_THIN = 3.5
_MAX_SEGMENTS = 2_000

Box = tuple[float, float, float, float]


def path_boxes(raw: Any, item: Any) -> list[Box]:
    """Left, bottom, right and top of the straight horizontal and vertical strokes or boxes of a path, in PDF space."""
    bounds = bounds_of(raw, item)
    if bounds is None:
        return []
    count = raw.FPDFPath_CountSegments(item)
    thin = bounds[2] - bounds[0] <= _THIN or bounds[3] - bounds[1] <= _THIN
    if thin or count <= 2 or count > _MAX_SEGMENTS:
        return [bounds] if thin else []
    return [box for points in _subpaths(raw, item, count) for box in _boxes(points)]


def bounds_of(raw: Any, item: Any) -> Box | None:
    """Left, bottom, right and top of an object in PDF space; None if PDFium can't tell."""
    cells = [ctypes.c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(item, *(ctypes.byref(cell) for cell in cells)):
        return None
    left, bottom, right, top = (cell.value for cell in cells)
    return left, bottom, right, top


def _subpaths(raw: Any, item: Any, count: int) -> list[list[tuple[float, float]]]:
    """The corners of each part of a path on the page; parts with curves are left out."""
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix))
    x, y = ctypes.c_float(), ctypes.c_float()
    parts: list[list[tuple[float, float]]] = []
    curved = False
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(item, index)
        kind = raw.FPDFPathSegment_GetType(segment)
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        if kind == _MOVE or not parts:
            if curved:
                parts.pop()
            parts.append([])
            curved = False
        curved = curved or kind == _CURVE
        parts[-1].append(point)
    if curved:
        parts.pop()
    return parts


def _boxes(points: list[tuple[float, float]]) -> list[Box]:
    """A part of a path as strokes: each of its level or upright edges, or its box if that is all it is."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    box = (min(xs), min(ys), max(xs), max(ys))
    if box[2] - box[0] <= _THIN or box[3] - box[1] <= _THIN:
        return [box]
    if len(points) in (4, 5) and all(x in (box[0], box[2]) and y in (box[1], box[3]) for x, y in points):
        return [box]
    out: list[Box] = []
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(x0 - x1) < 0.5 or abs(y0 - y1) < 0.5:
            out.append((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
    return out
