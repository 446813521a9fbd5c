"""The values that pass from a source of characters to the layout code: glyphs of a page in its reading frame.

The reading frame is the page turned so that most of its text runs from left to right, in points with the origin
at the top left. ``Frame`` turns boxes of the reading frame into boxes of the page as it is displayed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segtool.core.document import BBox
from segtool.loaders.pdf.structure_tree import UNTAGGED, PageTags

_SUBSET = re.compile(r"^[A-Z]{6}\+")
_BOLD = re.compile(r"bold|black|heavy|semibd|demi|(?:^|[-_, ])bd|cmbx|cmssbx|sfbx|medi\b", re.IGNORECASE)
_ITALIC = re.compile(r"ital|obli|slant|(?:^|[-_, ])it\b|cmti|cmsl|sfti", re.IGNORECASE)
_ITALIC_FLAG, _FORCE_BOLD = 1 << 6, 1 << 18

MAX_PLACE_PT, MAX_SIZE_PT = 1e6, 1e5
"""Furthest place and largest type that a source delivers: damaged files have others."""

_LIGATURE = 4
"""Most characters of one glyph, about."""

Quarter = Literal[0, 1, 2, 3]


@dataclass(frozen=True, slots=True)
class FontStyle:
    """What a font looks like: its name without subset prefix, weight and slant."""

    name: str = ""
    bold: bool = False
    italic: bool = False

    @classmethod
    def named(cls, name: str, weight: int = 400, flags: int = 0, italic_angle: float = 0.0) -> FontStyle:
        """The style of a font by its name (with or without subset prefix), weight, descriptor flags and angle."""
        short = _SUBSET.sub("", name)
        slanted = _ITALIC.search(short) is not None
        bold = _BOLD.search(short) is not None or (weight >= 600 and not slanted) or bool(flags & _FORCE_BOLD)
        return cls(short, bold, slanted or bool(flags & _ITALIC_FLAG) or italic_angle != 0)


@dataclass(frozen=True, slots=True)
class Frame:
    """The reading frame: ``turns`` quarter turns clockwise take the displayed page to it.

    ``width`` and ``height`` are those of the reading frame. ``skew`` is the angle (radians, downwards to the right) by
    which the lines of a scan lean, which is taken out of the reading frame about its middle.
    """

    width: float
    height: float
    turns: Quarter = 0
    skew: float = 0.0

    def straight(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Points (numbers or arrays) of the turned page in this frame: without the skew."""
        return self._rotated(x, y, -self.skew) if self.skew else (x, y)

    def _rotated(self, x: Any, y: Any, angle: float) -> tuple[Any, Any]:
        right, down = x - self.width / 2, y - self.height / 2
        cosine, sine = math.cos(angle), math.sin(angle)
        return self.width / 2 + right * cosine - down * sine, self.height / 2 + right * sine + down * cosine

    def from_page(self, box: BBox) -> tuple[float, float, float, float]:
        """A box of the displayed page as x0, top, x1, bottom in this frame: the inverse of ``to_page``."""
        x0, top, x1, bottom = self.turned(box.x0, box.top, box.x1, box.bottom)
        return x0, top, x1, bottom

    def turned(self, x0: Any, top: Any, x1: Any, bottom: Any) -> tuple[Any, Any, Any, Any]:
        """Boxes (numbers or arrays) of the displayed page in this frame."""
        if self.turns == 0:
            return x0, top, x1, bottom
        if self.turns == 1:
            return self.width - bottom, x0, self.width - top, x1
        if self.turns == 2:
            return self.width - x1, self.height - bottom, self.width - x0, self.height - top
        return top, self.height - x1, bottom, self.height - x0

    def to_page(self, x0: float, top: float, x1: float, bottom: float) -> BBox:
        """The box as it stands on the displayed page, cut to the page; around it, if it leans there."""
        if self.skew:
            corners = [self._rotated(x, y, self.skew) for x in (x0, x1) for y in (top, bottom)]
            across, down = [x for x, _ in corners], [y for _, y in corners]
            x0, top, x1, bottom = min(across), min(down), max(across), max(down)
        if self.turns == 0:
            box = (x0, top, x1, bottom)
        elif self.turns == 1:
            box = (top, self.width - x1, bottom, self.width - x0)
        elif self.turns == 2:
            box = (self.width - x1, self.height - bottom, self.width - x0, self.height - top)
        else:
            box = (self.height - bottom, x0, self.height - top, x1)
        width, height = (self.width, self.height) if self.turns % 2 == 0 else (self.height, self.width)
        left, upper, right, lower = box
        if not (0.0 <= left <= right <= width and 0.0 <= upper <= lower <= height):
            left, right = sorted((min(max(left, 0.0), width), min(max(right, 0.0), width)))
            upper, lower = sorted((min(max(upper, 0.0), height), min(max(lower, 0.0), height)))
        return BBox(round(left, 2), round(upper, 2), round(right, 2), round(lower, 2))


Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Characters of one page in stream order, as columns of equal length.

    ``text`` holds one character each (a ligature may be several); ``base`` is the baseline; ``size`` the font size in
    points as seen on the page; ``style`` indexes the document's font styles; ``turned`` marks glyphs that don't run
    along the frame. ``tag`` indexes the tags of a tagged page (see ``structure_tree``), None without.
    """

    text: list[str]
    x0: Floats
    x1: Floats
    top: Floats
    bottom: Floats
    base: Floats
    size: Floats
    style: NDArray[np.int64]
    turned: NDArray[np.bool_]
    tag: NDArray[np.int64] | None = None

    @classmethod
    def empty(cls) -> Glyphs:
        """No glyphs."""
        none = np.zeros(0)
        return cls([], none, none, none, none, none, none, np.zeros(0, np.int64), np.zeros(0, np.bool_))

    def joined(self, more: Glyphs) -> Glyphs:
        """These glyphs and others behind them."""
        return Glyphs(
            self.text + more.text,
            np.concatenate([self.x0, more.x0]),
            np.concatenate([self.x1, more.x1]),
            np.concatenate([self.top, more.top]),
            np.concatenate([self.bottom, more.bottom]),
            np.concatenate([self.base, more.base]),
            np.concatenate([self.size, more.size]),
            np.concatenate([self.style, more.style]),
            np.concatenate([self.turned, more.turned]),
            None if self.tag is None else np.concatenate([self.tag, _tags(more)]),
        )

    def placed(self, chars: list[int], places: list[int]) -> Glyphs:
        """These characters, each with the geometry of the glyph at the same index of ``places``."""
        at = np.asarray(places, dtype=np.int64)
        return Glyphs(
            [self.text[char] for char in chars],
            self.x0[at],
            self.x1[at],
            self.top[at],
            self.bottom[at],
            self.base[at],
            self.size[at],
            self.style[at],
            self.turned[at],
            None if self.tag is None else self.tag[at],
        )

    def once(self) -> Glyphs:
        """These glyphs without those that are printed again, later, at the very place where they stand already.

        The characters of a ligature share its place and follow each other.
        """
        first = "".join(self.text)
        if len(first) != len(self.text):
            first = "".join([char[:1] or " " for char in self.text])
        codes = np.frombuffer(first.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
        x, y = np.rint(10 * self.x0).astype(np.int64), np.rint(10 * self.base).astype(np.int64)
        keys = (x * 2**20 + y) * 2**21 + codes
        order = np.argsort(keys, kind="stable")
        again = (keys[order][1:] == keys[order][:-1]) & (np.diff(order) > _LIGATURE)
        if not again.any():
            return self
        kept = np.setdiff1d(np.arange(len(keys)), order[1:][again]).tolist()
        return self.placed(kept, kept)


def _tags(glyphs: Glyphs) -> NDArray[np.int64]:
    return np.full(len(glyphs.text), UNTAGGED, np.int64) if glyphs.tag is None else glyphs.tag


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight ruling line or thin filled rectangle in the reading frame."""

    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form in the reading frame, and whether something is filled in."""

    x0: float
    top: float
    x1: float
    bottom: float
    is_filled: bool


@dataclass(frozen=True, slots=True)
class Recognised:
    """That a page was recognised: the engine, the language it was told (None: none), its mean confidence in [0, 1]."""

    engine: str
    lang: str | None
    confidence: float


@dataclass(slots=True)
class PageGlyphs:
    """One page as a source delivers it.

    ``number`` counts from 1; ``unmapped`` counts glyphs without Unicode; ``sideways`` holds text that runs in other
    quarters of a turn, each in its own frame; ``cover`` is the share of the page under pictures, ``n_objects`` counts
    what is drawn, ``hidden`` the invisible characters of a page that a picture covers, ``lost`` the text objects that
    gave no characters; ``rotation`` says by how many quarters the file has the page turned,
    ``fields`` are those of a form; ``unseen`` are the
    invisible characters of another page, which nobody is meant to read; ``recognised`` says how the text of a scan was
    had, ``tags`` what the structure tree of a tagged file says of the page.
    """

    number: int
    frame: Frame
    glyphs: Glyphs
    rules: tuple[Rule, ...] = ()
    unmapped: int = 0
    sideways: tuple[tuple[Frame, Glyphs], ...] = ()
    cover: float = 0.0
    n_objects: int = 0
    hidden: int = 0
    lost: int = 0
    rotation: int = 0
    fields: tuple[Field, ...] = ()
    unseen: Glyphs = field(default_factory=Glyphs.empty)
    recognised: Recognised | None = None
    tags: PageTags | None = None
