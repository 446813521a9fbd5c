"""The corrected layers of a reviewed document as one line of the corpus formats: ready for training and scoring."""

from __future__ import annotations

from typing import Any

from segtool.core.layer import LayerName
from segtool.core.outline import nesting
from segtool.core.segmentation import Segmentation
from segtool.errors import UsageError

GOLD_LAYERS: tuple[LayerName, ...] = ("sentence", "section")


def gold_record(segmentation: Segmentation, layer: LayerName) -> dict[str, Any]:
    """The record of one document: ``text`` and ``ends`` for sentences, ``paragraphs`` with paths for sections.

    Raises:
        UsageError: for a layer that the corpora don't have.
    """
    if layer == "sentence":
        return _sentences(segmentation)
    if layer == "section":
        return _sections(segmentation)
    raise UsageError(f"the corpus format is for {' and '.join(GOLD_LAYERS)}s, not for {layer}s")


def _head(segmentation: Segmentation) -> dict[str, Any]:
    document = segmentation.document
    return {"id": document.id, "lang": document.lang, "domain": "other", "source": document.id, "licence": None}


def _sentences(segmentation: Segmentation) -> dict[str, Any]:
    """Ends are exclusive, without the white space between sentences; the last is the end of the text."""
    text = segmentation.document.text
    units = segmentation.units("sentence")
    ends = [unit.end for unit in units]
    if ends:
        ends[-1] = len(text)
    return {**_head(segmentation), "text": text, "ends": ends, "joins": "original"}


def _sections(segmentation: Segmentation) -> dict[str, Any]:
    """Paragraphs in order, cut where a section starts inside one; the heading of a section is an item of its own."""
    document = segmentation.document
    layer = segmentation.layers["section"]
    depths = nesting(layer.levels.tolist())
    starts = set(layer.offsets.tolist())
    path: list[str] = []
    items: list[dict[str, Any]] = []
    for start, end, kind in _pieces(segmentation):
        text = document.text[start:end].strip()
        index = layer.find(start)
        if start in starts:
            label = layer.labels.get(int(layer.offsets[index]))
            is_heading = label is not None and bool(label.heading or label.number)
            del path[depths[index] - 1 :]
            if is_heading and label is not None:
                items.append(_heading(text, depths[index], path, label.number, label.heading))
                path.append(label.heading or label.number or "")
                if kind == "heading" or _is_name(text, label.number, label.heading):
                    continue
            else:
                path.append("")
        if text:
            items.append({"text": text, "kind": _kind(kind), "level": 0, "path": list(path), "number": None})
    title = document.metadata.get("title") or None
    return {**_head(segmentation), "title": title, "main_depth": _main_depth(depths), "paragraphs": items}


def _pieces(segmentation: Segmentation) -> list[tuple[int, int, str]]:
    """Paragraphs cut at the starts of sections: start, end, kind."""
    paragraphs = segmentation.document.paragraphs
    kinds = {p.span.start: p.kind for p in paragraphs}
    edges = sorted({*kinds, *segmentation.layers["section"].offsets.tolist()})
    length = len(segmentation.document.text)
    return [(a, b, kinds.get(a, "body")) for a, b in zip(edges, [*edges[1:], length], strict=True)]


def _heading(text: str, depth: int, path: list[str], number: str | None, heading: str | None) -> dict[str, Any]:
    own = text if _is_name(text, number, heading) else f"{number or ''} {heading or ''}".strip()
    return {"text": own, "kind": "heading", "level": depth, "path": list(path), "number": number}


def _is_name(text: str, number: str | None, heading: str | None) -> bool:
    """Whether a paragraph is nothing but the name of its section."""
    name = "".join(f"{number or ''}{heading or ''}".split()).casefold().replace(".", "")
    return "".join(text.split()).casefold().replace(".", "") == name


def _kind(kind: str) -> str:
    return {"list_item": "list_item", "table": "table_row"}.get(kind, "body")


def _main_depth(depths: list[int]) -> int:
    """The smallest depth with at least four sections; the deepest if none has."""
    for depth in range(1, max(depths, default=1) + 1):
        if sum(d <= depth for d in depths) >= 4:
            return depth
    return max(depths, default=1)
