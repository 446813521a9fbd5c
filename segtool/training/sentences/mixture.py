"""Tables to batches, on the device: windows are drawn by weight and corrupted as they are drawn."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from segtool.inference import pieces as p
from segtool.training.sentences import features as f
from segtool.training.sentences.network import PAD_CLASS, PAD_ROW
from segtool.training.sentences.pack import MAIN_LANGUAGES

SLOT = 64
IGNORE = -1
SENTENCES = 48
"""Most sentences of a shuffled window."""
NEIGHBOURS = 150
"""A shuffled window takes its sentences from so many on either side of one."""
SHORT_SHARE = 0.15
"""Share of shuffled windows that are short texts of their own."""
RAW_DOMAINS = {"news": 2.0, "textbooks": 2.0, "stories": 2.0, "statutes": 0.6, "contracts": 0.8}
"""Raw text of these domains is drawn more often, or less, than its size asks for."""
RAW_BEGIN = 0.52
"""Share of raw text in the first half of a training."""
RAW_POWER = 0.6
"""Raw text of a language is drawn by its size to this power."""
HIDDEN_LANGUAGE = 0.4
"""Share of windows whose language the net is not told."""
TAUGHT_RAW, TAUGHT_LABELLED = 0.5, 0.35
"""Weight of a teacher's answer in the target of stripped text, beside what is known of it."""
UNTAUGHT = 255
"""No answer of a teacher; others are chances times 254."""
HARD_LANGUAGES = frozenset(["th", "pcm", "ru", "gd", "yue", "ga", "ug", "sk", "mr"])
"""Languages whose treebanks are small or unpunctuated, found hard on dev: drawn twice as often."""


def document_weight(kind: tuple[str, str, str, str]) -> float:
    """How often the windows of a document are drawn, relative to its size."""
    language, source, unit, group = kind
    if group == "raw":
        return RAW_DOMAINS.get(source, 1.0) * (4.5 if language == "en" else 2.0 if language in MAIN_LANGUAGES else 1.0)
    if group == "legal":
        return 1.0 if source.startswith("NYTK") else 4.0 if language == "en" else 3.0
    if group == "ud":
        weight = 1.0 if unit == "tweet" else 1.5 if unit == "utterance" else 3.0
        return 2 * weight if language in HARD_LANGUAGES else weight
    if group == "other":
        return 1.0 if source.startswith("NYTK") else 2.0
    return 2.0 if language in MAIN_LANGUAGES else 1.0


def shuffle_share(kind: tuple[str, str, str, str]) -> float:
    """Share of a document's windows whose sentences are drawn from its neighbourhood instead of taken in order.

    Treebanks and translations are often shuffled already; new neighbours keep a net from learning pairs by heart.
    """
    _, source, unit, group = kind
    if group == "raw":
        return 0.0
    if group == "legal":
        return 0.5 if source.startswith("NYTK") else 0.1
    return 0.5 if unit == "sentence" else 0.2


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    """Windows of pieces. ``rows`` (B, T, 4), the rest (B, T); targets are -1 where no loss applies.

    ``end`` is a chance: 0 or 1 where it was labelled, softer where a net labelled raw text, ``weight`` its weight;
    ``imitate`` weighs where a first stage should imitate the net: pieces of punctuated text, above all the marks.
    ``language`` (B,) is 0 where it is unknown.
    """

    rows: Tensor
    classes: Tensor
    language: Tensor
    end: Tensor
    weight: Tensor
    paragraph: Tensor
    mark: Tensor
    upper: Tensor
    imitate: Tensor


@dataclasses.dataclass(frozen=True, slots=True)
class Chosen:
    """Windows before they are corrupted: pieces by their place in all tables, which of them are no padding, and for
    each window its table, whether its sentences are drawn from a neighbourhood, whether it is a short text, and its
    language."""

    index: Tensor
    valid: Tensor
    kind: Tensor
    mixed: Tensor
    short: Tensor
    language: Tensor


