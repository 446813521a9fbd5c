"""Words to rows: what stands on one baseline across the page, from left to right, and the text that it makes.

Pure: no PDF library in sight.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import attrgetter

from segtool.loaders.pdf.capitals import attach_capital, drop_capitals
from segtool.loaders.pdf.labels import bullet
from segtool.loaders.pdf.words import Word

_TURNED_LABEL = re.compile(r"^([.)\]]+)(\d+)$")
_OPENING, _CLOSING = "（「『【〔《〈［｛", "）」』】〕》〉］｝、。，．：；"
_BY_BASE, _BY_PLACE = attrgetter("base", "x0"), attrgetter("x0", "order")
_TOP, _BOTTOM = attrgetter("top"), attrgetter("bottom")
_HYPHEN_GAP = 0.24
"""Room before the hyphen of a cut word (of the font size), less than before a dash."""
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
    # A script may have one of its own.
    loose.sort(key=lambda row: row.size)
    for place, row in enumerate(loose):
        home = next(
            (other for other in (*kept, *loose[place + 1 :]) if row.size < 0.85 * other.size and _beside(row, other)),
            None,
        )
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
    if not -0.4 * row.size <= shift <= 0.75 * row.size:
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
    return joined(ordered, turned=ordered is not words)[0]


def joined(words: list[Word], turned: bool) -> tuple[str, list[int]]:
    """The text of words in reading order, and where each starts in it."""
    parts: list[str] = []
    starts: list[int] = []
    offset = 0
    last: Word | None = None
    for word in words:
        if last is not None and is_parted(last, word) and not (word is words[-1] and _is_hyphen(last, word)):
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


def _is_hyphen(last: Word, word: Word) -> bool:
    """Whether the last word of a row is but the hyphen of the one before, pushed off a little in a justified line."""
    if word.text not in ("-", "\u2010") or word.spaced or not last.text[-1].isalpha():
        return False
    return word.x0 - last.x1 < _HYPHEN_GAP * word.size


def is_parted(last: Word, word: Word) -> bool:
    """Whether a space stands between two words that follow each other."""
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
    # Prefixes of a letter are put before Latin words; nothing is put behind them.
    if "\u0590" <= word.text[0] <= "\u08ff" and len(word.text) > 1 and "A" <= last.text[-1] <= "z":
        return True
    return gap > _TIGHT_GAP * size
