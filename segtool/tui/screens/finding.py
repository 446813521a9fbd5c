"""Finding places: search, go to, filters, notes, conflicts, differences."""

from __future__ import annotations

from segtool.core.edits import Edit
from segtool.core.whitespace import next_non_space
from segtool.errors import UsageError
from segtool.tui import compare
from segtool.tui.filters import FILTERS
from segtool.tui.places import find_place
from segtool.tui.screens.base import shortened
from segtool.tui.screens.changing import Changing
from segtool.tui.screens.prompt import ChoiceScreen, PromptScreen
from segtool.tui.search import Search, search


class Finding(Changing):
    """Actions that look for something."""

    def action_search(self) -> None:
        """Ask for a query."""
        screen = PromptScreen(
            "Search",
            [("words", self.search.query if self.search else "")],
            switches=[("regular expression", False), ("in headings", False)],
            hint="' next hit, \" the one before; capitals count if there are any",
            check=self._wrong_query,
        )
        self.app.push_screen(screen, self._search)

    def _find(self, values: list[str]) -> Search:
        return search(self.state, values[0], is_regex=bool(values[1]), in_headings=bool(values[2]))

    def _wrong_query(self, values: list[str]) -> str | None:
        try:
            self._find(values)
        except UsageError as error:
            return str(error)
        return None

    def _search(self, values: list[str] | None) -> None:
        if values is None:
            return
        self.search = self._find(values) if values[0] else None
        if self.search is None:
            self.after()
        elif not self.search.hits:
            self.after(f"“{values[0]}” is not in the text")
        else:
            hit = self.search.next(self.state.cursor - 1)
            self._go(hit.start if hit else self.state.cursor, centre=True)

    def _hit(self, step: int) -> None:
        hit = self.search.next(self.state.cursor, step) if self.search else None
        if hit is None:
            self.after("search first: press /")
        else:
            self._go(hit.start, centre=True)

    def action_next_hit(self) -> None:
        """The next hit."""
        self._hit(1)

    def action_previous_hit(self) -> None:
        """The hit before."""
        self._hit(-1)

    def action_goto(self) -> None:
        """Ask for a place."""
        screen = PromptScreen(
            "Go to",
            [("p12, @3400, 4.2(a), or words of a heading", "")],
            hint="a page, an offset, a section",
            check=lambda values: None if self._place(values[0]) is not None else "there is no such place",
        )
        self.app.push_screen(screen, self._goto)

    def _place(self, wanted: str) -> int | None:
        return find_place(self.state, self.pages, wanted)

    def _goto(self, values: list[str] | None) -> None:
        place = self._place(values[0]) if values else None
        if place is not None:
            self._go(place, centre=True)

    def action_filter(self) -> None:
        """Ask which units to go through."""
        screen = ChoiceScreen("Go through", FILTERS, hint="[ and ] then stop at these only")
        self.app.push_screen(screen, self._filter)

    def _filter(self, index: int | None) -> None:
        if index is None:
            return
        self.filter = FILTERS[index]
        indices = self.indices()
        if not indices:
            self.after(f"no unit is {self.filter}")
        elif self.filter != "all" and self.state.unit_index() not in indices:
            self._go(int(self.state.layer.offsets[indices[0]]), centre=True)
        else:
            self.after()

    def action_notes(self) -> None:
        """All notes; the one chosen is shown."""
        notes = self.state.all_notes()
        if not notes:
            self.after("there are no notes: N writes one")
            return
        lines = [f"{note}: {name} {self._beginning(offset)}" for name, offset, note in notes]
        self.app.push_screen(ChoiceScreen("Notes", lines), self._show_note)

    def _beginning(self, offset: int) -> str:
        """The first words at an offset, and the page."""
        page = self.pages.at(offset)
        words = shortened(self.state.text[offset : offset + 80], 40)
        return f"“{words}”" + (f" p {page}" if page is not None else "")

    def _show_note(self, index: int | None) -> None:
        if index is not None:
            name, offset, _ = self.state.all_notes()[index]
            if name in self.state.layer_names:
                self.show_layer(name)
            self._go(offset, centre=True)

    # Conflicts

    def action_conflicts(self) -> None:
        """Edits that lost their place."""
        conflicts = self.session.sidecar.conflicts if self.session.sidecar else ()
        if not conflicts:
            self.after("there are no conflicts")
            return
        lines = [
            f"{c.edit.layer} at {c.offset:,} of the earlier text: {c.reason}: “{' '.join(c.after.split())}”"
            for c in conflicts
        ]
        self.app.push_screen(ChoiceScreen("Edits without a place in this text", lines), self._conflict)

    def _conflict(self, index: int | None) -> None:
        if index is None:
            return
        choices = ("place it at the cursor", "look for its text", "dismiss it")
        self.app.push_screen(ChoiceScreen("This edit", choices), lambda choice: self._settle(index, choice))

    def _settle(self, index: int, choice: int | None) -> None:
        sidecar = self.session.sidecar
        if sidecar is None or choice is None:
            return
        conflict = sidecar.conflicts[index]
        if choice == 1:
            self.search = search(self.state, conflict.after.strip()[:20])
            self._hit(1)
            return
        if choice == 0:
            moved = _moved(conflict.edit, conflict.offset, next_non_space(self.state.text, self.state.cursor))
            if moved is None:
                self.after("no unit can start here, or the edit has several places: make it by hand")
                return
            self.state.commit(moved)
        self.session.settle(index)
        self.after("placed" if choice == 0 else "dismissed")

    # Differences

    def action_next_difference(self) -> None:
        """The next difference."""
        if self.other is None:
            self.after("nothing to compare with: segtool review A --against B")
            return
        found = compare.differences(self.state, self.other)
        later = next((d for d in found if d.offset > self.state.cursor), found[0] if found else None)
        if later is None:
            self.after(f"no differences in {self.state.layer_name}s")
            return
        self._go(later.offset, centre=True)
        here = "starts here" if later.ours else "does not start here"
        there = "starts here" if later.theirs else "does not start here"
        self._said = f"a unit {here}; in {self.options.against} it {there}: = takes their word"
        self.say_status()

    def action_differences(self) -> None:
        """All differences; the one chosen is shown."""
        found = compare.differences(self.state, self.other) if self.other is not None else []
        if not found:
            self.after("no differences" if self.other else "nothing to compare with: segtool review A --against B")
            return
        text = self.state.text
        lines = []
        for d in found:
            where = "ours" if d.theirs is None else "theirs" if d.ours is None else f"level {d.ours} or {d.theirs}"
            before, after = text[max(d.offset - 30, 0) : d.offset], text[d.offset : d.offset + 30]
            lines.append(f"{where:<12} …{' '.join(before.split())} | {' '.join(after.split())}…")
        screen = ChoiceScreen("Differences", lines, hint="enter goes there, = takes their word")
        self.app.push_screen(
            screen, lambda index: self._go(found[index].offset, centre=True) if index is not None else None
        )

    def action_accept_difference(self) -> None:
        """Take the other's word, and go to the next difference."""
        if self.other is None:
            self.after("nothing to compare with: segtool review A --against B")
            return
        found = compare.differences(self.state, self.other)
        here = next((d for d in found if d.offset == self.state.cursor), None)
        if here is None:
            self.after("no difference here: d goes to the next")
            return
        compare.accept(self.state, here, self.other)
        self.action_next_difference()


def _moved(edit: Edit, source: int, target: int) -> Edit | None:
    """The edit at another offset, None if it speaks of several."""
    if edit.offsets() != (source,) or not target:
        return None
    return Edit(
        edit.layer,
        tuple((target, level) for _, level in edit.changes),
        tuple((target, label) for _, label in edit.labels),
        tuple((target, note) for _, note in edit.notes),
        tuple((target, mark) for _, mark in edit.checked),
    )
