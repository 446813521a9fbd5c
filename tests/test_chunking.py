"""Counting tokens, and chunks under a budget by each way of counting."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segtool.chunking import chunk_id, token_counter
from segtool.core.layer import Layer
from segtool.core.packing import pack
from segtool.core.tokens import TokenCounter
from segtool.core.whitespace import canonical_offsets
from segtool.errors import UsageError


@pytest.fixture(scope="module")
def tokenizer_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A byte pair tokenizer with truncation, padding and special tokens, which must not count."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel()
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=["[CLS]"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator(["the tenant keeps the premises in repair and pays the rent"] * 20, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A", special_tokens=[("[CLS]", 0)])
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=16)
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    tokenizer.save(str(path))
    return str(path)


def test_a_tokenizer_file_counts_exactly(tokenizer_file: str) -> None:
    from tokenizers import Tokenizer

    reference = Tokenizer.from_file(tokenizer_file)
    reference.no_truncation()
    reference.no_padding()
    counter = token_counter(tokenizer_file)
    for text in ("", "the rent", "the tenant keeps the premises in repair", "Größe 第一条 👩\u200d👧"):
        assert counter.count(text) == len(reference.encode(text, add_special_tokens=False).ids)
    assert counter.count("a\ud800b") > 0


def test_words_and_characters() -> None:
    assert token_counter("words").count("It isn't 第一条.") == 3 + 3
    assert token_counter("characters").count("a b\n") == 4


@pytest.mark.parametrize("name", ["nowhere.json", "word", "."])
def test_what_is_no_tokenizer(name: str) -> None:
    with pytest.raises(UsageError, match="words"):
        token_counter(name)


def test_a_file_that_is_no_tokenizer(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text('{"no": "tokenizer"}')
    with pytest.raises(UsageError, match=r"is no tokenizer\.json"):
        token_counter(str(path))


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(st.sampled_from("ab. \n第é👩\u200d"), max_size=120),
    cuts=st.lists(st.integers(0, 119), max_size=10),
    budget=st.integers(1, 12),
    name=st.sampled_from(["words", "characters", "file"]),
)
def test_no_chunk_is_over_the_budget(tokenizer_file: str, text: str, cuts: list[int], budget: int, name: str) -> None:
    counter: TokenCounter = token_counter(tokenizer_file if name == "file" else name)
    offsets = canonical_offsets(text, [cut for cut in cuts if cut < len(text)])
    layer = pack(text, [Layer.from_offsets("sentence", len(text), offsets)], budget, counter)
    for span in layer.spans():
        piece = span.of(text).strip()
        # A single character may have more tokens than the budget; nothing smaller can be cut.
        assert counter.count(piece) <= budget or len(piece) == 1


def test_ids_are_of_the_content_alone() -> None:
    assert chunk_id("One.") == chunk_id("One.") != chunk_id("Two.")
    assert len(chunk_id("a\ud800")) == 32
