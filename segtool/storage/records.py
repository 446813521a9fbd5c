"""Units as flat records: the keys of JSON Lines, CSV and every other output, the same in every unit.

Built by columns, without an object a unit: a corpus is written as fast as its text can be cut and encoded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segtool.chunking import chunk_id
from segtool.core.document import Document, Paragraph
from segtool.core.furniture import Furniture
from segtool.core.layer import ORIGINS, Label, Layer, LayerName, Origin
from segtool.core.outline import nesting, section_paths
from segtool.core.provenance import PageBox, boxes_of, page_boxes
from segtool.core.segmentation import Segmentation
from segtool.core.span import Span
from segtool.core.tokens import TokenCounter, WordCounter

if TYPE_CHECKING:
    from segtool.core.passage import Passage

Record = dict[str, Any]

KEYS = (
    "doc",
    "unit",
    "index",
    "start",
    "end",
    "level",
    "kind",
    "number",
    "heading",
    "path",
    "score",
    "origin",
    "page",
    "bbox",
    "boxes",
    "text",
)
"""Keys of every unit, in order."""
CHUNK_KEYS = ("id", "tokens", "header", "context", "refs", "parent")
"""What chunks have besides."""

SCORE_DIGITS = 6
_POINT_DIGITS = 2


def keys_of(layer: LayerName) -> tuple[str, ...]:
    """The keys of a layer's records, in order."""
    return KEYS + CHUNK_KEYS if layer == "chunk" else KEYS


def iter_records(
    segmentation: Segmentation, layer: Layer, counter: TokenCounter | None = None, keep_furniture: bool = False
) -> Iterator[Record]:
    """The records of a layer, in order; a unit that holds only white space, or only furniture, gives none.

    Args:
        segmentation: gives the document and the layers around the units.
        layer: one of its layers, or a chunk layer made from it.
        counter: counts the tokens of chunks; words by default.
        keep_furniture: whether furniture that stands in the text is left in the records.
    """
    document, text = segmentation.document, segmentation.document.text
    sections = _Sections.of(segmentation)
    paragraphs = {p.span.start: p for p in document.paragraphs} if layer.name == "paragraph" else {}
    counter = counter or WordCounter()
    furniture = None if keep_furniture else Furniture.of(document)
    has_pages, index = document.has_pages, 0
    doc, unit = document.id, layer.name
    starts = layer.offsets.tolist()
    rows = zip(starts, [*starts, layer.length][1:], rounded_scores(layer), layer.origins.tolist(), strict=True)
    for start, end, score, origin in rows:
        piece = text[start:end]
        content = piece.strip()
        if not content:
            continue
        if len(content) != len(piece):
            start += len(piece) - len(piece.lstrip())
            end = start + len(content)
        if furniture is not None:
            span = furniture.trim(text, Span(start, end))
            start, end, content = span.start, span.end, span.of(text)
            if not content:
                continue
        record = plain_record(doc, unit, index, start, content, score if index else None, ORIGINS[origin])
        if sections is not None:
            record.update(sections.around(start, end, unit))
        if unit == "paragraph":
            record.update(_paragraph_keys(paragraphs.get(start)))
        elif unit == "chunk":
            record.update(_chunk_keys(content, counter))
        if has_pages:
            record.update(page_keys(document, Span(start, end)))
        yield record
        index += 1


def passage_records(doc: str, passages: Iterable[Passage], keep_furniture: bool = False) -> Iterator[Record]:
    """The records of the paragraph layer from paragraphs on their way; what ``iter_records`` gives of them.

    Args:
        doc: the id of the document.
        passages: its paragraphs, of a source whose paragraphs are certain and that defines no sections.
        keep_furniture: whether furniture among them gives records.
    """
    index = 0
    for passage in passages:
        paragraph = passage.paragraph
        if paragraph.kind == "furniture" and not keep_furniture:
            continue
        yield {
            "doc": doc,
            "unit": "paragraph",
            "index": index,
            "start": paragraph.span.start,
            "end": paragraph.span.end,
            "level": paragraph.level,
            "kind": paragraph.kind,
            "number": None,
            "heading": None,
            "path": [],
            "score": None,
            "origin": "loader",
            **_box_keys(boxes_of(passage.fragments)),
            "text": passage.text,
        }
        index += 1


