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
    text, x0, x1 = glyphs.text, glyphs.x0, glyphs.x1
    width = x1 - x0
    bare = width <= _HAIR_PT
    n_bare = sum(text[index].isalnum() for index in np.flatnonzero(bare).tolist())
    overlap = np.minimum(x1[1:], x1[:-1]) - np.maximum(x0[1:], x0[:-1])
    lies_on = (overlap > _OVERLAP * np.minimum(width[1:], width[:-1])) & ~bare[1:] & ~bare[:-1]
    if not lies_on.any():
        return n_bare
    step, smaller = np.abs(np.diff(glyphs.base)), np.minimum(glyphs.size[1:], glyphs.size[:-1])
    same_line = step < _SAME_LINE * smaller
    # Characters that share one glyph have one box.
    apart = (np.abs(np.diff(x0)) > _HAIR_PT) | (np.abs(np.diff(x1)) > _HAIR_PT)
    n_lying = sum(_clash(text[pair], text[pair + 1]) for pair in np.flatnonzero(lies_on & same_line & apart).tolist())
    stands = lies_on & ~same_line & (step < _NEXT_LINE * smaller)
    for pair in np.flatnonzero(stands).tolist():
        stands[pair] = _is_latin(text[pair]) and _is_latin(text[pair + 1])
    # A pair alone is a fraction, or one letter of a row of small ones.
    in_run = stands & (np.append(stands[1:], False) | np.append(False, stands[:-1]))
    return int(n_bare + n_lying + in_run.sum())


def _clash(one: str, other: str) -> bool:
    """Whether two signs that lie on each other can't be meant so."""
    return one != other and one.isalnum() and other.isalnum()


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _groups(page: PageGlyphs) -> list[Glyphs]:
    return [page.glyphs, *(glyphs for _, glyphs in page.sideways)]


def _n_printed(glyphs: Glyphs) -> int:
    return sum(map(len, "".join(glyphs.text).split()))
