"""What whole forms of a model say of dev documents, run as users run them: thresholds, and the figures of cards."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from segtool.core.document import Document
from segtool.core.whitespace import canonical_offsets
from segtool.evaluation.corruption import VARIANTS
from segtool.inference.card import load_card
from segtool.segmenters.language import primary
from segtool.segmenters.sat import SatSegmenter
from segtool.training.sentences import finish
from segtool.training.sentences.features import moved_left
from segtool.training.sentences.pack import Record, labelled_records
from segtool.training.sentences.publish import is_bare_test, named_groups

Answers = tuple[list[finish.Answer], dict[int, finish.Float]]
"""Candidates of documents, and by the id of each document's answer their chances."""


def dev_records(corpora: pathlib.Path) -> list[Record]:
    """The dev documents that figures are for."""
    return [
        record
        for name in ("legal", "ud", "other")
        for record in labelled_records(corpora / f"sentences/dev/{name}.jsonl.zst")
    ]


def answers_of(segmenter: SatSegmenter, records: Iterable[Record], variant: str) -> Answers:
    """What a form says of documents under a corruption."""
    found: list[finish.Answer] = []
    chances: dict[int, finish.Float] = {}
    for record in records:
        text, ends = VARIANTS[variant](record.text, record.ends)
        document = Document(record.source, text, lang=primary(record.language))
        scores = next(iter(segmenter.score([document])))["sentence"]
        gold = canonical_offsets(text, moved_left(text, ends).tolist())
        hit = np.isin(scores.offsets, gold)
        none = np.zeros(len(hit), np.float32)
        bare = scores.bare if scores.bare is not None else none > 0
        found.append(finish.Answer(record, none, none, bare, hit, len(gold) - int(hit.sum())))
        chances[id(found[-1])] = scores.probabilities.astype(np.float64)
    return found, chances


def thresholds_of(segmenter: SatSegmenter, records: Sequence[Record]) -> dict[str, Any]:
    """The table of thresholds in a form's card, from the tuning half; those of bare text are the base form's."""
    found, chances = answers_of(segmenter, records, "clean")
    half = finish.halves(found)[0]
    bare = segmenter.info.bare_threshold or segmenter.info.threshold
    general = finish.best_general(half, chances, bare)
    chosen = finish.Thresholds(general, bare, {}, dict(segmenter.info.bare_thresholds))
    languages = finish.by_language([half], chances, chosen, is_bare=False, gain=0.003)
    return {"general": chosen.general, "languages": languages}


def figures(folder: pathlib.Path, records: Sequence[Record]) -> list[dict[str, Any]]:
    """Rows of measured figures for the card of a form: macro F1 and calibration error, clean and bare."""
    card = load_card(folder)
    table = card.data["thresholds"]
    names = ("general", "bare", "languages", "bare_languages")
    thresholds = finish.Thresholds(**{name: table[name] for name in names if name in table})
    segmenter, rows = SatSegmenter(card), []
    for variant in ("clean", "bare"):
        chosen = [record for record in records if variant == "clean" or is_bare_test(record)]
        found, chances = answers_of(segmenter, chosen, variant)
        for measure, groups in named_groups(found, variant).items():
            figure = {"macro_f1": round(finish.macro(groups, chances, thresholds), 4), "groups": len(groups)}
            figure["calibration_error"] = round(finish.calibration_error(groups, chances), 4)
            rows.append({"data": f"sentences/dev {variant} {measure}", "figures": figure})
    return rows
