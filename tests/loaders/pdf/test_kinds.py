"""Kinds, levels and depths of paragraphs from hand-made lines."""

from collections.abc import Callable

from segtool.loaders.pdf.info import Bookmark
from segtool.loaders.pdf.kinds import kinds_of
from segtool.loaders.pdf.labels import bullet, label
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.measures import Measures
from segtool.loaders.pdf.paragraphs import Block
from segtool.loaders.pdf.structure_tree import Tag

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


def test_a_number_within_a_number_is_no_stop_of_a_caption(line: Make) -> None:
    found = kinds(
        line("Table 3.1 shows the rents of it", 100), line("Table 3.1. Rents", 120), line("表 7.5 地租表", 140)
    )
    assert [kind for kind, _ in found] == ["body", "caption", "caption"]


def test_a_sentence_in_chinese_or_japanese_is_no_heading_for_its_number(line: Make) -> None:
    assert [kind for kind, _ in kinds(line("第七条 地主修井。", 100), line("第七条 地主", 120))] == ["body", "heading"]


def test_rows_of_dashes_are_no_list(line: Make) -> None:
    assert [kind for kind, _ in kinds(line("- - - - - - x", 100), line("- the well", 120))] == ["body", "list_item"]


def test_a_bold_numbered_line_that_is_tagged_as_a_list_item_is_a_heading(line: Make) -> None:
    item = Tag((0,), "list_item")
    assert kinds(line("1. Of the well", 100, bold=1.0, tag=item))[0][0] == "heading"
    assert kinds(line("1. Of the well", 100, tag=item))[0][0] == "list_item"
    assert kinds(line("1. The well is mended by the owner.", 100, bold=1.0, tag=item))[0][0] == "list_item"


def test_large_type_with_an_address_of_mail_is_no_heading(line: Make) -> None:
    assert kinds(line("Orchard House anna@orchard.example", 100, size=14.0))[0][0] == "body"
