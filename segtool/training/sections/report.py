"""`python -m segtool.training.sections.report`: the figures of a section model's card, from an exported model.

With `--scorer` the boundaries of the dev documents are also written as JSON Lines and given to the corpora's own
scorer, so that nobody has to trust the metrics here.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segtool.inference.card import load_card
from segtool.inference.topic_model import TopicModel
from segtool.training.sections.corpus import load_corpora, read_pack
from segtool.training.sections.evaluate import Predictor, evaluate, nested_levels
from segtool.training.sections.model_card import scores_of, write_card


def model_predictor(folder: Path) -> Predictor:
    """A predictor that runs an exported model."""
    model = TopicModel.load(load_card(folder))
    return lambda documents: [model.probabilities(units) for units in documents]


def section_rows(
    identity: str, starts: Sequence[int], chances: npt.NDArray[Any], threshold: float
) -> Iterable[dict[str, Any]]:
    """Sections of one document as the scorer reads them."""
    for start, level in zip(starts, nested_levels(chances, threshold).tolist(), strict=True):
        if level:
            yield {"doc": identity, "unit": "section", "start": int(start), "level": level}


def run_scorer(scorer: Path, gold: Sequence[Path], predict: Predictor, threshold: float) -> None:
    """Print the scorer's table for both modes."""
    for mode in ("kept", "dropped"):
        emitted = subprocess.run(
            [sys.executable, scorer, *gold, "--emit", mode], check=True, capture_output=True, text=True
        ).stdout
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "predicted.jsonl"
            with path.open("w", encoding="utf-8") as file:
                for line in emitted.split("\n"):
                    if line:
                        for row in _document_rows(json.loads(line), predict, threshold):
                            file.write(json.dumps(row) + "\n")
            print(f"{mode}, threshold {threshold}", flush=True)
            subprocess.run([sys.executable, scorer, *gold, "--mode", mode, "--pred", path], check=True)


def _document_rows(record: dict[str, Any], predict: Predictor, threshold: float) -> Iterable[dict[str, Any]]:
    units = record["text"].split("\n\n")
    starts = np.concatenate([[0], np.cumsum([len(unit) + 2 for unit in units])[:-1]]).tolist()
    return section_rows(record["id"], starts, predict([units])[0], threshold)


def speed(predict: Predictor, documents: Sequence[Sequence[str]]) -> float:
    """Million characters a second of processor time."""
    characters = sum(len(unit) for units in documents for unit in units)
    before = time.process_time()
    predict(documents)
    return characters / (time.process_time() - before) / 1e6


def main() -> int:
    """Print a summary; `--json` writes all figures by domain."""
    parser = argparse.ArgumentParser(prog="python -m segtool.training.sections.report", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--pack", type=Path, help="a pack made before: its raw text is split already")
    parser.add_argument("--model", type=Path, default=Path("models/topics"))
    parser.add_argument("--threshold", type=float, default=0.4)
    parser.add_argument("--scorer", type=Path, help="score_sections.py of the corpora")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--card", action="store_true", help="write the figures into the model's card")
    options = parser.parse_args()
    predict = model_predictor(options.model)
    pack = read_pack(options.pack) if options.pack else load_corpora(options.corpora)
    report = evaluate(predict, pack.dev, pack.raw_dev, options.threshold)
    for name, (pk, f1) in report["summary"].items():
        print(f"{name:24s} Pk {pk:.4f}  F1 {f1:.4f}")
    contracts = [[text for _, _, text in r.paragraphs] for r in pack.dev if r.domain == "contract"][:30]
    print(f"{speed(predict, contracts):.2f} Mchar/s of processor time on {len(contracts)} contracts")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    if options.card:
        card = load_card(options.model)
        weights = card.parameters["part_weights"]
        write_card(options.model, card.version, weights, scores_of(report), threshold=options.threshold)
    if options.scorer:
        run_scorer(
            options.scorer, sorted((options.corpora / "sections/dev").glob("*.jsonl.zst")), predict, options.threshold
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
