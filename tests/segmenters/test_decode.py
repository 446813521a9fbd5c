"""Decoding: thresholds, and length limits against a search through all partitions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from segtool.core.scores import Scores
from segtool.segmenters.decode import decode, decode_within
from segtool.segmenters.lengths import LengthPrior
from segtool.settings import PriorKind

WORDS = st.lists(st.sampled_from(["a", "bb", "ccc", "dddd", "eeeeeeeee"]), min_size=1, max_size=9)


def scores_of(text: str, chances: dict[int, float]) -> Scores:
    """Scores with these chances at these offsets."""
    items = sorted(chances.items())
    return Scores(
        "sentence", len(text), np.array([o for o, _ in items], np.int64), np.array([c for _, c in items], np.float32)
    )


def lengths(text: str, offsets: list[int]) -> list[int]:
    """Lengths of the units without outer white space."""
    return [len(text[a:b].strip()) for a, b in itertools.pairwise([*offsets, len(text)])]


def word_starts(text: str) -> list[int]:
    """Starts of all words but the first."""
    return [i for i in range(1, len(text)) if text[i - 1].isspace() and not text[i].isspace()]


def test_decode_takes_candidates_from_the_threshold_on() -> None:
    layer = decode(scores_of("one two six", {4: 0.4, 8: 0.39}), 0.4)
    assert layer.offsets.tolist() == [0, 4]
    assert layer.scores[1] == np.float32(0.4)


@given(WORDS, st.data())
def test_without_limits_it_is_the_threshold(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    chances = {o: data.draw(st.sampled_from([0.1, 0.35, 0.6, 0.9])) for o in word_starts(text)}
    scores = scores_of(text, chances)
    assert decode_within(scores, text, 0.5) == decode(scores, 0.5)
    wide = decode_within(scores, text, 0.5, 0, len(text))
    assert wide.offsets.tolist() == decode(scores, 0.5).offsets.tolist()


@settings(deadline=None)
@given(WORDS, st.integers(0, 12), st.integers(0, 12), st.data())
def test_limits_give_the_best_of_all_partitions(words: list[str], least: int, more: int, data: st.DataObject) -> None:
    text = " ".join(words)
    starts = word_starts(text)
    chances = {o: data.draw(st.floats(0.02, 0.98)) for o in starts}
    most = least + more + 1
    layer = decode_within(scores_of(text, chances), text, 0.5, least, most)
    best = -math.inf
    for n in range(len(starts) + 1):
        for chosen in itertools.combinations(starts, n):
            if all(least <= size <= most for size in lengths(text, [0, *chosen])):
                best = max(best, sum(math.log(chances[o] / (1 - chances[o])) for o in chosen))
    found = layer.offsets.tolist()
    if best > -math.inf:
        assert all(least <= size <= most for size in lengths(text, found))
        value = sum(math.log(chances[o] / (1 - chances[o])) for o in found[1:])
        assert math.isclose(value, best, abs_tol=1e-4)
    assert all(size <= most for size in lengths(text, found))


@settings(deadline=None)
@given(
    WORDS, st.integers(0, 6), st.integers(1, 12), st.sampled_from(["gaussian", "lognormal", "polynomial"]), st.data()
)
def test_a_prior_of_lengths_counts_beside_the_model(
    words: list[str], least: int, more: int, kind: PriorKind, data: st.DataObject
) -> None:
    text = " ".join(words)
    starts = word_starts(text)
    chances = {o: data.draw(st.floats(0.02, 0.98)) for o in starts}
    prior, most = LengthPrior(data.draw(st.integers(1, 20)), kind), max(9, least + more)
    layer = decode_within(scores_of(text, chances), text, 0.5, least, most, prior=prior)

    def value(chosen: Sequence[int]) -> float:
        gains = sum(math.log(chances[o] / (1 - chances[o])) for o in chosen)
        return gains + float(prior.log_chances(np.array(lengths(text, [0, *chosen]))).sum())

    subsets = [c for n in range(len(starts) + 1) for c in itertools.combinations(starts, n)]
    kept = [c for c in subsets if all(least <= size <= most for size in lengths(text, [0, *c]))]
    found = layer.offsets.tolist()
    assert all(size <= most for size in lengths(text, found))
    if kept:
        assert math.isclose(value(found[1:]), max(map(value, kept)), abs_tol=1e-3)


def test_priors_are_greatest_at_their_target() -> None:
    x = np.arange(1, 400)
    for kind in ("gaussian", "lognormal", "polynomial"):
        values = LengthPrior(70, kind).log_chances(x)
        assert x[values.argmax()] == 70
        assert math.isclose(values.max(), 0, abs_tol=1e-9)
    short, long = LengthPrior(70, "lognormal").log_chances(np.array([40, 100]))
    assert long > short


def test_a_target_makes_units_of_its_length() -> None:
    text = "word " * 200
    scores = scores_of(text.strip(), dict.fromkeys(range(5, len(text) - 5, 5), 0.5))
    layer = decode_within(scores, text.strip(), 0.5, 0, 100, prior=LengthPrior(49))
    assert set(lengths(text.strip(), layer.offsets.tolist())) == {49}


def test_too_long_units_are_cut_before_words_then_inside_them() -> None:
    text = "aaaa bbbb " + "c" * 25
    layer = decode_within(scores_of(text, {}), text, 0.5, 0, 10)
    assert layer.offsets.tolist()[:2] == [0, 10]
    assert max(lengths(text, layer.offsets.tolist())) <= 10


def test_a_text_shorter_than_the_least_length_stays_one_unit() -> None:
    text = "Hi. Yes."
    assert decode_within(scores_of(text, {4: 0.99}), text, 0.5, 100).offsets.tolist() == [0]


def test_blank_and_empty_texts() -> None:
    for text in ("", "   ", "\n"):
        assert decode_within(scores_of(text, {}), text, 0.5, 3, 9).length == len(text)


def test_linear_time_keeps_up_with_long_texts() -> None:
    text = "word " * 40_000
    chances = dict.fromkeys(range(5, len(text), 5), 0.3)
    layer = decode_within(scores_of(text, chances), text, 0.5, 50, 200)
    sizes = lengths(text, layer.offsets.tolist())
    assert max(sizes) <= 200
    assert min(sizes[:-1]) >= 50


def test_stretches_without_punctuation_have_a_threshold_of_their_own() -> None:
    text = "One two three. Four five six seven eight nine."
    offsets, chances = np.array([4, 15, 20]), np.array([0.35, 0.9, 0.35], np.float32)
    scores = Scores("sentence", len(text), offsets, chances, np.array([False, False, True]))
    assert decode(scores, 0.5).offsets.tolist() == [0, 15]
    assert decode(scores, 0.5, 0.3).offsets.tolist() == [0, 15, 20]
    assert decode_within(scores, text, 0.5, 0, 40, 0.3).offsets.tolist() == [0, 15, 20]
    assert decode_within(scores, text, 0.5, 0, 40).offsets.tolist() == [0, 15]
