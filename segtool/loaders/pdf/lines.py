"""Words to rows and lines: what stands on one baseline, in the order it is read.

Pure: no PDF library in sight. A row is everything on one baseline across the page; a line is what remains of a row
inside one column.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import Literal

from segtool.loaders.pdf.capitals import attach_capital, drop_capitals
from segtool.loaders.pdf.labels import bullet
from segtool.loaders.pdf.letterspacing import without_letterspacing
from segtool.loaders.pdf.structure_tree import ARTIFACT, UNTAGGED, Tag
from segtool.loaders.pdf.words import Word

MIXED = -3
"""Stands for the tag of a line whose words have several."""
LineRole = Literal["body", "table", "contents", "footnote", "furniture"]

_NOTE_MARK = re.compile(r"^[(\[]?(?:\d{1,3}|[*†‡]{1,3}|[a-z])[)\]]?$")
_TURNED_LABEL = re.compile(r"^([.)\]]+)(\d+)$")
_OPENING, _CLOSING = "（「『【〔《〈［｛", "）」』】〕》〉］｝、。，．：；"
_BY_BASE, _BY_PLACE = attrgetter("base", "x0"), attrgetter("x0", "order")
_TOP, _BOTTOM = attrgetter("top"), attrgetter("bottom")
_TIGHT_GAP = 0.1
"""Words closer than this (of the font size) that the stream holds apart are one word."""


@dataclass(slots=True)
class Row:
    """Words on one baseline, from left to right.

    ``drop_cap`` is its first letter if that is a drop capital; ``beside`` the drop capital that a later row is set next
    to.
    """

    words: list[Word]
    base: float
    size: float
    top: float
    bottom: float
    drop_cap: Word | None = None
    beside: Word | None = None

    @property
    def x0(self) -> float:
        """Left edge."""
        return self.words[0].x0

    @property
    def x1(self) -> float:
        """Right edge."""
        return max(word.x1 for word in self.words)

    @property
    def text(self) -> str:
        """The words in reading order, joined by spaces where they stand apart."""
        return text_of(self.words)


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
    ``last_gap`` is what parts its last word from the others; ``in_list`` says that it is one of several short lines.
    ``content`` indexes the tags of its page (``MIXED``: several), ``tag`` is that block where the tags are trusted.
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
    marks: tuple[Mark, ...] = ()
    glue: str | None = None
    opens: bool = False
    content: int = UNTAGGED
    tag: Tag | None = None
    last_gap: float = 0.0

    @property
    def width(self) -> float:
        """Length of the line."""
        return self.stop - self.start


def rows_of(words: list[Word]) -> list[Row]:
    """Rows from top to bottom; small raised words join the row whose letters they stand beside."""
    if not words:
        return []
    capitals, words = drop_capitals(words)
    ordered = sorted(words, key=_BY_BASE)
    rows: list[list[Word]] = []
    base, size, last = -1e9, 0.0, list[Word]()
    for word in ordered:
        if word.base - base <= 0.3 * (size if size < word.size else word.size):
            last.append(word)
        else:
            base, size, last = word.base, word.size, [word]
            rows.append(last)
    found = _attach_bullets(_attach_small([_row(group) for group in rows]))
    for capital in capitals:
        attach_capital(found, capital)
    return found


def _row(words: list[Word]) -> Row:
    if len(words) > 1:
        words.sort(key=_BY_PLACE)
    main = max(words, key=lambda word: len(word.text))
    return Row(words, main.base, main.size, min(map(_TOP, words)), max(map(_BOTTOM, words)))


def _attach_small(rows: list[Row]) -> list[Row]:
    """Rows of small raised or lowered words (note marks, ordinals) merged into the row they belong to."""
    kept: list[Row] = []
    loose: list[Row] = []
    for index, row in enumerate(rows):
        near = [rows[i] for i in (index - 1, index + 1) if 0 <= i < len(rows)]
        if any(row.size < 0.85 * other.size and _beside(row, other) for other in near):
            loose.append(row)
        else:
            kept.append(row)
    for row in loose:
        home = next((other for other in kept if row.size < 0.85 * other.size and _beside(row, other)), None)
        if home is None:
            kept.append(row)
            continue
        home.words = sorted([*home.words, *row.words], key=lambda word: (word.x0, word.order))
    kept.sort(key=lambda row: row.base)
    return kept


def _attach_bullets(rows: list[Row]) -> list[Row]:
    """Bullets on a baseline of their own (another font, another size) put before the row that they mark."""
    kept: list[Row] = []
    for index, row in enumerate(rows):
        word = row.words[0]
        if len(row.words) > 1 or len(word.text) > 1 or bullet(word.text) is None:
            kept.append(row)
            continue
        near = [rows[i] for i in (index - 1, index + 1) if 0 <= i < len(rows)]
        homes = [other for other in near if _marks(word, other)]
        if not homes:
            kept.append(row)
            continue
        home = min(homes, key=lambda other: abs(other.base - word.base))
        home.words = sorted([*home.words, word], key=lambda w: (w.x0, w.order))
    return kept


def _marks(sign: Word, row: Row) -> bool:
    """Whether a bullet stands at the height of a row, just before one of its words."""
    if abs(row.base - sign.base) > 0.6 * max(row.size, sign.size):
        return False
    return any(
        -0.2 * row.size <= word.x0 - sign.x1 <= 5 * row.size or -0.2 * row.size <= sign.x0 - word.x1 <= 5 * row.size
        for word in row.words
    )


def _beside(small: Row, row: Row) -> bool:
    """Whether every word of ``small`` is a script to a word of ``row``: raised or lowered, and close to it."""
    shift = row.base - small.base
    if not -0.35 * row.size <= shift <= 0.75 * row.size:
        return False
    return all(
        any(-0.3 * row.size <= word.x0 - big.x1 <= 0.4 * row.size for big in row.words)
        or any(-0.3 * row.size <= big.x0 - word.x1 <= 2.5 * row.size for big in row.words)
        for word in small.words
    )


def reading_order(words: list[Word]) -> list[Word]:
    """The words of a row in reading order: left to right, or in a right-to-left row logically."""
    if all(word.text.isascii() for word in words):
        return words
    rtl = sum(len(word.text) for word in words if word.is_rtl)
    if rtl * 2 < sum(len(word.text) for word in words if any(char.isalpha() for char in word.text)) or not rtl:
        return words
    ordered: list[Word] = []
    run: list[Word] = []
    for word in reversed(words):
        if any(char.isalpha() for char in word.text) and not word.is_rtl:
            run.append(word)
            continue
        ordered.extend(reversed(run))
        run = []
        ordered.append(word)
    ordered.extend(reversed(run))
    return ordered


def is_unspaced(char: str) -> bool:
    """Whether a character is of a script written without spaces between words (Han, kana and their signs)."""
    return char >= "\u2e80" and (
        char <= "\u9fff"
        or "\uf900" <= char <= "\ufaff"
        or "\uff00" <= char <= "\uffef"
        or ("\U00020000" <= char <= "\U0003ffff")
    )


def text_of(words: list[Word]) -> str:
    """The text of a row's words in reading order, spaces where they stand apart."""
    ordered = reading_order(words)
    return _joined(ordered, turned=ordered is not words)[0]


