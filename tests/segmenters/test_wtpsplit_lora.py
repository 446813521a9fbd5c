"""LoRA adapters: what the wtpsplit package gives, and one clear line where something is missing.

The adapter and its model are made here with the package's own classes and the ``adapters`` library: random weights, as
only the loading is ours.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segtool.cli.app import main
from segtool.core.document import Document
from segtool.errors import ModelError, UsageError
from segtool.inference.hub import ADAPTER_FILES
from segtool.inference.wtpsplit_graph import SatGraph
from segtool.inference.wtpsplit_lora import check_adapter
from segtool.segmenters.registry import sentence_segmenter
from segtool.segmenters.wtpsplit_sat import WtpsplitSegmenter
from segtool.settings import SentenceSettings, Settings

TINY = Path(__file__).parent / "data" / "tiny_sat"
TEXT = "The lease starts in May. The tenant pays rent every month. Er kam. § 4.2(b) holds (see id.). " * 30


def logits_of(chances: Any) -> Any:
    """Log odds of probabilities that are neither 0 nor 1."""
    chances = np.asarray(chances, np.float64)
    return np.log(chances / (1 - chances))


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model of the official shape with PyTorch weights, and an adapter of it with a head of its own."""
    reason = "needs the extra lora: pip install 'segtool[lora]'"
    torch = pytest.importorskip("torch", reason=reason)
    adapters = pytest.importorskip("adapters", reason=reason)
    from adapters.models import MODEL_MIXIN_MAPPING
    from adapters.models.bert.mixin_bert import BertModelAdaptersMixin
    from wtpsplit.configs import SubwordXLMConfig
    from wtpsplit.models import SubwordXLMForTokenClassification

    folder = tmp_path_factory.mktemp("lora")
    torch.manual_seed(1)
    size = {"vocab_size": 400, "hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 64}
    ids = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "type_vocab_size": 1}
    config = SubwordXLMConfig(
        **size, **ids, num_hidden_layers=3, max_position_embeddings=514, lookahead=48, num_labels=1
    )
    model = SubwordXLMForTokenClassification(config)
    for weight in model.parameters():
        if weight.dim() == 2:
            torch.nn.init.normal_(weight, std=0.5)
    model.save_pretrained(folder / "model")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(TINY / name, folder / "model" / name)
    MODEL_MIXIN_MAPPING["SubwordXLMRobertaModel"] = BertModelAdaptersMixin
    model_type, model.config.model_type = model.config.model_type, "xlm-roberta"
    adapters.init(model)
    model.config.model_type = model_type
    model.add_adapter("text", config=adapters.LoRAConfig(r=4, alpha=8, intermediate_lora=True, output_lora=True))
    for name, weight in model.named_parameters():
        if "lora" in name or "classifier.weight" in name:
            torch.nn.init.normal_(weight, std=0.3)
    model.save_adapter(str(folder / "adapter"), "text", with_head=True)
    return folder / "model", folder / "adapter"


def test_logits_are_those_of_the_package(adapted: tuple[Path, Path]) -> None:
    import wtpsplit

    model, adapter = adapted
    graph = SatGraph(model, adapter)
    tokens = graph.tokenizer.encode(TEXT)
    (ours,) = graph.line_break_logits([tokens.ids], 64)
    sat = wtpsplit.SaT(str(model), tokenizer_name_or_path=str(model), lora_path=str(adapter))
    theirs = sat.predict_proba(TEXT, stride=64)
    last = np.append(tokens.ends[1:] != tokens.ends[:-1], True)
    assert ours.std() > 0.1
    np.testing.assert_allclose(ours[last], logits_of(theirs[tokens.ends[last] - 1]), atol=1e-2)  # its sums are float16


