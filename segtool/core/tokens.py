"""Tokens by words: the default measure of a chunk's size, the same on every machine.

A token is a run of letters, marks and digits (with inner apostrophes and the like left out: ``don't`` is two), or in
scripts written without spaces each single character. Punctuation counts nothing.
"""

from __future__ import annotations

import re
from typing import Protocol

# Han, kana, bopomofo; Thai, Lao, Tibetan, Burmese, Khmer: scripts without spaces between words.
_UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff"
    "\u3100-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_WORD = rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+"
"""Compiled when first used: that takes a while, and few runs count."""


class TokenCounter(Protocol):
    """Counts tokens of a text; ``name`` says how."""

    name: str

    def count(self, text: str) -> int:
        """Number of tokens of ``text``."""
        ...


class WordCounter:
    """Words, and single characters in scripts without spaces."""

    name = "words"

    def count(self, text: str) -> int:
        """Number of words of ``text``."""
        return sum(1 for _ in re.finditer(_WORD, text))


class CharacterCounter:
    """Characters (code points), white space included."""

    name = "characters"

    def count(self, text: str) -> int:
        """Number of code points of ``text``."""
        return len(text)
