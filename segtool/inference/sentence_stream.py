"""A text that comes in parts: ends of sentences as soon as no later character can change them.

Every decision looks at a bounded stretch around its gap, and windows of the net begin where the one before ended. So it
makes no difference in which parts a text comes: whole files go through this, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from segtool.inference.pieces import OPENING, SLICE, Runs, opening_of
from segtool.inference.sentence_cascade import NO_LOGITS, Bool, Float32, Int64, SentenceCascade
from segtool.inference.sentence_gate import BARE_REACH
from segtool.inference.sentence_net import BUCKETS, Window, sigmoid

FLOOR = 0.01
"""Candidates with a smaller chance are left out."""
_KEPT = 64
"""Pieces that stay before the first undecided gap: more than any stage looks back."""
_WIDE = 1024
_FLOOD = re.compile(rf"\s{{{4 * _WIDE},}}")
_BREAK = re.compile(r"[\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates that are decided: rising offsets, calibrated chances, and which stand in a bare stretch.

    A text of a few words is not called bare: it has no room for punctuation.
    """

    offsets: Int64
    chances: Float32
    bare: Bool


NOTHING = Found(np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.bool_))


@dataclass(frozen=True, slots=True)
class _View:
    """The buffer's pieces: all are there before ``whole``; gaps after ``[low, high)`` can be looked at."""

    runs: Runs
    whole: int
    low: int
    high: int
    bare: Bool
    is_final: bool

    def until(self, high: int) -> _View:
        """The same with fewer gaps."""
        return _View(self.runs, self.whole, self.low, min(self.high, max(high, self.low)), self.bare, self.is_final)


