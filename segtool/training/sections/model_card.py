"""Writes `card.toml` of the section model: what it is, its files with hashes, and measured figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from segtool.inference.card import CARD_FORMAT, CARD_NAME, sha256_of
from segtool.inference.topic_model import STEP, WINDOW, body_file, tables_file

TRAINING_DATA = (
    "contracts: LexPredict contraxsuite samples, EDGAR filings (CC BY-SA 4.0, collection)",
    "statutes and regulations: D.C. Code (CC0), bundestag/gesetze (public domain), Justice Laws of Canada (Open "
    "Government Licence, Federal Law Order), legalize-dev for ad, ch, cz, ee, fi, fr, gr, li, lu, ro, sk, uy (MIT, "
    "official texts)",
    "decisions: LLTLab VetClaims, US Board of Veterans' Appeals (public domain)",
    "terms of service and policies: Open Terms Archive (ODC-BY 1.0), Basecamp (CC BY 4.0), choosealicense.com "
    "(CC BY 3.0), GitHub site policy (CC0), Common Paper and Bonterms (CC BY 4.0)",
    "manuals and technical documentation: Hugo, Helm, OpenTofu, Rust book and reference, Kubernetes community, "
    "OpenTelemetry, Dapr, Karmada, React, Symfony, MDN translations, Microsoft Dynamics documentation, Rocky Linux, "
    "OWASP, privacyguides (Apache-2.0, CC BY, CC BY-SA, MPL-2.0, MIT)",
    "drafts and proposals: HTTP working group and QUIC drafts (IETF Trust), Rust RFCs (MIT or Apache-2.0)",
    "textbooks: OpenStax under CC BY 4.0, d2l (CC BY-SA 4.0), OI-wiki (CC BY-SA 4.0), edgeai and IoT for beginners "
    "(MIT, machine-translated), others as in the corpus",
    "reports and guidelines: 18F, digital.gov, plainlanguage.gov, NIST (public domain), opensource.guide (CC BY 4.0), "
    "Bitcoin Optech (MIT), Wikipedia articles (CC BY-SA)",
    "novels: ELTeC in ten languages (CC BY 4.0); running text in about 60 languages: news, novels, technical "
    "documentation, stories (CC BY, CC BY-SA, MIT, public domain)",
    "teacher: all-MiniLM-L6-v2 (Apache-2.0), for English word and sentence vectors; its weights are not in the model",
)


def write_card(
    folder: Path,
    version: str,
    parameters: Mapping[str, Sequence[Any]],
    scores: Sequence[Mapping[str, Any]],
    languages: Sequence[str] = ("mul",),
    threshold: float = 0.4,
) -> None:
    """Write the card of the files that lie in a folder.

    Args:
        folder: Holds the model's two files.
        version: Semantic; new weights, new version.
        parameters: `part_weights`, how much the log-odds of each part count, and perhaps `calibration`.
        scores: Tables with data, scorer, figures and command.
        languages: Codes, or "mul".
        threshold: General one.
    """
    rows = [
        ("name", folder.name),
        ("version", version),
        ("format", CARD_FORMAT),
        ("task", "section"),
        (
            "architecture",
            "hashed word table, similarities of topics around each gap, 4 blocks of convolution and attention",
        ),
        ("summary", "chance that a section starts at each paragraph, at depth 1 to 4 and at the main depth"),
        ("languages", list(languages)),
        ("licence", "Apache-2.0"),
        ("source", "segtool.training.sections"),
        ("window", WINDOW),
        ("stride", STEP),
        ("opset", 17),
        ("precision", "int8"),
        ("training_data", list(TRAINING_DATA)),
    ]
    lines = [f"{key} = {_value(value)}" for key, value in rows]
    lines += ["", "[thresholds]", f"general = {threshold}"]
    lines += ["", "[parameters]", *(f"{key} = {json.dumps(list(value))}" for key, value in parameters.items())]
    for name in (
        namer(part) for part in range(1, len(parameters["part_weights"]) + 1) for namer in (tables_file, body_file)
    ):
        path = folder / name
        lines += [
            "",
            "[[files]]",
            f'path = "{name}"',
            f"bytes = {path.stat().st_size}",
            f'sha256 = "{sha256_of(path)}"',
        ]
    for score in scores:
        lines += ["", "[[scores]]"] + [f"{key} = {_value(value)}" for key, value in score.items()]
    (folder / CARD_NAME).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _value(value: Any) -> str:
    """A TOML value; JSON's strings and numbers are TOML's."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return (
            "[\n" + "".join(f"    {_value(item)},\n" for item in value) + "]" if len(value) > 1 else json.dumps(value)
        )
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else json.dumps(name)


def scores_of(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Tables for the card from what `evaluate` reports."""
    command = "python -m segtool.training.sections.report --corpora DIR"
    return [
        {
            "data": f"sections/dev: {name}",
            "scorer": "segtool.training.sections.report",
            "figures": {"pk": round(pk, 4), "f1": round(f1, 4)},
            "command": command,
        }
        for name, (pk, f1) in report["summary"].items()
    ]
