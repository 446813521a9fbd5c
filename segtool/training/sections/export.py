"""From a trained network to files: weights to keep, and the model that inference loads."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch

from segtool.inference.topic_features import SectionShape
from segtool.inference.topic_model import body_file, tables_file
from segtool.training.sections.graph import body_graph
from segtool.training.sections.network import SectionNet


def quantise_rows(
    matrix: npt.NDArray[np.float32], top: int = 127
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float16]]:
    """Rows as whole numbers from -top to top with a scale each; few levels leave little after compression.

    With few levels the largest entries of a row are clipped, so that the others get finer steps.
    """
    largest = np.maximum(np.abs(matrix).max(axis=1), 1e-3)
    best, scale = np.full(len(matrix), np.inf), largest / top
    for share in (1.0,) if top == 127 else (1.0, 0.9, 0.8, 0.7, 0.6):
        tried = largest * share / top
        codes = np.clip(np.rint(matrix / tried[:, None]), -top, top)
        error = np.square(codes * tried[:, None] - matrix).sum(axis=1)
        scale = np.where(error < best, tried, scale)
        best = np.minimum(error, best)
    half = scale.astype(np.float16)
    return np.clip(np.rint(matrix / half.astype(np.float32)[:, None]), -top, top).astype(np.int8), half


def save_weights(net: SectionNet, path: Path, top: int = 127) -> None:
    """Write a network as one compressed npz: the word table in 2 top + 1 levels a row, the rest in 16 bits."""
    out: dict[str, npt.NDArray[Any]] = {"shape": np.frombuffer(json.dumps(asdict(net.shape)).encode(), np.uint8)}
    for name, value in net.state_dict().items():
        array = value.detach().cpu().float().numpy()
        if name == "table.weight":
            out["table.codes"], out["table.scale"] = quantise_rows(array, top)
        elif not name.startswith("project"):
            out[name] = array.astype(np.float16)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **out)


def load_weights(path: Path) -> SectionNet:
    """The network that `save_weights` wrote; the projection to the teacher is not kept."""
    stored = np.load(path)
    shape = SectionShape(**json.loads(stored["shape"].tobytes()))
    net = SectionNet(shape)
    state = net.state_dict()
    for name in stored.files:
        if name in state:
            state[name] = torch.from_numpy(stored[name].astype(np.float32))
    table = stored["table.codes"].astype(np.float32) * stored["table.scale"].astype(np.float32)[:, None]
    state["table.weight"] = torch.from_numpy(table)
    net.load_state_dict(state)
    return net.eval()


def write_tables(net: SectionNet, path: Path, top: int = 127) -> None:
    """Write the tables that inference reads: words in 2 top + 1 levels, forms in 8 bits, the rest in 16."""
    state = {name: value.detach().cpu().float().numpy() for name, value in net.state_dict().items()}
    table, table_scale = quantise_rows(state["table.weight"], top)
    form = state["form.weight"]
    form[0] = 0
    form_codes, form_scale = quantise_rows(form)
    np.savez_compressed(
        path,
        **{
            "shape": np.frombuffer(json.dumps(asdict(net.shape)).encode(), np.uint8),
            "table.codes": table,
            "table.scale": table_scale,
            "weight": np.exp(state["weight.weight"][:, 0]).astype(np.float16),
            "bias": state["bias"].astype(np.float32),
            "plain_norm": np.stack([state["plain_norm.weight"], state["plain_norm.bias"]]).astype(np.float32),
            "form.codes": form_codes,
            "form.scale": form_scale,
        },
    )


def write_body(net: SectionNet, path: Path) -> None:
    """Write the body as ONNX, the matrices of its linear layers in 8 bits a column.

    They use 7 of the 8 bits: processors without VNNI saturate with all.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "body.onnx"
        onnx.save(body_graph(net.body), str(plain))
        quantize_dynamic(
            str(plain),
            str(path),
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            op_types_to_quantize=["MatMul"],
            extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
        )


def export_model(nets: Sequence[SectionNet], folder: Path, top: int = 127) -> None:
    """Write the files of a model whose parts are these networks, for `segtool.inference.topic_model`."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, net in enumerate(nets, 1):
        write_tables(net, folder / tables_file(part), top)
        write_body(net, folder / body_file(part))
