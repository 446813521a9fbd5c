"""Vertical writing: pages of Han and kana set in columns from the right, turned so that columns become lines.

Pure. Turned a quarter against the clock, such a page is read line by line from the top left like any other.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import cast

import numpy as np

from segtool.loaders.pdf.glyphs import Frame, Glyphs, PageGlyphs, Quarter

_WIDE = re.compile("[\u3041-\u9fff]")
_LEAST = 20
_SHARE = 0.6
_DESCENT = 0.12
"""Share of a glyph's box below the baseline that it gets (it has none of its own)."""


def upright(page: PageGlyphs) -> PageGlyphs:
    """The page itself, or turned if it is written vertically."""
    if not _is_vertical(page.glyphs):
        return page
    glyphs, frame = page.glyphs, page.frame
    bottom = frame.width - glyphs.x0
    top = frame.width - glyphs.x1
    turns = cast(Quarter, (frame.turns + 3) % 4)
    turned = Glyphs(
        glyphs.text,
        glyphs.top,
        glyphs.bottom,
        top,
        bottom,
        bottom - _DESCENT * (bottom - top),
        glyphs.size,
        glyphs.style,
        glyphs.turned,
    )
    return replace(page, glyphs=turned, frame=Frame(frame.height, frame.width, turns), rules=())


def _is_vertical(glyphs: Glyphs) -> bool:
    """Whether most Han and kana stand below the one before them in the stream, not beside it."""
    if not _WIDE.search("".join(glyphs.text)):
        return False
    wide = np.fromiter(("\u3041" <= char <= "\u9fff" for char in glyphs.text), np.bool_, len(glyphs.text))
    pairs = wide[1:] & wide[:-1] if len(wide) > 1 else wide
    if pairs.sum() < _LEAST:
        return False
    size = glyphs.size[1:]
    across = np.abs(glyphs.x0[1:] - glyphs.x0[:-1])
    down = glyphs.top[1:] - glyphs.top[:-1]
    below = (across < 0.3 * size) & (down > 0.5 * size) & (down < 2.5 * size)
    return bool((below & pairs).sum() > _SHARE * pairs.sum())
