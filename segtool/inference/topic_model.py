"""The section model at work: unit texts in, the chance that a section starts at each out.

Words are pooled and compared by array code (`topic_tokens`, `topic_features`), and an ONNX body of 1 MB looks over
windows of 512 units. Time and memory are linear in the text; the same texts give the same numbers.
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

TABLES_FILE = "tables.npz"
BODY_FILE = "body.onnx"
WINDOW = 512
MARGIN = 32
"""Units at a window's edge that are left to the neighbouring window."""

STEP = WINDOW - 2 * MARGIN
BLOCK_WINDOWS = 8
CHUNK_CHARACTERS = 1 << 16
N_OUTPUTS = 5

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TopicTables:
    """The parts of the model that are tables.

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


class TopicModel:
    """A loaded section model.

    Args:
        tables: Word and form tables.
        session: The body.
    """

    def __init__(self, tables: TopicTables, session: onnxruntime.InferenceSession) -> None:
        self._tables = tables
        self._session = session
        self._tokenizer = Tokenizer(CharacterTable.build())

    @classmethod
    def load(cls, folder: Path) -> TopicModel:
        """The model of a folder such as `models/topics`.

        Raises:
            ModelError: if a file is missing or unusable.
        """
        return cls(TopicTables.load(folder / TABLES_FILE), open_session(folder / BODY_FILE))

    def probabilities(self, texts: Sequence[str]) -> F32:
        """Chance that a section starts at each unit: float32 (n, 5), at depth 1, ≤ 2, ≤ 3, ≤ 4 and at main depth.

        Args:
            texts: The document's units in order: paragraphs, or sentences where there are none.
        """
        n = len(texts)
        out = np.zeros((n, N_OUTPUTS), np.float32)
        if not n:
            return out
        numbers = number_features(find_numbers(texts))
        block = (BLOCK_WINDOWS - 1) * STEP + WINDOW
        for start in range(0, max(1, n - 2 * MARGIN), BLOCK_WINDOWS * STEP):
            stop = min(n, start + block)
            inputs, patch = self._block(texts[start:stop], numbers[start:stop])
            for at, window in self._windows(inputs, patch):
                first = MARGIN if start + at else 0  # the last window of a block has the say up to its end
                out[start + at + first : start + at + len(window)] = window[first:]
        return out

    def _windows(self, inputs: F32, patch: F32) -> Iterator[tuple[int, F32]]:
        """Start and probabilities of each window of a block."""
        n = len(inputs)
        for at in range(0, max(1, n - 2 * MARGIN), STEP):
            part = slice(at, at + WINDOW)
            feed = {"inputs": inputs[None, part], "patch": patch[None, part]}
            (logits,) = self._session.run(["logits"], feed)
            yield at, 1 / (1 + np.exp(-logits[0]))

    def _block(self, texts: Sequence[str], numbers: F32) -> tuple[F32, F32]:
        """Inputs of the body for some units: float32 (n, inputs) and (n, 252)."""
        chunks = [self._tokenizer(texts[start:stop]) for start, stop in _chunks(texts)]
        pooled = [self._pool(tokens) for tokens in chunks]
        topic = np.concatenate([p.topic for p in pooled])
        sketch = np.concatenate([p.sketch for p in pooled])
        inputs = np.concatenate(
            [
                topic,
                np.concatenate([p.plain for p in pooled]),
                np.concatenate([self._form(tokens) for tokens in chunks]),
                np.concatenate([shape_features(t.counts, t.first, t.last) for t in chunks]),
                numbers,
                np.concatenate([p.weight for p in pooled])[:, None],
            ],
            axis=1,
        )
        return inputs, patches(topic, sketch)

    def _form(self, tokens: UnitTokens) -> F32:
        ids = np.concatenate([tokens.head[:, :N_FORM_HEAD], tokens.tail], axis=1)
        form: F32 = self._tables.form[ids].reshape(len(ids), -1)
        return form

    def _pool(self, tokens: UnitTokens) -> _Pooled:
        tables, n = self._tables, len(tokens)
        width, slots = tables.shape.width, tables.shape.sketch
        topic, plain = np.zeros((n, width), np.float32), np.zeros((n, width), np.float32)
        total, counts = np.zeros(n, np.float32), np.diff(tokens.offsets)
        sketch = np.zeros(n * slots, np.float32)
        if len(tokens.whole):
            # a word comes many times in a chunk: look each up once
            _, first, place = np.unique(tokens.whole, return_index=True, return_inverse=True)
            whole = table_rows(tokens.whole[first], tables.shape.bits)
            part = table_rows(tokens.part[first], tables.shape.bits)
            vectors = tables.codes[whole] * tables.scale[whole][:, None]
            vectors += tables.codes[part] * tables.scale[part][:, None]
            weight = tables.weight[whole]
            filled = np.flatnonzero(counts)
            starts = tokens.offsets[filled]
            plain[filled] = np.add.reduceat(vectors[place], starts, axis=0)
            vectors *= weight[:, None]
            topic[filled] = np.add.reduceat(vectors[place], starts, axis=0)
            total[filled] = np.add.reduceat(weight[place], starts)
            owner = np.repeat(np.arange(n) * slots, counts)
            for rows in (whole, part):
                slot, sign = sketch_slots(rows, slots)
                sketch += np.bincount(owner + slot[place], (sign * weight)[place], n * slots).astype(np.float32)
        topic = topic / (total + TOPIC_EPSILON)[:, None] - tables.bias
        plain /= np.maximum(counts, 1)[:, None].astype(np.float32)
        plain = _norm(plain) * tables.plain_norm[0] + tables.plain_norm[1]
        return _Pooled(_unit(topic), plain, _unit(sketch.reshape(n, slots)), np.log(total + np.float32(TOPIC_EPSILON)))


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Runs of units of about 64 k characters, whose arrays stay in the processor's cache."""
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
