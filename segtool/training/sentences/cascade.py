"""Where the stages of the cascade have to be sure, language by language: fitted on dev.

All stages are run once at the gaps of the dev documents that may matter. Their mixes learn what the full model says;
then limits are tried, and those of a language are the cheapest that agree with the full model and lose no F1. Where
none do, or too little is known of a language, the net reads all of its texts.
"""

from __future__ import annotations

import collections
import dataclasses
import itertools
import logging
import pathlib
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from segtool.inference.card import load_card
from segtool.inference.pieces import opening_of
from segtool.inference.sentence_cascade import SCAN_LIMIT, Limits, SentenceCascade
from segtool.inference.sentence_gate import BARE_REACH
from segtool.inference.sentence_stream import FAR, SentenceStream
from segtool.segmenters.language import primary
from segtool.segmenters.sat import SatSegmenter
from segtool.training.sentences.features import moved_left
from segtool.training.sentences.forms import dev_records
from segtool.training.sentences.pack import Record
from segtool.training.sentences.scan import enter

log = logging.getLogger(__name__)

FORM, FULL = "sentences", "sentences-full"
NARROW, WIDE = 32, 128
"""Pieces of the windows around a single gap."""
FLOOR, ZONE, GATE_ZONE = -9.0, 7.0, 4.5
"""What the sieve drops, and log-odds of scan and gate between which the net is tried."""
SCANS, GATES, NARROWS = (3.0, 4.0, 5.0, 6.0, 7.0), (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0), (0.5, 1.0, 1.5, 2.5)
"""Limits that are tried, as distances from the scan's 0 and from the threshold."""
AGREEMENT, LOSS = 0.9973, 0.0015
"""What limits have to reach in a language, and what F1 they may lose in a source."""
UNKNOWN = 0.999
"""The agreement over all languages that general limits have to reach, as others may be harder."""
COST_MS = (0.62, 2.5)
"""CPU milliseconds of a narrow window, and of a wide one."""
NONE = np.float32(-9)
"""The full model's log-odds where it does not even name a candidate."""

Float32 = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, slots=True)
class Probe:
    """What the stages say of gaps that matter, of one document or of many: logits, -inf where the sieve drops a gap.

    ``full`` and ``wide`` are calibrated, ``narrow`` and ``wide`` NaN where the net was not tried. ``known`` are
    gaps of stretches without punctuation, where the cascade says what the full model says.
    """

    source: npt.NDArray[np.int64]
    gold: Bool
    known: Bool
    scan: Float32
    gate: Float32
    narrow: Float32
    wide: Float32
    full: Float32

    @classmethod
    def joined(cls, parts: Sequence[Probe]) -> Probe:
        """The gaps of many as one."""
        return cls(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in dataclasses.fields(cls)))


@dataclasses.dataclass(frozen=True, slots=True)
class Language:
    """The gaps of a language's documents, where the threshold lies, and ends of each source."""

    probe: Probe
    threshold: float
    n_gold: npt.NDArray[np.int64]
    n_characters: int


