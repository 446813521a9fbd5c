"""spaCy as a segmenter: certain starts, the same whether a text goes through whole or in slices."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.core.document import Document
from segtool.errors import ModelError
from segtool.segmenters.spacy_rules import SpacySegmenter

TEXT = "One. Two! \n\n Three? Four."
WHOLE, SLICED = SpacySegmenter("en"), SpacySegmenter("en", slice_length=40)


def starts(segmenter: SpacySegmenter, text: str) -> list[int]:
    return next(iter(segmenter.score([Document("x", text)])))["sentence"].offsets.tolist()


def test_by_hand() -> None:
    scores = next(iter(WHOLE.score([Document("x", TEXT)])))["sentence"]
    assert [TEXT[start:].split()[0] for start in scores.offsets] == ["Two!", "Three?", "Four."]
    assert set(scores.probabilities.tolist()) == {1.0}


def test_one_each_in_order() -> None:
    documents = [Document("a", TEXT), Document("b", ""), Document("c", " \n"), Document("d", "One")]
    assert [len(scores["sentence"]) for scores in WHOLE.score(iter(documents))] == [3, 0, 0, 0]


@given(st.lists(st.sampled_from(["The roof leaks. ", "Who pays? ", "No one!\n\n", "It rained 3.5 cm. "]), max_size=30))
def test_slices_change_nothing(parts: list[str]) -> None:
    text = "".join(parts)
    assert starts(SLICED, text) == starts(WHOLE, text)


@given(st.text(st.characters() | st.sampled_from("ab. \n。!?"), max_size=120))
def test_any_text(text: str) -> None:
    for segmenter in (WHOLE, SLICED):
        for offset in starts(segmenter, text):
            assert not text[offset].isspace()


def test_longer_than_the_pipeline_allows() -> None:
    text = "A short sentence. " * 60_000
    assert len(text) > 1_000_000
    assert starts(WHOLE, text) == list(range(18, len(text), 18))


def test_an_installed_pipeline_runs_only_what_finds_sentences(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    nlp = spacy.blank("en")
    for pipe in ("tagger", "sentencizer", "ner"):
        nlp.add_pipe(pipe)
    nlp.get_pipe("tagger").add_label("X")
    nlp.get_pipe("ner").add_label("Y")
    nlp.initialize()
    nlp.to_disk(tmp_path / "pipeline")
    assert starts(SpacySegmenter(str(tmp_path / "pipeline")), TEXT) == starts(WHOLE, TEXT)


@pytest.mark.parametrize("name", ["qq", "en_core_web_nothing", "", "En"])
def test_unknown_pipelines(name: str) -> None:
    with pytest.raises(ModelError, match=f"spacy:{name}: neither an installed pipeline nor a language of spaCy"):
        SpacySegmenter(name)


def test_a_damaged_pipeline(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="this pipeline can't be loaded"):
        SpacySegmenter(str(tmp_path))
