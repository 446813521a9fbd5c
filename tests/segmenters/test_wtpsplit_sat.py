"""SaT models in wtpsplit's layout give what the wtpsplit package gives, and probabilities land where sentences start.

``data/tiny_sat`` has random weights of the official shape: enough to compare logits. Boundaries of a trained model
are compared by ``segtool.training.official_shape``.
"""

from __future__ import annotations

import importlib
import inspect
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segtool.core.document import Document
from segtool.errors import ModelError
from segtool.inference.wtpsplit_graph import SatGraph, read_config
from segtool.segmenters.wtpsplit_sat import WtpsplitSegmenter, token_scores

TINY = Path(__file__).parent / "data" / "tiny_sat"
LINES = (
    "The court reversed. Dr. Orr, who had signed for the owner, paid the rent in May.",
    "was the roof mended no rain came in and the tenant wrote to the judge",
    "Der Vertrag endet am 3. Juni.\n\nDie Mieterin zieht aus.",
    "契約は五月に始まった。借主は家賃を払うのをやめた。",
    "  § 4.2(b)\t(see id.)  ",
)
GRAPH = SatGraph(TINY)


def texts() -> list[str]:
    """Texts from far below to far above one window."""
    draw = random.Random(3)
    return [" ".join(draw.choices(LINES, k=k)) for k in (1, 2, 9, 40, 80)]


@pytest.fixture(scope="module")
def reference() -> Callable[[list[str], int], list[Any]]:
    """The first logits by ``wtpsplit.extract`` on onnxruntime, its float16 sums made float32."""
    wtpsplit = pytest.importorskip("wtpsplit", exc_type=ImportError)
    sat = wtpsplit.SaT(str(TINY), tokenizer_name_or_path=str(TINY), ort_providers=["CPUExecutionProvider"])
    module = importlib.import_module("wtpsplit.extract")
    names = dict(vars(module))
    exec(inspect.getsource(module.extract).replace("np.float16", "np.float32"), names)

    def extract(batch: list[str], stride: int) -> list[Any]:
        options = {"stride": stride, "max_block_size": 512, "batch_size": 4, "tokenizer": sat.tokenizer}
        return [logits[:, 0] for logits in names["extract"](batch, sat.model, **options)[0]]

    return extract


@pytest.mark.parametrize("stride", [64, 256])
def test_logits_are_those_of_wtpsplit(reference: Callable[[list[str], int], list[Any]], stride: int) -> None:
    batch = texts()
    tokens = [GRAPH.tokenizer.encode(text).ids for text in batch]
    ours = GRAPH.line_break_logits(tokens, stride)
    for mine, theirs in zip(ours, reference(batch, stride), strict=True):
        assert mine.std() > 0.1
        np.testing.assert_allclose(mine, theirs, atol=1e-3, rtol=0)


def test_tokens_in_doubt_have_the_logits_of_the_least_stride() -> None:
    tokens = [GRAPH.tokenizer.encode(text).ids for text in texts()]
    first, last = (GRAPH.line_break_logits(tokens, stride) for stride in (256, 64))
    found = GRAPH.doubted_logits(tokens, (256, 128, 64), level=0.5, reach=0.25)
    n_doubtful = n_coarse = 0
    for mine, coarse, fine in zip(found, first, last, strict=True):
        doubtful = np.abs(coarse - 0.5) < 0.25
        settled = np.isclose(mine, fine, atol=1e-4)
        assert settled[doubtful & (np.abs(mine - 0.5) < 0.25)].all()
        n_doubtful, n_coarse = n_doubtful + int(doubtful.sum()), n_coarse + int((~settled).sum())
    assert n_doubtful > 5
    everything = GRAPH.doubted_logits(tokens, (256, 128, 64), level=0.0, reach=1e9)
    for mine, fine in zip(everything, last, strict=True):
        np.testing.assert_allclose(mine, fine, atol=1e-4)
    nothing = GRAPH.doubted_logits(tokens, (1024, 256, 128, 64), level=0.0, reach=0.0)
    for mine, coarse in zip(nothing, first, strict=True):
        np.testing.assert_allclose(mine, coarse, atol=1e-4)


