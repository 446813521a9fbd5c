"""Edits carried from one version of a text to another, with no silent guess.

Paragraphs that occur once in both versions are aligned by their hashes first; what stands in them
keeps its place. What stands in a changed stretch is looked for by the characters around it, inside
that stretch alone. Quotes without the alignment put only 70 to 80 % of the offsets right in text
full of boilerplate; with it a wrong place is rare, and what has no certain place becomes a conflict.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from segtool.core.document import Document
from segtool.core.edits import Edit, EditLog
from segtool.core.span import Span

CONTEXT = 32
"""Characters kept on each side of an offset."""

_LINE = re.compile(r"\S[^\n]*")


def hash_text(text: str) -> str:
    """sha256 of a text (lone surrogates included), in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def paragraph_spans(document: Document) -> list[Span]:
    """The paragraphs of a document; the lines of its text where the loader gave none."""
    if document.paragraphs:
        return [p.span for p in document.paragraphs]
    return [Span(*match.span()) for match in _LINE.finditer(document.text)]


@dataclass(frozen=True, slots=True)
class Anchors:
    """What a sidecar keeps of a text so that offsets can be found again in another version of it.

    Attributes:
        text_hash: sha256 of the text.
        starts: where each paragraph starts.
        hashes: a short hash for each paragraph.
        contexts: for each offset the 32 characters before and after it (fewer at the ends of the text).
    """

    text_hash: str
    starts: tuple[int, ...] = ()
    hashes: tuple[str, ...] = ()
    contexts: Mapping[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conflict:
    """An edit, or the part of it, that has no certain place in the new text; its offsets are those of the old.

    Attributes:
        edit: what was asserted.
        offset: the first offset that could not be placed.
        before: the characters before it in the old text.
        after: the characters from it on in the old text.
        reason: why it has no place, as a sentence for the reviewer.
    """

    edit: Edit
    offset: int
    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reanchored:
    """A log that holds over the new text, and what could not be carried over."""

    log: EditLog
    conflicts: tuple[Conflict, ...]


def context_at(text: str, offset: int) -> tuple[str, str]:
    """The characters before and after an offset that identify it."""
    return text[max(offset - CONTEXT, 0) : offset], text[offset : offset + CONTEXT]


def make_anchors(document: Document, offsets: Iterable[int] = ()) -> Anchors:
    """The anchors of a document, with contexts for ``offsets``."""
    spans = paragraph_spans(document)
    return Anchors(
        hash_text(document.text),
        tuple(span.start for span in spans),
        tuple(_short_hash(span.of(document.text)) for span in spans),
        {offset: context_at(document.text, offset) for offset in offsets},
    )


def _short_hash(text: str) -> str:
    return hash_text(text)[:16]


def reanchor(log: EditLog, anchors: Anchors, document: Document) -> Reanchored:
    """The log carried over to ``document``; every assertion is in the new log or in a conflict.

    The changes of one edit stand or fall together (half a move would be wrong); its notes and checked
    marks are placed one by one. Undone edits without a place are left out.

    Args:
        log: edits over the old text.
        anchors: kept from the old text, with a context for every offset of the log.
        document: the new version.
    """
    if anchors.text_hash == hash_text(document.text):
        return Reanchored(log, ())
    places = _Places(anchors, document)
    edits: list[Edit] = []
    conflicts: list[Conflict] = []
    cursor = 0
    for index, edit in enumerate(log.edits):
        moved, lost = _carry(edit, places)
        if moved is not None:
            edits.append(moved)
            cursor += index < log.cursor
        if index < log.cursor:
            conflicts.extend(lost)
    return Reanchored(EditLog(tuple(edits), cursor), tuple(conflicts))


def _carry(edit: Edit, places: _Places) -> tuple[Edit | None, list[Conflict]]:
    """The edit at its new offsets (None: nothing of it has a place) and conflicts for the rest."""
    asserted = replace(edit, notes=(), checked=())
    missing = [offset for offset in asserted.offsets() if places.find(offset) is None]
    checked: tuple[tuple[int, bool], ...] = ()
    lost: list[Edit] = []
    if missing:
        lost.append(replace(edit, notes=()))
        asserted = Edit(edit.layer)
    else:
        checked = tuple((offset, mark) for offset, mark in edit.checked if places.find(offset) is not None)
        lost.append(Edit(edit.layer, checked=tuple(row for row in edit.checked if places.find(row[0]) is None)))
    lost.extend(Edit(edit.layer, notes=(row,)) for row in edit.notes if places.find(row[0]) is None)
    moved = Edit(
        edit.layer,
        tuple((places.at(offset), level) for offset, level in asserted.changes),
        tuple((places.at(offset), label) for offset, label in asserted.labels),
        tuple((places.at(offset), note) for offset, note in edit.notes if places.find(offset) is not None),
        tuple((places.at(offset), mark) for offset, mark in checked),
    )
    conflicts = [places.conflict(part) for part in lost if not part.is_empty()]
    return (None if moved.is_empty() else moved), conflicts


class _Places:
    """Where old offsets lie in the new text, each found once."""

    def __init__(self, anchors: Anchors, document: Document) -> None:
        self.anchors = anchors
        self.text = document.text
        spans = paragraph_spans(document)
        self.starts = [span.start for span in spans]
        self.ends = [span.end for span in spans]
        hashes = [_short_hash(span.of(document.text)) for span in spans]
        self.old_counts, self.new_counts = Counter(anchors.hashes), Counter(hashes)
        self.pairs = self._align(hashes)
        self.aligned_old = [old for old, _ in self.pairs]
        self.known: dict[int, int | None] = {}
        self.reasons: dict[int, str] = {}

    def _align(self, hashes: list[str]) -> list[tuple[int, int]]:
        """Paragraphs that occur once in both texts, the longest run of them that keeps its order."""
        new_index = {h: i for i, h in enumerate(hashes) if self.new_counts[h] == 1}
        pairs = [
            (i, new_index[h]) for i, h in enumerate(self.anchors.hashes) if self.old_counts[h] == 1 and h in new_index
        ]
        return _longest_rising(pairs)

    def at(self, offset: int) -> int:
        """The new place of an offset that has one."""
        place = self.find(offset)
        assert place is not None
        return place

    def conflict(self, edit: Edit) -> Conflict:
        """A conflict about the first offset of ``edit`` that has no place, with the reason."""
        offset = next(offset for offset in edit.offsets() if self.find(offset) is None)
        before, after = self.anchors.contexts.get(offset, ("", ""))
        return Conflict(edit, offset, before, after, self.reasons[offset])

    def find(self, offset: int) -> int | None:
        """The new offset, None if there is no certain one."""
        if offset not in self.known:
            place = self._find(offset)
            if isinstance(place, str):
                self.reasons[offset] = place
            self.known[offset] = place if isinstance(place, int) else None
        return self.known[offset]

    def _find(self, offset: int) -> int | str:
        if offset == 0:
            return 0 if self.text else "the text is empty"
        old = bisect_right(self.anchors.starts, offset) - 1
        if old >= 0:
            row = bisect_left(self.aligned_old, old)
            if row < len(self.pairs) and self.pairs[row][0] == old:
                place = self.starts[self.pairs[row][1]] + offset - self.anchors.starts[old]
                return place if place < len(self.text) else "the text ends before it"
            if max(self.old_counts[self.anchors.hashes[old]], self.new_counts[self.anchors.hashes[old]]) > 1:
                return "its paragraph occurs more than once"
        return self._find_in_gap(offset, old)

    def _find_in_gap(self, offset: int, old: int) -> int | str:
        """Look for the context between the aligned paragraphs around the offset."""
        if offset not in self.anchors.contexts:
            return "the sidecar has no context for it"
        row = bisect_left(self.aligned_old, old)
        low = self.ends[self.pairs[row - 1][1]] if row > 0 else 0
        high = self.starts[self.pairs[row][1]] if row < len(self.pairs) else len(self.text)
        before, after = self.anchors.contexts[offset]
        both = self._matches(before, after, low, high)
        if len(both) == 1:
            return both[0]
        if both:
            return "the text around it occurs more than once"
        left, right = self._matches(before, "", low, high), self._matches("", after, low, high)
        found = set(left) | set(right)
        if len(found) == 1 and len(left) <= 1 and len(right) <= 1:
            return found.pop()
        return "the text around it has changed" if not found else "the text around it occurs more than once"

    def _matches(self, before: str, after: str, low: int, high: int) -> list[int]:
        """Offsets in ``[low, high)`` with these characters around them; none for a context without letters."""
        quote = before + after
        if sum(map(str.isalnum, quote)) < CONTEXT // 4:
            return []
        places = []
        start = self.text.find(quote, max(low - len(before), 0))
        while start >= 0 and start + len(before) < high:
            place = start + len(before)
            if place >= low and not self.text[place].isspace():
                places.append(place)
            start = self.text.find(quote, start + 1)
        return places


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence whose second members rise (patience sorting)."""
    tails: list[int] = []
    at: list[int] = []
    previous: list[int] = []
    for index, (_, new) in enumerate(pairs):
        slot = bisect_left(tails, new)
        previous.append(at[slot - 1] if slot else -1)
        tails[slot : slot + 1] = [new]
        at[slot : slot + 1] = [index]
    chain = []
    index = at[-1] if at else -1
    while index >= 0:
        chain.append(pairs[index])
        index = previous[index]
    return chain[::-1]
