"""Forms of a PDF that hold each other, or double at each level, cut back: PDFium draws them for minutes.

Pure. Which forms a form draws stands in its content, what their names mean in its resources (its own, shared, or packed
in another object). What is drawn too often is blanked in the content, in its place, so that the file keeps its size.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from segtool.loaders.pdf.repair import unpacked

_OBJECT = re.compile(rb"(?<![0-9])(\d{1,8})\s+\d{1,5}\s+obj\b")
_FORM = re.compile(rb"/Subtype\s*/Form\b")
_STREAM = re.compile(rb"stream\r?\n")
_REFERENCE = re.compile(rb"\s*(\d{1,8})\s+\d{1,5}\s+R\b")
_NAMED = re.compile(rb"/([^\s/<>\[\]()]+)\s+(\d{1,8})\s+\d{1,5}\s+R\b")
_OPENS = re.compile(rb"\s*<<")
_DRAWS = re.compile(rb"/([^\s/<>\[\]()]+)\s+Do\b")
_FLATE = re.compile(rb"/Filter\s*(?:\[\s*)?/(?:FlateDecode|Fl)\s*(?:\]|/(?!\w*Decode)|>>|$)")
_NO_CONTENT = re.compile(rb"/Type\b|/Subtype\b|/Length1\b|/FunctionType\b|/ShadingType\b|/Alternate\b")
_MAX_DICTIONARY = 8_000
_MAX_CONTENT, _MAX_CONTENTS = 4 * 2**20, 64 * 2**20
"""Most bytes that are looked at of one content, and of all forms together: of further forms only the names are."""
_MAX_FORMS = 5_000
_MAX_DRAWN = 5_000
"""Most forms that one form may draw, those of its forms counted."""
_MAX_PAGE = 150_000
"""Most forms that a page may draw: PDFium takes some 20 us and 2 kB for each."""
_HARMLESS = 50


@dataclass(slots=True)
class _Form:
    """A form: where its content stands in the file, the content itself (None: it can't be read), what it draws.

    ``calls`` has for each time it draws a form the number of that, and the place in the content; for content that can't
    be read (an encrypted file) each form that its own dictionary names, and the place of the reference in the file.
    """

    start: int
    end: int
    is_packed: bool
    content: bytes | None
    calls: list[tuple[int, int, int]] = field(default_factory=list)


def without_loops(data: bytes) -> tuple[bytes, int]:
    """The file without the drawings of forms that lead back to themselves or are too many, and their count."""
    if _FORM.search(data) is None:
        return data, 0
    objects = _Objects(data)
    forms = objects.forms()
    if not any(form.calls for form in forms.values()):
        return data, 0
    dropped, most = _dropped(forms, _MAX_DRAWN)
    if most > _HARMLESS:
        fitting = max(_MAX_PAGE // max(objects.most_drawings(), 1), 1)
        if most > fitting:
            dropped, _ = _dropped(forms, fitting)
    if not any(dropped.values()):
        return data, 0
    mended = bytearray(data)
    for number, calls in dropped.items():
        if calls:
            _blank(mended, forms[number], calls)
    return bytes(mended), sum(map(len, dropped.values()))


class _Objects:
    """The objects that stand in a file, and those that are packed in others."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        matches = list(_OBJECT.finditer(data))
        ends = [match.start() for match in matches[1:]] + [len(data)]
        self._spans = {int(match[1]): (match.end(), end) for match, end in zip(matches, ends, strict=True)}

    @cached_property
    def _packed(self) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        for start, end in self._spans.values():
            if self._data.find(b"/ObjStm", start, min(end, start + 400)) >= 0:
                found.update(unpacked(self._data[start:end]))
        return found

    def forms(self) -> dict[int, _Form]:
        """The forms by their number, with what they draw."""
        found: dict[int, _Form] = {}
        heads: dict[int, bytes] = {}
        room = _MAX_CONTENTS
        for number, (start, end) in self._spans.items():
            if _FORM.search(self._data, start, min(end, start + _MAX_DICTIONARY)) and len(found) < _MAX_FORMS:
                stream = _STREAM.search(self._data, start, end)
                if stream is not None and _FORM.search(self._data, start, stream.start()):
                    heads[number] = self._data[start : stream.start()]
                    form = found[number] = self._form(heads[number], stream.end(), end)
                    room -= len(form.content or b"")
                    if room < 0:
                        form.content = None
        for number, form in found.items():
            if form.content is None:
                start = self._spans[number][0]
                named = ((int(match[2]), *match.span(2)) for match in _NAMED.finditer(heads[number]))
                form.calls = [(child, start + at, start + stop) for child, at, stop in named if child in found]
            elif b"Do" in form.content:
                names = self._names(heads[number])
                matches = [(names.get(match[1]), *match.span()) for match in _DRAWS.finditer(form.content)]
                form.calls = [(child, start, end) for child, start, end in matches if child in found]
        return found

    def most_drawings(self) -> int:
        """How many forms and pictures the content of a page draws, where it draws most."""
        most = 1
        for start, end in self._spans.values():
            stream = _STREAM.search(self._data, start, min(end, start + _MAX_DICTIONARY))
            if stream is None or _NO_CONTENT.search(self._data, start, stream.start()):
                continue
            content = self._form(self._data[start : stream.start()], stream.end(), end).content
            most = max(most, content.count(b"Do") if content else 0)
        return most

    def _form(self, head: bytes, start: int, end: int) -> _Form:
        last = self._data.rfind(b"endstream", start, end)
        end = end if last < 0 else last
        if b"/Filter" not in head:
            return _Form(start, end, False, self._data[start:end])
        content = None
        if _FLATE.search(head):
            try:
                content = zlib.decompressobj().decompress(self._data[start:end], _MAX_CONTENT)
            except zlib.error:
                content = None
        return _Form(start, end, True, content)

    def _names(self, head: bytes) -> dict[bytes, int]:
        """What the names in a form's content stand for; without resources of its own what any page or form names."""
        resources = self._entry(head, b"/Resources")
        if resources is None:
            return self._all_names
        return {match[1]: int(match[2]) for match in _NAMED.finditer(self._entry(resources, b"/XObject") or b"")}

    @cached_property
    def _all_names(self) -> dict[bytes, int]:
        bodies = [*self._heads(), *self._packed.values()]
        found = (self._entry(body, b"/XObject") for body in bodies if b"/XObject" in body)
        return {match[1]: int(match[2]) for part in found if part for match in _NAMED.finditer(part)}

    def _heads(self) -> Iterator[bytes]:
        for number in self._spans:
            yield self._body(number)

    def _body(self, number: int) -> bytes:
        """The start of an object up to its content; empty if there is none."""
        if number not in self._spans:
            return self._packed.get(number, b"")
        start, end = self._spans[number]
        end = min(end, start + _MAX_DICTIONARY)
        stream = _STREAM.search(self._data, start, end)
        return self._data[start : end if stream is None else stream.start()]

    def _entry(self, body: bytes, key: bytes) -> bytes | None:
        """The dictionary under a key, in its place or in the object that it names; None without the key."""
        at = -1
        while (at := body.find(key, at + 1)) >= 0:
            after = at + len(key)
            reference = _REFERENCE.match(body, after)
            if reference is not None:
                return self._body(int(reference[1]))
            if _OPENS.match(body, after) is not None:
                return _dictionary(body[after:])
        return None


def _dictionary(text: bytes) -> bytes:
    """A dictionary up to the brackets that close it."""
    depth = 0
    for match in re.finditer(rb"<<|>>", text):
        depth += 1 if match[0] == b"<<" else -1
        if depth == 0:
            return text[: match.end()]
    return text


def _dropped(forms: dict[int, _Form], limit: int) -> tuple[dict[int, set[int]], int]:
    """For each form the calls (by index) that lead back to it or are beyond the limit; the most drawn by one form."""
    dropped: dict[int, set[int]] = {number: set() for number in forms}
    costs: dict[int, int] = {}
    called = {child for form in forms.values() for child, _, _ in form.calls}
    most = 1
    for root in sorted(forms, key=lambda number: (number in called, number)):
        path, ahead = [root], [iter(enumerate(forms[root].calls))]
        on_path = {root}
        while path if root not in costs else ():
            step = next(ahead[-1], None)
            if step is None:
                number = path.pop()
                ahead.pop()
                on_path.discard(number)
                costs[number] = _cost(forms[number].calls, costs, dropped[number], limit)
                most = max(most, costs[number])
                continue
            index, (child, _, _) = step
            if child in on_path:
                dropped[path[-1]].add(index)
            elif child not in costs:
                path.append(child)
                on_path.add(child)
                ahead.append(iter(enumerate(forms[child].calls)))
    return dropped, most


def _cost(calls: Iterable[tuple[int, int, int]], costs: dict[int, int], dropped: set[int], limit: int) -> int:
    """How many forms are drawn by drawing one; calls beyond the limit are added to ``dropped``."""
    total = 1
    for index, (child, _, _) in enumerate(calls):
        if index in dropped:
            continue
        if total + costs[child] > limit:
            dropped.add(index)
        else:
            total += costs[child]
    return total


def _blank(data: bytearray, form: _Form, calls: set[int]) -> None:
    """Blanks these calls of a form; all of its content if the rest takes more room than there is."""
    if form.content is None:
        for index in calls:
            _, start, end = form.calls[index]
            data[start:end] = b"0".rjust(end - start)
        return
    content = bytearray(form.content)
    for index in calls:
        _, start, end = form.calls[index]
        content[start:end] = b" " * (end - start)
    written = zlib.compress(bytes(content), 9) if form.is_packed else bytes(content)
    room = form.end - form.start
    if len(written) > room:
        written = zlib.compress(b"") if room >= 8 else b""
    data[form.start : form.end] = written.ljust(room, b"\n")
