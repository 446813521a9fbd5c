"""JSON Lines corpora: one record a line, each an ordinary document, streamed in bounded memory.

Lines end at a line feed alone: U+2028 and its kin stand inside strings. A broken line is yielded as an error with its
number, so that the caller decides, and the lines after it still come.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

import orjson

from segtool.core.document import Document, Paragraph, Source
from segtool.errors import LoadError, RecordError
from segtool.settings import LoadSettings

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def iter_records(
    stream: IO[bytes], settings: LoadSettings | None = None, name: str = "-"
) -> Iterator[Document | RecordError]:
    """The documents of a JSON Lines stream in order; for each broken line an error instead, not raised.

    ``id`` may be missing (then it is the number of the line, from 1); ``lang`` passes through as it is; other fields
    are ignored. The text is kept whatever it holds. Blank lines are skipped but counted.

    Args:
        stream: binary, read line by line.
        settings: ``max_bytes`` limits a line; without ``record_paragraphs`` documents have none.
        name: of the input, for messages.

    >>> [d.text for d in iter_records(BytesIO(b'{"text": "One."}'))]
    ['One.']
    """
    chosen = settings or LoadSettings()
    limit = chosen.max_bytes
    number = 0
    while line := stream.readline(limit + 1):
        number += 1
        if number == 1:
            if line.startswith(_UTF16_BOMS):
                yield RecordError(f"{name}: line 1: is UTF-16; JSON Lines are UTF-8: convert the file", 1)
                return
            line = line.removeprefix(_UTF8_BOM)
        if len(line) > limit:
            _skip_line(stream, line)
            yield RecordError(f"{name}: line {number}: is above the limit of {limit / 2**20:.0f} MiB", number)
        elif not line.isspace():
            yield _document(line, number, name, chosen.record_paragraphs)


def load_jsonl(data: bytes, name: str, settings: LoadSettings) -> Document:
    """The document of a JSON Lines file that holds exactly one record.

    Raises:
        LoadError: a broken line, or more than one record (``iter_records`` reads those).
    """
    records = iter_records(BytesIO(data), settings, name)
    first = next(records, None)
    if isinstance(first, RecordError):
        raise first
    if first is None:
        return Document(name, "")
    if next(records, None) is not None:
        raise LoadError(f"{name}: holds more than one record where one document is asked for; give a file of one")
    return first


def _skip_line(stream: IO[bytes], line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(2**20)


def _document(line: bytes, number: int, name: str, has_paragraphs: bool) -> Document | RecordError:
    try:
        record = _parse(line)
    except ValueError as error:
        reason = str(error).split("\n")[0]
        return RecordError(f"{name}: line {number}: is not valid JSON ({reason}); correct or remove it", number)
    if not isinstance(record, dict):
        return RecordError(f"{name}: line {number}: is not a JSON object with a text", number)
    text = record.get("text")
    if not isinstance(text, str):
        what = "has no text" if text is None else "has a text that is not a string"
        return RecordError(f'{name}: line {number}: {what}; expected {{"id": ..., "text": "..."}}', number)
    return Document(
        _record_id(record.get("id"), number),
        text,
        _paragraphs(text) if has_paragraphs else (),
        source=Source(name, "jsonl", len(line)),
        lang=_language(record.get("lang")),
    )


def _paragraphs(text: str) -> tuple[Paragraph, ...]:
    from segtool.loaders.paragraphs import find_paragraphs  # compiles much that sentences need not

    return find_paragraphs(text)


def _parse(line: bytes) -> Any:
    """The value of a line; what orjson refuses but Python's parser takes (NaN, huge numbers) is no error.

    Raises:
        ValueError: not JSON, not UTF-8, nested too deep, or half of a surrogate pair.
    """
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        try:
            value = json.loads(line.decode("utf-8"))
            text = value.get("text") if isinstance(value, dict) else None
            if isinstance(text, str):
                text.encode("utf-8")
        except (ValueError, RecursionError):
            raise ValueError(str(error)) from error
        return value


def _record_id(value: object, number: int) -> str:
    if isinstance(value, str):
        return value
    return str(number) if value is None else orjson.dumps(value).decode()


def _language(value: object) -> str | None:
    if not isinstance(value, str) or value.strip().lower() in ("", "none", "null"):
        return None
    return value
