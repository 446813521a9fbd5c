"""Ruled tables from hand-made rules and words."""

from collections.abc import Callable

from segtool.loaders.pdf.glyphs import Rule
from segtool.loaders.pdf.lines import Look
from segtool.loaders.pdf.tables import find_tables, table_lines
from segtool.loaders.pdf.words import Word

Many = Callable[..., list[Word]]


def grid(xs: list[float], ys: list[float]) -> list[Rule]:
    lines = [Rule(xs[0], y, xs[-1], y + 0.5) for y in ys]
    return lines + [Rule(x, ys[0], x + 0.5, ys[-1]) for x in xs]


def text(words: list[Word], rules: list[Rule]) -> list[str]:
    found = []
    for table in find_tables(words, rules):
        lines = table_lines(table, 1, 0, Look([False], [False]))
        found.append("".join((" " if line.glue is None else line.glue) + line.text for line in lines))
    return found


def test_cells_are_parted_by_tabs_and_rows_by_line_feeds(words: Many) -> None:
    rules = grid([50, 150, 250], [100, 120, 150])
    content = [*words("Item", 55, 115), *words("Price", 155, 115), *words("A long", 55, 132), *words("name", 55, 144)]
    assert text([*content, *words("3", 155, 132)], rules) == ["Item\tPrice\nA long name\t3"]


def test_an_empty_cell_keeps_its_place(words: Many) -> None:
    rules = grid([50, 150, 250, 350], [100, 120, 140])
    content = [
        *words("a", 55, 115),
        *words("b", 155, 115),
        *words("c", 255, 115),
        *words("d", 55, 135),
        *words("e", 255, 135),
    ]
    assert text(content, rules) == ["a\tb\tc\nd\t\te"]


def test_a_box_around_text_is_no_table(words: Many) -> None:
    assert text(words("Boxed text", 55, 115), grid([50, 250], [100, 140])) == []


def test_underlines_are_no_table(words: Many) -> None:
    rules = [Rule(50, 100 + 20 * i, 200, 100.5 + 20 * i) for i in range(6)]
    assert text(words("Underlined", 55, 98), rules) == []


def test_a_grid_without_text_is_no_table(words: Many) -> None:
    assert text(words("elsewhere", 400, 300), grid([50, 150, 250], [100, 120, 140])) == []
