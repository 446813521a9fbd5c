"""Writes small PDFs glyph by glyph: any Unicode at any place and width, in the order that a trap needs.

The one font is drawn here (every glyph a box), so that it holds whatever characters a test asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass
class TypesetPdf:
    """Pages of text; ``catalog`` and ``page`` are more entries of those, ``is_mapped`` says if text has Unicode."""

    catalog: str = ""
    page: str = ""
    is_mapped: bool = True
    _pages: list[list[str]] = field(default_factory=lambda: [[]])
    _codes: dict[tuple[str, int], int] = field(default_factory=dict)

    def draw(self, operators: str) -> None:
        """Any operators on the page."""
        self._pages[-1].append(operators)

    def next_page(self) -> None:
        """What comes is on another page."""
        self._pages.append([])

    def show(
        self, text: Iterable[str], x: float, y: float, size: float = 11, width: float = 0.5, more: str = ""
    ) -> None:
        """One text object: glyphs from ``x`` on, each ``width`` wide (of the size); ``more`` operators before it."""
        codes = "".join(f"{self._code(glyph, width):02x}" for glyph in text)
        self.draw(f"q BT {more} /F1 {size} Tf {x} {y} Td <{codes}> Tj ET Q")

    def place(self, glyphs: Iterable[tuple[str, float, float, float]], size: float = 11) -> None:
        """Glyphs each at its own ``x`` and ``y`` and with its own width (in points), in one text object."""
        parts = [
            f"1 0 0 1 {x:.3f} {y:.3f} Tm <{self._code(text, width / size):02x}> Tj" for text, x, y, width in glyphs
        ]
        self.draw(f"BT /F1 {size} Tf {' '.join(parts)} ET")

    def _code(self, text: str, width: float) -> int:
        return self._codes.setdefault((text, round(1000 * width)), len(self._codes) + 1)

    def build(self) -> bytes:
        """The file."""
        kids = " ".join(f"{5 + 2 * index} 0 R" for index in range(len(self._pages)))
        glyphs = {code: f"g{code}" for code in self._codes.values()}
        widths = [width for _, width in self._codes]
        first = 5 + 2 * len(self._pages)
        procedures = " ".join(f"/{name} {first + code - 1} 0 R" for code, name in glyphs.items())
        objects = [
            f"<</Type/Catalog/Pages 2 0 R{self.catalog}>>",
            f"<</Type/Pages/Kids[{kids}]/Count {len(self._pages)}>>",
            "<</Type/Font/Subtype/Type3/FontBBox[0 -200 1000 800]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 1"
            f"/LastChar {len(glyphs)}/Widths[{' '.join(map(str, widths))}]/CharProcs<<{procedures}>>"
            f"/Encoding<</Type/Encoding/Differences[1 {' '.join(f'/{name}' for name in glyphs.values())}]>>"
            f"/Resources<<>>{'/ToUnicode 4 0 R' if self.is_mapped else ''}>>",
            stream(self._map()),
        ]
        for index, operators in enumerate(self._pages):
            objects.append(
                f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {6 + 2 * index} 0 R"
                f"/Resources<</Font<</F1 3 0 R>>>>{self.page}>>"
            )
            objects.append(stream("\n".join(operators)))
        objects += [stream(f"{width} 0 0 0 {width} 700 d1 0 0 {width} 700 re f") for width in widths]
        return file_of(objects)

    def _map(self) -> str:
        rows = "\n".join(f"<{code:02x}> <{text.encode('utf-16-be').hex()}>" for (text, _), code in self._codes.items())
        return (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Deed def /CMapType 2 def\n"
            f"1 begincodespacerange <00> <ff> endcodespacerange\n{len(self._codes)} beginbfchar\n{rows}\nendbfchar\n"
            "endcmap CMapName currentdict /CMap defineresource pop end end"
        )


def stream(content: str) -> str:
    """A stream object."""
    return f"<</Length {len(content)}>>stream\n{content}\nendstream"


def file_of(objects: Sequence[str]) -> bytes:
    """A file of these objects, numbered from 1; the first is the catalog."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body.encode("latin-1") + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, start)
    return bytes(out)
