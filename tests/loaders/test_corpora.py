"""The manifest of the document corpus, walked where the corpora are present (environment variable SEGTOOL_CORPORA)."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from segtool.core.document import Document
from segtool.errors import LoadError
from segtool.loaders import load
from segtool.loaders.formats import PLANNED, SUFFIXES

CORPORA = os.environ.get("SEGTOOL_CORPORA")
DOCS = Path(CORPORA or ".") / "docs"
REFUSED = {"zipbomb.docx", "billion_laughs.xml", "xxe.xml"}
BUILT = {"docx", "html", "markdown", "text", "akoma ntoso", "encoding", "hostile"}

pytestmark = pytest.mark.skipif(not CORPORA, reason="SEGTOOL_CORPORA is not set")


def manifest() -> list[dict[str, str]]:
    if not CORPORA:
        return []
    return [json.loads(line) for line in (DOCS / "manifest.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("entry", manifest(), ids=lambda entry: entry["file"])
def test_every_file_meets_the_expectation(entry: dict[str, str], check_cover: Callable[[Document], None]) -> None:
    path = DOCS / entry["file"]
    if SUFFIXES.get(path.suffix) in PLANNED or entry["file"] in REFUSED:
        with pytest.raises(LoadError) as caught:
            load(path)
        assert "\n" not in str(caught.value)
        return
    assert entry["kind"] in BUILT
    document = load(path)
    check_cover(document)
    truth = DOCS / f"{entry['file']}.truth.json"
    if truth.exists():
        _check_truth(document, json.loads(truth.read_text("utf-8")))


def _check_truth(document: Document, truth: dict[str, list[dict[str, str]]]) -> None:
    """Nearly every true paragraph, squeezed and without its number, ends where a paragraph of ours ends."""
    ends = {_squeeze(p.span.of(document.text))[-20:] for p in document.paragraphs}
    wanted = [_squeeze(paragraph["text"])[-20:] for paragraph in truth["paragraphs"]]
    assert sum(end in ends for end in wanted) >= 0.95 * len(wanted)


def _squeeze(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def test_two_paragraphs_around_nul_bytes() -> None:
    assert len(load(DOCS / "nul_bytes.txt").paragraphs) == 2


@pytest.mark.parametrize("path", sorted(Path(CORPORA or ".").glob("sections/xml_samples/*.xml")), ids=lambda p: p.name)
def test_samples_of_legal_xml_are_read(path: Path, check_cover: Callable[[Document], None]) -> None:
    document = load(path)
    check_cover(document)
    layer = document.layers.get("section")
    if layer is not None:
        starts = {p.span.start for p in document.paragraphs}
        assert set(layer.offsets.tolist()) - {0} <= starts
