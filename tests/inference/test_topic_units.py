"""Sentences that stand in for paragraphs."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from segtool.inference.topic_units import FEW, MAX_SENTENCE, are_sentences, sentence_spans, sentence_starts


def test_latin_and_chinese_sentences() -> None:
    text = "It rained all day. We stayed. “Why?” she asked."
    assert [text[a:b] for a, b in sentence_spans(text, 0, len(text))] == [
        "It rained all day.",
        "We stayed.",
        "“Why?” she asked.",
    ]
    assert sentence_starts("下雨了。我们走吧！好") == [0, 4, 9]


def test_text_without_stops_is_cut_every_25_words() -> None:
    text = "word " * 1000
    spans = sentence_spans(text, 0, len(text))
    assert len(spans) == 40
    assert all(text[a:b].count("word") == 25 for a, b in spans)


def test_one_word_without_end_stays_whole() -> None:
    text = "x" * (3 * MAX_SENTENCE)
    assert sentence_spans(text, 0, len(text)) == [(0, len(text))]


@given(st.text(alphabet=st.sampled_from("ab .!?。\n\t\u00a0\u0301\U0001f600”"), max_size=200))
def test_spans_hold_every_character_that_is_no_space(text: str) -> None:
    spans = sentence_spans(text, 0, len(text))
    assert "".join(text[a:b] for a, b in spans).replace(" ", "") != "" or not text.strip()
    covered = {i for a, b in spans for i in range(a, b)}
    assert all(i in covered for i, c in enumerate(text) if not c.isspace())
    assert all(text[a:b] == text[a:b].strip() and a < b for a, b in spans)
    assert all(b <= c for (_, b), (c, _) in pairwise(spans))


def test_a_short_talk_without_stops_is_cut_too() -> None:
    talk = "so we met on monday and " * 40
    assert len(sentence_starts(talk)) == 10
    assert sentence_starts("so we met on monday and left") == [0]


@given(st.lists(st.text(alphabet=st.sampled_from("aB .!?。”)7\n"), max_size=12), min_size=FEW, max_size=30))
def test_units_are_sentences_if_nine_in_ten_hold_one(texts: list[str]) -> None:
    single = sum(len(sentence_starts(text)) == 1 for text in texts)
    assert are_sentences(texts) == (single >= 0.9 * len(texts))


def test_few_units_are_no_sentences() -> None:
    assert not are_sentences(["It rained."] * (FEW - 1))
