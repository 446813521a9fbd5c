"""Trained weights to the shipped models: files, fitted parameters and cards of all forms.

Three forms share one folder of files: ``sentences`` (gate, then the full net where it is needed), ``sentences-full``
(the full net everywhere) and ``sentences-fast`` (the small net everywhere).
"""

from __future__ import annotations

import logging
import math
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from segtool.inference.card import load_card
from segtool.loaders import document_of
from segtool.segmenters.sat import SatSegmenter
from segtool.training.sentences import evaluate, export
from segtool.training.sentences import finish as fit
from segtool.training.sentences.card import write_card
from segtool.training.sentences.network import SHAPES
from segtool.training.sentences.pack import MAIN_LANGUAGES, Record, read_pack

log = logging.getLogger(__name__)

NAME, ENCODERS = "sentences", ("encoder.onnx", "fast.onnx")
WINDOW, STRIDE = 256, 224
TRAINING_DATA = [
    "sbd_adjudicatory_dec (US court and agency decisions, public domain; annotations CC-BY-4.0), VetClaims-JSON (MIT)",
    "sebischair legal-sbd, German (MIT); MultiLegalSBD es fr it pt (CC-BY-4.0)",
    "Universal Dependencies treebanks with licences that allow commercial use (CC-BY, CC-BY-SA and freer)",
    "NTREX-128, FLORES-200 (CC-BY-SA-4.0), TICO-19 (CC0-1.0)",
    "GUM (CC-BY, CC-BY-SA), CRAFT (CC-BY-3.0), NYTK-NerKor, WikipediaAnnotatedCorpus (CC-BY-SA-4.0)",
    "raw text without labels: statutes, contracts, terms, novels before 1925, documentation, news of US agencies"
    ", textbooks (public domain, CC0, CC-BY, CC-BY-SA, MIT, Apache-2.0), labelled by the net itself",
]


def dev_records(packs: pathlib.Path) -> list[Record]:
    """All dev documents."""
    return [record for path in sorted(packs.glob("dev-*.pack")) for record in read_pack(path)]


def is_bare_test(record: Record) -> bool:
    """Whether a document belongs to the test without punctuation: UD of the main languages and court decisions."""
    court = record.source.startswith(evaluate.COURT)
    return court or (record.group == "ud" and record.language in MAIN_LANGUAGES)


def fitted(folder: pathlib.Path, encoder: str, records: Sequence[Record]) -> dict[str, Any]:
    """Calibration and thresholds of one encoder, and the gate's limits for it, as card tables."""
    prober = fit.Prober(folder, encoder)
    clean = fit.halves([prober.ask(record, "clean") for record in records])[0]
    bare = fit.halves([prober.ask(record, "bare") for record in records if is_bare_test(record)])[0]
    scale, shift = fit.platt((a.net[~a.bare], a.gold[~a.bare]) for a in clean)
    bare_scale, bare_shift = fit.platt((a.net[a.bare], a.gold[a.bare]) for a in (*bare, *clean))
    parameters = {"scale": scale, "shift": shift, "bare_scale": bare_scale, "bare_shift": bare_shift}
    general = fit.best_threshold(clean, parameters)
    chances = {id(a): fit.calibrated(a, parameters) for a in bare}
    groups = list(fit.by(bare, "language").values())
    low = max(fit.GRID, key=lambda t: float(np.mean([fit.group_f1(g, chances, t) for g in groups])))
    thresholds = {
        "general": general,
        "bare": float(low),
        "languages": fit.language_thresholds(clean, parameters, general),
    }
    if prober.gate is not None and encoder == ENCODERS[0]:
        level = (math.log(general / (1 - general)) - shift) / scale
        gate_low, gate_high = fit.gate_limits(clean, level)
        sure = [(a.gate <= gate_low) | (a.gate >= gate_high) for a in clean]
        gate_scale, gate_shift = fit.platt(
            (a.gate[s & ~a.bare], a.gold[s & ~a.bare]) for a, s in zip(clean, sure, strict=True)
        )
        parameters |= {"gate_low": gate_low, "gate_high": gate_high, "gate_scale": gate_scale, "gate_shift": gate_shift}
    return {"thresholds": thresholds, "parameters": parameters}


