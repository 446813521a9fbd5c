"""A small model of the official SaT shape, to test segtool against the wtpsplit package where no download is possible.

    python -m segtool.training.official_shape FOLDER --corpora CORPORA --minutes 20 --hold-out 1

writes a folder in wtpsplit's ONNX layout: a Unigram tokenizer with XLM-RoBERTa's special tokens and splitting, and
an XLM-RoBERTa encoder with limited look-ahead, one output, and a float16 attention mask as wtpsplit feeds it. The
network is written out here, as wtpsplit's own class ties itself to versions of transformers. ``--hold-out SEED`` keeps
an eighth of the training documents, drawn with this seed, for ``official_compare``: documents that no one looked at.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from segtool.training.sentences.pack import iter_json

LOGGER = logging.getLogger(__name__)
FILES = ("ud", "ntrex", "flores", "tico", "other")
"""Parts of the corpus: all but the court decisions, whose headings and citations take longer than minutes to learn."""
_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
_RATE = 3e-3
_SCALE = 0.05
_CONSISTENCY, _POSSIBLE = 0.5, -4.0
_POSITION_OFFSET = 2  # XLM-RoBERTa counts positions from pad_token_id + 1


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network, named as in ``config.json``; the official ones are 250,002, 768, 3, 12, 3,072, 514, 48."""

    vocab_size: int = 6_000
    hidden_size: int = 96
    num_hidden_layers: int = 3
    num_attention_heads: int = 4
    intermediate_size: int = 384
    max_position_embeddings: int = 514
    lookahead: int | None = 48
    num_labels: int = 1


