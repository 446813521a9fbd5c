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
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from segtool.inference.card import load_card
from segtool.inference.topic_model import TopicModel
from segtool.training.sections.cache import N_DEPTHS
from segtool.training.sections.calibrate import fit, is_fitted_on, judge, reliability
from segtool.training.sections.corpus import RawRecord, SectionRecord, load_corpora, read_pack
from segtool.training.sections.evaluate import Predictor, TestDocument, all_choi_tests, evaluate, nested_levels
from segtool.training.sections.model_card import scores_of, write_card


def model_predictor(folder: Path) -> Predictor:
    """A predictor that runs an exported model."""
    model = TopicModel.load(load_card(folder))
    return lambda documents: [model.probabilities(units) for units in documents]


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
                        for row in _document_rows(json.loads(line), predict, threshold, mode):
                            file.write(json.dumps(row) + "\n")
            print(f"{mode}, threshold {threshold}", flush=True)
            subprocess.run([sys.executable, scorer, *gold, "--mode", mode, "--pred", path], check=True)


def _document_rows(record: dict[str, Any], predict: Predictor, threshold: float, mode: str) -> Iterable[dict[str, Any]]:
    """Sections of one document as the scorer reads them."""
    units = record["text"].split("\n\n")
    starts = np.concatenate([[0], np.cumsum([len(unit) + 2 for unit in units])[:-1]]).tolist()
    levels = nested_levels(predict([units])[0], threshold, units if mode == "dropped" else ())
    for start, level in zip(starts, levels.tolist(), strict=True):
        if level:
            yield {"doc": record["id"], "unit": "section", "start": int(start), "level": level}


def speed(predict: Predictor, documents: Sequence[Sequence[str]]) -> float:
    """Million characters a second of processor time."""
    characters = sum(len(unit) for units in documents for unit in units)
    before = time.process_time()
    predict(documents)
    return characters / (time.process_time() - before) / 1e6


def calibrate(folder: Path, dev: Sequence[SectionRecord]) -> None:
    """Write scale and shift of the log-odds of a model into its card, fitted on half of dev."""
    card = load_card(folder)
    found = fit(judge(model_predictor(folder), filter(is_fitted_on, dev)))
    before = card.parameters.get("calibration", [[1.0, 0.0]] * len(found))
    after = [[round(a * c, 4), round(a * d + b, 4)] for (a, b), (c, d) in zip(found, before, strict=True)]
    write_card(folder, card.version, {**card.parameters, "calibration": after}, [])
    print("calibration", after)


def print_reliability(predict: Predictor, dev: Sequence[SectionRecord]) -> None:
    """Print how well the chances hold on the half of dev that calibration does not see."""
    kept_apart = [record for record in dev if not is_fitted_on(record)]
    for mode in ("kept", "dropped"):
        judged = judge(predict, kept_apart, [mode == "dropped"])
        errors = [f"{reliability(judged, column)[0]:.4f}" for column in range(N_DEPTHS)]
        print(
            f"{mode}: calibration error at depth 1 to 4 and main depth {' '.join(errors)}; main depth, said and true:"
        )
        print("  " + ", ".join(f"{row['said']:.2f} {row['true']:.2f}" for row in reliability(judged)[1]))


def print_without_headings(predict: Predictor, dev: Sequence[SectionRecord]) -> None:
    """Print `topic_decode.WITHOUT_HEADINGS` fitted on half of dev without headings, and the error on the other half."""
    scales = np.array(fit(judge(predict, filter(is_fitted_on, dev), [True])))
    print("without headings:", ", ".join(f"({scale:.3f}, {shift:.3f})" for scale, shift in scales))
    judged = judge(predict, [record for record in dev if not is_fitted_on(record)], [True])
    fitted = replace(judged, log_odds=judged.log_odds * scales[:, 0] + scales[:, 1])
    for name, chances in (("before", judged), ("after", fitted)):
        errors = [f"{reliability(chances, column)[0]:.4f}" for column in range(N_DEPTHS)]
        print(f"  calibration error {name}: {' '.join(errors)}")


def write_topic_tests(folder: Path, raw_dev: Sequence[RawRecord]) -> None:
    """Write the joined documents as the section corpora are written, for `segtool bench sections --mode dropped`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, tests in all_choi_tests(raw_dev).items():
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8", newline="\n") as file:
            for number, test in enumerate(tests):
                file.write(json.dumps(_as_corpus(f"{name} {number}", test), ensure_ascii=False) + "\n")


def _as_corpus(identity: str, test: TestDocument) -> dict[str, Any]:
    paragraphs: list[dict[str, Any]] = []
    title = ""
    for i, (unit, starts) in enumerate(zip(test.units, test.gold, strict=True)):
        if starts or not i:
            title = f"Piece at {i}"
            paragraphs.append({"text": title, "kind": "heading", "level": 1, "path": []})
        paragraphs.append({"text": unit, "kind": "body", "level": 0, "path": [title]})
    return {"id": identity, "domain": test.group, "main_depth": 1, "paragraphs": paragraphs}


def main() -> int:
    """Print a summary; `--json` writes all figures by domain."""
    parser = argparse.ArgumentParser(prog="python -m segtool.training.sections.report", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--pack", type=Path, help="a pack made before: its raw text is split already")
    parser.add_argument("--model", type=Path, default=Path("models/topics"))
    parser.add_argument("--threshold", type=float, default=0.4)
    parser.add_argument("--scorer", type=Path, help="score_sections.py of the corpora")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--calibrate", action="store_true", help="fit scale and shift of the chances on half of dev")
    parser.add_argument("--card", action="store_true", help="write the figures into the model's card")
    parser.add_argument("--write-topics", type=Path, metavar="FOLDER", help="write the joined documents there, and end")
    options = parser.parse_args()
    pack = read_pack(options.pack) if options.pack else load_corpora(options.corpora)
    if options.write_topics:
        write_topic_tests(options.write_topics, pack.raw_dev)
        return 0
    if options.calibrate:
        calibrate(options.model, pack.dev)
    predict = model_predictor(options.model)
    print_reliability(predict, pack.dev)
    print_without_headings(predict, pack.dev)
    report = evaluate(predict, pack.dev, pack.raw_dev, options.threshold)
    for name, (pk, f1) in report["summary"].items():
        print(f"{name:24s} Pk {pk:.4f}  F1 {f1:.4f}")
    contracts = [[text for _, _, text in r.paragraphs] for r in pack.dev if r.domain == "contract"][:30]
    print(f"{speed(predict, contracts):.2f} Mchar/s of processor time on {len(contracts)} contracts")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    if options.card:
        card = load_card(options.model)
        write_card(options.model, card.version, card.parameters, scores_of(report), threshold=options.threshold)
    if options.scorer:
        run_scorer(
            options.scorer, sorted((options.corpora / "sections/dev").glob("*.jsonl.zst")), predict, options.threshold
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
