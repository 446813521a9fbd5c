"""The three-minute review: twenty wrong decisions in thirty pages, put right by single keys, counted."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np

from segtool.core.layer import Layer
from segtool.core.segmentation import Segmentation

from . import samples
from .driving import Driver, driving

N_ERRORS = 20
PAGES = 32


def flipped(seed: int = 11) -> tuple[Segmentation, Segmentation, set[int]]:
    """The right segmentation, the same with twenty decisions flipped (scores left), and where they are."""
    right = samples.segmentation(PAGES * samples.PAGE, seed=3)
    layer, scores = right.layers["sentence"], right.scores["sentence"]
    rng = random.Random(seed)
    present = set(layer.offsets.tolist())
    missing = set(rng.sample(sorted(present - {0}), N_ERRORS // 2))
    extra = set(rng.sample([o for o in scores.offsets.tolist() if o not in present], N_ERRORS // 2))
    offsets = np.array(sorted((present - missing) | extra), dtype=np.int64)
    chances = dict(zip(scores.offsets.tolist(), scores.probabilities.tolist(), strict=True))
    own = np.array([chances.get(o, np.nan) for o in offsets.tolist()], dtype=np.float32)
    wrong = Layer.from_offsets("sentence", layer.length, offsets, scores=own)
    return right, replace(right, layers={**right.layers, "sentence": wrong}), missing | extra


async def review_by_queue(driver: Driver, truth: set[int], n_questions: int) -> int:
    """Answer questions truthfully; the number of keys."""
    await driver.press("tab")
    keys = 1
    for _ in range(n_questions):
        if driver.state.asked is None:
            break
        await driver.press("y" if driver.state.asked in truth else "n")
        keys += 1
    return keys


async def correct_by_reading(driver: Driver, offset: int) -> int:
    """Bring a place into view as a reader does, a screen at a time, then put it right by its hint; keys but scrolling.

    Scrolling is the reading itself and costs the same with or without errors; it is not counted.
    """
    while not driver.screen.text.visible_offsets()[0] <= offset < driver.screen.text.visible_offsets()[1]:
        await driver.press("pagedown")
    await driver.press("f")
    hint = driver.screen.text.hints[offset]
    await driver.press(*hint)
    return 1 + len(hint)


async def test_twenty_errors_in_thirty_pages(tmp_path: Path) -> None:
    right, wrong, errors = flipped()
    truth = set(right.layers["sentence"].offsets.tolist())
    assert right.document.fragments[-1].page >= 30
    async with driving(tmp_path, wrong, size=(80, 24)) as driver:

        def left() -> set[int]:
            return set(driver.state.layer.offsets.tolist()) ^ truth

        assert left() == errors
        keys = await review_by_queue(driver, truth, N_ERRORS)
        by_queue = len(errors) - len(left())
        await driver.press("escape", "ctrl+home")
        read, reading_keys = 0, 0
        for offset in sorted(left()):
            reading_keys += await correct_by_reading(driver, offset)
            read += 1
        assert left() == set()
        await driver.press("q")
    per_queue, per_read = keys / max(by_queue, 1), reading_keys / max(read, 1)
    print(f"queue: {by_queue} errors, {per_queue:.2f} keys each; reading: {read}, {per_read:.2f} keys each")
    assert by_queue >= 0.6 * N_ERRORS
    assert per_queue <= 3
    assert per_read <= 8


async def test_errors_that_no_score_shows_are_put_right_by_reading(tmp_path: Path) -> None:
    """Eight such errors with the queue left aside, as if no score showed them: at most eight keys each."""
    right, wrong, errors = flipped(seed=12)
    truth = set(right.layers["sentence"].offsets.tolist())
    keys = 0
    async with driving(tmp_path, wrong, size=(80, 24)) as driver:
        for offset in sorted(errors)[:8]:
            keys += await correct_by_reading(driver, offset)
        assert set(driver.state.layer.offsets.tolist()) ^ truth == set(sorted(errors)[8:])
    assert keys / 8 <= 8
