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
from typing import Any

import numpy as np
import numpy.typing as npt

from segtool.evaluation.corruption import VARIANTS
from segtool.inference.card import load_card
from segtool.inference.pieces import N_SPACES, SPACE_BREAK_BLANKS, SPACE_BREAKS, SPACE_MORE, PieceCutter
from segtool.inference.sentence_gate import BareFinder, SentenceGate
from segtool.inference.sentence_net import Block, SentenceNet, iter_blocks
from segtool.segmenters.language import primary
from segtool.training.sentences import export
from segtool.training.sentences.features import moved_left
from segtool.training.sentences.pack import Record

log = logging.getLogger(__name__)

Float = npt.NDArray[np.float64]
WIDE = (SPACE_MORE, SPACE_BREAK_BLANKS, SPACE_BREAKS)
"""White space of two characters or more, as a piece's class tells it."""
GRID = np.round(np.arange(0.1, 0.675, 0.025), 3)


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What net and gate say of a text: logits after each piece but the last, what is bare, and what is gold.

    ``wide`` are gaps of two white-space characters or more; ``columns`` all that the net says of bare gaps, if kept.
    """

    record: Record
    net: npt.NDArray[np.float32]
    gate: npt.NDArray[np.float32]
    bare: npt.NDArray[np.bool_]
    gold: npt.NDArray[np.bool_]
    n_missed: int
    wide: npt.NDArray[np.bool_] = dataclasses.field(default_factory=lambda: np.zeros(0, np.bool_))
    columns: npt.NDArray[np.float32] = dataclasses.field(default_factory=lambda: np.zeros((0, 0), np.float32))


class Prober:
    """Asks net and gate of a model at every piece.

    Args:
        bare_heads: weights of the net's columns in bare stretches; None: the first alone, as in punctuated text.
    """

    def __init__(self, folder: pathlib.Path, encoder: str, bare_heads: Sequence[float] | None = None) -> None:
        card = load_card(folder)
        given = dataclasses.replace(card, parameters={**card.parameters, "encoder": encoder})
        self.net = SentenceNet(given, card)
        self.gate = SentenceGate(card.path(export.GATE)) if (folder / export.GATE).exists() else None
        self.cutter = PieceCutter()
        self.finder = BareFinder.make(self.cutter)
        self.bare_heads = None if bare_heads is None else np.array(bare_heads, np.float32)

    def ask(self, record: Record, variant: str, keeps_columns: bool = False) -> Answer:
        """The answers for one record, corrupted."""
        text, ends = VARIANTS[variant](record.text, record.ends)
        blocks = list(iter_blocks(self.cutter.iter_cut(text), self.net.margin, primary(record.language)))
        logits = [self._net_logits(block)[block.first : block.last] for block in blocks]
        own = [slice(block.first, block.last) for block in blocks]
        none = np.zeros(0, np.float32)
        columns = np.concatenate(logits)[:-1] if logits else np.zeros((0, 1), np.float32)
        gates = [self.gate.logits(b.pieces)[at] for b, at in zip(blocks, own, strict=True)] if self.gate else [none]
        bares = [self.finder.bare(b.pieces)[at] for b, at in zip(blocks, own, strict=True)]
        bare = np.concatenate([none, *bares]).astype(np.bool_)[:-1]
        spaces = [b.pieces.classes[at] % N_SPACES for b, at in zip(blocks, own, strict=True)]
        positions = np.concatenate([none, *(b.pieces.ends[at] for b, at in zip(blocks, own, strict=True))])[:-1]
        gold = moved_left(text, ends)
        gold = gold[gold < len(text.rstrip())]
        hit = np.isin(positions.astype(np.int64), gold)
        net = columns[:, 0] if self.bare_heads is None else np.where(bare, columns @ self.bare_heads, columns[:, 0])
        return Answer(
            record,
            net,
            np.concatenate([none, *gates])[:-1] if self.gate else net,
            bare,
            hit,
            len(gold) - int(hit.sum()),
            np.isin(np.concatenate([none, *spaces])[1:], WIDE),
            columns[bare] if keeps_columns else np.zeros((0, 0), np.float32),
        )

    def _net_logits(self, block: Block) -> npt.NDArray[np.float32]:
        out = np.zeros((len(block.pieces), 1), np.float32)
        for window, values in self.net.run(block, self.net.windows(block.first, block.last)):
            if values.shape[1] > out.shape[1]:
                out = np.zeros((len(block.pieces), values.shape[1]), np.float32)
            out[window.first : window.last] = values[window.first - window.start : window.last - window.start]
        return out


def halves(items: Sequence[Answer]) -> tuple[list[Answer], list[Answer]]:
    """Tuning and confirming documents: every second one of each source."""
    out: tuple[list[Answer], list[Answer]] = ([], [])
    for item, is_first in zip(items, firsts([item.record for item in items]), strict=True):
        out[0 if is_first else 1].append(item)
    return out


def firsts(records: Sequence[Record]) -> list[bool]:
    """Which documents are for tuning: every second one of each source."""
    seen: dict[str, int] = collections.Counter()
    out = []
    for record in records:
        out.append(seen[record.source] % 2 == 0)
        seen[record.source] += 1
    return out


def fit_logits(
    items: Iterable[tuple[Sequence[npt.NDArray[np.generic]], npt.NDArray[np.bool_]]], n: int, n_flags: int = 0
) -> list[float]:
    """Weights of ``n`` logits, of flags after them, and a shift, with the least log loss: Newton, with short steps.

    Args:
        items: for each document its logits and flags, and gold; candidates are gaps where any logit is above -5.
    """
    parts = [(np.stack(logits, 1).astype(np.float64), gold) for logits, gold in items]
    keep = [x[:, :n].max(1) > -5 if len(x) else np.zeros(0, np.bool_) for x, _ in parts]
    x = np.concatenate([np.zeros((0, n + n_flags)), *(x[k] for (x, _), k in zip(parts, keep, strict=True))])
    y = np.concatenate([np.zeros(0), *(g[k] for (_, g), k in zip(parts, keep, strict=True))])
    weights = np.array([1.0 / n] * n + [0.0] * (n_flags + 1))
    if len(x) < 200:
        return [float(w) for w in weights]
    x = np.concatenate([x, np.ones((len(x), 1))], 1)
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(x @ weights, -50, 50)))
        curvature = (x * (chance * (1 - chance))[:, None]).T @ x + 1e-3 * np.eye(x.shape[1])
        step = np.linalg.solve(curvature, x.T @ (chance - y))
        weights = weights - step * min(1.0, 0.5 / float(np.abs(step).max() + 1e-12))
    return [round(float(w), 4) for w in weights]


@dataclasses.dataclass(frozen=True, slots=True)
class Thresholds:
    """The thresholds of a card: the general one, that of bare stretches, and both for single languages."""

    general: float
    bare: float
    languages: Mapping[str, float] = dataclasses.field(default_factory=dict)
    bare_languages: Mapping[str, float] = dataclasses.field(default_factory=dict)

    def of(self, item: Answer) -> Float:
        """The threshold at every piece of an answer."""
        language = primary(item.record.language) or ""
        out: Float = np.where(
            item.bare,
            self.bare_languages.get(language, self.bare),
            self.languages.get(language, self.general),
        )
        return out

    def changed(self, language: str, threshold: float, is_bare: bool) -> Thresholds:
        """These with another threshold for one language."""
        if is_bare:
            return dataclasses.replace(self, bare_languages={**self.bare_languages, language: threshold})
        return dataclasses.replace(self, languages={**self.languages, language: threshold})


Chances = Mapping[int, Float]
"""Of each answer, by its id, the chances after every piece."""


def group_f1(items: Iterable[Answer], chances: Chances, thresholds: Thresholds) -> float:
    """Micro F1 of documents with given chances."""
    hits = found = gold = 0
    for item in items:
        chosen = chances[id(item)] >= thresholds.of(item)
        hits += int((chosen & item.gold).sum())
        found += int(chosen.sum())
        gold += int(item.gold.sum()) + item.n_missed
    return 2 * hits / max(1, found + gold)


def calibrated(item: Answer, parameters: Mapping[str, Any], limits: tuple[float, float] | None = None) -> Float:
    """Chances by net and gate together; with limits, of the gate alone where its logit does not lie between them."""
    logits = parameters["scale"] * item.net + parameters["gate_mix"] * item.gate + parameters["shift"]
    if limits is not None:
        low, high = limits
        prefix = "gate" if low < high else "alone"
        sure = parameters[f"{prefix}_scale"] * item.gate + parameters[f"{prefix}_shift"]
        logits = np.where((item.gate <= low) | (item.gate >= high), sure, logits)
    general = (parameters["bare_scale"], parameters["bare_shift"], parameters["bare_wide"])
    scale, shift, wide = parameters.get("bare_lines", {}).get(primary(item.record.language) or "", general)
    logits = np.where(item.bare, scale * item.net + shift + wide * item.wide, logits)
    chances: Float = 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -50, 50)))
    return chances


def by(items: Iterable[Answer], key: str) -> dict[str, list[Answer]]:
    """Documents by an attribute of their records."""
    out: dict[str, list[Answer]] = collections.defaultdict(list)
    for item in items:
        out[getattr(item.record, key)].append(item)
    return out


def measures(items: Sequence[Answer]) -> dict[str, dict[str, list[Answer]]]:
    """Measures to groups to documents: legal and other by source, ud by language, as the corpora's notes ask for."""
    out = {name: by((a for a in items if a.record.group == name), "source") for name in ("legal", "other")}
    out["ud"] = by((a for a in items if a.record.group == "ud"), "language")
    return {name: groups for name, groups in out.items() if groups}


