"""Recognised text of a page picture to the glyphs that the layout code reads; which pages are pictures at all.

Pure. An engine gives lines of words in pixels; here they become points in a reading frame from which the skew of
the scan is taken out, so that rows, columns and indents of a scan look like those of a file that was born digital.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from segtool.loaders.pdf.glyphs import FontStyle, Frame, Glyphs, PageGlyphs, Quarter, Rule

COVER = 0.6
"""Share of a page from which a picture is said to cover it."""
_STAMP_CHARS = 300
"""Most visible characters that a scanned page may hold besides its picture (a stamp, a running head)."""
_LAYER_CHARS = 20
"""Least invisible characters that are the text layer of an earlier recognition."""
_UNREADABLE_SHARE = 0.2
_LEAST_CONFIDENCE = 0.25
_SAME_SIZE = 0.12
_BOLD_RATIO = 1.27
"""Thickness of strokes against the usual one of the page from which a word is bold."""
_MAX_SKEW = 0.2
_LEAST_CONTRAST = 30
_BULLET, _NO_BULLETS = "•", set("-–—_=~\"'“”‘’`0123456789")

PLAIN, BOLD = FontStyle("recognised"), FontStyle("recognised", bold=True)


@dataclass(frozen=True, slots=True)
class TextWord:
    """A recognised word: its box in pixels (x0, top, x1, bottom) and its chance in [0, 1] to be right."""

    text: str
    box: tuple[float, float, float, float]
    confidence: float


@dataclass(frozen=True, slots=True)
class TextLine:
    """A recognised line: the baseline is ``base + slope * x``, ``size`` the font size, all in pixels."""

    words: tuple[TextWord, ...]
    base: float
    slope: float
    size: float

    @property
    def n_chars(self) -> int:
        """Characters of its words."""
        return sum(len(word.text) for word in self.words)


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as pixels: ``pixels`` uint8 (height, width), 0 is black; ``scale`` pixels a point."""

    pixels: NDArray[np.uint8]
    scale: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What an engine read in a picture of a page that was turned by quarters clockwise and straightened by ``lean``.

    ``lean`` is the angle (radians, downwards to the right) that was taken out of the picture, ``rules`` the boxes of
    its ruling lines in pixels.
    """

    lines: list[TextLine]
    picture: Picture
    turns: Quarter = 0
    lean: float = 0.0
    rules: list[tuple[float, float, float, float]] = field(default_factory=list)


def is_picture(page: PageGlyphs) -> bool:
    """Whether a page is a picture of text: no text but something drawn, or a picture over all of it and a stamp."""
    n_chars = _n_printed(page)
    if not n_chars:
        return page.n_objects > 0
    return page.cover >= COVER and n_chars - page.hidden <= _STAMP_CHARS


def needs_recognition(page: PageGlyphs) -> bool:
    """Whether the text of a page can only be had by recognition: a picture without a text layer, or unreadable."""
    if page.unmapped > _UNREADABLE_SHARE * len(page.glyphs.text):
        return True
    return is_picture(page) and page.hidden < _LAYER_CHARS


def _n_printed(page: PageGlyphs) -> int:
    return sum(map(len, "".join(page.glyphs.text).split()))


def mean_confidence(lines: Sequence[TextLine]) -> float:
    """The mean confidence of the words, longer ones weighing more; 0.0 without words."""
    words = [word for line in lines for word in line.words]
    n_chars = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / n_chars if n_chars else 0.0


def without_noise(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines without specks that were taken for words, and without what is too unsure to be text."""
    kept: list[TextLine] = []
    for line in lines:
        words = tuple(word for word in line.words if word.text.strip() and word.confidence >= _LEAST_CONFIDENCE)
        letters = sum(char.isalnum() for word in words for char in word.text)
        if words and (letters or line.n_chars <= 3):
            kept.append(replace(line, words=words))
    return kept


def is_upright(lines: Sequence[TextLine]) -> bool:
    """Whether most words lie along the rows of the picture; engines read words that stand on end, too."""
    long = [word for line in lines for word in line.words if len(word.text) >= 4]
    standing = sum(len(word.text) for word in long if word.box[3] - word.box[1] > 1.3 * (word.box[2] - word.box[0]))
    return 2 * standing <= sum(len(word.text) for word in long)


