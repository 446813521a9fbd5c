"""Windows: every token's result counts once, with the context that was asked for wherever the text has it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.inference.wtpsplit_windows import averaged, cropped

plans = st.tuples(st.integers(1, 3_000), st.integers(4, 600), st.integers(0, 300), st.integers(0, 300)).filter(
    lambda plan: plan[2] + plan[3] < plan[1]
)


@given(plans)
def test_kept_parts_tile_the_text(plan: tuple[int, int, int, int]) -> None:
    n_tokens, length, left, right = plan
    windows = list(cropped(n_tokens, length, left, right))
    assert [window.keep_start for window in windows[1:]] == [window.keep_stop for window in windows[:-1]]
    assert (windows[0].keep_start, windows[-1].keep_stop) == (0, n_tokens)
    for window in windows:
        assert window.stop - window.start == min(length, n_tokens)
        assert window.start == 0 or window.keep_start - window.start >= left
        assert window.stop == n_tokens or window.stop - window.keep_stop >= right


@given(st.integers(1, 3_000), st.integers(1, 600), st.integers(1, 600))
def test_averaged_windows_reach_all_tokens(n_tokens: int, length: int, stride: int) -> None:
    stride = min(stride, length)
    counts = np.zeros(n_tokens, np.int64)
    for window in averaged(n_tokens, length, stride):
        assert window.stop - window.start == min(length, n_tokens)
        counts[window.start : window.stop] += 1
    assert counts.min() >= 1


def test_no_tokens_no_windows() -> None:
    assert list(cropped(0, 10, 2, 2)) == []
    assert list(averaged(0, 10, 2)) == []


def test_by_hand() -> None:
    windows = [(w.start, w.stop, w.keep_start, w.keep_stop) for w in cropped(22, 10, 3, 2)]
    assert windows == [(0, 10, 0, 8), (5, 15, 8, 13), (10, 20, 13, 18), (12, 22, 18, 22)]


def test_windows_must_keep_something() -> None:
    with pytest.raises(ValueError, match="keep nothing"):
        list(cropped(100, 10, 5, 5))
