"""The traps of the format that other readers fall into, each on pages typeset for it."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from segtool.core.document import Document
from segtool.errors import LoadError
from segtool.loaders.pdf import load_pdf
from segtool.loaders.pdf.pdfium import PdfiumFile
from segtool.loaders.pdf.plumber import PlumberFile
from segtool.settings import LoadSettings
from tests.loaders.pdf.typeset_pdf import TypesetPdf

Make = Callable[..., bytes]
Put = Callable[..., float]
Glyph = tuple[str, float, float, float]
PROSE = (
    "The tenant shall keep the garden in good order and shall not fell any tree without the consent of the owner, "
    "which the owner may refuse only where the tree is sound and its shade harms no other part of the land. "
)
HEBREW = "הדייר ישמור על הגן במצב טוב"
PERSIAN = "مستأجر باید باغ را نگه دارد"


def load(data: bytes, **settings: Any) -> Document:
    return load_pdf(data, "deed.pdf", LoadSettings(**settings))


def texts(document: Document) -> list[str]:
    return [paragraph.span.of(document.text) for paragraph in document.paragraphs]


def furniture(document: Document) -> list[tuple[str, str]]:
    return [(item["kind"], item["text"]) for item in document.metadata["furniture"]]


def leftwards(text: str, right: float, y: float, width: float = 6.0) -> list[Glyph]:
    """Glyphs in logical order, each to the left of the one before it."""
    return [(char, right - width * (index + 1), y, width) for index, char in enumerate(text)]


# ------------------------------------------------------------------ direction


@pytest.mark.parametrize("text", [HEBREW, PERSIAN])
def test_right_to_left_text_is_logical_whichever_way_it_was_written(text: str) -> None:
    placed, visual = TypesetPdf(), TypesetPdf()
    placed.place(leftwards(text, 500, 700))
    visual.show(text[::-1], 200, 700)
    assert load(placed.build()).text == load(visual.build()).text == text


def test_numbers_and_latin_names_in_a_right_to_left_line_keep_their_own_direction() -> None:
    page = TypesetPdf()
    page.show("קוחל 12 ףיעס יפ לע", 200, 700)
    page.show("ןגה תא רכש Marlow רמ", 200, 680)
    assert texts(load(page.build())) == ["על פי סעיף 12 לחוק", "מר Marlow שכר את הגן"]


def test_letters_in_presentation_forms_become_plain_ones() -> None:
    page = TypesetPdf()
    page.place(leftwards("ﺳﻼم ﺑﺎغ", 500, 700))
    assert load(page.build()).text == "سلام باغ"


def test_right_to_left_columns_start_at_the_right() -> None:
    page = TypesetPdf()
    for row in range(6):
        page.show((HEBREW + " אחת")[::-1], 330, 700 - 14 * row)
        page.show((HEBREW + " שתי")[::-1], 80, 700 - 14 * row)
    text = load(page.build()).text
    assert text.rindex("אחת") < text.index("שתי")


@pytest.mark.parametrize("matrix", ["0 1 -1 0 600 0 cm", "0 -1 1 0 0 780 cm", "-1 0 0 -1 612 792 cm"])
def test_text_drawn_sideways_or_on_its_head_is_read_along_its_lines(matrix: str) -> None:
    page = TypesetPdf()
    page.draw(f"q {matrix}")
    page.show("The rent is due on the first day of May.", 60, 300)
    page.show("It is paid in silver and in no other coin.", 60, 286)
    page.draw("Q")
    document = load(page.build())
    assert document.text == "The rent is due on the first day of May. It is paid in silver and in no other coin."
    assert all(0 <= f.bbox.x0 <= f.bbox.x1 <= 612 and 0 <= f.bbox.top <= f.bbox.bottom <= 792 for f in boxed(document))


def boxed(document: Document) -> list[Any]:
    return [fragment for fragment in document.fragments if fragment.bbox is not None]


def test_a_sideways_notice_in_the_margin_is_no_text(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        set_text(sheet, PROSE * 4, 90, 700, 430)
        sheet.rotate(90)
        sheet.drawString(200, -40, "Downloaded from a library on 4 May")

    document = load(make_pdf(draw))
    assert document.text == (PROSE * 4).strip()
    assert furniture(document) == [("side_text", "Downloaded from a library on 4 May")]


def test_vertical_columns_are_read_from_the_right_and_horizontal_rows_from_the_top() -> None:
    text = "政令第百四十九号内閣は道路交通法の一部を改正する法律の施行"
    rows, columns = TypesetPdf(), TypesetPdf()
    for number in range(3):
        part = text[10 * number : 10 * number + 10]
        rows.place([(char, 60 + 11 * step, 700 - 18 * number, 11) for step, char in enumerate(part)])
        columns.place([(char, 500 - 18 * number, 700 - 11 * step, 11) for step, char in enumerate(part)])
    assert load(rows.build()).text == load(columns.build()).text == text


# ------------------------------------------------------------------ order


def test_columns_that_pdfplumber_reads_across_are_read_one_by_one(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        set_text(sheet, "First. " + PROSE * 2, 60, 700, 220)
        set_text(sheet, "Second. " + PROSE * 2, 320, 700, 220)

    data = make_pdf(draw)
    pdfplumber = pytest.importorskip("pdfplumber")
    with pdfplumber.open(io.BytesIO(data)) as file:
        first = file.pages[0].extract_text().split("\n")[0]
    assert "First." in first
    assert "Second." in first
    assert texts(load(data)) == [("First. " + PROSE * 2).strip(), ("Second. " + PROSE * 2).strip()]


def test_columns_that_begin_and_end_in_mid_page(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        set_text(sheet, "Whole above. " + PROSE * 2, 60, 740, 490)
        for part, x in (("Left. ", 60), ("Right. ", 320)):
            set_text(sheet, part + PROSE * 2, x, 620, 230)
        set_text(sheet, "Whole below. " + PROSE * 2, 60, 380, 490)

    starts = [text.split(".")[0] for text in texts(load(make_pdf(draw)))]
    assert starts == ["Whole above", "Left", "Right", "Whole below"]


def test_a_heading_that_runs_off_the_page_does_not_widen_its_column(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        sheet.setFont("Helvetica-Bold", 18)
        sheet.drawString(60, 760, "TENANT_KEEPS_THE_GARDEN_AND_THE_HEDGES_OF_THE_ESTATE_OF_THE_OWNER")
        set_text(sheet, PROSE, 60, 720, 490)

    assert len(texts(load(make_pdf(draw)))) == 2


def test_the_order_inside_the_file_does_not_count(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        for part, y in (("third", 400), ("first", 700), ("second", 550)):
            set_text(sheet, f"The {part} part. " + PROSE, 60, y, 480)

    assert [text.split()[1] for text in texts(load(make_pdf(draw)))] == ["first", "second", "third"]


# ------------------------------------------------------------------ characters


@pytest.mark.parametrize("sign", [" ", "\u00ad"])
def test_soft_hyphens_that_take_no_room_are_no_spaces(sign: str) -> None:
    # Chromium draws one at each place where a word may be cut, and the next letter over it.
    page, x = TypesetPdf(), 60.0
    glyphs: list[Glyph] = []
    for char in "Der Ta|rif|ver|trag der Par|tei|en gilt fort.":
        width = 2.75 if char in "| " else 5.5
        glyphs.append((sign if char == "|" else char, x, 700, width))
        x += 0 if char == "|" else width
    page.place(glyphs)
    assert load(page.build()).text == "Der Tarifvertrag der Parteien gilt fort."


def test_a_soft_hyphen_at_a_line_end_joins_its_word() -> None:
    page = TypesetPdf()
    page.show("The tenant shall keep the gar\u00ad", 60, 700)
    page.show("den and its well in good order", 60, 686)
    assert load(page.build()).text == "The tenant shall keep the garden and its well in good order"


def test_ligatures_of_the_private_use_area_and_of_unicode_are_letters() -> None:
    page = TypesetPdf()
    page.show("The of\uf001ce is on the \uf002oor of the o\ufb03cer, as de\ufb01ned.", 60, 700)
    assert load(page.build()).text == "The office is on the floor of the officer, as defined."


def test_characters_without_unicode_are_counted_and_said() -> None:
    page = TypesetPdf(is_mapped=False)
    page.show("The rent is due.", 60, 700)
    page.next_page()
    page.show("The rent is due.", 60, 700)
    try:
        warnings = load(page.build()).metadata["warnings"]
    except LoadError as error:
        warnings = [str(error)]
    assert any(re.search(r"page 2: \d+ characters can't be mapped|no text layer", warning) for warning in warnings)


def test_bold_by_printing_twice_is_read_once(make_pdf: Make) -> None:
    def draw(sheet: Any) -> None:
        for x in (60, 60.3):
            sheet.drawString(x, 700, "The rent is due")
        sheet.drawString(60, 660, "on the first day of May.")

    assert texts(load(make_pdf(draw))) == ["The rent is due", "on the first day of May."]
    page, x = TypesetPdf(), 60.0
    glyphs: list[Glyph] = []
    for char in "The rent is due":
        glyphs += [(char, x, 700, 5.5), (char, x + 0.4, 700, 5.5)]
        x += 5.5
    page.place(glyphs)
    assert load(page.build()).text == "The rent is due"


@pytest.mark.parametrize(("text", "spacing"), [("ARTICLE ONE", "4 Tc"), ("A R T I C L E  O N E", "")])
def test_a_letterspaced_heading_is_words(text: str, spacing: str) -> None:
    page = TypesetPdf()
    page.show(text, 60, 700, more=spacing)
    page.show("The rent is due on the first day of May.", 60, 670)
    document = load(page.build())
    assert texts(document)[0] == "ARTICLE ONE"
    assert document.paragraphs[0].kind == "heading"


def test_letters_in_the_order_of_the_alphabet_are_no_word() -> None:
    page = TypesetPdf()
    page.show("A B C D E F G H", 60, 700)
    assert load(page.build()).text == "A B C D E F G H"


def test_text_that_nobody_sees_is_left_out_unless_it_is_all_there_is() -> None:
    page = TypesetPdf()
    page.show("The rent is due on the first day.", 60, 700)
    page.show("seo words", 60, 670, more="3 Tr")
    document = load(page.build())
    assert document.text == "The rent is due on the first day."
    assert furniture(document) == [("invisible", "seo words")]
    hidden = TypesetPdf()
    hidden.show("Words behind a drawing of them.", 60, 700, more="3 Tr")
    assert load(hidden.build()).text == "Words behind a drawing of them."


def test_spaces_are_where_there_is_room_for_them(make_pdf: Make) -> None:
    def draw(sheet: Any) -> None:
        x = 60.0
        for piece in ("The", "rent", "is", "due"):
            sheet.drawString(x, 700, piece)
            x += sheet.stringWidth(piece, "Times-Roman", 11) + 2.6
        sheet.drawString(60, 660, "Te nant", charSpace=0)
        sheet.drawString(60, 620, "kerned", charSpace=0.4)

    page = TypesetPdf()
    page.place([("g", 60, 600, 5.5), (" ", 65.5, 600, 0.0), ("o", 65.6, 600, 5.5)])
    assert texts(load(make_pdf(draw))) == ["The rent is due", "Te nant", "kerned"]
    assert load(page.build()).text == "go"


# ------------------------------------------------------------------ paragraphs


def test_a_drop_capital_belongs_to_its_word(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        sheet.setFont("Times-Roman", 31)
        sheet.drawString(60, 686.8, "W")
        set_text(
            sheet,
            "HEREAS the owner has let the garden behind the house to the tenant, who has paid the first",
            96,
            700,
            204,
        )
        set_text(sheet, "rent, the parties agree on what is written. " + PROSE, 60, 673.6, 240)

    document = load(make_pdf(draw))
    assert texts(document)[0].startswith("WHEREAS the owner has let the garden behind the house to the tenant, who has")
    assert len(document.paragraphs) == 1


def test_hanging_indents_are_one_paragraph_each(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        y = 700.0
        for label in ("(a)", "(b)", "(c)"):
            sheet.drawString(60, y, label)
            y = set_text(sheet, PROSE, 90, y, 430)

    document = load(make_pdf(draw))
    assert texts(document) == [f"({letter}) {PROSE.strip()}" for letter in "abc"]
    assert {(p.kind, p.level) for p in document.paragraphs} == {("list_item", 1)}


def test_entries_whose_first_line_stands_out_are_one_paragraph_each(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        y = 720.0
        for name in ("Finch", "Marlow", "Warden", "Yeoman"):
            sheet.drawString(60, y, f"{name}, The law of gardens and of the wells that water them, in two")
            rest = "volumes with an index of the cases, printed for the heirs of the author."
            y = set_text(sheet, rest, 84, y - 13.2, 300)

    assert [text.split(",")[0] for text in texts(load(make_pdf(draw)))] == ["Finch", "Marlow", "Warden", "Yeoman"]


def test_clauses_at_four_depths_have_their_number_and_level(make_pdf: Make, set_text: Put) -> None:
    clauses = (("1.", 0), ("(a)", 1), ("(i)", 2), ("(A)", 3), ("(B)", 3), ("(ii)", 2), ("(b)", 1), ("2.", 0))

    def draw(sheet: Any) -> None:
        y = 740.0
        for label, depth in clauses:
            sheet.drawString(60 + 24 * depth, y, label)
            y = set_text(sheet, PROSE, 84 + 24 * depth, y, 400 - 24 * depth) - 4

    document = load(make_pdf(draw))
    assert [(p.number, p.level) for p in document.paragraphs] == [(label, depth + 1) for label, depth in clauses]


def test_small_capitals_of_two_sizes_are_one_word_each(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        x = 60.0
        for text, size in (("T", 12), ("HE ", 9), ("T", 12), ("ENANT", 9)):
            sheet.setFont("Times-Roman", size)
            sheet.drawString(x, 700, text)
            x += sheet.stringWidth(text, "Times-Roman", size)
        set_text(sheet, PROSE * 3, 60, 670, 480)

    document = load(make_pdf(draw))
    assert texts(document)[0] == "THE TENANT"
    assert document.paragraphs[0].kind == "heading"


def test_a_note_stands_behind_the_paragraph_that_cites_it_though_that_goes_on(make_pdf: Make, set_text: Put) -> None:
    def first(sheet: Any) -> None:
        y = set_text(sheet, PROSE * 3, 60, 700, 480)
        clause = "The garden is let with its well, which the tenant keeps clean and open and at hand"
        y = set_text(sheet, clause, 60, y - 12, 480)
        sheet.setFont("Times-Roman", 6)
        sheet.drawString(60 + 70, y + 13.2 + 4, "1")
        sheet.line(60, 120, 160, 120)
        sheet.drawString(60, 108, "1")
        set_text(sheet, "The well was dug by the owner.", 64, 104, 300, size=8)

    def second(sheet: Any) -> None:
        set_text(sheet, "for the neighbours, who have drawn from it since the house was built. " + PROSE, 60, 700, 480)

    document = load(make_pdf(first, second))
    kinds = [(p.kind, p.span.of(document.text)[:12]) for p in document.paragraphs]
    assert kinds[-1] == ("footnote", "The well was")
    assert "at hand for the neighbours" in document.text
    assert "since the house" in texts(document)[-2]


def test_a_table_without_sides_is_a_table(make_pdf: Make) -> None:
    def draw(sheet: Any) -> None:
        for y in (700, 680, 660, 640):
            sheet.line(60, y, 400, y)
        sheet.line(200, 640, 200, 700)
        for row, (left, right) in enumerate(
            (("Clause", "Of what it speaks"), ("one", "the rent"), ("two", "the well"))
        ):
            sheet.drawString(66, 686 - 20 * row, left)
            sheet.drawString(206, 686 - 20 * row, right)

    document = load(make_pdf(draw))
    assert [p.kind for p in document.paragraphs] == ["table"]
    assert document.text == "Clause\tOf what it speaks\none\tthe rent\ntwo\tthe well"


def test_captions_side_by_side_stand_alone(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        for number, x in ((1, 60), (2, 320)):
            set_text(sheet, PROSE * 2, x, 700, 230)
            set_text(sheet, f"Figure {number}. A garden with its well", x, 500, 230, size=9)

    document = load(make_pdf(draw))
    captions = [p.span.of(document.text) for p in document.paragraphs if p.kind == "caption"]
    assert captions == ["Figure 1. A garden with its well", "Figure 2. A garden with its well"]


def test_blocks_that_only_a_wider_gap_parts_stay_apart_in_a_document_of_two_spacings(
    make_pdf: Make, set_text: Put
) -> None:
    def spaced(sheet: Any) -> None:
        words, y = (PROSE * 5).split(), 720.0
        while words:
            row = [words.pop(0) for _ in range(min(14, len(words)))]
            sheet.drawString(60, y, " ".join(row))
            y -= 26.4

    def blocks(sheet: Any) -> None:
        y = 720.0
        for name in ("Anna", "Bert"):
            y = set_text(sheet, f"{name} " + PROSE, 60, y, 440) - 13.2

    starts = [text.split()[0] for text in texts(load(make_pdf(spaced, blocks)))]
    assert starts[-2:] == ["Anna", "Bert"]


# ------------------------------------------------------------------ furniture


@pytest.mark.parametrize(
    "shape",
    [
        "{0}", "- {0} -", "Page {0}", "Page {0} of 3", "{0}/3", "[{0}]", "p. {0}", "Seite {0} von 3", "A-{0}", "F–{0}",
        "第{0}頁", "{0}.", "Page | {0}", "{1}", "({0})", "~ {0} ~", "7-{0}", "страница {0}",
    ],
)  # fmt: skip
def test_page_numbers_of_every_shape_go(shape: str) -> None:
    page = TypesetPdf()
    for number, roman in enumerate(("i", "ii", "iii"), 1):
        if number > 1:
            page.next_page()
        for row in range(30):
            page.show(f"{PROSE[row * 3 : row * 3 + 60]} of page {'abc'[number - 1]}", 60, 740 - 20 * row)
        page.show(shape.format(number, roman), 300, 40)
    document = load(page.build())
    assert [kind for kind, _ in furniture(document)] == ["page_number"] * 3


def test_stamps_notices_and_heads_that_alternate_go_and_are_kept_in_the_metadata(make_pdf: Make, set_text: Put) -> None:
    def page(number: int) -> Callable[[Any], None]:
        def draw(sheet: Any) -> None:
            sheet.drawString(60 if number % 2 else 400, 760, "Deed of lease" if number % 2 else "Orchard County")
            set_text(sheet, f"Number {number}. " + PROSE * 8, 60, 700, 480)
            sheet.drawString(450, 24, f"ORCH{number:06d}")
            sheet.drawString(60, 50, "Downloaded from the library of Orchard on 4 May; for private use only")

        return draw

    document = load(make_pdf(*(page(number) for number in range(1, 7))))
    assert document.text.count("Number") == 6
    assert {kind for kind, _ in furniture(document)} == {"header", "bates", "footer"}
    assert all(len(item["bbox"]) == 4 for item in document.metadata["furniture"])
    assert all(word not in document.text for word in ("Deed of lease", "Orchard", "ORCH", "Downloaded"))


@pytest.mark.parametrize("step", [1, 5])
def test_line_numbers_of_pleadings_and_bills_go(make_pdf: Make, step: int) -> None:
    def draw(sheet: Any) -> None:
        for row in range(1, 29):
            if row % step == 0:
                sheet.drawRightString(60, 740 - 24 * row, str(row))
            sheet.drawString(80, 740 - 24 * row, PROSE[2 * row : 2 * row + 80])

    document = load(make_pdf(draw, draw, draw))
    assert {kind for kind, _ in furniture(document)} == {"line_number"}
    assert not re.search(r"\d", document.text)


def test_notes_in_the_margin_leave_the_text(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        set_text(sheet, PROSE * 4, 60, 700, 400)
        set_text(sheet, "Duty of care", 480, 690, 80, size=7)

    document = load(make_pdf(draw))
    assert document.text == (PROSE * 4).strip()
    assert furniture(document) == [("side_note", "Duty of care")]


def test_names_that_are_no_sound_unicode_are_read_as_far_as_they_go() -> None:
    lone = "<feff0052d8000065006e0074>"  # half of a surrogate pair inside
    page = TypesetPdf(catalog=f"/Outlines<</First 99 0 R>>/PageLabels<</Nums[0<</P{lone}>>]>>")
    page.show("The rent is due.", 60, 700)
    data = page.build().replace(b"trailer\n<<", b"trailer\n<</Info<</Title%b>>" % lone.encode())
    data = data.replace(b"xref\n", b"99 0 obj\n<</Title%b>>\nendobj\nxref\n" % lone.encode(), 1)
    metadata = load(data).metadata
    assert metadata["page_labels"] == ["Rent"]
    assert [mark["title"] for mark in metadata["bookmarks"]] == ["Rent"]


def test_printed_page_numbers_stand_beside_the_indices() -> None:
    labels = "/PageLabels<</Nums[0<</S/r>>2<</S/D/St 1>>3<</S/A/P(App-)>>]>>"
    pages = TypesetPdf(catalog=labels)
    for number in range(4):
        if number:
            pages.next_page()
        pages.show("The rent is due.", 60, 700)
    assert load(pages.build()).metadata["page_labels"] == ["i", "ii", "1", "App-A"]


# ------------------------------------------------------------------ sources and memory


def test_a_stream_that_breaks_off_is_read_up_to_there() -> None:
    content = b"".join(b"BT /F 12 Tf 60 %d Td (Line %d of the deed.) Tj ET\n" % (740 - 20 * i, i) for i in range(30))
    packed = zlib.compress(content)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R/Resources<</Font<</F 4 0 R>>>>>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(packed), packed[:-12] + b"\x00" * 12),
    ]
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % item for item in enumerate(objects, 1))
    document = load(b"%PDF-1.5\n" + body + b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n7\n%%EOF\n")
    assert document.text.startswith("Line 0 of the deed.")
    assert "Line 9 of the deed." in document.text


def test_places_beyond_any_page_do_no_harm() -> None:
    page = TypesetPdf(page="/CropBox[10252086525 0 10252087137 792]")
    page.show("The rent is due on the first day.", 60, 700, size=900_000_000)
    assert "T" in load(page.build(), keep_furniture=True).text


def test_both_sources_see_the_same_characters_at_the_same_places(make_pdf: Make, set_text: Put) -> None:
    data = make_pdf(lambda sheet: set_text(sheet, PROSE * 5, 60, 700, 480))
    file = PdfiumFile(data, "deed.pdf")
    page = file.page(1)
    page.unmapped = 10_000  # so that the second source is no worse
    second = PlumberFile(data, None, file.styles)
    other = second.read(page)
    second.close()
    file.close()
    assert other is not None

    def places(glyphs: Any) -> list[tuple[str, int, int]]:
        columns = zip(glyphs.text, glyphs.x0, glyphs.base, strict=True)
        return sorted((char, round(float(x)), round(float(base))) for char, x, base in columns if char > " ")

    mine, theirs = places(page.glyphs), places(other.glyphs)
    assert [char for char, _, _ in mine] == [char for char, _, _ in theirs]
    assert all(abs(a[1] - b[1]) <= 1 and abs(a[2] - b[2]) <= 1 for a, b in zip(mine, theirs, strict=True))


def test_unmapped_pages_are_asked_of_the_second_source(make_pdf: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    read = PlumberFile.read

    def asking(self: PlumberFile, page: Any) -> Any:
        asked.append(page.number)
        return read(self, page)

    monkeypatch.setattr(PlumberFile, "read", asking)
    pages = TypesetPdf(is_mapped=False)
    pages.show("The rent is due on the first day of the month of May.", 60, 700)
    load(pages.build())
    load(make_pdf(lambda sheet: sheet.drawString(60, 700, "Mapped.")))
    assert asked == [1]


def test_no_page_is_open_once_the_next_is_read(make_pdf: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    import pypdfium2.raw as raw

    opened, most = 0, 0
    load_page, close_page = raw.FPDF_LoadPage, raw.FPDF_ClosePage

    def opening(*arguments: Any) -> Any:
        nonlocal opened, most
        opened += 1
        most = max(most, opened)
        return load_page(*arguments)

    def closing(*arguments: Any) -> Any:
        nonlocal opened
        opened -= 1
        return close_page(*arguments)

    monkeypatch.setattr(raw, "FPDF_LoadPage", opening)
    monkeypatch.setattr(raw, "FPDF_ClosePage", closing)
    load(make_pdf(*[lambda sheet: sheet.drawString(60, 700, "A page of the deed.")] * 20))
    assert (opened, most) == (0, 1)


def test_the_second_source_keeps_no_page(make_pdf: Make) -> None:
    data = make_pdf(*[lambda sheet: sheet.drawString(60, 700, "A page of the deed.")] * 5)
    file = PdfiumFile(data, "deed.pdf")
    second = PlumberFile(data, None, file.styles)
    for page in file.pages():
        page.unmapped = 10_000
        assert second.read(page) is not None
    assert all("_objects" not in vars(page) and "_layout" not in vars(page) for page in second._file.pages)
    second.close()
    file.close()
