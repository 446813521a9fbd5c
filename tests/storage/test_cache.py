"""The cache gives back what it was given, stays under its size, and never raises."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from segtool.core.document import BBox, Document, Fragment, Paragraph, Source, Style
from segtool.core.layer import Boundary, Label, Layer
from segtool.core.scores import Scores
from segtool.core.segmentation import MadeBy, Segmentation
from segtool.core.span import Span
from segtool.settings import SentenceSettings, Settings
from segtool.storage.cache import Cache, cache_key, review_key

TEXT = "1. Rent\n\nThe rent is due. Häuser \ud800."


def segmentation() -> Segmentation:
    sections = Layer.from_boundaries("section", len(TEXT), [Boundary(0, 1, None, "loader", Label("1", "Rent"))])
    document = Document(
        "a.pdf",
        TEXT,
        (Paragraph(Span(0, 7), "heading", 1, "1", Style(size=12.0, bold=True)), Paragraph(Span(9, len(TEXT)))),
        (Fragment(Span(0, 7), 1, BBox(1, 2, 3, 4)), Fragment(Span(9, 20), 2, None, 1)),
        {"title": "Lease"},
        Source("a.pdf", "pdf", 3, "ab"),
        "en",
        {"section": sections},
    )
    scores = Scores("sentence", len(TEXT), np.array([26]), np.array([0.8], np.float32))
    sentences = Layer.from_offsets("sentence", len(TEXT), scores.offsets, scores=scores.probabilities)
    layers = {"sentence": sentences, "section": sections}
    return Segmentation(document, layers, {"sentence": MadeBy("m", "1", 0.5)}, {"sentence": scores})


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    cache, given = Cache(tmp_path / "c"), segmentation()
    cache.put("k", given)
    back = cache.get("k")
    assert back is not None
    assert back.layers == given.layers
    assert back.made_by == given.made_by
    assert back.scores["sentence"].probabilities.tolist() == given.scores["sentence"].probabilities.tolist()
    assert replace(back.document, layers={}) == replace(given.document, layers={})


def test_damaged_and_missing_entries_are_misses(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert cache.get("k") is None
    for content in (b"", b"PK\x03\x04", b"what"):
        (tmp_path / "k.npz").write_bytes(content)
        assert cache.get("k") is None
    Cache(tmp_path / "k.npz").put("k", segmentation())


def test_the_longest_unused_go_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for age, key in ((30, "old"), (20, "used"), (10, "new")):
        cache.put(key, segmentation())
        os.utime(tmp_path / f"{key}.npz", (1000 - age, 1000 - age))
    assert cache.get("used") is not None
    size = (tmp_path / "new.npz").stat().st_size
    Cache(tmp_path, size * 2 + 10).clean()
    assert sorted(p.stem for p in tmp_path.iterdir()) == ["new", "used"]


def test_the_key_depends_on_source_models_and_settings() -> None:
    keys = {
        cache_key("a", Settings()),
        cache_key("b", Settings()),
        cache_key("a", Settings(sentences=SentenceSettings(model="other"))),
        cache_key("a", Settings(), {"sentences": "2"}),
    }
    assert len(keys) == 4
    assert cache_key("a", Settings()) == cache_key("a", Settings())


def test_new_weights_under_the_same_name_are_another_entry(tmp_path: Path) -> None:
    settings = Settings(sentences=SentenceSettings(model="own"), models_path=tmp_path)
    keys = []
    for version in ("0.1.0", "0.2.0"):
        (tmp_path / "own").mkdir(exist_ok=True)
        (tmp_path / "own" / "card.toml").write_text(f'version = "{version}"\n', encoding="utf-8")
        keys.append(review_key(b"text", "a.txt", settings))
    assert keys[0] != keys[1]
