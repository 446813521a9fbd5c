"""Fillable forms: cells by rules and fields, values beside or under their labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from segtool.core.document import Document
from segtool.loaders.pdf import load_pdf
from segtool.settings import LoadSettings

Make = Callable[..., bytes]
Put = Callable[..., float]


def load(data: bytes, **settings: Any) -> Document:
    return load_pdf(data, "form.pdf", LoadSettings(**settings))


def field(sheet: Any, x: float, y: float, width: float, value: str = "") -> None:
    name = f"f{x}-{y}"
    sheet.acroForm.textfield(name=name, x=x, y=y, width=width, height=14, value=value, fontSize=10, borderWidth=0)


def box(sheet: Any, x: float, y: float, width: float, label: str, value: str = "") -> None:
    """A box with its label in the upper left corner and a field under it."""
    sheet.rect(x, y, width, 34)
    sheet.setFont("Times-Roman", 8)
    sheet.drawString(x + 3, y + 25, label)
    field(sheet, x + 3, y + 4, width - 6, value)


def tick(sheet: Any, x: float, y: float, label: str, is_set: bool) -> None:
    sheet.acroForm.checkbox(name=f"c{x}-{y}", x=x, y=y, size=10, checked=is_set, borderWidth=1)
    sheet.drawString(x + 14, y + 1, label)


def claim(sheet: Any) -> None:
    """A form with boxes of labels over fields, check boxes, and lines with a number, a label and a field."""
    sheet.setFont("Times-Bold", 22)
    sheet.drawString(60, 745, "Form 77-B")
    sheet.drawString(260, 745, "Claim for the Return of a Deposit")
    box(sheet, 60, 690, 240, "Your first name and initial", "Ada M.")
    box(sheet, 300, 690, 240, "Last name", "Marlow")
    box(sheet, 60, 656, 240, "Street and number", "4 Mill Lane")
    box(sheet, 300, 656, 240, "Town")
    sheet.setFont("Times-Roman", 10)
    tick(sheet, 60, 630, "Single", True)
    tick(sheet, 160, 630, "Married", False)
    for row, (label, value) in enumerate(
        [("Deposit that was paid", "1,200"), ("Rent that is owed", ""), ("Damage to the house", "150")]
    ):
        y = 600 - 16 * row
        sheet.setFont("Times-Roman", 10)
        sheet.drawString(60, y, str(row + 1))
        sheet.drawString(80, y, f"{label} . . . . . . . . . .")
        for x in (440, 460, 540):
            sheet.line(x, y - 4, x, y + 12)
        sheet.line(440, y - 4, 540, y - 4)
        sheet.drawString(446, y, str(row + 1))
        field(sheet, 462, y - 3, 76, value)


def test_cells_are_not_read_across_and_values_stand_with_their_labels(make_pdf: Make) -> None:
    document = load(make_pdf(claim))
    kinds = [(p.kind, p.span.of(document.text)) for p in document.paragraphs]
    assert kinds[0] == ("title", "Claim for the Return of a Deposit")
    assert [kind for kind, _ in kinds] == ["title", "table"]
    assert kinds[1][1].split("\n") == [
        "Form 77-B",
        "Your first name and initial Ada M.\tLast name Marlow",
        "Street and number 4 Mill Lane\tTown",
        "\u2612 Single\tMarried",
        "1 Deposit that was paid\t1\t1,200",
        "2 Rent that is owed\t2",
        "3 Damage to the house\t3\t150",
    ]


def test_leaders_are_furniture(make_pdf: Make) -> None:
    data = make_pdf(claim)
    assert {item["kind"] for item in load(data).metadata["furniture"]} == {"leaders"}
    assert ". . . . ." in load(data, keep_furniture=True).text


def test_every_character_and_box_is_kept(make_pdf: Make) -> None:
    document = load(make_pdf(claim))
    assert all(fragment.bbox is not None for fragment in document.fragments)
    covered = sum(len(fragment.span.of(document.text).replace(" ", "")) for fragment in document.fragments)
    assert covered == len("".join(document.text.split()))


def test_a_form_without_lines_is_one_if_most_rows_have_fields(make_pdf: Make) -> None:
    def draw(sheet: Any) -> None:
        sheet.setFont("Times-Roman", 10)
        for row in range(6):
            y = 700 - 24 * row
            sheet.drawString(60, y, f"Tenant {row + 1}:")
            field(sheet, 110, y - 3, 150, f"Name {row + 1}")
            sheet.drawString(300, y, "Share:")
            field(sheet, 340, y - 3, 60, f"{row + 2} %" if row % 2 else "")

    rows = load(make_pdf(draw)).text.split("\n")
    assert rows[0] == "Tenant 1: Name 1\tShare:"
    assert rows[1] == "Tenant 2: Name 2\tShare: 3 %"
    assert len(rows) == 6


def test_two_halves_that_a_line_parts_are_read_one_after_the_other(make_pdf: Make) -> None:
    def draw(sheet: Any) -> None:
        sheet.line(306, 480, 306, 715)
        sheet.setFont("Times-Roman", 10)
        for row in range(9):
            y = 700 - 24 * row
            for x, side in ((60, "left"), (320, "right")):
                sheet.drawString(x, y, f"Question {row + 1} on the {side}?")
                field(sheet, x + 140, y - 3, 80)

    found = load(make_pdf(draw)).text.split("\n")
    assert found == [f"Question {row} on the {side}?" for side in ("left", "right") for row in range(1, 10)]


def test_blanks_in_running_text_make_no_form(make_pdf: Make, set_text: Put) -> None:
    prose = "This deed is made between the owner and the tenant, who pays the rent on the first day of each month. "

    def draw(sheet: Any) -> None:
        set_text(sheet, prose * 14, 60, 700, 480)
        for row in range(8):
            field(sheet, 400, 695 - 26.4 * row, 60, "")

    document = load(make_pdf(draw))
    assert [p.kind for p in document.paragraphs] == ["body"]
    assert document.text == (prose * 14).strip()


def test_values_on_a_page_without_text_are_read(make_pdf: Make) -> None:
    names = ["Marlow", "", "Hobbs", "", "Penrose", "", "Tregear", ""]

    def draw(sheet: Any) -> None:
        for row in range(8):
            field(sheet, 110, 700 - 24 * row, 150, names[row])

    assert load(make_pdf(draw)).text.split() == [name for name in names if name]


@pytest.mark.parametrize("jobs", [1, 2])
def test_forms_are_the_same_in_other_processes(make_pdf: Make, jobs: int) -> None:
    document = load(make_pdf(*[claim] * 80), jobs=jobs)
    assert document.text.count("Last name Marlow") == 80
