"""Random keys over nasty texts: the screen never fails, layers always tile, the journal holds what the state holds."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from segtool.core.layer import Layer
from segtool.core.scores import Scores
from segtool.core.segmentation import MadeBy, Segmentation
from segtool.core.whitespace import canonical_offsets
from segtool.loaders import load_bytes
from segtool.segmenters.decode import decode
from segtool.settings import LoadSettings
from segtool.storage.sidecar import find_sidecar
from segtool.tui.keys import ACTIONS
from segtool.tui.session import first_look

from .driving import driving

TEXTS = {
    "one word": "word",
    "leading blanks": "\n\n   Here it starts. And goes on.\n",
    "scripts": "日本語の文です。次の文です。\n\nعربي. نص آخر هنا.\n\ne\u0301 👩\u200d👧\u200d👦 ok. \u202eabc. x\n",
    "crlf": "One line.\r\nAnother line.\r\n\r\nA paragraph. With two.\r\n",
    "one long line": "A sentence of some words. " * 900,
    "no blanks": "x" * 9000,
    "controls": "A\x00b\x1b[31m. C\x07d. E\u2028f.\n",
}
SKIPPED = {"quit", "reload", "export", "next_document", "page"}
KEYS = [key for action in ACTIONS if action.name not in SKIPPED for key in action.keys.split(",")]
KEYS += ["enter", "escape", "a", "3", "p", "5"] * 3


def made_of(text: str) -> Segmentation:
    """A segmentation with sentences at blanks and a section layer that starts anywhere."""
    document = load_bytes(text.encode(), "judgment.txt", LoadSettings())
    looked = first_look(document)
    offsets = canonical_offsets(document.text, range(0, len(document.text), 7))
    rng = np.random.default_rng(len(text))
    scores = Scores("sentence", len(document.text), offsets, rng.random(len(offsets)).astype(np.float32))
    sections = Layer.from_offsets("section", len(document.text), offsets[::5])
    layers = {**looked.layers, "sentence": decode(scores, 0.5), "section": sections}
    return Segmentation(document, layers, {"sentence": MadeBy("fake", None, 0.5)}, {"sentence": scores})


@pytest.mark.parametrize("name", sorted(TEXTS))
async def test_random_keys(name: str, tmp_path: Path) -> None:
    await press_at_random(name, tmp_path, 50)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", sorted(TEXTS))
async def test_many_random_keys(name: str, tmp_path: Path) -> None:
    await press_at_random(name, tmp_path, 1500)


async def press_at_random(name: str, tmp_path: Path, n_keys: int) -> None:
    rng = random.Random(f"{name} {n_keys}")
    made = made_of(TEXTS[name])
    text = made.document.text
    async with driving(tmp_path, made, size=(60, 16)) as driver:
        for _ in range(n_keys):
            await driver.pilot.press(rng.choice(KEYS))
        await driver.press("escape", "escape", "escape")
        state = driver.state
        assert 0 <= state.cursor < max(len(text), 1)
        for layer in state.result().layers.values():
            assert "".join(span.of(text) for span in layer.spans()) == text
        found = find_sidecar(tmp_path / "judgment.txt")
        assert (found.log if found else None) == (state.log if state.log.edits else None)
