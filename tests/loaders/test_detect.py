from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from segtool.errors import EncryptedError, LoadError, NoTextError, UnsupportedError, UsageError
from segtool.loaders import FORMATS, detect_file, detect_format, load, load_bytes
from segtool.settings import LoadSettings

AKN = b'<?xml version="1.0"?><!-- c --><akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"/>'
USLM = b'<bill xmlns="http://schemas.gpo.gov/xml/uslm"></bill>'
HTML = b"<!DOCTYPE html><html><p>x</p></html>"


def archive(*names: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"plain words", "a.txt", "text"),
        (b"plain words", "a", "text"),
        (b"plain words", "a.rst", "text"),
        (b"# Title", "a.md", "markdown"),
        (b"<h1 align=center>Read me</h1>", "a.md", "markdown"),
        (b"<p>x", "a.html", "html"),
        (b"no tags", "a.htm", "html"),
        (HTML, "a.html", "html"),
        (HTML, "-", "html"),
        (b"\xef\xbb\xbf" + HTML, "a", "html"),
        (HTML.decode().encode("utf-16"), "a", "html"),
        (AKN, "a.xml", "akn"),
        (AKN, "-", "akn"),
        (b'<an:akomaNtoso xmlns:an="x">', "a.xml", "akn"),
        (USLM, "a.xml", "uslm"),
        (b"%PDF-1.7 ...", "a.pdf", "pdf"),
        (b"junk before\n%PDF-1.4", "a", "pdf"),
        (b"1 0 obj << >>", "a.pdf", "pdf"),
        (b'{"text": "x"}\n', "a.jsonl", "jsonl"),
        (b'{"id": "1", "text": "x"}\n', "-", "jsonl"),
        (b'{"a": 1}\n', "-", "text"),
        (b"<SEC-DOCUMENT>0001.txt\n<TYPE>EX-10", "a.txt", "text"),
    ],
)
def test_content_decides_then_the_suffix(data: bytes, name: str, expected: str) -> None:
    assert detect_format(data, name, LoadSettings()) == expected


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (HTML, "a.pdf"),
        (HTML, "a.txt"),
        (HTML, "a.docx"),
        (b"%PDF-1.7", "a.docx"),
        (b"%PDF-1.7", "a.txt"),
        (b"plain", "a.pdf"),
        (b"plain", "a.docx"),
        (b"plain", "a.xml"),
        (AKN, "a.html"),
        (b"<?xml version='1.0'?><unknown/>", "a.xml"),
        (b"a,b\n1,2\n", "a.csv"),
        (b"{\\rtf1 x}", "a.rtf"),
        (b"From: a@b.c\n\nx", "a.eml"),
        (b"PAR1....", "a.parquet"),
        (b'[{"text": "x"}]', "a.json"),
        (archive("xl/workbook.xml", "[Content_Types].xml"), "a.docx"),
        (archive("a.txt"), "a.zip"),
        (archive("META-INF/container.xml"), "a.epub"),
        (archive("content.xml", "META-INF/manifest.xml"), "a.odt"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.doc"),
        (b"\x1f\x8b\x08", "a.gz"),
    ],
)
def test_other_content_is_refused_in_one_line(data: bytes, name: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        load_bytes(data, name)
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert "\n" not in message


def test_the_user_has_the_last_word() -> None:
    assert load_bytes(HTML, "a.pdf", LoadSettings(format="text")).text == HTML.decode()
    assert load_bytes(HTML, "a.pdf", LoadSettings(format="html")).text == "x"


def test_unknown_and_planned_formats() -> None:
    with pytest.raises(UsageError, match="markdown"):
        load_bytes(b"x", "a", LoadSettings(format="word"))
    with pytest.raises(UnsupportedError, match="EPUB"):
        load_bytes(b"x", "a", LoadSettings(format="epub"))


def test_damaged_and_encrypted_office_files() -> None:
    with pytest.raises(LoadError, match="damaged"):
        load_bytes(b"PK\x03\x04 cut off", "a.docx")
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(EncryptedError, match="password"):
        load_bytes(data, "a.docx")


def test_every_format_has_a_loader(make_docx: Callable[..., bytes]) -> None:
    from importlib import import_module

    for target in FORMATS.values():
        module, function = target.split(":")
        assert callable(getattr(import_module(module), function))
    assert detect_format(make_docx(""), "-", LoadSettings()) == "docx"


@pytest.mark.parametrize("name", ["a.pdf", "a.jsonl", "a.txt", "a.docx"])
def test_an_empty_file_is_called_empty(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")
    for settings in (LoadSettings(), LoadSettings(format="jsonl")):
        with pytest.raises(NoTextError, match="empty"):
            detect_file(tmp_path / name, settings)
    with pytest.raises(NoTextError, match="empty"):
        load(tmp_path / name)
