"""Writing ONNX graphs by hand: one method an operator, arrays as constants. Needs the package ``onnx``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segtool.errors import UsageError


class Builder:
    """Collects nodes and constants; values are named by strings, arrays become constants.

    Raises:
        UsageError: if the package ``onnx`` is not installed.
    """

    def __init__(self) -> None:
        try:
            import onnx
        except ImportError as error:
            raise UsageError("writing ONNX graphs needs the package onnx: pip install onnx") from error
        self._onnx = onnx
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, value: NDArray[Any] | int | float) -> str:
        """The name of a new constant; whole numbers are int64, others float32."""
        kind = None if isinstance(value, np.ndarray) else np.int64 if isinstance(value, int) else np.float32
        array = np.asarray(value, kind)
        name = f"constant_{len(self._constants)}"
        self._constants.append(self._onnx.numpy_helper.from_array(array, name))
        return name

    def op(self, kind: str, *inputs: str | NDArray[Any] | int | float, **attributes: Any) -> str:
        """The name of the output of a new node."""
        names = [value if isinstance(value, str) else self.constant(value) for value in inputs]
        name = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(self._onnx.helper.make_node(kind, names, [name], name=name, **attributes))
        return name

    def cast(self, value: str, kind: str) -> str:
        """The value as another type, by its ONNX name (``INT64``, ``FLOAT``, ...)."""
        return self.op("Cast", value, to=getattr(self._onnx.TensorProto, kind))

    def where(self, condition: str, yes: str | int | float, no: str | int | float) -> str:
        """``yes`` where the condition holds, else ``no``."""
        return self.op("Where", condition, yes, no)

    def inline(self, model: Any, value: str) -> str:
        """The output of a whole model with one input and one output, applied to ``value``."""
        graph = model.graph
        renamed = {graph.input[0].name: value}

        def name_of(old: str) -> str:
            return renamed.setdefault(old, f"inner/{old}") if old else ""

        for constant in graph.initializer:
            copy = self._onnx.TensorProto()
            copy.CopyFrom(constant)
            copy.name = name_of(constant.name)
            self._constants.append(copy)
        for node in graph.node:
            copy = self._onnx.NodeProto()
            copy.CopyFrom(node)
            copy.name = f"inner/{node.name}"
            copy.input[:] = [name_of(old) for old in node.input]
            copy.output[:] = [name_of(old) for old in node.output]
            self._nodes.append(copy)
        return name_of(graph.output[0].name)

    def model(
        self, inputs: Sequence[tuple[str, str]], output: tuple[str, str], value: str, axes: Sequence[str], opset: int
    ) -> Any:
        """The finished model, checked.

        Args:
            inputs: name and type of each, all with the first two of ``axes``.
            output: its name and type, with all ``axes`` and one more of size 1.
            value: what the output is.
            axes: names of the dynamic axes.
            opset: version of the operators.
        """
        helper, types = self._onnx.helper, self._onnx.TensorProto
        self._nodes.append(helper.make_node("Identity", [value], [output[0]]))
        graph = helper.make_graph(
            self._nodes,
            "segtool",
            [helper.make_tensor_value_info(name, getattr(types, kind), list(axes)) for name, kind in inputs],
            [helper.make_tensor_value_info(output[0], getattr(types, output[1]), [*axes, 1])],
            self._constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
        self._onnx.checker.check_model(model)
        return model
