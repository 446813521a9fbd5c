"""The evidence of one paragraph: what speaks for and against a section there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segtool.core.document import Document
from segtool.core.scores import Scores
from segtool.loaders.paragraphs import find_paragraphs
from segtool.segmenters.outline import section_layer
from segtool.segmenters.reasons import SectionReasons
from tests.segmenters.test_outline import BODY, LEASE, _marked, _text


def test_every_paragraph_has_its_reasons_the_weightiest_first() -> None:
    document = _text(LEASE)
    reasons = SectionReasons(document, None)
    for paragraph in document.paragraphs:
        found = reasons.at(paragraph.span.start)
        weights = [abs(reason.weight or 0) for reason in found]
        assert found
        assert weights == sorted(weights, reverse=True)
        assert found == reasons.at(paragraph.span.end - 1)


def test_the_number_and_its_series_are_said() -> None:
    texts = [reason.text for reason in SectionReasons(_text(LEASE), None).at(LEASE.index("3. Term"))]
    assert "numbered 3" in texts
    assert "next in its series, the next number follows" in texts


def test_a_heading_has_more_for_it_than_a_sentence() -> None:
    reasons = SectionReasons(_text(LEASE), None)
    heading = reasons.chance(LEASE.index("4. Repairs"))
    sentence = reasons.chance(LEASE.index("5 days after"))
    assert heading is not None
    assert sentence is not None
    assert heading > 0.5 > sentence


def test_the_chance_is_the_score_of_the_boundary() -> None:
    document = _text(LEASE)
    reasons = SectionReasons(document, None)
    for boundary in list(section_layer(document, None, 0.4))[1:]:
        assert boundary.score == pytest.approx(reasons.chance(boundary.offset))


def test_what_the_source_marks_is_certain() -> None:
    document = _marked(("Fees", "heading", 2), BODY, ("Appeal", "heading", 2), BODY)
    reasons = SectionReasons(document, None)
    assert [(r.source, r.weight) for r in reasons.at(0)] == [("layout", None)]
    assert reasons.chance(0) is None


def test_without_headings_the_topic_is_the_reason() -> None:
    document = _marked(*[BODY] * 12, format="text")
    offsets = np.array([p.span.start for p in document.paragraphs[1:]])
    main = np.full(11, 0.02, np.float32)
    main[4] = 0.9
    scores = Scores("section", len(document.text), offsets, np.repeat(main[:, None], 5, axis=1))
    reasons = SectionReasons(document, scores)
    (reason,) = reasons.at(int(offsets[4]))
    assert (reason.source, reasons.chance(int(offsets[4]))) == ("topic", pytest.approx(0.9))
    assert reason.weight is not None
    assert reason.weight > 0
    assert reasons.at(0) == ()


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=200), st.integers(-5, 250))
def test_any_place_of_any_text_can_be_asked(text: str, offset: int) -> None:
    document = Document("any", text, find_paragraphs(text))
    assert isinstance(SectionReasons(document, None).at(offset), tuple)
