"""Footnotes and endnotes, on hand-made lines."""

from collections.abc import Callable

from segtool.loaders.pdf.glyphs import Rule
from segtool.loaders.pdf.lines import Line, Mark
from segtool.loaders.pdf.notes import part_notes

Make = Callable[..., Line]
BOX = (0.0, 0.0, 4.0, 4.0)


def cited(line: Make, text: str, mark: str, base: float, **more: object) -> Line:
    """A line that ends with a raised mark."""
    return line(text + mark, base, marks=(Mark(len(text), len(text) + len(mark), mark, BOX),), **more)


def test_small_print_with_a_mark_that_the_page_cites_is_a_footnote(line: Make) -> None:
    lines = [
        cited(line, "The rent is due.", "1", 100),
        line("More text", 112),
        line("1 On the first day.", 700, size=8),
    ]
    found = part_notes(lines, {}, 10.0)
    assert [x.text for x in found.body] == ["The rent is due.", "More text"]
    assert [x.text for x in found.notes] == ["On the first day."]
    assert [mark.text for mark in found.taken] == ["1", "1"]


def test_a_note_below_a_rule_may_be_of_the_size_of_the_text(line: Make) -> None:
    lines = [cited(line, "The rent is due.", "*", 100), line("More text", 112), line("* On the first day.", 700)]
    found = part_notes(lines, {1: [Rule(0, 685, 120, 685.5)]}, 10.0)
    assert [x.text for x in found.notes] == ["On the first day."]


def test_an_underlined_heading_is_no_rule_above_notes(line: Make) -> None:
    heading = line("Rent", 100, stop=30)
    lines = [cited(line, "As agreed.", "1", 80), heading, line("1 first item of the list", 112), line("and on", 124)]
    found = part_notes(lines, {1: [Rule(0, 101.5, 30, 102)]}, 10.0)
    assert not found.notes


def test_small_print_without_marks_stays_in_the_text(line: Make) -> None:
    lines = [line("The rent is due.", 100), line("Source: the land register", 700, size=8)]
    assert not part_notes(lines, {}, 10.0).notes


def test_raised_digits_that_no_note_explains_stay(line: Make) -> None:
    found = part_notes([cited(line, "an area of 10 m", "2", 100), line("and so on", 112)], {}, 10.0)
    assert found.body[0].text == "an area of 10 m2"


def test_a_list_at_the_end_with_the_numbers_of_the_marks_is_endnotes(line: Make) -> None:
    lines = [cited(line, "Due.", "1", 100), cited(line, "Paid.", "2", 112), line("Notes", 300), line("1. First.", 320)]
    lines += [line("2. Second, which", 340), line("goes on.", 352)]
    found = part_notes(lines, {}, 10.0)
    assert [x.text for x in found.notes] == ["First.", "Second, which", "goes on."]
    assert found.body[-1].text == "Notes"


def test_marks_stay_where_furniture_is_kept(line: Make) -> None:
    lines = [cited(line, "The rent is due.", "1", 100), line("1 On the first day.", 700, size=8)]
    found = part_notes(lines, {}, 10.0, keep_marks=True)
    assert found.body[0].text == "The rent is due.1"
    assert found.notes[0].text == "1 On the first day."


def test_a_note_whose_mark_has_no_space_behind_it_is_known_below_a_rule(line: Make) -> None:
    lines = [cited(line, "The rent is due.", "1", 100), line("2The gate is shut.", 112), line("1(3) In coin.", 700)]
    found = part_notes(lines, {1: [Rule(0, 685, 120, 685.5)]}, 10.0)
    assert [x.text for x in found.notes] == ["(3) In coin."]
    assert [x.text for x in found.body] == ["The rent is due.", "2The gate is shut."]


def test_clauses_at_the_end_are_no_endnotes_though_the_text_has_as_many_marks(line: Make) -> None:
    lines = [cited(line, "The rent is due.", "1", 100), cited(line, "The gate is shut.", "2", 112)]
    lines += [line("(1) The owner mends it.", 124), line("(2) The tenant pays.", 136)]
    assert not part_notes(lines, {}, 10.0).notes


def test_a_number_that_is_not_raised_as_other_marks_are_opens_no_note(line: Make) -> None:
    lines = [
        cited(line, "The rent is due.", "1", 100),
        line("1More than ten degrees for more than", 700, size=8, marks=(Mark(0, 1, "1", BOX),)),
        line("10 seconds.", 710, size=8),
    ]
    found = part_notes(lines, {}, 10.0)
    assert [x.text for x in found.notes] == ["More than ten degrees for more than", "10 seconds."]
    assert found.starts == {0}


def test_the_border_of_a_table_is_no_rule_above_notes(line: Make) -> None:
    lines = [cited(line, "As agreed.", "1", 80), line("1 first item of the list", 112), line("and on", 124)]
    border = [Rule(0, 98, 60, 98.5), Rule(60.5, 98, 200, 98.5)]
    assert not part_notes(lines, {1: border}, 10.0).notes
    assert part_notes(lines, {1: border[:1]}, 10.0).notes
