"""A pseudo-terminal with ``segtool review`` in it: what a user's terminal would show, without one."""

from __future__ import annotations

import os
import re
import select
import signal
import struct
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_ESCAPE = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


class Terminal:
    """A child process whose controlling terminal is ours (POSIX)."""

    def __init__(
        self,
        arguments: Sequence[str],
        folder: Path,
        *,
        size: tuple[int, int] = (80, 24),
        stdin: bytes | None = None,
        stdout: Path | None = None,
        answers: bytes = b"",
        **environment: str,
    ) -> None:
        import fcntl
        import pty
        import termios

        self.output = b""
        self._answers = answers  # to the question for its attributes, given once
        pipe = os.pipe() if stdin is not None else None
        self.pid, self.master = pty.fork()
        if self.pid == 0:  # the child: only calls that end in exec
            if pipe is not None:
                os.dup2(pipe[0], 0)
                os.close(pipe[1])
            if stdout is not None:
                os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
            full = {
                **{name: value for name, value in os.environ.items() if name not in ("TMUX", "LC_TERMINAL")},
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "XDG_CACHE_HOME": str(folder / "cache-home"),
                "XDG_STATE_HOME": str(folder / "state-home"),
                **environment,
            }
            os.chdir(folder)
            os.execve(sys.executable, [sys.executable, "-m", "segtool", *arguments], full)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        if pipe is not None:
            os.close(pipe[0])
            os.write(pipe[1], stdin or b"")
            os.close(pipe[1])

    def read(self, seconds: float) -> bytes:
        """What the child draws within a time."""
        end = time.monotonic() + seconds
        drawn = b""
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([self.master], [], [], left)
            if not ready:
                break
            try:
                drawn += os.read(self.master, 1 << 16)
            except OSError:  # the child is gone
                break
        self.output += drawn
        if self._answers and b"\x1b[c" in self.output:
            os.write(self.master, self._answers)
            self._answers = b""
        return drawn

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Read until the child has drawn a text (since the last wait)."""
        end = time.monotonic() + seconds
        seen = b""
        while text.encode() not in _ESCAPE.sub(b"", seen):
            if time.monotonic() > end:
                raise AssertionError(f"{text!r} was not drawn; last: {_ESCAPE.sub(b'', seen)[-600:]!r}")
            seen += self.read(0.05)

    def press(self, keys: str) -> None:
        """Send keys as a terminal does."""
        os.write(self.master, keys.encode())

    def kill(self) -> None:
        """End the child at once."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.master)

    def wait(self, seconds: float = 60) -> int:
        """The exit code of the child, once it has left."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.master)
                return os.waitstatus_to_exitcode(status)
            self.read(0.05)
        self.kill()
        raise AssertionError("the child did not leave")
