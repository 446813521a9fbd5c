"""How paragraphs are numbered, as 27 numbers each for the section model.

This is the model's own cheap eye for numbers: one regular expression at the start of each unit and a stack over
the document. It names no clause; the full grammar for the outline is `segtool.segmenters.numbering`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

N_NUMBER_FEATURES = 27
HEAD_CHARACTERS = 48
NONE, BULLET, PAREN_DIGIT, PAREN_LETTER, CLOSE, WORD, DOTTED, DIGIT_DOT, ROMAN, LETTER_DOT, ORDINAL, BARE = range(12)
_STACK_LIMIT = 8

_WORD_LIST = """
    article articles art section sect sec chapter chap part title schedule annex appendix exhibit book division
    subdivision subchapter subpart rule clause paragraph para step phase stage lesson module unit lecture question
    exercise example principle recital attachment addendum artikel abschnitt unterabschnitt kapitel teil titel anhang
    anlage artículo articulo capítulo capitulo título titulo sección seccion anexo libro apartado chapitre titre livre
    annexe partie section paragraphe článek článok čl hlava část časť oddíl oddiel díl diel příloha príloha luku osa
    peatükk jagu jaotis lisa άρθρο αρθρο κεφάλαιο κεφαλαιο τίτλος μέρος μερος παράρτημα articolul capitolul titlul
    secțiunea sectiunea anexa article capítol secció títol annex глава статья раздел часть приложение стаття розділ
    додаток artigo seção secção articolo capo titolo sezione allegato artykuł art rozdział dział załącznik madde bölüm
    kısım ek hoofdstuk afdeling bijlage avsnitt kapittel del bilaga vedlegg bilag fejezet rész cikk melléklet член
    المادة مادة الفصل الباب القسم มาตรา หมวด ส่วน ข้อ điều chương phần mục bab pasal bagian ماده فصل بخش
"""
_SECTION_WORDS = frozenset(_WORD_LIST.split())

_PATTERN = re.compile(
    r"""\s*(?:
    (?P<bullet>[-*•–—·▪●◦‣○■→>])\s
    |[(（]\s*(?:(?P<paren_digit>\d{1,4})|(?P<paren_letter>[^\W\d_]{1,5}))\s*[)）]
    |第\s*(?P<ordinal>\d{1,4}|[〇零一二三四五六七八九十百千两]{1,8})\s*(?P<ordinal_unit>[^\W\d_])
    |제\s*(?P<ordinal_ko>\d{1,4})\s*(?P<ordinal_ko_unit>[^\W\d_])
    |§{1,2}\s*(?P<paragraph>\d{1,5})[a-z]?
    |(?P<dotted>\d{1,4}(?:\.\d{1,3}){1,6})\.?(?=[\s):]|$|[^\W\d_])
    |(?P<close>\d{1,4}|[a-zA-Z]|[ivxlc]{2,6})(?:[)）]|\s?[°º](?=\W))
    |(?P<digit_dot>\d{1,4})[.．、:](?!\d)
    |(?P<roman>[IVXLC]{1,7})(?:\.|\s[-–—:]|$|(?<=[IVXLC]{2})\s)
    |(?P<letter_dot>[^\W\d_])\.(?=\s)
    |(?P<word>[^\W\d_]{2,16})\.?\s+(?:(?P<word_digit>\d{1,5})(?P<word_suffix>[a-zA-Z]?(?:[.\-–]\d{1,4})*)
        |(?P<word_roman>[IVXLC]{1,7})|(?P<word_letter>[A-Z]))(?P<word_end>[\s.:)\-–—]|$)
    |(?P<bare>\d{1,4})[a-z]?\s+(?=[^\W\d_])
    )""",
    re.VERBOSE,
)
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_HAN_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers found at the starts of n units.

    Args:
        kind: int8 (n,), one of the twelve kinds.
        value: int32 (n,), the number itself, of a dotted number its last part.
        other: int32 (n,), the value read as a letter where `value` is read as roman ("i", "v", "x"), else -1.
        series: int32 (n,), what tells two series of one kind apart: the word, the letter case, the count of parts.
        prefix: int32 (n,), hash of the parts of a dotted number before its last.
        length: int16 (n,), characters up to the number's end.
    """

    kind: npt.NDArray[np.int8]
    value: npt.NDArray[np.int32]
    other: npt.NDArray[np.int32]
    series: npt.NDArray[np.int32]
    prefix: npt.NDArray[np.int32]
    length: npt.NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, index: npt.NDArray[np.int64]) -> Numbers:
        """The numbers of some of the units."""
        return Numbers(
            self.kind[index],
            self.value[index],
            self.other[index],
            self.series[index],
            self.prefix[index],
            self.length[index],
        )


