"""How the program ends: every error as one line on standard error, and an exit code.

It knows nothing of the library that reads command lines, so that a call that needs none of it need not import it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from segtool.cli import output
from segtool.errors import SegtoolError
from segtool.storage.target import ClosedPipeError

INTERRUPTED = 130
"""Exit code after Ctrl-C."""


def finished(run: Callable[[], int]) -> int:
    """Run a command and return its exit code; every error ends here."""
    try:
        code = _code_of(run)
        if code == INTERRUPTED:  # typer turns the interrupt into a code
            raise KeyboardInterrupt
        output.flush()
        return code
    except ClosedPipeError:
        output.discard()
        return 0
    except KeyboardInterrupt:
        output.discard()
        output.print_error("interrupted")
        return INTERRUPTED
    except SegtoolError as error:
        return fail(error, error.exit_code)
    except MemoryError as error:
        return fail(error, 1, "not enough memory")
    except Exception as error:
        return fail(error, 1, f"unexpected {type(error).__name__}: {error} (this is a bug; --debug shows where)")


def _code_of(run: Callable[[], int]) -> int:
    """What a command returns, or leaves by because nothing may be written any more."""
    try:
        return run()
    except SystemExit as end:
        return int(end.code or 0)


def fail(error: BaseException, code: int, message: str | None = None) -> int:
    """Say what went wrong, and give the code back."""
    if output.is_debugging():
        import traceback

        traceback.print_exception(error)
    output.discard()
    output.print_error(message or str(error))
    return code


def leave_at_once(code: int) -> NoReturn:
    """End the program without taking apart what it built: there is nothing left to write, and it takes a while."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def leave(code: int) -> NoReturn:
    """End the program with an exit code."""
    if code == INTERRUPTED:
        # Python ends itself by the signal if the interrupt came while a dataclass was made, though it was handled.
        os._exit(INTERRUPTED)
    sys.exit(code)
