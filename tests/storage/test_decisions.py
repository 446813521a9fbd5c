"""Deciding a layer anew: at its own threshold it stays as it is, also where stretches have another one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.document import Document
from segtool.core.layer import Layer
from segtool.core.scores import Scores
from segtool.core.segmentation import MadeBy, Segmentation
from segtool.segmenters.decode import decode
from segtool.settings import Settings
from segtool.storage.cache import Cache, cache_key
from segtool.storage.decisions import decide

TEXT = "word " * 40
chances = st.lists(st.tuples(st.integers(1, 999), st.booleans()), min_size=1, max_size=30)


def made(rows: list[tuple[int, bool]], threshold: float, bare: float) -> Segmentation:
    offsets = np.arange(1, len(rows) + 1, dtype=np.int64) * 5
    values = np.array([value / 1000 for value, _ in rows], np.float32)
    scores = Scores("sentence", len(TEXT), offsets, values, np.array([flag for _, flag in rows]))
    layers = {
        "sentence": decode(scores, threshold, bare),
        "paragraph": Layer.from_offsets("paragraph", len(TEXT), np.zeros(1, np.int64)),
    }
    by = {"sentence": MadeBy("m", None, threshold)}
    return Segmentation(Document("d", TEXT), layers, by, {"sentence": scores})  # type: ignore[arg-type]


@given(chances, st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_at_its_own_threshold_a_layer_stays_as_it_is(rows: list[tuple[int, bool]], t: float, bare: float) -> None:
    base = made(rows, t, bare)
    assert decide(base, "sentence", t) == base.layers["sentence"]


@given(chances, st.floats(0.05, 0.95), st.floats(0.05, 0.95), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_gives_no_more_units(
    rows: list[tuple[int, bool]], t: float, bare: float, low: float, high: float
) -> None:
    base = made(rows, t, bare)
    low, high = sorted((low, high))
    assert len(decide(base, "sentence", high)) <= len(decide(base, "sentence", low))


def test_the_cache_keeps_which_candidates_stand_without_punctuation(tmp_path) -> None:  # type: ignore[no-untyped-def]
    base = made([(300, True), (700, False)], 0.5, 0.2)
    cache = Cache(tmp_path)
    cache.put(cache_key("x", Settings()), base)
    kept = cache.get(cache_key("x", Settings()))
    assert kept is not None
    assert kept.scores["sentence"].bare is not None
    assert kept.scores["sentence"].bare.tolist() == [True, False]
