"""Language and script of each page: by what is printed on it where that is certain, else by what the file states.

Pure. Statements come second, as writers of PDF put in the language of the program as often as that of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from segtool.inference.language import detect, primary
from segtool.loaders.pdf.lines import Line

_SAMPLE = 2_000
_LETTER = re.compile("[A-Za-z]")
_RANGES = (
    (0x41, "Latn"), (0x250, ""), (0x370, "Grek"), (0x400, "Cyrl"), (0x530, "Armn"), (0x590, "Hebr"), (0x600, "Arab"),
    (0x700, "Syrc"), (0x750, "Arab"), (0x780, "Thaa"), (0x7C0, ""), (0x900, "Deva"), (0x980, "Beng"), (0xA00, "Guru"),
    (0xA80, "Gujr"), (0xB00, "Orya"), (0xB80, "Taml"), (0xC00, "Telu"), (0xC80, "Knda"), (0xD00, "Mlym"),
    (0xD80, "Sinh"), (0xE00, "Thai"), (0xE80, "Laoo"), (0xF00, "Tibt"), (0x1000, "Mymr"), (0x10A0, "Geor"),
    (0x1100, "Hang"), (0x1200, "Ethi"), (0x1400, ""), (0x1780, "Khmr"), (0x1800, "Mong"), (0x18B0, ""),
    (0x1E00, "Latn"), (0x1F00, "Grek"), (0x2000, ""), (0x2E80, "Hani"), (0x3000, ""), (0x3041, "Kana"),
    (0x3100, "Bopo"), (0x3130, "Hang"), (0x3190, ""), (0x3400, "Hani"), (0xA000, ""), (0xAC00, "Hang"), (0xD7B0, ""),
    (0xF900, "Hani"), (0xFB00, "Latn"), (0xFB07, ""), (0xFB1D, "Hebr"), (0xFB50, "Arab"), (0xFE00, ""),
    (0xFE70, "Arab"), (0xFF00, ""), (0xFF21, "Latn"), (0xFF66, "Kana"), (0xFFA0, "Hang"), (0xFFDD, ""),
    (0x20000, "Hani"), (0x30000, ""),
)  # fmt: skip
_FIRSTS = [first for first, _ in _RANGES]


@dataclass(frozen=True, slots=True)
class PageLanguage:
    """A page's language (a code of two or three letters, None: unknown), script (ISO 15924) and characters."""

    page: int
    lang: str | None
    script: str | None
    n_chars: int


def script_of(text: str) -> str | None:
    """The script of most letters of a text, by its code in ISO 15924; None without letters.

    Han among kana is ``Jpan``, among Hangul ``Kore``.
    """
    sample = text[:_SAMPLE]
    if sample.isascii():
        return "Latn" if _LETTER.search(sample) else None
    letters = Counter(char for char in sample if char.isalpha())
    if not letters:
        return None
    counts: Counter[str] = Counter()
    for char, count in letters.items():
        counts[_RANGES[bisect_right(_FIRSTS, ord(char)) - 1][1]] += count
    east = counts["Kana"] + counts["Hani"] + counts["Hang"] + counts["Bopo"]
    if 2 * east > letters.total():
        # A Chinese text may name a Japanese firm, but no Japanese one does without kana.
        return "Jpan" if 10 * counts["Kana"] > east else "Kore" if 4 * counts["Hang"] > east else "Hani"
    del counts[""]
    return max(sorted(counts), key=counts.__getitem__) if counts else None


def page_languages(lines: Sequence[Line], stated: str | None) -> list[PageLanguage]:
    """Language and script of each page that these lines are of, ``stated`` being that of the file."""
    found = []
    for page, group in groupby(lines, key=lambda line: line.page):
        own = list(group)
        text = "\n".join(line.text for line in own)
        lang = detect(text) or _tagged(own) or primary(stated)
        found.append(PageLanguage(page, lang, script_of(text), len(text)))
    return found


def _tagged(lines: Iterable[Line]) -> str | None:
    """The language that the structure tree states of most of these lines."""
    counts: Counter[str] = Counter()
    for line in lines:
        if line.tag is not None and line.tag.lang:
            counts[line.tag.lang] += len(line.text)
    return primary(counts.most_common(1)[0][0]) if counts else None


def language_of_all(pages: Sequence[PageLanguage], stated: str | None) -> str | None:
    """The language of a document: that of most of its text, if pages have one."""
    counts: Counter[str] = Counter()
    for page in pages:
        if page.lang is not None:
            counts[page.lang] += page.n_chars
    if not counts:
        return stated
    lang, most = max(sorted(counts.items()), key=lambda item: item[1])
    if 2 * most < sum(page.n_chars for page in pages) or lang == primary(stated):
        return stated
    return lang


def described_languages(pages: Sequence[PageLanguage]) -> list[dict[str, Any]]:
    """Runs of pages with one language and script, as JSON values."""
    out = []
    for (lang, script), group in groupby(pages, key=lambda page: (page.lang, page.script)):
        own = [page.page for page in group]
        out.append({"pages": [own[0], own[-1]], "lang": lang, "script": script})
    return out
