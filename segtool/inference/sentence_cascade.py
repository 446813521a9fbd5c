"""Two speeds, one answer: the stages of a sentence model, and what asks which of them where.

The scan decides the gaps between pieces that are sure, the gate those that the scan is unsure of, and the net what is
left, which it sees in a narrow window first and in a wide one if it is unsure; stretches without punctuation it reads
whole. Where several of them have answered punctuated text, their logits are added by weight: they err in different
places, and together they are better than each. How sure a stage has to be depends on the language, as does how well the
first stages know it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from segtool.inference.card import Card, load_card
from segtool.inference.pieces import SPACE_BREAK, SPACE_NONE, SPACE_ONE, PieceCutter, Runs
from segtool.inference.sentence_gate import SentenceGate
from segtool.inference.sentence_net import TABLES, Block, SentenceNet, Window
from segtool.inference.sentence_scan import SentenceScan

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]
BLANK_REACH = 40
"""Pieces on either side of which none is a mark, in a stretch that the net reads whole, if no card says otherwise."""
SCAN_BOUNDS = (("scan_floor", 0.0), ("scan_ceiling", np.inf))
SCAN_LIMIT = np.float32(8)
"""Log-odds of the scan that count beside those of other stages, at most."""


@dataclass(frozen=True, slots=True)
class Line:
    """Calibration of logits: ``scale * logit + shift``."""

    scale: float = 1.0
    shift: float = 0.0
    wide: float = 0.0
    """Added where white space of two characters or more stands in the gap: something was left out there."""

    @classmethod
    def of(cls, parameters: Mapping[str, Any], prefix: str) -> Line:
        """What a card says under a prefix."""
        scale, shift, wide = (parameters.get(f"{prefix}{name}") for name in ("scale", "shift", "wide"))
        return cls(1.0 if scale is None else float(scale), float(shift or 0), float(wide or 0))

    def __call__(self, logits: Float32, is_wide: Bool | None = None) -> Float32:
        out = logits * np.float32(self.scale) + np.float32(self.shift)
        if self.wide and is_wide is not None:
            out += is_wide * np.float32(self.wide)
        return out


@dataclass(frozen=True, slots=True)
class Answers:
    """What the net says of gaps, (n, heads): the first head of a sentence end, the others tell more of bare text.

    ``is_wide`` are the gaps with white space of two characters or more.
    """

    logits: Float32
    is_wide: Bool


@dataclass(frozen=True, slots=True)
class Mix:
    """Calibration of the logits of several stages together: a weight for each, and a shift."""

    scan: float
    gate: float
    shift: float
    net: float = 0.0

    def __call__(self, scan: Float32, gate: Float32, net: Float32 | None = None) -> Float32:
        total = gate * np.float32(self.gate) + np.float32(self.shift)
        total += scan.clip(-SCAN_LIMIT, SCAN_LIMIT) * np.float32(self.scan)
        if net is not None:
            total += net * np.float32(self.net)
        return total


@dataclass(frozen=True, slots=True)
class Limits:
    """Log-odds between which stages are unsure: the scan's own, calibrated ones after gate and narrow window."""

    scan_low: float
    scan_high: float
    gate_low: float = 0.0
    gate_high: float = 0.0
    narrow_low: float = 0.0
    narrow_high: float = 0.0

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Limits:
        """The general ones of a card."""
        return cls(*(float(parameters.get(name, 0.0)) for name in cls.__slots__))

    def after_scan(self, logits: Float32) -> Bool:
        """Where the gate has to be asked."""
        return (logits > self.scan_low) & (logits < self.scan_high)

    def after_gate(self, logits: Float32) -> Bool:
        """Where the net has to be asked."""
        return (logits > self.gate_low) & (logits < self.gate_high)

    def after_narrow(self, logits: Float32) -> Bool:
        """Where a wide window has to be asked."""
        return (logits > self.narrow_low) & (logits < self.narrow_high)


