"""Kinds of paragraphs: headings with their levels, list items, footnotes, body.

Pure. Headings are known by size, weight, capitals and labels, compared with what is usual in the document.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence

from segtool.core.document import ParagraphKind
from segtool.loaders.pdf.depths import Depths
from segtool.loaders.pdf.info import Bookmark
from segtool.loaders.pdf.labels import caption, named_label
from segtool.loaders.pdf.measures import Measures
from segtool.loaders.pdf.paragraphs import Block

_MAX_HEADING_CHARS = 220
_MAX_HEADING_LINES = 8
_LEAST_HEADING = 0.85
"""Least size of a heading (of the body's size): what is smaller is a label in a figure."""
_DEEP_NUMBER = re.compile(r"^\d{1,3}(?:\.\d{1,3}){1,4}\.?\s+(?=[A-Z])")
_SENTENCE_END = re.compile(r"[.;,:!。；，、：！؛،]$")
_MAIL = re.compile(r"\S@\w+\.\w")

Look = tuple[float, bool, bool]
Titles = Mapping[int, Collection[str]]
"""Titles of bookmarks by page, letters and digits only."""


class Kinds:
    """Kinds of paragraphs, one after the other; the levels of headings are ranks that only the end of a document tells.

    What a bookmark names on its page is a heading.
    """

    def __init__(self, titles: Titles) -> None:
        self._titles = titles
        self._depths = Depths()

    def of(self, block: Block, text: str, measures: Measures) -> tuple[ParagraphKind, int]:
        """The kind of the next paragraph and the depth of a list item, else 0."""
        tagged = _tagged_kind(block, text)
        if tagged == "list_item" and _is_bold_clause(block, text):
            tagged = None
        kind = tagged or _kind(block, text, measures)
        if kind in ("body", "list_item") and is_bookmarked(block, text, self._titles):
            kind = "heading"
        if kind == "heading":
            self._depths.clear()
        tag = block.lines[0].tag
        if tagged == "heading" and tag is not None:
            return kind, tag.level
        return kind, self._depths.of(block) if kind == "list_item" else 0


class Ranks:
    """Levels of headings: the ranks of their looks, the largest first."""

    def __init__(self) -> None:
        self._looks: list[Look] = []

    def add(self, look: Look) -> None:
        """Note the look of a heading."""
        place = bisect_left(self._looks, look)
        if place == len(self._looks) or self._looks[place] != look:
            self._looks.insert(place, look)

    def level(self, look: Look) -> int:
        """The rank (from 1) of a look among those noted by now."""
        return len(self._looks) - bisect_left(self._looks, look)


def kinds_of(
    blocks: Sequence[Block], texts: Sequence[str], measures: Measures, bookmarks: Sequence[Bookmark] = ()
) -> list[tuple[ParagraphKind, int]]:
    """Kind and level of each paragraph of a whole document."""
    kinds, ranks = Kinds(titles_of(bookmarks)), Ranks()
    found = [kinds.of(block, text, measures) for block, text in zip(blocks, texts, strict=True)]
    for block, (kind, _) in zip(blocks, found, strict=True):
        if kind == "heading":
            ranks.add(look_of(block))
    return [
        (kind, ranks.level(look_of(block)) if kind == "heading" else level)
        for block, (kind, level) in zip(blocks, found, strict=True)
    ]


def titles_of(bookmarks: Sequence[Bookmark]) -> Titles:
    """The titles of bookmarks by page, as ``is_bookmarked`` compares them."""
    found: dict[int, set[str]] = {}
    for mark in bookmarks:
        if mark.page is not None:
            found.setdefault(mark.page, set()).add(_squeezed(mark.title))
    return found


def is_bookmarked(block: Block, text: str, titles: Titles) -> bool:
    """Whether a bookmark points at a paragraph: one on its first page with the same words."""
    named = titles.get(block.lines[0].page)
    return named is not None and len(text) <= _MAX_HEADING_CHARS and _squeezed(text) in named


def _squeezed(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def look_of(block: Block) -> Look:
    """What headings of one level share: size, weight and capitals."""
    line = block.lines[0]
    capitals = line.small_caps or "".join(x.text for x in block.lines).isupper()
    return round(line.size * 2) / 2, line.bold > 0.5, capitals


def _tagged_kind(block: Block, text: str) -> ParagraphKind | None:
    """The kind that the structure tree states; None for a plain paragraph, whose looks may tell more."""
    tag = block.lines[0].tag
    if tag is None or tag.kind == "paragraph" or tag.kind == "table":
        return None
    if tag.kind in ("heading", "title") and len(text) > _MAX_HEADING_CHARS:
        return None
    return tag.kind


def _is_bold_clause(block: Block, text: str) -> bool:
    """Whether a numbered line is all bold: programs tag headings that were numbered by hand as lists."""
    bold = all(line.bold > 0.97 for line in block.lines)
    return bold and block.label is not None and len(block.lines) == 1 and _SENTENCE_END.search(text) is None


def _kind(block: Block, text: str, measures: Measures) -> ParagraphKind:
    first = block.lines[0]
    if first.role == "table":
        return "table"
    if first.role == "figure":
        return "caption"
    if first.role == "footnote" or first.role == "furniture":
        return first.role
    if block.bullet or first.role == "contents":
        return "list_item"
    if caption(text) is not None and len(block.lines) <= 6 and first.size <= 1.02 * measures.body_size:
        return "caption"
    if _is_heading(block, text, measures):
        return "heading"
    return "list_item" if block.label is not None else "body"


def _is_heading(block: Block, text: str, measures: Measures) -> bool:
    if (
        len(text) > _MAX_HEADING_CHARS
        or len(block.lines) > _MAX_HEADING_LINES
        or not any(char.isalpha() for char in text)
    ):
        return False
    if _MAIL.search(text) is not None:
        return False
    first = block.lines[0]
    bold = min(line.bold for line in block.lines)
    ended = _SENTENCE_END.search(text) is not None
    is_small = first.size < _LEAST_HEADING * measures.body_size and not first.small_caps
    if is_small and named_label(text) is None and block.label is None:
        return False
    if len(text) == 1 and text.isascii():
        return False
    if first.is_head:
        return True
    if first.size > 1.08 * measures.body_size and not first.drop_cap:
        return not (ended and len(text) > 120)
    if bold > 0.97:
        return not ended or len(text) < 60
    is_listed = first.in_list and block.label is None
    if all(line.small_caps or line.underlined for line in block.lines):
        return not is_listed and (not ended or len(text) < 60)
    letters = [char for char in text if char.isalpha()]
    capitals = sum(char.isupper() for char in letters) / len(letters)
    if capitals > 0.9 and len(letters) > 3 and len(text) < 120:
        return not is_listed and not text.endswith(",") and (not ended or len(text) < 60)
    if ended or len(block.lines) > 1:
        return False
    return (named_label(text) is not None and len(text) < 90) or _is_titled_clause(text)


def _is_titled_clause(text: str) -> bool:
    """Whether a line is a number of two levels or more and a title in capitals: ``4.2 Right of Way``."""
    match = _DEEP_NUMBER.match(text)
    if match is None or len(text) > 80:
        return False
    words = [word for word in text[match.end() :].split() if len(word) > 3 and word[0].isalpha()]
    return bool(words) and all(word[0].isupper() for word in words)