def document_weights(table: f.Table) -> npt.NDArray[np.float64]:
    """Of each document, how often its windows are drawn, relative to its size."""
    weights = np.array([document_weight(kind) for kind in table.kinds])
    sizes: dict[str, int] = collections.Counter()
    for kind, length in zip(table.kinds, table.lengths.tolist(), strict=True):
        if kind[3] == "raw":
            sizes[kind[0]] += length
    if sizes:
        middle = float(np.mean(list(sizes.values())))
        weights *= [(max(1, sizes[kind[0]]) / middle) ** (RAW_POWER - 1) for kind in table.kinds]
    return weights


class Mixture:
    """All tables on one device, and the drawing of batches from them.

    Args:
        corrupted: whether windows are corrupted; else all are of clean text as it stands (to see what it is worth).
    """

    def __init__(self, tables: Mapping[str, f.Table], device: torch.device, seed: int, corrupted: bool = True) -> None:
        self.device, self.corrupted = device, corrupted
        self.generator = torch.Generator(device).manual_seed(seed)
        self.names = list(tables)
        self.slots: list[Tensor] = []
        self.offsets = [0]
        self.lengths = {name: table.lengths for name, table in tables.items()}
        columns: dict[str, list[Tensor]] = {key: [] for key in ("hashes", "classes", "flags", "documents", "shuffle")}
        sentences: list[Tensor] = []
        self.languages = f.language_codes(tables)
        codes: list[Tensor] = []
        first = 0
        for table in tables.values():
            ids = np.repeat(np.arange(len(table.lengths), dtype=np.int32), table.lengths)
            weights = document_weights(table)
            codes.append(torch.from_numpy(f.language_numbers(table, self.languages)))
            columns["hashes"].append(torch.from_numpy(table.hashes.view(np.int16)))
            columns["classes"].append(torch.from_numpy(table.classes.astype(np.int16)))
            columns["flags"].append(torch.from_numpy(table.flags))
            columns["documents"].append(torch.from_numpy(ids + np.int32(first)))
            columns["shuffle"].append(torch.tensor([shuffle_share(kind) for kind in table.kinds]))
            ends = np.flatnonzero((table.flags & (f.FLAG_END | f.FLAG_LAST)) > 0)[:-1] + 1
            sentences.append(torch.from_numpy(np.concatenate([[0], ends]) + self.offsets[-1]))
            self.slots.append(torch.from_numpy(np.cumsum(weights[ids[::SLOT]])).to(device))
            self.offsets.append(self.offsets[-1] + len(table.classes))
            first += len(table.lengths)
        joined = {key: torch.cat(parts).to(device) for key, parts in columns.items()}
        self.hashes, self.classes, self.flags = joined["hashes"], joined["classes"], joined["flags"]
        self.documents, self.shuffle = joined["documents"], joined["shuffle"]
        self.sentences = torch.cat([*sentences, torch.tensor([self.offsets[-1]])]).to(device)
        self.language = torch.cat(codes).to(device)
        self.soft: Tensor | None = None
        self.taught: Tensor | None = None
        self._links = {name: torch.from_numpy(table.links) for name, table in tables.items()}

    def _random(self, *size: int) -> Tensor:
        return torch.rand(*size, device=self.device, generator=self.generator)

    @torch.no_grad()
    def label(self, chances: Callable[[Tensor, Tensor, Tensor], Tensor], window: int, margin: int = 24) -> None:
        """Labels raw text with a net: clean text directly, stripped text with the greatest chance in each gap.

        Args:
            chances: (rows, classes, language) of windows to (B, T) chances of a sentence end.
            window, margin: length of windows and of the context on either side.
        """
        from segtool.training.sentences.measure import cut_windows

        soft = torch.zeros(self.offsets[-1], device=self.device)
        clean = self.names.index("raw-clean")
        cut = cut_windows(self.lengths["raw-clean"], window, margin)
        for start in range(0, len(cut.index), 512):
            part = slice(start, start + 512)
            index = torch.from_numpy(cut.index[part]).to(self.device) + self.offsets[clean]
            valid, take = (torch.from_numpy(a[part]).to(self.device) for a in (cut.valid, cut.take))
            rows = torch.where(valid[:, :, None], self.hashes[index].long() & 0xFFFF, PAD_ROW)
            language = self.language[self.documents[index[:, margin]].long()]
            found = chances(rows, torch.where(valid, self.classes[index].long(), PAD_CLASS), language)
            soft[index[take]] = found[take].float()
        firsts = np.concatenate([[0], np.cumsum(self.lengths["raw-clean"])[:-1]]) + self.offsets[clean]
        starts = torch.from_numpy(np.repeat(firsts, self.lengths["raw-stripped"])).to(self.device)
        links = self._links["raw-stripped"].to(self.device).long() + starts[:, None]
        best = torch.zeros(len(links), device=self.device)
        for step in range(6):
            at = links[:, 0] + step
            best = torch.maximum(
                best, torch.where(at < links[:, 1], soft[at.clamp(max=self.offsets[clean + 1] - 1)], 0.0)
            )
        stripped = self.names.index("raw-stripped")
        soft[self.offsets[stripped] : self.offsets[stripped + 1]] = best
        self.soft = (soft * 255).round().to(torch.uint8)

    def teach(self, name: str, answers: npt.NDArray[np.uint8]) -> None:
        """Takes a teacher's answers on all pieces of a table: chances times 254, ``UNTAUGHT`` where it has none."""
        if self.taught is None:
            self.taught = torch.full((self.offsets[-1],), UNTAUGHT, dtype=torch.uint8, device=self.device)
        i = self.names.index(name)
        part = self.taught[self.offsets[i] : self.offsets[i + 1]]
        given = torch.from_numpy(answers).to(self.device)
        part.copy_(torch.where(given == UNTAUGHT, part, given))

    def choose(self, counts: Mapping[str, int], window: int) -> Chosen:
        """So many windows of each table."""
        if not self.corrupted:
            parts = ("labelled", "raw")
            counts = {f"{part}-clean": sum(n for name, n in counts.items() if part in name) for part in parts}
        anchors, kinds = [], []
        for i, name in enumerate(self.names):
            n = counts.get(name, 0)
            total = self.slots[i][-1]
            slot = torch.searchsorted(self.slots[i], self._random(n).double() * total)
            anchor = slot * SLOT + (self._random(n) * SLOT).long()
            anchors.append(anchor.clamp(max=self.offsets[i + 1] - self.offsets[i] - 1) + self.offsets[i])
            kinds.append(torch.full((n,), f.TABLES.index(name), device=self.device))
        anchor, kind = torch.cat(anchors), torch.cat(kinds)
        index, valid = self._in_order(anchor, window)
        mixed = self._random(len(anchor)) < self.shuffle[self.documents[anchor].long()]
        short = mixed & (self._random(len(anchor)) < SHORT_SHARE)
        index2, valid2 = self._shuffled(anchor, kind, short, window)
        index = torch.where(mixed[:, None], index2, index)
        valid = torch.where(mixed[:, None], valid2, valid)
        language = self.language[self.documents[anchor].long()]
        return Chosen(index, valid, kind, mixed, short, language)

    def draw(self, counts: Mapping[str, int], window: int) -> Batch:
        """A batch with so many windows of each table."""
        return self._corrupt(self.choose(counts, window))

    def _in_order(self, anchor: Tensor, window: int) -> tuple[Tensor, Tensor]:
        shift = (self._random(len(anchor)) * window).long()
        index = (anchor - shift)[:, None] + torch.arange(window, device=self.device)
        inside = (index >= 0) & (index < self.offsets[-1])
        index = index.clamp(0, self.offsets[-1] - 1)
        return index, inside & (self.documents[index] == self.documents[anchor][:, None])

    def _shuffled(self, anchor: Tensor, kind: Tensor, short: Tensor, window: int) -> tuple[Tensor, Tensor]:
        """Windows made of sentences drawn near the anchor, the first one from some piece on.

        A short window is a text of its own: one to six of the shortest sentences drawn, between padding.
        """
        n = len(anchor)
        edges = torch.tensor(self.offsets, device=self.device)
        low = torch.searchsorted(self.sentences, edges[kind], right=True) - 1
        high = torch.searchsorted(self.sentences, edges[kind + 1] - 1, right=True) - 1
        near = torch.searchsorted(self.sentences, anchor, right=True) - 1
        step = ((self._random(n, SENTENCES) * 2 - 1) * NEIGHBOURS).long()
        chosen = torch.minimum(torch.maximum(near[:, None] + step, low[:, None]), high[:, None])
        sizes = self.sentences[chosen + 1] - self.sentences[chosen]
        order = torch.argsort(
            torch.where(short[:, None], sizes + self._random(n, SENTENCES) * 12, 0.0), dim=1, stable=True
        )
        chosen = chosen.gather(1, order)
        starts = self.sentences[chosen]
        lengths = self.sentences[chosen + 1] - starts
        stops = torch.cumsum(lengths, 1)
        lead = -12 - (self._random(n, 1) * window * 0.75).long()
        inside = (self._random(n, 1) * lengths[:, :1]).long()
        at = torch.arange(window, device=self.device)[None] + torch.where(short[:, None], lead, inside)
        which = torch.searchsorted(stops, at, right=True)
        most = torch.where(short[:, None], 1 + (self._random(n, 1) * 6).long(), SENTENCES)
        valid = (which < most) & (at >= 0)
        which = which.clamp(max=SENTENCES - 1)
        index = starts.gather(1, which) + at.clamp(min=0) - (stops - lengths).gather(1, which)
        return torch.where(valid, index, 0), valid

    def _corrupt(self, chosen: Chosen) -> Batch:
        index, valid, kind, mixed, short = chosen.index, chosen.valid, chosen.kind, chosen.mixed, chosen.short
        n, window = index.shape
        opens = valid & ~torch.nn.functional.pad(valid, (1, 0))[:, :-1] & short[:, None]
        position = torch.arange(window, device=self.device)[None]
        valid, loss = self._cut(valid, position, window)
        flags = self.flags[index].int()
        stripped = (kind == 1) | (kind == 3)
        raw = (kind >= 2)[:, None]
        packed = self.classes[index].int()
        space, case, rest = packed % 6, packed // 6 % 5, packed // 30
        space = torch.where(mixed[:, None] & (space == p.SPACE_BREAKS), p.SPACE_ONE, space)
        draw = self._random(n)
        lower = (draw < torch.where(stripped, 0.85, 0.12)) & self.corrupted
        shout = (draw > 0.98) & ~stripped & self.corrupted
        spaced = self._spaces(space, rest, flags, stripped, raw) if self.corrupted else space
        space = torch.where(opens, p.SPACE_BREAKS, spaced)
        cased = case != p.CASE_NONE
        case = torch.where(lower[:, None] & cased, p.CASE_LOWER, case)
        case = torch.where(shout[:, None] & cased, p.CASE_UPPER, case)
        rows = self.hashes[index].long() & 0xFFFF
        loss &= (flags & f.FLAG_LAST) == 0
        end = (flags & 1).float()
        if self.soft is not None:
            end = torch.where(raw, self.soft[index].float() / 255, end)
        end = self._blended(end, index, raw, space)
        told = self._random(n) >= HIDDEN_LANGUAGE
        known = loss if self.soft is not None else loss & ~raw
        return Batch(
            rows=torch.where(self._hidden(n, window, valid), PAD_ROW, rows),
            classes=torch.where(valid, (rest * 5 + case) * 6 + space, PAD_CLASS).long(),
            language=torch.where(told, chosen.language, 0),
            end=end,
            weight=known.float() * torch.where(raw, 0.5, 1.0),
            paragraph=torch.where(loss & raw, flags >> 1 & 1, IGNORE),
            mark=torch.where(loss & stripped[:, None], flags >> f.MARK_SHIFT & 7, IGNORE),
            upper=torch.where(loss & lower[:, None] & ((flags & f.FLAG_CASED) > 0), flags >> 5 & 1, IGNORE),
            imitate=self._candidates(valid, stripped, rest, space),
        )

    def _blended(self, end: Tensor, index: Tensor, raw: Tensor, space: Tensor) -> Tensor:
        """Targets with a teacher's answers, where no white space tells more than the teacher saw."""
        if self.taught is None:
            return end
        answer = self.taught[index]
        plain = torch.ones_like(answer, dtype=torch.bool)
        plain[:, :-1] = space[:, 1:] < p.SPACE_MORE
        weight = torch.where(raw, TAUGHT_RAW, TAUGHT_LABELLED) * ((answer != UNTAUGHT) & plain)
        return end + weight * (answer.float() / 254 - end)

    def _candidates(self, valid: Tensor, stripped: Tensor, rest: Tensor, space: Tensor) -> Tensor:
        """Weights for a first stage: marks and line breaks count, other places a little, stripped text not at all."""
        place = rest // 8 >= p.KIND_PUNCTUATION
        place[:, :-1] |= space[:, 1:] >= p.SPACE_MORE
        return torch.where(place, 1.0, 0.05) * (valid & ~stripped[:, None])

    def _cut(self, valid: Tensor, position: Tensor, window: int, margin: int = 12) -> tuple[Tensor, Tensor]:
        """Some windows lose one side, as at the edge of a stream; no loss near an edge of unknown context."""
        n = len(valid)
        draw = self._random(n)[:, None]
        at = (self._random(n) * window).long()[:, None]
        low = torch.where(draw < 0.075, at, torch.where(valid[:, :1], 0, -margin))
        high = torch.where(draw > 0.925, at, torch.where(valid[:, -1:], window, window + margin))
        valid = valid & (position >= low) & (position < high)
        return valid, valid & (position >= low + margin) & (position < high - margin)

    def _spaces(self, space: Tensor, rest: Tensor, flags: Tensor, stripped: Tensor, raw: Tensor) -> Tensor:
        """White space as users meet it: kept, all one blank, one blank a character, hard-wrapped, missing."""
        n = len(stripped)
        draw = self._random(n)[:, None]
        stripped = stripped[:, None]
        collapsed = space.clamp(max=p.SPACE_ONE)
        single = torch.where(space == p.SPACE_BREAK, p.SPACE_ONE, space.clamp(max=p.SPACE_MORE))
        kept_share = torch.where(stripped, 0.15, 0.50)
        single_share = torch.where(stripped, torch.where(raw, 0.25, 0.55), 0.05)
        out = torch.where(draw < kept_share, space, torch.where(draw < kept_share + single_share, single, collapsed))
        wrapped = self._wrapped(torch.where(draw < 0.92, collapsed, space), rest)
        out = torch.where(~stripped & (draw > 0.85), wrapped, out)
        broken = torch.where(draw > 0.85, wrapped.clamp(max=p.SPACE_BREAK), collapsed)
        out = torch.where(raw & ~stripped, broken, out)
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
        """(B, T, 4): rows hidden: whole words with a chance of 0.05 to 0.3 by window; all rows of some pieces; any
        row in a few noisy windows; padding."""
        if not self.corrupted:
            return ~valid[:, :, None]
        word = self._random(n, window, 1) < 0.05 + 0.25 * self._random(n, 1, 1)
        piece = self._random(n, window, 1) < 0.02
        columns = torch.tensor([True, True, False, False], device=self.device)
        noisy = (self._random(n, 1, 1) < 0.05) & (self._random(n, window, 4) < 0.1)
        return (word & columns) | piece | noisy | ~valid[:, :, None]


def window_counts(total: int, progress: float, raw_end: float = 0.4, raw_begin: float = RAW_BEGIN) -> dict[str, int]:
    """Windows of each table in a batch of ``total`` at a progress from 0 to 1; raw text falls late."""
    fall = min(1.0, max(0.0, (progress - 0.5) / 0.3))
    raw = raw_begin + (raw_end - raw_begin) * fall
    raw_clean, raw_stripped = round(total * raw * 0.2), round(total * raw * 0.8)
    clean = round((total - raw_clean - raw_stripped) * 0.45)
    stripped = total - raw_clean - raw_stripped - clean
    return {
        "labelled-clean": clean,
        "labelled-stripped": stripped,
        "raw-clean": raw_clean,
        "raw-stripped": raw_stripped,
    }
