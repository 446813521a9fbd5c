"""Vertical writing is turned so that its columns are lines."""

import numpy as np

from segtool.loaders.pdf import load_pdf
from segtool.loaders.pdf.glyphs import Frame, Glyphs, PageGlyphs
from segtool.loaders.pdf.rows import rows_of
from segtool.loaders.pdf.vertical import upright
from segtool.loaders.pdf.words import words_of
from segtool.settings import LoadSettings
from tests.loaders.pdf.typeset_pdf import TypesetPdf


def page(text: str, per_column: int, vertical: bool) -> PageGlyphs:
    """Signs ten points wide, in columns from the right or in rows from the top."""
    place, step = np.arange(len(text)) // per_column, np.arange(len(text)) % per_column
    x0 = 280.0 - 20 * place if vertical else 20.0 + 10 * step
    top = 20.0 + 10 * step if vertical else 20.0 + 20 * place
    n = len(text)
    size, none = np.full(n, 10.0), np.zeros(n, np.int64)
    glyphs = Glyphs(list(text), x0, x0 + 10, top, top + 10, top + 8, size, none, np.zeros(n, np.bool_))
    return PageGlyphs(1, Frame(300.0, 400.0), glyphs)


def lines(found: PageGlyphs) -> list[str]:
    return [row.text for row in rows_of(words_of(found.glyphs))]


TEXT = "政令第百四十九号内閣は道路交通法の一部を改正する法律の施行"


def test_columns_from_the_right_are_lines_from_the_top() -> None:
    found = upright(page(TEXT, 10, vertical=True))
    assert lines(found) == [TEXT[:10], TEXT[10:20], TEXT[20:]]
    box = found.frame.to_page(
        float(found.glyphs.x0[0]), float(found.glyphs.top[0]), 30.0, float(found.glyphs.bottom[0])
    )
    assert (box.x0, box.top, box.x1, box.bottom) == (280.0, 20.0, 290.0, 30.0)


def test_horizontal_pages_stay() -> None:
    straight = page(TEXT, 10, vertical=False)
    assert upright(straight) is straight
    assert lines(straight) == [TEXT[:10], TEXT[10:20], TEXT[20:]]


def test_processes_read_vertical_pages_like_one() -> None:
    pages = TypesetPdf()
    for number in range(80):
        if number:
            pages.next_page()
        for column in range(3):
            text = "政令第百四十九号内閣は道路交通法の一部を改正する法律の施行"[10 * column :][:10]
            pages.place([(char, 500 - 18 * column, 700 - 11 * step, 11) for step, char in enumerate(text)])
    data = pages.build()
    one, two = (load_pdf(data, "rei.pdf", LoadSettings(jobs=jobs)) for jobs in (1, 2))
    assert one.text == two.text
    assert one.text.startswith("は道路交通法の一部を改正する法律の施行")
