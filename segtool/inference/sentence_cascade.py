"""Two speeds, one answer: the stages of a sentence model, and what asks which of them where.

The scan decides the gaps between pieces that are sure, the gate those that the scan is unsure of, and the net what is
left and stretches without punctuation. Where gate and net have both answered punctuated text, their logits are added by
weight: they err in different places, and together they are better than either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from segtool.inference.card import Card, load_card
from segtool.inference.pieces import PieceCutter, Runs
from segtool.inference.sentence_gate import SentenceGate
from segtool.inference.sentence_net import TABLES, Block, SentenceNet, Window
from segtool.inference.sentence_scan import SentenceScan

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Line:
    """Calibration of logits: ``scale * logit + shift``."""

    scale: float = 1.0
    shift: float = 0.0

    @classmethod
    def of(cls, parameters: Mapping[str, Any], prefix: str) -> Line:
        """What a card says under a prefix."""
        return cls(float(parameters.get(f"{prefix}scale", 1.0)), float(parameters.get(f"{prefix}shift", 0.0)))

    def __call__(self, logits: Float32) -> Float32:
        return logits * np.float32(self.scale) + np.float32(self.shift)


@dataclass(frozen=True, slots=True)
class Limits:
    """Log-odds between which a stage is unsure."""

    low: float
    high: float

    def unsure(self, logits: Float32) -> Bool:
        """Where the next stage has to be asked."""
        return (logits > self.low) & (logits < self.high)


class SentenceCascade:
    """The stages of a model and their limits, as its card says.

    ``parameters`` of the card: ``encoder`` (ONNX file), ``base`` (the sibling model that holds the files, if not this
    one), ``scan`` and ``gate`` (files), ``scan_floor`` (what the sieve drops), ``scan_low``, ``scan_high``,
    ``gate_low``, ``gate_high`` (logits between which they are unsure), ``gate_mix`` (weight of the gate beside the
    net), ``scale`` and ``shift`` (calibration of the net's logits), the same with ``scan_``, ``gate_`` for those alone
    and ``bare_`` for the net in bare stretches; ``bare_lines`` (language to its own scale and shift in bare stretches).

    Raises:
        ModelError: if a file is missing or not what the card says.
    """

    def __init__(self, card: Card) -> None:
        parameters = card.parameters
        self._card = card
        self._files = load_card(card.folder.parent / str(parameters["base"])) if "base" in parameters else card
        self.scan = None
        if "scan" in parameters:
            self.scan = SentenceScan(
                self._files.path(str(parameters["scan"])), float(parameters.get("scan_floor", 0.0))
            )
        self.gate = SentenceGate(self._files.path(str(parameters["gate"]))) if "gate" in parameters else None
        self.scan_limits = Limits(float(parameters.get("scan_low", 0.0)), float(parameters.get("scan_high", 0.0)))
        self.gate_limits = Limits(float(parameters.get("gate_low", 0.0)), float(parameters.get("gate_high", 0.0)))
        self.mix = np.float32(parameters.get("gate_mix", 0.0))
        self.scan_line, self.gate_line = Line.of(parameters, "scan_"), Line.of(parameters, "gate_")
        self.net_line, self._bare_line = Line.of(parameters, ""), Line.of(parameters, "bare_")
        self._bare_lines = {name: Line(*pair) for name, pair in parameters.get("bare_lines", {}).items()}
        self.cutter = PieceCutter()
        if "encoder" in parameters:
            self._files.path(str(parameters["encoder"]))
        with np.load(self._files.path(TABLES)) as arrays:
            self.takes_language = "languages" in arrays.files

    @cached_property
    def net(self) -> SentenceNet:
        """The full net, opened when it is first asked: most short texts never need it."""
        return SentenceNet(self._card, self._files)

    def bare_line(self, language: str | None) -> Line:
        """The calibration of the net in bare stretches of a language."""
        return self._bare_lines.get(language or "", self._bare_line)

    def scanned(self, runs: Runs, low: int, high: int) -> tuple[Int64, Float32]:
        """The gaps after the pieces ``[low, high)`` that may be ends, and the scan's log-odds; without one all gaps."""
        if self.scan is None:
            return np.arange(low, high), np.full(high - low, -np.inf, np.float32)
        gaps = self.scan.sieve(runs, low, high)
        return gaps, self.scan.logits(runs, gaps)

    def gated(self, runs: Runs, gaps: Int64) -> Float32:
        """The gate's logits of ends after the pieces ``gaps``, which alone are hashed with their neighbours."""
        return np.zeros(len(gaps), np.float32) if self.gate is None else self.gate.logits_at(runs, gaps)

    def asked(self, runs: Runs, window: Window, language: str | None) -> Float32:
        """The net's logits of ends after the pieces that a window decides."""
        low, high = max(window.start, 0), min(window.start + window.length, len(runs))
        block = Block(runs.pieces(np.arange(low, high)), 0, high - low, language)
        moved = Window(window.start - low, window.length, window.first - low, window.last - low)
        ((_, values),) = self.net.run(block, [moved])
        answer: Float32 = values[window.first - window.start : window.last - window.start, 0]
        return answer
