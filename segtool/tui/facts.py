"""What is known about the unit under the cursor, and why its boundary is there: rows of names and values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from segtool.core.layer import rows_at
from segtool.core.provenance import page_boxes
from segtool.core.tokens import TokenCounter
from segtool.tui.palette import glyph_of
from segtool.tui.state import ReviewState

if TYPE_CHECKING:
    from segtool.segmenters.reasons import SectionReasons

FactKind = Literal["heading", "pair", "alarm", "line", "detail"]

LONG_UNIT = 200_000
"""Characters from which tokens are estimated: counting must not hold up a key."""
_DECIDED = {"user": "you", "loader": "the structure of the source", "rule": "numbering or layout"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One row: a heading, a name with its value (``alarm``: one that needs a look), or a line of its own.

    ``depth`` indents a line by so many cells.
    """

    kind: FactKind
    name: str
    value: str = ""
    depth: int = 0


def facts(state: ReviewState, counter: TokenCounter, budget: int, reasons: SectionReasons | None = None) -> list[Fact]:
    """The facts about the unit under the cursor of a text that has one."""
    unit = state.unit()
    is_long = len(unit.span) > LONG_UNIT
    n_tokens = len(unit.span) // 5 if is_long else counter.count(unit.text)
    rows = [
        Fact("heading", f"{state.layer_name.capitalize()} {unit.index + 1:,} of {len(state.layer):,}"),
        Fact("pair", "offsets", f"{unit.start:,} to {unit.end:,}"),
        Fact("pair", "characters", f"{unit.end - unit.start:,}"),
        Fact(
            "alarm" if n_tokens > budget else "pair",
            "tokens",
            f"{'about ' if is_long else ''}{n_tokens:,} of {budget:,}{' !' if n_tokens > budget else ''}",
        ),
    ]
    boxes = page_boxes(state.base.document, unit.trimmed)
    if boxes:
        pages = sorted({box.page for box in boxes})
        value = f"{pages[0]}" if len(pages) == 1 else f"{pages[0]} to {pages[-1]}"
        rows.append(Fact("pair", "page" if len(pages) == 1 else "pages", value))
    rows.append(Fact("pair", "checked", "yes" if unit.boundary.offset in state.asserted().checked else "no"))
    note = state.note_at(unit.boundary.offset)
    if note:
        rows.append(Fact("pair", "note", note))
    return [*rows, *_question(state), *_why(state, reasons), *_section(state), *_path(state, unit.start)]


def _section(state: ReviewState) -> list[Fact]:
    if state.layer_name != "section":
        return []
    row = state.boundary()
    return [
        Fact("heading", "Section"),
        Fact("pair", "level", str(row.level)),
        Fact("pair", "number", (row.label.number if row.label else None) or "none"),
        Fact("pair", "heading", (row.label.heading if row.label else None) or "none"),
    ]


def _path(state: ReviewState, offset: int) -> list[Fact]:
    path = section_path(state, offset)
    rows = [Fact("line", part, depth=2 * depth) for depth, part in enumerate(path)]
    return [Fact("heading", "Path"), *rows] if rows else []


def _question(state: ReviewState) -> list[Fact]:
    """What is asked, where it is not the start of the unit under the cursor."""
    asked = state.asked
    if asked is None or asked == state.boundary().offset:
        return []
    chance = state.probability(asked)
    return [
        Fact("heading", "The question"),
        Fact("line", "Does a unit start at the lit word?"),
        Fact("pair", "chance", "unknown" if chance is None else f"{chance:.0%}"),
    ]


def _why(state: ReviewState, reasons: SectionReasons | None) -> list[Fact]:
    """Why a unit starts here: origin, chance, and what decided."""
    row = state.boundary()
    chance = state.probability(row.offset)
    rows = [Fact("heading", "Why it starts here"), Fact("pair", "origin", f"{glyph_of(row.score)} {row.origin}")]
    decided = "the text starts here" if row.offset == 0 else _DECIDED.get(row.origin)
    if decided:
        rows.append(Fact("pair", "decided by", decided))
    if chance is not None:
        rows.append(Fact("pair", "chance", f"{chance:.0%}"))
        if state.threshold is not None:
            lower = " (another one without punctuation)" if _is_bare(state, row.offset) else ""
            rows.append(Fact("pair", "threshold", f"{state.threshold:.2f}{lower}"))
    made = state.base.made_by.get(state.layer_name)
    if made is not None:
        rows.append(Fact("pair", "made by", f"{made.model} {made.version or ''}".strip()))
    return [*rows, *_evidence(row.offset, reasons if state.layer_name == "section" else None)]


def _is_bare(state: ReviewState, offset: int) -> bool:
    """Whether an offset stands in a stretch without punctuation, which has a threshold of its own."""
    scores = state.base.scores.get(state.layer_name)
    if scores is None or scores.bare is None:
        return False
    return bool(scores.bare[rows_at(scores.offsets, np.array([offset]))].any())


def _evidence(offset: int, reasons: SectionReasons | None) -> list[Fact]:
    """What speaks for and against a section here, the weightiest first."""
    if reasons is None:
        return []
    rows = []
    for reason in reasons.at(offset):
        weight = "   " if reason.weight is None else f"{reason.weight:+.1f}"
        rows.append(Fact("detail", weight, f"{reason.source}: {reason.text}"))
    return [Fact("heading", "Evidence (log odds)"), *rows] if rows else []


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