def _joined(words: list[Word], turned: bool) -> tuple[str, list[int]]:
    """The text of words in reading order, and where each starts in it."""
    parts: list[str] = []
    starts: list[int] = []
    offset = 0
    last: Word | None = None
    for word in words:
        if last is not None and _parted(last, word):
            parts.append(" ")
            offset += 1
        starts.append(offset)
        text = word.text
        if turned and (match := _TURNED_LABEL.match(text)):
            text = match[2] + match[1]
        parts.append(text)
        offset += len(text)
        last = word
    return "".join(parts), starts


def _parted(last: Word, word: Word) -> bool:
    if last.size >= 1.6 * word.size and len(last.text) <= 2 and word.text[0].isalpha():
        return False
    if word.spaced and word.order == last.order + 1:
        return True
    gap = max(word.x0 - last.x1, last.x0 - word.x1)
    size = min(last.size, word.size)
    if is_unspaced(last.text[-1]) and is_unspaced(word.text[0]):
        # Brackets and stops fill only half of their square.
        half_empty = last.text[-1] in _CLOSING or word.text[0] in _OPENING
        return gap > (1.2 if half_empty else 0.5) * size
    return gap > _TIGHT_GAP * size


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
    text, starts = _joined(words, words is not laid)
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
            and not _parted(before, word)
        ):
            size = max(size, before.size)
            letters += len(word.text)
    return size if 2 * letters >= sum(len(word.text) for word in words) else 0.0


def _first_width(words: list[Word]) -> float:
    """Width of what stands before the first space of a line, however many pieces the source made of it."""
    x0, x1 = words[0].x0, words[0].x1
    for before, word in pairwise(words):
        if _parted(before, word):
            break
        x0, x1 = min(x0, word.x0), max(x1, word.x1)
    return x1 - x0


def _is_raised(word: Word, main: Word) -> bool:
    return word.size < 0.88 * main.size and word.base < main.base - 0.1 * main.size
