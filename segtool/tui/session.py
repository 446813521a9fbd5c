"""One document under review: loading, segmenting through the cache, its sidecar, journal and lock.

Plain Python that the application runs in workers; the screen knows only this and the state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from segtool.core.document import Document
from segtool.core.layer import Layer, LayerName
from segtool.core.reanchor import Anchors
from segtool.core.segmentation import MadeBy, Segmentation
from segtool.errors import LoadError
from segtool.settings import Settings
from segtool.storage import journal as journals
from segtool.storage import lock as locks
from segtool.storage.cache import Cache, review_key
from segtool.storage.decisions import open_scores
from segtool.storage.journal import Journal
from segtool.storage.lock import Lock
from segtool.storage.sidecar import Place, Sidecar, fitted, new_sidecar, sidecar_path, with_log
from segtool.tui.state import ReviewState

if TYPE_CHECKING:
    from segtool.pipeline import Growth


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """What is to be reviewed.

    Attributes:
        source: path of the document, or ``-``.
        data: the bytes of ``-``; None for a path.
        settings: how to load and segment.
        layer: the layer to show first; None: where the reviewer left off, else sentences.
        cache: where segmentations are kept; None: nowhere.
        state_folder: where the sidecar of standard input lies.
    """

    source: str
    data: bytes | None = None
    settings: Settings = field(default_factory=Settings)
    layer: LayerName | None = None
    cache: Cache | None = None
    state_folder: Path | None = None


class ReviewSession:
    """The files of one review. ``read_only_because`` says why edits are not kept, None if they are."""

    def __init__(self, request: ReviewRequest) -> None:
        self.request = request
        self.read_only_because: str | None = None
        self.sidecar: Sidecar | None = None
        self.journal: Journal | None = None
        self._cached: Segmentation | None = None
        self._key: str | None = None
        self._stamp: tuple[int, int] | None = None
        self._lock: Lock | None = None

    # Loading

    def load(self, stopped: Callable[[], bool] | None = None) -> Document:
        """The document, from the cache if it was segmented before; ``stopped`` is asked before each page of a PDF.

        Raises:
            LoadError: if it can't be read.
            StoppedError: if ``stopped`` said so.
        """
        request = self.request
        self._stamp = self._stat()
        if request.data is not None:
            data = request.data
        else:
            try:
                data = Path(request.source).read_bytes()
            except OSError as error:
                raise LoadError(f"{request.source}: can't be read ({error.strerror or error})") from error
        self._key = review_key(data, request.source, request.settings)
        self._cached = request.cache.get(self._key) if request.cache else None
        if self._cached is not None:
            return self._cached.document
        from segtool.loaders import load_bytes

        return load_bytes(data, request.source, request.settings.load, stopped)

    def first(self, document: Document) -> Segmentation:
        """What can be shown at once: all of it from the cache, else paragraphs."""
        return self._cached or first_look(document)

    @property
    def is_cached(self) -> bool:
        """Whether no model has to run."""
        return self._cached is not None

    def is_source_changed(self) -> bool:
        """Whether the file is another one than was loaded."""
        return self._stamp is not None and self._stat() not in (self._stamp, None)

    def _stat(self) -> tuple[int, int] | None:
        if self.request.data is not None:
            return None
        try:
            found = Path(self.request.source).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def iter_segmentations(self, document: Document) -> Iterator[Growth]:
        """The segmentation as it grows; at once from the cache.

        Raises:
            ModelError: if a model can't be used.
        """
        from segtool.pipeline import Growth

        if self._cached is not None:
            yield Growth("section", 1.0, self._cached)
            return
        from segtool.pipeline import iter_growing

        made: Segmentation | None = None
        grown: Segmentation | None = None
        for step in iter_growing(document, self.request.settings):
            if grown is None or step.segmentation is not made:
                made = step.segmentation
                scores = {name: open_scores(made, name) for name in made.scores if name in made.layers}
                grown = replace(made, scores=scores)
            yield replace(step, segmentation=grown)
        if grown is not None and self.request.cache and self._key:
            self.request.cache.put(self._key, grown)

    @property
    def layer(self) -> LayerName:
        """The layer to show first: as asked for, else where the reviewer left off, else sentences."""
        return self.request.layer or (self.sidecar.place.layer if self.sidecar else "sentence")

    # Keeping

    @property
    def path(self) -> Path:
        """Where the sidecar lies."""
        if self.request.data is None:
            return sidecar_path(self.request.source)
        folder = self.request.state_folder or Path.cwd()
        return sidecar_path(folder / f"stdin-{hashlib.sha256(self.request.data).hexdigest()[:16]}")

    def open(self, document: Document, *, take_over: bool = False, read_only: bool = False) -> Lock | None:
        """Open sidecar, journal and lock; returns the lock if another reviewer holds the document.

        Nothing is opened in that case: ask, then call again with ``take_over`` or ``read_only``.

        Raises:
            EditError: if the sidecar can't be read.
        """
        path = self.path
        if self.request.data is not None:
            with suppress(OSError):  # the first edit will say what is wrong
                path.parent.mkdir(parents=True, exist_ok=True)
        lock = Lock(path.with_name(path.name.removesuffix(".segtool.json") + locks.SUFFIX))
        if not read_only and not lock.acquire(take_over):
            return lock
        found = journals.recovered(path) if path.is_file() else None
        base = first_look(document)
        self.sidecar = fitted(found, document) if found else new_sidecar(base)
        if read_only:
            self.read_only_because = f"{lock.holder or 'another reviewer'} holds this document"
            return None
        self._lock = lock
        self.journal = Journal(path, self.sidecar, document, lock)
        if found and self.sidecar is not found:  # re-anchored
            self.journal.compact(self.sidecar)
        return None

    def take_anchors(self, anchors: Anchors) -> None:
        """Take over hashes of the text that were made ahead, so that the first edit need not wait for them."""
        if self.sidecar is not None and not self.sidecar.anchors.text_hash:
            self.sidecar = replace(self.sidecar, anchors=anchors)
            if self.journal is not None:
                self.journal.take_anchors(anchors)

    def settle(self, index: int) -> None:
        """Take a conflict off the list: it was placed anew, or dismissed."""
        assert self.sidecar is not None
        conflicts = tuple(c for i, c in enumerate(self.sidecar.conflicts) if i != index)
        self.sidecar = replace(self.sidecar, conflicts=conflicts)
        if self.journal is not None:
            self.journal.append_settled(index)

    def place(self, state: ReviewState) -> Place:
        """Where a reviewer stands; left before the layer to show had arrived, it is still the one to show."""
        if self.layer not in state.layer_names and self.layer != "chunk":
            return Place(state.cursor, self.layer, dict(state.thresholds))
        return Place(
            state.cursor,
            state.layer_name,
            dict(state.thresholds),
            len(state.layer),
            state.checked_units(),
            round(state.open_questions()[1], 3),
        )

    def close(self, state: ReviewState | None) -> None:
        """Leave the snapshot behind and let go of the lock; a mere look leaves no file."""
        if self.journal is None or self.sidecar is None:
            return
        current: Sidecar | None = None
        if state is not None and (state.log.edits or self.path.exists() or state.cursor or state.thresholds):
            placed = replace(self.sidecar, place=self.place(state), models=dict(state.result().made_by))
            current = with_log(placed, state.log, state.base.document)
        self.journal.close(current)
        self.journal = None


def first_look(document: Document) -> Segmentation:
    """What is known of a document before any model: its paragraphs and the layers of its source."""
    from segtool.pipeline import paragraph_layer

    layers: dict[LayerName, Layer] = {"paragraph": paragraph_layer(document), **document.layers}
    return Segmentation(document, layers, {name: MadeBy("loader") for name in layers})
