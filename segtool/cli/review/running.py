"""What ``segtool review`` does: on a terminal the application, without a screen its exports and its check."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from segtool.cli import output
from segtool.cli.inputs import STANDARD_INPUT, resolve_inputs
from segtool.core.layer import LayerName
from segtool.core.reanchor import Conflict
from segtool.errors import LoadError, SegtoolError, UsageError
from segtool.settings import Settings

if TYPE_CHECKING:
    from segtool.tui.session import ReviewRequest
    from segtool.tui.state import ReviewState

T = TypeVar("T")

NO_TERMINAL = "segtool review draws on a terminal, and there is none; --check, --export and --report need none"


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for."""

    inputs: Sequence[str]
    settings: Settings
    layer: LayerName | None = None
    glob: str | None = None
    against: str | None = None
    format: str = "text"
    theme: str = "auto"
    keys: tuple[str, ...] = ()
    mouse: bool = True
    is_cached: bool = True


def run_on_screen(request: Request) -> int:
    """Run the application; units of standard input go to standard output when the reviewer leaves.

    Raises:
        UsageError: if there is no terminal to draw on.
        SegtoolError: what ended the review.
    """
    if os.environ.get("TERM") in ("dumb", "unknown"):
        raise UsageError(NO_TERMINAL)
    terminal = _open_terminal()
    data = sys.stdin.buffer.read() if _is_standard_input(request) else None
    if data is not None and not data.strip():
        return 0
    from segtool.tui.app import AppOptions, ReviewApp
    from segtool.tui.keys import remapped
    from segtool.tui.page_pictures import is_pdf
    from segtool.tui.screens.base import Options
    from segtool.tui.terminal import Display, ask

    requests = _requests(request, data)
    actions = remapped(request.keys)

    def run() -> ReviewApp:
        display = ask(os.environ) if any(is_pdf(item) for item in requests) else Display()
        options = AppOptions(
            theme="light" if _is_light(request.theme) else "dark",
            color_system=_color_system(),
            no_color="NO_COLOR" in os.environ,
            actions=actions,
            screen=Options(budget=request.settings.chunks.max_tokens, display=display, against=request.against),
        )
        application = ReviewApp(requests, options)
        application.run(mouse=request.mouse)
        return application

    application = with_terminal(terminal, run)
    if application.error is not None:
        raise application.error
    if data is not None and application.reviewed is not None:
        from segtool.tui.exports import unit_bytes

        layer = request.layer or "sentence"
        output.print_bytes(b"".join(unit_bytes(application.reviewed, layer, request.format)))
    return 0


def run_without_screen(request: Request, *, check: bool, export: Path | None, report: Path | None) -> int:
    """Write corpus and report of the reviewed documents, and say whether all of their units are checked.

    Returns: 1 if ``check`` finds units that nobody checked, or an input failed; else 0.
    """
    from segtool.storage.target import check_target, whole_file
    from segtool.tui.exports import gold_bytes, report_bytes

    requests = _requests(request, sys.stdin.buffer.read() if _is_standard_input(request) else None)
    files = [Path(item.source) for item in requests if item.data is None]
    gold: list[bytes] = []
    reports: list[bytes] = []
    failures: list[int] = []
    is_unchecked = False
    for item in requests:
        try:
            state, conflicts = _opened(item)
        except SegtoolError as error:
            failures.append(error.exit_code)
            output.print_error(str(error))
            continue
        layer = request.layer or "sentence"
        unchecked = len(state.current(layer)) - state.checked_units(layer)
        if check and (unchecked or conflicts):
            is_unchecked = True
            more = f", {len(conflicts)} edits in conflict" if conflicts else ""
            output.print_note(f"{item.source}: {unchecked} of {len(state.current(layer))} {layer}s unchecked{more}")
        if export:
            gold.append(gold_bytes(state.result(), layer))
        if report:
            reports.append(report_bytes(state, conflicts))
    for path, parts in ((export, gold), (report, reports)):
        if path is not None and parts:
            check_target(path, "text", files, force=True)
            with whole_file(path) as sink:
                sink.write(b"".join(parts))
    if failures and len(failures) == len(requests) and len(set(failures)) == 1:
        return failures[0]
    return int(is_unchecked or bool(failures))


def _opened(request: ReviewRequest) -> tuple[ReviewState, tuple[Conflict, ...]]:
    """The state of a review as its files have it, without taking the lock."""
    from segtool.storage.decisions import decide
    from segtool.tui.session import ReviewSession
    from segtool.tui.state import ReviewState

    session = ReviewSession(request)
    document = session.load()
    session.open(document, read_only=True)
    *_, last = session.iter_segmentations(document)
    assert session.sidecar is not None
    state = ReviewState(last.segmentation, log=session.sidecar.log, decode=decide)
    for name, threshold in session.sidecar.place.thresholds.items():
        if name in state.layer_names:
            state.show_layer(name)
            state.set_threshold(threshold)
    return state, session.sidecar.conflicts


def _is_standard_input(request: Request) -> bool:
    return STANDARD_INPUT in (request.inputs or [STANDARD_INPUT]) and not sys.stdin.isatty()


def _requests(request: Request, data: bytes | None) -> list[ReviewRequest]:
    import platformdirs

    from segtool.storage.cache import Cache
    from segtool.tui.session import ReviewRequest

    cache = Cache(platformdirs.user_cache_path("segtool") / "review") if request.is_cached else None
    folder = platformdirs.user_state_path("segtool") / "review"
    return [
        ReviewRequest(name, data if name == STANDARD_INPUT else None, request.settings, request.layer, cache, folder)
        for name in _names(resolve_inputs(request.inputs, request.glob))
    ]


def _names(items: Sequence[str | LoadError]) -> Iterator[str]:
    for item in items:
        if isinstance(item, LoadError):
            raise item
        yield item


# The terminal


def _open_terminal() -> int | None:
    """A descriptor of the terminal, None where standard input is one already.

    Raises:
        UsageError: if the process has no terminal.
    """
    if sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None and sys.stderr.isatty():
        return None
    if sys.platform == "win32":
        raise UsageError(NO_TERMINAL)
    try:
        return os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise UsageError(NO_TERMINAL) from error


def with_terminal(terminal: int | None, call: Callable[[], T]) -> T:
    """Run with standard input and standard error on the terminal, as the application reads and draws there."""
    if terminal is None:
        return call()
    kept = os.dup(0), os.dup(2)
    try:
        sys.stderr.flush()
        os.dup2(terminal, 0)
        os.dup2(terminal, 2)
        return call()
    finally:
        sys.stderr.flush()
        os.dup2(kept[0], 0)
        os.dup2(kept[1], 2)
        for descriptor in (*kept, terminal):
            os.close(descriptor)


def _is_light(theme: str) -> bool:
    """Whether the terminal is light: as asked for, else as ``COLORFGBG`` says."""
    if theme != "auto":
        return theme == "light"
    background = os.environ.get("COLORFGBG", "").rsplit(";", 1)[-1]
    return background in ("7", "15")


def _color_system() -> str | None:
    from rich.console import Console

    return Console(force_terminal=True, file=sys.stderr).color_system
