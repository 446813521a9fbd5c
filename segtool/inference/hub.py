"""Models of the Hugging Face hub, in wtpsplit's layout or for pairs of paragraphs, kept in the hub's own cache.

The only module that opens a network connection, and only in ``fetch`` for a model that is not in the cache, or in
``pull``. ``HF_HUB_OFFLINE``, ``HF_HOME`` and ``HF_ENDPOINT`` mean what they mean to huggingface_hub.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from segtool.errors import ModelError
from segtool.inference.store import CONFIG_NAME, WTPSPLIT_GRAPHS, is_pair_classifier, layout_of

OWNER = "segment-any-text"
OFFICIAL = (
    "sat-1l",
    "sat-1l-sm",
    "sat-3l",
    "sat-3l-sm",
    "sat-6l",
    "sat-6l-sm",
    "sat-9l",
    "sat-9l-sm",
    "sat-12l",
    "sat-12l-sm",
    "sat-12l-no-limited-lookahead",
)
"""Names of the official models, without their owner."""

TOKENIZER_NAME = "tokenizer.json"
TOKENIZER_REPOSITORY = "facebookAI/xlm-roberta-base"
"""Whose tokenizer the official models use; their own repositories hold none."""

WEIGHTS = ("model.safetensors", "pytorch_model.bin")
"""Names of PyTorch weights, the better one first."""
ADAPTER_FILES = ("adapter_config.json", "head_config.json", "pytorch_adapter.bin", "pytorch_model_head.bin")
"""What a LoRA adapter consists of."""

PAIR_WEIGHTS = ("model.onnx", "onnx/model.onnx", "model_optimized.onnx", "model.safetensors", "pytorch_model.bin")
"""Names of the graph or the weights of a classifier of paragraph pairs, the best one first."""

PAIR_TOKENIZERS = ((TOKENIZER_NAME,), ("vocab.json", "merges.txt"), ("vocab.txt",))
"""Files of its tokenizer, the best first: the library's own, RoBERTa's, BERT's."""

_TIMEOUT_S = 10.0
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def is_hub_id(name: str) -> bool:
    """Whether a name is an official model's (``sat-…``) or has the form ``owner/name``."""
    return name in OFFICIAL or _HUB_ID.fullmatch(name) is not None


def repository(name: str) -> str:
    """The id of the hub's repository that a name means: ``sat-3l-sm`` is ``segment-any-text/sat-3l-sm``."""
    return name if "/" in name else f"{OWNER}/{name}"


def cached(name: str) -> Path | None:
    """The folder of a hub model that was fetched before, None if it was not. Opens no connection."""
    config = _cached_file(repository(name), CONFIG_NAME)
    return config.parent if config and layout_of(config.parent) else None


def cached_tokenizer() -> Path | None:
    """The official models' ``tokenizer.json`` if it was fetched before. Opens no connection."""
    return _cached_file(TOKENIZER_REPOSITORY, TOKENIZER_NAME)


def iter_cached() -> Iterator[tuple[str, Path]]:
    """Repository id and folder of every model in the hub's cache that segtool can read. Opens no connection."""
    from huggingface_hub.constants import HF_HUB_CACHE

    for folder in sorted(Path(HF_HUB_CACHE).glob("models--*--*")):
        name = "/".join(folder.name.split("--")[1:])
        path = cached(name) if is_hub_id(name) else None
        if path:
            yield name, path


def fetch(name: str) -> Path:
    """The folder of a hub model: from the cache, else downloaded with a progress bar.

    Raises:
        ModelError: if it is not in the cache and can't be downloaded.
    """
    folder = cached(name)
    complete = folder and ((folder / TOKENIZER_NAME).is_file() or cached_tokenizer())
    return folder if folder and complete else pull(name)


def pull(name: str) -> Path:
    """Download a hub model, or what is new of it, into the hub's cache; the folder that it lies in.

    Only its configuration, one graph and the tokenizer are fetched, with a progress bar if stderr is a terminal.

    Raises:
        ModelError: if the hub can't be reached, refuses, or the repository holds no ONNX model.
    """
    from huggingface_hub.utils import disable_progress_bars

    if not sys.stderr.isatty():
        disable_progress_bars()
    source = repository(name)
    files = _files(source)
    refusal = ModelError(f"{source}: this repository holds no ONNX model in wtpsplit's layout, and no pair classifier")
    if CONFIG_NAME not in files:
        raise refusal
    folder = _download(source, CONFIG_NAME).parent
    if is_pair_classifier(folder):
        return _pull_pairs(source, files)
    graph = next((graph for graph in WTPSPLIT_GRAPHS if graph in files), None)
    if graph is None:
        raise refusal
    _download(source, graph)
    _download(source if TOKENIZER_NAME in files else TOKENIZER_REPOSITORY, TOKENIZER_NAME)
    return folder


