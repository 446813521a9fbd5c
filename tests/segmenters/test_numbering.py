"""The grammar of clause numbers against the hand-written lines, and against nasty text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.segmenters.numbering import parse_number
from segtool.segmenters.numerals import letter_value, roman_value

LINES = Path(__file__).with_name("numbering_lines.tsv")


def _rows() -> list[list[str]]:
    rows = [line.split("\t") for line in LINES.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert all(len(row) == 5 for row in rows)
    return rows


def test_the_table_is_large_and_in_many_languages() -> None:
    assert len(_rows()) >= 300
    assert len({row[0] for row in _rows()}) >= 10


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row[4][:40])
def test_lines(row: list[str]) -> None:
    _, kind, text, _, marked = row
    line = marked.replace("¦", "")
    number = parse_number(line)
    if kind == "none":
        assert number is None
        return
    assert number is not None
    assert (number.kind, number.text) == (kind, text)
    assert line[number.end :] == "".join(marked.split("¦")[1:])


@pytest.mark.parametrize(
    ("text", "value"), [("i", 1), ("iv", 4), ("XIV", 14), ("xcix", 99), ("MMXX", 2020), ("iiii", 0), ("ic", 0), ("", 0)]
)
def test_roman_values(text: str, value: int) -> None:
    assert roman_value(text) == value


@pytest.mark.parametrize(("text", "value"), [("a", 1), ("Z", 26), ("aa", 27), ("cc", 29), ("ab", 0), ("γ", 3), ("", 0)])
def test_letter_values(text: str, value: int) -> None:
    assert letter_value(text) == value


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("4.2.10 Fees", (4, 2, 10)),
        ("Section 3(b)(ii) The rent", (3, 2, 2)),
        ("Art. 5 Abs. 2 Der Vorstand", (5, 2)),
        ("§ 12b Recht", (12, 2)),
        ("第十二条 规定", (12,)),
        ("第百二十三条 規定", (123,)),
        ("제12조의2 (신고)", (12, 2)),
        ("มาตรา ๑๒ ผู้เช่า", (12,)),
        ("Zweites Kapitel", (2,)),
        ("ΚΕΦΑΛΑΙΟ Β΄", (2,)),
    ],
)
def test_values(line: str, values: tuple[int, ...]) -> None:
    number = parse_number(line)
    assert number is not None
    assert number.values == values


def test_a_roman_number_keeps_its_reading_as_a_letter() -> None:
    number = parse_number("(i) the price;")
    assert number is not None
    assert (number.kind, number.values, number.letter) == ("roman", (1,), 9)


NASTY = st.text(
    st.sampled_from("0123456789.()-–§ \tIVXivxabAaArticle第三条제조章節一十°ºأ٣ประ\u0301\u200d\n:,;/")
    | st.characters(),
    max_size=160,
)


@given(NASTY)
def test_never_raises_and_stays_inside_the_line(line: str) -> None:
    number = parse_number(line)
    if number is not None:
        assert 0 < number.end <= len(line)
        assert number.text
        assert number.text in line
        assert all(value >= 0 for value in number.values)


@pytest.mark.parametrize(
    "unit", ["1.", "(", "I", "a.", "§", "第", "Article ", "1 ", "IVX", "- ", "9" * 50, "((((", ". "]
)
def test_only_the_head_of_a_line_is_read(unit: str) -> None:
    """What follows far behind changes nothing: the work per line is bounded, however long the line."""
    head = (unit * 200)[:200]
    assert parse_number(head) == parse_number(head + unit * 100_000)


@pytest.mark.parametrize("line", ["İ", "İ. GENEL", "ı) genel"])
def test_a_turkish_letter_is_no_roman_number(line: str) -> None:
    number = parse_number(line)
    assert number is None or number.kind != "roman"
