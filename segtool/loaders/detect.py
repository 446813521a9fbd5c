"""Which format an input has: what its content says, then its suffix.

Content of another type behind a suffix (a ``.pdf`` that is HTML) is refused, unless the user says what to do: a guess
there would give nonsense without a word.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path, PurePath

import orjson

from segtool.errors import EncryptedError, LoadError, NoTextError, UnsupportedError, UsageError
from segtool.loaders.encoding import decode_head
from segtool.loaders.formats import FORMATS, NAMES, PLANNED, SUFFIXES
from segtool.settings import LoadSettings

_HEAD = 64 * 1024
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"(\xb5/\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"SQLite format 3", "a SQLite database"),
    (b"OggS", "a sound file"),
    (b"ID3", "a sound file"),
    (b"RIFF", "a sound or picture file"),
)
_PICTURES = {"a PNG picture", "a JPEG picture", "a TIFF picture"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S)
_HTML_PIECE = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:head|body|div|p|h[1-6]|table|ul|ol|section|article|main|meta)\b", re.I | re.S
)
_XML_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)((?:\s[^<>]*)?)>")
_XML_SKIP = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE(?:[^\[>\"']|\"[^\"]*\"|'[^']*')*(?:\[.*?\]\s*)?>", re.S)
_USLM_NAMESPACES = ("schemas.gpo.gov/xml/uslm", "xml.house.gov/schemas/uslm", "code.dccouncil.")
_USLM_KIN = {"Statute", "Regulation"}  # Canada's Justice Laws


def detect_format(data: bytes, name: str, settings: LoadSettings) -> str:
    """The format of ``data``, a key of ``FORMATS``.

    Args:
        data: the whole input, not empty.
        name: its path, ``-`` for standard input; the suffix decides where the content does not.
        settings: ``format`` overrides content and suffix.

    Raises:
        UnsupportedError: no loader for it, or content of another type than the suffix says.
        EncryptedError: an encrypted Office file.
        UsageError: ``settings.format`` is no format.
    """
    if settings.format is not None:
        return _named(settings.format, name)
    suffix = PurePath(name).suffix.lower()
    expected = SUFFIXES.get(suffix)
    found = _content(data, name)
    if found is None:
        return _plain(data, name, suffix, expected)
    if found == "xml":
        raise UnsupportedError(f"{name}: is XML of an unknown kind; Akoma Ntoso and USLM are read, or give --from text")
    if found in PLANNED:
        raise UnsupportedError(_planned(found, name))
    if found == "image" and settings.ocr == "never":
        raise UnsupportedError(f"{name}: is a picture, which holds no text as it is; give --ocr to recognise it")
    if expected and found != expected and not (expected == "xml" and found in ("akn", "uslm")):
        hint = f"rename it, or give --from {found}"
        raise UnsupportedError(f"{name}: is named {suffix} but its content is {NAMES[found]}; {hint}")
    return found


def detect_file(path: str | Path, settings: LoadSettings | None = None) -> str:
    """The format of a file, by its content, then its suffix.

    Raises:
        LoadError: as ``detect_format``, or the file is missing, empty or unreadable.
    """
    settings = settings or LoadSettings()
    if _is_empty(Path(path)):
        raise NoTextError(f"{path}: the file is empty; there is nothing to segment")
    if settings.format is not None:
        return _named(settings.format, str(path))
    suffix = PurePath(path).suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return "jsonl"
    from segtool.loaders.files import read_bytes

    return detect_format(read_bytes(path, settings), str(path), settings)


def _is_empty(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size == 0
    except (OSError, ValueError):  # reading it will tell
        return False


def _named(name: str, where: str) -> str:
    if name in FORMATS:
        return name
    if name in PLANNED:
        raise UnsupportedError(_planned(name, where))
    raise UsageError(f"{name!r} is no input format; formats: {' '.join(FORMATS)}")


def _planned(name: str, where: str) -> str:
    hint = ", or give --from text" if name in ("csv", "eml") else ""
    return f"{where}: {NAMES[name]} can't be read yet; convert it to text, DOCX, HTML or PDF{hint}"


def _content(data: bytes, name: str) -> str | None:
    """The format that the content shows for sure, None if it is text of some kind or nothing known.

    Raises:
        UnsupportedError: the content is something that has no loader.
    """
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(data, name)
    if data.startswith(_OLE):
        raise _ole_error(data, name)
    if data.startswith(b"{\\rtf"):
        return "rtf"
    if data.startswith(b"PAR1"):
        return "parquet"
    for magic, what in _MAGIC:
        if data.startswith(magic):
            if what in _PICTURES:
                return "image"
            raise UnsupportedError(
                f"{name}: is {what}, which holds no text for segtool; give a text, DOCX, HTML or PDF"
            )
    head = decode_head(data[:_HEAD]).lstrip("\ufeff")
    if _HTML.match(head):
        return "html"
    if head.lstrip().startswith("<"):
        return _xml_format(head)
    return None


def _archive(data: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        if PurePath(name).suffix.lower() in (".docx", ".docm"):
            raise LoadError(f"{name}: is a damaged DOCX (its archive can't be opened); get an intact copy") from error
        raise UnsupportedError(f"{name}: is a damaged zip archive; unpack it and give the files in it") from error
    if "word/document.xml" in members or ({"[Content_Types].xml", "_rels/.rels"} <= members and _has(members, "word/")):
        return "docx"
    if "META-INF/container.xml" in members:
        return "epub"
    if "content.xml" in members and "META-INF/manifest.xml" in members:
        return "odt"
    if "[Content_Types].xml" in members:
        kind = "a spreadsheet" if _has(members, "xl/") else "a presentation" if _has(members, "ppt/") else "no DOCX"
        raise UnsupportedError(f"{name}: is an Office file but {kind}; save it as DOCX or PDF")
    raise UnsupportedError(f"{name}: is a zip archive; unpack it and give the files in it")


def _has(members: set[str], folder: str) -> bool:
    return any(member.startswith(folder) for member in members)


def _ole_error(data: bytes, name: str) -> LoadError:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return EncryptedError(f"{name}: is an encrypted Office file; remove its password in Word and save it again")
    return UnsupportedError(f"{name}: is an Office file of before 2007 (.doc, .xls, .ppt); save it as DOCX or PDF")


def _xml_format(head: str) -> str | None:
    """``akn``, ``uslm`` or ``html`` by the root element of an XML text; ``xml`` for another one after ``<?xml``."""
    at = 0
    while skipped := _XML_SKIP.match(head, at):
        at = skipped.end()
    root = _XML_ROOT.match(head, at)
    if root:
        tag, attributes = root.groups()
        if tag == "akomaNtoso" or "akomantoso" in attributes.lower():
            return "akn"
        if tag in _USLM_KIN or any(space in attributes for space in _USLM_NAMESPACES):
            return "uslm"
        if tag == "html":
            return "html"
    return "xml" if head.lstrip().startswith("<?xml") else None


def _plain(data: bytes, name: str, suffix: str, expected: str | None) -> str:
    """The format of content that shows none: what the suffix says if it is a kind of text, else text or JSON Lines."""
    if expected in PLANNED:
        raise UnsupportedError(_planned(expected, name))
    if expected == "pdf" and (b"%PDF" in data[:_HEAD] or b"startxref" in data[-_HEAD:] or b" 0 obj" in data):
        return "pdf"
    if expected in ("pdf", "docx", "xml"):
        what = f"is named {suffix} but its content is not {NAMES[expected]}"
        raise UnsupportedError(f"{name}: {what}; get an intact copy, or give --from text if it is text")
    if expected in FORMATS:
        return expected
    if suffix in ("", ".json"):
        head = data[: 2**24].lstrip()
        line = head.split(b"\n", 1)[0]
        if line.startswith(b"{") and _is_record(line):
            return "jsonl"
        if suffix == ".json":
            raise UnsupportedError(
                f"{name}: is JSON; give one record a line as .jsonl, or --from text to read it as it is"
            )
    return "html" if not suffix and _HTML_PIECE.match(decode_head(data[:_HEAD])) else "text"


def _is_record(line: bytes) -> bool:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return isinstance(record, dict) and isinstance(record.get("text"), str)
