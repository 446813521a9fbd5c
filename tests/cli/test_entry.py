"""Plain calls run what the full reading of the command line runs, and do without it."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segtool.cli import app, entry, splitting

OPTIONS = [
    ["--by", "sentence"], ["--format", "jsonl"], ["--format", "text"], ["-o", "out.jsonl"], ["--output", "out.txt"],
    ["--from", "jsonl"], ["--from", "text"], ["--lang", "de"], ["--lang", "none"], ["--model", "sentences-scan"],
    ["--stream"], ["--force"], ["--no-edits"], ["a.txt"], ["-"], ["b c.jsonl"],
]  # fmt: skip
CALLS = st.lists(st.sampled_from(OPTIONS), max_size=6, unique_by=lambda words: words[0])


def asked(words: list[str], run: Any) -> list[Any]:
    """What a call asks for: the name of the function that works, with its arguments."""
    seen: list[Any] = []

    def note(name: str, *given: Any) -> int:
        seen.append((name, *given))
        return 0

    with pytest.MonkeyPatch.context() as patch:
        for name in ("run_split", "run_stream"):
            patch.setattr(splitting, name, partial(note, name))
        run(words)
    return seen


def run_plain(words: list[str]) -> None:
    found = entry.plain_split(words)
    assert found is not None
    found()


@settings(deadline=None, max_examples=60)
@given(CALLS)
def test_a_plain_call_asks_for_what_the_full_reading_asks_for(parts: list[list[str]]) -> None:
    words = ["split", *(word for part in parts for word in part)]
    if "-o" in words and "--output" in words:
        assert entry.plain_split(words) is None
        return
    plain, full = asked(words, run_plain), asked(words, app.main)
    assert plain == full
    assert len(plain) == 1


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["load", "a.txt"],
        ["split", "--help"],
        ["split", "a.txt", "--by", "section"],
        ["split", "a.txt", "--format", "pdf"],
        ["split", "a.txt", "--from", "pdf"],
        ["split", "a.txt", "--model"],
        ["split", "a.txt", "--model", "--force"],
        ["split", "a.txt", "--lang=de"],
        ["split", "a.txt", "--threshold", "0.3"],
        ["split", "--", "a.txt"],
        ["--quiet", "split", "a.txt"],
    ],
)
def test_anything_else_is_read_in_full(words: list[str]) -> None:
    assert entry.plain_split(words) is None


def test_a_configuration_file_is_read_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert entry.plain_split(["split", "a.txt"]) is not None
    (tmp_path / "segtool.toml").write_text('[split]\nformat = "jsonl"\n')
    assert entry.plain_split(["split", "a.txt"]) is None


@pytest.mark.parametrize("words", [["split", "missing.txt"], ["split", "missing.txt", "--by", "word"], ["spilt"]])
def test_errors_end_as_they_do_in_full(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code = entry.main(words)
    said = capfd.readouterr()
    assert code == app.main(words) != 0
    assert capfd.readouterr() == said


def test_a_plain_call_imports_no_reader_of_command_lines(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("It rained. We left.")
    code = (
        "import sys; from segtool.cli.entry import main; "
        f"main(['split', {str(source)!r}]); print({{'typer', 'pydantic', 'numpy.ma', 'rich'}} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["It rained.", "We left.", "set()"]
