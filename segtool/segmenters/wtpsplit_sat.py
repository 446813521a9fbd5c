"""The official SaT models, and any other in wtpsplit's ONNX layout, without the wtpsplit package.

Logits are those of wtpsplit. What differs is how often a token is computed: wtpsplit averages windows that overlap
eightfold; here two or three overlap, and more only around tokens in doubt (see ``wtpsplit_windows``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segtool.core.document import Document
from segtool.core.layer import LayerName
from segtool.core.scores import Scores
from segtool.inference.wtpsplit_graph import SatGraph
from segtool.inference.wtpsplit_tokens import Tokens
from segtool.segmenters.base import ModelInfo

STRIDES = (192, 128, 64)
"""Tokens between windows: of all, and of those added around tokens in doubt; the last is wtpsplit's default."""
DOUBT = 1.5
"""A token is in doubt where its mean logit is as near to the threshold's as this."""

_GROUP_TOKENS, _GROUP_DOCUMENTS = 4_096, 32


class WtpsplitSegmenter:
    """Sentences by a SaT model in wtpsplit's layout.

    White space and line breaks are alike to these models. Probabilities are the sigmoid of the model's first logit;
    the threshold is wtpsplit's for the kind of model.

    Args:
        folder: holds ``config.json``, a graph, and ``tokenizer.json`` unless the hub's cache has the official one.
        name: what the record of a segmentation calls the model; None: the folder's name.
        stride: None, or tokens between windows that are averaged as wtpsplit does it (its default is 64).
        adapter: folder of a LoRA adapter of the model, whose PyTorch weights then have to be in ``folder``.
        threshold: chance around which tokens are in doubt; None: the threshold of the model.

    Raises:
        ModelError: if a file is missing, corrupt, or not of this layout.
    """

    layers: tuple[LayerName, ...] = ("sentence",)

    def __init__(
        self,
        folder: Path,
        name: str | None = None,
        stride: int | None = None,
        adapter: Path | None = None,
        threshold: float | None = None,
    ) -> None:
        self._graph = SatGraph(folder, adapter)
        self._strides = STRIDES if stride is None else (stride,)
        self._level = _logit(self._graph.config.threshold if threshold is None else threshold)
        self.info = ModelInfo(name or folder.name, None, self._graph.config.threshold)

    def score(self, documents: Iterable[Document]) -> Iterator[Mapping[LayerName, Scores]]:
        """The probability of a sentence start after every token of each document; documents go in small groups."""
        for group in _grouped((document, self._graph.tokenizer.encode(document.text)) for document in documents):
            ids = [item.ids for _, item in group]
            logits = self._graph.doubted_logits(ids, self._strides, self._level, DOUBT)
            for (document, item), values in zip(group, logits, strict=True):
                yield {"sentence": token_scores(document.text, item.ends, values)}


def token_scores(text: str, ends: NDArray[np.int64], logits: NDArray[np.float32]) -> Scores:
    """Logits at the ends of tokens as scores: on the next non-space character, of several there the highest.

    Args:
        ends: exclusive ends of the tokens, not decreasing; of tokens with the same end the last one counts.
        logits: float32, one a token.
    """
    places = np.flatnonzero(~np.fromiter(map(str.isspace, text), np.bool_, len(text)))
    last = np.append(ends[1:] != ends[:-1], True) if len(ends) else np.zeros(0, np.bool_)
    ranks = np.searchsorted(places, ends[last])  # of the non-space character at or after each end
    inside = (ranks > 0) & (ranks < len(places))
    unique, first = np.unique(ranks[inside], return_index=True)
    if not len(unique):
        return Scores.empty("sentence", len(text))
    probabilities = np.maximum.reduceat(_sigmoid(logits[last])[inside], first)
    return Scores("sentence", len(text), places[unique], probabilities)


def _logit(chance: float) -> float:
    inside = min(max(chance, 1e-9), 1 - 1e-9)
    return math.log(inside / (1 - inside))


def _sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    return (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)


def _grouped(items: Iterable[tuple[Document, Tokens]]) -> Iterator[list[tuple[Document, Tokens]]]:
    group: list[tuple[Document, Tokens]] = []
    n_tokens = 0
    for item in items:
        group.append(item)
        n_tokens += len(item[1])
        if n_tokens >= _GROUP_TOKENS or len(group) >= _GROUP_DOCUMENTS:
            yield group
            group, n_tokens = [], 0
    if group:
        yield group
