"""Scanned pages: with an engine that is made up, and with those that are installed."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from segtool.core.document import Document
from segtool.errors import LoadError, NoTextError
from segtool.loaders import load_bytes
from segtool.loaders.pdf import load_pdf, ocr
from segtool.loaders.pdf.recognition import TextLine, TextWord
from segtool.loaders.pdf.tesseract import Tesseract, lines_of, with_section_signs
from segtool.settings import LoadSettings

Make = Callable[..., bytes]
BICUBIC = 3
"""How a picture is turned: without steps in its lines."""
SetText = Callable[..., float]
TEXT = (
    "The tenant shall keep the garden in good order and shall not remove any tree without consent of the landlord. "
    "The landlord shall repair the roof, the gutters and the outer walls within a month of a written notice."
)
GERMAN = (
    "Der Mieter hält den Garten in Ordnung und fällt ohne Zustimmung des Vermieters keine Bäume. Der Vermieter setzt "
    "Dach, Rinnen und Außenwände binnen eines Monats nach schriftlicher Anzeige instand, sofern größere Schäden drohen."
)


class Fake:
    """An engine that reads the same line on every page with ink, and says what it was asked."""

    name = "fake"

    def __init__(self, text: str = TEXT) -> None:
        self.text = text
        self.asked: list[tuple[tuple[int, ...], float, str | None]] = []

    def reads(self, lang: str) -> bool:
        return lang in ("de", "en")

    def read_number(self, pixels: NDArray[np.uint8], dpi: float) -> list[TextLine]:  # noqa: ARG002
        return []

    def read(self, pixels: NDArray[np.uint8], dpi: float, lang: str | None) -> list[TextLine]:
        self.asked.append((pixels.shape, dpi, lang))
        if pixels.min() > 100:
            return []
        scale, x, words = dpi / 72, 50.0, []
        for piece in self.text.split()[:16]:
            words.append(TextWord(piece, (x * scale, 100 * scale, (x + 4 * len(piece)) * scale, 110 * scale), 0.8))
            x += 4 * len(piece) + 3
        return [TextLine(tuple(words), 108 * scale, 0.0, 10 * scale)]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    engine = Fake()
    monkeypatch.setattr(ocr, "ENGINES", {"fake": (lambda: True, lambda: engine)})
    return engine


@pytest.fixture
def scan(make_pdf: Make) -> Callable[..., bytes]:
    """A PDF of pictures of the pages that are drawn, which may lean, lie on their side, and have text behind them."""

    def build(
        *pages: Callable[[Any], None], dpi: int = 200, lean: float = 0.0, hidden: str = "", stamp: str = ""
    ) -> bytes:
        pdfium = pytest.importorskip("pypdfium2")
        pictures = []
        drawn = pdfium.PdfDocument(make_pdf(*pages))
        for page in drawn:
            picture = page.render(scale=dpi / 72, grayscale=True).to_pil()
            pictures.append(picture.rotate(lean, BICUBIC, fillcolor=255, expand=lean % 90 == 0))
            page.close()
        drawn.close()

        def put(picture: Any) -> Callable[[Any], None]:
            from reportlab.lib.utils import ImageReader

            def draw(sheet: Any) -> None:
                width, height = (side * 72 / dpi for side in picture.size)
                sheet.setPageSize((width, height))
                sheet.drawImage(ImageReader(picture), 0, 0, width, height)
                if hidden:
                    behind = sheet.beginText(60, 700)
                    behind.setTextRenderMode(3)
                    behind.textLine(hidden)
                    sheet.drawText(behind)
                if stamp:
                    sheet.drawString(60, 770, stamp)

            return draw

        return make_pdf(*(put(picture) for picture in pictures))

    return build


def load(data: bytes, **settings: Any) -> Document:
    return load_pdf(data, "scan.pdf", LoadSettings(**{"ocr": "auto", **settings}))


def write(text: str, set_text: SetText) -> Callable[[Any], None]:
    def draw(sheet: Any) -> None:
        sheet.setFont("Times-Bold", 16)
        sheet.drawString(60, 740, "Care of the House")
        set_text(sheet, text, 60, 700, 480, size=12)

    return draw


@pytest.mark.usefixtures("fake")
def test_recognised_words_have_boxes_and_the_metadata_says_so(scan: Make, set_text: SetText) -> None:
    document = load(scan(write(TEXT, set_text), write(TEXT, set_text)))
    assert document.text.startswith("The tenant shall keep")
    assert [row["page"] for row in document.metadata["recognised"]] == [1, 2]
    assert document.metadata["recognised"][0] == {"page": 1, "engine": "fake", "lang": None, "confidence": 0.8}
    assert "warnings" not in document.metadata
    box = document.fragments[0].bbox
    assert box is not None
    assert (box.x0, box.top) == pytest.approx((50, 100), abs=0.5)


def test_without_the_option_the_message_says_what_to_do(scan: Make, set_text: SetText) -> None:
    with pytest.raises(NoTextError, match=r"^scan\.pdf: no text layer on page 1 .*--ocr"):
        load(scan(write(TEXT, set_text)), ocr="never")


def test_without_an_engine_the_message_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, scan: Make, set_text: SetText
) -> None:
    monkeypatch.setattr(ocr, "ENGINES", {"fake": (lambda: False, Fake)})
    with pytest.raises(LoadError, match=r"^scan\.pdf: page 1 is a scan: .*segtool\[ocr\]") as caught:
        load(scan(write(TEXT, set_text)))
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_text_layer_is_used_unless_all_is_to_be_recognised(fake: Fake, scan: Make, set_text: SetText) -> None:
    data = scan(write(TEXT, set_text), hidden="What another engine read here before")
    assert load(data).text == "What another engine read here before"
    assert not fake.asked
    assert load(data, ocr="always").text.startswith("The tenant")
    assert "another engine" not in load(data, ocr="always").text


@pytest.mark.usefixtures("fake")
def test_a_stamped_scan_is_recognised_and_keeps_its_stamp(scan: Make, set_text: SetText) -> None:
    text = load(scan(write(TEXT, set_text), stamp="Filed 3 May")).text
    assert "The tenant" in text
    assert "Filed 3 May" in text
    warnings = load(scan(write(TEXT, set_text), stamp="Filed 3 May"), ocr="never").metadata["warnings"]
    assert warnings == ["no text layer on page 1: give --ocr to recognise it"]


@pytest.mark.usefixtures("fake")
def test_pages_with_text_are_left_alone(make_pdf: Make, set_text: SetText) -> None:
    document = load(make_pdf(write(TEXT, set_text), lambda sheet: sheet.rect(50, 50, 90, 90, fill=1)), ocr="always")
    assert [row["page"] for row in document.metadata["recognised"]] == [2]


def test_a_blank_page_is_no_reason_to_start_an_engine(fake: Fake, make_pdf: Make, set_text: SetText) -> None:
    load(make_pdf(write(TEXT, set_text), lambda _: None))
    assert not fake.asked


def test_the_language_is_found_once(fake: Fake, scan: Make, set_text: SetText) -> None:
    fake.text = GERMAN
    found = load(scan(write(GERMAN, set_text), write(GERMAN, set_text))).metadata["recognised"]
    assert [row["lang"] for row in found] == ["de", "de"]
    assert [lang for _, _, lang in fake.asked] == [None, "de", "de"]


def test_pictures_stay_within_bounds(fake: Fake, scan: Make, set_text: SetText) -> None:
    load(scan(write(TEXT, set_text), dpi=72))
    load(scan(write(TEXT, set_text), dpi=500))
    assert {round(dpi) for _, dpi, _ in fake.asked} == {150, 300}


ENGINES = [name for name, (is_installed, _) in ocr.ENGINES.items() if is_installed()]


@pytest.mark.parametrize("engine", ENGINES or [pytest.param("", marks=pytest.mark.skip("no engine installed"))])
@pytest.mark.parametrize("lean", [0.0, 0.7])
def test_engines_read_a_page(engine: str, lean: float, scan: Make, set_text: SetText) -> None:
    document = load(scan(write(TEXT, set_text), lean=lean), ocr_engine=engine)
    assert [p.kind for p in document.paragraphs] == ["title", "body"]
    words = document.paragraphs[1].span.of(document.text).split()
    assert len(set(words) & set(TEXT.split())) >= 0.9 * len(set(TEXT.split()))
    assert document == load(scan(write(TEXT, set_text), lean=lean), ocr_engine=engine)


@pytest.mark.skipif("tesseract" not in ENGINES, reason="tesseract is not installed")
def test_a_page_on_its_side_is_turned(scan: Make, set_text: SetText) -> None:
    document = load(scan(write(TEXT, set_text), lean=90))
    assert document.text.startswith("Care of the House")
    boxes = [fragment.bbox for fragment in document.fragments]
    assert all(box is not None and box.bottom - box.top > box.x1 - box.x0 for box in boxes)


def test_hocr_is_read_line_by_line() -> None:
    hocr = b"""<?xml version="1.0" encoding="UTF-8"?><html xmlns="http://www.w3.org/1999/xhtml"><body>
    <div class='ocr_page'><span class='ocr_line' title="bbox 10 20 110 40; baseline 0.01 -5; x_size 18.5">
    <span class='ocrx_word' title='bbox 10 20 50 40; x_wconf 91'><strong>Fifty</strong></span>
    <span class='ocrx_word' title='bbox 60 20 110 40; x_wconf 80'>percent</span>
    <span class='ocrx_word' title='bbox 60 20 110 40; x_wconf 95'> </span></span></div></body></html>"""
    (line,) = lines_of(hocr)
    assert [word.text for word in line.words] == ["Fifty", "percent"]
    assert (line.words[0].confidence, line.size, line.slope) == (0.91, 18.5, 0.01)
    assert line.base + line.slope * 10 == pytest.approx(35)
    assert lines_of(b"<html/>") == []


def test_german_section_signs_are_no_dollars() -> None:
    def first(text: str) -> str:
        words = tuple(TextWord(piece, (0, 0, 9, 9), 0.9) for piece in text.split())
        return with_section_signs([TextLine(words, 9, 0, 9)])[0].words[0].text

    assert [first("$ 3 Miete"), first("$4a Dauer")] == ["§", "§4a"]
    assert [first("$ 3.50 je Tag"), first("Miete $ 3"), first("$ und mehr")] == ["$", "Miete", "$"]


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_picture_files_are_pages(kind: str) -> None:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (850, 1100), "white")
    ImageDraw.Draw(picture).rectangle((100, 100, 300, 130), fill="black")
    out = io.BytesIO()
    picture.save(out, kind, dpi=(100, 100))
    document = load_bytes(out.getvalue(), "page.scan", LoadSettings(ocr="auto"))
    assert document.text.startswith("The tenant")
    assert document.source is not None
    assert document.source.format == "image"
    with pytest.raises(LoadError, match="--ocr"):
        load_bytes(out.getvalue(), "page.scan", LoadSettings())


def test_a_damaged_picture_is_one_clear_error() -> None:
    with pytest.raises(LoadError, match="damaged"):
        load_bytes(b"\x89PNG\r\n\x1a\n" + bytes(300), "page.png", LoadSettings(ocr="auto"))


def test_a_page_in_another_language_is_read_in_that(fake: Fake, scan: Make, set_text: SetText) -> None:
    confidence = {None: 0.75, "en": 0.75, "de": 0.9}
    english = (
        "Notwithstanding the foregoing provisions the landlord shall immediately repair whatever damage the tenant"
    )
    read = fake.read

    def reading(pixels: NDArray[np.uint8], dpi: float, lang: str | None) -> list[TextLine]:
        fake.text = GERMAN if pixels[-200:].min() < 100 else english
        return [
            replace(line, words=tuple(replace(word, confidence=confidence[lang]) for word in line.words))
            for line in read(pixels, dpi, lang)
        ]

    def marked(sheet: Any) -> None:
        write(GERMAN, set_text)(sheet)
        sheet.rect(200, 20, 200, 20, fill=1)

    fake.read = reading  # type: ignore[method-assign]
    document = load(scan(write(TEXT, set_text), marked))
    found = [(row["lang"], row["confidence"]) for row in document.metadata["recognised"]]
    assert found == [("en", 0.75), ("de", 0.9)]
    assert [lang for _, _, lang in fake.asked] == [None, "en", "en", "de"]


def test_a_language_that_no_page_tells_is_soon_given_up(fake: Fake, scan: Make, set_text: SetText) -> None:
    fake.text = "12 34 56 78 90"
    with pytest.raises(NoTextError):  # the same on all pages: running heads
        load(scan(*[write(TEXT, set_text)] * 8))
    assert len(fake.asked) == 5 + 8


needs_tesseract = pytest.mark.skipif("tesseract" not in ENGINES, reason="tesseract is not installed")


@needs_tesseract
@pytest.mark.parametrize("lean", [-5.0, 5.0])
def test_a_page_that_leans_by_five_degrees_is_read(lean: float, scan: Make, set_text: SetText) -> None:
    document = load(scan(write(TEXT, set_text), lean=lean))
    assert document.text.split("\n\n")[0] == "Care of the House"
    words = document.text.split()
    assert len(set(words) & set(TEXT.split())) >= 0.95 * len(set(TEXT.split()))
    boxes = [fragment.bbox for fragment in document.fragments]
    # Boxes of lines that lean are higher than their type.
    assert any(box is not None and box.bottom - box.top > 30 for box in boxes)


@needs_tesseract
@pytest.mark.parametrize("lean", [0.0, 3.0])
def test_a_ruled_table_on_a_scan_is_a_table(lean: float, scan: Make, set_text: SetText) -> None:
    cells = [("Room", "Tenant", "Rent"), ("Kitchen", "Marlow", "120"), ("Cellar", "Hobbs", "45")]

    def draw(sheet: Any) -> None:
        y = set_text(sheet, TEXT, 60, 700, 480, size=12)
        sheet.grid([60, 220, 380, 540], [y - 10 - 22 * row for row in range(4)])
        for row, texts in enumerate(cells):
            for column, text in enumerate(texts):
                sheet.drawString(66 + 160 * column, y - 26 - 22 * row, text)
        set_text(sheet, TEXT, 60, y - 110, 480, size=12)

    document = load(scan(draw, lean=lean))
    tables = [p.span.of(document.text) for p in document.paragraphs if p.kind == "table"]
    assert tables == ["\n".join("\t".join(row) for row in cells)]


@needs_tesseract
@pytest.mark.parametrize("shape", ["{}", "- {} -"])
def test_lone_digits_at_the_foot_are_page_numbers(shape: str, scan: Make, set_text: SetText) -> None:
    def page(number: int) -> Callable[[Any], None]:
        def draw(sheet: Any) -> None:
            set_text(sheet, TEXT * (1 + number % 3), 60, 700, 480, size=12)
            sheet.drawCentredString(306, 40, shape.format(number))

        return draw

    document = load(scan(*(page(number) for number in range(2, 6))))
    found = [(item["kind"], item["page"], item["text"]) for item in document.metadata["furniture"]]
    assert found == [("page_number", number - 1, str(number)) for number in range(2, 6)]


@pytest.mark.parametrize(
    ("script", "codes"),
    [(b"Script: Cyrillic\n", "rus+ukr"), (b"Script: Han\n", "chi_sim"), (b"", "eng+deu"), (b"Script: Runic\n", None)],
)
def test_many_languages_are_narrowed_by_the_script(
    script: bytes, codes: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []
    installed = ("eng", "chi_sim", "deu", "rus", "ukr", "yor")

    def run(_: Tesseract, options: list[str], data: bytes) -> bytes:  # noqa: ARG001
        calls.append(options)
        if options[0] == "--list-langs":
            return " ".join(installed).encode()
        return script if "0" in options else b"<html/>"

    monkeypatch.setattr(Tesseract, "_run", run)
    engine = Tesseract()
    page = np.zeros((10, 10), np.uint8)
    engine.read(page, 200, None)
    assert calls[-1][3] == (codes or "+".join(engine.languages[:4]))
    engine.read(page, 200, "uk")
    assert calls[-1][3] == "ukr"
    assert (engine.reads("uk"), engine.reads("el")) == (True, False)
