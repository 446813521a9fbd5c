"""Formats of output: records become bytes, document by document, so that a corpus streams through.

An ``Exporter`` gives the bytes before, for each document, and after; ``EXPORTERS`` maps the names of ``--format``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

import orjson

from segtool.core.layer import LayerName
from segtool.errors import UsageError
from segtool.storage.records import Record, keys_of
from segtool.storage.sentence_lines import LayerRecords

_BREAK = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")
_FIRST_BATCH, _BATCH = 64, 4096
_T = TypeVar("_T")


class Exporter(Protocol):
    """Bytes of an output, in order: ``start``, ``document`` for each document, ``finish``."""

    def start(self) -> bytes:
        """What stands before the first document."""
        ...

    def document(self, records: Iterable[Record]) -> Iterator[bytes]:
        """One document, in pieces of bounded size."""
        ...

    def finish(self) -> bytes:
        """What stands after the last document."""
        ...


def one_line(text: str) -> str:
    """The text on one line: a line break with the white space around it becomes a space."""
    return _BREAK.sub(" ", text)


def encode(text: str) -> bytes:
    """UTF-8; halves of surrogate pairs, which UTF-8 can't hold, become question marks."""
    return text.encode("utf-8", "replace")


def dump_record(record: Record) -> bytes:
    """A record as JSON on one line, without a line end; what orjson refuses (half a surrogate pair) is escaped."""
    try:
        return orjson.dumps(record)
    except TypeError:
        return json.dumps(record, separators=(",", ":")).encode("ascii")


def dump_json(value: object) -> bytes:
    """A JSON value, indented, with a line end; what orjson refuses (half a surrogate pair) is escaped."""
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        return json.dumps(value, indent=2).encode("ascii") + b"\n"


class TextExporter:
    """One unit a line, or raw units that end in NUL."""

    def __init__(self, null: bool = False) -> None:
        self._null = null

    def start(self) -> bytes:
        """Nothing."""
        return b""

    def document(self, records: Iterable[Record]) -> Iterator[bytes]:
        """The texts of the units."""
        lines = (r["text"] + "\0" if self._null else one_line(r["text"]) + "\n" for r in records)
        for batch in _batches(lines):
            yield encode("".join(batch))

    def finish(self) -> bytes:
        """Nothing."""
        return b""


class JsonLinesExporter:
    """One JSON object a line."""

    def start(self) -> bytes:
        """Nothing."""
        return b""

    def document(self, records: Iterable[Record]) -> Iterator[bytes]:
        """The records."""
        if isinstance(records, LayerRecords) and records.is_plain:
            yield from records.json_lines()
            return
        for batch in _batches(map(dump_record, records)):
            yield b"\n".join(batch) + b"\n"

    def finish(self) -> bytes:
        """Nothing."""
        return b""


class JsonExporter:
    """One JSON array of the records of all documents, one record a line."""

    def __init__(self) -> None:
        self._is_first = True

    def start(self) -> bytes:
        """The opening bracket."""
        return b"["

    def document(self, records: Iterable[Record]) -> Iterator[bytes]:
        """The records with the commas between them."""
        for batch in _batches(map(dump_record, records)):
            yield (b"\n" if self._is_first else b",\n") + b",\n".join(batch)
            self._is_first = False

    def finish(self) -> bytes:
        """The closing bracket."""
        return b"]\n" if self._is_first else b"\n]\n"


class TableExporter:
    """Rows with a head: lists as JSON, null as an empty cell; cells in quotation marks where they need them (RFC 4180).

    Python's csv module leaves a lone carriage return unquoted, which its own reader then takes for a row's end.
    """

    def __init__(self, layer: LayerName, delimiter: str) -> None:
        self._keys = keys_of(layer)
        self._delimiter = delimiter
        self._special = re.compile(rf"[{re.escape(delimiter)}\"\n\r]|^\s|\s$|^$")

    def start(self) -> bytes:
        """The names of the columns."""
        return encode(self._delimiter.join(self._keys) + "\n")

    def document(self, records: Iterable[Record]) -> Iterator[bytes]:
        """One row a record."""
        for batch in _batches(map(self._row, records)):
            yield encode("".join(batch))

    def finish(self) -> bytes:
        """Nothing."""
        return b""

    def _row(self, record: Record) -> str:
        return self._delimiter.join(self._cell(record[key]) for key in self._keys) + "\n"

    def _cell(self, value: object) -> str:
        if value is None:
            return ""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if self._special.search(text):
            return '"' + text.replace('"', '""') + '"'
        return text


def _markdown() -> Exporter:
    from segtool.storage.markdown import MarkdownExporter

    return MarkdownExporter()


EXPORTERS: dict[str, Callable[[LayerName], Exporter]] = {
    "text": lambda _: TextExporter(),
    "jsonl": lambda _: JsonLinesExporter(),
    "json": lambda _: JsonExporter(),
    "csv": lambda layer: TableExporter(layer, ","),
    "tsv": lambda layer: TableExporter(layer, "\t"),
    "markdown": lambda _: _markdown(),
}
"""Name of ``--format`` to what makes the exporter of a layer."""

SUFFIXES = {
    ".txt": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".md": "markdown",
    ".markdown": "markdown",
}
"""Suffix of the output (lower case) to format."""


def format_of(path: Path | None) -> str:
    """The format that an output's suffix stands for; text where it says nothing."""
    return SUFFIXES.get(path.suffix.lower(), "text") if path is not None else "text"


def make_exporter(name: str, layer: LayerName, null: bool = False) -> Exporter:
    """The exporter of a format for the units of a layer; ``null`` is ``-0``.

    Raises:
        UsageError: if ``null`` is asked of another format than text.
    """
    if not null:
        return EXPORTERS[name](layer)
    if name != "text":
        raise UsageError(f"--null is for --format text, not {name}")
    return TextExporter(null=True)


def _batches(items: Iterable[_T]) -> Iterator[list[_T]]:
    """The items in batches that grow, so that a reader has something at once and may stop early."""
    iterator, size = iter(items), _FIRST_BATCH
    while batch := list(islice(iterator, size)):
        yield batch
        size = min(2 * size, _BATCH)
