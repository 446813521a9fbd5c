"""The cascade's first stage, distilled from the full model: fitted on a CPU in minutes, whenever the nets are new.

Texts of the training corpora are labelled by ``sentences-full``. A sieve, linear in what pieces look like, learns on
all gaps; a tiny net learns on those that the sieve leaves. Its calibration is fitted on the tuning half of dev.
"""

from __future__ import annotations

import collections
import dataclasses
import itertools
import logging
import pathlib
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from segtool.inference.card import load_card
from segtool.inference.pieces import Runs, opening_of
from segtool.inference.sentence_cascade import SentenceCascade
from segtool.inference.sentence_gate import BARE_REACH
from segtool.inference.sentence_net import iter_blocks
from segtool.inference.sentence_scan import (
    MOST,
    N_LOOKS,
    N_PAIRS,
    N_WIDTHS,
    PAIR_ROWS,
    SentenceScan,
    around,
    looks,
    pairs_around,
)
from segtool.segmenters.language import primary
from segtool.segmenters.sat import SatSegmenter
from segtool.training.sentences.card import write_card
from segtool.training.sentences.features import moved_left
from segtool.training.sentences.finish import firsts, fit_logits
from segtool.training.sentences.forms import dev_records, figures, thresholds_of
from segtool.training.sentences.pack import Record, iter_json, labelled_records

log = logging.getLogger(__name__)

SCAN = "scan.npz"
REACH, WIDTH, HIDDEN, WORD_BITS, END_BITS = 6, 16, 64, 13, 11
ALONE, ALONE_FLOOR, ALONE_CEILING = "sentences-scan", -3.0, 4.0
"""The form that asks the scan alone, what its sieve drops, and what it decides."""
FLOOR, LIMIT = -5.5, 3.0
"""Log-odds below which the sieve drops a gap while the net learns, and from which on its calibration is fitted."""
PAD = 2 * REACH
RARE, LIKELY = 1e-4, -2.0
"""Share of ends among gaps below which they don't matter to the sieve, and log-odds from which on a gap may be one."""
_STOP_BLANK = re.compile(r"(?<=[.!?]) (?=[^\W\d_])")
QUICK_REACH = 60
"""The quick forms' ``blank_reach``: long sentences of statutes have no mark in more pieces than that of the default."""
FORMS: dict[str, dict[str, float]] = {
    "sentences": {},
    "sentences-gate": {
        "scan_floor": -4.5,
        "scan_low": -3.0,
        "scan_high": 3.0,
        "gate_low": 0.0,
        "gate_high": 0.0,
        "blank_reach": QUICK_REACH,
    },
}
"""The forms whose first stage it is: ``cascade`` fits limits of ``sentences``, and ``sentences-gate`` asks no net."""

Int64 = npt.NDArray[np.int64]
Float32 = npt.NDArray[np.float32]


@dataclasses.dataclass(frozen=True, slots=True)
class Labels:
    """Gaps of many texts in a row: look and hashes of each piece, the full model's logit of an end after it.

    Texts are parted by ``PAD`` pieces of padding, whose logit is NaN, as is that of pieces in bare stretches. ``pairs``
    (n, N_PAIRS) are the sieve's rows of the gap after each piece, ``tight`` says where it has no white space.
    """

    looks: npt.NDArray[np.uint16]
    words: npt.NDArray[np.uint16]
    ends: npt.NDArray[np.uint16]
    logits: Float32
    pairs: npt.NDArray[np.uint16]
    tight: npt.NDArray[np.bool_]


