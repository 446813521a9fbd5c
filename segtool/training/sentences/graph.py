"""Encoders as ONNX graphs, written node by node: no exporter decides what runs at inference.

The graph takes piece rows (B, T, 4) and classes (B, T), both int32, and gives the logits ``end`` and
``paragraph``, (B, T, 2). T is fixed, B is free. Weights are float32 here; ``export`` makes them int8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from segtool.training.sentences.network import Shape

Weights = Mapping[str, npt.NDArray[Any]]


class GraphWriter:
    """Appends nodes and constants; every method returns the name of its output."""

    def __init__(self, weights: Weights, fused: bool = True) -> None:
        self.weights = weights
        self.fused = fused
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
        """A slice along one axis."""
        ints = [self.constant(f"int{v}", np.array([v], np.int64)) for v in (start, stop, axis)]
        return self.op("Slice", x, *ints)

    def convolution(self, x: str, name: str, step: int, length: int) -> str:
        """Residual convolution block on (B, length, C)."""
        y = self.norm(x, f"{name}.norm")
        pads = self.constant(f"pads{step}", np.array([0, step, 0, 0, step, 0], np.int64))
        wide = self.op("Pad", y, pads)
        parts = [self.cut(wide, 0, length), y, self.cut(wide, 2 * step, length + 2 * step)]
        y = self.op("Concat", *parts, axis=2)
        y = self.linear(self.op("Relu", self.linear(y, f"{name}.mix")), f"{name}.out")
        return self.op("Add", x, y)

    def attention(self, x: str, name: str, shape: Shape, bias: str) -> str:
        """Residual attention and feed-forward block."""
        y = self.linear(self.norm(x, f"{name}.norm"), f"{name}.project")
        y = self._fused_attention(y, shape, bias) if self.fused else self._plain_attention(y, shape, bias)
        x = self.op("Add", x, self.linear(y, f"{name}.merge"))
        y = self.op("Relu", self.linear(self.norm(x, f"{name}.norm2"), f"{name}.up"))
        return self.op("Add", x, self.linear(y, f"{name}.down"))

    def _fused_attention(self, y: str, shape: Shape, bias: str) -> str:
        parts = [self.cut(y, i * shape.width, (i + 1) * shape.width, axis=2) for i in range(3)]
        return self.op("MultiHeadAttention", *parts, "", "", bias, domain="com.microsoft", num_heads=shape.heads)

    def _plain_attention(self, y: str, shape: Shape, bias: str) -> str:
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

    def encoder(self, embedded: str, prefix: str, shape: Shape, size: int, length: int, bias: npt.NDArray[Any]) -> str:
        """Logits (B, length, 2) of an encoder over embedded pieces (B, length, size)."""
        for i in range(shape.local):
            embedded = self.convolution(embedded, f"{prefix}local.{i}", 1, length)
        positions = length // shape.pool
        x = self.reshape(embedded, 0, positions, shape.pool * size) if shape.pool > 1 else embedded
        x = self.linear(x, f"{prefix}enter")
        mask = self.constant("bias", bias[None].astype(np.float32))
        for i, kind in enumerate(shape.blocks):
            name = f"{prefix}blocks.{i}"
            if kind == "a":
                x = self.attention(x, name, shape, mask)
            else:
                x = self.convolution(x, name, {"c": 1, "d": 2, "e": 4}[kind], positions)
        x = self.norm(x, f"{prefix}norm")
        if shape.pool > 1:
            x = self.reshape(self.linear(x, f"{prefix}leave"), 0, length, size)
            x = self.convolution(self.op("Add", embedded, x), f"{prefix}last", 1, length)
            x = self.norm(x, f"{prefix}last_norm")
        weight = self.constant(f"{prefix}heads2", self.weights[f"{prefix}heads.weight"][:2].astype(np.float32).T)
        shift = self.constant(f"{prefix}heads2b", self.weights[f"{prefix}heads.bias"][:2].astype(np.float32))
        return self.op("Add", self.op("MatMul", x, weight), shift)

    def embed(self) -> str:
        """Sum of the four table rows (int8 times the row's scale) and the class row."""
        table = self.constant("table", self.weights["table"])
        scale = self.constant("table_scale", self.weights["table_scale"].astype(np.float32)[:, None])
        classes = self.constant("classes_table", self.weights["embedder.classes.weight"].astype(np.float32))
        rows = self.op("Cast", self.op("Gather", table, "rows"), to=TensorProto.FLOAT)
        rows = self.op("Mul", rows, self.op("Gather", scale, "rows"))
        axes = self.constant("axis2", np.array([2], np.int64))
        return self.op("Add", self.op("ReduceSum", rows, axes, keepdims=0), self.op("Gather", classes, "classes"))

    def model(self, output: str, inputs: Sequence[onnx.ValueInfoProto], length: int) -> onnx.ModelProto:
        """The finished model; ``output`` becomes ``logits``."""
        self.nodes.append(helper.make_node("Identity", [output], ["logits"], name="logits"))
        result = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", length, 2])
        graph = helper.make_graph(self.nodes, "sentences", list(inputs), [result], list(self.constants.values()))
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9)
