"""Italic headings, on hand-made lines."""

from collections.abc import Callable

import pytest

from segtool.loaders.pdf.kinds import kinds_of
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.measures import Measures
from segtool.loaders.pdf.paragraphs import blocks_of
from segtool.loaders.pdf.subheads import mark_subheads

Make = Callable[..., Line]
MEASURES = Measures(body_size=10.0, leading={10.0: (12.0,)})


def headings(lines: list[Line]) -> list[str]:
    mark_subheads(lines, MEASURES)
    blocks = blocks_of(lines, MEASURES)
    kinds = kinds_of(blocks, [block.lines[0].text for block in blocks], MEASURES)
    return [block.lines[0].text for block, (kind, _) in zip(blocks, kinds, strict=True) if kind == "heading"]


def part(line: Make, title: str, top: float, **more: object) -> list[Line]:
    """A title in italics and three lines of text below it."""
    text = [line("The well is kept clean by the owner, and the", top + 12 * row) for row in (1, 2)]
    return [line(title, top, stop=80.0, italic=1.0, **more), *text, line("mill by its tenant.", top + 36, stop=90.0)]


def test_italic_lines_above_text_are_headings_if_there_are_several(line: Make) -> None:
    one, two = part(line, "The well", 100), part(line, "The mill", 160)
    assert headings([*one, *two]) == ["The well", "The mill"]
    assert headings(part(line, "The well", 100)) == []


@pytest.mark.parametrize("more", [{"start": 60.0}, {"stop": 290.0}, {"role": "table"}, {"size": 8.0}])
def test_italics_elsewhere_are_no_headings(line: Make, more: dict[str, object]) -> None:
    lines = [*part(line, "The well", 100), *part(line, "The mill", 160)]
    changed = [
        line(old.text, old.base, **{"stop": 80.0, "italic": 1.0, **more}) if old.italic else old for old in lines
    ]
    assert headings(changed) == []


@pytest.mark.parametrize("title", ["of the well", "Anna Finch,", "They said:", "• The well"])
def test_what_goes_on_or_is_labelled_is_no_heading(line: Make, title: str) -> None:
    assert headings([*part(line, title, 100), *part(line, title, 160)]) == []


def test_a_quotation_in_italics_is_no_heading(line: Make) -> None:
    lines = []
    for top in (100.0, 200.0):
        lines += [
            line("The well of the orchard was dug by", top, italic=1.0),
            line("Bert", top + 12, stop=30, italic=1.0),
        ]
        lines += [line("said the old man, who knew what he spoke of", top + 24), line("well.", top + 36, stop=20)]
    assert headings(lines) == []
