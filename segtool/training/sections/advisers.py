"""Trained networks that say what can be told of a document: their mean is mixed into its labels.

They see what the learner sees, a crop with words left out, and say no more of it than that allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from segtool.training.sections.export import load_weights
from segtool.training.sections.learner import Step
from segtool.training.sections.network import SectionNet


@dataclass(frozen=True, slots=True)
class Advice:
    """Files of weights.

    Args:
        always: Networks that are asked about every document.
        halves: None or two, of which the first learnt from half 0 of the documents and is asked about half 1.
    """

    always: tuple[Path, ...] = ()
    halves: tuple[Path, ...] = ()


class Advisers:
    """The networks of an `Advice` on a device."""

    def __init__(self, advice: Advice, device: str) -> None:
        self._always = [_fixed(path, device) for path in advice.always]
        self._halves = [_fixed(path, device) for path in advice.halves]

    @torch.no_grad()
    def chances(self, step: Step, half: int) -> Tensor:
        """What they say of documents with sections from one half, from 0 to 1: the mean of their log-odds."""
        nets = [*self._always, *self._halves[1 - half : 2 - half]]
        said = [net(step.section, step.section_grid)[0] for net in nets]
        return torch.sigmoid(torch.stack(said).mean(0))


def _fixed(path: Path, device: str) -> SectionNet:
    return load_weights(path).to(device).eval().requires_grad_(False)
