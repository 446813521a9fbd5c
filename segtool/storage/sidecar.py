"""The sidecar of a reviewed document: ``NAME.segtool.json`` beside it, everything needed to apply or resume a review.

The file is a snapshot, written whole or not at all; what happened since lies in the journal beside it
(``storage.journal``), and reading a sidecar reads both.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from segtool.core.document import Document
from segtool.core.edits import Edit, EditLog, replay
from segtool.core.layer import Label, LayerName
from segtool.core.reanchor import Anchors, Conflict, context_at, hash_text, make_anchors, reanchor
from segtool.core.segmentation import MadeBy, Segmentation
from segtool.errors import EditError, OutputError

FORMAT = 1
SUFFIX = ".segtool.json"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reviewer stood, and how far the layer in view was.

    Attributes:
        offset: of the cursor.
        layer: the layer in view.
        thresholds: chosen by the reviewer, by layer.
        n_units: units of the layer in view.
        n_checked: how many of them are checked.
        n_wrong: how many open decisions are expected to be wrong (the sum of their doubts).
    """

    offset: int = 0
    layer: LayerName = "sentence"
    thresholds: Mapping[LayerName, float] = field(default_factory=dict)
    n_units: int = 0
    n_checked: int = 0
    n_wrong: float = 0.0


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A review of one document.

    Attributes:
        anchors: what is kept of the text that the edits are about.
        log: the edits.
        conflicts: edits of an earlier text that have no certain place in this one.
        place: where to resume.
        source_hash: sha256 of the source's bytes, None where it is unknown.
        models: by layer, what made the segmentation that was reviewed.
        generation: counts the snapshots; a journal belongs to one of them.
    """

    anchors: Anchors
    log: EditLog = field(default_factory=EditLog)
    conflicts: tuple[Conflict, ...] = ()
    place: Place = field(default_factory=Place)
    source_hash: str | None = None
    models: Mapping[LayerName, MadeBy] = field(default_factory=dict)
    generation: int = 0


def sidecar_path(document: str | Path) -> Path:
    """Where the sidecar of a document lies: its full name, then ``.segtool.json``."""
    path = Path(document)
    return path.with_name(path.name + SUFFIX)


def new_sidecar(segmentation: Segmentation) -> Sidecar:
    """A sidecar without edits for a segmentation; its paragraphs are hashed when it is first written."""
    source = segmentation.document.source
    return Sidecar(
        Anchors(""),
        source_hash=source.sha256 if source else None,
        models=dict(segmentation.made_by),
    )


def anchored(sidecar: Sidecar, document: Document) -> Sidecar:
    """The sidecar with the hashes of the text that it is about; itself if it has them."""
    if sidecar.anchors.text_hash:
        return sidecar
    anchors = make_anchors(document, {offset for edit in sidecar.log.edits for offset in edit.offsets()})
    return replace(sidecar, anchors=anchors)


def with_log(sidecar: Sidecar, log: EditLog, document: Document) -> Sidecar:
    """The sidecar with another log over the same text, its contexts brought up to date."""
    sidecar = anchored(sidecar, document)
    offsets = {offset for edit in log.edits for offset in edit.offsets()}
    contexts = contexts_of(document, offsets)
    return replace(sidecar, log=log, anchors=replace(sidecar.anchors, contexts=contexts))


def contexts_of(document: Document, offsets: Iterable[int]) -> dict[int, tuple[str, str]]:
    """The characters around each offset."""
    return {offset: context_at(document.text, offset) for offset in sorted(offsets)}


def fitted(sidecar: Sidecar, document: Document) -> Sidecar:
    """The sidecar over this text: itself if the text is the same, else re-anchored, with conflicts for the rest."""
    if sidecar.anchors.text_hash in ("", hash_text(document.text)):  # "": new, made for this text
        return sidecar
    carried = reanchor(sidecar.log, sidecar.anchors, document)
    offset = min(sidecar.place.offset, max(len(document.text) - 1, 0))
    moved = replace(
        sidecar,
        anchors=make_anchors(document),
        conflicts=(*sidecar.conflicts, *carried.conflicts),
        place=replace(sidecar.place, offset=offset),
        source_hash=document.source.sha256 if document.source else None,
    )
    return with_log(moved, carried.log, document)


def apply_edits(segmentation: Segmentation, sidecar: Sidecar) -> Segmentation:
    """The segmentation as its reviewer left it, at the thresholds that the reviewer chose.

    Edits are re-anchored if the text has changed since; what has no certain place is left out here and
    stands in ``fitted(...).conflicts``. A chunk layer that was packed before the edits keeps its own
    boundaries: pack again from the result for chunks of the reviewed sentences.

    Raises:
        EditError: if the sidecar does not fit the text.
    """
    from segtool.storage.decisions import with_thresholds

    fitting = fitted(sidecar, segmentation.document)
    return replay(with_thresholds(segmentation, fitting.place.thresholds), fitting.log.active)


def find_sidecar(document: str | Path) -> Sidecar | None:
    """The review of a document, with what its journal holds; None if there is none.

    Raises:
        EditError: if it can't be read.
    """
    from segtool.storage.journal import recovered

    path = sidecar_path(document)
    return recovered(path) if path.is_file() else None


def read_sidecar(path: Path) -> Sidecar:
    """The snapshot in a file, without its journal.

    Raises:
        EditError: if the file can't be read, is no sidecar, or of a newer format.
    """
    try:
        value = orjson.loads(path.read_bytes())
    except OSError as error:
        raise EditError(f"{path}: can't be read ({error.strerror or error})") from error
    except orjson.JSONDecodeError as error:
        raise EditError(f"{path}: is no sidecar of segtool ({error}); move it away or give --no-edits") from error
    try:
        return from_json(value)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EditError(f"{path}: is no sidecar of segtool ({error}); move it away or give --no-edits") from error


def write_sidecar(path: Path, sidecar: Sidecar) -> None:
    """Write a snapshot beside the target, flush it to the disk, rename it onto the target.

    Raises:
        OutputError: if it can't be written; an earlier file is then as it was.
    """
    part = path.with_name(f".{path.name}-{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            stream.write(_dumped(to_json(sidecar)))
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise OutputError(f"{path}: can't be written ({error.strerror or error})") from error


def _dumped(value: dict[str, Any]) -> bytes:
    """JSON with a key a line, and an edit a line: small, and good to compare."""
    lines = []
    for key, held in value.items():
        if key in ("edits", "conflicts") and held:
            rows = b",\n  ".join(orjson.dumps(row) for row in held)
            lines.append(orjson.dumps(key) + b": [\n  " + rows + b"\n]")
        else:
            lines.append(orjson.dumps(key) + b": " + orjson.dumps(held))
    return b"{\n" + b",\n".join(lines) + b"\n}\n"


def to_json(sidecar: Sidecar) -> dict[str, Any]:
    """The sidecar as JSON values."""
    return {
        "format": FORMAT,
        "generation": sidecar.generation,
        "source_sha256": sidecar.source_hash,
        "text_sha256": sidecar.anchors.text_hash,
        "models": {name: [m.model, m.version, m.threshold] for name, m in sidecar.models.items()},
        "place": place_to_json(sidecar.place),
        "cursor": sidecar.log.cursor,
        "edits": [edit_to_json(edit) for edit in sidecar.log.edits],
        "contexts": [[offset, *_clean(pair)] for offset, pair in sidecar.anchors.contexts.items()],
        "conflicts": [
            {
                "edit": edit_to_json(c.edit),
                "offset": c.offset,
                "context": _clean((c.before, c.after)),
                "reason": c.reason,
            }
            for c in sidecar.conflicts
        ],
        "paragraphs": [[s, h] for s, h in zip(sidecar.anchors.starts, sidecar.anchors.hashes, strict=True)],
    }


def from_json(value: dict[str, Any]) -> Sidecar:
    """The sidecar of JSON values.

    Raises:
        EditError: if the format is newer than this version, or an edit is impossible.
        KeyError, TypeError, ValueError: if something is missing or of another type.
    """
    if value["format"] != FORMAT:
        raise EditError(f"sidecar of format {value['format']}, this version reads {FORMAT}: update segtool")
    anchors = Anchors(
        value["text_sha256"],
        tuple(int(start) for start, _ in value["paragraphs"]),
        tuple(str(short) for _, short in value["paragraphs"]),
        {int(offset): (before, after) for offset, before, after in value["contexts"]},
    )
    edits = tuple(edit_from_json(row) for row in value["edits"])
    conflicts = tuple(
        Conflict(edit_from_json(row["edit"]), row["offset"], row["context"][0], row["context"][1], row["reason"])
        for row in value["conflicts"]
    )
    return Sidecar(
        anchors,
        EditLog(edits, value["cursor"]),
        conflicts,
        place_from_json(value["place"]),
        value["source_sha256"],
        {name: MadeBy(*row) for name, row in value["models"].items()},
        value["generation"],
    )


def edit_to_json(edit: Edit) -> dict[str, Any]:
    """An edit as JSON values; what it does not assert is absent."""
    value: dict[str, Any] = {"layer": edit.layer}
    if edit.changes:
        value["changes"] = [list(change) for change in edit.changes]
    if edit.labels:
        value["labels"] = [[offset, *_clean((label.number, label.heading))] for offset, label in edit.labels]
    if edit.notes:
        value["notes"] = [[offset, *_clean((note,))] for offset, note in edit.notes]
    if edit.checked:
        value["checked"] = [offset for offset, mark in edit.checked if mark]
        value["unchecked"] = [offset for offset, mark in edit.checked if not mark]
    return value


def edit_from_json(value: dict[str, Any]) -> Edit:
    """The edit of JSON values; see ``from_json`` for what it raises."""
    checked = [(int(offset), True) for offset in value.get("checked", ())]
    checked += [(int(offset), False) for offset in value.get("unchecked", ())]
    return Edit(
        value["layer"],
        tuple((int(offset), level) for offset, level in value.get("changes", ())),
        tuple((int(offset), Label(number, heading)) for offset, number, heading in value.get("labels", ())),
        tuple((int(offset), str(note)) for offset, note in value.get("notes", ())),
        tuple(checked),
    )


def place_to_json(place: Place) -> dict[str, Any]:
    """A place as JSON values."""
    return {**asdict(replace(place, thresholds={})), "thresholds": dict(place.thresholds)}


def place_from_json(value: dict[str, Any]) -> Place:
    """The place of JSON values."""
    return Place(**{**value, "offset": int(value["offset"]), "thresholds": dict(value["thresholds"])})


def _clean(strings: tuple[str | None, ...]) -> list[str | None]:
    """Strings that JSON can hold: half a surrogate pair becomes a question mark."""
    return [s if s is None else s.encode("utf-8", "replace").decode("utf-8") for s in strings]
