"""Documents check their invariants; offsets lead back to pages and boxes."""

from __future__ import annotations

import pytest

from segtool.core.document import BBox, Document, Fragment, Paragraph
from segtool.core.layer import Layer
from segtool.core.provenance import PageBox, fragments_in, page_boxes
from segtool.core.segmentation import Segmentation
from segtool.core.span import Span


def test_paragraphs_out_of_order_or_outside_are_refused() -> None:
    with pytest.raises(ValueError, match="starts before"):
        Document("x", "abcdef", (Paragraph(Span(3, 5)), Paragraph(Span(0, 2))))
    with pytest.raises(ValueError, match="ends at 9, the text at 6"):
        Document("x", "abcdef", (Paragraph(Span(3, 9)),))
    with pytest.raises(ValueError, match="section layer is for 3 characters"):
        Document("x", "abcdef", layers={"section": Layer.from_boundaries("section", 3, ())})


def test_metadata_can_not_be_changed_from_outside() -> None:
    given = {"title": "Lease"}
    document = Document("x", "", metadata=given)
    given["title"] = "changed"
    assert document.metadata["title"] == "Lease"


def paged() -> Document:
    lines = [
        Fragment(Span(0, 10), 1, BBox(72, 700, 300, 712)),
        Fragment(Span(11, 20), 2, BBox(72, 90, 310, 102), column=0),
        Fragment(Span(21, 30), 2, BBox(72, 104, 290, 116), column=0),
        Fragment(Span(31, 40), 2, BBox(330, 90, 540, 102), column=1),
    ]
    return Document("p", "x" * 40, fragments=tuple(lines))


def test_a_span_has_one_box_for_each_page_and_column() -> None:
    assert page_boxes(paged(), Span(5, 40)) == (
        PageBox(1, BBox(72, 700, 300, 712)),
        PageBox(2, BBox(72, 90, 310, 116)),
        PageBox(2, BBox(330, 90, 540, 102)),
    )
    assert page_boxes(paged(), Span(10, 11)) == ()


def test_fragments_are_found_by_their_offsets() -> None:
    assert [f.span.start for f in fragments_in(paged(), Span(12, 22))] == [11, 21]
    assert fragments_in(Document("x", "abc"), Span(0, 3)) == ()


def test_pages_without_boxes_keep_the_page() -> None:
    document = Document("x", "abcd", fragments=(Fragment(Span(0, 2), 1), Fragment(Span(2, 4), 2)))
    assert page_boxes(document, Span(0, 4)) == (PageBox(1, None), PageBox(2, None))


def test_a_layer_of_another_text_does_not_fit() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Segmentation(Document("x", "abc"), {"sentence": Layer.from_boundaries("sentence", 2, ())})
