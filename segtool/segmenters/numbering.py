"""The grammar of clause numbers: what number a line begins with, read without its neighbours.

The vocabulary stands in ``numbering_table``; here are the few shapes that numbers take. A line is dispatched by its
first character to one regular expression of bounded repeats over its first characters, so the time does not depend on
the length of the line. What one line can't tell, ``Number`` leaves open: ``is_weak`` marks a bare number before a
capital letter ("8 Short title"), which only its neighbours confirm, and ``letter`` is the other reading of a roman
number that may be a letter ("(i)" after "(h)").
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from segtool.segmenters.numbering_table import (
    MEASURES,
    MONTHS,
    NUMBER_MARKS,
    ORDINALS,
    REFERENCES,
    SUFFIXES,
    UNITS,
)

Style = Literal["", ".", ")", "()", "-", "°"]

HEAD_CHARACTERS = 96
"""Characters of a line that are looked at."""


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


def fold(word: str) -> str:
    """A word without case and accents, by which the table is looked up."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFD", word.lower().replace("ı", "i"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _words(listed: str) -> list[str]:
    return [fold(word).replace("_", " ") for word in listed.split()]


_BEFORE = {word: row.name for row in reversed(UNITS) for word in _words(row.before)}
_AFTER = {word: row.name for row in reversed(UNITS) for word in _words(row.after)}
_ALONE = {word for row in UNITS for word in _words(row.alone)}
_SIGNS = {sign: row.name for row in UNITS for sign in row.signs.split()}
_ORDINALS = {word: value for value, listed in ORDINALS.items() for word in _words(listed)}
_MONTHS = frozenset(_words(MONTHS))
_MEASURES = frozenset(_words(MEASURES))
RANKS = {row.name: row.rank for row in UNITS}
"""Usual rank of each unit, 1 outermost."""

_CJK_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "壹": 1, "貳": 2, "參": 3}
_CJK = "〇零一二三四五六七八九十百千两"
_KOREAN = "가나다라마바사아자차카타파하"
_LOWER_ROMAN = frozenset("ivxlc")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_ROMAN_SHAPE = re.compile(r"m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})", re.IGNORECASE)
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "αβγδεζηθικλμνξοπρστυφχψω", "абвгдежзиклмнопрстуфхцчшщэюя", _KOREAN)

