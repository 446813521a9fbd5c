"""The values that pass from a source of characters to the layout code: glyphs of a page in its reading frame.

The reading frame is the page turned so that most of its text runs from left to right, in points with the origin
at the top left. ``Frame`` turns boxes of the reading frame into boxes of the page as it is displayed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from segtool.core.document import BBox

Quarter = Literal[0, 1, 2, 3]


@dataclass(frozen=True, slots=True)
class FontStyle:
    """What a font looks like: its name without subset prefix, weight and slant."""

    name: str = ""
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """The reading frame: ``turns`` quarter turns clockwise take the displayed page to it.

    ``width`` and ``height`` are those of the reading frame.
    """

    width: float
    height: float
    turns: Quarter = 0

    def to_page(self, x0: float, top: float, x1: float, bottom: float) -> BBox:
        """The box as it stands on the displayed page, cut to the page."""
        if self.turns == 0:
            box = (x0, top, x1, bottom)
        elif self.turns == 1:
            box = (top, self.width - x1, bottom, self.width - x0)
        elif self.turns == 2:
            box = (self.width - x1, self.height - bottom, self.width - x0, self.height - top)
        else:
            box = (self.height - bottom, x0, self.height - top, x1)
        width, height = (self.width, self.height) if self.turns % 2 == 0 else (self.height, self.width)
        left, right = sorted((min(max(box[0], 0.0), width), min(max(box[2], 0.0), width)))
        upper, lower = sorted((min(max(box[1], 0.0), height), min(max(box[3], 0.0), height)))
        return BBox(round(left, 2), round(upper, 2), round(right, 2), round(lower, 2))


@dataclass(slots=True)
class Glyphs:
    """Characters of one page in stream order, as columns of equal length.

    ``text`` holds one character each; ``base`` is the baseline; ``size`` the font size in points as seen on the page;
    ``style`` indexes the document's font styles; ``turned`` marks glyphs that don't run along the frame.
    """

    text: list[str] = field(default_factory=list)
    x0: list[float] = field(default_factory=list)
    x1: list[float] = field(default_factory=list)
    top: list[float] = field(default_factory=list)
    bottom: list[float] = field(default_factory=list)
    base: list[float] = field(default_factory=list)
    size: list[float] = field(default_factory=list)
    style: list[int] = field(default_factory=list)
    turned: list[bool] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight ruling line or thin filled rectangle in the reading frame."""

    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(slots=True)
class PageGlyphs:
    """One page as a source delivers it. ``number`` counts from 1; ``unmapped`` counts glyphs without Unicode."""

    number: int
    frame: Frame
    glyphs: Glyphs
    rules: tuple[Rule, ...] = ()
    unmapped: int = 0
    has_images: bool = False
