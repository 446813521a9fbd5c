"""Running heads and feet, page numbers, line numbers, stamps and watermarks: what is printed on every page.

Pure. Works on a run of pages: what stands at the same height of several pages with the same words (digits apart),
what counts with the pages, and what counts down a margin, is furniture.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from segtool.loaders.pdf.lines import Row, rows_of, text_of
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
_FENCES = {")", "(", ":", "|", "§", "*", "}"}
_LEAST_FENCE = 4
_ZONE = 0.2
"""Share of the page's height at its top and bottom where running heads and feet stand."""
_MARGIN = 0.065
"""Share of the page's height at its top and bottom where text of its own hardly stands."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A piece of furniture: its kind and words."""

    kind: str
    words: tuple[Word, ...]


@dataclass(slots=True)
class PageWords:
    """A page on its way: the words that are still body, and what was taken out."""

    number: int
    width: float
    height: float
    words: list[Word]
    removed: list[Removed] = field(default_factory=list)
    fences: list[tuple[float, float]] = field(default_factory=list)
    """Where columns of brackets parted the page: the right end of what stands left of one, the left of the rest."""

    def take(self, kind: str, words: list[Word]) -> None:
        """Moves words from the body to the furniture."""
        gone = {id(word) for word in words}
        self.words = [word for word in self.words if id(word) not in gone]
        self.removed.append(Removed(kind, tuple(words)))


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


def take_furniture(pages: list[PageWords]) -> None:
    """Moves furniture of these pages out of their words. More pages at once give better evidence."""
    for page in pages:
        _take_outside(page)
        _take_fences(page)
    _take_turned(pages)
    _take_side_notes(pages)
    _take_line_numbers(pages)
    _take_running(pages)


def _take_turned(pages: list[PageWords]) -> None:
    for page in pages:
        if turned := [word for word in page.words if word.turned]:
            page.take("watermark", turned)


# ------------------------------------------------------------------ what nobody sees, what only draws a line


def _take_outside(page: PageWords) -> None:
    """Words beyond the edges of the page, where it was cut from a larger sheet."""
    right, lower = page.width - 1, page.height - 1
    outside = [w for w in page.words if w.x0 >= right or w.x1 <= 1 or w.top >= lower or w.bottom <= 1]
    if outside and len(outside) < len(page.words):
        page.take("off_page", outside)


def _take_fences(page: PageWords) -> None:
    """Columns of brackets between the parties of a case and its number."""
    columns: dict[tuple[str, int], list[Word]] = defaultdict(list)
    for word in page.words:
        if word.text in _FENCES:
            columns[(word.text, round(word.x0 / 3))].append(word)
    for column in columns.values():
        column.sort(key=lambda word: word.base)
        if len(column) < _LEAST_FENCE or any(b.base - a.base > 3.2 * a.size for a, b in pairwise(column)):
            continue
        own = {id(word) for word in column}
        upper, lower = column[0].top, column[-1].bottom
        beside = [w for w in page.words if id(w) not in own and w.bottom > upper and w.top < lower]
        left = [word for word in beside if word.x1 <= column[0].x0 + 1]
        right = [word for word in beside if word.x0 >= column[0].x1 - 1]
        if left and right and len(left) + len(right) == len(beside):
            page.take("fence", column)
            page.fences.append((max(word.x1 for word in left), min(word.x0 for word in right)))


# ------------------------------------------------------------------ side notes


def _take_side_notes(pages: list[PageWords]) -> None:
    """Small print in a narrow margin beside the text."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for word in page.words:
            sizes[round(word.size * 2) / 2] += len(word.text)
    if not sizes:
        return
    usual = sizes.most_common(1)[0][0]
    for page in pages:
        small = [word for word in page.words if word.size <= 0.88 * usual and not word.text.isdigit()]
        main = [word for word in page.words if word.size >= 0.92 * usual]
        if len(main) < 40 or not small:
            continue
        left, right = min(word.x0 for word in main), max(word.x1 for word in main)
        upper, lower = min(word.top for word in main), max(word.bottom for word in main)
        for beyond in (True, False):
            notes = [
                word
                for word in small
                if (word.x0 > right + 0.5 * usual if beyond else word.x1 < left - 0.5 * usual)
                and upper <= word.base <= lower
            ]
            if 0 < len(notes) < 0.2 * len(main):
                page.take("side_note", notes)


# ------------------------------------------------------------------ line numbers


def _take_line_numbers(pages: list[PageWords]) -> None:
    found: list[tuple[PageWords, list[Word]]] = []
    for page in pages:
        for side in ("left", "right"):
            column = _number_column(page, side)
            if column:
                found.append((page, column))
                break
    if len(found) * 2 < len([page for page in pages if len(page.words) > 30]):
        return
    edges = [edge for _, column in found for edge in {round(column[0].x0), round(column[0].x1)}]
    done = {page.number for page, _ in found}
    for page, column in found:
        page.take("line_number", column)
    for page in pages:
        # A page of few lines has too few numbers to count: those in the same place go, too.
        rest = [w for w in page.words if w.text.isdigit() and (round(w.x0) in edges or round(w.x1) in edges)]
        alone = [
            w for w in rest if not any(v is not w and v.x0 < w.x0 and abs(v.base - w.base) < w.size for v in page.words)
        ]
        if found and page.number not in done and alone:
            page.take("line_number", alone)


def _number_column(page: PageWords, side: str) -> list[Word]:
    """Integers in one margin that count up from row to row, with all other text on one side of them."""
    numbers = [word for word in page.words if word.text.isdigit() and len(word.text) <= 3]
    if len(numbers) < 3:
        return []
    column = max((_aligned(numbers, [w.x1 for w in numbers]), _aligned(numbers, [w.x0 for w in numbers])), key=len)
    column.sort(key=lambda word: word.base)
    others = [word for word in page.words if not word.text.isdigit()]
    if not others:
        return []
    inner = max(w.x1 for w in column) if side == "left" else min(w.x0 for w in column)
    inside = sum(
        1 for w in others if (w.x0 >= inner + 0.3 * w.size if side == "left" else w.x1 <= inner - 0.3 * w.size)
    )
    if inside < 0.97 * len(others):
        return []
    values = [int(word.text) for word in column]
    steps = Counter(b - a for a, b in pairwise(values))
    if not steps:
        return []
    step, count = steps.most_common(1)[0]
    if step not in (1, 2, 5, 10) or count < 0.7 * (len(values) - 1) or (step == 1 and len(values) < 5):
        return []
    rows = len(rows_of(others))
    return column if len(values) * step >= 0.5 * rows else []


def _aligned(words: list[Word], edges: list[float]) -> list[Word]:
    """The words whose edges (one each) stand at the commonest place."""
    place, _ = Counter(round(edge / 3) for edge in edges).most_common(1)[0]
    return [word for word, edge in zip(words, edges, strict=True) if abs(edge / 3 - place) <= 1.5]


# ------------------------------------------------------------------ heads and feet


def _take_running(pages: list[PageWords]) -> None:
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
        if len(on_pages) >= least and 2 * close >= len(on_pages) - 1 and len(group[0].key) > 1:
            found.update(id(piece) for piece in near if not piece.full or (piece.depth < 2 and piece.gap > 0.3))
    return found


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
