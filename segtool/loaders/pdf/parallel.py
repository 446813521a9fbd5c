"""Pages of one PDF read by several processes, a run of pages each; the result is that of one process.

Runs are laid out independently anyway, so that only their joining is done here. Each process opens the file once.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

from segtool.errors import LoadError
from segtool.loaders.pdf.glyphs import FontStyle
from segtool.loaders.pdf.layout import Layout, lay_out, runs_of
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.pages import iter_pages
from segtool.loaders.pdf.pdfium import PdfiumFile

_OPEN: list[tuple[PdfiumFile, str | None]] = []
"""The file of a worker process and its password."""


def lay_out_in_processes(
    data: bytes, name: str, password: str | None, n_pages: int, jobs: int
) -> tuple[Layout, list[FontStyle]]:
    """The layout of all pages in order, and the font styles that its lines index.

    Raises:
        LoadError: if a process dies over the file.
    """
    layout, styles = Layout(), list[FontStyle]()
    runs = runs_of(n_pages)
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(min(jobs, len(runs)), context, _open, (data, name, password)) as pool:
            for part, own in pool.map(_read, runs):
                _append(layout, part, styles, own)
    except BrokenProcessPool as error:
        raise LoadError(f"{name}: a process that read it died; try --jobs 1") from error
    return layout, styles


def _open(data: bytes, name: str, password: str | None) -> None:
    _OPEN[:] = [(PdfiumFile(data, name, password), password)]


def _read(numbers: range) -> tuple[Layout, list[FontStyle]]:
    file, password = _OPEN[0]
    return lay_out(iter_pages(file, password, numbers), file.styles, len(numbers)), list(file.styles)


def _append(layout: Layout, part: Layout, styles: list[FontStyle], own: list[FontStyle]) -> None:
    """Adds the layout of a run, its lines with the styles of the whole."""
    known = {style: index for index, style in enumerate(styles)}
    for style in own:
        if style not in known:
            known[style] = len(styles)
            styles.append(style)

    def restyled(line: Line) -> Line:
        return replace(line, style=known[own[line.style]]) if own else line

    layout.lines += [restyled(line) for line in part.lines]
    layout.furniture += [
        replace(piece, lines=tuple(restyled(line) for line in piece.lines)) for piece in part.furniture
    ]
    layout.frames.update(part.frames)
    layout.rules.update(part.rules)
    layout.empty_pages += part.empty_pages
    layout.unmapped.update(part.unmapped)
