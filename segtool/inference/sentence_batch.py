"""Many short texts at once: what each step of numpy costs is paid once for all of them.

Only for what scan and gate decide between them. A text in which a net has to be asked is left to ``SentenceStream``,
which gives the same answers for the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

import numpy as np

from segtool.inference.pieces import Runs
from segtool.inference.sentence_cascade import Bool, Float32, Int64, Limits, SentenceCascade
from segtool.inference.sentence_gate import BARE_REACH
from segtool.inference.sentence_net import sigmoid
from segtool.inference.sentence_stream import FAR, FLOOR, Found

_ALWAYS = Limits(-np.inf, np.inf, -np.inf, np.inf)
_BOUNDS = attrgetter("scan_low", "scan_high", "gate_low", "gate_high")


def decide_at_once(
    cascade: SentenceCascade, texts: Sequence[str], languages: Sequence[str | None]
) -> list[Found | None]:
    """What each of the texts holds, given their languages; None where a net has to be asked."""
    limits = [cascade.limits(language) for language in languages]
    if not any(limits):
        return [None] * len(texts)
    bounds = np.array([_BOUNDS(found or _ALWAYS) for found in limits], np.float32)
    runs = cascade.cutter.runs_of(texts)
    gaps, logits = cascade.scanned(runs, 0, max(len(runs) - 1, 0))
    text = runs.bounds.searchsorted(gaps, side="right") - 1
    unsure = _between(logits, bounds[:, :2], text).nonzero()[0]
    chances = cascade.scan_line(logits)
    open_texts = _have_blanks(runs, cascade.blank_reach)
    open_texts |= [found is None for found in limits]
    if cascade.gate is not None and len(unsure):
        seen = cascade.gate_mix(logits.take(unsure), cascade.gated(runs, gaps.take(unsure)))
        chances[unsure] = seen
        open_texts[text[unsure[_between(seen, bounds[:, 2:4], text.take(unsure))]]] = True
    bare = _bare(runs, gaps, text)
    chances = sigmoid(chances)
    keep = (chances >= FLOOR).nonzero()[0]
    gaps, chances, bare, text = gaps.take(keep), chances.take(keep), bare.take(keep), text.take(keep)
    offsets = runs.starts.take(gaps + 1) - runs.texts.take(text)
    edges = text.searchsorted(np.arange(len(texts) + 1)).tolist()
    return [
        None if is_open else Found(offsets[low:high], chances[low:high], bare[low:high])
        for is_open, low, high in zip(open_texts.tolist(), edges[:-1], edges[1:], strict=True)
    ]


def _between(logits: Float32, bounds: Float32, text: Int64) -> Bool:
    """Which logits lie between the bounds of their texts, (texts, 2)."""
    low, high = bounds[0] if (bounds == bounds[0]).all() else bounds.take(text, axis=0).T
    found: Bool = (logits > low) & (logits < high)
    return found


def _have_blanks(runs: Runs, reach: int) -> Bool:
    """Which texts have gaps without a mark within ``reach`` pieces on either side."""
    lows, highs = runs.bounds[:-1], runs.bounds[1:] - 1
    marks = runs.is_mark.nonzero()[0]
    if not len(marks):
        return highs > lows
    first, last = marks.searchsorted(lows), marks.searchsorted(highs, side="right") - 1
    has_none = last < first
    out: Bool = marks.take(first, mode="clip") - lows > reach
    out |= highs - marks.take(last, mode="clip") > reach + 1
    out |= has_none
    out &= highs > lows
    wide = (marks[1:] - marks[:-1] > 2 * reach + 1).nonzero()[0]
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
