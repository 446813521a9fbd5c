"""Documents whose paragraphs are written as they are read: no later stage needs the whole text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from segtool.cli.inputs import STANDARD_INPUT
from segtool.core.passage import Passage
from segtool.errors import LoadError
from segtool.loaders import STREAMS, detect_file, iter_paragraphs
from segtool.settings import LoadSettings
from segtool.storage.sidecar import find_sidecar


def is_streamed(item: str, settings: LoadSettings, edits: bool = False) -> bool:
    """Whether an input is read a paragraph at a time; one that can't be read isn't.

    Args:
        item: a path, or ``-``.
        settings: how to load.
        edits: whether edits of its paragraphs are asked for, which need the whole document.
    """
    if item == STANDARD_INPUT or (edits and find_sidecar(item) is not None):
        return False
    try:
        return detect_file(item, settings) in STREAMS
    except LoadError:
        return False


def open_stream(item: str, settings: LoadSettings) -> Iterator[Passage]:
    """The paragraphs of an input, the first of them read.

    Raises:
        LoadError: if it can't be read.
    """
    passages = iter_paragraphs(item, settings)
    return chain([next(passages)], passages)
