"""``segtool inspect``: pictures of pages."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from segtool.cli.app import main
from segtool.cli.inspect import page_numbers
from segtool.errors import UsageError


@pytest.fixture
def deed(tmp_path: Path) -> Path:
    """A PDF of two pages."""
    canvas = pytest.importorskip("reportlab.pdfgen.canvas")
    out = BytesIO()
    sheet = canvas.Canvas(out, pagesize=(300, 400))
    for number in (1, 2):
        sheet.drawString(40, 370, "Running head")
        sheet.drawString(40, 200, f"The text of page {number} is short.")
        sheet.showPage()
    sheet.save()
    path = tmp_path / "deed.pdf"
    path.write_bytes(out.getvalue())
    return path


def test_pages_are_drawn_with_what_was_found(
    deed: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    from PIL import Image

    folder = tmp_path / "out"
    assert main(["inspect", str(deed), "-o", str(folder), "--scale", "1"]) == 0
    lines = capsysbinary.readouterr().out.decode().splitlines()
    assert [line.split(": ")[1] for line in lines] == ["1 body; 1 left out"] * 2
    with Image.open(folder / "deed-0001.png") as picture:
        assert picture.size == (300, 400)
        colours = {colour for _, colour in picture.getcolors(2**24)}
    assert (30, 90, 200) in colours, "the paragraph is framed in its colour"


def test_a_picture_of_ones_own_is_written_over_and_another_file_is_not(
    deed: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    command = ["inspect", str(deed), "-o", str(tmp_path), "--pages", "2"]
    assert main(command) == main(command) == 0
    target = tmp_path / "deed-0002.png"
    target.write_bytes(b"something else")
    assert main(command) == 2
    assert b"--force" in capsysbinary.readouterr().err
    assert target.read_bytes() == b"something else"
    assert main([*command, "--force"]) == 0


def test_a_page_that_is_not_there_is_a_usage_error(deed: Path, tmp_path: Path) -> None:
    assert main(["inspect", str(deed), "-o", str(tmp_path), "--pages", "3"]) == 2


def test_ranges_of_pages() -> None:
    assert page_numbers(None, 3) == [1, 2, 3]
    assert page_numbers("2-3,1,2", 3) == [2, 3, 1]
    assert page_numbers("2-", 4) == [2, 3, 4]
    for wrong in ("0", "4", "3-1", "x", "1,,2", ""):
        with pytest.raises(UsageError):
            page_numbers(wrong, 3)
