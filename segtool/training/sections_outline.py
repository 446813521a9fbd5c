"""Weights of the outline's scorer from the section corpora: ``python -m segtool.training.sections_outline CORPORA``.

CORPORA is the folder with ``train/*.jsonl.zst``. Documents are read as they stand with their headings kept; contracts
once more with run-in headings joined to their paragraphs. Takes a few minutes of CPU; the seed is fixed.
"""

from __future__ import annotations

import argparse
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import torch
import zstandard

from segtool.core.document import Document, Paragraph
from segtool.core.span import Span
from segtool.segmenters.evidence import evidence
from segtool.segmenters.headings import N_BUCKETS, Line
from segtool.segmenters.scorer import N_CLASSES, Network, Scorer, aggregates, load_scorer, word_columns
from segtool.segmenters.sequences import Sequence
from segtool.training.outline_moves import MoveExamples, fit_moves

SHARES = {
    "contract": 1.0, "tos": 0.9, "law": 0.3, "manual": 1.0, "rfc": 1.0, "docs": 1.0, "report": 1.0, "textbook": 1.0,
    "decision": 1.0, "book": 0.2,
}  # fmt: skip
"""Part of each file that is read."""
WEIGHTS = {
    "contract": 1.0, "tos": 1.3, "statute": 1.0, "regulation": 1.0, "manual": 1.2, "rfc": 1.0, "docs": 0.8,
    "report": 0.8, "textbook": 0.8, "encyclopedia": 0.5, "decision": 0.1, "book": 0.1,
}  # fmt: skip
"""Weight of a domain in the loss, shared among its documents."""
BARE_SHARE, BARE_WEIGHT = 0.2, 0.1
"""Part of the documents that are read once more without their headings, and the weight of those beside the others."""
N_VECTOR = 8
"""Length of the vector of a word."""


def documents(path: Path, share: float, seed: int) -> Iterator[dict[str, Any]]:
    """A random part of the records of a corpus file."""
    chosen = random.Random(seed)
    with path.open("rb") as packed:
        stream = zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(packed)
        for line in io.TextIOWrapper(stream, "utf-8"):
            if chosen.random() < share:
                yield json.loads(line)


def items(record: dict[str, Any], joined: bool) -> list[tuple[str, int]]:
    """Text and heading level (0: none) of each paragraph, run-in headings joined again if asked."""
    found: list[tuple[str, int]] = []
    open_heading = False
    for paragraph in record["paragraphs"]:
        is_heading = paragraph["kind"] == "heading"
        if open_heading and not is_heading:
            text, level = found.pop()
            found.append((f"{text} {paragraph['text']}", level))
        else:
            found.append((paragraph["text"], paragraph["level"] if is_heading else 0))
        open_heading = bool(joined and paragraph.get("run_in"))
    return [(text, level) for text, level in found if text.strip()]


def as_document(pairs: list[tuple[str, int]], name: str) -> Document:
    """The document that the scorer of the corpora emits: paragraphs joined by a blank line, no layout."""
    paragraphs, at = [], 0
    for text, _ in pairs:
        start = at + len(text) - len(text.lstrip())
        paragraphs.append(Paragraph(Span(start, start + len(text.strip()))))
        at += len(text) + 2
    return Document(name, "\n\n".join(text for text, _ in pairs), tuple(paragraphs))


class Examples:
    """Features, targets and weights of many documents."""

    def __init__(self) -> None:
        self.rows: list[np.ndarray[Any, Any]] = []
        self.targets: list[np.ndarray[Any, Any]] = []
        self.domains: list[tuple[str, bool]] = []
        self.words: list[np.ndarray[Any, Any]] = []
        self.reads: list[tuple[list[Line], Sequence]] = []
        self.moves = MoveExamples()

    def add(self, record: dict[str, Any], joined: bool = False, bare: bool = False) -> None:
        """Read one document, or its body alone; some with their title on top, which opens no section."""
        pairs = [pair for pair in items(record, joined) if not (bare and pair[1])]
        if not pairs:
            return
        title = (record.get("title") or "").strip()
        if title and record["domain"] != "contract" and crc32(record["id"].encode()) % 10 < 3:
            pairs = [(title, 0), *pairs]
        lines, sequence, rows = evidence(as_document(pairs, record["id"]))
        self.rows.append(rows.astype(np.float16))
        self.words.append(word_columns(lines).astype(np.int16))
        self.targets.append(np.minimum([level for _, level in pairs], N_CLASSES - 1))
        self.domains.append((record["domain"], bare))
        self.reads.append((lines, sequence))
        if not (bare or joined):
            levels = np.array([level for _, level in pairs], np.int64)
            self.moves.add(lines, sequence, rows, levels, record["domain"])

    def weights(self) -> np.ndarray[Any, Any]:
        """One weight a line, such that domains weigh as ``WEIGHTS`` says and long documents less than their length."""
        per_document = np.array([1 / len(t) ** 0.6 for t in self.targets])
        totals: dict[tuple[str, bool], float] = {}
        for domain, targets, weight in zip(self.domains, self.targets, per_document, strict=True):
            totals[domain] = totals.get(domain, 0) + weight * len(targets)
        return np.concatenate(
            [
                np.full(len(targets), weight * WEIGHTS[domain[0]] * (BARE_WEIGHT if domain[1] else 1) / totals[domain])
                for domain, targets, weight in zip(self.domains, self.targets, per_document, strict=True)
            ]
        )


