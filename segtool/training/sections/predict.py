"""The network itself as a predictor, for measuring before anything is exported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from segtool.training.sections.cache import N_DEPTHS, UnitCache, build_cache
from segtool.training.sections.corpus import RawRecord
from segtool.training.sections.learner import to_tensors
from segtool.training.sections.network import SectionNet
from segtool.training.sections.samples import Sample, Source, assemble

WINDOW = 512
MARGIN = 32


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
