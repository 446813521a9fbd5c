"""The outline as text, JSON and Markdown, and the JSON of a document."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Any

from segtool.core.document import Document
from segtool.core.furniture import Furniture
from segtool.core.outline import OutlineNode
from segtool.core.span import Span
from segtool.segmenters.titles import Title
from segtool.storage.export import one_line
from segtool.storage.markdown import escape
from segtool.storage.records import Record, page_keys

_UNNAMED_LENGTH = 60
_WIDEST = 80
"""Longer names do not move the column of pages."""
_MARKS = re.compile(r"^(?:#{1,6} |>+ )+|\s+#+$")
"""Marks of a heading or quotation of Markdown."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A tree of sections to be written.

    Attributes:
        document: what the sections are of.
        nodes: the outermost sections.
        depth: levels that are listed, None: all.
        titles: for sections without a heading, by the start of their span; never taken for headings.
    """

    document: Document
    nodes: Sequence[OutlineNode]
    depth: int | None = None
    titles: Mapping[int, Title] = field(default_factory=dict)

    def to_json(self) -> list[Record]:
        """The tree as JSON values; ``start`` and ``end`` are of the whole subtree."""
        return [self._node(node) for node in self.nodes]

    def to_text(self) -> Iterator[str]:
        """The tree as lines, indented by depth, with pages in a column of their own where there are pages."""
        rows = [("  " * (node.level - 1) + self._name(node), self._page(node)) for node in self._walk(self.nodes)]
        width = max((len(name) for name, _ in rows if len(name) <= _WIDEST), default=0)
        for name, page in rows:
            yield name if page is None else f"{name.ljust(width)}  {page:>3}"

    def to_markdown(self) -> Iterator[str]:
        """The tree as a nested list."""
        for node in self._walk(self.nodes):
            page = self._page(node)
            where = "" if page is None else f" (p. {page})"
            yield f"{'  ' * (node.level - 1)}- {escape(self._name(node))}{where}"

    def _node(self, node: OutlineNode) -> Record:
        title = self.titles.get(node.span.start)
        return {
            "level": node.level,
            "number": node.label.number,
            "heading": node.label.heading,
            "title": None if title is None else _title_to_json(title),
            "start": node.span.start,
            "end": node.span.end,
            "score": None if node.score is None else round(node.score, 6),
            **page_keys(self.document, node.span),
            "children": [self._node(child) for child in node.children] if self._is_open(node) else [],
        }

    def _is_open(self, node: OutlineNode) -> bool:
        return self.depth is None or node.level < self.depth

    def _walk(self, nodes: Sequence[OutlineNode]) -> Iterator[OutlineNode]:
        for node in nodes:
            yield node
            if self._is_open(node):
                yield from self._walk(node.children)

    def _page(self, node: OutlineNode) -> int | None:
        page: int | None = page_keys(self.document, node.span)["page"]
        return page

    def _name(self, node: OutlineNode) -> str:
        """Number and heading on one line; where there is no heading, the title or the first words in brackets."""
        number, heading = node.label.number, node.label.heading
        if heading is None:
            title = self.titles.get(node.span.start)
            heading = f"[{self._first_words(node)}]" if title is None else _title_to_text(title)
        return one_line(f"{number} {heading}" if number else heading)

    def _first_words(self, node: OutlineNode) -> str:
        furniture = Furniture.of(self.document)
        own = Span(node.span.start, node.children[0].span.start if node.children else node.span.end)
        span = self._behind_title(furniture.trim(self.document.text, own) if furniture else own)
        head = one_line(self.document.text[span.start : min(span.start + 2 * _UNNAMED_LENGTH, span.end)])
        head = _MARKS.sub("", head.strip())
        number = node.label.number
        if number is not None and head.startswith(number):
            head = head[len(number) :].lstrip(" .\t)")
        return head if len(head) <= _UNNAMED_LENGTH else head[:_UNNAMED_LENGTH].rsplit(" ", 1)[0] + " …"

    def _behind_title(self, span: Span) -> Span:
        """The span without titles at its start, where anything follows them: a document's title names no section."""
        paragraphs = self.document.paragraphs
        first = bisect_left(paragraphs, span.start, key=lambda paragraph: paragraph.span.start)
        inside = takewhile(lambda paragraph: paragraph.span.start < span.end, islice(paragraphs, first, None))
        start = next((p.span.start for p in inside if p.kind not in ("title", "heading")), span.start)
        return Span(start, span.end)


def _title_to_text(title: Title) -> str:
    """The title with how it was chosen and from which characters of the text."""
    return f"[{title.text}] ({title.method}, {title.span.start}-{title.span.end})"


def _title_to_json(title: Title) -> dict[str, Any]:
    return {"text": title.text, "method": title.method, "start": title.span.start, "end": title.span.end}


def document_to_json(document: Document) -> dict[str, Any]:
    """The document with its paragraphs and where each came from."""
    return {
        "id": document.id,
        "text": document.text,
        "lang": document.lang,
        "format": document.source.format if document.source else None,
        "metadata": dict(document.metadata),
        "paragraphs": [
            {
                "start": paragraph.span.start,
                "end": paragraph.span.end,
                "kind": paragraph.kind,
                "level": paragraph.level,
                "number": paragraph.number,
                **page_keys(document, paragraph.span),
            }
            for paragraph in document.paragraphs
        ],
    }