def roman(text: str) -> int:
    """The value of a roman numeral, 0 if it is none.

    >>> roman("XIV"), roman("IC"), roman("VV")
    (14, 0, 0)
    """
    total, previous = 0, 0
    for letter in reversed(text.upper()):
        value = _ROMAN_VALUES.get(letter, 0)
        if not value:
            return 0
        total += -value if value < previous else value
        previous = max(previous, value)
    return total if to_roman(total) == text.upper() else 0


def to_roman(value: int) -> str:
    """A number from 1 to 3999 in roman capitals."""
    out = ""
    for amount, letters in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        while value >= amount:
            out += letters
            value -= amount
    return out


def _han(text: str) -> int:
    if text.isdigit() and text.isascii():
        return int(text)
    total, digit = 0, 0
    for sign in text:
        if sign in _HAN_UNITS:
            total += max(digit, 1) * _HAN_UNITS[sign]
            digit = 0
        else:
            digit = _HAN_DIGITS.get(sign, 0) if not sign.isdigit() or sign in _HAN_DIGITS else int(sign)
    return total + digit


def _letter(text: str) -> int:
    """(a) is 1, (aa) 27, (bb) 28; other letters by their code."""
    first = text[0].lower()
    place = ord(first) - 96 if "a" <= first <= "z" else ord(first) % 64
    return place + 26 * (len(text) - 1)


_Found = tuple[int, int, int, int, int]
_NOTHING: _Found = (NONE, 0, -1, 0, 0)


def _series(text: str) -> int:
    """A stable small hash (Python's own differs between runs)."""
    value = 5381
    for letter in text:
        value = (value * 33 + ord(letter)) & 0xFFFFFF
    return value


def _lettered(kind: int, text: str) -> _Found:
    """A letter or a roman numeral; "(in)" and other words are none."""
    case = 1 if text[0].isupper() else 0
    as_roman = roman(text)
    if len(text) == 1:
        place = _letter(text)
        if as_roman and text.lower() in "ivx":
            return kind, as_roman, place, case, 0
        return kind, place, -1, 2 + case, 0
    if as_roman:
        return kind, as_roman, -1, case, 0
    if len(set(text.lower())) == 1:
        return kind, _letter(text), -1, 2 + case, 0
    return _NOTHING


def _word(match: re.Match[str]) -> _Found:
    word = match["word"].lower()
    if word not in _SECTION_WORDS:
        closes = match["word_end"] in ("", ".", ":") and match["word"][0].isupper()
        if not closes or match["word_letter"] or len(match["word_digit"] or "") > 3:
            return _NOTHING
    if match["word_digit"]:
        parts = re.split(r"[.\-–]", match["word_suffix"])
        last = parts[-1] if len(parts) > 1 else match["word_digit"]
        prefix = _series(match["word_digit"]) if len(parts) > 1 else 0
        return WORD, int(last), -1, _series(word) + 7 * (len(parts) - 1), prefix
    if match["word_roman"] and roman(match["word_roman"]):
        return WORD, roman(match["word_roman"]), -1, _series(word) + 1, 0
    letter = match["word_letter"] or match["word_roman"]
    return (WORD, _letter(letter), -1, _series(word) + 2, 0) if len(letter) == 1 else _NOTHING


def _parse(text: str) -> tuple[_Found, int]:
    match = _PATTERN.match(text, 0, HEAD_CHARACTERS)
    if match is None:
        return _NOTHING, 0
    return _found(match, match.lastgroup or ""), match.end()


def _found(match: re.Match[str], group: str) -> _Found:
    text = match[group]
    if group == "bullet":
        return BULLET, 0, -1, ord(text), 0
    if group == "paren_digit":
        return PAREN_DIGIT, int(text), -1, 0, 0
    if group == "paren_letter":
        return _lettered(PAREN_LETTER, text)
    if group == "ordinal_unit":
        return ORDINAL, _han(match["ordinal"]), -1, ord(text), 0
    if group == "ordinal_ko_unit":
        return ORDINAL, int(match["ordinal_ko"]), -1, ord(text), 0
    if group == "paragraph":
        return WORD, int(text), -1, 1, 0
    if group == "dotted":
        parts = text.split(".")
        return DOTTED, int(parts[-1]), -1, len(parts), _series(".".join(parts[:-1]))
    if group == "close":
        return (CLOSE, int(text), -1, 4, 0) if text.isdecimal() else _lettered(CLOSE, text)
    if group == "digit_dot":
        return DIGIT_DOT, int(text), -1, 1, 0
    if group == "roman":
        return (ROMAN, roman(text), -1, 0, 0) if roman(text) else _NOTHING
    if group == "letter_dot":
        return _lettered(LETTER_DOT, text)
    if group == "bare":
        return BARE, int(text), -1, 0, 0
    return _word(match)


