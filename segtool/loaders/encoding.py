"""Bytes to text in any encoding, without reading more than a sample where a guess is needed.

Order: byte order mark, UTF-16 or UTF-32 without a mark (their NUL bytes give them away), strict UTF-8, and only then
a guess by charset-normalizer on a sample around the first byte that is not ASCII. A guess is taken if the whole input
decodes strictly with it.
"""

from __future__ import annotations

import codecs
import logging
import re
from collections import Counter
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 64 * 1024
_HIGH_BYTES = {*range(1, 0x1F), 0x30} - {9, 10, 13}
_SHIFT_JIS = ("cp932", "shift_jis", "shift_jis_2004", "shift_jisx0213")
_LOG = logging.getLogger(__name__)
_HIGH = bytes(range(0x80, 0x100))
_CP1252 = {b: bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(0x80, 0xA0)}
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and the name of the encoding that gave it."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """The text of ``data``; never fails, since in the end Windows-1252 with all gaps filled reads anything.

    A byte order mark is no part of the text; every other character is kept, line ends and NULs included.

    >>> decode(b"caf\\xc3\\xa9").text
    'café'
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            text = _strict(data[len(mark) :], name)
            if text is not None:
                return Decoded(text, name)
    wide = _wide_encoding(data[: _SAMPLE - _SAMPLE % 4])
    if wide:
        text = _strict(data, wide)
        if text is not None:
            return Decoded(text, wide)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        return _guess(data, error.start)


def decode_head(head: bytes) -> str:
    """The beginning of an input as far as ASCII matters (tags, magic words): wide encodings by their mark only."""
    for mark, name in _BOMS[1:]:
        if head.startswith(mark):
            return head[len(mark) :].decode(name, "ignore")
    return head.removeprefix(codecs.BOM_UTF8).decode("latin-1")


def looks_binary(text: str) -> bool:
    """Whether a decoded text is more likely the bytes of something else: many control characters, or mostly NULs."""
    sample = text[:_SAMPLE]
    if not sample:
        return False
    controls = sum(1 for _ in _CONTROL.finditer(sample))
    return controls > 0.05 * len(sample) or sample.count("\0") > 0.5 * len(sample)


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


def _wide_encoding(sample: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: one of the bytes of each code unit is nearly always the same small value."""
    if len(sample) < 4:
        return None
    if len(sample) >= 8 and b"\0" in sample:
        zeros = [sample[i::4].count(0) * 4 / len(sample) for i in range(4)]
        if min(zeros[2:]) > 0.95 and zeros[0] < 0.5:
            return "utf-32-le"
        if min(zeros[:2]) > 0.95 and zeros[3] < 0.5:
            return "utf-32-be"
    utf8 = _strict(sample, "utf-8") is not None
    shares = []
    for parity in (0, 1):
        half = sample[parity::2]
        value, count = Counter(half).most_common(1)[0]
        # Latin has 0 there, Greek 3, Cyrillic 4, Hebrew 5, Arabic 6, kana 0x30; ASCII text has nothing so frequent.
        known = value == 0 or (len(half) >= 16 and value in _HIGH_BYTES and not (utf8 and value == 0x30))
        shares.append(count / len(half) if known else 0.0)
    even, odd = shares
    if odd > 0.35 and even < 0.25:
        return "utf-16-le"
    if even > 0.35 and odd < 0.25:
        return "utf-16-be"
    return None


def _guess(data: bytes, first: int) -> Decoded:
    repaired = _damaged_utf8(data)
    if repaired is not None:
        return Decoded(repaired, "utf-8")
    from charset_normalizer import from_bytes

    sample = _sample(data, first)
    matches = list(from_bytes(sample))
    if matches and _half_width(str(matches[0])):  # Cyrillic taken for Shift-JIS; the search stopped there
        matches = [*from_bytes(sample, cp_exclusion=list(_SHIFT_JIS)), *matches]
    for match in matches:
        text = _strict(data, match.encoding)
        if text is not None:
            # Where both give the same text, the common name says more than that of a neighbour.
            same = text == _strict(data, "cp1252")
            return Decoded(text, "cp1252" if same else match.encoding)
    # The five bytes that Windows-1252 leaves open become the control characters of Latin-1, so nothing is lost.
    return Decoded(data.decode("latin-1").translate(_CP1252), "cp1252")


def _half_width(text: str) -> bool:
    """Whether a text is full of half-width kana, as next to none is."""
    return sum("\uff61" <= character <= "\uff9f" for character in text[:2000]) > 0.2 * min(len(text), 2000)


def _sample(data: bytes, first: int) -> bytes:
    """Whole lines, where lines are not endless, around the first byte that is no UTF-8."""
    start = data.rfind(b"\n", 0, max(0, first - _SAMPLE // 4)) + 1
    start = max(start, first - _SAMPLE)
    end = data.find(b"\n", start + _SAMPLE, start + 2 * _SAMPLE)
    return data[start : end if end >= 0 else start + _SAMPLE]


def _damaged_utf8(data: bytes) -> str | None:
    """UTF-8 with a few broken bytes as U+FFFD; None if the input is rather in another encoding."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    wide = len(data) - len(data.translate(None, _HIGH))
    if wide < 40 * broken:
        return None
    _LOG.warning("%d bytes are not valid UTF-8 and became U+FFFD", broken)
    return text
