"""Tagged PDFs: blocks, kinds, tables and furniture of the structure tree, and when it is not trusted; /ActualText."""

from __future__ import annotations

import pytest

from segtool.core.document import Document
from segtool.loaders.pdf import load_pdf
from segtool.loaders.pdf.actual_text import with_actual_text
from segtool.settings import LoadSettings
from tests.loaders.pdf.tagged_pdf import Element, TaggedPdf, artifact, marked

FIRST = ("The tenant keeps the garden in order and waters it in", "every dry week of the summer, at its own expense.")
SECOND = ("The landlord repairs the roof within one month after", "a written notice has reached it.")
THIRD = ("Both parties bear their own costs of this agreement", "and of its later changes.")


def load(pdf: TaggedPdf) -> Document:
    return load_pdf(pdf.build(), "deed.pdf", LoadSettings())


def kinds(document: Document) -> list[tuple[str, int]]:
    return [(paragraph.kind, paragraph.level) for paragraph in document.paragraphs]


def texts(document: Document) -> list[str]:
    return [paragraph.span.of(document.text) for paragraph in document.paragraphs]


def two_lines(content: int, lines: tuple[str, str], y: float, x: float = 72) -> str:
    return marked(content, (x, y, lines[0]), (x, y - 13, lines[1]))


def simple(*roles: str, more: str = "") -> TaggedPdf:
    """Three paragraphs of two lines, a gap between them."""
    page = two_lines(0, FIRST, 700) + two_lines(1, SECOND, 660) + two_lines(2, THIRD, 620)
    tree = [Element(role, [(0, index)], more) for index, role in enumerate(roles)]
    return TaggedPdf([page], [Element("Document", tree)])


def test_roles_become_kinds_and_levels() -> None:
    document = load(simple("H2", "P", "Caption"))
    assert kinds(document) == [("heading", 2), ("body", 0), ("caption", 0)]
    assert texts(document) == [" ".join(lines) for lines in (FIRST, SECOND, THIRD)]


def test_roles_of_their_own_are_mapped() -> None:
    pdf = simple("Ueberschrift", "P", "P")
    pdf.role_map = "/Ueberschrift/H1"
    assert kinds(load(pdf))[0] == ("heading", 1)


def test_blocks_that_look_like_one_are_parted_and_parts_are_joined() -> None:
    page = two_lines(0, FIRST, 700) + two_lines(1, SECOND, 674) + two_lines(2, THIRD, 634)
    page += two_lines(3, FIRST, 590) + two_lines(4, SECOND, 550)
    page += marked(5, (72, 510, "A last line that the tree"), (72, 480, "holds together over a gap."))
    tree = [Element("P", [(0, index)]) for index in range(6)]
    document = load(TaggedPdf([page], tree))
    last = "A last line that the tree holds together over a gap."
    assert texts(document) == [*(" ".join(lines) for lines in (FIRST, SECOND, THIRD, FIRST, SECOND)), last]


def test_a_paragraph_over_a_page_break_is_one() -> None:
    first = two_lines(0, FIRST, 700) + two_lines(1, SECOND, 660) + marked(2, (72, 90, "It ends here, says its look."))
    second = marked(0, (72, 700, "But the tree goes on.")) + two_lines(1, THIRD, 660) + two_lines(2, FIRST, 620)
    tree = [
        Element("P", [(0, 0)]), Element("P", [(0, 1)]), Element("P", [(0, 2), (1, 0)]),
        Element("P", [(1, 1)]), Element("P", [(1, 2)]),
    ]  # fmt: skip
    document = load(TaggedPdf([first, second], tree))
    assert "It ends here, says its look. But the tree goes on." in texts(document)


def test_the_order_is_that_of_the_tree() -> None:
    page = two_lines(0, FIRST, 700) + two_lines(1, SECOND, 660) + two_lines(2, THIRD, 620)
    page += two_lines(3, ("A note at the side of the page that is", "read last of all."), 500)
    page += two_lines(4, ("The end of the text, printed below the", "note in the middle."), 460)
    tree = [Element("P", [(0, index)]) for index in (0, 1, 2, 4, 3)]
    assert texts(load(TaggedPdf([page], tree)))[-1].startswith("A note at the side")


def test_list_items_have_their_depth_and_their_later_paragraphs_stand_apart() -> None:
    page = marked(0, (72, 700, "a")) + marked(1, (90, 700, "first item of the list"))
    page += marked(2, (90, 680, "which has a second paragraph"))
    page += marked(3, (108, 660, "-")) + marked(4, (120, 660, "an item inside of an item"))
    page += two_lines(5, FIRST, 620) + two_lines(6, SECOND, 580)
    inner = Element("L", [Element("LI", [Element("Lbl", [(0, 3)]), Element("LBody", [(0, 4)])])])
    body = Element("LBody", [Element("P", [(0, 1)]), Element("P", [(0, 2)]), inner])
    tree = [
        Element("L", [Element("LI", [Element("Lbl", [(0, 0)]), body])]),
        Element("P", [(0, 5)]), Element("P", [(0, 6)]),
    ]  # fmt: skip
    document = load(TaggedPdf([page], tree))
    assert texts(document)[:3] == [
        "a first item of the list",
        "which has a second paragraph",
        "- an item inside of an item",
    ]
    assert [kind for kind, _ in kinds(document)] == ["list_item", "body", "list_item", "body", "body"]