class Prober:
    """Runs all stages of the models in a folder over documents."""

    def __init__(self, models: pathlib.Path) -> None:
        card, full = load_card(models / FORM), load_card(models / FULL)
        parameters = {**card.parameters, "scan_floor": FLOOR, "limits": {}}
        self.cascade = SentenceCascade(dataclasses.replace(card, parameters=parameters))
        self.full, self.info = SentenceCascade(full), SatSegmenter(full).info

    def probe(self, record: Record, source: int) -> Probe | None:
        """What the stages say of a document; None of one without gaps."""
        cascade, language = self.cascade, primary(record.language)
        runs = cascade.cutter.runs(record.text, opening_of(record.text))
        n = len(runs) - 1
        if n < 1:
            return None
        scan, full = np.full(n, -np.inf, np.float32), np.full(n, NONE, np.float32)
        found, logits = cascade.scanned(runs, 0, n)
        scan[found] = logits
        for part in SentenceStream(self.full, language).read(record.text):
            full[runs.starts.searchsorted(part.offsets) - 1] = np.log(part.chances / (1 - part.chances))
        gold = np.isin(runs.ends[:-1], moved_left(record.text, record.ends))
        marks = np.concatenate([[-FAR], runs.is_mark.nonzero()[0], [FAR]])
        after = marks.searchsorted(np.arange(n))
        free = np.minimum(marks[after] - np.arange(n), np.arange(n) - marks[after - 1])
        at = ((scan > -np.inf) | (full > NONE) | gold).nonzero()[0]
        gate = cascade.gated(runs, at)
        known = free[at] > BARE_REACH
        narrow, wide = np.full(len(at), np.nan, np.float32), np.full(len(at), np.nan, np.float32)
        tried = ((np.abs(scan[at]) < ZONE) & (np.abs(gate) < GATE_ZONE) & ~known).nonzero()[0]
        narrow[tried] = cascade.asked_alone(runs, at[tried], NARROW, language).logits[:, 0]
        answers = cascade.asked_alone(runs, at[tried], WIDE, language)
        wide[tried] = cascade.calibrated(answers, gate[tried], np.zeros(len(tried), np.bool_), language)
        return Probe(np.full(len(at), source), gold[at], known, scan[at], gate, narrow, wide, full[at])

    def languages(self, records: Iterable[Record]) -> dict[str, Language]:
        """The documents by language."""
        groups: dict[str, list[Record]] = collections.defaultdict(list)
        for record in records:
            groups[primary(record.language) or ""].append(record)
        out = {}
        for name, members in groups.items():
            named = ["ud" if record.group == "ud" else record.source for record in members]
            sources = sorted(set(named))
            numbers = [sources.index(source) for source in named]
            probes = [self.probe(record, number) for record, number in zip(members, numbers, strict=True)]
            if parts := [probe for probe in probes if probe is not None]:
                ends = [int((moved_left(r.text, r.ends) < len(r.text.rstrip())).sum()) for r in members]
                n_gold = np.bincount(numbers, ends, len(sources)).astype(np.int64)
                chance = self.info.threshold_for(name)
                n_characters = sum(len(record.text) for record in members)
                out[name] = Language(Probe.joined(parts), float(np.log(chance / (1 - chance))), n_gold, n_characters)
        return out


def learned(columns: Sequence[Float32], full: Float32) -> list[float]:
    """Weights of logits, and a shift, that say with least loss what the full model says: Newton's method."""
    x = np.stack([*columns, np.ones_like(full)], 1).astype(np.float64)
    target = 1 / (1 + np.exp(-full.astype(np.float64)))
    weights = np.zeros(x.shape[1])
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(x @ weights, -50, 50)))
        curvature = (x * (chance * (1 - chance))[:, None]).T @ x + 1e-3 * np.eye(len(weights))
        step = np.linalg.solve(curvature, x.T @ (chance - target))
        weights -= step * min(1.0, 0.5 / float(np.abs(step).max() + 1e-12))
    return [round(float(weight), 4) for weight in weights]


@dataclasses.dataclass(frozen=True, slots=True)
class Mixes:
    """Weights and shift of the logits of scan and gate, and of scan, gate and the net in a narrow window."""

    gate: list[float]
    narrow: list[float]

    @classmethod
    def fitted(cls, probe: Probe) -> Mixes:
        """Those that say what the full model says, where the net was tried."""
        at = ~np.isnan(probe.narrow)
        scan, gate, full = probe.scan[at].clip(-SCAN_LIMIT, SCAN_LIMIT), probe.gate[at], probe.full[at]
        return cls(learned((scan, gate), full), learned((scan, gate, probe.narrow[at]), full))

    def logits(self, probe: Probe) -> tuple[Float32, Float32]:
        """Calibrated logits after the gate, and after the narrow window."""
        scan = probe.scan.clip(-SCAN_LIMIT, SCAN_LIMIT)
        second = scan * self.gate[0] + probe.gate * self.gate[1] + self.gate[2]
        third = scan * self.narrow[0] + probe.gate * self.narrow[1] + probe.narrow * self.narrow[2] + self.narrow[3]
        return second.astype(np.float32), third.astype(np.float32)


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What limits come to in a language: places that differ as a share of the ends, F1 lost in a source, cost."""

    differ: float
    loss: float
    cost_s: float
    """CPU seconds of the net for a million characters."""


class Trial:
    """A language's gaps with the mixed logits, on which limits are tried."""

    def __init__(self, language: Language, mixes: Mixes, line: tuple[float, float]) -> None:
        self.language, probe = language, language.probe
        self.second, self.third = mixes.logits(probe)
        self.first = np.where(probe.scan > -np.inf, probe.scan * line[0] + line[1], NONE)
        self.wanted = probe.full >= language.threshold
        self.f1 = self._f1(self.wanted)

    def outcome(self, limits: Limits) -> Outcome:
        """What limits come to; one place is counted on top of those that differ, so that little data shows little."""
        probe, threshold = self.language.probe, self.language.threshold
        unsure = limits.after_scan(probe.scan) & ~probe.known
        asked = unsure & limits.after_gate(self.second)
        is_tried = ~np.isnan(probe.narrow)
        narrow = np.where(is_tried, self.third, probe.full)
        wide = asked & limits.after_narrow(narrow)
        logits = np.where(unsure, self.second, self.first)
        logits = np.where(wide, np.where(is_tried, probe.wide, probe.full), np.where(asked, narrow, logits))
        ends = np.where(probe.known, self.wanted, logits >= threshold)
        n_ends = max(1, int(self.wanted.sum()))
        loss = float((self.f1 - self._f1(ends)).max())
        cost = (int(asked.sum()) * COST_MS[0] + int(wide.sum()) * COST_MS[1]) * 1e3 / self.language.n_characters
        return Outcome((int((ends != self.wanted).sum()) + 1) / n_ends, loss, cost)

    def _f1(self, ends: Bool) -> npt.NDArray[np.float64]:
        """(sources,): F1 of ends."""
        source, n = self.language.probe.source, len(self.language.n_gold)
        hits = np.bincount(source[ends & self.language.probe.gold], minlength=n)
        n_ends = np.bincount(source[ends], minlength=n) + self.language.n_gold
        f1: npt.NDArray[np.float64] = 2 * hits / np.maximum(1, n_ends)
        return f1


