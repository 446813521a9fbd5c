"""Segmentations: a document with its layers, the units of each, and the tree of its sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from segtool.core.document import Document
from segtool.core.layer import Boundary, Label, Layer, LayerName
from segtool.core.outline import OutlineNode, section_paths, section_tree
from segtool.core.provenance import PageBox, page_boxes
from segtool.core.scores import Scores
from segtool.core.span import Span
from segtool.core.tokens import TokenCounter, WordCounter


@dataclass(frozen=True, slots=True)
class MadeBy:
    """What made a layer: model (or "loader", "rule"), its version, and the threshold that decided (None: none)."""

    model: str
    version: str | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A view of one piece of a layer; nothing is copied until ``text`` is asked for.

    ``span`` includes the white space up to the next unit; ``trimmed`` does not, and ``text`` is the trimmed text.
    """

    document: Document
    layer: LayerName
    index: int
    span: Span
    boundary: Boundary

    @property
    def trimmed(self) -> Span:
        """The span without outer white space; empty for a blank unit."""
        return self.span.trimmed(self.document.text)

    @property
    def text(self) -> str:
        """The characters of the trimmed span."""
        return self.trimmed.of(self.document.text)

    @property
    def start(self) -> int:
        """Start of the trimmed span."""
        return self.trimmed.start

    @property
    def end(self) -> int:
        """End (exclusive) of the trimmed span."""
        return self.trimmed.end

    @property
    def label(self) -> Label | None:
        """Number and heading of a section."""
        return self.boundary.label

    @property
    def boxes(self) -> tuple[PageBox, ...]:
        """Pages and boxes of the unit, one for each page and column."""
        return page_boxes(self.document, self.trimmed)


@dataclass(frozen=True, slots=True)
class Segmentation:
    """A document and its layers, each a partition of its text.

    Attributes:
        document: the document.
        layers: by name; "paragraph" is always there, the others as they were asked for.
        made_by: by layer name, what made it.
        scores: by layer name, the candidates that a model scored: a new threshold needs no model.

    Raises:
        ValueError: if a layer is for a text of another length.
    """

    document: Document
    layers: Mapping[LayerName, Layer]
    made_by: Mapping[LayerName, MadeBy] = field(default_factory=dict)
    scores: Mapping[LayerName, Scores] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, layer in self.layers.items():
            if layer.length != len(self.document.text) or layer.name != name:
                raise ValueError(f"{name} layer does not fit {self.document.id}")
        for attribute in ("layers", "made_by", "scores"):
            object.__setattr__(self, attribute, MappingProxyType(dict(getattr(self, attribute))))

    def units(self, layer: LayerName | Layer) -> tuple[Unit, ...]:
        """The units of a layer that hold more than white space, indexed from 0.

        Raises:
            KeyError: if the segmentation has no layer of this name.
        """
        return tuple(self.iter_units(layer))

    def iter_units(self, layer: LayerName | Layer) -> Iterator[Unit]:
        """Like ``units``, one at a time."""
        chosen = layer if isinstance(layer, Layer) else self.layers[layer]
        text, index = self.document.text, 0
        for boundary, span in zip(chosen, chosen.spans(), strict=True):
            if text[span.start : span.end].isspace():
                continue
            yield Unit(self.document, chosen.name, index, span, boundary)
            index += 1

    @property
    def sentences(self) -> tuple[Unit, ...]:
        """The sentences."""
        return self.units("sentence")

    @property
    def paragraphs(self) -> tuple[Unit, ...]:
        """The paragraphs."""
        return self.units("paragraph")

    @property
    def sections(self) -> tuple[Unit, ...]:
        """The sections, flat: each ends where the next of any level starts."""
        return self.units("section")

    def chunk_layer(self, max_tokens: int = 512, counter: TokenCounter | None = None) -> Layer:
        """Sections, then paragraphs, then sentences packed under ``max_tokens``; see ``core.packing``.

        Args:
            max_tokens: the budget of a chunk, at least 1.
            counter: counts tokens; words by default.
        """
        from segtool.core.packing import pack

        finer = [self.layers[name] for name in ("section", "paragraph", "sentence") if name in self.layers]
        return pack(self.document.text, finer, max_tokens, counter or WordCounter())

    def chunks(self, max_tokens: int = 512, counter: TokenCounter | None = None) -> tuple[Unit, ...]:
        """The chunks of ``chunk_layer``."""
        return self.units(self.chunk_layer(max_tokens, counter))

    def outline(self) -> tuple[OutlineNode, ...]:
        """The tree of sections; empty without a section layer. A node spans its whole subtree."""
        layer = self.layers.get("section")
        return section_tree(layer, self.document.text) if layer is not None else ()

    def paths(self) -> tuple[tuple[str, ...], ...]:
        """For each unit of the section layer the headings around it, its own included, "" where one has none."""
        layer = self.layers.get("section")
        return section_paths(layer) if layer is not None else ()
