"""The grammar of clause numbers: what number a line begins with, read without its neighbours.

The vocabulary stands in ``numbering_table``; here are the few shapes that numbers take. A line is dispatched by its
first character to one regular expression of bounded repeats over its first characters, so the time does not depend on
the length of the line. What one line can't tell, ``Number`` leaves open: ``is_weak`` marks a bare number before a
capital letter ("8 Short title"), which only its neighbours confirm, and ``letter`` is the other reading of a roman
number that may be a letter ("(i)" after "(h)").
"""

from __future__ import annotations

import re

from segtool.segmenters.number import GAP, INITIALS, Number, Style, following_word, is_lower_at, skip, words
from segtool.segmenters.numbering_table import MEASURES, MONTHS
from segtool.segmenters.numbering_units import (
    CJK_UNIT,
    FIRST_WORDS,
    KOREAN_UNIT,
    cjk_annex,
    cjk_unit,
    postfix_unit,
    unit_number,
)
from segtool.segmenters.numerals import CJK, cjk_value, letter_value, roman_value, with_suffix

HEAD_CHARACTERS = 96
"""Characters of a line that are looked at."""
_MONTHS = frozenset(words(MONTHS))
_MEASURES = frozenset(words(MEASURES))
_COUNTED = _MONTHS | _MEASURES
_BULLET = re.compile(rf"([-*+•◦▪▫‣⁃●○■□–—·→>]){GAP}+")
_PAREN = re.compile(
    rf"[(（]\s?(?:(?P<digit>\d{{1,4}}[a-z]?)|(?P<cjk>[{CJK}]{{1,5}})|(?P<letter>[^\W\d_]{{1,7}}))\s?[)）]"
)
_SIGN = re.compile(
    r"§{1,2}\s?(?P<value>\d{1,5}(?:[-–.]\d{1,4})*)(?P<suffix>[a-z]{0,2}(?![^\W\d_]))"
    r"(?:\s?(?:bis|und|to|and|a|až|–|-)\s?\d{1,4}[a-z]?(?![\d.]))?"
)
_POSTFIX_SIGN = re.compile(r"(?P<value>\d{1,4})\.?\s?(?P<suffix>[a-z]?)\.?\s?§(?=[\s.]|$)")
_DECIMAL = re.compile(
    rf"(?P<value>\d{{1,4}}(?:\.\d{{1,3}}){{1,6}})(?P<suffix>[a-zA-Z]?)(?P<dot>[.)]?)(?=[\s:]|$|[{CJK}])"
)
_ARABIC = re.compile(
    rf"(?P<value>\d{{1,4}})(?P<suffix>[a-z]?)(?P<mark>[.)．、）:]|\s?[°º]|{GAP}[-–—](?=\s))?(?P<gap>\s{{0,8}})"
)
_SHORT = re.compile(rf"(?P<value>[^\W\d_]{{1,8}})(?P<mark>[.)）](?=\s|$)|{GAP}[-–—](?=\s)|(?=\s|$))")
_PLAIN = re.compile(r"([A-Z][a-z]{2,23}|[ABD-HJKM-UWYZ][a-z]|[a-z]{2,24})[ ,]")
"""A first word that is no letter and no roman number: most lines of running text begin so."""
_CJK_LIST = re.compile(rf"(?P<value>[{CJK}]{{1,4}})(?P<mark>[、．.])")


def parse_number(line: str) -> Number | None:
    """The number that ``line`` begins with, None if it begins with none.

    The line starts with its first non-space character. Dates, quantities ("5 days after", "3.5 million") and
    references ("Article 5 of the treaty") are no numbers.

    >>> parse_number("Article IV Warranties").text
    'Article IV'
    """
    plain = _PLAIN.match(line)
    if plain and plain[1].lower() not in FIRST_WORDS:
        return None
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


def _from_digit(head: str) -> Number | None:
    if "①" <= head[0] <= "⑳":
        return Number("arabic", head[0], (ord(head[0]) - 0x245F,), skip(head, 1), "()")
    if not head[0].isdecimal():
        return None
    return _postfix_sign(head) or _decimal(head) or postfix_unit(head) or _arabic(head)


def _postfix_sign(head: str) -> Number | None:
    match = _POSTFIX_SIGN.match(head)
    if not match or is_lower_at(head, skip(head, match.end())):
        return None
    text = match[0].strip()
    return Number("paragraph", text, with_suffix(int(match["value"]), match["suffix"]), skip(head, match.end()))


