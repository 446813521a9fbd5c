"""Sentences by the nets of our own: documents in, chances at piece ends out.

Two speeds, one answer: where a card names a gate, the gate answers first, and the net is asked where the gate is unsure
and where a stretch has no punctuation. Where both have answered punctuated text, their logits are added by weight:
they err in different places, and together they are better than either.
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

FLOOR = 0.01
"""Candidates with a smaller chance are left out of the scores."""
MOST_UNSURE = 0.2
"""With a greater share of unsure gaps, the whole block goes through the net."""

Found = tuple[npt.NDArray[np.int64], Float32]
"""Offsets and chances of the candidates of a block."""


@dataclass(frozen=True, slots=True)
class Cascade:
    """The first stage, the logits between which it is unsure, its calibration, and its weight beside the net's."""

    gate: SentenceGate
    low: float
    high: float
    scale: float
    shift: float
    mix: float

    def unsure(self, logits: Float32) -> npt.NDArray[np.bool_]:
        """Where the full net has to be asked."""
        return (logits > self.low) & (logits < self.high)


class SatSegmenter:
    """Segmenter of a segtool sentence model.

    Args:
        card: the model's card. ``parameters``: ``encoder`` (ONNX file), ``base`` (the sibling model that holds the
            files, if not this one), ``gate`` (file), ``gate_low`` and ``gate_high`` (logits), ``gate_mix`` (its weight
            beside the net), ``scale`` and ``shift`` (calibration of logits), the same with ``gate_`` for the gate alone
            and ``bare_`` for the net alone in bare stretches.

    Raises:
        ModelError: if a file is missing or not what the card says.
    """

    layers: tuple[LayerName, ...] = ("sentence",)

    def __init__(self, card: Card) -> None:
        parameters = card.parameters
        files = load_card(card.folder.parent / str(parameters["base"])) if "base" in parameters else card
        self._net = SentenceNet(card, files)
        thresholds = card.data["thresholds"]
        self.info = ModelInfo(
            card.name,
            card.version,
            card.threshold,
            card.thresholds,
            thresholds.get("bare"),
            self._net.takes_language,
            thresholds.get("bare_languages", {}),
        )
        self._cascade = None
        if "gate" in parameters:
            gate = SentenceGate(files.path(str(parameters["gate"])))
            self._cascade = Cascade(
                gate, *(float(parameters[f"gate_{key}"]) for key in ("low", "high", "scale", "shift", "mix"))
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
        """Scores of each document, in order, as soon as it is there."""
        for document in documents:
            yield {"sentence": _scores(document, list(self._iter_found(document)))}

    def iter_partial(self, document: Document) -> Iterator[Scores]:
        """The scores of a document as they grow, block by block; the last are those of ``score``."""
        parts = []
        for found in self._iter_found(document):
            parts.append(found)
            yield _scores(document, parts)

    def _iter_found(self, document: Document) -> Iterator[Found]:
        for block in iter_blocks(self._cutter.iter_cut(document.text), self._net.margin, document.lang):
            yield self._found(block)

    def _found(self, block: Block) -> Found:
        """Offsets and chances of a block's candidates: the pieces after those that may end a sentence."""
        last = min(block.last, len(block.pieces) - 1)
        chances = sigmoid(self._logits(block)[block.first : last])
        keep = np.flatnonzero(chances >= FLOOR)
        return block.pieces.starts[block.first + 1 + keep].astype(np.int64), chances[keep]

    def _logits(self, block: Block) -> Float32:
        """Calibrated logits of a sentence end after each piece; those of context pieces may be missing."""
        bare = self._bare.bare(block.pieces)
        if self._cascade is None:
            out = np.zeros(len(block.pieces), np.float32)
            mixed = out
            windows = self._net.windows(block.first, block.last)
        else:
            logits = self._cascade.gate.logits(block.pieces)
            windows = self._doubtful(block, bare | self._cascade.unsure(logits))
            out = logits * self._cascade.scale + self._cascade.shift
            mixed = np.where(bare, np.float32(0), logits * self._cascade.mix)
        for window, values in self._net.run(block, windows):
            at = slice(window.first, window.last)
            inner = slice(window.first - window.start, window.last - window.start)
            scale, shift = self._calibration[bare[at].astype(np.intp)].T
            out[at] = values[inner, 0] * scale + shift + mixed[at]
        return out

    def _doubtful(self, block: Block, unsure: npt.NDArray[np.bool_]) -> Iterator[Window]:
        """Windows around what the gate can't decide."""
        positions = block.first + np.flatnonzero(unsure[block.first : block.last])
        if len(positions) > MOST_UNSURE * (block.last - block.first):
            return self._net.windows(block.first, block.last)
        return self._net.windows_at(positions, block.last)


def _scores(document: Document, parts: Sequence[Found]) -> Scores:
    """A document's scores."""
    if not parts:
        return Scores.empty("sentence", len(document.text))
    offsets = np.concatenate([offsets for offsets, _ in parts])
    return Scores("sentence", len(document.text), offsets, np.concatenate([chances for _, chances in parts]))
