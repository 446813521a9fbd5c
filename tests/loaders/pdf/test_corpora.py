"""The shared PDF test sets, where SEGTOOL_CORPORA names their folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from segtool.errors import SegtoolError
from segtool.evaluation.pdf_recall import recall
from segtool.loaders.pdf import load_pdf
from segtool.settings import LoadSettings

ROOT = Path(os.environ.get("SEGTOOL_CORPORA", "")) / "pdf"
pytestmark = pytest.mark.skipif(
    not os.environ.get("SEGTOOL_CORPORA") or not ROOT.is_dir(), reason="SEGTOOL_CORPORA names no folder with pdf/"
)
PASSWORDS = {"password": ["foo", "asdfzxcv", "geheim"]}


def manifest(name: str) -> list[dict[str, Any]]:
    path = ROOT / name / "manifest.jsonl"
    return [json.loads(row) for row in path.read_text("utf-8").splitlines()] if path.is_file() else []


def outcome(path: Path, password: str | None = None) -> str:
    """``text``, or the name of the error; anything but a text or one line of error fails."""
    try:
        document = load_pdf(path.read_bytes(), path.name, LoadSettings(password=password))
    except SegtoolError as error:
        return type(error).__name__ if "\n" not in str(error) else "an error of several lines"
    assert document.text.strip()
    return "text"


@pytest.mark.parametrize("row", manifest("broken"), ids=lambda row: row["file"])
def test_broken_files_end_as_their_manifest_says(row: dict[str, Any]) -> None:
    path = ROOT / "broken" / row["file"]
    found = outcome(path)
    expected = {"text": {"text"}, "password": {"EncryptedError"}, "empty": {"NoTextError"}}
    refused = {"LoadError", "NoTextError", "UnsupportedError"}
    assert found in expected.get(row["expect"], refused if row["expect"] == "error" else {"text", *refused})
    if row["expect"] == "password":
        assert "text" in [outcome(path, password) for password in PASSWORDS["password"]]


@pytest.mark.parametrize("row", manifest("real"), ids=lambda row: row["file"])
def test_real_files_load(row: dict[str, Any]) -> None:
    path = ROOT / "real" / row["file"]
    assert outcome(path) == ("NoTextError" if row["kind"] == "scanned" else "text")


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler's pdftotext is not installed")
@pytest.mark.parametrize("row", manifest("real"), ids=lambda row: row["file"])
def test_real_files_keep_the_characters_that_pdftotext_finds(row: dict[str, Any]) -> None:
    if row["kind"] != "scanned":
        assert (recall(ROOT / "real" / row["file"]) or 1.0) >= 0.98


def test_paragraphs_of_typeset_files(tmp_path: Path) -> None:
    pytest.importorskip("rapidfuzz", reason="the scorer needs rapidfuzz")
    for path in sorted((ROOT / "typeset" / "dev").glob("*.pdf")):
        document = load_pdf(path.read_bytes(), path.name, LoadSettings())
        pages = {fragment.span.start: fragment.page for fragment in document.fragments}
        rows = [
            {"text": p.span.of(document.text), "kind": p.kind, "page": pages[p.span.start]} for p in document.paragraphs
        ]
        target = tmp_path / f"{path.stem}.jsonl"
        target.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    scores = tmp_path / "scores.csv"
    command = [sys.executable, str(ROOT / "score_paragraphs.py"), "--pred-dir", str(tmp_path)]
    command += ["--truth-dir", str(ROOT / "typeset" / "dev"), "--csv", str(scores)]
    subprocess.run(command, check=True, capture_output=True)
    header, *rest = [line.split(",") for line in scores.read_text("utf-8").splitlines()]
    column = header.index("overall")
    values = {row[0]: float(row[column]) for row in rest if row[0] != "MACRO"}
    assert min(values.values()) >= 0.98, values
    assert sum(values.values()) / len(values) >= 0.99
