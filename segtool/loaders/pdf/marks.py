"""Combining marks of right-to-left scripts put behind the letters they stand over.

Pure. Engines place such marks on a baseline of their own, so that a source of characters delivers them at the wrong
place of the line, or at the start of another; their position on the page tells where they belong.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

from segtool.loaders.pdf.glyphs import Glyphs

_MARKS = re.compile("[\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0711\u0730-\u074a\u07a6-\u08ff]")
_LETTERS = re.compile("[\u0590-\u08ff]{3}")
_LAM_ALEF = re.compile("[\u0622\u0623\u0625\u0627]\u0644")
_LEAST_RUN = 3
"""Letters of one place from which they are text that stands for a drawn word."""
_REACH = 160
"""Glyphs before and behind a mark among which its letter is looked for."""


def is_rtl_mark(char: str) -> bool:
    """Whether a character is a combining mark of Hebrew, Arabic, Syriac or Thaana."""
    return len(char) == 1 and "\u0591" <= char <= "\u08ff" and unicodedata.combining(char) != 0


def settle_marks(glyphs: Glyphs) -> Glyphs:
    """The glyphs with every right-to-left mark directly behind its letter, on the letter's baseline."""
    joined = "".join(glyphs.text)
    if joined.isascii():
        return glyphs
    if _LETTERS.search(joined):
        glyphs = _forwards(glyphs)
        joined = "".join(glyphs.text)
    if _LAM_ALEF.search(joined):
        glyphs = _unreversed(glyphs)
    if not _MARKS.search(joined):
        return glyphs
    marks = [index for index, char in enumerate(glyphs.text) if is_rtl_mark(char)]
    behind: dict[int, list[int]] = {}
    moved: set[int] = set()
    for index in marks:
        home = _letter_under(glyphs, index)
        if home is not None:
            behind.setdefault(home, []).append(index)
            moved.add(index)
    chars: list[int] = []
    places: list[int] = []
    for index in range(len(glyphs.text)):
        if index in moved:
            continue
        group = [index, *behind.get(index, ())]
        chars += group
        places += [index] * len(group)
    return glyphs.placed(chars, places)


def _forwards(glyphs: Glyphs) -> Glyphs:
    """The glyphs with right-to-left text that stands for a drawn word the right way round.

    PDFium gives all its letters the box of one glyph, and turns them round together with the line.
    """
    order: list[int] = []
    for (_, _, is_rtl), group in groupby(range(len(glyphs.text)), key=lambda index: _place(glyphs, index)):
        run = list(group)
        order += reversed(run) if is_rtl and len(run) >= _LEAST_RUN else run
    return glyphs.placed(order, order)


def _place(glyphs: Glyphs, index: int) -> tuple[float, float, bool]:
    is_rtl = "\u0590" <= glyphs.text[index][:1] <= "\u08ff"
    return round(float(glyphs.x0[index]), 2), round(float(glyphs.x1[index]), 2), is_rtl


def _unreversed(glyphs: Glyphs) -> Glyphs:
    """The glyphs with ligatures of lam and alef, which PDFium spells out backwards, the right way round.

    The two letters of a ligature share one box.
    """
    order = list(range(len(glyphs.text)))
    for index in range(len(order) - 1):
        pair = glyphs.text[index] + glyphs.text[index + 1]
        same = (
            abs(glyphs.x0[index] - glyphs.x0[index + 1]) < 0.05 and abs(glyphs.x1[index] - glyphs.x1[index + 1]) < 0.05
        )
        if same and _LAM_ALEF.fullmatch(pair):
            order[index], order[index + 1] = index + 1, index
    return glyphs.placed(order, order)


def _letter_under(glyphs: Glyphs, index: int) -> int | None:
    middle = (glyphs.x0[index] + glyphs.x1[index]) / 2
    best, best_distance = None, 0.0
    for other in range(max(0, index - _REACH), min(len(glyphs.text), index + _REACH)):
        char = glyphs.text[other]
        if not "\u05d0" <= char <= "\u08ff" or is_rtl_mark(char):
            continue
        rise = abs(glyphs.base[other] - glyphs.base[index])
        if rise > 0.9 * glyphs.size[other] or not glyphs.x0[other] - 0.5 <= middle <= glyphs.x1[other] + 0.5:
            continue
        distance = abs((glyphs.x0[other] + glyphs.x1[other]) / 2 - middle) + rise
        if best is None or distance < best_distance:
            best, best_distance = other, distance
    return best
