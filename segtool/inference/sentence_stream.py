"""A text that comes in parts: ends of sentences as soon as no later character can change them.

Every decision looks at a bounded stretch around its gap: a doubtful place at the pieces around it, a place in a stretch
without marks at windows that lie at fixed places. So it makes no difference in which parts a text comes: whole files go
through this, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from segtool.inference.pieces import OPENING, SLICE, Runs, opening_of
from segtool.inference.sentence_cascade import Bool, Float32, Int64, Limits, SentenceCascade
from segtool.inference.sentence_gate import BARE_REACH
from segtool.inference.sentence_net import Window, sigmoid

FLOOR = 0.01
"""Candidates with a smaller chance are left out."""
_KEPT = 300
"""Pieces that stay before the first undecided gap: more than any stage looks back."""
FAR = 1 << 40
"""Pieces that are farther away than any."""
CROWD = 4
"""Doubts in one place of the net's windows from which on it reads the place whole."""
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
    """The buffer's pieces: all are there before ``whole``; gaps after ``[low, high)`` can be looked at.

    ``marks`` are the pieces that are marks of ordinary writing, between two that are farther away than any.
    """

    runs: Runs
    whole: int
    low: int
    high: int
    marks: Int64
    is_final: bool

    def until(self, high: int) -> _View:
        """The same with fewer gaps."""
        return replace(self, high=min(self.high, max(high, self.low)))

    def bare(self, gaps: Int64) -> Bool:
        """Which gaps have no mark within ``BARE_REACH`` pieces on either side."""
        after = self.marks.searchsorted(gaps)
        bare: Bool = self.marks.take(after) - gaps > BARE_REACH
        after -= 1
        bare &= gaps - self.marks.take(after) > BARE_REACH
        return bare

    def blanks(self, reach: int) -> Int64:
        """The gaps that have no mark within ``reach`` pieces on either side, ascending."""
        wide = (self.marks[1:] - self.marks[:-1] > 2 * reach + 1).nonzero()[0]
        firsts = np.maximum(self.marks[wide] + reach + 1, self.low)
        lasts = np.minimum(self.marks[wide + 1] - reach, self.high)
        parts = [np.arange(first, last) for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)]
        return np.concatenate([np.zeros(0, np.int64), *parts])


@dataclass(slots=True)
class _Answers:
    """Candidates in order: calibrated logits, the gate's own logits (NaN: not asked), and where the net is asked."""

    gaps: Int64
    logits: Float32
    gated: Float32
    asks: Bool


