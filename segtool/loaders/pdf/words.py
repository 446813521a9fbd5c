"""Glyphs to words: by spaces where the file has them, and by gaps where it has not.

Pure: no PDF library. A space glyph that takes no room (Chromium's soft hyphens) parts nothing; a gap without
a space parts words if it is wide for the font.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from segtool.loaders.pdf.glyphs import Glyphs
from segtool.loaders.pdf.marks import settle_marks

SPACE_GAP = 0.06
"""Least gap around a real space glyph that parts words (of the font size)."""
HINTED_GAP = 0.1
"""Least gap that parts words where the source of characters puts a space of its own (of the font size)."""
BARE_GAP = 0.17
"""Least gap without a space glyph that parts words (of the font size)."""
_LIGATURES = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st",
}  # fmt: skip
_LIMITS = (BARE_GAP, HINTED_GAP, SPACE_GAP)
_DROPPED = {"\u00ad", "\u200b", "\u2060", "\ufeff", "\ufffe", "\uffff", "\x00", "\x7f"}


@dataclass(slots=True)
class Word:
    """A run of glyphs without white space in the reading frame; ``order`` is its place in the stream."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    base: float
    size: float
    style: int
    order: int
    turned: bool = False
    space_before: bool = True

    @property
    def is_rtl(self) -> bool:
        """Whether most of its letters run from right to left."""
        return is_rtl(self.text)


def is_rtl(text: str) -> bool:
    """Whether the first strong character runs from right to left."""
    for char in text:
        if char < "\u0590":
            if char.isalpha():
                return False
            continue
        kind = unicodedata.bidirectional(char)
        if kind in ("R", "AL"):
            return True
        if kind == "L":
            return False
    return False


def words_of(glyphs: Glyphs) -> list[Word]:
    """The words of a page in stream order."""
    glyphs = settle_marks(glyphs)
    words: list[Word] = []
    chars: list[str] = []
    x0 = x1 = top = bottom = base = size = last_x0 = last_x1 = 0.0
    style = 0
    turned = rtl = False
    space = 0
    for char, cx0, cx1, ctop, cbottom, cbase, csize, cstyle, cturned in zip(
        glyphs.text, glyphs.x0, glyphs.x1, glyphs.top, glyphs.bottom, glyphs.base, glyphs.size, glyphs.style,
        glyphs.turned, strict=True,
    ):  # fmt: skip
        if char.isspace() or (char < " " and char != "\x02"):
            # A generated space has no width; it is a hint.
            space = max(space, 2 if cx1 - cx0 > 0.01 else 1)
            continue
        if char in _DROPPED:
            continue
        if char >= "\u0590" and not rtl and not chars:
            rtl = is_rtl(char)
        if chars:
            gap = last_x0 - cx1 if rtl and cx0 < last_x0 else cx0 - last_x1
            limit = _LIMITS[space] * min(csize, size)
            if (
                abs(cbase - base) > (0.5 if rtl else 0.2) * min(csize, size)
                or not (-1.5 if rtl else -0.6) * csize < gap < limit
                or abs(csize - size) > 0.15 * size
                or cturned != turned
            ):
                words.append(Word("".join(chars), x0, top, x1, bottom, base, size, style, len(words), turned))
                chars = []
        if not chars:
            x0, x1, top, bottom, base, size, style, turned = cx0, cx1, ctop, cbottom, cbase, csize, cstyle, cturned
            rtl = char >= "\u0590" and is_rtl(char)
        chars.append("-" if char == "\x02" else _LIGATURES.get(char, char))
        space = 0
        last_x0, last_x1 = cx0, cx1
        x0, x1 = min(x0, cx0), max(x1, cx1)
        top, bottom = min(top, ctop), max(bottom, cbottom)
    if chars:
        words.append(Word("".join(chars), x0, top, x1, bottom, base, size, style, len(words), turned))
    return words
