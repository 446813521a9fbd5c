"""Batches to weights: the training loop, with a budget in seconds or steps, and checkpoints to resume from."""

from __future__ import annotations

import dataclasses
import json
import logging
import math
import pathlib
import time
from collections.abc import Mapping, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from segtool.inference import pieces as p
from segtool.training.sentences import features, measure
from segtool.training.sentences.exchange import Exchange, write_answers
from segtool.training.sentences.mixture import IGNORE, RAW_BEGIN, UNTAUGHT, Batch, Mixture, window_counts
from segtool.training.sentences.network import HEAD_MARK, HEAD_UPPER, SHAPES, SIZE, Embedder, Encoder, Gate

log = logging.getLogger(__name__)

LABEL_AT = (0.08, 0.25, 0.5)
"""Progress at which raw text is labelled by what the net knows by then."""
LABEL_AGAIN_AT = (0.0, 0.3, 0.6)
"""The same for a net that begins with trained weights."""
AVERAGE, AVERAGE_EVERY = 0.997, 5
"""The exported weights are a running mean: this much of it stays, every so many steps."""


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides a training run."""

    shapes: tuple[str, ...]
    seconds: float = 0.0
    """Length of the whole schedule in seconds of training; 0: count steps instead."""
    steps: int = 0
    windows: int = 512
    window: int = 256
    rate: float = 2e-3
    warm_up: int = 200
    decay: float = 0.02
    clip: float = 1.0
    raw_begin: float = RAW_BEGIN
    raw_end: float = 0.4
    teach: float = 0.0
    """Weight of the first encoder's soft answer in the loss of the others."""
    gate: bool = False
    """Whether the cascade's first stage is trained along, to imitate the first encoder."""
    gate_seconds: float = 0.0
    """Length of the gate's own training after the schedule, from the finished net."""
    size: int = SIZE
    """Width of a piece's embedding."""
    auxiliary: float = 1.0
    """Weight of all targets but the sentence end; 0 leaves them out."""
    compiled: bool = False
    seed: int = 1


class Model(nn.Module):
    """One embedder under all encoders that are trained together."""

    def __init__(self, shapes: Sequence[str], window: int, gate: bool, n_languages: int = 0, size: int = SIZE) -> None:
        super().__init__()
        self.embedder = Embedder(size, n_languages)
        self.encoders = nn.ModuleList(Encoder(SHAPES[name], self.embedder.size, window) for name in shapes)
        self.gate = Gate() if gate else None

    def forward(self, rows: Tensor, classes: Tensor, language: Tensor) -> list[Tensor]:
        embedded = self.embedder(rows, classes, language)
        return [encoder(embedded) for encoder in self.encoders]


def _masked_bce(logits: Tensor, target: Tensor) -> Tensor:
    mask = target != IGNORE
    losses = F.binary_cross_entropy_with_logits(logits, target.clamp(min=0).float(), reduction="none")
    return (losses * mask).sum() / mask.sum().clamp(min=1)


