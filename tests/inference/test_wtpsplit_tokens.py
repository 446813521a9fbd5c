"""Subword tokens: slices give the tokens of the whole text, and no text is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segtool.errors import ModelError
from segtool.inference.wtpsplit_tokens import SubwordTokenizer

PATH = Path(__file__).parent.parent / "segmenters" / "data" / "tiny_sat" / "tokenizer.json"
WHOLE = SubwordTokenizer(PATH)
words = st.text(st.characters(), max_size=12) | st.sampled_from(["The", "lease.", "§ 4.2", "契約は", "\r\n\n", "</s>"])


@given(st.lists(words, max_size=40).map(" ".join), st.integers(1, 30))
@example(" 0\x1f", 2)
@example("no \u2028 break \x85 is \x00 lost \ud800 here <s> or </s> there", 3)
def test_slices_change_nothing(text: str, length: int) -> None:
    whole = WHOLE.encode(text)
    sliced = SubwordTokenizer(PATH, length).encode(text)
    if max(map(len, re.split(r"[^\S\x1c-\x1f]", text)), default=0) < length:
        assert whole.ids.tolist() == sliced.ids.tolist()
        assert whole.ends.tolist() == sliced.ends.tolist()
    for tokens in (whole, sliced):
        assert (tokens.ends[1:] >= tokens.ends[:-1]).all()
        assert not len(tokens) or tokens.ends[-1] <= len(text)


def test_special_tokens_in_a_text_are_text() -> None:
    assert WHOLE.first not in WHOLE.encode("<s> and </s>").ids
    assert WHOLE.last not in WHOLE.encode("<s> and </s>").ids


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="not a usable tokenizer"):
        SubwordTokenizer(path)
    path.write_text(PATH.read_text(encoding="utf-8").replace('"<s>"', '"[CLS]"'), encoding="utf-8")
    with pytest.raises(ModelError, match="no XLM-RoBERTa tokenizer"):
        SubwordTokenizer(path)
