"""Reading that is given up: by whoever asked for it, or by Ctrl-C, within a page and in all processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segtool.errors import StoppedError
from segtool.loaders import load_bytes
from segtool.loaders.pdf import load_pdf
from segtool.loaders.pdf.pdfium import PdfiumFile
from segtool.settings import LoadSettings

Make = Callable[..., bytes]
Put = Callable[..., float]
PROSE = "The tenant shall keep the garden in good order and fell no tree without the consent of the owner. "


@pytest.fixture
def long_deed(make_pdf: Make, set_text: Put) -> bytes:
    """A hundred pages: more than one run."""
    return make_pdf(*[lambda sheet: set_text(sheet, PROSE * 12, 60, 700, 480)] * 100)


def test_no_page_is_read_after_the_stop(long_deed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    page = PdfiumFile.page

    def counting(self: PdfiumFile, number: int, visible_only: bool = False) -> Any:
        read.append(number)
        return page(self, number, visible_only)

    monkeypatch.setattr(PdfiumFile, "page", counting)
    with pytest.raises(StoppedError, match=r"^deed\.pdf: "):
        load_bytes(long_deed, "deed.pdf", LoadSettings(), lambda: len(read) >= 5)
    assert read == [1, 2, 3, 4, 5]


def test_a_document_that_nobody_stops_is_whole(long_deed: bytes) -> None:
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return False

    settings = LoadSettings()
    assert load_pdf(long_deed, "deed.pdf", settings, stopped) == load_pdf(long_deed, "deed.pdf", settings)
    assert asked == 100


def test_processes_end_with_the_reading(long_deed: bytes) -> None:
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked > 1

    before = set(multiprocessing.active_children())
    with pytest.raises(StoppedError):
        load_pdf(long_deed, "deed.pdf", LoadSettings(jobs=2), stopped)
    assert set(multiprocessing.active_children()) <= before


@pytest.mark.skipif(sys.platform == "win32", reason="no process groups that a signal reaches")
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupt_ends_all_processes_with_one_line(long_deed: bytes, tmp_path: Path, jobs: int) -> None:
    path = tmp_path / "deed.pdf"
    path.write_bytes(long_deed)
    command = [sys.executable, "-m", "segtool", "split", str(path), "--by", "paragraph", "--format", "jsonl"]
    with subprocess.Popen(
        [*command, "--jobs", str(jobs)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith(b"{")
        # The pipe is full or the reading goes on: the command can't have ended.
        os.killpg(running.pid, signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert (running.returncode, said.decode().splitlines()) == (130, ["segtool: interrupted"])
