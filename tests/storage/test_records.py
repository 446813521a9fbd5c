"""Records against the layer that they come from: nothing lost, nothing twice."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.document import BBox, Document, Fragment, Paragraph
from segtool.core.layer import LAYER_NAMES, Boundary, Label, Layer, LayerName
from segtool.core.segmentation import Segmentation
from segtool.core.span import Span
from segtool.core.whitespace import canonical_offsets
from segtool.storage.export import EXPORTERS, make_exporter, one_line
from segtool.storage.records import Record, iter_records, keys_of

PIECES = (
    *"ab.! \t\n\r\v\f\0\",;|#*_-'",
    *("\r\n", "é", "e\u0301", "\u0301", "שלום", "\u200f", "👩\u200d👧", "\u2028", "\u2029", "\x85", "\x1c"),
    *("\ufeff", "\u3000", "第", "。", "\U0001f600", "\u00a0", "\u200b"),
)
NASTY = st.lists(st.sampled_from(PIECES), max_size=50).map("".join)


@st.composite
def segmentations(draw: st.DrawFn) -> tuple[Segmentation, Layer]:
    text = draw(NASTY)
    name: LayerName = draw(st.sampled_from(LAYER_NAMES))
    cuts = draw(st.lists(st.integers(0, max(len(text), 1)), max_size=8))
    layer = Layer.from_offsets(name, len(text), canonical_offsets(text, [c for c in cuts if c < len(text)]))
    sections = Layer.from_boundaries(
        "section",
        len(text),
        [
            Boundary(int(o), draw(st.integers(1, 4)), 0.5, label=Label(None, "H") if draw(st.booleans()) else None)
            for o in canonical_offsets(text, [c for c in cuts[::2] if c < len(text)])
        ],
    )
    layers: dict[LayerName, Layer] = {"section": sections, name: sections if name == "section" else layer}
    return Segmentation(Document("d", text), layers), layers[name]


@given(segmentations())
def test_every_non_space_character_lies_in_exactly_one_record(given: tuple[Segmentation, Layer]) -> None:
    segmentation, layer = given
    text = segmentation.document.text
    covered: list[int] = []
    for i, record in enumerate(iter_records(segmentation, layer)):
        start, end = record["start"], record["end"]
        assert record["text"] == text[start:end] == text[start:end].strip() != ""
        assert record["index"] == i
        assert tuple(record) == keys_of(layer.name)
        covered += range(start, end)
    assert len(covered) == len(set(covered))
    assert {i for i, c in enumerate(text) if not c.isspace()} <= set(covered)


@given(segmentations())
def test_sections_have_the_depth_of_their_path(given: tuple[Segmentation, Layer]) -> None:
    segmentation, layer = given
    for record in iter_records(segmentation, segmentation.layers["section"]):
        assert record["level"] == len(record["path"])
        assert record["path"][-1] == (record["heading"] or "")
    for record in iter_records(segmentation, layer):
        assert all(isinstance(heading, str) for heading in record["path"])


def render(name: str, layer: LayerName, documents: list[list[Record]]) -> str:
    exporter = make_exporter(name, layer)
    pieces = [exporter.start(), *(b for d in documents for b in exporter.document(iter(d))), exporter.finish()]
    return b"".join(pieces).decode()


@pytest.mark.parametrize("name", sorted(EXPORTERS))
@given(given=segmentations())
def test_every_format_holds_every_unit(name: str, given: tuple[Segmentation, Layer]) -> None:
    segmentation, layer = given
    records = list(iter_records(segmentation, layer))
    out = render(name, layer.name, [records, records])
    if name == "json":
        assert json.loads(out) == [*records, *records]
    elif name == "jsonl":
        assert [json.loads(line) for line in out.split("\n")[:-1]] == [*records, *records]
    elif name in ("csv", "tsv"):
        rows = list(csv.reader(io.StringIO(out, newline=""), delimiter="," if name == "csv" else "\t"))
        assert rows[0] == list(keys_of(layer.name))
        place = rows[0].index("text")
        assert [row[place] for row in rows[1:]] == [r["text"] for r in [*records, *records]]
    elif name == "text":
        assert out.split("\n")[:-1] == [one_line(r["text"]) for r in [*records, *records]]
    else:
        plain = out.replace("\\", "")
        for record in records:
            assert all(word in plain for word in record["text"].replace("\\", "").split())


def test_null_output_is_raw() -> None:
    segmentation = Segmentation(Document("d", "a\nb c"), {"section": Layer.from_boundaries("section", 5, ())})
    exporter = make_exporter("text", "section", null=True)
    assert b"".join(exporter.document(iter_records(segmentation, segmentation.layers["section"]))) == b"a\nb c\0"


def test_half_a_surrogate_pair_is_written_as_an_escape() -> None:
    segmentation = Segmentation(Document("d", "a\ud800"), {"section": Layer.from_boundaries("section", 2, ())})
    line = b"".join(
        make_exporter("jsonl", "section").document(iter_records(segmentation, segmentation.layers["section"]))
    )
    assert json.loads(line)["text"] == "a\ud800"


def test_pages_and_boxes() -> None:
    fragments = (
        Fragment(Span(0, 3), 1, BBox(1, 2, 3, 4)),
        Fragment(Span(4, 7), 1, BBox(10, 2, 13.456, 4), column=1),
        Fragment(Span(8, 11), 2, BBox(0, 0, 9, 9)),
    )
    document = Document("d", "one two six", (), fragments)
    layer = Layer.from_boundaries("section", 11, [Boundary(8)])
    first, second = iter_records(Segmentation(document, {"section": layer}), layer)
    assert (first["page"], first["bbox"]) == (1, [1, 2, 13.46, 4])
    assert first["boxes"] == [[1, 1, 2, 3, 4], [1, 10, 2, 13.46, 4]]
    assert (second["page"], second["boxes"]) == (2, [[2, 0, 0, 9, 9]])


def test_pages_without_coordinates() -> None:
    document = Document("d", "one", (), (Fragment(Span(0, 3), 4),))
    (record,) = iter_records(
        Segmentation(document, {"section": Layer.from_boundaries("section", 3, ())}),
        Layer.from_boundaries("section", 3, ()),
    )
    assert (record["page"], record["bbox"], record["boxes"]) == (4, None, None)


def test_a_unit_over_several_sections_is_in_the_section_around_them_all() -> None:
    text = "A a B b C c"
    labels = {0: ("A", 1), 4: ("B", 2), 8: ("C", 2)}
    sections = Layer.from_boundaries(
        "section", len(text), [Boundary(o, level, label=Label(None, h)) for o, (h, level) in labels.items()]
    )
    chunks = Layer.from_boundaries("chunk", len(text), [Boundary(4)])
    records = list(iter_records(Segmentation(Document("d", text), {"section": sections, "chunk": chunks}), chunks))
    assert [r["path"] for r in records] == [["A"], ["A"]]
    assert [r["tokens"] for r in records] == [2, 4]


def test_furniture_in_the_text_is_left_out_unless_it_is_kept() -> None:
    text = "head\n\nOne.\n\nfoot"
    kinds = ("furniture", "body", "furniture")
    spans = (Span(0, 4), Span(6, 10), Span(12, 16))
    document = Document("d", text, tuple(Paragraph(s, k) for s, k in zip(spans, kinds, strict=True)))  # type: ignore[arg-type]
    whole = Layer.from_boundaries("section", len(text), ())
    each = Layer.from_boundaries("sentence", len(text), [Boundary(6), Boundary(12)])
    segmentation = Segmentation(document, {"section": whole, "sentence": each})
    assert [r["text"] for r in iter_records(segmentation, whole)] == ["One."]
    assert [(r["text"], r["index"]) for r in iter_records(segmentation, each)] == [("One.", 0)]
    assert [r["text"] for r in iter_records(segmentation, each, keep_furniture=True)] == ["head", "One.", "foot"]