_SEPARATORS = re.compile(r"[\s.:．：、。\-–—−·|]{0,8}")
_GAP = r"[ \t\xa0\u2002-\u200a\u3000]"
_BULLET = re.compile(rf"([-*+•◦▪▫‣⁃●○■□–—·→>]){_GAP}+")
_PAREN = re.compile(
    rf"[(（]\s?(?:(?P<digit>\d{{1,4}}[a-z]?)|(?P<cjk>[{_CJK}]{{1,5}})|(?P<letter>[^\W\d_]{{1,7}}))\s?[)）]"
)
_SIGN = re.compile(
    r"§{1,2}\s?(?P<value>\d{1,5}(?:[-–.]\d{1,4})*)(?P<suffix>[a-z]{0,2}(?![^\W\d_]))"
    r"(?:\s?(?:bis|und|to|and|a|až|–|-)\s?\d{1,4}[a-z]?(?![\d.]))?"
)
_POSTFIX_SIGN = re.compile(r"(?P<value>\d{1,4})\.?\s?(?P<suffix>[a-z]?)\.?\s?§(?=[\s.]|$)")
_DECIMAL = re.compile(
    rf"(?P<value>\d{{1,4}}(?:\.\d{{1,3}}){{1,6}})(?P<suffix>[a-zA-Z]?)(?P<dot>[.)]?)(?=[\s:]|$|[{_CJK}])"
)
_ARABIC = re.compile(
    rf"(?P<value>\d{{1,4}})(?P<suffix>[a-z]?)(?P<mark>[.)．、）:]|\s?[°º]|{_GAP}[-–—](?=\s))?(?P<gap>\s{{0,8}})"
)
_SHORT = re.compile(rf"(?P<value>[^\W\d_]{{1,8}})(?P<mark>[.)）](?=\s|$)|{_GAP}[-–—](?=\s)|(?=\s|$))")
_WORD = re.compile(r"[^\W\d_][^\s\d.,:;()（）\-–—/]{0,23}(?:-[^\W\d_]{3,16})?")
_MARKS = "|".join(map(re.escape, NUMBER_MARKS.split()))
_MARK = re.compile(
    rf"[.:]?{_GAP}{{0,3}}(?:(?:{_MARKS})\.?{_GAP}{{0,2}}|a{_GAP}(?=\d{{1,3}}-a\b))?",  # "Secțiunea a 2-a"
    re.IGNORECASE,
)
_UNIT_VALUE = re.compile(
    rf"(?:(?P<book>[LRDA])\.?\s?\*?\s?)?(?:(?P<digits>\d{{1,5}}(?:[.\-–]\d{{1,4}}){{0,4}})"
    rf"(?:[\s-]?(?P<latin>{'|'.join(SUFFIXES.split())})(?![^\W\d_])|-?(?P<suffix>[a-zA-Z]{{1,2}})(?![^\W\d_])|\.?[º°ª]|er\b)?"
    r"|(?P<roman>[IVXLCDM]{1,8})(?:er|re)?(?:-?[A-Za-z])?(?![^\W_])"
    r"|(?P<letter>[A-ZΑ-ΩА-Я])(?:['΄ʹ’]|-\d{1,3})?(?![^\W_]))"
    r"(?P<inner>(?:\([^\W_]{1,5}\)){0,4})"
    rf"(?P<more>(?:\s(?:{'|'.join(REFERENCES.split())})\.?\s?\d{{1,3}}[a-z]?){{0,3}})"
)
_INNER = re.compile(r"\(([^\W_]{1,5})\)")
_CJK_UNIT = re.compile(
    rf"第\s?(?P<value>\d{{1,4}}|[{_CJK}]{{1,8}})\s?(?P<unit>部分|[^\W\d_])(?:の(?P<branch>[{_CJK}\d]{{1,3}}))?"
)
_KOREAN_UNIT = re.compile(r"제\s?(?P<value>\d{1,4})\s?(?P<unit>[가-힣])(?:의\s?(?P<branch>\d{1,3}))?")
_CJK_LIST = re.compile(rf"(?P<value>[{_CJK}]{{1,4}})(?P<mark>[、．.])")
_CJK_ANNEX = re.compile(rf"(?P<word>附件|附录|附表|別表|별표)\s?(?P<value>第?[{_CJK}\d]{{1,4}}|[A-Z])?(?=[\s:：　]|$)")


def parse_number(line: str) -> Number | None:
    """The number that ``line`` begins with, None if it begins with none.

    The line starts with its first non-space character. Dates, quantities ("5 days after", "3.5 million") and
    references ("Article 5 of the treaty") are no numbers.

    >>> parse_number("Article IV Warranties").text
    'Article IV'
    """
    head = line[:HEAD_CHARACTERS]
    if not head:
        return None
    first = head[0]
    if first.isdigit():
        return _from_digit(head)
    if first in "(（":
        return _from_paren(head)
    if first == "§":
        return _from_sign(head)
    if first.isalpha():
        return _from_letter(head)
    match = _BULLET.match(head)
    return Number("bullet", match[1], (), match.end()) if match else None


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


def _cjk_value(text: str) -> int:
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


def _skip(head: str, end: int) -> int:
    match = _SEPARATORS.match(head, end)
    return match.end() if match else end


def _following_word(head: str, end: int) -> str:
    match = _WORD.match(head, end)
    return fold(match[0]) if match else ""


def _is_lower_at(head: str, end: int) -> bool:
    return end < len(head) and head[end].islower()


