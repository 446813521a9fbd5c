"""Running the command line in this process, with a sentence model that needs no files."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from segtool.cli.app import main
from segtool.core.document import Document
from segtool.core.layer import LayerName
from segtool.core.scores import Scores
from segtool.segmenters import registry
from segtool.segmenters.base import ModelInfo, Segmenter
from segtool.settings import Settings


class StopSegmenter:
    """A sentence starts after a stop and a blank; one chance for all."""

    layers: tuple[LayerName, ...] = ("sentence",)
    info = ModelInfo("stops", "1.0.0", 0.5, {"xx": 0.95})

    def score(self, documents: Iterable[Document]) -> Iterator[Mapping[LayerName, Scores]]:
        """The scores of each document."""
        for document in documents:
            starts = [m.end() - 1 for m in re.finditer(r"[.!?]\s+\S", document.text)]
            chances = np.full(len(starts), 0.9, np.float32)
            yield {"sentence": Scores("sentence", len(document.text), np.array(starts, np.int64), chances)}


@dataclass(frozen=True)
class Result:
    """What a run left."""

    code: int
    out: bytes
    error: str

    @property
    def lines(self) -> list[str]:
        """Standard output by lines."""
        return self.out.decode().split("\n")[:-1]


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Run:
    """A function that runs segtool in an empty folder: ``run("split", "-", stdin=b"...")``."""

    def make(settings: Settings) -> Segmenter:
        return StopSegmenter() if settings.sentences.model == "sentences" else real(settings)

    real = registry.sentence_segmenter
    monkeypatch.setattr(registry, "sentence_segmenter", make)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, stdin: bytes | None = None) -> Result:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfdbinary.readouterr()
        code = main(arguments)
        out, error = capfdbinary.readouterr()
        return Result(code, out, error.decode())

    return run
