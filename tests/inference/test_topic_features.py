"""Patches and sketches against their definitions, written out plainly."""

import numpy as np

from segtool.inference.topic_features import (
    MEAN_WIDTHS,
    N_PATCH,
    REACH,
    band,
    patch_pairs,
    patches,
    shape_features,
    sketch_slots,
)


def unit_vectors(n: int, width: int = 12, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_band_is_the_diagonals_of_the_matrix_of_cosines() -> None:
    vectors = unit_vectors(150)
    cosines = np.pad(vectors @ vectors.T, ((0, 0), (0, 16)))
    expected = np.stack([cosines[i, i + 1 : i + 16] for i in range(150)])
    assert np.allclose(band(vectors), expected, atol=1e-6)


def test_patch_holds_the_pairs_around_a_gap() -> None:
    topics, sketches = unit_vectors(40), unit_vectors(40, seed=1)
    patch = patches(topics, sketches)
    assert patch.shape == (40, N_PATCH)
    rows, distances = patch_pairs()
    for gap in (8, 20, 32):
        first = gap - REACH + rows
        expected = [topics[i] @ topics[i + d] for i, d in zip(first, distances, strict=True)]
        assert np.allclose(patch[gap, :120], expected, atol=1e-6)
    assert not patch[0, :28].any()  # pairs with units before the first are 0


def test_means_are_over_windows_cut_at_the_ends() -> None:
    vectors = unit_vectors(90)
    vectors[[4, 40, 41]] = 0  # units without words
    found = patches(vectors, vectors)[:, 120:126]
    for gap in (1, 3, 10, 41, 70, 88):
        for column, width in enumerate(MEAN_WIDTHS):
            a, b = vectors[max(0, gap - width) : gap].sum(0), vectors[gap : gap + width].sum(0)
            assert np.isclose(found[gap, column], a @ b / np.sqrt(a @ a * (b @ b) + 1e-6), atol=1e-4)


def test_one_unit_and_none_have_patches() -> None:
    assert patches(unit_vectors(1), unit_vectors(1)).shape == (1, N_PATCH)
    assert patches(unit_vectors(0), unit_vectors(0)).shape == (0, N_PATCH)


def test_slots_fill_the_sketch_evenly_with_both_signs() -> None:
    slots, signs = sketch_slots(np.arange(1 << 16, dtype=np.int32), 256)
    counts = np.bincount(slots, minlength=256)
    assert counts.min() > 150
    assert abs(signs.mean()) < 0.02


def test_shape_of_nothing_is_finite() -> None:
    features = shape_features(np.zeros((2, 6), np.float32), np.zeros(2, np.uint8), np.zeros(2, np.uint16))
    assert np.isfinite(features).all()
