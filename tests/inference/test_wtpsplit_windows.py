"""Windows: all tokens are reached, and refining ends at wtpsplit's own windows around every token in doubt."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segtool.inference.wtpsplit_windows import Window, averaged, finer


@given(st.integers(1, 3_000), st.integers(1, 600), st.integers(1, 600))
def test_averaged_windows_reach_all_tokens(n_tokens: int, length: int, stride: int) -> None:
    stride = min(stride, length)
    counts = np.zeros(n_tokens, np.int64)
    for window in averaged(n_tokens, length, stride):
        assert window.stop - window.start == min(length, n_tokens)
        counts[window.start : window.stop] += 1
    assert counts.min() >= 1


@given(st.integers(1, 3_000), st.integers(16, 600), st.data())
def test_refining_reaches_all_windows_of_the_least_stride_around_doubtful_tokens(
    n_tokens: int, length: int, data: st.DataObject
) -> None:
    stride = data.draw(st.integers(1, length // 4))
    doubtful = np.array(sorted(data.draw(st.sets(st.integers(0, n_tokens - 1), max_size=9))), np.int64)
    done = set(averaged(n_tokens, length, 4 * stride))
    for step in (2 * stride, stride):
        added = list(finer(n_tokens, length, step, done, doubtful))
        assert not done & set(added)
        done |= set(added)
    least = set(averaged(n_tokens, length, stride))
    assert done <= least
    for token in doubtful.tolist():
        assert all(window in done for window in least if window.start <= token < window.stop)


def test_no_tokens_no_windows() -> None:
    assert list(averaged(0, 10, 2)) == []


def test_by_hand() -> None:
    assert list(averaged(22, 10, 8)) == [Window(0, 10), Window(8, 18), Window(12, 22)]
    assert list(finer(22, 10, 4, {Window(8, 18)}, np.array([3, 19]))) == [Window(0, 10), Window(12, 22)]