def _from_digit(head: str) -> Number | None:
    if "①" <= head[0] <= "⑳":
        return Number("arabic", head[0], (ord(head[0]) - 0x245F,), _skip(head, 1), "()")
    if not head[0].isdecimal():
        return None
    return _postfix_sign(head) or _decimal(head) or _postfix_unit(head) or _arabic(head)


def _postfix_sign(head: str) -> Number | None:
    match = _POSTFIX_SIGN.match(head)
    if not match or _is_lower_at(head, _skip(head, match.end())):
        return None
    text = match[0].strip()
    return Number("paragraph", text, _with_suffix(int(match["value"]), match["suffix"]), _skip(head, match.end()))


def _with_suffix(value: int, suffix: str | None) -> tuple[int, ...]:
    if not suffix:
        return (value,)
    latin = SUFFIXES.split()
    return (value, latin.index(suffix) + 2 if suffix in latin else letter_value(suffix) or 1)


def _decimal(head: str) -> Number | None:
    match = _DECIMAL.match(head)
    if not match:
        return None
    end = _skip(head, match.end())
    marked = bool(match["dot"]) or head[match.end() : match.end() + 1] == ":"
    if _is_lower_at(head, end) and not marked:
        return None
    if _following_word(head, end) in _MONTHS | _MEASURES or head[end : end + 1] == "%":
        return None
    values = tuple(int(v) for v in match["value"].split("."))
    if max(values) > 999:
        return None
    if match["suffix"]:
        values = (*values, letter_value(match["suffix"]) or 1)
    style: Style = ")" if match["dot"] == ")" else ""
    return Number("decimal", match["value"] + match["suffix"], values, end, style)


def _postfix_unit(head: str) -> Number | None:
    """ "2. Abschnitt", "III. fejezet", "1 luku": the word after the number."""
    match = _POSTFIX.match(head)
    if not match:
        return None
    word = _WORD.match(head, match.end())
    unit = _AFTER.get(fold(word[0])) if word else None
    if not word or not unit:
        return None
    value = int(match["digits"]) if match["digits"] else roman_value(match["roman"])
    end = word.end()
    if fold(word[0]) == "kap" and head[end : end + 1] == ".":
        end += 1
    rest = _skip(head, end)
    if not value or _is_lower_at(head, rest):
        return None
    return Number(unit, head[:end], (value,), rest)


_POSTFIX = re.compile(rf"(?:(?P<digits>\d{{1,4}})|(?P<roman>[IVXLC]{{1,7}}))(?:\s?[a-z](?=[.\s]))?\.?{_GAP}{{1,2}}")


def _arabic(head: str) -> Number | None:
    match = _ARABIC.match(head)
    if not match or (match["suffix"] and not match["mark"]):
        return None
    value, mark, end = int(match["value"]), (match["mark"] or "").strip(), match.end()
    if mark and not match["gap"] and end < len(head) and (head[end].isdigit() or head[end] in "/-–,:=" or mark == ":"):
        return None
    if mark in (".", "．") and not match["gap"] and end < len(head) and head[end].islower():
        return None
    if _following_word(head, end) in _MONTHS:
        return None
    if not mark:
        return _bare_arabic(head, value, match)
    text = match["value"] + match["suffix"]
    if mark in "°º":
        return Number("arabic", match["value"], (value,), _skip(head, end), "°")
    style: Style = ")" if mark in ")）" else "-" if mark in "-–—" else "."
    return Number("arabic", text, _with_suffix(value, match["suffix"]), _skip(head, end), style)


def _bare_arabic(head: str, value: int, match: re.Match[str]) -> Number | None:
    end = match.end()
    if value > 1899 or len(match["value"]) > 3:
        return None
    if end == len(head):
        return Number("arabic", match["value"], (value,), end, is_weak=True)
    after = head[end]
    cased_or_cjk = after.isupper() or after in "\"“«„‘'(" or "\u3040" <= after <= "\u9fff" or "가" <= after <= "힣"
    if not match["gap"] or not cased_or_cjk or _following_word(head, end) in _MEASURES:
        return None
    return Number("arabic", match["value"], (value,), end, is_weak=True)


