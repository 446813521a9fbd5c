"""Killed at random moments, a review loses no edit whose effect was drawn."""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

import pytest

from segtool.settings import ChunkSettings, Settings
from segtool.storage.cache import Cache, review_key
from segtool.storage.sidecar import find_sidecar

from . import samples

if sys.platform == "win32":
    pytest.skip("needs a pseudo-terminal", allow_module_level=True)

from .terminals import Terminal

_CHECKED = re.compile(rb"\xe2\x9c\x93 ([\d,]+)/")


def prepare(folder: Path, n_characters: int = 20_000) -> Path:
    """A document whose segmentation is in the cache of the child."""
    made = samples.segmentation(n_characters)
    path = folder / "judgment.txt"
    path.write_text(made.document.text, encoding="utf-8", newline="")
    settings = Settings(chunks=ChunkSettings(512))
    key = review_key(path.read_bytes(), "judgment.txt", settings)
    Cache(folder / "cache-home" / "segtool" / "review").put(key, made)
    return path


def kill_once(path: Path, rng: random.Random) -> tuple[int, int]:
    """Check units one by one, kill in between: checked units drawn last, checked units found after."""
    terminal = Terminal(["review", "judgment.txt"], path.parent)
    try:
        terminal.wait_for("sentences")
        terminal.press("]c" * rng.randint(3, 15))
        terminal.read(rng.uniform(0.05, 1.0))
    finally:
        terminal.kill()
    drawn = [int(n.replace(b",", b"")) for n in _CHECKED.findall(terminal.output)]
    sidecar = find_sidecar(path)
    kept = {offset for edit in sidecar.log.active for offset, _ in edit.checked} if sidecar else set()
    return max(drawn, default=0), len(kept)


def crash(folder: Path, n: int) -> None:
    path, rng = prepare(folder, 2_000 * n), random.Random(5)
    total = 0
    for _ in range(n):
        drawn, kept = kill_once(path, rng)
        assert kept >= drawn
        assert kept >= total
        total = kept
    assert total > n


@pytest.mark.timeout(400)
def test_ten_kills_lose_no_edit(tmp_path: Path) -> None:
    crash(tmp_path, 10)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_hundred_kills_lose_no_edit(tmp_path: Path) -> None:
    crash(tmp_path, 100)
