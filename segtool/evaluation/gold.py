"""Gold documents for sentences: JSON Lines, plain or compressed with zstandard."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from segtool.errors import LoadError, UsageError

STANDARD = "standard"
GROUPINGS = ("lang", "domain", "source", "file", STANDARD)
"""``standard``: file, source and language together, from which ``standard.py`` makes the rows of the README's table."""


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """A text with the exclusive ends of its sentences; ``group`` is what results are gathered by."""

    id: str
    text: str
    ends: tuple[int, ...]
    lang: str | None
    group: str


def iter_gold(paths: Iterable[Path], by: str = "lang", lang: str | None = None) -> Iterator[GoldDocument]:
    """The documents of gold files in order.

    Args:
        paths: JSON Lines, one ``{"id", "text", "ends"}`` a line with ``lang``, ``domain`` and ``source`` where known.
        by: one of ``GROUPINGS``.
        lang: take documents of this language only.

    Raises:
        LoadError: if a file can't be read, or a line is no gold document.
    """
    for path in paths:
        with _open_text(path) as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    document = _parse(line, path, number, by)
                    if lang is None or document.lang == lang:
                        yield document


def unique(documents: Iterable[GoldDocument], n_characters: int) -> list[GoldDocument]:
    """Documents until there are ``n_characters``, none with a text that came before: peers cache what they saw."""
    seen: set[str] = set()
    out, total = [], 0
    for document in documents:
        if document.text not in seen and total < n_characters:
            seen.add(document.text)
            out.append(document)
            total += len(document.text)
    return out


def _parse(line: str, path: Path, number: int, by: str) -> GoldDocument:
    try:
        item = json.loads(line)
        group = path.name if by == "file" else str(item.get(by) or "?")
        if by == STANDARD:
            group = "\t".join((path.name.split(".")[0], str(item.get("source")), str(item.get("lang"))))
        return GoldDocument(str(item["id"]), item["text"], tuple(map(int, item["ends"])), item.get("lang"), group)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LoadError(
            f'{path}: line {number} is no gold document {{"id", "text", "ends"}} ({error!r:.80})'
        ) from error


@contextmanager
def _open_text(path: Path) -> Iterator[Iterable[str]]:
    try:
        with path.open("rb") as raw:
            yield io.TextIOWrapper(_decompressed(raw) if path.suffix == ".zst" else raw, encoding="utf-8", newline="\n")
    except (OSError, UnicodeDecodeError) as error:
        raise LoadError(f"{path}: can't be read ({error})") from error


def _decompressed(raw: IO[bytes]) -> Any:
    try:
        import zstandard
    except ImportError as error:
        raise UsageError("reading .zst needs the package zstandard: pip install zstandard") from error
    return zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(raw)
