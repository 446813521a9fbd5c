"""The stand-in for official SaT models: labels on the right tokens, and look-ahead that is limited as it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from segtool.inference.wtpsplit_tokens import SubwordTokenizer  # noqa: E402
from segtool.training.official_shape import OfficialShape, Shape, label  # noqa: E402

TOKENIZER = Path(__file__).parent.parent / "segmenters" / "data" / "tiny_sat" / "tokenizer.json"


def test_labels_stand_on_the_last_token_of_a_sentence() -> None:
    documents = [("It rained. We left.", [10, 19]), ("Who paid?  No one.\n", [9, 19])]
    data = label(documents, TOKENIZER)
    ends = [SubwordTokenizer(TOKENIZER).encode(text).ends for text, _ in documents]
    first, second = np.split(data.labels, [len(ends[0])])
    assert ends[0][first == 1].tolist() == [10, 19]
    assert ends[1][second == 1].tolist() == [9, 18]


def test_lookahead_is_limited() -> None:
    torch.manual_seed(1)
    shape = Shape(vocab_size=50, hidden_size=16, num_attention_heads=2, intermediate_size=16, lookahead=6)
    model = OfficialShape(shape).eval()
    ids = torch.randint(4, 50, (1, 60))
    changed = ids.clone()
    changed[0, 40] = 3
    with torch.no_grad():
        one, other = (model(torch.ones(1, 60), item)[0, :, 0] for item in (ids, changed))
    reached = torch.nonzero((one - other).abs() > 0).flatten().tolist()
    assert min(reached) == 40 - 6
