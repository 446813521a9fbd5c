"""Paragraphs of plain text, found without touching a character.

Blank lines separate paragraphs. Inside a block of lines it depends on the text: where lines were broken at a width
(RFCs, EDGAR filings, mail), they are joined but at indents, short lines and list markers; elsewhere each line is a
paragraph. Whether a text is hard-wrapped is decided once, over all its neighbouring lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from segtool.core.document import Paragraph
from segtool.core.span import Span

# Form feeds end a line but make no blank one: they stand on page breaks, beside a line feed.
_ENDS = "\n\r\x0b\x0c\x85\u2028\u2029"
_ANY_LINE = re.compile(rf"\S(?:[^{_ENDS}]*\S)?")
_LINE = re.compile(r"\S(?:.*\S)?")  # ten times faster, for texts whose lines end in \n alone
_BREAK = re.compile(r"\r\n|[\n\r\x0b\x85\u2028]")
_BULLET = re.compile(r"[-*+•◦▪▫‣⁃●○■–—·][ \t\xa0]+(?=\S)")
_NUMBER = re.compile(
    r"(?:\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxlcIVXLC]{1,6})[.)]|\d{1,3}(?:\.\d{1,3})+|§{1,2} ?\d+\S*)"
    r"[ \t\xa0]+(?=\S)"
)
_MARKER = re.compile(f"{_BULLET.pattern}|{_NUMBER.pattern}")
_CELL_GAP = re.compile(r"\S(?: {3,}|\t+)\S")
_CLOSERS = "\"'”’»)]」』）*_"
_TERMINATORS = ".!?:;…。！？؟।۔"
_MAX_WORD = 24
_MIN_WIDTH, _MAX_WIDTH = 24, 140


@dataclass(slots=True)  # not frozen: a long text makes millions
class _Line:
    """A line inside a block; ``first_word`` counts its first word's characters, at most 24 (Chinese has no words)."""

    start: int
    end: int
    indent: int
    first_word: int
    is_open: bool
    is_lower: bool
    marker: int
    """Characters of a list marker with the space behind it, 0 without one."""

    @property
    def column(self) -> int:
        """Column at which the line ends."""
        return self.indent + self.end - self.start


def find_paragraphs(text: str) -> tuple[Paragraph, ...]:
    """The paragraphs of a text: in order, trimmed, together all its non-space characters.

    Bullets make list items of level 1; anything else is body: headings are for the outline to tell.

    >>> [p.span.of("One.\\n\\n- two") for p in find_paragraphs("One.\\n\\n- two")]
    ['One.', '- two']
    """
    # Lines are measured only in blocks of several; a text of a million single lines stays cheap.
    blocks = list(_blocks(text))
    measured = {i: [_line(text, *row) for row in rows] for i, rows in enumerate(blocks) if len(rows) > 1}
    wrap = _wrap_of(list(measured.values()))
    has_cells = "   " in text or "\t" in text
    found: list[Paragraph] = []
    for i, rows in enumerate(blocks):
        block = measured.get(i)
        if block is None:
            found.append(_paragraph(text, rows[0][0], rows[0][1]))
        elif has_cells and _is_table(text, block):
            found.append(Paragraph(Span(block[0].start, block[-1].end), "table"))
        else:
            found.extend(_paragraph(text, a.start, b.end) for a, b in _runs(block, wrap))
    return tuple(found)


def _paragraph(text: str, start: int, end: int) -> Paragraph:
    if _BULLET.match(text, start, end):
        return Paragraph(Span(start, end), "list_item", 1)
    return Paragraph(Span(start, end))


def _blocks(text: str) -> Iterator[list[tuple[int, int, int]]]:
    """Runs of lines without a blank line between them, each line as (start, end, indent)."""
    simple = not any(mark in text for mark in _ENDS[1:])
    block: list[tuple[int, int, int]] = []
    before = 0
    for match in (_LINE if simple else _ANY_LINE).finditer(text):
        start, end = match.span()
        gap = text[before:start]
        breaks = gap.count("\n") if simple else len(_BREAK.findall(gap))
        if block and (breaks > 1 or "\u2029" in gap):
            yield block
            block = []
        indent = gap[max(map(gap.rfind, _ENDS)) + 1 :] if not simple else gap[gap.rfind("\n") + 1 :]
        block.append((start, end, len(indent.expandtabs())))
        before = end
    if block:
        yield block


