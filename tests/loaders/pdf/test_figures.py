"""The words of figures, on rows and whole pages."""

from collections.abc import Callable
from typing import Any

from segtool.loaders.pdf import load_pdf
from segtool.loaders.pdf.figures import figures_of
from segtool.loaders.pdf.rows import rows_of
from segtool.loaders.pdf.words import Word
from segtool.settings import LoadSettings

Many = Callable[..., list[Word]]
EDGES = (50.0, 350.0)
TEXT = "words that fill the whole line of the column well enough"


def page(words: Many, *labels: tuple[str, float, float, float], caption: str = "Figure 1: The mill") -> list[Word]:
    """Four lines of text, labels (text, x, baseline, size) and a caption below them."""
    found = [word for row in range(4) for word in words(TEXT, 50, 100 + 12 * row)]
    for text, x, base, size in labels:
        found += words(text, x, base, size)
    return [*found, *words(caption, 50, 240)]


def figures(found: list[Word]) -> list[str]:
    rows = rows_of(found)
    return [" / ".join(row.text for row in rows[first:last]) for first, last in figures_of(rows, EDGES, found).items()]


def test_small_print_above_the_caption_of_a_figure_is_its_words(words: Many) -> None:
    labels = (("wheel", 120, 160, 7.0), ("sluice", 240, 160, 7.0), ("weir", 150, 200, 7.0))
    assert figures(page(words, *labels)) == ["wheel sluice / weir"]


def test_neither_text_nor_headings_nor_tables_have_labels(words: Many) -> None:
    assert figures(page(words)) == []
    assert figures(page(words, ("2 The weir", 50, 170, 12.0))) == []
    assert figures(page(words, ("12", 120, 170, 7.0), caption="Table 1: The mill")) == []


def test_the_last_line_of_small_print_is_no_label(words: Many) -> None:
    note = [
        *words("This is a note of the mill that fills its line well", 50, 160, 8.0),
        *words("and ends.", 50, 169, 8.0),
    ]
    assert figures([*page(words), *note]) == []
    assert figures([*page(words, ("wheel", 120, 200, 7.0)), *note]) == ["wheel"]


def test_a_caption_in_small_print_is_no_label_of_the_next_figure(words: Many) -> None:
    labels = (("Figure 1: The mill", 50, 160, 7.0), ("sluice", 240, 190, 7.0))
    assert figures(page(words, *labels, caption="Figure 2: The weir")) == ["sluice"]


def test_small_print_as_long_as_text_is_none(words: Many) -> None:
    assert figures(page(words, (f"{TEXT} {TEXT}", 50, 170, 8.0))) == []


def test_the_words_of_a_figure_are_one_caption_with_line_feeds_and_tabs(
    make_pdf: Callable[..., bytes], set_text: Callable[..., float]
) -> None:
    def draw(sheet: Any) -> None:
        set_text(sheet, "The mill stands by the weir and grinds the corn of all who come to it. " * 5, 60, 740, 300)
        sheet.setFont("Helvetica", 8)
        for text, x, y in (("wheel", 100, 600), ("sluice", 200, 600), ("weir", 150, 560)):
            sheet.drawString(x, y, text)
        sheet.setFont("Times-Roman", 11)
        sheet.drawString(60, 530, "Figure 2. The mill and its weir.")

    document = load_pdf(make_pdf(draw), "mill.pdf", LoadSettings())
    found = [(paragraph.kind, paragraph.span.of(document.text)) for paragraph in document.paragraphs]
    assert found[1:] == [("caption", "wheel\tsluice\nweir"), ("caption", "Figure 2. The mill and its weir.")]
