"""Recognition by RapidOCR (PaddleOCR's models on onnxruntime): comes with its models, knows no languages apart."""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segtool.loaders.pdf.recognition import TextLine, TextWord

_DESCENT = 0.22
"""Share of a box's height that lies below the baseline."""
_SIZE = 0.85
"""Font size by the height of a box."""


def is_installed() -> bool:
    """Whether the package ``rapidocr`` is there."""
    return find_spec("rapidocr") is not None


class RapidOcr:
    """The engine, on one core."""

    name = "rapidocr"

    @cached_property
    def _engine(self) -> Any:
        from rapidocr import RapidOCR

        return RapidOCR(
            params={
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Global.use_cls": False,
                "Global.return_word_box": True,
                "Global.log_level": "critical",
            }
        )

    def reads(self, lang: str) -> bool:  # noqa: ARG002
        """Whether it can be told a language: it can't."""
        return False

    def read(self, pixels: NDArray[np.uint8], dpi: float, lang: str | None) -> list[TextLine]:  # noqa: ARG002
        """The lines of a picture from the top down; ``dpi`` and ``lang`` make no difference."""
        found = self._engine(np.repeat(pixels[:, :, None], 3, axis=2))
        if found.boxes is None or found.word_results is None:
            return []
        return [line for box, words in zip(found.boxes, found.word_results, strict=True) if (line := _line(box, words))]

    def read_number(self, pixels: NDArray[np.uint8], dpi: float) -> list[TextLine]:
        """What is read in a picture that holds nothing but a page number."""
        return self.read(pixels, dpi, None)


def _line(box: NDArray[np.float32], words: Any) -> TextLine | None:
    """A line of a box (corners from the upper left clockwise) and its words (text, confidence, corners)."""
    corners = np.asarray(box, np.float64)
    left, right = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
    height = float(np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
    slope = float((right[1] - left[1]) / max(right[0] - left[0], 1.0))
    base = float(left[1] + (0.5 - _DESCENT) * height - slope * left[0])
    found = tuple(_word(*word) for word in words if str(word[0]).strip())
    return TextLine(found, base, slope, _SIZE * height) if found else None


def _word(text: str, confidence: float, corners: Any) -> TextWord:
    points = np.asarray(corners, np.float64)
    (x0, top), (x1, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return TextWord("".join(text.split()), (x0, top, max(x1, x0 + 1), max(bottom, top + 1)), float(confidence))