def test_a_table_without_rules_is_a_table() -> None:
    page, rows, content = two_lines(0, FIRST, 700), [], 1
    for row, cells in enumerate((("Item", "Price"), ("Boiler", "400"), ("Roof", "9 000"))):
        elements = []
        for column, cell in enumerate(cells):
            page += marked(content, (72 + 160 * column, 660 - 16 * row, cell))
            elements.append(Element("TH" if row == 0 else "TD", [Element("P", [(0, content)])]))
            content += 1
        rows.append(Element("TR", elements))
    page += two_lines(content, SECOND, 590) + two_lines(content + 1, THIRD, 550)
    tree = [
        Element("P", [(0, 0)]), Element("Table", [Element("TBody", rows)]),
        Element("P", [(0, content)]), Element("P", [(0, content + 1)]),
    ]  # fmt: skip
    document = load(TaggedPdf([page], tree))
    assert texts(document)[1] == "Item\tPrice\nBoiler\t400\nRoof\t9 000"
    assert kinds(document)[1] == ("table", 0)


def test_columns_that_only_the_tree_shows_are_read_one_after_the_other() -> None:
    page = two_lines(0, FIRST, 700)
    left = marked(
        1, *((72, 660 - 13 * row, text) for row, text in enumerate(("Ada Berg", "4 Mill Lane", "Port Ellery")))
    )
    right = marked(
        2, *((220, 660 - 13 * row, text) for row, text in enumerate(("Bo Lind", "9 High Street", "Westhaven")))
    )
    page += left + right + two_lines(3, SECOND, 590) + two_lines(4, THIRD, 550) + two_lines(5, FIRST, 510)
    cells = [Element("TD", [(0, 1)]), Element("TD", [(0, 2)])]
    tree = [
        Element("P", [(0, 0)]), Element("Table", [Element("TR", cells)]),
        *(Element("P", [(0, index)]) for index in (3, 4, 5)),
    ]  # fmt: skip
    text = " ".join(load(TaggedPdf([page], tree)).text.split())
    assert "Ada Berg 4 Mill Lane Port Ellery Bo Lind 9 High Street Westhaven" in text


def test_artifacts_at_the_head_and_foot_are_furniture_even_on_one_page() -> None:
    pdf = simple("P", "P", "P")
    pdf.pages[0] += artifact(72, 760, "Draft of the third of May") + artifact(72, 400, "not in a margin")
    document = load(pdf)
    assert "Draft" not in document.text
    assert "not in a margin" in document.text
    assert [(piece["kind"], piece["text"]) for piece in document.metadata["furniture"]] == [
        ("header", "Draft of the third of May")
    ]


@pytest.mark.parametrize("wrong", ["a paragraph a line", "all in one", "half of it"])
def test_an_unsound_tree_is_left_alone(wrong: str) -> None:
    pages, tree = "", []
    for index in range(6):
        y, lines = 700 - 40 * index, (FIRST, SECOND, THIRD)[index % 3]
        for number, line in enumerate(lines):
            pages += marked(2 * index + number, (72, y - 13 * number, line))
            tree.append(Element("H1", [(0, 2 * index + number)]))
    if wrong == "all in one":
        tree = [Element("H1", [(0, content) for content in range(12)])]
    if wrong == "half of it":
        tree = tree[:6]
    document = load(TaggedPdf([pages], tree))
    assert document.text == load(TaggedPdf([pages])).text
    assert {kind for kind, _ in kinds(document)} == {"body"}


def test_text_of_a_marked_content_is_replaced() -> None:
    page = "BT /F1 11 Tf 72 700 Td (The of) Tj ET\n"
    page += "/Span <</ActualText (fi)>> BDC BT /F1 11 Tf 102 700 Td (*) Tj ET EMC\n"
    page += "BT /F1 11 Tf 107.6 700 Td (ce is new.) Tj ET"
    assert load(TaggedPdf([page])).text == "The office is new."


def test_text_of_an_element_is_replaced_and_keeps_its_place() -> None:
    pdf = simple("P", "P", "P")
    pdf.pages[0] = two_lines(0, FIRST, 700) + two_lines(1, SECOND, 660) + marked(2, (72, 620, "3 %& 5"))
    pdf.tree[0].children[2].more = "/ActualText(three to five)"  # type: ignore[union-attr]
    document = load(pdf)
    assert texts(document)[2] == "three to five"
    assert document.fragments[-1].bbox is not None
    assert document.fragments[-1].bbox.x0 == pytest.approx(72, abs=1)


@pytest.mark.parametrize(
    ("drawn", "actual", "wanted"),
    [("a-b", "ab", "ab"), ("x", "longer text", "longer text"), ("ab cd", "ab cd", "ab cd"), ("abcdef", "z", "z")],
)
def test_replacements_keep_the_number_of_places(drawn: str, actual: str, wanted: str) -> None:
    found = with_actual_text([*drawn, "!"], [7] * len(drawn) + [-1], [(actual, [7])])
    assert len(found) == len(drawn) + 1
    assert "".join(found) == wanted + "!"


def test_a_replacement_without_text_takes_the_glyphs_away() -> None:
    assert "".join(with_actual_text(["*", "a"], [1, 2], [(" ", [1])])).strip() == "a"
