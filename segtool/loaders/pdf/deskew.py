"""How far the lines of a scanned page lean, by its projection, and the picture turned back by that.

Rows of text leave white rows between them; seen along the angle at which they lean these are whitest. Source: W. Postl,
Detection of linear oblique structures and skew scan in digitized documents (1986).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from segtool.loaders.pdf.recognition import ink_of

_FURTHEST = math.radians(7.0)
_COARSE, _FINE = math.radians(0.5), math.radians(0.05)
_LEAST = math.radians(0.7)
"""Lean up to which a picture is left as it is: engines read it, and turning blurs."""
_GAIN = 1.1
"""How much sharper the rows must become."""
_DPI = 80.0
_MAX_POINTS = 80_000
_FEWEST = 500


def lean_of(pixels: NDArray[np.uint8], dpi: float) -> float:
    """The angle in radians (downwards to the right) by which the lines of a page lean.

    Args:
        pixels: uint8 (height, width), 0 is black.
        dpi: pixels an inch.

    Returns:
        0.0 for less than 0.7 degrees, for more than 7, and where the page has no lines that tell.
    """
    step = max(round(dpi / _DPI), 1)
    small = pixels[: pixels.shape[0] // step * step, : pixels.shape[1] // step * step]
    small = small.reshape(small.shape[0] // step, step, -1, step).min(axis=(1, 3))
    rows, columns = np.nonzero(ink_of(small))
    if len(rows) < _FEWEST:
        return 0.0
    if len(rows) > _MAX_POINTS:
        chosen = np.linspace(0, len(rows) - 1, _MAX_POINTS).astype(np.int64)
        rows, columns = rows[chosen], columns[chosen]
    columns = columns - small.shape[1] / 2
    coarse = np.arange(-_FURTHEST, _FURTHEST + _COARSE / 2, _COARSE)
    near = float(coarse[int(np.argmax([_sharpness(rows, columns, angle) for angle in coarse]))])
    fine = np.arange(near - _COARSE, near + _COARSE + _FINE / 2, _FINE)
    scores = [_sharpness(rows, columns, angle) for angle in fine]
    found = float(fine[int(np.argmax(scores))])
    is_told = max(scores) > _GAIN * _sharpness(rows, columns, 0.0)
    return found if is_told and _LEAST <= abs(found) < _FURTHEST else 0.0


def _sharpness(rows: NDArray[np.int64], columns: NDArray[np.float64], angle: float) -> float:
    """How much the ink of neighbouring rows differs, seen along an angle."""
    along = rows - columns * math.tan(angle)
    profile = np.bincount(np.rint(along - along.min()).astype(np.int64)).astype(np.float64)
    return float(np.square(np.diff(profile)).sum())


def straightened(pixels: NDArray[np.uint8], lean: float) -> NDArray[np.uint8]:
    """The picture turned about its middle so that lines which lean by ``lean`` (radians) are level; same size."""
    from PIL import Image

    turned = Image.fromarray(pixels).rotate(
        math.degrees(lean), resample=Image.Resampling.BICUBIC, fillcolor=int(np.percentile(pixels[::8, ::8], 90))
    )
    return np.asarray(turned, dtype=np.uint8)
