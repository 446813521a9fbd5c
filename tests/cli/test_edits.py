"""split, outline and show apply the review of a document."""

from __future__ import annotations

from pathlib import Path

import segtool
from segtool.core.edits import Edit, EditLog
from segtool.core.layer import Label
from segtool.storage.sidecar import new_sidecar, sidecar_path, with_log, write_sidecar
from tests.cli.conftest import Run


def review(path: str, *edits: Edit) -> None:
    document = segtool.load(path)
    segmentation = segtool.segment(document, layers=())
    write_sidecar(sidecar_path(path), with_log(new_sidecar(segmentation), EditLog(edits, len(edits)), document))


def test_edits_are_applied_and_said(run: Run) -> None:
    Path("a.txt").write_text("One. Two three. Four.")
    review("a.txt", Edit("sentence", ((5, None), (9, 1))))
    result = run("split", "a.txt")
    assert result.lines == ["One. Two", "three.", "Four."]
    assert "a.txt.segtool.json" in result.error
    assert run("split", "a.txt", "--quiet").error == ""
    assert run("split", "a.txt", "--no-edits").lines == ["One.", "Two three.", "Four."]


def test_user_boundaries_say_so(run: Run) -> None:
    Path("a.txt").write_text("One. Two three.")
    review("a.txt", Edit("sentence", ((9, 1),)))
    out = run("split", "a.txt", "--format", "csv").out.decode()
    assert ",user," in out


def test_a_broken_sidecar_is_code_5_and_the_others_are_done(run: Run) -> None:
    Path("a.txt").write_text("One.")
    Path("b.txt").write_text("Two.")
    Path("a.txt.segtool.json").write_text("{")
    assert run("split", "a.txt").code == 5
    result = run("split", "a.txt", "b.txt")
    assert (result.code, result.lines) == (1, ["Two."])
    assert run("split", "a.txt", "--no-edits").lines == ["One."]


TALK = "Rent is due in May.\n\nRepair is for the tenant.\n\nNotice is in writing."


def test_outline_and_show_apply_edits(run: Run) -> None:
    Path("a.txt").write_text(TALK)
    repair, notice = TALK.index("Repair"), TALK.index("Notice")
    review("a.txt", Edit("section", ((repair, 2), (notice, None))))
    result = run("outline", "a.txt")
    assert result.lines == ["[Rent is due in May.]", "  [Repair is for the tenant. Notice is in writing.]"]
    assert "1 edits of a.txt.segtool.json" in result.error
    assert run("outline", "a.txt", "--no-edits").lines != result.lines


def test_show_finds_what_a_review_named(run: Run) -> None:
    Path("a.txt").write_text(TALK)
    repair = TALK.index("Repair")
    review("a.txt", Edit("section", ((repair, 1),)), Edit("section", labels=((repair, Label("2", "Repairs")),)))
    assert run("show", "a.txt", "Repairs").lines[0] == "Repair is for the tenant."
    assert run("show", "a.txt", "Repairs", "--no-edits").code == 2


def test_a_broken_sidecar_stops_the_outline(run: Run) -> None:
    Path("a.txt").write_text("One.")
    Path("a.txt.segtool.json").write_text("{")
    assert run("outline", "a.txt").code == 5
    assert run("outline", "a.txt", "--no-edits").code == 0
