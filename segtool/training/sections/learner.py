"""One network that learns: its optimiser, the running mean of its weights, and the losses of a step."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from segtool.inference.topic_features import SectionShape
from segtool.inference.topic_tokens import FORM_BITS
from segtool.training.sections.graphs import graphed_bodies
from segtool.training.sections.network import SectionNet, contrast_loss, distill_loss, join_loss, section_loss
from segtool.training.sections.prepare import TrainData, fit_words
from segtool.training.sections.samples import Batch

Tensors = dict[str, Tensor]
Grid = tuple[int, int]
LONGEST_MEAN = 2_000
"""Steps the running mean of the weights reaches back."""


@dataclass(frozen=True, slots=True)
class LossOptions:
    """Weights of the losses, and what is hidden.

    Args:
        contrast: Weight of the supervised contrast, at `temperature`.
        distill: Weight of the teacher of sentences.
        words_off, forms_off: Largest share of words and forms that a whole step does not see.
    """

    contrast: float = 0.8
    temperature: float = 0.07
    distill: float = 1.0
    words_off: float = 0.3
    forms_off: float = 0.3


@dataclass(frozen=True, slots=True)
class Step:
    """What one step learns from, on the device.

    Args:
        section, join: The two batches, and their grids (samples, units).
        taught: Units of both that the teacher knows, int64 (n,), and its vectors of them; None without a teacher.
    """

    section: Tensors
    section_grid: Grid
    join: Tensors
    join_grid: Grid
    taught: tuple[Tensor, Tensor] | None = None


class Learner:
    """A network with its optimiser; `mean` is the running mean of its weights, which knows more than the last ones.

    Args:
        shape: Of the network.
        device: Where it learns.
        rate: Highest learning rate.
    """

    def __init__(self, shape: SectionShape, device: str, rate: float) -> None:
        self.net = SectionNet(shape).to(device)
        self.device, self._rate = device, rate
        self.step = 0
        self.mean = copy.deepcopy(self.net).eval().requires_grad_(False)
        self._optimiser = _optimiser(self.net, rate, device)

    def begin(self, data: TrainData, weights: npt.NDArray[np.float32]) -> None:
        """Start from the words' weights and the teacher's vectors of them."""
        with torch.no_grad():
            self.net.weight.weight[:, 0] = torch.from_numpy(weights)
        fit_words(self.net, data, self.device)
        self.mean.load_state_dict(self.net.state_dict())

    def begin_with(self, net: SectionNet) -> None:
        """Start from what a trained network has of the same shape; the projection to the teacher is learnt anew."""
        own = self.net.state_dict()
        known = {name: value for name, value in net.state_dict().items() if value.shape == own[name].shape}
        self.net.load_state_dict({**own, **known})
        self.mean.load_state_dict(self.net.state_dict())

    def use_graphs(self, grids: list[Grid]) -> None:
        """Replay the body as CUDA graphs."""
        self.net.bodies = graphed_bodies(self.net.body, grids, self.device)

    def learn(self, step: Step, rate: float, options: LossOptions) -> Mapping[str, Tensor]:
        """One step of the optimiser; the losses, detached. `rate` is a share of the highest."""
        self.net.train()
        losses = self._losses(step, options)
        total = losses["sections"] + losses["joins"] + options.contrast * losses["contrast"]
        if "distill" in losses:
            total = total + options.distill * losses["distill"]
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate * rate
        self._optimiser.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self._optimiser.step()
        self.step += 1
        self._follow()
        return {name: value.detach() for name, value in losses.items()}

    def _losses(self, step: Step, options: LossOptions) -> Tensors:
        net, device = self.net, step.section["form"].device
        words_off = torch.rand(1 << net.shape.bits, device=device) < options.words_off * float(torch.rand(()))
        forms_off = torch.rand(1 << FORM_BITS, device=device) < options.forms_off * float(torch.rand(()))
        logits, section_topic = net(step.section, step.section_grid, words_off, forms_off)
        losses = {"sections": section_loss(logits, step.section["labels"], step.section["mask"])}
        logits, topic = net(step.join, step.join_grid, words_off, forms_off)
        losses["joins"] = join_loss(logits, step.join["labels"], step.join["mask"])
        losses["contrast"] = contrast_loss(topic, step.join["source"], options.temperature)
        if step.taught is not None and options.distill:
            known, vectors = step.taught
            topics = torch.cat([section_topic, topic]).index_select(0, known)
            losses["distill"] = distill_loss(net.project(topics), topics, vectors)
        return losses

    @torch.no_grad()
    def _follow(self) -> None:
        """Let the running mean follow the weights."""
        share = max(1 / LONGEST_MEAN, 9 / (9 + self.step))
        torch._foreach_lerp_(list(self.mean.parameters()), list(self.net.parameters()), share)

    @torch.no_grad()
    def chances(self, step: Step) -> tuple[Tensor, Tensor]:
        """What the running mean says of both batches, from 0 to 1."""
        section, _ = self.mean(step.section, step.section_grid)
        join, _ = self.mean(step.join, step.join_grid)
        return torch.sigmoid(section), torch.sigmoid(join)

    def state(self) -> dict[str, Any]:
        """What `restore` needs."""
        return {
            "net": self.net.state_dict(),
            "mean": self.mean.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "step": self.step,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        self.net.load_state_dict(state["net"])
        self.mean.load_state_dict(state["mean"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.step = int(state["step"])


def _optimiser(net: SectionNet, rate: float, device: str) -> torch.optim.AdamW:
    free = [p for n, p in net.named_parameters() if n.startswith(("table", "weight", "form")) or p.ndim < 2]
    known = {id(p) for p in free}
    rest = [p for p in net.parameters() if id(p) not in known]
    groups = [{"params": free, "weight_decay": 0.0}, {"params": rest, "weight_decay": 0.05}]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), fused=device.startswith("cuda"))


def to_tensors(batch: Batch, device: str) -> dict[str, torch.Tensor]:
    """A batch on the device; through pinned memory, so that the host need not wait for it."""
    tensors = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in batch.items()}
    if device.startswith("cuda"):
        return {name: tensor.pin_memory().to(device, non_blocking=True) for name, tensor in tensors.items()}
    return {name: tensor.to(device) for name, tensor in tensors.items()}