class Net(torch.nn.Module):
    """The network of the scorer, with the scale of its features taken from a sample of them."""

    def __init__(self, sample: torch.Tensor, hidden: int) -> None:
        super().__init__()
        self.mean = sample.mean(0)
        self.scale = 1 / (sample.std(0) + 0.05)
        self.table = torch.nn.EmbeddingBag(N_BUCKETS + 1, N_VECTOR, mode="sum", padding_idx=0)
        torch.nn.init.normal_(self.table.weight, std=0.05)
        self.inner = torch.nn.Linear(sample.shape[1] + N_VECTOR, hidden)
        self.outer = torch.nn.Linear(hidden, N_CLASSES)

    def forward(self, rows: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        """Logits of the classes; in training words are hidden, one by one and for whole lines."""
        if self.training:
            words = words * (torch.rand(words.shape) > 0.2) * (torch.rand(len(words), 1) > 0.3)
        x = torch.cat([(rows.float() - self.mean) * self.scale, self.table(words)], 1)
        y: torch.Tensor = self.outer(torch.nn.functional.dropout(self.inner(x).relu(), 0.1, self.training))
        return y

    def export(self) -> Network:
        """The same network in numpy, the scale folded into its first layer."""
        w1 = self.inner.weight.detach().T.clone()
        n = len(self.mean)
        w1[:n] *= self.scale[:, None]
        b1 = self.inner.bias.detach() - self.mean @ w1[:n]
        table = self.table.weight.detach().clone()
        table[0] = 0
        parts = (table, w1, b1, self.outer.weight.detach().T, self.outer.bias.detach())
        return Network(*(part.contiguous().float().numpy() for part in parts))


def fit(rows: Any, words: Any, targets: Any, weights: Any, hidden: int, epochs: int, seed: int) -> Network:
    """One network by weighted cross entropy."""
    torch.manual_seed(seed)
    x, v, y = torch.from_numpy(rows), torch.from_numpy(words), torch.from_numpy(targets)
    w = torch.from_numpy(weights / weights.mean())
    net = Net(x[:: max(1, len(x) // 100_000)].float(), hidden)
    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=0.02)
    size = 2048
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, epochs * (len(x) // size + 1), pct_start=0.1)
    for epoch in range(epochs):
        order = torch.randperm(len(x))
        total = 0.0
        for at in range(0, len(x), size):
            batch = order[at : at + size]
            logits = net(x[batch], v[batch].long())
            loss = (torch.nn.functional.cross_entropy(logits, y[batch], reduction="none") * w[batch]).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(batch)
        print(f"epoch {epoch}: loss {total / len(x):.4f}", flush=True)
    return net.eval().export()


def main() -> None:
    """Read the corpora, fit the networks, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--output", type=Path, default=Path(__file__).parents[1] / "segmenters" / "outline.npz")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--hidden", type=int, default=96)
    parser.add_argument("--share", type=float, default=1.0, help="part of the usual documents, for trials")
    args = parser.parse_args()
    torch.set_num_threads(1)
    examples = Examples()
    for name, share in SHARES.items():
        for record in documents(args.corpora / "train" / f"{name}.jsonl.zst", share * args.share, 1):
            examples.add(record)
            if name == "contract":
                examples.add(record, joined=True)
            if crc32(record["id"].encode()) % 100 < 100 * BARE_SHARE:
                examples.add(record, bare=True)
    rows, targets, weights = np.concatenate(examples.rows), np.concatenate(examples.targets), examples.weights()
    print(f"{len(examples.domains)} documents, {len(rows)} lines, {rows.shape[1]} features", flush=True)
    weights = weights.astype(np.float32)
    words = np.concatenate(examples.words)
    first = fit(rows, words, targets, weights, args.hidden // 2, max(2, args.epochs // 2), 1)
    reads = zip(examples.reads, examples.rows, examples.words, strict=True)
    kin = [aggregates(*read, first(row.astype(np.float32), w.astype(np.int64))) for read, row, w in reads]
    rows = np.concatenate([rows, np.concatenate(kin).astype(np.float16)], axis=1)
    second = fit(rows, words, targets, weights, args.hidden, args.epochs, 2)
    moves = fit_moves(examples.moves, 3)
    save(Scorer(first, second, moves, load_scorer().bare), args.output)  # refitted by ``outline_blend``


def save(scorer: Scorer, path: Path) -> None:
    """Write the weights in half precision."""
    layers = ("w1", "b1", "w2", "b2")
    names = {
        "first": ("table", *layers),
        "second": ("table", *layers),
        "moves": layers,
        "bare": (*layers, "scale"),
    }
    arrays = {
        f"{name}.{part}": getattr(getattr(scorer, name), part).astype(np.float16)
        for name, parts in names.items()
        for part in parts
    }
    np.savez_compressed(path, **arrays, weights=scorer.weights.to_array())


if __name__ == "__main__":
    main()
