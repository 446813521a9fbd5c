"""Sentences by the net of our own: documents in, chances at piece ends out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from segtool.core.document import Document
from segtool.core.layer import LayerName
from segtool.core.scores import Scores
from segtool.inference.card import Card
from segtool.inference.pieces import PieceCutter
from segtool.inference.sentence_net import Block, Float32, SentenceNet, iter_blocks, sigmoid
from segtool.segmenters.base import ModelInfo

BATCH_PIECES = 8192
"""Pieces of short documents that are scored together."""
FLOOR = 0.01
"""Candidates with a smaller chance are left out of the scores."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A block of the document at ``index`` in a batch."""

    index: int
    block: Block


class SatSegmenter:
    """Segmenter of a segtool sentence model.

    Args:
        card: the model's card; ``parameters.encoder`` names the ONNX file.

    Raises:
        ModelError: if a file is missing or not what the card says.
    """

    layers: tuple[LayerName, ...] = ("sentence",)

    def __init__(self, card: Card) -> None:
        self.info = ModelInfo(card.name, card.version, card.threshold, card.thresholds)
        self._net = SentenceNet(card, str(card.parameters["encoder"]))
        self._cutter = PieceCutter()

    def score(self, documents: Iterable[Document]) -> Iterator[Mapping[LayerName, Scores]]:
        """Scores of each document, in order; a batch of short documents goes through the net together."""
        batch: list[Document] = []
        size = 0
        for document in documents:
            batch.append(document)
            size += len(document.text)
            if size >= BATCH_PIECES * 5:
                yield from self._score_batch(batch)
                batch, size = [], 0
        yield from self._score_batch(batch)

    def _score_batch(self, documents: list[Document]) -> Iterator[Mapping[LayerName, Scores]]:
        found: list[list[tuple[np.ndarray, Float32]]] = [[] for _ in documents]
        waiting: list[_Part] = []
        for index, document in enumerate(documents):
            for block in iter_blocks(self._cutter.iter_cut(document.text), self._net.margin):
                waiting.append(_Part(index, block))
                if sum(part.block.last - part.block.first for part in waiting) >= BATCH_PIECES:
                    self._score_parts(waiting, found)
                    waiting = []
        self._score_parts(waiting, found)
        for document, parts in zip(documents, found, strict=True):
            yield {"sentence": _scores(document, parts)}

    def _score_parts(self, parts: list[_Part], found: list[list[tuple[np.ndarray, Float32]]]) -> None:
        for part, logits in zip(parts, self._net.score([part.block for part in parts]), strict=True):
            chances = sigmoid(logits[:, 0])
            starts = part.block.pieces.starts
            last = min(part.block.last, len(starts) - 1)
            keep = np.flatnonzero(chances[: last - part.block.first] >= FLOOR)
            found[part.index].append((starts[part.block.first + 1 + keep].astype(np.int64), chances[keep]))


def _scores(document: Document, parts: list[tuple[np.ndarray, Float32]]) -> Scores:
    """A document's scores: a unit may start at each piece after one that ends a sentence with some chance."""
    if not parts:
        return Scores.empty("sentence", len(document.text))
    offsets = np.concatenate([offsets for offsets, _ in parts])
    return Scores("sentence", len(document.text), offsets, np.concatenate([chances for _, chances in parts]))
