from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.document import Document
from segtool.errors import LoadError, NoTextError, UnsupportedError
from segtool.loaders import document_of, load, load_bytes
from segtool.loaders.encoding import decode
from segtool.loaders.paragraphs import find_paragraphs
from segtool.settings import LoadSettings

NASTY = st.text(
    st.one_of(
        st.sampled_from("\n\r\t \x0b\x0c\x1c\x85\xa0\u2028\u2029\u200b\u200d\u0301\u05d0\ufeff\0-•*1.(a)|"),
        st.characters(codec="utf-8"),
    ),
    max_size=200,
)
AS_TEXT = LoadSettings(format="text")


@given(NASTY)
def test_paragraphs_cover_every_character_once(text: str) -> None:
    document = document_of(text, "x")
    assert document.text == text
    end = 0
    for paragraph in document.paragraphs:
        assert not text[end : paragraph.span.start].strip()
        piece = paragraph.span.of(text)
        assert piece
        assert piece == piece.strip()
        end = paragraph.span.end
    assert not text[end:].strip()


@given(NASTY.filter(lambda text: not text.startswith(("\ufeff", "\ufffe"))))
def test_utf8_is_kept_to_the_character(text: str) -> None:
    assert load_bytes(text.encode(), "x.txt", AS_TEXT).text == text or "\0" in text


@given(NASTY, st.sampled_from(["utf-8-sig", "utf-16", "utf-32"]))
def test_a_byte_order_mark_names_the_encoding_and_is_no_text(text: str, encoding: str) -> None:
    assert load_bytes(text.encode(encoding), "x.txt", AS_TEXT).text == text


GERMAN = "Der Verkäufer haftet für Mängel – gemäß § 437 BGB – „ab Übergabe“ (ca. 5 €).\r\n\r\n§ 2 Gefahrübergang."
JAPANESE = "第一条（目的）　本契約は、甲が乙に対し業務を委託することについて定める。\n\n第二条（期間）　一年とする。\n"
RUSSIAN = "Договор вступает в силу с момента подписания сторонами.\n\nСтороны согласны.\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        (GERMAN, "utf-32-le"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "utf-16-le"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "utf-16-be"),
        ("本合同自双方签字之日起生效。\n\n本合同一式两份。\n" * 3, "gb18030"),
    ],
)
def test_encodings_without_a_mark_are_recognised(text: str, encoding: str) -> None:
    document = load_bytes(text.encode(encoding), "x.txt")
    assert document.text == text
    assert len(document.paragraphs) >= 2


def test_a_few_broken_bytes_do_not_turn_utf8_into_another_encoding() -> None:
    data = ("Käufer und Verkäufer, für alle Zwecke größer. " * 40).encode()
    assert "Verkäufer" in decode(data[:100] + b"\xff" + data[100:]).text


def test_every_byte_is_some_text() -> None:
    assert len(decode(bytes(range(256))).text) == 256


@pytest.mark.parametrize("text", ["First.\0\0 Still.\n\nSecond\0 one.\n", "a\0b", "x" * 50 + "\0"])
def test_nul_is_no_error(text: str) -> None:
    assert load_bytes(text.encode(), "x.txt").text == text


@pytest.mark.parametrize("data", [bytes(1000), bytes(range(1, 20)) * 50, b"\x89PNG\r\n\x1a\n\0\0", b"\x7fELF\x02\x01"])
def test_binary_files_are_refused(data: bytes) -> None:
    with pytest.raises(UnsupportedError, match="x"):
        load_bytes(data, "x.txt")


def test_crlf_is_kept_and_separates() -> None:
    document = load_bytes(b"One.\r\n\r\nTwo.\r\nThree.", "x.txt")
    assert document.text == "One.\r\n\r\nTwo.\r\nThree."
    assert [p.span.of(document.text) for p in document.paragraphs] == ["One.", "Two.", "Three."]


def paragraphs(text: str) -> list[str]:
    return [" ".join(p.span.of(text).split()) for p in find_paragraphs(text)]


def test_hard_wrapped_lines_are_joined() -> None:
    text = (
        "   The licence covers the Work and every later version of it that the\n"
        "   Author publishes, unless the Author says otherwise in writing and\n"
        "   gives notice to the other party.\n\n"
        "   1.  Fraud, ransom, violations of intellectual property, or other\n"
        "       illegal purposes;\n"
        "   2.  Misrepresentation or deception related to the reasons that you\n"
        "       give for raising funds.\n"
    )
    assert [p.split()[0] for p in paragraphs(text)] == ["The", "1.", "2."]


def test_first_line_indents_start_paragraphs_of_wrapped_text() -> None:
    text = (
        "     The parties agree that the goods shall be delivered to the place\n"
        "named in the order, at the risk of the seller, within thirty days of\n"
        "the date of the order.\n"
        "     Payment is due on delivery and shall be made in the currency that\n"
        "is named in the invoice, without any deduction at all, by transfer to\n"
        "the account of the seller.\n"
    )
    assert [p.split()[0] for p in paragraphs(text)] == ["The", "Payment"]


def test_lines_of_unwrapped_text_are_paragraphs() -> None:
    text = "A long first paragraph that goes on and on without any break. It has two sentences.\nShort.\nThird one.\n"
    assert len(paragraphs(text)) == 3


def test_rows_with_cells_are_a_table_and_bullets_items() -> None:
    text = "Item          Fee      Due\nSetup         100      May\nMonthly        20      June\n\n- one\n- two\n"
    found = find_paragraphs(text)
    assert [p.kind for p in found] == ["table", "list_item", "list_item"]


def test_ten_megabytes_on_one_line_is_one_paragraph() -> None:
    data = b"The Supplier shall deliver the Goods. " * 270_000
    assert len(load_bytes(data, "x.txt").paragraphs) == 1


def test_load_tells_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "blank.txt").write_bytes(b" \n\n")
    for name, error in (
        ("empty.txt", NoTextError),
        ("blank.txt", NoTextError),
        ("none.txt", LoadError),
        ("", LoadError),
    ):
        with pytest.raises(error) as caught:
            load(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)
        assert "\n" not in str(caught.value)
    (tmp_path / "big.txt").write_bytes(b"x" * 2000)
    with pytest.raises(LoadError, match="limit"):
        load(tmp_path / "big.txt", LoadSettings(max_bytes=1000))


def test_the_source_is_named_and_hashed(tmp_path: Path, check_cover: Callable[[Document], None]) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"Hello.")
    document = load(path)
    assert document.source is not None
    assert (document.id, document.source.format, document.source.n_bytes) == (str(path), "text", 6)
    assert document.source.sha256 is not None
    check_cover(document)


def test_empty_standard_input_is_an_empty_document() -> None:
    assert load_bytes(b"", "-").text == ""
