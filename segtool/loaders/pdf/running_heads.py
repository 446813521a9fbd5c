"""Running heads and feet, page numbers, stamps: what stands at the top or foot of page after page.

Pure. Works on a run of pages: what stands at the same height of several pages with the same words (digits apart), and
what counts with the pages, is furniture.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from segtool.loaders.pdf.page_words import PageWords
from segtool.loaders.pdf.rows import Row, rows_of, text_of
from segtool.loaders.pdf.words import Word

_ROMAN = r"[ivxlcdm]{1,7}"
_PAGE_NUMBER = re.compile(
    rf"^[\W_]*(?:(?:page|pg\.?|p\.|seite|s\.|página|pagina|strana|side|sida|sivu|oldal|страница|стр\.?)\s*)?"
    rf"(?:[a-z]{{1,2}}\s?[-–—]\s?)?(\d{{1,6}}|{_ROMAN})\s*(?:(?:of|/|\||von|de|sur|di|av|z|из|-|–)\s*\d{{1,4}}|页|頁|ページ)?[\W_]*$"
    r"|^第\s*(\d{1,4})\s*[页頁]$",
    re.IGNORECASE,
)
_TITLED_NUMBER = re.compile(r"^.{1,80}\s[|•·–—-]\s(?:page\s+)?(\d{1,4})$", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_EDGE_ROWS = 4
_ZONE = 0.2
"""Share of the page's height at its top and bottom where running heads and feet stand."""
_MARGIN = 0.065
"""Share of the page's height at its top and bottom where text of its own hardly stands."""


@dataclass(slots=True)
class _Piece:
    """Words of a row that stand apart from the rest of it, near the top or bottom of a page."""

    page: int
    edge: str
    depth: int
    y: float
    gap: float
    words: list[Word]
    text: str
    key: str
    outer: bool
    margin: bool
    full: bool


def take_running_heads(pages: list[PageWords]) -> None:
    """Moves heads, feet, page numbers and stamps of these pages out of their words."""
    rows = [rows_of(page.words) for page in pages]
    pitch = _usual_pitch(rows)
    pieces = [piece for page, found in zip(pages, rows, strict=True) for piece in _edge_pieces(page, found, pitch)]
    by_page: dict[int, list[_Piece]] = defaultdict(list)
    for piece in pieces:
        by_page[piece.page].append(piece)
    repeated = _repeated(pieces, len(pages))
    numbers = _page_numbers(pieces)
    heights = _heights(pieces, len(pages), _usual_size(rows), numbers)
    for page in pages:
        before, taken = page.words, len(page.removed)
        for edge in ("top", "bottom"):
            _strip_edge(page, [p for p in by_page[page.number] if p.edge == edge], repeated, numbers, heights)
        if not page.words and any(char.isalpha() for word in before for char in word.text):
            # Nothing but furniture is a page that happens to be like the others: a form, a ticket.
            page.words = before
            del page.removed[taken:]


def _strip_edge(
    page: PageWords,
    pieces: list[_Piece],
    repeated: set[int],
    numbers: set[int],
    heights: set[tuple[str, int]],
) -> None:
    """Takes furniture from the outermost row inwards, up to the first row that holds something else."""
    for depth in range(_EDGE_ROWS):
        row = [piece for piece in pieces if piece.depth == depth]
        if not row:
            return
        known = [piece for piece in row if id(piece) in repeated or id(piece) in numbers]
        placed = [p for p in row if (p.edge, round(p.y / 4)) in heights and p.gap > 1.0 and not p.full]
        taken = known if len(known) == len(row) else known + [p for p in placed if p not in known]
        kinds: dict[str, list[Word]] = {}
        for piece in taken:
            kind = _kind(piece, id(piece) in numbers)
            if kind == "page_number":
                page.take(kind, piece.words)
            else:
                kinds.setdefault(kind, []).extend(piece.words)
        for kind, words in kinds.items():
            page.take(kind, words)
        if len(taken) < len(row):
            return


def _kind(piece: _Piece, is_number: bool) -> str:
    if is_number or _PAGE_NUMBER.match(piece.text):
        return "page_number"
    if re.match(r"^[A-Z][A-Z .\-]*\d{3,}$", piece.text):
        return "bates"
    return "header" if piece.edge == "top" else "footer"


def _usual_pitch(pages: list[list[Row]]) -> float:
    """The usual distance of rows (of the font size): about 1.2, or 2 and more in double-spaced text."""
    steps = [
        (below.base - row.base) / max(row.size, 1.0)
        for rows in pages
        for row, below in pairwise(rows[1:-1])
        if row.size
    ]
    return min(max(median(steps), 1.0), 4.0) if steps else 1.2


