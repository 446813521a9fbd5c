"""The whole error tree of segtool, with the exit code that the command line gives each branch.

    SegtoolError            1   something failed, the rest was done
    ├── UsageError          2   the call itself is wrong: unknown option value, output that is an input
    ├── LoadError           3   an input can't be read
    │   ├── UnsupportedError    no loader for this content, or content of another type behind the suffix
    │   ├── EncryptedError      a password is needed, or the one given is wrong
    │   ├── NoTextError         nothing to read: an empty file, scanned pages
    │   ├── StoppedError        reading was given up because whoever asked for it said so
    │   └── RecordError         one line of a JSON Lines input is broken; it knows its number
    ├── ModelError          4   unknown model, corrupt or incompatible files, hub not reachable
    │   └── ScoresError         a model gave numbers that can't be probabilities
    ├── EditError           5   a sidecar of edits can't be read or applied
    └── OutputError         6   the target can't be written

Messages say what is wrong, where, and what to do; they are printed as they are, in one line.
"""

from __future__ import annotations

from collections.abc import Callable


class SegtoolError(Exception):
    """Base of every error that segtool raises on purpose."""

    exit_code = 1


class UsageError(SegtoolError):
    """The call is wrong: an option's value, a combination of options, an output equal to an input."""

    exit_code = 2


class LoadError(SegtoolError):
    """An input is missing, unreadable or holds nothing that segtool can read."""

    exit_code = 3


class UnsupportedError(LoadError):
    """The content has no loader, or is of another type than its suffix says."""


class EncryptedError(LoadError):
    """The document is encrypted and no password, or a wrong one, was given."""


class NoTextError(LoadError):
    """The document holds no text: an empty file, or pages that are pictures."""


class StoppedError(LoadError):
    """Reading was given up between two pages, as whoever asked for the document no longer wants it."""


class RecordError(LoadError):
    """One line of a JSON Lines input is broken; the lines after it can still be read.

    Attributes:
        line: number of the line, from 1.
    """

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class ModelError(SegtoolError):
    """A model is unknown, its files are corrupt or made for another version, or it can't be fetched."""

    exit_code = 4


class ScoresError(ModelError):
    """Scores that can't be probabilities: NaN, outside [0, 1], or offsets that don't increase."""


class EditError(SegtoolError):
    """A sidecar of edits can't be read or applied."""

    exit_code = 5


class OutputError(SegtoolError):
    """The output can't be written: no permission, no space, a folder in the way."""

    exit_code = 6


OnError = Callable[[SegtoolError], None]
"""Told of every input or record that can't be done; the stream then goes on with the next."""


def report(error: SegtoolError, on_error: OnError | None) -> None:
    """Tell ``on_error`` of an error; where nobody is to be told, raise it."""
    if on_error is None:
        raise error
    on_error(error)
