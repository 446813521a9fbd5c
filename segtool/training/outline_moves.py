"""Fitting the outline's moves: whether a heading lies below, beside or above the one before it, from real documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch

from segtool.core.outline import nesting
from segtool.segmenters.evidence import Array
from segtool.segmenters.headings import Line
from segtool.segmenters.moves import ABOVE, BELOW, BESIDE, N_MOVES, Moves, move_rows
from segtool.segmenters.sequences import Sequence

FEWEST, MOST = 3, 500
"""Headings of the documents that are learnt from."""
HIDDEN, EPOCHS, BATCH = 48, 8, 1024


@dataclass
class MoveExamples:
    """Pairs of headings in a row: what is known of them, which move it is, and the weight of their document."""

    rows: list[Array] = field(default_factory=list)
    targets: list[npt.NDArray[np.int64]] = field(default_factory=list)
    domains: list[str] = field(default_factory=list)

    def add(
        self, lines: list[Line], sequence: Sequence, evidence: Array, levels: npt.NDArray[np.int64], domain: str
    ) -> None:
        """The headings of one document; ``levels`` of its lines, 0 for no heading."""
        chosen = np.flatnonzero(levels)
        if FEWEST <= len(chosen) <= MOST:
            self.rows.append(move_rows(lines, sequence, evidence, chosen).astype(np.float16))
            self.targets.append(moves_between(levels[chosen].tolist()))
            self.domains.append(domain)

    def weights(self) -> Array:
        """One weight a pair: long documents weigh less than their length, large domains less than their size."""
        own = [len(targets) ** -0.5 for targets in self.targets]
        totals: dict[str, float] = {}
        for domain, targets, weight in zip(self.domains, self.targets, own, strict=True):
            totals[domain] = totals.get(domain, 0.0) + weight * len(targets)
        each = zip(self.domains, self.targets, own, strict=True)
        weights = np.concatenate([np.full(len(t), weight / totals[domain] ** 0.5) for domain, t, weight in each])
        scaled: Array = (weights / weights.mean()).astype(np.float32)
        return scaled


def moves_between(levels: Iterable[int]) -> npt.NDArray[np.int64]:
    """The moves from each heading to the next, by nesting depth.

    >>> moves_between([1, 3, 3, 2, 1]).tolist()
    [0, 1, 1, 2]
    """
    steps = np.diff(nesting(list(levels)))
    return np.where(steps > 0, BELOW, np.where(steps == 0, BESIDE, ABOVE)).astype(np.int64)


def fit_moves(examples: MoveExamples, seed: int) -> Moves:
    """One hidden layer by weighted cross entropy, the scale of its features folded in."""
    torch.manual_seed(seed)
    x = torch.from_numpy(np.concatenate(examples.rows).astype(np.float32))
    y, w = torch.from_numpy(np.concatenate(examples.targets)), torch.from_numpy(examples.weights())
    mean, scale = x.mean(0), 1 / (x.std(0) + 0.05)
    inner, outer = torch.nn.Linear(x.shape[1], HIDDEN), torch.nn.Linear(HIDDEN, N_MOVES)
    net = torch.nn.Sequential(inner, torch.nn.ReLU(), torch.nn.Dropout(0.15), outer)
    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, EPOCHS * (len(x) // BATCH + 1))
    for epoch in range(EPOCHS):
        total = 0.0
        for batch in torch.randperm(len(x)).split(BATCH):
            loss = torch.nn.functional.cross_entropy(net((x[batch] - mean) * scale), y[batch], reduction="none")
            optimiser.zero_grad()
            (loss * w[batch]).mean().backward()
            optimiser.step()
            schedule.step()
            total += (loss * w[batch]).sum().item()
        print(f"moves, epoch {epoch}: loss {total / len(x):.4f}", flush=True)
    w1 = (inner.weight.detach() * scale).T
    b1 = inner.bias.detach() - mean @ w1
    parts = (w1, b1, outer.weight.detach().T, outer.bias.detach())
    return Moves(*(part.contiguous().numpy() for part in parts))
