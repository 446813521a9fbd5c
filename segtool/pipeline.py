"""The only place that joins loaders, segmenters and chunking: documents in, segmentations out, as a stream.

Everything is a generator, so that one document is in hand per stage (and what a segmenter batches): a corpus of any
size runs in bounded memory. Models are loaded when the first document needs one.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segtool.chunking import chunk_layer, token_counter
from segtool.core.document import Document
from segtool.core.layer import LAYER_NAMES, Layer, LayerName, Origin
from segtool.core.scores import Scores
from segtool.core.segmentation import MadeBy, Segmentation
from segtool.core.whitespace import canonical_offsets
from segtool.errors import EditError, OnError, UsageError, report
from segtool.loaders import document_of, iter_documents
from segtool.segmenters.base import ModelInfo, Segmenter
from segtool.segmenters.decode import decode_within
from segtool.segmenters.language import language_of
from segtool.segmenters.lengths import LengthPrior
from segtool.segmenters.structure import with_paragraphs
from segtool.settings import Settings

if TYPE_CHECKING:
    from segtool.storage.sidecar import Sidecar

_LOG = logging.getLogger(__name__)

UNSTRUCTURED = ("text", "jsonl")
"""Formats whose paragraphs are guesses; in all others a paragraph starts a sentence, whatever a model says."""

FindEdits = Callable[[Document], "Sidecar | None"]
"""Gives the review of a document, if there is one."""
MakeSegmenter = Callable[[Settings], Segmenter]


def segment(
    document: Document | str,
    *,
    layers: Iterable[LayerName] = ("sentence", "section"),
    settings: Settings | None = None,
) -> Segmentation:
    """The segmentation of one document, or of a text.

    Args:
        document: a document, or a text, which becomes one.
        layers: the layers wanted besides paragraphs, which are always there; with "paragraph" among them, a model looks
            for paragraphs in plain text that shows none (see ``ParagraphSettings``).
        settings: models, thresholds and limits.

    Raises:
        ModelError: if a model is unknown or can't be used.

    >>> [unit.text for unit in segment("It rained. We left.").sentences]
    ['It rained.', 'We left.']
    """
    given = document_of(document) if isinstance(document, str) else document
    return next(segment_documents([given], layers=layers, settings=settings))


def split(text: str, *, by: LayerName = "sentence", settings: Settings | None = None) -> list[str]:
    """The units of a text without outer white space: its sentences, or the units of another layer.

    >>> split("It rained. We left.")
    ['It rained.', 'We left.']
    """
    segmentation = segment(text, layers=layers_for(by), settings=settings)
    return [unit.text for unit in segmentation.iter_units(by)]


def segment_all(
    inputs: Iterable[str | Path | Document],
    *,
    layers: Iterable[LayerName] = ("sentence", "section"),
    settings: Settings | None = None,
    on_error: OnError | None = None,
) -> Iterator[Segmentation]:
    """The segmentations of many inputs in order, lazily and in bounded memory.

    Args:
        inputs: paths, or documents. A JSON Lines file gives one segmentation a record.
        layers: the layers wanted besides paragraphs.
        settings: how to load, models, thresholds and limits.
        on_error: called with the error of an input that can't be read, and the stream goes on; without it the error is
            raised.
    """
    chosen = settings or Settings()
    return segment_documents(iter_documents(inputs, chosen.load, on_error), layers=layers, settings=chosen)


def segment_documents(
    documents: Iterable[Document],
    *,
    layers: Iterable[LayerName] = ("sentence", "section"),
    settings: Settings | None = None,
    find_edits: FindEdits | None = None,
    on_error: OnError | None = None,
) -> Iterator[Segmentation]:
    """The segmentations of documents in order, lazily; see ``segment``.

    Args:
        documents: in order.
        layers: the layers wanted besides paragraphs.
        settings: models, thresholds and limits.
        find_edits: gives a document's review, whose edits are applied; chunks are packed from the reviewed layers.
        on_error: told of a review that can't be read, whose document is then left out; without it the error is raised.

    Raises:
        UsageError: if a layer or the tokenizer of chunks is unknown.
    """
    chosen = settings or Settings()
    wanted = tuple(layers)
    for name in wanted:
        if name not in LAYER_NAMES:
            raise UsageError(f"{name}: no such layer; there are {', '.join(LAYER_NAMES)}")
    if "chunk" in wanted:
        token_counter(chosen.chunks.tokenizer)
    parts = _with_reviews(documents, find_edits, on_error) if find_edits else map(_Part, documents)
    return _segmentations(parts, frozenset(wanted), chosen)


@dataclass(frozen=True, slots=True)
class Growth:
    """A segmentation on its way.

    Attributes:
        layer: the layer that is being scored.
        share: of its work that is done, in [0, 1].
        segmentation: what is there by now.
    """

    layer: LayerName
    share: float
    segmentation: Segmentation


def iter_growing(document: Document, settings: Settings | None = None, every: int = 60_000) -> Iterator[Growth]:
    """The segmentation of one document as it grows: sentences as far as they are known, then sections and paragraphs.

    The last is what ``segment`` gives. The consumer may stop at any point, and no model runs any further: a step is
    given for each piece of text that a model takes, with the segmentation of the step before until there is enough new.

    Args:
        document: the document.
        settings: models, thresholds and limits.
        every: characters until the sentences are looked at again; a fiftieth of a long document if that is more.
    """
    from segtool.segmenters.registry import section_segmenter, sentence_segmenter

    chosen = settings or Settings()
    part = _Part(document)
    wanted: frozenset[str] = frozenset()
    makers: dict[LayerName, MakeSegmenter] = {"sentence": sentence_segmenter, "section": section_segmenter}
    for layer, make in makers.items():
        made = _decide(part, wanted, chosen)
        wanted |= {layer}
        if layer in document.layers:
            continue
        yield Growth(layer, 0.0, made)
        segmenter = make(chosen)
        part = _localised(replace(part, infos={**part.infos, layer: segmenter.info}), segmenter.info, chosen)
        shown, step = 0, max(every, len(document.text) // 50)
        for read, grown in _grown(part, layer, segmenter):
            part = grown
            if layer == "sentence" and (read - shown >= step or read == len(document.text)):
                shown, made = read, _decide(part, wanted, chosen)  # half of a document has no outline yet
            yield Growth(layer, read / max(len(document.text), 1), made)
    (part,) = _look_for_paragraphs([part], chosen)
    yield Growth("section", 1.0, _decide(part, wanted, chosen))


def _grown(part: _Part, layer: LayerName, segmenter: Segmenter) -> Iterator[tuple[int, _Part]]:
    """The part with more and more scores of a layer, and how many characters they reach; the last has all."""
    document = part.spoken or part.document
    pieces = getattr(segmenter, "iter_partial", None)  # not every segmenter works in pieces
    scores = None
    for scores in pieces(document) if pieces else ():
        yield int(scores.offsets[-1]) if len(scores) else 0, replace(part, scores={**part.scores, layer: scores})
    if scores is None:
        scores = next(iter(segmenter.score([document])))[layer]
    yield len(document.text), replace(part, scores={**part.scores, layer: scores})


def layers_for(unit: LayerName) -> tuple[LayerName, ...]:
    """The layers that the units of one layer need: only chunks are made of others."""
    return ("section", "sentence", "chunk") if unit == "chunk" else (unit,)


@dataclass(frozen=True, slots=True)
class _Part:
    """A document on its way, with the scores and the names of models that it has by now."""

    document: Document
    scores: Mapping[LayerName, Scores] = field(default_factory=dict)
    infos: Mapping[LayerName, ModelInfo] = field(default_factory=dict)
    review: Sidecar | None = None
    spoken: Document | None = None
    """The document with the language that was given, stated or detected, where the model knows languages."""


def _with_reviews(documents: Iterable[Document], find: FindEdits, on_error: OnError | None) -> Iterator[_Part]:
    for document in documents:
        try:
            yield _Part(document, review=find(document))
        except EditError as error:
            report(error, on_error)


def _segmentations(parts: Iterable[_Part], layers: frozenset[str], settings: Settings) -> Iterator[Segmentation]:
    from segtool.segmenters.registry import section_segmenter, sentence_segmenter

    if "paragraph" in layers:
        parts = _look_for_paragraphs(parts, settings)
    if "sentence" in layers:
        parts = _score(parts, "sentence", sentence_segmenter, settings)
    if "section" in layers:
        parts = _score(parts, "section", section_segmenter, settings)
    for part in parts:
        yield _decide(part, layers, settings)


def _score(parts: Iterable[_Part], layer: LayerName, make: MakeSegmenter, settings: Settings) -> Iterator[_Part]:
    """Add the scores of a layer to each part; a document whose source defines the layer needs none."""
    segmenter: Segmenter | None = None
    for is_defined, run in groupby(parts, key=lambda part: layer in part.document.layers):
        if is_defined:
            yield from run
            continue
        if segmenter is None:
            segmenter = make(settings)
            _LOG.info("model of the %s layer: %s %s", layer, segmenter.info.name, segmenter.info.version or "")
        waiting: deque[_Part] = deque()
        for scores in segmenter.score(_documents(run, waiting, segmenter.info, settings)):
            part = waiting.popleft()
            infos = {**part.infos, layer: segmenter.info}
            yield replace(part, scores={**part.scores, **scores}, infos=infos)


def _look_for_paragraphs(parts: Iterable[_Part], settings: Settings) -> Iterator[_Part]:
    """Add scores of paragraphs to documents of plain text that show too few."""
    from segtool.segmenters.newlines import long_paragraphs
    from segtool.segmenters.registry import paragraph_segmenter

    segmenter: Segmenter | None = None
    for part in parts:
        if not _is_unstructured(part.document) or not long_paragraphs(part.document, settings.paragraphs.mode):
            yield part
            continue
        segmenter = segmenter or paragraph_segmenter(settings)
        spoken = _localised(part, segmenter.info, settings).spoken or part.document
        scores = next(iter(segmenter.score([spoken])))
        yield replace(part, scores={**part.scores, **scores}, infos={**part.infos, "paragraph": segmenter.info})


def _localised(part: _Part, info: ModelInfo, settings: Settings) -> _Part:
    """The part with its language, if that makes a difference to the model."""
    if not info.knows_languages:
        return part
    lang = language_of(part.document, settings.sentences.lang)
    same = lang == part.document.lang
    return replace(part, spoken=part.document if same else replace(part.document, lang=lang))


def _documents(
    parts: Iterable[_Part], waiting: deque[_Part], info: ModelInfo, settings: Settings
) -> Iterator[Document]:
    for part in parts:
        local = _localised(part, info, settings)
        waiting.append(local)
        yield local.spoken or local.document


def _decide(part: _Part, wanted: frozenset[str], settings: Settings) -> Segmentation:
    """Decode the scores of one document into its layers."""
    document = part.document
    layers: dict[LayerName, Layer] = {"paragraph": paragraph_layer(document), **document.layers}
    made_by = {name: MadeBy("loader") for name in layers}
    if "paragraph" in part.scores:
        layers["paragraph"], made_by["paragraph"] = _model_paragraphs(part, layers["paragraph"], settings)
    if "sentence" in wanted and "sentence" not in layers:
        layers["sentence"], made_by["sentence"] = _sentence_layer(part, settings)
    if "section" in wanted and "section" not in layers:
        layers["section"], made_by["section"] = _section_layer(part, settings)
    _LOG.debug("%s: %d characters; %s", document.id, len(document.text), {n: len(layer) for n, layer in layers.items()})
    segmentation = _reviewed(Segmentation(document, layers, made_by, part.scores), part.review)
    if "chunk" not in wanted:
        return segmentation
    layers = {**segmentation.layers, "chunk": chunk_layer(segmentation, settings.chunks)}
    made_by["chunk"] = MadeBy("rule")
    return _reviewed(Segmentation(document, layers, made_by, part.scores), part.review)


def _reviewed(segmentation: Segmentation, review: Sidecar | None) -> Segmentation:
    if review is None:
        return segmentation
    from segtool.storage.sidecar import apply_edits

    return apply_edits(segmentation, review)


def paragraph_layer(document: Document) -> Layer:
    """The paragraphs of a document as a layer."""
    text = document.text
    starts = np.array([p.span.start for p in document.paragraphs], dtype=np.int64)
    origin: Origin = "rule" if _is_unstructured(document) else "loader"
    return Layer.from_offsets("paragraph", len(text), canonical_offsets(text, starts.tolist()), origin=origin)


def _model_paragraphs(part: _Part, layer: Layer, settings: Settings) -> tuple[Layer, MadeBy]:
    from segtool.segmenters.newlines import with_newlines

    info = part.infos["paragraph"]
    threshold = info.threshold if settings.paragraphs.threshold is None else settings.paragraphs.threshold
    layer = with_newlines(layer, part.scores["paragraph"], threshold, part.document.paragraphs)
    return layer, MadeBy(info.name, info.version, threshold)


def _sentence_layer(part: _Part, settings: Settings) -> tuple[Layer, MadeBy]:
    document, options, info = part.document, settings.sentences, part.infos["sentence"]
    scores, text, lang = part.scores["sentence"], document.text, (part.spoken or document).lang
    threshold, bare_threshold = options.threshold, options.threshold
    if threshold is None:
        threshold, bare_threshold = info.threshold_for(lang), info.threshold_for(lang, is_bare=True)
    prior = None if options.target_length is None else LengthPrior(options.target_length, options.length_prior)
    layer = decode_within(scores, text, threshold, options.min_length, options.max_length, bare_threshold, prior)
    if scores.bare is not None and scores.bare.all():
        threshold = bare_threshold
    if not _is_unstructured(document):
        layer = with_paragraphs(layer, document.text, document.paragraphs)
    return layer, MadeBy(info.name, info.version, threshold)


def _section_layer(part: _Part, settings: Settings) -> tuple[Layer, MadeBy]:
    from segtool.segmenters.outline import section_layer

    info = part.infos["section"]
    threshold = info.threshold if settings.sections.threshold is None else settings.sections.threshold
    layer = section_layer(part.document, part.scores.get("section"), threshold)
    return layer, MadeBy(info.name, info.version, threshold)


def _is_unstructured(document: Document) -> bool:
    return document.source is None or document.source.format in UNSTRUCTURED
