"""What is known of two headings in a row, and what the shipped weights make of it."""

from __future__ import annotations

import numpy as np

from segtool.core.document import Document
from segtool.loaders.paragraphs import find_paragraphs
from segtool.segmenters.cohesion import N_COHESION, read_cohesion
from segtool.segmenters.evidence import evidence
from segtool.segmenters.moves import N_COLUMNS, move_rows
from segtool.segmenters.scorer import load_scorer

BODY = "The bees fly out in spring, as soon as the air is warm, and come home with pollen and with water."


def _moves(*texts: str) -> tuple[np.ndarray, np.ndarray]:
    text = "\n\n".join(texts)
    lines, sequence, rows = evidence(Document("bees", text, find_paragraphs(text)))
    chosen = np.array([i for i, line in enumerate(texts) if line != BODY])
    found = move_rows(lines, sequence, rows, chosen)
    return found, load_scorer().moves(found)


def test_there_is_a_row_for_each_step_and_none_for_a_lone_heading() -> None:
    assert _moves("The hive", BODY, "The swarm", BODY, "The honey", BODY)[0].shape == (2, N_COLUMNS)
    assert _moves("The hive", BODY)[0].shape == (0, N_COLUMNS)


def test_a_heading_right_under_a_heading_is_sooner_below_it() -> None:
    rest = ("Wax and frames", BODY, "Bees of the hive", BODY, "The year", BODY, "Work in spring", BODY)
    apart, adjacent = (_moves("The hive", *between, *rest)[1] for between in ((BODY,), ()))
    assert adjacent[0, 0] > apart[0, 0] + 0.5


def test_numbers_of_one_series_are_side_by_side() -> None:
    _, logs = _moves("1. The hive", BODY, "2. The swarm", BODY, "3. The honey", BODY, "4. The winter", BODY)
    assert (logs.argmax(axis=1) == 1).all()
    assert np.allclose(np.exp(logs).sum(axis=1), 1, atol=1e-3)


def test_the_words_of_a_heading_come_back_below_it_not_above() -> None:
    text = "\n\n".join(["Nothing of this kind is said up here.", "Pollen and water", BODY, "count(bees) = 40"])
    lines = evidence(Document("bees", text, find_paragraphs(text)))[0]
    columns = read_cohesion(text, lines)
    assert columns.shape == (4, N_COHESION)
    assert columns[1].tolist() == [1, 0, 1, 1, 0]
    assert columns[3, 4] == 1
