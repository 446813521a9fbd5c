"""A SaT model in wtpsplit's ONNX layout: its ``config.json``, graph and tokenizer, and logits for token windows."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segtool.errors import ModelError
from segtool.inference import hub
from segtool.inference.session import open_session
from segtool.inference.store import CONFIG_NAME, WTPSPLIT_GRAPHS
from segtool.inference.wtpsplit_tokens import SubwordTokenizer
from segtool.inference.wtpsplit_windows import Window, averaged, finer

MAX_LENGTH = 510
"""Tokens of text in a window at most, with the two special tokens 512, as the official models were trained."""

Logits = Callable[[NDArray[np.int64]], NDArray[Any]]
"""Ids (batch, tokens) with the special tokens to logits (batch, tokens, labels)."""

_BATCH_TOKENS = 4_096
_MASK_TYPES = {"tensor(float16)": np.float16, "tensor(float)": np.float32, "tensor(int64)": np.int64}


@dataclass(frozen=True, slots=True)
class SatConfig:
    """What ``config.json`` says of a SaT model.

    Attributes:
        lookahead: tokens to the right that a token can see through all layers; None: all.
        max_length: tokens of text that fit into a window.
        n_labels: outputs a token; the first is the chance of a line break.
        is_adapted: whether an adapter was merged into the model.
    """

    lookahead: int | None
    max_length: int
    n_labels: int
    is_adapted: bool = False

    @property
    def threshold(self) -> float:
        """wtpsplit's default for this kind of model, decided by what the model is, not by its path.

        Models with one output were fine-tuned on sentences (the "sm" models), the others only predict line breaks; an
        adapter was fitted to the sentences of one style.
        """
        if self.is_adapted:
            return 0.5
        if self.n_labels == 1:
            return 0.25
        return 0.01 if self.lookahead is None else 0.025


@dataclass(frozen=True, slots=True)
class _Mean:
    """The logits of a text's tokens so far: float32 sums over the windows that are done."""

    ids: NDArray[np.int64]
    sums: NDArray[np.float32]
    counts: NDArray[np.float32]
    done: set[Window]

    @classmethod
    def of(cls, ids: NDArray[np.int64]) -> _Mean:
        return cls(ids, np.zeros(len(ids), np.float32), np.zeros(len(ids), np.float32), set())

    @property
    def logits(self) -> NDArray[np.float32]:
        return self.sums / self.counts

    def add(self, window: Window, logits: NDArray[np.float32]) -> None:
        self.sums[window.start : window.stop] += logits
        self.counts[window.start : window.stop] += 1
        self.done.add(window)

    def windows(self, length: int, stride: int, level: float, reach: float) -> Iterable[Window]:
        """The windows of this stride that are to be computed: all at first, then those around tokens in doubt."""
        if not self.done:
            return averaged(len(self.ids), length, stride)
        doubtful = np.flatnonzero(np.abs(self.logits - np.float32(level)) < reach)
        return list(finer(len(self.ids), length, stride, self.done, doubtful))