def fetch_weights(name: str) -> Path:
    """The folder of a hub model with its PyTorch weights and configuration: from the cache, else downloaded.

    Raises:
        ModelError: if they are not in the cache and can't be downloaded, or the repository holds none.
    """
    source = repository(name)
    for weights in WEIGHTS:
        found, config = _cached_file(source, weights), _cached_file(source, CONFIG_NAME)
        if found and config and (_cached_file(source, TOKENIZER_NAME) or cached_tokenizer()):
            return found.parent
    files = _files(source)
    weights = next((weights for weights in WEIGHTS if weights in files), "")
    if not weights or CONFIG_NAME not in files:
        raise ModelError(f"{source}: this repository holds no PyTorch weights ({' or '.join(WEIGHTS)})")
    _download(source, CONFIG_NAME)
    _download(source if TOKENIZER_NAME in files else TOKENIZER_REPOSITORY, TOKENIZER_NAME)
    return _download(source, weights).parent


def fetch_adapter(name: str, folder: str) -> Path:
    """The folder of a LoRA adapter in a hub model's repository (``loras/ud/en``): from the cache, else downloaded.

    Raises:
        ModelError: if it is not in the cache and can't be downloaded, or the repository holds no such adapter.
    """
    source = repository(name)
    paths = [f"{folder}/{file}" for file in ADAPTER_FILES]
    cached_paths = [_cached_file(source, path) for path in paths]
    if cached_paths[0] and all(cached_paths):
        return cached_paths[0].parent
    files = _files(source)
    if not all(path in files for path in paths):
        known = sorted({path.split("/")[1] for path in files if path.startswith("loras/") and path.count("/") > 2})
        styles = f"; styles there: {', '.join(known)}" if known else ""
        raise ModelError(f"{source}: this repository holds no adapter {folder}{styles}")
    folders = [_download(source, path).parent for path in paths]
    return folders[0]


def fetch_pairs(name: str) -> Path:
    """The folder of a classifier of paragraph pairs (``owner/name``): from the cache, else downloaded.

    Raises:
        ModelError: if it is not in the cache and can't be downloaded, or is no such classifier.
    """
    config = _cached_file(name, CONFIG_NAME)
    if config and _holds(config.parent, PAIR_WEIGHTS) and any(_holds(config.parent, t[-1:]) for t in PAIR_TOKENIZERS):
        return config.parent
    files = _files(name)
    if CONFIG_NAME not in files or not is_pair_classifier(_download(name, CONFIG_NAME).parent):
        raise ModelError(f"{name}: this repository holds no classifier of paragraph pairs")
    return _pull_pairs(name, files)


def _pull_pairs(source: str, files: frozenset[str]) -> Path:
    weights = next((file for file in PAIR_WEIGHTS if file in files), None)
    tokenizer = next((names for names in PAIR_TOKENIZERS if files.issuperset(names)), None)
    if weights is None or tokenizer is None:
        raise ModelError(f"{source}: this repository lacks weights or a tokenizer for its classifier of pairs")
    for file in (*tokenizer, weights):
        _download(source, file)
    return _download(source, CONFIG_NAME).parent


def _holds(folder: Path, names: Sequence[str]) -> bool:
    return any((folder / name).is_file() for name in names)


def _cached_file(source: str, file: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    path = try_to_load_from_cache(source, file)
    return Path(path) if isinstance(path, str) else None


def _files(source: str) -> frozenset[str]:
    """The names of a repository's files. Asked first, as this request alone fails at once when there is no network."""
    from huggingface_hub import HfApi

    with _hub_errors(source):
        siblings = HfApi().model_info(source, timeout=_TIMEOUT_S).siblings
    return frozenset(sibling.rfilename for sibling in siblings or ())


def _download(source: str, file: str) -> Path:
    from huggingface_hub import hf_hub_download

    with _hub_errors(source):
        return Path(hf_hub_download(source, file))


@contextlib.contextmanager
def _hub_errors(source: str) -> Iterator[None]:
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise ModelError(f"{source}: the hub wants its terms accepted and a login (hf auth login) first") from error
    except errors.RepositoryNotFoundError as error:
        raise ModelError(f"{source}: no such repository on the hub, or a private one") from error
    except (OSError, errors.HTTPError) as error:  # the HTTP library below has changed twice; both are its bases
        raise ModelError(
            f"{source}: not on this computer, and the hub is out of reach ({_reason(error)}); run"
            f" 'segtool models pull {source}' while online, or give the folder of a copy"
        ) from error


def _reason(error: Exception) -> str:
    from huggingface_hub.errors import OfflineModeIsEnabled

    if isinstance(error, OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE is set"
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".")[:120] if lines else type(error).__name__
