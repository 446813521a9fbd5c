"""The inputs of a command: files as given, folders walked in order, and standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from io import BytesIO
from pathlib import Path, PurePath
from typing import BinaryIO

from segtool.errors import LoadError, UsageError
from segtool.settings import STANDARD_INPUT as STANDARD_INPUT


def resolve_inputs(
    inputs: Sequence[str], pattern: str | None = None, output: Path | None = None
) -> list[str | LoadError]:
    """The paths to read, in the order given, folders replaced by their files; what can't be read as its error.

    No input and a standard input that is no terminal means ``-``.

    Args:
        inputs: paths of files and folders, and ``-``.
        pattern: of ``--glob``; only the files of a folder that match it, of whatever type.
        output: where results go; it is never taken from a folder.

    Raises:
        UsageError: no input at all, or standard input twice.
    """
    given = list(inputs)
    if not given:
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError("no INPUT: name files or folders, or pipe text in (see segtool split --help)")
        given = [STANDARD_INPUT]
    if given.count(STANDARD_INPUT) > 1:
        raise UsageError("standard input (-) can be read only once")
    found: list[str | LoadError] = []
    for name in given:
        if name != STANDARD_INPUT and Path(name).is_dir():
            files = [path for path in walk(name, pattern) if output is None or not _same_file(path, output)]
            what = f"that match {pattern!r}" if pattern else "that segtool reads"
            found.extend(files or [LoadError(f"{name}: holds no documents {what}")])
        else:
            found.append(name)
    return found


def standard_input() -> BinaryIO | None:
    """Standard input as bytes; None if it is closed."""
    return sys.stdin.buffer if sys.stdin is not None else None


@contextmanager
def opened_input(name: str) -> Iterator[BinaryIO]:
    """The bytes of a file or of standard input, for reading as they come.

    Raises:
        LoadError: if it can't be opened.
    """
    if name == STANDARD_INPUT:
        yield standard_input() or BytesIO()
        return
    try:
        stream = Path(name).open("rb")  # noqa: SIM115  (closed below; errors of reading are not of opening)
    except OSError as error:
        raise LoadError(f"{name}: can't be read ({error.strerror or error})") from error
    with stream:
        yield stream


def walk(folder: str, pattern: str | None = None) -> Iterator[str]:
    """The documents in a folder and below, sorted by name, as the folder was given; hidden files are left out.

    Without a pattern, those with a suffix that segtool knows; with one, those whose name or path below the folder
    matches it.
    """
    from segtool.loaders.formats import FORMATS, SUFFIXES
    from segtool.storage.sidecar import SUFFIX as SIDECAR_SUFFIX

    readable = {suffix for suffix, name in SUFFIXES.items() if name in FORMATS or name == "xml"}
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.startswith(".") or name.endswith(SIDECAR_SUFFIX):
                continue
            path = os.path.join(parent, name)  # noqa: PTH118  (Path would drop a leading ./)
            if pattern is None:
                if PurePath(name).suffix.lower() in readable:
                    yield path
            elif fnmatch(name, pattern) or PurePath(os.path.relpath(path, folder)).match(pattern):
                yield path


def _same_file(path: str, output: Path) -> bool:
    try:
        return output.samefile(path)
    except OSError:
        return False
