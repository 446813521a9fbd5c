"""Pages of contents: entries are paragraphs of their own, no headings, no tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from segtool.core.document import Document
from segtool.loaders.pdf import load_pdf
from segtool.loaders.pdf.contents import mark_contents
from segtool.loaders.pdf.lines import Line
from segtool.settings import LoadSettings

Make = Callable[..., bytes]
Put = Callable[..., float]
MakeLine = Callable[..., Line]
TITLES = ("OF THE LAND", "OF THE RENT", "Of the trees and hedges", "Of notices", "Schedule of plants")
PROSE = "The tenant shall keep the garden in good order and shall not fell any tree without consent. "


def load(data: bytes) -> Document:
    return load_pdf(data, "deed.pdf", LoadSettings())


def shown(document: Document) -> list[tuple[str, str]]:
    return [(p.kind, p.span.of(document.text)) for p in document.paragraphs]


def test_entries_with_leaders_are_no_headings_though_bold_or_in_capitals(make_pdf: Make, set_text: Put) -> None:
    def contents(sheet: Any) -> None:
        sheet.setFont("Times-Bold", 11)
        sheet.drawString(60, 730, "CONTENTS")
        for index, title in enumerate(TITLES):
            label, number = f"{index + 1}. {title} ", str(3 * index + 2)
            dots = "." * int((490 - sheet.stringWidth(label)) / sheet.stringWidth("."))
            sheet.drawString(60, 700 - 16 * index, label + dots)
            sheet.drawRightString(560, 700 - 16 * index, number)

    def body(sheet: Any) -> None:
        set_text(sheet, PROSE * 8, 60, 700, 480)

    found = shown(load(make_pdf(contents, body)))
    assert found[0] == ("heading", "CONTENTS")
    entries = found[1:6]
    assert [kind for kind, _ in entries] == ["list_item"] * 5
    assert all(text.startswith(f"{index + 1}. {TITLES[index]} ...") for index, (_, text) in enumerate(entries))
    assert all(text.endswith(str(3 * index + 2)) for index, (_, text) in enumerate(entries))


def test_entries_without_leaders_keep_their_number_behind_a_tab(make_pdf: Make, set_text: Put) -> None:
    def contents(sheet: Any) -> None:
        for index, title in enumerate(TITLES):
            sheet.drawString(60, 700 - 16 * index, title)
            sheet.drawRightString(560, 700 - 16 * index, str(3 * index + 2))

    found = shown(load(make_pdf(contents, lambda sheet: set_text(sheet, PROSE * 8, 60, 700, 480))))
    assert found[:5] == [("list_item", f"{title}\t{3 * index + 2}") for index, title in enumerate(TITLES)]


def test_a_title_that_wraps_is_one_entry(line: MakeLine) -> None:
    lines = [
        line("1. Of the land .......... 2", 100),
        line("2. Of the rent and of what is to be done where it is not paid", 112, stop=250),
        line("in the first month of the year .......... 5", 124),
        line("PART TWO", 136, stop=60),
        line("3. Of notices .......... 7", 148),
    ]
    found = mark_contents(lines)
    assert [item.opens for item in found] == [True, True, False, True, True]
    assert {item.role for item in found} == {"contents"}


def test_figures_and_forms_are_no_contents(line: MakeLine) -> None:
    falling = [line(f"Item {n} {90 - n}", 100 + 12 * n, last_gap=60.0) for n in range(6)]
    assert {item.role for item in mark_contents(falling)} == {"body"}
    form = [line("Name ....................", 100 + 12 * n) for n in range(6)]
    assert {item.role for item in mark_contents(form)} == {"body"}
