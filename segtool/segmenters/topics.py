"""The section model as a segmenter: how likely a section starts at each paragraph, by depth.

Paragraphs are the model's units. A text that has nearly none (a transcript on one line, a judgment pasted as three
blocks) is scored at its sentences instead, found by one cheap regular expression.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from segtool.core.document import Document
from segtool.core.layer import LayerName
from segtool.core.scores import Scores
from segtool.inference.card import Card
from segtool.inference.topic_model import N_OUTPUTS, TopicModel
from segtool.inference.topic_units import sentence_spans
from segtool.segmenters.base import ModelInfo

MIN_PARAGRAPHS = 4
MAX_MEAN_CHARACTERS = 2_500
"""Paragraphs longer than this on average are no units a topic could change between."""

MAIN_COLUMN = 4
"""Column of the probabilities for the depth at which the document has its sections; 0 to 3 are depths 1 to 4."""


class TopicSegmenter:
    """Scores paragraph starts, (n, 5): a section of depth 1, ≤ 2, ≤ 3, ≤ 4 starts, and one of the main depth does.

    The main depth is the smallest at which a document has at least four sections. Its column is the one to use where
    headings are missing; the depth columns tell levels where there are headings.

    Args:
        card: Of a section model.

    Raises:
        ModelError: if a file of the model is missing or unusable.
    """

    layers: tuple[LayerName, ...] = ("section",)

    def __init__(self, card: Card) -> None:
        self.info = ModelInfo(card.name, card.version, card.threshold, card.thresholds)
        self._model = TopicModel.load(card)

    def score(self, documents: Iterable[Document]) -> Iterator[Mapping[LayerName, Scores]]:
        """One set of scores a document, in order; the first unit opens the document and gets none."""
        for document in documents:
            *_, scores = self.iter_partial(document)
            yield {"section": scores}

    def iter_partial(self, document: Document) -> Iterator[Scores]:
        """The scores of the document as they grow, one set at least; the last has all of them."""
        spans = unit_spans(document)
        text = document.text
        offsets = np.array([start for start, _ in spans], np.int64)
        rows = np.zeros((len(spans), N_OUTPUTS), np.float32)
        if not spans:
            yield Scores("section", len(text), offsets, rows)
        for first, values in self._model.iter_probabilities([text[start:end] for start, end in spans]):
            done = first + len(values)
            rows[first:done] = values
            yield Scores("section", len(text), offsets[1:done], rows[1:done].copy())


def unit_spans(document: Document) -> list[tuple[int, int]]:
    """Start and end of the units to score: paragraphs but furniture, or sentences where there are too few."""
    spans = [(p.span.start, p.span.end) for p in document.paragraphs if p.kind != "furniture"]
    characters = sum(end - start for start, end in spans)
    if len(spans) >= MIN_PARAGRAPHS and characters <= MAX_MEAN_CHARACTERS * len(spans):
        return spans
    return [
        part for start, end in spans or [(0, len(document.text))] for part in sentence_spans(document.text, start, end)
    ]
