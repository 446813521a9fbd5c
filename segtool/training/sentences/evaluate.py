"""Scores of a finished segmenter: F1 as the official scorer counts it, calibration, and thresholds.

Boundaries are the positions after the last non-space character of a sentence; the end of a document is none.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segtool.core.document import Document
from segtool.evaluation.corruption import VARIANTS
from segtool.segmenters.base import Segmenter
from segtool.segmenters.language import primary
from segtool.training.sentences.features import moved_left
from segtool.training.sentences.measure import COURT
from segtool.training.sentences.pack import MAIN_LANGUAGES, Record

MakeDocument = Callable[[str], Document]


@dataclass(frozen=True, slots=True)
class Result:
    """A document's candidates: which are gold boundaries, their chances, and gold boundaries without a candidate."""

    record: Record
    chances: npt.NDArray[np.float32]
    gold: npt.NDArray[np.bool_]
    n_missed: int


def results(records: Sequence[Record], segmenter: Segmenter, variant: str, make: MakeDocument) -> list[Result]:
    """Candidates of all records under a corruption of ``corruption.VARIANTS``."""
    corrupted = [VARIANTS[variant](record.text, record.ends) for record in records]
    scored = segmenter.score(
        dataclasses.replace(make(text), lang=primary(record.language))
        for record, (text, _) in zip(records, corrupted, strict=True)
    )
    out = []
    for record, (text, ends), scores in zip(records, corrupted, scored, strict=True):
        last = len(text.rstrip())
        gold = moved_left(text, ends)
        gold = gold[gold < last]
        found = moved_left_each(text, scores["sentence"].offsets)
        hit = np.isin(found, gold)
        out.append(Result(record, scores["sentence"].probabilities, hit, len(gold) - int(hit.sum())))
    return out


def moved_left_each(text: str, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The end of the unit before each start: the position after its last non-space character."""
    ends = starts.copy()
    for i, end in enumerate(ends.tolist()):
        while end > 0 and text[end - 1].isspace():
            end -= 1
        ends[i] = end
    return ends


def f1(rows: Iterable[Result], threshold: float) -> float:
    """Micro-averaged F1 of a group."""
    hits = found = gold = 0
    for row in rows:
        chosen = row.chances >= threshold
        hits += int((chosen & row.gold).sum())
        found += int(chosen.sum())
        gold += int(row.gold.sum()) + row.n_missed
    return 2 * hits / (found + gold) if found + gold else 1.0


def calibration_error(rows: Iterable[Result], bins: int = 10, least: float = 0.05) -> float:
    """Expected calibration error over candidates with at least ``least`` chance, in bins of equal width."""
    rows = list(rows)
    chances = np.concatenate([np.zeros(0, np.float32), *(row.chances for row in rows)])
    gold = np.concatenate([np.zeros(0, np.bool_), *(row.gold for row in rows)])
    keep = chances >= least
    chances, gold = chances[keep], gold[keep]
    if not len(chances):
        return 0.0
    index = np.minimum((chances * bins).astype(int), bins - 1)
    error = 0.0
    for b in range(bins):
        inside = index == b
        if inside.any():
            error += abs(float(chances[inside].mean()) - float(gold[inside].mean())) * float(inside.mean())
    return error


def groups(results_: Iterable[Result]) -> dict[str, dict[str, list[Result]]]:
    """Measures to groups to results: court, legal, other by source; ud and macro18 by language; English."""
    out: dict[str, dict[str, list[Result]]] = collections.defaultdict(lambda: collections.defaultdict(list))
    for row in results_:
        record = row.record
        if record.source.startswith(COURT):
            out["court"][record.source].append(row)
        if record.group in ("legal", "other"):
            out[record.group][record.source].append(row)
        if record.group == "ud":
            out["ud"][record.language].append(row)
            if record.language in MAIN_LANGUAGES:
                out["macro18"][record.language].append(row)
            if record.language == "en":
                out["ud-english"]["en"].append(row)
        if record.group in ("ntrex", "flores", "tico"):
            out["translations"][record.language].append(row)
        if record.language == "en":
            out["english"]["en"].append(row)
    return out


def macro(by_group: dict[str, list[Result]], threshold: float) -> float:
    """Mean F1 over groups."""
    return float(np.mean([f1(rows, threshold) for rows in by_group.values()]))
