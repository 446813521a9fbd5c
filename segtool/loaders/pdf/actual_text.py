"""/ActualText of structure elements: the text that stands for what their marked contents draw.

Pure. That of a marked content itself is applied by PDFium already; that of an element of the structure tree is not.
Boxes stay those of the glyphs that are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def with_actual_text(text: list[str], contents: Sequence[int], actual: Sequence[tuple[str, list[int]]]) -> list[str]:
    """The characters of a page with replacements in place, as many as before; those that are gone are empty.

    Args:
        text: one string a drawn character.
        contents: the marked content of each, -1: none.
        actual: replacement texts and the marked contents that they stand for.
    """
    found = text[:]
    for replacement, ids in actual:
        own = set(ids)
        places = [index for index, content in enumerate(contents) if content in own and text[index] not in ("\r", "\n")]
        drawn = "".join(text[index] for index in places)
        if not places or drawn.split() == replacement.split():
            continue
        for index, piece in zip(places, _spread(replacement.strip(), len(places)), strict=True):
            found[index] = piece
    return found


def _spread(text: str, count: int) -> list[str]:
    """The text in ``count`` pieces of about equal length, empty ones among them if it is shorter."""
    bounds = [len(text) * index // count for index in range(count + 1)]
    return [text[first:end] for first, end in pairwise(bounds)]
