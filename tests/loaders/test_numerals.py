from __future__ import annotations

import doctest

import pytest

from segtool.loaders import blocks, numerals
from segtool.loaders.numerals import (
    cardinal,
    chinese,
    letters,
    number_text,
    ordinal,
    ordinal_words,
    repeated_letters,
    roman,
)


def test_examples_in_the_docstrings() -> None:
    for module in (numerals, blocks):
        assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("value", "text"), [(1, "i"), (4, "iv"), (1994, "mcmxciv"), (0, "0"), (4000, "4000"), (-2, "-2")]
)
def test_roman(value: int, text: str) -> None:
    assert roman(value) == text


@pytest.mark.parametrize(
    ("value", "html", "word"), [(1, "a", "a"), (26, "z", "z"), (27, "aa", "aa"), (28, "ab", "bb"), (53, "ba", "aaa")]
)
def test_letters_go_on_differently_in_html_and_word(value: int, html: str, word: str) -> None:
    assert (letters(value), repeated_letters(value)) == (html, word)


def test_words() -> None:
    assert [cardinal(n) for n in (0, 14, 40, 999, 12_345)] == [
        "zero",
        "fourteen",
        "forty",
        "nine hundred ninety-nine",
        "twelve thousand three hundred forty-five",
    ]
    assert [ordinal_words(n) for n in (1, 5, 12, 20, 33)] == ["first", "fifth", "twelfth", "twentieth", "thirty-third"]
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 112, 122)] == ["1st", "2nd", "3rd", "4th", "11th", "112th", "122nd"]


def test_chinese() -> None:
    assert [chinese(n) for n in (1, 10, 11, 20, 101, 1010)] == ["一", "十", "十一", "二十", "一百〇一", "一千〇一十"]


@pytest.mark.parametrize(
    ("number_format", "expected"),
    [
        ("decimal", "3"),
        ("decimalZero", "03"),
        ("upperLetter", "C"),
        ("ordinalText", "Third"),
        ("chicago", "‡"),
        ("decimalEnclosedCircle", "③"),
        ("hebrew1", "ג"),
        ("russianLower", "в"),
        ("thaiNumbers", "๓"),
        ("none", ""),
        ("no such format", "3"),
    ],
)
def test_formats_of_word(number_format: str, expected: str) -> None:
    assert number_text(3, number_format) == expected


def test_every_format_prints_any_number() -> None:
    for name in numerals._FORMATS:
        for value in (-1, 0, 1, 15, 16, 20, 21, 99, 1000, 10**9):
            assert len(number_text(value, name)) < 200
