"""Paragraphs as the pages are read: the same as of the whole document, and the first ones early."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from segtool.core.passage import JOINER, Passage, passages_of
from segtool.loaders import iter_paragraphs
from segtool.loaders.pdf import iter_pdf, load_pdf
from segtool.loaders.pdf.pdfium import PdfiumFile
from segtool.settings import LoadSettings
from segtool.storage.records import passage_records

Make = Callable[..., bytes]
Put = Callable[..., float]
PROSE = "The tenant shall keep the garden in good order and shall not fell any tree without consent. "


@pytest.fixture
def long_deed(make_pdf: Make, set_text: Put) -> bytes:
    """A hundred pages with heads, numbers, headings, notes, and paragraphs that run over every page break."""

    def page(number: int) -> Callable[[Any], None]:
        def draw(sheet: Any) -> None:
            sheet.drawString(60, 750, "Deed of lease")
            sheet.drawString(300, 40, str(number))
            set_text(sheet, "and so on to the end of the clause. " + PROSE, 60, 720, 480)
            sheet.setFont("Times-Bold", 13)
            sheet.drawString(60, 640, f"Clause {number} of the deed")
            set_text(sheet, (PROSE + "Nothing in this clause binds a guest of the house, ") * 3, 60, 610, 480)
            set_text(sheet, "(a) the rent, which is due on the first day of each month and on no other", 60, 500, 480)
            set_text(sheet, PROSE * 2 + "What is written below binds the heirs of both,", 60, 460, 480)

        return draw

    return make_pdf(*(page(number) for number in range(1, 101)))


@pytest.mark.parametrize("keep_furniture", [False, True])
def test_the_stream_is_the_document(long_deed: bytes, keep_furniture: bool) -> None:
    settings = LoadSettings(keep_furniture=keep_furniture)
    document = load_pdf(long_deed, "deed.pdf", settings)
    stream = list(iter_pdf(long_deed, "deed.pdf", settings))
    assert JOINER.join(passage.text for passage in stream) == document.text
    assert stream == list(passages_of(document))
    assert len({fragment.page for fragment in stream[-1].fragments}) == 1


def test_the_first_paragraph_waits_for_no_more_than_a_run_of_pages(
    long_deed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    page = PdfiumFile.page

    def noted(self: PdfiumFile, number: int) -> Any:
        read.append(number)
        return page(self, number)

    monkeypatch.setattr(PdfiumFile, "page", noted)
    stream = iter_pdf(long_deed, "deed.pdf", LoadSettings())
    next(stream)
    assert len(read) <= 72
    list(stream)
    assert read == list(range(1, 101))


def test_a_level_counts_the_looks_met_so_far(make_pdf: Make, set_text: Put) -> None:
    def draw(size: float) -> Callable[[Any], None]:
        def page(sheet: Any) -> None:
            y = set_text(sheet, PROSE * 6, 60, 720, 480)
            sheet.setFont("Times-Bold", size)
            sheet.drawString(60, y - 30, "Of the rent")
            set_text(sheet, PROSE * 6, 60, y - 60, 480)

        return page

    data = make_pdf(*[draw(14.0)] * 60, *[draw(18.0)] * 60)
    stream = iter_pdf(data, "deed.pdf", LoadSettings())
    first = next(passage.paragraph for passage in stream if passage.paragraph.kind == "heading")
    whole = next(p for p in load_pdf(data, "deed.pdf", LoadSettings()).paragraphs if p.kind == "heading")
    assert (first.level, whole.level) == (1, 2)
    assert replace(first, level=2) == whole


def test_other_formats_give_their_paragraphs_too(tmp_path: Path) -> None:
    path = tmp_path / "deed.md"
    path.write_text("# Rent\n\nIt is due.\n", "utf-8")
    assert [passage.text for passage in iter_paragraphs(path)] == ["# Rent", "It is due."]


def test_furniture_gives_records_only_when_kept(long_deed: bytes) -> None:
    stream = list(iter_pdf(long_deed, "deed.pdf", LoadSettings(keep_furniture=True)))
    kinds = {record["kind"] for record in passage_records("deed.pdf", stream, keep_furniture=True)}
    assert "furniture" in kinds
    left = list(passage_records("deed.pdf", stream))
    assert [record["index"] for record in left] == list(range(len(left)))
    assert all(record["kind"] != "furniture" for record in left)


def test_a_paragraph_is_cut_where_furniture_stands(make_pdf: Make, set_text: Put) -> None:
    def first(sheet: Any) -> None:
        sheet.drawString(60, 750, "Deed of lease")
        sheet.drawString(300, 40, "- 1 -")
        y = set_text(sheet, PROSE * 30, 60, 700, 480)
        set_text(sheet, "Whoever takes the land takes its burdens and all that goes with them, the", 60, y - 20, 480)

    def second(sheet: Any) -> None:
        sheet.drawString(60, 750, "Deed of lease")
        sheet.drawString(300, 40, "- 2 -")
        set_text(sheet, "road and the well among them. " + PROSE * 3, 60, 700, 480)

    data = make_pdf(first, second)

    def shown(passages: list[Passage]) -> list[tuple[str, str]]:
        return [(passage.paragraph.kind, passage.text[:8]) for passage in passages]

    kept = shown(list(iter_pdf(data, "deed.pdf", LoadSettings(keep_furniture=True))))
    start = kept.index(("body", "Whoever "))
    assert kept[start + 1 :] == [
        ("furniture", "- 1 -"),
        ("furniture", "Deed of "),
        ("body", "road and"),
        ("furniture", "- 2 -"),
    ]
    assert ("body", "road and") not in shown(list(iter_pdf(data, "deed.pdf", LoadSettings())))
