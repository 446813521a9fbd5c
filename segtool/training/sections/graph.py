"""The body of the section model as an ONNX graph, written node by node: no exporter decides what runs at inference.

Attention and rotation are single operators of onnxruntime (domain ``com.microsoft``), which keep the scores of 512
units to 512 in the cache; plain operators take the body an eighth more time. Weights are float32 here; ``export`` makes
them int8.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from segtool.inference.topic_features import N_PATCH
from segtool.training.sections.network import Body

OPSET = 17
CONTRIBUTED = "com.microsoft"
_FLOAT = npt.NDArray[np.float32]


class BodyWriter:
    """Appends nodes and constants; every method returns the name of its output.

    Args:
        body: The trained body, on the CPU.
    """

    def __init__(self, body: Body) -> None:
        self._weights = {name: value.numpy().astype(np.float32) for name, value in body.state_dict().items()}
        self._cos, self._sin = (value.numpy().astype(np.float32) for value in (body.cos, body.sin))
        self._n_blocks, self._heads = len(body.blocks), body.blocks[0].heads
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def model(self) -> onnx.ModelProto:
        """From ``inputs`` (samples, units, n) and ``patch`` (samples, units, 252) to ``logits`` (samples, units, 5)."""
        self._nodes.append(helper.make_node("Identity", [self._body()], ["logits"], name="logits"))
        wide = self._weights["enter.weight"].shape[1]
        narrow = self._weights["leave.2.weight"].shape[0]
        value = helper.make_tensor_value_info
        axes = ["samples", "units"]
        graph = helper.make_graph(
            self._nodes,
            "sections",
            [value(name, TensorProto.FLOAT, [*axes, size]) for name, size in (("inputs", wide), ("patch", N_PATCH))],
            [value("logits", TensorProto.FLOAT, [*axes, narrow])],
            list(self._constants.values()),
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIBUTED, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)

    def _body(self) -> str:
        patch = self._gelu(self._linear("patch", "patch.0"))
        x = self._op("Add", self._linear("inputs", "enter"), self._linear(patch, "patch.2"))
        places = self._places("inputs")
        for index in range(self._n_blocks):
            x = self._block(x, f"blocks.{index}", places)
        x = self._norm(x, "norm")
        before = self._op("Pad", x, self._constant("pad", np.array([0, 1, 0, 0, -1, 0], np.int64)))
        x = self._op("Concat", x, before, axis=-1)
        return self._linear(self._gelu(self._linear(x, "leave.0")), "leave.2")

    def _block(self, x: str, name: str, places: str) -> str:
        y = self._op("Transpose", self._norm(x, f"{name}.norms.0"), perm=[0, 2, 1])
        y = self._gelu(self._op("Transpose", self._convolution(y, f"{name}.conv"), perm=[0, 2, 1]))
        x = self._op("Add", x, self._linear(y, f"{name}.mix"))
        y = self._attention(self._norm(x, f"{name}.norms.1"), name, places)
        x = self._op("Add", x, self._linear(y, f"{name}.out"))
        y = self._gelu(self._linear(self._norm(x, f"{name}.norms.2"), f"{name}.up"))
        return self._op("Add", x, self._linear(y, f"{name}.down"))

    def _convolution(self, y: str, name: str) -> str:
        channels, _, reach = self._weights[f"{name}.weight"].shape
        weights = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._op("Conv", y, *weights, group=channels, kernel_shape=[reach], pads=[reach // 2, reach // 2])

    def _attention(self, x: str, name: str, places: str) -> str:
        y = self._linear(x, f"{name}.qkv")
        parts = [f"{name}/{part}" for part in ("q", "k", "v")]
        self._nodes.append(helper.make_node("Split", [y], parts, name=f"{name}/split", axis=-1))
        q, k = (self._rotated(part, places) for part in parts[:2])
        return self._op("MultiHeadAttention", q, k, parts[2], domain=CONTRIBUTED, num_heads=self._heads)

    def _rotated(self, x: str, places: str) -> str:
        tables = [self._constant("cos", self._cos), self._constant("sin", self._sin)]
        return self._op("RotaryEmbedding", x, places, *tables, domain=CONTRIBUTED, num_heads=self._heads, interleaved=0)

    def _places(self, x: str) -> str:
        """The place of each unit in its sample, int64 (samples, units)."""
        zero, one = (self._constant(f"int{v}", np.array(v, np.int64)) for v in (0, 1))
        sizes = self._op("Shape", x)
        line = self._op("Range", zero, self._op("Gather", sizes, one), one)
        grid = self._op("Slice", sizes, *(self._constant(f"ints{v}", np.array([v], np.int64)) for v in (0, 2)))
        return self._op("Expand", line, grid)

    def _linear(self, x: str, name: str) -> str:
        product = self._op("MatMul", x, self._constant(f"{name}.weight", self._weights[f"{name}.weight"].T))
        return self._op("Add", product, self._weight(f"{name}.bias"))

    def _norm(self, x: str, name: str) -> str:
        weights = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._op("LayerNormalization", x, *weights, axis=-1, epsilon=1e-5)

    def _gelu(self, x: str) -> str:
        return self._op("Gelu", x, domain=CONTRIBUTED)

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _constant(self, name: str, value: _FLOAT | npt.NDArray[np.int64]) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def _op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        name = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], name=name, domain=domain, **attributes))
        return name


def body_graph(body: Body) -> onnx.ModelProto:
    """The body's graph with float32 weights, checked."""
    with torch.no_grad():
        model = BodyWriter(body.cpu().eval()).model()
    onnx.checker.check_model(model)
    return model
