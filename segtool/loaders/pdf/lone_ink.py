"""Small ink at the head or foot of a scanned page that an engine took for dirt: lone page numbers, read by themselves.

Pure. Engines lay out a page before they read it, and drop a digit that stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segtool.loaders.pdf.recognition import Reading, TextLine, TextWord, ink_of

_STRIP = 0.12
"""Share of the page's height in which numbers stand, at the head and at the foot."""
_HEIGHT, _WIDTH = (0.05, 0.3), 1.0
"""Heights and greatest width of a number, in inches."""
_PARTS, _LINES = 0.3, 0.05
"""White (in inches) that parts what stands side by side, and lines."""
_DASH = 0.4
"""Share of the height up to which a sign is a dash or a stop."""
_MARGIN = 0.12
_RIM = 3
"""Pixels around a box that are grey with its ink."""
_SURE = 0.3
"""Least confidence in a number: dirt is read as one, too."""
_MOST = 3
_NUMBER = re.compile(r"[-–—(\[|.~]*\s*(?:\d{1,4}|[ivxlcIVXLC]{1,7})\s*[-–—)\]|.~]*")

Box = tuple[int, int, int, int]


def lone_ink(reading: Reading) -> list[Box]:
    """Boxes (x0, top, x1, bottom, in pixels) of what stands alone at the head and foot and was not read.

    None if there is more of it than page numbers are: a picture, a stamp, dirt.
    """
    pixels, dpi = reading.picture.pixels, 72.0 * reading.picture.scale
    ink = ink_of(pixels)
    # Specks are single pixels.
    ink[1:, 1:] &= ink[:-1, 1:] & ink[1:, :-1]
    for x0, top, x1, bottom in (word.box for line in reading.lines for word in line.words):
        reach = round(0.3 * (bottom - top))
        ink[max(int(top) - reach, 0) : int(bottom) + reach, max(int(x0) - reach, 0) : int(x1) + reach] = False
    height = len(ink)
    strip = round(_STRIP * height)
    found: list[Box] = []
    for start, end in ((0, strip), (height - strip, height)):
        boxes = _boxes(ink[start:end], dpi)
        if len(boxes) <= _MOST:
            found += [(x0, start + top, x1, start + bottom) for x0, top, x1, bottom in boxes]
    return found


def _boxes(ink: NDArray[np.bool_], dpi: float) -> list[Box]:
    """What is as large as a number in a strip."""
    found: list[Box] = []
    for top, bottom in _stretches(np.any(ink, axis=1), _LINES * dpi):
        for x0, x1 in _stretches(np.any(ink[top:bottom], axis=0), _PARTS * dpi):
            rows = np.flatnonzero(ink[top:bottom, x0:x1].any(axis=1))
            first, last = top + int(rows[0]), top + int(rows[-1]) + 1
            if _HEIGHT[0] * dpi <= last - first <= _HEIGHT[1] * dpi and x1 - x0 <= _WIDTH * dpi:
                left, right = _without_dashes(ink[first:last, x0:x1])
                found.append((x0 + left, first, x0 + right, last))
    return found


def _without_dashes(ink: NDArray[np.bool_]) -> tuple[int, int]:
    """The columns between the dashes that frame a number: engines read those as digits."""
    parts = _stretches(np.any(ink, axis=0), 1.0)
    tall = [part for part in parts if np.any(ink[:, part[0] : part[1]], axis=1).sum() > _DASH * len(ink)]
    return (tall[0][0], tall[-1][1]) if tall else (0, ink.shape[1])


def _stretches(marked: Any, gap: float) -> list[tuple[int, int]]:
    """Stretches of marked places that white of more than ``gap`` parts, as start and end."""
    at = np.flatnonzero(marked)
    if not len(at):
        return []
    breaks = np.flatnonzero(np.diff(at) > gap) + 1
    return [(int(part[0]), int(part[-1]) + 1) for part in np.split(at, breaks)]


def cut_out(reading: Reading, box: Box) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """The picture of a box with nothing but paper around it, and where its upper left corner stands on the page."""
    pixels = reading.picture.pixels
    x0, top = max(box[0] - _RIM, 0), max(box[1] - _RIM, 0)
    x1, bottom = min(box[2] + _RIM, pixels.shape[1]), min(box[3] + _RIM, pixels.shape[0])
    margin = round(_MARGIN * 72.0 * reading.picture.scale)
    paper = int(np.percentile(pixels[::4, ::4], 80))
    shown = np.full((bottom - top + 2 * margin, x1 - x0 + 2 * margin), paper, np.uint8)
    shown[margin:-margin, margin:-margin] = pixels[top:bottom, x0:x1]
    return shown, (x0 - margin, top - margin)


def numbers_in(lines: Sequence[TextLine], box: Box, corner: tuple[int, int]) -> list[TextLine]:
    """What was read in the picture of a box, as a line of the page, if it is a page number."""
    text = " ".join(word.text for line in lines for word in line.words)
    confidence = min((word.confidence for line in lines for word in line.words), default=0.0)
    if not _NUMBER.fullmatch(text) or confidence < _SURE:
        return []
    x0, top, x1, bottom = (float(side) for side in box)
    word = TextWord("".join(text.split()), (x0, top, x1, bottom), confidence)
    size = max(line.size for line in lines)
    return [TextLine((word,), min(lines[0].base + corner[1], bottom), 0.0, min(size, 1.5 * (bottom - top)))]
