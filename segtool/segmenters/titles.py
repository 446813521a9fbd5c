"""Titles for sections without a heading: the most telling words of the section itself, never invented.

Extractive, after the idea of TF-IDF over a document's own sections: words that are frequent here and rare elsewhere in
the document weigh most. The best run of such words is the title ("phrase"); where words can't be told apart (scripts
without spaces) or none stands out, it is the head of the most telling sentence ("sentence"). Titles are shown beside
the outline; they never become headings or enter paths.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from math import log
from typing import Literal

from segtool.core.layer import Layer
from segtool.core.span import Span

MAX_CHARACTERS = 60
"""A title is no longer than this."""
_READ_CHARACTERS = 6_000
_MAX_WORDS = 5
_COMMON_SHARE = 0.5
_MIN_LETTERS = 4
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?。！？]+[\s\"'”’)]*|\n\s*\n")
_GAP = re.compile(r"[ \t\n\xa0]{1,3}")


@dataclass(frozen=True, slots=True)
class Title:
    """A title taken from the text: ``span`` says from where, ``method`` how it was chosen."""

    text: str
    method: Literal["phrase", "sentence"]
    span: Span


def section_titles(layer: Layer, text: str) -> dict[int, Title]:
    """Titles of the sections that have no heading, by the start of their trimmed span.

    Args:
        layer: sections of ``text``. Time is linear in its length.
    """
    spans = [span.trimmed(text) for span in layer.spans()]
    pieces = [_words(text, span) for span in spans]
    spread = Counter(word for words in pieces for word in {folded for folded, _ in words})
    titles = {}
    for boundary, span, words in zip(layer, spans, pieces, strict=True):
        if len(span) and not (boundary.label and boundary.label.heading):
            titles[span.start] = _title(text, span, words, spread, len(spans))
    return titles


def _words(text: str, span: Span) -> list[tuple[str, Span]]:
    stop = min(span.end, span.start + _READ_CHARACTERS)
    return [(m[0].casefold(), Span(*m.span())) for m in _WORD.finditer(text, span.start, stop)]


def _title(text: str, span: Span, words: list[tuple[str, Span]], spread: Counter[str], n_sections: int) -> Title:
    weights = _weights(words, spread, n_sections)
    best = _best_phrase(text, words, weights)
    return (
        Title(" ".join(best.of(text).split()), "phrase", best) if best else _best_sentence(text, span, words, weights)
    )


def _weights(words: list[tuple[str, Span]], spread: Counter[str], n_sections: int) -> dict[str, float]:
    """How much each word tells of this section; words of half the sections, and short ones, tell nothing."""
    count = Counter(folded for folded, _ in words)
    common = max(_COMMON_SHARE * n_sections, 1)
    return {
        word: (1 + log(n)) * log(1 + n_sections / spread[word])
        for word, n in count.items()
        if len(word) >= _MIN_LETTERS and spread[word] <= common
    }


def _best_phrase(text: str, words: list[tuple[str, Span]], weights: dict[str, float]) -> Span | None:
    """The run of up to five telling words with the largest sum of weights a root of its length; early ones win ties."""
    best, best_score = None, 0.0
    for i, (word, first) in enumerate(words):
        if word not in weights:
            continue
        total = 0.0
        for n, (other, last) in enumerate(words[i : i + _MAX_WORDS], 1):
            if other not in weights or (n > 1 and not _GAP.fullmatch(text, words[i + n - 2][1].end, last.start)):
                break
            total += weights[other]
            score = total / n**0.5
            if last.end - first.start <= MAX_CHARACTERS and score > best_score + 1e-9:
                best, best_score = Span(first.start, last.end), score
    return best


def _best_sentence(text: str, span: Span, words: list[tuple[str, Span]], weights: dict[str, float]) -> Title:
    """The head of the sentence with the most telling words; the first one if none tells more."""
    stop = min(span.end, span.start + _READ_CHARACTERS)
    starts = [span.start, *(m.end() for m in _SENTENCE_END.finditer(text, span.start, stop) if m.end() < stop)]
    scores = [0.0] * len(starts)
    at = 0
    for word, place in words:
        while at + 1 < len(starts) and starts[at + 1] <= place.start:
            at += 1
        scores[at] += weights.get(word, 0.0)
    chosen = max(range(len(starts)), key=lambda i: (scores[i], -i))
    end = starts[chosen + 1] if chosen + 1 < len(starts) else stop
    sentence = Span(starts[chosen], end).trimmed(text)
    return _cut(text, sentence if len(sentence) else Span(span.start, stop))


def _cut(text: str, sentence: Span) -> Title:
    if len(sentence) > MAX_CHARACTERS:
        cut = text.rfind(" ", sentence.start + 1, sentence.start + MAX_CHARACTERS)
        sentence = Span(sentence.start, cut if cut > 0 else sentence.start + MAX_CHARACTERS).trimmed(text)
    return Title(" ".join(sentence.of(text).split()), "sentence", sentence)
