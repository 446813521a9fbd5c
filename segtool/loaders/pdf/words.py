"""Glyphs to words: by spaces where the file has them, and by gaps where it has not.

Pure: no PDF library. A space glyph that takes no room (Chromium's soft hyphens) parts nothing; a gap without
a space parts words if it is wide for the font.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segtool.loaders.pdf.glyphs import Floats, Glyphs
from segtool.loaders.pdf.marks import settle_marks
from segtool.loaders.pdf.structure_tree import UNTAGGED

HINTED_GAP = 0.1
"""Least gap that parts words where the source of characters puts a space of its own (of the font size)."""
BARE_GAP = 0.17
"""Least gap without a space glyph that parts words (of the font size)."""
_PLAIN = {
    "\x02": "-", "\u037e": ";", "\u0387": "·", "\u212a": "K", "\u212b": "Å",
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st",
}  # fmt: skip
"""Ligatures, and signs that Unicode holds to be the same as plain ones: some fonts give a Greek question mark for ;."""
_WIDTHLESS = 0.01
"""Width (in points) up to which a space takes no room."""
_CLEAR = 0.2
"""Share of a space that the glyph behind it leaves free at least."""
_LIMITS = (BARE_GAP, HINTED_GAP, -9.0)
_SPACES = set("\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {chr(code) for code in range(0x2000, 0x200B)}
_DROPPED = {"\u00ad", "\u200b", "\u2060", "\ufeff", "\ufffe", "\uffff", "\x00", "\x7f"}
_SILENT = _DROPPED | _SPACES


@dataclass(slots=True)
class Word:
    """A run of glyphs without white space in the reading frame; ``order`` is its place in the stream;
    ``spaced`` says that the stream has a space before it; ``tag`` indexes the tags of a tagged page."""

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
    spaced: bool = False
    tag: int = UNTAGGED

    @property
    def is_rtl(self) -> bool:
        """Whether most of its letters run from right to left."""
        return is_rtl(self.text)


def is_rtl(text: str) -> bool:
    """Whether the first strong character runs from right to left."""
    if text.isascii():
        return False
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
    at = _kept(glyphs.text)
    if not len(at):
        return []
    spaces = _spaces(glyphs, at)
    text = [glyphs.text[index] for index in at.tolist()]
    if not _PLAIN.keys().isdisjoint(text):
        text = [_PLAIN.get(char, char) for char in text]
    x0, x1, base, size = glyphs.x0[at], glyphs.x1[at], glyphs.base[at], glyphs.size[at]
    turned, style = glyphs.turned[at], glyphs.style[at]
    tag = np.full(len(at), UNTAGGED, np.int64) if glyphs.tag is None else glyphs.tag[at]
    starts = _starts(text, x0, x1, base, size, turned, spaces)
    ends = [*starts[1:].tolist(), len(text)]
    columns = zip(
        starts.tolist(),
        ends,
        np.minimum.reduceat(x0, starts).tolist(),
        np.minimum.reduceat(glyphs.top[at], starts).tolist(),
        np.maximum.reduceat(x1, starts).tolist(),
        np.maximum.reduceat(glyphs.bottom[at], starts).tolist(),
        base[starts].tolist(),
        size[starts].tolist(),
        style[starts].tolist(),
        turned[starts].tolist(),
        (spaces[starts] == 2).tolist(),
        tag[starts].tolist(),
        strict=True,
    )
    return [
        Word("".join(text[start:end]).strip(), left, top, right, bottom, line, points, look, order, odd, spaced, own)
        for order, (start, end, left, top, right, bottom, line, points, look, odd, spaced, own) in enumerate(columns)
    ]


def _kept(text: list[str]) -> NDArray[np.int64]:
    """Indices of the glyphs that print something."""
    kept = [index for index, char in enumerate(text) if (char > " " and char not in _SILENT) or char == "\x02"]
    return np.array(kept, np.int64)


def _spaces(glyphs: Glyphs, kept: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each glyph that prints something what space stands before it.

    0: none; 1: one without width, which the source of characters made up as a hint; 2: a real one that takes room.
    """
    steps = np.diff(kept, prepend=-1)
    spaces = np.zeros(len(kept), np.int64)
    single = np.flatnonzero(steps == 2)
    after, silent = kept[single], kept[single] - 1
    x0, x1 = glyphs.x0, glyphs.x1
    width = x1[silent] - x0[silent]
    clear = (x0[after] >= x0[silent] + _CLEAR * width) | (x1[after] <= x1[silent] - _CLEAR * width)
    dropped = np.array([glyphs.text[index] in _DROPPED for index in silent.tolist()], np.bool_)
    spaces[single] = np.where(dropped, 0, np.where(width <= _WIDTHLESS, 1, 2 * clear))
    for place in np.flatnonzero(steps > 2).tolist():
        index = int(kept[place])
        spaces[place] = _space_between(glyphs, index - int(steps[place]) + 1, index)
    return spaces


def _space_between(glyphs: Glyphs, start: int, index: int) -> int:
    """What space the silent glyphs from ``start`` to ``index`` make before the glyph there."""
    hint = 0
    for silent in range(start, index):
        if glyphs.text[silent] in _DROPPED:
            continue
        if glyphs.x1[silent] - glyphs.x0[silent] <= _WIDTHLESS:
            hint = max(hint, 1)
        elif _takes_room(glyphs.x0, glyphs.x1, silent, index):
            hint = 2
    return hint


def _takes_room(x0: Floats, x1: Floats, space: int, after: int) -> bool:
    """Whether the glyph behind a space starts clear of it (italics reach back into it), or on another line."""
    part = _CLEAR * (x1[space] - x0[space])
    return bool(x0[after] >= x0[space] + part or x1[after] <= x1[space] - part)


def _starts(
    text: list[str],
    x0: Floats,
    x1: Floats,
    base: Floats,
    size: Floats,
    turned: NDArray[np.bool_],
    spaces: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Indices of the glyphs that start a word, the first included."""
    rtl = np.zeros(len(text), np.bool_)
    if max(text) >= "\u0590":
        rtl = np.fromiter((char >= "\u0590" and is_rtl(char) for char in text), np.bool_, len(text))
    pair = rtl[1:] | rtl[:-1]
    smaller = np.minimum(size[1:], size[:-1])
    gap = np.where(pair & (x0[1:] < x0[:-1]), x0[:-1] - x1[1:], x0[1:] - x1[:-1])
    breaks = np.abs(base[1:] - base[:-1]) > np.where(pair, 0.5, 0.2) * smaller
    breaks |= gap >= np.asarray(_LIMITS)[spaces[1:]] * smaller
    breaks |= gap <= np.where(pair, -1.5, -0.6) * size[1:]
    breaks |= np.abs(size[1:] - size[:-1]) > 0.15 * size[:-1]
    breaks |= turned[1:] != turned[:-1]
    return np.concatenate([np.zeros(1, np.int64), np.flatnonzero(breaks) + 1])
