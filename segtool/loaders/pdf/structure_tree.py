"""The structure tree of a tagged PDF: which paragraph, heading, list item or cell each piece of a page belongs to.

Read through PDFium page by page. Elements are known by their path in the tree, which is the same on every page, so
that a paragraph over a page break is one.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass, field
from typing import Any, Literal

TagKind = Literal["paragraph", "heading", "title", "list_item", "table", "caption", "footnote"]

UNTAGGED, ARTIFACT = -1, -2
_BLOCKS: dict[str, TagKind] = {
    "P": "paragraph", "H": "heading", "Title": "title", "Caption": "caption", "Note": "footnote", "FENote": "footnote",
    "TOCI": "paragraph",
}  # fmt: skip
_INLINE = frozenset(
    (
        *("Span", "Quote", "Reference", "BibEntry", "Code", "Link", "Annot", "Ruby", "RB", "RT", "RP", "Warichu", "WT"),
        *("WP", "Em", "Strong", "Sub", "Formula", "Lbl", "LBody"),
    )
)
_OUTER = frozenset([*_BLOCKS, "H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "H9", "LI", "L", "Table", "Figure"])
"""Roles that are blocks of their own inside a block."""
_HEADING = re.compile(r"H([1-9])")
_MAX_DEPTH = 48
_MAX_ELEMENTS = 30_000


@dataclass(frozen=True, slots=True)
class Tag:
    """A block of the tree: its path from the root (indices of children), kind, level (0: none) and language.

    ``cell`` is the row and column of a table's cell; ``loose`` says that it is the contents of a group, which may be
    several paragraphs.
    """

    path: tuple[int, ...]
    kind: TagKind
    level: int = 0
    cell: tuple[int, int] | None = None
    lang: str | None = None
    loose: bool = False

    @property
    def block(self) -> tuple[tuple[int, ...], tuple[int, int] | None]:
        """What all tags of one block share; a cell that is in no table of the page is a block of its own."""
        return self.path, self.cell


@dataclass(slots=True)
class PageTags:
    """The blocks of a page in reading order, the block of each marked content, and the replacement texts.

    ``actual`` holds the text that stands for marked contents, and their ids.
    """

    tags: list[Tag] = field(default_factory=list)
    of_content: dict[int, int] = field(default_factory=dict)
    actual: list[tuple[str, list[int]]] = field(default_factory=list)


def read_tags(raw: Any, page: Any) -> PageTags | None:
    """The tags of a page, None if it has none."""
    tree = raw.FPDF_StructTree_GetForPage(page)
    if not tree:
        return None
    try:
        walk = _Walk(raw)
        for index in range(raw.FPDF_StructTree_CountChildren(tree)):
            element = raw.FPDF_StructTree_GetChildAtIndex(tree, index)
            if element:
                walk.visit(element, (index,), _Holder())
    finally:
        raw.FPDF_StructTree_Close(tree)
    return walk.found if walk.found.of_content else None


@dataclass(slots=True)
class _Holder:
    """What takes the contents of an element: a tag that is made when the first comes.

    ``is_block`` says that what is in it without a role of its own belongs to it; ``absorbs`` that the first paragraph
    inside is no other block (as in a list item); ``cell`` counts the rows and cells of a table.
    """

    path: tuple[int, ...] = ()
    kind: TagKind = "paragraph"
    level: int = 0
    lang: str | None = None
    tag: int | None = None
    is_block: bool = False
    absorbs: bool = False
    cell: list[int] | None = None


class _Walk:
    """Goes through the tree in reading order."""

    def __init__(self, raw: Any) -> None:
        self.found = PageTags()
        self._raw = raw
        self._left = _MAX_ELEMENTS
        self._actual: list[list[int]] = []

    def visit(self, element: Any, path: tuple[int, ...], holder: _Holder, depth: int = 0) -> None:
        """Gives the contents of an element and of those in it to ``holder`` or to holders of their own."""
        self._left -= 1
        if len(path) > _MAX_DEPTH or self._left < 0:
            return
        role = self._string(self._raw.FPDF_StructElement_GetType, element)
        own = self._holder(role, path, holder, element, depth)
        depth += role == "L"
        actual = self._string(self._raw.FPDF_StructElement_GetActualText, element)
        if actual:
            self._actual.append([])
        for index in range(max(self._raw.FPDF_StructElement_CountChildren(element), 0)):
            child = self._raw.FPDF_StructElement_GetChildAtIndex(element, index)
            if child:
                self.visit(child, (*path, index), own, depth)
                continue
            content = self._raw.FPDF_StructElement_GetChildMarkedContentID(element, index)
            if content >= 0:
                self._take(content, own)
                # What comes first in the body of a list item is its text.
                own.absorbs = own.absorbs and role == "Lbl"
        if actual:
            contents = self._actual.pop()
            if contents:
                self.found.actual.append((actual, contents))

    def _holder(self, role: str, path: tuple[int, ...], outer: _Holder, element: Any, depth: int) -> _Holder:
        """Who takes the contents of an element with this role inside ``outer``."""
        if outer.cell is not None:
            return self._in_table(role, path, outer)
        if role in _INLINE or (outer.is_block and role not in _OUTER):
            return outer
        if role == "P" and outer.absorbs:
            outer.absorbs = False
            return outer
        if not outer.is_block:
            # What stands behind a block inside a group is a block again.
            outer.tag = None
        lang = self._string(self._raw.FPDF_StructElement_GetLang, element) or outer.lang
        heading = _HEADING.fullmatch(role)
        if heading is not None:
            return _Holder(path, "heading", int(heading[1]), lang, is_block=True)
        if role in _BLOCKS:
            return _Holder(path, _BLOCKS[role], 0, lang, is_block=True)
        if role == "LI":
            return _Holder(path, "list_item", max(depth, 1), lang, is_block=True, absorbs=True)
        if role == "Table":
            return _Holder(path, "table", 0, lang, cell=[-1, -1])
        return _Holder(path, "paragraph", 0, lang)

    def _in_table(self, role: str, path: tuple[int, ...], table: _Holder) -> _Holder:
        assert table.cell is not None
        if role == "Caption":
            return _Holder(path, "caption", 0, table.lang)
        if role == "TR":
            table.cell[:] = [table.cell[0] + 1, -1]
        elif role in ("TD", "TH"):
            table.cell[1] += 1
            table.tag = None
        return table

    def _take(self, content: int, holder: _Holder) -> None:
        if holder.tag is None:
            cell = None if holder.cell is None else (max(holder.cell[0], 0), max(holder.cell[1], 0))
            holder.tag = len(self.found.tags)
            loose = not holder.is_block and cell is None
            self.found.tags.append(Tag(holder.path, holder.kind, holder.level, cell, holder.lang, loose))
        self.found.of_content.setdefault(content, holder.tag)
        for contents in self._actual[-1:]:
            contents.append(content)

    def _string(self, function: Any, element: Any) -> str:
        size = function(element, None, 0)
        if not 2 < size < 100_000:
            return ""
        buffer = ctypes.create_string_buffer(size)
        function(element, buffer, size)
        return buffer.raw[: size - 2].decode("utf-16-le", "replace")


def is_artifact(raw: Any, item: Any) -> bool:
    """Whether a page object is marked as no content: a running head, a decoration."""
    for index in range(min(max(raw.FPDFPageObj_CountMarks(item), 0), 8)):
        name, size = ctypes.create_string_buffer(64), ctypes.c_ulong()
        mark = raw.FPDFPageObj_GetMark(item, index)
        wide = ctypes.cast(name, ctypes.POINTER(raw.FPDF_WCHAR))
        if not raw.FPDFPageObjMark_GetName(mark, wide, 64, ctypes.byref(size)):
            continue
        if name.raw[: max(size.value - 2, 0)].decode("utf-16-le", "replace") == "Artifact":
            return True
    return False
