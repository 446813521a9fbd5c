"""Languages, scripts, and the title of a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from segtool.loaders.pdf import load_pdf
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.page_language import (
    PageLanguage,
    described_languages,
    language_of_all,
    page_languages,
    script_of,
)
from segtool.loaders.pdf.structure_tree import Tag
from segtool.settings import LoadSettings

Make = Callable[..., bytes]
MakeLine = Callable[..., Line]
ENGLISH = "The tenant shall keep the garden in good order and shall not remove any tree without the landlord's consent."
GERMAN = "Der Mieter hält den Garten in Ordnung und darf ohne Zustimmung des Vermieters keine Bäume fällen."


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("The rent is due.", "Latn"), ("Größe", "Latn"), ("договор аренды", "Cyrl"), ("עברית", "Hebr"),
        ("عقد إيجار", "Arab"), ("賃貸借契約を締結する", "Jpan"), ("租赁合同", "Hani"), ("임대차 계약 契約", "Kore"),
        ("συμβόλαιο", "Grek"), ("สัญญาเช่า", "Thai"), ("12 · 34", None), ("", None), ("合同 Ltd", "Latn"),
    ],
)  # fmt: skip
def test_scripts(text: str, script: str | None) -> None:
    assert script_of(text) == script


def test_what_is_printed_counts_before_what_is_stated(line: MakeLine) -> None:
    pages = [line(ENGLISH, 10.0, page=1), line(GERMAN, 10.0, page=2), line("Nr. 17/2024", 10.0, page=3)]
    assert [page.lang for page in page_languages(pages, "en-US")] == ["en", "de", "en"]
    assert [page.lang for page in page_languages(pages, None)] == ["en", "de", None]
    tagged = [replace(pages[2], tag=Tag((0,), "paragraph", lang="de-AT"))]
    assert page_languages(tagged, "en")[0].lang == "de"


def test_the_language_of_a_document_is_that_of_most_of_it() -> None:
    pages = [PageLanguage(1, "de", "Latn", 900), PageLanguage(2, "en", "Latn", 200), PageLanguage(3, None, None, 0)]
    assert language_of_all(pages, "en") == "de"
    assert language_of_all(pages, "de-CH") == "de-CH"
    assert language_of_all([], "en") == "en"
    assert language_of_all([PageLanguage(1, None, None, 50)], None) is None
    assert [row["pages"] for row in described_languages([*pages, PageLanguage(4, None, None, 1)])] == [
        [1, 1],
        [2, 2],
        [3, 4],
    ]


def kinds(data: bytes) -> list[str]:
    return [paragraph.kind for paragraph in load_pdf(data, "deed.pdf", LoadSettings()).paragraphs]


def written(*parts: tuple[str, float, float], title: str = "") -> Callable[[Any], None]:
    """Draws texts at heights in sizes; body text below."""

    def draw(sheet: Any) -> None:
        if title:
            sheet.setTitle(title)
        for text, y, size in parts:
            sheet.setFont("Times-Roman", size)
            sheet.drawString(72, y, text)
        sheet.setFont("Times-Roman", 11)
        for row in range(8):
            sheet.drawString(72, 300 - 13 * row, ENGLISH[:90] if row < 7 else "and so on.")

    return draw


def test_the_largest_type_at_the_head_is_the_title(make_pdf: Make) -> None:
    assert kinds(make_pdf(written(("Lease of a House", 720, 20), ("Rent", 600, 14), ("Term", 500, 14))))[:3] == [
        "title", "heading", "heading",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "parts",
    [
        (("Rent", 720, 16), (ENGLISH[:80], 690, 11), ("Term", 500, 16)),
        ((ENGLISH[:80], 720, 11), ("Rent", 600, 20)),
        (("1. Rent", 720, 20), ("Term", 500, 14)),
        (("03:11 PM (3/5)", 720, 20), ("Term", 500, 14)),
    ],
    ids=["one of several", "below text", "numbered", "stamped"],
)
def test_other_headings_are_no_title(make_pdf: Make, parts: tuple[tuple[str, float, float], ...]) -> None:
    assert "title" not in kinds(make_pdf(written(*parts)))


def test_the_title_that_the_file_states_is_found_among_headings(make_pdf: Make) -> None:
    parts = (("Lease of a House", 720, 14), (ENGLISH[:80], 690, 11), ("Rent", 600, 14), ("Term", 340, 14))
    assert kinds(make_pdf(written(*parts, title="LEASE OF A HOUSE")))[:3] == ["title", "body", "heading"]


def test_titles_have_no_level_and_headings_count_from_one(make_pdf: Make) -> None:
    document = load_pdf(make_pdf(written(("Lease", 720, 20), ("Rent", 600, 14))), "deed.pdf", LoadSettings())
    assert [(p.kind, p.level) for p in document.paragraphs[:2]] == [("title", 0), ("heading", 1)]
    assert document.lang == "en"
    assert document.metadata["languages"] == [{"pages": [1, 1], "lang": "en", "script": "Latn"}]