def find_numbers(texts: Sequence[str]) -> Numbers:
    """The number at the start of each text, read without regard to its neighbours."""
    n = len(texts)
    rows = np.zeros((n, 5), np.int64)
    rows[:, 2] = -1
    length = np.zeros(n, np.int16)
    for i, text in enumerate(texts):
        found, end = _parse(text)
        if found is not _NOTHING:
            rows[i] = found
            length[i] = end
    columns = rows.astype(np.int32).T
    return Numbers(columns[0].astype(np.int8), columns[1], columns[2], columns[3], columns[4], length)


def number_features(numbers: Numbers) -> npt.NDArray[np.float32]:
    """What the numbers say in sequence, float32 (n, 27).

    In order: kind (12, one hot), parts of a dotted number, level in the stack (and one hot: 0, 1, 2, deeper), size,
    continues the series, is its first, jumps, kind differs from the number before, opens a deeper series, returns to
    an outer one, units since the last number, units since the last of the series.
    """
    n = len(numbers)
    out = np.zeros((n, N_NUMBER_FEATURES), np.float32)
    if not n:
        return out
    out[np.arange(n), numbers.kind] = 1
    numbered = np.flatnonzero(numbers.kind)
    rows = _walk(numbers, numbered)
    levels = rows[:, 0]
    out[numbered, 12] = np.where(numbers.kind[numbered] == DOTTED, numbers.series[numbered], 1) / 5
    out[numbered, 14 + np.minimum(levels, 3).astype(np.int64)] = 1
    out[numbered, 18] = np.log1p(np.clip(numbers.value[numbered], 0, 9999)) / 4
    out[numbered, 19:25] = rows[:, 1:7]
    out[numbered, 26] = rows[:, 7]
    positions = np.full(n, -1)
    positions[numbered] = np.arange(len(numbered))
    latest = np.maximum.accumulate(positions)  # the number each unit stands under, -1 before the first
    before = np.concatenate([[-1], latest[:-1]])
    padded = np.concatenate([[0.0], levels])
    out[:, 13] = padded[latest + 1] / 4
    at = np.concatenate([[-40], numbered])[before + 1]
    out[:, 25] = np.minimum(np.log1p(np.arange(n) - at), 4) / 4
    return out


def _walk(numbers: Numbers, numbered: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Level and seven signs for each numbered unit, by a stack of open series."""
    rows = np.zeros((len(numbered), 8))
    stack: list[list[int]] = []  # series key, value, prefix, unit
    previous = -1
    columns = (numbers.kind, numbers.value, numbers.other, numbers.series, numbers.prefix)
    units = zip(numbered.tolist(), *(column[numbered].tolist() for column in columns), strict=True)
    for row, (unit, kind, value, other, series, prefix) in enumerate(units):
        key = kind << 24 | series
        if other >= 0 and any(e[0] == key + 2 and e[1] == other - 1 for e in stack):
            key, value = key + 2, other  # (i) after (h) is a letter
        depth = next((d for d in range(len(stack) - 1, -1, -1) if stack[d][0] == key), -1)
        opens = depth < 0
        popped = 0 <= depth < len(stack) - 1
        continues = jumps = False
        since = 5.0
        if opens:
            del stack[_STACK_LIMIT - 1 :]
            depth = len(stack)
            stack.append([key, value, prefix, unit])
        else:
            del stack[depth + 1 :]
            entry = stack[depth]
            if kind == BULLET:
                value = entry[1] + 1
            continues = value == entry[1] + 1 and prefix == entry[2]
            jumps = not continues and value != 1
            since = min(float(np.log1p(unit - entry[3])), 5.0)
            entry[1:] = [value, prefix, unit]
        first = value == 1 or (kind == BULLET and opens)
        changed = key != previous
        rows[row] = (depth, continues, first, jumps, changed, opens, popped, since / 5)
        previous = key
    return rows
