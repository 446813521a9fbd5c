"""Loaders: bytes become Documents. The content picks the format, then the suffix; one module a format.

``load`` reads a file, ``load_bytes`` what is already in memory, ``iter_records`` a JSON Lines corpus, one Document a
line. ``FORMATS`` maps the names of ``--from`` to loader functions that are imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segtool.loaders.detect import detect_file, detect_format
    from segtool.loaders.files import iter_paragraphs, load, load_bytes, read_bytes
    from segtool.loaders.formats import FORMATS, PLANNED, STREAMS
    from segtool.loaders.inputs import iter_documents
    from segtool.loaders.jsonl import iter_records
    from segtool.loaders.text import document_of

__all__ = [
    "FORMATS",
    "PLANNED",
    "STREAMS",
    "detect_file",
    "detect_format",
    "document_of",
    "iter_documents",
    "iter_paragraphs",
    "iter_records",
    "load",
    "load_bytes",
    "read_bytes",
]

_HOMES = {
    "FORMATS": "formats",
    "PLANNED": "formats",
    "STREAMS": "formats",
    "detect_file": "detect",
    "detect_format": "detect",
    "document_of": "text",
    "iter_documents": "inputs",
    "iter_paragraphs": "files",
    "iter_records": "jsonl",
    "load": "files",
    "load_bytes": "files",
    "read_bytes": "files",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
