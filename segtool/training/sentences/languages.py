"""What a sentence model does by language: what knowing the language brings, and which languages are weak.

    python -m segtool.training.sentences.languages --corpora DIR --model models/sentences

Two Markdown tables from the dev documents. The first: macro F1 with the language given, detected, and not known. The
second: languages of Universal Dependencies below ``WEAK``, their F1 with the card's thresholds, and with those that
would be best in hindsight, punctuated and bare stretches apart: more than any fitting of thresholds can reach.
"""

from __future__ import annotations

import argparse
import dataclasses
import pathlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from segtool.core.document import Document
from segtool.core.whitespace import canonical_offsets
from segtool.inference.card import load_card
from segtool.segmenters.language import detect, primary
from segtool.segmenters.sat import SatSegmenter
from segtool.training.sentences import finish
from segtool.training.sentences.features import moved_left
from segtool.training.sentences.forms import dev_records
from segtool.training.sentences.pack import Record

WEAK = 0.95
WEAK_HEADER = """\
| UD | sentence ends | in bare stretches | F1 | best in hindsight | thresholds for that |
|---|--:|--:|--:|--:|---|"""
GRID = np.round(np.arange(0.05, 1.0, 0.05), 2)
ROWS = {"legal": "all legal, by source", "ud": "UD, by language", "other": "other, by source", "english": "English"}
WAYS: Mapping[str, Callable[[Record], str | None]] = {
    "given": lambda record: primary(record.language),
    "detected": lambda record: detect(record.text),
    "none": lambda _record: None,
}


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """Candidates of a document: chances, thresholds there, which stand in bare stretches, and what is gold."""

    record: Record
    chances: finish.Float
    thresholds: finish.Float
    bare: npt.NDArray[np.bool_]
    gold: npt.NDArray[np.bool_]
    n_gold: int


def asked(segmenter: SatSegmenter, record: Record, language: str | None) -> Asked:
    """What a model says of a record whose language is given, or not known."""
    scores = next(iter(segmenter.score([Document(record.source, record.text, lang=language)])))["sentence"]
    gold = canonical_offsets(record.text, moved_left(record.text, record.ends).tolist())
    bare = np.zeros(len(scores.offsets), np.bool_) if scores.bare is None else scores.bare
    info = segmenter.info
    found = np.where(bare, info.threshold_for(language, is_bare=True), info.threshold_for(language))
    return Asked(record, scores.probabilities.astype(np.float64), found, bare, np.isin(scores.offsets, gold), len(gold))


def f1(items: Sequence[Asked], given: tuple[float, float] | None = None) -> float:
    """Micro F1 at the card's thresholds, or at given ones for punctuated and bare stretches."""
    hits = found = gold = 0
    for item in items:
        limits = item.thresholds if given is None else np.where(item.bare, given[1], given[0])
        chosen = item.chances >= limits
        hits += int((chosen & item.gold).sum())
        found += int(chosen.sum())
        gold += item.n_gold
    return 2 * hits / max(1, found + gold)


def best(items: Sequence[Asked]) -> tuple[float, float]:
    """The two thresholds that would have been best, one after the other."""
    clean = max(GRID, key=lambda t: f1(items, (float(t), 0.3)))
    return float(clean), float(max(GRID, key=lambda t: f1(items, (float(clean), float(t)))))


def grouped(items: Iterable[Asked]) -> dict[str, dict[str, list[Asked]]]:
    """Rows of the first table to groups to documents."""
    out: dict[str, dict[str, list[Asked]]] = {name: {} for name in ROWS}
    for item in items:
        record = item.record
        group = record.language if record.group == "ud" else record.source
        out[record.group].setdefault(group, []).append(item)
        if record.language == "en":
            out["english"].setdefault("en", []).append(item)
    return out


def main() -> None:
    """Asks the model and prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    segmenter = SatSegmenter(load_card(arguments.model))
    records = dev_records(arguments.corpora)
    by_way = {name: grouped(asked(segmenter, r, language_of(r)) for r in records) for name, language_of in WAYS.items()}
    print("| language | " + " | ".join(WAYS) + " |\n|---" + "|--:" * len(WAYS) + "|")
    for row, title in ROWS.items():
        figures = [np.mean([f1(items) for items in rows[row].values()]) for rows in by_way.values()]
        print(f"| {title} | " + " | ".join(f"{figure:.4f}" for figure in figures) + " |")
    print("\n" + WEAK_HEADER)
    languages = by_way["given"]["ud"]
    for language, items in sorted(languages.items(), key=lambda pair: f1(pair[1])):
        limits = best(items)
        bare = sum(int((item.gold & item.bare).sum()) for item in items)
        if f1(items) < WEAK:
            shown = f"{f1(items):.3f} | {f1(items, limits):.3f} | {limits[0]:.2f}, bare {limits[1]:.2f}"
            print(f"| {language} | {sum(item.n_gold for item in items):,} | {bare:,} | {shown} |")
    ceiling = np.mean([f1(items, best(items)) for items in languages.values()])
    print(f"\nUD with the best thresholds of every language in hindsight: {ceiling:.4f}")


if __name__ == "__main__":
    main()
