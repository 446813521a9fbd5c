"""Conflicts and comparisons: nothing is dropped, and ``--against`` takes whatever names another segmentation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from segtool.core.document import Document
from segtool.core.edits import Edit, EditLog
from segtool.errors import UsageError
from segtool.settings import Settings
from segtool.storage.decisions import decide
from segtool.storage.records import iter_records
from segtool.storage.sidecar import find_sidecar, new_sidecar, sidecar_path, with_log, write_sidecar
from segtool.tui.against import other_segmentation
from segtool.tui.screens.prompt import ChoiceScreen

from . import samples
from .driving import driving

REPEATED = "Signed by the parties in two copies. Each keeps one."


def sidecar_of_an_earlier_text(folder: Path, made_id: str) -> int:
    """A sidecar with one edit in a paragraph that occurs twice; the offset of the edit in that text."""
    text = f"{REPEATED}\n\nSomething else.\n\n{REPEATED}\n"
    document = Document(made_id, text)
    at = text.index("Each keeps")
    log = EditLog().append(Edit("sentence", ((at, 1),), checked=((at, True),)))
    base = replace(samples.segmentation(), document=document, layers={}, scores={})
    write_sidecar(sidecar_path(folder / "judgment.txt"), with_log(new_sidecar(base), log, document))
    return at


@pytest.mark.parametrize(("choice", "n_edits"), [("1", 1), ("3", 0)])
async def test_a_conflict_is_placed_or_dismissed(choice: str, n_edits: int, tmp_path: Path) -> None:
    request = samples.request(tmp_path, samples.segmentation())
    sidecar_of_an_earlier_text(tmp_path, request.source)
    async with driving(tmp_path, requests=[request]) as driver:
        assert driver.screen.session.sidecar is not None
        assert len(driver.screen.session.sidecar.conflicts) == 1
        assert any("1 conflicts" in text for text, _ in driver.screen._status())
        target = driver.state.text.index("turbine")
        driver.state.move_to(target)
        await driver.press("exclamation_mark")
        assert isinstance(driver.app.screen, ChoiceScreen)
        await driver.press("enter", choice)
        assert driver.screen.session.sidecar.conflicts == ()
        assert len(driver.state.log.edits) == n_edits
        assert (target in driver.state.layer.offsets) == bool(n_edits)
        found = find_sidecar(request.source)  # as a kill would leave it
        assert found is not None
        assert found.conflicts == ()
        assert len(found.log.edits) == n_edits


def test_against_takes_thresholds_sidecars_and_outputs(tmp_path: Path) -> None:
    base = samples.segmentation()
    wanted = decide(base, "sentence", 0.2)
    assert other_segmentation(base, "0.2", Settings()).layers["sentence"] == wanted
    output = tmp_path / "out.jsonl"
    lower = replace(base, layers={**base.layers, "sentence": wanted})
    output.write_bytes(b"".join(orjson.dumps(r) + b"\n" for r in iter_records(lower, wanted)))
    read = other_segmentation(base, str(output), Settings())
    assert read.layers["sentence"].offsets.tolist() == wanted.offsets.tolist()
    removed = int(base.layers["sentence"].offsets[4])
    sidecar = with_log(new_sidecar(base), EditLog().append(Edit("sentence", ((removed, None),))), base.document)
    path = sidecar_path(tmp_path / "judgment.txt")
    write_sidecar(path, sidecar)
    assert removed not in other_segmentation(base, str(path), Settings()).layers["sentence"].offsets


def test_against_refuses_an_output_of_another_text(tmp_path: Path) -> None:
    base, other = samples.segmentation(seed=1), samples.segmentation(seed=2)
    output = tmp_path / "out.jsonl"
    records = iter_records(other, other.layers["sentence"])
    output.write_bytes(b"".join(orjson.dumps(r) + b"\n" for r in records))
    with pytest.raises(UsageError, match="another text"):
        other_segmentation(base, str(output), Settings())
    output.write_bytes(b"not json\n")
    with pytest.raises(UsageError, match="no JSON Lines output"):
        other_segmentation(base, str(output), Settings())
