"""JSON Lines of sentences without an object a unit: most of a corpus has nothing but places, chances and text.

The bytes are those of ``export.dump_record`` over ``records.iter_records``; a test compares them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress, repeat

import orjson

from segtool.core.furniture import Furniture
from segtool.core.layer import ORIGINS, Layer
from segtool.core.segmentation import Segmentation
from segtool.core.tokens import TokenCounter
from segtool.storage.records import Record, iter_records, rounded

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
        starts, contents, chances, origins = self._columns()
        for low in range(0, len(contents), _BATCH):
            rows = slice(low, low + _BATCH)
            names, texts = _dumped(self.segmentation.document.id, contents[rows])
            numbers = range(low, low + len(texts))
            columns = (names, numbers, starts[rows], contents[rows], chances[rows], origins[rows], texts)
            yield b"".join(
                [
                    b'{"doc":%b,"unit":"sentence","index":%d,"start":%d,"end":%d,"level":1,"kind":null,"number":null,'
                    b'"heading":null,"path":[],"score":%b,"origin":%b,"page":null,"bbox":null,"boxes":null,"text":%b}\n'
                    % (name, index, start, start + len(content), chance, origin, text)
                    for name, index, start, content, chance, origin, text in zip(*columns, strict=False)
                ]
            )

    def _columns(self) -> tuple[list[int], list[str], list[bytes], list[bytes]]:
        """Starts, texts, chances and origins of the units that are not blank."""
        layer, text = self.layer, self.segmentation.document.text
        starts = layer.offsets.tolist()
        contents = [text[start:end].rstrip() for start, end in zip(starts, [*starts[1:], layer.length], strict=False)]
        chances = orjson.dumps(rounded(layer.scores), option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
        origins = [_ORIGINS[origin] for origin in layer.origins.tolist()]
        if contents:  # all others begin with a character
            starts[0] = len(contents[0]) - len(contents[0].lstrip())
            contents[0] = contents[0].lstrip()
        if not all(contents):
            starts, chances, origins = (list(compress(column, contents)) for column in (starts, chances, origins))
            contents = list(filter(None, contents))
        chances[:1] = [b"null"]
        return starts, contents, chances, origins


def _dumped(doc: str, contents: list[str]) -> tuple[Iterable[bytes], list[bytes]]:
    """The id of the document for each text, and the texts; half a surrogate pair makes both ASCII with escapes."""
    name = orjson.dumps(doc)
    try:
        return repeat(name), list(map(orjson.dumps, contents))
    except TypeError:
        pairs = [_escaped(doc, text) if _SURROGATE.search(text) else (name, orjson.dumps(text)) for text in contents]
        return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _escaped(doc: str, text: str) -> tuple[bytes, bytes]:
    return json.dumps(doc).encode("ascii"), json.dumps(text).encode("ascii")
