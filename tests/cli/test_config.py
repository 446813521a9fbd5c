"""Flags over file over defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_the_file_gives_defaults_and_flags_win(run: Run) -> None:
    Path("segtool.toml").write_text('[split]\nby = "paragraph"\nmax-tokens = 3\n')
    assert run("split", stdin=b"One. Two.\n\nThree.").lines == ["One. Two.", "Three."]
    assert run("split", "--by", "sentence", stdin=b"One. Two.\n\nThree.").lines == ["One.", "Two.", "Three."]


def test_pyproject_counts_too_and_the_nearest_file_wins(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pyproject.toml").write_text('[tool.segtool.split]\nby = "paragraph"\n')
    Path("below").mkdir()
    monkeypatch.chdir("below")
    assert run("split", stdin=b"One. Two.").lines == ["One. Two."]
    Path("segtool.toml").write_text('[split]\nby = "sentence"\n')
    assert run("split", stdin=b"One. Two.").lines == ["One.", "Two."]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[splitt]\nby = 1\n", "splitt"),
        ("[split]\nbye = 1\n", "by"),
        ("[split\n", "TOML"),
        ('by = "section"\n', "by"),
        ('[split]\nby = "sentnce"\n', "sentence"),
    ],
)
def test_mistakes_in_the_file_are_usage_errors(run: Run, text: str, hint: str) -> None:
    Path("segtool.toml").write_text(text)
    result = run("split", stdin=b"One.")
    assert result.code == 2
    assert hint in result.error
