"""The classic topical-change model as a segmenter: a sequence-pair classifier over neighbouring paragraphs.

As in "Structural Text Segmentation of Legal Documents" (Aumiller et al. 2021): is this paragraph on the same topic as
the one before? Reads the layout of the TopicalChange models (``dennlinger/roberta-cls-consec``): ``config.json`` of a
BERT or RoBERTa classifier with two labels, its tokenizer, and the weights as ONNX or, with transformers and torch
installed, as PyTorch's. It sees one pair at a time and knows no depths: all columns of its scores are equal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segtool.core.document import Document
from segtool.core.layer import LayerName
from segtool.core.scores import Scores
from segtool.errors import ModelError
from segtool.inference.session import open_session
from segtool.inference.topic_model import N_OUTPUTS
from segtool.segmenters.base import ModelInfo
from segtool.segmenters.topics import unit_spans

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

GRAPHS = ("model.onnx", "onnx/model.onnx", "model_optimized.onnx")
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
MAX_TOKENS = 512
BATCH_TOKENS = 8_192
BLOCK_PAIRS = 2_048
"""Pairs that are cut into tokens and sorted by length together, so that memory stays small in long documents."""
SAME_TOPIC = 1
"""Label of the TopicalChange models for a pair of one section."""

Classifier = Callable[[Mapping[str, NDArray[np.int64]]], NDArray[np.float32]]
"""Arrays (pairs, tokens) by input name to logits (pairs, 2)."""


class PairwiseSegmenter:
    """Scores each paragraph start by the chance that its paragraph and the one before are of different sections.

    Args:
        folder: The model.
        name: How it is called in records.
        threshold: Chance from which a section starts.

    Raises:
        ModelError: if the folder holds no such classifier, or its weights need packages that are not installed.
    """

    layers: tuple[LayerName, ...] = ("section",)

    def __init__(self, folder: Path, name: str | None = None, threshold: float = 0.5) -> None:
        self.info = ModelInfo(name or folder.name, None, threshold)
        config = _read_config(folder)
        self._tokenizer = _tokenizer(folder)
        self._tokenizer.enable_truncation(_max_tokens(config))
        self._padding = _whole_number(config, "pad_token_id", 0)
        self._tokenizer.no_padding()
        self._classify = _classifier(folder)

    def score(self, documents: Iterable[Document]) -> Iterator[Mapping[LayerName, Scores]]:
        """One set of scores a document, in order; the first paragraph gets none."""
        for document in documents:
            spans, text = unit_spans(document), document.text
            chances = self._changes([text[start:end] for start, end in spans])
            offsets = np.array([start for start, _ in spans[1:]], np.int64)
            columns = np.repeat(chances[:, None], N_OUTPUTS, axis=1)
            yield {"section": Scores("section", len(text), offsets, columns)}

    def _changes(self, units: Sequence[str]) -> NDArray[np.float32]:
        """Chance of a new topic at each unit after the first: float32 (n - 1,)."""
        out = np.zeros(max(0, len(units) - 1), np.float32)
        for start in range(0, len(out), BLOCK_PAIRS):
            pairs = list(pairwise(units[start : start + BLOCK_PAIRS + 1]))
            out[start : start + len(pairs)] = self._block(pairs)
        return out

    def _block(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Chance of a new topic between the two texts of each pair, pairs of like length together."""
        out = np.zeros(len(pairs), np.float32)
        encoded = self._tokenizer.encode_batch(list(pairs))
        order = sorted(range(len(pairs)), key=lambda i: len(encoded[i].ids))
        for rows in _batches(order, encoded):
            logits = self._classify(_arrays([encoded[i] for i in rows], self._padding))
            shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
            out[rows] = 1 - (shifted / shifted.sum(axis=1, keepdims=True))[:, SAME_TOPIC]
        return np.clip(out, 0, 1)


def _read_config(folder: Path) -> Mapping[str, Any]:
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: not a readable model configuration ({error})") from error
    kinds = (config.get("architectures") if isinstance(config, dict) else None) or [""]
    if not str(kinds[0]).endswith("ForSequenceClassification"):
        raise ModelError(f"{path}: {kinds[0] or 'no architecture'} is no classifier of paragraph pairs")
    read: Mapping[str, Any] = config
    return read


def _whole_number(config: Mapping[str, Any], key: str, default: int) -> int:
    value = config.get(key)
    return value if isinstance(value, int) and value >= 0 else default


def _max_tokens(config: Mapping[str, Any]) -> int:
    """Tokens of a pair: 512, or fewer where the model has no more positions (RoBERTa's begin after its padding)."""
    positions = _whole_number(config, "max_position_embeddings", MAX_TOKENS)
    if str(config.get("model_type")) in ("roberta", "xlm-roberta", "camembert"):
        positions -= _whole_number(config, "pad_token_id", 1) + 1
    return max(8, min(MAX_TOKENS, positions))


def _batches(order: Sequence[int], encoded: Sequence[Encoding]) -> Iterator[list[int]]:
    """Rows of rising length in groups of at most 8,192 tokens with padding."""
    rows: list[int] = []
    for i in order:
        if rows and (len(rows) + 1) * len(encoded[i].ids) > BATCH_TOKENS:
            yield rows
            rows = []
        rows.append(i)
    if rows:
        yield rows


