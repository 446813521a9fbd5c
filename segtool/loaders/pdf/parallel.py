"""Pages of one PDF read by several processes, a run of pages each; the result is that of one process.

Runs are laid out independently anyway, so that only their order is kept here. Each process opens the file once.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from itertools import islice

from segtool.errors import LoadError
from segtool.loaders.pdf.glyphs import FontStyle
from segtool.loaders.pdf.layout import Layout, lay_out, runs_of
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.pages import iter_pages
from segtool.loaders.pdf.pdfium import PdfiumFile
from segtool.settings import LoadSettings

_OPEN: list[tuple[PdfiumFile, str, LoadSettings]] = []
"""The file of a worker process, its name and how it is to be read."""


def iter_layouts_in_processes(
    data: bytes, name: str, settings: LoadSettings, n_pages: int, styles: list[FontStyle]
) -> Iterator[Layout]:
    """The layouts of all runs in order; ``styles`` grows by the font styles that their lines index.

    Raises:
        LoadError: if a process dies over the file.
    """
    runs, jobs = iter(runs_of(n_pages)), settings.jobs
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(min(jobs, len(runs_of(n_pages))), context, _open, (data, name, settings)) as pool:
            waiting = deque(pool.submit(_read, numbers) for numbers in islice(runs, 2 * jobs))
            while waiting:
                part, own = waiting.popleft().result()
                # No more is read ahead than the consumer takes.
                waiting.extend(pool.submit(_read, numbers) for numbers in islice(runs, 1))
                yield _restyled(part, own, styles)
    except BrokenProcessPool as error:
        raise LoadError(f"{name}: a process that read it died; try --jobs 1") from error


def _open(data: bytes, name: str, settings: LoadSettings) -> None:
    _OPEN[:] = [(PdfiumFile(data, name, settings.password), name, settings)]


def _read(numbers: range) -> tuple[Layout, list[FontStyle]]:
    file, name, settings = _OPEN[0]
    return lay_out(list(iter_pages(file, name, settings, numbers)), file.styles), list(file.styles)


def _restyled(part: Layout, own: list[FontStyle], styles: list[FontStyle]) -> Layout:
    """The layout of a run, its lines with the styles of the whole."""
    known = {style: index for index, style in enumerate(styles)}
    for style in own:
        if style not in known:
            known[style] = len(styles)
            styles.append(style)

    def restyled(line: Line) -> Line:
        return replace(line, style=known[own[line.style]]) if own else line

    return replace(
        part,
        lines=[restyled(line) for line in part.lines],
        furniture=[replace(piece, lines=tuple(map(restyled, piece.lines))) for piece in part.furniture],
    )
