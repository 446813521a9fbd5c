"""JSON Lines of sentences without an object a unit: most of a corpus has nothing but places, chances and text.

The bytes are those of ``export.dump_record`` over ``records.iter_records``; a test compares them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from segtool.core.furniture import Furniture
from segtool.core.layer import ORIGINS, Layer
from segtool.core.segmentation import Segmentation
from segtool.core.tokens import TokenCounter
from segtool.storage.records import Record, iter_records, rounded_scores

_BATCH = 4096
_ORIGINS = [orjson.dumps(origin) for origin in ORIGINS]
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class LayerRecords:
    """The records of a layer, in order, as ``iter_records`` gives them, or at once as lines of JSON."""

    segmentation: Segmentation
    layer: Layer
    counter: TokenCounter | None = None
    keep_furniture: bool = False

    def __iter__(self) -> Iterator[Record]:
        return iter_records(self.segmentation, self.layer, self.counter, self.keep_furniture)

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to tell of a unit but its place, chance and text."""
        document = self.segmentation.document
        sections = self.segmentation.layers.get("section")
        return (
            self.layer.name == "sentence"
            and not sections
            and not document.has_pages
            and (self.keep_furniture or Furniture.of(document) is None)
            and not _SURROGATE.search(document.id)
        )

    def json_lines(self) -> Iterator[bytes]:
        """The lines of a plain layer, in pieces of bounded size."""
        doc, dump, lines = orjson.dumps(self.segmentation.document.id), orjson.dumps, list[bytes]()
        for index, (start, content, chance, origin) in enumerate(self._rows()):
            named = doc
            try:
                text = dump(content)
            except TypeError:  # half a surrogate pair: such a record is ASCII with escapes
                named, text = (json.dumps(value).encode("ascii") for value in (self.segmentation.document.id, content))
            lines.append(
                b'{"doc":%b,"unit":"sentence","index":%d,"start":%d,"end":%d,"level":1,"kind":null,"number":null,'
                b'"heading":null,"path":[],"score":%b,"origin":%b,"page":null,"bbox":null,"boxes":null,"text":%b}\n'
                % (named, index, start, start + len(content), chance if index else b"null", _ORIGINS[origin], text)
            )
            if len(lines) == _BATCH:
                yield b"".join(lines)
                lines = []
        if lines:
            yield b"".join(lines)

    def _rows(self) -> Iterator[tuple[int, str, bytes, int]]:
        """Start, text, chance and origin of each unit that is not blank."""
        layer, text = self.layer, self.segmentation.document.text
        starts, origins = layer.offsets.tolist(), layer.origins.tolist()
        chances = orjson.dumps(rounded_scores(layer))[1:-1].split(b",")
        for start, end, chance, origin in zip(starts, [*starts[1:], layer.length], chances, origins, strict=False):
            content = text[start:end].rstrip()
            if not start:  # all others begin with a character
                start = len(content) - len(content := content.lstrip())
            if content:
                yield start, content, chance, origin
