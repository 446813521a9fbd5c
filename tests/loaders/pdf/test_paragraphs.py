"""Lines to paragraphs: worked examples, and the partition as a property."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segtool.loaders.pdf.lines import Line
from segtool.loaders.pdf.measures import measures_of
from segtool.loaders.pdf.paragraphs import Block, blocks_of

Make = Callable[..., Line]


def split(lines: list[Line]) -> list[str]:
    return [" ".join(line.text for line in block.lines) for block in blocks_of(lines, measures_of(lines))]


def body(line: Make, name: str, top: float, n: int = 4, last: float = 120.0, **more: object) -> list[Line]:
    stops = [300.0] * (n - 1) + [last]
    return [line(f"{name}{i} goes on", top + 12 * i, stop=stop, **more) for i, stop in enumerate(stops)]


def test_a_gap_above_the_leading_parts_paragraphs(line: Make) -> None:
    assert len(split(body(line, "a", 100, last=299) + body(line, "b", 156, last=299))) == 2


def test_a_line_that_had_room_for_the_next_word_ends_its_paragraph(line: Make) -> None:
    assert len(split(body(line, "a", 100) + body(line, "b", 148))) == 2


def test_a_first_line_indent_opens_a_paragraph(line: Make) -> None:
    lines = body(line, "a", 100, last=299)
    lines += [line("Indented start", 148, start=18), *body(line, "b", 160, last=299)]
    assert [text[:2] for text in split(lines)] == ["a0", "In"]


def test_clauses_that_stand_in_by_their_first_line_part_though_each_fills_it(line: Make) -> None:
    lines = [
        item
        for number in range(1, 5)
        for item in (
            line(f"1.{number} Term means this and", 100 + 24 * number, start=30, stop=300),
            line("whatever is under it.", 112 + 24 * number, stop=200),
        )
    ]
    lines += [
        line("In this Lease the words below mean:", 220, start=30, stop=300),
        line("1.5 Term means that and", 232, start=30, stop=300),
        line("nothing under it.", 244, stop=200),
    ]
    assert [text[:3] for text in split(lines)] == ["1.1", "1.2", "1.3", "1.4", "In ", "1.5"]


def test_a_paragraph_runs_over_the_page_break(line: Make) -> None:
    lines = body(line, "a", 700, last=300) + body(line, "so", 100, page=2)
    assert len(split(lines)) == 1


def test_a_finished_paragraph_does_not_run_over_the_page_break(line: Make) -> None:
    lines = body(line, "a", 700, last=100) + body(line, "Then", 100, page=2)
    assert len(split(lines)) == 2


def test_clauses_at_any_depth_are_paragraphs_of_their_own(line: Make) -> None:
    lines = [
        line("1.1 The tenant pays", 100, stop=200),
        line("(a) the rent;", 112, start=20, stop=120),
        line("(i) monthly;", 124, start=40, stop=130),
        line("• a fee", 136, start=20, stop=80),
    ]
    assert len(split(lines)) == 4


def test_a_reference_at_the_start_of_a_line_is_no_label(line: Make) -> None:
    lines = [*body(line, "a", 100, n=4, last=300), line("Section 2; and so on", 148, stop=200)]
    assert len(split(lines)) == 1


def test_double_spaced_lines_are_one_paragraph(line: Make) -> None:
    single = [line(f"short {i}", 20 + 12 * i, stop=100) for i in range(4)]
    double = [line(f"w{i} goes on", 200 + 27 * i, stop=300) for i in range(12)]
    assert split([*single, *double])[-1].count("goes on") == 12


def test_a_change_of_size_parts_heading_and_body(line: Make) -> None:
    lines = [line("Rent", 100, stop=50, size=14), *body(line, "a", 118)]
    assert split(lines)[0] == "Rent"


def test_right_to_left_lines_use_distances_from_the_right(line: Make) -> None:
    rtl = {"left": -300.0, "right": 0.0, "start": -300.0}
    lines = [line("אאא", 100, **{**rtl, "stop": 0.0}), line("בבב", 112, **{**rtl, "stop": -200.0})]
    lines += [line("גגג", 124, **{**rtl, "stop": 0.0}), line("דדד", 136, **{**rtl, "stop": 0.0})]
    assert len(split(lines)) == 2


def _any_lines() -> st.SearchStrategy[list[tuple[int, int, str, float, float, float, float]]]:
    texts = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=12)
    row = st.tuples(
        st.integers(1, 3), st.integers(0, 2), texts, st.floats(0, 800), st.floats(0, 200), st.floats(0, 300),
        st.sampled_from([0.0, 1.0, 6.0, 10.0, 14.0, 40.0]),
    )  # fmt: skip
    return st.lists(row, max_size=30)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(_any_lines())
def test_every_line_lies_in_exactly_one_paragraph_in_order(
    line: Make, rows: list[tuple[int, int, str, float, float, float, float]]
) -> None:
    lines = [
        line(text, base, start, start + width, page=page, column=column, size=size)
        for page, column, text, base, start, width, size in rows
    ]
    blocks: list[Block] = blocks_of(lines, measures_of(lines))
    assert [id(x) for block in blocks for x in block.lines] == [id(x) for x in lines]
    assert all(block.lines for block in blocks)


def test_a_full_line_of_larger_type_in_another_font_is_not_gone_on_with(line: Make) -> None:
    lines = [*body(line, "a", 100), line("(3) What the orchard act says of wells and of", 160, size=10.9, style=1)]
    lines += [line("Wells are dug", 173, start=10), *body(line, "b", 185, last=299)]
    assert [text[:3] for text in split(lines)] == ["a0 ", "(3)", "Wel"]


def test_centred_lines_that_stand_as_close_as_text_are_one_paragraph(line: Make) -> None:
    lines = [
        line("APPEAL FROM THE ORCHARD COURT", 100, start=60, stop=240),
        line("OF THE MILL", 112, start=110, stop=190),
        line("Before the Judges of the Well", 140, start=60, stop=240),
        line("Finch and Marlow", 152, start=100, stop=200),
        *body(line, "a", 190),
    ]
    assert [text[:6] for text in split(lines)] == ["APPEAL", "Before", "a0 goe"]


def test_a_centred_title_under_centred_text_in_capitals_stands_alone(line: Make) -> None:
    lines = [line("THE LEASE", 100, start=110, stop=190), line("of an orchard and a mill", 112, start=90, stop=210)]
    assert len(split([*lines, *body(line, "a", 150)])) == 3


def test_large_letters_in_tables_say_nothing_of_the_bodys_size(line: Make) -> None:
    cells = [line("twelve and a half", 100 + 20 * row, size=14.0, role="table") for row in range(20)]
    assert measures_of([*body(line, "a", 600, n=12), *cells]).body_size == 10.0
    assert measures_of(cells).body_size == 14.0


def test_a_line_that_changes_its_type_in_the_midst_goes_on(line: Make) -> None:
    plain, bold = (0, 10.0), (1, 8.0)
    mixed = line("in the ORCHARD BOOK", 148, size=8.0, style=1, bold=0.8, first_type=plain, last_type=bold)
    after = line("OF WELLS a tenant", 160, bold=0.3, first_type=bold, last_type=plain)
    lines = [*body(line, "a", 100, last=300), mixed, after]
    for item in lines[:4]:
        item.first_type = item.last_type = plain
    assert len(split(lines)) == 1


def test_a_line_pushed_down_by_raised_letters_goes_on(line: Make) -> None:
    lines = [*body(line, "a", 100, last=300), line("w(i) and so on", 155, raised=True), *body(line, "so", 167)]
    assert len(split(lines)) == 1