def sampled(corpora: pathlib.Path, scale: float, seed: int) -> Iterator[tuple[str, str]]:
    """Languages and texts of the training corpora: legal ones and English before all, some of every language."""
    quotas: list[tuple[Iterable[Record], Callable[[Record], float]]] = [
        (labelled_records(corpora / "sentences/train/legal.jsonl.zst"), lambda _: 5e5),
        (labelled_records(corpora / "sentences/train/ud.jsonl.zst"), lambda r: 6e5 if r.language == "en" else 6e4),
        (labelled_records(corpora / "sentences/train/other.jsonl.zst"), lambda r: 6e5 if r.language == "en" else 1e5),
    ]
    for records, quota in quotas:
        items = ((r.source if r.group == "legal" else r.language, (r.language, r.text), quota(r)) for r in records)
        yield from _drawn(items, scale, seed)
    domains = {"contracts": 7e5, "statutes": 6e5, "news": 3e5, "novels": 2e5, "technical docs": 2e5, "textbooks": 2e5}
    raw = (
        (str(item["domain"]), ("en", str(item["text"])[:40_000]), domains.get(str(item["domain"]), 1e5))
        for item in iter_json(corpora / "raw/en.jsonl.zst")
    )
    yield from _drawn(raw, scale, seed)


def crowded(texts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The texts without blanks between a stop and a letter, as careless typing and bad extraction leave them."""
    for language, text in texts:
        yield language, _STOP_BLANK.sub("", text)


def _drawn(items: Iterable[tuple[str, tuple[str, str], float]], scale: float, seed: int) -> Iterator[tuple[str, str]]:
    """Texts in random order until each key has its quota of characters."""
    rows = list(items)
    random.Random(seed).shuffle(rows)
    taken: dict[str, int] = collections.Counter()
    for key, text, quota in rows:
        if taken[key] < quota * scale:
            taken[key] += len(text[1])
            yield text


def label(cascade: SentenceCascade, language: str, text: str) -> Labels | None:
    """A text's pieces with what the full model says after each; None of a text without white space for too long."""
    logits = [np.zeros(0, np.float32)]
    for block in iter_blocks(cascade.cutter.iter_cut(text), cascade.net.margin, primary(language)):
        out = np.zeros(len(block.pieces), np.float32)
        for window, values in cascade.net.run(block, cascade.net.windows(block.first, block.last)):
            out[window.first : window.last] = values[window.first - window.start : window.last - window.start, 0]
        seen = cascade.gate.logits(block.pieces) if cascade.gate else np.float32(0)
        logits.append((cascade.net_line(out) + seen * cascade.mix)[block.first : block.last])
    runs = cascade.cutter.runs(text, opening_of(text))
    flat = np.concatenate(logits)
    if len(flat) != len(runs):
        return None
    marks, at = np.flatnonzero(runs.is_mark), np.arange(len(runs))
    flat[np.searchsorted(marks, at + BARE_REACH + 1) == np.searchsorted(marks, at - BARE_REACH)] = np.nan
    flat[-1:] = np.nan
    return labels_of(runs, flat)


def labels_of(runs: Runs, logits: Float32) -> Labels:
    """Labels of one text with padding after it."""
    rows = np.arange(len(runs))
    words, ends = runs.short_hashes(rows, WORD_BITS, END_BITS)
    pairs = np.stack(pairs_around(around(runs.symbols), runs.ends[:-1], runs.starts[1:]), 1)
    return Labels(
        np.concatenate([looks(runs, rows), np.full(PAD, N_LOOKS, np.uint16)]),
        _padded(words.astype(np.uint16)),
        _padded(ends.astype(np.uint16)),
        np.concatenate([logits, np.full(PAD, np.nan, np.float32)]),
        _padded(pairs, PAD + 1),
        _padded(runs.ends[:-1] == runs.starts[1:], PAD + 1),
    )


def _padded(values: npt.NDArray[Any], n: int = PAD) -> npt.NDArray[Any]:
    return np.concatenate([values, np.zeros((n, *values.shape[1:]), values.dtype)])


def joined(parts: list[Labels]) -> Labels:
    """Labels of texts one after the other, padding before the first."""
    blank = np.zeros(PAD, np.uint16)
    first = Labels(
        np.full(PAD, N_LOOKS, np.uint16),
        blank,
        blank,
        np.full(PAD, np.nan, np.float32),
        np.zeros((PAD, N_PAIRS), np.uint16),
        np.zeros(PAD, np.bool_),
    )
    names = [field.name for field in dataclasses.fields(Labels)]
    return Labels(*(np.concatenate([getattr(part, name) for part in (first, *parts)]) for name in names))


def fit_sieve(labels: Labels, seed: int, epochs: int = 2) -> tuple[Float32, float]:
    """Weights of all rows of the sieve (N_PAIRS, PAIR_ROWS), and its shift."""
    import torch

    torch.manual_seed(seed)
    gaps = np.flatnonzero(~np.isnan(labels.logits))
    rows = torch.from_numpy(labels.pairs[gaps].astype(np.int32) + np.arange(N_PAIRS, dtype=np.int32) * PAIR_ROWS)
    target = torch.sigmoid(torch.from_numpy(labels.logits[gaps]))
    table = torch.nn.EmbeddingBag(N_PAIRS * PAIR_ROWS, 1, mode="sum")
    torch.nn.init.zeros_(table.weight)
    shift = torch.nn.Parameter(torch.tensor([-4.0]))
    _train(
        [*table.parameters(), shift],
        lambda at: torch.nn.functional.binary_cross_entropy_with_logits(table(rows[at])[:, 0] + shift, target[at]),
        (len(gaps), epochs, 16384, 0.05),
    )
    return table.weight.detach().numpy().reshape(N_PAIRS, PAIR_ROWS), float(shift.detach()[0])


def quantised_sieve(weights: Float32, shift: float, labels: Labels) -> tuple[dict[str, npt.NDArray[Any]], Float32]:
    """The arrays of the sieve, and its log-odds of all gaps."""
    scale = np.float32(max(1e-6, float(np.abs(weights).max())) / 127)
    pairs = np.round(weights / scale).astype(np.int8)
    total = np.zeros(len(labels.pairs), np.int16)
    for table, rows in zip(pairs, labels.pairs.T, strict=True):
        total += table[rows]
    arrays: dict[str, npt.NDArray[Any]] = {
        "pairs": pairs,
        "most": np.ceil(_reached(total, labels) / MOST).clip(-128, 127).astype(np.int8),
        "sieve_scale": np.array(scale),
        "sieve_shift": np.array(shift, np.float32),
    }
    return arrays, (total * scale + np.float32(shift)).astype(np.float32)


def _reached(total: npt.NDArray[np.int16], labels: Labels) -> npt.NDArray[np.int16]:
    """(N_WIDTHS, PAIR_ROWS): the sums that gaps reach, where ends among them are more than ``RARE``.

    What was never seen reaches any sum, but where nothing stands in the gap: there it reaches none.
    """
    known, beside, space = ~np.isnan(labels.logits), labels.pairs[:, 1], labels.pairs[:, 3] & 255
    chance = np.where(labels.logits > LIKELY, 1 / (1 + np.exp(-labels.logits)), 0)
    out = np.full((N_WIDTHS, PAIR_ROWS), 127 * MOST, np.int16)
    out[2] = -128 * MOST
    for row, width in zip(out, (1, 3, 0), strict=True):
        at = np.flatnonzero(known & (space == width) & (labels.tight == (width == 0)))
        at = at[np.lexsort((-total[at], beside[at]))]
        pairs, first, count = np.unique(beside[at], return_index=True, return_counts=True)
        ends = chance[at].cumsum()
        ends -= (ends[first] - chance[at[first]]).repeat(count)
        enough = np.flatnonzero(ends >= RARE * count.repeat(count))
        row[pairs] = -128 * MOST
        found, place = np.unique(beside[at[enough]], return_index=True)
        row[found] = total[at[enough[place]]]
    return out


def _train(parameters: list[Any], loss_at: Callable[[Any], Any], plan: tuple[int, int, int, float]) -> None:
    """Adam over random batches, the rate falling to nothing; the plan: items, epochs, batch, rate."""
    import torch

    n, epochs, batch, rate = plan
    optimiser = torch.optim.Adam(parameters, lr=rate, betas=(0.9, 0.98))
    steps, done = max(1, epochs * (n // batch)), 0
    for epoch in range(epochs):
        order, total = torch.randperm(n), 0.0
        for start in range(0, n - batch + 1, batch):
            loss = loss_at(order[start : start + batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.param_groups[0]["lr"] = rate * (min(1.0, (done + 1) / 100) * (1 - done / steps) + 0.003)
            optimiser.step()
            done, total = done + 1, total + float(loss.detach())
        log.info("scan: epoch %d, loss %.4f", epoch, total / max(1, n // batch))


def fit_net(labels: Labels, gaps: Int64, seed: int, epochs: int = 14) -> dict[str, npt.NDArray[Any]]:
    """The float weights of the net that judges what the sieve leaves."""
    import torch

    torch.manual_seed(seed)
    tables = [torch.nn.Embedding(n, WIDTH) for n in (N_LOOKS + 1, 1 << WORD_BITS, 1 << END_BITS)]
    for table in tables:
        torch.nn.init.normal_(table.weight, std=0.3)
    with torch.no_grad():
        unseen = np.setdiff1d(np.arange(N_LOOKS + 1), labels.looks)
        tables[0].weight[torch.from_numpy(unseen)] = 0
    first, second = torch.nn.Linear(2 * REACH * WIDTH, HIDDEN), torch.nn.Linear(HIDDEN, 1)
    columns = [torch.from_numpy(c.astype(np.int64)) for c in (labels.looks, labels.words, labels.ends)]
    target = torch.sigmoid(torch.from_numpy(labels.logits))
    around, places = torch.arange(1 - REACH, 1 + REACH), torch.from_numpy(gaps)

    def loss_at(chosen: Any) -> Any:
        at = places[chosen]
        near = at[:, None] + around
        seen = [column[near] for column in columns]
        hidden = torch.rand(near.shape)
        seen[1] = torch.where(hidden < 0.08, 0, seen[1])
        seen[2] = torch.where(hidden < 0.04, 0, seen[2])
        x = sum(table(column) for table, column in zip(tables, seen, strict=True)).flatten(1)
        logit = second(torch.relu(first(x)))[:, 0]
        return torch.nn.functional.binary_cross_entropy_with_logits(logit, target[at])

    parameters = [p for module in (*tables, first, second) for p in module.parameters()]
    _train(parameters, loss_at, (len(gaps), epochs, 2048, 3e-3))
    names = ("looks", "words", "ends", "first.weight", "first.bias", "second.weight", "second.bias")
    values = [*(t.weight for t in tables), first.weight, first.bias, second.weight, second.bias]
    return {name: value.detach().numpy() for name, value in zip(names, values, strict=True)}


def quantised_net(net: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """The arrays of the net: tables in int8, layers in float16."""
    names = ("looks", "words", "ends")
    wide = max(float(np.quantile(np.abs(net[name][net[name] != 0]), 0.9995)) for name in names) * 1.2 / 127
    return {
        **{name: np.round(net[name] / wide).clip(-127, 127).astype(np.int8) for name in names},
        "table_scale": np.array(wide, np.float32),
        "first.weight": net["first.weight"].astype(np.float16),
        "first.bias": net["first.bias"].astype(np.float32),
        "second.weight": net["second.weight"].astype(np.float32),
        "second.bias": net["second.bias"].astype(np.float32),
    }


def calibration(
    scan: SentenceScan, cascade: SentenceCascade, dev: Iterable[Record], limit: float = LIMIT
) -> tuple[float, float]:
    """Scale and shift of the scan's log-odds where they are as far from 0 as ``limit``, from the tuning half of dev."""
    items = []
    records = list(dev)
    for record, is_first in zip(records, firsts(records), strict=True):
        runs = cascade.cutter.runs(record.text, opening_of(record.text))
        if not is_first or len(runs) < 2:
            continue
        gaps, logits = scan.decide(runs, 0, len(runs) - 1)
        gold = np.isin(runs.ends[gaps], moved_left(record.text, record.ends))
        sure = np.abs(logits) >= limit
        items.append(((logits[sure],), gold[sure]))
    scale, shift = fit_logits(items, 1)
    return scale, shift


def fit(models: pathlib.Path, corpora: pathlib.Path, scale: float = 1.2, seed: int = 1) -> None:
    """Fits the scan of the models in a folder, writes ``scan.npz`` and enters it into the cards of its forms."""
    begun = time.monotonic()
    cascade = SentenceCascade(load_card(models / "sentences-full"))
    texts = itertools.chain(sampled(corpora, scale, seed), crowded(sampled(corpora, scale / 4, seed + 1)))
    labels = joined([found for text in texts if (found := label(cascade, *text)) is not None])
    log.info("scan: %d pieces labelled after %.0f s", len(labels.looks), time.monotonic() - begun)
    sieve, odds = quantised_sieve(*fit_sieve(labels, seed), labels)
    gaps = np.flatnonzero(~np.isnan(labels.logits) & (odds >= FLOOR))
    path = models / "sentences" / SCAN
    np.savez_compressed(path, **sieve, **quantised_net(fit_net(labels, gaps, seed)))  # type: ignore[arg-type]
    dev = dev_records(corpora)
    line = calibration(SentenceScan(path, FLOOR), cascade, dev)
    for form, limits in FORMS.items():
        enter(models / form, {"scan_scale": line[0], "scan_shift": line[1], **limits})
    write_alone(models, dev, calibration(SentenceScan(path, ALONE_FLOOR, ALONE_CEILING), cascade, dev, 0.0))
    log.info("scan: %d bytes after %.0f s", path.stat().st_size, time.monotonic() - begun)


def enter(folder: pathlib.Path, parameters: Mapping[str, float]) -> None:
    """Writes the scan into a card: its parameters, and the file where the card lists files."""
    card = load_card(folder)
    fields = {key: value for key, value in card.data.items() if key not in ("files", "scores", "format")}
    fields["parameters"] = {**card.parameters, "scan": SCAN, **parameters}
    files = [file.path for file in card.files]
    write_card(folder, fields, sorted({*files, SCAN}) if files else [], list(card.data.get("scores", [])))


def write_alone(models: pathlib.Path, dev: Sequence[Record], line: tuple[float, float]) -> None:
    """Writes the form that asks the scan alone, made of the gate's form: its card, with thresholds and figures."""
    card = load_card(models / "sentences-gate")
    fields = {key: value for key, value in card.data.items() if key not in ("files", "scores", "format")}
    fields |= {"name": ALONE, "summary": "the scan alone; the small net where a text has no punctuation"}
    fields["parameters"] = {key: value for key, value in card.parameters.items() if not key.startswith("gate")}
    fields["parameters"]["blank_reach"] = QUICK_REACH
    limits = {"scan_floor": ALONE_FLOOR, "scan_ceiling": ALONE_CEILING, "scan_low": 0.0, "scan_high": 0.0}
    fields["parameters"] |= {"scan_scale": line[0], "scan_shift": line[1], **limits}
    folder = models / ALONE
    folder.mkdir(exist_ok=True)
    write_card(folder, fields, [], [])
    found = thresholds_of(SatSegmenter(load_card(folder)), dev)
    fields["thresholds"] = {**card.data["thresholds"], **found}
    write_card(folder, fields, [], [])
    write_card(folder, fields, [], [*figures(folder, dev)])
