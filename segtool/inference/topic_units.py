"""Units where a text has no paragraphs: sentences by one cheap regular expression, or groups of words.

The section model scores the starts of units. A transcript on one line has none, so its sentences serve; text without
punctuation is cut every 25 words. No sentence model runs for this.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from segtool.inference.topic_numbering import BULLET, find_numbers

_SENTENCE = re.compile(
    r"""[.!?…。！？।۔؟]
        (?: (?<=[.!?…]) (?: (?<=[^\W\d_]{2}.) ["”’»)\]]? | (?<=[\d)\]"”’»%].) ) \s+ (?=["“‘«„(\[¿¡]?[^\W_a-z])
          | (?<=[。！？]) (?: [」』”）] | (?![。！？」』”）]) ) \s*
          | (?<=[।۔؟]) \s+
        )
    """,
    re.VERBOSE,
)
"""A stop, what closes after it, and the space up to the next sentence: what begins with a stop is sought fast."""
_WORDS = re.compile(r"(?:\S+\s+){25}")
MAX_SENTENCE = 2_000
FEW, SINGLE_SHARE = 12, 0.9
NUMBERED_SHARE, SAMPLE = 0.1, 200
UNSTOPPED = 500
"""Characters from which on a text without a single stop is cut."""


def sentence_starts(text: str) -> list[int]:
    """Where sentences start in a paragraph, 0 first; what is too long or has no stop is cut every 25 words.

    >>> sentence_starts("It rained. We stayed, as did 5 others.")
    [0, 11]
    """
    starts = [0]
    starts += [m.end() for m in _SENTENCE.finditer(text) if m.end() < len(text)]
    longest = UNSTOPPED if len(starts) == 1 else MAX_SENTENCE
    if len(text) <= longest:
        return starts
    out: list[int] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        out.append(start)
        if end - start > longest:
            out += [m.end() for m in _WORDS.finditer(text, start, end) if m.end() < end]
    return out


def sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of the sentences in a part of a text, without outer white space; blank ones are left out."""
    part = text[start:end]
    starts = sentence_starts(part)
    spans = []
    for a, b in zip(starts, [*starts[1:], len(part)], strict=True):
        sentence = part[a:b]
        kept = len(sentence.strip())
        if kept:
            a += len(sentence) - len(sentence.lstrip())
            spans.append((start + a, start + a + kept))
    return spans


def are_sentences(texts: Sequence[str]) -> bool:
    """Whether units are sentences rather than paragraphs: nine in ten hold only one, and there are some."""
    if len(texts) < FEW:
        return False
    left = len(texts) - SINGLE_SHARE * len(texts)
    for text in texts:
        if not _is_single(text):
            left -= 1
            if left < 0:
                return False
    return True


def _is_single(text: str) -> bool:
    if len(text) > UNSTOPPED:
        return len(sentence_starts(text)) == 1
    match = _SENTENCE.search(text)
    return match is None or match.end() == len(text)


def are_numbered(texts: Sequence[str]) -> bool:
    """Whether one unit in ten begins with a number or a letter that counts, as in laws and contracts."""
    sample = texts[:: max(1, len(texts) // SAMPLE)]
    numbered = np.count_nonzero(find_numbers(sample).kind > BULLET)
    return bool(numbered >= NUMBERED_SHARE * max(1, len(sample)))
