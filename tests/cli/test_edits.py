"""split applies the review of a document."""

from __future__ import annotations

from pathlib import Path

import segtool
from segtool.core.edits import Edit, EditLog
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
