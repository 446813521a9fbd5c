"""How far the scores of a sentence model can be trusted: calibration error by group of dev documents, and a picture.

    python -m segtool.training.sentences.reliability --corpora DIR --model models/sentences --out models/sentences

Scores are those of the product: whole cascade, languages given. Half of the dev documents fitted the calibration; the
error of the other half alone stands beside that of all, and last what scores without fault would show on as many
candidates. A candidate is a gap with a chance of at least .05.
"""

from __future__ import annotations

import argparse
import dataclasses
import pathlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from segtool.core.document import Document
from segtool.core.whitespace import canonical_offsets
from segtool.evaluation.corruption import VARIANTS
from segtool.inference.card import load_card
from segtool.segmenters.language import primary
from segtool.segmenters.sat import SatSegmenter
from segtool.training.sentences.finish import firsts
from segtool.training.sentences.measure import COURT
from segtool.training.sentences.pack import MAIN_LANGUAGES, Record, labelled_records
from segtool.training.sentences.reliability_picture import picture

FILES = ("legal", "ud", "other")
LEAST, BINS = 0.05, 10
PICTURE = "reliability.svg"


@dataclasses.dataclass(frozen=True, slots=True)
class Candidates:
    """Chances of candidates, and which of them are sentence starts."""

    chances: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]

    @classmethod
    def joined(cls, parts: Sequence[Candidates]) -> Candidates:
        """Those of several documents."""
        chances = np.concatenate([np.zeros(0), *(part.chances for part in parts)])
        return cls(chances, np.concatenate([np.zeros(0, np.bool_), *(part.right for part in parts)]))

    def bins(self) -> list[tuple[float, float, int]]:
        """Of ten bins of equal width those with candidates: mean chance, share of starts, how many."""
        index = np.minimum((self.chances * BINS).astype(int), BINS - 1)
        inside = [index == b for b in range(BINS)]
        return [
            (float(self.chances[at].mean()), float(self.right[at].mean()), int(at.sum())) for at in inside if at.any()
        ]

    def error(self) -> float:
        """Expected calibration error: the mean distance between chance and share, weighted by candidates."""
        rows = self.bins()
        return sum(abs(chance - share) * n for chance, share, n in rows) / max(1, sum(n for _, _, n in rows))

    def least_error(self, n_draws: int = 200) -> float:
        """The error that scores without fault would show on as many candidates: outcomes are drawn, so it is not 0."""
        random = np.random.default_rng(1)
        drawn = (Candidates(self.chances, random.random(len(self.chances)) < self.chances) for _ in range(n_draws))
        return float(np.mean([one.error() for one in drawn]))


def asked(segmenter: SatSegmenter, records: Iterable[Record], variant: str) -> list[Candidates]:
    """What a model says of each record, corrupted."""
    out = []
    for record in records:
        text, ends = VARIANTS[variant](record.text, record.ends)
        scores = next(iter(segmenter.score([Document("", text, lang=primary(record.language))])))["sentence"]
        keep = scores.probabilities >= LEAST
        right = np.isin(scores.offsets[keep], canonical_offsets(text, ends))
        out.append(Candidates(scores.probabilities[keep].astype(np.float64), right))
    return out


def groups_of(record: Record, variant: str) -> list[str]:
    """The groups that a record counts for; without punctuation those of that test."""
    is_english = record.language == "en"
    main = record.group == "ud" and record.language in MAIN_LANGUAGES
    is_court = record.source.startswith(COURT)
    named = {
        "court decisions": is_court,
        "all legal": record.group == "legal" and variant == "clean",
        "other": record.group == "other" and variant == "clean",
        "UD, all languages": record.group == "ud" and variant == "clean",
        "UD, 18 languages": main and variant == "bare",
        "English, all files": is_english and (variant == "clean" or is_court or main),
        "English UD": is_english and record.group == "ud",
    }
    return [name for name, belongs in named.items() if belongs]


def measured(segmenter: SatSegmenter, records: Sequence[Record], variant: str) -> dict[str, tuple[Candidates, float]]:
    """Each group's candidates, and the error of the documents that fitted nothing."""
    chosen = [(record, first) for record, first in zip(records, firsts(records), strict=True)]
    chosen = [(record, first) for record, first in chosen if groups_of(record, variant)]
    answers = asked(segmenter, (record for record, _ in chosen), variant)
    parts: dict[str, list[tuple[Candidates, bool]]] = {}
    for (record, first), found in zip(chosen, answers, strict=True):
        for name in groups_of(record, variant):
            parts.setdefault(name, []).append((found, first))
    return {
        name: (
            Candidates.joined([found for found, _ in items]),
            Candidates.joined([found for found, first in items if not first]).error(),
        )
        for name, items in parts.items()
    }


def table(rows: Mapping[str, Mapping[str, tuple[Candidates, float]]]) -> list[str]:
    """Lines of a Markdown table."""
    lines = ["| | candidates | error | half that fitted nothing | scores without fault |", "|---|--:|--:|--:|--:|"]
    for variant, groups in rows.items():
        for name, (found, fresh) in groups.items():
            errors = f"{found.error():.3f} | {fresh:.3f} | {found.least_error():.3f}"
            lines.append(f"| {variant}: {name} | {len(found.chances):,} | {errors} |")
    return lines


def main() -> None:
    """Measures a model, prints the table and writes the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, help=f"folder to write {PICTURE} into")
    arguments = parser.parse_args()
    segmenter = SatSegmenter(load_card(arguments.model))
    dev = arguments.corpora / "sentences" / "dev"
    records = [record for name in FILES for record in labelled_records(dev / f"{name}.jsonl.zst")]
    rows = {variant: measured(segmenter, records, variant) for variant in ("clean", "bare")}
    print("\n".join(table(rows)))
    if arguments.out is not None:
        curves = {
            variant: {name: found.bins() for name, (found, _) in groups.items()} for variant, groups in rows.items()
        }
        title = f"{segmenter.info.name} {segmenter.info.version}"
        (arguments.out / PICTURE).write_text(picture(title, curves), encoding="utf-8")


if __name__ == "__main__":
    main()
