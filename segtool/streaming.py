"""A text that never ends, sentence by sentence: bytes as they come in, records as soon as they are certain.

The sentences are those of the whole text, without length limits and with the language given or none. What is held in
memory is a few thousand characters and the sentence that is not yet finished.
"""

from __future__ import annotations

import codecs
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from segtool.errors import LoadError, UsageError
from segtool.inference.sentence_stream import Found
from segtool.segmenters.base import ModelInfo
from segtool.segmenters.language import DETECT, NONE, primary
from segtool.segmenters.sat import SatSegmenter
from segtool.settings import SentenceSettings, Settings
from segtool.storage.records import SCORE_DIGITS, Record, plain_record

_LOG = logging.getLogger(__name__)
_PART = 1 << 16
_BOMS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def stream_sentences(stream: BinaryIO, name: str, settings: Settings | None = None) -> Iterator[list[Record]]:
    """The records of the sentences of a stream of text, as lists: what became certain at once.

    Args:
        stream: bytes of UTF-8, or UTF-16 with a byte order mark; what is neither becomes U+FFFD.
        name: of the document, for its records.
        settings: model, threshold and language; "auto" is no language, as detection needs the whole text.

    Raises:
        UsageError: if lengths are limited, which needs the whole text.
        ModelError: if the model is unknown, can't be used, or can't do this.
        LoadError: if the stream can't be read.
    """
    from segtool.segmenters.registry import sentence_segmenter

    chosen = settings or Settings()
    options = chosen.sentences
    if options.min_length or options.max_length is not None:
        raise UsageError("--stream: can't keep --min-length and --max-length, which need the whole text")
    segmenter = sentence_segmenter(chosen)
    if not isinstance(segmenter, SatSegmenter):
        raise UsageError(f"--stream: {options.model} needs the whole text; segtool's own sentence models don't")
    lang = None if options.lang in (None, DETECT, NONE) else primary(options.lang)
    writer = _Sentences(name, *_thresholds(segmenter.info, options, lang))
    sentences = segmenter.stream(lang)
    for text in iter_text(stream, name):
        writer.add(text)
        for found in sentences.feed(text):
            if records := writer.cut(found):
                yield records
    yield [*writer.cut(sentences.finish()), *writer.rest()]


def iter_text(stream: BinaryIO, name: str) -> Iterator[str]:
    """The text of a stream in parts, each as soon as its bytes are there.

    Raises:
        LoadError: if it can't be read.
    """
    read = getattr(stream, "read1", stream.read)
    decoder: codecs.IncrementalDecoder | None = None
    is_damaged = False
    while True:
        try:
            data = read(_PART)
        except OSError as error:
            raise LoadError(f"{name}: can't be read ({error.strerror or error})") from error
        if decoder is None:
            encoding = next((encoding for mark, encoding in _BOMS if data.startswith(mark)), "utf-8-sig")
            decoder = codecs.getincrementaldecoder(encoding)("replace")
        text = decoder.decode(data, final=not data)
        if "\ufffd" in text and not is_damaged:
            is_damaged = True
            _LOG.warning("%s: holds bytes that are no %s, shown as U+FFFD", name, encoding.removesuffix("-sig").upper())
        if text:
            yield text
        if not data:
            return


def _thresholds(info: ModelInfo, options: SentenceSettings, lang: str | None) -> tuple[float, float]:
    """The threshold, and that of stretches without punctuation."""
    if options.threshold is not None:
        return options.threshold, options.threshold
    return info.threshold_for(lang), info.threshold_for(lang, is_bare=True)


@dataclass(slots=True)
class _Sentences:
    """The text from the start of the unfinished sentence on, and the count of those before."""

    doc: str
    threshold: float
    bare_threshold: float
    parts: list[str] = field(default_factory=list)
    start: int = 0
    index: int = 0
    score: float | None = None

    def add(self, text: str) -> None:
        """Append what came in."""
        self.parts.append(text)

    def cut(self, found: Found) -> list[Record]:
        """The records of the sentences that end before what was found."""
        chosen = found.chances >= np.where(found.bare, self.bare_threshold, self.threshold)
        starts, scores = found.offsets[chosen].tolist(), found.chances[chosen].tolist()
        if not starts:
            return []
        text, begin, records = "".join(self.parts), self.start, list[Record]()
        for start, score in zip(starts, scores, strict=True):
            records += self._record(text[self.start - begin : start - begin])
            self.start, self.score = start, score
        self.parts = [text[self.start - begin :]]
        return records

    def rest(self) -> list[Record]:
        """The record of what stands after the last start."""
        return self._record("".join(self.parts))

    def _record(self, piece: str) -> list[Record]:
        content = piece.strip()
        if not content:
            return []
        start = self.start + len(piece) - len(piece.lstrip())
        score = round(self.score, SCORE_DIGITS) if self.index and self.score is not None else None
        record = plain_record(self.doc, "sentence", self.index, start, content, score, "model")
        self.index += 1
        return [record]
