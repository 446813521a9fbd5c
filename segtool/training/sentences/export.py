"""Weights to the files of a model: the shared tables, one int8 ONNX graph an encoder, and the gate."""

from __future__ import annotations

import gzip
import json
import pathlib
import tempfile
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

from segtool.training.sentences.graph import GraphWriter, Weights
from segtool.training.sentences.network import SHAPES, slopes

TABLE, TABLES, GATE = "table.bin", "tables.npz", "gate.npz"
GATE_LEVEL = 15
"""The gate's table holds whole numbers from minus this to this."""


def load_weights(path: pathlib.Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays that ``learn.write_weights`` wrote."""
    with np.load(path) as arrays:
        return {name: arrays[name] for name in arrays.files}


def shapes_of(weights: Weights) -> list[str]:
    """Names of the shapes of the encoders in a file of weights."""
    return list(json.loads(weights["plan"].tobytes())["shapes"])


def float_graph(weights: Weights, index: int, hidden: bool = False) -> onnx.ModelProto:
    """The graph of encoder ``index`` with float32 weights; with ``hidden`` it also gives what its heads see."""
    shape = SHAPES[shapes_of(weights)[index]]
    size = weights["embedder.classes.weight"].shape[1]
    writer = GraphWriter(weights)
    output = writer.encoder("embedded", f"encoders.{index}.", shape, size, slopes(shape.heads).numpy(), hidden)
    return writer.model(output, size)


def quantised(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with int8 weights in every product: per channel, 7 bits, as AVX2 saturates with 8."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder, "float.onnx"), pathlib.Path(folder, "int8.onnx")
        onnx.save(model, str(source))
        quantize_dynamic(
            source,
            target,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            op_types_to_quantize=["MatMul"],
            extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        return onnx.load(str(target))


def write_tables(weights: Weights, folder: pathlib.Path) -> None:
    """``table.bin``: int8 rows, mapped into memory; ``tables.npz``: their scales, class and language rows."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = weights["embedder.table"][:-1]
    (folder / TABLE).write_bytes(np.ascontiguousarray(rows, np.int8).tobytes())
    classes, class_scales = int8_rows(weights["embedder.classes.weight"])
    arrays: dict[str, Any] = {
        "scales": weights["embedder.table_scale"][:-1].astype(np.float16),
        "classes": classes,
        "class_scales": class_scales,
    }
    names = json.loads(weights["plan"].tobytes()).get("languages", [])
    if names:
        arrays["language_names"] = np.array(names)
        arrays["languages"] = weights["embedder.languages.weight"][1:].astype(np.float16)
    np.savez_compressed(folder / TABLES, **arrays)


def int8_rows(weight: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float16]]:
    """Rows in int8 and one float16 scale a row."""
    scales = (np.abs(weight.astype(np.float32)).max(1) / 127).clip(1e-6).astype(np.float16)
    rows = np.round(weight.astype(np.float32) / scales.astype(np.float32)[:, None]).clip(-127, 127)
    return rows.astype(np.int8), scales


def write_gate(weights: Weights, folder: pathlib.Path) -> None:
    """``gate.npz``: the first stage's table, in few levels a row that compress well, and its float16 layers."""
    arrays: dict[str, Any] = {
        name.removeprefix("gate."): value for name, value in weights.items() if name.startswith("gate.")
    }
    arrays["classes"], arrays["class_scales"] = int8_rows(arrays.pop("classes.weight"))
    arrays["table"] = np.round(arrays["table"] * (GATE_LEVEL / 127)).astype(np.int8)
    arrays["table_scale"] = (arrays["table_scale"].astype(np.float32) * (127 / GATE_LEVEL)).astype(np.float16)
    np.savez_compressed(folder / GATE, **arrays)


def write_encoder(weights: Weights, index: int, path: pathlib.Path, hidden: bool = False) -> None:
    """One encoder's int8 graph, compressed where the name asks for it."""
    data = quantised(float_graph(weights, index, hidden)).SerializeToString()
    path.write_bytes(gzip.compress(data, 9, mtime=0) if path.suffix == ".gz" else data)


def export(weights: Weights, folder: pathlib.Path, names: list[str], hidden: bool = False) -> None:
    """Writes all files of a model; ``names`` are the ONNX files of the encoders in order."""
    write_tables(weights, folder)
    for index, name in enumerate(names):
        write_encoder(weights, index, folder / name, hidden)
    if "gate.table" in weights:
        write_gate(weights, folder)
