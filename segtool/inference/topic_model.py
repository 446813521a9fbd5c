"""The section model at work: unit texts in, the chance that a section starts at each out.

Words are pooled and compared by array code (`topic_tokens`, `topic_features`), and an ONNX body of 2 MB looks over
windows of 512 units. A model has one or more parts, trained apart, whose log-odds are averaged: they err differently.
Time and memory are linear in the text; the same texts give the same numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from segtool.errors import ModelError
from segtool.inference.card import Card
from segtool.inference.session import open_session
from segtool.inference.topic_features import (
    N_FORM_HEAD,
    TOPIC_EPSILON,
    SectionShape,
    patches,
    shape_features,
    sketch_slots,
)
from segtool.inference.topic_numbering import find_numbers, number_features
from segtool.inference.topic_tokens import CharacterTable, Tokenizer, UnitTokens, table_rows

if TYPE_CHECKING:
    import onnxruntime

WINDOW = 512
MARGIN = 16
"""Units at a window's edge that are left to the neighbouring window."""

STEP = WINDOW - 2 * MARGIN
BLOCK_WINDOWS = 8
CHUNK_CHARACTERS = 1 << 15
MAX_SPARSITY = 60
"""Cells of the matrix of word counts for each word of a chunk from which on it costs more than it saves."""
N_OUTPUTS = 5

F32 = npt.NDArray[np.float32]


def tables_file(part: int) -> str:
    """Name of the file with the tables of a part, counted from 1."""
    return f"tables-{part}.npz"


def body_file(part: int) -> str:
    """Name of the file with the body of a part, counted from 1."""
    return f"body-{part}.onnx"


@dataclass(frozen=True, slots=True)
class TopicTables:
    """What a part of the model knows of words and forms.

    Args:
        shape: Sizes.
        codes: int8 (rows, width), word vectors, times `scale`: float32 (rows,).
        weight: float32 (rows,), how much a word counts for the topic.
        bias: float32 (width,), subtracted from topics.
        plain_norm: float32 (2, width), scale and shift of the normed plain mean.
        form: float32 (8192, form width), row 0 is zero.
    """

    shape: SectionShape
    codes: npt.NDArray[np.int8]
    scale: F32
    weight: F32
    bias: F32
    plain_norm: F32
    form: F32

    @classmethod
    def load(cls, path: Path) -> TopicTables:
        """Read the tables' file.

        Raises:
            ModelError: if it is missing or no such file.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                shape = SectionShape(**json.loads(stored["shape"].tobytes()))
                form = stored["form.codes"].astype(np.float32) * stored["form.scale"].astype(np.float32)[:, None]
                return cls(
                    shape,
                    stored["table.codes"],
                    stored["table.scale"].astype(np.float32),
                    stored["weight"].astype(np.float32),
                    stored["bias"].astype(np.float32),
                    stored["plain_norm"].astype(np.float32),
                    form,
                )
        except (OSError, KeyError, ValueError, TypeError, EOFError, BadZipFile) as error:
            raise ModelError(f"{path}: not the tables of a section model ({error})") from error


@dataclass(frozen=True, slots=True)
class _Pooled:
    """What the words of some units give: topic and sketch of unit length, plain mean, log of the weights."""

    topic: F32
    plain: F32
    sketch: F32
    weight: F32


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a body sees of some units.

    Args:
        units: float32 (n, inputs), words, form, shape and number of each.
        patch: float32 (n, 252), similarities around the gap before each.
    """

    units: F32
    patch: F32


