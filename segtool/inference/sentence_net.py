"""The sentence net at inference: pieces to logits, in windows with context on both sides.

The table of embeddings is mapped, not read: a short text touches a few of its rows only. Products run in int8
in onnxruntime; sums of rows and logits are float32.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segtool.errors import ModelError
from segtool.inference.card import Card
from segtool.inference.pieces import N_CLASSES, NO_PIECES, Pieces, Runs, join_pieces
from segtool.inference.session import open_session

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]
PAD_CLASS = N_CLASSES
TABLE, TABLES = "table.bin", "tables.npz"
BUCKETS = (32, 64, 128)
"""Lengths of windows below the card's, for what is left of a text and for short ones."""


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive pieces of a text of which ``[first, last)`` are to be scored; the others are context."""

    pieces: Pieces
    first: int
    last: int
    language: str | None = None
    """Code of the text's language, as cards spell it, for models that take it."""


def iter_blocks(parts: Iterator[Pieces], context: int, language: str | None = None) -> Iterator[Block]:
    """Slices of pieces with up to ``context`` pieces of their neighbours on either side."""
    before, now = NO_PIECES, next(parts, None)
    while now is not None:
        after = next(parts, None)
        joined = [before, now] if after is None else [before, now, _part(after, 0, context)]
        whole = join_pieces([part for part in joined if len(part)])
        yield Block(whole, len(before), len(before) + len(now), language)
        tail = join_pieces([part for part in (before, now) if len(part)])
        before, now = _part(tail, max(0, len(tail) - context), len(tail)), after


def _part(pieces: Pieces, start: int, stop: int) -> Pieces:
    return Pieces(
        pieces.starts[start:stop], pieces.ends[start:stop], pieces.hashes[start:stop], pieces.classes[start:stop]
    )


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces of a block that go through the net together, to decide ``[first, last)``.

    ``[start, start + length)`` may reach outside the block: padding stands there.
    """

    start: int
    length: int
    first: int
    last: int


class SentenceNet:
    """One encoder over the shared table, as a card describes it.

    Args:
        card: of the model; ``window`` and ``stride`` in pieces; ``parameters.encoder`` names the ONNX file.
        files: the card that lists the files: this one, or another form's that shares its table.

    Raises:
        ModelError: if a file is missing or not what the card says.
    """

    def __init__(self, card: Card, files: Card) -> None:
        if card.window is None or card.stride is None or "encoder" not in card.parameters:
            raise ModelError(f"{card.folder}: the card of a sentence model needs window, stride and parameters.encoder")
        self.window, self.margin = card.window, (card.window - card.stride) // 2
        with np.load(files.path(TABLES)) as arrays:
            self._scales: Float32 = arrays["scales"].astype(np.float32)
            self._classes: Float32 = arrays["classes"] * arrays["class_scales"].astype(np.float32)[:, None]
            self._languages: dict[str, Float32] = {}
            if "languages" in arrays.files:
                self._languages = dict(
                    zip(arrays["language_names"].tolist(), arrays["languages"].astype(np.float32), strict=True)
                )
        self.size = self._classes.shape[1]
        self._table = np.memmap(files.path(TABLE), np.int8, "r", shape=(len(self._scales), self.size))
        self._session = open_session(files.path(str(card.parameters["encoder"])))

    @property
    def takes_language(self) -> bool:
        """Whether answers depend on the language of a block."""
        return bool(self._languages)

    def embed(self, pieces: Pieces, language: str | None = None) -> Float32:
        """(n, size): each piece's rows, scaled and summed, its class row, and the row of the language if it has one."""
        out: Float32 = self._classes[pieces.classes]
        if language in self._languages:
            out += self._languages[language]
        for column in range(pieces.hashes.shape[1]):
            rows = pieces.hashes[:, column]
            out += self._table[rows] * self._scales[rows, None]
        return out

    def windows(self, first: int, last: int) -> Iterator[Window]:
        """Windows that together decide the pieces ``[first, last)`` of a block."""
        stride = self.window - 2 * self.margin
        for start in range(first, last, stride):
            stop = min(start + stride, last)
            yield Window(start - self.margin, self.length(stop - start), start, stop)

    def length(self, decided: int) -> int:
        """Pieces of a window that decides so many."""
        return next((b for b in BUCKETS if decided + 2 * self.margin <= b < self.window), self.window)

    def run(self, block: Block, windows: Iterable[Window]) -> Iterator[tuple[Window, Float32]]:
        """Each window with its logits (length, columns): sentence end, paragraph break, and what else the net tells.

        One window a call: int8 activations take their scale from all that goes through together, so a window's answer
        would depend on its neighbours in a batch; and one window stays in the cache, which is faster, too.
        """
        for window in windows:
            batch = self._filled(block, window)
            yield window, self._session.run(["logits"], {"embedded": batch})[0][0]

    def answers_at(self, runs: Runs, gaps: Int64, width: int, language: str | None) -> Float32:
        """(k, heads): logits of the gaps after the pieces ``gaps``, ascending, each from ``width`` pieces around it.

        One window a call, for the reasons of ``run``.
        """
        near = runs.near(gaps, width // 2, width // 2)
        rows = self.embed(runs.pieces(near.rows), language)
        rows[near.outside] = self._classes[PAD_CLASS]
        windows = (rows[None, first : first + width] for first in near.first.tolist())
        found = [self._session.run(["logits"], {"embedded": window})[0][0, width // 2 - 1] for window in windows]
        return np.stack(found) if found else np.zeros((0, 1), np.float32)

    def _filled(self, block: Block, window: Window) -> Float32:
        """(1, length, size): the embedded pieces of a window; padding where the block has none."""
        pieces = block.pieces
        row = np.empty((window.length, self.size), np.float32)
        low, high = max(window.start, 0), min(window.start + window.length, len(pieces))
        row[: low - window.start] = row[high - window.start :] = self._classes[PAD_CLASS]
        row[low - window.start : high - window.start] = self.embed(_part(pieces, low, high), block.language)
        return row[None]


def sigmoid(logits: Float32) -> Float32:
    """Chances in (0, 1) of logits."""
    chances: Float32 = (1 / (1 + np.exp(-logits.astype(np.float32)))).astype(np.float32)
    return chances
