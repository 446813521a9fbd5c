"""Drop capitals: large first letters that two rows or more are set beside. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segtool.loaders.pdf.words import Word

if TYPE_CHECKING:
    from segtool.loaders.pdf.rows import Row


def drop_capitals(words: list[Word]) -> tuple[list[Word], list[Word]]:
    """Words that are drop capitals (large letters beside two rows or more), and the others."""
    sizes = sorted([word.size for word in words])
    usual = sizes[len(sizes) // 2]
    if sizes[-1] < 1.7 * usual:
        return [], words
    large = [w for w in words if w.size >= 1.7 * usual and len(w.text) <= 2 and w.text[-1].isalpha()]
    capitals = []
    for capital in large:
        beside = {round(word.base) for word in words if word.size < 1.3 * usual and _next_to(capital, word)}
        if len(beside) >= 2:
            capitals.append(capital)
    chosen = {id(word) for word in capitals}
    return capitals, [word for word in words if id(word) not in chosen]


def _next_to(capital: Word, word: Word) -> bool:
    gap = word.x0 - capital.x1
    highest = capital.base - 0.72 * capital.size + 0.35 * word.size
    return -0.1 * capital.size < gap < 0.5 * capital.size and highest < word.base < capital.base + 0.3 * word.size


def attach_capital(rows: list[Row], capital: Word) -> None:
    """Puts a drop capital before the first row that it stands beside, and notes it in the others."""
    home: Row | None = None
    indent = 0.0
    for row in rows:
        if not any(_next_to(capital, word) for word in row.words):
            # The room beside a capital may be a line deeper than the capital itself.
            if home is not None and abs(row.x0 - indent) < 1.0 and row.base < capital.base + 2.2 * row.size:
                row.beside = capital
            continue
        if home is None:
            indent = min(word.x0 for word in row.words if _next_to(capital, word))
        if home is None:
            home = row
            row.words = sorted([*row.words, capital], key=lambda word: (word.x0, word.order))
            row.drop_cap = capital
        else:
            row.beside = capital
