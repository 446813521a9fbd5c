"""Finding clauses by what a reader calls them."""

from __future__ import annotations

import pytest

from segtool.core.document import Document, Paragraph
from segtool.core.layer import Boundary, Label, Layer
from segtool.core.lookup import find_section, normal_number
from segtool.core.segmentation import Segmentation
from segtool.core.span import Span
from segtool.errors import UsageError

LINES = (
    ("Lease", None, None),
    ("Article 1 Rent", 1, Label("Article 1", "Rent")),
    ("1.1 It is due.", None, None),
    ("Article 2 Repair", 1, Label("Article 2", "Repair")),
    ("4.2 The Tenant shall:", 2, Label("4.2", None)),
    ("(a) sweep;", None, None),
    ("(i) daily;", None, None),
    ("(b) paint.", None, None),
    ("4.3 The Landlord shall:", 2, Label("4.3", None)),
    ("(a) pay.", 3, Label("(a)", None)),
    ("4.10 Notices of repair.", 2, Label("4.10", "Notices of repair")),
)


def segmentation() -> Segmentation:
    text, paragraphs, boundaries = "", [], []
    for line, level, label in LINES:
        paragraphs.append(Paragraph(Span(len(text), len(text) + len(line))))
        if level is not None:
            boundaries.append(Boundary(len(text), level, label=label))
        text += line + "\n\n"
    document = Document("lease", text, tuple(paragraphs))
    return Segmentation(document, {"section": Layer.from_boundaries("section", len(text), boundaries)})


@pytest.mark.parametrize(
    ("label", "first", "last"),
    [
        ("Article 1", "Article 1 Rent", "1.1 It is due."),
        ("1", "Article 1 Rent", "1.1 It is due."),
        ("rent", "Article 1 Rent", "1.1 It is due."),
        ("4.2", "4.2 The Tenant shall:", "(b) paint."),
        ("4.2(a)", "(a) sweep;", "(i) daily;"),
        ("4.2 (a)(i)", "(i) daily;", "(i) daily;"),
        ("4.2(b)", "(b) paint.", "(b) paint."),
        ("4.3(a)", "(a) pay.", "(a) pay."),
        ("Section 4.3 (a).", "(a) pay.", "(a) pay."),
        ("1.1", "1.1 It is due.", "1.1 It is due."),
        ("Notices of", "4.10 Notices of repair.", "4.10 Notices of repair."),
        ("4.10 Notices of repair", "4.10 Notices of repair.", "4.10 Notices of repair."),
    ],
)
def test_what_a_label_names(label: str, first: str, last: str) -> None:
    whole = segmentation()
    found = find_section(whole, label).span.of(whole.document.text)
    assert found.startswith(first)
    assert found.endswith(last)


def test_a_part_of_several_headings_names_the_others_too() -> None:
    assert find_section(segmentation(), "repair").others == ()
    assert find_section(segmentation(), "epai").others == ("4.10",)


@pytest.mark.parametrize("label", ["4.9", "4.2(x)", "", "§"])
def test_an_unknown_label_is_a_usage_error(label: str) -> None:
    with pytest.raises(UsageError, match="no section is called"):
        find_section(segmentation(), label)


def test_a_near_miss_is_suggested() -> None:
    with pytest.raises(UsageError, match="Rent"):
        find_section(segmentation(), "Rint")


@pytest.mark.parametrize(
    ("written", "normal"), [("Section 4.2 (a).", "4.2(a)"), ("§ 12a", "12a"), ("Art. 5", "5"), ("IV.", "iv")]
)
def test_normal_numbers(written: str, normal: str) -> None:
    assert normal_number(written) == normal


def test_part_of_a_number_is_another_number() -> None:
    text = "12.1 Notices\n\nText of it.\n\n2.1 Here it is."
    layer = Layer.from_boundaries("section", len(text), [Boundary(0, label=Label("12.1", "12.1 Notices"))])
    paragraphs = (Paragraph(Span(0, 12)), Paragraph(Span(14, 25)), Paragraph(Span(27, len(text)), "list_item", 1))
    segmentation = Segmentation(Document("x", text, paragraphs), {"section": layer})
    assert find_section(segmentation, "2.1").span.of(text) == "2.1 Here it is."
    assert find_section(segmentation, "notices").span.start == 0
