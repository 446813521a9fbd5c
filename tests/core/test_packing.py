"""Chunks: never over the budget, never inside a sentence unless one alone is over it, strongest cuts first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.layer import Boundary, Layer
from segtool.core.packing import pack
from segtool.core.tokens import CharacterCounter, WordCounter
from segtool.core.whitespace import canonical_offsets
from segtool.errors import UsageError

COUNTERS = [WordCounter(), CharacterCounter()]


class EveryThreeCharacters:
    """A counter that is not additive, as subword tokenizers are."""

    name = "threes"

    def count(self, text: str) -> int:
        return len(text) // 3 + 1


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, Layer]:
    text = draw(st.text(alphabet="ab .\n語é", max_size=120))
    offsets = draw(st.lists(st.integers(0, max(0, len(text) - 1)), max_size=12))
    return text, Layer.from_offsets("sentence", len(text), canonical_offsets(text, offsets))


@pytest.mark.parametrize("counter", [*COUNTERS, EveryThreeCharacters()])
@given(case=cases(), budget=st.integers(1, 20))
def test_no_chunk_is_over_the_budget(counter: WordCounter, case: tuple[str, Layer], budget: int) -> None:
    text, sentences = case
    chunks = pack(text, [sentences], budget, counter)
    assert "".join(span.of(text) for span in chunks.spans()) == text
    for span in chunks.spans():
        piece = span.of(text).strip()
        assert counter.count(piece) <= budget or len(piece) == 1


@given(case=cases(), budget=st.integers(1, 20))
def test_a_sentence_that_fits_is_never_cut(case: tuple[str, Layer], budget: int) -> None:
    text, sentences = case
    counter = WordCounter()
    cuts = set(pack(text, [sentences], budget, counter).offsets.tolist())
    for span in sentences.spans():
        inside = [c for c in cuts if span.start < c < span.end]
        assert not inside or counter.count(span.of(text)) > budget


def layer(name: str, text: str, rows: list[tuple[str, int]]) -> Layer:
    return Layer.from_boundaries(name, len(text), [Boundary(text.index(s), level) for s, level in rows])  # type: ignore[arg-type]


def test_sections_are_packed_whole_before_paragraphs_and_sentences() -> None:
    text = "1 One two. Three.\n\n1.1 Four five six.\n\n2 Seven eight nine ten."
    sections = layer("section", text, [("1 One", 1), ("1.1", 2), ("2 Seven", 1)])
    sentences = layer("sentence", text, [("1 One", 1), ("Three", 1), ("1.1", 1), ("2 Seven", 1)])
    pieces = [s.of(text).strip() for s in pack(text, [sections, sentences], 9, WordCounter()).spans()]
    assert pieces == ["1 One two. Three.\n\n1.1 Four five six.", "2 Seven eight nine ten."]
    pieces = [s.of(text).strip() for s in pack(text, [sections, sentences], 5, WordCounter()).spans()]
    assert pieces == ["1 One two. Three.", "1.1 Four five six.", "2 Seven eight nine ten."]


def test_one_sentence_over_the_budget_is_cut_before_words() -> None:
    text = "alpha beta gamma delta epsilon"
    whole = Layer.from_offsets("sentence", len(text), np.zeros(0, np.int64))
    assert [s.of(text) for s in pack(text, [whole], 2, WordCounter()).spans()] == [
        "alpha beta ",
        "gamma delta ",
        "epsilon",
    ]


def test_text_without_spaces_is_cut_inside() -> None:
    text = "語" * 10
    whole = Layer.from_offsets("sentence", len(text), np.zeros(0, np.int64))
    assert [len(s) for s in pack(text, [whole], 4, WordCounter()).spans()] == [4, 4, 2]


def test_a_budget_below_one_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="at least 1"):
        pack("a", [], 0, WordCounter())
