"""Hashed words do not depend on where a unit stands, and no text upsets them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtool.inference.topic_tokens import MAX_UNIT_WORDS, CharacterTable, Tokenizer, UnitTokens, table_rows


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(CharacterTable.build(), capacity=256)


def words(tokens: UnitTokens, unit: int) -> list[int]:
    return tokens.whole[tokens.offsets[unit] : tokens.offsets[unit + 1]].tolist()


def test_words_hash_alike_wherever_they_stand(tokenizer: Tokenizer) -> None:
    tokens = tokenizer(["The lessee pays.", "A LESSEE (the lessee) pays", "¶ 12"])
    the, lessee, pays = words(tokens, 0)
    assert words(tokens, 1)[1:] == [lessee, the, lessee, pays]
    assert words(tokens, 2) == []


def test_first_five_letters_join_inflected_words(tokenizer: Tokenizer) -> None:
    tokens = tokenizer(["termination terminates"])
    assert tokens.whole[0] != tokens.whole[1]
    assert tokens.part[0] == tokens.part[1]


def test_ideographs_give_bigrams_and_single_signs(tokenizer: Tokenizer) -> None:
    tokens = tokenizer(["第三条 三条", "条"])
    first, second = words(tokens, 0), words(tokens, 1)
    assert len(first) == 5
    assert first[1] == first[3]  # 三条, both times
    assert first[2] == first[4] == second[0]  # 条 with nothing behind it


def test_form_tells_capitals_and_counts_digits(tokenizer: Tokenizer) -> None:
    tokens = tokenizer(["12 Rent", "34 rent", "345 RENT", "Rent"])
    assert tokens.head[0, 0] == tokens.head[1, 0] != tokens.head[2, 0]
    assert len({int(tokens.head[i, 1]) for i in range(3)}) == 3
    assert tokens.head[3, 0] == tokens.head[0, 1]
    assert tokens.head[3, 1] == 0


def test_counts_and_edges(tokenizer: Tokenizer) -> None:
    tokens = tokenizer(["Rent is 10.", "", "b"])
    assert tokens.counts.tolist() == [[9, 2, 1, 6, 2, 1], [0] * 6, [1, 1, 0, 1, 0, 0]]
    assert tokens.last.tolist() == [ord("."), 0, ord("b")]


def test_long_units_are_cut_but_keep_their_end(tokenizer: Tokenizer) -> None:
    tokens = tokenizer(["word " * 3000 + "end;"])
    assert tokens.offsets[-1] == MAX_UNIT_WORDS
    assert tokens.last[0] == ord(";")


@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_text_in_any_company_gives_the_same_tokens(texts: list[str]) -> None:
    tokenizer = Tokenizer(TABLE, capacity=64)
    together = tokenizer(texts)
    assert len(together) == len(texts)
    for i, text in enumerate(texts):
        alone = tokenizer([text])
        assert words(alone, 0) == words(together, i)
        assert np.array_equal(alone.head[0], together.head[i])
        assert np.array_equal(alone.tail[0], together.tail[i])
        assert np.array_equal(alone.counts[0], together.counts[i])


def test_rows_stay_inside_the_table(tokenizer: Tokenizer) -> None:
    tokens = tokenizer(["some words of a text, and a few more"])
    rows = table_rows(tokens.whole, 17)
    assert rows.min() >= 0
    assert rows.max() < 1 << 17
    assert np.array_equal(rows >> 1, table_rows(tokens.whole, 16))


TABLE = CharacterTable.build()
