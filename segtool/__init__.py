"""segtool: any document into sentences, sections and chunks, with exact offsets and pages, offline.

The names in ``__all__`` are the public API; each is imported on first use, so that ``import segtool`` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segtool.core.document import Document
    from segtool.core.layer import Layer
    from segtool.core.outline import OutlineNode
    from segtool.core.segmentation import Segmentation, Unit
    from segtool.core.span import Span
    from segtool.errors import SegtoolError
    from segtool.loaders import load
    from segtool.pipeline import segment, segment_all, split
    from segtool.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "Document",
    "Layer",
    "OutlineNode",
    "Segmentation",
    "SegtoolError",
    "Settings",
    "Span",
    "Unit",
    "load",
    "segment",
    "segment_all",
    "split",
]

_HOMES = {
    "Document": "core.document",
    "Layer": "core.layer",
    "OutlineNode": "core.outline",
    "Segmentation": "core.segmentation",
    "SegtoolError": "errors",
    "Settings": "settings",
    "Span": "core.span",
    "Unit": "core.segmentation",
    "load": "loaders",
    "segment": "pipeline",
    "segment_all": "pipeline",
    "split": "pipeline",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
