"""Words by spaces and gaps."""

import numpy as np

from segtool.loaders.pdf.glyphs import Glyphs
from segtool.loaders.pdf.words import words_of


def glyphs(*items: tuple[str, float, float], base: float = 100.0, size: float = 10.0) -> Glyphs:
    """Glyphs of one line: character, left and right edge."""
    n = len(items)
    left, right = np.array([i[1] for i in items], float), np.array([i[2] for i in items], float)
    line, points = np.full(n, base), np.full(n, size)
    return Glyphs(
        [i[0] for i in items], left, right, line - 8, line + 2, line, points, np.zeros(n, np.int64), np.zeros(n, bool)
    )


def texts(found: Glyphs) -> list[str]:
    return [word.text for word in words_of(found)]


def test_a_space_parts_words_and_a_gap_without_one_does_too() -> None:
    assert texts(glyphs(("a", 0, 5), (" ", 5, 7.5), ("b", 7.5, 12))) == ["a", "b"]
    assert texts(glyphs(("a", 0, 5), ("b", 8, 12))) == ["a", "b"]
    assert texts(glyphs(("a", 0, 5), ("b", 5.4, 10))) == ["ab"]


def test_a_space_that_takes_no_room_parts_nothing() -> None:
    # Chromium writes a soft hyphen as a space glyph under the glyph that follows.
    assert texts(glyphs(("a", 0, 5), (" ", 5, 7.5), ("b", 5, 10))) == ["ab"]


def test_a_hinted_space_needs_less_of_a_gap() -> None:
    assert texts(glyphs(("f", 0, 4), (" ", 4, 4), ("o", 5.2, 10))) == ["f", "o"]
    assert texts(glyphs(("f", 0, 4), ("o", 5.2, 10))) == ["fo"]


def test_an_italic_that_reaches_back_into_the_space_is_a_word_of_its_own() -> None:
    assert texts(glyphs(("l", 0, 4), (" ", 4, 7.5), ("f", 5.4, 10))) == ["l", "f"]


def test_ligatures_are_spelled_out_and_soft_hyphens_dropped() -> None:
    assert texts(glyphs(("o", 0, 5), ("\ufb03", 5, 12), ("\u00ad", 12, 12), ("c", 12, 17))) == ["officers"[:4] + "c"]


def test_right_to_left_glyphs_join_leftwards() -> None:
    found = glyphs(("ש", 20, 25), ("ל", 15, 20), ("ו", 12, 15), (" ", 10, 12), ("ם", 5, 10))
    assert texts(found) == ["שלו", "ם"]


def test_marks_of_arabic_go_behind_the_letter_below_them() -> None:
    # The engine put the mark first and on a line of its own; it stands over the second letter.
    found = glyphs(("\u0651", 11, 13), ("ل", 20, 25), ("م", 10, 20))
    assert texts(found) == ["لم\u0651"]


def test_a_page_without_print_has_no_words() -> None:
    assert texts(glyphs((" ", 0, 2))) == []
    assert words_of(Glyphs.empty()) == []


def test_a_ligature_of_lam_and_alef_spelled_backwards_is_put_right() -> None:
    # PDFium reverses the two letters of the one glyph together with the line.
    assert texts(glyphs(("أ", 10, 16), ("ل", 10, 16), ("د", 5, 10))) == ["لأد"]
    assert texts(glyphs(("ا", 16, 20), ("ل", 10, 16))) == ["ال"], "an article is no ligature"


def test_a_replaced_word_whose_letters_share_one_place_runs_forwards() -> None:
    # PDFium gives the letters of /ActualText the box of the first glyph, last letter first.
    assert texts(glyphs(("ם", 10, 20), ("ו", 10, 20), ("ל", 10, 20), ("ש", 10, 20))) == ["שלום"]
