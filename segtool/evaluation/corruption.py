"""Corruptions of labelled text: what users meet, as exact functions of text and sentence ends.

Every function takes a text and its exclusive sentence ends and returns both, corrupted. ``bare`` is the
definition that the figures for 'corrupted' text follow; the others are the robustness variants.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

Labelled = tuple[str, list[int]]


def _rebuild(text: str, ends: Sequence[int], replace: Callable[[int, str], str]) -> Labelled:
    """Text with every character replaced; ends follow their characters."""
    parts, lengths = [], [0]
    for index, character in enumerate(text):
        new = replace(index, character)
        parts.append(new)
        lengths.append(lengths[-1] + len(new))
    return "".join(parts), sorted({lengths[end] for end in ends})


def bare(text: str, ends: Sequence[int]) -> Labelled:
    """Lower case; only letters, digits and white space are kept; each white-space character is one blank."""

    def replace(_: int, character: str) -> str:
        if character.isspace():
            return " "
        return "".join(c for c in character.lower() if c.isalnum()) if character.isalnum() else ""

    return _rebuild(text, ends, replace)


def one_blank(text: str, ends: Sequence[int]) -> Labelled:
    """As ``bare``, and runs of blanks collapsed to one: nothing but the words is left."""
    text, ends = bare(text, ends)
    return _rebuild(text, ends, lambda i, c: "" if c == " " and i and text[i - 1] == " " else c)


def lower_case(text: str, ends: Sequence[int]) -> Labelled:
    """Lower case, punctuation kept."""
    return _rebuild(text, ends, lambda _, c: c.lower())


def no_line_breaks(text: str, ends: Sequence[int]) -> Labelled:
    """Every run of white space that holds a line break becomes one blank."""
    inside = {i for m in re.finditer(r"\s*[\n\r\u2028\u2029\x85]\s*", text) for i in range(m.start() + 1, m.end())}
    first = {m.start() for m in re.finditer(r"\s*[\n\r\u2028\u2029\x85]\s*", text)}
    return _rebuild(text, ends, lambda i, c: "" if i in inside else " " if i in first else c)


def hard_wrapped(text: str, ends: Sequence[int], width: int = 72) -> Labelled:
    """Lines broken at the last blank before ``width`` characters, as old text editors do."""
    breaks, line_start, last_blank = set(), 0, -1
    for index, character in enumerate(text):
        if character in "\n\r":
            line_start, last_blank = index + 1, -1
        elif character == " ":
            last_blank = index
        if index - line_start >= width and last_blank >= line_start:
            breaks.add(last_blank)
            line_start, last_blank = last_blank + 1, -1
    return _rebuild(text, ends, lambda i, c: "\n" if i in breaks else c)


def no_space_after_stop(text: str, ends: Sequence[int]) -> Labelled:
    """Single blanks after ``.``, ``?`` and ``!`` are gone where a sentence ends."""
    marked = set(ends)
    return _rebuild(
        text,
        ends,
        lambda i, c: "" if c == " " and i in marked and text[i - 1] in ".?!" and i + 1 < len(text) else c,
    )


def ocr_noise(text: str, ends: Sequence[int], rate: float = 0.02, seed: int = 1) -> Labelled:
    """Letters confused, dropped or doubled, and blanks inserted, at ``rate`` a character."""
    rng = random.Random(seed)
    confused = {
        "l": "1",
        "I": "l",
        "O": "0",
        "o": "c",
        "e": "c",
        "m": "rn",
        "h": "b",
        ".": ",",
        ",": ".",
        "S": "5",
    }

    def replace(_: int, character: str) -> str:
        if character.isspace() or rng.random() >= rate:
            return character
        kind = rng.random()
        if kind < 0.6:
            return confused.get(character, character)
        return "" if kind < 0.8 and character.isalnum() else character + " " if kind < 0.9 else character * 2

    return _rebuild(text, ends, replace)


VARIANTS: dict[str, Callable[[str, Sequence[int]], Labelled]] = {
    "clean": lambda text, ends: (text, list(ends)),
    "bare": bare,
    "one-blank": one_blank,
    "lower": lower_case,
    "no-breaks": no_line_breaks,
    "wrapped": hard_wrapped,
    "no-space": no_space_after_stop,
    "ocr": ocr_noise,
}
