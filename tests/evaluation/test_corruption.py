"""Corruptions: exact on examples worked by hand, and ends stay at the ends of their sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.evaluation.corruption import (
    VARIANTS,
    bare,
    hard_wrapped,
    no_line_breaks,
    no_space_after_stop,
    one_blank,
)

TEXT = 'He paid $3.50 -- I saw it.\n\nWhy? "Don\'t ask!"'
ENDS = [26, 32, 45]


def pieces(text: str, ends: list[int]) -> list[str]:
    """Sentences, outer white space trimmed."""
    return [text[a:b].strip() for a, b in zip([0, *ends], ends, strict=False)]


def test_bare_keeps_letters_digits_and_each_blank() -> None:
    text, ends = bare(TEXT, ENDS)
    assert text == "he paid 350  i saw it  why dont ask"
    assert pieces(text, ends) == ["he paid 350  i saw it", "why", "dont ask"]


def test_one_blank_collapses() -> None:
    text, ends = one_blank(TEXT, ENDS)
    assert text == "he paid 350 i saw it why dont ask"
    assert pieces(text, ends) == ["he paid 350 i saw it", "why", "dont ask"]


def test_line_breaks_go() -> None:
    text, ends = no_line_breaks("One line.\r\n\r\n  Two\nlines.", [9, 25])
    assert text == "One line. Two lines."
    assert pieces(text, ends) == ["One line.", "Two lines."]


def test_wrapping_breaks_at_blanks_only() -> None:
    text = "word " * 40
    wrapped, ends = hard_wrapped(text, [len(text)])
    assert wrapped.replace("\n", " ") == text
    assert max(len(line) for line in wrapped.split("\n")) <= 72
    assert ends == [len(text)]


def test_missing_space_after_a_stop() -> None:
    text, ends = no_space_after_stop("It rained. We left, Mr. Smith.", [10, 30])
    assert text == "It rained.We left, Mr. Smith."
    assert pieces(text, ends) == ["It rained.", "We left, Mr. Smith."]


@pytest.mark.parametrize("name", sorted(VARIANTS))
@given(st.lists(st.text(st.sampled_from("aB1 .,?\n-é漢"), min_size=1, max_size=12), min_size=1, max_size=5))
def test_ends_stay_in_order_inside_the_text(name: str, sentences: list[str]) -> None:
    ends = [sum(map(len, sentences[: i + 1])) for i in range(len(sentences))]
    text, moved = VARIANTS[name]("".join(sentences), ends)
    assert moved == sorted(set(moved))
    assert all(0 <= end <= len(text) for end in moved)
    assert moved[-1] == len(text)
