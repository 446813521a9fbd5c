"""Weights of the outline's blend for a section model: ``python -m segtool.training.outline_blend CORPORA``.

Run it after either judge is trained anew, the section model or the outline's scorer. A section model has learnt its
training documents, so its chances there are too good to weigh it by. ``--fit kept-back`` fits to the documents that the
code of today keeps back from its training (one in 16) and reports on all development documents; ``--fit dev``, for the
shipped weights of ``topics`` 1.0, which were trained before on all, fits to the half of the development documents with
an even hash of their names and reports on the other half. CORPORA is the folder with ``train/*.jsonl.zst`` and
``dev/*.jsonl.zst``; a document is read with its headings, without, and with its run-in headings joined. Some five
minutes of one core; the outcome is written into the scorer's file.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

import numpy as np
import numpy.typing as npt

from segtool.core.outline import nesting
from segtool.evaluation.section_gold import Mode, keyed
from segtool.evaluation.sections import pk_f1
from segtool.inference.topic_decode import topic_levels
from segtool.segmenters.base import Segmenter
from segtool.segmenters.blend import Weights, calibrated
from segtool.segmenters.outline import Reading, decided, look, opening_lines
from segtool.segmenters.registry import section_segmenter
from segtool.segmenters.scorer import load_scorer
from segtool.settings import Settings
from segtool.training.outline_bare import BareExample, crossed_figures, fit_bare
from segtool.training.sections.corpus import is_kept_back
from segtool.training.sections_outline import as_document, documents, save

SIX = ("contract", "manual", "regulation", "rfc", "statute", "tos")
GENERAL = ("docs", "encyclopedia", "report", "textbook")
STEPS: Mapping[str, tuple[float, ...]] = {
    "agreement": (0.06, 0.09, 0.12, 0.15),
    "bias": (-0.4, -0.2, 0.0, 0.2, 0.35, 0.6),
    "topics": (0.35, 0.5, 0.66, 0.8, 1.0),
    "looks": (0.4, 0.55, 0.68, 0.85, 1.0),
    "outer": (0.2, 0.4, 0.6, 0.8),
    "topics_level": (0.45, 0.6, 0.8),
    "looks_level": (0.2, 0.3, 0.45),
    "moves": (0.35, 0.5, 0.7),
    "outer_numbered": (0.0, 0.1, 0.2),
}
"""Values tried for each weight, one after the other."""

FILES = ("contract", "tos", "law", "manual", "rfc", "docs", "report", "textbook")
THRESHOLD = 0.4
_NEWTON_STEPS = 30
_LEAST_GAIN = 0.002
"""A weight is moved if the merit rises by this much: less is chance."""


@dataclass(frozen=True, slots=True)
class Example:
    """A development document as both judges see it, with the truth.

    ``gold`` tells before which lines a section of the main depth starts, ``opens`` at which one of any depth does.
    """

    name: str
    texts: tuple[str, ...]
    mode: Mode
    domain: str
    depth: int
    reading: Reading
    gold: npt.NDArray[np.bool_]
    opens: npt.NDArray[np.bool_]


def examples(corpora: Path, part: Literal["train", "dev"], settings: Settings, share_of_law: float) -> list[Example]:
    """Documents of a part in each mode, read by the outline's scorer and scored by the section model.

    Of ``train`` only those that the section model has not learnt.
    """
    segmenter, found = section_segmenter(settings), []
    for file in FILES:
        for record in documents(corpora / part / f"{file}.jsonl.zst", share_of_law if file == "law" else 1.0, 1):
            if part == "train" and not is_kept_back(record["id"]):
                continue
            modes: tuple[Mode, ...] = ("kept", "dropped", "joined") if file == "contract" else ("kept", "dropped")
            for mode in modes:
                example = _example(record, mode, segmenter)
                if example is not None:
                    found.append(example)
    return found


def _example(record: Mapping[str, Any], mode: Mode, segmenter: Segmenter) -> Example | None:
    pairs = [(text, path) for text, path in keyed(record, mode) if text.strip()]
    depth = record.get("main_depth") or 1
    cut = [path[:depth] for _, path in pairs]
    gold = np.array([i > 0 and cut[i] != cut[i - 1] for i in range(len(cut))], np.bool_)
    opens = np.array([i > 0 and pairs[i][1] != pairs[i - 1][1] for i in range(len(pairs))], np.bool_)
    if not gold.any():
        return None
    document = as_document([(text, 0) for text, _ in pairs], record["id"])
    reading = look(document, next(iter(segmenter.score([document])))["section"])
    if reading.topics is None:
        return None
    texts = tuple(text for text, _ in pairs)
    return Example(record["id"], texts, mode, record["domain"], depth, reading, gold, opens)


def found_levels(example: Example, weights: Weights) -> npt.NDArray[np.int64]:
    """Nesting depth of the section that each line opens, 0 where it opens none."""
    reading = decided(example.reading, weights, THRESHOLD)
    n = len(reading.lines)
    levels = np.zeros(n, np.int64)
    if reading.by_topic and reading.topics is not None:
        levels[1:] = topic_levels(reading.topics[1:], example.texts, THRESHOLD)
        starts = np.flatnonzero(levels).tolist()
    else:
        levels = reading.levels.copy()
        starts = np.flatnonzero(levels).tolist() if reading.is_bare else opening_lines(reading)[0]
    nested = np.zeros(n, np.int64)
    nested[starts] = nesting([int(levels[i]) for i in starts])
    nested[:1] = 0
    return nested


def figures(chosen: Iterable[Example], weights: Weights) -> dict[str, tuple[float, float]]:
    """Pk and F1 by mode and domain (``kept tos``), and the means over the six domains and the general ones."""
    rows: dict[str, list[tuple[float, float]]] = {}
    for example in chosen:
        levels = found_levels(example, weights)
        found = (levels > 0) & (levels <= example.depth)
        rows.setdefault(f"{example.mode} {example.domain}", []).append(pk_f1(example.gold, found))
    out = {name: _mean(values) for name, values in sorted(rows.items())}
    for mode in ("kept", "dropped"):
        for label, domains in (("SIX", SIX), ("GENERAL", GENERAL)):
            means = [out[f"{mode} {domain}"] for domain in domains if f"{mode} {domain}" in out]
            if means:
                out[f"{mode} {label}"] = _mean(means)
    return out


def _mean(values: Sequence[tuple[float, float]]) -> tuple[float, float]:
    pk, f1 = np.mean(values, axis=0)
    return float(pk), float(f1)


def merit(chosen: Iterable[Example], weights: Weights) -> float:
    """What the search maximises: F1 less Pk with headings kept above all, then without them, then run-in ones."""
    found = figures(chosen, weights)
    worth = {"kept SIX": 1.0, "kept GENERAL": 0.6, "dropped SIX": 0.7, "dropped GENERAL": 0.3, "joined contract": 0.2}
    return sum(weight * (found[name][1] - found[name][0]) for name, weight in worth.items() if name in found)


def search(fitted: Sequence[Example], weights: Weights) -> Weights:
    """The best weights on ``fitted``, one weight after the other, from ``weights`` on."""
    best = merit(fitted, weights)
    for name, values in STEPS.items():
        for value in values:
            tried = replace(weights, **{name: value})
            worth = merit(fitted, tried)
            if worth > best + _LEAST_GAIN:
                best, weights = worth, tried
        print(f"{name} {getattr(weights, name)}: {best:.4f}", flush=True)
    return weights


def bare_examples(chosen: Iterable[Example]) -> list[BareExample]:
    """The documents without headings, as the network for them learns from them."""
    return [
        BareExample.of(e.reading, e.reading.topics, e.name, e.domain, e.depth, e.gold)
        for e in chosen
        if e.mode == "dropped" and e.reading.topics is not None
    ]


def chances_and_truth(
    chosen: Iterable[Example], weights: Weights
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """For every line of documents with headings its uncalibrated chance, the truth, and a weight (1 a document)."""
    chances, truth, shares = [], [], []
    for example in chosen:
        reading = decided(example.reading, weights, THRESHOLD)
        if example.mode == "dropped" or reading.by_topic or reading.is_bare:
            continue
        chances.append(1 - reading.chances[1:, 0].astype(np.float64))
        truth.append(example.opens[1:])
        shares.append(np.full(len(truth[-1]), 1 / max(len(truth[-1]), 1)))
    return np.concatenate(chances), np.concatenate(truth), np.concatenate(shares)


def calibrate(fitted: Iterable[Example], weights: Weights) -> Weights:
    """The weights with slope and shift of the log-odds by logistic regression (Platt), by Newton's method."""
    chances, truth, shares = chances_and_truth(fitted, weights)
    inside = np.clip(chances, 1e-6, 1 - 1e-6)
    design = np.stack([np.log(inside / (1 - inside)), np.ones(len(inside))], axis=1)
    signs = np.where(truth, 1.0, -1.0)
    theta, damping = np.array([1.0, 0.0]), 1e-3 * shares.sum()

    def loss(at: npt.NDArray[np.float64]) -> float:
        return float((shares * np.logaddexp(0, -signs * (design @ at))).sum())

    for _ in range(_NEWTON_STEPS):
        predicted = np.exp(-np.logaddexp(0, -design @ theta))
        gradient = design.T @ (shares * (truth - predicted))
        curvature = (design * (shares * predicted * (1 - predicted))[:, None]).T @ design
        step = np.linalg.solve(curvature + damping * np.eye(2), gradient)
        while loss(theta + step) > loss(theta) and np.abs(step).max() > 1e-9:
            step = step / 2
        theta = theta + step
    return replace(weights, slope=float(theta[0]), shift=float(theta[1]))


