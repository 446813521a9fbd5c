"""A name of a model becomes a segmenter, or an error that says which names there are."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from segtool.errors import ModelError
from segtool.segmenters.registry import SEGMENTERS, resolve_model, section_segmenter, sentence_segmenter
from segtool.settings import SectionSettings, SentenceSettings, Settings

TINY = Path(__file__).parent / "data" / "tiny_sat"


def sentences(name: str, models_path: Path | None = None) -> Settings:
    return Settings(sentences=SentenceSettings(model=name), models_path=models_path)


def test_import_paths_exist() -> None:
    for path in SEGMENTERS.values():
        module, name = path.split(":")
        assert hasattr(importlib.import_module(module), name)


def test_by_folder_and_by_models_path() -> None:
    assert sentence_segmenter(sentences(str(TINY))).info.name == "tiny_sat"
    assert sentence_segmenter(sentences("tiny_sat", TINY.parent)).info.threshold == 0.25


def test_hub_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segtool.inference.hub.fetch", lambda _: TINY)
    assert sentence_segmenter(sentences("sat-3l-sm")).info.name == "segment-any-text/sat-3l-sm"
    assert sentence_segmenter(sentences("someone/sat")).info.name == "someone/sat"


def test_spacy() -> None:
    assert sentence_segmenter(sentences("spacy:en")).info.name == "spacy:en"


@pytest.mark.parametrize("name", ["sat-3l-smm", "./nothing/here", "/nothing/here/at/all", "", "a/b/c"])
def test_unknown_names_open_no_connection(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> Path:
        raise AssertionError(f"asked the hub for {name}")

    monkeypatch.setattr("segtool.inference.hub.fetch", fail)
    with pytest.raises(ModelError, match="no such model"):
        resolve_model(name)


def test_near_misses() -> None:
    with pytest.raises(ModelError, match="did you mean 'sat-3l-sm'"):
        sentence_segmenter(sentences("sat-3l-smm"))


def card(folder: Path, task: str) -> Path:
    folder.mkdir()
    (folder / "card.toml").write_text(
        f"""name = "{folder.name}"\nversion = "1.0.0"\nformat = 1\ntask = "{task}"\narchitecture = "none"
languages = ["en"]\nlicence = "Apache-2.0"\nsource = "tests"\ntraining_data = []\nfiles = []
[thresholds]\ngeneral = 0.5\n""",
        encoding="utf-8",
    )
    return folder


def test_tasks_are_checked(tmp_path: Path) -> None:
    card(tmp_path / "topical", "section")
    card(tmp_path / "prose", "sentence")
    with pytest.raises(ModelError, match="topical: a section model; sentences need a sentence model"):
        sentence_segmenter(sentences("topical", tmp_path))
    with pytest.raises(ModelError, match="prose: a sentence model; sections need a section model"):
        section_segmenter(Settings(sections=SectionSettings(model="prose"), models_path=tmp_path))
    with pytest.raises(ModelError, match="sections need a section model"):
        section_segmenter(Settings(sections=SectionSettings(model=str(TINY))))
