"""How trainings that run side by side help each other: by files, each written whole or not at all."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt


@dataclasses.dataclass(frozen=True, slots=True)
class Exchange:
    """Files by which trainings that run side by side help each other, and the clock.

    Attributes:
        deadline: file with the time (seconds since 1970) at which the schedule ends, whatever the plan says; it may be
            rewritten at any time.
        labels: where to write what the net says of raw stripped text when it has labelled it.
        answers: files of teachers' answers, taken as they appear.
    """

    deadline: pathlib.Path | None = None
    labels: pathlib.Path | None = None
    answers: tuple[pathlib.Path, ...] = ()


def write_answers(path: pathlib.Path, answers: Mapping[str, npt.NDArray[np.uint8]]) -> None:
    """Writes a teacher's answers, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, allow_pickle=False, **answers)
    partial.replace(path)
