"""spaCy as a segmenter: an installed pipeline, or a blank one with spaCy's rule-based sentencizer.

Its decisions are certain, so every start has probability 1. A long text goes through in slices; each begins at the
last sentence start found before, so that no sentence is cut where a slice happens to end.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from segtool.core.document import Document
from segtool.core.layer import LayerName
from segtool.core.scores import Scores
from segtool.core.whitespace import canonical_offsets
from segtool.errors import ModelError
from segtool.segmenters.base import ModelInfo

SLICE = 100_000
"""Most characters that spaCy sees at once: its documents take some hundred bytes a character."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_SOURCES = ("parser", "senter", "sentencizer")
_FEATURES = ("tok2vec", "transformer", "curated_transformer")


class SpacySegmenter:
    """Sentences by a spaCy pipeline; every start has probability 1.

    Args:
        name: an installed pipeline (``en_core_web_sm``), a folder of one, or a language code (``en``) for the blank
            pipeline with the sentencizer.
        slice_length: most characters given to spaCy at once; the pipeline's own limit holds too.

    Raises:
        ModelError: if there is no such pipeline or language, or it can't be loaded.
    """

    layers: tuple[LayerName, ...] = ("sentence",)

    def __init__(self, name: str, slice_length: int = SLICE) -> None:
        self._nlp = _load(name)
        self._slice = min(slice_length, self._nlp.max_length)
        self.info = ModelInfo(f"spacy:{name}", self._nlp.meta["version"])

    def score(self, documents: Iterable[Document]) -> Iterator[Mapping[LayerName, Scores]]:
        """Sentence starts of each document, in order, all with probability 1."""
        for document in documents:
            offsets = canonical_offsets(document.text, self._starts(document.text))
            yield {"sentence": Scores("sentence", len(document.text), offsets, np.ones(len(offsets), np.float32))}

    def _starts(self, text: str) -> Iterator[int]:
        begin = 0
        while begin < len(text):
            end = _slice_end(text, begin, self._slice)
            piece = _SURROGATES.sub("\ufffd", text[begin:end])  # spaCy encodes to UTF-8
            starts = [begin + sentence.start_char for sentence in self._nlp(piece).sents]
            yield from starts[1:]
            begin = starts[-1] if end < len(text) and len(starts) > 1 else end


def _slice_end(text: str, begin: int, length: int) -> int:
    """The end of a slice: at white space if there is any in its second half."""
    end = begin + length
    if end >= len(text):
        return len(text)
    middle = begin + length // 2
    space = max(text.rfind("\n", middle, end), text.rfind(" ", middle, end))
    return space + 1 if space >= 0 else end


def _load(name: str) -> Any:
    import spacy

    try:
        if name and (spacy.util.is_package(name) or Path(name).is_dir()):
            nlp = spacy.load(name)
        elif name.isalpha() and name == name.lower():
            nlp = spacy.blank(name, meta={"version": spacy.__version__})
        else:
            raise _unknown(name)
    except ImportError as error:
        if isinstance(error.__cause__, ModuleNotFoundError) or "E048" in str(error):
            raise _unknown(name) from error
        raise ModelError(f"spacy:{name}: {_first_line(error)}") from error
    except (OSError, ValueError, TypeError) as error:  # a pipeline for another version of spaCy, or damaged
        raise ModelError(f"spacy:{name}: this pipeline can't be loaded ({_first_line(error)})") from error
    _keep_sentence_pipes(nlp)
    return nlp


def _keep_sentence_pipes(nlp: Any) -> None:
    """Switch off all but what finds sentences: the parser, else the senter or sentencizer, else a new sentencizer."""
    factories = {pipe: nlp.get_pipe_meta(pipe).factory for pipe in nlp.component_names}
    enabled = [pipe for pipe in nlp.pipe_names if factories[pipe] in _SOURCES]
    present = [pipe for pipe in nlp.component_names if factories[pipe] in _SOURCES]
    source = next(iter(sorted(enabled or present, key=lambda pipe: _SOURCES.index(factories[pipe]))), None)
    if source is None:
        source = "segtool sentencizer"
        nlp.add_pipe("sentencizer", name=source, last=True)
    keep = {source} | {pipe for pipe, factory in factories.items() if factory in _FEATURES}
    for pipe in nlp.component_names:
        if pipe in keep:
            nlp.enable_pipe(pipe)
        else:
            nlp.disable_pipe(pipe)


def _unknown(name: str) -> ModelError:
    from spacy.util import get_installed_models

    close = difflib.get_close_matches(name, get_installed_models(), n=1)
    fetch = f"; 'python -m spacy download {name}' may fetch it" if "_" in name else ""
    meant = f"; did you mean 'spacy:{close[0]}'?" if close else fetch
    return ModelError(f"spacy:{name}: neither an installed pipeline nor a language of spaCy{meant}")


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:160]
