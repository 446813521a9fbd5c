"""Long streams: bounded memory, whole outputs, kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.soak, pytest.mark.skipif(sys.platform == "win32", reason="measures of POSIX")]

SENTENCE = "The Tenant shall, at its own cost (see cl. 4.2), keep the Premises in repair. No notice is needed. "
SEGTOOL = [sys.executable, "-m", "segtool"]
RUN = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def peak(*arguments: str) -> int:
    """The most memory of a run in MB; the run must succeed."""
    command = [sys.executable, "-c", RUN, *SEGTOOL, *arguments]
    code, megabytes = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert code == "0"
    return int(megabytes)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """200 MB of JSON Lines."""
    path = tmp_path_factory.mktemp("corpus") / "corpus.jsonl"
    with path.open("w") as stream:
        for i in range(200_000_000 // 10_000):
            stream.write(json.dumps({"id": i, "text": f"{i}. " + SENTENCE * 100}) + "\n")
    yield path
    path.unlink()


@pytest.mark.parametrize("by", ["sentence", "paragraph", "chunk"])
def test_a_corpus_of_200_mb_runs_under_600_mb(corpus: Path, by: str) -> None:
    assert peak("split", str(corpus), "--by", by, "--format", "jsonl") < 600


@pytest.mark.parametrize("by", ["paragraph", "sentence"])
def test_100_mb_on_one_line(tmp_path: Path, by: str) -> None:
    path = tmp_path / "line.txt"
    path.write_text(SENTENCE * (100_000_000 // len(SENTENCE)))
    assert peak("split", str(path), "--by", by) < 2000


@pytest.mark.parametrize("delay", [0.3, 0.8, 1.5, 3.0])
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGKILL])
def test_a_killed_run_leaves_the_old_output(corpus: Path, tmp_path: Path, delay: float, kind: signal.Signals) -> None:
    target = tmp_path / "out.jsonl"
    target.write_bytes(b'{"doc":"a","unit":"sentence","index":0,"start":0,"end":1}\n')
    before = target.read_bytes()
    process = subprocess.Popen(
        [*SEGTOOL, "split", str(corpus), "--by", "paragraph", "-o", str(target)], stderr=subprocess.PIPE
    )
    time.sleep(delay)
    process.send_signal(kind)
    _, error = process.communicate(timeout=60)
    assert target.read_bytes() == before
    if kind == signal.SIGINT and delay > 1:
        assert process.returncode == 130
        assert b"Traceback" not in error
        assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_a_reader_that_leaves_early_ends_the_run(corpus: Path) -> None:
    with subprocess.Popen(
        [*SEGTOOL, "split", str(corpus), "--by", "paragraph"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        os.read(process.stdout.fileno(), 1000)
        process.stdout.close()
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == b""
