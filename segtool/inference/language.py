"""The language that a text is written in, detected where that is certain enough.

Detection is by Google's CLD3 (package ``cld3-py``): of the small permissive libraries measured on the corpora it was
the one that starts in two milliseconds and is right wherever it is sure. It sees a few hundred characters, as more of
them cost time and bring next to nothing. It stands here, below loaders and segmenters, as both ask for it.
"""

from __future__ import annotations

import re

LEAST_BYTES = 80
"""Texts with fewer letters, in bytes of UTF-8, have no certain language: 80 Latin letters tell as much as 27 kanji."""
LEAST_CHANCE = 0.95
_SLICE, _N_SLICES = 160, 3

_LETTERS = re.compile(r"[^\W\d_]+")
_SUBTAGS = re.compile(r"[-_]")
_SPELLINGS = {
    "iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro", "no": "nb", "tl": "fil", "sh": "sr",
    "ara": "ar", "bul": "bg", "cat": "ca", "ces": "cs", "cze": "cs", "cmn": "zh", "chi": "zh", "zho": "zh",
    "dan": "da", "deu": "de", "ger": "de", "dut": "nl", "nld": "nl", "ell": "el", "gre": "el", "eng": "en",
    "est": "et", "eus": "eu", "baq": "eu", "fas": "fa", "per": "fa", "fin": "fi", "fra": "fr", "fre": "fr",
    "gla": "gd", "gle": "ga", "heb": "he", "hin": "hi", "hrv": "hr", "hun": "hu", "hye": "hy", "arm": "hy",
    "ind": "id", "isl": "is", "ice": "is", "ita": "it", "jpn": "ja", "kat": "ka", "geo": "ka", "kor": "ko",
    "lat": "la", "lav": "lv", "lit": "lt", "nob": "nb", "nno": "nn", "nor": "nb", "pol": "pl", "por": "pt",
    "ron": "ro", "rum": "ro", "rus": "ru", "slk": "sk", "slo": "sk", "slv": "sl", "spa": "es", "srp": "sr",
    "swe": "sv", "tam": "ta", "tel": "te", "tha": "th", "tur": "tr", "uig": "ug", "ukr": "uk", "urd": "ur",
    "vie": "vi",
}  # fmt: skip
"""Codes of one language that stand for another spelling of it: old ones, and those of three letters."""


def primary(tag: str | None) -> str | None:
    """The language of a tag, in the spelling of model cards: ``en`` of ``en-GB`` and of ``eng``; None of no tag."""
    code = _SUBTAGS.split(tag.strip().lower())[0] if tag else ""
    return _SPELLINGS.get(code, code) or None


def detect(text: str) -> str | None:
    """The language that a text is written in, by a look at its beginning, middle and end; None if that is uncertain.

    The same text gives the same answer, wherever it stands and whatever came before.
    """
    sample = _sample(text)
    if len("".join(_LETTERS.findall(sample)).encode()) < LEAST_BYTES:
        return None
    import gcld3

    found = gcld3.NNetLanguageIdentifier(0, 4 * len(sample)).FindLanguage(sample)
    if not found.is_reliable or found.probability < LEAST_CHANCE or "-" in found.language:
        return None  # a hyphen: a language in letters that are not its own, which no model has seen
    return primary(found.language)


def _sample(text: str) -> str:
    """Slices of a text that a library written in C can take."""
    size, n = _SLICE, len(text)
    if n > size * _N_SLICES:
        places = (0, (n - size) // 2, n - size)
        text = "\n".join(text[place : place + size] for place in places)
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
