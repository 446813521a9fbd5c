"""Kinds of paragraphs: headings with their levels, list items, footnotes, body.

Pure. Headings are known by size, weight, capitals and labels, compared with what is usual in the document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from segtool.core.document import ParagraphKind
from segtool.loaders.pdf.depths import Depths
from segtool.loaders.pdf.info import Bookmark
from segtool.loaders.pdf.labels import named_label
from segtool.loaders.pdf.paragraphs import Block, Measures

_MAX_HEADING_CHARS = 220
_DEEP_NUMBER = re.compile(r"^\d{1,3}(?:\.\d{1,3}){1,4}\.?\s+(?=[A-Z])")
_CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|table|chart|plate|abb(?:ildung|\.)?|tab(?:elle|leau|la|\.)|figur[ae]?|图|表|図|그림|표)"
    r"\s*\d+(?:[.\-–]\d+)*[a-z]?\s*[.:：]\s*\S",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.;,:!]$")


def kinds_of(
    blocks: Sequence[Block], texts: Sequence[str], measures: Measures, bookmarks: Sequence[Bookmark] = ()
) -> list[tuple[ParagraphKind, int]]:
    """Kind and level of each paragraph. What a bookmark names on its page is a heading."""
    found = [_kind(block, text, measures) for block, text in zip(blocks, texts, strict=True)]
    for index, (block, text) in enumerate(zip(blocks, texts, strict=True)):
        if found[index] in ("body", "list_item") and is_bookmarked(block, text, bookmarks) is not None:
            found[index] = "heading"
    looks = sorted({_look(block) for block, kind in zip(blocks, found, strict=True) if kind == "heading"}, reverse=True)
    levels = {look: level for level, look in enumerate(looks, 1)}
    depths = Depths()
    out: list[tuple[ParagraphKind, int]] = []
    for block, kind in zip(blocks, found, strict=True):
        if kind == "heading":
            depths.clear()
            out.append((kind, levels[_look(block)]))
        else:
            out.append((kind, depths.of(block) if kind == "list_item" else 0))
    return out


def is_bookmarked(block: Block, text: str, bookmarks: Sequence[Bookmark]) -> Bookmark | None:
    """The bookmark that points at a paragraph: one on its first page with the same words."""
    if not bookmarks or len(text) > _MAX_HEADING_CHARS:
        return None
    page, words = block.lines[0].page, _squeezed(text)
    return next((mark for mark in bookmarks if mark.page == page and _squeezed(mark.title) == words), None)


def _squeezed(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _look(block: Block) -> tuple[float, bool, bool]:
    line = block.lines[0]
    capitals = line.small_caps or "".join(x.text for x in block.lines).isupper()
    return round(line.size * 2) / 2, line.bold > 0.5, capitals


def _kind(block: Block, text: str, measures: Measures) -> ParagraphKind:
    first = block.lines[0]
    if first.role == "table":
        return "table"
    if first.role == "footnote" or first.role == "furniture":
        return first.role
    if block.bullet:
        return "list_item"
    if _CAPTION.match(text) and len(block.lines) <= 6 and first.size <= 1.02 * measures.body_size:
        return "caption"
    if _is_heading(block, text, measures):
        return "heading"
    return "list_item" if block.label is not None else "body"


def _is_heading(block: Block, text: str, measures: Measures) -> bool:
    if len(text) > _MAX_HEADING_CHARS or len(block.lines) > 4 or not any(char.isalpha() for char in text):
        return False
    first = block.lines[0]
    bold = min(line.bold for line in block.lines)
    ended = _SENTENCE_END.search(text) is not None
    if first.size > 1.08 * measures.body_size and not first.drop_cap:
        return not (ended and len(text) > 120)
    if bold > 0.97 or all(line.small_caps or line.underlined for line in block.lines):
        return not ended or len(text) < 60
    letters = [char for char in text if char.isalpha()]
    capitals = sum(char.isupper() for char in letters) / len(letters)
    if capitals > 0.9 and len(letters) > 3 and len(text) < 120:
        return not ended or len(text) < 60
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
