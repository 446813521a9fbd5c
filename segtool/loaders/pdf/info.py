"""What a PDF says about itself: title, author, dates, language, bookmarks, printed page numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from segtool.loaders.pdf.forms import wide_string

_DATE = re.compile(r"^(?:D:)?(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)?(\d\d)?)?(?:([+\-Zz])(\d\d)?'?(\d\d)?)?")
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(?=$|[-_])")
_MAX_BOOKMARKS = 20_000
_MAX_DEPTH = 32
_FIELDS = {"Title": "title", "Author": "author", "Subject": "subject", "Keywords": "keywords", "Producer": "producer"}


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the PDF's outline: its title, level (from 1) and page (from 1; None if it points nowhere)."""

    title: str
    level: int
    page: int | None


@dataclass(frozen=True, slots=True)
class Info:
    """What the file states; ``fields`` holds title, author and the like, and dates in ISO form."""

    fields: dict[str, str]
    language: str | None
    bookmarks: tuple[Bookmark, ...]
    page_labels: tuple[str, ...]


def read_info(document: Any) -> Info:
    """The information of an open ``pypdfium2.PdfDocument``."""
    import pypdfium2.raw as raw

    def stated(key: str) -> str:
        # pypdfium2's own functions fail on text that is no sound UTF-16.
        return wide_string(raw.FPDF_GetMetaText, document.raw, key.encode())

    fields = {own: " ".join(text.split()) for key, own in _FIELDS.items() if (text := stated(key)).strip()}
    for key, own in (("CreationDate", "created"), ("ModDate", "modified")):
        date = iso_date(stated(key))
        if date:
            fields[own] = date
    return Info(fields, language_of(document), _bookmarks(document), _page_labels(document))


def iso_date(text: str) -> str | None:
    """A PDF date (``D:20240131120000+01'00'``) in ISO 8601 form; None if it is none."""
    match = _DATE.match(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, sign, off_hours, off_minutes = match.groups()
    if not (1 <= int(month or 1) <= 12 and 1 <= int(day or 1) <= 31):
        return None
    date = "-".join(part for part in (year, month, day) if part)
    if not hour:
        return date
    zone = "" if not sign else "Z" if sign in "Zz" else f"{sign}{off_hours or '00'}:{off_minutes or '00'}"
    return f"{date}T{hour}:{minute or '00'}:{second or '00'}{zone}"


def language_of(document: Any) -> str | None:
    """The language that the file states for all of it: a code of two or three letters, None if it states none."""
    import ctypes

    import pypdfium2.raw as raw

    size = raw.FPDFCatalog_GetLanguage(document.raw, None, 0)
    if not 2 < size < 200:
        return None
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFCatalog_GetLanguage(document.raw, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    match = _LANGUAGE.match(buffer.raw.decode("utf-16-le", "replace").rstrip("\x00"))
    return match[0].lower() if match else None


def _bookmarks(document: Any) -> tuple[Bookmark, ...]:
    import pypdfium2.raw as raw

    found: list[Bookmark] = []
    for item in document.get_toc(max_depth=_MAX_DEPTH):
        title = " ".join(wide_string(raw.FPDFBookmark_GetTitle, item.raw).split())
        target = item.get_dest()
        index = target.get_index() if target is not None else None
        if title:
            found.append(Bookmark(title, item.level + 1, None if index is None or index < 0 else index + 1))
        if len(found) == _MAX_BOOKMARKS:
            break
    return tuple(found)


def _page_labels(document: Any) -> tuple[str, ...]:
    """The printed page numbers, empty if the file names none or they are just 1, 2, 3."""
    import pypdfium2.raw as raw

    labels = tuple(wide_string(raw.FPDF_GetPageLabel, document.raw, index) for index in range(len(document)))
    plain = tuple(str(index + 1) for index in range(len(labels)))
    return () if not any(labels) or labels == plain else labels