class SentenceStream:
    """Feed it a text in parts of any size; every part gives what it decides.

    Args:
        cascade: the model.
        language: code of the text's language, as cards spell it, for models that take it.
    """

    def __init__(self, cascade: SentenceCascade, language: str | None = None) -> None:
        self._cascade, self._language = cascade, language
        self._limits = cascade.limits(language)
        self._text, self._base = "", 0
        self._jumps: list[tuple[int, int]] = []
        self._first = self._passed = 0
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
        view, answers = self._decide(view)
        chances = sigmoid(answers.logits)
        keep = np.flatnonzero((answers.gaps < view.high) & (chances >= FLOOR))
        chosen = answers.gaps[keep]
        found = Found(self._offsets(runs.starts.take(chosen + 1)), chances[keep], view.bare(chosen))
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
        inner = runs.is_mark[:whole].nonzero()[0]
        marks = np.empty(len(inner) + 2, np.int64)
        marks[0], marks[1:-1], marks[-1] = -FAR, inner, FAR
        high = whole - 1
        if not is_final:
            known = [max(int(marks[-2]) + near + 1, whole - near) for near in (BARE_REACH, self._cascade.blank_reach)]
            high = min(whole - reach, *known)
        return _View(runs, whole, self._first, max(high, self._first), marks, is_final)

    def _decide(self, view: _View) -> tuple[_View, _Answers]:
        """The candidates with their answers, and the view of what is decided."""
        if self._limits is None:
            gaps = np.arange(view.low, view.high)
            none = np.full(len(gaps), np.nan, np.float32)
            answers = _Answers(gaps, np.full(len(gaps), -np.inf, np.float32), none, np.ones(len(gaps), np.bool_))
            return self._ask(view, answers), answers
        view, answers = self._sift(view, self._limits)
        return self._ask(view, answers), answers

    def _sift(self, view: _View, limits: Limits) -> tuple[_View, _Answers]:
        """The candidates with what is said of each alone; asked is the net in stretches without marks."""
        cascade = self._cascade
        gaps, scanned = cascade.scanned(view.runs, view.low, view.high)
        is_unsure = limits.after_scan(scanned)
        blanks = view.blanks(cascade.blank_reach)
        if len(blanks):
            is_unsure &= ~np.isin(gaps, blanks)
        view = self._with_reach(view, gaps[is_unsure])
        inside = gaps < view.high
        gaps, scanned, unsure = gaps[inside], scanned[inside], is_unsure[inside].nonzero()[0]
        none = np.full(len(gaps), np.nan, np.float32)
        answers = _Answers(gaps, cascade.scan_line(scanned), none, np.zeros(len(gaps), np.bool_))
        if cascade.gate is not None and len(unsure):
            answers.gated[unsure] = cascade.gated(view.runs, gaps.take(unsure))
            answers.logits[unsure] = cascade.gate_mix(scanned.take(unsure), answers.gated.take(unsure))
            at = unsure[limits.after_gate(answers.logits.take(unsure))]
            if len(at):
                view, at = self._crowded(view, answers, at)
                self._settle(view, limits, answers, scanned, at)
        return view, _with_blanks(answers, blanks[blanks < view.high])

    def _crowded(self, view: _View, answers: _Answers, at: Int64) -> tuple[_View, Int64]:
        """The view up to where all doubts of a place are there, with what they see, and the doubts that stand alone.

        Where there are many in a place, the net is asked to read it: that costs less than each of them.
        """
        cascade, gaps = self._cascade, answers.gaps.take(at)
        stride = cascade.net.window - 2 * cascade.net.margin
        places = (gaps + self._passed) // stride
        if not view.is_final:
            ends = (places + 1) * stride - self._passed
            short = (ends > min(view.high, view.whole - max(cascade.wide_window // 2, cascade.net.margin))).nonzero()[0]
            if len(short):
                view = view.until(int(gaps[short[0]]))
                at, places = at[: short[0]], places[: short[0]]
        if not len(at):
            return view, at
        is_first = np.append(True, places[1:] != places[:-1])
        counts = np.diff(np.append(is_first.nonzero()[0], len(places)))
        many = counts.repeat(counts) >= CROWD
        answers.asks[at[many]] = True
        return view, at[~many]

    def _settle(self, view: _View, limits: Limits, answers: _Answers, scanned: Float32, at: Int64) -> None:
        """Put the net's answers in for the candidates ``at``, each of which it sees alone."""
        if not len(at):
            return
        cascade, runs = self._cascade, view.runs
        bare = view.bare(answers.gaps.take(at))
        if cascade.narrow_window and not bare.all():
            asked = at[~bare]
            found = cascade.asked_alone(runs, answers.gaps.take(asked), cascade.narrow_window, self._language)
            mixed = cascade.narrow_mix(scanned.take(asked), answers.gated.take(asked), found.logits[:, 0])
            answers.logits[asked] = mixed
            still = bare.copy()
            still[~bare] = limits.after_narrow(mixed)
            at, bare = at[still], bare[still]
        if len(at):
            found = cascade.asked_alone(runs, answers.gaps.take(at), cascade.wide_window, self._language)
            answers.logits[at] = cascade.calibrated(found, answers.gated.take(at), bare, self._language)

    def _with_reach(self, view: _View, doubtful: Int64) -> _View:
        """The view that ends before the first gap that the gate has to judge and can't see enough of yet."""
        gate = self._cascade.gate
        if gate is None or view.is_final:
            return view
        short = doubtful[doubtful + gate.after >= view.whole]
        return view.until(int(short[0])) if len(short) else view

    def _ask(self, view: _View, answers: _Answers) -> _View:
        """Put the net's answers in, up to where a window has no room yet, and give the view of what is decided."""
        windows: list[Window] = []
        asked, at = answers.gaps[answers.asks], 0
        if not len(asked):
            return view
        net = self._cascade.net
        stride = net.window - 2 * net.margin
        while at < len(asked):
            gap = int(asked[at])
            first = (gap + self._passed) // stride * stride - self._passed
            if not view.is_final and (first + stride + net.margin > view.whole or first + stride > view.high):
                view = view.until(gap)
                break
            beyond = int(asked.searchsorted(first + stride))
            windows.append(self._window(first, gap, int(asked[beyond - 1]), view.whole))
            at = beyond
        if windows:
            self._answer(view, answers, windows)
        return view

    def _answer(self, view: _View, answers: _Answers, windows: Sequence[Window]) -> None:
        """Put the answers of windows in: of all candidates that they decide, as what they say costs no more."""
        cascade, gaps = self._cascade, answers.gaps
        for window in windows:
            members = np.arange(*np.searchsorted(gaps, (window.first, window.last)).tolist())
            bare = view.bare(gaps[members])
            if cascade.gate is not None:
                silent = members[np.isnan(answers.gated[members]) & ~bare]
                answers.gated[silent] = cascade.gated(view.runs, gaps[silent])
            found = cascade.asked(view.runs, window, gaps[members], self._language)
            answers.logits[members] = cascade.calibrated(found, answers.gated[members], bare, self._language)

    def _window(self, place: int, first: int, last: int, whole: int) -> Window:
        """The window for the gaps asked at a fixed place, of which the first and the last are given.

        A whole one decides what follows in its place, too; where gaps are asked close together, a smaller one lies
        around them, which sees as much beside them as it would of one alone.
        """
        net = self._cascade.net
        stride, span = net.window - 2 * net.margin, last + 1 - first
        end = min(place + stride, whole - 1)
        spare = 2 * max(0, self._cascade.wide_window // 2 - 16 - net.margin)
        if self._limits is not None and (length := net.length(span + spare)) < net.length(end - place):
            start = min(first - (length - span) // 2, place + stride + net.margin - length)
            return Window(start, length, first, last + 1)
        return Window(place - net.margin, net.length(end - place), first, end)

    def _trim(self, runs: Runs) -> None:
        """Forget what no later decision looks at. A piece begins where it began before, wherever the buffer begins."""
        drop = self._first - _KEPT
        if drop <= 0:
            return
        cut = int(runs.ends[drop - 1])
        self._text, self._base, self._first = self._text[cut:], self._base + cut, _KEPT
        self._passed += drop
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


def _with_blanks(answers: _Answers, blanks: Int64) -> _Answers:
    """The answers with every gap of stretches without marks among them, where the net is asked."""
    if not len(blanks):
        return answers
    gaps = np.union1d(answers.gaps, blanks)
    old, new = np.searchsorted(gaps, answers.gaps), np.searchsorted(gaps, blanks)
    out = _Answers(
        gaps,
        np.full(len(gaps), -np.inf, np.float32),
        np.full(len(gaps), np.nan, np.float32),
        np.zeros(len(gaps), np.bool_),
    )
    out.logits[old], out.gated[old], out.asks[old] = answers.logits, answers.gated, answers.asks
    out.asks[new] = True
    return out
