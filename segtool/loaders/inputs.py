"""Inputs become documents in order and lazily: files, JSON Lines records, standard input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from segtool.core.document import Document
from segtool.errors import LoadError, OnError, report
from segtool.loaders.detect import detect_file, detect_format
from segtool.loaders.files import load, load_bytes
from segtool.loaders.jsonl import iter_records
from segtool.settings import STANDARD_INPUT, LoadSettings

_BUFFER = 1 << 18
"""Bytes of JSON Lines read at a time: most lines are longer than what Python reads."""


def iter_documents(
    inputs: Iterable[str | Path | Document],
    settings: LoadSettings | None = None,
    on_error: OnError | None = None,
    standard_input: BinaryIO | None = None,
) -> Iterator[Document]:
    """The documents of inputs, in order; paths are read when their turn comes.

    Args:
        inputs: paths, documents, or ``-`` for ``standard_input``.
        settings: how to load.
        on_error: told of what can't be read; without it the error is raised.
        standard_input: binary stream that ``-`` stands for.
    """
    chosen = settings or LoadSettings()
    for item in inputs:
        if isinstance(item, Document):
            yield item
            continue
        try:
            for result in _documents_of(item, chosen, standard_input):
                if isinstance(result, Document):
                    yield result
                else:
                    report(result, on_error)
        except LoadError as error:
            report(error, on_error)


def _documents_of(
    item: str | Path, settings: LoadSettings, standard_input: BinaryIO | None
) -> Iterator[Document | LoadError]:
    if str(item) == STANDARD_INPUT and standard_input is not None:
        yield from _standard_documents(standard_input, settings)
    elif detect_file(item, settings) == "jsonl":
        try:
            with Path(item).open("rb", _BUFFER) as stream:
                yield from iter_records(stream, settings, str(item))
        except OSError as error:
            raise LoadError(f"{item}: can't be read ({error.strerror or error})") from error
    else:
        yield load(item, settings)


def _standard_documents(stream: BinaryIO, settings: LoadSettings) -> Iterator[Document | LoadError]:
    if settings.format == "jsonl":
        yield from iter_records(stream, settings, STANDARD_INPUT)
        return
    try:
        data = stream.read(settings.max_bytes + 1)
    except OSError as error:
        raise LoadError(f"standard input: can't be read ({error.strerror or error})") from error
    if data and len(data) <= settings.max_bytes and detect_format(data, STANDARD_INPUT, settings) == "jsonl":
        yield from iter_records(BytesIO(data), settings, STANDARD_INPUT)
        return
    yield load_bytes(data, STANDARD_INPUT, settings)
