"""Sentences by the nets of our own: documents in, chances at piece ends out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from segtool.core.document import Document
from segtool.core.layer import LayerName
from segtool.core.scores import Scores
from segtool.inference.card import Card
from segtool.inference.sentence_batch import decide_at_once
from segtool.inference.sentence_cascade import SentenceCascade
from segtool.inference.sentence_stream import Found, SentenceStream
from segtool.segmenters.base import ModelInfo


class SatSegmenter:
    """Segmenter of a segtool sentence model; see ``SentenceCascade`` for what its card holds.

    Args:
        card: the model's card.
        read_ahead: characters of further documents that may be read before the first is answered.

    Raises:
        ModelError: if a file is missing or not what the card says.
    """

    layers: tuple[LayerName, ...] = ("sentence",)

    def __init__(self, card: Card, read_ahead: int = 0) -> None:
        self._cascade = SentenceCascade(card)
        self._read_ahead = read_ahead if self._cascade.scan is not None else 0
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
        """Scores of each document, in order, as soon as it is there, or its batch if documents may be read ahead."""
        for batch in _batches(documents, self._read_ahead):
            texts, languages = [document.text for document in batch], [document.lang for document in batch]
            whole = decide_at_once(self._cascade, texts, languages) if len(batch) > 1 else [None]
            for document, found in zip(batch, whole, strict=True):
                parts = list(self.stream(document.lang).read(document.text)) if found is None else [found]
                yield {"sentence": _scores(document, parts)}

    def iter_partial(self, document: Document) -> Iterator[Scores]:
        """The scores of a document as they grow, slice by slice; the last are those of ``score``."""
        parts = []
        for found in self.stream(document.lang).read(document.text):
            parts.append(found)
            yield _scores(document, parts)

    def stream(self, language: str | None = None) -> SentenceStream:
        """What finds the sentences of a text that comes in parts; ``language`` as in ``Document.lang``."""
        return SentenceStream(self._cascade, language)


def _batches(documents: Iterable[Document], read_ahead: int) -> Iterator[list[Document]]:
    """The documents in order, as many together as have ``read_ahead`` characters, but at least one."""
    batch: list[Document] = []
    n_characters = 0
    for document in documents:
        if batch and n_characters + len(document.text) > read_ahead:
            yield batch
            batch, n_characters = [], 0
        batch.append(document)
        n_characters += len(document.text)
        if n_characters >= read_ahead:
            yield batch
            batch, n_characters = [], 0
    if batch:
        yield batch


def _scores(document: Document, parts: Sequence[Found]) -> Scores:
    """A document's scores."""
    if len(parts) == 1:
        offsets, chances, bare = parts[0].offsets, parts[0].chances, parts[0].bare
    else:
        offsets = np.concatenate([part.offsets for part in parts])
        chances = np.concatenate([part.chances for part in parts])
        bare = np.concatenate([part.bare for part in parts])
    return Scores("sentence", len(document.text), offsets, chances, bare if bare.any() else None)
