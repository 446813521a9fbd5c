"""The sentence models of our own: what holds for any weights, and what the shipped ones must find."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segtool.core.scores import Scores
from segtool.inference import pieces
from segtool.inference.sentence_gate import BareFinder
from segtool.inference.sentence_net import iter_blocks
from segtool.loaders import document_of
from segtool.segmenters.base import Segmenter
from segtool.segmenters.decode import decode
from segtool.segmenters.registry import sentence_segmenter
from segtool.settings import SentenceSettings, Settings

FORMS = ("sentences", "sentences-full", "sentences-fast", "sentences-gate", "sentences-scan")
LETTER = (
    "Dr. Amara Osei met Mr. J. P. Lund at 5 p.m. on 3 May. They spoke for an hour, i.e. until six. "
    '"Did you read it?" she asked. He had not! The lease (see Sec. 4.2(a)) ends in 2031... or so he said.\n\n'
    "She left. Prices rose by 3.5 per cent, to $1.2 million. What came next was a surprise; nobody had asked. "
)
BARE = "so we went down to the harbour and it was closed nobody had told us we waited for an hour then we left " * 8


def segmenter(name: str) -> Segmenter:
    """The segmenter of a shipped model."""
    return sentence_segmenter(Settings(sentences=SentenceSettings(model=name)))


@pytest.fixture(scope="module")
def default() -> Segmenter:
    return segmenter("sentences")


def scores(model: Segmenter, text: str) -> Scores:
    """The scores of one text."""
    return next(iter(model.score([document_of(text)])))["sentence"]


def sentences(model: Segmenter, text: str) -> list[str]:
    """The sentences of one text at the model's threshold, trimmed."""
    layer = decode(scores(model, text), model.info.threshold_for("en"))
    return [text[span.start : span.end].strip() for span in layer.spans()]


@settings(deadline=None, max_examples=60)
@given(
    st.text(st.sampled_from("aB1.,?! \n\r\u2028\u0301漢。กะ\U0001f469\u200d\ud800\x00") | st.characters(), max_size=80)
)
def test_any_text_has_scores_at_starts_of_words(text: str) -> None:
    found = scores(segmenter_of_any_text(), text)
    assert all(not text[offset].isspace() for offset in found.offsets)
    assert all(text[:offset].strip() for offset in found.offsets)


_SHARED: list[Segmenter] = []


def segmenter_of_any_text() -> Segmenter:
    """One segmenter for all examples: hypothesis does not mix with fixtures of a function."""
    if not _SHARED:
        _SHARED.append(segmenter("sentences"))
    return _SHARED[0]


@pytest.mark.parametrize("name", FORMS)
def test_ordinary_prose(name: str) -> None:
    found = sentences(segmenter(name), LETTER)
    assert "Dr. Amara Osei met Mr. J. P. Lund at 5 p.m. on 3 May." in found
    assert "They spoke for an hour, i.e. until six." in found
    assert "She left." in found
    assert "Prices rose by 3.5 per cent, to $1.2 million." in found


def test_documents_read_ahead_have_the_scores_that_they_have_alone() -> None:
    texts = ["", "One. Two.", LETTER, BARE, "No end", LETTER * 3, "次。文", " "]
    ahead = sentence_segmenter(Settings(sentences=SentenceSettings(model="sentences-scan", read_ahead=2000)))
    alone = segmenter("sentences-scan")
    for text, found in zip(texts, ahead.score([document_of(text) for text in texts]), strict=True):
        expected = scores(alone, text)
        assert found["sentence"].offsets.tolist() == expected.offsets.tolist()
        assert found["sentence"].probabilities == pytest.approx(expected.probabilities, abs=1e-4)


def test_short_texts(default: Segmenter) -> None:
    assert sentences(default, "One. Two.") == ["One.", "Two."]
    assert sentences(default, "Hello") == ["Hello"]
    assert sentences(default, "") == []
    assert len(scores(default, " \n\n ")) == 0


def test_scores_do_not_depend_on_the_company(default: Segmenter) -> None:
    texts = [LETTER, "", BARE, "One. Two.", LETTER * 3]
    together = [found["sentence"] for found in default.score(document_of(text) for text in texts)]
    for text, found in zip(texts, together, strict=True):
        alone = scores(default, text)
        assert np.array_equal(found.offsets, alone.offsets)
        assert np.array_equal(found.probabilities, alone.probabilities)


def test_bare_text_goes_through_the_full_net(default: Segmenter) -> None:
    full = scores(segmenter("sentences-full"), BARE)
    found = scores(default, BARE)
    assert np.array_equal(found.offsets, full.offsets)
    assert np.allclose(found.probabilities, full.probabilities, atol=1e-6)


def test_the_cascade_says_what_the_full_net_says(default: Segmenter) -> None:
    text = LETTER * 6
    assert sentences(default, text) == sentences(segmenter("sentences-full"), text)


def test_slices_leave_no_seam(default: Segmenter, monkeypatch: pytest.MonkeyPatch) -> None:
    text = LETTER * 12
    whole = sentences(default, text)
    monkeypatch.setattr(pieces, "SLICE", 900)
    monkeypatch.setattr(pieces, "SLACK", 200)
    assert sentences(default, text) == whole


def test_blocks_decide_every_piece_once() -> None:
    cutter = pieces.PieceCutter()
    parts = [cutter.cut(word * 7) for word in ("one ", "two ", "three ", "four ")]
    blocks = list(iter_blocks(iter(parts), 3))
    assert [block.last - block.first for block in blocks] == [7, 7, 7, 7]
    assert [block.first for block in blocks] == [0, 3, 3, 3]
    for block, part in zip(blocks, parts, strict=True):
        assert np.array_equal(block.pieces.hashes[block.first : block.last], part.hashes)
    assert list(iter_blocks(iter([]), 3)) == []


def test_bare_stretches() -> None:
    cutter = pieces.PieceCutter()
    finder = BareFinder.make(cutter)
    assert finder.bare(cutter.cut(BARE)).all()
    assert not finder.bare(cutter.cut(LETTER)).any()


@pytest.mark.parametrize(
    ("name", "least", "most_wrong"),
    [("english_traps", 100, 0.05), ("english_traps_unseen", 30, 0.2)],
    ids=["known while the threshold was chosen", "written afterwards"],
)
def test_english_traps(default: Segmenter, name: str, least: int, most_wrong: float) -> None:
    lines = (Path(__file__).parent / "data" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    cases = [[sentence.replace("\\n", "\n") for sentence in line.split(" | ")] for line in lines]
    wrong = [case for case in cases if sentences(default, " ".join(case)) != case]
    assert len(cases) >= least
    assert len(wrong) <= most_wrong * len(cases), wrong
