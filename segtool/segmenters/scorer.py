"""The learned weighing of evidence: features of a line in, chances that it opens a section of each level out.

Two small networks in numpy. The first sees a line and its neighbours; the second sees besides what the first thinks of
the lines that look alike, of the same series of numbers, and of the neighbours, so that the lines of a document are
judged by one measure. Weights are made by ``segtool.training.sections_outline``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from segtool.segmenters.bare import Bare
from segtool.segmenters.blend import Weights
from segtool.segmenters.evidence import Array, key_index
from segtool.segmenters.headings import N_WORDS, Line
from segtool.segmenters.moves import Moves
from segtool.segmenters.sequences import Sequence

N_CLASSES = 6
"""No heading, then levels 1 to 5 (5: or deeper)."""


@dataclass(frozen=True, slots=True)
class Network:
    """One hidden layer: ``softmax(relu((x, v) @ w1 + b1) @ w2 + b2)``, ``v`` the sum of ``table`` at the words."""

    table: Array
    w1: Array
    b1: Array
    w2: Array
    b2: Array

    def __call__(self, rows: Array, words: NDArray[np.int64]) -> Array:
        """Chances of the classes, float32 (n, N_CLASSES)."""
        named = np.flatnonzero(words[:, 0])
        hidden = rows @ self.w1[: rows.shape[1]]
        hidden[named] += self.table[words[named]].sum(axis=1) @ self.w1[rows.shape[1] :]
        hidden += self.b1
        np.maximum(hidden, 0, out=hidden)
        logits = hidden @ self.w2 + self.b2
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        chances: Array = logits / logits.sum(axis=1, keepdims=True)
        return chances


@dataclass(frozen=True, slots=True)
class Scorer:
    """The networks for lines, moves between headings and texts without any, and their weights beside the model."""

    first: Network
    second: Network
    moves: Moves
    bare: Bare
    weights: Weights = field(default_factory=Weights)

    def __call__(self, lines: list[Line], sequence: Sequence, rows: Array) -> Array:
        """Chances that each line opens no section, or one of level 1 .. 5: float32 (n, N_CLASSES)."""
        if not lines:
            return np.zeros((0, N_CLASSES), np.float32)
        words = word_columns(lines)
        guess = self.first(rows, words)
        return self.second(np.concatenate([rows, aggregates(lines, sequence, guess)], axis=1), words)


def word_columns(lines: list[Line]) -> NDArray[np.int64]:
    """The hashes of each line's first words: (n, N_WORDS), 0 where there are fewer."""
    words = np.zeros((len(lines), N_WORDS), np.int64)
    for i, line in enumerate(lines):
        if line.hashes:
            words[i, : len(line.hashes)] = line.hashes
    return words


def aggregates(lines: list[Line], sequence: Sequence, guess: Array) -> Array:
    """What a first guess says of each line's kin: float32 (n, 8 * N_CLASSES + 4).

    By blocks of ``N_CLASSES``: its own, the mean of its key, of its series, the two lines before and after, and the
    mean so far over the document; then the distances to the likely heading before and after, of any key and of its own.
    """
    n = len(lines)
    padded = np.pad(guess, ((2, 2), (0, 0)))
    around = [padded[2 + step : 2 + step + n] for step in (-2, -1, 1, 2)]
    so_far = np.cumsum(guess, axis=0)
    so_far[:, 1:] /= np.maximum(so_far[:, 1:].sum(axis=1, keepdims=True), 1e-3)
    so_far[:, 0] = np.log1p(np.cumsum(1 - guess[:, 0])) / 4
    keys = key_index(lines)
    likely = guess[:, 0] < 0.5
    distances = [_distances(likely, np.zeros(n, np.int64)), _distances(likely, keys)]
    blocks = [guess, _mean(keys, guess), _mean(sequence.series + 1, guess), *around, so_far, *distances]
    return np.concatenate(blocks, axis=1).astype(np.float32)


def _distances(likely: NDArray[np.bool_], keys: NDArray[np.int64]) -> Array:
    """Lines to the likely heading before and after each line, among lines of its key: float32 (n, 2), log scale."""
    n = len(keys)
    order = np.argsort(keys, kind="stable")
    places = np.arange(n)
    marked = likely[order]
    group = keys[order]
    columns = np.full((n, 2), 6.0, np.float32)
    before = np.concatenate([[-1], np.maximum.accumulate(np.where(marked, places, -1))[:-1]])
    after = np.concatenate([np.minimum.accumulate(np.where(marked, places, n)[::-1])[::-1][1:], [n]])
    for column, other in enumerate((before, after)):
        inside = (other >= 0) & (other < n)
        same = inside.copy()
        same[inside] = group[other[inside]] == group[inside]
        columns[order[same], column] = np.log1p(np.abs(order[other[same]] - order[same]))
    scaled: Array = columns / np.float32(4)
    return scaled


def _mean(index: NDArray[np.int64], values: Array) -> Array:
    count = np.maximum(np.bincount(index), 1)
    sums = np.stack([np.bincount(index, column) for column in values.T], axis=1)
    means: Array = (sums / count[:, None])[index].astype(np.float32)
    return means


@lru_cache(maxsize=1)
def load_scorer() -> Scorer:
    """The scorer with the weights that come with the package.

    They are constant, so they are read once: for each of many small documents that would cost more than the document.
    """
    arrays = np.load(BytesIO(files("segtool.segmenters").joinpath("outline.npz").read_bytes()))
    first, second = (
        Network(*(arrays[f"{name}.{part}"].astype(np.float32) for part in ("table", "w1", "b1", "w2", "b2")))
        for name in ("first", "second")
    )
    moves = Moves(*(arrays[f"moves.{part}"].astype(np.float32) for part in ("w1", "b1", "w2", "b2")))
    bare = Bare(*(arrays[f"bare.{part}"].astype(np.float32) for part in ("w1", "b1", "w2", "b2", "scale")))
    return Scorer(first, second, moves, bare, Weights.from_array(arrays["weights"]))
