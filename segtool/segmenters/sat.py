"""Sentences by the nets of our own: documents in, chances at piece ends out.

Two speeds, one answer: where a card names a gate, the gate answers first, and the full net is asked where the
gate is unsure and where a stretch has no punctuation. Without a gate the net answers everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segtool.core.document import Document
from segtool.core.layer import LayerName
from segtool.core.scores import Scores
from segtool.inference.card import Card, load_card
from segtool.inference.pieces import PieceCutter
from segtool.inference.sentence_gate import BareFinder, SentenceGate
from segtool.inference.sentence_net import Block, Float32, SentenceNet, Window, iter_blocks, sigmoid
from segtool.segmenters.base import ModelInfo

BATCH_PIECES = 8192
"""Pieces of short documents that are scored together."""
FLOOR = 0.01
"""Candidates with a smaller chance are left out of the scores."""
MOST_UNSURE = 0.2
"""With a greater share of unsure gaps, the whole block goes through the net."""

Found = tuple[npt.NDArray[np.int64], Float32]
"""Offsets and chances of the candidates of a block."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A block of the document at ``index`` in a batch."""

    index: int
    block: Block


@dataclass(frozen=True, slots=True)
class Cascade:
    """The first stage and the logits between which it is unsure."""

    gate: SentenceGate
    low: float
    high: float
    scale: float
    shift: float

    def unsure(self, logits: Float32) -> npt.NDArray[np.bool_]:
        """Where the full net has to be asked."""
        return (logits > self.low) & (logits < self.high)


class SatSegmenter:
    """Segmenter of a segtool sentence model.

    Args:
        card: the model's card. ``parameters``: ``encoder`` (ONNX file), ``base`` (the sibling model that holds the
            files, if not this one), ``gate`` (file), ``gate_low`` and ``gate_high`` (logits), ``scale`` and ``shift``
            (calibration of logits), the same with ``gate_`` for the gate and ``bare_`` for bare stretches.

    Raises:
        ModelError: if a file is missing or not what the card says.
    """

    layers: tuple[LayerName, ...] = ("sentence",)

    def __init__(self, card: Card) -> None:
        self.info = ModelInfo(
            card.name, card.version, card.threshold, card.thresholds, card.data["thresholds"].get("bare")
        )
        parameters = card.parameters
        files = load_card(card.folder.parent / str(parameters["base"])) if "base" in parameters else card
        self._net = SentenceNet(card, files)
        self._cascade = None
        if "gate" in parameters:
            gate = SentenceGate(files.path(str(parameters["gate"])))
            self._cascade = Cascade(
                gate, *(float(parameters[f"gate_{key}"]) for key in ("low", "high", "scale", "shift"))
            )
        self._cutter = PieceCutter()
        self._bare = BareFinder.make(self._cutter)
        self._calibration = np.array(
            [
                [parameters.get("scale", 1.0), parameters.get("shift", 0.0)],
                [parameters.get("bare_scale", 1.0), parameters.get("bare_shift", 0.0)],
            ],
            np.float32,
        )

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

    def _score_batch(self, documents: Sequence[Document]) -> Iterator[Mapping[LayerName, Scores]]:
        found: list[list[Found]] = [[] for _ in documents]
        waiting: list[_Part] = []
        size = 0
        for index, document in enumerate(documents):
            for block in iter_blocks(self._cutter.iter_cut(document.text), self._net.margin):
                waiting.append(_Part(index, block))
                size += block.last - block.first
                if size >= BATCH_PIECES:
                    self._score_parts(waiting, found)
                    waiting, size = [], 0
        self._score_parts(waiting, found)
        for document, parts in zip(documents, found, strict=True):
            yield {"sentence": _scores(document, parts)}

    def _score_parts(self, parts: Sequence[_Part], found: Sequence[list[Found]]) -> None:
        blocks = [part.block for part in parts]
        bare = [self._bare.bare(block.pieces) for block in blocks]
        logits = self._logits(blocks, bare)
        for part, values in zip(parts, logits, strict=True):
            block = part.block
            last = min(block.last, len(block.pieces) - 1)
            chances = sigmoid(values[block.first : last])
            keep = np.flatnonzero(chances >= FLOOR)
            starts = block.pieces.starts[block.first + 1 + keep].astype(np.int64)
            found[part.index].append((starts, chances[keep]))

    def _logits(self, blocks: Sequence[Block], bare: Sequence[npt.NDArray[np.bool_]]) -> list[Float32]:
        """For each block calibrated logits of a sentence end after its pieces; context pieces may lack theirs."""
        cascade = self._cascade
        if cascade is None:
            out = [np.zeros(len(block.pieces), np.float32) for block in blocks]
            windows = [w for i, block in enumerate(blocks) for w in self._net.windows(i, block.first, block.last)]
        else:
            gates = [cascade.gate.logits(block.pieces) for block in blocks]
            windows = [
                w for i, block in enumerate(blocks) for w in self._doubtful(cascade, i, block, gates[i], bare[i])
            ]
            out = [logits * cascade.scale + cascade.shift for logits in gates]
        for window, values in self._net.run(blocks, windows):
            at = slice(window.first, window.last)
            inner = slice(window.first - window.start, window.last - window.start)
            scale, shift = self._calibration[bare[window.block][at].astype(np.intp)].T
            out[window.block][at] = values[inner, 0] * scale + shift
        return out

    def _doubtful(
        self, cascade: Cascade, index: int, block: Block, logits: Float32, bare: npt.NDArray[np.bool_]
    ) -> Iterator[Window]:
        """Windows around what the gate can't decide."""
        unsure = bare | cascade.unsure(logits)
        positions = block.first + np.flatnonzero(unsure[block.first : block.last])
        if len(positions) > MOST_UNSURE * (block.last - block.first):
            return self._net.windows(index, block.first, block.last)
        return self._net.windows_at(index, positions, block.last)


def _scores(document: Document, parts: Sequence[Found]) -> Scores:
    """A document's scores: a unit may start at each piece after one that ends a sentence with some chance."""
    if not parts:
        return Scores.empty("sentence", len(document.text))
    offsets = np.concatenate([offsets for offsets, _ in parts])
    return Scores("sentence", len(document.text), offsets, np.concatenate([chances for _, chances in parts]))
