"""Scores of a net on the dev tables, on the device that trains: for curves and for choosing, not for cards."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from segtool.inference import pieces as p
from segtool.training.sentences import features as f
from segtool.training.sentences.network import PAD_CLASS, PAD_ROW
from segtool.training.sentences.pack import MAIN_LANGUAGES

THRESHOLDS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
COURT = "sbd_adjudicatory_dec/"
Logits = Callable[[Tensor, Tensor, Tensor], Sequence[Tensor]]
"""(rows, classes, language) to the logits of each encoder."""
Measures = dict[str, dict[str, object]]
"""Measure to macro F1 by threshold, and to F1 by group."""


@dataclasses.dataclass(frozen=True, slots=True)
class Windows:
    """A table cut into windows with context; ``take`` marks the pieces that a window decides."""

    index: npt.NDArray[np.int64]
    valid: npt.NDArray[np.bool_]
    take: npt.NDArray[np.bool_]
    document: npt.NDArray[np.int64]


def cut_windows(lengths: npt.NDArray[np.int32], window: int, margin: int = 24) -> Windows:
    """Windows that overlap by twice the margin; documents begin and end inside padding."""
    stride = window - 2 * margin
    starts, firsts, lasts, documents = [], [], [], []
    first = 0
    for document, length in enumerate(lengths.tolist()):
        for start in range(0, length, stride):
            starts.append(first + start - margin)
            firsts.append(first)
            lasts.append(first + length)
            documents.append(document)
        first += length
    index = np.array(starts)[:, None] + np.arange(window)
    valid = (index >= np.array(firsts)[:, None]) & (index < np.array(lasts)[:, None])
    inner = np.zeros(window, np.bool_)
    inner[margin : window - margin] = True
    return Windows(np.clip(index, 0, max(first - 1, 0)), valid, valid & inner, np.array(documents, np.int64))


def bare_classes(classes: npt.NDArray[np.uint16], most: int = p.SPACE_MORE) -> npt.NDArray[np.uint16]:
    """Lower case, every white-space character one blank; ``most`` = ``SPACE_ONE``: one blank in all."""
    space, case, rest = classes % 6, classes // 6 % 5, classes // 30
    space = np.where(space == p.SPACE_BREAK, p.SPACE_ONE, np.minimum(space, most))
    case = np.where(case == p.CASE_NONE, case, p.CASE_LOWER)
    return ((rest * 5 + case) * 6 + space).astype(np.uint16)


def probabilities(
    table: f.Table,
    classes: npt.NDArray[np.uint16],
    logits: Logits,
    device: torch.device,
    window: int,
    languages: Sequence[str] = (),
) -> list[npt.NDArray[np.float32]]:
    """For each encoder the chance of a sentence end after every piece of the table."""
    numbers = f.language_numbers(table, languages)
    cut = cut_windows(table.lengths, window)
    out: list[npt.NDArray[np.float32]] = []
    for start in range(0, len(cut.index), 512):
        part = slice(start, start + 512)
        index, valid = cut.index[part], torch.from_numpy(cut.valid[part]).to(device)
        rows = torch.from_numpy(table.hashes[index].astype(np.int64)).to(device)
        kinds = torch.from_numpy(classes[index].astype(np.int64)).to(device)
        rows = torch.where(valid[:, :, None], rows, PAD_ROW)
        kinds = torch.where(valid, kinds, PAD_CLASS)
        language = torch.from_numpy(numbers[cut.document[part]]).to(device)
        for i, values in enumerate(logits(rows, kinds, language)):
            if len(out) <= i:
                out.append(np.zeros(len(classes), np.float32))
            chance = torch.sigmoid(values[..., 0].float()).cpu().numpy()
            out[i][index[cut.take[part]]] = chance[cut.take[part]]
    return out


def groups(kind: tuple[str, str, str, str], corrupted: bool) -> list[tuple[str, str]]:
    """(measure, group) pairs that a document counts for; measures are macro averages over their groups."""
    language, source, _, file = kind
    out = []
    if source.startswith(COURT):
        out.append(("court", source))
    if corrupted:
        if file == "ud" and language == "en":
            out.append(("ud-english", "en"))
        if file == "ud" and language in MAIN_LANGUAGES:
            out.append(("macro18", language))
        if language == "en":
            out.append(("english", "en"))
        return out
    if file in ("legal", "other"):
        out.append((file, source))
    if file == "ud":
        out.append(("ud", language))
    if language == "en":
        out.append(("english", "en"))
    return out


def score(table: f.Table, chances: npt.NDArray[np.float32], corrupted: bool) -> Measures:
    """Macro F1 of every measure at every threshold, and F1 of its groups at 0.4 (0.3 corrupted)."""
    gold = ((table.flags & f.FLAG_END) > 0) & ((table.flags & f.FLAG_LAST) == 0)
    inner = (table.flags & f.FLAG_LAST) == 0
    stops = np.cumsum(table.lengths)
    counts: dict[tuple[str, str], npt.NDArray[np.int64]] = collections.defaultdict(
        lambda: np.zeros((len(THRESHOLDS), 3), np.int64)
    )
    for i, kind in enumerate(table.kinds):
        pairs = groups(kind, corrupted)
        if not pairs:
            continue
        part = slice(int(stops[i] - table.lengths[i]), int(stops[i]))
        for j, threshold in enumerate(THRESHOLDS):
            found = (chances[part] >= threshold) & inner[part]
            row = np.array([np.sum(found & gold[part]), found.sum(), gold[part].sum()])
            for pair in pairs:
                counts[pair][j] += row
    return _summary(counts, corrupted)


def _summary(counts: Mapping[tuple[str, str], npt.NDArray[np.int64]], corrupted: bool) -> Measures:
    shown = THRESHOLDS.index(0.3 if corrupted else 0.4)
    out: Measures = {}
    for measure in sorted({m for m, _ in counts}):
        rows = {g: 2 * c[:, 0] / np.maximum(c[:, 1] + c[:, 2], 1) for (m, g), c in counts.items() if m == measure}
        macro = np.mean(list(rows.values()), axis=0)
        out[measure] = {
            "macro": {str(t): round(float(v), 4) for t, v in zip(THRESHOLDS, macro, strict=True)},
            "groups": {g: round(float(v[shown]), 4) for g, v in sorted(rows.items())},
        }
    return out
