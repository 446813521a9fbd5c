"""What ``--against`` names: another threshold, another reviewer's sidecar, an earlier output, or another model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson

from segtool.core.layer import LAYER_NAMES, Boundary, Layer, LayerName
from segtool.core.segmentation import Segmentation
from segtool.core.whitespace import next_non_space
from segtool.errors import UsageError
from segtool.inference.card import load_card
from segtool.inference.store import find_model, is_pair_classifier
from segtool.settings import Settings
from segtool.storage import sidecar as sidecars
from segtool.storage.decisions import decide
from segtool.storage.journal import recovered


def other_segmentation(base: Segmentation, against: str, settings: Settings) -> Segmentation:
    """The segmentation of the same text to compare with.

    Args:
        base: the segmentation under review, without edits.
        against: a number in [0, 1] (threshold), a path that ends in ``.segtool.json`` (sidecar), a JSON Lines output
            of ``segtool split``, or the name of a sentence or section model.
        settings: of the segmentation under review.

    Raises:
        UsageError: if it names nothing of these.
        EditError, ModelError: if it can't be read or used.
    """
    threshold = _number(against)
    if threshold is not None:
        names: list[LayerName] = [name for name in base.layers if name in base.scores]
        return replace(base, layers={**base.layers, **{name: decide(base, name, threshold) for name in names}})
    path = Path(against)
    if against.endswith(sidecars.SUFFIX):
        return sidecars.apply_edits(base, recovered(path))
    if path.is_file():
        return replace(base, layers={**base.layers, **_layers_of(path, base)})
    from segtool.pipeline import segment

    layer: LayerName = "section" if _is_section_model(against, settings) else "sentence"
    sections, sentences = settings.sections, settings.sentences
    if layer == "section":
        sections = replace(sections, model=against)
    else:
        sentences = replace(sentences, model=against)
    made = segment(base.document, layers=(layer,), settings=replace(settings, sections=sections, sentences=sentences))
    return replace(base, layers={**base.layers, layer: made.layers[layer]})


def _is_section_model(name: str, settings: Settings) -> bool:
    """Whether a name or folder is that of a section model."""
    folder = Path(name).expanduser()
    if is_pair_classifier(folder):
        return True
    found = find_model(name, settings.models_path)
    return found is not None and found.layout == "segtool" and load_card(found.folder).task == "section"


def _number(against: str) -> float | None:
    try:
        value = float(against)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def _layers_of(path: Path, base: Segmentation) -> dict[LayerName, Layer]:
    """The layers of an output of ``segtool split`` for this document."""
    found: dict[LayerName, list[Boundary]] = {}
    text = base.document.text
    try:
        for line in path.read_bytes().splitlines():
            record = orjson.loads(line)
            if record["doc"] != base.document.id and Path(record["doc"]).name != Path(base.document.id).name:
                continue
            start, end = record["start"], record["end"]
            if text[start:end] != record["text"] or record["unit"] not in LAYER_NAMES:
                raise UsageError(f"{path}: is of another text than {base.document.id}")
            boundary = Boundary(start, record["level"], record["score"], record["origin"])
            found.setdefault(record["unit"], []).append(boundary)
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"--against {path}: is no JSON Lines output of segtool ({error})") from error
    if not found:
        raise UsageError(f"--against {path}: says nothing about {base.document.id}")
    first = next_non_space(text, 0)  # the first unit starts at 0, whatever white space comes before it
    kept = {name: [row for row in rows if row.offset != first] for name, rows in found.items()}
    return {name: Layer.from_boundaries(name, len(text), rows) for name, rows in kept.items()}
