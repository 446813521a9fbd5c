"""Kinds, levels and depths of paragraphs from hand-made lines."""

from collections.abc import Callable

from segtool.loaders.pdf.info import Bookmark
from segtool.loaders.pdf.kinds import kinds_of
from segtool.loaders.pdf.labels import bullet, label
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.measures import Measures
from segtool.loaders.pdf.paragraphs import Block

Make = Callable[..., Line]


def kinds(*lines: Line, bookmarks: tuple[Bookmark, ...] = ()) -> list[tuple[str, int]]:
    blocks = [Block([line], label(line.text), bullet(line.text) is not None) for line in lines]
    return list(kinds_of(blocks, [line.text for line in lines], Measures(10.0), bookmarks))


def test_headings_are_ranked_by_size_weight_and_capitals(line: Make) -> None:
    found = kinds(
        line("Deed", 100, size=16), line("Rent", 130, bold=1.0), line("TERM", 160), line("Plain text of the deed.", 180)
    )
    assert found == [("heading", 1), ("heading", 2), ("heading", 3), ("body", 0)]


def test_a_bold_sentence_is_no_heading(line: Make) -> None:
    text = "The tenant shall pay the rent on the first day of each month, without any deduction whatever, and in coin."
    assert kinds(line(text, 100, bold=1.0))[0][0] == "body"


def test_what_a_bookmark_names_is_a_heading(line: Make) -> None:
    mark = Bookmark("Of the rent", 1, 1)
    assert kinds(line("Of the rent", 100), bookmarks=(mark,)) == [("heading", 1)]
    assert kinds(line("Of the rent", 100, page=2), bookmarks=(mark,)) == [("body", 0)]


def test_lists_have_depths_with_and_without_indents(line: Make) -> None:
    flat = ["1. one", "(a) two", "(i) three", "(ii) three", "(b) two", "2. one"]
    assert [level for _, level in kinds(*(line(text, 100) for text in flat))] == [1, 2, 3, 3, 2, 1]
    bullets = [("• one", 0.0), ("• two", 20.0), ("• two", 20.0), ("• one", 0.0)]
    assert [level for _, level in kinds(*(line(text, 100, start=x) for text, x in bullets))] == [1, 2, 2, 1]
    assert [level for _, level in kinds(line("1.2 two", 100), line("1.2.3 three", 100))] == [2, 3]


def test_captions_have_a_number_and_a_stop(line: Make) -> None:
    assert kinds(line("Figure 2-1: The gate of the yard", 100), line("Table 3 shows the rents", 120)) == [
        ("caption", 0),
        ("body", 0),
    ]


def test_a_caption_may_stand_in_brackets(line: Make) -> None:
    assert kinds(line("[Table 1] Rents of the orchard", 100), line("〈표 2〉 과수원", 120)) == [("caption", 0)] * 2


def test_a_bold_title_in_a_narrow_column_is_a_heading_however_many_lines_it_has(line: Make) -> None:
    texts = ("ORDER THAT", "THE MILL OF", "THE OWNER", "BE OPEN TO", "ALL WHO", "HAVE CORN")
    lines = [line(text, 100 + 12 * row, stop=60, bold=1.0) for row, text in enumerate(texts)]
    assert kinds_of([Block(lines)], [" ".join(texts)], Measures(10.0)) == [("heading", 1)]
