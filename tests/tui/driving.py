"""Driving the application in tests: open a sample, press keys, look at the state."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from segtool.core.segmentation import Segmentation
from segtool.tui.app import AppOptions, ReviewApp
from segtool.tui.screens.review import ReviewScreen
from segtool.tui.session import ReviewRequest
from segtool.tui.state import ReviewState

from . import samples


@dataclass
class Driver:
    """A running application."""

    app: ReviewApp
    pilot: Pilot[None]

    @property
    def screen(self) -> ReviewScreen:
        """The review screen, wherever it is in the stack."""
        return next(s for s in reversed(self.app.screen_stack) if isinstance(s, ReviewScreen))

    @property
    def state(self) -> ReviewState:
        """The state of the review."""
        return self.screen.state

    async def press(self, *keys: str) -> None:
        """Press keys and let everything settle."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type characters."""
        await self.press(*("space" if c == " " else c for c in text))


@asynccontextmanager
async def driving(
    folder: Path,
    made: Segmentation | None = None,
    *,
    size: tuple[int, int] = (80, 24),
    options: AppOptions | None = None,
    requests: Sequence[ReviewRequest] | None = None,
) -> AsyncIterator[Driver]:
    """Run the application over a sample, its segmentation in the cache."""
    wanted = requests or [samples.request(folder, made or samples.segmentation())]
    app = ReviewApp(wanted, options)
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        if len(wanted) == 1:
            await settled(driver)
        yield driver


async def settled(driver: Driver) -> None:
    """Wait until the document is shown."""
    for _ in range(400):
        if any(isinstance(s, ReviewScreen) and s.working is None and s.is_mounted for s in driver.app.screen_stack):
            break
        await driver.pilot.pause(0.02)
    await driver.app.workers.wait_for_complete()
    await driver.pilot.pause()
