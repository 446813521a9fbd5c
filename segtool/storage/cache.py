"""A cache of segmentations, so that a document opens at once the second time; safe to delete at any moment.

One file an entry, named by the hash of everything that decides the result. Columns are stored as they
are (``.npz``), the rest as JSON: nothing in an entry is ever executed.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import numpy as np
import orjson

from segtool import __version__
from segtool.core.document import BBox, Document, Fragment, Paragraph, Source, Style
from segtool.core.layer import Label, Layer, LayerName
from segtool.core.scores import Scores
from segtool.core.segmentation import MadeBy, Segmentation
from segtool.core.span import Span
from segtool.errors import ModelError
from segtool.inference.card import CARD_NAME
from segtool.inference.store import find_model
from segtool.settings import Settings

MAX_BYTES = 2**29
"""Size up to which entries are kept; the longest unused go first."""

_SUFFIX = ".npz"
_Columns = dict[str, "np.ndarray[Any, Any]"]


def cache_key(source_hash: str, settings: Settings, models: Mapping[str, str] | None = None) -> str:
    """The name of an entry.

    Args:
        source_hash: sha256 of the bytes of the source.
        settings: all of them; a password is among them, but only its hash gets into the name.
        models: by model name, what tells its versions apart.
    """
    parts = [__version__, source_hash, asdict(settings), dict(models or {})]
    return hashlib.sha256(orjson.dumps(parts, default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()


def review_key(data: bytes, name: str, settings: Settings) -> str:
    """The entry of a document by its bytes; its name is part of it, as it is the document's id."""
    models = {model: _version_of(model, settings) for model in (settings.sentences.model, settings.sections.model)}
    return cache_key(hashlib.sha256(data).hexdigest(), settings, {"name": name, **models})


def _version_of(model: str, settings: Settings) -> str:
    """What tells the versions of a model apart: the hash of its card, which has those of its files; "" without one."""
    try:
        found = find_model(model, settings.models_path)
        card = (found.folder / CARD_NAME).read_bytes() if found else b""
    except (ModelError, OSError):  # whoever runs the model will say so
        return ""
    return hashlib.sha256(card).hexdigest()


