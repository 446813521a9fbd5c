"""The outline as lines, JSON and Markdown."""

from __future__ import annotations

from segtool.core.document import Document, Paragraph
from segtool.core.layer import Boundary, Label, Layer
from segtool.core.outline import section_tree
from segtool.core.span import Span
from segtool.segmenters.titles import Title
from segtool.storage.outline import Outline

TEXT = "Preface here.\n\n1 Rent\n\n1.1 It is *due*.\n\n2 Repair\n\nKeep it."
STARTS = {0: (1, None), 15: (1, Label("1", "Rent")), 23: (2, Label("1.1", None)), 40: (1, Label("2", "Repair"))}


def outline(depth: int | None = None, titles: dict[int, Title] | None = None) -> Outline:
    boundaries = [Boundary(o, level, 0.5 if o else None, label=label) for o, (level, label) in STARTS.items()]
    layer = Layer.from_boundaries("section", len(TEXT), boundaries)
    return Outline(Document("d", TEXT), section_tree(layer, TEXT), depth, titles or {})


def test_lines_are_indented_and_sections_without_heading_show_their_first_words() -> None:
    assert list(outline().to_text()) == ["[Preface here.]", "1 Rent", "  1.1 [It is *due*.]", "2 Repair"]


def test_markdown_is_a_nested_list_without_markup_of_the_text() -> None:
    assert list(outline().to_markdown())[1:3] == ["- 1 Rent", "  - 1.1 \\[It is \\*due\\*.\\]"]


def test_depth_cuts_the_tree_but_no_span() -> None:
    assert list(outline(depth=1).to_text()) == ["[Preface here.]", "1 Rent", "2 Repair"]
    whole, cut = outline().to_json(), outline(depth=1).to_json()
    assert [(n["start"], n["end"]) for n in whole] == [(n["start"], n["end"]) for n in cut]
    assert cut[1]["children"] == []


def test_a_node_spans_its_subtree() -> None:
    rent = outline().to_json()[1]
    assert TEXT[rent["start"] : rent["end"]] == "1 Rent\n\n1.1 It is *due*."
    assert [(c["number"], c["heading"], c["level"]) for c in rent["children"]] == [("1.1", None, 2)]


def test_titles_stand_beside_headings_and_never_for_them() -> None:
    node = outline(titles={0: Title("Preface", "phrase", Span(0, 7))}).to_json()[0]
    assert node["heading"] is None
    assert node["title"] == {"text": "Preface", "method": "phrase", "start": 0, "end": 7}
    assert next(outline(titles={0: Title("Preface", "phrase", Span(0, 7))}).to_text()) == "[Preface] (phrase, 0-7)"
    assert all(n["title"] is None for n in outline().to_json())


def _unnamed(text: str, *kinds: str) -> str:
    starts = [0, *(i + 2 for i in range(len(text)) if text.startswith("\n\n", i))]
    ends = [*(start - 2 for start in starts[1:]), len(text)]
    spans = zip(starts, ends, kinds, strict=True)
    document = Document("d", text, tuple(Paragraph(Span(a, b), kind) for a, b, kind in spans))  # type: ignore[arg-type]
    layer = Layer.from_boundaries("section", len(text), [Boundary(0)])
    return next(iter(Outline(document, section_tree(layer, text)).to_text()))


def test_the_title_of_a_document_does_not_name_its_first_section() -> None:
    assert _unnamed("# Handbook\n\nFor members.", "heading", "body") == "[For members.]"
    assert _unnamed("# Handbook #", "heading") == "[Handbook]"


def test_a_quotation_shows_its_words() -> None:
    assert _unnamed("> As was said.", "body") == "[As was said.]"
