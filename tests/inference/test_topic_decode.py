"""Cuts that fit a document's chances."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segtool.inference.topic_decode import (
    HIGHEST,
    LOWEST,
    fitted_cut,
    is_flat,
    peak_levels,
    section_levels,
    topic_levels,
    topic_sections,
)

chances = st.lists(st.floats(0, 1, width=32), max_size=40)


def expected_f1(chances: np.ndarray, cut: float) -> float:
    taken = chances >= cut
    return float(2 * chances[taken].sum() / max(taken.sum() + chances.sum(), 1e-9))


@given(chances)
def test_no_other_cut_promises_a_better_f1(values: list[float]) -> None:
    given_chances = np.array(values, np.float32)
    cut = fitted_cut(given_chances)
    assert LOWEST <= cut <= HIGHEST
    inside = [v for v in [cut, *values] if LOWEST <= v <= HIGHEST]
    best = max(expected_f1(given_chances, other) for other in inside)
    assert expected_f1(given_chances, cut) >= best - 1e-3


def test_even_doubt_about_all_headings_takes_all() -> None:
    probabilities = np.zeros((20, 5), np.float32)
    probabilities[::5] = 0.3
    assert section_levels(probabilities).nonzero()[0].tolist() == [0, 5, 10, 15]


@given(st.lists(st.lists(st.floats(0, 1, width=32), min_size=5, max_size=5), max_size=20))
def test_levels_are_depths_and_rising_thresholds_take_away(rows: list[list[float]]) -> None:
    probabilities = np.array(rows, np.float32).reshape(-1, 5)
    some, fewer = section_levels(probabilities, 0.4), section_levels(probabilities, 0.6)
    assert set(some.tolist()) <= {0, 1, 2, 3, 4}
    assert not ((fewer > 0) & (some == 0)).any()


def test_sure_depths_are_kept_apart() -> None:
    probabilities = np.array([[0.95] * 5, [0.02] * 5, [0.05, 0.9, 0.95, 0.95, 0.1], [0.03] * 5], np.float32)
    assert section_levels(probabilities).tolist() == [1, 0, 2, 0]


SENTENCES = [f"The ship went on for the day numbered {i} of its way." for i in range(30)]


def flat_chances() -> np.ndarray:
    """Topics change at 10 and 20 at the main depth, which is the first; deeper columns see something everywhere."""
    probabilities = np.full((29, 5), 0.3, np.float32)
    probabilities[:, [0, 4]] = 0.02
    probabilities[[9, 19]] = 0.8
    return probabilities


def test_topics_without_levels_are_read_off_the_main_column() -> None:
    probabilities = flat_chances()
    assert is_flat(probabilities, SENTENCES)
    assert topic_levels(probabilities, SENTENCES).nonzero()[0].tolist() == [9, 19]


def test_a_document_with_levels_is_not_flat() -> None:
    probabilities = flat_chances()
    probabilities[:, 0] *= 0.8  # the main depth is not the first
    assert not is_flat(probabilities, SENTENCES)


def test_paragraphs_of_several_sentences_are_not_flat() -> None:
    assert not is_flat(flat_chances(), [f"{text} {text}" for text in SENTENCES])
    assert not is_flat(flat_chances()[:3], SENTENCES[:4])  # too few to tell
    assert not is_flat(flat_chances()[:0], SENTENCES[:1])


def test_a_peak_may_be_spread_over_its_neighbours() -> None:
    probabilities = np.zeros((9, 5), np.float32)
    probabilities[:, 4] = [0, 0.2, 0.25, 0.1, 0, 0, 0.2, 0, 0.5]
    assert peak_levels(probabilities, 0.4).nonzero()[0].tolist() == [2, 8]


def test_chances_of_a_classifier_of_pairs_stay_as_they_are() -> None:
    probabilities = np.repeat(np.float32([[0.9], [0.1], [0.6]]), 5, axis=1)
    levels, said = topic_sections(probabilities, SENTENCES[:4])
    assert levels.tolist() == [1, 0, 1]
    assert np.array_equal(said, probabilities[:, 0])


def test_chances_of_the_model_are_drawn_to_what_holds_without_headings() -> None:
    probabilities = flat_chances()
    said = topic_sections(probabilities, SENTENCES)[1]
    assert np.all(np.diff(said[np.argsort(probabilities[:, 4])]) >= 0)
    assert 0.5 < said[9] < probabilities[9, 4]
    assert said[0] > 0.02


def test_prose_needs_higher_chances_than_numbered_text() -> None:
    probabilities = np.zeros((11, 5), np.float32)
    probabilities[[2, 5, 8]] = 0.9
    probabilities[10] = 0.46
    probabilities[:, 0] *= 0.9
    prose = [f"{text} {text}" for text in SENTENCES[:12]]
    numbered = [f"({i}) {text}" for i, text in enumerate(prose, 1)]
    assert topic_levels(probabilities, numbered).nonzero()[0].tolist() == [2, 5, 8, 10]
    assert topic_levels(probabilities, prose).nonzero()[0].tolist() == [2, 5, 8]