def with_bullets(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines with a bullet for what an engine made of one: a small sign before a line, at half height."""
    return [
        replace(line, words=(replace(line.words[0], text=_BULLET), *line.words[1:])) if _opens_with_dot(line) else line
        for line in lines
    ]


def _opens_with_dot(line: TextLine) -> bool:
    if len(line.words) < 2 or len(line.words[0].text) > 2 or set(line.words[0].text) & _NO_BULLETS:
        return False
    x0, top, x1, bottom = line.words[0].box
    middle = line.base + line.slope * x0 - (top + bottom) / 2
    largest = 0.45 if line.words[0].text.isalnum() else 0.6
    return (
        bottom - top < largest * line.size
        and x1 - x0 < 0.7 * line.size
        and 0.15 * line.size < middle < 0.6 * line.size
        and line.words[1].box[0] - x1 > 0.3 * line.size
    )


def recognised_page(page: PageGlyphs, reading: Reading, styles: tuple[int, int]) -> PageGlyphs:
    """The page with recognised glyphs and rules, beside those visible ones that it has of its own.

    Args:
        page: as the file gives it, without invisible text.
        reading: what an engine read in its picture.
        styles: indices of ``PLAIN`` and ``BOLD`` in the font styles of the document.
    """
    lines, picture = reading.lines, reading.picture
    height, width = (side / picture.scale for side in picture.pixels.shape)
    frame = Frame(width, height, reading.turns, math.atan(_skew(lines)))
    own = page.glyphs if page.frame.turns == frame.turns else Glyphs.empty()
    placed = [
        placed
        for line, size in zip(lines, _sizes(lines, picture.scale), strict=True)
        if (placed := _placed(line, size, frame, picture.scale, own))
    ]
    bold = _bold_words([word for line in placed for word in line], picture)
    glyphs = _glyphs(placed, bold, styles)
    sideways = page.sideways
    if own.text:
        glyphs = glyphs.joined(own)
    elif page.glyphs.text:
        sideways = (*sideways, (page.frame, page.glyphs))
    rules = tuple(_rule(box, frame, picture.scale) for box in reading.rules)
    if not rules and page.frame == frame:
        rules = page.rules
    shown = replace(frame, skew=frame.skew + reading.lean)
    return replace(page, frame=shown, glyphs=glyphs, rules=rules, unmapped=0, sideways=sideways)


def _rule(box: tuple[float, float, float, float], frame: Frame, scale: float) -> Rule:
    """A ruling line of the picture in the reading frame, as thin as lines are."""
    x0, top, x1, bottom = (side / scale for side in box)
    x, y = frame.straight((x0 + x1) / 2, (top + bottom) / 2)
    across, down = (x1 - x0) / 2, (bottom - top) / 2
    if across > down:
        return Rule(x - across, y - 0.5, x + across, y + 0.5)
    return Rule(x - 0.5, y - down, x + 0.5, y + down)


def _skew(lines: Sequence[TextLine]) -> float:
    """How far lines fall to the right: the middle slope of the longer half of them; 0.0 if that can't be told."""
    long = sorted(lines, key=lambda line: line.n_chars)[len(lines) // 2 :]
    slopes = [line.slope for line in long if line.n_chars >= 12]
    found = median(slopes) if len(slopes) >= 2 else 0.0
    return found if 0.0005 < abs(found) < _MAX_SKEW else 0.0


def _sizes(lines: Sequence[TextLine], scale: float) -> list[float]:
    """Font sizes in points; those about alike made equal, as engines measure each line by the letters it happens
    to have.
    """
    counts: dict[float, int] = {}
    found = [round(line.size / scale * 4) / 4 for line in lines]
    for size, line in zip(found, lines, strict=True):
        counts[size] = counts.get(size, 0) + line.n_chars
    usual = _usual(counts)
    return [usual[size] for size in found]


def _usual(counts: Mapping[float, int]) -> dict[float, float]:
    """For each size (with its characters) the usual one that it is about."""
    usual: list[float] = []
    for size in sorted(counts, key=lambda size: (-counts[size], size)):
        if all(abs(size - other) > _SAME_SIZE * other for other in usual):
            usual.append(size)
    near = {size: [other for other in usual if abs(size - other) <= _SAME_SIZE * other] for size in counts}
    return {size: max(near[size], key=lambda other: counts[other]) for size in counts}


def with_shared_sizes(pages: Sequence[PageGlyphs]) -> list[PageGlyphs]:
    """The pages, the font sizes of recognised ones that are about alike made equal over all of them."""
    scans = [page for page in pages if page.recognised is not None]
    if not scans:
        return list(pages)
    sizes, n_chars = np.unique(np.concatenate([page.glyphs.size for page in scans]), return_counts=True)
    usual = _usual(dict(zip(sizes.tolist(), n_chars.tolist(), strict=True)))

    def shared(page: PageGlyphs) -> PageGlyphs:
        size = np.array([usual[value] for value in page.glyphs.size.tolist()])
        return replace(page, glyphs=replace(page.glyphs, size=size))

    return [page if page.recognised is None else shared(page) for page in pages]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A word in the reading frame, and its box in pixels."""

    word: TextWord
    box: tuple[float, float, float, float]
    base: float
    size: float


def _placed(line: TextLine, size: float, frame: Frame, scale: float, own: Glyphs) -> list[_Placed]:
    """The words of a line in the reading frame, but those that stand where the page has glyphs of its own."""
    centres = [((word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2) for word in line.words]
    bases = [frame.straight(x / scale, (line.base + line.slope * x) / scale)[1] for x, _ in centres]
    base = median(bases)
    found: list[_Placed] = []
    for word, (x, y) in zip(line.words, centres, strict=True):
        half, height = (word.box[2] - word.box[0]) / 2 / scale, (word.box[3] - word.box[1]) / 2 / scale
        x_pt, y_pt = frame.straight(x / scale, y / scale)
        inside = (own.x0 < x_pt) & (own.x1 > x_pt) & (own.top < y_pt) & (own.bottom > y_pt)
        # A word's middle may fall between two glyphs.
        beside = (abs(own.x0 - x_pt) < 0.3 * own.size) & (own.top < y_pt) & (own.bottom > y_pt)
        if not (inside | beside).any():
            found.append(_Placed(word, (x_pt - half, y_pt - height, x_pt + half, y_pt + height), base, size))
    return found


def _bold_words(words: Sequence[_Placed], picture: Picture) -> list[bool]:
    """Whether each word has thicker strokes than is usual on the page for its size."""
    if not words:
        return []
    # Halfway between ink and paper.
    low, high = np.percentile(picture.pixels[::4, ::4], (2, 70))
    ink = picture.pixels < (float(low) + float(high)) / 2
    strokes = [_stroke(ink, item.word.box) / (item.size * picture.scale) for item in words]
    known = [
        stroke
        for item, stroke in zip(words, strokes, strict=True)
        if stroke
        for _ in range(len(item.word.text))
        if len(item.word.text) > 2
    ]
    usual = median(known) if known else 1.0
    return [stroke > _BOLD_RATIO * usual for stroke in strokes]


def ink_of(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which pixels are ink: darker than halfway between the darkest and the paper; none of an empty page."""
    low, high = np.percentile(pixels[::3, ::3], (0.1, 80))
    return pixels < (float(low) + float(high)) / 2 if high - low >= _LEAST_CONTRAST else np.zeros_like(pixels, np.bool_)


def _stroke(ink: NDArray[np.bool_], box: tuple[float, float, float, float]) -> float:
    """Mean thickness of upright strokes in pixels: the middle length of runs of ink along the rows of a box."""
    x0, top, x1, bottom = (max(round(side), 0) for side in box)
    part = ink[top:bottom, x0:x1]
    if not part.any():
        return 0.0
    edges = np.diff(np.pad(part, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    starts, ends = np.nonzero(edges == 1)[1], np.nonzero(edges == -1)[1]
    return float(np.median(ends - starts)) if len(starts) < 8 else float(_middle_mean(ends - starts))


def _middle_mean(lengths: NDArray[np.int64]) -> float:
    """The mean without the shortest and longest fourths: dots, and strokes that lie along the row."""
    ordered = np.sort(lengths)
    cut = len(ordered) // 4
    return float(ordered[cut : len(ordered) - cut].mean())


def _glyphs(lines: Sequence[Sequence[_Placed]], bold: Sequence[bool], styles: tuple[int, int]) -> Glyphs:
    """Glyphs of the words, each as wide as the others of its word, with spaces between those of one line."""
    text: list[str] = []
    rows: list[tuple[float, float, float, float, float, float]] = []
    looks: list[int] = []
    is_bold = iter(bold)
    for line in lines:
        end: float | None = None
        for item in line:
            look = styles[next(is_bold)]
            x0, top, x1, bottom = item.box
            if end is not None:
                text.append(" ")
                rows.append((min(end, x0 - 0.01), x0, top, bottom, item.base, item.size))
                looks.append(look)
            step = (x1 - x0) / len(item.word.text)
            for index, char in enumerate(item.word.text):
                text.append(char)
                rows.append((x0 + step * index, x0 + step * (index + 1), top, bottom, item.base, item.size))
                looks.append(look)
            end = x1
    if not text:
        return Glyphs.empty()
    left, right, upper, lower, base, size = np.array(rows).T
    turned = np.zeros(len(text), np.bool_)
    return Glyphs(text, left, right, upper, lower, base, size, np.array(looks, np.int64), turned)
