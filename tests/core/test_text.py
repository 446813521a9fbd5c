"""Spans, white space, tokens and scores."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.scores import Scores
from segtool.core.span import Span
from segtool.core.tokens import WordCounter
from segtool.core.whitespace import canonical_offsets
from segtool.errors import ScoresError


def test_white_space_of_re_is_white_space_of_str() -> None:
    differing = [c for c in map(chr, range(sys.maxunicode + 1)) if bool(re.match(r"\s", c)) != c.isspace()]
    assert differing == []


@given(st.text(), st.data())
def test_trimmed_is_strip(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert Span(start, end).trimmed(text).of(text) == text[start:end].strip()


def test_a_span_can_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="0 <= start <= end"):
        Span(3, 2)


@given(st.text(alphabet="ab \n\u3000\u2028.", max_size=40), st.lists(st.integers(0, 45)))
def test_canonical_offsets_sit_on_characters_after_the_first(text: str, offsets: list[int]) -> None:
    moved = canonical_offsets(text, offsets).tolist()
    assert moved == sorted(set(moved))
    first = len(text) - len(text.lstrip())
    for offset in moved:
        assert offset > first
        assert not text[offset].isspace()
        assert any(o <= offset and not text[o:offset].strip() for o in offsets)


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("", 0),
        ("One, two; three.", 3),
        ("don't", 2),
        ("§ 12a (b)", 2),
        ("日本語です", 5),
        ("ประเทศ", 6),
        ("Straße No. 5", 3),
        ("한국어 문장", 2),
        ("snake_case", 2),
    ],
)
def test_words_are_runs_of_letters_or_single_characters_without_spaces(text: str, n: int) -> None:
    assert WordCounter().count(text) == n


@pytest.mark.parametrize(
    ("offsets", "values", "message"),
    [
        ([3], [np.nan], "not in"),
        ([3], [1.01], "not in"),
        ([0], [0.5], "inside a text"),
        ([9], [0.5], "inside a text"),
        ([4, 3], [0.5, 0.5], "inside a text"),
        ([4], [0.5, 0.5], "1 offsets with 2"),
    ],
)
def test_scores_that_can_not_be_probabilities_are_refused(
    offsets: list[int], values: list[float], message: str
) -> None:
    with pytest.raises(ScoresError, match=message):
        Scores("sentence", 9, np.array(offsets, np.int64), np.array(values, np.float32))
