"""Passages: paragraphs of a document on its way, each with its text, so that a reader need not wait for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from segtool.core.document import Document, Fragment, Paragraph

JOINER = "\n\n"
"""What stands between two passages in the text of their document."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph at its place: ``paragraph.span`` and the fragments index the text of the whole document."""

    paragraph: Paragraph
    text: str
    fragments: tuple[Fragment, ...] = ()


def passages_of(document: Document) -> Iterator[Passage]:
    """The passages of a document that is already whole."""
    fragments, place = document.fragments, 0
    for paragraph in document.paragraphs:
        start = place
        while place < len(fragments) and fragments[place].span.start < paragraph.span.end:
            place += 1
        yield Passage(paragraph, paragraph.span.of(document.text), fragments[start:place])
