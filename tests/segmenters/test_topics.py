"""The shipped section model behind the protocol: where it looks, and that it sees a change of topic."""

from functools import cache
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segtool.core.document import Document, Paragraph
from segtool.core.span import Span
from segtool.errors import ModelError
from segtool.inference.card import load_card, verify
from segtool.inference.store import built_in_folder
from segtool.inference.topic_model import MARGIN, WINDOW, TopicModel
from segtool.segmenters.topics import MAIN_COLUMN, TopicSegmenter, unit_spans

FOLDER = built_in_folder() / "topics"
needs_model = pytest.mark.skipif(not FOLDER.is_dir(), reason="models/topics is not here")

LEASE = (
    "The tenant shall pay the monthly rent to the landlord on the first day of each month.",
    "If the rent is late, the landlord may charge the tenant interest on the unpaid rent.",
    "The rent does not include electricity, which the tenant pays to the supplier.",
    "At the end of the lease the tenant returns the keys of the flat to the landlord.",
    "The landlord keeps the deposit until the tenant has left the flat and paid the rent.",
)
BREAD = (
    "Mix the flour with water and yeast, and knead the dough until it is smooth.",
    "Let the dough rise in a warm kitchen until it has doubled in size.",
    "Shape the dough into loaves and dust the loaves with flour before baking.",
    "Bake the bread in a hot oven until the crust is brown.",
    "Fresh bread keeps two days in a paper bag, and the crust stays crisp.",
)


def document(*texts: str, kinds: dict[int, str] | None = None) -> Document:
    at, paragraphs = 0, []
    for i, text in enumerate(texts):
        paragraphs.append(Paragraph(Span(at, at + len(text)), (kinds or {}).get(i, "body")))  # type: ignore[arg-type]
        at += len(text) + 2
    return Document("d", "\n\n".join(texts), tuple(paragraphs))


@cache
def shipped() -> TopicSegmenter:
    return TopicSegmenter(load_card(FOLDER))


@pytest.fixture
def segmenter() -> TopicSegmenter:
    if not FOLDER.is_dir():
        pytest.skip("models/topics is not here")
    return shipped()


@pytest.fixture(scope="module")
def model() -> TopicModel:
    if not FOLDER.is_dir():
        pytest.skip("models/topics is not here")
    return TopicModel.load(load_card(FOLDER))


def test_furniture_is_no_unit() -> None:
    pages = document("one", "two", "7", "three", "four", kinds={2: "furniture"})
    assert [pages.text[a:b] for a, b in unit_spans(pages)] == ["one", "two", "three", "four"]


def test_sentences_are_units_where_paragraphs_are_few_or_huge() -> None:
    line = "We met on Monday. The budget was late. Nobody knew why. Then lunch came."
    assert len(unit_spans(document(line))) == 4
    huge = document(*["The rent is due. " * 200 + "End."] * 5)
    assert len(unit_spans(huge)) == 5 * 201
    assert unit_spans(Document("e", "")) == []


@needs_model
def test_card_names_the_files_that_are_here() -> None:
    card = load_card(FOLDER)
    verify(card)
    assert sum(file.n_bytes for file in card.files) <= 15_000_000


def test_topic_changes_between_lease_and_bread(segmenter: TopicSegmenter) -> None:
    scores = next(segmenter.score([document(*LEASE, *BREAD)]))["section"]
    assert scores.probabilities.shape == (9, 5)
    assert int(scores.probabilities[:, MAIN_COLUMN].argmax()) == 4
    transcript = next(segmenter.score([document(" ".join(LEASE + BREAD))]))["section"]
    assert int(transcript.probabilities[:, MAIN_COLUMN].argmax()) == 4


def test_numbered_headings_start_sections(segmenter: TopicSegmenter) -> None:
    keys = ["The tenant receives two keys of the flat and one of the cellar.", "Lost keys are replaced by the tenant."]
    notice = ["Either party may end the lease by notice of three months.", "The notice is given in writing."]
    texts = ["1. Rent", *LEASE[:3], "2. Deposit", *LEASE[3:], "3. Keys", *keys, "4. Notice", *notice]
    scores = next(segmenter.score([document(*texts)]))["section"]
    found = {i + 1 for i, row in enumerate(scores.probabilities[:, 0]) if row >= 0.4}
    assert found == {4, 7, 10}


def test_windows_agree_with_one_look(model: TopicModel) -> None:
    texts = [*LEASE, *BREAD] * 120
    chances = model.probabilities(texts)
    assert chances.shape == (1200, 5)
    assert np.array_equal(chances, model.probabilities(texts))
    start = WINDOW - 2 * MARGIN  # what the second window sees, alone
    alone = model.probabilities(texts[start : start + WINDOW])
    inside = slice(MARGIN + 40, WINDOW - MARGIN - 40)
    assert np.abs(alone[inside] - chances[start:][inside]).mean() < 0.05


@needs_model
@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=80).filter(lambda t: bool(t.strip())), max_size=12))
def test_any_text_has_scores_in_range(texts: list[str]) -> None:
    trimmed = [t.strip() for t in texts]
    scores = next(shipped().score([document(*trimmed)]))["section"]  # Scores checks order and range itself
    assert len(scores) <= max(0, sum(map(len, trimmed)))


@needs_model
def test_a_damaged_model_is_a_model_error(tmp_path: Path) -> None:
    copy = tmp_path / "topics"
    copytree(FOLDER, copy)
    (copy / "tables-1.npz").write_bytes(b"PK" + bytes((copy / "tables-1.npz").stat().st_size - 2))
    with pytest.raises(ModelError, match=r"tables-1\.npz"):
        TopicSegmenter(load_card(copy))
    (copy / "tables-1.npz").write_bytes(b"short")
    with pytest.raises(ModelError, match="corrupt"):
        TopicSegmenter(load_card(copy))
