"""Many short texts at once: what each step of numpy costs is paid once for all of them.

Only for what scan and gate decide between them. A text in which the net has to be asked is left to ``SentenceStream``,
which gives the same answers for the others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segtool.inference.pieces import Runs
from segtool.inference.sentence_cascade import Bool, Int64, SentenceCascade
from segtool.inference.sentence_gate import BARE_REACH
from segtool.inference.sentence_net import sigmoid
from segtool.inference.sentence_stream import BLANK_REACH, FAR, FLOOR, Found


def decide_at_once(cascade: SentenceCascade, texts: Sequence[str]) -> list[Found | None]:
    """What each of the texts holds; None where the net has to be asked."""
    runs = cascade.cutter.runs_of(texts)
    gaps, logits = cascade.scanned(runs, 0, max(len(runs) - 1, 0))
    unsure = cascade.scan_limits.unsure(logits)
    logits, asks = cascade.scan_line(logits), unsure
    if cascade.gate is not None and unsure.any():
        asks = np.zeros(len(gaps), np.bool_)
        seen = cascade.gated(runs, gaps[unsure])
        logits[unsure], asks[unsure] = cascade.gate_line(seen), cascade.gate_limits.unsure(seen)
    text = runs.bounds.searchsorted(gaps, side="right") - 1
    open_texts = _have_blanks(runs)
    open_texts[text[asks]] = True
    bare = _bare(runs, gaps, text)
    chances = sigmoid(logits)
    keep = (chances >= FLOOR).nonzero()[0]
    gaps, chances, bare, text = gaps.take(keep), chances.take(keep), bare.take(keep), text.take(keep)
    offsets = runs.starts.take(gaps + 1) - runs.texts.take(text)
    edges = text.searchsorted(np.arange(len(texts) + 1)).tolist()
    return [
        None if is_open else Found(offsets[low:high], chances[low:high], bare[low:high])
        for is_open, low, high in zip(open_texts.tolist(), edges[:-1], edges[1:], strict=True)
    ]


def _have_blanks(runs: Runs) -> Bool:
    """Which texts have gaps without a mark within ``BLANK_REACH`` pieces on either side."""
    lows, highs = runs.bounds[:-1], runs.bounds[1:] - 1
    marks = runs.is_mark.nonzero()[0]
    if not len(marks):
        return highs > lows
    first, last = marks.searchsorted(lows), marks.searchsorted(highs, side="right") - 1
    has_none = last < first
    out: Bool = marks.take(first, mode="clip") - lows > BLANK_REACH
    out |= highs - marks.take(last, mode="clip") > BLANK_REACH + 1
    out |= has_none
    out &= highs > lows
    wide = (marks[1:] - marks[:-1] > 2 * BLANK_REACH + 1).nonzero()[0]
    text = runs.bounds.searchsorted(marks.take(wide), side="right") - 1
    out[text[text == runs.bounds.searchsorted(marks.take(wide + 1), side="right") - 1]] = True
    return out


def _bare(runs: Runs, gaps: Int64, text: Int64) -> Bool:
    """Which gaps have no mark within ``BARE_REACH`` pieces on either side; ``text`` is the text of each."""
    inner = runs.is_mark.nonzero()[0]
    marks = np.empty(len(inner) + 2, np.int64)
    marks[0], marks[-1] = -FAR, FAR * (len(runs.texts) + 1)
    marks[1:-1] = inner + (runs.bounds.searchsorted(inner, side="right") - 1) * FAR
    places = gaps + text * FAR
    after = marks.searchsorted(places)
    bare: Bool = marks.take(after) - places > BARE_REACH
    bare &= places - marks.take(after - 1) > BARE_REACH
    return bare
