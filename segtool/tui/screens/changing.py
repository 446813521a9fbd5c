"""Actions that change units: each is one edit, undone in one step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from textual import on

from segtool.core.layer import Label
from segtool.tui import motions, operations, variants
from segtool.tui.filters import matching
from segtool.tui.messages import BoundaryDragged, BoundaryToggled
from segtool.tui.screens.hints import HintScreen
from segtool.tui.screens.moving import Moving
from segtool.tui.screens.prompt import ChoiceScreen, PromptScreen

REASONS = ("not a sentence", "list or table", "citation", "heading", "footnote or page furniture", "ask a colleague")
"""Notes that one digit writes."""


class Changing(Moving):
    """Boundaries, levels, labels, notes, checked marks, the queue, undo."""

    def _change(self, is_changed: bool, message: str = "") -> None:
        self.after("" if is_changed else message or "nothing to change here")

    # Boundaries

    def action_toggle_boundary(self) -> None:
        """A unit starts at the cursor, or no longer does."""
        self._change(operations.toggle(self.state), "no unit can start here")

    def action_split(self) -> None:
        """Split at the cursor; a selection becomes a unit."""
        make = operations.make_unit if self.state.anchor is not None else operations.split
        self._change(make(self.state), "a unit starts here already")

    def action_split_candidate(self) -> None:
        """Split at the nearest candidate."""
        self._change(operations.split_at_candidate(self.state), "no candidate in this unit")

    def action_merge_next(self) -> None:
        """Merge with the next unit."""
        self._change(operations.merge_next(self.state), "this is the last unit")

    def action_merge_previous(self) -> None:
        """Merge with the unit before."""
        self._change(operations.merge_previous(self.state), "this is the first unit")

    def _push(self, by: str, forward: bool) -> None:
        asked = self.state.asked
        if asked is not None:
            self.state.move_to(asked)
        is_moved = operations.push_boundary(self.state, by, forward)
        self.state.asked = None if is_moved else asked
        self._change(is_moved, "the start of this unit can't move there")

    def action_move_left(self) -> None:
        """The unit starts a word earlier."""
        self._push("word", False)

    def action_move_right(self) -> None:
        """The unit starts a word later."""
        self._push("word", True)

    def action_move_left_character(self) -> None:
        """The unit starts a character earlier."""
        self._push("character", False)

    def action_move_right_character(self) -> None:
        """The unit starts a character later."""
        self._push("character", True)

    def action_move_left_candidate(self) -> None:
        """The unit starts at the candidate before."""
        self._push("candidate", False)

    def action_move_right_candidate(self) -> None:
        """The unit starts at the next candidate."""
        self._push("candidate", True)

    @on(BoundaryToggled)
    def toggle_clicked(self, message: BoundaryToggled) -> None:
        """A mark was clicked."""
        self.state.move_to(message.offset)
        self._change(operations.toggle(self.state, message.offset), "the first unit starts here")

    @on(BoundaryDragged)
    def move_dragged(self, message: BoundaryDragged) -> None:
        """A mark was dragged: to the start of the word where it was dropped."""
        text = self.state.text
        target = message.target
        while target > 0 and text[target - 1].isalnum() and text[target].isalnum():
            target -= 1
        index = self.state.unit_index(message.source)
        self._change(operations.move_boundary(self.state, index, target), "it can't move over another boundary")

    def action_hints(self) -> None:
        """Letters at every candidate in view; the one typed is toggled."""
        start, end = self.text.visible_offsets()
        found = self.state.candidates()
        low, high = np.searchsorted(found.offsets, [start, end])
        chosen = set(found.offsets[low:high].tolist()) | {o for o in self._starts() if start < o < end}
        place = start
        while (next_place := motions.next_end(self.state.text, place)) > place and next_place < end:
            place = next_place
            chosen.add(place)
        offsets = sorted(chosen - {0})
        if len(offsets) > 26 * 25:
            doubts = dict(zip(found.offsets[low:high].tolist(), found.doubt[low:high].tolist(), strict=True))
            offsets = sorted(sorted(offsets, key=lambda o: -doubts.get(o, 1.0))[: 26 * 25])
        screen = HintScreen(offsets)
        self.text.hints = screen.hints
        self.text.refresh()
        self.app.push_screen(screen, self._take_hint)

    def _starts(self) -> list[int]:
        starts: list[int] = self.state.layer.offsets.tolist()
        return starts

    def _take_hint(self, offset: int | None) -> None:
        self.text.hints = {}
        if offset is not None:
            self.state.move_to(offset)
            operations.toggle(self.state)
        self.after()

    def action_alternatives(self) -> None:
        """The best ways to cut the stretch around the question or the start of the unit; one is taken."""
        found = variants.variants(self.state)
        if not found:
            self.after(f"the scores know no other way to cut these {self.state.layer_name}s")
            return
        lines = [f"{v.chance:4.0%}{' ✓' if v.is_current else '  '} {v.shown(self.state.text)}" for v in found]
        chosen = next((i for i, v in enumerate(found) if v.is_current), 0)
        screen = ChoiceScreen("Ways to cut here", lines, chosen=chosen, hint="✓ as it is; a digit or enter takes one")
        self.app.push_screen(screen, lambda index: self._take_variant(found[index] if index is not None else None))

    def _take_variant(self, variant: variants.Variant | None) -> None:
        if variant is None:
            return
        variants.take(self.state, variant)
        if self.state.asked is not None:
            self._ask(1)
        else:
            self.after()

    # Sections

    def action_promote(self) -> None:
        """One level less deep."""
        self._change(operations.change_level(self.state, -1), "this is the outermost level")

    def action_demote(self) -> None:
        """One level deeper."""
        self._change(operations.change_level(self.state, 1), "no deeper level")

    def action_retitle(self) -> None:
        """Edit number and heading."""
        if self.state.layer_name != "section":
            self.after("only sections have numbers and headings: press 3")
            return
        label = self.state.boundary().label or Label()
        screen = PromptScreen(
            "Name of the section",
            [("number", label.number or ""), ("heading", label.heading or "")],
            hint="enter keeps, esc leaves",
        )
        self.app.push_screen(screen, self._retitle)

    def _retitle(self, values: list[str] | None) -> None:
        if values is not None:
            self._change(operations.retitle(self.state, Label(values[0].strip() or None, values[1].strip() or None)))

    # Notes and marks

    def action_note(self) -> None:
        """Write a note; a digit is a usual reason."""
        note = self.state.note_at(self.state.boundary().offset)
        screen = PromptScreen(
            "Note on this unit", [("note", note)], presets=REASONS, hint="enter keeps, empty removes, esc leaves"
        )
        self.app.push_screen(screen, self._write_note)

    def _write_note(self, values: list[str] | None) -> None:
        if values is not None:
            self._change(operations.write_note(self.state, values[0].strip()), "the note is as it was")

    def action_check(self) -> None:
        """Mark as checked and go on."""
        was_selected = self.state.anchor is not None
        operations.check_units(self.state)
        self.state.anchor = None
        offset = self.state.boundary().offset
        if not was_selected and offset in self.state.asserted().checked:
            self.action_next_unit()
        else:
            self.after()

    def action_accept_all(self) -> None:
        """Check all units of the filter above a chance."""
        scope = "all units" if self.filter == "all" else f"the units of the filter “{self.filter}”"
        screen = PromptScreen(
            f"Check {scope} that start with at least this chance",
            [("chance in percent", "90")],
            hint="enter checks them (one undo), esc leaves",
            check=_wrong_percent,
        )
        self.app.push_screen(screen, self._accept_all)

    def _accept_all(self, values: list[str] | None) -> None:
        if values is None:
            return
        indices = matching(self.state, self.filter, self.options.budget, self.options.counter)
        n = operations.accept_all(self.state, float(values[0]) / 100, indices)
        self.after(f"{n:,} checked; u takes it back")

    # The queue

    def _answer(self, is_start: bool) -> None:
        if not self.state.answer(is_start):
            self.after(self._no_question())
            return
        self.after(centre=True)

    def _no_question(self) -> str:
        return "no question is open" + (" yet" if self.working else "")

    def action_yes(self) -> None:
        """A unit starts here."""
        self._answer(True)

    def action_no(self) -> None:
        """No unit starts here."""
        self._answer(False)

    def action_next_question(self) -> None:
        """The least certain open boundary."""
        self._ask(1)

    def action_previous_question(self) -> None:
        """The question before."""
        self._ask(-1)

    def _ask(self, step: int) -> None:
        found = self.state.ask(step)
        self.after("" if found is not None else self._no_question(), centre=True)

    # Undo

    def _turn(self, turn: Callable[[], bool], message: str) -> None:
        is_turned = turn()
        self.after("" if is_turned else message, centre=self.state.asked is not None)

    def action_undo(self) -> None:
        """Take the last edit back."""
        self._turn(self.state.undo, "nothing to undo")

    def action_redo(self) -> None:
        """Bring it back."""
        self._turn(self.state.redo, "nothing to redo")


def _wrong_percent(values: list[str]) -> str | None:
    try:
        return None if 0 <= float(values[0]) <= 100 else "between 0 and 100"
    except ValueError:
        return "a number between 0 and 100"
