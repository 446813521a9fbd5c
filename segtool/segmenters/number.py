"""What a clause number is, and the few looks at a line that all its readers share."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Style = Literal["", ".", ")", "()", "-", "°"]


@dataclass(frozen=True, slots=True)
class Number:
    """The number at the start of a line.

    ``kind`` is ``arabic``, ``decimal``, ``letter``, ``roman``, ``bullet``, or the name of a unit of the table
    (``article``; ``paragraph`` for §). ``text`` is the number as written without its final dot ("4.2", "Article IV",
    "§ 12", "(b)"); ``values`` what it counts, outermost first; ``end`` the offset in the line of what follows number
    and separators. ``style`` is the mark around or behind it. ``letter`` is the value if a roman number is read as a
    letter, else 0.
    """

    kind: str
    text: str
    values: tuple[int, ...]
    end: int
    style: Style = ""
    letter: int = 0
    is_weak: bool = False


_SEPARATORS = re.compile(r"[\s.:．：、。\-–—−·|]{0,8}")
GAP = r"[ \t\xa0\u2002-\u200a\u3000]"
WORD = re.compile(r"[^\W\d_][^\s\d.,:;()（）\-–—/]{0,23}(?:-[^\W\d_]{3,16})?")
INITIALS = re.compile(r"[^\W\d_]\.\s?[^\W\d_]\.")


def fold(word: str) -> str:
    """A word without case and accents, by which the table is looked up."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFD", word.lower().replace("ı", "i"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def skip(head: str, end: int) -> int:
    """The offset behind the blanks, stops and dashes at ``end``."""
    match = _SEPARATORS.match(head, end)
    return match.end() if match else end


def following_word(head: str, end: int) -> str:
    """The word at ``end``, folded; empty if there is none."""
    match = WORD.match(head, end)
    return fold(match[0]) if match else ""


def is_lower_at(head: str, end: int) -> bool:
    """Whether a small letter stands at ``end``: a sentence goes on there."""
    return end < len(head) and head[end].islower()


def words(listed: str) -> list[str]:
    """The words of a row of the table, folded; an underscore stands for a blank."""
    return [fold(word).replace("_", " ") for word in listed.split()]
