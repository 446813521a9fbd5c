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
from segtool.inference import sentence_stream
from segtool.inference.card import load_card
from segtool.inference.pieces import Runs
from segtool.inference.sentence_batch import decide_at_once
from segtool.inference.sentence_cascade import Float32, Int64, SentenceCascade
from segtool.inference.sentence_net import SentenceNet
from segtool.inference.sentence_scan import N_LOOKS, SentenceScan, looks
from segtool.inference.sentence_stream import SentenceStream
from segtool.inference.store import find_model
from segtool.segmenters.decode import log_odds

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


def scan(name: str = "sentences") -> SentenceScan:
    """Its first stage."""
    found = cascade(name).scan
    assert found is not None
    return found


def all_looks(runs: Runs) -> list[int]:
    """What every piece looks like."""
    found: list[int] = looks(runs, np.arange(len(runs))).tolist()
    return found


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
    kept, odds = scan("sentences-scan").sieve(runs, 0, len(runs) - 1)
    assert len(kept) < len(runs) / 3
    ends = {text.rstrip()[-2:] for text in (TEXT[: runs.ends[gap]] for gap in kept if runs.ends[gap] <= len(TEXT))}
    assert {"m.", "x!", "6."} <= ends
    part, part_odds = scan("sentences-scan").sieve(runs, 40, 90)
    inside = (kept >= 40) & (kept < 90)
    assert part.tolist() == kept[inside].tolist()
    assert part_odds.tolist() == odds[inside].tolist()


def test_where_the_sieve_is_sure_its_word_stands() -> None:
    model = find_model("sentences", None)
    assert model is not None
    runs = cascade().cutter.runs(TEXT * 3, 0)
    plain = SentenceScan(Path(model.folder) / "scan.npz", -3.0)
    sure = SentenceScan(Path(model.folder) / "scan.npz", -3.0, 4.0)
    gaps, odds = plain.sieve(runs, 0, len(runs) - 1)
    same, found = sure.decide(runs, 0, len(runs) - 1)
    assert same.tolist() == gaps.tolist()
    assert 0 < (odds >= 4).sum() < len(odds)
    assert found.tolist() == pytest.approx(np.where(odds >= 4, odds, plain.logits(runs, gaps)).tolist(), abs=1e-4)


@settings(deadline=None, max_examples=25)
@given(st.lists(TEXTS | st.sampled_from(["", " ", "次", "これは文です。次の文", "no marks at all " * 30]), max_size=6))
@pytest.mark.parametrize("name", ["sentences", "sentences-gate", "sentences-scan"])
def test_texts_read_at_once_are_answered_as_alone(name: str, texts: list[str]) -> None:
    at_once = decide_at_once(cascade(name), texts, [None] * len(texts)) if texts else []
    for text, found in zip(texts, at_once, strict=True):
        if found is None:
            continue  # the net is asked
        parts = list(SentenceStream(cascade(name)).read(text))
        assert np.concatenate([part.offsets for part in parts]).tolist() == found.offsets.tolist()
        assert np.concatenate([part.chances for part in parts]) == pytest.approx(found.chances, abs=1e-4)
        assert np.concatenate([part.bare for part in parts]).tolist() == found.bare.tolist()


def test_only_texts_that_need_the_net_are_left_to_it() -> None:
    sure, bare = "It rained. We left.", "it rained all day and nobody came to see us " * 12
    found = decide_at_once(cascade(), [sure, bare, "", sure], [None] * 4)
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


def chances(model: SentenceCascade, text: str, language: str | None) -> dict[int, float]:
    """What a model says of a text: chances by offset."""
    parts = list(SentenceStream(model, language).read(text))
    return {o: c for part in parts for o, c in zip(part.offsets.tolist(), part.chances.tolist(), strict=True)}


@settings(deadline=None, max_examples=15)
@given(TEXTS)
def test_a_language_without_limits_is_read_whole_by_the_net(text: str) -> None:
    card = cascade()._card
    whole = SentenceCascade(replace(card, parameters={**card.parameters, "limits": {"en": []}}))
    assert whole.limits("en") is None
    assert whole.limits("de") == whole.limits(None) is not None
    assert chances(whole, text, "en") == chances(cascade("sentences-full"), text, "en")
    assert decide_at_once(whole, [text, text], ["en", "en"]) == [None, None]


def test_each_stage_is_asked_only_of_what_the_one_before_is_unsure_of(monkeypatch: pytest.MonkeyPatch) -> None:
    card, asked = cascade()._card, list[tuple[int, int]]()
    answers_at = SentenceNet.answers_at

    def noted(net: SentenceNet, runs: Runs, gaps: Int64, width: int, language: str | None) -> Float32:
        asked.append((width, len(gaps)))
        return answers_at(net, runs, gaps, width, language)

    monkeypatch.setattr(SentenceNet, "answers_at", noted)
    monkeypatch.setattr(sentence_stream, "CROWD", 10_000)
    for bounds, widths in (
        ([-99, 99, -99, 99, -99, 99], [32, 128]),
        ([-99, 99, -99, 99, 0, 0], [32]),
        ([-99, 99, 0, 0, 0, 0], []),
        ([0, 0, -99, 99, -99, 99], []),
    ):
        asked.clear()
        given = {**card.parameters, "limits": {"en": bounds}, "narrow_window": 32, "wide_window": 128}
        chances(SentenceCascade(replace(card, parameters=given)), TEXT * 3, "en")
        assert [width for width, n in asked if n] == widths


def test_a_place_full_of_doubts_is_read_as_the_full_net_reads_it() -> None:
    card = cascade()._card
    given = {**card.parameters, "limits": {"en": [-99, 99, -99, 99, -99, 99]}}
    found = chances(SentenceCascade(replace(card, parameters=given)), TEXT * 3, "en")
    full = chances(cascade("sentences-full"), TEXT * 3, "en")
    assert len(found) > 20
    assert [found[offset] for offset in found] == pytest.approx([full.get(offset, 0.0) for offset in found], abs=0.02)


def test_white_space_of_two_characters_counts_in_bare_stretches() -> None:
    card = cascade("sentences-full")._card
    text = "we went down to the harbour  it was closed and nobody had told us " * 3
    place = text.index("it was")
    less, more = (
        chances(SentenceCascade(replace(card, parameters={**card.parameters, "bare_wide": wide})), text, None)
        for wide in (0.0, 3.0)
    )
    assert log_odds(more[place]) - log_odds(less[place]) == pytest.approx(3, abs=0.05)
    narrow = {offset for offset in less if text[offset - 2 : offset] != "  "}
    assert narrow
    assert all(more[offset] == less[offset] for offset in narrow)
