"""Where a step leads: characters, words and sentence ends of a text, as pure functions of an offset."""

from __future__ import annotations

import re

from segtool.core.whitespace import next_non_space

_WORD = re.compile(r"\w+|[^\w\s]+")
_END = re.compile(r"[.!?。！？…]+[\"'”’»)\]]*\s+(?=\S)|\n\s*(?=\S)|(?<=[。！？])(?=\S)")
_REACH = 4000
"""Characters searched in one direction before a step gives up."""


def next_word(text: str, offset: int) -> int:
    """The start of the next word after ``offset``; ``offset`` if there is none near."""
    match = _WORD.match(text, offset)
    match = _WORD.search(text, match.end() if match else offset + 1)
    return match.start() if match else offset


def previous_word(text: str, offset: int) -> int:
    """The start of the word before ``offset``; ``offset`` if there is none near."""
    low = max(0, offset - _REACH)
    starts = [m.start() for m in _WORD.finditer(text, low, offset)]
    return starts[-1] if starts else offset


def next_character(text: str, offset: int) -> int:
    """The next offset on a character that is no white space."""
    place = next_non_space(text, offset + 1)
    return place if place < len(text) else offset


def previous_character(text: str, offset: int) -> int:
    """The offset before on a character that is no white space."""
    place = offset - 1
    while place > 0 and text[place].isspace():
        place -= 1
    return max(place, 0)


def next_end(text: str, offset: int) -> int:
    """Where a sentence might start after ``offset``, by punctuation and line ends alone."""
    match = _END.search(text, offset + 1)
    return match.end() if match else offset


def previous_end(text: str, offset: int) -> int:
    """Where a sentence might start before ``offset``, by punctuation and line ends alone."""
    low = max(0, offset - _REACH)
    ends = [m.end() for m in _END.finditer(text, low, offset) if m.end() < offset]
    return ends[-1] if ends else offset