class Cache:
    """Segmentations in a folder, kept under ``max_bytes``. Failing to read or write is never an error: it's a cache."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        self.folder = folder
        self.max_bytes = max_bytes

    def get(self, key: str) -> Segmentation | None:
        """The segmentation of an entry, None if there is none that can be read."""
        path = self.folder / (key + _SUFFIX)
        try:
            with np.load(path, allow_pickle=False) as columns:
                segmentation = _restore({name: columns[name] for name in columns.files})
            os.utime(path)
        except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
            return None
        return segmentation

    def put(self, key: str, segmentation: Segmentation) -> None:
        """Keep a segmentation, then drop the longest unused entries over the limit."""
        part = self.folder / f".{key}-{os.getpid()}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as stream:
                np.savez(stream, **cast("Any", _columns(segmentation)))
            part.replace(self.folder / (key + _SUFFIX))
            self.clean()
        except (OSError, TypeError, orjson.JSONEncodeError):
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def clean(self) -> None:
        """Drop the longest unused entries until the rest is under the limit."""
        entries = []
        for path in self.folder.glob("*" + _SUFFIX):
            found = path.stat()
            entries.append((found.st_mtime, found.st_size, path))
        total = 0
        for _, n_bytes, path in sorted(entries, reverse=True):
            total += n_bytes
            if total > self.max_bytes:
                path.unlink(missing_ok=True)


def _columns(segmentation: Segmentation) -> _Columns:
    document = segmentation.document
    columns: _Columns = {
        "text": np.frombuffer(document.text.encode("utf-8", "surrogatepass"), np.uint8),
        "paragraphs": np.array([(p.span.start, p.span.end, p.level) for p in document.paragraphs], np.int64),
        "fragments": np.array([(f.span.start, f.span.end, f.page, f.column) for f in document.fragments], np.int64),
        "boxes": np.array([_box_row(f.bbox) for f in document.fragments], np.float64),
    }
    for prefix, layers in (("layer", segmentation.layers), ("source", document.layers)):
        for name, layer in layers.items():
            for column in ("offsets", "levels", "scores", "origins"):
                columns[f"{prefix}.{name}.{column}"] = getattr(layer, column)
    for name, scores in segmentation.scores.items():
        columns[f"scores.{name}.offsets"] = scores.offsets
        columns[f"scores.{name}.probabilities"] = scores.probabilities
        if scores.bare is not None:
            columns[f"scores.{name}.bare"] = scores.bare
    columns["rest"] = np.frombuffer(orjson.dumps(_rest(segmentation)), np.uint8)
    return columns


def _box_row(box: BBox | None) -> tuple[float, float, float, float]:
    return (box.x0, box.top, box.x1, box.bottom) if box else (np.nan,) * 4


def _rest(segmentation: Segmentation) -> dict[str, Any]:
    document = segmentation.document
    return {
        "id": document.id,
        "lang": document.lang,
        "metadata": dict(document.metadata),
        "source": asdict(document.source) if document.source else None,
        "kinds": [p.kind for p in document.paragraphs],
        "numbers": {str(i): p.number for i, p in enumerate(document.paragraphs) if p.number is not None},
        "styles": {str(i): asdict(p.style) for i, p in enumerate(document.paragraphs) if p.style is not None},
        "labels": {
            f"{prefix}.{name}": [[offset, label.number, label.heading] for offset, label in layer.labels.items()]
            for prefix, layers in (("layer", segmentation.layers), ("source", document.layers))
            for name, layer in layers.items()
        },
        "scores": list(segmentation.scores),
        "made_by": {name: [m.model, m.version, m.threshold] for name, m in segmentation.made_by.items()},
    }


def _restore(columns: _Columns) -> Segmentation:
    rest = orjson.loads(columns["rest"].tobytes())
    text = columns["text"].tobytes().decode("utf-8", "surrogatepass")
    source = Source(**rest["source"]) if rest["source"] else None
    document = Document(
        rest["id"],
        text,
        _paragraphs(columns, rest),
        _fragments(columns),
        rest["metadata"],
        source,
        rest["lang"],
        _layers(columns, rest, "source", len(text)),
    )
    scores = {
        name: Scores(
            name,
            len(text),
            columns[f"scores.{name}.offsets"],
            columns[f"scores.{name}.probabilities"],
            columns.get(f"scores.{name}.bare"),
        )
        for name in rest["scores"]
    }
    made_by: dict[LayerName, MadeBy] = {name: MadeBy(*row) for name, row in rest["made_by"].items()}
    return Segmentation(document, _layers(columns, rest, "layer", len(text)), made_by, scores)


def _paragraphs(columns: _Columns, rest: dict[str, Any]) -> tuple[Paragraph, ...]:
    numbers, styles = rest["numbers"], rest["styles"]
    return tuple(
        Paragraph(
            Span(start, end),
            kind,
            level,
            numbers.get(str(i)) if numbers else None,
            Style(**styles[str(i)]) if str(i) in styles else None,
        )
        for i, ((start, end, level), kind) in enumerate(zip(columns["paragraphs"].tolist(), rest["kinds"], strict=True))
    )


def _fragments(columns: _Columns) -> tuple[Fragment, ...]:
    rows = zip(columns["fragments"].tolist(), columns["boxes"].tolist(), strict=True)
    return tuple(
        Fragment(Span(start, end), page, None if box[0] != box[0] else BBox(*box), column)
        for (start, end, page, column), box in rows
    )


def _layers(columns: _Columns, rest: dict[str, Any], prefix: str, length: int) -> dict[LayerName, Layer]:
    layers: dict[LayerName, Layer] = {}
    for key, labels in rest["labels"].items():
        kind, name = key.split(".")
        if kind == prefix:
            layers[name] = Layer(
                name,
                length,
                columns[f"{key}.offsets"],
                columns[f"{key}.levels"],
                columns[f"{key}.scores"],
                columns[f"{key}.origins"],
                {offset: Label(number, heading) for offset, number, heading in labels},
            )
    return layers