def _weighted_bce(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    losses = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return (losses * weight).sum() / weight.sum().clamp(min=1)


def task_loss(logits: Tensor, batch: Batch, auxiliary: float = 1.0) -> Tensor:
    """Sentence end 1.0; times ``auxiliary`` paragraph 0.3, removed mark 0.3, next word upper case 0.15."""
    logits = logits.float()
    end = _weighted_bce(logits[..., 0], batch.end, batch.weight)
    if not auxiliary:
        return end
    mark = F.cross_entropy(
        logits[..., HEAD_MARK:HEAD_UPPER].flatten(0, 1), batch.mark.flatten().long(), ignore_index=IGNORE
    )
    others = 0.3 * _masked_bce(logits[..., 1], batch.paragraph) + 0.3 * mark
    return end + auxiliary * (others + 0.15 * _masked_bce(logits[..., HEAD_UPPER], batch.upper))


def total_loss(model: Model, batch: Batch, teach: float, auxiliary: float = 1.0) -> Tensor:
    """Sum of the task losses of all encoders; with ``teach`` the others also imitate the first, as the gate does."""
    outputs = model(batch.rows, batch.classes, batch.language)
    loss = task_loss(outputs[0], batch, auxiliary)
    soft = torch.sigmoid(outputs[0].detach().float()[..., :2])
    for output in outputs[1:]:
        loss = loss + task_loss(output, batch, auxiliary)
        if teach:
            loss = loss + teach * F.binary_cross_entropy_with_logits(output.float()[..., :2], soft)
    if model.gate is not None:
        logits = model.gate(batch.rows, batch.classes).float()
        losses = F.binary_cross_entropy_with_logits(logits, soft[..., 0], reduction="none")
        loss = loss + (losses * batch.imitate).sum() / batch.imitate.sum().clamp(min=1)
    return loss


def gate_loss(model: Model, batch: Batch) -> Tensor:
    """The gate's loss alone: it imitates the first encoder, and follows labels half-way where there are some."""
    assert model.gate is not None
    with torch.no_grad():
        soft = torch.sigmoid(
            model.encoders[0](model.embedder(batch.rows, batch.classes, batch.language))[..., 0].float()
        )
        labelled = batch.weight == 1
        target = torch.where(labelled, 0.5 * (soft + batch.end), soft)
        weight = torch.maximum(batch.imitate, (soft > 0.02) * (batch.imitate > 0))
    losses = F.binary_cross_entropy_with_logits(model.gate(batch.rows, batch.classes).float(), target, reduction="none")
    return (losses * weight).sum() / weight.sum().clamp(min=1)


def _optimiser(model: Model, plan: Plan, device: torch.device) -> torch.optim.Optimizer:
    decayed = [w for w in model.parameters() if w.ndim > 1]
    rest = [w for w in model.parameters() if w.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": plan.decay}, {"params": rest, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.98), fused=device.type == "cuda")


def rate_factor(step: int, progress: float, warm_up: int) -> float:
    """Linear warm-up by steps, times a cosine from 1 to 0.01 by progress."""
    return min(1.0, (step + 1) / warm_up) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress))))