class SentenceCascade:
    """The stages of a model and their limits, as its card says.

    ``parameters`` of the card: ``encoder`` (ONNX file), ``base`` (the sibling model that holds the files, if not this
    one), ``scan`` and ``gate`` (files of the other stages), ``scan_floor`` (what the sieve drops) and ``scan_ceiling``
    (what it decides), the limits of ``Limits`` by name, and ``limits`` with those of single languages in the same order
    (none: the net reads all), ``gate_mix`` (weight of the gate beside the net), ``scale`` and ``shift`` (calibration of
    the net's logits), the same with ``scan_`` for the scan alone and ``bare_`` for the net in bare stretches;
    ``bare_heads`` (weights of the net's heads there), ``bare_wide`` (see ``Line``) and ``bare_lines`` (language to its
    own scale, shift and, if there is one, wide); ``gate_scan``, ``gate_scale``, ``gate_shift`` (weights of scan and
    gate together), ``narrow_scan``, ``narrow_gate``, ``narrow_scale``, ``narrow_shift`` (of those and the net in a
    narrow window); ``narrow_window``, ``wide_window`` (pieces around a single gap that the net sees); ``blank_reach``
    (pieces without a mark on either side of a gap from which on the net reads a stretch whole).

    Raises:
        ModelError: if a file is missing or not what the card says.
    """

    def __init__(self, card: Card) -> None:
        parameters = card.parameters
        self._card = card
        self._files = load_card(card.folder.parent / str(parameters["base"])) if "base" in parameters else card
        self.scan = None
        if "scan" in parameters:
            bounds = (float(parameters.get(name, default)) for name, default in SCAN_BOUNDS)
            self.scan = SentenceScan(self._files.path(str(parameters["scan"])), *bounds)
        self.gate = SentenceGate(self._files.path(str(parameters["gate"]))) if "gate" in parameters else None
        self._limits = Limits.of(parameters)
        self._limits_by_language: dict[str, Limits | None] = {
            name: Limits(*values) if values else None for name, values in parameters.get("limits", {}).items()
        }
        self.mix = np.float32(parameters.get("gate_mix", 0.0))
        self.scan_line = Line.of(parameters, "scan_")
        gate, narrow = _weights(parameters, "gate"), _weights(parameters, "narrow")
        self.gate_mix = Mix(gate("scan", 0.0), gate("scale", 1.0), gate("shift", 0.0))
        self.narrow_mix = Mix(narrow("scan", 0.0), narrow("gate", 0.0), narrow("shift", 0.0), narrow("scale", 1.0))
        self.narrow_window = int(parameters.get("narrow_window", 0))
        self.blank_reach = int(parameters.get("blank_reach", BLANK_REACH))
        self.wide_window = int(parameters.get("wide_window", 0))
        self.net_line, self._bare_line = Line.of(parameters, ""), Line.of(parameters, "bare_")
        self._bare_lines = {name: Line(*line) for name, line in parameters.get("bare_lines", {}).items()}
        self._bare_heads = np.array(parameters.get("bare_heads", [1.0]), np.float32)
        self.cutter = PieceCutter()
        if "encoder" in parameters:
            self._files.path(str(parameters["encoder"]))
        with np.load(self._files.path(TABLES)) as arrays:
            self.takes_language = "languages" in arrays.files

    @cached_property
    def net(self) -> SentenceNet:
        """The full net, opened when it is first asked: most short texts never need it."""
        return SentenceNet(self._card, self._files)

    def limits(self, language: str | None) -> Limits | None:
        """The limits for a language; None: the net reads all."""
        return None if self.scan is None else self._limits_by_language.get(language or "", self._limits)

    def bare_line(self, language: str | None) -> Line:
        """The calibration of the net in bare stretches of a language."""
        return self._bare_lines.get(language or "", self._bare_line)

    def calibrated(self, answers: Answers, gated: Float32, bare: Bool, language: str | None) -> Float32:
        """Calibrated logits of what the full net says of gaps, with the gate's (NaN where it is not asked)."""
        logits = self.net_line(answers.logits[:, 0])
        if self.gate is not None:
            logits += gated * self.mix
        if bare.any():
            n = len(self._bare_heads)
            told = (answers.logits[bare, :n] * self._bare_heads).sum(1, dtype=np.float32)
            logits[bare] = self.bare_line(language)(told, answers.is_wide[bare])
        return logits

    def scanned(self, runs: Runs, low: int, high: int) -> tuple[Int64, Float32]:
        """The gaps after the pieces ``[low, high)`` that may be ends, and the scan's log-odds."""
        if self.scan is None:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        return self.scan.decide(runs, low, high)

    def gated(self, runs: Runs, gaps: Int64) -> Float32:
        """The gate's logits of ends after the pieces ``gaps``, which alone are hashed with their neighbours."""
        return np.zeros(len(gaps), np.float32) if self.gate is None else self.gate.logits_at(runs, gaps)

    def asked(self, runs: Runs, window: Window, gaps: Int64, language: str | None) -> Answers:
        """What the net says of gaps that a window decides."""
        low, high = max(window.start, 0), min(window.start + window.length, len(runs))
        block = Block(runs.pieces(np.arange(low, high)), 0, high - low, language)
        moved = Window(window.start - low, window.length, window.first - low, window.last - low)
        ((_, values),) = self.net.run(block, [moved])
        return Answers(values[gaps - window.start], _is_wide(runs, gaps))

    def asked_alone(self, runs: Runs, gaps: Int64, width: int, language: str | None) -> Answers:
        """What the net says of gaps of which it sees so many pieces around each."""
        return Answers(self.net.answers_at(runs, gaps, width, language), _is_wide(runs, gaps))


def _is_wide(runs: Runs, gaps: Int64) -> Bool:
    spaces = runs.spaces(gaps + 1)
    is_wide: Bool = (spaces != SPACE_NONE) & (spaces != SPACE_ONE) & (spaces != SPACE_BREAK)
    return is_wide


def _weights(parameters: Mapping[str, Any], stage: str) -> Callable[[str, float], float]:
    return lambda name, default: float(parameters.get(f"{stage}_{name}", default))
