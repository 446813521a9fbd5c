"""Re-anchoring: edits follow their paragraphs; nothing is lost; repeated text goes to the reviewer."""

from __future__ import annotations

import random
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from segtool.core.document import Document, Paragraph
from segtool.core.edits import Edit, EditLog
from segtool.core.reanchor import Anchors, make_anchors, reanchor
from segtool.core.span import Span

WORDS = sorted(set(re.findall("[a-z]+", __doc__ or "")))


def document(paragraphs: list[str]) -> Document:
    found, position = [], 0
    for text in paragraphs:
        found.append(Paragraph(Span(position, position + len(text))))
        position += len(text) + 2
    return Document("d", "\n\n".join(paragraphs), tuple(found))


def paragraph(seed: int) -> str:
    rng = random.Random(seed)
    return " ".join(rng.choices(WORDS, k=rng.randint(4, 30))).capitalize() + "."


def log_of(*edits: Edit) -> EditLog:
    return EditLog(edits, len(edits))


def anchors_of(text: Document, log: EditLog) -> Anchors:
    return make_anchors(text, {offset for edit in log.edits for offset in edit.offsets()})


@st.composite
def revisions(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    old = [paragraph(seed) for seed in draw(st.lists(st.integers(0, 12), min_size=1, max_size=12))]
    new = list(old)
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(new)))
        action = draw(st.sampled_from(["insert", "delete", "change"]))
        if action == "insert":
            new.insert(place, paragraph(draw(st.integers(0, 30))))
        elif new and action == "delete":
            del new[min(place, len(new) - 1)]
        elif new:
            words = new[min(place, len(new) - 1)].split()
            words[draw(st.integers(0, len(words) - 1))] = "amended"
            new[min(place, len(new) - 1)] = " ".join(words)
    return old, new


@settings(max_examples=200)
@given(revisions(), st.data())
def test_every_change_is_carried_or_in_conflict_and_lands_on_the_same_word(
    case: tuple[list[str], list[str]], data: st.DataObject
) -> None:
    old, new = document(case[0]), document(case[1])
    words = [i for i in range(1, len(old.text)) if old.text[i - 1] == " "]
    chosen = data.draw(st.lists(st.sampled_from(words), max_size=6, unique=True)) if words else []
    log = log_of(*(Edit("sentence", ((offset, 1),), (), ((offset, f"note {offset}"),)) for offset in chosen))
    result = reanchor(log, anchors_of(old, log), new)
    carried = [change for edit in result.log.edits for change in edit.changes]
    lost = [change for conflict in result.conflicts for change in conflict.edit.changes]
    assert len(carried) + len(lost) == len(chosen)
    notes = [note for part in (*result.log.edits, *(c.edit for c in result.conflicts)) for _, note in part.notes]
    assert sorted(notes) == sorted(f"note {offset}" for offset in chosen)
    assert {offset for offset, _ in lost} <= set(chosen)
    for edit in result.log.edits:
        for offset, note in edit.notes:
            origin = int(note.removeprefix("note "))
            same_after = new.text[offset : offset + 4] == old.text[origin : origin + 4]
            assert same_after or new.text[max(offset - 4, 0) : offset] == old.text[max(origin - 4, 0) : origin]


def test_the_same_text_keeps_the_log() -> None:
    text = document(["One two three.", "One two three."])
    log = log_of(Edit("sentence", ((4, 1),)))
    assert reanchor(log, anchors_of(text, log), text).log == log


def test_edits_in_repeated_paragraphs_go_to_the_reviewer() -> None:
    old = document(["First of all, the parties.", "Signed by the tenant.", "Middle.", "Signed by the tenant."])
    new = document(["Preamble.", *(old.text[p.span.start : p.span.end] for p in old.paragraphs)])
    inside = old.text.index("by the tenant")
    result = reanchor(log_of(Edit("sentence", ((inside, 1),))), anchors_of(old, log_of()), new)
    assert result.log.edits == ()
    assert result.conflicts[0].offset == inside
    assert "more than once" in result.conflicts[0].reason


def test_a_changed_paragraph_is_found_by_its_context() -> None:
    old = document(["Start here.", "The tenant pays the rent in advance. The landlord keeps the roof tight and dry."])
    new = document(["Start here.", "The tenant pays the whole rent in advance. The landlord keeps the roof tight."])
    at = old.text.index("The landlord")
    log = log_of(Edit("sentence", ((at, None),)))
    result = reanchor(log, anchors_of(old, log), new)
    assert result.conflicts == ()
    assert result.log.edits[0].changes == ((new.text.index("The landlord"), None),)


def test_half_a_move_is_a_conflict_with_both_halves() -> None:
    old = document(["Alpha beta gamma delta.", "Second paragraph with words of its own."])
    new = document(["Alpha beta gamma delta."])
    move = Edit("sentence", ((6, None), (old.text.index("words"), 1)), checked=((6, True),))
    result = reanchor(log_of(move), anchors_of(old, log_of(move)), new)
    assert result.log.edits == ()
    assert result.conflicts[0].edit == move


def test_undone_edits_stay_undone() -> None:
    old, new = document(["One two.", "Three four."]), document(["New.", "One two.", "Three four."])
    log = EditLog((Edit("sentence", ((4, 1),)), Edit("sentence", ((10, None),))), 1)
    result = reanchor(log, anchors_of(old, log), new)
    assert result.log.cursor == 1
    assert [edit.changes[0][0] for edit in result.log.edits] == [10, 16]