def fields_of(name: str, shape: str, remark: str, tables: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The keys of a card."""
    return {
        "name": name,
        "version": version,
        "task": "sentence",
        "summary": remark,
        "architecture": f"{shape}: {SHAPES[shape]} over hashed pieces (65,536 rows of 128, four a piece)",
        "languages": ["mul"],
        "licence": "Apache-2.0",
        "source": "segtool.training.sentences",
        "training_data": TRAINING_DATA,
        "window": WINDOW,
        "stride": STRIDE,
        "opset": 17,
        "precision": "int8",
        **tables,
    }


def scores(folder: pathlib.Path, records: Sequence[Record]) -> list[dict[str, Any]]:
    """Rows of measured figures: macro F1 of each measure, clean and bare, and the calibration error."""
    card = load_card(folder)
    segmenter = SatSegmenter(card)
    rows = []
    for variant, chosen in (("clean", list(records)), ("bare", [r for r in records if is_bare_test(r)])):
        found = evaluate.groups(evaluate.results(chosen, segmenter, variant, document_of))
        threshold = card.threshold if variant == "clean" else float(card.data["thresholds"]["bare"])
        for measure, groups in found.items():
            chance_rows = [row for rows_ in groups.values() for row in rows_]
            figures = {"macro_f1": round(evaluate.macro(groups, threshold), 4), "groups": len(groups)}
            if variant == "clean":
                figures["calibration_error"] = round(evaluate.calibration_error(chance_rows), 4)
            rows.append({"data": f"sentences/dev {variant} {measure}", "threshold": threshold, "figures": figures})
            log.info("%s %s %s %s", card.name, variant, measure, figures)
    return rows


def publish(weights: pathlib.Path, packs: pathlib.Path, out: pathlib.Path, version: str = "1.0.0") -> None:
    """Writes the three models to ``out``."""
    arrays = export.load_weights(weights)
    shapes = export.shapes_of(arrays)
    folder = out / NAME
    export.export(weights, folder, list(ENCODERS[: len(shapes)]))
    files = [export.TABLE, export.TABLES, *ENCODERS[: len(shapes)], export.GATE]
    records = dev_records(packs)
    neutral = {"thresholds": {"general": 0.4}, "parameters": {"encoder": ENCODERS[0]}}
    write_card(folder, fields_of(NAME, shapes[0], "draft", neutral, version), files, [])
    full = fitted(folder, ENCODERS[0], [r for r in records if r.group in ("legal", "ud", "other")])
    fast = fitted(folder, ENCODERS[1], [r for r in records if r.group in ("legal", "ud", "other")])
    forms = [
        (
            NAME,
            shapes[0],
            files,
            "default: a gate decides what is sure, the full net the rest",
            full,
            {"gate": export.GATE},
        ),
        (f"{NAME}-full", shapes[0], [], "the full net at every place", full, {"base": NAME}),
        (f"{NAME}-fast", shapes[1], [], "the small net at every place", fast, {"base": NAME}),
    ]
    for name, shape, own, remark, tables, extra in forms:
        encoder = ENCODERS[1] if name.endswith("fast") else ENCODERS[0]
        parameters = {"encoder": encoder, **extra, **tables["parameters"]}
        if "gate" not in extra:
            parameters = {k: v for k, v in parameters.items() if not k.startswith("gate")}
        fields = fields_of(name, shape, remark, {"thresholds": tables["thresholds"], "parameters": parameters}, version)
        (out / name).mkdir(exist_ok=True)
        write_card(out / name, fields, own, [])
        write_card(out / name, fields, own, scores(out / name, records))
