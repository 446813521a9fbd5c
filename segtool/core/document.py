"""Documents: one immutable text with its paragraphs and where each line of it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from segtool.core.layer import Layer, LayerName
from segtool.core.span import Span

ParagraphKind = Literal["title", "heading", "body", "list_item", "table", "footnote", "caption", "furniture"]


@dataclass(frozen=True, slots=True)
class BBox:
    """A box on a page in points, origin at the top left; ``x0 <= x1`` and ``top <= bottom``."""

    x0: float
    top: float
    x1: float
    bottom: float

    def union(self, other: BBox) -> BBox:
        """The smallest box around both."""
        return BBox(
            min(self.x0, other.x0),
            min(self.top, other.top),
            max(self.x1, other.x1),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Fragment:
    """One line of a page: the characters it became, its page (from 1), and its box if the source has boxes.

    ``column`` counts columns (or other separate blocks of a page) from 0, so that the boxes of a unit
    can be joined per column.
    """

    span: Span
    page: int
    bbox: BBox | None = None
    column: int = 0


@dataclass(frozen=True, slots=True)
class Style:
    """How a paragraph looks in its source: evidence for the outline. None means that the source does not say."""

    size: float | None = None
    """Font size in points."""
    bold: bool | None = None
    italic: bool | None = None
    centred: bool | None = None
    name: str | None = None
    """Name of the paragraph style ("Heading 2", "h2")."""
    bookmark: bool = False
    """Whether a bookmark (outline entry) of the document points here."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph as the loader found it.

    ``span`` starts and ends on non-space characters. ``level`` is the heading level (from 1) of headings,
    the depth (from 1) of list items, else 0. ``number`` is a label that the loader computed or split off
    with certainty ("4.2(a)"); it stands in the text too.
    """

    span: Span
    kind: ParagraphKind = "body"
    level: int = 0
    number: str | None = None
    style: Style | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document came from: its name as given, format (a name of ``--from``), size and hash of the bytes."""

    name: str
    format: str
    n_bytes: int = 0
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One text, never edited, with everything that the loader knows about it.

    Attributes:
        id: the path as given or walked, ``-`` for standard input, a record's id.
        text: the text; every offset in segtool indexes it.
        paragraphs: sorted, not overlapping; together they hold every non-space character.
        fragments: provenance, sorted by start, not overlapping; empty without pages. A character that the loader
            invented (a joiner, a blank line) has no fragment.
        metadata: title, author, dates, language, bookmarks, removed furniture: JSON values only.
        source: name, format, size and hash of the input.
        lang: language code if the source states it, else None.
        layers: layers that the source itself defines (legal XML gives its sections).

    Raises:
        ValueError: if paragraphs or fragments are out of order, overlap, or leave the text.
    """

    id: str
    text: str
    paragraphs: tuple[Paragraph, ...] = ()
    fragments: tuple[Fragment, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    source: Source | None = None
    lang: str | None = None
    layers: Mapping[LayerName, Layer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_order("paragraph", [p.span for p in self.paragraphs], len(self.text))
        _check_order("fragment", [f.span for f in self.fragments], len(self.text))
        for name, layer in self.layers.items():
            if layer.length != len(self.text):
                raise ValueError(f"{name} layer is for {layer.length} characters, the text has {len(self.text)}")
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))
        object.__setattr__(self, "layers", MappingProxyType(dict(self.layers)))

    @property
    def has_pages(self) -> bool:
        """Whether the source has pages."""
        return bool(self.fragments)


def _check_order(what: str, spans: list[Span], length: int) -> None:
    end = 0
    for span in spans:
        if span.start < end:
            raise ValueError(f"{what} at {span.start} starts before the one before it ends ({end})")
        end = span.end
    if end > length:
        raise ValueError(f"{what} ends at {end}, the text at {length}")
