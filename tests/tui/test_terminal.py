"""The real program in a pseudo-terminal: pipes, exit codes, and what it says without a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from segtool.settings import ChunkSettings, Settings
from segtool.storage.cache import Cache, review_key

from . import samples
from .test_crash import prepare

if sys.platform == "win32":
    pytest.skip("needs a pseudo-terminal", allow_module_level=True)

from .terminals import Terminal


def run(arguments: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The program without a terminal."""
    full = {
        **os.environ,
        "XDG_CACHE_HOME": str(folder / "cache-home"),
        "XDG_STATE_HOME": str(folder / "state-home"),
        **environment,
    }
    command = [sys.executable, "-m", "segtool", "review", *arguments]
    return subprocess.run(command, cwd=folder, env=full, capture_output=True, start_new_session=True, check=False)


def test_without_a_terminal_it_says_so_in_one_line(tmp_path: Path) -> None:
    prepare(tmp_path)
    for environment in ({"TERM": "dumb"}, {}):
        done = run(["judgment.txt"], tmp_path, **environment)
        assert done.returncode == 2
        assert done.stdout == b""
        assert done.stderr.count(b"\n") == 1
        assert b"terminal" in done.stderr


def test_a_session_as_a_user_types_it(tmp_path: Path) -> None:
    path = prepare(tmp_path)
    terminal = Terminal(["review", "judgment.txt"], tmp_path)
    terminal.wait_for("sentences")
    terminal.press("\t")
    terminal.wait_for("yes, starts")
    terminal.press("ynA")
    terminal.wait_for("at least this chance")
    for key in ("\x7f", "\x7f", "0", "\r"):
        terminal.press(key)
        terminal.read(0.2)
    terminal.press("q")
    assert terminal.wait() == 0
    assert run(["--check", "judgment.txt"], tmp_path).returncode == 0
    exported = run(["judgment.txt", "--export", "gold.jsonl", "--report", "notes.md"], tmp_path)
    assert exported.returncode == 0
    record = orjson.loads((tmp_path / "gold.jsonl").read_bytes())
    assert record["text"] == path.read_text(encoding="utf-8")
    assert record["ends"][-1] == len(record["text"])
    assert "places checked" in (tmp_path / "notes.md").read_text(encoding="utf-8")


def test_check_fails_while_units_are_open(tmp_path: Path) -> None:
    prepare(tmp_path)
    done = run(["--check", "judgment.txt"], tmp_path)
    assert done.returncode == 1
    assert b"unchecked" in done.stderr


def test_a_document_from_a_pipe_comes_out_reviewed(tmp_path: Path) -> None:
    made = samples.segmentation(4000)
    data = made.document.text.encode()
    key = review_key(data, "-", Settings(chunks=ChunkSettings(512)))
    Cache(tmp_path / "cache-home" / "segtool" / "review").put(key, made)
    out = tmp_path / "out.jsonl"
    terminal = Terminal(["review", "-", "--format", "jsonl"], tmp_path, stdin=data, stdout=out)
    terminal.wait_for("sentences")
    terminal.press("mq")
    assert terminal.wait() == 0
    records = [orjson.loads(line) for line in out.read_bytes().splitlines()]
    assert len(records) == len(made.layers["sentence"]) - 1
    assert {record["origin"] for record in records} <= {"model", "rule", "user"}


def test_empty_standard_input_is_an_empty_document(tmp_path: Path) -> None:
    terminal = Terminal(["review", "-"], tmp_path, stdin=b"", stdout=tmp_path / "out")
    assert terminal.wait() == 0
    assert (tmp_path / "out").read_bytes() == b""
