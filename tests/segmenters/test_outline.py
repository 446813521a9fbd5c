"""The section layer: what is a heading, how sections nest, what they are called; with a model and without."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segtool.core.document import Document, Paragraph, Source, Style
from segtool.core.layer import Layer
from segtool.core.outline import nesting, section_paths
from segtool.core.scores import Scores
from segtool.core.span import Span
from segtool.loaders.paragraphs import find_paragraphs
from segtool.segmenters.decision import decide
from segtool.segmenters.outline import section_layer

LEASE = """1. Definitions

In this lease, "boat house" means the shed at pier four, with its slip and its two lifts.

2. Rent. The tenant pays two hundred a month, in advance, into the account that the landlord names.

(a) Rent is due on the first day of the month.

(b) Late rent bears interest at four per cent a year.

3. Term

3.1 Start. The lease starts on the first of May, when the tenant gets the keys of the shed.

3.2 End. It ends after five years, unless both parties agree on a longer term in writing.

5 days after the end, the tenant hands back the keys and pays what is still owing.

4. Repairs

The tenant repairs what it breaks. The landlord repairs the roof and the slip."""


def _text(text: str) -> Document:
    return Document("lease", text, find_paragraphs(text))


def _sections(layer: Layer) -> list[tuple[int, str | None, str | None]]:
    rows = [(row.level, row.label) for row in layer]
    return [(level, label.number if label else None, label.heading if label else None) for level, label in rows]


def test_numbered_and_run_in_headings() -> None:
    found = _sections(section_layer(_text(LEASE), None, 0.5))
    assert (1, "1", "Definitions") in found
    assert (1, "2", "Rent") in found
    assert (1, "3", "Term") in found
    assert (1, "4", "Repairs") in found
    assert "5" not in [number for _, number, _ in found]


def test_a_table_of_contents_is_no_outline() -> None:
    names = ["Definitions", "Rent", "Term", "Repairs"]
    contents = "\n\n".join(f"{i}. {name} ........ {i + 1}" for i, name in enumerate(names, 1))
    layer = section_layer(_text(f"Contents\n\n{contents}\n\n{LEASE}"), None, 0.5)
    body = len(contents)
    assert all(row.offset == 0 or row.offset >= body or not row.label or not row.label.number for row in layer)


def _marked(*rows: tuple[str, str, int], format: str = "html", sizes: bool = False) -> Document:
    text, paragraphs = "", []
    for piece, kind, level in rows:
        style = Style(size=20.0 - 2 * level if kind == "heading" else 10.0) if sizes else None
        paragraphs.append(Paragraph(Span(len(text), len(text) + len(piece)), kind, level, style=style))  # type: ignore[arg-type]
        text += piece + "\n\n"
    return Document("page", text, tuple(paragraphs), source=Source("page", format))


BODY = ("Everything is said in a sentence that goes on for a while, so that it is a paragraph.", "body", 0)


def test_marked_headings_are_certain_and_their_levels_stand() -> None:
    document = _marked(("Fees", "heading", 2), BODY, ("Waiver", "heading", 4), BODY, ("Appeal", "heading", 2), BODY)
    layer = section_layer(document, None, 0.5)
    assert _sections(layer) == [(1, None, "Fees"), (2, None, "Waiver"), (1, None, "Appeal")]
    assert all(row.origin == "loader" and row.score is None for row in layer)


def test_a_lone_outermost_heading_at_the_top_is_the_title() -> None:
    document = _marked(("Handbook", "heading", 1), BODY, ("Fees", "heading", 2), BODY, ("Appeal", "heading", 2), BODY)
    assert _sections(section_layer(document, None, 0.5)) == [(1, None, None), (1, None, "Fees"), (1, None, "Appeal")]


def test_two_outermost_headings_are_both_sections() -> None:
    document = _marked(("Fees", "heading", 1), BODY, ("Waiver", "heading", 2), BODY, ("Appeal", "heading", 1), BODY)
    assert [level for level, _, _ in _sections(section_layer(document, None, 0.5))] == [1, 2, 1]


def test_marks_of_markdown_do_not_enter_the_heading() -> None:
    document = _marked(
        ("## 1. **Fees**", "heading", 2), BODY, ("## 2. Appeal ##", "heading", 2), BODY, format="markdown"
    )
    assert _sections(section_layer(document, None, 0.5)) == [(1, "1", "Fees"), (1, "2", "Appeal")]


def test_a_unit_and_its_name_on_the_next_line_are_one_heading() -> None:
    rows = [("CHAPTER I", "body", 0), ("GENERAL PROVISIONS", "body", 0), BODY, BODY]
    rows += [("CHAPTER II", "body", 0), ("MEMBERSHIP OF THE CLUB", "body", 0), BODY, BODY]
    rows += [("CHAPTER III", "body", 0), ("FINAL PROVISIONS", "body", 0), BODY, BODY]
    found = _sections(section_layer(_marked(*rows, format="text"), None, 0.5))
    assert (1, "CHAPTER II", "MEMBERSHIP OF THE CLUB") in found
    assert len(found) == 3


def test_brackets_around_a_run_in_heading_go() -> None:
    rest = "　当事者は一か月前に書面で通知することにより、いつでもこの契約を解約することができる。"
    rows = [
        (f"第{n}条（{name}）{rest}", "body", 0)
        for n, name in zip("一二三四", ("目的", "賃料", "修繕", "解約"), strict=True)
    ]
    found = _sections(section_layer(_marked(*rows, format="text"), None, 0.3))
    assert ("第三条", "修繕") in [(number, heading) for _, number, heading in found]


def test_furniture_and_tables_open_no_section() -> None:
    document = _marked(("1. Fees", "furniture", 0), BODY, ("2. Waiver", "table", 0), BODY, format="pdf")
    assert len(section_layer(document, None, 0.5)) == 1


def test_without_headings_the_topic_decides() -> None:
    document = _marked(*[BODY] * 12, format="text")
    offsets = np.array([p.span.start for p in document.paragraphs[1:]])
    main = np.full(11, 0.02, np.float32)
    main[4] = 0.9
    scores = Scores("section", len(document.text), offsets, np.repeat(main[:, None], 5, axis=1))
    layer = section_layer(document, scores, 0.4)
    assert layer.offsets.tolist() == [0, int(offsets[4])]
    assert layer[1].origin == "model"
    assert layer[1].score == pytest.approx(0.9)


def test_scores_of_other_units_than_paragraphs_are_used_too() -> None:
    text = "one thing here. " * 40
    document = Document("talk", text, find_paragraphs(text))
    scores = Scores("section", len(text), np.array([160, 320]), np.array([[0.9] * 5, [0.1] * 5], np.float32))
    assert section_layer(document, scores, 0.4).offsets.tolist() == [0, 160]


def test_a_higher_threshold_finds_no_more() -> None:
    sizes = [len(section_layer(_text(LEASE), None, threshold)) for threshold in (0.1, 0.5, 0.9, 0.999)]
    assert sizes == sorted(sizes, reverse=True)


def test_the_cheapest_path_is_taken() -> None:
    """By hand: two sure headings, then one that is level 3 by a hair; two skipped levels cost more than the hair."""
    chances = np.array(
        [
            [0.02, 0.96, 0.01, 0.01, 0, 0],
            [0.02, 0.96, 0.01, 0.01, 0, 0],
            [0.02, 0.1, 0.4, 0.48, 0, 0],
            [1, 0, 0, 0, 0, 0],
        ],
        np.float32,
    )
    assert decide(chances, [None] * 4, 0.5).tolist() == [1, 1, 2, 0]


PIECES = st.sampled_from(
    ["1. Terms", "2. Rent. It is due.", "3.1 Start", "(a) one;", "(i) two;", "ARTICLE I", "DEFINITIONS", "§ 3 Miete",
     "Some words of a sentence, and more.", "第三条 总则", "- item", "Contents", "  ", "\u200d", "5 days after that.",
     "# X", "a" * 300]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=40), max_size=25), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
@settings(deadline=None, max_examples=60)
def test_any_text_gives_a_dense_layer(pieces: list[str], threshold: float) -> None:
    document = _text("\n\n".join(pieces))
    layer = section_layer(document, None, threshold)
    levels = layer.levels.tolist()
    assert nesting(levels) == levels
    assert [len(path) for path in section_paths(layer)] == levels
    assert all(not document.text[o].isspace() for o in layer.offsets.tolist()[1:])