def _decimal(head: str) -> Number | None:
    match = _DECIMAL.match(head)
    if not match:
        return None
    end = skip(head, match.end())
    marked = bool(match["dot"]) or head[match.end() : match.end() + 1] == ":"
    if is_lower_at(head, end) and not marked:
        return None
    if following_word(head, end) in _COUNTED or head[end : end + 1] == "%":
        return None
    values = tuple(int(v) for v in match["value"].split("."))
    if max(values) > 999:
        return None
    if match["suffix"]:
        values = (*values, letter_value(match["suffix"]) or 1)
    style: Style = ")" if match["dot"] == ")" else ""
    return Number("decimal", match["value"] + match["suffix"], values, end, style)


def _arabic(head: str) -> Number | None:
    match = _ARABIC.match(head)
    if not match or (match["suffix"] and not match["mark"]):
        return None
    value, mark, end = int(match["value"]), (match["mark"] or "").strip(), match.end()
    if mark and not match["gap"] and end < len(head) and (head[end].isdigit() or head[end] in "/-–,:=" or mark == ":"):
        return None
    if mark in (".", "．") and not match["gap"] and end < len(head) and head[end].islower():
        return None
    if following_word(head, end) in _MONTHS:
        return None
    if not mark:
        return _bare_arabic(head, value, match)
    text = match["value"] + match["suffix"]
    if mark in "°º":
        return Number("arabic", match["value"], (value,), skip(head, end), "°")
    style: Style = ")" if mark in ")）" else "-" if mark in "-–—" else "."
    return Number("arabic", text, with_suffix(value, match["suffix"]), skip(head, end), style)


def _bare_arabic(head: str, value: int, match: re.Match[str]) -> Number | None:
    end = match.end()
    if value > 1899 or len(match["value"]) > 3:
        return None
    if end == len(head):
        return Number("arabic", match["value"], (value,), end, is_weak=True)
    after = head[end]
    cased_or_cjk = after.isupper() or after in "\"“«„‘'(" or "\u3040" <= after <= "\u9fff" or "가" <= after <= "힣"
    if not match["gap"] or not cased_or_cjk or following_word(head, end) in _MEASURES:
        return None
    return Number("arabic", match["value"], (value,), end, is_weak=True)


def _from_paren(head: str) -> Number | None:
    match = _PAREN.match(head)
    if not match:
        return None
    end = skip(head, match.end())
    if match["digit"]:
        digits = match["digit"].rstrip("abcdefghijklmnopqrstuvwxyz")
        return Number("arabic", match[0], with_suffix(int(digits), match["digit"][len(digits) :]), end, "()")
    if match["cjk"]:
        return Number("arabic", match[0], (cjk_value(match["cjk"]),), end, "()")
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
    end = skip(head, match.end())
    rest = head[end : end + 8]
    if is_lower_at(head, end) or rest.startswith(("Abs.", "Absatz", "Nr.", "Satz ")):
        return None
    values = tuple(int(v) for v in re.split(r"[-–.]", match["value"]))
    if match["suffix"]:
        values = (*values, letter_value(match["suffix"]) or 1)
    return Number("paragraph", match[0].strip(), values, end)


def _from_letter(head: str) -> Number | None:
    first = head[0]
    if first == "第":
        return cjk_unit(CJK_UNIT.match(head), head)
    if first == "제":
        return cjk_unit(KOREAN_UNIT.match(head), head)
    if first in CJK:
        match = _CJK_LIST.match(head)
        return (
            Number("arabic", match["value"], (cjk_value(match["value"]),), skip(head, match.end()), ".")
            if match
            else None
        )
    if first in "附別별":
        return cjk_annex(head)
    return _short(head) or unit_number(head)


def _short(head: str) -> Number | None:
    """Letters and roman numbers: "A.", "iv)", "XI. CONCLUSION", "III THE VOYAGE"."""
    match = _SHORT.match(head)
    if not match:
        return None
    text, mark = match["value"], match["mark"].strip()
    if len(text) > 3 and not roman_value(text):
        return None
    end = skip(head, match.end())
    if not mark:
        return postfix_unit(head) or _bare_roman(head, text, end)
    if mark in "-–—" and not (text.isupper() and (roman_value(text) or len(text) == 1)):
        return None
    if mark == "." and INITIALS.match(head):
        return None
    if mark == "." and text.isupper() and (unit := postfix_unit(head)):
        return unit
    style: Style = ")" if mark in ")）" else "." if mark == "." else "-"
    return _letter_or_roman(text, text, end, style)


def _bare_roman(head: str, text: str, end: int) -> Number | None:
    value = roman_value(text) if text.isupper() else 0
    if not value or (end < len(head) and not (head[end].isupper() and len(text) > 1)):
        return None
    return Number("roman", text, (value,), end, letter=letter_value(text), is_weak=True)