class TopicModel:
    """A loaded section model.

    Args:
        parts: Tables and body of each part.
        weights: How much the log-odds of each part count; all alike by default.
        calibration: Scale and shift of the log-odds of each output, so that chances mean what they say.
    """

    def __init__(
        self,
        parts: Sequence[tuple[TopicTables, onnxruntime.InferenceSession]],
        weights: Sequence[float] = (),
        calibration: Sequence[Sequence[float]] = ((1.0, 0.0),) * N_OUTPUTS,
    ) -> None:
        self._parts = tuple(parts)
        given = np.array(weights or [1.0] * len(self._parts), np.float32)
        self._weights = given / given.sum()
        self._calibration: F32 = np.array(calibration, np.float32)
        self._tokenizer = Tokenizer(CharacterTable.build())

    @classmethod
    def load(cls, card: Card) -> TopicModel:
        """The model of a card.

        Raises:
            ModelError: if a file is missing or unusable.
        """
        weights = card.parameters.get("part_weights", [1.0])
        parts = [
            (TopicTables.load(card.path(tables_file(part))), open_session(card.path(body_file(part))))
            for part in range(1, len(weights) + 1)
        ]
        calibration = card.parameters.get("calibration", [[1.0, 0.0]] * N_OUTPUTS)
        if len(calibration) != N_OUTPUTS or any(len(row) != 2 for row in calibration):
            raise ModelError(f"{card.name}: calibration must be {N_OUTPUTS} pairs of scale and shift")
        return cls(parts, weights, calibration)

    def probabilities(self, texts: Sequence[str]) -> F32:
        """Chance that a section starts at each unit: float32 (n, 5), at depth 1, ≤ 2, ≤ 3, ≤ 4 and at main depth.

        Args:
            texts: The document's units in order: paragraphs, or sentences where there are none.
        """
        out = np.zeros((len(texts), N_OUTPUTS), np.float32)
        for start, values in self.iter_probabilities(texts):
            out[start : start + len(values)] = values
        return out

    def iter_probabilities(self, texts: Sequence[str]) -> Iterator[tuple[int, F32]]:
        """Like ``probabilities``, a run of units at a time: the index of its first unit, and its rows.

        Runs follow each other; a later one may give the last rows of the one before anew.
        """
        n = len(texts)
        if not n:
            return
        numbers = number_features(find_numbers(texts))
        block = (BLOCK_WINDOWS - 1) * STEP + WINDOW
        for start in range(0, max(1, n - 2 * MARGIN), BLOCK_WINDOWS * STEP):
            stop = min(n, start + block)
            log_odds = self._log_odds(texts[start:stop], numbers[start:stop])
            first = MARGIN if start else 0  # what the block before has said already
            yield start + first, (1 / (1 + np.exp(-log_odds[first:]))).astype(np.float32, copy=False)

    def inputs(self, texts: Sequence[str], part: int) -> Inputs:
        """What the body of a part, counted from 0, sees of a document: for its training."""
        return _inputs(self._tokens(texts), self._parts[part][0], number_features(find_numbers(texts)))

    def _tokens(self, texts: Sequence[str]) -> list[_Chunk]:
        return [_Chunk.of(self._tokenizer(texts[start:stop])) for start, stop in _chunks(texts)]

    def _log_odds(self, texts: Sequence[str], numbers: F32) -> F32:
        """Mean log-odds of the parts for the units of a block: float32 (n, 5)."""
        chunks = self._tokens(texts)
        total = np.zeros((len(texts), N_OUTPUTS), np.float32)
        for weight, (tables, session) in zip(self._weights, self._parts, strict=True):
            total += weight * _run_windows(session, _inputs(chunks, tables, numbers))
        calibrated: F32 = total * self._calibration[:, 0] + self._calibration[:, 1]
        return calibrated