def _usual_size(pages: list[list[Row]]) -> float:
    """The font size of most rows."""
    sizes = Counter(round(row.size * 2) / 2 for rows in pages for row in rows)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _edge_pieces(page: PageWords, rows: list[Row], pitch: float) -> list[_Piece]:
    width = max((row.x1 for row in rows), default=0.0) - min((row.x0 for row in rows), default=0.0)
    out: list[_Piece] = []
    for edge in ("top", "bottom"):
        order = rows if edge == "top" else rows[::-1]
        for depth, row in enumerate(order[:_EDGE_ROWS]):
            y = row.base if edge == "top" else page.height - row.base
            beyond = order[depth + 1] if depth + 1 < len(order) else None
            gap = abs(beyond.base - row.base) / max(row.size, 1.0) - pitch if beyond else 9.0
            full = row.x1 - row.x0 > 0.75 * width
            for words in _apart(row):
                text = text_of(words)
                key = _DIGITS.sub("#", text.casefold())
                zones = (y <= _ZONE * page.height, y <= _MARGIN * page.height)
                out.append(_Piece(page.number, edge, depth, y, gap, words, text, key, *zones, full))
    return out


def _apart(row: Row) -> list[list[Word]]:
    groups: list[list[Word]] = []
    for word in row.words:
        if groups and word.x0 - groups[-1][-1].x1 < 2.0 * row.size:
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


def _repeated(pieces: list[_Piece], n_pages: int) -> set[int]:
    groups: dict[tuple[str, str], list[_Piece]] = defaultdict(list)
    for piece in pieces:
        if piece.outer:
            groups[(piece.edge, piece.key)].append(piece)
    least = max(2, round(0.25 * n_pages)) if n_pages > 3 else 2
    found: set[int] = set()
    for group in groups.values():
        if len(group) < least:
            continue
        middle = median(piece.y for piece in group)
        near = _counting([piece for piece in group if abs(piece.y - middle) <= 4.0])
        on_pages = sorted({piece.page for piece in near})
        # Heads stand on neighbouring pages, or on every other one.
        close = sum(1 for a, b in pairwise(on_pages) if b - a <= 2)
        if len(on_pages) >= least and 2 * close >= len(on_pages) - 1 and _says_much(group[0].key, len(on_pages)):
            found.update(id(piece) for piece in near if not piece.full or (piece.depth < 2 and piece.gap > 0.3))
    return found


def _says_much(key: str, n_pages: int) -> bool:
    """Whether words are enough for a head: on two pages the same letter or two may stand at one height by chance."""
    letters = sum(char.isalpha() for char in key)
    return len(key) > 1 and (letters > 2 or n_pages > 2 or "#" in key)


def _counting(group: list[_Piece]) -> list[_Piece]:
    """The pieces whose numbers stay the same or count with the pages: headings such as "Article 5" do neither."""
    out: set[int] = set()
    values = [[int(digits) for digits in _DIGITS.findall(piece.text)[:8]] for piece in group]
    for a, piece in enumerate(group):
        for b in range(a):
            step = piece.page - group[b].page
            if all(x - y in (0, step) for x, y in zip(values[a], values[b], strict=True)):
                out.update((a, b))
    return [group[index] for index in sorted(out)]


def _page_numbers(pieces: list[_Piece]) -> set[int]:
    """Pieces shaped like page numbers whose value runs with the page, or that stand alone at the edge."""
    offsets: dict[tuple[str, int], list[_Piece]] = defaultdict(list)
    found: set[int] = set()
    for piece in pieces:
        match = _PAGE_NUMBER.match(piece.text)
        if match is None:
            titled = _TITLED_NUMBER.match(piece.text)
            alone = piece.depth == 0 and piece.gap > 0.8 and piece.outer
            if titled is not None and alone and int(titled[1]) == piece.page:
                found.add(id(piece))
            continue
        # Far from the edge only what counts over several pages is trusted.
        shown = match[1] or match[2]
        value = int(shown) if shown.isdigit() else _roman(shown)
        offsets[(piece.edge, value - piece.page)].append(piece)
    for group in offsets.values():
        if len({piece.page for piece in group}) >= (2 if group[0].outer else 3):
            found.update(id(piece) for piece in group)
        else:
            found.update(id(piece) for piece in group if piece.depth == 0 and piece.gap > 0.8 and piece.outer)
    return found


def _roman(text: str) -> int:
    values = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
    digits = [values[char] for char in text.casefold()]
    return sum(-a if a < b else a for a, b in zip(digits, [*digits[1:], 0], strict=True))


def _heights(pieces: list[_Piece], n_pages: int, size: float, numbers: set[int]) -> set[tuple[str, int]]:
    """Heights where most pages have an outermost row apart from the text: heads that change with the section.

    One or two pages prove little: all have to have it, in small print or deep in the margin, and one page by itself has
    to be numbered, too.
    """
    outer: dict[tuple[str, int], set[int]] = defaultdict(set)
    for piece in pieces:
        if piece.depth or piece.gap <= 1.0 or not piece.outer or piece.full:
            continue
        deep = piece.margin and piece.gap > 1.5
        if n_pages > 2 or deep or (n_pages == 2 and piece.words[0].size < 0.97 * size):
            outer[(piece.edge, round(piece.y / 4))].add(piece.page)
    if n_pages == 1 and not numbers:
        return set()
    least = n_pages if n_pages <= 2 else max(3, 0.6 * n_pages)
    return {key for key, found in outer.items() if len(found) >= least}