class SatGraph:
    """Graph and tokenizer of a model in ``folder``.

    Args:
        folder: holds configuration, graph and tokenizer; with an adapter, PyTorch weights instead of the graph.
        adapter: a LoRA adapter of this model, merged into its weights (needs the extra ``lora``).

    Raises:
        ModelError: if a file is missing, corrupt, or not of this layout.
    """

    def __init__(self, folder: Path, adapter: Path | None = None) -> None:
        self.config = read_config(folder / CONFIG_NAME)
        tokenizer = tokenizer_path(folder)
        self.tokenizer = SubwordTokenizer(tokenizer)
        if adapter is None:
            self._logits = _graph_logits(folder)
            return
        from segtool.inference.wtpsplit_lora import adapted_logits

        self._logits = adapted_logits(folder, adapter, tokenizer)
        self.config = replace(self.config, is_adapted=True)

    def line_break_logits(self, texts: Sequence[NDArray[np.int64]], stride: int) -> list[NDArray[np.float32]]:
        """The first logit of every token of every text, the mean over the windows that wtpsplit has at this stride.

        Args:
            texts: token ids, one array a text.
            stride: tokens from one window to the next, at most the length of a window.
        """
        means = [_Mean.of(ids) for ids in texts]
        self._add(means, [averaged(len(ids), self.config.max_length, stride) for ids in texts])
        return [mean.logits for mean in means]

    def doubted_logits(
        self, texts: Sequence[NDArray[np.int64]], strides: Sequence[int], level: float, reach: float
    ) -> list[NDArray[np.float32]]:
        """The same, the mean over the windows of the first stride, and over those of the next around tokens in doubt.

        Args:
            texts: token ids, one array a text.
            strides: falling, multiples of the last one; what is longer than a window is left out.
            level: logit from which a token counts as a boundary.
            reach: a token is in doubt where the mean so far is as near to ``level`` as this.
        """
        length = self.config.max_length
        means = [_Mean.of(ids) for ids in texts]
        for stride in (stride for stride in strides if stride <= length):
            self._add(means, [mean.windows(length, stride, level, reach) for mean in means])
        return [mean.logits for mean in means]

    def _add(self, means: Sequence[_Mean], plans: Sequence[Iterable[Window]]) -> None:
        """Compute the windows of each text. Those of one length go through the graph together, so none is padded."""
        for batch in _batches(plans):
            rows = [means[text].ids[window.start : window.stop] for text, window in batch]
            for (text, window), logits in zip(batch, self._run(np.stack(rows)), strict=True):
                means[text].add(window, logits)

    def _run(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        edges = ((0, 0), (1, 1))
        framed = np.pad(ids, edges, constant_values=((0, 0), (self.tokenizer.first, self.tokenizer.last)))
        return self._logits(framed)[:, 1:-1, 0].astype(np.float32)


def read_config(path: Path) -> SatConfig:
    """What a ``config.json`` says.

    Raises:
        ModelError: if it can't be read, or is of another architecture.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if "xlm" not in data["model_type"]:
            raise ModelError(f"{path}: a {data['model_type']} model; segtool runs SaT models (xlm-token)")
        lookahead = data.get("lookahead")
        layers = int(data.get("lookahead_split_layers") or data["num_hidden_layers"])
        return SatConfig(
            # each layer looks on by the whole number of tokens in its share
            lookahead=None if lookahead is None else int(lookahead) // layers * layers,
            max_length=min(MAX_LENGTH, int(data["max_position_embeddings"]) - 4),
            n_labels=len(data["id2label"]) if "id2label" in data else int(data.get("num_labels", 2)),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: not the configuration of a SaT model ({error!r:.120})") from error


def _graph_logits(folder: Path) -> Logits:
    path = next((folder / name for name in WTPSPLIT_GRAPHS if (folder / name).is_file()), None)
    if path is None:
        raise ModelError(f"{folder}: no {' or '.join(WTPSPLIT_GRAPHS)} here")
    session = open_session(path, threads=_cores())
    inputs = {item.name: item.type for item in session.get_inputs()}
    if set(inputs) != {"input_ids", "attention_mask"} or inputs["attention_mask"] not in _MASK_TYPES:
        raise ModelError(f"{path}: not a SaT model of wtpsplit's layout (its inputs are {', '.join(inputs)})")
    mask_type = _MASK_TYPES[inputs["attention_mask"]]

    def logits(ids: NDArray[np.int64]) -> NDArray[Any]:
        found: NDArray[Any] = session.run(
            ["logits"], {"input_ids": ids, "attention_mask": np.ones(ids.shape, mask_type)}
        )[0]
        return found

    return logits


def tokenizer_path(folder: Path) -> Path:
    """The ``tokenizer.json`` of a model: its own, else that of the official models in the hub's cache.

    Raises:
        ModelError: if there is neither.
    """
    inside = folder / hub.TOKENIZER_NAME
    path = inside if inside.is_file() else hub.cached_tokenizer()
    if path is None:
        raise ModelError(
            f"{folder}: no {hub.TOKENIZER_NAME}; copy that of {hub.TOKENIZER_REPOSITORY} into this folder, or pull any"
            " official model while online ('segtool models pull sat-3l-sm'), which fetches it"
        )
    return path


def _batches(plans: Sequence[Iterable[Window]]) -> Iterator[list[tuple[int, Window]]]:
    """Windows of equal length, by (text, window), at most ``_BATCH_TOKENS`` a batch."""
    for group in _groups((text, window) for text, plan in enumerate(plans) for window in plan):
        group.sort(key=lambda item: item[1].stop - item[1].start)
        for length, same in groupby(group, key=lambda item: item[1].stop - item[1].start):
            items, size = list(same), max(1, _BATCH_TOKENS // (length + 2))
            yield from (items[i : i + size] for i in range(0, len(items), size))


def _groups(items: Iterable[tuple[int, Window]]) -> Iterator[list[tuple[int, Window]]]:
    """Windows in runs of some batches: enough to find equal lengths, few enough to hold."""
    group: list[tuple[int, Window]] = []
    n_tokens = 0
    for item in items:
        group.append(item)
        n_tokens += item[1].stop - item[1].start
        if n_tokens >= 4 * _BATCH_TOKENS:
            yield group
            group, n_tokens = [], 0
    if group:
        yield group


def _cores() -> int:
    """Cores that this process may use: these models are large enough for threads to pay."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