def _run_windows(session: onnxruntime.InferenceSession, inputs: Inputs) -> F32:
    """Logits of a body for the units of a block, window by window: float32 (n, 5)."""
    n = len(inputs.units)
    out = np.empty((n, N_OUTPUTS), np.float32)
    for at in range(0, max(1, n - 2 * MARGIN), STEP):
        window = slice(at, at + WINDOW)
        feed = {"inputs": inputs.units[None, window], "patch": inputs.patch[None, window]}
        (logits,) = session.run(["logits"], feed)
        first = MARGIN if at else 0  # the last window of a block has the say up to its end
        out[at + first : at + len(logits[0])] = logits[0, first:]
    return out


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Tokens of some units with their different words: a word comes many times in a chunk, each is looked up once.

    Args:
        tokens: All of them.
        whole, part: int64 (words,), hashes of the different words.
        place: int64 (tokens,), which word each token is.
        counts: float32 (units, words), how often each word stands in each unit; None where it would be mostly zeros.
    """

    tokens: UnitTokens
    whole: npt.NDArray[np.int64]
    part: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    counts: F32 | None

    @classmethod
    def of(cls, tokens: UnitTokens) -> _Chunk:
        """The words of some tokens."""
        _, first, place = np.unique(tokens.whole, return_index=True, return_inverse=True)
        counts = None
        if len(tokens) * len(first) <= MAX_SPARSITY * len(place):
            counts = np.zeros((len(tokens), len(first)), np.float32)
            owner = np.repeat(np.arange(len(tokens)), np.diff(tokens.offsets))
            np.add.at(counts.reshape(-1), owner * len(first) + place, np.float32(1))
        return cls(tokens, tokens.whole[first], tokens.part[first], place, counts)

    def sums(self, vectors: F32) -> F32:
        """Sum over the words of each unit of a vector for each word: float32 (units, width)."""
        if self.counts is not None:  # a product of matrices is the faster way while the words are few
            product: F32 = self.counts @ vectors
            return product
        out = np.zeros((len(self.tokens), vectors.shape[1]), np.float32)
        filled = np.flatnonzero(np.diff(self.tokens.offsets))
        if len(filled):
            out[filled] = np.add.reduceat(vectors[self.place], self.tokens.offsets[filled], axis=0)
        return out


def _inputs(chunks: Sequence[_Chunk], tables: TopicTables, numbers: F32) -> Inputs:
    """Inputs of a body for some units."""
    pooled = [_pool(chunk, tables) for chunk in chunks]
    topic = np.concatenate([p.topic for p in pooled])
    sketch = np.concatenate([p.sketch for p in pooled])
    columns = [
        topic,
        np.concatenate([p.plain for p in pooled]),
        np.concatenate([_form(chunk.tokens, tables) for chunk in chunks]),
        np.concatenate([shape_features(c.tokens.counts, c.tokens.first, c.tokens.last) for c in chunks]),
        numbers,
        np.concatenate([p.weight for p in pooled])[:, None],
    ]
    return Inputs(np.concatenate(columns, axis=1), patches(topic, sketch))


def _form(tokens: UnitTokens, tables: TopicTables) -> F32:
    ids = np.concatenate([tokens.head[:, :N_FORM_HEAD], tokens.tail], axis=1)
    form: F32 = tables.form[ids].reshape(len(ids), -1)
    return form


def _pool(chunk: _Chunk, tables: TopicTables) -> _Pooled:
    n, slots, place = len(chunk.tokens), tables.shape.sketch, chunk.place
    topic, plain = np.zeros((n, tables.shape.width), np.float32), np.zeros((n, tables.shape.width), np.float32)
    total, counts = np.zeros(n, np.float32), np.diff(chunk.tokens.offsets)
    sketch = np.zeros(n * slots, np.float32)
    if len(place):
        whole, part = (table_rows(hashes, tables.shape.bits) for hashes in (chunk.whole, chunk.part))
        vectors = tables.codes[whole] * tables.scale[whole][:, None]
        vectors += tables.codes[part] * tables.scale[part][:, None]
        weight = tables.weight[whole]
        plain = chunk.sums(vectors)
        vectors *= weight[:, None]
        topic = chunk.sums(vectors)
        total = chunk.sums(weight[:, None])[:, 0]
        owner = np.repeat(np.arange(n) * slots, counts)
        for rows in (whole, part):
            slot, sign = sketch_slots(rows, slots)
            sketch += np.bincount(owner + slot[place], (sign * weight)[place], n * slots).astype(np.float32)
    topic = topic / (total + TOPIC_EPSILON)[:, None] - tables.bias
    plain /= np.maximum(counts, 1)[:, None].astype(np.float32)
    plain = _norm(plain) * tables.plain_norm[0] + tables.plain_norm[1]
    return _Pooled(_unit(topic), plain, _unit(sketch.reshape(n, slots)), np.log(total + np.float32(TOPIC_EPSILON)))


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Runs of units of about 32 k characters, whose arrays stay in the processor's cache."""
    start = size = 0
    for index, text in enumerate(texts):
        size += len(text)
        if size >= CHUNK_CHARACTERS:
            yield start, index + 1
            start, size = index + 1, 0
    if start < len(texts):
        yield start, len(texts)


def _unit(vectors: F32) -> F32:
    norms: Any = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    unit: F32 = vectors / np.maximum(norms, np.float32(1e-6))[:, None]
    return unit


def _norm(vectors: F32) -> F32:
    centred = vectors - vectors.mean(axis=1, keepdims=True)
    variance = np.einsum("ij,ij->i", centred, centred) / vectors.shape[1]
    normed: F32 = centred / np.sqrt(variance + 1e-5)[:, None].astype(np.float32)
    return normed
