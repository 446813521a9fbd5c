"""Forms of a PDF that hold each other, parted: PDFium draws them again and again, for minutes.

Pure. Only forms whose resources stand in their own dictionary, in objects that are not packed.
"""

from __future__ import annotations

import re

_OBJECT = re.compile(rb"(?<![0-9])(\d{1,8})\s+\d{1,5}\s+obj\b")
_FORM = re.compile(rb"/Subtype\s*/Form\b")
_REFERENCE = re.compile(rb"(?<![0-9])(\d{1,8})(?=\s+\d{1,5}\s+R\b)")
_MAX_DICTIONARY = 4_000
_MAX_FORMS = 2_000

Edges = dict[int, list[tuple[int, int, int]]]
"""For each form the forms that it names: their number, and where that stands in the file (start, end)."""


def without_loops(data: bytes) -> bytes:
    """The file, each reference by which a form comes to hold itself made one to object 0, which holds nothing."""
    if _FORM.search(data) is None:
        return data
    edges = _edges(data)
    closing = _closing(edges)
    if not closing:
        return data
    mended = bytearray(data)
    for start, end in closing:
        mended[start:end] = b"0".rjust(end - start)
    return bytes(mended)


def _edges(data: bytes) -> Edges:
    starts = [(int(match[1]), match.end()) for match in _OBJECT.finditer(data)]
    spans: dict[int, tuple[int, int]] = {}
    for index, (number, start) in enumerate(starts):
        following = starts[index + 1][1] if index + 1 < len(starts) else len(data)
        limit = min(following, start + _MAX_DICTIONARY)
        end = data.find(b"stream", start, limit)
        end = limit if end < 0 else end
        if _FORM.search(data, start, end):
            spans[number] = (start, end)
        if len(spans) == _MAX_FORMS:
            break
    return {
        number: [
            (int(match[1]), *match.span(1)) for match in _REFERENCE.finditer(data, *span) if int(match[1]) in spans
        ]
        for number, span in spans.items()
    }


def _closing(edges: Edges) -> set[tuple[int, int]]:
    """The places of references that lead back to a form that is being walked through."""
    found: set[tuple[int, int]] = set()
    done: set[int] = set()
    for root in edges:
        path = [root]
        ahead = [iter(edges[root])]
        while path:
            step = next(ahead[-1], None)
            if step is None:
                done.add(path.pop())
                ahead.pop()
            elif step[0] in path:
                found.add(step[1:])
            elif step[0] not in done:
                path.append(step[0])
                ahead.append(iter(edges[step[0]]))
    return found
