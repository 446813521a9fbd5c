"""Documents written a paragraph at a time: the output is that of the whole document."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from segtool.core.segmentation import Segmentation
from segtool.loaders import load
from segtool.pipeline import segment
from segtool.storage.records import iter_records
from tests.cli.conftest import Run

SAMPLE = Path(__file__).parents[2] / "sample_docs" / "lease.pdf"


@pytest.fixture
def segmentation(run: Run) -> Segmentation:
    assert run, "makes the folder that this works in"
    shutil.copy(SAMPLE, "lease.pdf")
    return segment(load("lease.pdf"), layers=())


def test_records_are_those_of_the_whole(run: Run, segmentation: Segmentation) -> None:
    result = run("split", "lease.pdf", "--by", "paragraph", "--format", "jsonl")
    whole = list(iter_records(segmentation, segmentation.layers["paragraph"]))
    assert [json.loads(line) for line in result.lines] == whole


@pytest.mark.usefixtures("segmentation")
def test_json_is_one_array_over_streamed_and_other_documents(run: Run) -> None:
    Path("note.txt").write_text("A note.\n", "utf-8")
    result = run("split", "lease.pdf", "note.txt", "--by", "paragraph", "--format", "json")
    names = [row["doc"] for row in json.loads(result.out)]
    assert names == ["lease.pdf"] * (len(names) - 1) + ["note.txt"]


def test_text_is_the_text_of_the_document(run: Run, segmentation: Segmentation) -> None:
    assert run("load", "lease.pdf").out.decode() == segmentation.document.text + "\n"


def test_a_broken_file_leaves_the_others(run: Run, segmentation: Segmentation) -> None:
    Path("broken.pdf").write_bytes(b"%PDF-1.4 gone")
    result = run("split", "broken.pdf", "lease.pdf", "--by", "paragraph")
    assert result.code == 1
    assert len(result.lines) == len(segmentation.document.paragraphs)
    assert result.error.startswith("segtool: broken.pdf: ")
    alone = run("split", "broken.pdf", "--by", "paragraph")
    assert (alone.code, alone.out) == (3, b"")
