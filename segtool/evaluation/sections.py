"""The section benchmark: Pk and F1 of section boundaries, with headings kept or dropped, beside the peers.

The metrics are those of the corpora's scorer: boundaries between paragraphs down to each document's main depth (or
another), averaged over documents and then over groups; besides, how many of the boundaries that are right at any depth
have the right level. All runs of one call see the same documents on the same core.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segtool.core.outline import nesting
from segtool.errors import UsageError
from segtool.evaluation.section_gold import SectionGold, joined
from segtool.evaluation.section_peers import PEERS, Levels
from segtool.inference.topic_decode import section_levels
from segtool.pipeline import segment_documents
from segtool.segmenters.base import Segmenter
from segtool.segmenters.registry import section_segmenter
from segtool.settings import Settings

QUICK_METHODS = ("segtool", "topics", "texttiling", "heading-rules")
FOREIGN = "kaos-nlp-core"
"""The peer that another Python runs."""

METHODS = ("segtool", "topics", *PEERS, FOREIGN)
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
_RUNNER = Path(__file__).with_name("section_peer_runner.py")


@dataclass(frozen=True, slots=True)
class SectionResult:
    """One method's line of the table.

    Attributes:
        name: of the method.
        groups: Pk, F1 and documents by group.
        characters_per_s: of CPU time.
        levels: by group, boundaries of any depth found right, and those of them with the right nesting depth.
    """

    name: str
    groups: Mapping[str, tuple[float, float, int]]
    characters_per_s: float
    levels: Mapping[str, tuple[int, int]]

    @property
    def exact_levels(self) -> float:
        """Of the boundaries found right, at any depth and in all groups, the share with the right nesting depth."""
        right, exact = (sum(column) for column in zip(*self.levels.values(), strict=True))
        return exact / right if right else 0.0

    @property
    def macro(self) -> tuple[float, float]:
        """Mean Pk and F1 over the groups."""
        rows = list(self.groups.values())
        return sum(r[0] for r in rows) / len(rows), sum(r[1] for r in rows) / len(rows)

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        pk, f1 = self.macro
        groups = {
            name: {
                "pk": round(row[0], 5),
                "f1": round(row[1], 5),
                "documents": row[2],
                "right": self.levels[name][0],
                "exact_level": self.levels[name][1],
            }
            for name, row in sorted(self.groups.items())
        }
        return {
            "name": self.name,
            "macro_pk": round(pk, 5),
            "macro_f1": round(f1, 5),
            "exact_levels": round(self.exact_levels, 5),
            "characters_per_s": round(self.characters_per_s),
            "groups": groups,
        }


def pk_f1(gold: NDArray[np.bool_], found: NDArray[np.bool_]) -> tuple[float, float]:
    """Pk (Beeferman et al. 1999) with k half the mean section, and F1 of exact boundaries."""
    n, n_gold = len(gold), int(gold.sum())
    total = n_gold + int(found.sum())
    f1 = 2 * int((gold & found).sum()) / total if total else 0.0
    k = max(1, round(n / (n_gold + 1) / 2))
    if n <= k:
        return 0.0, f1
    sums = np.zeros((2, n + 1), np.int64)
    np.cumsum([gold, found], axis=1, out=sums[:, 1:])
    between = sums[:, k + 1 :] - sums[:, 1 : n - k + 1]
    return float(np.mean((between[0] == 0) != (between[1] == 0))), f1


def run(name: str, documents: Sequence[SectionGold], settings: Settings, python: str | None = None) -> SectionResult:
    """One method over all documents: `segtool` (model and outline), `topics` (the model alone), or a peer.

    Args:
        name: One of `METHODS`.
        documents: What to find sections in.
        settings: Of segtool.
        python: The Python that has kaos-nlp-core.

    Raises:
        UsageError: if a peer is not installed or can't be run.
    """
    found, cpu_s = timed(name, documents, settings, python)
    rows: dict[str, list[tuple[float, float, int, int]]] = {}
    for document, level in zip(documents, found, strict=True):
        starts = (level > 0) & (level <= document.depth)
        starts[:1] = False
        right = (level > 0) & (document.levels > 0)
        exact = right & (level == document.levels)
        values = (*pk_f1(document.gold, starts), int(right.sum()), int(exact.sum()))
        rows.setdefault(document.group, []).append(values)
    sums = {group: tuple(sum(column) for column in zip(*values, strict=True)) for group, values in rows.items()}
    groups = {group: (sums[group][0] / len(v), sums[group][1] / len(v), len(v)) for group, v in rows.items()}
    levels = {group: (int(total[2]), int(total[3])) for group, total in sums.items()}
    characters = sum(len(document.document.text) for document in documents)
    return SectionResult(name, groups, characters / cpu_s if cpu_s else 0.0, levels)


def timed(
    name: str, documents: Sequence[SectionGold], settings: Settings, python: str | None = None
) -> tuple[list[Levels], float]:
    """Levels of each document by one method, and CPU seconds without loading; arguments as of `run`."""
    if name == FOREIGN:
        return _by_foreign(documents, python)
    levels_of = _method(name, settings)
    if not documents:
        return [], 0.0
    found = levels_of([_start_of(documents[0]), *documents])
    next(found)  # models load when the first document needs them
    begin = time.process_time()
    rest = list(found)
    return rest, time.process_time() - begin


def _start_of(gold: SectionGold, n_paragraphs: int = 20) -> SectionGold:
    return joined(gold.document.id, gold.units[:n_paragraphs], gold.gold[:n_paragraphs])


Method = Callable[[Sequence[SectionGold]], Iterator[Levels]]


def _method(name: str, settings: Settings) -> Method:
    if name == "segtool":
        return lambda documents: _by_pipeline(documents, settings)
    if name == "topics":
        segmenter = section_segmenter(settings)
        return lambda documents: _by_model(documents, segmenter)
    try:
        peer = PEERS[name]()
    except ImportError as error:
        raise UsageError(f"{name}: {error.name} is not installed here (scripts/bench-requirements.txt)") from error
    return lambda documents: (_nested(peer(gold.units)) for gold in documents)


def _by_foreign(documents: Sequence[SectionGold], python: str | None) -> tuple[list[Levels], float]:
    if python is None:
        raise UsageError(f"{FOREIGN}: needs --peers-python, a Python that has it (scripts/bench-requirements.txt)")
    lines = "".join(json.dumps({"units": gold.units}) + "\n" for gold in documents)
    try:
        done = subprocess.run(
            [python, str(_RUNNER)],
            input=lines.encode("ascii"),
            capture_output=True,
            check=False,
            env={**os.environ, **ONE_THREAD},
        )
    except OSError as error:
        raise UsageError(f"--peers-python {python}: can't be run ({error})") from error
    if done.returncode:
        reason = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"])[-1]
        raise UsageError(f"{FOREIGN} fails in {python}: {reason} (see scripts/bench-requirements.txt)")
    *rows, summary = (json.loads(line) for line in done.stdout.splitlines())
    return [_nested(np.array(row["levels"], np.int64)) for row in rows], float(summary["cpu_s"])


def _by_pipeline(documents: Sequence[SectionGold], settings: Settings) -> Iterator[Levels]:
    segmentations = segment_documents((gold.document for gold in documents), layers=("section",), settings=settings)
    for gold, segmentation in zip(documents, segmentations, strict=True):
        layer = segmentation.layers["section"]
        levels = np.zeros(len(gold.gold), np.int64)
        levels[np.searchsorted(_starts(gold), layer.offsets, side="right") - 1] = layer.levels
        yield levels


def _by_model(documents: Sequence[SectionGold], segmenter: Segmenter) -> Iterator[Levels]:
    for gold, mapping in zip(documents, segmenter.score(gold.document for gold in documents), strict=True):
        scores = mapping["section"]
        levels = np.zeros(len(gold.gold), np.int64)
        inside = np.searchsorted(_starts(gold), scores.offsets, side="right") - 1
        levels[inside] = section_levels(scores.probabilities)
        yield _nested(levels)


def _starts(gold: SectionGold) -> NDArray[np.int64]:
    return np.array([p.span.start for p in gold.document.paragraphs], np.int64)


def _nested(levels: Levels) -> Levels:
    levels = levels.copy()
    levels[:1] = 0
    starts = np.flatnonzero(levels)
    levels[starts] = nesting([int(level) for level in levels[starts]])
    return levels


def table(results: Sequence[SectionResult]) -> list[str]:
    """Pk / F1 of each method by group, their mean, the share of exact levels, and speed."""
    names = sorted({name for result in results for name in result.groups})
    widths = [max(15, len(result.name)) for result in results]
    lines = [f"{'Pk / F1':16s}" + "".join(f"  {r.name:>{w}}" for r, w in zip(results, widths, strict=True))]
    rows = [(name, [result.groups[name][:2] for result in results]) for name in names]
    rows.append(("macro", [result.macro for result in results]))
    for name, values in rows:
        cells = (f"{pk:.4f} / {f1:.4f}" for pk, f1 in values)
        lines.append(f"{name:16s}" + "".join(f"  {cell:>{w}}" for cell, w in zip(cells, widths, strict=True)))
    shares = (f"{result.exact_levels:.4f}" for result in results)
    lines.append(f"{'exact levels':16s}" + "".join(f"  {s:>{w}}" for s, w in zip(shares, widths, strict=True)))
    speeds = (f"{r.characters_per_s / 1e6:.3f}" for r in results)
    lines.append(f"{'Mchar/s of CPU':16s}" + "".join(f"  {s:>{w}}" for s, w in zip(speeds, widths, strict=True)))
    return lines
