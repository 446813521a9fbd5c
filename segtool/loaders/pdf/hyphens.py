"""Joining the lines of a paragraph, and repairing words that a line end has cut.

Pure. A hyphen at a line end goes if the joined word is known from the document; it stays if the hyphenated word is;
else a word that goes on in lower case is taken as cut.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from segtool.loaders.pdf.rows import is_unspaced

_HYPHENS = "-\u2010\u00ad"
_TAIL = re.compile(r"([^\W\d_]+)[-\u2010\u00ad]$")
_HEAD = re.compile(r"^([^\W\d_]+(?:[-\u2010][^\W\d_]+)*)")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_KEPT_PREFIXES = {"non", "self", "ex", "anti", "cross", "co", "well", "so", "third", "long", "short", "high", "low"}


class Vocabulary:
    """Words of a document inside lines, where no line end can have cut them."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._counts: Counter[str] = Counter()
        self.add(lines)

    def add(self, lines: Iterable[str]) -> None:
        """Note the words of more lines."""
        for line in lines:
            words = _WORD.findall(line.casefold().replace("\u2010", "-"))
            if line[-1:] in _HYPHENS:
                words = words[:-1]
            self._counts.update(words)

    def __contains__(self, word: str) -> bool:
        return word.casefold() in self._counts

    def count(self, word: str) -> int:
        """How often a word (or hyphenated word) occurs."""
        return self._counts[word.casefold()]


def joint(before: str, after: str, vocabulary: Vocabulary) -> tuple[int, str]:
    """How two lines of a paragraph are joined: characters to drop from the end of ``before``, and what to put between.

    >>> joint("the agree-", "ment of", Vocabulary(["an agreement"]))
    (1, '')
    """
    if not before or not after:
        return 0, ""
    if before[-1] in _HYPHENS and len(before) > 1 and not before[-2].isspace():
        return _hyphen_joint(before, after, vocabulary)
    if is_unspaced(before[-1]) and is_unspaced(after[0]):
        return 0, ""
    if before[-1] in "/\u2014" and not before[-2:-1].isspace():
        return 0, ""
    return 0, " "


def _hyphen_joint(before: str, after: str, vocabulary: Vocabulary) -> tuple[int, str]:
    tail, head = _TAIL.search(before), _HEAD.match(after)
    if tail is None or head is None:
        return (0, "") if after[0].isalnum() else (0, " ")
    left, right = tail[1], head[1]
    if before[-1] == "\u00ad":
        return 1, ""
    closed, hyphened = vocabulary.count(left + right.split("-")[0]), vocabulary.count(f"{left}-{right}")
    if closed or hyphened:
        return (1, "") if closed >= hyphened else (0, "")
    if right[0].isupper() and not left.isupper():
        return 0, ""
    if left.casefold() in _KEPT_PREFIXES and vocabulary.count(right):
        return 0, ""
    if len(left) > 2 and vocabulary.count(left) and vocabulary.count(right) and len(right) > 3:
        return 0, ""
    return 1, ""
