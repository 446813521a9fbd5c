"""ONNX Runtime sessions with the options that measurements chose."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from segtool.errors import ModelError

if TYPE_CHECKING:
    import onnxruntime


def _load_errors() -> tuple[type[Exception], ...]:
    """What onnxruntime raises for an unusable file: a dozen classes without a common base."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    own = (value for value in vars(state).values() if isinstance(value, type) and issubclass(value, Exception))
    return (*own, OSError, RuntimeError, ValueError)


def graph_bytes(path: Path) -> bytes:
    """The ONNX graph in a file, unpacked if its name ends in ``.gz``: int8 weights pack to three quarters.

    Raises:
        ModelError: if the file can't be read.
    """
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError, zlib.error) as error:
        raise ModelError(f"{path}: not a usable ONNX model ({error}); fetch the model anew") from error


def open_session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """An inference session on the CPU.

    One thread by default: small models on short windows lose more to waking threads than they win, and
    results stay the same on every machine. Parallelism is over documents and pages.

    Raises:
        ModelError: if the file is missing, corrupt, or needs a newer onnxruntime.
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    try:
        source = graph_bytes(path) if path.suffix == ".gz" else str(path)
        return ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except ModelError:
        raise
    except _load_errors() as error:
        raise ModelError(f"{path}: not a usable ONNX model ({str(error).splitlines()[0][:160]})") from error
