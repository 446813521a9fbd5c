"""The screen inside the rest of segtool: imports, reloading, the palette, pages of a PDF, the pipeline afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from segtool.core.document import Document
from segtool.core.edits import Edit, EditLog
from segtool.core.scores import Scores
from segtool.core.segmentation import MadeBy, Segmentation
from segtool.loaders import load_bytes
from segtool.loaders.pdf.pdfium import PdfiumFile
from segtool.pipeline import iter_growing, segment
from segtool.segmenters.base import FakeSegmenter
from segtool.settings import LoadSettings, Settings
from segtool.storage.cache import Cache, review_key
from segtool.storage.decisions import decide
from segtool.storage.gold import gold_record
from segtool.storage.review_report import report_lines
from segtool.storage.sidecar import apply_edits, new_sidecar
from segtool.tui.app import ReviewApp
from segtool.tui.session import ReviewRequest, ReviewSession, first_look
from segtool.tui.state import ReviewState
from segtool.tui.widgets.page_view import PageView

from . import samples
from .driving import driving, settled

ROOT = Path(__file__).parents[2]
LEASE = ROOT / "sample_docs" / "lease.pdf"


def test_nothing_but_the_command_imports_the_screen() -> None:
    importing = re.compile(r"^\s*(?:from|import) segtool\.tui", re.MULTILINE)
    allowed = (ROOT / "segtool" / "tui", ROOT / "segtool" / "cli" / "review")
    for path in (ROOT / "segtool").rglob("*.py"):
        if not any(path.is_relative_to(folder) for folder in allowed):
            assert not importing.search(path.read_text(encoding="utf-8")), path


async def test_reloading_keeps_the_edits(tmp_path: Path) -> None:
    async with driving(tmp_path) as driver:
        await driver.press("right_square_bracket", "m", "N", "2")
        first = driver.screen
        await driver.press("R")
        for _ in range(100):
            await driver.pilot.pause(0.02)
            if first not in driver.app.screen_stack and len(driver.app.screen_stack) > 1:
                break
        await settled(driver)
        assert driver.screen is not first
        assert len(driver.state.log.edits) == 2
        assert driver.state.cursor > 0


def test_left_before_the_sentences_arrive_a_review_still_shows_sentences_next_time(tmp_path: Path) -> None:
    made = samples.segmentation()
    session = ReviewSession(samples.request(tmp_path, made))
    state = ReviewState(first_look(made.document))
    assert state.layer_name == "paragraph"
    assert session.place(state).layer == "sentence"
    state.take_base(made)
    state.show_layer("section")
    assert session.place(state).layer == "section"


async def test_ctrl_q_leaves_everything_saved(tmp_path: Path) -> None:
    async with driving(tmp_path) as driver:
        await driver.press("m", "ctrl+q")
        await driver.pilot.pause(0.1)
        assert driver.app.reviewed is not None
    left = sorted(path.name for path in tmp_path.iterdir() if "segtool" in path.name)
    assert left == ["judgment.txt.segtool.json"]


async def test_the_palette_does_what_keys_do(tmp_path: Path) -> None:
    async with driving(tmp_path) as driver:
        await driver.press("ctrl+p")
        await driver.type("merge next")
        await driver.pilot.pause(0.5)
        await driver.press("enter")
        await driver.pilot.pause(0.5)
        if not driver.state.log.edits:
            await driver.press("enter")
            await driver.pilot.pause(0.3)
        assert len(driver.state.log.edits) == 1


def lease(folder: Path) -> tuple[ReviewRequest, Segmentation]:
    """The sample contract, each paragraph a sentence, in the cache: no model runs."""
    path = folder / "lease.pdf"
    path.write_bytes(LEASE.read_bytes())
    document = load_bytes(path.read_bytes(), str(path), LoadSettings())
    looked = first_look(document)
    sentences = replace(looked.layers["paragraph"], name="sentence")
    made = Segmentation(document, {**looked.layers, "sentence": sentences}, {"sentence": MadeBy("loader")})
    cache = Cache(folder / "cache")
    cache.put(review_key(path.read_bytes(), str(path), Settings()), made)
    return ReviewRequest(str(path), None, Settings(), None, cache), made


@pytest.mark.skipif(not LEASE.exists(), reason="no sample contract here")
async def test_the_page_of_a_pdf_is_drawn_with_the_box_of_the_unit(tmp_path: Path) -> None:
    request, made = lease(tmp_path)
    async with driving(tmp_path, size=(140, 40), requests=[request]) as driver:
        await driver.press("right_square_bracket", "right_square_bracket", "p")
        await driver.pilot.pause(0.3)
        page = driver.screen.query_one(PageView)
        assert page.has_class("shown")
        assert len(page._lines) > 20
        colours = {segment.style.color.triplet for line in page._lines for segment in line if segment.style}
        assert any(colour and colour.red > 180 and colour.blue < 60 for colour in colours)  # the box
        await driver.press("G")
        await driver.pilot.pause(0.3)
        assert page._boxes[0].page == driver.screen.pages.at(driver.state.cursor)
    assert made.document.has_pages


def test_what_was_reviewed_goes_through_the_pipeline() -> None:
    """The result of the screen, and the sidecar applied to the bare segmentation, are the same."""
    base = samples.segmentation()
    state = ReviewState(base, decode=decide)
    state.set_threshold(0.2)
    state.ask()
    for is_start in (True, False, True, False):
        state.answer(is_start)
    reviewed = replace(new_sidecar(base), log=state.log)
    reviewed = replace(reviewed, place=replace(reviewed.place, thresholds=dict(state.thresholds)))
    assert apply_edits(base, reviewed).layers == state.result().layers


def test_the_corpus_formats_hold_the_text_and_every_paragraph() -> None:
    base = samples.segmentation()
    sentences = gold_record(base, "sentence")
    starts = [0, *sentences["ends"]]
    pieces = [sentences["text"][a:b].strip() for a, b in pairwise(starts)]
    assert pieces == [unit.text for unit in base.units("sentence")]
    sections = gold_record(base, "section")["paragraphs"]
    assert [item["text"] for item in sections if item["kind"] == "heading"][:2] == ["1 The parties", "2 The agreement"]
    assert "".join("".join(item["text"].split()) for item in sections) == "".join(base.document.text.split())
    assert all(item["path"] for item in sections if item["kind"] == "body")


def test_the_report_says_what_was_done() -> None:
    base = samples.segmentation()
    removed = int(base.layers["sentence"].offsets[3])
    log = EditLog().append(Edit("sentence", ((removed, None),), notes=((0, "why"),), checked=((0, True),)))
    text = "\n".join(report_lines(base, log.active))
    assert "0 boundaries added, 1 removed" in text
    assert "note: why" in text
    assert "Nothing was changed" in "\n".join(report_lines(base, ()))


class InPieces(FakeSegmenter):
    """A segmenter that gives its scores in pieces."""

    def iter_partial(self, document: Document) -> Iterator[Scores]:
        (whole,) = self.score([document])
        scores = whole["sentence"]
        for n in range(1, len(scores) + 1, 3):
            yield Scores("sentence", scores.length, scores.offsets[:n], scores.probabilities[:n])
        yield scores


def test_a_segmentation_grows_to_what_segment_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    document = samples.segmentation().document
    chances = {int(offset): 0.9 for offset in samples.segmentation().layers["sentence"].offsets[1:]}
    monkeypatch.setattr("segtool.segmenters.registry.sentence_segmenter", lambda _: InPieces("sentence", chances))
    monkeypatch.setattr("segtool.segmenters.registry.section_segmenter", lambda _: FakeSegmenter("section", {}))
    grown = list(iter_growing(document, every=500))
    steps = [(step.layer == "section", step.share) for step in grown]
    assert len(grown) > 5
    assert steps == sorted(steps)
    sizes = [len(step.segmentation.layers["sentence"]) for step in grown if "sentence" in step.segmentation.layers]
    assert sizes == sorted(sizes)
    assert grown[-1].segmentation.layers == segment(document).layers


async def test_quitting_while_a_long_pdf_loads_stops_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, go_on, read = Event(), Event(), 0
    page = PdfiumFile.page

    def slow(self: PdfiumFile, number: int, visible_only: bool = False) -> Any:
        nonlocal read
        read += 1
        reading.set()
        go_on.wait(10)
        return page(self, number, visible_only)

    monkeypatch.setattr(PdfiumFile, "page", slow)
    app = ReviewApp([ReviewRequest(str(LEASE), None, Settings(), None, None)])
    async with app.run_test() as pilot:
        while not reading.is_set():
            await pilot.pause(0.02)
        (worker,) = app.workers
        await pilot.press("q")
        go_on.set()
    assert worker.is_cancelled
    assert read == 1
    assert app.error is None
