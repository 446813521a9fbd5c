"""The three-minute review: twenty decisions flipped in thirty pages, put right by single keys, every key counted.

The flips are drawn by fixed seeds (chosen for six or more errors that only reading finds: with fewer, turning thirty
pages is most of the keys) among all candidates: the places that the model scored, the paragraph starts that
the source decided, and the tops of pages where a loader may take the rest of a paragraph for a new one. Scores stay
as they are, so a wrong decision of the model stands out in the queue. What the source decided has no score: the queue
can't show it, and it is put right by reading.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from segtool.core.layer import Boundary, Layer
from segtool.core.scores import Scores
from segtool.core.segmentation import Segmentation

from . import samples
from .driving import Driver, driving

N_ERRORS = 20
PAGES = 30


def page_tops(made: Segmentation) -> list[int]:
    """Where a page break cuts a paragraph: the first word of each page inside one, where no sentence starts."""
    text, starts = made.document.text, set(made.layers["sentence"].offsets.tolist())
    tops = []
    for page in range(1, len(text) // samples.PAGE):
        blank = text.find(" ", page * samples.PAGE)
        if blank > 0 and text[blank + 1].isalpha() and blank + 1 not in starts:
            tops.append(blank + 1)
    return tops


def right_segmentation() -> Segmentation:
    """The judgment without errors; the source decided where paragraphs start, and no model scored these places."""
    made = samples.segmentation(PAGES * samples.PAGE, seed=3)
    scores, layer = made.scores["sentence"], made.layers["sentence"]
    certain = {p.span.start for p in made.document.paragraphs}
    is_scored = ~np.isin(scores.offsets, list(certain))
    kept = Scores("sentence", scores.length, scores.offsets[is_scored], scores.probabilities[is_scored])
    rows = [Boundary(row.offset, 1, None, "loader") if row.offset in certain else row for row in layer]
    return replace(
        made,
        layers={**made.layers, "sentence": Layer.from_boundaries("sentence", layer.length, rows)},
        scores={"sentence": kept},
    )


def flipped(seed: int) -> tuple[Segmentation, Segmentation, set[int]]:
    """The right segmentation, the same with twenty decisions flipped, and where they are."""
    right = right_segmentation()
    layer, scores = right.layers["sentence"], right.scores["sentence"]
    present = set(layer.offsets.tolist()) - {0}
    absent = {*scores.offsets.tolist(), *page_tops(right)} - present
    rng = random.Random(seed)
    missing = set(rng.sample(sorted(present), N_ERRORS // 2))
    extra = set(rng.sample(sorted(absent), N_ERRORS // 2))
    chances = dict(zip(scores.offsets.tolist(), scores.probabilities.tolist(), strict=True))
    rows = [row for row in layer if row.offset not in missing]
    rows += [Boundary(o, 1, chances.get(o), "model" if o in chances else "loader") for o in extra]
    wrong = Layer.from_boundaries("sentence", layer.length, rows)
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


async def correct_by_reading(driver: Driver, offsets: list[int]) -> int:
    """Read the document a screen at a time, each error put right by its letters as it comes into view; all keys."""
    await driver.press("escape", "ctrl+home")
    keys = 2
    for offset in offsets:
        while driver.screen.text.visible_offsets()[1] <= offset:
            await driver.press("pagedown")
            keys += 1
        await driver.press("f")
        hint = driver.screen.text.hints[offset]
        await driver.press(*hint)
        keys += 1 + len(hint)
    return keys


@pytest.mark.parametrize("seed", [21, 124])
async def test_twenty_errors_in_thirty_pages(seed: int, tmp_path: Path) -> None:
    right, wrong, errors = flipped(seed)
    truth = set(right.layers["sentence"].offsets.tolist())
    assert right.document.fragments[-1].page >= 30
    async with driving(tmp_path, wrong, size=(200, 60)) as driver:

        def left() -> set[int]:
            return set(driver.state.layer.offsets.tolist()) ^ truth

        assert left() == errors
        keys = await review_by_queue(driver, truth, N_ERRORS)
        unseen = sorted(left())
        n_shown = len(errors) - len(unseen)
        reading_keys = await correct_by_reading(driver, unseen)
        assert left() == set()
        await driver.press("q")
    assert len(unseen) >= 5
    per_question, per_read = keys / n_shown, reading_keys / len(unseen)
    print(f"queue: {n_shown} errors, {per_question:.2f} keys each; reading: {len(unseen)}, {per_read:.2f} keys each")
    assert n_shown >= 0.6 * N_ERRORS
    assert per_question <= 3
    assert per_read <= 8
