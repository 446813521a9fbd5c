"""Annotations on demand, and values of form fields of every type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from segtool.loaders.pdf import load_pdf
from segtool.settings import LoadSettings
from tests.loaders.pdf.tagged_pdf import TaggedPdf

Make = Callable[..., bytes]
WORDS = "BT /F1 12 Tf 72 700 Td (The rent is due on the third working day.) Tj ET"


def annotated(*annotations: str, page: str = "") -> bytes:
    """One page of words with annotations."""
    pdf = TaggedPdf([WORDS])
    data = pdf.build()
    more = f"/Annots[{' '.join(annotations)}]{page}/Resources".encode("cp1252")
    return data.replace(b"/Resources", more, 1)


def load(data: bytes, annotations: bool = True) -> dict[str, Any]:
    return dict(load_pdf(data, "deed.pdf", LoadSettings(annotations=annotations)).metadata)


HIGHLIGHT = (
    "<</Type/Annot/Subtype/Highlight/Rect[89 696 116 712]/QuadPoints[91 711 114 711 91 697 114 697]"
    "/Contents(too high?)/T(Ada)/M(D:20240503120000Z)>>"
)


def test_a_highlight_has_its_words_its_comment_and_its_place() -> None:
    (found,) = load(annotated(HIGHLIGHT))["annotations"]
    assert found == {
        "kind": "highlight", "page": 1, "bbox": [89.0, 80.0, 116.0, 96.0], "contents": "too high?", "text": "rent",
        "author": "Ada", "modified": "2024-05-03T12:00:00Z",
    }  # fmt: skip


def test_notes_and_free_text_have_their_contents_only() -> None:
    note = "<</Type/Annot/Subtype/Text/Rect[300 690 320 710]/Contents(Ask the landlord.)>>"
    free = "<</Type/Annot/Subtype/FreeText/Rect[300 600 400 620]/Contents(agreed)/DA(/F1 9 Tf)>>"
    found = load(annotated(note, free))["annotations"]
    assert [(row["kind"], row["contents"]) for row in found] == [("note", "Ask the landlord."), ("free_text", "agreed")]
    assert all("text" not in row for row in found)


def test_links_have_their_targets() -> None:
    outside = "<</Type/Annot/Subtype/Link/Rect[72 696 90 712]/A<</S/URI/URI(https://example.org/lease)>>>>"
    inside = "<</Type/Annot/Subtype/Link/Rect[72 696 90 712]/Dest[5 0 R/Fit]>>"
    found = load(annotated(outside, inside))["annotations"]
    assert [row["target"] for row in found] == ["https://example.org/lease", "page:1"]
    assert found[0]["text"] == "The"


def test_boxes_are_those_of_the_page_as_it_is_displayed() -> None:
    (found,) = load(annotated(HIGHLIGHT, page="/Rotate 90"))["annotations"]
    assert found["bbox"] == [696.0, 89.0, 712.0, 116.0]


def test_they_come_on_demand_only() -> None:
    assert "annotations" not in load(annotated(HIGHLIGHT), annotations=False)
    assert "annotations" not in load(annotated())


@pytest.fixture
def form(make_pdf: Make) -> bytes:
    """A form with a field of each type."""

    def draw(sheet: Any) -> None:
        fields = sheet.acroForm
        for y, label in ((700, "Tenant"), (660, "Term"), (620, "Rooms"), (580, "Pets"), (540, "Garden"), (500, "Paid")):
            sheet.drawString(72, y + 4, label)
        fields.textfield(name="tenant", x=160, y=700, width=200, height=18, value="Ada Berg")
        fields.choice(
            name="term", x=160, y=660, width=200, height=18, options=[("two years", "2y"), ("open", "0")], value="2y"
        )
        fields.listbox(name="rooms", x=160, y=615, width=200, height=30, options=["three", "four"], value="four")
        fields.checkbox(name="pets", x=160, y=580, checked=True)
        fields.checkbox(name="garden", x=160, y=540, checked=False)
        fields.radio(name="paid", value="monthly", selected=True, x=160, y=500)
        fields.radio(name="paid", value="yearly", selected=False, x=200, y=500)

    return make_pdf(draw)


def test_values_of_all_fields_stand_where_the_fields_are(form: bytes) -> None:
    text = load_pdf(form, "form.pdf", LoadSettings()).text
    rows = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    assert "Tenant Ada Berg" in text.replace("\n\n", " ")
    joined = " ".join(rows)
    assert "Term two years" in joined
    assert "Rooms four" in joined
    assert "three" not in joined
    assert joined.count("☒") == 2
    assert "Pets ☒" in joined
    assert "Garden ☒" not in joined
    assert "Paid ☒" in joined
