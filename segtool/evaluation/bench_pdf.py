"""Speed and memory of the PDF loader beside other readers, each in a process of its own, one after the other."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from segtool.errors import LoadError, UsageError
from segtool.evaluation import pdf_runner

_MODULES = {"pdfplumber": "pdfplumber", "pdfminer.six": "pdfminer", "pypdfium2": "pypdfium2", "liteparse": "liteparse"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader did with all files: pages a second of CPU, peak memory in MiB, characters; or why it failed."""

    name: str
    version: str
    pages: int
    characters: int
    cpu_s: float
    peak_mb: float | None
    failure: str | None = None

    @property
    def pages_per_s(self) -> float:
        """Pages a second of CPU time."""
        return self.pages / self.cpu_s if self.cpu_s else 0.0

    def to_json(self) -> dict[str, Any]:
        """The reading as JSON values."""
        return {**asdict(self), "pages_per_s": self.pages_per_s}


def available(names: Sequence[str] | None = None) -> list[str]:
    """The readers of ``names`` (all by default) that are installed.

    Raises:
        UsageError: if a name is none.
    """
    for name in names or ():
        if name not in pdf_runner.READERS:
            raise UsageError(f"--reader {name}: is none of {', '.join(pdf_runner.READERS)}")
    return [name for name in names or pdf_runner.READERS if _is_installed(name)]


def _is_installed(name: str) -> bool:
    if name == "pdftotext":
        return shutil.which("pdftotext") is not None
    module = _MODULES.get(name)
    return module is None or importlib.util.find_spec(module) is not None


def count_pages(files: Sequence[Path]) -> int:
    """Pages of all files.

    Raises:
        LoadError: if one is missing or can't be opened.
    """
    from segtool.loaders.pdf.pdfium import PdfiumFile

    total = 0
    for path in files:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise LoadError(f"{path}: can't be read ({error.strerror})") from error
        file = PdfiumFile(data, str(path))
        total += len(file)
        file.close()
    return total


def read_all(name: str, files: Sequence[Path], pages: int) -> Reading:
    """Runs one reader over the files in a new process."""
    command = [sys.executable, pdf_runner.__file__, name, *(str(path) for path in files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}"
        return Reading(name, "", pages, 0, 0.0, None, last)
    found = json.loads(done.stdout.splitlines()[-1])
    return Reading(name, found["version"], pages, found["characters"], found["cpu_s"], found["peak_mb"])


def table(readings: Sequence[Reading]) -> list[str]:
    """The readings as lines of text, in the order given."""
    lines = [f"{'':20s}{'version':>12s}{'pages/s':>10s}{'MiB':>8s}{'characters':>13s}"]
    for reading in readings:
        if reading.failure is not None:
            lines.append(f"{reading.name:20s}  failed: {reading.failure}")
            continue
        peak = "-" if reading.peak_mb is None else f"{reading.peak_mb:.0f}"
        row = f"{reading.name:20s}{reading.version:>12s}{reading.pages_per_s:10.1f}{peak:>8s}{reading.characters:13,d}"
        lines.append(row)
    return lines
