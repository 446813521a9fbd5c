"""The training loop of the section model: data, judges, schedule, checkpoints.

Which heading is the outer one, and whether a heading counts at all, often cannot be told from the text; a network
that trains long learns it by heart. So two judges learn beside it, each from one half of the documents, and say of the
other half what can be told: their chances are mixed into the labels.

A run may be cut into slices: the state is saved at the end of each, and the next goes on where it stopped. The length
is a number of steps, or a budget of seconds where a machine is there for a time.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from segtool.inference.topic_features import SectionShape
from segtool.training.sections.advisers import Advice, Advisers
from segtool.training.sections.batches import JoinOptions, JoinSampler, SectionOptions, SectionSampler
from segtool.training.sections.export import load_weights
from segtool.training.sections.feed import Feed
from segtool.training.sections.learner import Learner, LossOptions, Step, to_tensors
from segtool.training.sections.prepare import TrainData, word_weights
from segtool.training.sections.samples import Batch

log = logging.getLogger(__name__)
SANITY_STEP, SANITY_LOSS = 400, 0.3
CHECKPOINT_S = 300
TAUGHT_UNITS = 1_500


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """One training.

    Args:
        shape: Of the network.
        judge: Shape of the two judges; None trains on the labels alone.
        steps: Optimiser steps; 0 if `seconds` decide.
        seconds: Wall-clock length of the whole training, over all slices.
        soft: Largest share of the judges in the labels of sections; that in joined documents is half of it.
        judged: Parts of the training from and up to which that share grows.
        judges_end: Part of the training after which the judges learn no more.
        begin: Weights to begin with; None begins with the words' vectors of the teacher.
        advice: Trained networks that are asked in place of judges; see `Advisers`.
        only: Domains of documents with sections; all if empty.
        graphs: Replay the bodies as CUDA graphs, for they are bound by launches.
    """

    shape: SectionShape = field(default_factory=SectionShape)
    judge: SectionShape | None = None
    steps: int = 0
    seconds: float = 0.0
    rate: float = 2e-3
    warm_up: int = 150
    soft: float = 0.6
    judged: tuple[float, float] = (0.12, 0.3)
    judges_end: float = 0.75
    losses: LossOptions = field(default_factory=LossOptions)
    seed: int = 1
    workers: int = 8
    begin: Path | None = None
    advice: Advice = field(default_factory=Advice)
    only: tuple[str, ...] = ()
    graphs: bool = False
    sections: SectionOptions = field(default_factory=SectionOptions)
    joins: JoinOptions = field(default_factory=JoinOptions)


class Trainer:
    """The network, its judges, and the clock of one training."""

    def __init__(self, options: TrainOptions, data: TrainData, device: str, checkpoint: Path) -> None:
        self.options, self.device, self._checkpoint = options, device, checkpoint
        self.elapsed = 0.0
        saved = torch.load(checkpoint, map_location=device, weights_only=True) if checkpoint.exists() else None
        self._slice = int(saved["slice"]) + 1 if saved else 0
        seed = options.seed * 1000 + self._slice
        torch.manual_seed(seed)
        self._random = np.random.default_rng(seed)
        joins = JoinSampler(data.source, data.langs, data.domains, options.joins)
        sections = SectionSampler(data.source, data.domains, options.sections, options.only, joins.long_sample)
        self._feed = Feed(lambda rng: (sections(rng), joins(rng)), options.workers, seed)
        judge = None if options.advice.always else options.judge
        shapes = [options.shape, *([judge] * 2 if judge else [])]
        self._learners = [Learner(shape, device, options.rate) for shape in shapes]
        self._advisers = Advisers(options.advice, device) if options.advice.always else None
        if saved is None:
            weights = {shape.bits: word_weights(data, shape.bits) for shape in dict.fromkeys(shapes)}
            for learner, shape in zip(self._learners, shapes, strict=True):
                learner.begin(data, weights[shape.bits])
            if options.begin:
                self.main.begin_with(load_weights(options.begin))
        else:
            for learner, state in zip(self._learners, saved["learners"], strict=True):
                learner.restore(state)
            self.elapsed = float(saved["elapsed"])
        if options.graphs:
            grids = [(options.sections.size, options.sections.crop), (options.joins.size, options.joins.crop)]
            for learner in self._learners:
                learner.use_graphs(grids)
        vectors = data.teacher
        self._teacher = None if vectors is None else torch.from_numpy(vectors).to(device)

    @property
    def main(self) -> Learner:
        """The network that is trained for use."""
        return self._learners[0]

    @property
    def judges(self) -> list[Learner]:
        """None or two."""
        return self._learners[1:]

    @property
    def step(self) -> int:
        return self.main.step

    def progress(self) -> float:
        """How much of the training is done, 0 to 1."""
        o = self.options
        return self.step / o.steps if o.steps else self.elapsed / o.seconds

    def run(
        self,
        slice_seconds: float = math.inf,
        finish: bool = False,
        deadline: Path | None = None,
        keep: Callable[[], None] | None = None,
    ) -> bool:
        """Train until done or until the slice's time is over; whether it is done.

        Args:
            slice_seconds: Length of the slice.
            finish: Bend the schedule so that the training is done with this slice.
            deadline: File with the Unix time at which the training shall be done, read as it goes on.
            keep: Called after each checkpoint, of which one is written every 300 seconds.
        """
        if finish and math.isfinite(slice_seconds):
            self.options = replace(self.options, steps=0, seconds=self.elapsed + slice_seconds)
        begun, before, waited = time.monotonic(), self.elapsed, 0.0
        kept = begun
        sums: dict[str, Tensor] = {}
        feed = iter(self._feed)
        while self.progress() < 1:
            if deadline is not None and self.step % 20 == 0:
                self._bend(deadline)
            asked = time.monotonic()
            batches = next(feed)
            waited += time.monotonic() - asked
            for name, value in self._step(*batches).items():
                sums[name] = sums.get(name, torch.zeros((), device=self.device)) + value
            self.elapsed = before + time.monotonic() - begun
            if self.step % 100 == 0:
                if self.step == SANITY_STEP and not float(sums["sections"]) / 100 < SANITY_LOSS:
                    raise ArithmeticError(f"loss {float(sums['sections']) / 100:.3f}: the training does not learn")
                means = {name: round(float(value) / 100, 4) for name, value in sums.items()}
                log.info("step %d, %.0f s, waited %.1f s, %s", self.step, self.elapsed, waited, json.dumps(means))
                sums, waited = {}, 0.0
            if time.monotonic() - begun > slice_seconds:
                break
            if keep is not None and time.monotonic() - kept > CHECKPOINT_S:
                self._save()
                keep()
                kept = time.monotonic()
        self._feed.close()
        self._save()
        return self.progress() >= 1

    def _bend(self, deadline: Path) -> None:
        """Let the training end at the time in a file, if there is one."""
        try:
            left = float(deadline.read_text(encoding="utf-8")) - time.time()
        except (OSError, ValueError):
            return
        self.options = replace(self.options, steps=0, seconds=self.elapsed + max(left, 0.1))

    def _rate(self, step: int, progress: float) -> float:
        """Share of the highest learning rate after so many steps, at such a part of the way."""
        return min(1.0, (step + 1) / self.options.warm_up) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))

    def _step(self, section_batch: Batch, join_batch: Batch) -> dict[str, Tensor]:
        o, progress = self.options, self.progress()
        half = int(section_batch.pop("half"))
        step = self._ready(section_batch, join_batch)
        losses: dict[str, Tensor] = {}
        if self.judges:
            part = progress / o.judges_end
            if part < 1:
                learner = self.judges[half]
                learned = learner.learn(step, self._rate(learner.step, part), o.losses)
                losses["judge"] = learned["sections"]
            start, full = o.judged
            soft = o.soft * min(1.0, max(0.0, (progress - start) / (full - start)))
            if soft:
                _soften(step, self.judges[1 - half].chances(step), soft)
        if self._advisers is not None:
            said = self._advisers.chances(step, half)
            step.section["labels"] = step.section["labels"] + o.soft * (said - step.section["labels"])
        losses.update(self.main.learn(step, self._rate(self.step, progress), o.losses))
        return losses

    def _ready(self, section_batch: Batch, join_batch: Batch) -> Step:
        taught = None
        if self._teacher is not None:
            taught = self._taught(np.concatenate([section_batch["teacher"], join_batch["teacher"]]))
        return Step(
            to_tensors(section_batch, self.device),
            section_batch["labels"].shape[:2],
            to_tensors(join_batch, self.device),
            join_batch["labels"].shape[:2],
            taught,
        )

    def _taught(self, rows: npt.NDArray[np.int32]) -> tuple[Tensor, Tensor] | None:
        """Some units that the teacher knows, and the mean of its vectors of their sentences."""
        assert self._teacher is not None
        known = np.flatnonzero(rows[:, 0] >= 0)  # on the host: the device would have to be waited for
        if len(known) < 8:
            return None
        known = self._random.permutation(known)[:TAUGHT_UNITS]
        moved = to_tensors({"known": known, "rows": rows[known].astype(np.int64)}, self.device)
        chosen = moved["rows"]
        vectors = (self._teacher[chosen.clamp(min=0)].float() * (chosen >= 0)[..., None]).sum(1)
        return moved["known"], torch.nn.functional.normalize(vectors, dim=1)

    def _save(self) -> None:
        self._checkpoint.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "learners": [learner.state() for learner in self._learners],
            "elapsed": self.elapsed,
            "slice": self._slice,
        }
        temporary = self._checkpoint.with_suffix(".tmp")
        torch.save(state, temporary)
        temporary.replace(self._checkpoint)


def _soften(step: Step, chances: tuple[Tensor, Tensor], soft: float) -> None:
    """Mix the judge's chances into the labels, in place; half as much where documents are joined."""
    for batch, said, share in ((step.section, chances[0], soft), (step.join, chances[1], soft / 2)):
        batch["labels"] = batch["labels"] + share * (said - batch["labels"])
