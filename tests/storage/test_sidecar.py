"""Sidecar, journal and lock: what was acknowledged is read back, whatever happened to the process or the disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.document import Document
from segtool.core.edits import Edit, EditLog
from segtool.core.layer import Boundary, Label, Layer
from segtool.core.scores import Scores
from segtool.core.segmentation import MadeBy, Segmentation
from segtool.errors import EditError
from segtool.segmenters.decode import decode
from segtool.storage import sidecar as sidecars
from segtool.storage.journal import Journal, journal_path, recovered
from segtool.storage.lock import SUFFIX, Lock
from segtool.storage.sidecar import Place, apply_edits, find_sidecar, from_json, new_sidecar, sidecar_path, to_json

TEXT = "The rent is due. The landlord keeps the roof.\n\nThe tenant sweeps the yard. Notice is given in writing."

offsets = st.integers(1, len(TEXT) - 1)
labels = st.builds(Label, st.none() | st.text(max_size=3), st.none() | st.text(max_size=5))
edits = st.builds(
    Edit,
    st.sampled_from(["sentence", "section"]),
    st.lists(st.tuples(offsets, st.none() | st.integers(1, 3)), max_size=3).map(tuple),
    st.lists(st.tuples(offsets, labels), max_size=2).map(tuple),
    st.lists(st.tuples(offsets, st.text(max_size=5)), max_size=2).map(tuple),
    st.lists(st.tuples(offsets, st.booleans()), max_size=2, unique=True).map(tuple),
)


def segmentation(text: str = TEXT) -> Segmentation:
    starts = [0, text.index("The landlord")]
    layer = Layer.from_boundaries("sentence", len(text), [Boundary(o, 1, 0.6) for o in starts])
    return Segmentation(Document("lease.txt", text), {"sentence": layer}, {"sentence": MadeBy("fake", "1", 0.5)})


def open_journal(path: Path) -> tuple[Journal, Lock]:
    lock = Lock(path.with_name("lease.txt" + SUFFIX))
    assert lock.acquire()
    current = recovered(path) if path.exists() else new_sidecar(segmentation())
    return Journal(path, current, segmentation().document, lock), lock


@given(st.lists(edits, max_size=5), st.integers(0, 5))
def test_json_and_back_is_the_same_sidecar(log: list[Edit], cursor: int) -> None:
    base = segmentation()
    full = sidecars.with_log(new_sidecar(base), EditLog(tuple(log), min(cursor, len(log))), base.document)
    back = from_json(orjson.loads(orjson.dumps(to_json(full))))
    assert [set(e.checked) for e in back.log.edits] == [set(e.checked) for e in full.log.edits]
    assert to_json(back) == to_json(full)
    assert apply_edits(base, back).layers == apply_edits(base, full).layers


def test_events_survive_without_closing(tmp_path: Path) -> None:
    path = sidecar_path(tmp_path / "lease.txt")
    journal, _ = open_journal(path)
    assert not path.exists()
    first, second = Edit("sentence", ((4, 1),)), Edit("sentence", ((9, 1),), notes=((9, "why"),))
    journal.append_edit(first)
    journal.append_edit(second)
    journal.append_cursor(1)
    journal.append_place(Place(9, "section", {"sentence": 0.3}))
    back = recovered(path)
    assert back.log == EditLog((first, second), 1)
    assert back.place == Place(9, "section", {"sentence": 0.3})
    assert set(back.anchors.contexts) == {4, 9}
    journal.append_edit(Edit("sentence", ((12, 1),)))
    assert (recovered(path).place.offset, recovered(path).place.layer) == (12, "sentence")


def test_a_torn_last_line_is_dropped_and_overwritten(tmp_path: Path) -> None:
    path = sidecar_path(tmp_path / "lease.txt")
    journal, lock = open_journal(path)
    journal.append_edit(Edit("sentence", ((4, 1),)))
    with journal_path(path).open("ab") as stream:
        stream.write(b'{"edit": {"layer": "sen')
    assert len(recovered(path).log.edits) == 1
    journal.append_edit(Edit("sentence", ((9, 1),)))
    assert len(recovered(path).log.edits) == 2
    lock.release()


def test_a_journal_of_an_older_snapshot_is_not_applied_again(tmp_path: Path) -> None:
    path = sidecar_path(tmp_path / "lease.txt")
    journal, _ = open_journal(path)
    journal.append_edit(Edit("sentence", ((4, 1),)))
    old = journal_path(path).read_bytes()
    journal.close(recovered(path))
    assert not journal_path(path).exists()
    journal_path(path).write_bytes(old)  # killed between the snapshot and the removal of the journal
    assert len(recovered(path).log.edits) == 1


def test_a_full_disk_is_said_and_everything_is_written_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sidecar_path(tmp_path / "lease.txt")
    journal, _ = open_journal(path)
    journal.append_edit(Edit("sentence", ((4, 1),)))

    def full(_journal: Journal, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Journal, "_write", full)
    journal.append_edit(Edit("sentence", ((9, 1),)))
    journal.append_edit(Edit("sentence", ((12, 1),)))
    assert journal.failure
    assert "No space left" in journal.failure
    assert not journal.retry()
    monkeypatch.undo()
    assert journal.retry()
    assert [edit.changes[0][0] for edit in recovered(path).log.edits] == [4, 9, 12]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    path = sidecar_path(tmp_path / "missing" / "lease.txt")
    journal, _ = open_journal(path)
    journal.append_edit(Edit("sentence", ((4, 1),)))
    assert journal.failure
    path.parent.mkdir()
    assert journal.retry()
    assert len(recovered(path).log.edits) == 1


def test_the_second_reviewer_is_told_and_may_take_over(tmp_path: Path) -> None:
    path = sidecar_path(tmp_path / "lease.txt")
    journal, first = open_journal(path)
    first.path.write_bytes(orjson.dumps({"user": "ann", "host": "elsewhere", "pid": 1}))
    second = Lock(first.path)
    assert not second.acquire()
    assert second.holder is not None
    assert second.holder.user == "ann"
    assert second.acquire(take_over=True)
    assert second.is_held()
    first.path.write_bytes(orjson.dumps({"user": "ann", "host": "elsewhere", "pid": 1}))
    journal.append_edit(Edit("sentence", ((4, 1),)))
    assert "taken this document over" in (journal.failure or "")


def test_a_lock_of_a_dead_process_is_stale(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    assert lock.acquire()
    value = orjson.loads(lock.path.read_bytes())
    lock.path.write_bytes(orjson.dumps({**value, "pid": 2**22 + 1}))
    assert Lock(lock.path).acquire()


def test_apply_edits_follows_a_changed_text(tmp_path: Path) -> None:
    path = sidecar_path(tmp_path / "lease.txt")
    journal, _ = open_journal(path)
    at = TEXT.index("Notice")
    journal.append_edit(Edit("sentence", ((at, 1),)))
    found = find_sidecar(tmp_path / "lease.txt")
    assert found is not None
    longer = segmentation("Preamble comes first.\n\n" + TEXT)
    done = apply_edits(longer, found).layers["sentence"]
    assert longer.document.text.index("Notice") in done.offsets


def test_what_is_no_sidecar_is_an_edit_error_that_names_the_file(tmp_path: Path) -> None:
    path = sidecar_path(tmp_path / "lease.txt")
    for content in (b"", b"[1]", b'{"format": 99}', b'{"format": 1}', b"\x00\xff"):
        path.write_bytes(content)
        with pytest.raises(EditError):
            find_sidecar(tmp_path / "lease.txt")
    assert find_sidecar(tmp_path / "other.txt") is None


def test_a_threshold_that_the_reviewer_chose_is_applied_before_the_edits() -> None:
    text = TEXT
    offsets = np.array([text.index("The landlord"), text.index("The tenant"), text.index("Notice")])
    scores = Scores("sentence", len(text), offsets, np.array([0.9, 0.6, 0.3], np.float32))
    base = Segmentation(
        Document("lease.txt", text),
        {"sentence": decode(scores, 0.5)},
        {"sentence": MadeBy("fake", "1", 0.5)},
        {"sentence": scores},
    )
    log = EditLog().append(Edit("sentence", ((int(offsets[0]), None),)))
    reviewed = replace(new_sidecar(base), log=log, place=Place(thresholds={"sentence": 0.2}))
    done = apply_edits(base, reviewed)
    assert done.layers["sentence"].offsets.tolist() == [0, *offsets[1:].tolist()]
    assert done.made_by["sentence"].threshold == 0.2
    assert apply_edits(done, reviewed).layers == done.layers
