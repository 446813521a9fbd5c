"""Rows to lines: what remains of a row inside one column, with all that paragraphs are told by.

Pure: no PDF library in sight.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import Literal

from segtool.loaders.pdf.letterspacing import without_letterspacing
from segtool.loaders.pdf.rows import Row, is_parted, is_unspaced, joined, reading_order
from segtool.loaders.pdf.structure_tree import ARTIFACT, UNTAGGED, Tag
from segtool.loaders.pdf.words import Word

MIXED = -3
"""Stands for the tag of a line whose words have several."""
Type = tuple[int, float]
"""A font style and a size."""
LineRole = Literal["body", "table", "figure", "contents", "footnote", "furniture"]

_NOTE_MARK = re.compile(r"^[(\[]?(?:\d{1,3}|[*†‡]{1,3}|[a-z])[)\]]?$")
_TOP, _BOTTOM = attrgetter("top"), attrgetter("bottom")


@dataclass(frozen=True, slots=True)
class Mark:
    """A raised note mark in a line: its place in the line's text, and its box."""

    start: int
    end: int
    text: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Look:
    """What lines must know of the document: which font styles are bold or italic, and the direction of its text."""

    bold: list[bool]
    italic: list[bool]
    rtl: bool = False


@dataclass(slots=True)
class Line:
    """One line of one column.

    ``start`` and ``stop`` are its ends in reading direction, ``left`` and ``right`` those of its column: the distance
    along the line from an origin at the left, or negative from the right in right-to-left text, so that
    ``left <= start <= stop <= right`` in both. ``text_start`` is where the second word starts. ``glue`` is what joins
    the line to the one before, if that is certain (cells of a table); ``opens`` says that it surely opens a paragraph;
    ``last_gap`` is what parts its last word from the others; ``in_list`` says that it is one of several short lines,
    ``is_head`` that it is a heading by what stands around it.
    ``content`` indexes the tags of its page (``MIXED``: several), ``tag`` is that block where the tags are trusted.
    ``first_type`` and ``last_type`` are those of its first and last word.
    """

    page: int
    column: int
    text: str
    box: tuple[float, float, float, float]
    base: float
    size: float
    style: int
    bold: float
    italic: float
    start: float
    stop: float
    text_start: float
    left: float
    right: float
    first_width: float
    space: float
    role: LineRole = "body"
    drop_cap: bool = False
    beside_cap: bool = False
    raised: bool = False
    small_caps: bool = False
    underlined: bool = False
    in_list: bool = False
    is_head: bool = False
    marks: tuple[Mark, ...] = ()
    glue: str | None = None
    opens: bool = False
    content: int = UNTAGGED
    tag: Tag | None = None
    last_gap: float = 0.0
    first_type: Type = (-1, 0.0)
    last_type: Type = (-2, 0.0)

    @property
    def width(self) -> float:
        """Length of the line."""
        return self.stop - self.start


def line_of(row: Row, page: int, column: int, edges: tuple[float, float], look: Look) -> Line:
    """The line that a row of one column is; ``edges`` are those of the column."""
    laid = without_letterspacing(row.words)
    words = reading_order(laid)
    main = _main_word([word for word in words if word is not row.drop_cap])
    gaps = sorted(b.x0 - a.x1 for a, b in pairwise(laid) if b.x0 > a.x1)
    plain = [word for word in words if word is not row.drop_cap]
    x0, x1 = row.x0, row.x1
    inner = row.beside.x0 if row.beside is not None else x0
    second = words[1] if len(words) > 1 else words[0]
    first_width = _first_width(words)
    if is_unspaced(words[0].text[0]):
        first_width = min(first_width, 2.0 * main.size)
    text, starts = joined(words, words is not laid)
    raised = [(word, start) for word, start in zip(words, starts, strict=True) if _is_raised(word, main)]
    is_even = all(word.size == main.size for word in plain)
    capitals = 0.0 if is_even else _small_capitals(plain)
    return Line(
        page=page,
        column=column,
        text=text,
        box=(x0, min(map(_TOP, plain)), x1, max(map(_BOTTOM, plain))),
        base=main.base,
        size=capitals or main.size,
        style=main.style,
        bold=_share(words, look.bold),
        italic=_share(words, look.italic),
        start=-x1 if look.rtl else inner,
        stop=-x0 if look.rtl else x1,
        text_start=-second.x1 if look.rtl else second.x0,
        left=-edges[1] if look.rtl else edges[0],
        right=-edges[0] if look.rtl else edges[1],
        first_width=first_width,
        space=gaps[len(gaps) // 2] if gaps else 0.25 * main.size,
        drop_cap=row.drop_cap is not None,
        beside_cap=row.beside is not None,
        small_caps=capitals > 0,
        content=_content(words),
        raised=any(word is not row.drop_cap for word, _ in raised),
        last_gap=words[-1].x0 - words[-2].x1 if len(words) > 1 else 0.0,
        first_type=(words[0].style, words[0].size),
        last_type=(words[-1].style, words[-1].size),
        marks=tuple(
            Mark(start, start + len(word.text), word.text.strip("()[]"), (word.x0, word.top, word.x1, word.bottom))
            for word, start in raised
            if _NOTE_MARK.match(word.text)
        ),
    )


def _share(words: list[Word], has: list[bool]) -> float:
    """The share of the letters whose font style has something."""
    styles = {word.style for word in words}
    if len(styles) == 1:
        return float(has[styles.pop()])
    letters = sum([len(word.text) for word in words])
    return sum([len(word.text) for word in words if has[word.style]]) / letters


def _main_word(words: list[Word]) -> Word:
    """The longest word of the size that most letters have."""
    if max(word.size for word in words) - min(word.size for word in words) < 0.05 * words[0].size:
        return max(words, key=lambda word: len(word.text))
    sizes: Counter[float] = Counter()
    for word in words:
        sizes[round(word.size, 1)] += len(word.text)
    usual = sizes.most_common(1)[0][0]
    return max(words, key=lambda word: (round(word.size, 1) == usual, len(word.text)))


def _content(words: list[Word]) -> int:
    """The tag that all words have, but those without; ``MIXED`` if there are several."""
    found = {word.tag for word in words} - {UNTAGGED, ARTIFACT}
    if not found:
        return UNTAGGED
    return found.pop() if len(found) == 1 else MIXED


def _small_capitals(words: list[Word]) -> float:
    """The size of the capitals of a line in small capitals made of two sizes; 0.0 if it is in none."""
    size, letters = 0.0, 0
    for before, word in pairwise(words):
        if (
            0.6 < word.size / before.size < 0.88
            and before.text[-1].isupper()
            and abs(word.base - before.base) < 0.05 * before.size
            and not is_parted(before, word)
        ):
            size = max(size, before.size)
            letters += len(word.text)
    return size if 2 * letters >= sum(len(word.text) for word in words) else 0.0


def _first_width(words: list[Word]) -> float:
    """Width of what stands before the first space of a line, however many pieces the source made of it."""
    x0, x1 = words[0].x0, words[0].x1
    for before, word in pairwise(words):
        if is_parted(before, word):
            break
        x0, x1 = min(x0, word.x0), max(x1, word.x1)
    return x1 - x0


def _is_raised(word: Word, main: Word) -> bool:
    return word.size < 0.88 * main.size and word.base < main.base - 0.1 * main.size
