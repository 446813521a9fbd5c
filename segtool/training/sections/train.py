"""The training loop of the section model: data, losses, schedule, checkpoints.

A run may be cut into slices: the state is saved at the end of each, and the next goes on where it stopped. The length
is a number of steps, or a budget of seconds where a machine is lent for a time.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from segtool.inference.topic_features import SectionShape
from segtool.inference.topic_tokens import CharacterTable, Tokenizer, table_rows
from segtool.training.sections.batches import JoinOptions, JoinSampler, SectionOptions, SectionSampler
from segtool.training.sections.cache import (
    N_DEPTHS,
    TABLE_BITS,
    UnitCache,
    build_cache,
    load_cache,
    names_of,
    save_cache,
    sentence_offsets,
    sentences_of,
)
from segtool.training.sections.corpus import Pack, RawRecord, SectionRecord, family
from segtool.training.sections.feed import Feed
from segtool.training.sections.graphs import graphed_bodies
from segtool.training.sections.network import (
    SectionNet,
    contrast_loss,
    distill_loss,
    join_loss,
    section_loss,
)
from segtool.training.sections.samples import Batch, Sample, Source, assemble
from segtool.training.sections.teacher import Teacher

log = logging.getLogger(__name__)
WINDOW = 512
MARGIN = 32
FACTS_FILE = "facts.json"
SANITY_STEP, SANITY_LOSS = 400, 0.3


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """One training.

    Args:
        steps: Optimiser steps; 0 if `seconds` decide.
        seconds: Wall-clock length of the whole training, over all slices.
        only: Domains of documents with sections; all if empty.
        graphs: Replay the body as CUDA graphs, for it is bound by launches.
    """

    shape: SectionShape = field(default_factory=SectionShape)
    steps: int = 0
    seconds: float = 0.0
    rate: float = 2e-3
    warm_up: int = 150
    contrast: float = 0.8
    temperature: float = 0.07
    distill: float = 1.0
    words_off: float = 0.3
    seed: int = 1
    workers: int = 8
    only: tuple[str, ...] = ()
    graphs: bool = False
    sections: SectionOptions = field(default_factory=SectionOptions)
    joins: JoinOptions = field(default_factory=JoinOptions)


@dataclass(frozen=True, slots=True)
class TrainData:
    """Prepared documents and the teacher's judgements."""

    source: Source
    langs: list[str]
    domains: list[str]
    teacher: npt.NDArray[np.float16] | None
    word_vectors: tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]] | None


def prepare(pack: Pack, folder: Path, teacher: Path | None, device: str, processes: int, limit: int) -> None:
    """Make features and teacher's vectors of a pack and keep them in a folder.

    Args:
        pack: All documents.
        folder: Where the arrays are kept.
        teacher: Folder with the rounded teacher and `words.txt`; None to train without.
        device: Where the teacher runs.
        processes: Worker processes for the features.
        limit: Sentences the teacher reads.
    """
    records: list[SectionRecord | RawRecord] = [*pack.train, *pack.raw]
    langs, domains = names_of(records)
    save_cache(build_cache(records, langs, domains, processes), folder)
    families: dict[str, int] = {}
    rows = [families.setdefault(family(record.id), len(families)) for record in records]
    np.save(folder / "family.npy", np.array(rows))
    if teacher is not None:
        _ask_teacher(records, load_cache(folder), folder, Teacher(teacher, device), teacher, limit)
    # written last: it says that the rest is whole
    facts = {"langs": langs, "domains": domains, "n_sections": len(pack.train)}
    (folder / FACTS_FILE).write_text(json.dumps(facts), encoding="utf-8")


def load_prepared(folder: Path) -> TrainData:
    """What `prepare` left in a folder."""
    facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
    cache = load_cache(folder)
    is_section = np.arange(cache.n_documents) < facts["n_sections"]
    families = np.load(folder / "family.npy")
    if not (folder / "teacher_vectors.npy").exists():
        return TrainData(Source(cache, is_section, None, families), facts["langs"], facts["domains"], None, None)
    source = Source(cache, is_section, np.load(folder / "teacher_rows.npy"), families)
    stored = np.load(folder / "word_vectors.npz")
    words = (stored["rows"], stored["vectors"])
    return TrainData(source, facts["langs"], facts["domains"], np.load(folder / "teacher_vectors.npy"), words)


