"""PDFs drawn here, loaded whole: the traps of the format, and what every document must keep."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from segtool.core.document import Document
from segtool.errors import EncryptedError, LoadError, NoTextError
from segtool.loaders.pdf import load_pdf
from segtool.settings import LoadSettings

Make = Callable[..., bytes]
Put = Callable[..., float]
PROSE = (
    "The tenant shall keep the garden in good order and shall not fell any tree without the consent of the owner, "
    "which the owner may refuse only where the tree is sound and its shade harms no other part of the land. "
)


def load(data: bytes, **settings: Any) -> Document:
    return load_pdf(data, "deed.pdf", LoadSettings(**settings))


def texts(document: Document) -> list[str]:
    return [p.span.of(document.text) for p in document.paragraphs]


def check(document: Document, width: float = 612.0, height: float = 792.0) -> None:
    """Paragraphs hold every character once; fragments lie on their page and hold the lines."""
    end = 0
    for paragraph in document.paragraphs:
        assert not document.text[end : paragraph.span.start].strip()
        assert paragraph.span.of(document.text) == paragraph.span.of(document.text).strip() != ""
        end = paragraph.span.end
    assert end == len(document.text)
    covered = sum(len(re.sub(r"\s", "", f.span.of(document.text))) for f in document.fragments)
    assert covered == len(re.sub(r"\s", "", document.text))
    for fragment in document.fragments:
        box = fragment.bbox
        assert box is not None
        assert 0 <= box.x0 <= box.x1 <= width
        assert 0 <= box.top <= box.bottom <= height
        assert 1 <= fragment.page <= document.metadata["pages"]


def test_two_columns_with_heads_over_two_pages(make_pdf: Make, set_text: Put) -> None:
    def page(number: int) -> Callable[[Any], None]:
        def draw(sheet: Any) -> None:
            sheet.drawCentredString(306, 750, "DEED OF LEASE")
            sheet.drawCentredString(306, 40, f"- {number} -")
            for side, x in (("left", 60), ("right", 320)):
                y = 700.0
                for part in range(3):
                    y = set_text(sheet, f"{number}{side}{part} " + PROSE * 2, x, y, 230) - 10

        return draw

    document = load(make_pdf(page(1), page(2), page(3)))
    check(document)
    names = [text.split()[0] for text in texts(document)]
    assert names == [f"{n}{side}{part}" for n in (1, 2, 3) for side in ("left", "right") for part in range(3)]
    assert {f["kind"] for f in document.metadata["furniture"]} == {"header", "page_number"}
    assert "DEED" not in document.text
    assert {f.column for f in document.fragments} == {0, 1}


def test_kept_furniture_is_in_the_text_and_only_then(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        sheet.drawString(60, 750, "Deed of lease")
        y = 700.0
        for _ in range(8):
            y = set_text(sheet, PROSE, 60, y, 480) - 12

    data = make_pdf(draw, draw)
    kept = load(data, keep_furniture=True)
    check(kept)
    assert [p.kind for p in kept.paragraphs].count("furniture") == 2
    assert "Deed of lease" not in load(data).text


def test_a_paragraph_and_a_word_run_over_the_page(make_pdf: Make, set_text: Put) -> None:
    def first(sheet: Any) -> None:
        y = 700.0
        for _ in range(6):
            y = set_text(sheet, PROSE, 60, y, 480) - 12
        set_text(sheet, "Whoever takes the land takes its burdens. " + PROSE + "So it is by the con-", 60, y, 480)

    def second(sheet: Any) -> None:
        set_text(sheet, "tract, and with the contract itself. " + PROSE, 60, 700, 480)

    document = load(make_pdf(first, second))
    check(document)
    joined = next(text for text in texts(document) if text.startswith("Whoever"))
    assert "by the contract, and with" in joined
    pages = {f.page for f in document.fragments if joined[:20] in document.text[f.span.start :][:40] or f.page == 2}
    assert pages == {1, 2}


@pytest.mark.parametrize("quarter", [90, 180, 270])
def test_turned_pages_read_like_upright_ones(make_pdf: Make, set_text: Put, quarter: int) -> None:
    import pypdfium2

    upright = make_pdf(lambda sheet: set_text(sheet, PROSE * 3, 60, 700, 480))
    file = pypdfium2.PdfDocument(upright)
    file[0].set_rotation(quarter)
    out = io.BytesIO()
    file.save(out)
    turned = load(out.getvalue())
    assert turned.text == load(upright).text
    check(turned, *((792.0, 612.0) if quarter % 180 else (612.0, 792.0)))


def test_reportlabs_bullets_are_list_items(make_pdf: Make) -> None:
    def draw(sheet: Any) -> None:
        for i, item in enumerate(("the rent", "the rates", "the repairs")):
            sheet.drawString(60, 700 - 20 * i, "\x7f")
            sheet.drawString(78, 700 - 20 * i, item)

    document = load(make_pdf(draw))
    assert [p.kind for p in document.paragraphs] == ["list_item"] * 3
    assert "(cid:" not in document.text


def test_a_heading_has_level_style_and_bookmark(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        sheet.bookmarkPage("rent")
        sheet.addOutlineEntry("Rent", "rent")
        set_text(sheet, PROSE, 60, 750, 480)
        sheet.setFont("Times-Bold", 15)
        sheet.drawString(60, 680, "Rent")
        set_text(sheet, PROSE * 3, 60, 650, 480)

    document = load(make_pdf(draw, pageCompression=0))
    heading = document.paragraphs[1]
    assert (heading.kind, heading.level) == ("heading", 1)
    assert heading.style is not None
    assert heading.style.bold
    assert heading.style.bookmark
    assert heading.style.size == pytest.approx(15, abs=0.1)
    assert document.metadata["bookmarks"] == [{"title": "Rent", "level": 1, "page": 1}]


def test_what_the_file_states_is_metadata(make_pdf: Make) -> None:
    def draw(sheet: Any) -> None:
        sheet.setTitle("Deed of Lease")
        sheet.setAuthor("A. Notary")
        sheet.drawString(60, 700, "Some text.")

    metadata = load(make_pdf(draw)).metadata
    assert (metadata["title"], metadata["author"]) == ("Deed of Lease", "A. Notary")
    assert re.match(r"\d{4}-\d\d-\d\dT", metadata["created"])


def test_a_password_opens_and_a_wrong_one_does_not(make_pdf: Make) -> None:
    encryption = pytest.importorskip("reportlab.lib.pdfencrypt")
    lock = encryption.StandardEncryption("open sesame", strength=128)
    data = make_pdf(lambda sheet: sheet.drawString(60, 700, "Under seal."), encrypt=lock)
    assert load(data, password="open sesame").text == "Under seal."
    with pytest.raises(EncryptedError, match="password"):
        load(data)
    with pytest.raises(EncryptedError, match="wrong"):
        load(data, password="guess")


def test_pages_without_text_are_named(make_pdf: Make) -> None:
    with pytest.raises(NoTextError, match="pages 1-2"):
        load(make_pdf(lambda sheet: sheet.rect(50, 50, 100, 100), lambda sheet: sheet.rect(50, 50, 90, 90)))
    document = load(make_pdf(lambda sheet: sheet.drawString(60, 700, "Words."), lambda sheet: sheet.rect(50, 50, 9, 9)))
    assert document.metadata["warnings"] == ["no text layer on page 2: give --ocr to recognise it"]


@pytest.mark.parametrize("data", [b"", b"<html>gone</html>", b"%PDF-1.4\nnothing else", b"\x00" * 100])
def test_what_is_no_pdf_is_one_clear_error(data: bytes) -> None:
    with pytest.raises(LoadError, match=r"^deed\.pdf: ") as caught:
        load(data)
    assert "\n" not in str(caught.value)


def test_a_wrong_cross_reference_is_recovered(make_pdf: Make) -> None:
    data = make_pdf(lambda sheet: sheet.drawString(60, 700, "Still here."))
    wrong = re.sub(rb"startxref\s+\d+", b"startxref\n99", data)
    assert load(wrong).text == "Still here."
    assert load(b"HTTP/1.1 200 OK\r\n\r\n" + data).text == "Still here."


def test_objects_in_a_compressed_stream_survive_a_lost_trailer() -> None:
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R/Resources<</Font<</F 4 0 R>>>>>>",
        4: b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>",
    }
    content = b"BT /F 12 Tf 60 700 Td (From the ruins.) Tj ET"
    index, body = b"", b""
    for number, item in objects.items():
        index += b"%d %d " % (number, len(body))
        body += item + b" "
    packed = zlib.compress(index + body)
    data = b"%%PDF-1.5\n5 0 obj\n<</Length %d>>\nstream\n%b\nendstream\nendobj\n" % (len(content), content)
    data += b"6 0 obj\n<</Type/ObjStm/N 4/First %d/Filter/FlateDecode/Length %d>>\nstream\n" % (len(index), len(packed))
    assert load(data + packed + b"\nendstream\nendobj\n").text == "From the ruins."


def test_a_ruled_table_is_one_paragraph_of_tabs_and_line_feeds(make_pdf: Make) -> None:
    def draw(sheet: Any) -> None:
        sheet.grid([60, 200, 300], [700, 680, 660])
        for x, y, cell in ((65, 686, "Item"), (205, 686, "Price"), (65, 666, "A long name"), (205, 666, "3")):
            sheet.drawString(x, y, cell)

    document = load(make_pdf(draw))
    check(document)
    assert [(p.kind, p.span.of(document.text)) for p in document.paragraphs] == [
        ("table", "Item\tPrice\nA long name\t3")
    ]


def test_a_watermark_leaves_the_text(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        set_text(sheet, PROSE * 3, 60, 700, 480)
        sheet.saveState()
        sheet.translate(200, 300)
        sheet.rotate(45)
        sheet.setFont("Helvetica-Bold", 60)
        sheet.drawString(0, 0, "DRAFT")
        sheet.restoreState()

    document = load(make_pdf(draw))
    assert "DRAFT" not in document.text
    assert [f["kind"] for f in document.metadata["furniture"]] == ["watermark"]


def test_pages_read_by_two_processes_are_the_same_document(make_pdf: Make, set_text: Put) -> None:
    def page(number: int) -> Callable[[Any], None]:
        def draw(sheet: Any) -> None:
            sheet.drawString(60, 750, "Deed of lease")
            sheet.drawString(300, 40, str(number))
            sheet.setFont("Times-Bold" if number > 60 else "Courier", 13)
            sheet.drawString(60, 720, f"Clause {number} of the deed")
            set_text(sheet, PROSE * 2, 60, 690, 480)

        return draw

    data = make_pdf(*(page(number) for number in range(1, 101)))
    one, two = load(data), load(data, jobs=2)
    assert one.text == two.text
    assert one.paragraphs == two.paragraphs
    assert one.fragments == two.fragments
    assert dict(one.metadata) == dict(two.metadata)


def test_the_last_page_of_a_long_document_is_not_alone_with_its_head(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        sheet.drawString(60, 750, "Deed of lease")
        set_text(sheet, PROSE * 2, 60, 690, 480)

    document = load(make_pdf(*[draw] * 49))
    assert "Deed of lease" not in document.text


def test_values_of_form_fields_stand_where_the_fields_are(make_pdf: Make) -> None:
    def draw(sheet: Any) -> None:
        sheet.drawString(60, 700, "Name of the tenant:")
        sheet.acroForm.textfield(name="tenant", value="Marlow Finch", x=170, y=694, width=150, height=18, fontSize=11)
        sheet.drawString(60, 640, "The tenant signs below.")

    document = load(make_pdf(draw))
    check(document)
    assert texts(document) == ["Name of the tenant: Marlow Finch", "The tenant signs below."]


def test_the_caption_of_a_case_is_read_side_by_side(make_pdf: Make, set_text: Put) -> None:
    left = ("ANNA FINCH,", "", "Plaintiff,", "", "v.", "", "BERT MARLOW,", "", "Defendant.")
    right = ("No. 12-345", "", "Appeal from the Court of", "Orchard County", "", "", "Filed in May", "", "")

    def draw(sheet: Any) -> None:
        for row, (party, court) in enumerate(zip(left, right, strict=True)):
            y = 700 - 14 * row
            sheet.drawString(60, y, party)
            sheet.drawString(300, y, ")")
            sheet.drawString(330, y, court)
        set_text(sheet, PROSE * 3, 60, 540, 480)

    document = load(make_pdf(draw))
    check(document)
    assert texts(document)[0].startswith("ANNA FINCH,")
    assert document.text.index("Defendant.") < document.text.index("No. 12-345") < document.text.index("The tenant")
    assert ")" not in document.text
    assert [f["kind"] for f in document.metadata["furniture"]] == ["fence"]


def test_what_lies_off_the_page_is_no_text(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        set_text(sheet, PROSE * 3, 60, 700, 480)
        sheet.drawString(640, 500, "the other half of the sheet")

    document = load(make_pdf(draw))
    assert document.text == (PROSE * 3).strip()
    assert {f["kind"] for f in document.metadata["furniture"]} == {"off_page"}


def test_small_bold_labels_of_figures_are_no_headings(make_pdf: Make, set_text: Put) -> None:
    def draw(sheet: Any) -> None:
        set_text(sheet, PROSE * 5, 60, 700, 480)
        sheet.setFont("Helvetica-Bold", 6)
        sheet.drawString(100, 400, "Hedge")
        sheet.drawString(200, 380, "Well")

    assert {p.kind for p in load(make_pdf(draw)).paragraphs} == {"body"}


def test_small_capitals_in_bold_do_not_part_a_sentence(make_pdf: Make) -> None:
    def draw(sheet: Any) -> None:
        sheet.drawString(
            60, 700, "Whoever wishes to comment may send a letter to the place that is named in this notice under"
        )
        sheet.setFont("Times-Bold", 8.5)
        sheet.drawString(60, 686, "ADDRESSES-OF-OFFICES")
        sheet.setFont("Times-Roman", 11)
        sheet.drawString(170, 686, "below, and shall do so before the end of the month of May of this")
        sheet.drawString(60, 672, "year or of the next.")

    assert len(load(make_pdf(draw)).paragraphs) == 1