def reliability(held_out: Iterable[Example], weights: Weights) -> tuple[float, list[tuple[float, float, int]]]:
    """Expected calibration error of the chances of a heading, and for each tenth mean chance, truth and number."""
    raw, truth, _ = chances_and_truth(held_out, weights)
    chances = calibrated(raw.astype(np.float32), weights)
    bins = np.minimum((chances * 10).astype(int), 9)
    rows, error = [], 0.0
    for tenth in range(10):
        inside = bins == tenth
        if inside.any():
            rows.append((float(chances[inside].mean()), float(truth[inside].mean()), int(inside.sum())))
            error += abs(rows[-1][0] - rows[-1][1]) * inside.mean()
    return float(error), rows


def main() -> None:
    """Fit, write the weights, report on documents that were not fitted to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--output", type=Path, default=Path(__file__).parents[1] / "segmenters" / "outline.npz")
    parser.add_argument("--models-path", type=Path, default=None)
    parser.add_argument("--fit", choices=("kept-back", "dev"), default="kept-back")
    parser.add_argument(
        "--only", choices=("calibration", "bare", "nothing"), help="fit that alone; the rest stays as it is"
    )
    args = parser.parse_args()
    settings = Settings(models_path=args.models_path)
    scorer = load_scorer()
    weights = scorer.weights
    development = examples(args.corpora, "dev", settings, 1.0)
    fitted, held_out, kept_back = development, development, []
    if args.fit == "dev":
        fitted = [example for example in development if crc32(example.name.encode()) % 2 == 0]
        held_out = [example for example in development if crc32(example.name.encode()) % 2]
    elif args.only != "nothing":
        fitted = kept_back = examples(args.corpora, "train", settings, 0.6)
    print(f"{len(fitted)} documents to fit, {len(held_out)} to report on", flush=True)
    if args.only in (None, "bare"):
        bare, others = bare_examples(development), bare_examples(kept_back)
        for domain, (pk, f1) in crossed_figures(bare, THRESHOLD * weights.bare, others).items():
            print(f"without headings, {domain}, halves crossed: {pk:.4f} / {f1:.4f}", flush=True)
        scorer = replace(scorer, bare=fit_bare([*bare, *others]))
    if args.only is None:
        weights = search(fitted, weights)
    if args.only in (None, "calibration"):
        weights = calibrate(fitted, weights)
    if args.only != "nothing":
        save(replace(scorer, weights=weights), args.output)
    print(weights, flush=True)
    before = figures(held_out, scorer.weights)
    for name, (pk, f1) in figures(held_out, weights).items():
        print(f"{name:24s} {before[name][0]:.4f} / {before[name][1]:.4f} -> {pk:.4f} / {f1:.4f}")
    error, rows = reliability(held_out, weights)
    print(f"expected calibration error {error:.4f}")
    for chance, share, n in rows:
        print(f"  chance {chance:.3f}  truth {share:.3f}  lines {n}")


if __name__ == "__main__":
    main()