def _ask_teacher(
    records: Sequence[SectionRecord | RawRecord],
    cache: UnitCache,
    folder: Path,
    teacher: Teacher,
    words_from: Path,
    limit: int,
) -> None:
    """Vectors of English sentences of all domains, and of the frequent words."""
    offsets = sentence_offsets(cache)
    rng = np.random.default_rng(5)
    english = [i for i, r in enumerate(records) if r.lang == "en"]
    by_domain: dict[str, list[int]] = {}
    for i in rng.permutation(english).tolist():
        by_domain.setdefault(records[i].domain, []).append(i)
    quota = limit // max(1, len(by_domain))
    texts: list[str] = []
    rows = np.full(int(offsets[-1]), -1, np.int32)
    for _, documents in sorted(by_domain.items()):
        taken = 0
        for i in documents:
            if taken >= quota:
                break
            for at, sentence in enumerate(sentences_of(records[i])):
                if len(sentence) >= 20:
                    rows[offsets[i] + at] = len(texts)
                    texts.append(sentence[:500])
                    taken += 1
    vectors = teacher.embed(texts).astype(np.float32)
    vectors -= vectors.mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-6
    words = (words_from / "words.txt").read_text(encoding="utf-8").split("\n")
    embedded = teacher.embed(words).astype(np.float32)
    embedded -= embedded.mean(axis=0)
    tokens = Tokenizer(CharacterTable.build())(words)
    whole = np.diff(tokens.offsets) == 1
    at = tokens.offsets[:-1][whole]
    pairs = np.stack([table_rows(h[at], TABLE_BITS) for h in (tokens.whole, tokens.part)], axis=1)
    _, _, axes = np.linalg.svd(embedded[whole][::3], full_matrices=False)
    np.savez(folder / "word_vectors.npz", rows=pairs, vectors=(embedded[whole] @ axes[:128].T).astype(np.float32))
    np.save(folder / "teacher_rows.npy", rows)
    np.save(folder / "teacher_vectors.npy", vectors.astype(np.float16))
    log.info("teacher: %d sentences, %d words", len(texts), len(pairs))


def initialise(net: SectionNet, data: TrainData) -> None:
    """Start word weights by frequency (SIF, Arora et al. 2017) and word vectors from the teacher's."""
    cache, shift = data.source.cache, TABLE_BITS - net.shape.bits
    rows = np.asarray(cache.words[:, 0]) >> shift
    at = np.asarray(cache.word_at)[sentence_offsets(cache)]
    share = np.zeros(1 << net.shape.bits)
    for lang in range(len(data.langs)):
        documents = np.flatnonzero(cache.lang == lang)
        parts = [rows[at[i] : at[i + 1]] for i in documents]
        counts = np.bincount(np.concatenate(parts), minlength=len(share))
        share = np.maximum(share, counts / max(5_000, counts.sum()))
    with torch.no_grad():
        net.weight.weight[:, 0] = torch.from_numpy(np.log(1e-3 / (1e-3 + share))).float()


def fit_words(net: SectionNet, data: TrainData, device: str, steps: int = 250) -> None:
    """Let the sum of a word's two rows match the teacher's vector of the word."""
    if data.word_vectors is None:
        return
    rows = torch.from_numpy(data.word_vectors[0] >> (TABLE_BITS - net.shape.bits)).long().to(device)
    target = torch.from_numpy(data.word_vectors[1][:, : net.shape.width]).to(device)
    target = 0.5 * target / target.norm(dim=1, keepdim=True).mean()
    optimiser = torch.optim.Adam([net.table.weight], lr=0.01)
    for _ in range(steps):
        vectors = net.table(rows[:, 0]) + net.table(rows[:, 1])
        loss = (vectors - target).square().sum(1).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    log.info("words fitted: %.4f", float(loss))


def to_tensors(batch: Batch, device: str) -> dict[str, torch.Tensor]:
    """A batch on the device; through pinned memory, so that the host need not wait for it."""
    tensors = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in batch.items()}
    if device.startswith("cuda"):
        return {name: tensor.pin_memory().to(device, non_blocking=True) for name, tensor in tensors.items()}
    return {name: tensor.to(device) for name, tensor in tensors.items()}


