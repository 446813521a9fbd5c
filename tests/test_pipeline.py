"""The pipeline with the models that come with segtool: nasty texts, streams, order, failures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from segtool.core.document import Document
from segtool.core.layer import LAYER_NAMES, Boundary, Layer, LayerName
from segtool.core.scores import Scores
from segtool.errors import LoadError, ModelError, UsageError
from segtool.loaders import document_of, iter_documents
from segtool.pipeline import segment, segment_all, segment_documents, split
from segtool.segmenters.base import FakeSegmenter, ModelInfo
from segtool.settings import ChunkSettings, LoadSettings, SentenceSettings, Settings
from segtool.storage.records import iter_records

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(not (ROOT / "models" / "sentences" / "card.toml").exists(), reason="no models here")

PIECES = (
    *"aB.!? \t\n\r\v\f\0\",;|#*_-'()1",
    *("\r\n", "\n\n", "é", "e\u0301", "\u0301", "שלום. ", "\u200f", "👩\u200d👧", "\u2028", "\u2029", "\x85", "\x1c"),
    *("\ufeff", "\u3000", "第一条", "。", "\U0001f600", "\u00a0", "\u200b", "1. Heading\n", "(a) item\n", "The end. "),
)
NASTY = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


FIXED = (
    *("", " \n\t ", "no final newline", "One.\r\nTwo.\r\n", "\x00", "a" * 3000, "שלום עולם. מה שלומך?"),
    *("e\u0301. " * 20, "👩\u200d👧 Yes. No. " * 9, "\ufeffOne. Two.", "1. A\n\n(a) b;\n\n(b) c.\n\n2. B\n\nText."),
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(NASTY, min_size=20, max_size=20))
@example(list(FIXED))
def test_units_of_any_text_tile_it(texts: list[str]) -> None:
    """Many texts an example: the models are loaded for each stream."""
    chosen = Settings(chunks=ChunkSettings(max_tokens=5))
    documents = [document_of(text, str(i)) for i, text in enumerate(texts)]
    for segmentation in segment_documents(documents, layers=LAYER_NAMES, settings=chosen):
        text = segmentation.document.text
        wanted = {i for i, c in enumerate(text) if not c.isspace()}
        for name in LAYER_NAMES:
            layer = segmentation.layers[name]
            assert "".join(span.of(text) for span in layer.spans()) == text
            covered = [i for r in iter_records(segmentation, layer) for i in range(r["start"], r["end"])]
            assert len(covered) == len(set(covered))
            assert wanted <= set(covered)
        assert all(r["tokens"] <= 5 for r in iter_records(segmentation, segmentation.layers["chunk"]))


def test_split_gives_texts() -> None:
    assert split("It rained. We left.") == ["It rained.", "We left."]
    assert split("One.\n\nTwo.", by="paragraph") == ["One.", "Two."]
    assert split("") == []


def test_a_stream_is_lazy_and_in_order() -> None:
    taken: list[str] = []

    def endless() -> Iterator[Document]:
        i = 0
        while True:
            taken.append(str(i))
            yield Document(str(i), f"Number {i} is here. It stays. " * 50)
            i += 1

    stream = segment_documents(endless(), layers=["sentence", "section"])
    assert [next(stream).document.id for _ in range(3)] == ["0", "1", "2"]
    assert len(taken) < 1000


def test_a_layer_of_the_source_is_kept_and_needs_no_model() -> None:
    text = "One. Two. Three."
    own = Layer.from_boundaries("section", len(text), [Boundary(5, 2, origin="loader")])
    documents = [Document("plain", text), Document("own", text, layers={"section": own}), Document("plain", text)]
    results = list(segment_documents(documents, layers=["section"]))
    assert [s.document.id for s in results] == ["plain", "own", "plain"]
    assert results[1].layers["section"] is own
    assert [s.made_by["section"].model for s in results] == ["topics", "loader", "topics"]


def test_what_made_a_layer_is_recorded() -> None:
    made = segment("One. Two.", layers=LAYER_NAMES).made_by
    assert made["sentence"].model == "sentences"
    assert made["sentence"].threshold is not None
    assert made["paragraph"].model == "loader"
    assert made["chunk"].model == "rule"


def test_length_limits_hold() -> None:
    text = "It rained all day long and nobody went out. We left. They stayed. " * 5
    within = Settings(sentences=SentenceSettings(min_length=20, max_length=60))
    lengths = [len(unit) for unit in split(text, settings=within)]
    assert max(lengths) <= 60
    assert min(lengths) >= 20


def test_unknown_names_are_told_at_once() -> None:
    with pytest.raises(UsageError, match="sentense"):
        segment_documents([], layers=["sentense"])  # type: ignore[list-item]
    with pytest.raises(UsageError, match="tokenizer"):
        segment_documents([], layers=["chunk"], settings=Settings(chunks=ChunkSettings(tokenizer="nowhere")))
    with pytest.raises(ModelError, match="nowhere"):
        segment("One.", settings=Settings(sentences=SentenceSettings(model="nowhere")))


def test_a_corpus_and_a_file_in_one_stream(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"id": "a", "text": "One."}\nbroken\n{"id": "b", "text": "Two."}\n')
    (tmp_path / "t.txt").write_text("Three.")
    errors: list[Exception] = []
    paths = [tmp_path / "c.jsonl", tmp_path / "nowhere", tmp_path / "t.txt"]
    stream = segment_all(paths, layers=["sentence"], on_error=errors.append)
    assert [s.document.text for s in stream] == ["One.", "Two.", "Three."]
    assert len(errors) == 2
    with pytest.raises(LoadError, match="line 2"):
        list(iter_documents(paths, LoadSettings()))


def test_an_empty_corpus_is_empty_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text("\n\n")
    assert list(iter_documents([tmp_path / "c.jsonl"], LoadSettings(format="jsonl"))) == []


@pytest.mark.parametrize(
    ("lang", "stated", "seen"),
    [(None, None, "de"), (None, "de-AT", "de"), ("none", "de", None), ("fr", "de", "fr"), ("auto", None, "de")],
)
def test_segmenters_that_know_languages_see_the_language(
    monkeypatch: pytest.MonkeyPatch, lang: str | None, stated: str | None, seen: str | None
) -> None:
    languages: list[str | None] = []

    class Listener(FakeSegmenter):
        def score(self, documents: Iterable[Document]) -> Iterator[Mapping[LayerName, Scores]]:
            for document in documents:
                languages.append(document.lang)
                yield from super().score([document])

    def listener(_: Settings) -> Listener:
        made = Listener("sentence", {9: 0.4})
        made.info = ModelInfo("listener", threshold=0.5, thresholds={"de": 0.3})
        return made

    monkeypatch.setattr("segtool.segmenters.registry.sentence_segmenter", listener)
    text = "Er ging. Der Mieter hat die Wohnung pfleglich zu behandeln und darf sie ohne Erlaubnis nicht überlassen."
    settings = Settings(sentences=SentenceSettings(lang=lang))
    segmentation = segment(Document("d", text, lang=stated), layers=("sentence",), settings=settings)
    assert languages == [seen]
    assert len(segmentation.sentences) == (2 if seen == "de" else 1)
    assert segmentation.document.lang == stated
