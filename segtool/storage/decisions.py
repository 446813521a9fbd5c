"""Deciding layers anew at a threshold that a reviewer chose, from the scores that are kept: no model runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from segtool.core.layer import ORIGINS, Layer, LayerName, rows_at
from segtool.core.scores import Scores
from segtool.core.segmentation import MadeBy, Segmentation
from segtool.segmenters.decode import decode

_LOADER, _MODEL = ORIGINS.index("loader"), ORIGINS.index("model")


def decide(base: Segmentation, name: LayerName, threshold: float) -> Layer:
    """A layer at another threshold; what loader and rules put there stays.

    Raises:
        KeyError: if the layer has no scores.
    """
    if name == "section":
        from segtool.segmenters.outline import section_layer

        return section_layer(base.document, base.scores[name], threshold)
    layer = decode(base.scores[name], threshold, bare_threshold(base, name, threshold))
    if _has_paragraphs(base, name):
        from segtool.segmenters.structure import with_paragraphs

        return with_paragraphs(layer, base.document.text, base.document.paragraphs)
    old = base.layers[name]
    certain = [old[row] for row in np.flatnonzero(old.origins != _MODEL).tolist() if old.offsets[row]]
    return Layer.from_boundaries(name, layer.length, [*layer, *certain]) if certain else layer


def bare_threshold(base: Segmentation, name: LayerName, threshold: float) -> float | None:
    """What ``threshold`` means in stretches without punctuation: as far from it as when the layer was made.

    None where there are no such stretches. At the layer's own threshold the same candidates are chosen again.
    """
    scores, layer, made = base.scores[name], base.layers[name], base.made_by.get(name)
    if scores.bare is None or made is None or made.threshold is None:
        return None
    own = layer.offsets[~np.isnan(layer.scores) & (layer.origins == _MODEL)]
    chosen = np.zeros(len(scores), np.bool_)
    chosen[rows_at(scores.offsets, own)] = True
    taken = scores.probabilities[chosen & scores.bare]
    left = scores.probabilities[~chosen & scores.bare]
    least = float(taken.min()) if len(taken) else float(np.nextafter(left.max(), np.float32(1))) if len(left) else None
    return None if least is None else min(max(least + threshold - made.threshold, 0.0), 1.0)


def with_thresholds(base: Segmentation, thresholds: Mapping[LayerName, float]) -> Segmentation:
    """The segmentation with the layers that have scores decided at these thresholds."""
    wanted = {name: value for name, value in thresholds.items() if name in base.layers and name in base.scores}
    if not wanted:
        return base
    layers = {name: decide(base, name, value) for name, value in wanted.items()}
    unknown = MadeBy("unknown")
    made_by = {name: replace(base.made_by.get(name, unknown), threshold=value) for name, value in wanted.items()}
    return replace(base, layers={**base.layers, **layers}, made_by={**base.made_by, **made_by})


def open_scores(base: Segmentation, name: LayerName) -> Scores:
    """The candidates of a layer that a rule leaves open: none between the number of a paragraph and its text."""
    scores = base.scores[name]
    if name != "sentence" or not _has_paragraphs(base, name):
        return scores
    from segtool.segmenters.structure import with_paragraphs

    left = with_paragraphs(decode(scores, 0.0), base.document.text, base.document.paragraphs).offsets
    kept = np.zeros(len(scores), np.bool_)
    kept[rows_at(scores.offsets, left)] = True
    bare = None if scores.bare is None else scores.bare[kept]
    return Scores(scores.layer, scores.length, scores.offsets[kept], scores.probabilities[kept], bare)


def _has_paragraphs(base: Segmentation, name: LayerName) -> bool:
    """Whether the paragraphs of the source decided the layer, too."""
    return bool((base.layers[name].origins[1:] == _LOADER).any())
