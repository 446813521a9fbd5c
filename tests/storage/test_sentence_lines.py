"""Lines of sentences written at once are those of their records, byte by byte."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.document import Document, Fragment, Paragraph
from segtool.core.layer import Layer
from segtool.core.segmentation import Segmentation
from segtool.core.span import Span
from segtool.core.whitespace import canonical_offsets
from segtool.storage.export import JsonLinesExporter
from segtool.storage.records import iter_records
from segtool.storage.sentence_lines import LayerRecords

TEXTS = st.text(st.sampled_from('ab \n\t"\\é漢\u2028\x00\U0001f469\ud800') | st.characters(), max_size=40)


def segmentation(text: str, cuts: list[int], name: str = "doc") -> Segmentation:
    """A document cut at some places, with a chance at each."""
    offsets = canonical_offsets(text, [cut for cut in cuts if cut < len(text)])
    scores = np.linspace(0.013, 0.999, len(offsets)).astype(np.float32)
    layer = Layer.from_offsets("sentence", len(text), offsets, scores=scores)
    return Segmentation(Document(name, text), {"sentence": layer}, {})


def written(found: Segmentation, is_quick: bool) -> bytes:
    """What the exporter writes, from records made one by one or at once."""
    layer = found.layers["sentence"]
    records = LayerRecords(found, layer) if is_quick else iter_records(found, layer)
    return b"".join(JsonLinesExporter().document(records))


@given(TEXTS, st.lists(st.integers(0, 40), max_size=8), TEXTS)
def test_lines_are_those_of_the_records(text: str, cuts: list[int], name: str) -> None:
    found = segmentation(text, cuts, name)
    assert written(found, is_quick=True) == written(found, is_quick=False)


def test_many_units_come_in_pieces() -> None:
    found = segmentation("a " * 10_000, list(range(0, 20_000, 2)))
    lines = list(LayerRecords(found, found.layers["sentence"]).json_lines())
    assert len(lines) > 1
    assert b"".join(lines) == written(found, is_quick=False)


def test_pages_furniture_and_sections_are_told_record_by_record() -> None:
    plain = segmentation("One. Two.", [5])
    assert LayerRecords(plain, plain.layers["sentence"]).is_plain
    furniture = (Paragraph(Span(0, 4), "furniture"), Paragraph(Span(5, 9)))
    for document in (
        Document("doc", "One. Two.", fragments=(Fragment(Span(0, 9), 1),)),
        Document("doc", "One. Two.", paragraphs=furniture),
    ):
        found = Segmentation(document, plain.layers, {})
        assert not LayerRecords(found, found.layers["sentence"]).is_plain
        assert written(found, is_quick=True) == written(found, is_quick=False)
    sections = {**plain.layers, "section": Layer.from_offsets("section", 9, np.array([5]))}
    found = Segmentation(plain.document, sections, {})
    assert not LayerRecords(found, found.layers["sentence"]).is_plain
