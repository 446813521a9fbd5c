"""A name means one folder: the given one before the built-in, that before the user's, a path where no name fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from segtool.errors import ModelError
from segtool.inference import store


def own(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "card.toml").write_text("", encoding="utf-8")
    return folder


def foreign(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder / "model.onnx").write_bytes(b"")
    return folder


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("given", "built-in", "user"):
        own(tmp_path / name / "shared")
        own(tmp_path / name / f"only-{name}")
    monkeypatch.setattr(store, "built_in_folder", lambda: tmp_path / "built-in")
    monkeypatch.setattr(store, "user_folder", lambda: tmp_path / "user")
    return tmp_path


def test_places_in_order(places: Path) -> None:
    first = store.find_model("shared", places / "given")
    assert first == store.StoredModel("shared", places / "given" / "shared", "segtool", "models path")
    second = store.find_model("shared")
    assert second is not None
    assert second.place == "built-in"
    third = store.find_model("only-user")
    assert third is not None
    assert third.place == "user"
    assert store.find_model("only-given") is None


def test_each_name_once(places: Path) -> None:
    found = [(model.name, model.place) for model in store.iter_models(places / "given")]
    assert found == [
        ("only-given", "models path"),
        ("shared", "models path"),
        ("only-built-in", "built-in"),
        ("only-user", "user"),
    ]


def test_a_name_wins_over_a_folder_here(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own(places / "shared")
    monkeypatch.chdir(places)
    by_name, by_path = store.find_model("shared"), store.find_model("./shared")
    assert by_name is not None
    assert by_path is not None
    assert (by_name.place, by_path.place) == ("built-in", "folder")


def test_layouts(tmp_path: Path) -> None:
    assert store.layout_of(own(tmp_path / "a")) == "segtool"
    assert store.layout_of(foreign(tmp_path / "b")) == "wtpsplit"
    (tmp_path / "b" / "config.json").unlink()
    assert store.layout_of(tmp_path / "b") is None
    assert store.layout_of(tmp_path / "missing") is None


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model in this folder \(neither card.toml nor config.json"):
        store.find_model(str(tmp_path))
    with pytest.raises(ModelError, match="the models path is no folder"):
        store.find_model("x", tmp_path / "missing")


def test_did_you_mean() -> None:
    assert "did you mean 'sentences'?" in str(store.unknown_model("sentense", ["sentences", "topics"]))
    assert "did you mean" not in str(store.unknown_model("zzz", ["sentences", "topics"]))


def test_built_in_models_lie_in_the_checkout_or_the_package() -> None:
    folder = store.built_in_folder()
    assert folder.name == "models"
    assert (folder.parent / "pyproject.toml").is_file() or folder.parent.name == "segtool"