class Trainer:
    """Model, optimiser and clock of one training."""

    def __init__(self, options: TrainOptions, data: TrainData, device: str, checkpoint: Path) -> None:
        torch.manual_seed(options.seed)
        self.options, self.data, self.device, self._checkpoint = options, data, device, checkpoint
        self.step = 0
        self.elapsed = 0.0
        sections = SectionSampler(data.source, data.domains, options.sections, options.only)
        joins = JoinSampler(data.source, data.langs, data.domains, options.joins)
        saved = torch.load(checkpoint, map_location=device, weights_only=True) if checkpoint.exists() else None
        seed = options.seed * 1000 + (int(saved["slice"]) + 1 if saved else 0)
        self._slice = int(saved["slice"]) + 1 if saved else 0
        self._random = np.random.default_rng(seed)
        self._feed = Feed(lambda rng: (sections(rng), joins(rng)), options.workers, seed)
        self.net = SectionNet(options.shape).to(device)
        if saved is None:
            initialise(self.net, data)
            fit_words(self.net, data, device)
        self._optimiser = self._make_optimiser()
        if saved is not None:
            self.net.load_state_dict(saved["net"])
            self._optimiser.load_state_dict(saved["optimiser"])
            self.step, self.elapsed = int(saved["step"]), float(saved["elapsed"])
        if options.graphs:
            grids = [(options.sections.size, options.sections.crop), (options.joins.size, options.joins.crop)]
            self.net.bodies = graphed_bodies(self.net.body, grids, device)
        vectors = data.teacher
        self._teacher = None if vectors is None else torch.from_numpy(vectors).to(device)

    def _make_optimiser(self) -> torch.optim.AdamW:
        free = [p for n, p in self.net.named_parameters() if n.startswith(("table", "weight", "form")) or p.ndim < 2]
        known = {id(p) for p in free}
        rest = [p for p in self.net.parameters() if id(p) not in known]
        groups = [{"params": free, "weight_decay": 0.0}, {"params": rest, "weight_decay": 0.05}]
        fused = self.device.startswith("cuda")
        return torch.optim.AdamW(groups, lr=self.options.rate, betas=(0.9, 0.98), fused=fused)

    def progress(self) -> float:
        """How much of the training is done, 0 to 1."""
        o = self.options
        return self.step / o.steps if o.steps else self.elapsed / o.seconds

    def run(self, slice_seconds: float = math.inf, finish: bool = False) -> bool:
        """Train until done or until the slice's time is over; whether it is done.

        With `finish` the schedule is bent so that the training is done with this slice.
        """
        if finish and math.isfinite(slice_seconds):
            self.options = replace(self.options, steps=0, seconds=self.elapsed + slice_seconds)
        self.net.train()
        begun, before = time.monotonic(), self.elapsed
        sums: dict[str, torch.Tensor] = {}
        for section_batch, join_batch in self._feed:
            self._set_rate()
            for name, value in self._step(section_batch, join_batch).items():
                sums[name] = sums.get(name, torch.zeros((), device=self.device)) + value
            self.step += 1
            self.elapsed = before + time.monotonic() - begun
            if self.step % 100 == 0:
                if self.step == SANITY_STEP and not float(sums["sections"]) / 100 < SANITY_LOSS:
                    raise ArithmeticError(f"loss {float(sums['sections']) / 100:.3f}: the training does not learn")
                means = {name: round(float(value) / 100, 4) for name, value in sums.items()}
                log.info("step %d, %.0f s, %s", self.step, self.elapsed, json.dumps(means))
                sums = {}
            if self.progress() >= 1 or time.monotonic() - begun > slice_seconds:
                break
        self._feed.close()
        self._save()
        return self.progress() >= 1

    def _set_rate(self) -> None:
        o = self.options
        rate = o.rate * min(1.0, (self.step + 1) / o.warm_up)
        rate *= 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress())))
        for group in self._optimiser.param_groups:
            group["lr"] = rate

    def _step(self, section_batch: Batch, join_batch: Batch) -> dict[str, torch.Tensor]:
        o = self.options
        share = o.words_off * float(torch.rand(()))
        words_off = torch.rand(1 << o.shape.bits, device=self.device) < share
        losses: dict[str, torch.Tensor] = {}
        section, grid = to_tensors(section_batch, self.device), section_batch["labels"].shape[:2]
        logits, section_topic = self.net(section, grid, words_off)
        losses["sections"] = section_loss(logits, section["labels"], section["mask"])
        join, grid = to_tensors(join_batch, self.device), join_batch["labels"].shape[:2]
        logits, topic = self.net(join, grid, words_off)
        losses["joins"] = join_loss(logits, join["labels"], join["mask"])
        losses["contrast"] = contrast_loss(topic, join["source"], o.temperature)
        total = losses["sections"] + losses["joins"] + o.contrast * losses["contrast"]
        if self._teacher is not None and o.distill:
            rows = np.concatenate([section_batch["teacher"], join_batch["teacher"]])
            losses["distill"] = self._distill(torch.cat([section_topic, topic]), rows)
            total = total + o.distill * losses["distill"]
        self._optimiser.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self._optimiser.step()
        return {name: value.detach() for name, value in losses.items()}

    def _distill(self, topics: torch.Tensor, rows: npt.NDArray[np.int32], limit: int = 1500) -> torch.Tensor:
        assert self._teacher is not None
        known = np.flatnonzero(rows[:, 0] >= 0)  # on the host: the device would have to be waited for
        if len(known) < 8:
            return topics.sum() * 0
        known = self._random.permutation(known)[:limit]
        moved = to_tensors({"known": known, "rows": rows[known].astype(np.int64)}, self.device)
        chosen = moved["rows"]
        vectors = (self._teacher[chosen.clamp(min=0)].float() * (chosen >= 0)[..., None]).sum(1)
        vectors = torch.nn.functional.normalize(vectors, dim=1)
        topics = topics.index_select(0, moved["known"])
        return distill_loss(self.net.project(topics), topics, vectors)

    def _save(self) -> None:
        self._checkpoint.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "net": self.net.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "step": self.step,
            "elapsed": self.elapsed,
            "slice": self._slice,
            "shape": asdict(self.options.shape),
        }
        temporary = self._checkpoint.with_suffix(".tmp")
        torch.save(state, temporary)
        temporary.replace(self._checkpoint)