def macro(groups: Mapping[str, Sequence[Answer]], chances: Chances, thresholds: Thresholds) -> float:
    """Mean F1 over groups."""
    return float(np.mean([group_f1(group, chances, thresholds) for group in groups.values()]))


def best_general(items: Sequence[Answer], chances: Chances, bare: float) -> float:
    """Of the thresholds whose mean over all measures is at most 0.001 below the best, the one nearest to a half."""
    rows = measures(items)
    found = {
        float(t): float(np.mean([macro(groups, chances, Thresholds(float(t), bare)) for groups in rows.values()]))
        for t in GRID
    }
    return min((t for t, value in found.items() if value >= max(found.values()) - 0.001), key=lambda t: abs(t - 0.5))


def best_bare(items: Sequence[Answer], chances: Chances) -> float:
    """The threshold with the best mean over the languages of bare texts."""
    groups = by(items, "language")
    return float(max(GRID, key=lambda t: macro(groups, chances, Thresholds(0.5, float(t)))))


def by_language(
    sets: Sequence[Sequence[Answer]], chances: Chances, thresholds: Thresholds, is_bare: bool, gain: float
) -> dict[str, float]:
    """Thresholds of languages that gain at least ``gain`` on one half of their documents and half that on the other.

    Args:
        sets: tuning documents; what counts is the mean of F1 over the sets.
        thresholds: those that hold so far.
    """
    halved = [halves(items) for items in sets]
    out = {}
    for language in sorted({primary(item.record.language) or "" for item in sets[0]}):
        parts = [
            [[a for a in items[i] if (primary(a.record.language) or "") == language] for items in halved]
            for i in (0, 1)
        ]
        if sum(int(a.gold.sum()) for a in parts[0][0]) < 100 or not parts[1][0]:
            continue
        tried = [thresholds, *(thresholds.changed(language, float(t), is_bare) for t in GRID)]
        found = [[float(np.mean([group_f1(g, chances, t) for g in part if g])) for part in parts] for t in tried]
        best = max(range(len(tried)), key=lambda i: found[i][0])
        if found[best][0] >= found[0][0] + gain and found[best][1] >= found[0][1] + gain / 2:
            out[language] = float(GRID[best - 1])
    return out


def calibration_error(
    groups: Mapping[str, Sequence[Answer]], chances: Chances, bins: int = 10, least: float = 0.05
) -> float:
    """Expected calibration error over candidates with at least ``least`` chance, in bins of equal width."""
    items = [item for group in groups.values() for item in group]
    flat = np.concatenate([np.zeros(0), *(chances[id(item)] for item in items)])
    gold = np.concatenate([np.zeros(0, np.bool_), *(item.gold for item in items)])
    keep = flat >= least
    flat, gold = flat[keep], gold[keep]
    index = np.minimum((flat * bins).astype(int), bins - 1)
    inside = [index == b for b in range(bins)]
    return float(sum(abs(flat[at].mean() - gold[at].mean()) * at.mean() for at in inside if at.any()))