def test_batches_and_groups_change_nothing() -> None:
    documents = [Document(str(i), text) for i, text in enumerate([*texts(), "", " \n", "x"])]
    segmenter = WtpsplitSegmenter(TINY)
    together = [scores["sentence"] for scores in segmenter.score(iter(documents))]
    for document, scores in zip(documents, together, strict=True):
        alone = next(iter(segmenter.score([document])))["sentence"]
        assert alone.offsets.tolist() == scores.offsets.tolist()
        np.testing.assert_allclose(alone.probabilities, scores.probabilities, atol=1e-5)


@given(st.text(st.characters() | st.sampled_from("ab. \n\r\t\u3000。<>"), max_size=80))
@example("  a b")
@example("a\n\n\nb")
@example("\ud800 \x00 <pad> é\u200d")
def test_scores_lie_where_units_can_start(text: str) -> None:
    scores = next(iter(WTPSPLIT.score([Document("x", text)])))["sentence"]
    assert scores.length == len(text)
    first = len(text) - len(text.lstrip())
    for offset in scores.offsets.tolist():
        assert offset > first
        assert not text[offset].isspace()


WTPSPLIT = WtpsplitSegmenter(TINY)


def test_of_several_tokens_before_a_start_the_highest_counts() -> None:
    #       0123456789
    text = "Go.  On we"
    ends = np.array([2, 3, 5, 7, 8, 10, 10])  # of the two that end at 10, nothing can follow
    logits = np.array([-9.0, 2.0, -1.0, -3.0, 0.0, 5.0, 6.0], np.float32)
    scores = token_scores(text, ends, logits)
    assert scores.offsets.tolist() == [2, 5, 8]
    np.testing.assert_allclose(scores.probabilities, 1 / (1 + np.exp([9.0, -2.0, 0.0])), rtol=1e-5)


def changed(folder: Path, **values: Any) -> Path:
    """A copy of the model with another configuration."""
    shutil.copytree(TINY, folder)
    data = json.loads((TINY / "config.json").read_text(encoding="utf-8")) | values
    (folder / "config.json").write_text(json.dumps(data), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("values", "threshold", "lookahead"),
    [
        ({}, 0.25, 48),
        ({"id2label": {str(i): "x" for i in range(111)}}, 0.025, 48),
        ({"id2label": {str(i): "x" for i in range(111)}, "lookahead": None}, 0.01, None),
        ({"lookahead": 50, "num_hidden_layers": 12, "lookahead_split_layers": 4}, 0.25, 48),
    ],
)
def test_threshold_and_lookahead_by_configuration(
    tmp_path: Path, values: dict[str, Any], threshold: float, lookahead: int | None
) -> None:
    config = read_config(changed(tmp_path / "small-smooth-sm", **values) / "config.json")
    assert (config.threshold, config.lookahead) == (threshold, lookahead)


def test_a_graph_under_its_plain_name(tmp_path: Path) -> None:
    folder = changed(tmp_path / "plain")
    (folder / "model_optimized.onnx").rename(folder / "model.onnx")
    assert WtpsplitSegmenter(folder).info.name == "plain"


def test_broken_models_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="a bert-char model; segtool runs SaT models"):
        WtpsplitSegmenter(changed(tmp_path / "wtp", model_type="bert-char"))
    folder = changed(tmp_path / "broken")
    (folder / "model_optimized.onnx").write_bytes(b"half a download")
    with pytest.raises(ModelError, match="not a usable ONNX model"):
        WtpsplitSegmenter(folder)
    (folder / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="not the configuration of a SaT model"):
        WtpsplitSegmenter(folder)
    folder = changed(tmp_path / "bare")
    (folder / "tokenizer.json").unlink()
    monkeypatch.setattr("segtool.inference.hub.cached_tokenizer", lambda: None)
    with pytest.raises(ModelError, match=r"no tokenizer\.json; copy that of facebookAI/xlm-roberta-base"):
        WtpsplitSegmenter(folder)
