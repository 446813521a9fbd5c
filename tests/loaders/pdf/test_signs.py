"""Cheap signs of a wrong reading, on files that PDFium really reads wrongly, and on sound ones that look alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from segtool.core.document import Document
from segtool.loaders.pdf import load_pdf
from segtool.loaders.pdf.glyphs import PageGlyphs
from segtool.loaders.pdf.pdfium import PdfiumFile
from segtool.loaders.pdf.plumber import PlumberFile
from segtool.loaders.pdf.signs import better, is_doubtful, n_clashes, n_sound
from segtool.settings import LoadSettings
from tests.loaders.pdf.typeset_pdf import TypesetPdf, file_of, stream

Make = Callable[..., bytes]
Put = Callable[..., float]
PROSE = (
    "The tenant shall keep the garden in good order and shall not fell any tree without the consent of the owner, "
    "which the owner may refuse only where the tree is sound and its shade harms no other part of the land. "
)
ROWS = ("The rent is due on the first day", "of the month of May.")
NO_WIDTHS = f"/FirstChar 32/LastChar 255/Widths[{'0 ' * 224}]"
STANDARD = f"<</Type/Font/Subtype/Type1/BaseFont/Helvetica{NO_WIDTHS}>>"
OTHER = f"<</Type/Font/Subtype/TrueType/BaseFont/Deed{NO_WIDTHS}/FontDescriptor 6 0 R/Encoding/WinAnsiEncoding>>"
DESCRIPTOR = "<</Type/FontDescriptor/FontName/Deed/Flags 32/FontBBox[0 -200 1000 800]>>"


def one_page(font: str, more: str = "") -> bytes:
    """Two rows in a font that is given as it stands in the file; ``more`` operators before each."""
    shown = [f"BT /F 12 Tf {more} 60 {700 - 14 * at} Td ({row}) Tj ET" for at, row in enumerate(ROWS)]
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R/Resources<</Font<</F 4 0 R>>>>>>"
    head = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    return file_of([*head, page, font, stream("\n".join(shown)), DESCRIPTOR])


def load(data: bytes) -> Document:
    return load_pdf(data, "deed.pdf", LoadSettings())


def first_page(data: bytes) -> PageGlyphs:
    file = PdfiumFile(data, "deed.pdf")
    try:
        return file.page(1)
    finally:
        file.close()


def second_page(data: bytes, page: PageGlyphs) -> PageGlyphs:
    second = PlumberFile(data, None, [])
    found = second.read(page)
    second.close()
    assert found is not None
    return found


def test_a_page_of_very_many_glyphs_is_not_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    data = one_page(STANDARD)
    page = first_page(data)
    monkeypatch.setattr("segtool.loaders.pdf.plumber._MOST_GLYPHS", len(page.glyphs.text) - 1)
    assert PlumberFile(data, None, []).read(page) is None


@pytest.mark.parametrize("font", [STANDARD, OTHER], ids=["standard", "other"])
def test_glyphs_that_lie_on_each_other_are_asked_of_the_second_source(font: str) -> None:
    data = one_page(font)
    page = first_page(data)
    # PDFium drops what it takes for double printing.
    assert len("".join("".join(page.glyphs.text).split())) < len("".join("".join(ROWS).split()))
    assert is_doubtful(page)
    assert load(data).text == " ".join(ROWS)


def test_words_that_are_drawn_but_have_no_characters_are_asked_of_the_second_source() -> None:
    data = one_page("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", "0 Tz")
    page = first_page(data)
    assert (page.glyphs.text, page.lost) == ([], 2)
    assert is_doubtful(page)
    assert load(data).text == " ".join(ROWS)


def test_words_in_forms_count_where_the_page_has_none_of_its_own() -> None:
    inner = f"BT /F 12 Tf 0 Tz 60 700 Td ({ROWS[0]}) Tj ET"
    fonts = "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    form = f"<</Type/XObject/Subtype/Form/BBox[0 0 612 792]{fonts}/Length {len(inner)}>>stream\n{inner}\nendstream"
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R/Resources<</XObject<</X 4 0 R>>>>>>"
    head = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    data = file_of([*head, page, form, stream("/X Do")])
    assert first_page(data).lost == 1
    assert load(data).text == ROWS[0]


def test_blank_words_are_doubtful(make_pdf: Make, set_text: Put) -> None:
    page = first_page(make_pdf(lambda sheet: set_text(sheet, PROSE, 60, 700, 480)))
    assert not is_doubtful(page)
    half = len(page.glyphs.text) // 2
    blank = replace(page.glyphs, text=[" "] * (half + 1) + page.glyphs.text[half + 1 :])
    assert is_doubtful(replace(page, glyphs=blank))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_page_needs_less_of_a_sign(make_pdf: Make, set_text: Put, turn: int) -> None:
    def draw(sheet: Any) -> None:
        set_text(sheet, PROSE, 60, 700, 480)
        sheet.setPageRotation(turn)

    page = first_page(make_pdf(draw))
    some = replace(page, unmapped=len(page.glyphs.text) // 12)
    assert (page.rotation, is_doubtful(page), is_doubtful(some)) == (turn // 90, False, turn != 0)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("matrix", [(1, 0, 0, 1, 0, 0), (0, 1, -1, 0, 600, 0), (-1, 0, 0, -1, 612, 792)])
def test_both_sources_place_the_text_of_turned_pages_alike(
    make_pdf: Make, set_text: Put, turn: int, matrix: tuple[int, ...]
) -> None:
    def draw(sheet: Any) -> None:
        sheet.setPageRotation(turn)
        sheet.transform(*matrix)
        set_text(sheet, PROSE, 60, 500, 480)

    data = make_pdf(draw)
    page = first_page(data)
    other = second_page(data, page)
    assert other.frame == page.frame
    assert other.sideways == page.sideways == ()

    def places(glyphs: Any) -> list[tuple[str, int, int]]:
        columns = zip(glyphs.text, glyphs.x0.tolist(), glyphs.base.tolist(), strict=True)
        return sorted((char, round(x), round(base)) for char, x, base in columns if char > " ")

    mine, theirs = places(page.glyphs), places(other.glyphs)
    assert [char for char, _, _ in mine] == [char for char, _, _ in theirs]
    assert all(abs(a[1] - b[1]) <= 1 and abs(a[2] - b[2]) <= 1 for a, b in zip(mine, theirs, strict=True))


def test_of_two_readings_the_one_with_more_sound_characters_is_better(make_pdf: Make, set_text: Put) -> None:
    page = first_page(make_pdf(lambda sheet: set_text(sheet, PROSE, 60, 700, 480)))
    same, unmapped = replace(page), replace(page, unmapped=5)
    assert n_sound(page) == len("".join(PROSE.split()))
    assert better(page, same) is page
    assert better(unmapped, page) is page
    assert better(page, unmapped) is page
    heap = replace(page.glyphs, x0=page.glyphs.x0 * 0 + 60, x1=page.glyphs.x1 * 0 + 66 + page.glyphs.x0 / 100)
    assert better(replace(page, glyphs=heap), page) is page
    assert better(page, replace(page, glyphs=heap)) is page


def bold(sheet: Any, put: Put) -> None:
    for shift in (0.0, 0.3):
        put(sheet, PROSE, 60 + shift, 700, 480)
    for at, char in enumerate("BOLDLETTERSEACHPRINTEDTWICE"):
        sheet.drawString(60 + 8 * at, 500, char)
        sheet.drawString(60.4 + 8 * at, 500, char)


def form(sheet: Any, put: Put) -> None:
    put(sheet, PROSE, 60, 700, 480)
    for at in range(12):
        sheet.drawString(60, 600 - 20 * at, "Name of the tenant ______________________")
        sheet.drawString(180, 600 - 20 * at, "Marlow")


def accents(sheet: Any, put: Put) -> None:
    put(sheet, PROSE, 60, 700, 480)
    for at in range(30):
        sheet.drawString(60 + 12 * at, 600, "e")
        sheet.drawString(60 + 12 * at, 600, "´")


def formulas(sheet: Any, put: Put) -> None:
    put(sheet, PROSE, 60, 700, 480)
    for at in range(12):
        x, y = 60 + 40 * at, 600
        sheet.setFont("Times-Roman", 11)
        for text, across, up in (("a", 0, 7), ("b", 0, -7), ("lim", 8, 0), ("x", 26, 0)):
            sheet.drawString(x + across, y + up, text)
        sheet.setFont("Times-Roman", 6)
        for text, across, up in (("n", 12, -6), ("2", 31, 4), ("i", 31, -2)):
            sheet.drawString(x + across, y + up, text)


@pytest.mark.parametrize("draw", [bold, form, accents, formulas])
def test_sound_pages_that_look_alike_are_not_doubtful(draw: Callable[..., None], make_pdf: Make, set_text: Put) -> None:
    page = first_page(make_pdf(lambda sheet: draw(sheet, set_text)))
    assert n_clashes(page.glyphs) < 5
    assert not is_doubtful(page)


def test_characters_of_one_glyph_share_its_place_and_do_not_clash() -> None:
    page = TypesetPdf()
    page.place([("fi" if at % 2 else "o", 60 + 9 * at, 700, 9) for at in range(40)])
    page.place([("لا", 60 + 9 * at, 680, 9) for at in range(40)])
    found = first_page(page.build())
    assert n_clashes(found.glyphs) == 0
    assert not is_doubtful(found)


def test_upright_columns_of_ideographs_are_no_sign() -> None:
    page = TypesetPdf()
    for column in range(4):
        page.place([(char, 500 - 18 * column, 700 - 11 * at, 11) for at, char in enumerate("政令第百四十九号内閣")])
    assert not is_doubtful(first_page(page.build()))


def test_letters_that_stand_on_one_another_are_doubtful() -> None:
    page = TypesetPdf()
    page.place([(char, 300, 700 - 11 * at, 6) for at, char in enumerate("TheTenantShallKeepTheGarden")])
    assert is_doubtful(first_page(page.build()))


def test_a_blank_page_with_a_space_on_it_is_not_doubtful(make_pdf: Make) -> None:
    def draw(sheet: Any) -> None:
        for at in range(6):
            sheet.drawString(60, 700 - 20 * at, " ")

    assert not is_doubtful(first_page(make_pdf(draw)))
