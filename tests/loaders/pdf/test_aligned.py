"""Tables without ruling lines, and what looks like one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from segtool.core.document import Document
from segtool.loaders.pdf import load_pdf
from segtool.loaders.pdf.aligned import aligned_tables
from segtool.loaders.pdf.rows import rows_of
from segtool.loaders.pdf.words import Word
from segtool.settings import LoadSettings

Make = Callable[..., bytes]
Put = Callable[..., float]
MakeWords = Callable[..., list[Word]]
PROSE = "The tenant shall keep the garden in good order and shall not fell any tree without consent. "
PRICES = (("Plant", "Height", "Price"), ("Yew", "2.5 m", "14.00"), ("Box hedge", "0.8 m", "3.20"), ("Oak", "4 m", "90"))


def load(data: bytes) -> Document:
    return load_pdf(data, "deed.pdf", LoadSettings())


def tables(document: Document) -> list[str]:
    return [p.span.of(document.text) for p in document.paragraphs if p.kind == "table"]


def cells(words: MakeWords, rows: Sequence[Sequence[str]], places: Sequence[float], step: float = 14.0) -> list[Word]:
    return [
        word
        for number, row in enumerate(rows)
        for place, text in zip(places, row, strict=True)
        if text
        for word in words(text, place, 100 + step * number)
    ]


def test_aligned_columns_are_a_table_between_paragraphs(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        y = set_text(sheet, PROSE * 3, 60, 720, 480) - 12
        for row in PRICES:
            sheet.drawString(60, y, row[0])
            sheet.drawString(220, y, row[1])
            sheet.drawRightString(400, y, row[2])
            y -= 15
        set_text(sheet, PROSE * 3, 60, y - 12, 480)

    document = load(make_pdf(draw))
    assert tables(document) == ["\n".join("\t".join(row) for row in PRICES)]
    assert [p.kind for p in document.paragraphs] == ["body", "table", "body"]


def test_a_table_inside_one_of_two_columns(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        set_text(sheet, PROSE * 16, 60, 720, 230)
        y = set_text(sheet, PROSE * 5, 320, 720, 230) - 12
        for row in PRICES:
            sheet.drawString(320, y, row[0])
            sheet.drawString(420, y, row[1])
            sheet.drawRightString(540, y, row[2])
            y -= 15
        set_text(sheet, PROSE * 4, 320, y - 12, 230)

    document = load(make_pdf(draw))
    assert tables(document) == ["\n".join("\t".join(row) for row in PRICES)]
    assert document.text.startswith(PROSE.strip())


def test_three_columns_of_text_are_no_table(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        for x in (50, 220, 390):
            set_text(sheet, PROSE * 9, x, 720, 150)

    assert tables(load(make_pdf(draw))) == []


def test_a_cell_that_wraps_stays_in_its_row(words: MakeWords) -> None:
    rows = [
        ("Yew", "grows slowly and", "14.00"),
        ("", "bears no shade", ""),
        ("Oak", "tall", "90.00"),
        ("Ash", "ill", "1.00"),
    ]
    found = aligned_tables(rows_of(cells(words, rows, (0, 80, 220), 12.0)))
    assert [" ".join(w.text for w in cell) for cell in found[0].rows[0]] == [
        "Yew",
        "grows slowly and bears no shade",
        "14.00",
    ]


def test_two_columns_need_figures_in_the_second(words: MakeWords) -> None:
    signatures = [("By: A. Notary", "By: B. Tenant"), ("Name: Anna", "Name: Bert"), ("Date: May", "Date: June")] * 2
    assert aligned_tables(rows_of(cells(words, signatures, (0, 200)))) == []
    sums = [("Rent", "1,200.00"), ("Rates", "80.50"), ("Repairs", "310.00"), ("Sum", "1,590.50")]
    assert len(aligned_tables(rows_of(cells(words, sums, (0, 200))))) == 1


def test_contents_captions_and_labels_are_no_tables(words: MakeWords) -> None:
    contents = [("Of the land", "2"), ("Of the rent", "5"), ("Of notices", "9"), ("Schedule", "11")]
    assert aligned_tables(rows_of(cells(words, contents, (0, 200)))) == []
    caption = [("ANNA FINCH,", ")", "No. 12-345"), ("Plaintiff,", ")", ""), ("v.", ")", "ORDER"), ("BERT,", ")", "")]
    assert aligned_tables(rows_of(cells(words, caption, (0, 120, 200)))) == []
    items = [("(a)", "the rent"), ("(b)", "the rates"), ("(c)", "the sums"), ("(d)", "the rest")]
    assert aligned_tables(rows_of(cells(words, items, (0, 60)))) == []
