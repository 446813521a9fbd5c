"""What is fitted after training: calibration, the gate's limits, thresholds.

Everything is fitted on the tuning half of the dev documents, every second one of each source; the other half
only confirms thresholds of single languages.
"""

from __future__ import annotations

import collections
import dataclasses
import logging
import pathlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from segtool.evaluation.corruption import VARIANTS
from segtool.inference.card import load_card
from segtool.inference.pieces import PieceCutter
from segtool.inference.sentence_gate import BareFinder, SentenceGate
from segtool.inference.sentence_net import Block, SentenceNet, iter_blocks
from segtool.segmenters.language import primary
from segtool.training.sentences import export
from segtool.training.sentences.features import moved_left
from segtool.training.sentences.pack import Record

log = logging.getLogger(__name__)

Float = npt.NDArray[np.float64]
GRID = np.round(np.arange(0.2, 0.625, 0.025), 3)


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What net and gate say of a text: logits after each piece but the last, what is bare, and what is gold."""

    record: Record
    net: npt.NDArray[np.float32]
    gate: npt.NDArray[np.float32]
    bare: npt.NDArray[np.bool_]
    gold: npt.NDArray[np.bool_]
    n_missed: int


class Prober:
    """Asks net and gate of a model at every piece."""

    def __init__(self, folder: pathlib.Path, encoder: str) -> None:
        card = load_card(folder)
        given = dataclasses.replace(card, parameters={**card.parameters, "encoder": encoder})
        self.net = SentenceNet(given, card)
        self.gate = SentenceGate(card.path(export.GATE)) if (folder / export.GATE).exists() else None
        self.cutter = PieceCutter()
        self.finder = BareFinder.make(self.cutter)

    def ask(self, record: Record, variant: str) -> Answer:
        """The answers for one record, corrupted."""
        text, ends = VARIANTS[variant](record.text, record.ends)
        blocks = list(iter_blocks(self.cutter.iter_cut(text), self.net.margin, primary(record.language)))
        logits = [self._net_logits(block) for block in blocks]
        own = [slice(block.first, block.last) for block in blocks]
        none = np.zeros(0, np.float32)
        net = np.concatenate([none, *(values[at] for values, at in zip(logits, own, strict=True))])[:-1]
        gates = [self.gate.logits(b.pieces)[at] for b, at in zip(blocks, own, strict=True)] if self.gate else [none]
        bare = [self.finder.bare(b.pieces)[at] for b, at in zip(blocks, own, strict=True)]
        positions = np.concatenate([none, *(b.pieces.ends[at] for b, at in zip(blocks, own, strict=True))])[:-1]
        gold = moved_left(text, ends)
        gold = gold[gold < len(text.rstrip())]
        hit = np.isin(positions.astype(np.int64), gold)
        return Answer(
            record,
            net,
            np.concatenate([none, *gates])[:-1] if self.gate else net,
            np.concatenate([none, *bare]).astype(np.bool_)[:-1],
            hit,
            len(gold) - int(hit.sum()),
        )

    def _net_logits(self, block: Block) -> npt.NDArray[np.float32]:
        out = np.zeros(len(block.pieces), np.float32)
        for window, values in self.net.run(block, self.net.windows(block.first, block.last)):
            out[window.first : window.last] = values[window.first - window.start : window.last - window.start, 0]
        return out


def halves(items: Sequence[Answer]) -> tuple[list[Answer], list[Answer]]:
    """Tuning and confirming documents: every second one of each source."""
    seen: dict[str, int] = collections.Counter()
    out: tuple[list[Answer], list[Answer]] = ([], [])
    for item in items:
        out[seen[item.record.source] % 2].append(item)
        seen[item.record.source] += 1
    return out


def fit_logits(items: Iterable[tuple[Sequence[npt.NDArray[np.float32]], npt.NDArray[np.bool_]]], n: int) -> list[float]:
    """Weights of ``n`` logits, and a shift, with the least log loss: Newton's method with short steps.

    Args:
        items: for each document its logits and gold; candidates are gaps where any logit is above -5.
    """
    parts = [(np.stack(logits, 1).astype(np.float64), gold) for logits, gold in items]
    keep = [x.max(1) > -5 if len(x) else np.zeros(0, np.bool_) for x, _ in parts]
    x = np.concatenate([np.zeros((0, n)), *(x[k] for (x, _), k in zip(parts, keep, strict=True))])
    y = np.concatenate([np.zeros(0), *(g[k] for (_, g), k in zip(parts, keep, strict=True))])
    weights = np.array([1.0 / n] * n + [0.0])
    if len(x) < 200:
        return [float(w) for w in weights]
    x = np.concatenate([x, np.ones((len(x), 1))], 1)
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(x @ weights, -50, 50)))
        curvature = (x * (chance * (1 - chance))[:, None]).T @ x + 1e-3 * np.eye(n + 1)
        step = np.linalg.solve(curvature, x.T @ (chance - y))
        weights = weights - step * min(1.0, 0.5 / float(np.abs(step).max() + 1e-12))
    return [round(float(w), 4) for w in weights]


def group_f1(items: Iterable[Answer], chances: Mapping[int, Float], threshold: float) -> float:
    """Micro F1 of documents with given chances by id."""
    hits = found = gold = 0
    for item in items:
        chosen = chances[id(item)] >= threshold
        hits += int((chosen & item.gold).sum())
        found += int(chosen.sum())
        gold += int(item.gold.sum()) + item.n_missed
    return 2 * hits / max(1, found + gold)


def calibrated(item: Answer, parameters: Mapping[str, float]) -> Float:
    """Chances by net and gate together."""
    mixed = parameters["scale"] * item.net + parameters["gate_mix"] * item.gate + parameters["shift"]
    alone = parameters["bare_scale"] * item.net + parameters["bare_shift"]
    logits = np.where(item.bare, alone, mixed).astype(np.float64)
    chances: Float = 1 / (1 + np.exp(-np.clip(logits, -50, 50)))
    return chances


def by(items: Iterable[Answer], key: str) -> dict[str, list[Answer]]:
    """Documents by an attribute of their records."""
    out: dict[str, list[Answer]] = collections.defaultdict(list)
    for item in items:
        out[getattr(item.record, key)].append(item)
    return out


def best_threshold(items: Sequence[Answer], parameters: Mapping[str, float]) -> float:
    """The greatest threshold whose mean over legal sources, UD languages and other sources is 0.001 below the best."""
    chances = {id(a): calibrated(a, parameters) for a in items}
    groups: dict[str, dict[str, list[Answer]]] = {
        "legal": by((a for a in items if a.record.group == "legal"), "source"),
        "other": by((a for a in items if a.record.group == "other"), "source"),
        "ud": by((a for a in items if a.record.group == "ud"), "language"),
    }

    def quality(threshold: float) -> float:
        means = [np.mean([group_f1(g, chances, threshold) for g in rows.values()]) for rows in groups.values() if rows]
        return float(np.mean(means))

    found = {float(t): quality(float(t)) for t in GRID}
    return max(t for t, value in found.items() if value >= max(found.values()) - 0.001)


def language_thresholds(
    items: Sequence[Answer], parameters: Mapping[str, float], general: float, gain: float = 0.003
) -> dict[str, float]:
    """Thresholds of languages whose UD text gains at least ``gain`` on the tuning half and half that on the other."""
    out = {}
    for language, group in sorted(by((a for a in items if a.record.group == "ud"), "language").items()):
        tuning, confirming = halves(group)
        if sum(int(a.gold.sum()) for a in tuning) < 100 or not confirming:
            continue
        chances = {id(a): calibrated(a, parameters) for a in group}
        best = float(max(GRID, key=lambda t: group_f1(tuning, chances, t)))
        gains = [group_f1(part, chances, best) - group_f1(part, chances, general) for part in (tuning, confirming)]
        if gains[0] >= gain and gains[1] >= gain / 2:
            out[primary(language) or language] = best
    return out