def plain_record(
    doc: str, unit: LayerName, index: int, start: int, text: str, score: float | None, origin: Origin
) -> Record:
    """The record of a unit of which no more is known than where its trimmed ``text`` starts."""
    return {
        "doc": doc,
        "unit": unit,
        "index": index,
        "start": start,
        "end": start + len(text),
        "level": 1,
        "kind": None,
        "number": None,
        "heading": None,
        "path": [],
        "score": score,
        "origin": origin,
        "page": None,
        "bbox": None,
        "boxes": None,
        "text": text,
    }


def rounded(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Scores with as many digits as records have."""
    return scores.astype(np.float64).round(SCORE_DIGITS)


def rounded_scores(layer: Layer) -> list[float | None]:
    """The scores of a layer as records have them; None where none is known."""
    known = ~np.isnan(layer.scores)
    values: list[float | None] = rounded(layer.scores).tolist()
    return values if known.all() else [v if k else None for v, k in zip(values, known.tolist(), strict=True)]


def _paragraph_keys(paragraph: Paragraph | None) -> Record:
    if paragraph is None:
        return {"level": 0, "kind": "body"}
    return {"level": paragraph.level, "kind": paragraph.kind}


def _chunk_keys(text: str, counter: TokenCounter) -> Record:
    return {
        "id": chunk_id(text),
        "tokens": counter.count(text),
        "header": None,
        "context": None,
        "refs": None,
        "parent": None,
    }


def page_keys(document: Document, span: Span) -> Record:
    """``page``, ``bbox`` and ``boxes`` of a span: null without pages, the boxes also without coordinates."""
    return _box_keys(page_boxes(document, span))


def _box_keys(boxes: Sequence[PageBox]) -> Record:
    if not boxes:
        return {"page": None, "bbox": None, "boxes": None}
    first = boxes[0].page
    placed = [box for box in boxes if box.bbox is not None]
    return {
        "page": first,
        "bbox": _bbox([box for box in placed if box.page == first]),
        "boxes": [[box.page, *(_bbox([box]) or ())] for box in placed] or None,
    }


def _bbox(boxes: list[PageBox]) -> list[float] | None:
    known = [box.bbox for box in boxes if box.bbox is not None]
    if not known:
        return None
    union = known[0]
    for box in known[1:]:
        union = union.union(box)
    return [round(float(v), _POINT_DIGITS) for v in (union.x0, union.top, union.x1, union.bottom)]


@dataclass(frozen=True, slots=True)
class _Sections:
    """The section layer by columns, to find what stands around a unit."""

    starts: list[int]
    ends: list[int]
    """Where the whole subtree of each section ends."""
    depths: list[int]
    parents: list[int]
    paths: tuple[tuple[str, ...], ...]
    labels: list[Label | None]

    @classmethod
    def of(cls, segmentation: Segmentation) -> _Sections | None:
        layer = segmentation.layers.get("section")
        if layer is None or len(layer) == 0:
            return None
        starts = layer.offsets.tolist()
        depths = nesting(layer.levels.tolist())
        ends, parents, open_sections = [layer.length] * len(starts), [-1] * len(starts), list[int]()
        for i, depth in enumerate(depths):
            for closed in open_sections[depth - 1 :]:
                ends[closed] = starts[i]
            del open_sections[depth - 1 :]
            parents[i] = open_sections[-1] if open_sections else -1
            open_sections.append(i)
        labels = [layer.labels.get(start) for start in starts]
        return cls(starts, ends, depths, parents, section_paths(layer), labels)

    def around(self, start: int, end: int, unit: LayerName) -> Record:
        """``number``, ``heading`` and ``path`` of the innermost section that holds the whole of ``[start, end)``."""
        from bisect import bisect_right

        i = bisect_right(self.starts, start) - 1
        while i >= 0 and self.ends[i] < end:
            i = self.parents[i]
        if i < 0:
            return {}
        label = self.labels[i]
        record: Record = {"path": list(self.paths[i])}
        if label is not None:
            record["number"], record["heading"] = label.number, label.heading
        if unit == "section":
            record["level"] = self.depths[i]
        return record
