"""The corrected layers of a reviewed document as one line of the corpus formats: ready for training and scoring."""

from __future__ import annotations

from typing import Any

from segtool.core.document import Paragraph
from segtool.core.layer import Label, LayerName
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
    name, lang = segmentation.document.id, segmentation.document.lang or "und"
    return {"id": name, "lang": lang, "domain": "other", "source": name, "licence": None}


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
    for start, end, paragraph in _pieces(segmentation):
        text = document.text[start:end].strip()
        if start in starts:
            index = layer.find(start)
            del path[depths[index] - 1 :]
            label = layer.labels.get(start) or Label()
            if label.number or label.heading:
                heading = _heading(text, depths[index], path, label)
                items.append(heading)
                path.append(heading["text"])
                if heading["text"] == text:
                    continue
                if text.startswith(heading["text"]):  # cut off; the two joined are the text as printed
                    heading["run_in"] = True
                    text = text[len(heading["text"]) :].strip()
            elif index:  # the text before the first heading stands under none
                path.append("")
        if text:
            kind = {"list_item": "list_item", "table": "table_row"}.get(paragraph.kind if paragraph else "", "body")
            number = paragraph.number if paragraph else None
            items.append({"text": text, "kind": kind, "level": 0, "path": list(path), "number": number})
    title = document.metadata.get("title") or None
    return {**_head(segmentation), "title": title, "main_depth": _main_depth(depths), "paragraphs": items}


def _pieces(segmentation: Segmentation) -> list[tuple[int, int, Paragraph | None]]:
    """Paragraphs cut at the starts of sections: start, end, the paragraph that begins there."""
    paragraphs = {p.span.start: p for p in segmentation.document.paragraphs}
    edges = sorted({*paragraphs, *segmentation.layers["section"].offsets.tolist()})
    length = len(segmentation.document.text)
    return [(a, b, paragraphs.get(a)) for a, b in zip(edges, [*edges[1:], length], strict=True)]


def _heading(text: str, depth: int, path: list[str], label: Label) -> dict[str, Any]:
    """The item of a section's name: the paragraph as printed if it is nothing but the name, else the name alone."""
    name = " ".join(part for part in (label.number, label.heading) if part)
    own = text if _letters(text) == _letters(name) else name
    return {"text": own, "kind": "heading", "level": depth, "path": list(path), "number": label.number}


def _letters(text: str) -> str:
    return "".join(text.split()).casefold().replace(".", "")


def _main_depth(depths: list[int]) -> int:
    """The smallest depth with at least four sections; the deepest if none has."""
    for depth in range(1, max(depths, default=1) + 1):
        if sum(d <= depth for d in depths) >= 4:
            return depth
    return max(depths, default=1)
