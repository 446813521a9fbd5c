"""What every segmenter is: documents in, scores out. Scoring is slow and numeric, deciding is not done here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from segtool.core.document import Document
from segtool.core.layer import LayerName
from segtool.core.scores import Scores


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What the decoder and the record of a segmentation need to know of a model.

    ``threshold`` is the general one; ``thresholds`` the measured ones by language code; ``bare_threshold`` the one for
    texts without punctuation (None: as all others), ``bare_thresholds`` those of single languages. ``takes_language``
    says that chances depend on ``Document.lang``, not thresholds alone.
    """

    name: str
    version: str | None = None
    threshold: float = 0.5
    thresholds: Mapping[str, float] = field(default_factory=dict)
    bare_threshold: float | None = None
    takes_language: bool = False
    bare_thresholds: Mapping[str, float] = field(default_factory=dict)

    @property
    def knows_languages(self) -> bool:
        """Whether the language of a document makes a difference."""
        return self.takes_language or bool(self.thresholds) or bool(self.bare_thresholds)

    def threshold_for(self, lang: str | None, is_bare: bool = False) -> float:
        """The threshold of bare texts if it is one, else of a language code, else the general one."""
        if is_bare and self.bare_threshold is not None:
            return self.bare_thresholds.get(lang or "", self.bare_threshold)
        return self.thresholds.get(lang, self.threshold) if lang else self.threshold


class Segmenter(Protocol):
    """One pass over documents gives candidates with probabilities for one or more layers.

    Where ``info`` knows languages, the pipeline has set the ``lang`` of documents: given, stated or detected, in the
    spelling of model cards, or None (see ``language_of``).
    """

    layers: tuple[LayerName, ...]
    info: ModelInfo

    def score(self, documents: Iterable[Document]) -> Iterator[Mapping[LayerName, Scores]]:
        """The scores of each document, in the same order, one mapping each; lazy, with bounded memory."""
        ...


class FakeSegmenter:
    """A segmenter that says what it is told, for tests: every offset in ``probabilities`` that a text has room for."""

    def __init__(self, layer: LayerName, probabilities: Mapping[int, float]) -> None:
        self.layers: tuple[LayerName, ...] = (layer,)
        self.info = ModelInfo("fake", "0")
        self._probabilities = dict(sorted(probabilities.items()))

    def score(self, documents: Iterable[Document]) -> Iterator[Mapping[LayerName, Scores]]:
        """The given probabilities at offsets inside each text."""
        for document in documents:
            items = [(o, p) for o, p in self._probabilities.items() if 0 < o < len(document.text)]
            offsets = np.array([o for o, _ in items], dtype=np.int64)
            values = np.array([p for _, p in items], dtype=np.float32)
            yield {self.layers[0]: Scores(self.layers[0], len(document.text), offsets, values)}
