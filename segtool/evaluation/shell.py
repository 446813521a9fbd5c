"""Speed from the shell: JSON Lines in, JSON Lines with all keys out, the whole process counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from segtool.errors import UsageError
from segtool.evaluation.gold import GoldDocument

RUNNER = Path(__file__).with_name("peer_runner.py")


def write_records(documents: Sequence[GoldDocument], path: Path) -> None:
    """Write documents as ``segtool split --from jsonl`` reads them."""
    with path.open("w", encoding="utf-8") as stream:
        for document in documents:
            record = {"id": document.id, "lang": document.lang, "text": document.text}
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")


def model_seconds(path: Path, model: str, environment: Mapping[str, str]) -> float:
    """CPU seconds of ``segtool split`` over a file of records, start and end of the process included."""
    arguments = ["split", str(path), "--from", "jsonl", "--format", "jsonl", "--model", model, "-o", os.devnull]
    return _cpu_seconds([sys.executable, "-m", "segtool", *arguments], path, environment)


def peer_seconds(path: Path, name: str, python: str, environment: Mapping[str, str]) -> float:
    """CPU seconds of a peer that reads the same records and writes the same keys."""
    return _cpu_seconds([python, str(RUNNER), name, "--records"], path, environment)


def _cpu_seconds(command: list[str], path: Path, environment: Mapping[str, str]) -> float:
    before, begin = os.times(), time.perf_counter()
    with path.open("rb") as stream, tempfile.TemporaryFile() as errors:
        done = subprocess.run(
            command, stdin=stream, stdout=subprocess.DEVNULL, stderr=errors, check=False, env=dict(environment)
        )
        if done.returncode:
            errors.seek(0)
            reason = (errors.read().decode("utf-8", "replace").strip().splitlines() or ["no message"])[-1]
            raise UsageError(f"{' '.join(command[:3])}: fails ({reason})")
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return spent or time.perf_counter() - begin  # Windows counts nothing for children
