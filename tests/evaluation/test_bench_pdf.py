"""The benchmark of PDF readers: what it counts, and that a failing reader is told, not hidden."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from segtool.errors import LoadError, UsageError
from segtool.evaluation.bench_pdf import available, count_pages, read_all, table


@pytest.fixture
def deed(tmp_path: Path) -> Path:
    """A PDF of three pages."""
    canvas = pytest.importorskip("reportlab.pdfgen.canvas")
    out = BytesIO()
    sheet = canvas.Canvas(out)
    for number in range(3):
        sheet.drawString(100, 700, f"A line of text on page {number}.")
        sheet.showPage()
    sheet.save()
    path = tmp_path / "deed.pdf"
    path.write_bytes(out.getvalue())
    return path


def test_readers_run_in_processes_of_their_own(deed: Path) -> None:
    assert count_pages([deed, deed]) == 6
    readings = [read_all(name, [deed, deed], 6) for name in ("segtool", "segtool-characters", "pypdfium2")]
    assert [reading.failure for reading in readings] == [None] * 3
    assert all(reading.characters > 6 * 20 and reading.cpu_s > 0 for reading in readings)
    assert len(table(readings)) == 4


def test_a_reader_that_fails_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"no PDF")
    reading = read_all("pypdfium2", [broken], 1)
    assert reading.failure is not None
    assert "failed" in table([reading])[1]
    with pytest.raises(LoadError):
        count_pages([tmp_path / "missing.pdf"])


def test_an_unknown_reader_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="is none of"):
        available(["pdfgizmo"])
    assert "segtool" in available()
