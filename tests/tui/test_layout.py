"""Rows show every character once, within the width, with a mark at every boundary."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from segtool.core.document import Document
from segtool.core.layer import Layer
from segtool.core.whitespace import canonical_offsets
from segtool.tui.layout import Layout, _wrap_any, wrap

texts = st.text(alphabet="ab c.\n、日本é\u0301👩‍👧\tx", max_size=300)


def layout(text: str, offsets: list[int], width: int) -> Layout:
    layer = Layer.from_offsets("sentence", len(text), canonical_offsets(text, offsets))
    result = Layout(Document("d", text), lambda: layer, lambda: None)
    result.resize(width)
    return result


@given(texts, st.lists(st.integers(0, 299), max_size=8), st.integers(10, 60))
def test_rows_hold_every_character_once_within_the_width(text: str, offsets: list[int], width: int) -> None:
    shown = layout(text, [o for o in offsets if o < len(text)], width)
    rows = [row for block in range(len(shown.blocks)) for row in shown.rows(block) if row.kind == "text"]
    assert "".join("".join(row.text.split()) for row in rows) == "".join(text.split())
    marked: list[int] = []
    for row in rows:
        assert cell_len(row.text) <= width
        assert len(row.offsets) == len(row.text)
        assert all(text[o] == c for o, c in zip(row.offsets, row.text, strict=True) if not c.isspace())
        marked += [*([row.first_mark] if row.first_mark is not None else []), *row.marks.values()]
    wanted = canonical_offsets(text, [o for o in offsets if o < len(text)]).tolist()
    assert [offset for offset in marked if offset] == wanted


@given(texts, st.integers(10, 40), st.data())
def test_every_offset_is_shown_where_its_position_says(text: str, width: int, data: st.DataObject) -> None:
    places = [i for i, c in enumerate(text) if not c.isspace()]
    if not places:
        return
    shown = layout(text, [], width)
    offset = data.draw(st.sampled_from(places))
    row = next(shown.iter_rows(shown.position_of(offset)))
    index = row.index_of(offset)
    assert row.offsets[index] == offset
    assert row.cell_of(row.index_at(row.cell_of(index))) == row.cell_of(index)


def test_moving_down_and_up_comes_back() -> None:
    shown = layout("\n\n".join(f"Paragraph {i} " + "word " * i for i in range(30)), [], 20)
    top = (0, 0)
    down = shown.move(top, 40)
    assert shown.move(down, -40) == top
    assert shown.move(top, -5) == top
    last = shown.move(top, 10_000)
    assert last[0] == len(shown.blocks) - 1


def test_one_long_line_is_laid_out_in_pieces() -> None:
    text = "word " * 40_000
    shown = layout(text, [], 80)
    assert len(shown.blocks) > 10
    assert np.diff(shown.blocks).max() <= 3000
    assert shown.position_of(len(text) - 3)[0] == len(shown.blocks) - 1


@given(
    st.lists(st.text(alphabet="ab.,", min_size=1, max_size=9), min_size=1, max_size=40),
    st.lists(st.integers(0, 39), max_size=8),
    st.integers(10, 40),
)
def test_plain_words_are_wrapped_as_any_text_is(words: list[str], chosen: list[int], width: int) -> None:
    text = " ".join(words) + "\n\n"
    starts = [sum(len(word) + 1 for word in words[:i]) for i in sorted(set(chosen)) if i < len(words)]
    plain = list(wrap(text, 0, len(text), starts, width, 2))
    slow = list(_wrap_any(text, 0, len(text), starts, width, 2, False))
    for row, other in zip(plain, slow, strict=True):
        assert (row.text, row.marks, row.first_mark) == (other.text, other.marks, other.first_mark)
        assert tuple(row.offsets) == tuple(other.offsets)


@given(st.lists(st.integers(0, 60), max_size=9), st.lists(st.integers(0, 60), max_size=9))
def test_only_blocks_with_a_changed_boundary_are_laid_out_anew(old: list[int], new: list[int]) -> None:
    text = "word\n\n" * 10
    layers = [Layer.from_offsets("sentence", len(text), canonical_offsets(text, part)) for part in (old, new)]
    at = [0]
    shown = Layout(Document("d", text), lambda: layers[at[0]], lambda: None)
    for block in range(len(shown.blocks)):
        shown.rows(block)
    at[0] = 1
    shown.update()
    fresh = Layout(Document("d", text), lambda: layers[1], lambda: None)
    assert [shown.rows(b) for b in range(len(shown.blocks))] == [fresh.rows(b) for b in range(len(fresh.blocks))]
