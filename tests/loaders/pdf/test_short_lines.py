"""Runs of short lines: addresses and lists of counsel, in which capitals are names."""

from collections.abc import Callable

from segtool.loaders.pdf.kinds import kinds_of
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.measures import Measures
from segtool.loaders.pdf.paragraphs import blocks_of
from segtool.loaders.pdf.short_lines import mark_short_lines

Make = Callable[..., Line]
COUNSEL = ("ANNA FINCH", "anna@orchard.example", "BERT MARLOW", "bert@orchard.example", "12 Mill Lane", "Orchard")
MEASURES = Measures(body_size=10.0, leading={10.0: (12.0,)})


def kinds(lines: list[Line]) -> list[str]:
    mark_short_lines(lines, MEASURES)
    blocks = blocks_of(lines, MEASURES)
    return [kind for kind, _ in kinds_of(blocks, [block.lines[0].text for block in blocks], MEASURES)]


def test_names_in_capitals_among_counsel_are_no_headings(line: Make) -> None:
    lines = [line(text, 100 + 12 * row, stop=20.0 + 40 * (row % 4)) for row, text in enumerate(COUNSEL)]
    assert kinds(lines) == ["body"] * len(COUNSEL)


def test_capitals_above_running_text_are_a_heading(line: Make) -> None:
    lines = [line("THE RENT", 100, stop=60)]
    lines += [line("The rent is due on the first day of each month and", 124 + 12 * row) for row in range(4)]
    assert kinds(lines)[0] == "heading"


def test_a_heading_of_several_lines_in_capitals_stays_one(line: Make) -> None:
    lines = [
        line(text, 100 + 12 * row, stop=90) for row, text in enumerate(("IN THE COURT", "OF ORCHARD", "AND", "OF MILL"))
    ]
    assert set(kinds(lines)) == {"heading"}