def _from_paren(head: str) -> Number | None:
    match = _PAREN.match(head)
    if not match:
        return None
    end = _skip(head, match.end())
    if match["digit"]:
        digits = match["digit"].rstrip("abcdefghijklmnopqrstuvwxyz")
        return Number("arabic", match[0], _with_suffix(int(digits), match["digit"][len(digits) :]), end, "()")
    if match["cjk"]:
        return Number("arabic", match[0], (_cjk_value(match["cjk"]),), end, "()")
    return _letter_or_roman(match["letter"], match[0], end, "()")


def _letter_or_roman(text: str, shown: str, end: int, style: Style) -> Number | None:
    """A letter, a doubled letter or a roman number; None for any other run of letters."""
    roman, letter = roman_value(text), letter_value(text)
    if (
        roman
        and (len(text) > 1 or text in "ivxIVX")
        and not (letter and len(text) == 2 and text.lower() in ("cc", "mm"))
    ):
        is_upper, is_lower = text.isupper(), text.islower()
        if is_upper or is_lower:
            return Number("roman", shown, (roman,), end, style, letter=letter)
    if letter and len(text) <= 3:
        return Number("letter", shown, (letter,), end, style)
    return None


def _from_sign(head: str) -> Number | None:
    match = _SIGN.match(head)
    if not match:
        return None
    end = _skip(head, match.end())
    rest = head[end : end + 8]
    if _is_lower_at(head, end) or rest.startswith(("Abs.", "Absatz", "Nr.", "Satz ")):
        return None
    values = tuple(int(v) for v in re.split(r"[-–.]", match["value"]))
    if match["suffix"]:
        values = (*values, letter_value(match["suffix"]) or 1)
    return Number("paragraph", match[0].strip(), values, end)


def _from_letter(head: str) -> Number | None:
    first = head[0]
    if first == "第":
        return _cjk_unit(_CJK_UNIT.match(head), head)
    if first == "제":
        return _cjk_unit(_KOREAN_UNIT.match(head), head)
    if first in _CJK:
        match = _CJK_LIST.match(head)
        return (
            Number("arabic", match["value"], (_cjk_value(match["value"]),), _skip(head, match.end()), ".")
            if match
            else None
        )
    if first in "附別별":
        return _cjk_annex(head)
    return _short(head) or _unit(head)


def _cjk_unit(match: re.Match[str] | None, head: str) -> Number | None:
    unit = _SIGNS.get(match["unit"]) if match else None
    if not match or not unit:
        return None
    values: tuple[int, ...] = (_cjk_value(match["value"]),)
    if match["branch"]:
        values = (*values, _cjk_value(match["branch"]))
    return Number(unit, match[0], values, _skip(head, match.end()))


def _cjk_annex(head: str) -> Number | None:
    match = _CJK_ANNEX.match(head)
    if not match or (not match["value"] and match.end() < len(head.rstrip())):
        return None
    value = (match["value"] or "").removeprefix("第")
    number = _cjk_value(value) if value and value[0] in _CJK + "0123456789" else letter_value(value)
    return Number("annex", match[0], (number,) if number else (), _skip(head, match.end()))


def _short(head: str) -> Number | None:
    """Letters and roman numbers: "A.", "iv)", "XI. CONCLUSION", "III THE VOYAGE"."""
    match = _SHORT.match(head)
    if not match:
        return None
    text, mark = match["value"], match["mark"].strip()
    if len(text) > 3 and not roman_value(text):
        return None
    end = _skip(head, match.end())
    if not mark:
        return _postfix_unit(head) or _bare_roman(head, text, end)
    if mark in "-–—" and not (text.isupper() and (roman_value(text) or len(text) == 1)):
        return None
    if mark == "." and _INITIALS.match(head):
        return None
    if mark == "." and text.isupper() and (unit := _postfix_unit(head)):
        return unit
    style: Style = ")" if mark in ")）" else "." if mark == "." else "-"
    return _letter_or_roman(text, text, end, style)


