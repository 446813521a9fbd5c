"""Pictures of the screen at three sizes and in two themes, compared with the ones in ``snapshots/``.

``SEGTOOL_UPDATE_SNAPSHOTS=1 pytest tests/tui/test_snapshots.py`` draws them anew; look at them before committing.
"""

from __future__ import annotations

import os
import re
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import pytest

from segtool.tui.app import AppOptions

from .driving import driving

FOLDER = Path(__file__).parent / "snapshots"
SIZES = ((80, 24), (120, 40), (200, 60))
_DRAWN_BY = f"<!-- textual {version('textual')}, rich {version('rich')} -->\n"


def normal(svg: str) -> str:
    """A picture without the ids that differ from run to run."""
    return re.sub(r"terminal-\d+", "terminal", svg)


async def compare(name: str, svg: str, folder: Path) -> None:
    """Compare a picture with the one that is kept."""
    path = FOLDER / f"{name}.svg"
    drawn = _DRAWN_BY + normal(svg)
    if os.environ.get("SEGTOOL_UPDATE_SNAPSHOTS"):
        path.write_text(drawn, encoding="utf-8", newline="\n")
    kept = path.read_text(encoding="utf-8")
    if not kept.startswith(_DRAWN_BY):
        pytest.skip("the pictures were drawn by other versions of textual or rich")
    if kept != drawn:
        (folder / f"{name}.svg").write_text(drawn, encoding="utf-8")
    assert kept == drawn, f"{name} looks different: compare {path} with {folder / path.name}"


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_question_and_the_sections(
    size: tuple[int, int], theme: Literal["dark", "light"], tmp_path: Path
) -> None:
    async with driving(tmp_path, size=size, options=AppOptions(theme=theme)) as driver:
        await driver.press("tab")
        await driver.pilot.pause(0.1)
        name = f"question-{size[0]}x{size[1]}-{theme}"
        await compare(name, driver.app.export_screenshot(), tmp_path)
        await driver.press("escape", "3", "J")
        await driver.app.workers.wait_for_complete()  # the evidence
        await driver.pilot.pause(0.1)
        await compare(name.replace("question", "sections"), driver.app.export_screenshot(), tmp_path)


@pytest.mark.parametrize("colours", ["standard", None])
async def test_sixteen_colours_and_none(colours: str | None, tmp_path: Path) -> None:
    options = AppOptions(color_system=colours, no_color=colours is None)
    async with driving(tmp_path, options=options) as driver:
        await driver.press("tab")
        await driver.pilot.pause(0.1)
        await compare(f"question-80x24-{colours or 'plain'}", driver.app.export_screenshot(), tmp_path)
