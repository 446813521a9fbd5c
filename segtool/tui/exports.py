"""Writing what was reviewed: units in any format, the corpus format, the report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

import orjson

from segtool.core.layer import LayerName
from segtool.core.reanchor import Conflict
from segtool.core.segmentation import Segmentation
from segtool.storage.export import format_of, make_exporter
from segtool.storage.gold import gold_record
from segtool.storage.records import iter_records
from segtool.storage.review_report import report_lines
from segtool.storage.target import check_target, whole_file
from segtool.tui.state import ReviewState

ExportKind = Literal["units", "gold", "report"]
EXPORT_KINDS: tuple[ExportKind, ...] = get_args(ExportKind)


def unit_bytes(segmentation: Segmentation, layer: LayerName, format_name: str) -> Iterator[bytes]:
    """The units of a layer in a format of ``--format``."""
    exporter = make_exporter(format_name, layer)
    yield exporter.start()
    yield from exporter.document(iter_records(segmentation, segmentation.layers[layer]))
    yield exporter.finish()


def gold_bytes(segmentation: Segmentation, layer: LayerName) -> bytes:
    """One line of the corpus format."""
    return orjson.dumps(gold_record(segmentation, layer)) + b"\n"


def report_bytes(state: ReviewState, conflicts: tuple[Conflict, ...] = ()) -> bytes:
    """The report of a review."""
    return ("\n".join(report_lines(state.base, state.log.active, conflicts)) + "\n").encode("utf-8", "replace")


def export(state: ReviewState, kind: ExportKind, path: Path, conflicts: tuple[Conflict, ...] = ()) -> None:
    """Write a file, whole or not at all.

    Raises:
        UsageError, OutputError: if it can't be written there, or the layer has no such format.
    """
    result = state.result()
    if kind == "units":
        format_name = format_of(path)
        check_target(path, format_name, [Path(state.base.document.id)], force=False)
        pieces = unit_bytes(result, state.layer_name, format_name)
    else:
        check_target(path, "text", [Path(state.base.document.id)], force=True)
        data = gold_bytes(result, state.layer_name) if kind == "gold" else report_bytes(state, conflicts)
        pieces = iter([data])
    with whole_file(path) as sink:
        for piece in pieces:
            sink.write(piece)
