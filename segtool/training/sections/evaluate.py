"""Figures of the section model: boundaries with headings kept and dropped, and joined documents (Choi).

The metrics are those of the corpora's own scorer (Pk, F1 of exact paragraph boundaries, averaged over documents, then
over domains). Predictors are functions from documents of units to probabilities, so the same figures come from the
network while it trains and from the exported model.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from segtool.core.outline import nesting
from segtool.inference.topic_decode import section_levels, topic_levels
from segtool.inference.topic_units import sentence_starts
from segtool.training.sections.cache import section_keys
from segtool.training.sections.corpus import CHOI_LANGUAGES, RawRecord, SectionRecord, family

Predictor = Callable[[Sequence[Sequence[str]]], list[npt.NDArray[Any]]]
"""Documents as lists of units to probabilities (n, 5) a document."""

SIX_DOMAINS = ("contract", "manual", "regulation", "rfc", "statute", "tos")
GENERAL_DOMAINS = ("docs", "encyclopedia", "report", "textbook")
ENGLISH_HARD = ("contracts", "news", "statutes", "technical docs", "textbooks")


@dataclass(frozen=True, slots=True)
class TestDocument:
    """Units with the boundaries before them, the depth these are of, and whether only the topic can tell them."""

    group: str
    units: tuple[str, ...]
    gold: tuple[bool, ...]
    depth: int = 1
    by_topic: bool = True


def pk(gold: Sequence[bool], found: Sequence[bool]) -> float:
    """Chance that two units half a mean section apart are wrongly told together or apart (Beeferman et al. 1999)."""
    n = len(gold)
    k = max(1, round(n / (sum(gold) + 1) / 2))
    if n <= k:
        return 0.0
    sums = np.zeros((2, n + 1), np.int64)
    np.cumsum([gold, found], axis=1, out=sums[:, 1:])
    between = sums[:, k + 1 :] - sums[:, 1 : n - k + 1]
    return float(np.mean((between[0] == 0) != (between[1] == 0)))


def f1(gold: Sequence[bool], found: Sequence[bool]) -> float:
    """F1 of exact boundaries."""
    hits = sum(g and f for g, f in zip(gold, found, strict=True))
    total = sum(gold) + sum(found)
    return 2 * hits / total if total else 0.0


def section_tests(records: Iterable[SectionRecord], dropped: bool) -> list[TestDocument]:
    """Documents with at least two sections at main depth, headings kept or dropped."""
    tests = []
    for record in records:
        keys = section_keys(record)[:, 4]
        rows = [i for i, (level, _, _) in enumerate(record.paragraphs) if not (dropped and level)]
        gold = [False] + [bool(keys[a] != keys[b]) for a, b in pairwise(rows)]
        if any(gold):
            units = tuple(record.paragraphs[i][2] for i in rows)
            tests.append(TestDocument(record.domain, units, tuple(gold), record.main_depth, dropped))
    return tests


def _sentences(record: RawRecord) -> list[str]:
    """Sentences of the body, headings (short, without a stop) left out."""
    out = []
    for paragraph in record.paragraphs:
        if len(paragraph) < 40 and paragraph[-1:] not in ".!?。！？…":
            continue
        starts = sentence_starts(paragraph)
        for start, end in zip(starts, [*starts[1:], len(paragraph)], strict=True):
            if len(paragraph[start:end].strip()) >= 3:
                out.append(paragraph[start:end].strip())
    return out


def choi_tests(
    records: Iterable[RawRecord], name: str, n_documents: int, one_domain: bool, seed: int = 7
) -> list[TestDocument]:
    """Documents of ten pieces of 3 to 11 sentences from different documents (after Choi 2000).

    Args:
        records: Held-out documents of one language.
        name: Group in the figures.
        n_documents: How many to make; with `one_domain` that many for each domain with enough documents.
        one_domain: All ten pieces from one domain rather than from all.
        seed: Fixes the draw.
    """
    rng = random.Random(f"{name}:{seed}")
    texts: dict[str, dict[str, list[list[str]]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        sentences = _sentences(record)
        if len(sentences) >= 11:
            texts[record.domain if one_domain else ""][family(record.id)].append(sentences)
    tests = []
    for domain, families in sorted(texts.items()):
        if len(families) < 10:
            continue
        for _ in range(n_documents):
            units: list[str] = []
            gold: list[bool] = []
            for chosen in rng.sample(list(families.values()), 10):
                sentences = rng.choice(chosen)
                size = rng.randint(3, 11)
                start = rng.randint(0, len(sentences) - size)
                units += sentences[start : start + size]
                gold += [True] + [False] * (size - 1)
            gold[0] = False
            tests.append(TestDocument(f"{name} {domain}".strip(), tuple(units), tuple(gold)))
    return tests


def all_choi_tests(raw_dev: Sequence[RawRecord]) -> dict[str, list[TestDocument]]:
    """The three sets: English from mixed domains, English from one, ten other languages."""
    english = [r for r in raw_dev if r.lang == "en"]
    others = [
        test
        for lang in CHOI_LANGUAGES
        for test in choi_tests([r for r in raw_dev if r.lang == lang], lang, 30, one_domain=False)
    ]
    return {
        "easy": choi_tests(english, "en", 100, one_domain=False),
        "hard": choi_tests([r for r in english if r.domain in ENGLISH_HARD], "en", 25, one_domain=True),
        "others": others,
    }


def nested_levels(
    probabilities: npt.NDArray[Any], threshold: float, units: Sequence[str] = ()
) -> npt.NDArray[np.int64]:
    """Nesting depth of the section that starts at each unit, 0 where none does; the first unit opens none.

    Args:
        probabilities: float32 (n, 5).
        threshold: From which a section starts.
        units: Their texts, if the document has no headings.
    """
    levels = np.zeros(len(probabilities), np.int64)
    rest = probabilities[1:]
    levels[1:] = topic_levels(rest, units, threshold) if units else section_levels(rest, threshold)
    starts = np.flatnonzero(levels)
    levels[starts] = nesting([int(level) for level in levels[starts]])
    return levels


def measure(
    tests: Sequence[TestDocument],
    probabilities: Sequence[npt.NDArray[Any]],
    threshold: float,
) -> dict[str, tuple[float, float, int]]:
    """Pk, F1 and number of documents of each group, and the mean over the groups as "macro"."""
    rows: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for test, chance in zip(tests, probabilities, strict=True):
        levels = nested_levels(chance, threshold, test.units if test.by_topic else ())
        found = [0 < level <= test.depth for level in levels.tolist()]
        rows[test.group].append((pk(test.gold, found), f1(test.gold, found)))
    out = {}
    for group, values in sorted(rows.items()):
        means = np.mean(values, axis=0)
        out[group] = (float(means[0]), float(means[1]), len(values))
    return out


def macro(figures: dict[str, tuple[float, float, int]], groups: Iterable[str] | None = None) -> tuple[float, float]:
    """Mean Pk and F1 over groups, over all by default."""
    chosen = [figures[g] for g in (groups or figures) if g in figures]
    return (float(np.mean([f[0] for f in chosen])), float(np.mean([f[1] for f in chosen]))) if chosen else (1.0, 0.0)


def evaluate(
    predict: Predictor, dev: Sequence[SectionRecord], raw_dev: Sequence[RawRecord], threshold: float = 0.4
) -> dict[str, Any]:
    """All figures by group, and `summary` with Pk and F1 of each set."""
    report: dict[str, Any] = {}
    summary: dict[str, tuple[float, float]] = {}
    for mode in ("kept", "dropped"):
        tests = section_tests(dev, dropped=mode == "dropped")
        figures = measure(tests, predict([t.units for t in tests]), threshold)
        report[mode] = figures
        summary[f"{mode} six"] = macro(figures, SIX_DOMAINS)
        summary[f"{mode} general"] = macro(figures, GENERAL_DOMAINS)
    for name, tests in all_choi_tests(raw_dev).items():
        figures = measure(tests, predict([t.units for t in tests]), threshold)
        report[f"choi {name}"] = figures
        summary[f"choi {name}"] = macro(figures)
    return {"summary": summary, **report}