_INITIALS = re.compile(r"[^\W\d_]\.\s?[^\W\d_]\.")


def _bare_roman(head: str, text: str, end: int) -> Number | None:
    value = roman_value(text) if text.isupper() else 0
    if not value or (end < len(head) and not (head[end].isupper() and len(text) > 1)):
        return None
    return Number("roman", text, (value,), end, letter=letter_value(text), is_weak=True)


def _unit(head: str) -> Number | None:
    """A unit's word and its number, either way round."""
    match = _WORD.match(head)
    if not match:
        return None
    word, end = fold(match[0]), match.end()
    if word not in _FIRST_WORDS:
        return None
    if word in _ORDINALS:
        return _ordinal_unit(head, match)
    if word not in _BEFORE:
        second = _WORD.match(head, end + 1)
        if not second:
            return None
        word, end = f"{word} {fold(second[0])}", second.end()
    unit = _BEFORE.get(word)
    if not unit:
        return None
    return _unit_value(head, unit, end) or _unit_alone(head, unit, word, end)


_FIRST_WORDS = {word.split()[0] for word in (*_BEFORE, *_ORDINALS)}


def _ordinal_unit(head: str, first: re.Match[str]) -> Number | None:
    """ "Erster Abschnitt", "PRVÁ ČASŤ": an ordinal and the word behind it."""
    second = _WORD.match(head, first.end() + 1)
    word = fold(second[0]) if second else ""
    unit = _AFTER.get(word) or _BEFORE.get(word)
    if not second or not unit or head[first.end()].isspace() is False:
        return None
    rest = _skip(head, second.end())
    if _is_lower_at(head, rest):
        return None
    return Number(unit, head[: second.end()], (_ORDINALS[fold(first[0])],), rest)


def _unit_value(head: str, unit: str, end: int) -> Number | None:
    mark = _MARK.match(head, end)
    at = mark.end() if mark else end
    if at == end:
        return None
    match = _UNIT_VALUE.match(head, at)
    if match and not (match["letter"] and _INITIALS.match(head, at)):
        values, stop = _unit_values(match), match.end()
    else:
        word = _WORD.match(head, at)
        if not word or fold(word[0]) not in _ORDINALS:
            return None
        values, stop = (_ORDINALS[fold(word[0])],), word.end()
    rest = _skip(head, stop)
    separated = any(c in ".:–—-" for c in head[stop:rest])
    if (_is_lower_at(head, rest) and not separated) or (stop < len(head) and head[stop] in ",;/"):
        return None
    return Number(unit, head[:stop], values, rest)


def _unit_values(match: re.Match[str]) -> tuple[int, ...]:
    if match["digits"]:
        values = tuple(int(v) for v in re.split(r"[.\-–]", match["digits"]))
        suffix = match["latin"] or match["suffix"]
        if suffix:
            values = (*values, *_with_suffix(0, suffix)[1:])
    elif match["roman"] and (roman := roman_value(match["roman"])):
        values = (roman,)
    else:
        values = (letter_value(match["letter"] or match["roman"][:1]) or 1,)
    inner = [roman_value(v) if len(v) > 1 else letter_value(v) for v in _INNER.findall(match["inner"])]
    more = [int(v) for v in re.findall(r"\d+", match["more"])]
    return (*values, *(v or 1 for v in inner), *more)


def _unit_alone(head: str, unit: str, word: str, end: int) -> Number | None:
    if word not in _ALONE or head[end:].strip(" .:"):
        return None
    return Number(unit, head[:end], (), len(head))