def _arrays(encoded: Sequence[Encoding], padding: int) -> dict[str, NDArray[np.int64]]:
    longest = max(len(e.ids) for e in encoded)
    out = {name: np.zeros((len(encoded), longest), np.int64) for name in ("input_ids", "attention_mask")}
    out["input_ids"][:] = padding
    out["token_type_ids"] = np.zeros((len(encoded), longest), np.int64)
    for row, encoding in enumerate(encoded):
        n = len(encoding.ids)
        out["input_ids"][row, :n] = encoding.ids
        out["attention_mask"][row, :n] = 1
        out["token_type_ids"][row, :n] = encoding.type_ids
    return out


def _tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a folder: ``tokenizer.json``, RoBERTa's ``vocab.json`` and ``merges.txt``, or BERT's words."""
    try:
        if (folder / "tokenizer.json").is_file():
            return _from_description((folder / "tokenizer.json").read_bytes())
        if (folder / "merges.txt").is_file():
            return _byte_level(folder)
        if (folder / "vocab.txt").is_file():
            return _word_pieces(folder)
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder}: not a usable tokenizer ({str(error)[:120]})") from error
    raise ModelError(f"{folder}: no tokenizer here (tokenizer.json, vocab.json with merges.txt, or vocab.txt)")


def _from_description(data: bytes) -> Tokenizer:
    """The tokenizer that JSON describes; all else in the library raises bare Exception for a fault.

    Raises:
        ValueError: if it describes none.
    """
    from tokenizers import Tokenizer

    return Tokenizer.from_buffer(data)


def _of_model(**model: Any) -> Tokenizer:
    return _from_description(json.dumps({"version": "1.0", "added_tokens": [], "model": model}).encode("utf-8"))


def _byte_level(folder: Path) -> Tokenizer:
    from tokenizers import decoders, pre_tokenizers, processors

    lines = (folder / "merges.txt").read_text(encoding="utf-8").splitlines()
    merges = [line for line in lines if line and not line.startswith("#version")]
    vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    tokenizer = _of_model(type="BPE", vocab=vocabulary, merges=merges, unk_token="<unk>")
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    end, start = tokenizer.token_to_id("</s>"), tokenizer.token_to_id("<s>")
    if end is None or start is None:
        raise ModelError(f"{folder}: no RoBERTa tokenizer (it lacks <s> or </s>)")
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", end), ("<s>", start), add_prefix_space=False)
    return tokenizer


def _word_pieces(folder: Path) -> Tokenizer:
    from tokenizers import normalizers, pre_tokenizers, processors

    lines = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
    vocabulary = {word.rstrip("\r"): index for index, word in enumerate(lines) if word.strip()}
    tokenizer = _of_model(
        type="WordPiece",
        vocab=vocabulary,
        unk_token="[UNK]",
        continuing_subword_prefix="##",
        max_input_chars_per_word=100,
    )
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    end, start = tokenizer.token_to_id("[SEP]"), tokenizer.token_to_id("[CLS]")
    if end is None or start is None:
        raise ModelError(f"{folder}: no BERT tokenizer (it lacks [CLS] or [SEP])")
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", end), ("[CLS]", start))
    return tokenizer


def _classifier(folder: Path) -> Classifier:
    for name in GRAPHS:
        if (folder / name).is_file():
            return _onnx_classifier(folder / name)
    if any((folder / name).is_file() for name in WEIGHTS):
        return _torch_classifier(folder)
    raise ModelError(f"{folder}: no weights here ({', '.join(GRAPHS + WEIGHTS)})")


def _onnx_classifier(path: Path) -> Classifier:
    session = open_session(path)
    names = [item.name for item in session.get_inputs()]

    def classify(arrays: Mapping[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        missing = [name for name in names if name not in arrays]
        if missing:
            raise ModelError(f"{path}: needs inputs that a pair classifier has not: {', '.join(missing)}")
        logits: NDArray[np.float32] = np.asarray(session.run(None, {n: arrays[n] for n in names})[0], np.float32)
        if logits.ndim != 2 or logits.shape[1] != 2:
            raise ModelError(f"{path}: gives {logits.shape}, not two labels a pair")
        return logits

    return classify


def _torch_classifier(folder: Path) -> Classifier:
    try:
        import torch
        from transformers import AutoModelForSequenceClassification
    except ImportError as error:
        raise ModelError(
            f"{folder}: PyTorch weights need transformers and torch (or export the model to ONNX)"
        ) from error
    model: Any = AutoModelForSequenceClassification.from_pretrained(str(folder), local_files_only=True).eval()
    takes_types = getattr(model.config, "type_vocab_size", 1) > 1

    def classify(arrays: Mapping[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        names = ["input_ids", "attention_mask"] + (["token_type_ids"] if takes_types else [])
        with torch.inference_mode():
            logits = model(**{name: torch.from_numpy(arrays[name]) for name in names}).logits
        result: NDArray[np.float32] = logits.float().numpy()
        return result

    return classify
