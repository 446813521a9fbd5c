"""One reviewer a document: a small file beside it names who holds it; another may look, or take it over.

A lock left by a process of this machine that no longer runs is stale and taken without a question.
"""

from __future__ import annotations

import getpass
import os
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

SUFFIX = ".segtool.lock"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a document."""

    user: str
    host: str
    pid: int

    def __str__(self) -> str:
        return f"{self.user} on {self.host} (process {self.pid})"


class Lock:
    """The lock of one document, held or not.

    ``holder`` is who else held it when it was last asked for, None if nobody did.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.holder: Holder | None = None
        self._me = Holder(_user(), socket.gethostname(), os.getpid())
        self._has_file = False
        self._is_mine = False

    def acquire(self, take_over: bool = False) -> bool:
        """Take the lock if it is free or stale, or in any case with ``take_over``; whether it is held now.

        Where the folder can't be written there is nothing to lock: the lock counts as held, and
        writing edits will say what is wrong.
        """
        other = _read(self.path)
        self.holder = other if other and other != self._me and _is_alive(other) else None
        if self.holder and not take_over:
            return False
        self._is_mine = True
        try:
            self.path.write_bytes(orjson.dumps(asdict(self._me)))
            self._has_file = True
        except OSError:
            self._has_file = False
        return True

    def is_held(self) -> bool:
        """Whether this process holds the document: nobody took it over since."""
        if self._is_mine and self._has_file:
            other = _read(self.path)
            self._is_mine = other in (self._me, None)
        return self._is_mine

    def release(self) -> None:
        """Let go of the lock if it is held."""
        if self._has_file and self.is_held():
            self.path.unlink(missing_ok=True)
        self._is_mine = self._has_file = False


def _read(path: Path) -> Holder | None:
    try:
        return Holder(**orjson.loads(path.read_bytes()))
    except (OSError, orjson.JSONDecodeError, TypeError):
        return None


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no name for this user id
        return "somebody"


def _is_alive(holder: Holder) -> bool:
    """Whether the holder may still run: a process of another machine can't be asked."""
    if holder.host != socket.gethostname():
        return True
    if sys.platform == "win32":
        return _is_alive_on_windows(holder.pid)
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _is_alive_on_windows(pid: int) -> bool:
    import ctypes

    windll = getattr(ctypes, "windll", None)
    handle = windll.kernel32.OpenProcess(0x1000, False, pid) if windll else 0  # limited query of information
    if handle and windll:
        windll.kernel32.CloseHandle(handle)
    return bool(handle)
