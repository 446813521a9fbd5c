"""Rows and lines from words at hand-made places."""

from collections.abc import Callable

from segtool.loaders.pdf.lines import Look, line_of
from segtool.loaders.pdf.rows import rows_of, text_of
from segtool.loaders.pdf.words import Word

Make = Callable[..., Word]
MakeMany = Callable[..., list[Word]]
LOOK = Look([False], [False])


def test_words_on_one_baseline_are_a_row_from_left_to_right(word: Make) -> None:
    rows = rows_of([word("b", 50, 100.4), word("a", 10, 100), word("c", 10, 112)])
    assert [row.text for row in rows] == ["a b", "c"]


def test_a_bullet_on_its_own_baseline_joins_its_row(word: Make, words: MakeMany) -> None:
    rows = rows_of([word("•", 10, 104, size=8), *words("an item of text", 25, 100), *words("and more", 25, 112)])
    assert [row.text for row in rows] == ["• an item of text", "and more"]


def test_a_drop_capital_is_the_first_letter_of_the_first_row(word: Make, words: MakeMany) -> None:
    capital = word("T", 10, 112, size=30, width=20)
    rest = [*words("he first row of the text", 32, 100), *words("second row of it all", 32, 112)]
    rows = rows_of([capital, *rest, *words("third row that is at the margin again", 10, 136)])
    assert [row.text for row in rows][:2] == ["The first row of the text", "second row of it all"]
    line = line_of(rows[1], 1, 0, (10, 300), LOOK)
    assert line.start == 10, "a row beside the capital is not indented"


def test_raised_marks_are_found_in_the_line(word: Make, words: MakeMany) -> None:
    text = words("as agreed", 10, 100)
    mark = word("3", text[-1].x1 + 0.3, 96, size=6, order=9)
    line = line_of(rows_of([*text, mark])[0], 1, 0, (10, 300), LOOK)
    assert line.text == "as agreed3"
    assert [(m.text, line.text[m.start : m.end]) for m in line.marks] == [("3", "3")]


def test_right_to_left_rows_are_read_logically(word: Make) -> None:
    # On the page from left to right: "ABC 12 םולש" reads שלום 12 ABC.
    row = [word("ABC", 10, 100), word("12", 40, 100), word("שלום", 60, 100), word("לכם", 90, 100)]
    assert text_of(row) == "לכם שלום 12 ABC"


def test_a_turned_label_is_put_right(word: Make) -> None:
    row = [word("שלום", 60, 100), word(".1", 120, 100)]
    assert text_of(row) == "1. שלום"


def test_chinese_words_join_without_spaces(word: Make) -> None:
    assert text_of([word("人人", 10, 100, width=20), word("生而", 31, 100, width=20)]) == "人人生而"


def test_a_hyphen_pushed_off_at_the_end_of_a_row_belongs_to_its_word(word: Make, words: MakeMany) -> None:
    row = words("the tenant is en", 0, 100)
    hyphen = word("-", row[-1].x1 + 2.0, 100, order=99)
    assert text_of([*row, hyphen]) == "the tenant is en-"
    assert text_of([*row, word("-", row[-1].x1 + 2.5, 100, order=99)]) == "the tenant is en -"
    assert text_of([*row, hyphen, word("or", hyphen.x1 + 2.5, 100, order=101)]) == "the tenant is en - or"


def test_a_script_of_a_script_stands_in_the_row_of_its_letter(word: Make, words: MakeMany) -> None:
    found = [*words("for all p", 10, 100), word("n", 48.7, 103.9, size=7), word("i", 52.3, 106, size=5)]
    assert [row.text for row in rows_of([*found, *words("and more", 10, 115)])][1] == "and more"


def test_a_word_from_right_to_left_is_not_joined_to_the_latin_one_before_it(word: Make) -> None:
    row = [word("והמבנה", 90, 100, width=30, order=4), word("Marlow", 120, 100, order=2)]
    assert text_of([*row, word("במשפט", 155, 100, order=0)]) == "במשפט Marlow והמבנה"
    assert text_of([*row, word("ב", 150, 100, width=6, order=1)]) == "בMarlow והמבנה"
