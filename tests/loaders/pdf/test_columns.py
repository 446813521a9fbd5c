"""Columns and their order, on words set in hand-made columns."""

from collections.abc import Callable

from segtool.loaders.pdf.columns import columns_of, regions_of
from segtool.loaders.pdf.rows import rows_of
from segtool.loaders.pdf.words import Word

Many = Callable[..., list[Word]]
FILL = "words that fill the whole line well"


def column(words: Many, name: str, x0: float, n: int, top: float = 100.0) -> list[Word]:
    return [w for i in range(n) for w in words(f"{name}{i:02d} {FILL}", x0, top + 12 * i)]


def order(found: list[Word], rtl: bool = False, **more: object) -> list[str]:
    return [row.words[0].text for region in regions_of(found, rtl, **more) for row in rows_of(region.words)]  # type: ignore[arg-type]


def test_one_column_stays_one(words: Many) -> None:
    assert len(regions_of(column(words, "a", 50, 10))) == 1


def test_two_columns_are_read_one_after_the_other(words: Many) -> None:
    found = column(words, "a", 50, 8) + column(words, "b", 280, 8)
    assert order(found) == [f"a{i:02d}" for i in range(8)] + [f"b{i:02d}" for i in range(8)]


def test_columns_with_their_own_baselines(words: Many) -> None:
    found = column(words, "a", 50, 8) + column(words, "b", 280, 8, top=105)
    assert order(found) == [f"a{i:02d}" for i in range(8)] + [f"b{i:02d}" for i in range(8)]


def test_three_columns(words: Many) -> None:
    found = column(words, "a", 50, 6) + column(words, "b", 280, 6) + column(words, "c", 510, 6)
    assert [name[0] for name in order(found)] == ["a"] * 6 + ["b"] * 6 + ["c"] * 6


def test_right_to_left_pages_start_with_the_right_column(words: Many) -> None:
    found = column(words, "a", 50, 8) + column(words, "b", 280, 8)
    assert order(found, rtl=True)[0] == "b00"


def test_a_heading_across_comes_between_what_is_above_and_below(words: Many) -> None:
    above = column(words, "a", 50, 5) + column(words, "b", 280, 5)
    below = column(words, "c", 50, 5, top=200) + column(words, "d", 280, 5, top=200)
    heading = words("HEADING that runs over both of the two columns here", 150, 180)
    assert [name[0] for name in order([*above, *heading, *below])] == ["a"] * 5 + ["b"] * 5 + ["H"] + ["c"] * 5 + [
        "d"
    ] * 5


def test_hanging_labels_are_no_column(words: Many) -> None:
    found = [
        w for i in range(10) for w in [*words(f"({'abcdefghij'[i]})", 50, 100 + 12 * i), *words(FILL, 90, 100 + 12 * i)]
    ]
    assert len(regions_of(found)) == 1


def test_a_short_last_page_keeps_the_gutter_of_the_others(words: Many) -> None:
    known = columns_of(column(words, "a", 50, 8) + column(words, "b", 280, 8))[1]
    assert len(known) == 1
    found = column(words, "a", 50, 2) + column(words, "b", 280, 2)
    assert order(found, known=known) == ["a00", "a01", "b00", "b01"]


def test_large_type_in_one_column_closes_no_narrow_gutter(words: Many) -> None:
    found = column(words, "a", 50, 12) + column(words, "b", 236, 5) + column(words, "c", 236, 5, top=184)
    heading = [*words("Responsibilities", 236, 162, 14.0, 900), *words("and the mill", 236, 174, 14.0, 950)]
    names = order([*found, *heading])
    assert names[:12] == [f"a{i:02d}" for i in range(12)]
    assert [name[:1] for name in names[12:]] == ["b"] * 5 + ["R", "a"] + ["c"] * 5


def test_three_short_rows_far_apart_are_a_pair_of_columns(words: Many) -> None:
    found = [
        w
        for i in range(3)
        for w in [*words(f"a{i} for all", 50, 100 + 12 * i), *words(f"b{i} for me", 180, 100 + 12 * i)]
    ]
    assert order(found) == ["a0", "a1", "a2", "b0", "b1", "b2"]


def test_three_rows_of_names_and_values_are_read_across(words: Many) -> None:
    names = ("Day it begins:", "Day it ends:", "Rent a month:")
    found = [
        w
        for i, name in enumerate(names)
        for w in [*words(name, 50, 100 + 12 * i), *words("it is so", 180, 100 + 12 * i)]
    ]
    assert order(found) == ["Day", "Day", "Rent"]
