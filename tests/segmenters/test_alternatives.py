"""The k best segmentations against a search through all of them."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from segtool.core.scores import Scores
from segtool.core.span import Span
from segtool.segmenters.alternatives import Alternative, alternatives
from segtool.segmenters.decode import decode_within

WORDS = st.lists(st.sampled_from(["a", "bb", "ccc", "dddd", "eeeeeeeee"]), min_size=1, max_size=9)
CHANCES = st.integers(2, 98).map(lambda n: float(np.float32(n / 100)))


def scores_of(text: str, chances: dict[int, float]) -> Scores:
    """Scores with these chances at these offsets."""
    items = sorted(chances.items())
    return Scores(
        "sentence", len(text), np.array([o for o, _ in items], np.int64), np.array([c for _, c in items], np.float32)
    )


def word_starts(text: str) -> list[int]:
    """Starts of all words but the first."""
    return [i for i in range(1, len(text)) if text[i - 1].isspace() and not text[i].isspace()]


def lengths(text: str, starts: tuple[int, ...]) -> list[int]:
    """Lengths of the units without outer white space."""
    return [len(text[a:b].strip()) for a, b in itertools.pairwise([0, *starts, len(text)])]


def chance(chances: dict[int, float], chosen: tuple[int, ...]) -> float:
    """The product over all candidates."""
    return math.prod(p if o in chosen else 1 - p for o, p in chances.items())


def value(chances: dict[int, float], chosen: tuple[int, ...], threshold: float) -> float:
    """The sum of log odds relative to the threshold."""
    level = math.log(threshold / (1 - threshold))
    return sum(math.log(chances[o] / (1 - chances[o])) - level for o in chosen)


@settings(deadline=None)
@given(WORDS, st.integers(1, 40), st.sampled_from([0.3, 0.5, 0.55]), st.data())
def test_without_limits_they_are_the_likeliest_subsets(
    words: list[str], k: int, threshold: float, data: st.DataObject
) -> None:
    text = " ".join(words)
    chances = {o: data.draw(CHANCES) for o in word_starts(text)}
    found = alternatives(scores_of(text, chances), text, threshold, k)
    subsets = [c for n in range(len(chances) + 1) for c in itertools.combinations(sorted(chances), n)]
    expected = sorted((value(chances, c, threshold) for c in subsets), reverse=True)[:k]
    assert len({item.starts for item in found}) == len(found) == min(k, len(subsets))
    assert np.allclose([value(chances, item.starts, threshold) for item in found], expected, atol=1e-5)
    assert np.allclose([item.chance for item in found], [chance(chances, item.starts) for item in found], rtol=1e-4)


@settings(deadline=None)
@given(WORDS, st.integers(0, 12), st.integers(0, 12), st.integers(1, 12), st.data())
def test_limits_leave_the_best_of_the_partitions_that_keep_them(
    words: list[str], least: int, more: int, k: int, data: st.DataObject
) -> None:
    text = " ".join(words)
    most = least + more + 1
    chances = {o: data.draw(CHANCES) for o in word_starts(text)}
    scores = scores_of(text, chances)
    found = alternatives(scores, text, 0.5, k, min_length=least, max_length=most)
    assert len({item.starts for item in found}) == len(found) <= k
    assert all(size <= most for item in found for size in lengths(text, item.starts))
    kept = [
        c
        for n in range(len(chances) + 1)
        for c in itertools.combinations(sorted(chances), n)
        if all(least <= size <= most for size in lengths(text, c))
    ]
    if kept and all(len(word) <= most for word in words):
        expected = sorted((value(chances, c, 0.5) for c in kept), reverse=True)[:k]
        assert np.allclose([value(chances, item.starts, 0.5) for item in found], expected, atol=1e-4)


@settings(deadline=None)
@given(WORDS, st.integers(0, 9), st.integers(0, 9), st.data())
def test_the_first_is_as_good_as_what_the_decoder_chooses(
    words: list[str], least: int, more: int, data: st.DataObject
) -> None:
    text = " ".join(words)
    chances = {o: data.draw(CHANCES) for o in word_starts(text) if data.draw(st.booleans())}
    scores = scores_of(text, chances)
    first = alternatives(scores, text, 0.5, 1, min_length=least, max_length=least + more + 1)[0]
    layer = decode_within(scores, text, 0.5, least, least + more + 1)
    chosen = tuple(layer.offsets[1:].tolist())

    def full(starts: tuple[int, ...]) -> tuple[float, int]:
        return round(sum(math.log(chances[o] / (1 - chances[o])) for o in starts if o in chances), 4), len(starts)

    assert full(first.starts) == full(chosen)


def test_a_stretch_keeps_its_ends_and_the_offsets_of_the_document() -> None:
    text = "One. Two! Then. Four."
    scores = scores_of(text, {5: 0.9, 10: 0.6, 16: 0.9})
    found = alternatives(scores, text, 0.5, 3, span=Span(5, 16))
    assert [item.starts for item in found] == [(10,), ()]
    assert np.allclose([item.chance for item in found], [0.6, 0.4], atol=1e-6)


def test_certain_and_impossible_candidates() -> None:
    text = "a b c"
    found = alternatives(scores_of(text, {2: 1.0, 4: 0.0}), text, 0.5, 2)
    assert found[0].starts == (2,)
    assert math.isclose(found[0].chance, 1, abs_tol=1e-6)
    assert found[1].chance < 1e-6


def test_blank_stretches_have_one_segmentation() -> None:
    assert alternatives(scores_of("", {}), "", 0.5, 4) == (Alternative((), 1.0),)
    assert alternatives(scores_of("a   b", {4: 0.5}), "a   b", 0.5, 4, span=Span(1, 4)) == (Alternative((), 1.0),)


def test_long_texts_take_no_longer_a_candidate_than_short_ones() -> None:
    text = "word " * 20_000
    scores = scores_of(text, dict.fromkeys(range(5, len(text), 5), 0.3))
    found = alternatives(scores, text, 0.5, 3, min_length=50, max_length=200)
    assert len({item.starts for item in found}) == 3
    for item in found:
        sizes = lengths(text, item.starts)
        assert max(sizes) <= 200
        assert min(sizes[:-1]) >= 50
