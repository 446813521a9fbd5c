"""Numbers with the word of a unit: "Article IV", "2. Abschnitt", "第三条", "Erster Teil", by the words of the table."""

from __future__ import annotations

import re

from segtool.segmenters.number import GAP, INITIALS, WORD, Number, fold, is_lower_at, skip, words
from segtool.segmenters.numbering_table import NUMBER_MARKS, ORDINALS, REFERENCES, SUFFIXES, UNITS
from segtool.segmenters.numerals import CJK, cjk_value, letter_value, roman_value, with_suffix

_BEFORE = {word: row.name for row in reversed(UNITS) for word in words(row.before)}
_AFTER = {word: row.name for row in reversed(UNITS) for word in words(row.after)}
_ALONE = {word for row in UNITS for word in words(row.alone)}
_SIGNS = {sign: row.name for row in UNITS for sign in row.signs.split()}
_ORDINALS = {word: value for value, listed in ORDINALS.items() for word in words(listed)}
FIRST_WORDS = {word.split()[0] for word in (*_BEFORE, *_ORDINALS)}
"""What a number with a word before it begins with, folded."""
RANKS = {row.name: row.rank for row in UNITS}
"""Usual rank of each unit, 1 outermost."""
_MARKS = "|".join(map(re.escape, NUMBER_MARKS.split()))
_MARK = re.compile(
    rf"[.:]?{GAP}{{0,3}}(?:(?:{_MARKS})\.?{GAP}{{0,2}}|a{GAP}(?=\d{{1,3}}-a\b))?",  # "Secțiunea a 2-a"
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
_LETTERS = frozenset("CDLM")
"""Roman hundreds and such that are letters wherever a unit counts with them alone: "PART C" comes after "PART B"."""
_INNER = re.compile(r"\(([^\W_]{1,5})\)")
CJK_UNIT = re.compile(
    rf"第\s?(?P<value>\d{{1,4}}|[{CJK}]{{1,8}})\s?(?P<unit>部分|[^\W\d_])(?:の(?P<branch>[{CJK}\d]{{1,3}}))?"
)
KOREAN_UNIT = re.compile(r"제\s?(?P<value>\d{1,4})\s?(?P<unit>[가-힣])(?:의\s?(?P<branch>\d{1,3}))?")
_CJK_ANNEX = re.compile(rf"(?P<word>附件|附录|附表|別表|별표)\s?(?P<value>第?[{CJK}\d]{{1,4}}|[A-Z])?(?=[\s:：　]|$)")
_POSTFIX = re.compile(rf"(?:(?P<digits>\d{{1,4}})|(?P<roman>[IVXLC]{{1,7}}))(?:\s?[a-z](?=[.\s]))?\.?{GAP}{{1,2}}")


def postfix_unit(head: str) -> Number | None:
    """ "2. Abschnitt", "III. fejezet", "1 luku": the word after the number."""
    match = _POSTFIX.match(head)
    if not match:
        return None
    word = WORD.match(head, match.end())
    unit = _AFTER.get(fold(word[0])) if word else None
    if not word or not unit:
        return None
    value = int(match["digits"]) if match["digits"] else roman_value(match["roman"])
    end = word.end()
    if fold(word[0]) == "kap" and head[end : end + 1] == ".":
        end += 1
    rest = skip(head, end)
    if not value or is_lower_at(head, rest):
        return None
    return Number(unit, head[:end], (value,), rest)


def cjk_unit(match: re.Match[str] | None, head: str) -> Number | None:
    """第三条, 제3조: the number between two signs, as a match of ``CJK_UNIT`` or ``KOREAN_UNIT``."""
    unit = _SIGNS.get(match["unit"]) if match else None
    if not match or not unit:
        return None
    values: tuple[int, ...] = (cjk_value(match["value"]),)
    if match["branch"]:
        values = (*values, cjk_value(match["branch"]))
    return Number(unit, match[0], values, skip(head, match.end()))


def cjk_annex(head: str) -> Number | None:
    """附件一, 別表, 별표 2: an annex with its number or alone."""
    match = _CJK_ANNEX.match(head)
    if not match or (not match["value"] and match.end() < len(head.rstrip())):
        return None
    value = (match["value"] or "").removeprefix("第")
    number = cjk_value(value) if value and value[0] in CJK + "0123456789" else letter_value(value)
    return Number("annex", match[0], (number,) if number else (), skip(head, match.end()))


def unit_number(head: str) -> Number | None:
    """A unit's word and its number, either way round."""
    match = WORD.match(head)
    if not match:
        return None
    word, end = fold(match[0]), match.end()
    if word not in FIRST_WORDS:
        return None
    if word in _ORDINALS:
        return _ordinal_unit(head, match)
    if word not in _BEFORE:
        second = WORD.match(head, end + 1)
        if not second:
            return None
        word, end = f"{word} {fold(second[0])}", second.end()
    unit = _BEFORE.get(word)
    if not unit:
        return None
    return _unit_value(head, unit, end) or _unit_alone(head, unit, word, end)


def _ordinal_unit(head: str, first: re.Match[str]) -> Number | None:
    """ "Erster Abschnitt", "PRVÁ ČASŤ": an ordinal and the word behind it."""
    second = WORD.match(head, first.end() + 1)
    word = fold(second[0]) if second else ""
    unit = _AFTER.get(word) or _BEFORE.get(word)
    if not second or not unit or head[first.end()].isspace() is False:
        return None
    rest = skip(head, second.end())
    if is_lower_at(head, rest):
        return None
    return Number(unit, head[: second.end()], (_ORDINALS[fold(first[0])],), rest)


def _unit_value(head: str, unit: str, end: int) -> Number | None:
    mark = _MARK.match(head, end)
    at = mark.end() if mark else end
    if at == end:
        return None
    match = _UNIT_VALUE.match(head, at)
    letter = 0
    if match and not (match["letter"] and INITIALS.match(head, at)):
        values, stop = _unit_values(match), match.end()
        letter = letter_value(match["roman"] or "") if len(match["roman"] or "") == 1 else 0
    else:
        word = WORD.match(head, at)
        if not word or fold(word[0]) not in _ORDINALS:
            return None
        values, stop = (_ORDINALS[fold(word[0])],), word.end()
    rest = skip(head, stop)
    separated = any(c in ".:–—-" for c in head[stop:rest])
    if (is_lower_at(head, rest) and not separated) or (stop < len(head) and head[stop] in ",;/"):
        return None
    return Number(unit, head[:stop], values, rest, letter=letter)


def _unit_values(match: re.Match[str]) -> tuple[int, ...]:
    if match["digits"]:
        values = tuple(int(v) for v in re.split(r"[.\-–]", match["digits"]))
        suffix = match["latin"] or match["suffix"]
        if suffix:
            values = (*values, *with_suffix(0, suffix)[1:])
    elif match["roman"] and match["roman"] not in _LETTERS and (roman := roman_value(match["roman"])):
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
