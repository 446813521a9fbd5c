"""The journal of a review: each edit is handed to the system before it is seen, and survives a kill at any moment.

One line of JSON per event, appended and flushed; ``sync`` makes the disk keep it, right after it was
drawn. The first line names the snapshot (its generation)
that the events continue; folding the journal into a new snapshot raises the generation, so that an
old journal left behind by a kill between the two steps is never applied twice. A torn last line is
what a kill or a full disk leaves; it was never acknowledged and is cut off.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from segtool.core.document import Document
from segtool.core.edits import Edit, EditLog
from segtool.core.reanchor import Anchors, context_at
from segtool.errors import EditError, OutputError
from segtool.storage import sidecar as sidecars
from segtool.storage.lock import Lock
from segtool.storage.sidecar import Place, Sidecar

SUFFIX = ".segtool.journal"
_NEAR = 4
"""An edit of at most so many places was made where the reviewer stood: after a kill the review resumes there."""

Event = dict[str, Any]


def journal_path(path: Path) -> Path:
    """The journal that belongs to a sidecar file."""
    return path.with_name(path.name.removesuffix(sidecars.SUFFIX) + SUFFIX)


def recovered(path: Path) -> Sidecar:
    """The sidecar in a file with every event of its journal.

    Raises:
        EditError: if either can't be read.
    """
    snapshot = sidecars.read_sidecar(path)
    return _played(snapshot, _read_events(journal_path(path), snapshot.generation))


def _read_events(path: Path, generation: int) -> list[Event]:
    try:
        lines = path.read_bytes().split(b"\n")[:-1]  # what follows the last line feed is torn
    except FileNotFoundError:
        return []
    except OSError as error:
        raise EditError(f"{path}: can't be read ({error.strerror or error})") from error
    try:
        events = [orjson.loads(line) for line in lines]
    except orjson.JSONDecodeError as error:
        raise EditError(f"{path}: is damaged ({error}); move it away to go on from the last snapshot") from error
    if not events or events[0].get("generation") != generation:
        return []
    return events[1:]


def _played(snapshot: Sidecar, events: list[Event]) -> Sidecar:
    log, place, conflicts = snapshot.log, snapshot.place, snapshot.conflicts
    contexts = dict(snapshot.anchors.contexts)
    try:
        for event in events:
            if "edit" in event:
                edit = sidecars.edit_from_json(event["edit"])
                log = log.append(edit)
                if len(edit.offsets()) <= _NEAR:
                    place = replace(place, offset=edit.offsets()[0], layer=edit.layer)
                contexts.update({int(offset): (before, after) for offset, before, after in event["contexts"]})
            elif "cursor" in event:
                log = EditLog(log.edits, event["cursor"])
            elif "place" in event:
                place = sidecars.place_from_json(event["place"])
            elif "settled" in event:
                conflicts = tuple(c for i, c in enumerate(conflicts) if i != event["settled"])
    except (KeyError, TypeError, ValueError) as error:
        raise EditError(f"the journal is damaged ({error}); move it away to go on from the last snapshot") from error
    anchors = replace(snapshot.anchors, contexts=contexts)
    return replace(snapshot, log=log, place=place, conflicts=conflicts, anchors=anchors)


class Journal:
    """The open journal of one review; only its holder appends.

    Nothing is written before the first event, so that looking at a document leaves no files.
    ``failure`` says in a sentence why the last write failed, None when everything is on the disk: what could
    not be written waits in memory, and every later write tries it again first.
    """

    def __init__(self, path: Path, current: Sidecar, document: Document, lock: Lock) -> None:
        self.path = path
        self.failure: str | None = None
        self.is_synced = True
        self._document = document
        self._lock = lock
        self._generation = current.generation
        self._snapshot: Sidecar | None = current  # waits to be written
        self._waiting: list[bytes] = []
        self._good = 0

    @property
    def is_writable(self) -> bool:
        """Whether this process still holds the review (another reviewer may have taken it over)."""
        return self._lock.is_held()

    def take_anchors(self, anchors: Anchors) -> None:
        """Take over hashes of the text that were made ahead, so that the first edit need not wait for them."""
        waiting = self._snapshot
        if waiting is not None and not waiting.anchors.text_hash:
            self._snapshot = replace(waiting, anchors=anchors)

    def append_edit(self, edit: Edit) -> None:
        """Record an edit, with the characters around its offsets."""
        contexts = [[offset, *map(_utf8, context_at(self._document.text, offset))] for offset in edit.offsets()]
        self._append({"edit": sidecars.edit_to_json(edit), "contexts": contexts})

    def append_cursor(self, cursor: int) -> None:
        """Record an undo or redo: how many edits hold now."""
        self._append({"cursor": cursor})

    def append_place(self, place: Place) -> None:
        """Record where the reviewer stands."""
        self._append({"place": sidecars.place_to_json(place)})

    def append_settled(self, index: int) -> None:
        """Record that conflict ``index`` of the list at that moment was settled."""
        self._append({"settled": index})

    def sync(self) -> None:
        """Have the disk itself keep what was appended: against a loss of power, a kill does no harm without.

        May be called in another thread: a slow disk must not hold up the next key.
        """
        self.is_synced = True
        try:
            with journal_path(self.path).open("r+b") as stream:
                os.fsync(stream.fileno())
        except FileNotFoundError:
            return
        except OSError as error:
            self.failure = f"not saved: {error.strerror or error}; work goes on, writing is tried again"

    def retry(self) -> bool:
        """Write what waits; whether everything is on the disk now."""
        if self.failure is not None:
            self._flush()
        return self.failure is None

    def compact(self, current: Sidecar) -> None:
        """Fold everything into the snapshot ``current`` and start the journal anew."""
        self._snapshot = current
        self._waiting = []
        self._flush()

    def close(self, current: Sidecar | None) -> None:
        """Leave one file behind, the snapshot ``current`` (None: leave things as they are), and let go of the lock.

        The journal goes once the snapshot is on the disk.
        """
        if current is not None:
            self.compact(current)
            if self.failure is None:
                journal_path(self.path).unlink(missing_ok=True)
        self._lock.release()

    def _append(self, event: Event) -> None:
        self._waiting.append(orjson.dumps(event) + b"\n")
        self._flush()

    def _flush(self) -> None:
        if not self.is_writable:
            self.failure = "read-only: another reviewer has taken this document over; edits are not saved"
            return
        try:
            if self._snapshot is not None:
                self._start(self._snapshot)
            self._write(b"".join(self._waiting))
        except (OSError, OutputError) as error:
            cause = error.__cause__ if isinstance(error, OutputError) else error
            reason = cause.strerror if isinstance(cause, OSError) else None
            self.failure = f"not saved: {reason or error}; work goes on, writing is tried again"
            return
        self._waiting.clear()
        self.failure = None

    def _start(self, snapshot: Sidecar) -> None:
        """Write a snapshot of the next generation, then the first line of its journal."""
        snapshot = sidecars.anchored(snapshot, self._document)
        sidecars.write_sidecar(self.path, replace(snapshot, generation=self._generation + 1))
        self._generation += 1
        self._snapshot = None
        journal_path(self.path).write_bytes(b"")
        self._good = 0
        self._waiting.insert(0, orjson.dumps({"generation": self._generation}) + b"\n")

    def _write(self, data: bytes) -> None:
        """Append after the last good byte; a torn piece of an earlier failure is cut off first."""
        with journal_path(self.path).open("r+b") as stream:
            stream.seek(self._good)
            stream.truncate()
            stream.write(data)
            stream.flush()
            self._good = stream.tell()
        self.is_synced = False


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
