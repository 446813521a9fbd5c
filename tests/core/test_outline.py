"""The section layer as a tree."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from segtool.core.document import Document
from segtool.core.layer import Boundary, Label, Layer
from segtool.core.outline import nesting, section_paths, section_tree
from segtool.core.segmentation import Segmentation


def test_levels_become_nesting_depths() -> None:
    assert nesting([1, 2, 3, 2, 1]) == [1, 2, 3, 2, 1]
    assert nesting([2, 4, 4, 1, 3]) == [1, 2, 2, 1, 2]
    assert nesting([3, 2, 1]) == [1, 1, 1]
    assert nesting([]) == []


@given(st.lists(st.integers(1, 6)))
def test_a_child_is_exactly_one_deeper_than_its_parent(levels: list[int]) -> None:
    depths = nesting(levels)
    assert all(b <= a + 1 for a, b in zip([0, *depths], depths, strict=False))
    assert nesting(depths) == depths


TEXT = "Preface.\n\n1 Scope\n\nText.\n\n1.1 Who\n\nAll.\n\n2 Fees\n\nNone.  "


def sections() -> Layer:
    rows = [
        Boundary(TEXT.index("1 Scope"), 1, 0.9, "model", Label("1", "Scope")),
        Boundary(TEXT.index("1.1"), 2, 0.8, "model", Label("1.1", "Who")),
        Boundary(TEXT.index("2 Fees"), 1, 0.9, "model", Label("2", "Fees")),
    ]
    return Layer.from_boundaries("section", len(TEXT), rows)


def test_paths_hold_the_headings_around_with_blanks_for_none() -> None:
    assert section_paths(sections()) == (("",), ("Scope",), ("Scope", "Who"), ("Fees",))


def test_a_node_spans_its_subtree_and_a_record_does_not() -> None:
    segmentation = Segmentation(Document("x", TEXT), {"section": sections()})
    preface, scope, fees = segmentation.outline()
    assert preface.span.of(TEXT) == "Preface."
    assert preface.label == Label()
    assert scope.span.of(TEXT) == "1 Scope\n\nText.\n\n1.1 Who\n\nAll."
    assert [child.label.number for child in scope.children] == ["1.1"]
    assert fees.span.of(TEXT) == "2 Fees\n\nNone."
    assert [unit.text for unit in segmentation.sections][1] == "1 Scope\n\nText."


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 5)), max_size=10))
def test_the_tree_holds_every_section_once(rows: list[tuple[int, int]]) -> None:
    text = "x" * 41
    layer = Layer.from_boundaries("section", 41, [Boundary(o, level) for o, level in rows])
    starts = [node.span.start for top in section_tree(layer, text) for node in top.walk()]
    assert starts == layer.offsets.tolist()
