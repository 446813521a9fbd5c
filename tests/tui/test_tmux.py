"""A session in tmux at 80 by 24, key by key as a user types it, with what the pane shows after each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from segtool.storage.sidecar import find_sidecar

from .test_crash import prepare

if shutil.which("tmux") is None:
    pytest.skip("tmux is not installed", allow_module_level=True)

# key as tmux names it, what the pane shows then
SESSION = (
    (None, "sentences"),
    ("Tab", "yes, starts"),
    ("y", "yes, starts"),
    ("n", "yes, starts"),
    ("Escape", "next question"),
    ("3", "sections"),
    ("K", "level 1"),
    ("-", "level 2"),
    ("u", "level 1"),
    ("1", "sentences"),
    ("/", "regular expression"),
    ("salo", "salo"),
    ("Enter", "“salo”"),
    ("Escape", "next question"),
    ("N", "ask a colleague"),
    ("6", "✎"),
    ("?", "least certain boundary"),
    ("?", "next question"),
    ("g", "Go to"),
    ("p2", "p2"),
    ("Enter", "p 2/"),
    ("f", "next question"),
    ("Escape", "next question"),
    ("t", "threshold"),
    ("Right", "0.51"),
    ("Enter", "≥0.51"),
)


class Tmux:
    """A tmux server of our own."""

    def __init__(self, folder: Path) -> None:
        self._name = f"segtool-{os.getpid()}-{time.monotonic_ns()}"
        environment = {
            **os.environ,
            "XDG_CACHE_HOME": str(folder / "cache-home"),
            "XDG_STATE_HOME": str(folder / "state-home"),
            "LC_ALL": "C.UTF-8",
        }
        environment.pop("TMUX", None)
        self._environment = environment
        command = f"{sys.executable} -m segtool review judgment.txt"
        self.call("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "-c", str(folder), command)

    def call(self, *arguments: str) -> str:
        """Run a tmux command."""
        done = subprocess.run(
            ["tmux", "-u", "-L", self._name, *arguments], env=self._environment, capture_output=True, check=False
        )
        return done.stdout.decode("utf-8")

    def wait_for(self, text: str, seconds: float = 45) -> None:
        """Wait until the pane shows a text."""
        end = time.monotonic() + seconds
        while text not in (pane := self.call("capture-pane", "-p")):
            assert time.monotonic() < end, f"{text!r} is not in the pane:\n{pane}"
            time.sleep(0.05)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    prepare(tmp_path)
    server = Tmux(tmp_path)
    yield server
    server.call("kill-server")


@pytest.mark.timeout(300)
def test_a_session_key_by_key(tmux: Tmux, tmp_path: Path) -> None:
    for key, shown in SESSION:
        if key is not None:
            tmux.call("send-keys", key)
        if key == "Escape":
            time.sleep(0.4)  # else a terminal takes it and the next key for Alt and that key
        tmux.wait_for(shown)
    tmux.call("send-keys", "q")
    end = time.monotonic() + 30
    while tmux.call("list-sessions"):
        assert time.monotonic() < end, "q does not leave"
        time.sleep(0.05)
    sidecar = find_sidecar(tmp_path / "judgment.txt")
    assert sidecar is not None
    assert sidecar.place.thresholds == {"sentence": 0.51}
    assert any(edit.notes for edit in sidecar.log.active)
