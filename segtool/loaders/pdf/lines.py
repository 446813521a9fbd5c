"""Words to rows and lines: what stands on one baseline, in the order it is read.

Pure: no PDF library in sight. A row is everything on one baseline across the page; a line is what remains of a row
inside one column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from segtool.loaders.pdf.words import Word

LineRole = Literal["body", "table", "footnote"]

_TIGHT_GAP = 0.1
"""Words closer than this (of the font size) that the stream holds apart are one word."""


@dataclass(slots=True)
class Row:
    """Words on one baseline, from left to right."""

    words: list[Word]
    base: float
    size: float
    top: float
    bottom: float

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
    ``left <= start <= stop <= right`` in both. ``text_start`` is where the second word starts.
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

    @property
    def width(self) -> float:
        """Length of the line."""
        return self.stop - self.start


def rows_of(words: list[Word]) -> list[Row]:
    """Rows from top to bottom; small raised words join the row whose letters they stand beside."""
    if not words:
        return []
    ordered = sorted(words, key=lambda word: (word.base, word.x0))
    rows: list[list[Word]] = []
    for word in ordered:
        last = rows[-1] if rows else None
        if last and abs(word.base - last[0].base) <= 0.3 * min(word.size, last[0].size):
            last.append(word)
        else:
            rows.append([word])
    return _attach_small([_row(group) for group in rows])


def _row(words: list[Word]) -> Row:
    words.sort(key=lambda word: (word.x0, word.order))
    weights = sorted(words, key=lambda word: -len(word.text))
    main = weights[0]
    return Row(words, main.base, main.size, min(w.top for w in words), max(w.bottom for w in words))


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
    return (
        "\u2e80" <= char <= "\u9fff"
        or "\uf900" <= char <= "\ufaff"
        or "\uff00" <= char <= "\uffef"
        or ("\U00020000" <= char <= "\U0003ffff")
    )


def text_of(words: list[Word]) -> str:
    """The text of a row's words in reading order, spaces where they stand apart."""
    parts: list[str] = []
    last: Word | None = None
    for word in reading_order(words):
        if last is not None and _parted(last, word):
            parts.append(" ")
        parts.append(word.text)
        last = word
    return "".join(parts)


def _parted(last: Word, word: Word) -> bool:
    gap = max(word.x0 - last.x1, last.x0 - word.x1)
    size = min(last.size, word.size)
    if is_unspaced(last.text[-1]) and is_unspaced(word.text[0]):
        return gap > 0.5 * size
    return gap > _TIGHT_GAP * size


def line_of(row: Row, page: int, column: int, edges: tuple[float, float], look: Look) -> Line:
    """The line that a row of one column is; ``edges`` are those of the column."""
    words = reading_order(row.words)
    main = max(words, key=lambda word: len(word.text))
    letters = sum(len(word.text) for word in words)
    gaps = sorted(b.x0 - a.x1 for a, b in zip(row.words, row.words[1:], strict=False) if b.x0 > a.x1)
    plain = [word for word in words if word.size <= 1.6 * main.size] or words
    x0, x1 = row.x0, row.x1
    second = words[1] if len(words) > 1 else words[0]
    first_width = words[0].x1 - words[0].x0
    if is_unspaced(words[0].text[0]):
        first_width = min(first_width, 2.0 * main.size)
    return Line(
        page=page,
        column=column,
        text=text_of(row.words),
        box=(x0, min(word.top for word in plain), x1, max(word.bottom for word in plain)),
        base=main.base,
        size=main.size,
        style=main.style,
        bold=sum(len(word.text) for word in words if look.bold[word.style]) / letters,
        italic=sum(len(word.text) for word in words if look.italic[word.style]) / letters,
        start=-x1 if look.rtl else x0,
        stop=-x0 if look.rtl else x1,
        text_start=-second.x1 if look.rtl else second.x0,
        left=-edges[1] if look.rtl else edges[0],
        right=-edges[0] if look.rtl else edges[1],
        first_width=first_width,
        space=gaps[len(gaps) // 2] if gaps else 0.25 * main.size,
        drop_cap=len(plain) < len(words),
    )
