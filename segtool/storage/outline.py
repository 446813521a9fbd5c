"""The outline as text, JSON and Markdown, and the JSON of a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from segtool.core.document import Document
from segtool.core.furniture import Furniture
from segtool.core.outline import OutlineNode
from segtool.storage.export import one_line
from segtool.storage.markdown import escape
from segtool.storage.records import Record, page_keys

_UNNAMED_LENGTH = 60


def outline_to_json(nodes: Sequence[OutlineNode], document: Document, depth: int | None = None) -> list[Record]:
    """The tree as JSON values; ``start`` and ``end`` are of the whole subtree; nothing below ``depth`` is listed."""
    return [
        {
            "level": node.level,
            "number": node.label.number,
            "heading": node.label.heading,
            "start": node.span.start,
            "end": node.span.end,
            "score": None if node.score is None else round(node.score, 6),
            **page_keys(document, node.span),
            "children": outline_to_json(node.children, document, depth) if depth is None or node.level < depth else [],
        }
        for node in nodes
    ]


def outline_to_text(nodes: Sequence[OutlineNode], document: Document, depth: int | None = None) -> Iterator[str]:
    """The tree as lines, indented by depth, with pages in a column of their own where there are pages."""
    rows = [("  " * (node.level - 1) + name_of(node, document), _page(node, document)) for node in _walk(nodes, depth)]
    width = max((len(name) for name, _ in rows), default=0)
    for name, page in rows:
        yield name if page is None else f"{name.ljust(width)}  {page:>3}"


def outline_to_markdown(nodes: Sequence[OutlineNode], document: Document, depth: int | None = None) -> Iterator[str]:
    """The tree as a nested list."""
    for node in _walk(nodes, depth):
        page = _page(node, document)
        where = "" if page is None else f" (p. {page})"
        yield f"{'  ' * (node.level - 1)}- {escape(name_of(node, document))}{where}"


def name_of(node: OutlineNode, document: Document) -> str:
    """Number and heading on one line; of a section without a heading the first words in brackets."""
    number, heading = node.label.number, node.label.heading
    if heading is None:
        furniture = Furniture.of(document)
        span = furniture.trim(document.text, node.span) if furniture else node.span
        head = one_line(document.text[span.start : min(span.start + 2 * _UNNAMED_LENGTH, span.end)])
        if number is not None and head.startswith(number):
            head = head[len(number) :].lstrip(" .\t)")
        cut = head if len(head) <= _UNNAMED_LENGTH else head[:_UNNAMED_LENGTH].rsplit(" ", 1)[0] + " …"
        heading = f"[{cut}]"
    return one_line(f"{number} {heading}" if number else heading)


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


def _walk(nodes: Sequence[OutlineNode], depth: int | None) -> Iterator[OutlineNode]:
    for node in nodes:
        yield node
        if depth is None or node.level < depth:
            yield from _walk(node.children, depth)


def _page(node: OutlineNode, document: Document) -> int | None:
    page: int | None = page_keys(document, node.span)["page"]
    return page