def network_predictor(net: SectionNet, device: str) -> Any:
    """A predictor of `evaluate` that runs the network itself."""

    @torch.inference_mode()
    def predict(documents: Sequence[Sequence[str]]) -> list[npt.NDArray[Any]]:
        net.eval()
        records = [RawRecord(str(i), "", "", tuple(units)) for i, units in enumerate(documents)]
        cache = build_cache(records, [""], [""], 1)
        source = Source(cache, np.zeros(len(records), np.bool_))
        windows: list[tuple[int, int, Sample]] = []
        for document in range(len(records)):
            start, end = source.paragraphs(document)
            for at in range(0, max(1, end - start - 2 * MARGIN), WINDOW - 2 * MARGIN):
                windows.append((document, at, _window(cache, start, at, end)))
        out = [np.zeros((len(units), N_DEPTHS), np.float32) for units in documents]
        for first in range(0, len(windows), 32):
            part = windows[first : first + 32]
            batch = assemble(source, [sample for _, _, sample in part], np.random.default_rng(0))
            logits, _ = net(to_tensors(batch, device), batch["labels"].shape[:2])
            for (document, at, sample), row in zip(part, torch.sigmoid(logits).cpu().numpy(), strict=True):
                begin = at + (MARGIN if at else 0)
                stop = at + len(sample.begin) - sample.skip
                out[document][begin:stop] = row[begin - at : stop - at]
        return out

    return predict


def _window(cache: UnitCache, start: int, at: int, end: int) -> Sample:
    rows = np.arange(start, min(end, start + at + WINDOW))
    n = len(rows)
    return Sample(
        begin=cache.sentence_at[rows],
        end=cache.sentence_at[rows + 1],
        labels=np.zeros((n, N_DEPTHS), np.float32),
        mask=np.zeros((n, N_DEPTHS), np.bool_),
        source=rows,
        skip=at,
    )
