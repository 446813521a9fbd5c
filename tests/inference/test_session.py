"""Opening graphs: whatever is wrong with a file is one error."""

from __future__ import annotations

from pathlib import Path

import pytest

from segtool.errors import ModelError
from segtool.inference.session import open_session


@pytest.mark.parametrize("content", [b"", b"not a graph", b"\x08\x07\x12\x00" * 9, None])
def test_unusable_files_are_model_errors(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match="not a usable ONNX model"):
        open_session(path)
