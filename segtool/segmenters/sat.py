"""Sentences by the nets of our own: documents in, chances at piece ends out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from segtool.core.document import Document
from segtool.core.layer import LayerName
from segtool.core.scores import Scores
from segtool.inference.card import Card
from segtool.inference.sentence_cascade import SentenceCascade
from segtool.inference.sentence_stream import Found, SentenceStream
from segtool.segmenters.base import ModelInfo


class SatSegmenter:
    """Segmenter of a segtool sentence model; see ``SentenceCascade`` for what its card holds.

    Args:
        card: the model's card.

    Raises:
        ModelError: if a file is missing or not what the card says.
    """

    layers: tuple[LayerName, ...] = ("sentence",)

    def __init__(self, card: Card) -> None:
        self._cascade = SentenceCascade(card)
        thresholds = card.data["thresholds"]
        self.info = ModelInfo(
            card.name,
            card.version,
            card.threshold,
            card.thresholds,
            thresholds.get("bare"),
            self._cascade.takes_language,
            thresholds.get("bare_languages", {}),
        )

    def score(self, documents: Iterable[Document]) -> Iterator[Mapping[LayerName, Scores]]:
        """Scores of each document, in order, as soon as it is there."""
        for document in documents:
            yield {"sentence": _scores(document, list(self.stream(document.lang).read(document.text)))}

    def iter_partial(self, document: Document) -> Iterator[Scores]:
        """The scores of a document as they grow, slice by slice; the last are those of ``score``."""
        parts = []
        for found in self.stream(document.lang).read(document.text):
            parts.append(found)
            yield _scores(document, parts)

    def stream(self, language: str | None = None) -> SentenceStream:
        """What finds the sentences of a text that comes in parts; ``language`` as in ``Document.lang``."""
        return SentenceStream(self._cascade, language)


def _scores(document: Document, parts: Sequence[Found]) -> Scores:
    """A document's scores."""
    if len(parts) == 1:
        offsets, chances, bare = parts[0].offsets, parts[0].chances, parts[0].bare
    else:
        offsets = np.concatenate([part.offsets for part in parts])
        chances = np.concatenate([part.chances for part in parts])
        bare = np.concatenate([part.bare for part in parts])
    return Scores("sentence", len(document.text), offsets, chances, bare if bare.any() else None)
