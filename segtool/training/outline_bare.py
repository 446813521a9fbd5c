"""Fitting the outline's network for documents without headings; run by ``segtool.training.outline_blend``.

It learns what to add to the section model's log-odds from documents that the model has not learnt, which are few: so
it is small, several of them are one in the end, and its figures are those of each half of the documents by what was
learnt from the other half.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt
import torch

from segtool.core.outline import nesting
from segtool.evaluation.sections import pk_f1
from segtool.segmenters.bare import N_DEPTHS, Bare, bare_levels, bare_rows, depth_odds
from segtool.segmenters.evidence import Array
from segtool.segmenters.outline import Reading

N_NETS, HIDDEN, EPOCHS, BATCH = 3, 48, 16, 1024
SHARE = 0.6
"""How much of what was learnt counts, beside the model's own log-odds: it was learnt from few documents."""
FEWEST = 3
"""Lines of a document that is learnt from."""


@dataclass(frozen=True, slots=True)
class BareExample:
    """A document without its headings: what is known of its lines, and before which a section of main depth starts."""

    name: str
    domain: str
    depth: int
    topics: Array
    rows: Array
    gold: npt.NDArray[np.bool_]

    @classmethod
    def of(
        cls, reading: Reading, topics: Array, name: str, domain: str, depth: int, gold: npt.NDArray[np.bool_]
    ) -> BareExample:
        """The example of a document as the outline has read it."""
        return cls(name, domain, depth, topics, bare_rows(reading.rows, reading.looks, topics), gold)

    @property
    def half(self) -> int:
        """0 or 1, by its name; translations of a document stand in one half, as near as names tell."""
        name = self.name.split(":", 2)[2] if self.name.startswith("canada:") else self.name
        return crc32(name.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower().encode()) % 2


def fit_bare(examples: Sequence[BareExample], seed: int = 0) -> Bare:
    """Several networks of different seeds as one, whose log-odds are the mean of theirs, tempered by ``SHARE``."""
    nets = [_fit_one(examples, seed + k) for k in range(N_NETS)]
    w2: Array = (SHARE / N_NETS * np.concatenate([net.w2 for net in nets])).astype(np.float32)
    b2: Array = (SHARE * np.mean([net.b2 for net in nets], axis=0)).astype(np.float32)
    scale: Array = (SHARE * np.mean([net.scale for net in nets], axis=0) + 1 - SHARE).astype(np.float32)
    return Bare(
        np.concatenate([net.w1 for net in nets], axis=1),
        np.concatenate([net.b1 for net in nets]),
        w2,
        b2,
        scale,
    )


def _fit_one(examples: Sequence[BareExample], seed: int) -> Bare:
    """One network by weighted cross entropy against the boundaries of main depth."""
    torch.manual_seed(seed)
    chosen = [example for example in examples if len(example.gold) >= FEWEST]
    counts = Counter(example.domain for example in chosen)
    x = torch.from_numpy(np.concatenate([example.rows[1:] for example in chosen]))
    own = [depth_odds(example.topics)[1:, min(example.depth, N_DEPTHS) - 1] for example in chosen]
    odds = torch.from_numpy(np.concatenate(own))
    y = torch.from_numpy(np.concatenate([example.gold[1:] for example in chosen])).float()
    each = [(len(e.gold) - 1, (len(e.gold) - 1) ** -0.7 * counts[e.domain] ** -0.5) for e in chosen]
    weights = torch.from_numpy(np.concatenate([np.full(n, weight, np.float32) for n, weight in each]))
    weights /= weights.mean()
    mean, spread = x.mean(0), x.std(0) + 0.05
    inner, outer = torch.nn.Linear(x.shape[1], HIDDEN), torch.nn.Linear(HIDDEN, 1)
    net = torch.nn.Sequential(inner, torch.nn.ReLU(), torch.nn.Dropout(0.3), outer)
    scale = torch.nn.Parameter(torch.tensor(0.5))
    optimiser = torch.optim.AdamW([*net.parameters(), scale], weight_decay=0.3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, EPOCHS * (len(x) // BATCH + 1))
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(BATCH):
            logits = scale * odds[batch] + net((x[batch] - mean) / spread)[:, 0]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, y[batch], reduction="none")
            optimiser.zero_grad()
            (loss * weights[batch]).mean().backward()
            optimiser.step()
            schedule.step()
    w1 = (inner.weight.detach() / spread).T
    b1 = inner.bias.detach() - mean @ w1
    parts = (w1, b1, outer.weight.detach().T, outer.bias.detach(), scale.detach()[None])
    return Bare(*(part.contiguous().numpy().astype(np.float32) for part in parts))


def crossed_figures(
    examples: Sequence[BareExample], threshold: float, others: Sequence[BareExample] = ()
) -> Mapping[str, tuple[float, float]]:
    """Pk and F1 by domain, each half of the documents by what was learnt from the other half, and from ``others``."""
    rows: dict[str, list[tuple[float, float]]] = {}
    for half in (0, 1):
        net = fit_bare([*others, *(example for example in examples if example.half != half)])
        for example in examples:
            if example.half == half:
                levels = bare_levels(net(example.rows, example.topics), threshold)
                starts = np.flatnonzero(levels)
                levels[starts] = nesting([int(level) for level in levels[starts]])
                values = pk_f1(example.gold, (levels > 0) & (levels <= example.depth))
                rows.setdefault(example.domain, []).append(values)
    means = {domain: np.mean(values, axis=0) for domain, values in sorted(rows.items())}
    return {domain: (float(mean[0]), float(mean[1])) for domain, mean in means.items()}