def _line(text: str, start: int, end: int, indent: int) -> _Line:
    limit = min(end, start + _MAX_WORD)
    space = text.find(" ", start, limit)
    last = text[end - 1]
    if last in _CLOSERS:
        last = text[max(start, end - 4) : end].rstrip(_CLOSERS)[-1:]
    marker = _MARKER.match(text, start, end)
    return _Line(
        start,
        end,
        indent,
        (space if space >= 0 else limit) - start,
        last not in _TERMINATORS or not last,
        text[start].islower(),
        marker.end() - start if marker else 0,
    )


@dataclass(frozen=True, slots=True)
class _Wrap:
    """How a text was wrapped: the column at which its lines end, and how much short of it they stay."""

    width: int
    slack: int


def _wrap_of(blocks: list[list[_Line]]) -> _Wrap | None:
    """How the lines of a text were broken, None if not at any column.

    A line is wrapped if the first word of the next would not have fitted. In a wrapped text most lines are, and many
    end inside a sentence.
    """
    pairs = [pair for block in blocks for pair in pairwise(block)]
    if not pairs:
        return None
    columns = sorted(a.column for a, _ in pairs)
    width = columns[int(0.95 * (len(columns) - 1))]
    if not _MIN_WIDTH <= width <= _MAX_WIDTH:
        return None
    wrapped = [(a, b) for a, b in pairs if a.column + 1 + b.first_word > width - width // 12]
    inside = sum(a.is_open for a, _ in wrapped)
    if len(pairs) < 3:  # too few to measure a width: only what reads on in lower case is sure
        inside = len(pairs) if all(a.is_open and b.is_lower for a, b in wrapped) else 0
    if inside < 0.5 * sum(a.is_open for a, _ in pairs) or inside < 0.35 * len(wrapped):
        return None
    # Lines that read on in lower case were broken by the width alone, so they show how exactly it was kept.
    unused = sorted(width - a.column - 1 - b.first_word for a, b in pairs if a.is_open and b.is_lower)
    most = max(width // 6, 4)
    return _Wrap(width, min(max(unused[int(0.98 * (len(unused) - 1))] + 1, 1), most) if len(unused) >= 8 else most)


def _is_table(text: str, block: list[_Line]) -> bool:
    """Whether most lines of a block have cells: gaps of three spaces or tabs."""
    return sum(bool(_CELL_GAP.search(text, a.start + a.marker, a.end)) for a in block) >= max(2, 0.7 * len(block))


def _runs(block: list[_Line], wrap: _Wrap | None) -> Iterator[tuple[_Line, _Line]]:
    """First and last line of each paragraph of a block."""
    first = 0
    for i in range(1, len(block)):
        if _is_start(block, first, i, wrap):
            yield block[first], block[i - 1]
            first = i
    yield block[first], block[-1]


def _is_start(block: list[_Line], first: int, i: int, wrap: _Wrap | None) -> bool:
    """Whether line ``i`` of a block starts a paragraph; the current one began at line ``first``."""
    before, line = block[i - 1], block[i]
    reads_on = before.is_open and line.is_lower
    if wrap is None:
        return bool(line.marker) or not reads_on or before.column < _MIN_WIDTH
    if _is_centred(before, wrap.width) and _is_centred(line, wrap.width):
        return False
    if line.marker and (not before.is_open or (block[first].marker and block[first].indent == line.indent)):
        return True
    if before.column + 1 + line.first_word <= wrap.width - wrap.slack:
        return not reads_on
    if i - 1 > first:
        return line.indent > before.indent + 1
    # Behind a first line: the same indent again is a paragraph of one line before another, if others have less.
    if line.indent == before.indent:
        return line.indent > min(other.indent for other in block) and not before.is_open
    return line.indent > before.indent + 1 and not (before.is_open or before.marker or line.is_lower)


def _is_centred(line: _Line, width: int) -> bool:
    return line.indent >= 8 and abs(line.indent + line.column - width) <= 8
