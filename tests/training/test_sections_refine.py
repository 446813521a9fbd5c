"""Teaching the body of one section model what several know: its examples, and which teachers it learns from."""

# ruff: noqa: E402  # torch is asked for before what imports it

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from segtool.inference.session import open_session
from segtool.inference.topic_features import SectionShape
from segtool.inference.topic_model import TopicModel, TopicTables
from segtool.training.sections.corpus import RawRecord, SectionRecord
from segtool.training.sections.export import write_body, write_tables
from segtool.training.sections.network import SectionNet
from segtool.training.sections.prepare import half_of
from segtool.training.sections.refine import Shares, Teachers, joined_units, refine, section_units

SHAPE = SectionShape(bits=10, width=16, sketch=64, form_width=8, body=32, layers=1, heads=2)
BODY = "The tenant pays the rent each month. The owner mends the roof when it leaks."
DOCUMENT = SectionRecord(
    "lease",
    "en",
    "contract",
    1,
    ((1, False, "1. Rent"), (0, False, BODY), (0, False, BODY), (1, False, "2. Term"), (0, False, BODY)),
)


class Saying:
    """A model that says one chance everywhere."""

    def __init__(self, chance: float) -> None:
        self.chance = chance

    def probabilities(self, texts: list[str]) -> np.ndarray:
        return np.full((len(texts), 5), self.chance, np.float32)


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> TopicModel:
    folder: Path = tmp_path_factory.mktemp("student")
    write_tables(SectionNet(SHAPE), folder / "tables.npz")
    write_body(SectionNet(SHAPE), folder / "body.onnx")
    return TopicModel([(TopicTables.load(folder / "tables.npz"), open_session(folder / "body.onnx"))])


def test_documents_are_seen_with_and_without_their_headings() -> None:
    both = list(section_units([DOCUMENT], Shares(kept=1, dropped=1, sentences=0), random.Random(0)))
    assert [labels[:, 0].tolist() for _, labels, _ in both] == [[0, 0, 0, 1, 0], [0, 0, 1]]
    (_, (texts, labels, half)) = section_units([DOCUMENT], Shares(kept=1, dropped=1, sentences=1), random.Random(0))
    assert texts == BODY.replace(". ", ".|").split("|") * 3
    assert labels[:, 4].tolist() == [0, 0, 0, 0, 1, 0]
    assert half == half_of("lease")


def test_joined_documents_change_where_another_begins() -> None:
    records = [RawRecord(f"r{i}", "en", "news", (f"Item {i} is told here at some length.",) * 30) for i in range(9)]
    found = list(joined_units(records, Shares(joined=30), random.Random(1)))
    assert len(found) > 20
    for texts, labels, half in found:
        new = [False] + [a != b for a, b in pairwise(texts)]
        assert labels[:, 4].astype(bool).tolist() == new
        assert half is None


def test_the_judge_that_learnt_from_a_document_does_not_teach_on_it(student: TopicModel) -> None:
    judges = [Saying(0.2), Saying(0.8)]
    teachers = Teachers(student, [], judges)  # type: ignore[arg-type]
    for half in (0, 1):
        example = teachers.example((["a", "b"], np.zeros((2, 5), np.float32), half), gold=0.0)
        assert np.allclose(example.target, judges[1 - half].chance, atol=1e-6)
    joined = teachers.example((["a", "b"], np.ones((2, 5), np.float32), None), gold=1.0)
    assert (joined.target[:, 4] == 1).all()
    assert np.allclose(joined.target[:, :4], student.probabilities(["a", "b"])[:, :4], atol=1e-6)


def test_the_body_learns_what_it_is_taught(student: TopicModel) -> None:
    torch.set_num_threads(1)  # threads that wait for one another take minutes on a busy machine
    texts = [f"{word} here." for word in ("rent", "rent", "term", "term", "fees", "fees")] * 4
    labels = np.zeros((24, 5), np.float32)
    labels[2::2] = 1
    example = Teachers(student, [Saying(0.5)], []).example((texts, labels, 0), gold=1.0)  # type: ignore[list-item]
    body = refine(SectionNet(SHAPE).body, [example], epochs=60, rate=1e-2, seed=1)
    seen = (torch.from_numpy(a[None].astype(np.float32)) for a in (example.inputs.units, example.inputs.patch))
    (logits,) = body(*seen)
    said = logits.detach().numpy() > 0
    assert (said[1:] == (labels[1:] > 0)).mean() > 0.95
