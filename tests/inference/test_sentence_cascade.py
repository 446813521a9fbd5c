"""The stages of a sentence model answer for a gap alone as they do for all gaps of a text."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import segtool
from segtool.inference.card import load_card
from segtool.inference.pieces import Runs
from segtool.inference.sentence_batch import decide_at_once
from segtool.inference.sentence_cascade import SentenceCascade
from segtool.inference.sentence_scan import N_LOOKS, SentenceScan, looks
from segtool.inference.sentence_stream import SentenceStream
from segtool.inference.store import find_model

TEXT = (
    "Dr. Osei met Mr. Lund at 5 p.m. They spoke, i.e. until six! See Fed. R. Civ. P. 12(b)(6); id. at 5-6.\r\n\r\n"
    "ARTICLE IV\nTerm\n(a) the lease; (b) the annex…  これは文です。次の文。 No space here.Another one? “Yes.” "
)
TEXTS = st.lists(st.sampled_from(TEXT.split(" ")) | st.text(max_size=8), max_size=40).map(" ".join)


@cache
def cascade(name: str = "sentences") -> SentenceCascade:
    """A model of sentences."""
    model = find_model(name, None)
    assert model is not None
    return SentenceCascade(load_card(Path(model.folder)))


def scan() -> SentenceScan:
    """Its first stage."""
    found = cascade().scan
    assert found is not None
    return found


def all_looks(runs: Runs) -> list[int]:
    """What every piece looks like."""
    return looks(runs, np.arange(len(runs))).tolist()


@settings(deadline=None, max_examples=25)
@given(TEXTS)
def test_looks_are_numbers_of_the_table(text: str) -> None:
    runs = cascade().cutter.runs(text, 0)
    found = all_looks(runs)
    assert len(found) == len(runs)
    assert all(look < N_LOOKS for look in found)


def test_words_look_like_their_case_and_marks_like_themselves() -> None:
    def seen(text: str) -> list[int]:
        return all_looks(cascade().cutter.runs("x " + text, 0))[1:]

    assert seen("walk") == seen("talk")
    assert len({*seen("walk"), *seen("Walk"), *seen("WALK"), *seen("4321"), *seen("walked"), *seen(".")}) == 6
    assert seen(".") != seen("?")
    assert seen(".") != seen("...")


@settings(deadline=None, max_examples=25)
@given(TEXTS)
def test_every_stage_answers_for_a_gap_alone_as_for_all(text: str) -> None:
    runs = cascade().cutter.runs(text, 0)
    if len(runs) < 3:
        return
    gaps = np.arange(len(runs) - 1)
    whole, judged = scan().logits(runs, gaps), cascade().gated(runs, gaps)
    for gap in gaps[:: max(1, len(gaps) // 4)]:
        alone = np.array([gap])
        assert scan().logits(runs, alone)[0] == pytest.approx(whole[gap], abs=1e-4)
        assert cascade().gated(runs, alone)[0] == pytest.approx(judged[gap], abs=1e-3)


def test_the_sieve_drops_most_gaps_and_keeps_the_ends() -> None:
    runs = cascade().cutter.runs(TEXT * 3, 0)
    kept = scan().sieve(runs, 0, len(runs) - 1)
    assert len(kept) < len(runs) / 2
    ends = {text.rstrip()[-2:] for text in (TEXT[: runs.ends[gap]] for gap in kept if runs.ends[gap] <= len(TEXT))}
    assert {"m.", "x!", "6."} <= ends
    part = scan().sieve(runs, 40, 90)
    assert part.tolist() == [gap for gap in kept.tolist() if 40 <= gap < 90]


@settings(deadline=None, max_examples=25)
@given(st.lists(TEXTS | st.sampled_from(["", " ", "次", "これは文です。次の文", "no marks at all " * 30]), max_size=6))
@pytest.mark.parametrize("name", ["sentences", "sentences-gate", "sentences-scan"])
def test_texts_read_at_once_are_answered_as_alone(name: str, texts: list[str]) -> None:
    for text, found in zip(texts, decide_at_once(cascade(name), texts) if texts else [], strict=True):
        if found is None:
            continue  # the net is asked
        parts = list(SentenceStream(cascade(name)).read(text))
        assert np.concatenate([part.offsets for part in parts]).tolist() == found.offsets.tolist()
        assert np.concatenate([part.chances for part in parts]) == pytest.approx(found.chances, abs=1e-4)
        assert np.concatenate([part.bare for part in parts]).tolist() == found.bare.tolist()


def test_only_texts_that_need_the_net_are_left_to_it() -> None:
    sure, bare = "It rained. We left.", "it rained all day and nobody came to see us " * 12
    found = decide_at_once(cascade(), [sure, bare, "", sure])
    assert [part is None for part in found] == [False, True, False, False]


def test_no_net_is_opened_for_a_sure_text() -> None:
    model = find_model("sentences", None)
    assert model is not None
    fresh = SentenceCascade(load_card(Path(model.folder)))
    assert "net" not in vars(fresh)
    assert segtool.split("It rained. We left.") == ["It rained.", "We left."]


def test_a_language_may_have_its_own_calibration_in_bare_stretches() -> None:
    card = cascade()._card
    given = replace(card, parameters={**card.parameters, "bare_lines": {"en": [1.0, -3.0]}})
    found = SentenceCascade(given)
    logits = np.array([0.0, 2.0], np.float32)
    assert found.bare_line("en")(logits).tolist() == [-3.0, -1.0]
    assert found.bare_line("de") == found.bare_line(None) != found.bare_line("en")
