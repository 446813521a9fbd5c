"""Forms that hold each other or double at each level: cut back before PDFium draws them for minutes."""

from __future__ import annotations

import zlib

import pytest

from segtool.core.document import Document
from segtool.loaders.pdf import load_pdf
from segtool.loaders.pdf.form_loops import without_loops
from segtool.settings import LoadSettings
from tests.loaders.pdf.typeset_pdf import file_of, stream

FONT = "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources 5 0 R>>"
HEAD = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", PAGE]


def words(text: str, y: int) -> str:
    return f"BT /F 12 Tf 60 {y} Td ({text}) Tj ET"


def form(content: str, resources: str, packed: bool = False) -> str:
    body = zlib.compress(content.encode(), 9).decode("latin-1") if packed else content
    filtered = "/Filter/FlateDecode" if packed else ""
    return (
        f"<</Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources {resources}{filtered}"
        f"/Length {len(body)}>>stream\n{body}\nendstream"
    )


def nested(levels: int, each: int, shared: bool, packed: bool) -> bytes:
    """A page that draws a form, which draws the next one ``each`` times, and so on."""
    names = "".join(f"/X{level} {6 + level} 0 R" for level in range(levels + 1))
    objects = [*HEAD, stream("/X0 Do " + words("On the page.", 700)), f"<<{FONT}/XObject<<{names}>>>>"]
    for level in range(levels + 1):
        draws = f"/X{level + 1} Do " * each if level < levels else ""
        own = f"<<{FONT}/XObject<</X{level + 1} {7 + level} 0 R>>>>"
        content = f"{draws}{words(f'At level {level}.', 680 - 16 * level)}"
        objects.append(form(content, "5 0 R" if shared else own, packed))
    return file_of(objects)


def load(data: bytes) -> Document:
    return load_pdf(data, "deed.pdf", LoadSettings())


def texts(document: Document) -> set[str]:
    return set(document.text.replace(". ", ".\n").split("\n")) - {""}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("shared", [False, True])
def test_forms_that_double_at_each_level_are_drawn_some_thousand_times(shared: bool, packed: bool) -> None:
    document = load(nested(24, 2, shared, packed))
    assert texts(document) >= {"On the page.", "At level 0.", "At level 20."}
    (warning,) = document.metadata["warnings"]
    assert "drawings of forms are left out" in warning


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("shared", [False, True])
def test_sound_forms_are_left_alone(shared: bool, packed: bool) -> None:
    data = nested(6, 2, shared, packed)
    assert without_loops(data) == (data, 0)
    assert "warnings" not in load(data).metadata


@pytest.mark.parametrize("packed", [False, True])
def test_forms_that_hold_each_other_by_shared_resources_are_parted(packed: bool) -> None:
    objects = [
        *HEAD,
        stream("/A Do " + words("On the page.", 700)),
        f"<<{FONT}/XObject 8 0 R>>",
        form("/B Do /B Do " + words("In the first.", 680), "5 0 R", packed),
        form("/A Do /A Do " + words("In the second.", 660), "5 0 R", packed),
        "<</A 6 0 R/B 7 0 R>>",
    ]
    document = load(file_of(objects))
    assert texts(document) == {"On the page.", "In the first.", "In the second."}


def test_resources_packed_in_another_object_are_followed() -> None:
    shared = f"<<{FONT}/XObject<</A 6 0 R>>>>"
    packed = zlib.compress(f"5 0 {shared}".encode()).decode("latin-1")
    holder = f"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length {len(packed)}>>stream\n{packed}\nendstream"
    itself = form("/A Do /A Do " + words("In itself.", 680), "5 0 R")
    body = "".join(
        f"{number} 0 obj\n{text}\nendobj\n"
        for number, text in [(1, HEAD[0]), (2, HEAD[1]), (3, HEAD[2]), (4, stream("/A Do")), (6, itself), (7, holder)]
    )
    mended, count = without_loops(f"%PDF-1.7\n{body}".encode("latin-1"))
    assert count == 2
    assert b"/A Do /A Do" not in mended
    assert b"(In itself.)" in mended


def test_a_form_without_resources_uses_the_names_of_the_page() -> None:
    inner = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 12>>stream\n/A Do /A Do \nendstream"
    data = file_of([*HEAD, stream("/A Do"), "<</XObject<</A 6 0 R>>>>", inner])
    mended, count = without_loops(data)
    assert (count, len(mended)) == (2, len(data))
    assert without_loops(mended) == (mended, 0)


def test_references_are_cut_where_the_content_cannot_be_read() -> None:
    loop = (
        "<</Type/XObject/Subtype/Form/Filter/LZWDecode/Resources<</XObject<</X 6 0 R>>>>/Length 1>>stream\n?\nendstream"
    )
    data = file_of([*HEAD, stream("/X Do"), "<<>>", loop])
    mended, count = without_loops(data)
    assert (count, len(mended)) == (1, len(data))
    assert b"/X 0 0 R" in mended


def test_a_page_of_many_drawings_leaves_less_to_each() -> None:
    data = nested(11, 2, True, False)
    assert without_loops(data)[1] == 0
    many = data.replace(b"/X0 Do ", b"/X0 Do " * 200, 1)
    assert without_loops(many)[1] > 0
