"""Paragraphs of texts that show none: only there, tiling the text, and on the model's word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.document import Document, Paragraph, Source
from segtool.core.layer import Layer
from segtool.core.scores import Scores
from segtool.core.span import Span
from segtool.loaders import document_of
from segtool.pipeline import segment
from segtool.segmenters.newlines import LEAST_CHARACTERS, long_paragraphs, with_newlines
from segtool.settings import ParagraphMode, ParagraphSettings, SentenceSettings, Settings
from segtool.storage.records import iter_records

ROOT = Path(__file__).parents[2]
with_model = pytest.mark.skipif(not (ROOT / "models" / "sentences" / "card.toml").exists(), reason="no models here")

LEASE = (
    "1. Term. The lease starts on the first of May and runs for three years. It may be renewed once. "
    "2. Rent. The tenant pays 900 euros on the first day of each month. Late payment bears interest at five per cent. "
    "3. Repairs. The landlord keeps roof and walls in good repair. The tenant keeps the inside clean and dry. "
    "4. Notice. Each party may end the lease with notice of three months in writing. The notice must give a reason. "
    "5. Deposit. The tenant leaves a deposit of two months' rent. It is returned within a month after the end. "
    "6. Pets. The tenant may keep small animals. Dogs need the landlord's written consent, which may be withdrawn. "
    "7. Costs. The tenant bears the costs of heating and water. The landlord renders an account once a year. "
    "8. Use. The rooms are let as a dwelling. Any other use needs consent in writing. "
    "9. Access. The landlord may enter after two days' notice. In an emergency no notice is needed. "
    "10. End. At the end the tenant hands over all keys. What was built in stays where it is. "
    "11. Law. This lease is governed by the law of the place where the house stands. The courts there decide. "
    "12. Form. Changes of this lease need a signed paper. No promise made by word of mouth counts. "
    "13. Gaps. If a clause is void, the others stand. The parties put in its place what comes nearest to it. "
    "14. Keys. The tenant has three keys. A lost key is paid for, and so is the lock if it must be changed for it. "
    "15. Sublease. The tenant may take in a lodger with consent. Consent may not be refused without a good reason."
)


def units(text: str, mode: ParagraphMode = "auto", threshold: float | None = None) -> list[str]:
    """The paragraphs of a plain text."""
    settings = Settings(paragraphs=ParagraphSettings(mode, threshold))
    return [u.text for u in segment(text, layers=("paragraph",), settings=settings).paragraphs]


@with_model
def test_a_long_text_on_one_line_falls_into_paragraphs() -> None:
    found = units(LEASE)
    assert " ".join(found) == LEASE
    clauses = {text.split(".")[0] for text in found if text[0].isdigit()}
    assert len(clauses) >= 10
    assert len(found) <= 22


@with_model
def test_keep_and_short_texts_leave_it_whole() -> None:
    assert units(LEASE, "keep") == [LEASE]
    short = LEASE[: LEAST_CHARACTERS // 2]
    assert len(units(short)) == 1


@with_model
def test_a_text_that_shows_paragraphs_keeps_them_unless_told_otherwise() -> None:
    text = "First paragraph, a short one.\n\n" + LEASE
    assert units(text) == ["First paragraph, a short one.", LEASE]
    assert units(text, "model")[0] == "First paragraph, a short one."
    assert len(units(text, "model")) > 10


@with_model
def test_threshold_and_line_breaks_of_a_wrapped_text() -> None:
    assert len(units(LEASE, threshold=0.9)) < len(units(LEASE, threshold=0.1))
    assert units(LEASE, threshold=1.0) == [LEASE]
    wrapped = LEASE.replace(". The", ".\nThe").replace("and ", "and\n")
    spaced = [" ".join(text.split()) for text in units(wrapped, "model")]
    assert " ".join(spaced) == LEASE


@with_model
def test_records_tile_the_text_and_say_where_starts_come_from() -> None:
    segmentation = segment(LEASE, layers=("paragraph", "sentence"))
    records = list(iter_records(segmentation, segmentation.layers["paragraph"]))
    assert records[0]["origin"] == "rule"
    assert records[0]["score"] is None
    assert all(r["origin"] == "model" and 0 < r["score"] <= 1 for r in records[1:])
    assert all((r["kind"], r["level"]) == ("body", 0) for r in records)
    assert [r["index"] for r in records] == list(range(len(records)))
    assert all(LEASE[r["start"] : r["end"]] == r["text"] for r in records)
    assert segmentation.made_by["paragraph"].model == "sentences"


@with_model
def test_models_that_know_no_paragraphs_leave_it_to_the_default() -> None:
    settings = Settings(sentences=SentenceSettings(model="spacy:en"))
    assert len(segment(LEASE, layers=("paragraph",), settings=settings).paragraphs) > 5


@with_model
def test_documents_with_paragraphs_of_their_own_are_left_alone() -> None:
    document = Document("d", LEASE, (Paragraph(Span(0, len(LEASE))),), source=Source("d.docx", "docx"))
    assert len(segment(document, layers=("paragraph",)).paragraphs) == 1


def test_modes_choose_where_to_look() -> None:
    one, two = document_of("a " * LEAST_CHARACTERS), document_of("Short.\n\n" + "a " * LEAST_CHARACTERS)
    assert [len(long_paragraphs(d, "auto")) for d in (one, two)] == [1, 0]
    assert [len(long_paragraphs(d, "model")) for d in (one, two)] == [1, 1]
    assert [len(long_paragraphs(d, "keep")) for d in (one, two)] == [0, 0]


@given(st.sets(st.integers(1, 39)), st.sets(st.integers(1, 39)), st.sampled_from([0.05, 0.45, 0.95]))
def test_the_loaders_starts_stay_and_those_of_the_model_join_them(
    own: set[int], more: set[int], threshold: float
) -> None:
    layer = Layer.from_offsets("paragraph", 40, np.array(sorted(own), np.int64), origin="rule")
    chances = np.array([(offset % 10) / 10 for offset in sorted(more)], np.float32)
    scores = Scores("paragraph", 40, np.array(sorted(more), np.int64), chances)
    paragraphs = [Paragraph(Span(start, start)) for start in sorted(own)]
    found = with_newlines(layer, scores, threshold, paragraphs)
    strong = {o for o, c in zip(sorted(more), chances.tolist(), strict=True) if c >= threshold}
    assert found.offsets.tolist() == sorted({0} | own | strong)
    assert {b.offset for b in found if b.origin == "rule"} == {0} | own
    assert all((b.score is None) == (b.origin == "rule") for b in found)