def ladder(threshold: float) -> Iterator[Limits]:
    """The limits that are tried for a language."""
    for scan, low, high, narrow in itertools.product(SCANS, GATES, GATES, NARROWS):
        if narrow <= max(low, high):
            bounds = (-scan, scan, threshold - low, threshold + high, threshold - narrow, threshold + narrow)
            yield Limits(*(round(bound, 3) for bound in bounds))


def chosen(trial: Trial, agreement: float = AGREEMENT) -> tuple[Limits, Outcome] | None:
    """The cheapest limits that agree with the full model in a language; None: none do."""
    tried = ((limits, trial.outcome(limits)) for limits in ladder(trial.language.threshold))
    sound = [pair for pair in tried if pair[1].differ <= 2 * (1 - agreement) and pair[1].loss <= LOSS]
    return min(sound, key=lambda pair: pair[1].cost_s) if sound else None


def whole(languages: Sequence[Language]) -> Language:
    """Languages of one threshold as one, of one source."""
    probe = Probe.joined([language.probe for language in languages])
    return Language(
        dataclasses.replace(probe, source=np.zeros_like(probe.source)),
        languages[0].threshold,
        np.array([sum(int(language.n_gold.sum()) for language in languages)]),
        sum(language.n_characters for language in languages),
    )


def fit(models: pathlib.Path, corpora: pathlib.Path) -> None:
    """Fits mixes and limits of the default model in a folder, and enters them into its card."""
    begun = time.monotonic()
    prober = Prober(models)
    languages = prober.languages(dev_records(corpora))
    log.info("cascade: %d languages probed after %.0f s", len(languages), time.monotonic() - begun)
    mixes = Mixes.fitted(Probe.joined([language.probe for language in languages.values()]))
    line = (prober.cascade.scan_line.scale, prober.cascade.scan_line.shift)
    limits: dict[str, list[float]] = {}
    for name, language in sorted(languages.items()):
        found = chosen(Trial(language, mixes, line))
        limits[name] = list(dataclasses.astuple(found[0])) if found else []
        log.info("cascade: %s %s", name, found or "all read by the net")
    known = prober.info.thresholds
    sound = [language for name, language in languages.items() if limits[name] and name not in known]
    others = whole(sound or list(languages.values()))
    found = chosen(Trial(others, mixes, line), UNKNOWN)
    log.info("cascade: any other language %s", found)
    general = found[0] if found else list(ladder(others.threshold))[-1]
    enter(models / FORM, entries(mixes, general, limits))


def entries(mixes: Mixes, general: Limits, limits: dict[str, list[float]]) -> dict[str, Any]:
    """The parameters of a card."""
    return {
        "scan_floor": FLOOR,
        **dataclasses.asdict(general),
        **dict(zip(("gate_scan", "gate_scale", "gate_shift"), mixes.gate, strict=True)),
        **dict(zip(("narrow_scan", "narrow_gate", "narrow_scale", "narrow_shift"), mixes.narrow, strict=True)),
        "narrow_window": NARROW,
        "wide_window": WIDE,
        "limits": limits,
    }
