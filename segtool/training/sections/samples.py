"""Samples of training documents and how a batch is laid out: units flat, labels in a grid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from segtool.inference.topic_features import N_FORM_HEAD, shape_features
from segtool.inference.topic_numbering import N_NUMBER_FEATURES, number_features
from segtool.inference.topic_tokens import MAX_UNIT_WORDS
from segtool.training.sections.cache import N_DEPTHS, UnitCache

Array = npt.NDArray[Any]
Batch = dict[str, Array]


@dataclass(slots=True)
class Sample:
    """Units of one training document.

    Args:
        begin, end: int64 (n,), first and one past the last sentence of each unit.
        labels: float32 (n, 5), 1 where a section starts at depth 1 to 4 and main depth.
        mask: bool (n, 5), where labels count.
        source: int64 (n,), the document each unit comes from.
        skip: Units at the front that only give the numbers their context.
    """

    begin: Array
    end: Array
    labels: Array
    mask: Array
    source: Array
    skip: int = 0
    numbers_off: bool = False
    form_off: bool = False
    word_dropout: float = 0.0


@dataclass(slots=True)
class Source:
    """A cache with what sampling needs to know of it, computed once.

    Args:
        cache: Documents by sentence.
        is_section: bool (documents,), whether headings are known.
        teacher_row: int32 (sentences,), row of the teacher's vector, -1 without.
        family: int64 (documents,), equal for pieces of one book; each document its own if None.
        half: int8 (documents,), 0 or 1: which of two judges learns from the document; all 0 if None.
    """

    cache: UnitCache
    is_section: Array
    teacher_row: Array | None = None
    family: Array | None = None
    half: Array | None = None
    characters: Array = field(init=False)

    def __post_init__(self) -> None:
        cache = self.cache
        at = np.asarray(cache.sentence_at)[np.asarray(cache.paragraph_at)]
        self.characters = np.diff(np.asarray(cache.counts[:, 0])[at])

    def paragraphs(self, document: int) -> tuple[int, int]:
        """Range of a document's paragraphs."""
        return int(self.cache.paragraph_at[document]), int(self.cache.paragraph_at[document + 1])

    def body(self, document: int) -> Array:
        """Its paragraphs that are no headings."""
        start, end = self.paragraphs(document)
        return start + np.flatnonzero(self.cache.level[start:end] == 0)


def ranges(starts: Array, lengths: Array) -> Array:
    """All integers of the ranges [start, start + length), one range after another."""
    total = int(lengths.sum())
    shift = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    return np.arange(total) + shift


def assemble(source: Source, samples: list[Sample], rng: np.random.Generator, longest: int = 0) -> Batch:
    """Features and labels of a batch; units lie flat, `position` puts them into a (samples, longest) grid."""
    cache = source.cache
    numbers, heads, keep_numbers = [], [], []
    for sample in samples:
        features = number_features(cache.numbers_at(sample.begin))[sample.skip :]
        if sample.numbers_off:
            features = np.zeros_like(features)
        numbers.append(features)
        begin = sample.begin[sample.skip :]
        shift = cache.numbers[begin, 6] if sample.numbers_off else np.zeros(len(begin), np.int32)
        keep_numbers.append(shift)
        heads.append(np.full(len(begin), sample.form_off))
    begin = np.concatenate([s.begin[s.skip :] for s in samples])
    end = np.concatenate([s.end[s.skip :] for s in samples])
    sizes = np.array([len(s.begin) - s.skip for s in samples])
    longest = max(longest, int(sizes.max()))
    words, unit_at = _words(cache, begin, end, np.repeat([s.word_dropout for s in samples], sizes), rng)
    form = _form(cache, begin, end, np.concatenate(keep_numbers))
    form[np.concatenate(heads)] = 0
    counts = (cache.counts[end] - cache.counts[begin]).astype(np.float32)
    position = np.concatenate([i * longest + np.arange(size) for i, size in enumerate(sizes)])
    labels = np.zeros((len(samples) * longest, N_DEPTHS), np.float32)
    mask = np.zeros((len(samples) * longest, N_DEPTHS), np.bool_)
    labels[position] = np.concatenate([s.labels[s.skip :] for s in samples])
    mask[position] = np.concatenate([s.mask[s.skip :] for s in samples])
    batch: Batch = {
        "words": words,
        "unit_at": unit_at,
        "form": form,
        "shape": shape_features(counts, cache.first[begin], cache.last[end - 1]),
        "numbers": np.concatenate(numbers).reshape(-1, N_NUMBER_FEATURES),
        "position": position,
        "sizes": sizes,
        "labels": labels.reshape(len(samples), longest, N_DEPTHS),
        "mask": mask.reshape(len(samples), longest, N_DEPTHS),
        "source": np.concatenate([s.source[s.skip :] for s in samples]),
    }
    if source.teacher_row is not None:
        at = np.minimum(begin[:, None] + np.arange(3), end[:, None] - 1)
        rows = source.teacher_row[at]
        rows[:, 1:][at[:, 1:] == at[:, :-1]] = -1
        rows[(rows[:, 0] < 0) | (end - begin > 3)] = -1
        batch["teacher"] = rows
    return batch


def _words(cache: UnitCache, begin: Array, end: Array, dropout: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    starts = cache.word_at[begin]
    lengths = np.minimum(cache.word_at[end] - starts, MAX_UNIT_WORDS)
    words = cache.words[ranges(starts, lengths)]
    if dropout.any():
        kept = rng.random(len(words), np.float32) >= np.repeat(dropout, lengths)
        owner = np.repeat(np.arange(len(lengths)), lengths)
        lengths = np.bincount(owner[kept], minlength=len(lengths))
        words = words[kept]
    unit_at = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=unit_at[1:])
    return words, unit_at


def _form(cache: UnitCache, begin: Array, end: Array, shift: Array) -> Array:
    head = cache.head[begin]
    if shift.any():
        columns = np.minimum(np.arange(N_FORM_HEAD) + shift[:, None], head.shape[1] - 1)
        head = np.take_along_axis(head, columns, axis=1)
    return np.concatenate([head[:, :N_FORM_HEAD], cache.tail[end - 1]], axis=1).astype(np.int32)
