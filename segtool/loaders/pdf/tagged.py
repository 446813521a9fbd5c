"""Whether the structure tree of a page can be trusted, and its lines by the tree where it can.

Pure. Trees are made by programs, and many are wrong: a paragraph a line, a line in two paragraphs, one paragraph for
all. The layout has found lines and paragraphs by their looks already; a tree that agrees with them in the main is
right where it differs, one that does not is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from segtool.loaders.pdf.lines import MIXED, Line
from segtool.loaders.pdf.measures import Measures
from segtool.loaders.pdf.page_words import PageWords
from segtool.loaders.pdf.paragraphs import Block, blocks_of
from segtool.loaders.pdf.rows import Row
from segtool.loaders.pdf.structure_tree import ARTIFACT, UNTAGGED, Tag
from segtool.loaders.pdf.tables import Table
from segtool.loaders.pdf.words import Word

_COVERED = 0.95
"""Least share of a page's characters that a sound tree covers."""
_MIXED = 0.02
"""Most lines of a page whose words belong to several blocks."""
_AGREED = 0.7
"""Least agreement of the tree with the layout on where paragraphs start (F1)."""
_FORWARD = 0.7
"""Least share of blocks that follow each other in both orders."""
_MARGIN = 0.15
_LEAST_LINES = 4
_APART = 1.0
"""Gap (of the font size) at which words of another block part a row."""


def take_artifacts(page: PageWords) -> None:
    """Moves what the file marks as no content out of the words, where it stands at the top or foot of the page."""
    for kind, first, last in (("header", 0.0, _MARGIN * page.height), ("footer", (1 - _MARGIN) * page.height, 1e9)):
        words = [word for word in page.words if word.tag == ARTIFACT and first <= word.base <= last]
        if words:
            page.take(kind, words)


def tagged_tables(words: Sequence[Word], tags: Sequence[Tag]) -> list[Table]:
    """Tables that the tree holds, with two rows and columns or more, whose cells stand in rows and columns.

    A table in whose box other words stand is none.
    """
    cells: dict[tuple[int, ...], dict[tuple[int, int], list[Word]]] = {}
    for word in words:
        tag = tags[word.tag] if word.tag >= 0 else None
        if tag is not None and tag.cell is not None:
            cells.setdefault(tag.path, {}).setdefault(tag.cell, []).append(word)
    found = [_table(grid) for grid in cells.values()]
    return [table for table in found if table is not None and not _has_others(table, words)]


def _table(grid: dict[tuple[int, int], list[Word]]) -> Table | None:
    rows: dict[int, list[list[Word]]] = {}
    for (row, _), words in sorted(grid.items()):
        rows.setdefault(row, []).append(words)
    if len(rows) < 2 or max(len(row) for row in rows.values()) < 2:
        return None
    tops = [min(word.top for cell in row for word in cell) for row in rows.values()]
    if any(upper > lower for upper, lower in pairwise(tops)) or not all(_side_by_side(row) for row in rows.values()):
        return None
    words = [word for row in rows.values() for cell in row for word in cell]
    box = (min(w.x0 for w in words), min(w.top for w in words), max(w.x1 for w in words), max(w.bottom for w in words))
    return Table(box, list(rows.values()))


def _side_by_side(cells: Sequence[Sequence[Word]]) -> bool:
    """Whether the cells of a row stand beside each other, from left to right or from right to left."""
    middles = [sum(word.x0 + word.x1 for word in cell) / len(cell) for cell in cells]
    return middles in (sorted(middles), sorted(middles, reverse=True))


def _has_others(table: Table, words: Sequence[Word]) -> bool:
    x0, top, x1, bottom = table.box
    held = {id(word) for row in table.rows for cell in row for word in cell}
    return any(
        id(word) not in held and x0 < (word.x0 + word.x1) / 2 < x1 and top < (word.top + word.bottom) / 2 < bottom
        for word in words
    )


def parts_of(row: Row) -> list[Row]:
    """A row in pieces: where another block of the tags stands apart from the words before it."""
    parts: list[list[Word]] = []
    for word in row.words:
        before = parts[-1][-1] if parts else None
        if before is not None and (word.tag == before.tag or word.x0 - before.x1 < _APART * row.size):
            parts[-1].append(word)
        else:
            parts.append([word])
    return [replace(row, words=words) for words in parts] if len(parts) > 1 else [row]


def by_tags(lines: Sequence[Line], tags: Sequence[Tag], measures: Measures) -> list[Line]:
    """The lines of a page in the order of its tree and with their blocks, none if it is not sound."""
    if not is_sound(lines, tags, measures):
        return []
    known = [tags[line.content] if line.content >= 0 else None for line in lines]
    tagged = [
        line if tag is None or line.role == "table" else replace(line, tag=tag)
        for line, tag in zip(lines, known, strict=True)
    ]
    return [tagged[index] for index in sorted(range(len(lines)), key=_places(lines, tags).__getitem__)]


def is_sound(lines: Sequence[Line], tags: Sequence[Tag], measures: Measures) -> bool:
    """Whether the tree of a page covers its text and agrees with the layout in the main."""
    if len(lines) < _LEAST_LINES:
        return False
    letters = sum(len(line.text) for line in lines)
    if sum(len(line.text) for line in lines if line.content != UNTAGGED) < _COVERED * letters:
        return False
    if sum(line.content == MIXED for line in lines if line.role != "table") > _MIXED * len(lines):
        return False
    return _agreement(lines, tags, measures) >= _AGREED and _is_forward(_places(lines, tags))


def _places(lines: Sequence[Line], tags: Sequence[Tag]) -> list[int]:
    """The place of each line in the order of the tree.

    Lines without a tag stay behind the line before them, and so do those of groups: figures often stand at the end.
    """
    places: list[int] = []
    for line in lines:
        goes_on = line.content < 0 or tags[line.content].loose or (line.role == "table" and not line.opens)
        places.append(places[-1] if goes_on and places else max(line.content, 0))
    return places


def _is_forward(places: Sequence[int]) -> bool:
    """Whether most blocks come in the same order as they are met on the page."""
    firsts = list(dict.fromkeys(places))
    steps = [later > earlier for earlier, later in pairwise(firsts)]
    return sum(steps) >= _FORWARD * len(steps)


def _agreement(lines: Sequence[Line], tags: Sequence[Tag], measures: Measures) -> float:
    """F1 of the starts of the tree's blocks against the starts of paragraphs by their looks."""
    seen = _starts(blocks_of(lines, measures))
    stated = {
        index
        for index, (before, line) in enumerate(pairwise(lines), 1)
        if _path(before, tags) != _path(line, tags) or line.opens
    }
    seen = {index for index in seen if index}
    common = len(seen & stated)
    return 1.0 if not seen and not stated else 2 * common / (len(seen) + len(stated))


def _starts(blocks: Sequence[Block]) -> set[int]:
    starts, index = set(), 0
    for block in blocks:
        starts.add(index)
        index += len(block.lines)
    return starts


def _path(line: Line, tags: Sequence[Tag]) -> object:
    if line.content < 0:
        return None
    return tags[line.content].path if line.role == "table" else tags[line.content].block
