"""Sentences of formats that have paragraphs of their own: a paragraph starts a sentence, whatever a model says."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from segtool.core.document import Paragraph
from segtool.core.layer import ORIGINS, Layer
from segtool.core.whitespace import canonical_offsets

_MARK = re.compile(r"(?:[#>*+•◦▪–-]+\s+|\(?[\w.]{1,8}[.)]\)?\s+|§+\s*\S+\s+|\d[\d.]*\s+){1,4}")
"""What may stand before the text of a paragraph: list marks and numbers."""


def with_paragraphs(layer: Layer, text: str, paragraphs: Sequence[Paragraph]) -> Layer:
    """The layer with a unit at every paragraph, certain and from the loader, and none between its mark and its text.

    Args:
        layer: sentences as a model found them.
        text: what the layer divides.
        paragraphs: of a format that has them, sorted.
    """
    starts = canonical_offsets(text, [p.span.start for p in paragraphs])
    kept = np.setdiff1d(layer.offsets, _after_marks(layer, text, paragraphs))
    offsets = np.union1d(kept, starts)
    old = np.searchsorted(layer.offsets, kept)
    places = np.searchsorted(offsets, kept)
    scores = np.full(len(offsets), np.nan, np.float32)
    scores[places] = layer.scores[old]
    scores[np.searchsorted(offsets, starts)] = np.nan
    origins = np.full(len(offsets), ORIGINS.index("loader"), np.uint8)
    origins[places] = layer.origins[old]
    origins[np.searchsorted(offsets, starts)] = ORIGINS.index("loader")
    return Layer(layer.name, layer.length, offsets, np.ones(len(offsets), np.int16), scores, origins)


def _after_marks(layer: Layer, text: str, paragraphs: Sequence[Paragraph]) -> list[int]:
    """Starts of units between the mark or number of a paragraph (``## 4.2 (a)``) and its text."""
    found = []
    for paragraph in paragraphs:
        match = _MARK.match(text, paragraph.span.start, paragraph.span.end)
        if match:
            first, last = np.searchsorted(layer.offsets, [paragraph.span.start + 1, match.end() + 1])
            found += layer.offsets[first:last].tolist()
    return found
