"""Options of ``segtool split`` that decide how sentences and paragraphs are cut: what they do and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from segtool.cli.app import main

TEXT = "The tenant pays on the first day of each month; late payment bears interest; notice is given in writing. " * 4


@pytest.fixture
def text(tmp_path: Path) -> str:
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--target-length", "60"], "needs --max-length"),
        (["--target-length", "60", "--max-length", "99", "--length-prior", "gausian"], "did you mean gaussian"),
        (["--by", "paragraph", "--paragraphs", "yes"], "none of auto, keep, model"),
        (["--model", "spacy:en", "--style", "ud"], "are for SaT models"),
    ],
)
def test_what_does_not_go_together(
    text: str, options: list[str], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["split", text, *options]) in (2, 4)
    error = capfd.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1


def test_a_target_keeps_the_limits_and_the_text(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    for prior in ("gaussian", "lognormal", "polynomial"):
        options = ["--max-length", "80", "--target-length", "40", "--length-prior", prior]
        assert main(["split", text, "--model", "spacy:en", *options]) == 0
        lines = capfd.readouterr().out.splitlines()
        assert max(map(len, lines)) <= 80
        assert "".join("".join(lines).split()) == "".join(TEXT.split())


def test_the_language_may_be_any_code(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    for lang in ("en", "auto", "none", "xx-unknown", "deu"):
        assert main(["split", text, "--lang", lang]) == 0
        assert capfd.readouterr().err == ""
