"""What a reviewer changed and noted, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from segtool.core.edits import Assertions, Edit, fold
from segtool.core.layer import LayerName
from segtool.core.reanchor import Conflict
from segtool.core.segmentation import Segmentation
from segtool.storage.markdown import escape

_QUOTE = 60


def report_lines(base: Segmentation, edits: tuple[Edit, ...], conflicts: tuple[Conflict, ...] = ()) -> Iterator[str]:
    """The report, line by line: for each layer the boundaries added and removed, levels, names and notes; conflicts."""
    yield f"# Review of {escape(base.document.id)}"
    folded: Mapping[LayerName, Assertions] = fold(edits)
    if not folded and not conflicts:
        yield ""
        yield "Nothing was changed or noted."
    for name, assertions in folded.items():
        if name in base.layers:
            yield from _layer(base, name, assertions)
    if conflicts:
        yield from ("", "## Conflicts", "")
        for conflict in conflicts:
            yield f"- offset {conflict.offset} of the earlier text: {conflict.reason}: “{_flat(conflict.after)}”"


def _layer(base: Segmentation, name: LayerName, assertions: Assertions) -> Iterator[str]:
    layer, text = base.layers[name], base.document.text
    levels = dict(zip(layer.offsets.tolist(), layer.levels.tolist(), strict=True))
    added, removed, moved = [], [], []
    for offset, level in sorted(assertions.changes.items()):
        if level is None:
            if offset in levels:
                removed.append(offset)
        elif offset not in levels:
            added.append(offset)
        elif levels[offset] != level:
            moved.append((offset, levels[offset], level))
    yield from ("", f"## {name.capitalize()}s", "")
    yield (
        f"{len(added)} boundaries added, {len(removed)} removed, {len(moved)} levels changed, "
        f"{len(assertions.checked)} places checked, {len(assertions.notes)} notes."
    )
    rows = [(offset, f"added: {_around(text, offset)}") for offset in added]
    rows += [(offset, f"removed: {_around(text, offset)}") for offset in removed]
    rows += [(offset, f"level {old} → {new}: {_around(text, offset)}") for offset, old, new in moved]
    for offset, label in assertions.labels.items():
        name_now = " ".join(part for part in (label.number, label.heading) if part)
        rows.append((offset, f"named {escape(name_now) or 'nothing'}"))
    rows += [(offset, f"note: {escape(_flat(note))}") for offset, note in assertions.notes.items()]
    if rows:
        yield ""
    for offset, line in sorted(rows):
        yield f"- {offset}: {line}"


def _around(text: str, offset: int) -> str:
    before = _flat(text[max(offset - _QUOTE // 2, 0) : offset])
    return f"…{escape(before)} **|** {escape(_flat(text[offset : offset + _QUOTE]))}…"


def _flat(text: str) -> str:
    return " ".join(text.split())
