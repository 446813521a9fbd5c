"""Numbers in their sequence: letters against roman numbers, series, weak numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from segtool.segmenters.numbering import parse_number
from segtool.segmenters.sequences import Sequence, read_sequence


def _read(*lines: str) -> Sequence:
    return read_sequence([parse_number(line) for line in lines])


def _kinds(sequence: Sequence) -> list[str | None]:
    return [number.kind if number else None for number in sequence.numbers]


def test_i_after_h_is_a_letter() -> None:
    sequence = _read("(g) one;", "(h) two;", "(i) three;", "(j) four;")
    assert _kinds(sequence) == ["letter"] * 4
    assert sequence.length.tolist() == [4, 4, 4, 4]


def test_i_before_ii_is_roman() -> None:
    sequence = _read("(h) the following:", "(i) one;", "(ii) two;", "(iii) three;", "(i) more")
    assert _kinds(sequence)[1:4] == ["roman", "roman", "roman"] or _kinds(sequence)[2:4] == ["roman", "roman"]


def test_after_4_2_comes_4_3_or_5() -> None:
    sequence = _read("4. Rent", "4.1 Amount", "4.2 Day", "4.3 Interest", "5. Repairs", "5.1 Roof", "5 days after that")
    assert sequence.continues[2] == 1
    assert sequence.continues[3] == 1
    assert sequence.continues[4] == 1
    assert sequence.series[4] == sequence.series[0]
    assert sequence.series[6] == -1


def test_a_suffix_stands_between_two_numbers() -> None:
    sequence = _read("§ 12 Fees", "§ 12a Waiver", "§ 13 Appeal")
    assert sequence.continues.tolist() == [0, 1, 1]


def test_an_inner_series_ends_where_the_outer_goes_on() -> None:
    sequence = _read("1. Terms", "(a) one;", "(b) two;", "2. Rent", "(a) three;")
    assert sequence.series.tolist() == [0, 1, 1, 0, 2]
    assert sequence.nesting.tolist() == [0, 1, 1, 0, 1]


def test_a_bare_number_needs_neighbours() -> None:
    assert _kinds(_read("14 Harbour Street, Port Ellery", "The lease.")) == [None, None]
    assert _kinds(_read("8 Short title", "This is the Act.", "9 Interpretation")) == ["arabic", None, "arabic"]


@given(st.lists(st.sampled_from(["1.", "2.", "1.1 A", "(a) b", "(i) c", "(ii) d", "§ 3 E", "8 Name", "- x", "text"])))
def test_every_line_keeps_its_place(lines: list[str]) -> None:
    sequence = _read(*lines)
    assert len(sequence.numbers) == len(sequence.series) == len(lines)
    for number, series in zip(sequence.numbers, sequence.series.tolist(), strict=True):
        assert (series >= 0) == (number is not None and number.kind != "bullet")


def test_lettered_units_are_no_roman_numbers() -> None:
    parts = _read(*(f"PART {letter} Names" for letter in "ABCDEFGHIJ"))
    assert parts.length.tolist() == [10] * 10
    assert [number.values for number in parts.numbers if number] == [(i,) for i in range(1, 11)]
    chapters = _read("CHAPTER III Fees", "CHAPTER IV Rent", "CHAPTER V Notice", "CHAPTER VI End")
    assert chapters.length.tolist() == [4] * 4
