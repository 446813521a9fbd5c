"""Calibration error by hand, and a picture that is well-formed."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

from segtool.training.sentences.pack import Record
from segtool.training.sentences.reliability import Candidates, groups_of, table
from segtool.training.sentences.reliability_picture import LEAST_COUNT, picture


def candidates() -> Candidates:
    """40 of chance .25, of which a half are right, and 60 of chance .95, all right."""
    chances = np.repeat([0.25, 0.95], [40, 60])
    return Candidates(chances, np.concatenate([np.arange(40) % 2 == 0, np.ones(60, np.bool_)]))


def test_the_error_is_the_mean_distance_of_chance_and_share() -> None:
    assert candidates().error() == pytest.approx(0.4 * 0.25 + 0.6 * 0.05)
    assert Candidates.joined([]).error() == 0
    assert Candidates.joined([candidates()] * 2).error() == pytest.approx(candidates().error())


def test_scores_without_fault_show_less_error_the_more_candidates_there_are() -> None:
    chances = np.linspace(0.05, 0.95, 200)
    few, many = (Candidates(np.tile(chances, n), np.zeros(200 * n, np.bool_)) for n in (1, 50))
    assert 0.03 < few.least_error() < 0.1
    assert many.least_error() < few.least_error() / 4


def test_a_document_counts_for_every_group_that_it_belongs_to() -> None:
    court = Record("", (), "en", "sbd_adjudicatory_dec/scotus", "sentence", "legal")
    assert groups_of(court, "clean") == ["court decisions", "all legal", "English, all files"]
    assert groups_of(court, "bare") == ["court decisions", "English, all files"]
    assert groups_of(Record("", (), "th", "UD_Thai-TUD", "sentence", "ud"), "bare") == []


def test_table_and_picture_show_every_group() -> None:
    rows = {"clean": {"court & all": (candidates(), 0.031)}}
    assert table(rows)[-1].startswith("| clean: court & all | 100 | 0.130 | 0.031 | 0.0")
    few = [(0.5, 0.5, LEAST_COUNT - 1)]
    root = ElementTree.fromstring(picture("m <1>", {"clean": {"court & all": candidates().bins()}, "bare": {"x": few}}))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "court & all (100)" in texts
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 2
