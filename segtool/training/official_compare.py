"""segtool against the wtpsplit package on one SaT model: boundaries, and CPU time, on one thread.

    python -m segtool.training.official_compare FOLDER --corpora CORPORA

Boundaries of wtpsplit are its own: ``SaT.predict_proba`` with its default stride, 64, and its float16 sums.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from segtool.core.document import Document
from segtool.core.whitespace import canonical_offsets
from segtool.segmenters.wtpsplit_sat import WtpsplitSegmenter
from segtool.training.official_shape import held_out, read_english

Starts = list[set[int]]


def by_segtool(texts: Sequence[str], folder: Path, threshold: float, stride: int | None = None) -> Starts:
    """Sentence starts of each text by segtool, in its own windows or in wtpsplit's."""
    segmenter = WtpsplitSegmenter(folder, stride=stride)
    scored = (scores["sentence"] for scores in segmenter.score(Document("", text) for text in texts))
    return [set(scores.offsets[scores.probabilities > threshold].tolist()) for scores in scored]


def by_wtpsplit(texts: Sequence[str], sat: Any, threshold: float) -> Starts:
    """Sentence starts of each text by the wtpsplit package."""
    chances = sat.predict_proba(list(texts), stride=64)
    return [
        set(canonical_offsets(text, np.flatnonzero(values > threshold) + 1).tolist())
        for text, values in zip(texts, chances, strict=True)
    ]


def f1(one: Starts, other: Starts) -> float:
    """F1 of one set of starts against another."""
    common = sum(len(a & b) for a, b in zip(one, other, strict=True))
    return 2 * common / (sum(map(len, one)) + sum(map(len, other)))


def main() -> None:
    """Compare on the English dev documents, or those held out of training, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--threshold", type=float, default=0.25)
    parser.add_argument("--hold-out", type=int, metavar="SEED", help="training documents kept apart with this seed")
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    from wtpsplit import SaT  # type: ignore[attr-defined]

    folder = str(arguments.folder)
    sat = SaT(folder, tokenizer_name_or_path=folder, ort_providers=["CPUExecutionProvider"])
    if arguments.hold_out is None:
        documents = read_english(arguments.corpora, "dev")
    else:
        _, documents = held_out(read_english(arguments.corpora, "train"), arguments.hold_out)
    texts = [text for text, _ in documents]
    gold = [set(canonical_offsets(text, ends).tolist()) for text, ends in documents]
    runs: list[Callable[[], Starts]] = [
        lambda: by_wtpsplit(texts, sat, arguments.threshold),
        lambda: by_segtool(texts, arguments.folder, arguments.threshold),
        lambda: by_segtool(texts, arguments.folder, arguments.threshold, 64),
        lambda: by_segtool(texts, arguments.folder, arguments.threshold, 192),
    ]
    results, seconds = [], []
    for run in runs:
        begin = time.process_time()
        results.append(run())
        seconds.append(time.process_time() - begin)
    n_characters, theirs = sum(map(len, texts)), results[0]
    print(f"{len(texts)} documents, {n_characters} characters, {sum(map(len, gold))} gold boundaries")
    names = ("wtpsplit, stride 64", "segtool", "segtool, stride 64", "segtool, stride 192")
    for name, starts, cpu_s in zip(names, results, seconds, strict=True):
        speed, differ = n_characters / cpu_s / 1000, sum(len(a ^ b) for a, b in zip(starts, theirs, strict=True))
        print(
            f"{name}: {sum(map(len, starts))} boundaries, F1 {f1(starts, gold):.4f}, {speed:.1f} kchar/s of CPU;"
            f" {differ} differ from wtpsplit's, F1 {f1(starts, theirs):.5f}"
        )


if __name__ == "__main__":
    main()
