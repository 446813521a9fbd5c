"""The exported graph cuts, hashes and scores as segtool does, and wtpsplit loads it without torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from segtool.cli.app import main
from segtool.inference.card import Card, load_card
from segtool.inference.pieces import PieceCutter
from segtool.inference.sentence_net import PAD_CLASS, SentenceNet
from segtool.inference.session import open_session
from segtool.inference.store import find_model
from segtool.inference.wtpsplit_export import SPECIAL_TOKENS, WTPSPLIT_THRESHOLD, export
from segtool.inference.wtpsplit_tokens import SubwordTokenizer

pytest.importorskip("onnx")
MODEL = find_model("sentences")
pytestmark = pytest.mark.skipif(MODEL is None, reason="this checkout has no sentence model")
TEXT = (
    "It rained. We left (see § 4.2(b)), Mr. OLD said...\r\n\r\nThe TENANT paid 12.50 in March!\n"
    "契約は五月に始まった。借主は。 สวัสดีครับผม\t\u2028x" + "y" * 70
)
characters = st.characters(exclude_categories=["Cs", "Cn", "Co"], max_codepoint=0xFFFF) | st.sampled_from(
    "aB. \n\r1—契ก"
)


@dataclass(frozen=True)
class Exported:
    """An exported model, and the net that it was made of."""

    folder: Path
    session: Any
    net: SentenceNet
    card: Card

    def logits(self, text: str) -> np.ndarray:
        """The exported graph's logit after every character; inside of pieces it is far below all others."""
        ids = SubwordTokenizer(self.folder / "tokenizer.json").encode(text).ids
        framed = np.concatenate([[0], ids, [2]])[None]
        feed = {"input_ids": framed, "attention_mask": np.ones(framed.shape, np.float16)}
        logits: np.ndarray = self.session.run(["logits"], feed)[0][0, 1:-1, 0]
        return logits

    def expected(self, text: str) -> tuple[list[int], np.ndarray]:
        """Ends of segtool's pieces, and its net's logits after them, in the same window and calibrated alike."""
        pieces = PieceCutter().cut(text)
        length = -(-(max(len(pieces), 1) + 24) // 4) * 4
        window = np.tile(self.net._classes[PAD_CLASS], (1, length, 1)).astype(np.float32)
        window[0, : len(pieces)] = self.net.embed(pieces)
        raw = self.net._session.run(["logits"], {"embedded": window})[0][0, : len(pieces), 0]
        threshold, parameters = self.card.threshold, self.card.parameters
        shift = math.log(WTPSPLIT_THRESHOLD / (1 - WTPSPLIT_THRESHOLD)) - math.log(threshold / (1 - threshold))
        calibrated = raw * parameters.get("scale", 1.0) + parameters.get("shift", 0.0) + shift
        return pieces.ends.tolist(), calibrated


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    assert MODEL is not None
    folder = tmp_path_factory.mktemp("exported")
    card = load_card(MODEL.folder)
    export(card, folder)
    files = load_card(card.folder.parent / card.parameters["base"]) if "base" in card.parameters else card
    return Exported(folder, open_session(folder / "model_optimized.onnx"), SentenceNet(card, files), card)


# Tokenizers of that layout read the names of special tokens in a text as those tokens.
@settings(max_examples=40, deadline=None)
@given(
    text=st.text(characters, min_size=1, max_size=180).filter(lambda text: not any(n in text for n in SPECIAL_TOKENS))
)
@example(text=TEXT)
@example(text="\n \r\n .")
@example(text="0")
def test_the_graph_is_the_net(exported: Exported, text: str) -> None:
    ends, expected = exported.expected(text)
    logits = exported.logits(text)
    assert (np.flatnonzero(logits > -29) + 1).tolist() == ends
    if ends:
        np.testing.assert_allclose(logits[np.array(ends) - 1], expected, atol=1e-3)


def test_more_pieces_than_a_window(exported: Exported) -> None:
    text = "契約は五月に始まった。" * 40
    assert (np.flatnonzero(exported.logits(text[:500]) > -29) + 1).tolist() == PieceCutter().cut(
        text[:500]
    ).ends.tolist()


def test_wtpsplit_loads_it(exported: Exported) -> None:
    wtpsplit = pytest.importorskip("wtpsplit", exc_type=ImportError)
    folder = str(exported.folder)
    sat = wtpsplit.SaT(folder, tokenizer_name_or_path=folder, ort_providers=["CPUExecutionProvider"])
    text = "The tenant paid the rent. The owner, Mr. Hale, said nothing. It rained in June."
    expected = ["The tenant paid the rent. ", "The owner, Mr. Hale, said nothing. ", "It rained in June."]
    assert sat.split(text, threshold=WTPSPLIT_THRESHOLD) == expected


def test_command(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new"
    assert main(["models", "export", "sentences", str(folder)]) == 0
    names = ["README.md", "config.json", "model_optimized.onnx", "tokenizer.json", "tokenizer_config.json"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert main(["models", "export", "sentences", str(folder)]) == 2
    assert "not an empty folder" in capfd.readouterr().err
    assert main(["models", "export", "topics", str(tmp_path / "other")]) == 4
    assert main(["models", "export", str(folder), str(tmp_path / "other")]) == 4
    assert not (tmp_path / "other").exists()
