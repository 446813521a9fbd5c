"""From a path or bytes to a Document: reads within the size limit, picks the loader, checks that there is text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segtool.core.document import Document, Source
from segtool.errors import LoadError, NoTextError
from segtool.loaders.detect import detect_format
from segtool.loaders.formats import FORMATS, STOPPABLE, STREAMS
from segtool.settings import LoadSettings

if TYPE_CHECKING:
    from segtool.core.passage import Passage


def load(path: str | Path, settings: LoadSettings | None = None) -> Document:
    """The document in a file; its id is the path as given.

    Raises:
        LoadError: one line that says which file, what is wrong and what to do: missing, unreadable, above the size
            limit, of no supported format, encrypted, or without text.
    """
    settings = settings or LoadSettings()
    name = str(path)
    data = _some_bytes(path, settings)
    document = load_bytes(data, name, settings)
    if not document.text or document.text.isspace():
        raise NoTextError(f"{name}: the document holds no text")
    return document


def iter_paragraphs(path: str | Path, settings: LoadSettings | None = None) -> Iterator[Passage]:
    """The paragraphs of a file in order, each as soon as it is read where the format allows (PDF).

    Texts, spans and boxes are those of ``load``. Levels of headings are ranks in it, so that the first paragraphs of a
    long PDF may have others here.

    Raises:
        LoadError: see ``load``.
    """
    settings = settings or LoadSettings()
    name = str(path)
    data = _some_bytes(path, settings)
    format_name = detect_format(data, name, settings)
    if format_name in STREAMS:
        yield from _function(STREAMS[format_name])(data, name, settings)
    else:
        from segtool.core.passage import passages_of

        yield from passages_of(load(path, settings))


def _some_bytes(path: str | Path, settings: LoadSettings) -> bytes:
    data = read_bytes(path, settings)
    if not data:
        raise NoTextError(f"{path}: the file is empty; there is nothing to segment")
    return data


def load_bytes(
    data: bytes, name: str, settings: LoadSettings | None = None, stopped: Callable[[], bool] | None = None
) -> Document:
    """The document in ``data``; ``name`` becomes its id, and its suffix helps where the content does not tell.

    Empty data is an empty document, so that empty standard input is no error. What takes long to read (PDF, pictures)
    is given up between two pages once ``stopped`` says so; it is called from the thread that reads.

    Raises:
        LoadError: see ``load``.
        StoppedError: if ``stopped`` said so.
    """
    import hashlib

    settings = settings or LoadSettings()
    _check_size(name, len(data), settings)
    source = Source(name, settings.format or "text", len(data), hashlib.sha256(data).hexdigest())
    if not data:
        return Document(name, "", source=source)
    format_name = detect_format(data, name, settings)
    try:
        more = (stopped,) if format_name in STOPPABLE else ()
        document = _function(FORMATS[format_name])(data, name, settings, *more)
    except RecursionError as error:
        raise LoadError(f"{name}: is nested too deep to be read; flatten it") from error
    if not isinstance(document, Document):
        raise TypeError(f"the {format_name} loader returned {type(document).__name__}")
    return replace(document, source=replace(source, format=format_name))


def read_bytes(path: str | Path, settings: LoadSettings) -> bytes:
    """The bytes of a file, at most ``settings.max_bytes``.

    Raises:
        LoadError: missing, a folder, no permission, or above the limit.
    """
    name = str(path)
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(settings.max_bytes + 1)
    except FileNotFoundError as error:
        raise LoadError(f"{name}: there is no such file; check the path") from error
    except IsADirectoryError as error:
        raise LoadError(f"{name}: is a folder, not a file") from error
    except PermissionError as error:
        what = "is a folder, not a file" if Path(path).is_dir() else "may not be read; check its permissions"
        raise LoadError(f"{name}: {what}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise LoadError(f"{name!r}: can't be read ({reason})") from error
    _check_size(name, len(data), settings)
    return data


def _check_size(name: str, n_bytes: int, settings: LoadSettings) -> None:
    if n_bytes > settings.max_bytes:
        limit = settings.max_bytes / 2**20
        raise LoadError(f"{name}: is above the limit of {limit:.0f} MiB; split it into smaller files")


def _function(home: str) -> Any:
    module, function = home.split(":")
    return getattr(import_module(module), function)
