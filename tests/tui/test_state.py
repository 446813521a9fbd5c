"""The state of a review: any operations undone give the start, replay equals the live state, layers still tile."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from segtool.core.document import Document
from segtool.core.edits import Edit, EditLog, replay
from segtool.core.layer import Label, Layer, LayerName
from segtool.core.scores import Scores
from segtool.core.segmentation import MadeBy, Segmentation
from segtool.core.tokens import WordCounter
from segtool.segmenters.decode import decode
from segtool.tui import compare, operations
from segtool.tui.filters import FILTERS, matching
from segtool.tui.places import Pages, find_place
from segtool.tui.search import search
from segtool.tui.state import ReviewState
from segtool.tui.strip import column_of, make_strip, offset_of
from segtool.tui.variants import take, variants

TEXT = (
    "1 Rent\n\nThe rent is due in advance. It is paid to the landlord, i.e. the owner. No set-off.\n\n"
    "2 Repairs\n\nThe landlord keeps the roof. The tenant keeps the rest; see no. 4 below. Costs are shared.\n"
)


def base(text: str = TEXT) -> Segmentation:
    starts = [i + 2 for i in range(len(text) - 2) if text[i] in ".\n;," and text[i + 1].isspace()]
    offsets = np.array([o for o in starts if o < len(text) and not text[o].isspace()], dtype=np.int64)
    chances = np.linspace(0.05, 0.95, len(offsets), dtype=np.float32)
    scores = Scores("sentence", len(text), offsets, chances)
    headings = [0, text.index("2 Repairs")]
    sections = Layer.from_offsets("section", len(text), np.array(headings), origin="rule")
    labels = {0: Label("1", "Rent"), headings[1]: Label("2", "Repairs")}
    sections = Layer("section", len(text), *_columns(sections), labels)
    layers = {"sentence": decode(scores, 0.5), "section": sections}
    return Segmentation(Document("lease.txt", text), layers, {"sentence": MadeBy("m", "1", 0.5)}, {"sentence": scores})


def _columns(layer: Layer) -> tuple[np.ndarray, ...]:
    return layer.offsets, layer.levels, layer.scores, layer.origins


def decide(segmentation: Segmentation, name: LayerName, threshold: float) -> Layer:
    return decode(segmentation.scores[name], threshold)


class Keeper:
    """A recorder that keeps everything, as the journal does."""

    def __init__(self) -> None:
        self.log = EditLog()

    def append_edit(self, edit: Edit) -> None:
        self.log = self.log.append(edit)

    def append_cursor(self, cursor: int) -> None:
        self.log = EditLog(self.log.edits, cursor)


def new_state(keeper: Keeper | None = None) -> ReviewState:
    return ReviewState(base(), recorder=keeper, decode=decide)


Operation = Callable[[ReviewState], object]


def take_second_variant(state: ReviewState) -> None:
    found = variants(state)
    if len(found) > 1:
        take(state, found[1])


OPERATIONS: list[Operation] = [
    take_second_variant,
    operations.toggle,
    operations.split,
    operations.split_at_candidate,
    operations.merge_next,
    operations.merge_previous,
    lambda s: operations.push_boundary(s, "word", True),
    lambda s: operations.push_boundary(s, "word", False),
    lambda s: operations.push_boundary(s, "character", True),
    lambda s: operations.push_boundary(s, "candidate", False),
    lambda s: operations.change_level(s, 1),
    lambda s: operations.change_level(s, -1),
    lambda s: operations.retitle(s, Label("9", "New")),
    lambda s: operations.write_note(s, "why"),
    lambda s: operations.write_note(s, ""),
    operations.check_units,
    operations.make_unit,
    lambda s: operations.accept_all(s, 0.9, np.arange(len(s.layer))),
    lambda s: s.answer(True),
    lambda s: s.answer(False),
    lambda s: s.ask(),
    lambda s: setattr(s, "anchor", s.cursor),
    lambda s: s.show_layer("section"),
    lambda s: s.show_layer("sentence"),
    lambda s: s.undo(),
    lambda s: s.redo(),
]
steps = st.tuples(st.integers(0, len(TEXT) + 5), st.sampled_from(OPERATIONS))


@settings(max_examples=200, deadline=None)
@given(st.lists(steps, max_size=12))
def test_any_operations_tile_replay_and_undo(sequence: list[tuple[int, Operation]]) -> None:
    keeper = Keeper()
    state = new_state(keeper)
    start = state.result().layers
    for offset, operation in sequence:
        state.move_to(offset)
        operation(state)
        for layer in state.result().layers.values():
            assert "".join(span.of(TEXT) for span in layer.spans()) == TEXT
            assert not any(TEXT[o].isspace() for o in layer.offsets.tolist()[1:])
    assert replay(base(), state.log.active).layers == state.result().layers
    assert keeper.log == state.log
    reopened = ReviewState(base(), log=keeper.log)
    assert reopened.result().layers == state.result().layers
    while state.undo():
        pass
    assert state.result().layers == start
    while state.redo():
        pass
    assert replay(base(), keeper.log.edits).layers == state.result().layers


def test_toggle_twice_gives_the_units_back() -> None:
    state = new_state()
    state.move_to(TEXT.index("It is paid") + 3)
    before = state.layer.offsets.tolist()
    assert operations.toggle(state)
    assert state.layer.offsets.tolist() != before
    assert operations.toggle(state)
    assert state.layer.offsets.tolist() == before


def test_the_queue_asks_the_most_doubtful_first_and_each_once() -> None:
    state = new_state()
    asked = []
    offset = state.ask()
    while offset is not None:
        asked.append(offset)
        state.answer(state.layer.offsets[state.unit_index(offset)] == offset)
        offset = state.asked
    assert len(asked) == len(set(asked)) == len(state.queue())
    doubts = [state.queue().doubts[state.queue().position(o) or 0] for o in asked]
    assert doubts == sorted(doubts, reverse=True)


def test_a_wrong_boundary_with_scores_left_comes_first() -> None:
    found = base()
    sure = int(found.scores["sentence"].offsets[-1])
    kept = found.layers["sentence"].offsets
    flipped = Layer.from_offsets("sentence", len(TEXT), kept[kept != sure])
    state = ReviewState(Segmentation(found.document, {**found.layers, "sentence": flipped}, {}, found.scores))
    assert state.ask() == sure
    state.answer(True)
    assert sure in state.layer.offsets


def test_a_threshold_moves_units_but_not_edits() -> None:
    state = new_state()
    state.move_to(TEXT.index("landlord, i.e."))
    operations.split(state)
    at = state.cursor
    before = len(state.layer)
    change = state.set_threshold(0.1)
    assert change > 0
    assert len(state.layer) == before + change
    assert at in state.layer.offsets
    assert state.set_threshold(0.5) == -change


def test_accept_all_is_one_undo() -> None:
    state = new_state()
    n = operations.accept_all(state, 0.7, np.arange(len(state.layer)))
    assert 0 < n == state.checked_units()
    state.undo()
    assert state.checked_units() == 0


def test_a_move_takes_label_and_note_along_and_stops_at_neighbours() -> None:
    state = new_state()
    state.show_layer("section")
    state.move_to(TEXT.index("2 Repairs"))
    operations.write_note(state, "check")
    assert operations.push_boundary(state, "word", True)
    moved = TEXT.index("Repairs")
    assert state.layer.labels[moved] == Label("2", "Repairs")
    assert state.note_at(moved) == "check"
    assert not operations.move_boundary(state, 1, 0)


def test_a_selection_becomes_one_unit() -> None:
    state = new_state()
    start = TEXT.index("It is paid")
    state.anchor = start
    state.move_to(TEXT.index("No set-off."))
    assert operations.make_unit(state)
    assert state.unit(state.unit_index(start)).start == start


def test_filters_give_units_of_their_kind() -> None:
    state = new_state()
    for name in FILTERS:
        assert set(matching(state, name, 5, WordCounter()).tolist()) <= set(range(len(state.layer)))
    long = matching(state, "too long", 5, WordCounter())
    assert all(WordCounter().count(state.unit(i).text) > 5 for i in long.tolist())
    operations.write_note(state, "n")
    assert matching(state, "noted", 5, WordCounter()).tolist() == [0]


def test_search_places_and_strip() -> None:
    state = new_state()
    assert len(search(state, "LANDLORD").hits) == 0
    assert len(search(state, "landlord").hits) == 2
    assert [TEXT[h.start : h.end] for h in search(state, r"no\. \d", is_regex=True).hits] == ["no. 4"]
    assert [h.start for h in search(state, "repairs", in_headings=True).hits] == [TEXT.index("2 Repairs")]
    pages = Pages(state.base.document)
    assert find_place(state, pages, "2") == TEXT.index("2 Repairs")
    assert find_place(state, pages, "@7") == 7
    assert find_place(state, pages, "repair") == TEXT.index("2 Repairs")
    assert find_place(state, pages, "p3") is None
    strip = make_strip(state, 20)
    assert len(strip.chance) == len(strip.checked) == 20
    for column in range(20):
        assert column_of(offset_of(column, len(TEXT), 20), len(TEXT), 20) == column


def test_differences_can_be_accepted_until_none_is_left() -> None:
    state = new_state()
    other = Segmentation(state.base.document, {"sentence": decide(state.base, "sentence", 0.2)})
    while found := compare.differences(state, other):
        compare.accept(state, found[0], other)
    assert state.layer.offsets.tolist() == other.layers["sentence"].offsets.tolist()


def test_an_empty_text_takes_every_operation() -> None:
    empty = Segmentation(Document("e", ""), {"sentence": Layer.from_boundaries("sentence", 0, ())})
    state = ReviewState(empty)
    for operation in (operations.toggle, operations.split, operations.merge_next, operations.check_units):
        assert not operation(state)
    assert state.ask() is None
    assert make_strip(state, 5).checked.tolist() == [0] * 5


def test_a_variant_cuts_the_two_units_around_a_boundary_and_is_undone_in_one_step() -> None:
    state = ReviewState(base(), decode=lambda made, name, value: decode(made.scores[name], value))
    state.move_to(int(state.layer.offsets[4]))
    before = state.layer
    found = variants(state)
    assert sum(v.is_current for v in found) <= 1
    assert len({v.starts for v in found}) == len(found) > 1
    other = next(v for v in found if not v.is_current)
    take(state, other)
    inside = [o for o in state.layer.offsets.tolist() if other.span.start < o < other.span.end]
    assert tuple(inside) == other.starts
    outside = [o for o in before.offsets.tolist() if not other.span.start < o < other.span.end]
    assert [o for o in state.layer.offsets.tolist() if not other.span.start < o < other.span.end] == outside
    assert [v.is_current for v in variants(state)].count(True) <= 1
    state.undo()
    assert state.layer == before
