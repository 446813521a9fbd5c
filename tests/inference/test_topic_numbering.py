"""The model's eye for numbers: what it reads, and that a series goes on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.inference.topic_numbering import (
    BARE,
    BULLET,
    CLOSE,
    DIGIT_DOT,
    DOTTED,
    LETTER_DOT,
    N_NUMBER_FEATURES,
    NONE,
    ORDINAL,
    PAREN_DIGIT,
    PAREN_LETTER,
    ROMAN,
    WORD,
    find_numbers,
    number_features,
    roman,
    to_roman,
)

CONTINUES, FIRST, JUMPS, RETURNS = 19, 20, 21, 24


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1. Definitions", DIGIT_DOT, 1),
        ("4.2 Fees", DOTTED, 2),
        ("(12) whereas", PAREN_DIGIT, 12),
        ("(c) rent", PAREN_LETTER, 3),
        ("(aa) rent", PAREN_LETTER, 27),
        ("(iv) rent", PAREN_LETTER, 4),
        ("a) rent", CLOSE, 1),
        ("IV. Rent", ROMAN, 4),
        ("B. Rent", LETTER_DOT, 2),
        ("Article XII", WORD, 12),
        ("§ 12a Miete", WORD, 12),
        ("Глава 3", WORD, 3),
        ("Section 3.2 Fees", WORD, 2),
        ("第十二条 租金", ORDINAL, 12),
        ("제2조 임대료", ORDINAL, 2),
        ("8 Short title", BARE, 8),
        ("- an item", BULLET, 0),
        ("Rent is due.", NONE, 0),
        ("In 2010 we moved", NONE, 0),
        ("(in part)", NONE, 0),
        ("I am here", NONE, 0),
    ],
)
def test_kinds_and_values(text: str, kind: int, value: int) -> None:
    numbers = find_numbers([text])
    assert (numbers.kind[0], numbers.value[0]) == (kind, value)


def test_i_after_h_is_a_letter_and_after_nothing_is_roman() -> None:
    letters = number_features(find_numbers([f"({c}) x" for c in "abcdefghij"]))
    assert letters[1:, CONTINUES].all()
    romans = number_features(find_numbers(["(i) x", "(ii) x", "(iii) x", "(iv) x", "(v) x", "(vi) x"]))
    assert romans[1:, CONTINUES].all()
    assert not romans[:, JUMPS].any()


def test_series_nest_and_return() -> None:
    texts = ["1. A", "1.1 b", "(a) c", "(b) d", "1.2 e", "(a) f", "2. G", "2.1 h"]
    features = number_features(find_numbers(texts))
    assert (features[:, 13] * 4).tolist() == [0, 1, 2, 2, 1, 2, 0, 1]
    assert features[:, RETURNS].tolist() == [0, 0, 0, 0, 1, 0, 1, 0]
    assert features[:, FIRST].tolist() == [1, 1, 1, 0, 0, 1, 0, 1]


def test_bare_units_count_from_the_last_number() -> None:
    features = number_features(find_numbers(["1. A", "body", "more body", "2. B"]))
    assert np.allclose(features[1:4, 25] * 4, np.log1p([1, 2, 3]))


@given(st.integers(1, 3999))
def test_roman_numerals_go_both_ways(value: int) -> None:
    assert roman(to_roman(value)) == value


@given(st.lists(st.text(max_size=50), max_size=30))
def test_no_text_upsets_the_numbers(texts: list[str]) -> None:
    features = number_features(find_numbers(texts))
    assert features.shape == (len(texts), N_NUMBER_FEATURES)
    assert np.isfinite(features).all()
    assert (features[:, :12].sum(axis=1) == 1).all()


def test_hostile_lines_end() -> None:
    lines = ["1." * 50_000, "(" * 100_000, "I" * 100_000, "a " * 50_000, " " * 100_000, "§" * 100_000]
    features = number_features(find_numbers(lines * 20))  # quadratic time would be minutes
    assert len(features) == 120
