"""What is taken out as furniture, and what stays."""

from collections.abc import Callable

from segtool.loaders.pdf.furniture import take_furniture
from segtool.loaders.pdf.page_words import PageWords
from segtool.loaders.pdf.rows import rows_of
from segtool.loaders.pdf.words import Word

Many = Callable[..., list[Word]]
BODY = "body text of this page that goes on for the whole width of it"


def page(words: Many, number: int, *extra: tuple[str, float, float], pitch: float = 12.0, rows: int = 20) -> PageWords:
    found = [w for i in range(rows) for w in words(f"p{number}r{i} {BODY}", 72, 120 + pitch * i)]
    for text, x0, base in extra:
        found += words(text, x0, base)
    return PageWords(number, 612, 792, found)


def kinds(pages: list[PageWords]) -> set[tuple[str, str]]:
    return {
        (removed.kind, " ".join(row.text for row in rows_of(list(removed.words))))
        for p in pages
        for removed in p.removed
    }


def test_running_heads_and_page_numbers_go(words: Many) -> None:
    pages = [page(words, n, ("Master Agreement", 250, 50), (f"Page {n} of 3", 280, 750)) for n in (1, 2, 3)]
    take_furniture(pages)
    assert kinds(pages) == {("header", "Master Agreement")} | {("page_number", f"Page {n} of 3") for n in (1, 2, 3)}
    assert all(len(rows_of(p.words)) == 20 for p in pages)


def test_alternating_heads_and_roman_numbers_go(words: Many) -> None:
    names = ["Left Head", "Right Head"]
    pages = [
        page(words, n, (names[n % 2], 72, 50), (roman, 300, 750))
        for n, roman in enumerate(("i", "ii", "iii", "iv", "v", "vi"), 1)
    ]
    take_furniture(pages)
    assert {kind for kind, _ in kinds(pages)} == {"header", "page_number"}
    assert all(len(rows_of(p.words)) == 20 for p in pages)


def test_heads_that_change_with_the_section_go_by_their_height(words: Many) -> None:
    pages = [page(words, n, (f"Of {name}", 250, 50)) for n, name in enumerate(("Tenure", "Rents", "Wards", "Seals"), 1)]
    take_furniture(pages)
    assert {text for _, text in kinds(pages)} == {"Of Tenure", "Of Rents", "Of Wards", "Of Seals"}


def test_numbered_headings_at_the_top_of_pages_stay(words: Many) -> None:
    pages = [page(words, n, (f"Article {number}", 72, 100)) for n, number in ((1, 4), (2, 9), (3, 17))]
    take_furniture(pages)
    assert kinds(pages) == set()


def test_the_first_line_of_double_spaced_pages_stays(words: Many) -> None:
    pages = [page(words, n, pitch=27.0, rows=22) for n in (1, 2, 3, 4)]
    take_furniture(pages)
    assert kinds(pages) == set()


def test_bates_stamps_go(words: Many) -> None:
    pages = [page(words, n, (f"ABC{n:06d}", 500, 770)) for n in (1, 2, 3)]
    take_furniture(pages)
    assert {kind for kind, _ in kinds(pages)} == {"bates"}


def test_line_numbers_of_a_pleading_go_and_a_numbered_list_stays(words: Many) -> None:
    pages = [page(words, 1, *[(str(i + 1), 40, 120 + 12 * i) for i in range(20)])]
    take_furniture(pages)
    assert [(r.kind, len(r.words)) for r in pages[0].removed] == [("line_number", 20)]
    listed = [page(words, 1, *[(f"{i + 1}.", 40, 120 + 24 * i) for i in range(5)])]
    take_furniture(listed)
    assert kinds(listed) == set()


def test_small_print_beside_the_text_is_a_side_note(words: Many) -> None:
    found = page(words, 1)
    found.words += words("Duty of care", 540, 150, size=7)
    take_furniture([found])
    assert kinds([found]) == {("side_note", "Duty of care")}


def test_a_page_alone_keeps_what_only_looks_like_a_head(words: Many) -> None:
    pages = [page(words, 1, ("Deed of Gift", 250, 60))]
    take_furniture(pages)
    assert kinds(pages) == set()


def test_a_letter_at_the_same_height_of_two_pages_is_no_head(words: Many) -> None:
    pages = [page(words, n, ("’s", 250, 60), pitch=20.0) for n in (1, 2)]
    take_furniture(pages)
    assert kinds(pages) == set()
    pages = [page(words, n, ("The mill", 250, 60), pitch=20.0) for n in (1, 2)]
    take_furniture(pages)
    assert kinds(pages) == {("header", "The mill")}


def test_line_numbers_go_though_the_paragraphs_are_numbered_at_the_edge_of_the_text(words: Many) -> None:
    found = [(str(5 * n), 40.0, 120 + 60.0 * n) for n in range(1, 4)]
    found += [(str(n), 68.0, 120 + 24.0 * n) for n in (1, 2, 3, 6, 7, 8)]
    pages = [page(words, 1, *found)]
    take_furniture(pages)
    assert [w.text for removed in pages[0].removed for w in removed.words] == ["5", "10", "15"]
