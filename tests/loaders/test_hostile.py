"""Files made to break loaders: each is read or refused in one line, in bounded memory."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest

from segtool.errors import EncryptedError, LoadError
from segtool.loaders import FORMATS, load_bytes
from segtool.loaders.docx_package import SMALL
from segtool.settings import LoadSettings

Make = Callable[..., bytes]


def refuse(data: bytes, settings: LoadSettings | None = None) -> str:
    with pytest.raises(LoadError) as caught:
        load_bytes(data, "x.docx", settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def rezip(data: bytes, **replaced: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, replaced.get(name.split("/")[-1].split(".")[0], source.read(name)))
    return out.getvalue()


def test_zip_bomb(make_docx: Make) -> None:
    bomb = rezip(make_docx(""), document=b"<w:document>" + b"<w:p/>" * (SMALL // 6 + 1000))
    assert len(bomb) < 500_000
    assert "zip bomb" in refuse(bomb)


def test_inflated_size_counts_against_the_limit(make_docx: Make) -> None:
    data = make_docx("<w:p><w:r><w:t>" + "word " * 20_000 + "</w:t></w:r></w:p>")
    assert len(data) < 20_000
    refuse(data, LoadSettings(max_bytes=20_000))


def test_a_part_larger_than_its_entry_says(make_docx: Make) -> None:
    data = bytearray(make_docx("<w:p><w:r><w:t>" + "word " * 5_000 + "</w:t></w:r></w:p>"))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        size = archive.getinfo("word/document.xml").file_size.to_bytes(4, "little")
    refuse(bytes(data.replace(size, (100).to_bytes(4, "little"))))


def test_entities_in_a_part(make_docx: Make) -> None:
    part = b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><w:document xmlns:w="w">&x;</w:document>'
    assert "entities" in refuse(rezip(make_docx(""), document=part))


def test_missing_and_broken_parts(make_docx: Make) -> None:
    refuse(rezip(make_docx(""), document=b"<w:document"))
    refuse(rezip(make_docx(""), document=b"<a/>"))
    refuse(make_docx("")[:-30])
    assert "not a DOCX" in refuse(b"plain words", LoadSettings(format="docx"))


def test_encrypted_archive(make_docx: Make) -> None:
    data = bytearray(make_docx(""))
    at = data.find(b"PK\x01\x02")
    while at >= 0:  # set the bit that says so in every entry of the directory
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    with pytest.raises(EncryptedError):
        load_bytes(bytes(data), "x.docx")


def test_a_target_outside_the_archive_reads_nothing(make_docx: Make) -> None:
    relations = (
        b'<Relationships><Relationship Id="a" Type="x/styles" Target="../../../../etc/passwd"/>'
        b'<Relationship Id="b" Type="x/header" Target="file:///etc/passwd"/></Relationships>'
    )
    data = make_docx("<w:p><w:r><w:t>x</w:t></w:r></w:p>", styles="")
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, relations if name.endswith("document.xml.rels") else source.read(name))
    assert load_bytes(out.getvalue(), "x.docx", LoadSettings(keep_furniture=True)).text == "x"


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"pdf"}))
def test_damaged_bytes_never_end_in_a_traceback(name: str, make_docx: Make) -> None:
    akn = b"<akomaNtoso><act><body><section><num>1</num><content><p>x</p></content></section></body></act></akomaNtoso>"
    seeds = {
        "docx": make_docx("<w:p><w:r><w:t>x</w:t></w:r></w:p>", numbering=""),
        "akn": akn,
        "uslm": akn.replace(b"akomaNtoso", b"bill"),
        "jsonl": b'{"id": "1", "text": "x"}\n',
    }
    seed = seeds.get(name, b"<ol><li># a **b**\n\n- c\n<table><td>|x|</table>\xc3\xa9")
    rng = random.Random(7)
    for _ in range(150):
        data = bytearray(seed)
        for _ in range(rng.randint(1, 8)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        del data[rng.randint(len(data) // 2, len(data)) :]
        message = ""
        try:
            load_bytes(bytes(data), "x", LoadSettings(format=name))
        except LoadError as error:
            message = str(error)
        assert "\n" not in message
