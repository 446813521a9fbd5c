"""The file of trained weights, between training and export.

Runs of which one began with the weights of another lie in one valley: the mean of their weights is a net, and errs no
more than either (Wortsman et al. 2022, "Model soups").
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from segtool.training.sentences.learn import Run


def quantised_rows(weight: Tensor) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float16]]:
    """(n, size) to int8 rows and one float16 scale a row."""
    scale = weight.abs().amax(1, keepdim=True).clamp(min=1e-6) / 127
    scale = scale.half().float()
    return (weight / scale).round().clamp(-127, 127).to(torch.int8).cpu().numpy(), scale[:, 0].half().cpu().numpy()


def read_weights(path: pathlib.Path) -> dict[str, Tensor]:
    """What `write_weights` wrote, as a state to load, in float32."""
    state = {}
    with np.load(path) as arrays:
        for name in arrays.files:
            if name.endswith("table_scale") or name == "plan":
                continue
            value = torch.from_numpy(arrays[name].astype(np.float32))
            if name.endswith("table"):
                value *= torch.from_numpy(arrays[f"{name}_scale"].astype(np.float32))[:, None]
                name = f"{name}.weight"
            state[name] = value
    return state


def write_mean(paths: Sequence[pathlib.Path], out: pathlib.Path) -> None:
    """Writes the mean of the weights of runs with one plan, each counted alike.

    Raises:
        ValueError: if their shapes or languages differ.
    """
    plans = [read_plan(path) for path in paths]
    if any((plan["shapes"], plan["languages"]) != (plans[0]["shapes"], plans[0]["languages"]) for plan in plans):
        raise ValueError(f"{', '.join(map(str, paths))}: runs of different shapes or languages have no mean")
    states = [read_weights(path) for path in paths]
    mean = {name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]}
    _write(mean, plans[-1], out)


def read_plan(path: pathlib.Path) -> dict[str, Any]:
    """How the weights of a file were trained."""
    with np.load(path) as arrays:
        plan: dict[str, Any] = json.loads(arrays["plan"].tobytes())
    return plan


def write_weights(run: Run, path: pathlib.Path) -> None:
    """One ``.npz`` of the mean weights: tables in int8 with row scales, the rest in float16, the plan as JSON."""
    _write(run.average, dataclasses.asdict(run.plan) | {"languages": run.languages}, path)


def _write(state: Mapping[str, Tensor], plan: Mapping[str, Any], path: pathlib.Path) -> None:
    arrays: dict[str, Any] = {}
    for name, value in state.items():
        if name.endswith("table.weight"):
            prefix = name.removesuffix("table.weight")
            arrays[f"{prefix}table"], arrays[f"{prefix}table_scale"] = quantised_rows(value.float())
        else:
            arrays[name] = value.half().cpu().numpy()
    arrays["plan"] = np.frombuffer(json.dumps(plan).encode(), np.uint8)
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, **arrays)
    partial.replace(path)