class Run:
    """A training run that can stop and go on."""

    def __init__(
        self,
        plan: Plan,
        mixture: Mixture,
        device: torch.device,
        checkpoint: pathlib.Path,
        exchange: Exchange | None = None,
    ) -> None:
        torch.manual_seed(plan.seed)
        torch.set_float32_matmul_precision("high")
        self.plan, self.mixture, self.device, self.checkpoint = plan, mixture, device, checkpoint
        self.exchange = exchange or Exchange()
        self.languages = mixture.languages
        self.model = Model(plan.shapes, plan.window, plan.gate, len(self.languages), plan.size).to(device)
        self.average = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.optimiser = _optimiser(self.model, plan, device)
        self.step, self.trained_s, self.progress = 0, 0.0, 0.0
        self.log: list[dict[str, float]] = []
        self._label_at = LABEL_AT
        self._labelled = 0
        self._taken: set[pathlib.Path] = set()
        self._loss = torch.compile(total_loss) if plan.compiled else total_loss
        if checkpoint.exists():
            self._restore()

    def begin_with(self, state: Mapping[str, Tensor]) -> None:
        """Starts from trained weights instead of random ones; a run that has begun already goes on as it is."""
        self._label_at = LABEL_AGAIN_AT
        if self.step == 0:
            self.model.load_state_dict(state)
            self.average = {name: value.clone() for name, value in self.model.state_dict().items()}

    def _advance(self, seconds: float) -> None:
        """Progress, from 0 to 1 over the whole schedule, after so many more seconds of training."""
        self.trained_s += seconds
        if self.exchange.deadline is not None and self.exchange.deadline.exists():
            left = float(self.exchange.deadline.read_text()) - time.time()
            self.progress += (1 - self.progress) * min(1.0, seconds / max(1e-6, left + seconds))
        elif self.plan.seconds:
            self.progress = self.trained_s / self.plan.seconds
        else:
            self.progress = self.step / self.plan.steps

    def train(self, limit_s: float) -> None:
        """Trains to the end of the schedule, or for ``limit_s`` seconds at most; then saves."""
        self._label_raw()
        self._one_step()
        begun = saved = last = time.monotonic()
        shown, running = 0, torch.zeros((), device=self.device)
        while self.progress < 1:
            running += self._one_step().detach()
            self.step += 1
            if self.step % AVERAGE_EVERY == 0:
                self._average()
            if self.step % 20 == 0 or not (self.plan.seconds or self.exchange.deadline):
                self._label_raw()
                self._take_answers()
                if self.device.type == "cuda":
                    torch.cuda.synchronize()
                now = time.monotonic()
                self._advance(now - last)
                last = now
                if now - begun > limit_s:
                    break
                if now - saved > 60:
                    self.save()
                    saved = now
            if self.step % 200 == 0:
                self._note(float(running) / (self.step - shown if shown else 200))
                shown, running = self.step, torch.zeros((), device=self.device)
        self.save()

    def refine_gate(self, seconds: float) -> None:
        """Trains the gate alone, on punctuated text, to say what the finished net says."""
        gate = self.model.gate
        if gate is None:
            return
        self.use_average()
        optimiser = torch.optim.AdamW(gate.parameters(), lr=2e-3, betas=(0.9, 0.98), weight_decay=0.01)
        counts = {"labelled-clean": self.plan.windows * 6 // 10, "raw-clean": self.plan.windows * 4 // 10}
        begun, step, total = time.monotonic(), 0, torch.zeros((), device=self.device)
        self.model.eval()
        gate.train()
        while (progress := (time.monotonic() - begun) / seconds) < 1:
            for group in optimiser.param_groups:
                group["lr"] = 2e-3 * rate_factor(step, progress, 50)
            with torch.no_grad():
                batch = self.mixture.draw(counts, self.plan.window)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
                loss = gate_loss(self.model, batch)
            loss.backward()
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            total += loss.detach()
            step += 1
            if step % 20 == 0 and self.device.type == "cuda":
                torch.cuda.synchronize()
            if step % 500 == 0:
                log.info("gate step %d loss %.5f", step, float(total) / 500)
                total.zero_()
        log.info("gate: %d steps", step)
        self.average = {name: value.clone() for name, value in self.model.state_dict().items()}

    @torch.no_grad()
    def _average(self) -> None:
        state = self.model.state_dict()
        mine = [self.average[name] for name in state]
        share = 1 - min(AVERAGE, (self.step // AVERAGE_EVERY) / (10 + self.step // AVERAGE_EVERY))
        torch._foreach_lerp_(mine, list(state.values()), share)

    def use_average(self) -> None:
        """Puts the running mean of the weights into the model: training is over."""
        self.model.load_state_dict(self.average)

    def _take_answers(self) -> None:
        """Takes teachers' answers that have appeared."""
        for path in self.exchange.answers:
            if path not in self._taken and path.exists():
                self._taken.add(path)
                with np.load(path) as arrays:
                    for name in arrays.files:
                        self.mixture.teach(name, arrays[name])
                log.info("answers of %s taken at progress %.3f", path.name, self.progress)

    def _label_raw(self) -> None:
        """Labels raw text with the first encoder, at the shares of the schedule that are due."""
        due = sum(self.progress >= share for share in self._label_at)
        if due == self._labelled:
            return
        self._labelled = due
        self.model.eval()
        first = self.model.encoders[0]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            self.mixture.label(
                lambda *given: torch.sigmoid(first(self.model.embedder(*given))[..., 0].float()), self.plan.window
            )
        self.model.train()
        if self.exchange.labels is not None and self.mixture.soft is not None:
            i = self.mixture.names.index("raw-stripped")
            part = self.mixture.soft[self.mixture.offsets[i] : self.mixture.offsets[i + 1]]
            self.exchange.labels.parent.mkdir(parents=True, exist_ok=True)
            np.save(self.exchange.labels.with_suffix(".partial.npy"), part.cpu().numpy())
            self.exchange.labels.with_suffix(".partial.npy").replace(self.exchange.labels)
        log.info("raw text labelled at progress %.3f", self.progress)

    def write_answers(self, tables: Mapping[str, features.Table], path: pathlib.Path) -> None:
        """Writes, as a teacher, what the first encoder says of all stripped text, lower-cased, with single blanks.

        English is left to its own teacher.
        """
        self.model.eval()
        first = self.model.encoders[0]
        answers = {}
        with torch.no_grad(), torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            for name in ("labelled-stripped", "raw-stripped"):
                found = measure.probabilities(
                    tables[name],
                    measure.bare_classes(tables[name].classes, p.SPACE_ONE),
                    lambda *given: [first(self.model.embedder(*given))],
                    self.device,
                    self.plan.window,
                    self.languages,
                )
                english = np.array([kind[0] == "en" for kind in tables[name].kinds])
                chances = np.round(found[0] * 254)
                answers[name] = np.where(np.repeat(english, tables[name].lengths), UNTAUGHT, chances).astype(np.uint8)
        write_answers(path, answers)

    def _one_step(self) -> Tensor:
        progress = self.progress
        factor = rate_factor(self.step, progress, self.plan.warm_up)
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate * factor
        with torch.no_grad():
            counts = window_counts(self.plan.windows, progress, self.plan.raw_end, self.plan.raw_begin)
            batch = self.mixture.draw(counts, self.plan.window)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            loss: Tensor = self._loss(self.model, batch, self.plan.teach, self.plan.auxiliary)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.plan.clip)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        return loss

    def _note(self, loss: float) -> None:
        pieces = self.step * self.plan.windows * self.plan.window
        row = {
            "step": self.step,
            "seconds": round(self.trained_s, 1),
            "mpieces": round(pieces / 1e6, 1),
            "loss": round(loss, 4),
        }
        self.log.append(row)
        log.info("%s %s", "+".join(self.plan.shapes), json.dumps(row))

    def save(self) -> None:
        """Writes the checkpoint, whole or not at all."""
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        partial = self.checkpoint.with_suffix(".partial")
        state = {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "trained_s": self.trained_s,
            "progress": self.progress,
            "average": self.average,
            "log": self.log,
            "generator": self.mixture.generator.get_state(),
        }
        torch.save(state, partial)
        partial.replace(self.checkpoint)

    def _restore(self) -> None:
        state = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.trained_s, self.log = state["step"], state["trained_s"], state["log"]
        self.progress, self.average = state["progress"], {k: v.to(self.device) for k, v in state["average"].items()}
        self.mixture.generator.set_state(state["generator"])
        log.info("resumed at step %d, %.0f s", self.step, self.trained_s)

    @torch.no_grad()
    def measure(self, tables: Mapping[str, features.Table]) -> dict[str, dict[str, measure.Measures]]:
        """Scores on the dev tables, clean and bare, for each encoder."""
        self.model.eval()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            clean = tables["labelled-clean"]
            found = measure.probabilities(
                clean, clean.classes, self.model, self.device, self.plan.window, self.languages
            )
            stripped = tables["labelled-stripped"]
            classes = measure.bare_classes(stripped.classes)
            bare = measure.probabilities(stripped, classes, self.model, self.device, self.plan.window, self.languages)
            if self.model.gate is not None:
                gate = self.model.gate
                alone = measure.probabilities(
                    clean,
                    clean.classes,
                    lambda rows, classes, _: [gate(rows, classes)[..., None]],
                    self.device,
                    self.plan.window,
                )
        self.model.train()
        out = {
            name: {
                "clean": measure.score(clean, found[i], False),
                "bare": measure.score(stripped, bare[i], True),
            }
            for i, name in enumerate(self.plan.shapes)
        }
        return out | ({"gate": {"clean": measure.score(clean, alone[0], False)}} if self.model.gate is not None else {})
