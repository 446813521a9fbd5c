"""Encoders as ONNX graphs, written node by node: no exporter decides what runs at inference.

A graph takes embedded pieces (B, T, size) and gives the logits of ``network``'s heads, (B, T, N_HEADS): ``end`` and
``paragraph``, then the mark that was removed and the case of the next word; a ``bare`` head comes last. B and T are
free; T must be a multiple of the shape's ``pool``. Weights are float32 here; ``export`` makes them int8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from segtool.training.sentences.network import REACH, STEPS, Shape

OPSET = 17
_END = 1 << 40
Weights = Mapping[str, npt.NDArray[Any]]


class GraphWriter:
    """Appends nodes and constants; every method returns the name of its output."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self._n = 0

    def constant(self, name: str, value: npt.NDArray[Any]) -> str:
        """A named constant, written once."""
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """One node with one output."""
        self._n += 1
        name = f"{kind.lower()}_{self._n}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, domain=domain, **attributes))
        return name

    def linear(self, x: str, name: str) -> str:
        """x W' + b, with the weight transposed for MatMul."""
        weight = self.constant(f"{name}.weight", self.weights[f"{name}.weight"].astype(np.float32).T)
        bias = self.constant(f"{name}.bias", self.weights[f"{name}.bias"].astype(np.float32))
        return self.op("Add", self.op("MatMul", x, weight), bias)

    def norm(self, x: str, name: str) -> str:
        """Layer norm over the last axis."""
        scale = self.constant(f"{name}.weight", self.weights[f"{name}.weight"].astype(np.float32))
        bias = self.constant(f"{name}.bias", self.weights[f"{name}.bias"].astype(np.float32))
        return self.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=1e-5)

    def reshape(self, x: str, *shape: int) -> str:
        """Reshape; 0 keeps a size, -1 is worked out."""
        return self.op("Reshape", x, self.constant(f"shape{shape}", np.array(shape, np.int64)))

    def cut(self, x: str, start: int, stop: int, axis: int = 1) -> str:
        """A slice along one axis; a negative stop counts from the end."""
        ints = [self.constant(f"int{v}", np.array([v], np.int64)) for v in (start, stop, axis)]
        return self.op("Slice", x, *ints)

    def convolution(self, x: str, name: str, step: int) -> str:
        """Residual convolution block on (B, T, C)."""
        y = self.norm(x, f"{name}.norm")
        pads = self.constant(f"pads{step}", np.array([0, step, 0, 0, step, 0], np.int64))
        wide = self.op("Pad", y, pads)
        y = self.op("Concat", self.cut(wide, 0, -2 * step), y, self.cut(wide, 2 * step, _END), axis=2)
        y = self.linear(self.op("Relu", self.linear(y, f"{name}.mix")), f"{name}.out")
        return self.op("Add", x, y)

    def attention(self, x: str, name: str, shape: Shape, bias: str) -> str:
        """Residual attention and feed-forward block."""
        y = self._mixed(self.linear(self.norm(x, f"{name}.norm"), f"{name}.project"), shape, bias)
        x = self.op("Add", x, self.linear(y, f"{name}.merge"))
        y = self.op("Relu", self.linear(self.norm(x, f"{name}.norm2"), f"{name}.up"))
        return self.op("Add", x, self.linear(y, f"{name}.down"))

    def _mixed(self, y: str, shape: Shape, bias: str) -> str:
        each = shape.width // shape.heads
        y = self.reshape(y, 0, 0, 3 * shape.heads, each)
        parts = [self.cut(y, i * shape.heads, (i + 1) * shape.heads, axis=2) for i in range(3)]
        q = self.op("Transpose", parts[0], perm=[0, 2, 1, 3])
        k = self.op("Transpose", parts[1], perm=[0, 2, 3, 1])
        v = self.op("Transpose", parts[2], perm=[0, 2, 1, 3])
        scale = self.constant("scale", np.array(each**-0.5, np.float32))
        logits = self.op("Add", self.op("MatMul", self.op("Mul", q, scale), k), bias)
        y = self.op("MatMul", self.op("Softmax", logits, axis=-1), v)
        return self.reshape(self.op("Transpose", y, perm=[0, 2, 1, 3]), 0, 0, shape.width)

    def distance_bias(self, x: str, slopes: npt.NDArray[Any], reach: int) -> str:
        """(1, heads, T, T) penalties of ``network.attention_bias`` for the length of x."""
        length = self.op("Gather", self.op("Shape", x), self.constant("one", np.array(1, np.int64)))
        zero, one = (self.constant(f"float{v}", np.array(v, np.float32)) for v in (0, 1))
        count = self.op("Cast", length, to=TensorProto.FLOAT)
        line = self.op("Range", zero, count, one)
        row = self.op("Unsqueeze", line, self.constant("axis0", np.array([0], np.int64)))
        column = self.op("Unsqueeze", line, self.constant("axis1", np.array([1], np.int64)))
        distance = self.op("Sub", row, column)
        left = self.constant("left", -slopes[:, :1, None].astype(np.float32))
        right = self.constant("right", -slopes[:, 1:, None].astype(np.float32))
        penalty = self.op(
            "Add",
            self.op("Mul", self.op("Relu", self.op("Neg", distance)), left),
            self.op("Mul", self.op("Relu", distance), right),
        )
        far = self.op("Greater", self.op("Abs", distance), self.constant("reach", np.array(reach, np.float32)))
        penalty = self.op("Where", far, self.constant("never", np.array(-1e4, np.float32)), penalty)
        return self.op("Unsqueeze", penalty, "axis0")

    def encoder(
        self, embedded: str, prefix: str, shape: Shape, size: int, slopes: npt.NDArray[Any], hidden: bool = False
    ) -> str:
        """Logits (B, T, N_HEADS) of an encoder over embedded pieces (B, T, size); more columns may follow.

        These are the refitted ``bare`` head, if the weights hold one, and what the heads see, if ``hidden``.
        """
        for i in range(shape.local):
            embedded = self.convolution(embedded, f"{prefix}local.{i}", 1)
        x = self.reshape(embedded, 0, -1, shape.pool * size) if shape.pool > 1 else embedded
        x = self.linear(x, f"{prefix}enter")
        bias = self.distance_bias(x, slopes, REACH) if "a" in shape.blocks else ""
        for i, kind in enumerate(shape.blocks):
            name = f"{prefix}blocks.{i}"
            x = self.attention(x, name, shape, bias) if kind == "a" else self.convolution(x, name, STEPS[kind])
        x = self.norm(x, f"{prefix}norm")
        if shape.pool > 1:
            x = self.reshape(self.linear(x, f"{prefix}leave"), 0, -1, size)
            x = self.convolution(self.op("Add", embedded, x), f"{prefix}last", 1)
            x = self.norm(x, f"{prefix}last_norm")
        columns = [self.linear(x, f"{prefix}heads")]
        if f"{prefix}bare.weight" in self.weights:
            columns.append(self.linear(x, f"{prefix}bare"))
        if hidden:
            columns.append(x)
        return self.op("Concat", *columns, axis=2) if len(columns) > 1 else columns[0]

    def model(self, output: str, size: int) -> onnx.ModelProto:
        """The finished model, from ``embedded`` to ``logits``."""
        self.nodes.append(helper.make_node("Identity", [output], ["logits"], name="logits"))
        given = helper.make_tensor_value_info("embedded", TensorProto.FLOAT, ["batch", "pieces", size])
        result = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "pieces", "columns"])
        graph = helper.make_graph(self.nodes, "sentences", [given], [result], list(self.constants.values()))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
