"""All printing of the command line: results as UTF-8 bytes on standard output, everything else on standard error.

What is said is decided by the level of the ``segtool`` logger: ``--quiet`` is ERROR, ``--verbose`` INFO, ``--debug``
DEBUG, and otherwise WARNING. Progress is drawn on a terminal only, and only while results don't go to it too.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TextIO

from segtool.storage.target import Sink, check_target, standard_output, whole_file

_LOG = logging.getLogger("segtool")


def configure() -> None:
    """Send the library's warnings to standard error, one line each, and nothing of other libraries."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("segtool: %(message)s"))
    _LOG.handlers[:] = [handler]
    _LOG.propagate = False
    _LOG.setLevel(logging.WARNING)
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())  # else Python prints their warnings itself
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def set_log_level(level: int) -> None:
    """Say more or less: ``logging.ERROR``, ``INFO`` or ``DEBUG``."""
    _LOG.setLevel(level)


def is_debugging() -> bool:
    """Whether ``--debug`` was given."""
    return _LOG.isEnabledFor(logging.DEBUG)


def is_quiet() -> bool:
    """Whether ``--quiet`` was given."""
    return not _LOG.isEnabledFor(logging.WARNING)


def print_text(text: str) -> None:
    """A result, as a line on standard output."""
    with standard_output() as sink:
        sink.write((text + "\n").encode("utf-8", "replace"))


def print_bytes(data: bytes) -> None:
    """A result as it is on standard output."""
    with standard_output() as sink:
        sink.write(data)


def print_pieces(pieces: Iterable[bytes]) -> None:
    """Bytes on standard output, each piece at once."""
    with standard_output() as sink:
        for piece in pieces:
            sink.write(piece)
            sink.flush()


def print_note(text: str) -> None:
    """A remark on standard error, unless ``--quiet`` was given."""
    if not is_quiet():
        _print_line(text)


def print_error(text: str) -> None:
    """An error on standard error, on one line."""
    _print_line(text)


def _print_line(text: str) -> None:
    if sys.stderr is None:
        return
    with suppress(OSError, ValueError):  # nobody listens; there is nowhere left to say so
        line = " ".join(text.split("\n"))
        data = f"segtool: {line}\n".encode("utf-8", "backslashreplace")
        sys.stderr.flush()
        sys.stderr.buffer.write(data)
        sys.stderr.buffer.flush()


def flush() -> None:
    """Hand what was printed to the system, where a full disk or a closed pipe shows."""
    if sys.stdout is not None:
        with standard_output():
            pass


def discard() -> None:
    """Make sure that nothing more is written to a standard output that can't take it."""
    if sys.stdout is None:
        return
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        return
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())


def open_output(
    path: Path | None, format_name: str, inputs: Iterable[Path], force: bool
) -> AbstractContextManager[Sink]:
    """Where results go: the file of ``-o``, checked first, or standard output (None and ``-``).

    Raises:
        UsageError: the file is an input, or exists and segtool did not write it.
        OutputError: it can't be written.
    """
    if path is None or str(path) == "-":
        return standard_output()
    check_target(path, format_name, inputs, force)
    return whole_file(path)


@contextmanager
def progress(total: int | None, to_terminal: bool) -> Iterator[Callable[[str], None]]:
    """A bar on standard error that moves with each call, given the name of what is done now.

    Args:
        total: how many calls there will be, None if unknown.
        to_terminal: whether results go to standard output.
    """
    results_shown = to_terminal and _is_terminal(sys.stdout)
    if is_quiet() or results_shown or not _is_terminal(sys.stderr):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.completed} {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda name: bar.update(task, advance=1, description=name[-60:])


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()