class SentenceStream:
    """Feed it a text in parts of any size; every part gives what it decides.

    Args:
        cascade: the model.
        language: code of the text's language, as cards spell it, for models that take it.
    """

    def __init__(self, cascade: SentenceCascade, language: str | None = None) -> None:
        self._cascade, self._language = cascade, language
        self._text, self._base = "", 0
        self._jumps: list[tuple[int, int]] = []
        self._first = 0
        self._opening: int | None = None
        self._is_begun = False

    def feed(self, text: str) -> Iterator[Found]:
        """What a further part decides."""
        for start in range(0, len(text), SLICE):
            self._text += text[start : start + SLICE]
            yield self._advance(is_final=False)

    def finish(self) -> Found:
        """What the end of the text decides: all that is left."""
        return self._advance(is_final=True)

    def read(self, text: str) -> Iterator[Found]:
        """What a whole text holds, slice by slice."""
        for start in range(0, max(len(text), 1), SLICE):
            self._text += text[start : start + SLICE]
            yield self._advance(is_final=start + SLICE >= len(text))

    def _advance(self, is_final: bool) -> Found:
        if not self._has_opening(is_final):
            return NOTHING
        runs = self._cascade.cutter.runs(self._text, self._opening)
        view = self._view(runs, is_final)
        if view.low >= view.high:
            self._squeeze()
            return NOTHING
        view, gaps, logits = self._decide(view)
        chances = sigmoid(logits)
        keep = np.flatnonzero((gaps < view.high) & (chances >= FLOOR))
        chosen = gaps[keep]
        found = Found(self._offsets(np.take(runs.starts, chosen + 1)), chances[keep], view.bare[chosen - view.low])
        self._first = view.high
        self._trim(runs)
        return found

    def _has_opening(self, is_final: bool) -> bool:
        """Whether it is known how the text begins."""
        if self._is_begun:
            return True
        if is_final or len(self._text) >= OPENING or _BREAK.search(self._text):
            self._opening, self._is_begun = opening_of(self._text), True
        return self._is_begun

    def _view(self, runs: Runs, is_final: bool) -> _View:
        """The gaps that can be looked at: those with all pieces there that the scan sees, and of known bareness.

        The last piece may yet grow; so may the white space after it.
        """
        whole = len(runs) if is_final else max(len(runs) - 1, 0)
        reach = self._cascade.scan.reach if self._cascade.scan else 1
        high = whole - 1 if is_final else whole - reach
        total = np.zeros(whole + 1, np.int32)
        np.cumsum(runs.is_mark[:whole], out=total[1:])
        at = np.arange(self._first, max(high, self._first))
        after = at + BARE_REACH + 1
        bare = total[np.minimum(after, whole)] == total[np.maximum(at - BARE_REACH, 0)]
        unknown = np.flatnonzero(bare & (after > whole))
        if len(unknown) and not is_final:
            high = self._first + int(unknown[0])
        return _View(runs, whole, self._first, max(high, self._first), bare, is_final)

    def _decide(self, view: _View) -> tuple[_View, Int64, Float32]:
        """The candidates with calibrated logits, in order, and the view of what is decided."""
        cascade = self._cascade
        gaps, logits = cascade.scanned(view.runs, view.low, view.high)
        is_bare = view.bare[gaps - view.low]
        if cascade.scan is None:
            sure, sure_logits, doubtful = gaps[:0], NO_LOGITS, gaps[~is_bare]
        else:
            unsure = cascade.scan_limits.unsure(logits)
            decided = ~unsure & ~is_bare
            sure, sure_logits = gaps[decided], cascade.scan_line(logits[decided])
            doubtful = gaps[unsure & ~is_bare]
        view, doubtful = self._with_reach(view, doubtful)
        seen = cascade.gated(view.runs, doubtful)
        open_ = cascade.gate_limits.unsure(seen) if cascade.gate else np.ones(len(doubtful), np.bool_)
        closed_logits = cascade.gate_line(seen[~open_])
        bare = view.low + np.flatnonzero(view.bare[: view.high - view.low])
        asked = np.concatenate([doubtful[open_], bare])
        mixed = np.concatenate([seen[open_] * cascade.mix, np.zeros(len(bare), np.float32)])
        order = np.argsort(asked)
        view, asked_logits = self._ask(view, asked[order], mixed[order])
        all_gaps = np.concatenate([sure, doubtful[~open_], asked[order][: len(asked_logits)]])
        all_logits = np.concatenate([sure_logits, closed_logits, asked_logits])
        order = np.argsort(all_gaps)
        return view, all_gaps[order], all_logits[order]

    def _with_reach(self, view: _View, doubtful: Int64) -> tuple[_View, Int64]:
        """The gaps that the gate can judge by now, and the view that ends before the first that it can't."""
        gate = self._cascade.gate
        if gate is None or view.is_final:
            return view, doubtful
        ready = doubtful + gate.after < view.whole
        if not ready.all():
            view = view.until(int(doubtful[~ready][0]))
        return view, doubtful[ready]

    def _ask(self, view: _View, gaps: Int64, mixed: Float32) -> tuple[_View, Float32]:
        """The calibrated logits of the net at the first of ``gaps``, up to where a window has no room yet."""
        cascade, parts, at = self._cascade, [NO_LOGITS], 0
        gaps = gaps[gaps < view.high]
        while at < len(gaps):
            bare = bool(view.bare[gaps[at] - view.low])
            window = self._window(view, gaps[at:], cascade.is_dense or bare)
            if window is None:
                view = view.until(int(gaps[at]))
                break
            count = int(np.searchsorted(gaps[at:], window.last))
            chosen = gaps[at : at + count]
            values = cascade.asked(view.runs, window, self._language)[chosen - window.first]
            is_bare = view.bare[chosen - view.low]
            punctuated = cascade.net_line(values) + mixed[at : at + count]
            parts.append(np.where(is_bare, cascade.bare_line(values), punctuated))
            at += count
        return view, np.concatenate(parts).astype(np.float32)

    def _window(self, view: _View, gaps: Int64, is_dense: bool) -> Window | None:
        """The window that begins at the first of ``gaps`` and decides most of them for its cost; None: no room yet."""
        net = self._cascade.net
        start, margin = int(gaps[0]), net.margin
        lengths = [b for b in BUCKETS if 2 * margin < b < net.window]
        if is_dense or not lengths:
            lengths.append(net.window)
        reach = lengths[-1] - 2 * margin
        if not view.is_final and (start + reach > view.high or start + reach + margin > view.whole):
            return None
        counts = [(int(np.searchsorted(gaps, start + length - 2 * margin)) / length, -length) for length in lengths]
        length = -max(counts)[1]
        last = min(start + length - 2 * margin, view.whole - 1)
        if last - start < length - 2 * margin:
            length = next((b for b in BUCKETS if last - start + 2 * margin <= b < net.window), length)
        return Window(start - margin, length, start, last)

    def _trim(self, runs: Runs) -> None:
        """Forget what no later decision looks at. A piece begins where it began before, wherever the buffer begins."""
        drop = self._first - _KEPT
        if drop <= 0:
            return
        cut = int(runs.ends[drop - 1])
        self._text, self._base, self._first = self._text[cut:], self._base + cut, _KEPT
        self._opening = None
        passed = [removed for place, removed in self._jumps if place <= cut]
        self._base += sum(passed)
        self._jumps = [(place - cut, removed) for place, removed in self._jumps if place > cut]

    def _squeeze(self) -> None:
        """Cut the middle out of endless white space, so that memory stays bounded; offsets keep count of it."""
        if len(self._text) < 2 * SLICE:
            return
        while match := _FLOOD.search(self._text):
            low, high = match.start() + _WIDE, match.end() - _WIDE
            breaks = "\n" * min(2, len(_BREAK.findall(self._text, low, high)))
            self._text = self._text[:low] + breaks + self._text[high:]
            end, removed = low + len(breaks), high - low - len(breaks)
            moved = [(place if place <= low else max(end, place - removed), n) for place, n in self._jumps]
            self._jumps = sorted([*moved, (end, removed)])

    def _offsets(self, places: Int64) -> Int64:
        """Offsets in the text of places in the buffer."""
        out = places + self._base
        for place, removed in self._jumps:
            out[places >= place] += removed
        return out
