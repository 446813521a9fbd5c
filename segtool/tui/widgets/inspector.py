"""What is known about the unit under the cursor, and why its boundary is there."""

from __future__ import annotations

import numpy as np
from rich.text import Text
from textual.widget import Widget

from segtool.core.provenance import page_boxes
from segtool.core.tokens import TokenCounter
from segtool.tui.palette import DARK, Palette, glyph_of
from segtool.tui.state import ReviewState


class Inspector(Widget):
    """A column of facts."""

    DEFAULT_CSS = "Inspector { width: 34; height: 1fr; padding: 0 1; overflow-y: auto; }"

    def __init__(
        self,
        state: ReviewState,
        counter: TokenCounter,
        budget: int,
        palette: Palette = DARK,
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.state = state
        self.counter = counter
        self.budget = budget
        self.palette = palette
        self._look: tuple[object, ...] = ()

    def show(self, state: ReviewState) -> None:
        """Show another state."""
        self.state = state
        self.refresh()

    def follow(self) -> None:
        """Draw anew if the cursor is in another unit, or the state has changed."""
        look = (self.state.unit_index(), self.state.asked, self.state.revision)
        if look != self._look:
            self._look = look
            self.refresh()

    def render(self) -> Text:
        """The facts."""
        background = self.palette.shades[0].bgcolor
        self.styles.background = background.name if background is not None else "ansi_default"
        text = Text(style=self.palette.shades[0], no_wrap=False)
        if self.state.unit_index() < 0:
            return text.append("The text is empty.")
        for name, value in facts(self.state, self.counter, self.budget):
            if not name:
                text.append(f"\n{value}\n", style=self.palette.heading)
                continue
            if name.isspace():
                text.append(f"{name[1:]}{value}\n")
                continue
            text.append(f"{name:<11}", style=self.palette.dim)
            text.append(f"{value}\n", style=self.palette.alarm if value.endswith("!") else None)
        return text


def facts(state: ReviewState, counter: TokenCounter, budget: int) -> list[tuple[str, str]]:
    """Names and values about the unit under the cursor; an empty name is a heading, a blank
    one a line of a list, and a value that ends in ``!`` an alarm."""
    unit = state.unit()
    n_tokens = counter.count(unit.text) if len(unit.span) < 200_000 else len(unit.span) // 5
    over = "!" if n_tokens > budget else ""
    rows = [
        ("", f"{state.layer_name.capitalize()} {unit.index + 1:,} of {len(state.layer):,}"),
        ("offsets", f"{unit.start:,} to {unit.end:,}"),
        ("characters", f"{unit.end - unit.start:,}"),
        ("tokens", f"{n_tokens:,} of {budget:,}{over}"),
    ]
    boxes = page_boxes(state.base.document, unit.trimmed)
    if boxes:
        pages = sorted({box.page for box in boxes})
        rows.append(("page", f"{pages[0]}" if len(pages) == 1 else f"{pages[0]} to {pages[-1]}"))
    path = section_path(state, unit.start)
    if path:
        rows.append(("", "Path"))
        rows += [(" " * depth, part) for depth, part in enumerate(path, 1)]
    if state.layer_name == "section":
        label = unit.label
        rows += [
            ("", "Section"),
            ("level", str(unit.boundary.level)),
            ("number", (label.number if label else None) or "none"),
            ("heading", (label.heading if label else None) or "none"),
        ]
    rows += _reasons(state)
    note = state.note_at(unit.boundary.offset)
    if note:
        rows += [("", "Note"), ("note", note)]
    rows.append(("checked", "yes" if unit.boundary.offset in state.asserted().checked else "no"))
    return rows


def _reasons(state: ReviewState) -> list[tuple[str, str]]:
    """Why a unit starts here: origin, chance, and what decided."""
    row = state.boundary()
    chance = state.probability(row.offset)
    rows = [("", "Why it starts here"), ("origin", f"{glyph_of(row.score)} {row.origin}")]
    if row.offset == 0:
        rows.append(("decided by", "the text starts here"))
    elif row.origin == "user":
        rows.append(("decided by", "you"))
    elif row.origin == "loader":
        rows.append(("decided by", "the structure of the source"))
    elif row.origin == "rule":
        rows.append(("decided by", "numbering or layout"))
    if chance is not None:
        rows.append(("chance", f"{chance:.0%}"))
        if state.threshold is not None:
            rows.append(("threshold", f"{state.threshold:.2f}"))
    made = state.base.made_by.get(state.layer_name)
    if made is not None:
        rows.append(("made by", f"{made.model} {made.version or ''}".strip()))
    asked = state.asked
    if asked is not None and asked != row.offset:
        open_chance = state.probability(asked)
        rows += [("", "The question"), ("chance", "unknown" if open_chance is None else f"{open_chance:.0%}")]
    return rows


def section_path(state: ReviewState, offset: int) -> list[str]:
    """Numbers and headings of the sections around an offset, outermost first."""
    if "section" not in state.layer_names:
        return []
    layer = state.current("section")
    row = layer.find(offset)
    path: list[str] = []
    while row >= 0:
        label = layer.labels.get(int(layer.offsets[row]))
        path.append(f"{label.number or ''} {label.heading or ''}".strip() if label else "")
        outer = np.flatnonzero(layer.levels[:row] < layer.levels[row])
        row = int(outer[-1]) if len(outer) else -1
    return [part for part in reversed(path) if part]
