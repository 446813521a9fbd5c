"""Paragraphs of text that shows none, from the output of the sentence nets that was trained on paragraph breaks.

The nets learn where a blank line stood in running text whose blank lines were taken out. Where a loader found one long
paragraph (a transcript on one line, a page pasted without its breaks), this output tells where paragraphs may start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from segtool.core.document import Document, Paragraph
from segtool.core.layer import ORIGINS, Layer, LayerName
from segtool.core.scores import Scores
from segtool.core.span import Span
from segtool.errors import ModelError
from segtool.inference.card import Card, card_of_files
from segtool.inference.pieces import PieceCutter
from segtool.inference.sentence_net import Block, Float32, SentenceNet, iter_blocks, sigmoid
from segtool.segmenters.base import ModelInfo
from segtool.settings import ParagraphMode

LEAST_CHARACTERS = 1_500
"""Shorter paragraphs are left whole: a reader takes them for one."""
THRESHOLD = 0.3
FLOOR = 0.01
_ENDS, _PARAGRAPHS = 0, 1
"""Columns of the nets' output."""
_LEAST_END = 0.2
"""A paragraph starts only where a sentence may."""
_SPACE = re.compile(r"\s")


def long_paragraphs(document: Document, mode: ParagraphMode) -> list[Span]:
    """The stretches in which paragraphs are to be looked for.

    Args:
        document: of plain text or a record; formats with paragraphs of their own are another matter.
        mode: "keep": none; "auto": the whole text if it is one long paragraph; "model": every long paragraph.
    """
    paragraphs = document.paragraphs
    if mode == "keep" or (mode == "auto" and len(paragraphs) > 1):
        return []
    return [p.span for p in paragraphs if p.span.end - p.span.start >= LEAST_CHARACTERS]


class NewlineSegmenter:
    """Chances that a paragraph starts inside the long paragraphs of plain text.

    Args:
        card: of a sentence model of segtool's own. ``thresholds.paragraph``, and ``paragraph_scale`` and
            ``paragraph_shift`` of ``parameters`` (calibration of logits), if they were measured.
        mode: which paragraphs to look into; see ``long_paragraphs``.

    Raises:
        ModelError: if the model has no such output, or a file is missing or not what the card says.
    """

    layers: tuple[LayerName, ...] = ("paragraph",)

    def __init__(self, card: Card, mode: ParagraphMode = "auto") -> None:
        parameters = card.parameters
        if "encoder" not in parameters:
            raise ModelError(f"{card.name}: has no net that knows paragraphs")
        threshold = float(card.data["thresholds"].get("paragraph", THRESHOLD))
        self._net = SentenceNet(card, card_of_files(card))
        self.info = ModelInfo(card.name, card.version, threshold, takes_language=self._net.takes_language)
        self._cutter = PieceCutter()
        self._mode = mode
        self._scale = float(parameters.get("paragraph_scale", 1.0))
        self._shift = float(parameters.get("paragraph_shift", 0.0))

    def score(self, documents: Iterable[Document]) -> Iterator[Mapping[LayerName, Scores]]:
        """Scores of each document, in order; of one without long paragraphs they are empty."""
        for document in documents:
            found = [self._found(document, span) for span in long_paragraphs(document, self._mode)]
            yield {"paragraph": _scores(len(document.text), found)}

    def _found(self, document: Document, span: Span) -> tuple[NDArray[np.int64], Float32]:
        """Offsets and chances of the candidates in a stretch, whose line breaks count as blanks."""
        part = _SPACE.sub(" ", span.of(document.text))
        offsets, chances = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
        for block in iter_blocks(self._cutter.iter_cut(part), self._net.margin, document.lang):
            last = min(block.last, len(block.pieces) - 1)
            logits = self._logits(block)[block.first : last]
            values = sigmoid(logits[:, _PARAGRAPHS] * self._scale + self._shift)
            keep = np.flatnonzero((values >= FLOOR) & (sigmoid(logits[:, _ENDS]) >= _LEAST_END))
            offsets.append(span.start + block.pieces.starts[block.first + 1 + keep].astype(np.int64))
            chances.append(values[keep])
        return np.concatenate(offsets), np.concatenate(chances)

    def _logits(self, block: Block) -> Float32:
        out = np.zeros((len(block.pieces), 2), np.float32)
        for window, values in self._net.run(block, self._net.windows(block.first, block.last)):
            out[window.first : window.last] = values[window.first - window.start : window.last - window.start, :2]
        return out


def _scores(length: int, found: Sequence[tuple[NDArray[np.int64], Float32]]) -> Scores:
    if not found:
        return Scores.empty("paragraph", length)
    offsets, chances = (np.concatenate(column) for column in zip(*found, strict=True))
    return Scores("paragraph", length, offsets, chances)


def with_newlines(layer: Layer, scores: Scores, threshold: float, paragraphs: Sequence[Paragraph]) -> Layer:
    """The paragraph layer with the starts that a model found inside the loader's paragraphs."""
    chosen = scores.probabilities >= threshold
    new, chances = scores.offsets[chosen], scores.probabilities[chosen]
    kept = ~np.isin(new, [p.span.start for p in paragraphs])
    offsets = np.union1d(layer.offsets, new[kept])
    at = np.searchsorted(offsets, new[kept])
    old = np.searchsorted(offsets, layer.offsets)
    values = np.full(len(offsets), np.nan, np.float32)
    values[old], values[at] = layer.scores, chances[kept]
    origins = np.full(len(offsets), ORIGINS.index("model"), np.uint8)
    origins[old] = layer.origins
    return Layer(layer.name, layer.length, offsets, np.ones(len(offsets), np.int16), values, origins)