def test_the_adapter_counts_and_has_its_threshold(adapted: tuple[Path, Path]) -> None:
    model, adapter = adapted
    segmenter = WtpsplitSegmenter(model, adapter=adapter)
    assert segmenter.info.threshold == 0.5
    scores = next(segmenter.score([Document("d", TEXT)]))["sentence"]
    other = adapter.parent / "other"
    shutil.copytree(adapter, other, dirs_exist_ok=True)
    config = (other / "adapter_config.json").read_text(encoding="utf-8")
    (other / "adapter_config.json").write_text(config.replace('"alpha": 8', '"alpha": 80'), encoding="utf-8")
    changed = next(WtpsplitSegmenter(model, adapter=other).score([Document("d", TEXT)]))["sentence"]
    assert np.abs(scores.probabilities - changed.probabilities).max() > 0.01


def test_folder_and_style_from_the_command_line(
    adapted: tuple[Path, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model, adapter = adapted
    text = tmp_path / "text.txt"
    text.write_text(TEXT, encoding="utf-8")
    arguments = ["split", str(text), "--model", str(model), "--threshold", "0.3"]
    assert main([*arguments, "--lora", str(adapter)]) == 0
    by_folder = capfd.readouterr()
    assert "".join(by_folder.out.split()) == "".join(TEXT.split())
    shutil.copytree(adapter, model / "loras" / "ud" / "en", dirs_exist_ok=True)
    assert main([*arguments, "--style", "ud", "--lang", "en"]) == 0
    assert capfd.readouterr().out == by_folder.out
    assert by_folder.err == ""


def test_an_adapter_of_another_model_does_not_fit(adapted: tuple[Path, Path], tmp_path: Path) -> None:
    import torch

    model, adapter = adapted
    other = shutil.copytree(adapter, tmp_path / "adapter")
    weights = torch.load(other / "pytorch_adapter.bin", weights_only=True)
    torch.save({key: value[:1, :1] for key, value in weights.items()}, other / "pytorch_adapter.bin")
    with pytest.raises(ModelError, match="can't be merged into"):
        SatGraph(model, other)


@pytest.fixture
def empty(tmp_path: Path) -> tuple[Path, Path]:
    """A model and an adapter whose files hold nothing."""
    model, adapter = tmp_path / "model", tmp_path / "adapter"
    shutil.copytree(TINY, model)
    (model / "model.safetensors").write_bytes(b"")
    adapter.mkdir()
    for name in ADAPTER_FILES:
        (adapter / name).write_bytes(b"{}")
    return model, adapter


def test_without_the_extra_it_says_what_to_install(
    empty: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    model, adapter = empty
    monkeypatch.setitem(sys.modules, "torch", None)
    text = model / "text.txt"
    text.write_text("One. Two.", encoding="utf-8")
    capfd.readouterr()
    assert main(["split", str(text), "--model", str(model), "--lora", str(adapter)]) == 4
    message = capfd.readouterr().err
    assert "pip install 'segtool[lora]'" in message
    assert len(message.splitlines()) == 1


def test_files_that_are_missing_are_named(empty: tuple[Path, Path]) -> None:
    model, adapter = empty
    (adapter / "head_config.json").unlink()
    with pytest.raises(ModelError, match=r"lacks head_config\.json"):
        check_adapter(adapter)
    with pytest.raises(ModelError, match="lacks"):
        SatGraph(model, adapter)
    (adapter / "head_config.json").write_bytes(b"{}")
    (model / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="PyTorch weights"):
        SatGraph(model, adapter)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"model": "sentences", "style": "ud"}, ModelError, "are for SaT models"),
        ({"model": "spacy:en", "lora": Path("x")}, ModelError, "are for SaT models"),
        ({"model": "./nowhere", "lora": Path("x")}, ModelError, "are for SaT models"),
        ({"model": str(TINY), "style": "ud"}, UsageError, "needs --lang"),
        ({"model": str(TINY), "style": "ud", "lang": "auto"}, UsageError, "needs --lang"),
        ({"model": str(TINY), "style": "ud", "lang": "en"}, ModelError, "no LoRA adapter in this folder"),
    ],
)
def test_what_adapters_are_for(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        sentence_segmenter(Settings(sentences=SentenceSettings(**options)))
