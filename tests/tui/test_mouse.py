"""The mouse does what one expects: cursor, boundaries, selection, wheel, outline, strip, footer."""

from __future__ import annotations

from pathlib import Path

from segtool.tui.screens.help import HelpScreen
from segtool.tui.widgets.bars import KeyBar
from segtool.tui.widgets.outline_view import OutlineView
from segtool.tui.widgets.strip_bar import StripBar
from segtool.tui.widgets.text_view import GUTTER, TextView

from . import samples
from .driving import Driver, driving

TEXT = samples.segmentation().document.text


def cell_of(driver: Driver, offset: int) -> tuple[int, int]:
    """Where an offset is on the screen, in cells of the text view."""
    view = driver.screen.text
    for y, (row, _) in enumerate(view._shown):
        if row.kind == "text" and row.offsets[0] <= offset <= row.offsets[-1]:
            return GUTTER + row.indent + row.cell_of(row.index_of(offset)), y
    raise AssertionError(f"{offset} is not in view")


def mark_in_view(driver: Driver) -> tuple[int, tuple[int, int]]:
    """A boundary in the middle of a row, and the cell of its mark."""
    for y, (row, _) in enumerate(driver.screen.text._shown):
        for index, offset in row.marks.items():
            return offset, (GUTTER + row.indent + row.cell_of(index), y)
    raise AssertionError("no mark in view")


async def test_a_click_places_the_cursor(tmp_path: Path) -> None:
    async with driving(tmp_path) as driver:
        target = next(row for row, _ in driver.screen.text._shown[3:] if len(row.offsets) > 20).offsets[10]
        await driver.pilot.click(TextView, offset=cell_of(driver, target))
        await driver.pilot.pause()
        assert driver.state.cursor == target


async def test_a_click_on_a_mark_removes_the_boundary_and_undo_brings_it_back(tmp_path: Path) -> None:
    async with driving(tmp_path) as driver:
        boundary, cell = mark_in_view(driver)
        await driver.pilot.click("#text", offset=cell)
        await driver.pilot.pause()
        assert boundary not in driver.state.layer.offsets
        await driver.press("u")
        assert boundary in driver.state.layer.offsets


async def test_a_mark_can_be_dragged_to_a_word(tmp_path: Path) -> None:
    async with driving(tmp_path) as driver:
        boundary, cell = mark_in_view(driver)
        word = TEXT.index(" ", boundary) + 1
        target = cell_of(driver, word)
        await driver.pilot.mouse_down("#text", offset=cell)
        await driver.pilot.hover("#text", offset=(target[0] + 1, target[1]))
        await driver.pilot.mouse_up("#text", offset=(target[0] + 1, target[1]))
        await driver.pilot.pause()
        assert boundary not in driver.state.layer.offsets
        assert word in driver.state.layer.offsets


async def test_the_wheel_scrolls_and_leaves_the_cursor(tmp_path: Path) -> None:
    async with driving(tmp_path) as driver:
        before = driver.screen.text.visible_offsets()
        driver.screen.text.scroll_rows(3)
        await driver.pilot.pause()
        assert driver.screen.text.visible_offsets()[0] > before[0]
        assert driver.state.cursor == 0
        driver.screen.text.scroll_rows(-3)
        assert driver.screen.text.visible_offsets() == before


async def test_clicks_on_outline_strip_and_footer(tmp_path: Path) -> None:
    async with driving(tmp_path, size=(120, 30)) as driver:
        await driver.pilot.click(OutlineView, offset=(4, 3))
        await driver.pilot.pause()
        assert driver.state.cursor == driver.state.current("section").offsets[2]
        await driver.pilot.click(StripBar, offset=(60, 0))
        await driver.pilot.pause()
        assert abs(driver.state.cursor - len(TEXT) // 2) < len(TEXT) // 50
        keys = driver.screen.query_one("#keys", KeyBar)
        x = next(x for x, _, _, action in keys._fitting() if action == "help")
        await driver.pilot.click("#keys", offset=(x + 2, 0))
        await driver.pilot.pause()
        assert isinstance(driver.app.screen, HelpScreen)
