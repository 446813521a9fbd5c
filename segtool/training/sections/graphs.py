"""The body as CUDA graphs: some thousand small launches a step become two replays.

A graph has fixed shapes, so each of the two batches has its own, over the same weights. Before they are used, a graph
of a small body without dropout is compared with plain execution: what does not agree is not used.

Nothing may free memory of the device while a graph is captured, so what is waiting for the collector (the graphs of
the trial among it) is collected before, and the collector rests meanwhile.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Sequence
from functools import lru_cache

import torch
from torch import Tensor, nn

from segtool.inference.topic_features import N_PATCH, SectionShape
from segtool.training.sections.network import Body

log = logging.getLogger(__name__)
Run = Callable[[Tensor, Tensor, Tensor], Tensor]
Grid = tuple[int, int]


class _HalfBody(nn.Module):
    """The body in bfloat16; weights are cast anew in every replay, so no cast may be remembered."""

    def __init__(self, body: Body) -> None:
        super().__init__()
        self.body = body

    def forward(self, inputs: Tensor, patch: Tensor, keep: Tensor) -> Tensor:
        with torch.autocast("cuda", torch.bfloat16, cache_enabled=False):
            logits: Tensor = self.body(inputs, patch, keep)
        return logits


def graphed_bodies(body: Body, grids: Sequence[Grid], device: str) -> dict[Grid, Run]:
    """A replayed form of the body for each grid (samples, units); none if a trial or the capture fails."""
    if not device.startswith("cuda"):
        return {}
    try:
        if not _works(device):
            log.warning("CUDA graphs do not agree with plain execution: left out")
            return {}
        return dict(zip(grids, _capture(body, grids, device), strict=True))
    except RuntimeError:
        log.exception("CUDA graphs could not be captured: left out")
        torch.cuda.synchronize()
        return {}


@lru_cache(maxsize=1)
def _works(device: str) -> bool:
    trial = Body(SectionShape(width=16, form_width=8, body=64, layers=2), dropout=0.0).to(device).train()
    return _agree(trial, [(4, 32), (6, 16)], device)


def _inputs(body: Body, grid: Grid, device: str) -> tuple[Tensor, Tensor, Tensor]:
    width = body.enter.in_features
    inputs = torch.randn(*grid, width, device=device, requires_grad=True)
    patch = torch.randn(*grid, N_PATCH, device=device, requires_grad=True)
    keep = torch.arange(grid[1], device=device)[None] < torch.full((grid[0], 1), grid[1] * 3 // 4, device=device)
    return inputs, patch, keep


def _capture(body: Body, grids: Sequence[Grid], device: str) -> tuple[Run, ...]:
    modules = tuple(_HalfBody(body).train() for _ in grids)
    samples = tuple(_inputs(body, grid, device) for grid in grids)
    torch.cuda.synchronize()
    gc.collect()
    gc.disable()
    try:
        captured: tuple[Run, ...] = torch.cuda.make_graphed_callables(modules, samples)
    finally:
        gc.enable()
    return captured


def _agree(body: Body, grids: Sequence[Grid], device: str) -> bool:
    """Whether outputs and gradients of both grids together are those of plain execution."""
    samples = [_inputs(body, grid, device) for grid in grids]
    plain = _gradients(body, [_HalfBody(body) for _ in grids], samples)
    replayed = _gradients(body, _capture(body, grids, device), samples)
    gaps = [float((a - b).norm() / (a.norm() + 1e-6)) for a, b in zip(plain, replayed, strict=True)]
    log.info("CUDA graphs against plain execution: largest relative gap %.4f", max(gaps))
    return max(gaps) < 0.05


def _gradients(body: Body, runs: Sequence[Run], samples: Sequence[tuple[Tensor, Tensor, Tensor]]) -> list[Tensor]:
    for _ in range(2):  # the second round shows what the first left behind
        body.zero_grad(set_to_none=True)
        outputs = []
        for run, (inputs, patch, keep) in zip(runs, samples, strict=True):
            inputs.grad = patch.grad = None
            outputs.append(run(inputs, patch, keep))
        torch.stack([output.float().square().mean() for output in outputs]).sum().backward()
    found = [output.detach().float().clone() for output in outputs]
    found += [p.grad.clone() for p in body.parameters() if p.grad is not None]
    return found + [x.grad.clone() for inputs, patch, _ in samples for x in (inputs, patch) if x.grad is not None]
