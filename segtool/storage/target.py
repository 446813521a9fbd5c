"""Where output goes: standard output, a device, or a file that is written whole or not at all."""

from __future__ import annotations

import csv
import itertools
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO, cast

import orjson

from segtool.errors import OutputError, UsageError

EARLIER_KEYS = ("doc", "unit", "index", "start", "end")
"""What every record of an earlier output of segtool holds."""

_DESCRIPTOR = re.compile(r"/dev/(stdin|stdout|stderr)|/(?:dev|proc/self)/fd/(\d+)")
_STANDARD = {"stdin": 0, "stdout": 1, "stderr": 2}


class ClosedPipeError(Exception):
    """Nobody reads the output any more: no error, but nothing is left to do."""


class Sink:
    """A binary stream whose failures are ``OutputError``, and ``ClosedPipeError`` when nobody reads it any more."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name

    def write(self, data: bytes) -> None:
        """Write all of ``data``."""
        try:
            self._stream.write(data)
        except OSError as error:
            raise _ending(error, self._name) from error

    def flush(self) -> None:
        """Hand everything to the system."""
        try:
            self._stream.flush()
        except OSError as error:
            raise _ending(error, self._name) from error


@contextmanager
def standard_output() -> Iterator[Sink]:
    """Standard output as bytes, flushed at the end.

    Raises:
        OutputError: if it is closed.
    """
    if sys.stdout is None:
        raise OutputError("standard output: is closed; open it, or write to a file with -o")
    sink = Sink(sys.stdout.buffer, "standard output")
    yield sink
    sink.flush()


@contextmanager
def whole_file(path: Path) -> Iterator[Sink]:
    """A file that appears at ``path`` when the block ends well, and not at all when it does not.

    It is written under another name in the same folder, then renamed. Devices, pipes and the names of open
    descriptors (``/dev/stdout``) are written to directly.

    Raises:
        OutputError: if it can't be written.
    """
    name, stream = str(path), None
    target = None if _is_direct(path) else path.resolve()
    part = None if target is None else _free_name(target.parent)
    try:
        with _output_errors(name):
            stream = _open_direct(path) if part is None else part.open("xb")
        yield Sink(stream, name)
        with _output_errors(name):
            stream.close()
            if part is not None and target is not None:
                part.replace(target)
    except BaseException:
        if stream is not None:
            with suppress(OSError):  # what is in the buffer has nowhere to go
                stream.close()
        if part is not None:
            part.unlink(missing_ok=True)
        raise


def check_target(path: Path, format_name: str, inputs: Iterable[Path], force: bool) -> None:
    """Refuse a target that is an input, a folder, or a file that segtool did not write (unless ``force``).

    Raises:
        UsageError: with the reason and the way out.
        OutputError: if the target is a folder or its folder is missing.
    """
    if _is_direct(path):
        return
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; give the name of a file")
    if not path.resolve().parent.is_dir():
        raise OutputError(f"{path}: its folder does not exist; make it first")
    if not path.exists():
        return
    for source in inputs:
        if _same_file(source, path):
            raise UsageError(f"{path}: is an input; write to another file")
    if not force and not is_earlier_output(path, format_name):
        raise UsageError(f"{path}: exists and is no earlier output of segtool in this format; --force overwrites it")


def is_earlier_output(path: Path, format_name: str) -> bool:
    """Whether a file reads as an output of segtool in this format, by its content; text and Markdown never do."""
    reader = _READERS.get(format_name)
    if reader is None:
        return False
    try:
        return reader(path)
    except (OSError, ValueError, csv.Error):
        return False


def _is_record(value: object) -> bool:
    return isinstance(value, dict) and all(key in value for key in EARLIER_KEYS)


def _reads_as_json_lines(path: Path) -> bool:
    with path.open("rb") as stream:
        return all(_is_record(orjson.loads(line)) for line in stream)


def _reads_as_json(path: Path) -> bool:
    value = orjson.loads(path.read_bytes())
    return isinstance(value, list) and all(map(_is_record, value))


def _reads_as_table(delimiter: str) -> Callable[[Path], bool]:
    def reads(path: Path) -> bool:
        with path.open(encoding="utf-8", newline="") as stream:
            head = next(csv.reader(cast(TextIO, stream), delimiter=delimiter), [])
            return all(key in head for key in EARLIER_KEYS)

    return reads


_READERS: dict[str, Callable[[Path], bool]] = {
    "jsonl": _reads_as_json_lines,
    "json": _reads_as_json,
    "csv": _reads_as_table(","),
    "tsv": _reads_as_table("\t"),
}


def _is_direct(path: Path) -> bool:
    if _DESCRIPTOR.fullmatch(str(path)):
        return True
    return path.exists() and not path.is_file() and not path.is_dir()


def _open_direct(path: Path) -> BinaryIO:
    match = _DESCRIPTOR.fullmatch(str(path))
    if match is None:
        return path.open("wb")
    number = _STANDARD[match[1]] if match[1] else int(match[2])
    # A copy of the descriptor: opening the name anew would cut what is already in a redirected file.
    return os.fdopen(os.dup(number), "wb")


def _free_name(folder: Path) -> Path:
    """A name beside the target that no file has."""
    names = (folder / f".segtool-{os.getpid()}-{number}.part" for number in itertools.count())
    return next(name for name in names if not name.exists())


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


@contextmanager
def _output_errors(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _ending(error, name) from error


def _ending(error: OSError, name: str) -> ClosedPipeError | OutputError:
    """What an error of the system means for an output."""
    if isinstance(error, BrokenPipeError):
        return ClosedPipeError(name)
    return OutputError(f"{name}: can't be written ({error.strerror or error})")
