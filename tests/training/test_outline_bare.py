"""Learning what to add to the section model where there are no headings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

from segtool.segmenters.bare import N_COLUMNS
from segtool.training import outline_bare
from segtool.training.outline_bare import BareExample, crossed_figures, fit_bare


def _examples(n: int) -> list[BareExample]:
    """Documents in which sections start where the first column says so, and the model knows nothing."""
    made = []
    chosen = np.random.default_rng(1)
    for k in range(n):
        rows = chosen.normal(size=(40, N_COLUMNS)).astype(np.float32)
        gold = np.arange(40) % 8 == k % 8
        gold[0] = False
        rows[:, 0] = gold * 3.0
        made.append(BareExample(f"d{k}", "tos", 1, np.full((40, 5), 0.02, np.float32), rows, gold))
    return made


def test_what_tells_sections_is_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outline_bare, "EPOCHS", 60)
    examples = _examples(40)
    net = fit_bare(examples)
    said = net(examples[0].rows, examples[0].topics)[1:, 0]
    truth = examples[0].gold[1:]
    assert said[truth].min() > said[~truth].max()
    figures = crossed_figures(examples, 0.4)
    assert figures["tos"][1] > 0.5  # each half by what was learnt from the other; the model alone tells nothing


def test_translations_stand_in_one_half() -> None:
    made = _examples(1)[0]
    halves = {replace(made, name=f"canada:{lang}:M-{n}").half for lang in ("en", "fr") for n in (8,)}
    assert len(halves) == 1
    assert replace(made, name="docs/ja/intro.md").half == replace(made, name="docs/fr/intro.md").half
