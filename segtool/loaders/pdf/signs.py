"""Cheap signs that a source of characters read a page wrongly, and which of two readings is the better one.

Pure. The signs: characters without Unicode; glyphs that lie on each other or stand on one another, as wrong widths or
a wrong direction put them; words that are drawn but have no characters. Each costs a few steps over the columns of a
page, so that every page is looked at; only where one holds is the slow source asked.
"""

from __future__ import annotations

import numpy as np

from segtool.loaders.pdf.glyphs import Glyphs, PageGlyphs

_UNMAPPED = 0.2
"""Share of a page's characters without Unicode from which it is doubtful."""
_CLASHING = 0.1
"""Share of letters that lie on another: sound Arabic has 0.03, text with line numbers over it 0.06."""
_BLANK = 0.5
"""Share of glyphs that print nothing."""
_FEWEST = 10
"""Least glyphs that clash, or are blank, for a sign."""
_TURNED = 0.25
"""On pages that are turned these parts of the shares are enough: what sources get wrong is wrong there first."""
_OVERLAP = 0.5
_HAIR_PT = 0.01
_SAME_LINE = 0.2
_NEXT_LINE = 2.0


def is_doubtful(page: PageGlyphs) -> bool:
    """Whether something says that the page may have been read wrongly."""
    if page.lost:
        return True
    groups = _groups(page)
    n_glyphs = sum(len(glyphs.text) for glyphs in groups)
    strict = _TURNED if page.rotation or page.frame.turns else 1.0
    if page.unmapped > strict * _UNMAPPED * n_glyphs:
        return True
    if n_glyphs < _FEWEST:
        return False
    n_blank = n_glyphs - sum(map(_n_printed, groups))
    n_clashing = sum(map(n_clashes, groups))
    return n_blank > _BLANK * n_glyphs or n_clashing > max(strict * _CLASHING * (n_glyphs - n_blank), _FEWEST)


def better(first: PageGlyphs, second: PageGlyphs) -> PageGlyphs:
    """Of two readings of a page the one with more characters that can be trusted; the first where they tie.

    Those are the characters that print, have Unicode, and don't clash with another.
    """
    return second if n_sound(second) > n_sound(first) else first


def n_sound(page: PageGlyphs) -> int:
    """The characters of a page that can be trusted."""
    groups = _groups(page)
    return max(sum(map(_n_printed, groups)) - page.unmapped - sum(map(n_clashes, groups)), 0)


def n_clashes(glyphs: Glyphs) -> int:
    """How many letters lie on the letter before them, stand under it, or have no width.

    Printing twice is none (the same letter), nor an accent over a letter, a line under it, characters that share one
    glyph (a ligature), a fraction, or a column of ideographs.
    """
    text = glyphs.text
    letters = np.fromiter(map(str.isalnum, text), np.bool_, len(text))
    at = np.flatnonzero(letters)
    if len(at) < 2:
        return 0
    x0, x1, base, size = glyphs.x0[at], glyphs.x1[at], glyphs.base[at], glyphs.size[at]
    width = x1 - x0
    overlap = np.minimum(x1[1:], x1[:-1]) - np.maximum(x0[1:], x0[:-1])
    lies_on = (np.diff(at) == 1) & (overlap > _OVERLAP * np.minimum(width[1:], width[:-1]))
    step, smaller = np.abs(base[1:] - base[:-1]), np.minimum(size[1:], size[:-1])
    same_line = step < _SAME_LINE * smaller
    # Characters that share one glyph have one box.
    apart = (np.abs(x0[1:] - x0[:-1]) > _HAIR_PT) | (np.abs(x1[1:] - x1[:-1]) > _HAIR_PT)
    pairs = np.flatnonzero(lies_on & same_line & apart).tolist()
    n_lying = sum(text[at[pair]] != text[at[pair + 1]] for pair in pairs)
    stands = lies_on & ~same_line & (step < _NEXT_LINE * smaller)
    for pair in np.flatnonzero(stands).tolist():
        stands[pair] = _is_latin(text[at[pair]]) and _is_latin(text[at[pair + 1]])
    # A pair alone is a fraction, or one letter of a row of small ones.
    in_run = stands & (np.append(stands[1:], False) | np.append(False, stands[:-1]))
    return int(n_lying + in_run.sum() + (width <= _HAIR_PT).sum())


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _groups(page: PageGlyphs) -> list[Glyphs]:
    return [page.glyphs, *(glyphs for _, glyphs in page.sideways)]


def _n_printed(glyphs: Glyphs) -> int:
    return sum(map(len, "".join(glyphs.text).split()))
