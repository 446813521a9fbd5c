"""LoRA adapters of the SaT models, loaded and merged by the wtpsplit package, which needs PyTorch (extra ``lora``).

An adapter fits a model to the sentences of one style or domain: ``adapter_config.json``, ``pytorch_adapter.bin``,
``head_config.json`` and ``pytorch_model_head.bin`` in a folder, as ``wtpsplit/train/train_lora.py`` writes them. The
official ones lie in a model's repository under ``loras/STYLE/LANGUAGE``. Merged into the weights, they cost nothing.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segtool.errors import ModelError
from segtool.inference.hub import ADAPTER_FILES, WEIGHTS

if TYPE_CHECKING:
    from segtool.inference.wtpsplit_graph import Logits

INSTALL = "pip install 'segtool[lora]'"

_TOKENIZER_CONFIG = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>", "pad_token": "<pad>"}
_TOKENIZER_CONFIG |= {"bos_token": "<s>", "cls_token": "<s>", "sep_token": "</s>", "eos_token": "</s>"}


def check_adapter(adapter: Path) -> None:
    """Say what a folder lacks of an adapter.

    Raises:
        ModelError: if it is no folder, or a file is missing.
    """
    missing = [name for name in ADAPTER_FILES if not (adapter / name).is_file()]
    if missing:
        raise ModelError(f"{adapter}: no LoRA adapter in this folder (it lacks {', '.join(missing)})")


def adapted_logits(folder: Path, adapter: Path, tokenizer: Path) -> Logits:
    """Logits of the model in ``folder`` with the adapter merged in.

    Args:
        folder: ``config.json`` and PyTorch weights.
        adapter: its files.
        tokenizer: a ``tokenizer.json``; the package wants one, though segtool makes the tokens.

    Raises:
        ModelError: if files are missing or don't fit each other, or the extra is not installed or of other versions.
    """
    check_adapter(adapter)
    if not any((folder / name).is_file() for name in WEIGHTS):
        raise ModelError(f"{folder}: a LoRA adapter needs the model's PyTorch weights ({' or '.join(WEIGHTS)})")
    model = _merged(folder, adapter, tokenizer)

    def logits(ids: NDArray[np.int64]) -> NDArray[Any]:
        import torch

        with torch.inference_mode():
            tokens = torch.from_numpy(ids)
            found: NDArray[Any] = model(input_ids=tokens, attention_mask=torch.ones(tokens.shape)).logits.numpy()
        return found

    try:
        logits(np.ones((1, 8), np.int64))
    except (TypeError, IndexError, AttributeError) as error:  # what wtpsplit's network raises under other versions
        raise ModelError(
            f"LoRA: torch, transformers and wtpsplit do not fit each other ({error}); {INSTALL}"
        ) from error
    return logits


def _merged(folder: Path, adapter: Path, tokenizer: Path) -> Callable[..., Any]:
    """The network with the adapter, by the wtpsplit package."""
    try:
        import torch  # noqa: F401
        import wtpsplit
        import wtpsplit.models  # fails at once where transformers is not of its versions
    except (ImportError, AttributeError) as error:
        raise ModelError(f"{adapter}: LoRA adapters need PyTorch and adapters ({error}); {INSTALL}") from error
    with tempfile.TemporaryDirectory() as name:
        shutil.copyfile(tokenizer, Path(name, "tokenizer.json"))
        Path(name, "tokenizer_config.json").write_text(json.dumps(_TOKENIZER_CONFIG), encoding="utf-8")
        try:
            sat: Any = wtpsplit.SaT(
                str(folder),
                tokenizer_name_or_path=name,
                from_pretrained_kwargs={"local_files_only": True},
                lora_path=str(adapter),
                hub_prefix=None,
            )
        except (RuntimeError, ValueError, KeyError, OSError) as error:
            reason = str(error.__cause__ or error).splitlines()[0][:160]
            raise ModelError(f"{adapter}: can't be merged into {folder} ({reason})") from error
    network: Callable[..., Any] = sat.model.model.eval()
    return network
