"""Inputs that are not what they say: one line, the documented code, nothing written, no traceback."""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def zip_bytes(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><akomaNtoso><act>&b;</act></akomaNtoso>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><akomaNtoso><act><body>&x;</body></act></akomaNtoso>'
HOSTILE = {
    "empty.txt": b"",
    "blank.txt": b" \n\n ",
    "binary.txt": bytes(range(256)) * 64,
    "picture.txt": b"\x89PNG\r\n\x1a\n" + bytes(500),
    "fake.pdf": b"<!DOCTYPE html><html><body><p>Not a PDF.</p></body></html>",
    "cut.pdf": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Ty",
    "fake.docx": b"Just text behind a suffix.\n" * 5,
    "other.docx": zip_bytes({"readme.txt": b"a zip, no DOCX"}),
    "broken.docx": zip_bytes({"word/document.xml": b"<w:document", "[Content_Types].xml": b"<Types/>"}),
    "laughs.xml": LAUGHS,
    "outside.xml": OUTSIDE,
    "unknown.xml": b"<?xml version='1.0'?><recipe><step>Stir.</step></recipe>",
    "table.parquet": b"PAR1" + bytes(40) + b"PAR1",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_refused_in_one_line(run: Run, name: str) -> None:
    Path(name).write_bytes(HOSTILE[name])
    result = run("split", name, "-o", "out.jsonl")
    assert result.code == 3, result.error
    assert result.error.startswith(f"segtool: {name}")
    assert result.error.count("\n") == 1
    assert "Traceback" not in result.error
    assert sorted(path.name for path in Path().iterdir()) == [name]


def test_the_others_are_done(run: Run) -> None:
    for name, data in HOSTILE.items():
        Path(name).write_bytes(data)
    Path("good.txt").write_text("One. Two.")
    result = run("split", *HOSTILE, "good.txt")
    assert (result.code, result.lines) == (1, ["One.", "Two."])
    assert result.error.count("\n") == len(HOSTILE)


def test_nul_characters_are_text(run: Run) -> None:
    assert run("split", stdin=b"One\0two. Three.").out == b"One\0two.\nThree.\n"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions don't bind here")
def test_files_that_may_not_be_read(run: Run) -> None:
    Path("secret.txt").write_text("One.")
    Path("secret.txt").chmod(0)
    assert run("split", "secret.txt").code == 3


def test_the_files_of_the_corpora_end_as_their_manifests_say(run: Run, corpora: Path) -> None:
    """Hostile and broken files end within the rules; what is expected of the loaders is tested with them."""
    rows = [corpora / "docs" / json.loads(line)["file"] for line in (corpora / "docs/manifest.jsonl").open()]
    broken = sorted((corpora / "pdf" / "broken").glob("*.pdf"))
    for path in [*rows, *broken]:
        result = run("split", str(path), "--by", "paragraph")
        assert result.code in (0, 1, 3), path
        assert "Traceback" not in result.error
        if result.code:
            assert result.error.count("\n") == 1, (path, result.error)
