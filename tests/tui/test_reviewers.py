"""Two reviewers, two segmentations, a changed source, a full disk, no model: what the screen does then."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from segtool.core.segmentation import Segmentation
from segtool.errors import ModelError
from segtool.pipeline import Growth
from segtool.settings import Settings
from segtool.storage.journal import Journal
from segtool.storage.sidecar import find_sidecar
from segtool.tui.against import other_segmentation
from segtool.tui.app import AppOptions, ReviewApp
from segtool.tui.screens.base import Options
from segtool.tui.screens.prompt import ChoiceScreen
from segtool.tui.screens.review import ReviewScreen
from segtool.tui.session import ReviewSession, first_look
from segtool.tui.widgets.text_view import TextView

from . import samples
from .driving import Driver, driving, settled


async def wait_for_choice(driver: Driver) -> None:
    for _ in range(200):
        if isinstance(driver.app.screen, ChoiceScreen):
            return
        await driver.pilot.pause(0.02)
    raise AssertionError("nothing was asked")


@pytest.mark.parametrize(("choice", "is_kept"), [("1", False), ("2", True)])
async def test_the_second_reviewer_looks_or_takes_over(choice: str, is_kept: bool, tmp_path: Path) -> None:
    request = samples.request(tmp_path, samples.segmentation())
    lock = tmp_path / "judgment.txt.segtool.lock"
    lock.write_bytes(orjson.dumps({"user": "ann", "host": "elsewhere", "pid": 4}))
    async with driving(tmp_path, requests=[request, replace(request, source="other")]) as driver:
        await driver.press("enter")
        await wait_for_choice(driver)
        await driver.press(choice)
        await settled(driver)
        assert (driver.screen.session.read_only_because is None) == is_kept
        await driver.press("m")
        assert len(driver.state.log.edits) == 1
    assert (find_sidecar(request.source) is not None) == is_kept


async def test_a_full_disk_is_said_and_work_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_journal: Journal, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    async with driving(tmp_path) as driver:
        with monkeypatch.context() as patch:
            patch.setattr(Journal, "_write", full)
            await driver.press("m", "m")
            assert any("No space left" in text for text, _ in driver.screen._status())
            assert len(driver.state.log.edits) == 2
        driver.screen._tick()
        assert driver.screen.session.journal is not None
        assert driver.screen.session.journal.failure is None
        found = find_sidecar(driver.screen.session.request.source)
        assert found is not None
        assert len(found.log.edits) == 2


async def test_two_segmentations_side_by_side_until_they_agree(tmp_path: Path) -> None:
    options = AppOptions(screen=Options(against="0.9"))
    async with driving(tmp_path, size=(160, 40), options=options) as driver:
        await driver.pilot.pause(0.1)
        assert driver.screen.other is not None
        assert driver.screen.query_one("#other", TextView).display
        assert driver.screen.query_one("#other", TextView).size.width > 40
        await driver.press("asterisk", "down", "enter")
        assert driver.state.cursor > 0
        await driver.press("d")
        for _ in range(500):
            if "no differences" in driver.screen._said:
                break
            await driver.press("equals_sign")
        assert driver.state.layer.offsets.tolist() == driver.screen.other.layers["sentence"].offsets.tolist()


async def test_a_changed_source_is_noticed_and_edits_follow(tmp_path: Path) -> None:
    made = samples.segmentation()
    request = samples.request(tmp_path, made)
    text = made.document.text
    inside = text.index("The turbine came on") + 4
    changed = samples.segmentation().document
    async with driving(tmp_path, made) as driver:
        driver.state.move_to(inside)
        await driver.press("s")
        path = Path(request.source)
        path.write_text("A new first paragraph.\n\n" + changed.text, encoding="utf-8", newline="")
        driver.screen._tick()
        assert "changed on the disk" in driver.screen._said
        again = ReviewSession(request)
        document = again.load()
        driver.screen.session.close(driver.state)
        again.open(document)
        assert again.sidecar is not None
        assert again.sidecar.conflicts == () or inside not in [c.offset for c in again.sidecar.conflicts]
        carried = [change[0] for edit in again.sidecar.log.edits for change in edit.changes]
        assert [document.text[offset : offset + 7] for offset in carried] == ["turbine"] * len(carried)
        again.close(None)


async def test_layers_appear_as_they_come_and_a_failing_model_leaves_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = samples.segmentation()
    request = replace(samples.request(tmp_path, made), cache=None)

    def stages(self: ReviewSession, document: object) -> object:  # noqa: ARG001  (the signature of the real one)
        base = replace(made, document=document)  # type: ignore[arg-type]
        looked = first_look(base.document)
        layers = {**looked.layers, "sentence": made.layers["sentence"]}
        grown = Segmentation(base.document, layers, made.made_by, made.scores)
        yield Growth("section", 0.5, grown)
        raise ModelError("topics: the model file is damaged")

    monkeypatch.setattr(ReviewSession, "iter_segmentations", stages)
    async with driving(tmp_path, requests=[request]) as driver:
        await asyncio.sleep(0.1)
        await driver.pilot.pause()
        assert driver.state.layer_name == "sentence"
        assert "damaged" in driver.screen._said
        await driver.press("m")
        assert len(driver.state.log.edits) == 1


async def test_escape_stops_the_work_between_two_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = samples.segmentation()
    request = replace(samples.request(tmp_path, made), cache=None)
    steps: list[float] = []

    def endless(self: ReviewSession, document: object) -> object:  # noqa: ARG001  (the signature of the real one)
        looked = first_look(replace(made, document=document).document)  # type: ignore[arg-type]
        while True:
            steps.append(len(steps) / 10_000)
            yield Growth("section", steps[-1], looked)
            time.sleep(0.005)

    monkeypatch.setattr(ReviewSession, "iter_segmentations", endless)
    app = ReviewApp([request])
    async with app.run_test(size=(80, 24)) as pilot:
        while not isinstance(app.screen, ReviewScreen) or "finding sections" not in (app.screen.working or ""):
            await pilot.pause(0.02)
        await pilot.press("escape")
        await app.workers.wait_for_complete()
        n = len(steps)
        await pilot.pause(0.05)
        assert len(steps) == n
        assert app.screen.working is None
        assert "stopped" in app.screen._said


def test_against_a_model_changes_the_layer_of_its_task() -> None:
    base = samples.segmentation()
    other = other_segmentation(base, "topics", Settings())
    assert other.layers["sentence"] == base.layers["sentence"]
    assert other.layers["section"].labels[0].number == "1"
    other = other_segmentation(base, "spacy:en", Settings())
    assert other.layers["section"] == base.layers["section"]
    assert len(other.layers["sentence"]) > 5
    with pytest.raises(ModelError):
        other_segmentation(base, "topisc", Settings())
