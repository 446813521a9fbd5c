"""Fitting the blend: what is read of a document, and the calibration."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from segtool.segmenters.outline import look
from segtool.training.outline_blend import Example, calibrate, figures, keyed, reliability
from segtool.training.sections_outline import as_document

RECORD = {
    "paragraphs": [
        {"text": "1. Rent.", "kind": "heading", "level": 1, "path": [], "run_in": True},
        {"text": "It is due in May.", "kind": "body", "level": 0, "path": ["1. Rent."]},
        {"text": "2. End.", "kind": "heading", "level": 1, "path": [], "run_in": True},
        {"text": "It ends in June.", "kind": "body", "level": 0, "path": ["2. End."]},
    ]
}


def test_a_document_is_read_with_headings_without_and_with_run_in_ones() -> None:
    assert [text for text, _ in keyed(RECORD, "kept")] == [p["text"] for p in RECORD["paragraphs"]]
    assert [text for text, _ in keyed(RECORD, "dropped")] == ["It is due in May.", "It ends in June."]
    assert keyed(RECORD, "joined") == [
        ("1. Rent. It is due in May.", ("1. Rent.",)),
        ("2. End. It ends in June.", ("2. End.",)),
    ]


def _examples() -> list[Example]:
    import numpy as np

    body = "The tenant pays what is due, in advance, into the account that the landlord names in writing."
    pairs = [(text, 0) for i in range(1, 9) for text in (f"{i}. Part number {i}", body, body)]
    document = as_document(pairs, "lease")
    opens = np.array([i > 0 and i % 3 == 0 for i in range(len(pairs))])
    return [
        Example("lease", tuple(text for text, _ in pairs), "kept", "contract", 1, look(document, None), opens, opens)
    ]


def test_calibration_lowers_the_error_on_what_it_is_fitted_to() -> None:
    from segtool.segmenters.blend import Weights

    examples = _examples()
    fitted = calibrate(examples, Weights())
    assert fitted.slope > 0
    assert reliability(examples, fitted)[0] <= reliability(examples, Weights())[0] + 0.02


def test_figures_are_those_of_the_scorer() -> None:
    from segtool.segmenters.blend import Weights

    assert figures(_examples(), Weights())["kept contract"] == (0.0, 1.0)
