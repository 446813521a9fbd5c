"""Values of numerals: roman, letters of several alphabets, Chinese signs, and suffixes such as "12a" and "5 bis"."""

from __future__ import annotations

import re

from segtool.segmenters.numbering_table import SUFFIXES

_CJK_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "壹": 1, "貳": 2, "參": 3}
CJK = "〇零一二三四五六七八九十百千两"
_KOREAN = "가나다라마바사아자차카타파하"
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_ROMAN_SHAPE = re.compile(r"m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})", re.IGNORECASE | re.ASCII)
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "αβγδεζηθικλμνξοπρστυφχψω", "абвгдежзиклмнопрстуфхцчшщэюя", _KOREAN)


def roman_value(text: str) -> int:
    """The value of a roman number in either case; 0 if it is not well formed."""
    if not text or not _ROMAN_SHAPE.fullmatch(text):
        return 0
    digits = [_ROMAN_VALUES[c] for c in text.lower()]
    following = [*digits[1:], 0]
    return sum(-d if d < after else d for d, after in zip(digits, following, strict=True))


def letter_value(text: str) -> int:
    """The place of a letter in its alphabet, "aa" after "z"; 0 if it is no such letter."""
    lower = text.lower()
    if not lower or lower != lower[0] * len(lower):
        return 0
    for alphabet in _ALPHABETS:
        place = alphabet.find(lower[0])
        if place >= 0:
            return place + 1 + len(alphabet) * (len(lower) - 1)
    return 15 if lower == "ñ" else 0


def cjk_value(text: str) -> int:
    """The value of a number in Chinese signs or digits."""
    if text.isdigit() and not any(c in _CJK_DIGITS for c in text):
        return int(text)
    total, current = 0, 0
    for c in text:
        if c in _CJK_DIGITS:
            current = _CJK_DIGITS[c] + (current * 10 if current else 0)
        else:
            total += (current or 1) * {"十": 10, "百": 100, "千": 1000}.get(c, 1)
            current = 0
    return total + current


def with_suffix(value: int, suffix: str | None) -> tuple[int, ...]:
    """The values of a number with what is put behind it: 12a is (12, 1), "5 bis" is (5, 2)."""
    if not suffix:
        return (value,)
    latin = SUFFIXES.split()
    return (value, latin.index(suffix) + 2 if suffix in latin else letter_value(suffix) or 1)
