"""Pages of one PDF read by several processes, a run of pages each; the result is that of one process.

Runs are laid out independently anyway, so that only their order is kept here. Each process opens the file once. When
the reading ends before its time (an interrupt, an error, a consumer that has enough), processes end within a page.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing.synchronize import Event

from segtool.errors import LoadError, StoppedError
from segtool.loaders.pdf.glyphs import FontStyle
from segtool.loaders.pdf.layout import Layout, lay_out, runs_of
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.pages import iter_pages
from segtool.loaders.pdf.pdfium import PdfiumFile
from segtool.loaders.pdf.vertical import upright
from segtool.settings import LoadSettings

_POLL_S = 0.1
"""How often ``stopped`` is asked while a run is waited for."""


@dataclass(frozen=True, slots=True)
class _Open:
    """The file of a worker process, its name, how it is to be read, and what is set when it is no longer wanted."""

    file: PdfiumFile
    name: str
    settings: LoadSettings
    ended: Event


_OPEN: list[_Open] = []


def iter_layouts_in_processes(
    file: PdfiumFile, name: str, settings: LoadSettings, stopped: Callable[[], bool] | None = None
) -> Iterator[Layout]:
    """The layouts of all runs in order; ``file.styles`` grows by the font styles that their lines index.

    Raises:
        LoadError: if a process dies over the file.
        StoppedError: if ``stopped`` says so.
    """
    all_runs, jobs = runs_of(len(file)), settings.jobs
    runs, context = iter(all_runs), multiprocessing.get_context("spawn")
    ended = context.Event()
    pool = ProcessPoolExecutor(min(jobs, len(all_runs)), context, _open, (file.data, name, settings, ended))
    try:
        waiting = deque(pool.submit(_read, numbers) for numbers in islice(runs, 2 * jobs))
        while waiting:
            part, own = _result(waiting.popleft(), name, stopped)
            # No more is read ahead than the consumer takes.
            waiting.extend(pool.submit(_read, numbers) for numbers in islice(runs, 1))
            yield _restyled(part, own, file.styles)
    except BrokenProcessPool as error:
        raise LoadError(f"{name}: a process that read it died; try --jobs 1") from error
    finally:
        ended.set()
        pool.shutdown(cancel_futures=True)


_Run = tuple[Layout, list[FontStyle]]


def _result(run: Future[_Run], name: str, stopped: Callable[[], bool] | None) -> _Run:
    """What came of a run, once it is there."""
    while stopped is not None:
        if stopped():
            raise StoppedError(f"{name}: was not read to its end")
        if wait([run], _POLL_S).done:
            break
    return run.result()


def _open(data: bytes, name: str, settings: LoadSettings, ended: Event) -> None:
    # A terminal interrupts all processes of a command at once; the first of them says what is to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _OPEN[:] = [_Open(PdfiumFile(data, name, settings.password), name, settings, ended)]


def _read(numbers: range) -> _Run:
    job = _OPEN[0]
    pages = iter_pages(job.file, job.name, job.settings, numbers, job.ended.is_set)
    return lay_out([upright(page) for page in pages], job.file.styles), list(job.file.styles)


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
