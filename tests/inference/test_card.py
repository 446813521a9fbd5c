"""Cards are read strictly: a model of another make, or with other bytes, is refused in one line."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from segtool.errors import ModelError
from segtool.inference.card import load_card, verify
from segtool.inference.session import open_session

WEIGHTS = b"not really weights"
CARD = f"""
name = "tiny"
version = "1.2.0"
format = 1
task = "sentence"
architecture = "none"
languages = ["en"]
licence = "Apache-2.0"
source = "tests"
training_data = ["nothing"]
window = 64

[thresholds]
general = 0.4
languages = {{ th = 0.3 }}

[[files]]
path = "model.onnx"
bytes = {len(WEIGHTS)}
sha256 = "{hashlib.sha256(WEIGHTS).hexdigest()}"
"""


def write(folder: Path, card: str = CARD, weights: bytes = WEIGHTS) -> Path:
    (folder / "card.toml").write_text(card, encoding="utf-8")
    (folder / "model.onnx").write_bytes(weights)
    return folder


def test_a_card_is_read(tmp_path: Path) -> None:
    card = load_card(write(tmp_path))
    assert (card.name, card.version, card.threshold, dict(card.thresholds)) == ("tiny", "1.2.0", 0.4, {"th": 0.3})
    assert card.path("model.onnx") == tmp_path / "model.onnx"
    verify(card)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format = 1", "format = 7", "card format 7, this segtool reads format 1"),
        ('licence = "Apache-2.0"', "", "misses licence"),
        ("window = 64", "windou = 64", "unknown keys windou"),
        ('task = "sentence"', 'task = "poem"', "'poem' is none of"),
        ("general = 0.4", "", "thresholds.general is missing"),
        ('path = "model.onnx"', 'path = "../model.onnx"', "inside the folder"),
        ("format = 1", "format = ", "not a readable card"),
    ],
)
def test_a_wrong_card_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        load_card(write(tmp_path, CARD.replace(old, new)))


def test_corrupt_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model here"):
        load_card(tmp_path)
    card = load_card(write(tmp_path, weights=WEIGHTS[:-1]))
    with pytest.raises(ModelError, match="its card says"):
        card.path("model.onnx")
    write(tmp_path, weights=WEIGHTS[::-1])
    with pytest.raises(ModelError, match="sha256 differs"):
        verify(card)
    with pytest.raises(ModelError, match="not a usable ONNX model"):
        open_session(tmp_path / "model.onnx")
    (tmp_path / "model.onnx").unlink()
    with pytest.raises(ModelError, match="is missing"):
        verify(card)
