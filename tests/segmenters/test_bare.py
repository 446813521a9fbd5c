"""Sections of texts without headings: the model's word and the evidence of lines as one."""

from __future__ import annotations

import numpy as np
import pytest

from segtool.core.document import Document
from segtool.core.scores import Scores
from segtool.loaders.paragraphs import find_paragraphs
from segtool.segmenters.bare import N_COLUMNS, Bare, bare_levels, bare_rows
from segtool.segmenters.outline import look, read, section_layer

BODY = "The tenant pays what is due, in advance, into the account that the landlord names in writing. "
TEXT = "\n\n".join(f"{BODY} It is the {n}th of them, and says {'so ' * (n % 5)}nothing else." for n in range(24))


def _scored(at: dict[int, float]) -> tuple[Document, Scores]:
    document = Document("bare", TEXT, find_paragraphs(TEXT))
    chances = np.full((len(document.paragraphs) - 1, 5), 0.01, np.float32)
    for line, chance in at.items():
        chances[line - 1] = chance * np.array([0.9, 1, 1, 1, 0.95])
    return document, Scores("section", len(TEXT), np.array([p.span.start for p in document.paragraphs[1:]]), chances)


def _silent(scale: float = 1.0) -> Bare:
    zeros = np.zeros((N_COLUMNS, 1), np.float32)
    return Bare(zeros, zeros[0], np.zeros((1, 1), np.float32), zeros[0], np.array([scale], np.float32))


def test_a_network_that_adds_nothing_leaves_the_model_its_word() -> None:
    document, scores = _scored({6: 0.8, 15: 0.7})
    reading = look(document, scores)
    assert reading.topics is not None
    rows = bare_rows(reading.rows, reading.looks, reading.topics)
    assert rows.shape == (24, N_COLUMNS)
    said = _silent()(rows, reading.topics)
    assert said[1:] == pytest.approx(np.maximum.accumulate(scores.probabilities[:, :4], axis=1), abs=1e-3)
    assert said[0].tolist() == [0, 0, 0, 0]  # the model says nothing of the first line
    assert np.flatnonzero(bare_levels(said, 0.4)).tolist() == [6, 15]


def test_sections_without_headings_have_levels_and_chances_and_no_names() -> None:
    document, scores = _scored({6: 0.95, 15: 0.95})
    reading = read(document, scores, 0.4)
    assert reading.is_bare
    layer = section_layer(document, scores, 0.4)
    starts = [p.span.start for p in document.paragraphs]
    assert {starts[6], starts[15]} <= set(layer.offsets.tolist())
    assert all(b.label is None and b.origin == "model" and 0 < (b.score or 0) <= 1 for b in list(layer)[1:])


def test_a_higher_threshold_finds_no_more_without_headings() -> None:
    document, scores = _scored({4: 0.3, 9: 0.5, 15: 0.9})
    sizes = [len(section_layer(document, scores, threshold)) for threshold in (0.2, 0.4, 0.6)]
    assert sizes == sorted(sizes, reverse=True)
