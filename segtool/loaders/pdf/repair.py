"""A PDF whose cross-reference is lost, written anew from the objects that can still be found.

PDFium rebuilds plain objects itself; it can't where objects sit in compressed object streams. Those are unpacked as far
as they go, and what is left gets a trailer.
"""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(?<![0-9])(\d{1,8})\s+(\d{1,5})\s+obj\b")
_STREAM = re.compile(rb"stream\r?\n")
_N = re.compile(rb"/N\s+(\d{1,6})")
_FIRST = re.compile(rb"/First\s+(\d{1,8})")
_FONT_NAME = re.compile(rb"/BaseFont\s*/([^\s/<>\[\]()]+)")
_FONT_TABLE = re.compile(rb"/Font\s+(\d{1,8})\s+0\s+R")
_MAX_INFLATED = 64 * 2**20
_MAX_OBJECTS = 200_000


def rebuilt(data: bytes) -> bytes | None:
    """The file with its object streams unpacked and a new trailer; None if no page tree can be found."""
    plain = _plain_objects(data)
    packed: dict[int, bytes] = {}
    for body in plain.values():
        if b"/ObjStm" in body[:400]:
            packed.update(unpacked(body))
    if not packed:
        return None
    objects = {**packed, **plain}
    root = next((n for n, body in objects.items() if re.search(rb"/Type\s*/Catalog", body[:2000])), None)
    if root is None:
        return None
    _mend_fonts(objects)
    parts = [b"%PDF-1.7\n"]
    offsets: dict[int, int] = {}
    position = len(parts[0])
    for number, body in sorted(objects.items()):
        offsets[number] = position
        parts.append(b"%d 0 obj\n" % number + body + b"\nendobj\n")
        position += len(parts[-1])
    size = max(objects) + 1
    parts.append(b"xref\n0 1\n0000000000 65535 f \n")
    parts += [b"%d 1\n%010d 00000 n \n" % (number, offset) for number, offset in sorted(offsets.items())]
    parts.append(b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, root, position))
    return b"".join(parts)


def _plain_objects(data: bytes) -> dict[int, bytes]:
    """The objects that stand in the file itself, the last of each number; bodies without ``endobj``."""
    found: dict[int, bytes] = {}
    matches = list(_OBJECT.finditer(data))[:_MAX_OBJECTS]
    for index, match in enumerate(matches):
        limit = matches[index + 1].start() if index + 1 < len(matches) else len(data)
        end = data.rfind(b"endobj", match.end(), limit)
        found[int(match[1])] = data[match.end() : end if end >= 0 else limit].strip(b"\r\n ")
    return found


def unpacked(body: bytes) -> dict[int, bytes]:
    """The objects of an object stream, as many as can be inflated."""
    count, first, stream = _N.search(body[:400]), _FIRST.search(body[:400]), _STREAM.search(body)
    if count is None or first is None or stream is None:
        return {}
    try:
        content = zlib.decompressobj().decompress(body[stream.end() :], _MAX_INFLATED)
    except zlib.error:
        return {}
    start = int(first[1])
    numbers = [int(number) for number in re.findall(rb"\d+", content[:start])][: 2 * int(count[1])]
    places = [*zip(numbers[::2], numbers[1::2], strict=False)]
    found: dict[int, bytes] = {}
    for index, (number, offset) in enumerate(places):
        end = places[index + 1][1] if index + 1 < len(places) else len(content) - start
        item = content[start + offset : start + end].strip()
        if item and item.count(b"<<") == item.count(b">>"):
            found[number] = item
    return found


def _wrap_descendants(objects: dict[int, bytes]) -> None:
    """Gives CID fonts whose parent is lost a new one, so that their glyphs can be looked up in the font itself."""
    everything = b"\n".join(body[:2000] for body in objects.values() if b"/DescendantFonts" in body[:2000])
    for number, body in list(objects.items()):
        name = _FONT_NAME.search(body[:2000])
        if name is None or b"/CIDFontType" not in body[:2000] or b"[%d 0 R" % number in everything.replace(b"[ ", b"["):
            continue
        objects[max(objects) + 1] = (
            b"<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]>>" % (name[1], number)
        )


def _mend_fonts(objects: dict[int, bytes]) -> None:
    """Makes a lost table of fonts anew: many engines name a font by the tag of its subset."""
    fonts = {}
    _wrap_descendants(objects)
    for number, body in objects.items():
        name = _FONT_NAME.search(body[:2000])
        if name is not None and re.search(rb"/Subtype\s*/(?:Type0|TrueType|Type1)\b", body[:2000]):
            fonts[name[1].split(b"+")[0]] = number
    lost = {int(n) for body in objects.values() for n in _FONT_TABLE.findall(body[:4000])} - objects.keys()
    for number in lost:
        objects[number] = b"<<" + b"".join(b"/%s %d 0 R" % item for item in fonts.items()) + b">>"
