"""Tables to batches, on the device: windows are drawn by weight and corrupted as they are drawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from segtool.inference import pieces as p
from segtool.training.sentences import features as f
from segtool.training.sentences.network import PAD_CLASS, PAD_ROW
from segtool.training.sentences.pack import MAIN_LANGUAGES

SLOT = 64
IGNORE = -1


def document_weight(kind: tuple[str, str, str, str]) -> float:
    """How often the windows of a document are drawn, relative to its size."""
    language, source, unit, group = kind
    if group == "raw":
        return 1.0 if language == "en" or language not in MAIN_LANGUAGES else 1.5
    if group == "legal":
        return 1.0 if source.startswith("NYTK") else 4.0 if language == "en" else 3.0
    if group == "ud":
        return 1.0 if unit == "tweet" else 1.5 if unit == "utterance" else 3.0
    if group == "other":
        return 1.0 if source.startswith("NYTK") else 2.0
    return 2.0 if language in MAIN_LANGUAGES else 1.0


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    """Windows of pieces. ``rows`` (B, T, 4), the rest (B, T); targets are -1 where no loss applies;
    ``imitate`` is true where a first stage should imitate the net: pieces of punctuated text."""

    rows: Tensor
    classes: Tensor
    end: Tensor
    paragraph: Tensor
    mark: Tensor
    upper: Tensor
    imitate: Tensor


class Mixture:
    """All tables on one device, and the drawing of batches from them."""

    def __init__(self, tables: Mapping[str, f.Table], device: torch.device, seed: int) -> None:
        self.device = device
        self.generator = torch.Generator(device).manual_seed(seed)
        self.names = list(tables)
        hashes, classes, flags, documents, slots, offsets = [], [], [], [], [], [0]
        first = 0
        for table in tables.values():
            n = len(table.classes)
            hashes.append(torch.from_numpy(table.hashes.view(np.int16)))
            classes.append(torch.from_numpy(table.classes.astype(np.int16)))
            flags.append(torch.from_numpy(table.flags))
            ids = np.repeat(np.arange(len(table.lengths), dtype=np.int32), table.lengths)
            documents.append(torch.from_numpy(ids + np.int32(first)))
            first += len(table.lengths)
            weights = np.array([document_weight(kind) for kind in table.kinds])
            slots.append(torch.from_numpy(np.cumsum(weights[ids[::SLOT]])).to(device))
            offsets.append(offsets[-1] + n)
        self.hashes = torch.cat(hashes).to(device)
        self.classes = torch.cat(classes).to(device)
        self.flags = torch.cat(flags).to(device)
        self.documents = torch.cat(documents).to(device)
        self.slots, self.offsets = slots, offsets

    def _random(self, *size: int) -> Tensor:
        return torch.rand(*size, device=self.device, generator=self.generator)

    def draw(self, counts: Mapping[str, int], window: int) -> Batch:
        """A batch with so many windows of each table."""
        anchors, kinds = [], []
        for i, name in enumerate(self.names):
            n = counts.get(name, 0)
            total = self.slots[i][-1]
            slot = torch.searchsorted(self.slots[i], self._random(n).double() * total)
            anchor = slot * SLOT + (self._random(n) * SLOT).long()
            anchors.append(anchor.clamp(max=self.offsets[i + 1] - self.offsets[i] - 1) + self.offsets[i])
            kinds.append(torch.full((n,), f.TABLES.index(name), device=self.device))
        anchor, kind = torch.cat(anchors), torch.cat(kinds)
        shift = (self._random(len(anchor)) * window).long()
        index = (anchor - shift)[:, None] + torch.arange(window, device=self.device)
        inside = (index >= 0) & (index < self.offsets[-1])
        index = index.clamp(0, self.offsets[-1] - 1)
        valid = inside & (self.documents[index] == self.documents[anchor][:, None])
        return self._corrupt(index, valid, kind, window)

    def _corrupt(self, index: Tensor, valid: Tensor, kind: Tensor, window: int) -> Batch:
        n = len(kind)
        position = torch.arange(window, device=self.device)[None]
        valid, loss = self._cut(valid, position, window)
        flags = self.flags[index].int()
        stripped = (kind == 1) | (kind == 3)
        raw = kind >= 2
        packed = self.classes[index].int()
        space, case, rest = packed % 6, packed // 6 % 5, packed // 30
        draw = self._random(n)
        lower = draw < torch.where(stripped, 0.85, 0.12)
        shout = (draw > 0.98) & ~stripped
        space = self._spaces(space, rest, flags, stripped, raw)
        cased = case != p.CASE_NONE
        case = torch.where(
            lower[:, None] & cased, p.CASE_LOWER, torch.where(shout[:, None] & cased, p.CASE_UPPER, case)
        )
        classes = torch.where(valid, (rest * 5 + case) * 6 + space, PAD_CLASS)
        rows = self.hashes[index].long() & 0xFFFF
        rows = torch.where(self._hidden(n, window, valid), PAD_ROW, rows)
        loss &= (flags & f.FLAG_LAST) == 0
        mark = flags >> f.MARK_SHIFT & 7
        return Batch(
            rows=rows,
            classes=classes.long(),
            end=torch.where(loss & ~raw[:, None], flags & 1, IGNORE),
            paragraph=torch.where(loss & raw[:, None], flags >> 1 & 1, IGNORE),
            mark=torch.where(loss & stripped[:, None], mark, IGNORE),
            upper=torch.where(loss & lower[:, None] & ((flags & f.FLAG_CASED) > 0), flags >> 5 & 1, IGNORE),
            imitate=valid & ~stripped[:, None],
        )

    def _cut(self, valid: Tensor, position: Tensor, window: int, margin: int = 12) -> tuple[Tensor, Tensor]:
        """Some windows lose one side, as at the edge of a stream; no loss near an edge of unknown context."""
        n = len(valid)
        draw = self._random(n)
        at = (self._random(n) * window).long()[:, None]
        low = torch.where((draw < 0.075)[:, None], at, 0)
        high = torch.where((draw > 0.925)[:, None], at, window)
        low = torch.where(valid[:, :1], low, torch.where(draw[:, None] < 0.075, low, -margin))
        high = torch.where(valid[:, -1:], high, torch.where(draw[:, None] > 0.925, high, window + margin))
        valid = valid & (position >= low) & (position < high)
        return valid, valid & (position >= low + margin) & (position < high - margin)

    def _spaces(self, space: Tensor, rest: Tensor, flags: Tensor, stripped: Tensor, raw: Tensor) -> Tensor:
        """White space as users meet it: kept, all one blank, one blank a character, hard-wrapped, missing."""
        n = len(stripped)
        draw = self._random(n)[:, None]
        stripped, raw = stripped[:, None], raw[:, None]
        collapsed = space.clamp(max=p.SPACE_ONE)
        single = torch.where(space == p.SPACE_BREAK, p.SPACE_ONE, space.clamp(max=p.SPACE_MORE))
        kept_share = torch.where(stripped, 0.15, 0.50)
        single_share = torch.where(stripped, torch.where(raw, 0.25, 0.55), 0.05)
        out = torch.where(draw < kept_share, space, torch.where(draw < kept_share + single_share, single, collapsed))
        wrapped = self._wrapped(torch.where(draw < 0.92, collapsed, space), rest)
        out = torch.where(~stripped & (draw > 0.85), wrapped, out)
        out = torch.where(raw & ~stripped, torch.where(draw > 0.85, wrapped.clamp(max=p.SPACE_BREAK), collapsed), out)
        missing = ~stripped & (draw > 0.78) & (draw < 0.85)
        after_stop = torch.zeros_like(space, dtype=torch.bool)
        is_mark = rest // 8 == p.KIND_PUNCTUATION
        after_stop[:, 1:] = ((flags[:, :-1] & 1) > 0) & is_mark[:, :-1]
        return torch.where(missing & after_stop & (space == p.SPACE_ONE), p.SPACE_NONE, out)

    def _wrapped(self, space: Tensor, rest: Tensor) -> Tensor:
        """Single blanks turned into line breaks where lines of 60 to 90 characters end."""
        lengths = torch.tensor([1, 2, 3, 4, 5.5, 7.5, 10.5, 15], device=self.device)[(rest % 8).long()]
        column = torch.cumsum(lengths + (space > 0), 1)
        width = 60 + 30 * self._random(len(space))[:, None]
        line = torch.floor(column / width)
        new = torch.zeros_like(space, dtype=torch.bool)
        new[:, 1:] = line[:, 1:] != line[:, :-1]
        return torch.where(new & (space == p.SPACE_ONE), p.SPACE_BREAK, space)

    def _hidden(self, n: int, window: int, valid: Tensor) -> Tensor:
        """(B, T, 4): rows hidden: whole words with chance 0.1; any row in a few noisy windows; padding."""
        word = self._random(n, window, 1) < 0.1
        columns = torch.tensor([True, True, False, False], device=self.device)
        noisy = (self._random(n, 1, 1) < 0.05) & (self._random(n, window, 4) < 0.1)
        return (word & columns) | noisy | ~valid[:, :, None]


def window_counts(total: int, progress: float, raw_end: float = 0.24) -> dict[str, int]:
    """Windows of each table in a batch of ``total`` at a progress from 0 to 1; raw text falls late."""
    fall = min(1.0, max(0.0, (progress - 0.5) / 0.3))
    raw = 0.52 + (raw_end - 0.52) * fall
    raw_clean, raw_stripped = round(total * raw * 0.23), round(total * raw * 0.77)
    clean = (total - raw_clean - raw_stripped) // 2
    stripped = total - raw_clean - raw_stripped - clean
    return {
        "labelled-clean": clean,
        "labelled-stripped": stripped,
        "raw-clean": raw_clean,
        "raw-stripped": raw_stripped,
    }
