"""Hub models are found in the hub's cache without a connection, and fetched only when asked for."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from segtool.errors import ModelError
from segtool.inference import hub, inventory
from segtool.inference.store import StoredModel

TINY = Path(__file__).parent.parent / "segmenters" / "data" / "tiny_sat"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub, and a hub that can't be reached."""
    from huggingface_hub import constants, file_download

    for module in (constants, file_download.constants):
        monkeypatch.setattr(module, "HF_HUB_CACHE", str(tmp_path))
        monkeypatch.setattr(module, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.file_download.constants.HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def put(cache: Path, repository: str, *files: str) -> Path:
    """Files of ``tiny_sat`` as the hub's cache stores them: blobs by hash, linked to from a snapshot."""
    root = cache / ("models--" + repository.replace("/", "--"))
    snapshot, blobs = root / "snapshots" / COMMIT, root / "blobs"
    for folder in (snapshot, blobs, root / "refs"):
        folder.mkdir(parents=True, exist_ok=True)
    (root / "refs" / "main").write_text(COMMIT, encoding="utf-8")
    for name in files:
        data = (TINY / name).read_bytes()
        large = name.endswith(".onnx")
        blob = hashlib.sha256(data) if large else hashlib.sha1(b"blob %d\0" % len(data) + data)
        (blobs / blob.hexdigest()).write_bytes(data)
        try:
            (snapshot / name).symlink_to(blobs / blob.hexdigest())
        except OSError:
            pytest.skip("this system lets no ordinary user make links")
    return snapshot


def test_names() -> None:
    assert hub.repository("sat-3l-sm") == "segment-any-text/sat-3l-sm"
    assert hub.repository("someone/sat-12l") == "someone/sat-12l"
    assert hub.is_hub_id("sat-12l-sm")
    assert hub.is_hub_id("owner/name")
    assert not any(map(hub.is_hub_id, ["sat-13l", "sentences", "./owner/name", "a/b/c", "owner/", "/name", ""]))


@pytest.mark.usefixtures("cache")
def test_nothing_cached() -> None:
    assert hub.cached("sat-3l-sm") is None
    assert hub.cached_tokenizer() is None
    assert list(hub.iter_cached()) == []


@pytest.mark.usefixtures("cache")
def test_offline_says_what_to_do() -> None:
    with pytest.raises(ModelError) as caught:
        hub.fetch("sat-3l-sm")
    message = str(caught.value)
    assert "segment-any-text/sat-3l-sm: not on this computer" in message
    assert "HF_HUB_OFFLINE is set" in message
    assert "segtool models pull" in message
    assert "\n" not in message


@pytest.mark.usefixtures("cache")
def test_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import errors

    def refuse(*_: Any, **__: Any) -> None:
        raise errors.HTTPError("Name or service not known")

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", refuse)
    with pytest.raises(ModelError, match=r"out of reach \(Name or service not known\)"):
        hub.pull("sat-3l-sm")


def test_cached_model_needs_no_hub(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> Path:
        raise AssertionError(f"pulled {name}")

    monkeypatch.setattr(hub, "pull", fail)
    snapshot = put(cache, "segment-any-text/sat-3l-sm", "config.json", "model_optimized.onnx")
    put(cache, hub.TOKENIZER_REPOSITORY, "tokenizer.json")
    assert hub.fetch("sat-3l-sm").samefile(snapshot)
    assert [(name, path.name) for name, path in hub.iter_cached()] == [("segment-any-text/sat-3l-sm", COMMIT)]


def test_interrupted_download_is_no_model(cache: Path) -> None:
    put(cache, "segment-any-text/sat-3l-sm", "config.json")
    assert hub.cached("sat-3l-sm") is None


@pytest.mark.parametrize("has_tokenizer", [True, False])
def test_pull_takes_what_is_needed(cache: Path, monkeypatch: pytest.MonkeyPatch, has_tokenizer: bool) -> None:
    names = ["README.md", "config.json", "model.onnx", "model_optimized.onnx", "model.safetensors"]
    fetched: list[tuple[str, str]] = []

    def download(source: str, file: str) -> str:
        fetched.append((source, file))
        return str(cache / source / file)

    files = frozenset([*names, "tokenizer.json"] if has_tokenizer else names)
    monkeypatch.setattr(hub, "_files", lambda _: files)
    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    folder = hub.pull("sat-3l-sm")
    source = "segment-any-text/sat-3l-sm"
    assert folder == cache / source
    tokenizer = (source if has_tokenizer else "facebookAI/xlm-roberta-base", "tokenizer.json")
    assert fetched == [(source, "config.json"), (source, "model_optimized.onnx"), tokenizer]


@pytest.mark.parametrize("files", [("config.json", "model.safetensors"), ("model.onnx",)])
def test_pull_of_another_kind_of_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[str, ...]
) -> None:
    (tmp_path / "config.json").write_text('{"architectures": ["BertModel"]}')
    monkeypatch.setattr(hub, "_files", lambda _: frozenset(files))
    monkeypatch.setattr("huggingface_hub.hf_hub_download", lambda _, file: str(tmp_path / file))
    with pytest.raises(ModelError, match="owner/bert: this repository holds no ONNX model"):
        hub.pull("owner/bert")


def test_pull_of_a_pair_classifier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.json").write_text('{"architectures": ["RobertaForSequenceClassification"]}')
    files = frozenset(["config.json", "merges.txt", "pytorch_model.bin", "README.md", "vocab.json"])
    fetched: list[str] = []

    def download(_: str, file: str) -> str:
        fetched.append(file)
        return str(tmp_path / file)

    monkeypatch.setattr(hub, "_files", lambda _: files)
    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    assert hub.pull("owner/pairs") == tmp_path
    assert set(fetched) == files - {"README.md"}


def test_hashes_of_the_cache(cache: Path) -> None:
    snapshot = put(cache, "segment-any-text/sat-3l-sm", "config.json", "model_optimized.onnx")
    model = StoredModel("segment-any-text/sat-3l-sm", snapshot, "wtpsplit", "hub")
    assert inventory.check(model) == 2
    with (snapshot / "model_optimized.onnx").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ModelError, match="not what the hub sent"):
        inventory.check(model)


def test_weights_and_adapters_come_from_the_cache(cache: Path) -> None:
    from segtool.inference.hub import ADAPTER_FILES

    with pytest.raises(ModelError, match="not on this computer"):
        hub.fetch_adapter("sat-3l", "loras/ud/en")
    with pytest.raises(ModelError, match="not on this computer"):
        hub.fetch_weights("sat-3l")
    snapshot = put(cache, "segment-any-text/sat-3l", "config.json", "tokenizer.json")
    (snapshot / "model.safetensors").write_bytes(b"weights")
    adapter = snapshot / "loras" / "ud" / "en"
    adapter.mkdir(parents=True)
    for name in ADAPTER_FILES:
        (adapter / name).write_bytes(b"{}")
    assert hub.fetch_weights("sat-3l") == snapshot
    assert hub.fetch_adapter("sat-3l", "loras/ud/en") == adapter


@pytest.mark.usefixtures("cache")
def test_styles_that_a_repository_has_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"config.json", "loras/ud/en/adapter_config.json", "loras/ersatz/de/adapter_config.json"}
    monkeypatch.setattr(hub, "_files", lambda _: frozenset(files))
    with pytest.raises(ModelError, match="holds no adapter loras/legal/en; styles there: ersatz, ud"):
        hub.fetch_adapter("sat-3l", "loras/legal/en")
    with pytest.raises(ModelError, match="no PyTorch weights"):
        hub.fetch_weights("sat-3l")