def _waves(n: int, size: int) -> torch.Tensor:
    """(n, size): sines and cosines, a start from which neighbours are found within minutes of training."""
    angles = torch.arange(n)[:, None] * 10_000.0 ** (-torch.arange(size // 2) / (size // 2))
    return torch.cat([angles.sin(), angles.cos()], 1)


class _Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        size = shape.hidden_size
        self.heads, self.depth = shape.num_attention_heads, size // shape.num_attention_heads
        self.qkv, self.out = nn.Linear(size, 3 * size), nn.Linear(size, size)
        self.up, self.down = nn.Linear(size, shape.intermediate_size), nn.Linear(shape.intermediate_size, size)
        self.norm_1, self.norm_2 = nn.LayerNorm(size, eps=1e-5), nn.LayerNorm(size, eps=1e-5)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """Post-norm attention and feed-forward, as RoBERTa has them; ``bias`` is added to the attention scores."""
        batch, length, size = x.shape
        parts = self.qkv(x).view(batch, length, 3, self.heads, self.depth).permute(2, 0, 3, 1, 4)
        weights = torch.softmax(parts[0] @ parts[1].transpose(-1, -2) * self.depth**-0.5 + bias, -1)
        mixed = (weights @ parts[2]).transpose(1, 2).reshape(batch, length, size)
        x = self.norm_1(x + self.out(mixed))
        return self.norm_2(x + self.down(nn.functional.gelu(self.up(x))))


class OfficialShape(nn.Module):
    """XLM-RoBERTa for token classification with wtpsplit's limited look-ahead."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.shift = 0  # of the positions, so that short windows train them all
        self.words = nn.Embedding(shape.vocab_size, shape.hidden_size)
        self.positions = nn.Embedding(shape.max_position_embeddings, shape.hidden_size)
        self.norm = nn.LayerNorm(shape.hidden_size, eps=1e-5)
        self.layers = nn.ModuleList(_Layer(shape) for _ in range(shape.num_hidden_layers))
        self.head = nn.Linear(shape.hidden_size, shape.num_labels)
        nn.init.normal_(self.words.weight, std=_SCALE)
        with torch.no_grad():
            self.positions.weight.copy_(_SCALE * _waves(shape.max_position_embeddings, shape.hidden_size))

    def forward(self, attention_mask: torch.Tensor, input_ids: torch.Tensor) -> torch.Tensor:
        """Logits (batch, length, labels)."""
        place = torch.arange(input_ids.shape[1])
        visible = attention_mask.float()[:, None, None, :]
        if self.shape.lookahead is not None:
            step = self.shape.lookahead // self.shape.num_hidden_layers
            visible = visible * (place[None, :] <= place[:, None] + step).float()
        bias = (1 - visible) * -1e9
        x = self.norm(self.words(input_ids) + self.positions(place + _POSITION_OFFSET + self.shift))
        for layer in self.layers:
            x = layer(x, bias)
        return self.head(x)


def train_tokenizer(texts: Iterable[str], path: Path, vocab_size: int) -> None:
    """Train a Unigram tokenizer that splits as XLM-RoBERTa's does, and write it to ``path``."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")]
    )
    trainer = trainers.UnigramTrainer(
        vocab_size=vocab_size, special_tokens=_SPECIAL, unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.save(str(path))


def export(model: OfficialShape, folder: Path) -> None:
    """Write graph and configuration in wtpsplit's layout; ``tokenizer.json`` is there already."""
    model.eval()
    model.shift = 0
    example = (torch.ones(2, 24, dtype=torch.float16), torch.ones(2, 24, dtype=torch.int64))
    names = ["attention_mask", "input_ids"]
    axes = {name: {0: "batch", 1: "sequence"} for name in [*names, "logits"]}
    torch.onnx.export(
        model,
        example,
        str(folder / "model_optimized.onnx"),
        input_names=names,
        output_names=["logits"],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    shape = asdict(model.shape)
    labels = {str(i): f"LABEL_{i}" for i in range(shape.pop("num_labels"))}
    config = {"model_type": "xlm-token", "id2label": labels, "type_vocab_size": 1, **shape}
    config |= {
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": 2,
        "label2id": {v: int(k) for k, v in labels.items()},
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    tokens = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512}
    tokens |= {"bos_token": "<s>", "cls_token": "<s>", "sep_token": "</s>", "eos_token": "</s>"}
    tokens |= {"unk_token": "<unk>", "pad_token": "<pad>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokens, indent=1), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Labelled:
    """Token ids of all documents in one row, and 1.0 where a sentence ends with the token."""

    ids: NDArray[np.int64]
    labels: NDArray[np.float32]


def read_english(corpora: Path, part: str, files: Sequence[str] = FILES) -> list[tuple[str, list[int]]]:
    """English texts and exclusive sentence ends of ``corpora/sentences/PART``, tweets and utterances left out."""
    return [
        (str(item["text"]), list(item["ends"]))  # type: ignore[call-overload]
        for name in files
        for item in iter_json(corpora / "sentences" / part / f"{name}.jsonl.zst")
        if item["lang"] == "en" and not item.get("unit")
    ]


def held_out(
    documents: Sequence[tuple[str, list[int]]], seed: int, share: float = 0.125
) -> tuple[list[tuple[str, list[int]]], list[tuple[str, list[int]]]]:
    """The documents to train on, and those drawn with ``seed`` for comparison, both in their order."""
    chosen = set(random.Random(seed).sample(range(len(documents)), round(share * len(documents))))
    parts: tuple[list[tuple[str, list[int]]], list[tuple[str, list[int]]]] = ([], [])
    for index, document in enumerate(documents):
        parts[index in chosen].append(document)
    return parts


def label(documents: Iterable[tuple[str, list[int]]], path: Path) -> Labelled:
    """Tokens and labels of documents, by the tokenizer in ``path``."""
    from segtool.inference.wtpsplit_tokens import SubwordTokenizer

    tokenizer = SubwordTokenizer(path)
    ids, labels = [], []
    for text, ends in documents:
        tokens = tokenizer.encode(text)
        marks = np.zeros(len(tokens), np.float32)
        marks[np.minimum(np.searchsorted(tokens.ends, ends), len(tokens) - 1)] = 1
        ids.append(tokens.ids)
        labels.append(marks)
    return Labelled(np.concatenate(ids), np.concatenate(labels))


def train(model: OfficialShape, data: Labelled, minutes: float, seed: int = 7) -> None:
    """Train on pairs of overlapping windows until the time is up; most are short, some of full length.

    The two windows of a pair begin at different tokens and positions, and are to agree where they overlap: large
    models learn that by themselves in time, a small one in minutes does not.
    """
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(model.parameters(), lr=_RATE, betas=(0.9, 0.98), weight_decay=0.01)
    start, step, share = time.monotonic(), 0, 0.0
    while share < 1:
        length, rows = (510, 2) if step % 8 == 0 else (126, 8)
        lag = int(draw.integers(0, length // 2))
        begins = draw.integers(0, len(data.ids) - length - lag, rows)
        first, loss_1 = _window_loss(model, data, begins, length, draw)
        second, loss_2 = _window_loss(model, data, begins + lag, length, draw)
        loss = loss_1 + loss_2 + _CONSISTENCY * _disagreement(first[:, lag:], second[:, : length - lag])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        share = (time.monotonic() - start) / (60 * minutes)
        for group in optimiser.param_groups:
            group["lr"] = _RATE * min(1.0, step / 50) * max(0.02, 1 - share)
        optimiser.step()
        step += 1
        if step % 50 == 0:
            LOGGER.info("step %d: losses %.4f, together %.4f", step, loss_1.item(), loss.item())


def _window_loss(
    model: OfficialShape, data: Labelled, begins: NDArray[np.int64], length: int, draw: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits of windows at a random position, and their loss."""
    index = begins[:, None] + np.arange(length)
    ids = np.pad(data.ids[index], ((0, 0), (1, 1)), constant_values=((0, 0), (0, 2)))
    model.shift = int(draw.integers(0, 512 - length - 1))
    logits = model(torch.ones(ids.shape), torch.from_numpy(ids))[:, 1:-1, 0]
    return logits, nn.functional.binary_cross_entropy_with_logits(logits, torch.from_numpy(data.labels[index]))


def _disagreement(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Mean squared difference of logits over the tokens that either takes for a possible boundary."""
    possible = torch.maximum(one, other).detach() > _POSSIBLE
    return ((one - other).clamp(-4, 4).square() * possible).sum() / possible.sum().clamp(min=1)


def write_random(folder: Path, texts: Sequence[str], shape: Shape, seed: int = 7) -> None:
    """Write a model of random weights with a tokenizer trained on ``texts``: enough to compare logits."""
    folder.mkdir(parents=True, exist_ok=True)
    train_tokenizer(texts, folder / "tokenizer.json", shape.vocab_size)
    torch.manual_seed(seed)
    model = OfficialShape(shape)
    for name, weight in model.named_parameters():  # attention that looks around, logits that differ
        if weight.dim() == 2:
            nn.init.normal_(weight, std=1.0 if name.startswith(("words", "positions")) else 3 * weight.shape[1] ** -0.5)
    export(model, folder)


def main() -> None:
    """Train and write the model that the command names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--hold-out", type=int, metavar="SEED", help="keep documents drawn with this seed apart")
    parser.add_argument("--seed", type=int, default=7, help="of weights and windows")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    torch.set_num_threads(arguments.threads)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    documents = read_english(arguments.corpora, "train")
    if arguments.hold_out is not None:
        documents, _ = held_out(documents, arguments.hold_out)
    shape = Shape()
    train_tokenizer((text for text, _ in documents), arguments.folder / "tokenizer.json", shape.vocab_size)
    torch.manual_seed(arguments.seed)
    model = OfficialShape(shape)
    train(model, label(documents, arguments.folder / "tokenizer.json"), arguments.minutes, arguments.seed)
    export(model, arguments.folder)


if __name__ == "__main__":
    main()
