"""What is seen of a line before anything is decided: run-in headings, words, marks of Markdown, leaders."""

from __future__ import annotations

from pathlib import Path

import pytest

from segtool.core.document import Document, Paragraph, ParagraphKind
from segtool.core.span import Span
from segtool.segmenters.contents import read_contents
from segtool.segmenters.headings import Line, read_lines

_TABLE = Path(__file__).with_name("numbering_lines.tsv").read_text("utf-8").splitlines()
_ROWS = [line.split("\t") for line in _TABLE if not line.startswith("#")]


def _line(text: str, kind: ParagraphKind = "body") -> Line:
    return read_lines(Document("x", text, (Paragraph(Span(0, len(text)), kind),)))[0]


@pytest.mark.parametrize("marked", [row[4] for row in _ROWS if row[3] == "run-in"], ids=lambda marked: marked[:30])
def test_run_in_headings_end_where_the_table_says(marked: str) -> None:
    _, heading, _ = marked.split("¦")
    line = _line(marked.replace("¦", ""))
    text = marked.replace("¦", "")
    assert line.lead
    assert text[line.rest : line.lead].strip(" ()（）.:–") == heading.strip(" ()（）.:–")


@pytest.mark.parametrize("marked", [row[4] for row in _ROWS if row[3] == "heading"], ids=lambda marked: marked[:30])
def test_a_whole_line_that_is_a_heading_has_no_run_in_one(marked: str) -> None:
    assert not _line(marked.replace("¦", "")).lead


def test_marks_of_markdown_stand_before_number_and_words() -> None:
    text = "## 4.2 **Fees**"
    line = _line(text, "heading")
    assert line.number is not None
    assert line.number.text == "4.2"
    assert text[line.text_start :] == "4.2 **Fees**"


def test_words_are_counted_behind_the_number() -> None:
    line = _line("ARTICLE IV. REPRESENTATIONS AND Warranties")
    assert (line.words, line.capitals, line.shouted) == (3, 3, 2)


def test_contents_are_told_from_the_headings_they_name() -> None:
    names = ["Definitions", "Rent", "Term", "Repairs", "Notices"]
    body = "A sentence of the lease that nobody would take for a heading."
    pieces = ["Contents", *names, *(piece for name in names for piece in (name, body + name))]
    text, spans = "", []
    for piece in pieces:
        spans.append(Span(len(text), len(text) + len(piece)))
        text += piece + "\n\n"
    columns = read_contents(text, read_lines(Document("x", text, tuple(Paragraph(span) for span in spans))))
    assert columns[1:6, 0].all()
    assert not columns[6:, 0].any()
    assert columns[6::2, 1].all()
