"""The grammar of clause numbers against the hand-written lines, and against nasty text."""

from __future__ import annotations

from pathlib import Path

import pytest

from segtool.segmenters.numbering import parse_number

LINES = Path(__file__).with_name("numbering_lines.tsv")


def _rows() -> list[list[str]]:
    rows = [line.split("\t") for line in LINES.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert all(len(row) == 5 for row in rows)
    return rows


def test_the_table_is_large_and_in_many_languages() -> None:
    assert len(_rows()) >= 300
    assert len({row[0] for row in _rows()}) >= 10


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row[4][:40])
def test_lines(row: list[str]) -> None:
    _, kind, text, _, marked = row
    line = marked.replace("¦", "")
    number = parse_number(line)
    if kind == "none":
        assert number is None
        return
    assert number is not None
    assert (number.kind, number.text) == (kind, text)
    assert line[number.end :] == "".join(marked.split("¦")[1:])
