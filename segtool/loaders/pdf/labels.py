"""Labels at the start of a paragraph: bullets, clause numbers, letters in brackets.

Pure. Only their shape; whether a shape at the start of a line is a label is for the layout to say.
"""

from __future__ import annotations

import re

BULLETS = "•●○◦▪■□◆◇▸►▶‣·∙⁃➢✓\uf0b7\uf0a7\uf0d8\uf076\u2043"
_BULLET = re.compile(rf"^([{BULLETS}]|[–—*-](?=\s)(?!\s[–—*-]\s[–—*-]\s)|o(?=\s)|\(cid:\d+\)(?=\s|$))\s*")
_LABEL = re.compile(
    r"^(\((?:[a-zA-Z]{1,2}|[ivxlcdmIVXLCDM]{1,6}|\d{1,3}|\d{1,2}[a-z])\)"
    r"|(?:\d{1,3}\.){1,5}(?:\d{1,3})?(?=\s|$)"
    r"|(?:\d{1,3}\.)+\d{1,3}\)?(?=\s|$)"
    r"|\d{1,3}\)"
    r"|(?!v\.)[A-Za-z][.)](?=\s|$)"  # "v." parts the parties of a case
    r"|(?!v\.)[ivxlcIVXLC]{1,6}[.)](?=\s|$)"
    r"|§+\s*\d[\w.()\-]*)"
)
_NAMED = re.compile(
    r"^((?:article|section|chapter|part|schedule|annex|appendix|exhibit|title|artikel|abschnitt|kapitel|titre|chapitre"
    r"|sección|artículo|статья|المادة)\s+(?:\d+[\w.]*|[IVXLC]+\b|[A-Z]\b)[.:]?)",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"[\[<〔〈【［＜]?\s?(?:fig(?:ure|\.)?|table|chart|plate|abb(?:ildung|\.)?|tab(?:elle|leau|la|\.)|figur[ae]?|图|表|図|그림|표)"
    r"\s*\d+(?:[.\-–]\d+)*[a-z]?\s*[.:：\]>〕〉】］＞](?!\d)\s*\S"
    r"|(?:图|表|図|그림|표)\s*\d+(?:[.\-–]\d+)*\s+\S.{0,58}(?<![。.])$",
    re.IGNORECASE,
)
_CJK_NAMED = re.compile(r"^(第\s*[0-9０-９一二三四五六七八九十百千]+\s*[条章節編款項条條])")


def bullet(text: str) -> str | None:
    """The bullet that a text starts with, white space after it included; None if it starts with none."""
    match = _BULLET.match(text)
    return match[0] if match else None


def label(text: str) -> str | None:
    """The clause number or letter that a text starts with: ``(a)``, ``1.``, ``2.1``, ``§ 5``; else None."""
    match = _LABEL.match(text)
    return match[1] if match else None


def follows(before: str, after: str) -> bool:
    """Whether a label is the next after another of its kind: ``(a)``, ``(b)``; ``1.9``, ``1.10``; ``iv.``, ``v.``."""
    old, new = re.findall(r"\w+", before), re.findall(r"\w+", after)
    if shape(before) != shape(after) or not old or len(old) != len(new) or old[:-1] != new[:-1]:
        return False
    return _counts_on(old[-1], new[-1])


def shape(label: str) -> str:
    """What labels of one kind share: their brackets and stops."""
    return re.sub(r"\w+", "x", label)


def caption(text: str) -> str | None:
    """What opens a caption, ``Figure 2.`` and the letter behind it; None if the text is none."""
    match = _CAPTION.match(text)
    return match[0] if match else None


def _counts_on(old: str, new: str) -> bool:
    if old.isdigit() and new.isdigit():
        return int(new) == int(old) + 1
    if old.islower() != new.islower():
        return False
    if len(old) == len(new) == 1 and ord(new) == ord(old) + 1:
        return True
    numerals = (_roman(old.casefold()), _roman(new.casefold()))
    return 0 < numerals[0] == numerals[1] - 1


def _roman(text: str) -> int:
    """The value of a Roman numeral up to 39; 0 if it is none."""
    match = re.fullmatch(r"(x{0,3})(ix|iv|v?i{0,3})", text)
    units = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
    return 10 * len(match[1]) + units.index(match[2]) if match else 0


def named_label(text: str) -> str | None:
    """A label with its word: ``Article IV.``, ``Section 1.02``, ``第3条``; else None."""
    match = _NAMED.match(text) or _CJK_NAMED.match(text)
    return match[1] if match else None
