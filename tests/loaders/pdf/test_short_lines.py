"""Runs of short lines: addresses and lists of counsel, in which capitals are names."""

from collections.abc import Callable

from segtool.loaders.pdf.assemble import text_of_block
from segtool.loaders.pdf.hyphens import Vocabulary
from segtool.loaders.pdf.kinds import kinds_of
from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.measures import Measures
from segtool.loaders.pdf.paragraphs import blocks_of
from segtool.loaders.pdf.short_lines import mark_short_lines

Make = Callable[..., Line]
COUNSEL = ("ANNA FINCH", "anna@orchard.example", "BERT MARLOW", "bert@orchard.example", "12 Mill Lane", "Orchard")
MEASURES = Measures(body_size=10.0, leading={10.0: (12.0,)})


def kinds(lines: list[Line]) -> list[str]:
    mark_short_lines(lines, MEASURES)
    blocks = blocks_of(lines, MEASURES)
    return [kind for kind, _ in kinds_of(blocks, [block.lines[0].text for block in blocks], MEASURES)]


def paragraphs(lines: list[Line]) -> list[str]:
    mark_short_lines(lines, MEASURES)
    return [text_of_block(block, Vocabulary()) for block in blocks_of(lines, MEASURES)]


def counsel(line: Make, top: float = 100.0) -> list[Line]:
    return [line(text, top + 12 * row, stop=20.0 + 40 * (row % 4)) for row, text in enumerate(COUNSEL)]


def test_names_in_capitals_among_counsel_are_no_headings(line: Make) -> None:
    assert kinds(counsel(line)) == ["body"]


def test_an_address_is_one_paragraph_and_keeps_its_lines(line: Make) -> None:
    assert paragraphs(counsel(line)) == ["\n".join(COUNSEL)]


def test_addresses_wider_apart_than_their_lines_are_parted_though_that_is_a_usual_distance(line: Make) -> None:
    measures = Measures(body_size=10.0, leading={10.0: (12.0, 24.0)})
    lines = counsel(line) + counsel(line, 184.0)
    mark_short_lines(lines, measures)
    assert len(blocks_of(lines, measures)) == 2


def test_an_address_ends_with_its_column(line: Make) -> None:
    lines = [*counsel(line), line("CLARA HEDGE", 100, stop=298, column=1), line("Mill Green", 112, column=1)]
    assert paragraphs(lines)[1].startswith("CLARA HEDGE")


def test_long_words_of_mail_leave_an_address_one_paragraph(line: Make) -> None:
    texts = ("ANNA FINCH", "anna.finch@orchard.example", "BERT MARLOW", "bert.marlow@orchard.example", "Tel. 12 34")
    lines = [line(text, 100 + 12 * row, stop=70 + 5.0 * len(text)) for row, text in enumerate(texts)]
    for item in lines:
        item.right = 205.0
    assert paragraphs(lines) == ["\n".join(texts)]


def test_sentences_of_one_line_stay_paragraphs(line: Make) -> None:
    texts = ("The rent is due.", "The gate is shut.", "The well is deep.", "The mill stands still.")
    lines = [line(text, 100 + 12 * row, stop=60 + 30 * row) for row, text in enumerate(texts)]
    assert paragraphs(lines) == list(texts)


def test_prose_set_narrower_than_its_column_wraps_without_line_feeds(line: Make) -> None:
    lines = [line("and the owner may enter the garden", 100 + 12 * row, stop=170 + row % 2) for row in range(6)]
    assert all("\n" not in text for text in paragraphs(lines))


def test_a_full_line_behind_an_address_opens_a_paragraph(line: Make) -> None:
    lines = [*counsel(line), line("Whatever they say, the tenant keeps the gar-", 172), line("den.", 184, start=-12)]
    assert paragraphs(lines) == ["\n".join(COUNSEL), "Whatever they say, the tenant keeps the garden."]


def test_capitals_above_running_text_are_a_heading(line: Make) -> None:
    lines = [line("THE RENT", 100, stop=60)]
    lines += [line("The rent is due on the first day of each month and", 124 + 12 * row) for row in range(4)]
    assert kinds(lines)[0] == "heading"


def test_a_heading_of_several_lines_in_capitals_stays_one(line: Make) -> None:
    lines = [
        line(text, 100 + 12 * row, stop=90) for row, text in enumerate(("IN THE COURT", "OF ORCHARD", "AND", "OF MILL"))
    ]
    assert set(kinds(lines)) == {"heading"}


def test_lines_of_one_length_far_from_the_edge_of_their_column_are_an_address(line: Make) -> None:
    texts = ("Finch and Marlow", "12 Mill Lane, Suite 3", "Orchard, Kent", "Attention: the owner")
    lines = [line(text, 100 + 12 * row, start=60, stop=140 + row % 2) for row, text in enumerate(texts)]
    assert paragraphs(lines) == ["\n".join(texts)]
