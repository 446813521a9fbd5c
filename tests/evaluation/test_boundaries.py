"""Counts of boundaries: by hand, and laws that hold for all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from segtool.evaluation.boundaries import Counts, boundaries, count, macro_f1

texts = st.text(st.sampled_from("ab. \n"), max_size=30)


def test_by_hand() -> None:
    text = "One. Two.\n\nThree. "
    counts = count(text, gold=[4, 9, 18], predicted=[5, 17])  # the start of "Two" is the end of "One."
    assert counts == Counts(found=1, extra=0, missed=1, n_documents=1)
    assert (counts.precision, counts.recall) == (1.0, 0.5)
    assert counts.f1 == 2 / 3


def test_nothing_to_find() -> None:
    assert count("One.", [4], [4]).f1 == 1.0
    assert count("One. Two.", [4, 9], []).f1 == 0.0
    assert macro_f1([]) == 0.0
    assert macro_f1([Counts(found=1), Counts(missed=1)]) == 0.5


@given(texts, st.lists(st.integers(0, 30)))
def test_boundaries_follow_a_character_and_are_not_the_end(text: str, ends: list[int]) -> None:
    found = boundaries(text, [end for end in ends if end <= len(text)])
    for end in found:
        assert not text[end - 1].isspace()
        assert text[end:].strip()


@given(texts, st.lists(st.integers(0, 30)), st.lists(st.integers(0, 30)))
def test_gold_and_prediction_mirror_each_other(text: str, a: list[int], b: list[int]) -> None:
    a, b = ([end for end in ends if end <= len(text)] for ends in (a, b))
    one, other = count(text, a, b), count(text, b, a)
    assert (one.found, one.extra, one.missed) == (other.found, other.missed, other.extra)
    assert one.f1 == other.f1
    assert count(text, a, a).f1 == 1.0
